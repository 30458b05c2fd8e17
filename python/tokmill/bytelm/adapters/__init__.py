"""Language models of other libraries as models of `tokmill.bytelm`.

Each class imports its library when it is made, so that this package needs numpy alone.
"""

from __future__ import annotations

from .ngram import NGramModel
from .transformers import TransformersModel

__all__ = ["NGramModel", "TransformersModel"]
