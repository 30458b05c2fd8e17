"""What a tokenizer is to a byte-level model: tokens, canonical sequences, texts it leaves alone."""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict

from .. import _core
from .._errors import InvalidInput, UnknownToken, UnsupportedTokenizer
from .._tokenizer import Tokenizer
from ._tokenizer_parts import TokenizerParts, parts_of

# Names of special tokens that mean the end of a text in published vocabularies.
_END_NAMES = (
    ("<|endoftext|>", "<|end_of_text|>", "<|endofdocument|>", "<|end_of_document|>"),
    ("</s>", "<eos>", "<|eos|>", "[EOS]", "<EOS>", "<｜end▁of▁sentence｜>"),
    ("[SEP]",),
)
# What may follow a text that normalization changes only because nothing follows it.
_CONTINUATIONS = ("", "a", " a", ".")


@dataclass(frozen=True)
class Source:
    """The arguments of ByteVocab.

    Attributes:
        build: utf8 -> the compiled vocabulary, which knows what is canonical.
        free: the compiled vocabulary for `covering="all"`.
        text_prefix: bytes before every text.
        check: raises InvalidInput for texts that encoding would change; None if there are none.
    """

    build: Callable[[str], _core.bytelm.Vocabulary]
    free: Callable[[], _core.bytelm.Vocabulary]
    text_prefix: bytes
    check: Callable[[bytes], None] | None


def source_of(tokenizer: Tokenizer, eos: list[int]) -> Source:
    """See `ByteVocab.from_tokenizer`."""
    if tokenizer.describe()["model"] == "byte-level BPE":
        return _byte_level(tokenizer, eos)
    try:
        return _from_parts(parts_of(tokenizer), eos)
    except UnsupportedTokenizer as error:
        return _tokens_only(tokenizer, eos, error)


def end_ids(tokenizer: Tokenizer) -> list[int]:
    """The special tokens whose names say that they end a text."""
    special = tokenizer.special_tokens
    for group in _END_NAMES:
        found = [special[name] for name in group if name in special]
        if found:
            return found
    return []


def _byte_level(tokenizer: Tokenizer, eos: list[int]) -> Source:
    def build(utf8: str) -> _core.bytelm.Vocabulary:
        return _core.bytelm.Vocabulary.from_byte_level(tokenizer, eos, utf8)

    def free() -> _core.bytelm.Vocabulary:
        try:
            return build("any")
        except UnsupportedTokenizer:
            return _free(tokenizer, eos)

    def spelled(text: str) -> bytes:
        ids = tokenizer.encode(text, add_special_tokens=False, special="text")
        return tokenizer.decode_bytes(ids)

    changes = tokenizer.describe()["normalizer"] != "none"
    return Source(build, free, b"", _checker(spelled) if changes else None)


def _tokens_only(tokenizer: Tokenizer, eos: list[int], reason: UnsupportedTokenizer) -> Source:
    """Of a tokenizer whose canonical sequences are not known: enough for `covering="all"`."""

    def build(utf8: str) -> _core.bytelm.Vocabulary:
        raise reason

    return Source(build, lambda: _free(tokenizer, eos), b"", None)


def _free(tokenizer: Tokenizer, eos: list[int]) -> _core.bytelm.Vocabulary:
    special = set(tokenizer.special_tokens.values())
    tokens: list[bytes | None] = [None] * tokenizer.vocab_size
    unused = []
    for id in range(tokenizer.vocab_size):
        if id in special:
            continue
        with contextlib.suppress(UnknownToken):
            # A token that spells nothing is no outcome either.
            tokens[id] = tokenizer.token_bytes(id) or None
        if tokens[id] is None:
            unused.append(id)
    return _core.bytelm.Vocabulary.free(tokens, eos, unused)


class _Common(TypedDict):
    """What the vocabularies of all kinds are given; see `TokenizerParts`."""

    tokens: list[bytes | None]
    steps: list[dict[str, Any]]
    eos_ids: list[int]
    utf8: str
    absent: list[bytes]
    absent_at_end: list[bytes]
    added_ids: list[int]


def _from_parts(parts: TokenizerParts, eos: list[int]) -> Source:
    def build(utf8: str) -> _core.bytelm.Vocabulary:
        kind = _core.bytelm.Vocabulary
        common: _Common = {
            "tokens": parts.tokens,
            "steps": parts.steps,
            "eos_ids": eos,
            "utf8": utf8,
            "absent": parts.absent,
            "absent_at_end": parts.absent_at_end,
            "added_ids": parts.added_ids,
        }
        if parts.kind == "bpe":
            return kind.bpe(
                **common,
                merges=parts.merges,
                byte_ids=parts.byte_ids,
                ignore_merges=parts.ignore_merges,
            )
        if parts.kind == "unigram":
            return kind.unigram(
                **common,
                scores=parts.scores,
                byte_ids=parts.byte_ids,
                unknown_score=parts.unknown_score,
                unspoken=parts.unspoken,
                single_precision=parts.single_precision,
            )
        return kind.greedy(
            **common,
            absent_tokens=parts.absent_tokens,
            closing_tokens=parts.closing_tokens,
            max_characters=parts.max_characters,
        )

    def free() -> _core.bytelm.Vocabulary:
        return _core.bytelm.Vocabulary.free(parts.tokens, eos)

    return Source(build, free, parts.text_prefix, _checker(parts.normalize))


def _checker(spelled: Callable[[str], bytes]) -> Callable[[bytes], None]:
    """The function for `Source.check`, from one that says what the encoding of a text spells."""

    def check(text: bytes) -> None:
        # The last character may still be incomplete.
        try:
            decoded = codecs.getincrementaldecoder("utf-8")().decode(text)
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"the text cannot be encoded: it is not UTF-8 at position {error.start}",
                position=error.start,
            ) from None
        whole = decoded.encode()
        agreed = -1
        failure: InvalidInput | None = None
        for more in _CONTINUATIONS:
            try:
                found = spelled(decoded + more)
            except InvalidInput as error:
                failure = error
                continue
            if found.startswith(whole):
                return
            agreed = max(agreed, _common(found, whole))
        if agreed < 0 and failure is not None:
            raise failure
        raise InvalidInput(
            f"the text cannot be encoded: the tokenizer's normalizer changes it at position "
            f"{agreed}",
            position=agreed,
        )

    return check


def _common(a: bytes, b: bytes) -> int:
    """Number of bytes that two strings have in common at the beginning."""
    size = min(len(a), len(b))
    return next((i for i in range(size) if a[i] != b[i]), size)
