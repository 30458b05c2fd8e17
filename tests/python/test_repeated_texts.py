"""Texts that come again: what is remembered of them never changes an id."""

from __future__ import annotations

import random

import numpy as np
import pytest

import tokmill
from tokmill.numbers import Triadic

ENCODINGS = ["gpt2", "cl100k_base", "o200k_base"]
WORDS = [
    "the", " of", " Tokens", "'s", "don't", "'", " 1234567", " 3.14", ",", ". ", "\n", "\r\n", "  ",
    "\t", "日本語、", "中文。", "ключ ", "é", "e\u0301", "🙂", "\u00a0", "\u3000", "(", ")", "x=1;",
    "<|endoftext|>", "aGVsbG8gd29ybGQ", "-----", "'LL", "ſ", "\x00",
]  # fmt: skip


def texts(rng: random.Random, count: int) -> list[str]:
    """Some longer than what is remembered, some not, some with the same beginning."""
    made = []
    for _ in range(count):
        few = rng.sample(WORDS, rng.randrange(2, len(WORDS)))
        made.append("".join(rng.choices(few, k=rng.choice([10, 200, 1000, 4000]))))
    return made + [made[0] + text for text in made[:5]]


@pytest.mark.parametrize("name", ENCODINGS)
def test_repeated_passes_give_the_same_ids(name: str) -> None:
    documents = texts(random.Random(1), 60)
    tok = tokmill.get_encoding(name)
    for special in ("parse", "text"):
        fresh = [tokmill.get_encoding(name).encode(text, special=special) for text in documents]
        for _ in range(6):
            batch = tok.encode_batch(documents, special=special, threads=1)
            for text, wanted, ids in zip(documents, fresh, batch, strict=True):
                np.testing.assert_array_equal(wanted, ids)
                assert tok.count(text, special=special) == len(wanted)
                assert tok.fits(text, len(wanted), special=special)
                assert not tok.fits(text, len(wanted) - 1, special=special)


def test_more_texts_than_can_be_remembered() -> None:
    documents = texts(random.Random(2), 200)
    tok = tokmill.get_encoding("cl100k_base")
    wanted = tok.encode_batch(documents, threads=1)
    small = tokmill.get_encoding("cl100k_base")
    small.set_cache_budget(1 << 18)
    for _ in range(5):
        batch = small.encode_batch(documents, threads=1)
        np.testing.assert_array_equal(batch.ids, wanted.ids)
        np.testing.assert_array_equal(batch.offsets, wanted.offsets)


@pytest.mark.parametrize("mode", ["surface", "context"])
@pytest.mark.parametrize("name", ENCODINGS)
def test_repeated_texts_with_numbers(name: str, mode: str) -> None:
    rng = random.Random(3)
    documents = texts(rng, 60)
    documents += ["".join(rng.choices("0123456789.,;- \n)abcXe", k=3000)) for _ in range(20)]
    base = tokmill.get_encoding(name)
    wanted = Triadic(mode).attach(base).encode_batch(documents, threads=1)
    tok = Triadic(mode).attach(base)
    for _ in range(6):
        batch = tok.encode_batch(documents, threads=1)
        np.testing.assert_array_equal(batch.ids, wanted.ids)
        np.testing.assert_array_equal(tok.count_batch(documents), np.diff(wanted.offsets))
    for text, ids in zip(documents, wanted, strict=True):
        assert tok.decode(ids) == text
