"""Checks of arguments, with the exceptions of the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

_C = TypeVar("_C", bound=type)

U32 = 1 << 32
USIZE = 1 << 64


def not_instance(value: object, wanted: str) -> NoReturn:
    """Raises the TypeError about a value of another type."""
    name = "'None'" if value is None else f"'{type(value).__name__}' object"
    raise TypeError(f"{name} is not an instance of '{wanted}'")


def to_str(value: object) -> str:
    """A str that is valid UTF-8."""
    if not isinstance(value, str):
        not_instance(value, "str")
    value.encode()
    return value


def to_bool(value: object) -> bool:
    """A bool."""
    if not isinstance(value, bool):
        not_instance(value, "bool")
    return value


def to_unsigned(value: Any, limit: int) -> int:
    """A number of at least 0 and below `limit`.

    Raises:
        TypeError: it is no integer.
        OverflowError: it is out of range.
    """
    if not hasattr(value, "__index__"):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    number = int(value.__index__())
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if number >= limit:
        raise OverflowError("number too large to fit in target type")
    return number


def to_optional(value: Any, limit: int) -> int | None:
    """The same, or None."""
    return None if value is None else to_unsigned(value, limit)


def choice(value: object, allowed: tuple[str, ...], what: str) -> Any:
    """One of a few words.

    Raises:
        ValueError: it is another one.
    """
    word = to_str(value)
    if word not in allowed:
        quoted = [f'"{one}"' for one in allowed]
        known = ", ".join(quoted[:-1]) + f" or {quoted[-1]}"
        raise ValueError(f'{what} must be {known}, not "{word}"')
    return word


def final(cls: _C) -> _C:
    """Forbids to derive classes, as the reference does."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise TypeError(f"type '{cls.__module__}.{cls.__name__}' is not an acceptable base type")

    hook: Callable[..., None] = refuse
    cls.__init_subclass__ = hook  # type: ignore[method-assign]
    return cls
