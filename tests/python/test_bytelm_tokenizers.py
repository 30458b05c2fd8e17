"""Canonical sequences of real tokenizers, against encoding with witnesses behind."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tokmill
from tokmill import Tokenizer
from tokmill.bytelm import ByteModel, ByteVocab

SHIPPED = ["gpt2", "cl100k_base", "o200k_base"]
FILES = ["llama-3.1", "gpt-oss", "starcoder2", "whisper-tiny"]
FRAGMENTS = (
    *"aAsdmtlrvE1'.!/_-\n\t\r ",
    "  ",
    "the",
    "'re",
    "'ll",
    " of",
    "\n\n",
    "12",
    "345",
    "é",
    "中文",
    "\u0301",
    "🙂",
    "<|endoftext|>",
)
CLASSES = [c.encode() for c in ("a", "A", "s", "e", "l", "'", "1", ".", "/", " ", "\n", "é", "中")]
WITNESSES = [
    b"",
    *CLASSES,
    *(a + b for a, b in itertools.product(CLASSES, CLASSES)),
    *(c.encode() for c in ("\x01", "א", "𐀀")),  # nothing merges with them
    # Completed characters: a byte pair may merge, but not all do.
    *(bytes([second]) + rest for second in range(0x80, 0xC0) for rest in (b"", b"\x95", b"\xbf")),
    *(b"\x80" * size + a for size in (1, 2, 3) for a in (b"", b"a")),
    *(b"\xbf" * size for size in (1, 2, 3)),
]


@pytest.fixture(scope="module", params=[*SHIPPED, *FILES])
def tokenizer(request: pytest.FixtureRequest, data_file: Callable[[str], Path]) -> Tokenizer:
    if request.param in SHIPPED:
        return tokmill.get_encoding(request.param)
    return Tokenizer.from_file(data_file(f"tokenizers/hf/{request.param}.json"))


def texts(count: int, seed: int) -> list[bytes]:
    rng = np.random.default_rng(seed)
    return [
        "".join(rng.choice(FRAGMENTS, size=int(rng.integers(1, 9)))).encode() for _ in range(count)
    ]


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def encode(tokenizer: Tokenizer, text: bytes) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False, special="text").tolist()


def test_encodings_are_canonical(tokenizer: Tokenizer) -> None:
    vocab = ByteVocab.from_tokenizer(tokenizer)
    for text in texts(150, 0):
        ids = encode(tokenizer, text)
        assert vocab.encode(text) == ids, text
        assert vocab.may_end(ids), text
        for size in range(len(ids)):
            assert vocab.is_canonical(ids[:size])
            assert vocab.allowed(ids[:size])[ids[size]], (text, ids, size)


def test_sequences_without_a_text_are_not(tokenizer: Tokenizer) -> None:
    """Encodings with their last tokens cut elsewhere, and with any token behind; valid UTF-8."""
    vocab = ByteVocab.from_tokenizer(tokenizer)
    strict = vocab._compiled("strict", "canonical")
    rng = np.random.default_rng(1)
    by_bytes = {vocab.token_bytes(id): id for id in range(vocab.id_count)}
    counts = [0, 0]
    for text in texts(120, 2):
        ids = encode(tokenizer, text)
        cut = int(rng.integers(len(text)))
        for other in ([*encode(tokenizer, text[:cut]), *encode(tokenizer, text[cut:])], ids):
            shortened = other[: int(rng.integers(1, len(other) + 1))]
            last = text[cut : cut + int(rng.integers(1, 5))]
            for sequence in (shortened, [*shortened[:-1], by_bytes.get(last, shortened[-1])]):
                spelled = vocab.decode(sequence)
                wanted = any(
                    encode(tokenizer, spelled + witness)[: len(sequence)] == sequence
                    for witness in WITNESSES
                    if is_utf8(spelled + witness)
                )
                assert strict.is_canonical(sequence) == wanted, (spelled, sequence)
                assert vocab.is_canonical(sequence) >= wanted, (spelled, sequence)
                ends = is_utf8(spelled) and encode(tokenizer, spelled) == sequence
                assert strict.may_end(sequence) == ends
                counts[wanted] += 1
    assert min(counts) > 20


def test_set_up_and_scoring(tokenizer: Tokenizer) -> None:
    """A text of n bytes: at most 1.2 n rows in one call; every distribution sums to 1."""
    rows: list[int] = []

    def uniform(contexts: list[list[int]]) -> np.ndarray:
        rows.append(len(contexts))
        return np.full((len(contexts), tokenizer.vocab_size), 0.0, np.float32)

    lm = ByteModel(tokenizer, uniform, rows="logits")
    text = "It's the 1st of\n\n  many texts; they'll do.  déjà vu".encode()
    found = lm.byte_distributions(text)
    assert len(rows) == 1
    assert rows[0] <= 1.2 * len(text)
    assert abs(np.exp(found).sum(axis=1) - 1).max() <= 1e-12
    assert np.isfinite(lm.logprob(text))


def test_special_tokens_are_never_text(tokenizer: Tokenizer) -> None:
    vocab = ByteVocab.from_tokenizer(tokenizer)
    for name, id in tokenizer.special_tokens.items():
        assert vocab.token_bytes(id) is None
        assert id in vocab.special_ids
        assert id not in vocab.encode(name)


def test_ends_are_found_by_their_names(tokenizer: Tokenizer) -> None:
    names = {tokenizer.id_to_token(id) for id in ByteVocab.from_tokenizer(tokenizer).eos_ids}
    assert len(names) == 1
    assert names <= {"<|endoftext|>", "<|end_of_text|>"}


def test_strict_utf8() -> None:
    tok = tokmill.get_encoding("gpt2")
    lm = ByteModel(tok, lambda c: np.zeros((len(c), tok.vocab_size)), rows="logits", utf8="strict")
    behind = lm.next_byte_logprobs("é".encode()[:1])
    continuation = np.arange(0x80, 0xC0)
    assert np.isfinite(behind[continuation]).all()
    assert np.exp(behind[continuation]).sum() == pytest.approx(1)
    assert np.isneginf(lm.next_byte_logprobs(b"a")[[0x80, 0xC0, 0xFF]]).all()
    assert lm.prefix_logprob(b"a\xff") == -np.inf
