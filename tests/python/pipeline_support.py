"""A small tokenizer and helpers for the tests of the jobs over files."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import tokmill

EOS_NAME = "<|endoftext|>"
PATTERN = r" ?[A-Za-z]+| ?[0-9]+|[^A-Za-z0-9]"


def small_tokenizer(extra: int = 0) -> tokmill.Tokenizer:
    """All bytes, a few merges, two special tokens; `extra` unused entries make it larger."""
    ranks = {bytes([value]): value for value in range(256)}
    for word in (b"th", b"the", b" the", b" a", b"an", b"and", b" and"):
        if word not in ranks:
            ranks[word] = len(ranks)
    for number in range(extra):
        ranks[b"\xff\xfe" + number.to_bytes(3, "big")] = len(ranks)
    special = {EOS_NAME: len(ranks), "<|pad|>": len(ranks) + 1}
    return tokmill.Tokenizer.from_tiktoken(ranks, pat_str=PATTERN, special_tokens=special)


def some_text(seed: int, size: int) -> bytes:
    """Repeatable text with line ends, special tokens spelled out, and bytes that are not UTF-8."""
    choose = random.Random(seed)
    words = ["the", "and", "an", "é", "語", "🙂", "12345", "x", "\t", EOS_NAME, "Straße"]
    parts: list[bytes] = []
    length = 0
    while length < size:
        part = choose.choice(words).encode() + choose.choice([b" ", b" ", b"\n", b", "])
        if choose.random() < 0.01:
            part += b"\xff\xc3"
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def contents(directory: Path) -> dict[str, str]:
    """Name and digest of every file in a directory."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.iterdir())
    }
