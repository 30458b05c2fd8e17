"""Regular expressions and literal strings to look for."""

from __future__ import annotations

from typing import Any

from tokmill import _core

from ._convert import final, to_str


@final
class Regex:
    """A regular expression in the dialect of the reference (Oniguruma).

    Args:
        pattern: the expression.

    Raises:
        Exception: it is no valid expression, or one that cannot be matched in linear time.
    """

    __slots__ = ("_native", "_pattern")

    _native: _core.stages.Pattern
    _pattern: str

    def __new__(cls, pattern: str) -> Regex:
        self = object.__new__(cls)
        self._pattern = to_str(pattern)
        self._native = _core.stages.Pattern.regex(pattern)
        return self

    def __getstate__(self) -> Any:
        raise TypeError("cannot pickle 'tokenizers.Regex' object")


_WRONG_PATTERN = """failed to extract enum PyPattern ('str | tokenizers.Regex')
- variant Str (str): TypeError: failed to extract field PyPattern::Str.0, caused by \
TypeError: {0} is not an instance of 'str'
- variant Regex (tokenizers.Regex): TypeError: failed to extract field PyPattern::Regex.0, \
caused by TypeError: {0} is not an instance of 'Regex'"""


def to_pattern(pattern: object) -> dict[str, str]:
    """The JSON form of a pattern.

    Raises:
        TypeError: it is neither str nor Regex.
    """
    if isinstance(pattern, Regex):
        return {"Regex": pattern._pattern}
    if isinstance(pattern, str):
        return {"String": to_str(pattern)}
    name = "'None'" if pattern is None else f"'{type(pattern).__name__}' object"
    raise TypeError(_WRONG_PATTERN.format(name))
