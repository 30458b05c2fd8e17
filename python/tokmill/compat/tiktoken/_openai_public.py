"""The public encodings of OpenAI as arguments of `Encoding`, from what the package ships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import _core, _registry
from ..._encodings import ENCODING_NAMES

# Sizes that `Encoding` checks; where special ids overlap or leave holes there is none.
_VOCABULARY_SIZES = {"gpt2": 50257, "r50k_base": 50257, "p50k_base": 50281}


# Public encodings by the number of their ranks; gpt2 and r50k_base have the same.
_BY_SIZE = {50256: "gpt2", 50280: "p50k_base", 100256: "cl100k_base", 199998: "o200k_base"}


def compile_encoding(
    ranks: dict[bytes, int], special_tokens: dict[str, int], pattern: str
) -> _core.CoreBPE:
    """Compiles an encoding; quickly if it is a public one but for its special tokens."""
    known = _BY_SIZE.get(len(ranks))
    if known is not None:
        base = _registry.get_encoding(known)
        found = _core.CoreBPE._like(base, ranks, special_tokens, pattern)
        if found is not None:
            return found
    return _core.CoreBPE(ranks, special_tokens, pattern)


def shipped(name: str) -> _core.CoreBPE:
    """The compiled form of a public encoding."""
    return _core.CoreBPE._of(_registry.get_encoding(name))


def head(name: str) -> tuple[str, dict[str, int]]:
    """Pattern and special tokens of a public encoding."""
    known = _core.known_encoding(name)
    assert known is not None
    return known


def max_token_value(name: str) -> int:
    """The largest token of a public encoding."""
    return _registry.get_encoding(name).vocab_size - 1


def _constructor(name: str) -> Callable[[], dict[str, Any]]:
    def arguments() -> dict[str, Any]:
        pattern, special_tokens = head(name)
        result: dict[str, Any] = {
            "name": name,
            "pat_str": pattern,
            "mergeable_ranks": shipped(name).mergeable_ranks(),
            "special_tokens": special_tokens,
        }
        if name in _VOCABULARY_SIZES:
            result["explicit_n_vocab"] = _VOCABULARY_SIZES[name]
        return result

    arguments.__name__ = arguments.__qualname__ = name
    arguments.__doc__ = f"The arguments that make the encoding {name}."
    return arguments


ENCODING_CONSTRUCTORS = {name: _constructor(name) for name in ENCODING_NAMES}
