"""What a scheme makes of a text, for people: pieces with their places."""

from __future__ import annotations

from itertools import accumulate
from typing import Literal, NamedTuple, TypeAlias

from tokmill import _core
from tokmill._errors import InvalidInput

Kind: TypeAlias = Literal["text", "plain", "int", "point", "sep", "frac"]

_KINDS: tuple[Kind, ...] = ("text", "plain", "int", "point", "sep", "frac")


class Piece(NamedTuple):
    """A part of a text.

    Attributes:
        kind: "int" and "frac" are groups of digits; "plain" are digits that the base tokenizer
            gets; "point" and "sep" stand between groups of one numeral; "text" is the rest.
        text: the characters; those of all pieces are the text.
        power: of "int" the power of ten of the last digit; of "frac" -1 for the first group behind
            the point, -2 for the next one, ...; None for all others.
        span: half-open range of code points of the text, of bytes if the text was bytes.
    """

    kind: Kind
    text: str | bytes
    power: int | None
    span: tuple[int, int]


def to_bytes(text: str | bytes) -> bytes:
    """The UTF-8 form; raises InvalidInput for a lone surrogate."""
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise TypeError(f"text must be str or bytes, not {type(text).__name__}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        position = len(text[: error.start].encode())
        raise InvalidInput(f"lone surrogate at byte {position}", position=position) from None


def find_pieces(scheme: _core.NumberScheme, text: str | bytes) -> list[Piece]:
    """The pieces of a text in order."""
    data = to_bytes(text)
    found = scheme.pieces(data)
    contents: list[str | bytes] = [data[begin:end] for _, begin, end, _ in found]
    if isinstance(text, str):
        contents = [data[begin:end].decode() for _, begin, end, _ in found]
    ends = list(accumulate(len(content) for content in contents))
    return [
        Piece(
            _KINDS[kind],
            content,
            power if _KINDS[kind] in ("int", "frac") else None,
            (end - len(content), end),
        )
        for (kind, _, _, power), content, end in zip(found, contents, ends, strict=True)
    ]
