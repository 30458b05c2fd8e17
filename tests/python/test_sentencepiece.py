"""tokmill.compat.sentencepiece gives what sentencepiece gives, on every kind of model."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from definitions import HAVE_DATA, amount, corpus_names, read_corpus
from hard_strings import hard_strings, random_bytes, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentencepiece_models import SMALL, TRAINED, model, model_names

from tokmill.compat import sentencepiece as own

reference = pytest.importorskip("sentencepiece")
if reference.__version__ != own.__version__:
    pytest.skip(f"compares with sentencepiece {own.__version__}", allow_module_level=True)

REAL = (model_names() if amount(0, 1) else SMALL) if HAVE_DATA else ()
ALL = (*REAL, *TRAINED)

HARD = [
    *("", " ", "   ", "\t", "\n", "\r\n", "a", "▁", "▁▁", "▁ ▁", "▁a▁b", "\0", "\0" * 16, "a\0b"),
    *(
        "\ufffd",
        "\u0301",
        "e\u0301",
        "e\u0301\u0301",
        "a\u0301b",
        "ﬁ",
        "㍻",
        "ｶﾞ",
        "ＡＢＣ",
        "①②",
        "…",
        "½",
    ),
    *(
        "👩‍👩‍👧",
        "🇩🇪",
        "\u3000",
        "\xa0x\xa0",
        "\u200b",
        "\u00ad",
        "\x7f",
        "\x80",
        "\uffff",
        "\U0010ffff",
    ),
    *(
        "<s>",
        "</s>",
        "<unk>",
        "<pad>",
        "<0x41>",
        "<x><c>",
        "<2de> in",
        "abcd",
        "abbcd",
        "bcdabc in the",
    ),
    *(
        "x" * 300,
        "ab" * 200,
        " " * 60,
        "漢" * 100,
        "the " * 50,
        "in the  the ",
        "  both  ",
        "\x01\x02",
    ),
]


class Pair:
    """A model in the reference and in this package."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reference = reference.SentencePieceProcessor(model_proto=model(name))
        self.own = own.SentencePieceProcessor(model_proto=model(name))

    def agree(self, method: str, *args: Any, **kwargs: Any) -> None:
        expected = outcome(getattr(self.reference, method), *args, **kwargs)
        actual = outcome(getattr(self.own, method), *args, **kwargs)
        assert actual == expected, (self.name, method, args, kwargs)


def outcome(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What a call returns, or the type of what it raises."""
    try:
        return function(*args, **kwargs)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        return type(error)


@pytest.fixture(scope="module", params=ALL)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    yield Pair(request.param)


def rng_of(pair: Pair) -> random.Random:
    return random.Random(zlib.crc32(pair.name.encode()))


def texts_for(pair: Pair, count: int) -> list[str]:
    """Hard strings, mixtures of pieces, and slices of the corpora."""
    rng = rng_of(pair)
    size = pair.reference.get_piece_size()
    pieces = list(map(pair.reference.id_to_piece, range(0, size, size // 97 + 1)))
    result = list(HARD)
    for _ in range(count):
        bits = rng.choices([*HARD[:-8], *pieces, " ", " ", "a", "in"], k=rng.randint(1, 12))
        result.append("".join(bits))
        result.append("".join(rng.choices(pieces, k=rng.randint(1, 20))).replace("▁", " "))
    result += rng.sample(hard_strings(len(pieces), pieces, 100), k=count)
    corpora = corpus_names()
    for name in rng.sample(corpora, k=min(len(corpora), count // 4)):
        corpus = read_corpus(name)[:300_000]
        begin = rng.randrange(len(corpus))
        result.append(corpus[begin : begin + rng.choice([20, 200, 2000])])
    return result


def check_text(pair: Pair, text: str | bytes) -> None:
    pair.agree("encode", text)
    pair.agree("encode", text, return_type="serialized_proto")
    pair.agree("encode", text, return_type=bytes)
    pair.agree("encode", text, return_type="offset_mapping")
    pair.agree("normalize", text)
    pair.agree("normalize", text, with_offsets=True)


def test_vocabulary(pair: Pair) -> None:
    size = pair.reference.get_piece_size()
    ids = list(range(size))
    pieces = pair.reference.id_to_piece(ids)
    assert len(pair.own) == size
    for method in ("id_to_piece", "get_score", "is_unknown", "is_control", "is_unused", "is_byte"):
        pair.agree(method, ids)
    pair.agree("piece_to_id", pieces)
    pair.agree("piece_to_id", [piece + "x" for piece in pieces])
    for method in ("unk_id", "bos_id", "eos_id", "pad_id", "serialized_model_proto"):
        pair.agree(method)


def test_encoding(pair: Pair) -> None:
    # Twice: the second time from what is remembered.
    for text in texts_for(pair, amount(40, 600)) * 2:
        check_text(pair, text)


def test_bytes_that_are_not_text(pair: Pair) -> None:
    for data in random_bytes(5, amount(60, 1000)):
        check_text(pair, data)


def test_decoding(pair: Pair) -> None:
    rng = rng_of(pair)
    size = pair.reference.get_piece_size()
    for text in texts_for(pair, amount(20, 200)):
        pair.agree("decode", pair.reference.encode(text))
        pieces = pair.reference.encode(text, return_type=str)
        pair.agree("decode", pieces)
        pair.agree("decode", pieces, return_type="serialized_proto")
        pair.agree("decode", [*pieces, "▁unheard-of", "<s>", text], return_type="offset_mapping")
    for _ in range(amount(60, 1000)):
        ids = [
            rng.randrange(min(size, rng.choice([10, 300, size]))) for _ in range(rng.randint(0, 9))
        ]
        for kind in (str, bytes, "serialized_proto", "offset_mapping"):
            pair.agree("decode", ids, return_type=kind)


def test_nbest(pair: Pair) -> None:
    for text in texts_for(pair, amount(10, 60)):
        for count in (1, 2, 9):
            pair.agree("nbest_encode", text[:120], nbest_size=count, return_type="serialized_proto")


def test_chunks(pair: Pair) -> None:
    rng = rng_of(pair)
    for text in texts_for(pair, amount(10, 100)):
        chunk_len = rng.choice([1, 2, 3, 5, 8, 17, 40, 100])
        for kind in (int, "serialized_proto"):
            pair.agree(
                "parallel_encode", text, chunk_len=chunk_len, num_threads=2, return_type=kind
            )


@pytest.mark.parametrize("name", ["unigram-bytes", "unigram-symbols", "bpe-bytes", "bpe-symbols"])
def test_any_text(name: str) -> None:
    pair = Pair(name)

    @settings(max_examples=amount(60, 3000), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(texts(), st.binary(max_size=40)))
    def check(text: str | bytes) -> None:
        check_text(pair, text)

    check()


def test_sums_of_scores_are_rounded_as_in_the_reference() -> None:
    """Long texts, whose sums of scores have few bits left for the pieces, and are reset."""
    for name in (*(("t5-base",) if HAVE_DATA else ()), "unigram-bytes", "unigram-symbols"):
        pair = Pair(name)
        rng = random.Random(1)
        words = [text for text in texts_for(pair, 60) if len(text) < 60]
        for size in (3_000, 60_000):
            text = " ".join(rng.choices(words, k=size))
            pair.agree("encode", text)


@pytest.mark.parametrize("name", [*("t5-base", "llama-2") * HAVE_DATA, "word", "bpe-bytes", "char"])
@pytest.mark.parametrize("unit", ["a", " ", "▁", "\xe9", "漢", "\u0301", "\0", "<x>"])
def test_a_million_of_one_character(name: str, unit: str) -> None:
    processor = own.SentencePieceProcessor(model_proto=model(name))
    text = unit * 1_000_000
    ids = processor.encode(text, return_type="numpy")
    assert processor.encode(unit * 1000) == reference.SentencePieceProcessor(
        model_proto=model(name)
    ).encode(unit * 1000)
    assert len(ids) <= 4 * len(text)
