"""Comparing tokmill with a reference, and making what differs small before it is reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from definitions import Definition, HfReference, Special

if TYPE_CHECKING:
    import tokmill


def smallest(text: str, differs: Callable[[str], bool], attempts: int = 3000) -> str:
    """A text, cut from ``text`` by removing stretches, that still differs."""
    width = len(text) // 2
    while width >= 1 and attempts > 0:
        start = 0
        while start < len(text) and attempts > 0:
            shorter = text[:start] + text[start + width :]
            attempts -= 1
            if differs(shorter):
                text = shorter
            else:
                start += width
        width //= 2
    return text


def report(definition: Definition, text: str, *, add_special_tokens: bool, special: Special) -> str:
    """One line that says how to see the difference, made with the shortest such text."""
    tokenizer, reference = definition.tokmill, definition.reference

    def both(candidate: str) -> tuple[list[int], list[int]]:
        expected = reference.encode_batch(
            [candidate], add_special_tokens=add_special_tokens, special=special
        )[0]
        got = tokenizer.encode(candidate, add_special_tokens=add_special_tokens, special=special)
        return got.tolist(), expected

    def differs(candidate: str) -> bool:
        if isinstance(reference, HfReference) and not reference.without_failing([candidate]):
            return False
        got, expected = both(candidate)
        return got != expected

    if not differs(text):
        return f"{definition}: {text!r} differs in a batch, but not alone"
    text = smallest(text, differs)
    got, expected = both(text)
    options = f"special={special!r}, add_special_tokens={add_special_tokens}"
    return f"{definition}: encode({text!r}, {options}): got {got}, expected {expected}"


def assert_rows(
    definition: Definition,
    texts: Sequence[str],
    batch: tokmill.Batch,
    expected: Sequence[Sequence[int]],
    *,
    add_special_tokens: bool,
    special: Special,
) -> None:
    """Fails with the first differing row, made small."""
    rows = batch.tolist()
    assert len(rows) == len(expected)
    for text, row, ids in zip(texts, rows, expected, strict=True):
        if row != list(ids):
            pytest.fail(
                report(definition, text, add_special_tokens=add_special_tokens, special=special)
            )


def assert_agrees(
    definition: Definition,
    texts: Sequence[str],
    *,
    add_special_tokens: bool = True,
    special: Special = "parse",
) -> list[list[int]]:
    """tokmill gives the ids of the reference for every text: str and bytes, ids and counts.

    Returns:
        The ids of the reference.
    """
    if not definition.parses_special:
        special = "text"
    tokenizer, reference = definition.tokmill, definition.reference
    if isinstance(reference, HfReference):
        texts = reference.without_failing(texts)
    options = {"add_special_tokens": add_special_tokens, "special": special}
    expected = reference.encode_batch(texts, add_special_tokens=add_special_tokens, special=special)
    batch = tokenizer.encode_batch(texts, **options)  # type: ignore[arg-type]
    assert_rows(
        definition, texts, batch, expected, add_special_tokens=add_special_tokens, special=special
    )
    from_bytes = tokenizer.encode_batch(
        [text.encode() for text in texts],
        add_special_tokens=add_special_tokens,
        special=special,
        threads=1,
    )
    assert from_bytes == batch
    counts = tokenizer.count_batch(texts, add_special_tokens=add_special_tokens, special=special)
    assert counts.dtype == np.int64
    assert np.array_equal(counts, np.diff(batch.offsets))
    return expected


def assert_calls_agree(definition: Definition, texts: Sequence[str]) -> None:
    """Calls for one text give what the batch gives."""
    tokenizer = definition.tokmill
    rows = tokenizer.encode_batch(texts).tolist()
    for text, ids in zip(texts, rows, strict=True):
        assert tokenizer.encode(text).tolist() == ids
        assert tokenizer.encode(text.encode()).tolist() == ids
        assert tokenizer.count(text) == tokenizer.count(text.encode()) == len(ids)
        assert tokenizer.fits(text, len(ids))
        assert tokenizer.fits(text, len(ids) + 1)
        assert not ids or not tokenizer.fits(text, len(ids) - 1)
        with_offsets, spans = tokenizer.encode_with_offsets(text)
        assert with_offsets.tolist() == ids
        assert spans.shape == (len(ids), 2)
