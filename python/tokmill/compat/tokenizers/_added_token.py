"""AddedToken: a token with the rules by which it is found in a text."""

from __future__ import annotations

from typing import Any

from . import _convert

_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


@_convert.final
class AddedToken:
    """A token added to a vocabulary, and how it is matched.

    Args:
        content: the token.
        single_word: matches only between word boundaries.
        lstrip: a match takes the white space before it along.
        rstrip: a match takes the white space behind it along.
        normalized: is looked for in the normalized text; by default what is not special.
        special: can be skipped when decoding.
    """

    __module__ = "tokmill.compat.tokenizers"

    _content: str
    _special: bool
    _single_word: bool
    _lstrip: bool
    _rstrip: bool
    _normalized: bool | None

    def __new__(
        cls,
        content: str | None = None,
        *,
        single_word: bool = False,
        lstrip: bool = False,
        rstrip: bool = False,
        normalized: bool = _convert.UNSET,
        special: bool = False,
        **kwargs: object,
    ) -> AddedToken:
        """Makes a token; unknown options are named on standard output and ignored."""
        self = super().__new__(cls)
        self._content = _convert.to_str("" if content is None else content)
        self._single_word = _convert.to_bool(single_word)
        self._lstrip = _convert.to_bool(lstrip)
        self._rstrip = _convert.to_bool(rstrip)
        self._normalized = None if normalized is _convert.UNSET else _convert.to_bool(normalized)
        self._special = _convert.to_bool(special)
        for option in kwargs:
            _convert.ignored(option)
        return self

    @property
    def content(self) -> str:
        """The token itself."""
        return self._content

    @content.setter
    def content(self, content: str) -> None:
        self._content = _convert.to_str(content)

    @property
    def single_word(self) -> bool:
        """Whether it matches only between word boundaries."""
        return self._single_word

    @property
    def lstrip(self) -> bool:
        """Whether a match takes the white space before it along."""
        return self._lstrip

    @property
    def rstrip(self) -> bool:
        """Whether a match takes the white space behind it along."""
        return self._rstrip

    @property
    def normalized(self) -> bool:
        """Whether it is looked for in the normalized text."""
        return not self._special if self._normalized is None else self._normalized

    @property
    def special(self) -> bool:
        """Whether it can be skipped when decoding."""
        return self._special

    @special.setter
    def special(self, special: bool) -> None:
        self._special = _convert.to_bool(special)

    def __getstate__(self) -> dict[str, Any]:
        return {"content": self._content} | {flag: getattr(self, flag) for flag in _FLAGS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if not isinstance(state, dict):
            _convert.not_instance(state, "dict")
        if "content" in state:
            self._content = _convert.to_str(state["content"])
        for flag in _FLAGS:
            if flag in state:
                setattr(self, f"_{flag}", _convert.to_bool(state[flag]))

    def __str__(self) -> str:
        return self._content

    def __repr__(self) -> str:
        return (
            f'AddedToken("{self._content}", rstrip={self.rstrip}, lstrip={self.lstrip}, '
            f"single_word={self.single_word}, normalized={self.normalized}, "
            f"special={self.special})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AddedToken):
            return NotImplemented
        return self.__getstate__() == other.__getstate__()

    def _unordered(self, other: object) -> bool:
        return False if isinstance(other, AddedToken) else NotImplemented

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    def __hash__(self) -> int:
        return hash(self._content)


def make(content: str, flags: dict[str, bool]) -> AddedToken:
    """A token with all its flags stated.

    Args:
        content: the token.
        flags: `single_word`, `lstrip`, `rstrip`, `normalized`, `special`.
    """
    return AddedToken(content, **flags)


def from_user(token: object, message: str, special: bool = False) -> AddedToken:
    """A token as a user gives it: a str, one of ours, or one of the reference's.

    Args:
        token: the token.
        message: of the TypeError for anything else.
        special: makes it special; an AddedToken of ours learns that it is.

    Returns:
        A copy that later changes of the user's object do not reach.
    """
    if isinstance(token, str):
        return AddedToken(token, special=special)
    if type(token).__name__ != "AddedToken" or not hasattr(token, "__getstate__"):
        raise TypeError(message)
    if special:
        token.special = True  # type: ignore[attr-defined]
    copy = AddedToken()
    copy.__setstate__(token.__getstate__())
    return copy
