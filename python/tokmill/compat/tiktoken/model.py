"""Which encoding a model of OpenAI uses."""

from __future__ import annotations

from ..._encodings import MODEL_PREFIX_TO_ENCODING as MODEL_PREFIX_TO_ENCODING
from ..._encodings import MODEL_TO_ENCODING as MODEL_TO_ENCODING
from .core import Encoding
from .registry import get_encoding


def encoding_name_for_model(model_name: str) -> str:
    """The name of the encoding that a model uses.

    Raises:
        KeyError: the model is not known.
    """
    if model_name in MODEL_TO_ENCODING:
        return MODEL_TO_ENCODING[model_name]
    for prefix, name in MODEL_PREFIX_TO_ENCODING.items():
        if model_name.startswith(prefix):
            return name
    raise KeyError(
        f"Could not automatically map {model_name} to a tokeniser. "
        "Please use `tiktoken.get_encoding` to explicitly get the tokeniser you expect."
    )


def encoding_for_model(model_name: str) -> Encoding:
    """The encoding that a model uses.

    Raises:
        KeyError: the model is not known.
    """
    return get_encoding(encoding_name_for_model(model_name))
