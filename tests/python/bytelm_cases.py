"""Small vocabularies of every kind, each with its encoder by definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from bytelm_oracle import (
    Encode,
    Tokens,
    WitnessOracle,
    bpe_encoder,
    fallback_bpe_encoder,
    fallback_unigram_encoder,
    greedy_encoder,
    random_bpe,
    unigram_encoder,
    words,
)

from tokmill.bytelm import ByteVocab

GPT2_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@dataclass(frozen=True)
class Case:
    """A vocabulary twice: as tokmill sees it and as its definition reads.

    The last id ends a text. Texts up to `longest` bytes of `alphabet` are compared.
    """

    name: str
    tokens: Tokens
    vocab: Callable[[], ByteVocab]
    encode: Encode
    alphabet: bytes
    depth: int = 3
    longest: int = 3
    witness: int = 2
    support: tuple[int, ...] | None = None  # ids that models use

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(range(len(self.tokens))) if self.support is None else self.support

    @property
    def eos(self) -> int:
        return len(self.tokens) - 1

    def oracle(self) -> WitnessOracle:
        return WitnessOracle(self.tokens, self.encode, words(self.alphabet, self.witness))


def _bpe(
    name: str,
    tokens: Tokens,
    merges: list[tuple[int, int, int]],
    alphabet: bytes,
    pattern: str | None = None,
    ignore_merges: bool = False,
    depth: int = 4,
    longest: int = 3,
) -> Case:
    eos = [len(tokens) - 1]
    return Case(
        name,
        tokens,
        lambda: ByteVocab.bpe(tokens, merges, pattern, eos, ignore_merges=ignore_merges),
        bpe_encoder(tokens, merges, pattern, ignore_merges),
        alphabet,
        depth,
        longest,
    )


def _unigram(name: str, tokens: Tokens, scores: list[float], alphabet: bytes) -> Case:
    eos = [len(tokens) - 1]
    encode = unigram_encoder(tokens, scores)
    return Case(name, tokens, lambda: ByteVocab.unigram(tokens, scores, eos), encode, alphabet)


def _greedy(name: str, tokens: Tokens, alphabet: bytes) -> Case:
    eos = [len(tokens) - 1]
    return Case(
        name, tokens, lambda: ByteVocab.greedy(tokens, eos), greedy_encoder(tokens), alphabet
    )


def _from_callable(case: Case) -> Case:
    return Case(
        case.name + "-callable",
        case.tokens,
        lambda: ByteVocab.from_callable(case.tokens, case.encode, [case.eos]),
        case.encode,
        case.alphabet,
        case.depth,
        case.longest,
        case.witness,
    )


_AB = [b"a", b"b", b"ab", b"ba", b"aba", None]
_AB_MERGES = [(0, 1, 2), (1, 0, 3), (2, 0, 4)]
# "aba" is made of "ab" and "a", never of "a" and "ba".
_PAIRS = [b"a", b"b", b"aa", b"ab", b"aaa", None]
_PAIRS_MERGES = [(0, 0, 2), (0, 1, 3), (2, 0, 4)]
_CONTRACTION = [b"'", b"r", b"e", b"'r", b"re", b"er", None]
_CONTRACTION_MERGES = [(0, 1, 3), (1, 2, 4), (2, 1, 5)]
_SPACES = [b" ", b"r", b"\n", b"  ", b" r", b"\n\n", b"  r", None]
_SPACES_MERGES = [(0, 0, 3), (0, 1, 4), (2, 2, 5), (3, 1, 6)]
_WHOLE = [b"a", b"b", b" ", b"ab", b"abb", b" a", None]
_WHOLE_MERGES = [(0, 1, 3), (2, 0, 5)]  # nothing makes "abb"

CASES = [
    _bpe("bpe", _AB, _AB_MERGES, b"ab"),
    _bpe("overlapping", _PAIRS, _PAIRS_MERGES, b"ab"),
    _bpe("duplicates", [*_AB[:5], b"ab", b"a", None], _AB_MERGES, b"ab"),
    _bpe(
        "characters",
        [b"\xc3", b"\xa9", b"a", b"\xc3\xa9", b"a\xc3", b"\xa9a", None],
        [(0, 1, 3), (2, 0, 4), (1, 2, 5)],
        b"\xc3\xa9a",
        longest=3,
    ),
    _bpe("contraction", _CONTRACTION, _CONTRACTION_MERGES, b"'re", GPT2_PATTERN),
    _bpe("look-ahead", _SPACES, _SPACES_MERGES, b" r\n", GPT2_PATTERN),
    _bpe("whole-pieces", _WHOLE, _WHOLE_MERGES, b"ab ", GPT2_PATTERN, ignore_merges=True),
    _bpe("unreachable", [b"a", b"b", b"ab", b"bb", None], [(0, 1, 2)], b"ab"),
    _unigram(
        "unigram",
        [b"a", b"b", b"ab", b"ba", b"aab", b"bb", None],
        [-1.0, -1.3, -1.9, -2.6, -2.4, -2.0, 0.0],
        b"ab",
    ),
    _greedy("greedy", [b"a", b"b", b"ab", b"abb", b"ba", None], b"ab"),
    _greedy("greedy-gap", [b"a", b"b", b"abab", b"bb", None], b"ab"),
]


def _fallback_cases() -> list[Case]:
    """Byte fallback: "é" has a token, "è" has none; "a" has its byte's token besides."""
    bytes_ = [bytes([byte]) for byte in range(256)]
    pieces = [b"a", "é".encode(), "aé".encode(), b"aa"]
    tokens = [*bytes_, *pieces, None]
    merges = [(256, 257, 258), (256, 256, 259)]
    scores = [0.0] * 256 + [-1.0, -2.0, -2.5, -2.2, 0.0]
    alphabet = "aéè".encode()
    alphabet = bytes(sorted(set(alphabet)))
    support = (*alphabet, 256, 257, 258, 259, 260)
    byte_ids = range(256)
    return [
        Case(
            name,
            tokens,
            vocab,
            encode,
            alphabet,
            depth=3,
            support=support,
        )
        for name, vocab, encode in (
            (
                "fallback",
                lambda: ByteVocab.bpe(tokens, merges, eos_ids=[260], byte_ids=byte_ids),
                fallback_bpe_encoder(tokens, merges, byte_ids),
            ),
            (
                "unigram-fallback",
                lambda: ByteVocab.unigram(tokens, scores, [260], byte_ids=byte_ids),
                fallback_unigram_encoder(tokens, scores, byte_ids),
            ),
        )
    ]


CASES += _fallback_cases()
CASES += [_from_callable(case) for case in CASES if case.name in ("contraction", "unigram")]


def random_case(seed: int) -> Case:
    """Byte-pair encoding with random merges over two or three bytes."""
    rng = np.random.default_rng(seed)
    alphabet = b"abc"[: int(rng.integers(2, 4))]
    tokens, merges = random_bpe(alphabet, int(rng.integers(1, 5)), rng)
    return _bpe(f"random-{seed}", tokens, merges, alphabet)
