"""What a loaded tokenizer that is not byte-level BPE consists of, as byte-level models need it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _core
from .._errors import InvalidInput, UnsupportedTokenizer
from .._tokenizer import Tokenizer

SPACE_MARK = "\u2581"

Flags = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class TokenizerParts:
    """The arguments of `_core.bytelm.Vocabulary` and what stands around them.

    Texts are written as their tokens spell them: with spaces for U+2581, after normalization.

    Attributes:
        kind: which rule of canonicality the tokens follow.
        tokens: bytes of each id; None for special ones.
        steps: how a text is cut into pieces.
        text_prefix: bytes that stand before every text.
        byte_ids: the 256 ids of byte fallback, or None.
        merges: "bpe": int64 [n, 3] of left id, right id, new id, the first to be applied first.
        ignore_merges: "bpe": a piece that is a token becomes that token.
        scores: "unigram": by id; minus infinity for tokens that encoding never gives.
        unknown_score: "unigram": the score of a character without a token.
        unspoken: "unigram": names of special tokens, which the model cuts out of a text.
        single_precision: "unigram": sums of 32-bit floats.
        absent_tokens: "greedy": bool [ids], tokens that no text contains; or empty.
        closing_tokens: "greedy": bool [ids], tokens behind which a piece ends; or empty.
        max_characters: "greedy": characters of the longest piece that is encoded; 0: no limit.
        absent: byte strings that no normalized text contains.
        absent_at_end: byte strings that no normalized text ends with.
        added_ids: tokens that are looked for in a text before anything else.
        normalize: a text -> the bytes that its encoding spells, without `text_prefix`. Raises
            InvalidInput if they do not spell it.
    """

    kind: Literal["bpe", "unigram", "greedy"]
    tokens: list[bytes | None]
    steps: list[dict[str, Any]]
    text_prefix: bytes
    normalize: Callable[[str], bytes]
    byte_ids: list[int] | None = None
    merges: npt.NDArray[np.int64] = dataclasses.field(
        default_factory=lambda: np.zeros((0, 3), np.int64)
    )
    ignore_merges: bool = False
    scores: list[float] = dataclasses.field(default_factory=list)
    unknown_score: float | None = None
    unspoken: list[tuple[bytes, float]] = dataclasses.field(default_factory=list)
    single_precision: bool = False
    absent_tokens: Flags = dataclasses.field(default_factory=lambda: np.zeros(0, np.bool_))
    closing_tokens: Flags = dataclasses.field(default_factory=lambda: np.zeros(0, np.bool_))
    max_characters: int = 0
    absent: list[bytes] = dataclasses.field(default_factory=list)
    absent_at_end: list[bytes] = dataclasses.field(default_factory=list)
    added_ids: list[int] = dataclasses.field(default_factory=list)


def parts_of(tokenizer: Tokenizer) -> TokenizerParts:
    """What a tokenizer consists of.

    Args:
        tokenizer: a SentencePiece model, or a tokenizer.json with BPE over characters, Unigram or
            WordPiece.

    Raises:
        UnsupportedTokenizer: it does something of which it is not known exactly which sequences of
            tokens it can give. The message names it.
    """
    # Here, since both need what is defined above.
    from ._parts_json import parts_of_json
    from ._parts_sentencepiece import parts_of_sentencepiece

    if tokenizer.format == "sentencepiece":
        return parts_of_sentencepiece(tokenizer)
    return parts_of_json(tokenizer)


def refuse(feature: str) -> UnsupportedTokenizer:
    """The error for something that cannot be followed exactly."""
    return UnsupportedTokenizer(
        f"{feature}: which token sequences are canonical cannot be told exactly; "
        'covering="all" needs only the bytes of the tokens'
    )


def spelled(piece: str) -> bytes:
    """The bytes of a piece in which U+2581 stands for a space."""
    return piece.replace(SPACE_MARK, " ").encode()


def byte_of(piece: str) -> int | None:
    """The byte that a piece "<0x..>" stands for; None for other pieces."""
    if len(piece) != 6 or not piece.startswith("<0x") or not piece.endswith(">"):
        return None
    digits = piece[3:5]
    return int(digits, 16) if all(c in "0123456789ABCDEF" for c in digits) else None


def complete_byte_ids(found: dict[int, int]) -> list[int]:
    """The ids by byte, of the byte-fallback tokens that a vocabulary has.

    Raises:
        UnsupportedTokenizer: some byte has none.
    """
    missing = [byte for byte in range(256) if byte not in found]
    if missing:
        raise refuse(f"byte fallback without a token for byte 0x{missing[0]:02X}")
    return [found[byte] for byte in range(256)]


# Words begin at spaces, and every space begins one.
SPLIT_AT_SPACES: dict[str, Any] = {
    "kind": "split",
    "pattern": " ",
    "regex": False,
    "behavior": "merged_with_next",
    "invert": False,
}


def normalizer_of(
    tokenizer: Tokenizer, tokens: list[bytes | None], text_prefix: bytes
) -> Callable[[str], bytes]:
    """The function for `TokenizerParts.normalize`."""

    def normalize(text: str) -> bytes:
        ids = tokenizer.encode(text, add_special_tokens=False, special="text")
        pieces = [tokens[id] for id in ids.tolist()]
        if any(piece is None for piece in pieces):
            raise InvalidInput("the text has a character that no token spells")
        # Without a text there is no prefix either.
        return b"".join(piece for piece in pieces if piece is not None).removeprefix(text_prefix)

    return normalize


def charsmap_keys(charsmap: bytes, characters: set[str] | None) -> list[str]:
    """The strings that a precompiled normalization of SentencePiece replaces by others.

    Args:
        charsmap: the field `precompiled_charsmap`.
        characters: strings with other characters are left out; None: all.
    """
    if not charsmap:
        return []
    size, length = len(charsmap), b""
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    spec = b"\x12" + length + bytes([size]) + charsmap
    entries = _core.sentencepiece.Normalizer(spec).entries()
    if characters is None:
        return [key for key, value in entries if key != value]
    return [key for key, value in entries if key != value and characters.issuperset(key)]
