"""The values of options that components share."""

from __future__ import annotations

from typing import Any

from ._convert import to_str

_BEHAVIORS = {
    "removed": "Removed",
    "isolated": "Isolated",
    "merged_with_previous": "MergedWithPrevious",
    "merged_with_next": "MergedWithNext",
    "contiguous": "Contiguous",
}


def to_behavior_name(value: Any) -> str:
    """The name of a behaviour as users write it.

    Raises:
        ValueError: there is no such behaviour.
    """
    name = to_str(value)
    if name not in _BEHAVIORS:
        raise ValueError(
            "Wrong value for SplitDelimiterBehavior, expected one of: "
            "`removed, isolated, merged_with_previous, merged_with_next, contiguous`"
        )
    return name


def to_behavior(value: Any) -> str:
    """The name of a behaviour as JSON has it; raises the same."""
    return _BEHAVIORS[to_behavior_name(value)]


def behavior_name(value: str) -> str:
    """What the reference gives for a behaviour: not the name that it takes."""
    return value.lower()


def to_character(value: Any) -> str:
    """A str of one character.

    Raises:
        ValueError: it has more or fewer.
    """
    text = to_str(value)
    if len(text) != 1:
        raise ValueError("expected a string of length 1")
    return text


def to_prepend_scheme(value: Any) -> str:
    """The name of a scheme.

    Raises:
        ValueError: there is no such scheme.
    """
    name = to_str(value)
    if name not in ("first", "never", "always"):
        raise ValueError(
            f"{name} is an unknown variant, should be one of ['first', 'never', 'always']"
        )
    return name
