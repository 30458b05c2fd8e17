"""`NormalizedString`: a text that is changed and knows the way back to the original."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from tokmill import _core

from ._convert import final, not_instance, to_str, to_usize
from ._options import to_behavior_name
from ._regex import Regex, to_pattern

_T = TypeVar("_T", bound="_Text")


class _Text:
    """What `NormalizedString` has in common with what a custom component is given."""

    __slots__ = ("_native",)

    _native: _core.stages.NormalizedString
    _gone: ClassVar[str] = "Already mutably borrowed"

    @classmethod
    def _around(cls: type[_T], native: _core.stages.NormalizedString) -> _T:
        self = object.__new__(cls)
        self._native = native
        return self

    def _text(self) -> _core.stages.NormalizedString:
        if not self._native.present:
            raise Exception(self._gone)
        return self._native

    @property
    def normalized(self) -> str:
        """The present text."""
        return self._text().normalized

    @property
    def original(self) -> str:
        """The part of the original text that it stands for."""
        return self._text().original

    def nfd(self) -> None:
        """Canonical decomposition."""
        self._text().change("nfd")

    def nfkd(self) -> None:
        """Compatibility decomposition."""
        self._text().change("nfkd")

    def nfc(self) -> None:
        """Canonical composition."""
        self._text().change("nfc")

    def nfkc(self) -> None:
        """Compatibility decomposition with canonical composition."""
        self._text().change("nfkc")

    def lowercase(self) -> None:
        """Lower case."""
        self._text().change("lowercase")

    def uppercase(self) -> None:
        """Upper case."""
        self._text().change("uppercase")

    def prepend(self, s: str) -> None:
        """Puts a string before the text."""
        self._text().prepend(to_str(s))

    def append(self, s: str) -> None:
        """Puts a string behind the text."""
        self._text().append(to_str(s))

    def lstrip(self) -> None:
        """Removes white space at the beginning."""
        self._text().strip(True, False)

    def rstrip(self) -> None:
        """Removes white space at the end."""
        self._text().strip(False, True)

    def strip(self) -> None:
        """Removes white space at both ends."""
        self._text().strip(True, True)

    def clear(self) -> None:
        """Removes everything."""
        self._text().clear()

    def slice(self, range: Any) -> NormalizedString | None:
        """A part of the text.

        Args:
            range: an index, a slice (whose step is ignored) or a tuple (begin, end), in characters;
                what is negative counts from the number of bytes, as in the reference.

        Returns:
            The part, which knows its place in the original too; None if it begins behind the end.

        Raises:
            TypeError: it is none of these.
            ValueError: a negative index goes beyond the beginning.
        """
        text = self._text()
        # The reference counts from the end by the number of bytes.
        part = text.slice(*_bounds(range, len(text.normalized.encode())))
        return None if part is None else NormalizedString._around(part)

    def filter(self, func: Callable[[str], bool]) -> None:
        """Keeps the characters for which a function gives True.

        Raises:
            TypeError: it cannot be called.
        """
        if not callable(func):
            raise TypeError("`filter` expect a callable with the signature: `fn(char) -> bool`")
        text = self._text()
        changes: list[tuple[int, int]] = []
        removed_first = removed = 0
        for char in text.normalized:
            if not _kept(func(char)):
                removed += 1
                continue
            if changes:
                changes[-1] = (changes[-1][0], -removed)
            else:
                removed_first = removed
            changes.append((ord(char), 0))
            removed = 0
        if changes:
            changes[-1] = (changes[-1][0], -removed)
        text.transform(changes, removed_first)

    def for_each(self, func: Callable[[str], Any]) -> None:
        """Calls a function for every character.

        Raises:
            TypeError: it cannot be called.
        """
        if not callable(func):
            raise TypeError("`for_each` expect a callable with the signature: `fn(char)`")
        for char in self._text().normalized:
            func(char)

    def map(self, func: Callable[[str], str]) -> None:
        """Replaces every character by what a function gives: one character.

        Raises:
            TypeError: it cannot be called, or gives something else.
        """
        wrong = "`map` expect a callable with the signature: `fn(char) -> char`"
        if not callable(func):
            raise TypeError(wrong)
        text = self._text()
        changes = []
        for char in text.normalized:
            result = func(char)
            if not isinstance(result, str) or not result:
                raise TypeError(wrong)
            changes.append((ord(to_str(result)[0]), 0))
        text.transform(changes, 0)

    def split(self, pattern: Any, behavior: Any) -> list[NormalizedString]:
        """The parts of the text between and around the matches of a pattern.

        Args:
            pattern: a str, taken literally, or a `Regex`.
            behavior: what becomes of a match: "removed", "isolated", "merged_with_previous",
                "merged_with_next" or "contiguous".

        Raises:
            TypeError: the pattern is neither.
            ValueError: there is no such behavior.
        """
        native = _native_pattern(pattern)
        name = to_behavior_name(behavior)
        text = self._text()
        parts = [text.copy()] if native is None else text.split(native, name)
        return [NormalizedString._around(part) for part in parts]

    def replace(self, pattern: Any, content: str) -> None:
        """Replaces every match of a pattern.

        Args:
            pattern: a str, taken literally, or a `Regex`.
            content: what takes the place of a match.

        Raises:
            TypeError: one of them is something else.
        """
        native = _native_pattern(pattern)
        content = to_str(content)
        if native is not None:
            self._text().replace(native, content)


@final
class NormalizedString(_Text):
    """A text that is changed and knows the way back to the original.

    Args:
        sequence: the original.
    """

    __slots__ = ()

    def __new__(cls, sequence: str) -> NormalizedString:
        return cls._around(_core.stages.NormalizedString(to_str(sequence)))

    def __getitem__(self, key: Any) -> NormalizedString | None:
        return self.slice(key)

    def __iter__(self) -> Any:
        # The reference has no end of its indices; None stands where its characters end.
        raise TypeError("'tokenizers.NormalizedString' object is not iterable")

    def __repr__(self) -> str:
        return f'NormalizedString(original="{self.original}", normalized="{self.normalized}")'

    def __str__(self) -> str:
        return self.normalized

    def __getstate__(self) -> Any:
        raise TypeError("cannot pickle 'tokenizers.NormalizedString' object")


@final
class NormalizedStringRefMut(_Text):
    """The text that a custom component is given: it is gone when the component returns."""

    __slots__ = ()

    _gone = "Cannot use a NormalizedStringRefMut outside `normalize`"

    def __new__(cls) -> NormalizedStringRefMut:
        raise TypeError("cannot create 'tokenizers.NormalizedStringRefMut' instances")

    def __getstate__(self) -> Any:
        raise TypeError("cannot pickle 'tokenizers.NormalizedStringRefMut' object")


def _native_pattern(pattern: Any) -> _core.stages.Pattern | None:
    """A pattern; None for the empty string, which the reference never finds."""
    if isinstance(pattern, Regex):
        return pattern._native
    text = to_pattern(pattern)["String"]
    return _core.stages.Pattern.literal(text) if text else None


def _kept(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("`filter` expect a callable with the signature: `fn(char) -> bool`")
    return value


_WRONG_RANGE = """failed to extract enum PyRange ('int | Tuple[uint, uint] | slice')
- variant Single (int): TypeError: failed to extract field PyRange::Single.0, caused by \
TypeError: '{0}' object cannot be interpreted as an integer
- variant Range (Tuple[uint, uint]): TypeError: {1} is not an instance of 'tuple'
- variant Slice (slice): TypeError: failed to extract field PyRange::Slice.0, caused by \
TypeError: {1} is not an instance of 'slice'"""


def _bounds(range: Any, length: int) -> tuple[int, int]:
    """Begin and end in characters; the end may lie before the begin."""
    if isinstance(range, slice):
        begin, end, _ = range.indices(length)
        return begin, max(end, 0)
    if isinstance(range, tuple):
        if len(range) != 2:
            raise TypeError(f"expected tuple of length 2, but got tuple of length {len(range)}")
        return to_usize(range[0]), to_usize(range[1])
    try:
        index = operator.index(range)
    except TypeError:
        name = type(range).__name__
        subject = "'None'" if range is None else f"'{name}' object"
        raise TypeError(_WRONG_RANGE.format(name, subject)) from None
    if index >= 0:
        return index, index + 1
    if -index > length:
        raise ValueError(f"{-index} is bigger than max len")
    return length + index, length + index + 1


def to_text(value: Any) -> _core.stages.NormalizedString:
    """What a normalizer works on.

    Raises:
        TypeError: it is no NormalizedString.
        Exception: it is gone.
    """
    if not isinstance(value, _Text):
        not_instance(value, "NormalizedString")
    return value._text()
