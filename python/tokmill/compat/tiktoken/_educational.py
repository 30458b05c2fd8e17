"""Byte-pair encoding step by step, for those who want to see it; slow on purpose.

Needs the module `regex`.
"""

from __future__ import annotations

import collections
import itertools
from pathlib import Path

import regex

from .core import Encoding
from .registry import get_encoding

_COLOURS = (167, 179, 185, 77, 80, 68, 134)


class SimpleBytePairEncoding:
    """An encoding in plain Python."""

    def __init__(self, *, pat_str: str, mergeable_ranks: dict[bytes, int]) -> None:
        """Makes one from a pattern and token bytes -> rank."""
        self.pat_str = pat_str
        self.mergeable_ranks = mergeable_ranks
        self._decoder = {rank: token for token, rank in mergeable_ranks.items()}
        self._pat = regex.compile(pat_str)

    def encode(self, text: str, visualise: str | None = "colour") -> list[int]:
        """The tokens of a text; prints every merge in "colour", "simple", or (None) not."""
        tokens: list[int] = []
        for word in self._pat.findall(text):
            tokens += bpe_encode(self.mergeable_ranks, word.encode("utf-8"), visualise=visualise)
        return tokens

    def decode_bytes(self, tokens: list[int]) -> bytes:
        """The bytes that the tokens spell."""
        return b"".join(self.decode_tokens_bytes(tokens))

    def decode(self, tokens: list[int]) -> str:
        """The text that the tokens spell, with U+FFFD for what is not UTF-8."""
        return self.decode_bytes(tokens).decode("utf-8", errors="replace")

    def decode_tokens_bytes(self, tokens: list[int]) -> list[bytes]:
        """The bytes of each token."""
        return [self._decoder[token] for token in tokens]

    @staticmethod
    def train(training_data: str, vocab_size: int, pat_str: str) -> SimpleBytePairEncoding:
        """Learns a vocabulary from a text."""
        ranks = bpe_train(data=training_data, vocab_size=vocab_size, pat_str=pat_str)
        return SimpleBytePairEncoding(pat_str=pat_str, mergeable_ranks=ranks)

    @staticmethod
    def from_tiktoken(encoding: str | Encoding) -> SimpleBytePairEncoding:
        """The same encoding in plain Python, without special tokens."""
        found = get_encoding(encoding) if isinstance(encoding, str) else encoding
        return SimpleBytePairEncoding(
            pat_str=found._pat_str, mergeable_ranks=found._mergeable_ranks
        )


def bpe_encode(
    mergeable_ranks: dict[bytes, int],
    input: bytes,
    visualise: str | None = "colour",
) -> list[int]:
    """The tokens of one word: the neighbours of lowest rank are joined until none have a rank."""
    parts = [input[i : i + 1] for i in range(len(input))]
    while True:
        _show(parts, visualise)
        ranked = [
            (rank, i)
            for i in range(len(parts) - 1)
            if (rank := mergeable_ranks.get(parts[i] + parts[i + 1])) is not None
        ]
        if not ranked:
            break
        _, best = min(ranked)
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    if visualise:
        print()
    return [mergeable_ranks[part] for part in parts]


def bpe_train(
    data: str, vocab_size: int, pat_str: str, visualise: str | None = "colour"
) -> dict[bytes, int]:
    """Learns token bytes -> rank: the 256 bytes, then the most frequent pair, again and again.

    Raises:
        ValueError: `vocab_size` is smaller than the number of bytes.
    """
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256, so we can encode all bytes")
    ranks = {bytes([byte]): byte for byte in range(256)}
    words = [
        [bytes([byte]) for byte in word.encode("utf-8")] for word in regex.findall(pat_str, data)
    ]
    while len(ranks) < vocab_size:
        counts = collections.Counter(pair for word in words for pair in itertools.pairwise(word))
        # Of several pairs that are equally frequent, the one that was seen first.
        pair = max(counts, key=counts.__getitem__)
        token = pair[0] + pair[1]
        ranks[token] = len(ranks)
        words = [_join(word, pair) for word in words]
        if visualise:
            print(f"The current most common pair is {pair[0]!r} + {pair[1]!r}")
            print(f"So we made {token!r} our {len(ranks)}th token")
            _show_words(words, visualise)
            print("\n")
    return ranks


def _join(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    """The word with every occurrence of the pair joined, from the left."""
    joined: list[bytes] = []
    i = 0
    while i < len(word):
        if tuple(word[i : i + 2]) == pair:
            joined.append(pair[0] + pair[1])
            i += 2
        else:
            joined.append(word[i])
            i += 1
    return joined


def _show(parts: list[bytes], visualise: str | None) -> None:
    if visualise in ("colour", "color"):
        visualise_tokens(parts)
    elif visualise == "simple":
        print(parts)


def _show_words(words: list[list[bytes]], visualise: str) -> None:
    if visualise in ("colour", "color"):
        print("Now the first fifty words in our training data look like:")
        visualise_tokens([token for word in words[:50] for token in word])
    elif visualise == "simple":
        print("Now the first twenty words in our training data look like:")
        for word in words[:20]:
            print(word)


def visualise_tokens(token_values: list[bytes]) -> None:
    """Prints tokens on coloured ground, neighbours in different colours."""
    length = 0
    last = None
    for token in token_values:
        text = token.decode("utf-8", errors="replace")
        colour = _COLOURS[length % len(_COLOURS)]
        if colour == last:
            colour = _COLOURS[(length + 1) % len(_COLOURS)]
        print(f"\x1b[48;5;{colour}m{text}", end="")
        last = colour
        length += len(text)
    print("\x1b[0m")


def train_simple_encoding() -> SimpleBytePairEncoding:
    """Learns a small vocabulary from this file and shows it at work."""
    pattern = r"""'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
    data = Path(__file__).read_text(encoding="utf-8")
    encoding = SimpleBytePairEncoding.train(data, vocab_size=600, pat_str=pattern)
    print("This is the sequence of merges performed in order to encode 'hello world':")
    tokens = encoding.encode("hello world")
    assert encoding.decode(tokens) == "hello world"
    return encoding
