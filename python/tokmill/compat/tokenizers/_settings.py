"""Attributes of trainers: each checks what is assigned to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, overload

from . import _convert
from ._added_token import AddedToken, from_user

_T = TypeVar("_T")


class HasSettings(Protocol):
    """What a setting is an attribute of."""

    _settings: dict[str, Any]


class Setting(Generic[_T]):
    """An attribute that lives in the dict `_settings` of its object."""

    def __init__(self, convert: Callable[[Any], _T], writable: bool = True) -> None:
        self.convert = convert
        self._writable = writable

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, trainer: None, owner: type) -> Setting[_T]: ...
    @overload
    def __get__(self, trainer: HasSettings, owner: type) -> _T: ...
    def __get__(self, trainer: HasSettings | None, owner: type) -> Setting[_T] | _T:
        if trainer is None:
            return self
        value = trainer._settings[self._name]
        return list(value) if isinstance(value, list) else value  # type: ignore[return-value]

    def __set__(self, trainer: HasSettings, value: Any) -> None:
        if not self._writable:
            owner = type(trainer).__name__
            raise AttributeError(f"attribute '{self._name}' of '{owner}' objects is not writable")
        # One dict, replaced as a whole: a reader in another thread sees the old one or the new one.
        trainer._settings = {**trainer._settings, self._name: self.convert(value)}


def special_tokens(tokens: object) -> list[AddedToken]:
    """A list of str or AddedToken as special tokens."""
    message = "special_tokens must be a List[Union[str, AddedToken]]"
    return [from_user(token, message, special=True) for token in _convert.to_list(tokens)]


def alphabet(letters: object) -> list[str]:
    """Single characters, each once.

    Raises:
        ValueError: one of the strings is not a single character.
    """
    checked = [_convert.to_str(letter) for letter in _convert.to_sequence(letters)]
    if any(len(letter) != 1 for letter in checked):
        raise ValueError("expected a string of length 1")
    return list(dict.fromkeys(checked))


def first_letters(letters: object) -> list[str]:
    """The first character of each string: what constructors make of an alphabet."""
    words = [_convert.to_str(word) for word in _convert.to_sequence(letters)]
    return list(dict.fromkeys(word[0] for word in words if word))
