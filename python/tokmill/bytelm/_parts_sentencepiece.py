"""The parts of a SentencePiece model."""

from __future__ import annotations

import dataclasses
import itertools
import struct

import numpy as np
import numpy.typing as npt

from .._tokenizer import Tokenizer
from ._tokenizer_parts import (
    SPACE_MARK,
    TokenizerParts,
    byte_of,
    charsmap_keys,
    complete_byte_ids,
    normalizer_of,
    refuse,
    spelled,
)

_NORMAL, _USER_DEFINED, _UNUSED, _BYTE = 1, 4, 5, 6
_UNIGRAM, _BPE = 1, 2


@dataclasses.dataclass
class _Model:
    """The fields of the protocol buffer that decide what a model encodes to."""

    pieces: list[str] = dataclasses.field(default_factory=list)
    scores: list[float] = dataclasses.field(default_factory=list)
    types: list[int] = dataclasses.field(default_factory=list)
    model_type: int = _UNIGRAM
    byte_fallback: bool = False
    whitespace_as_suffix: bool = False
    charsmap: bytes = b""
    dummy_prefix: bool = True
    remove_extra_whitespaces: bool = True
    escape_whitespaces: bool = True


def parts_of_sentencepiece(tokenizer: Tokenizer) -> TokenizerParts:
    """See `parts_of`."""
    model = _read_model(tokenizer._portable_form())
    if model.whitespace_as_suffix:
        raise refuse("treat_whitespace_as_suffix")
    if not model.escape_whitespaces:
        raise refuse("escape_whitespaces=false")
    if model.model_type not in (_UNIGRAM, _BPE):
        raise refuse("a SentencePiece model of words or characters")

    tokens: list[bytes | None] = [None] * len(model.pieces)
    bytes_found: dict[int, int] = {}
    for id, (piece, type_) in enumerate(zip(model.pieces, model.types, strict=True)):
        if type_ == _BYTE:
            byte = byte_of(piece)
            if byte is not None:
                bytes_found[byte] = id
                tokens[id] = bytes([byte])
        elif type_ in (_NORMAL, _USER_DEFINED, _UNUSED):
            tokens[id] = spelled(piece)

    prefix = b" " if model.dummy_prefix else b""
    common = TokenizerParts(
        kind="bpe" if model.model_type == _BPE else "unigram",
        tokens=tokens,
        steps=[],
        text_prefix=prefix,
        byte_ids=complete_byte_ids(bytes_found) if model.byte_fallback else None,
        normalize=normalizer_of(tokenizer, tokens, prefix),
        absent=_absent(model),
        absent_at_end=[b" "] if model.remove_extra_whitespaces else [],
    )
    if model.model_type == _BPE:
        if not model.byte_fallback:
            raise refuse("BPE over characters without byte fallback")
        return dataclasses.replace(
            common, merges=_merges(model), added_ids=_symbols_of_bpe(model, common)
        )
    scores, unknown_score = _scores(model)
    return dataclasses.replace(
        common, scores=scores, unknown_score=unknown_score, single_precision=True
    )


def _absent(model: _Model) -> list[bytes]:
    """Strings that normalization leaves in no text."""
    characters = None if model.byte_fallback else set("".join(model.pieces))
    strings = [SPACE_MARK, *charsmap_keys(model.charsmap, characters)]
    # Spaces are written as such here, and are no keys of their own.
    strings = [string for string in strings if string != " "]
    if model.remove_extra_whitespaces:
        if not model.dummy_prefix:
            raise refuse("remove_extra_whitespaces without add_dummy_prefix")
        strings.append("  ")
    absent = [string.encode() for string in strings]
    for piece, type_ in zip(model.pieces, model.types, strict=True):
        # Normalization leaves these alone.
        if type_ == _USER_DEFINED and any(string in spelled(piece) for string in absent):
            raise refuse(f"user-defined symbol {piece!r}, which is not normalized")
    return absent


def _scores(model: _Model) -> tuple[list[float], float]:
    """Scores by id and that of an unknown character, as 32-bit floats."""
    lowest = min(s for s, t in zip(model.scores, model.types, strict=True) if t == _NORMAL)
    if lowest > 10:
        raise refuse("a Unigram model with no score below 10")
    scores = []
    for piece, score, type_ in zip(model.pieces, model.scores, model.types, strict=True):
        if type_ == _USER_DEFINED:
            scores.append(float(np.float32(0.1 * (len(piece.encode()) - 1))))
        else:
            scores.append(score if type_ == _NORMAL else -np.inf)
    return scores, float(np.float32(lowest) - np.float32(10))


def _symbols_of_bpe(model: _Model, parts: TokenizerParts) -> list[int]:
    """User-defined symbols: looked for first, and nothing merges with them."""
    ids = [id for id, type_ in enumerate(model.types) if type_ == _USER_DEFINED]
    # The whole text is normalized, not what stands between the symbols.
    across = any(len(string.decode()) > 1 for string in parts.absent) or parts.absent_at_end
    if ids and across:
        raise refuse("user-defined symbols of a BPE model that normalizes strings of characters")
    return ids


def _merges(model: _Model) -> npt.NDArray[np.int64]:
    """All pairs of pieces that make up a piece, those of the highest score first.

    SentencePiece merges the neighbours with the highest score of what they make up, the leftmost
    among equals; see `_in_order` for how a list without positions can say the same.
    """
    pieces = list(zip(model.pieces, model.scores, model.types, strict=True))
    symbols = {piece for piece, _, type_ in pieces if type_ == _USER_DEFINED}
    ids: dict[str, int] = {}
    scores: dict[str, float] = {}
    for id, (piece, score, type_) in enumerate(pieces):
        if type_ == _UNUSED and len(piece) > 1:
            raise refuse(f"unused piece {piece!r} of a BPE model")
        # What holds a symbol is never merged: the symbol is found first.
        if type_ not in (_NORMAL, _UNUSED) or not symbols.isdisjoint(piece):
            continue
        ids[piece] = id
        scores[piece] = score

    pairs: dict[str, list[tuple[str, str]]] = {}
    by_score: dict[float, list[str]] = {}
    for piece, score in scores.items():
        if len(piece) < 2:
            continue
        if not all(character in ids for character in piece):
            raise refuse(f"piece {piece!r} of characters that are no pieces")
        cuts = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        pairs[piece] = [(left, right) for left, right in cuts if left in ids and right in ids]
        by_score.setdefault(score, []).append(piece)
    equals = {piece for same in by_score.values() if not _is_of_runs(same) for piece in same}
    for piece, parts in pairs.items():
        for part in itertools.chain.from_iterable(parts):
            if part in equals and scores[part] < scores[piece]:
                raise refuse(f"piece {part!r}, with a score that others have, before {piece!r}")

    merges = [
        (ids[left], ids[right], ids[piece])
        for score in sorted(by_score, reverse=True)
        for piece in _in_order(by_score[score], pairs)
        for left, right in pairs[piece]
    ]
    return np.fromiter(itertools.chain.from_iterable(merges), np.int64).reshape(-1, 3)


def _in_order(same: list[str], pairs: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Pieces with equal scores in an order that merges what the leftmost first would merge.

    Any order does if no two of their merges can want the same neighbour, nor one the result of
    another. Runs of one character do want it, but the leftmost merges come out if longer runs go
    before shorter ones: a run is made longer before the next begins.
    """
    if _is_of_runs(same):
        return sorted(same, key=len, reverse=True)
    lefts = {left for piece in same for left, _ in pairs[piece]}
    rights = {right for piece in same for _, right in pairs[piece]}
    if not lefts.isdisjoint(rights) or not (lefts | rights).isdisjoint(same):
        raise refuse(f"pieces {same[0]!r} and {same[1]!r} with equal scores")
    return same


def _is_of_runs(same: list[str]) -> bool:
    """Whether there is but one piece, or all are runs of one character."""
    return len(same) == 1 or len(set("".join(same))) == 1


def _read_model(data: bytes) -> _Model:
    """Reads a model that was checked when it was loaded."""
    model = _Model()
    at = 0
    while at < len(data):
        field, value, at = _read_field(data, at)
        if not isinstance(value, bytes):
            continue
        if field == 1:
            _read_piece(value, model)
        elif field == 2:
            _read_trainer_spec(value, model)
        elif field == 3:
            _read_normalizer_spec(value, model)
    return model


def _read_piece(message: bytes, model: _Model) -> None:
    piece, score, type_ = "", 0.0, _NORMAL
    at = 0
    while at < len(message):
        field, value, at = _read_field(message, at)
        if field == 1 and isinstance(value, bytes):
            try:
                piece = value.decode()
            except UnicodeDecodeError:
                raise refuse(f"piece {value!r}, which is not UTF-8") from None
        elif field == 2 and isinstance(value, bytes):
            (score,) = struct.unpack("<f", value)
        elif field == 3 and isinstance(value, int):
            type_ = value
    model.pieces.append(piece)
    model.scores.append(score)
    model.types.append(type_)


def _read_trainer_spec(message: bytes, model: _Model) -> None:
    at = 0
    while at < len(message):
        field, value, at = _read_field(message, at)
        if not isinstance(value, int):
            continue
        if field == 3:
            model.model_type = value
        elif field == 24:
            model.whitespace_as_suffix = value != 0
        elif field == 35:
            model.byte_fallback = value != 0


def _read_normalizer_spec(message: bytes, model: _Model) -> None:
    at = 0
    while at < len(message):
        field, value, at = _read_field(message, at)
        if isinstance(value, bytes):
            if field == 2:
                model.charsmap = value
        elif field == 3:
            model.dummy_prefix = value != 0
        elif field == 4:
            model.remove_extra_whitespaces = value != 0
        elif field == 5:
            model.escape_whitespaces = value != 0


def _read_field(data: bytes, at: int) -> tuple[int, int | bytes, int]:
    """A field of a protocol buffer: number, value (an int for a varint), where the next begins."""
    tag, at = _read_varint(data, at)
    kind = tag & 7
    if kind == 0:
        value, at = _read_varint(data, at)
        return tag >> 3, value, at
    if kind == 2:
        size, at = _read_varint(data, at)
    else:
        size = 8 if kind == 1 else 4
    return tag >> 3, data[at : at + size], at + size


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
