"""Language models of other libraries as models of `tokmill.bytelm`.

Each class imports its library when it is made, so that this package needs numpy alone.
"""

from __future__ import annotations

from .gguf import LoadedGguf, load_gguf
from .llama_cpp import LlamaCppModel
from .ngram import NGramModel
from .transformers import TransformersModel
from .vllm import VllmModel

__all__ = [
    "LlamaCppModel",
    "LoadedGguf",
    "NGramModel",
    "TransformersModel",
    "VllmModel",
    "load_gguf",
]
