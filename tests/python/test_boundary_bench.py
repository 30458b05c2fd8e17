"""What crossing from Python into the core costs: per call, per string, per id.

Run with ``pytest tests/python/test_boundary_bench.py --benchmark-enable``; in the ordinary test run
each is called once, to see that it works.
"""

from __future__ import annotations

from typing import Any

import pytest

import tokmill

# One merge-free vocabulary of bytes: the work of the core is as small as it can be.
BYTES = {bytes([i]): i for i in range(256)}
SHORT = "a" * 16
LINE = ("The quick brown fox jumps over the lazy dog, said the man. " * 2)[:100]


@pytest.fixture(scope="module")
def plain() -> tokmill.Tokenizer:
    return tokmill.Tokenizer.from_tiktoken(BYTES, pat_str=r"[\s\S]")


@pytest.fixture(scope="module")
def real() -> tokmill.Tokenizer:
    return tokmill.get_encoding("o200k_base")


@pytest.mark.parametrize("text", ["", SHORT, LINE, "é" * 50, "語" * 33], ids=ascii)
def test_encode_call(benchmark: Any, real: tokmill.Tokenizer, text: str) -> None:
    benchmark(real.encode, text)


def test_count_call(benchmark: Any, real: tokmill.Tokenizer) -> None:
    benchmark(real.count, LINE)


def test_encode_call_with_keywords(benchmark: Any, real: tokmill.Tokenizer) -> None:
    benchmark(lambda: real.encode(LINE, add_special_tokens=False, special="text"))


def test_decode_call(benchmark: Any, real: tokmill.Tokenizer) -> None:
    ids = real.encode(LINE)
    assert benchmark(real.decode, ids) == LINE


def test_decode_call_with_a_list(benchmark: Any, real: tokmill.Tokenizer) -> None:
    ids = real.encode(LINE).tolist()
    assert benchmark(real.decode, ids) == LINE


@pytest.mark.parametrize("name", ["id_to_token", "token_bytes"])
def test_token_of_an_id(benchmark: Any, real: tokmill.Tokenizer, name: str) -> None:
    benchmark(getattr(real, name), 1000)


def test_batch_of_empty_strings(benchmark: Any, plain: tokmill.Tokenizer) -> None:
    """A hundred thousand strings with nothing in them: the price of a row."""
    texts = [""] * 100_000
    assert len(benchmark(plain.encode_batch, texts, threads=1)) == len(texts)


def test_batch_of_short_strings(benchmark: Any, real: tokmill.Tokenizer) -> None:
    texts = [SHORT] * 10_000
    assert len(benchmark(real.encode_batch, texts, threads=1)) == len(texts)


def test_batch_to_lists(benchmark: Any, real: tokmill.Tokenizer) -> None:
    """The price of an id as a Python int."""
    batch = real.encode_batch([LINE] * 10_000)
    assert len(benchmark(batch.tolist)) == 10_000


def test_batch_to_padded(benchmark: Any, real: tokmill.Tokenizer) -> None:
    batch = real.encode_batch([LINE, SHORT] * 5_000)
    ids, _ = benchmark(batch.to_padded)
    assert ids.shape[0] == 10_000


def test_batch_from_arrow(benchmark: Any, real: tokmill.Tokenizer) -> None:
    pa = pytest.importorskip("pyarrow")
    texts = pa.array([LINE] * 10_000)
    assert len(benchmark(real.encode_batch, texts, threads=1)) == 10_000


def test_decode_batch(benchmark: Any, real: tokmill.Tokenizer) -> None:
    batch = real.encode_batch([LINE] * 10_000)
    assert len(benchmark(real.decode_batch, batch)) == 10_000


def test_stream(benchmark: Any, real: tokmill.Tokenizer) -> None:
    ids = real.encode(LINE * 100).tolist()

    def run() -> str:
        stream = real.decode_stream()
        return "".join(map(stream.push, ids)) + stream.finish()

    assert benchmark(run) == LINE * 100
