"""The comparisons with definitions can fail: known mistakes do not pass them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bytelm_cases import CASES, Case
from bytelm_oracle import FiniteModel, bpe_encoder, words
from test_bytelm_exact import SEMANTICS, compare, expected, finite

from tokmill.bytelm import ByteModel, ByteVocab

Wrong = Callable[[Case, FiniteModel], ByteModel]


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def other_semantics(case: Case, model: FiniteModel) -> ByteModel:
    """All sequences in place of canonical ones."""
    return ByteModel(case.vocab(), model, covering="all")


def unmasked_ends(case: Case, model: FiniteModel) -> ByteModel:
    """Raw probabilities in place of masked and normalized ones."""
    return ByteModel(case.vocab(), model, renormalize="none")


def validity_in_isolation(case: Case, model: FiniteModel) -> ByteModel:
    """A sequence counts only if re-encoding its own bytes gives it back."""
    vocab = ByteVocab.from_callable(case.tokens, case.encode, [case.eos], witnesses=[])
    return ByteModel(vocab, model)


def pattern_forgotten(case: Case, model: FiniteModel) -> ByteModel:
    """Merging across the boundaries of pieces."""
    merges = {"contraction": [(0, 1, 3), (1, 2, 4), (2, 1, 5)]}
    merges["look-ahead"] = [(0, 0, 3), (0, 1, 4), (2, 2, 5), (3, 1, 6)]
    encode = bpe_encoder(case.tokens, merges[case.name])
    return ByteModel(ByteVocab.from_callable(case.tokens, encode, [case.eos]), model)


def slightly_wrong_rows(case: Case, model: FiniteModel) -> ByteModel:
    """Rows rounded to 32 bits."""
    return ByteModel(case.vocab(), lambda contexts: model(contexts).astype(np.float32))


def end_counted_twice(case: Case, model: FiniteModel) -> ByteModel:
    """The token that ends a text also under a byte of its name."""

    def ask(contexts: list[list[int]]) -> Any:
        rows = model(contexts)
        rows[:, 0] = np.logaddexp(rows[:, 0], rows[:, case.eos])
        return rows

    return ByteModel(case.vocab(), ask, rows="logits")


def context_shifted(case: Case, model: FiniteModel) -> ByteModel:
    """The row of the context without its last token."""
    return ByteModel(case.vocab(), lambda contexts: model([c[:-1] for c in contexts]))


MUTANTS: list[tuple[Wrong, str]] = [
    (other_semantics, "bpe"),
    (unmasked_ends, "bpe"),
    (validity_in_isolation, "contraction"),
    (validity_in_isolation, "look-ahead"),
    (pattern_forgotten, "contraction"),
    (pattern_forgotten, "look-ahead"),
    (slightly_wrong_rows, "bpe"),
    (end_counted_twice, "bpe"),
    (context_shifted, "bpe"),
]


@pytest.mark.parametrize(
    ("wrong", "name"), MUTANTS, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_mistake_is_seen(wrong: Wrong, name: str) -> None:
    case = named(name)
    model = finite(case, seed=1)
    masses = expected(case, model, "local")
    texts = words(case.alphabet, case.longest)
    with pytest.raises(AssertionError):
        compare(wrong(case, model), masses, texts)
    assert compare(ByteModel(case.vocab(), model, **SEMANTICS["local"]), masses, texts) > 5
