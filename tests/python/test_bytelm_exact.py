"""Byte-level probabilities equal those by definition, for every semantics and tokenizer type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bytelm_cases import CASES, Case, random_case
from bytelm_oracle import (
    ByteSource,
    FiniteModel,
    Masses,
    PushedForward,
    all_masses,
    local_masses,
    none_masses,
    words,
)

from tokmill import InvalidInput
from tokmill.bytelm import ByteModel

TOLERANCE = 1e-9
SEMANTICS: dict[str, dict[str, str]] = {
    "local": {"covering": "canonical", "renormalize": "local"},
    "none": {"covering": "canonical", "renormalize": "none"},
    "all": {"covering": "all"},
}
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
by_semantics = pytest.mark.parametrize("semantics", SEMANTICS)


def finite(case: Case, depth: int | None = None, **options: Any) -> FiniteModel:
    depth = case.depth if depth is None else depth
    stop = case.oracle().may_stop
    options.setdefault("support", case.support)
    return FiniteModel(len(case.tokens), case.eos, depth, may_stop=stop, **options)


def expected(case: Case, model: FiniteModel, semantics: str) -> Masses:
    def row(ids: tuple[int, ...]) -> np.ndarray:
        return model.row((*model.before, *ids))

    if semantics == "all":
        return all_masses(case.tokens, row, case.eos)
    make = local_masses if semantics == "local" else none_masses
    return make(case.tokens, row, case.eos, case.oracle())


def assert_same(found: object, wanted: object, text: bytes) -> None:
    """Equal to 1e-9, and -inf in the same places."""
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE, err_msg=repr(text))


def compare(model: ByteModel, masses: Masses, texts: list[bytes]) -> int:
    """Compares everything about some texts; returns how many have a probability."""
    possible = 0
    for text in texts:
        try:
            prefix = model.prefix_logprob(text)
        except InvalidInput:
            assert text not in masses.starts, text
            continue
        assert_same(prefix, masses.prefix_logprob(text), text)
        assert_same(model.logprob(text), masses.logprob(text), text)
        assert_same(model.next_byte_logprobs(text), masses.next_byte_logprobs(text), text)
        if text in masses.starts:
            possible += 1
            assert_same(model.leak(text), masses.leak(text), text)
    return possible


@by_semantics
@by_name
def test_equals_the_definition(case: Case, semantics: str) -> None:
    model = finite(case, seed=1)
    found = ByteModel(case.vocab(), model, **SEMANTICS[semantics])
    masses = expected(case, model, semantics)
    assert compare(found, masses, words(case.alphabet, case.longest)) > 5


@by_semantics
@pytest.mark.parametrize("seed", range(4))
def test_random_vocabularies(seed: int, semantics: str) -> None:
    case = random_case(seed)
    model = finite(case, seed=seed, peak=3.0)
    found = ByteModel(case.vocab(), model, **SEMANTICS[semantics])
    compare(found, expected(case, model, semantics), words(case.alphabet, 3))


@by_semantics
def test_markov_model(semantics: str) -> None:
    case = CASES[0]
    model = finite(case, 5, seed=3, order=1)
    found = ByteModel(case.vocab(), model, **SEMANTICS[semantics])
    assert compare(found, expected(case, model, semantics), words(b"ab", 4)) > 20


@by_semantics
@by_name
def test_fixed_context(case: Case, semantics: str) -> None:
    context = (case.eos, 0)
    model = finite(case, 3, seed=4, before=context)
    found = ByteModel(case.vocab(), model, context_tokens=context, **SEMANTICS[semantics])
    compare(found, expected(case, model, semantics), words(case.alphabet, 2))


@by_semantics
@pytest.mark.parametrize("prefix", [b"a", b"ab"])
def test_text_prefix(prefix: bytes, semantics: str) -> None:
    """Everything is conditioned on bytes that stand before every text."""
    case = CASES[0]
    model = finite(case, 4, seed=5)
    found = ByteModel(case.vocab(), model, text_prefix=prefix, **SEMANTICS[semantics])
    whole = expected(case, model, semantics)
    total = whole.starts[prefix]
    size = len(prefix)

    def behind(masses: dict[bytes, float]) -> dict[bytes, float]:
        return {t[size:]: m / total for t, m in masses.items() if t.startswith(prefix)}

    masses = Masses(behind(whole.starts), behind(whole.wholes))
    assert compare(found, masses, words(b"ab", 3)) > 5


@by_semantics
@by_name
def test_pushed_forward_source_comes_back(case: Case, semantics: str) -> None:
    """No opinion about semantics: the model never says anything that is not canonical."""
    texts = [text for text in words(case.alphabet, 4) if case.oracle().encoding(text) is not None]
    source = ByteSource(texts, seed=6)
    model = PushedForward(source, case.encode, len(case.tokens), case.eos)
    found = ByteModel(case.vocab(), model, **SEMANTICS[semantics])
    compare(found, source.masses(), words(case.alphabet, 3))


@by_semantics
@by_name
def test_conservation(case: Case, semantics: str) -> None:
    model = finite(case, seed=7)
    found = ByteModel(case.vocab(), model, **SEMANTICS[semantics])
    assert found.prefix_logprob(b"") == 0
    for text in words(case.alphabet, 2):
        state = found._filled(text)
        mass = state.prefix_logprob()
        if mass == -np.inf:
            continue
        probabilities = np.exp(state.next_byte_logprobs())
        assert abs(probabilities.sum() - 1) <= 1e-12
        longer = [found.prefix_logprob(text + bytes([byte])) for byte in case.alphabet]
        parts = np.exp([*longer, found.logprob(text)])
        assert abs(parts.sum() / np.exp(mass) - (1 - state.leak())) <= 1e-10
        if semantics != "none":
            assert abs(state.leak()) <= 1e-12
        for byte, value in zip(case.alphabet, longer, strict=True):
            chained = mass + state.next_byte_logprobs()[byte] + np.log1p(-state.leak())
            np.testing.assert_allclose(value, chained, rtol=0, atol=1e-10)


def test_a_contraction_is_canonical_only_with_more_text() -> None:
    """ "'r" alone is two pieces, but "'re" is one."""
    case = next(case for case in CASES if case.name == "contraction")
    vocab = case.vocab()
    assert case.encode(b"'r") == [0, 1]
    assert vocab.is_canonical([3])
    assert not vocab.may_end([3])
    assert vocab.encode(b"'re") == case.encode(b"'re") == [3, 2]


@by_name
def test_canonical_sequences(case: Case) -> None:
    oracle, vocab = case.oracle(), case.vocab()
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        ids = waiting.pop()
        allowed = vocab.allowed(ids)
        for id in case.ids:
            wanted = case.tokens[id] is not None and oracle.canonical((*ids, id))
            assert bool(allowed[id]) == wanted, (ids, id)
            assert vocab.is_canonical((*ids, id)) == wanted
            if wanted and len(ids) < 3:
                waiting.append((*ids, id))
        assert vocab.may_end(ids) == oracle.may_end(ids), ids


def prefix_probability(case: Case, row: Callable[[tuple[int, ...]], np.ndarray], text: bytes):
    """P(x..) of a long text, for encoders that are closed under prefixes: the sum over the offsets
    at which the last token may begin, each with the encoding of what stands before it."""
    longest = max(len(token or b"") for token in case.tokens)
    total = -np.inf
    for start in range(max(0, len(text) - longest), len(text) + (not text)):
        before = tuple(case.encode(text[:start]))
        weight = 0.0
        for place, id in enumerate(before):
            weight += masked(case, row, before[:place])[id]
        values = masked(case, row, before)
        for id, token in enumerate(case.tokens):
            if token is not None and token.startswith(text[start:]):
                total = np.logaddexp(total, weight + values[id])
    return total


def masked(case: Case, row: Callable[[tuple[int, ...]], np.ndarray], ids: tuple[int, ...]):
    values = row(ids).copy()
    tail = ids[-3:]  # what is canonical shows in a few tokens here
    for id, token in enumerate(case.tokens):
        text = b"".join(case.tokens[i] or b"" for i in (*tail, id))
        if token is not None and case.encode(text) != [*tail, id]:
            values[id] = -np.inf
    return values - np.log(np.exp(values).sum())


def test_long_text() -> None:
    """1,200 bytes: log-probabilities far below what a double can hold as a probability."""
    case = CASES[0]
    rng = np.random.default_rng(8)
    text = bytes(rng.choice(list(b"ab"), size=1200).tolist())
    model = finite(case, 10_000, seed=9, peak=2.0, order=2)
    found = ByteModel(case.vocab(), model)
    wanted = prefix_probability(case, lambda ids: model.row(ids), text)
    assert wanted < -745
    np.testing.assert_allclose(found.prefix_logprob(text), wanted, rtol=1e-12, atol=1e-9)
    model.calls.clear()
    logprobs = found.byte_logprobs(text)
    np.testing.assert_allclose(logprobs.sum(), wanted, rtol=1e-12, atol=1e-9)
    assert len(model.calls) == 1
    assert len(model.calls[0]) == len(text) + 1
