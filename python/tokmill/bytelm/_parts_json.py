"""The parts of a tokenizer.json."""

from __future__ import annotations

import dataclasses
import itertools
import json
import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from .._tokenizer import Tokenizer
from ._normal_text import NormalText, normal_text_of, stages_of
from ._tokenizer_parts import (
    SPACE_MARK,
    SPLIT_AT_SPACES,
    Flags,
    TokenizerParts,
    byte_of,
    complete_byte_ids,
    normalizer_of,
    refuse,
    spelled,
)


def parts_of_json(tokenizer: Tokenizer) -> TokenizerParts:
    """See `parts_of`."""
    definition = json.loads(tokenizer._tokenizer_json())
    special = {
        token["content"]: token["id"] for token in definition["added_tokens"] if token["special"]
    }
    # Old files do not say which model it is.
    model = tokenizer.describe()["model"]
    readers = {"BPE": _bpe, "Unigram": _unigram, "WordPiece": _word_piece}
    if model not in readers:
        raise refuse(f"model {model}")
    return _with_added_tokens(readers[model](tokenizer, definition, special), definition)


def _with_added_tokens(parts: TokenizerParts, definition: Any) -> TokenizerParts:
    """With the tokens that are no special ones: text that is looked for before anything else."""
    tokens = list(parts.tokens)
    for token in definition["added_tokens"]:
        # A text in which spaces become U+2581 has none of its own.
        marked = SPACE_MARK in token["content"] and SPACE_MARK.encode() in parts.absent
        if token["special"] or marked:
            continue
        _check_added(token, parts, definition)
        tokens[token["id"]] = token["content"].encode()
        parts.added_ids.append(token["id"])
    return dataclasses.replace(parts, tokens=tokens)


def _check_added(token: dict[str, Any], parts: TokenizerParts, definition: Any) -> None:
    name = f"added token {token['content']!r}"
    if token["lstrip"] or token["rstrip"]:
        raise refuse(f"{name}, which takes the white space around it")
    if token["single_word"]:
        raise refuse(f"{name}, which is only found as a single word")
    if token["normalized"] and definition["normalizer"] is not None:
        raise refuse(f"{name}, which is looked for after normalization")
    if parts.text_prefix:
        raise refuse(f"{name}, behind which text gets a space of its own")


# --- BPE and Unigram ----------------------------------------------------------------------------


def _bpe(tokenizer: Tokenizer, definition: Any, special: dict[str, int]) -> TokenizerParts:
    model = definition["model"]
    for option in ("dropout", "continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(option):
            raise refuse(f"{option} of BPE")
    vocabulary: dict[str, int] = model["vocab"]
    byte_ids = _byte_ids(vocabulary.items()) if model.get("byte_fallback") else None
    if byte_ids is None:
        raise refuse("BPE over characters without byte fallback")

    unspoken = {*special, model.get("unk_token")}
    normal = normal_text_of(definition, "".join(vocabulary), all_characters=True)
    tokens: list[bytes | None] = [None] * tokenizer.vocab_size
    for piece, id in vocabulary.items():
        if piece not in unspoken:
            tokens[id] = _spelled(piece, normal)
    for byte, id in enumerate(byte_ids):
        tokens[id] = bytes([byte])
    return _with_normal_text(
        TokenizerParts(
            kind="bpe",
            tokens=tokens,
            steps=_steps(definition["pre_tokenizer"]),
            text_prefix=normal.prefix,
            byte_ids=byte_ids,
            merges=_merges(model["merges"], vocabulary, tokens, set(byte_ids)),
            ignore_merges=bool(model.get("ignore_merges")),
            normalize=normalizer_of(tokenizer, tokens, normal.prefix),
        ),
        normal,
    )


def _merges(
    merges: Any, vocabulary: dict[str, int], tokens: list[bytes | None], byte_ids: set[int]
) -> npt.NDArray[np.int64]:
    """By ids. Merges of special tokens are left out: their names are no text."""
    pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in merges]
    lefts, rights = [left for left, _ in pairs], [right for _, right in pairs]
    id_of = vocabulary.__getitem__
    ids = np.empty((len(pairs), 3), np.int64)
    for column, names in enumerate((lefts, rights, map(operator.add, lefts, rights))):
        ids[:, column] = np.fromiter(map(id_of, names), np.int64, len(pairs))

    of_bytes = np.isin(ids, list(byte_ids)).any(axis=1)
    if of_bytes.any():
        left, right = pairs[int(of_bytes.argmax())]
        raise refuse(f"merge of {left!r} and {right!r}, which stand for bytes")
    has_text = np.array([token is not None for token in tokens])
    return ids[has_text[ids].all(axis=1)]


def _unigram(tokenizer: Tokenizer, definition: Any, special: dict[str, int]) -> TokenizerParts:
    model = definition["model"]
    if model.get("alpha"):
        raise refuse("sampling with alpha")
    if model.get("unk_id") is None:
        raise refuse("Unigram without unk_id")
    vocabulary: list[tuple[str, float]] = model["vocab"]
    lowest = min(score for _, score in vocabulary)
    if lowest > 10:
        raise refuse("a Unigram model with no score below 10")
    byte_ids = None
    if model.get("byte_fallback"):
        byte_ids = _byte_ids((piece, id) for id, (piece, _) in enumerate(vocabulary))

    is_byte = set(byte_ids or ())
    normal = normal_text_of(
        definition, "".join(piece for piece, _ in vocabulary), all_characters=byte_ids is not None
    )
    tokens: list[bytes | None] = [None] * tokenizer.vocab_size
    scores = [-np.inf] * tokenizer.vocab_size
    unspoken = []
    for id, (piece, score) in enumerate(vocabulary):
        bytes_ = _spelled(piece, normal)
        if piece in special or id == model["unk_id"] or id in is_byte:
            unspoken.append((bytes_, float(score)))
        elif bytes_:
            tokens[id] = bytes_
            # A space that is not the mark stands in no text.
            if not (normal.marks_spaces and " " in piece):
                scores[id] = float(score)
    for byte, id in enumerate(byte_ids or ()):
        tokens[id] = bytes([byte])
    return _with_normal_text(
        TokenizerParts(
            kind="unigram",
            tokens=tokens,
            steps=_steps(definition["pre_tokenizer"]),
            text_prefix=normal.prefix,
            byte_ids=byte_ids,
            scores=scores,
            unknown_score=lowest - 10,
            unspoken=unspoken,
            normalize=normalizer_of(tokenizer, tokens, normal.prefix),
        ),
        normal,
    )


def _byte_ids(pieces: Any) -> list[int]:
    found = {}
    for piece, id in pieces:
        byte = byte_of(piece)
        if byte is not None:
            found[byte] = id
    return complete_byte_ids(found)


def _spelled(piece: str, normal: NormalText) -> bytes:
    return spelled(piece) if normal.marks_spaces else piece.encode()


def _steps(pre_tokenizer: Any) -> list[dict[str, Any]]:
    """`normal_text_of` has refused what is not known here."""
    if pre_tokenizer is None:
        return []
    if pre_tokenizer["type"] == "Sequence":
        steps = (_steps(part) for part in pre_tokenizer["pretokenizers"])
        return list(itertools.chain.from_iterable(steps))
    if pre_tokenizer["type"] == "Metaspace" and pre_tokenizer.get("split", True):
        return [SPLIT_AT_SPACES]
    return []


def _with_normal_text(parts: TokenizerParts, normal: NormalText) -> TokenizerParts:
    return dataclasses.replace(parts, absent=normal.absent, absent_at_end=normal.absent_at_end)


# --- WordPiece ----------------------------------------------------------------------------------


def _word_piece(tokenizer: Tokenizer, definition: Any, special: dict[str, int]) -> TokenizerParts:
    model = definition["model"]
    if (definition["pre_tokenizer"] or {}).get("type") != "BertPreTokenizer":
        raise refuse("WordPiece with a pre-tokenizer that is not BertPreTokenizer")
    if (definition["normalizer"] or {}).get("type") not in (None, "BertNormalizer"):
        raise refuse("WordPiece with a normalizer that is not BertNormalizer")
    inside: str = model.get("continuing_subword_prefix", "##")
    if not inside:
        raise refuse("WordPiece without continuing_subword_prefix")

    words = _Words(definition)
    size = tokenizer.vocab_size
    tokens: list[bytes | None] = [None] * size
    absent: Flags = np.zeros(size, np.bool_)
    closing: Flags = np.zeros(size, np.bool_)
    for piece, id in model["vocab"].items():
        if piece in special or piece == model.get("unk_token", "[UNK]") or piece in ("", inside):
            continue
        if piece.startswith(inside):
            rest = piece[len(inside) :]
            tokens[id] = rest.encode()
            absent[id] = not words.is_word("a" + rest)
        else:
            tokens[id] = b" " + piece.encode()
            absent[id] = not words.is_word(piece)
            closing[id] = not words.is_word(piece + "a")
    return TokenizerParts(
        kind="greedy",
        tokens=tokens,
        steps=[SPLIT_AT_SPACES],
        text_prefix=b" ",
        normalize=normalizer_of(tokenizer, tokens, b" "),
        absent_tokens=absent,
        closing_tokens=closing,
        # With the space before it.
        max_characters=model.get("max_input_chars_per_word", 100) + 1,
    )


class _Words:
    """What normalizer and pre-tokenizer of BERT take for one word and leave as it is.

    Both look at one character at a time, so a word is one if its beginning and each character
    behind that beginning are.
    """

    def __init__(self, definition: Any) -> None:
        pipeline = stages_of(definition)
        self._normalizer, self._pre_tokenizer = pipeline.normalizer, pipeline.pre_tokenizer

    def is_word(self, text: str) -> bool:
        normalizer, pre_tokenizer = self._normalizer, self._pre_tokenizer
        assert pre_tokenizer is not None
        normalized = text if normalizer is None else normalizer.normalize_str(text)
        return [piece for piece, _ in pre_tokenizer.pre_tokenize_str(normalized)] == [text]
