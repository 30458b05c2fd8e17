"""The encodings that are shipped inside the package, by name and by model."""

from __future__ import annotations

from pathlib import Path

from ._encodings import ENCODING_NAMES, MODEL_PREFIX_TO_ENCODING, MODEL_TO_ENCODING
from ._tokenizer import Tokenizer

_DIRECTORY = Path(__file__).parent / "encodings"
_loaded: dict[str, Tokenizer] = {}


def list_encoding_names() -> list[str]:
    """Names that `get_encoding` knows."""
    return list(ENCODING_NAMES)


def get_encoding(name: str) -> Tokenizer:
    """A shipped encoding; the same object on every call in a process.

    Args:
        name: gpt2, r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base or o200k_harmony.

    Raises:
        ValueError: there is no encoding of this name.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of an encoding is a str, not {type(name).__name__}")
    found = _loaded.get(name)
    if found is not None:
        return found
    if name not in ENCODING_NAMES:
        raise ValueError(f"no encoding {name!r}; there are {', '.join(ENCODING_NAMES)}")
    # Two threads may both load it; all callers get the one that was stored first.
    return _loaded.setdefault(name, Tokenizer.from_file(_DIRECTORY / f"{name}.tokmill"))


def encoding_name_for_model(model: str) -> str:
    """The name of the encoding that a model of OpenAI uses.

    Raises:
        KeyError: the model is not known.
    """
    if model in MODEL_TO_ENCODING:
        return MODEL_TO_ENCODING[model]
    for prefix, name in MODEL_PREFIX_TO_ENCODING.items():
        if model.startswith(prefix):
            return name
    raise KeyError(f"no encoding is known for the model {model!r}; name one with get_encoding()")


def encoding_for_model(model: str) -> Tokenizer:
    """The encoding that a model of OpenAI uses, such as "gpt-4o".

    Raises:
        KeyError: the model is not known.
    """
    return get_encoding(encoding_name_for_model(model))
