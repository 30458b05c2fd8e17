"""Time grows with the length of the text and with nothing else, whatever the text is."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable

import pytest
from definitions import REAL, Definition, amount, needs_data, synthetic

import tokmill

MILLION = 1_000_000
LENGTH = amount(200_000, MILLION)
# A processor that is shared is slow now and then: only far too long is a fault.
SECONDS_FOR_A_MILLION = 4.0

CHARACTERS = (
    "aAſé中あ한ไا0٣½ \t\n\r\x85\xa0\u3000!_-='<|\x00"
    "\u0301\u0316\u1100\u1161\u3099\u200d😀🇩\U0010ffff\ufffd"
)

REPEATED = (
    *(
        "ab",
        "Ab",
        "aA",
        " a",
        "a ",
        "  \n",
        "\n ",
        "\r\n",
        "a'",
        "'s",
        "'S",
        "a1",
        "1a",
        "a!",
        "! ",
    ),
    *("中a", "é ", "e\u0301", "\u0301\u0316", "\u0316\u0301", "각\u11a8", "aé", "<|", "<|end"),
    *("<|endoftext|", "<|endoftext|>", " <|endoftext|>", "<mask> ", "  <mask>", "[MASK]\n", "the"),
    *(" the", "\t\t\t ", "abcdefghij", "👨‍👩‍👧", "/\n", "!\n", "xX"),
)

REAL_NAMES = ("hf-gpt2", "hf-qwen3", "hf-llama-3.1", "hf-modernbert-base", "tiktoken-o200k_base")
MADE_NAMES = (
    "pattern-kimi_k2",
    "pattern-deepseek_v3",
    "pattern-backtracking",
    "pattern-look_behind",
    "pattern-digits_from_the_right",
    "pattern-bytes-only",
    "model-merges-shuffled-0",
    "model-several-splits-shuffled-1",
    "split-chain",
    "added-long",
    "added-every-flag-words-nfc",
    "added-strip-and-spaces",
    "added-single-characters",
    "added-contained-in-each-other",
    "prefix-space-after-split",
)
DEFINITIONS = [one for one in REAL if str(one) in REAL_NAMES]
DEFINITIONS += [one for one in synthetic() if one.name in MADE_NAMES]


@pytest.fixture(scope="module", params=DEFINITIONS, ids=str)
def tokenizer(request: pytest.FixtureRequest) -> tokmill.Tokenizer:
    """A tokenizer of each kind of scanner, matcher and merge list."""
    found = request.param
    assert isinstance(found, Definition)
    if found.format != "synthetic" and needs_data.args[0]:
        pytest.skip("no data folder: set TOKMILL_DATA")
    return found.tokmill


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def assert_linear(
    tokenizer: tokmill.Tokenizer, text: str, limit: float = SECONDS_FOR_A_MILLION
) -> None:
    """A text takes no more than ``limit``, and not far more than eight times an eighth of it."""
    spent = seconds(lambda: tokenizer.count(text))
    if spent > 0.4:
        eighth = max(seconds(lambda: tokenizer.count(text[: len(text) // 8])), 0.005)
        again = min(spent, seconds(lambda: tokenizer.count(text)))
        assert again < 8 * 3 * eighth, f"{text[:20]!r}: {eighth:.3f} s, then {again:.3f} s"
        assert again < limit, f"{text[:20]!r}: {again:.3f} s"


def test_one_character(tokenizer: tokmill.Tokenizer) -> None:
    for character in CHARACTERS:
        assert_linear(tokenizer, character * LENGTH)


def test_one_string(tokenizer: tokmill.Tokenizer) -> None:
    for string in REPEATED:
        assert_linear(tokenizer, string * (LENGTH // len(string)))


def test_no_white_space(tokenizer: tokmill.Tokenizer) -> None:
    rng = random.Random(1)
    data = rng.randbytes(LENGTH * 3 // 4)
    assert_linear(tokenizer, base64.b64encode(data).decode())
    assert_linear(tokenizer, data.hex())
    assert_linear(tokenizer, "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=LENGTH)))
    assert_linear(tokenizer, "".join(rng.choices("abcABC", k=LENGTH)))
    assert_linear(tokenizer, "".join(rng.choices("的一是不了人我在有他这中大来上国", k=LENGTH)))
    assert_linear(tokenizer, "".join(rng.choices("\u0300\u0316\u0327\u0345a", k=LENGTH)))


def test_offsets_bytes_and_decoding(tokenizer: tokmill.Tokenizer) -> None:
    for string in ("a", " ", "é", "e\u0301", "\u0316\u0301", "<|endoftext|>", "  <mask>", "ab1 "):
        text = string * (LENGTH // 2 // len(string))
        broken = text.encode() + b"\x80" * (LENGTH // 5)  # a byte that every vocabulary has
        start = time.process_time()
        tokenizer.encode_with_offsets(text, unit="char")
        tokenizer.encode(broken)
        ids = tokenizer.encode(text)
        tokenizer.decode(ids)
        tokenizer.canonicalize(ids)
        assert time.process_time() - start < 3 * SECONDS_FOR_A_MILLION, string


def test_limits(tokenizer: tokmill.Tokenizer) -> None:
    text = "ab cd " * (MILLION // 3)
    ids = tokenizer.count(text)
    assert tokenizer.fits(text, ids)
    assert not tokenizer.fits(text, ids - 1)
    assert not tokenizer.fits(text, 100)


@pytest.mark.parametrize("name", ["gpt2", "o200k_base"])
def test_stops_early(name: str) -> None:
    tokenizer = tokmill.get_encoding(name)
    text = "ab cd " * (2 * MILLION)
    early = min(seconds(lambda: tokenizer.fits(text, 100)) for _ in range(5))
    assert early < min(seconds(lambda: tokenizer.count(text)) for _ in range(5)) / 2


@needs_data
def test_ten_megabytes_without_white_space() -> None:
    tokenizer = next(one for one in REAL if str(one) == "hf-llama-3.1").tokmill
    rng = random.Random(2)
    letters = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=10 * MILLION))
    for text in (
        letters,
        base64.b64encode(rng.randbytes(7_500_000)).decode(),
        "ab" * (5 * MILLION),
    ):
        ids = tokenizer.encode(text, add_special_tokens=False)
        assert tokenizer.decode_bytes(ids) == text.encode()
        assert_linear(tokenizer, text, 30)


@needs_data
@pytest.mark.parametrize("name", ["hf-llama-3.1", "tiktoken-o200k_base"])
def test_long_pieces_are_exact(name: str) -> None:
    """Pieces of many thousand bytes, merged by the reference as well."""
    definition = next(one for one in REAL if str(one) == name)
    rng = random.Random(3)
    texts = [character * length for character in "a =-é中\n" for length in (1000, 4097, 20_000)]
    texts += [
        "".join(rng.choices(alphabet, k=20_000)) for alphabet in ("ab", "abcdefghij", "的一是不了")
    ]
    texts += [string * 3000 for string in ("ab", "aA", "hello", "ではない")]
    expected = definition.reference.encode_batch(texts)
    assert definition.tokmill.encode_batch(texts).tolist() == expected
