"""Padding and truncation as values."""

from __future__ import annotations

from typing import Any, Literal

from . import _convert

Direction = Literal["left", "right"]
Strategy = Literal["longest_first", "only_first", "only_second"]

_DIRECTIONS = ("left", "right")
_STRATEGIES = ("longest_first", "only_first", "only_second")


class _Options:
    """A value: compared and hashed by its fields, which cannot be changed."""

    __slots__ = ("_values",)

    _values: tuple[Any, ...]

    def __eq__(self, value: object, /) -> bool:
        if type(value) is not type(self):
            return NotImplemented
        return self._values == value._values

    def __hash__(self) -> int:
        return hash((type(self), self._values))

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), self._values


@_convert.final
class Padding(_Options):
    """How encodings are filled up.

    Args:
        direction: "right" or "left": where.
        pad_id: the id to fill with.
        pad_type_id: the type id to fill with.
        pad_token: the token to fill with.
        length: to how many tokens; None: as many as the longest encoding of a batch has.
        pad_to_multiple_of: to a multiple of this.
    """

    __module__ = "tokmill.compat.tokenizers_v1"
    __slots__ = ()

    def __new__(
        cls,
        direction: Direction = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
    ) -> Padding:
        """Checks the options; ValueError if the direction is unknown."""
        self = super().__new__(cls)
        self._values = (
            _convert.choice(direction, _DIRECTIONS, "padding direction"),
            _convert.to_unsigned(pad_id, _convert.U32),
            _convert.to_unsigned(pad_type_id, _convert.U32),
            _convert.to_str(pad_token),
            _convert.to_optional(length, _convert.USIZE),
            _convert.to_optional(pad_to_multiple_of, _convert.USIZE),
        )
        return self

    @property
    def direction(self) -> Direction:
        """Where encodings are filled up."""
        return self._values[0]  # type: ignore[no-any-return]

    @property
    def pad_id(self) -> int:
        """The id to fill with."""
        return self._values[1]  # type: ignore[no-any-return]

    @property
    def pad_type_id(self) -> int:
        """The type id to fill with."""
        return self._values[2]  # type: ignore[no-any-return]

    @property
    def pad_token(self) -> str:
        """The token to fill with."""
        return self._values[3]  # type: ignore[no-any-return]

    @property
    def length(self) -> int | None:
        """To how many tokens; None: to the longest encoding of a batch."""
        return self._values[4]  # type: ignore[no-any-return]

    @property
    def pad_to_multiple_of(self) -> int | None:
        """To a multiple of this, or None."""
        return self._values[5]  # type: ignore[no-any-return]

    def _native(self) -> tuple[int | None, int | None, int, str, int, str]:
        """The form of the pipeline."""
        return (
            self.length,
            self.pad_to_multiple_of,
            self.pad_id,
            self.pad_token,
            self.pad_type_id,
            self.direction,
        )

    def __repr__(self) -> str:
        names = ["direction", "pad_id", "pad_type_id", "pad_token", "length", "pad_to_multiple_of"]
        lines = [
            f"    {name}={_spelled(value)},\n"
            for name, value in zip(names, self._values, strict=True)
        ]
        return f"Padding(\n{''.join(lines)})"


@_convert.final
class Truncation(_Options):
    """How encodings are cut.

    Args:
        max_length: the most tokens that an encoding has, special ones included.
        strategy: "longest_first", "only_first" or "only_second": what is cut of a pair.
        direction: "right" or "left": where it is cut.
    """

    __module__ = "tokmill.compat.tokenizers_v1"
    __slots__ = ()

    def __new__(
        cls,
        max_length: int,
        strategy: Strategy = "longest_first",
        direction: Direction = "right",
    ) -> Truncation:
        """Checks the options; ValueError if the strategy or the direction is unknown."""
        self = super().__new__(cls)
        self._values = (
            _convert.to_unsigned(max_length, _convert.USIZE),
            _convert.choice(strategy, _STRATEGIES, "truncation strategy"),
            _convert.choice(direction, _DIRECTIONS, "truncation direction"),
        )
        return self

    @property
    def max_length(self) -> int:
        """The most tokens that an encoding has."""
        return self._values[0]  # type: ignore[no-any-return]

    @property
    def strategy(self) -> Strategy:
        """What is cut of a pair."""
        return self._values[1]  # type: ignore[no-any-return]

    @property
    def direction(self) -> Direction:
        """Where it is cut."""
        return self._values[2]  # type: ignore[no-any-return]

    def _native(self) -> tuple[int, int, str, str]:
        """The form of the pipeline, in which parts may overlap."""
        return self.max_length, 0, self.strategy, self.direction

    def __repr__(self) -> str:
        return (
            f"Truncation(max_length={self.max_length}, strategy={_spelled(self.strategy)}, "
            f"direction={_spelled(self.direction)})"
        )


def _spelled(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
