"""Definitions put together at random, all families: tokmill against tokenizers.

Many texts go through one call, in different orders, so that what is remembered of one text is used
for the next: a wrong cut or a wrong memory shows.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import random_tokenizers
import tokenizers
from agreement import smallest
from definitions import amount

import tokmill
import tokmill.compat.tokenizers as compat

BLOCKS = 8


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns; None if it fails (tokenizers may panic)."""
    try:
        return call()
    except (KeyboardInterrupt, pytest.fail.Exception):
        raise
    except BaseException:
        return None


def has_twins(reference: tokenizers.Tokenizer, added: Sequence[dict[str, Any]]) -> bool:
    """Whether tokens become the same when normalized: the reference then takes one at random."""
    if reference.normalizer is None:
        return False
    contents = [token["content"] for token in added if token["normalized"]]
    forms = [
        outcome(lambda c=content: reference.normalizer.normalize_str(c)) for content in contents
    ]
    return len(set(forms)) < len(forms)


def encodings(reference: tokenizers.Tokenizer, text: str) -> tuple[Any, Any]:
    """With special tokens around the text and without; None where the reference fails."""
    return (
        outcome(lambda: reference.encode(text)),
        outcome(lambda: reference.encode(text, add_special_tokens=False)),
    )


@dataclass
class Case:
    """A definition in both libraries, and texts on which the reference does not panic."""

    seed: int
    definition: dict[str, Any]
    reference: tokenizers.Tokenizer
    native: tokmill.Tokenizer
    compat: compat.Tokenizer
    texts: list[str]
    expected: dict[str, tuple[tokenizers.Encoding, tokenizers.Encoding]]

    def fail(self, what: str, text: str, differs: Callable[[str], bool]) -> None:
        if differs(text):
            text = smallest(text, differs, 300)
        definition = {**self.definition, "model": {**self.definition["model"], "vocab": "..."}}
        pytest.fail(f"seed {self.seed}: {what} of {text!r}: {json.dumps(definition)[:1500]}")


def cases(seeds: range) -> Iterator[Case]:
    """What the reference accepts; tokmill must accept it too, but for empty added tokens."""
    for seed in seeds:
        definition, names = random_tokenizers.definition(seed)
        data = json.dumps(definition)
        reference = outcome(lambda data=data: tokenizers.Tokenizer.from_str(data))
        if reference is None:
            with_error = outcome(lambda data=data: tokmill.Tokenizer.from_bytes(data.encode()))
            assert with_error is None, f"seed {seed}: the reference refuses it"
            continue
        if has_twins(reference, definition["added_tokens"]):
            continue
        try:
            native = tokmill.Tokenizer.from_bytes(data.encode())
        except tokmill.UnsupportedTokenizer as error:
            assert "is the empty string" in str(error), f"seed {seed}"
            continue
        rng = random.Random(seed)
        texts = ["", " ", *(random_tokenizers.text(rng, names) for _ in range(25))]
        texts.append("".join(random_tokenizers.text(rng, names) for _ in range(25)))
        expected = {text: encodings(reference, text) for text in texts}
        for text in [text for text, found in expected.items() if None in found]:
            del expected[text]
            outcome(functools.partial(native.encode_with_offsets, text))  # no crash, at least
        drop_in = compat.Tokenizer.from_str(data)
        yield Case(seed, definition, reference, native, drop_in, list(expected), expected)


def check_ids(case: Case) -> None:
    rng = random.Random(case.seed)
    for add in (True, False):
        batch = case.texts * 2
        rng.shuffle(batch)
        expected = [case.expected[text][not add].ids for text in batch]
        rows = case.native.encode_batch(batch, add_special_tokens=add, threads=1)
        encodings = case.compat.encode_batch(batch, add_special_tokens=add)
        counts = case.native.count_batch(batch, add_special_tokens=add, threads=1)
        assert counts.tolist() == [len(row) for row in rows]
        for text, row, encoding, ids in zip(batch, rows.tolist(), encodings, expected, strict=True):
            if row != ids:
                case.fail(
                    "ids",
                    text,
                    lambda text: (
                        outcome(lambda: case.reference.encode(text).ids)
                        not in (None, case.native.encode(text).tolist())
                    ),
                )
            if encoding.ids != ids:
                case.fail(
                    "ids of the drop-in",
                    text,
                    lambda text: (
                        outcome(lambda: case.reference.encode(text).ids)
                        not in (None, case.compat.encode_batch([text])[0].ids)
                    ),
                )


def check_special_tokens_as_text(case: Case) -> None:
    case.reference.encode_special_tokens = True
    for text in case.texts[:10]:
        encoding = outcome(lambda text=text: case.reference.encode(text))
        if encoding is not None:
            ids = case.native.encode(text, special="text").tolist()
            assert ids == encoding.ids, f"seed {case.seed}: {text!r}"
    case.reference.encode_special_tokens = False


def check_offsets(case: Case) -> None:
    if "trim_offsets" in json.dumps(case.definition["post_processor"]):
        return  # post-processors change offsets; the native interface gives those before them
    for text in case.texts[:12]:
        ids, spans = case.native.encode_with_offsets(text, unit="char")
        encoding = case.expected[text][0]
        assert ids.tolist() == encoding.ids, f"seed {case.seed}: {text!r}"
        assert list(map(tuple, spans.tolist())) == encoding.offsets, f"seed {case.seed}: {text!r}"


def check_decoding(case: Case) -> None:
    rng = random.Random(case.seed)
    known = sorted(case.reference.get_vocab().values())
    for text in case.texts[:12]:
        ids = [*case.expected[text][0].ids, *rng.choices(known or [0], k=4)]
        if any(case.reference.id_to_token(one) is None for one in ids):
            continue  # a post-processor may put unknown ids around a text; these are refused
        for skip in (False, True):
            expected = outcome(lambda ids=ids, s=skip: case.reference.decode(ids, s))
            if expected is not None:
                got = case.native.decode(ids, skip_special_tokens=skip)
                assert got == expected, f"seed {case.seed}: {ids}"


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_definitions(block: int) -> None:
    count = amount(50, 3000)
    for case in cases(range(block * 100_000, block * 100_000 + count)):
        check_ids(case)
        check_special_tokens_as_text(case)
        check_offsets(case)
        check_decoding(case)
