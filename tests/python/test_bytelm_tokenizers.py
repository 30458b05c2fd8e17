"""Canonical sequences of real tokenizers, against encoding with witnesses behind."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def test_texts_in_nfc_alone_are_encoded(tmp_path: Path) -> None:
    """Masks under a normalizer, against encoding and against the sequences one token longer."""
    letters = {chr(c) for c in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))}
    letters |= {chr(256 + i) for i in range(256 - len(letters))}
    merges = ["Ì ģ", "Ã ©", "e Ì", "Ì £"]  # U+0301, U+00E9, e and part of a mark, U+0323
    vocab = {
        token: id
        for id, token in enumerate([*sorted(letters), *("".join(m.split()) for m in merges)])
    }
    definition: dict[str, Any] = {
        "added_tokens": [],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False},
        "decoder": None,
        "model": {"type": "BPE", "vocab": vocab, "merges": merges},
    }
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(definition))
    tokenizer = Tokenizer.from_file(path)
    compiled = ByteVocab.from_tokenizer(tokenizer, eos_ids=[])._compiled("strict", "canonical")
    rng = np.random.default_rng(5)
    characters = [*"eq a\u0301\u0323\u00e9\u1eb9\u212b\u0345", "\u1100", "\u1161", "\u11a8"]
    behind = [c.encode() for c in ("", "a", "\u0301", "\u0338")]
    witnesses = [
        *behind,
        *(bytes([c]) + w for c in range(0x80, 0xC0) for w in behind),
        *(bytes(c) for c in itertools.product(range(0x80, 0xC0), repeat=2)),
        *(bytes([c, 0x80, 0x80]) for c in range(0x80, 0xC0)),
    ]
    marks = b"e \xcc\x81\xa3\xe1\x84\x85\x86\xa8\xef\xa4\xff"
    tokens = [*range(256, len(vocab)), *(tokenizer.token_to_id(bytes([c])) for c in marks)]
    refused = 0
    for _ in range(40):
        text = "".join(rng.choice(characters, size=int(rng.integers(1, 4)))).encode()
        ids = encode(tokenizer, text)
        ids = ids[: int(rng.integers(1, len(ids) + 1))]
        allowed = compiled.allowed(ids)
        for token in rng.choice(tokens, size=12):
            sequence = [*ids, int(token)]
            spelled = b"".join(tokenizer.token_bytes(id) for id in sequence)
            wanted = any(
                encode(tokenizer, spelled + witness)[: len(sequence)] == sequence
                for witness in witnesses
                if is_utf8(spelled + witness)
            )
            assert compiled.is_canonical(sequence) == wanted == allowed[token], (spelled, sequence)
            by_itself = unicodedata.is_normalized("NFC", spelled.decode(errors="ignore"))
            refused += not wanted and not by_itself
    assert refused > 10
