"""Memory: caches have a budget, texts are read in place, nothing is kept per text."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from definitions import REAL, needs_data, synthetic

import tokmill

MEGABYTE = 1 << 20


def resident_bytes() -> int:
    """What the process holds in memory now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")


def unique_texts(seed: int, total: int) -> Iterator[list[str]]:
    """Batches of texts whose words never come again, ``total`` bytes in all."""
    rng = random.Random(seed)
    size = 4 * MEGABYTE
    for _ in range(total // size):
        letters = rng.randbytes(size // 2).hex()
        yield [
            " ".join(letters[i : i + 9] for i in range(start, start + 4000, 9))
            for start in range(0, len(letters), 4000)
        ]


@needs_proc
@needs_data
def test_resident_memory_is_flat_over_unique_text() -> None:
    tokenizer = next(one for one in REAL if str(one) == "hf-llama-3.1").tokmill
    grown = growth(tokenizer, warm_up=160 * MEGABYTE, total=160 * MEGABYTE)
    assert grown < 24 * MEGABYTE, f"{grown / MEGABYTE:.0f} MB more"


@pytest.mark.slow(minutes=30)
@needs_proc
@needs_data
@pytest.mark.parametrize("name", ["hf-gpt2", "hf-qwen3", "tiktoken-o200k_base"])
def test_resident_memory_is_flat_over_two_gigabytes(name: str) -> None:
    tokenizer = next(one for one in REAL if str(one) == name).tokmill
    grown = growth(tokenizer, warm_up=256 * MEGABYTE, total=2048 * MEGABYTE)
    assert grown < 32 * MEGABYTE, f"{grown / MEGABYTE:.0f} MB more"


def growth(tokenizer: tokmill.Tokenizer, warm_up: int, total: int) -> int:
    """How much more memory is held after ``total`` bytes of text than after ``warm_up``."""
    for texts in unique_texts(1, warm_up):
        tokenizer.encode_batch(texts, threads=2)
        tokenizer.encode(texts[0])
    gc.collect()
    before = resident_bytes()
    for texts in unique_texts(2, total):
        tokenizer.encode_batch(texts, threads=2)
        tokenizer.count_batch(texts[:10])
        tokenizer.encode(texts[0])
    gc.collect()
    return resident_bytes() - before


@needs_proc
def test_cache_budget() -> None:
    """A small budget is kept to, and changes no id."""
    definition = next(one for one in synthetic() if one.name == "pattern-llama3")
    tokenizer = definition.make_tokmill()
    tokenizer.set_cache_budget(64 * 1024)
    texts = next(unique_texts(3, 4 * MEGABYTE))[:300]
    assert tokenizer.encode_batch(texts).tolist() == definition.reference.encode_batch(texts)


@pytest.mark.parametrize("text", ["é" * 1000, "中" * 1000, "😀" * 1000, "aé" * 500 + "中"])
def test_no_utf8_copy_is_left_in_a_str(text: str) -> None:
    tokenizer = next(one for one in synthetic() if one.name == "pattern-llama3").tokmill
    text = text + " end"  # a str of its own
    before = sys.getsizeof(text)
    tokenizer.encode(text)
    tokenizer.count(text)
    tokenizer.fits(text, 3)
    tokenizer.encode_batch([text, text])
    tokenizer.count_batch((text,))
    tokenizer.encode_with_offsets(text, unit="char")
    assert sys.getsizeof(text) == before


def test_texts_are_not_kept() -> None:
    tokenizer = next(one for one in synthetic() if one.name == "pattern-llama3").tokmill
    text = "a text of its own " * 10
    before = sys.getrefcount(text)
    tokenizer.encode(text)
    batch = tokenizer.encode_batch([text])
    tokenizer.count_batch([text])
    assert sys.getrefcount(text) == before
    assert batch.ids.base is not text
