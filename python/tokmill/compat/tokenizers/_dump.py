"""The text form of objects: what the reference prints for `repr` and `str`.

Its printer walks the objects as they are serialised. `Struct` is an object with named fields,
`Variant` an alternative that holds a value, `Name` one without; lists, tuples, dicts, strings and
numbers are what they are in Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Struct:
    """An object: its name and its fields in order."""

    name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """An alternative of an enumeration, with its value."""

    name: str
    value: Any


class Name(str):
    """An alternative without a value, printed without quotes."""

    __slots__ = ()


class Text(str):
    """What is printed as it stands: an object that has been printed already."""

    __slots__ = ()


@dataclass(frozen=True)
class Limits:
    """How much is printed of containers (in elements) and of strings (in bytes)."""

    elements: int
    string: int | None


REPR = Limits(100, None)
STR = Limits(6, 100)


def number(value: float) -> str:
    """The shortest decimal digits that give the number back, never with an exponent."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "inf", "-inf": "-inf"}[repr(value)]
    digits = format(Decimal(repr(value)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _string(value: str, limits: Limits) -> str:
    if limits.string is not None:
        data = value.encode()
        if len(data) > limits.string:
            # The reference panics where this cuts a character.
            value = data[: limits.string].decode(errors="ignore") + "..."
    return f'"{value}"'


def _elements(parts: Any, limits: Limits) -> str:
    shown: list[str] = []
    for count, part in enumerate(parts, 1):
        if count == limits.elements:
            shown.append("...")
            break
        shown.append(part())
    return ", ".join(shown)


def dump(value: Any, limits: Limits) -> str:
    """The text form of a value."""
    if isinstance(value, (Text, Name)):
        return str(value)
    if isinstance(value, str):
        return _string(value, limits)
    if isinstance(value, float):
        return number(value)
    if value is None or isinstance(value, (bool, int)):
        return str(value)
    if isinstance(value, Struct):
        fields = (f"{key}={dump(field, limits)}" for key, field in value.fields.items())
        return f"{value.name}({', '.join(fields)})"
    if isinstance(value, Variant):
        return f"{value.name}({dump(value.value, limits)})"
    if isinstance(value, dict):
        pairs = (
            lambda key=key, item=item: f"{dump(key, limits)}:{dump(item, limits)}"
            for key, item in value.items()
        )
        return f"{{{_elements(pairs, limits)}}}"
    items = (lambda item=item: dump(item, limits) for item in value)
    text = _elements(items, limits)
    return f"({text})" if isinstance(value, tuple) else f"[{text}]"
