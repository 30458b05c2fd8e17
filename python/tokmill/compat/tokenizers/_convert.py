"""Arguments as the reference takes them: no silent conversions, and its words when one is wrong."""

from __future__ import annotations

import operator
from typing import Any, NoReturn

import numpy as np

_LARGEST_LONG = 2**63 - 1

UNSET: Any = object()
"""The default of an option that makes a difference by being given."""


def _name(value: object) -> str:
    return "'None' is" if value is None else f"'{type(value).__name__}' object is"


def not_instance(value: object, wanted: str) -> NoReturn:
    """Raises TypeError: the value is not of the wanted type."""
    raise TypeError(f"{_name(value)} not an instance of '{wanted}'")


def to_str(value: object) -> str:
    """A str that is valid Unicode.

    Raises:
        TypeError: it is no str.
        UnicodeEncodeError: it has a lone surrogate.
    """
    if not isinstance(value, str):
        not_instance(value, "str")
    if not value.isascii():
        value.encode()
    return value


def to_optional_str(value: object) -> str | None:
    """A str or None."""
    return None if value is None else to_str(value)


def to_bool(value: object) -> bool:
    """A bool: neither numbers nor None stand for one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    not_instance(value, "bool")


def to_usize(value: Any) -> int:
    """An unsigned integer of 64 bits.

    Raises:
        TypeError: it is no integer.
        OverflowError: it is negative or too large.
    """
    number = operator.index(value)
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if number > 2**64 - 1:
        raise OverflowError("int too big to convert")
    return number


def to_optional_usize(value: Any) -> int | None:
    """The same, or None."""
    return None if value is None else to_usize(value)


def to_u32(value: Any) -> int:
    """An unsigned integer of 32 bits; raises as `to_usize` does."""
    number = operator.index(value)
    if not -_LARGEST_LONG - 1 <= number <= _LARGEST_LONG:
        raise OverflowError("Python int too large to convert to C long")
    if number < 0:
        raise OverflowError("number too small to fit in target type")
    if number > 2**32 - 1:
        raise OverflowError("number too large to fit in target type")
    return number


def to_float(value: Any) -> float:
    """A number as a float."""
    if isinstance(value, float):
        return float(value)
    if not hasattr(value, "__float__") and not hasattr(value, "__index__"):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    return float(value)


def to_optional_float(value: Any) -> float | None:
    """The same, or None."""
    return None if value is None else to_float(value)


def to_list(value: object) -> list[Any]:
    """A list, not just any sequence."""
    if not isinstance(value, list):
        not_instance(value, "list")
    return value


def to_sequence(value: object) -> list[Any]:
    """The elements of a sequence; a str is none here."""
    if isinstance(value, str):
        raise TypeError("Can't extract `str` to `Vec`")
    if isinstance(value, np.ndarray):
        return list(value)
    if (
        not hasattr(value, "__len__")
        or not hasattr(value, "__getitem__")
        or isinstance(value, (dict, set, frozenset))
    ):
        not_instance(value, "Sequence")
    return list(value)  # type: ignore[call-overload, no-any-return]


def ignored(option: str) -> None:
    """Tells about an option that the reference does not know either."""
    print(f"Ignored unknown kwarg option {option}")


def ignored_argument(option: str) -> None:
    """The same, in the words of trainers and of WordPiece."""
    print(f"Ignored unknown kwargs option {option}")


def final(cls: type) -> Any:
    """An `__init_subclass__` that refuses: the reference's classes are final."""

    def refuse(_cls: type, /, **_: object) -> None:
        raise TypeError(
            f"type '{cls.__module__}.{cls.__qualname__}' is not an acceptable base type"
        )

    cls.__init_subclass__ = classmethod(refuse)  # type: ignore[assignment]
    return cls
