"""The surface of tiktoken 0.14.0: ``import tokmill.compat.tiktoken as tiktoken``.

The public encodings are part of the package and load without a network.
"""

from __future__ import annotations

from . import load as load
from .core import Encoding as Encoding
from .model import encoding_for_model as encoding_for_model
from .model import encoding_name_for_model as encoding_name_for_model
from .registry import get_encoding as get_encoding
from .registry import list_encoding_names as list_encoding_names

__version__ = "0.14.0"
