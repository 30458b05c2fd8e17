"""Number tokenizers as tokenizers of transformers."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

import tokmill
from tokmill.compat.transformers import as_pretrained
from tokmill.numbers import Triadic

pytest.importorskip("transformers")

END = "<|endoftext|>"
TEXTS = ["", "1", "Pay 12,345.67 é\n中", f"1e6 {END}007", "\N{PILE OF POO} 3.14  "]


@pytest.fixture(scope="module", params=[{}, {"mode": "context"}, {"variant": "marker"}], ids=str)
def native(request: pytest.FixtureRequest) -> tokmill.Tokenizer:
    return Triadic(**request.param).attach(tokmill.get_encoding("gpt2"))


@pytest.fixture(scope="module")
def tok(native: tokmill.Tokenizer) -> Any:
    return as_pretrained(native, eos_token=END, pad_token=END, model_max_length=64)


def test_calls(native: tokmill.Tokenizer, tok: Any) -> None:
    for text in TEXTS:
        ids = native.encode(text).tolist()
        assert tok(text)["input_ids"] == ids
        assert tok.decode(ids) == text
        assert tok.convert_tokens_to_ids(tok.tokenize(text)) == ids
        plain = native.encode(text, special="text").tolist()
        assert tok(text, split_special_tokens=True)["input_ids"] == plain
        assert tok.decode(ids, skip_special_tokens=True) == text.replace(END, "")
    batch = tok(TEXTS, padding=True, truncation=True, max_length=5, return_special_tokens_mask=True)
    longest = min(5, max(len(native.encode(text)) for text in TEXTS))
    assert {len(row) for row in batch["input_ids"]} == {longest}
    for text, row, mask in zip(TEXTS, batch["input_ids"], batch["attention_mask"], strict=True):
        ids = native.encode(text).tolist()[:5]
        assert row == ids + [tok.pad_token_id] * (longest - len(ids))
        assert mask == [1] * len(ids) + [0] * (longest - len(ids))


def test_every_token_has_its_name(native: tokmill.Tokenizer, tok: Any) -> None:
    names = tok.convert_ids_to_tokens(range(native.vocab_size))
    assert len(set(names)) == native.vocab_size == len(tok)
    assert tok.convert_tokens_to_ids(names) == list(range(native.vocab_size))


def test_special_tokens_around(native: tokmill.Tokenizer) -> None:
    tok = as_pretrained(native, eos_token=END)
    tok._before, tok._behind = [7], [8, 9]  # as a tokenizer with a template has them
    ids, others = native.encode("12").tolist(), native.encode("3 4").tolist()
    found = tok("12", "3 4", return_token_type_ids=True, return_special_tokens_mask=True)
    assert found["input_ids"] == [7, *ids, 8, 9, 7, *others, 8, 9]
    assert found["token_type_ids"] == [0] * (len(ids) + 3) + [1] * (len(others) + 3)
    assert sum(found["special_tokens_mask"]) == 6
    assert tok("12", add_special_tokens=False)["input_ids"] == ids


def test_storing(native: tokmill.Tokenizer, tok: Any, tmp_path: Path) -> None:
    tok.save_pretrained(tmp_path)
    again = type(tok).from_pretrained(tmp_path)
    assert again.pad_token == END
    for other in (again, pickle.loads(pickle.dumps(tok)), copy.deepcopy(tok)):
        assert [other(text)["input_ids"] for text in TEXTS] == [
            tok(text)["input_ids"] for text in TEXTS
        ]


def test_added_tokens(native: tokmill.Tokenizer) -> None:
    tok = as_pretrained(native, eos_token=END)
    assert tok.add_tokens(["<new>"]) == 1
    assert len(tok) == native.vocab_size + 1
    ids = tok("a<new>12")["input_ids"]
    assert ids == [
        *native.encode("a").tolist(),
        native.vocab_size,
        *native.encode("12").tolist(),
    ]
    assert tok.decode(ids) == "a<new>12"
