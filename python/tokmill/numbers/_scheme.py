"""From options to a compiled scheme, and the names that options have in the core."""

from __future__ import annotations

import functools
import json
from typing import Any

from tokmill import _core
from tokmill._errors import TokmillError

from ._errors import InvalidScheme

# As the core counts them.
_DEFAULTS: dict[str, Any] = {
    "policy": "triadic",
    "mode": "surface",
    "variant": "token",
    "marker_first": False,
    "group": 3,
    "integer_digits": 18,
    "fraction_digits": 15,
    "indian": False,
    "leading_zeros": False,
    "overflow": "plain",
    "separators": (),
    "point": ".",
    "exempt": (),
    "min_digits": 0,
}


@functools.lru_cache(maxsize=64)
def _compiled(form: str) -> _core.NumberScheme:
    try:
        return _core.NumberScheme(form)
    except TokmillError as error:
        option, _, reason = str(error).partition(": ")
        raise InvalidScheme(option, reason) from None


def compile_scheme(**options: Any) -> _core.NumberScheme:
    """A scheme from the options in which it differs from surface mode.

    Raises:
        InvalidScheme: an option has a value that cannot be.
    """
    return _compiled(json.dumps(_DEFAULTS | options))


def one_of(option: str, value: object, allowed: tuple[str, ...]) -> str:
    """`value` if it is allowed; raises InvalidScheme otherwise."""
    if value in allowed:
        return str(value)
    raise InvalidScheme(option, f"{value!r} is none of {', '.join(allowed)}")


def count(option: str, value: object, low: int, high: int) -> int:
    """`value` if it is an integer in a range; raises TypeError or InvalidScheme otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{option} must be int, not {type(value).__name__}")
    if not low <= value <= high:
        raise InvalidScheme(option, f"must be from {low} to {high}, not {value}")
    return value


def patterns(value: object) -> tuple[str, ...]:
    """The regular expressions of the option `exempt`."""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError("exempt must be a sequence of regular expressions")
    found = tuple(value)
    if not all(isinstance(pattern, str) for pattern in found):
        raise TypeError("exempt must be a sequence of regular expressions")
    return found
