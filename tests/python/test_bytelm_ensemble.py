"""Ensembles over different vocabularies: identities that each rule has to fulfil."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bytelm_cases import CASES, Case
from bytelm_oracle import FiniteModel, words

from tokmill import InvalidInput
from tokmill.bytelm import ByteModel, ByteVocab, ensemble

MEMBERS = [CASES[0], CASES[1], next(case for case in CASES if case.name == "unreachable")]
TEXTS = words(b"ab", 3)
RULES = ["mixture", "product", "contrast", "bayes"]


def member(number: int, depth: int = 6, **options: Any) -> ByteModel:
    case: Case = MEMBERS[number]
    model = FiniteModel(len(case.tokens), case.eos, depth, seed=number)
    return ByteModel(case.vocab(), model, **options)


def probabilities(models: list[ByteModel], text: bytes) -> np.ndarray:
    return np.exp([model.next_byte_logprobs(text) for model in models])


def test_mixture() -> None:
    models = [member(0), member(1), member(2, covering="all")]
    mixed = ensemble(models, "mixture", [2, 1, 1])
    for text in TEXTS:
        wanted = np.array([0.5, 0.25, 0.25]) @ probabilities(models, text)
        np.testing.assert_allclose(np.exp(mixed.next_byte_logprobs(text)), wanted, atol=1e-12)


def test_product() -> None:
    models = [member(0), member(1)]
    for weights, exponents in ((None, [0.5, 0.5]), ([1.0, 2.0], [1.0, 2.0])):
        found = ensemble(models, "product", weights)
        for text in TEXTS:
            wanted = np.prod(probabilities(models, text) ** np.array(exponents)[:, None], axis=0)
            got = np.exp(found.next_byte_logprobs(text))
            np.testing.assert_allclose(got, wanted / wanted.sum(), atol=1e-12)


def test_contrast() -> None:
    models = [member(0), member(1), member(2)]
    found = ensemble(models, "contrast")
    for text in TEXTS:
        base, expert, anti = probabilities(models, text)[:, [97, 98, 256]]
        wanted = base * expert / anti
        got = np.exp(found.next_byte_logprobs(text))
        np.testing.assert_allclose(got[[97, 98, 256]], wanted / wanted.sum(), atol=1e-12)
        assert got.sum() == pytest.approx(1, abs=1e-12)


def test_bayes_is_the_mixture_of_texts() -> None:
    models = [member(0), member(1), member(2, covering="all")]
    weights = np.array([0.2, 0.3, 0.5])
    found = ensemble(models, "bayes", weights.tolist())
    for text in TEXTS:
        starts = np.exp([model.prefix_logprob(text) for model in models])
        np.testing.assert_allclose(found.prefix_logprob(text), np.log(weights @ starts), atol=1e-10)
        wholes = np.exp([model.logprob(text) for model in models])
        np.testing.assert_allclose(found.logprob(text), np.log(weights @ wholes), atol=1e-10)
        longer = [found.prefix_logprob(text + bytes([byte])) for byte in b"ab"]
        total = np.exp([*longer, found.logprob(text)]).sum()
        np.testing.assert_allclose(total, np.exp(found.prefix_logprob(text)), rtol=1e-10)


@pytest.mark.parametrize("rule", RULES)
def test_chain_rule_and_sums(rule: Any) -> None:
    found = ensemble([member(0), member(1), member(2)], rule)
    for text in TEXTS:
        distribution = found.next_byte_logprobs(text)
        assert np.exp(distribution).sum() == pytest.approx(1, abs=1e-12)
        logprobs = found.byte_logprobs(text)
        np.testing.assert_allclose(logprobs.sum(), found.prefix_logprob(text), atol=1e-10)
        end = found.prefix_logprob(text) + distribution[256]
        np.testing.assert_allclose(found.logprob(text), end, atol=1e-10)
    wanted = [found.logprob(text) for text in TEXTS]
    np.testing.assert_allclose(found.score_batch(TEXTS), wanted, atol=1e-12)


@pytest.mark.parametrize("rule", ["mixture", "product", "bayes"])
def test_a_model_with_itself_is_itself(rule: Any) -> None:
    lm = member(0)
    found = ensemble([lm, lm], rule)
    for text in TEXTS:
        wanted = lm.next_byte_logprobs(text)
        np.testing.assert_allclose(found.next_byte_logprobs(text), wanted, rtol=0, atol=1e-12)
    assert found.greedy(b"a", 5) == lm.greedy(b"a", 5)
    assert len(found.sample(b"a", 5, rng=0)) <= 5


@pytest.mark.parametrize("rule", RULES)
def test_states_can_be_driven_from_outside(rule: Any) -> None:
    context = [MEMBERS[0].eos]
    case = MEMBERS[0]
    model = FiniteModel(len(case.tokens), case.eos, 6, before=context)
    first = ByteModel(case.vocab(), model, context_tokens=context)
    models = [first, member(1), member(2)]
    found = ensemble(models, rule)
    state = found.state(b"ab")
    with pytest.raises(RuntimeError):
        state.next_byte_logprobs()
    while any(needs := state.needs()):
        rows = [
            lm.model([list(c) for c in contexts]) if contexts else []
            for lm, contexts in zip(models, needs, strict=True)
        ]
        state.supply(rows)
    assert state.position == 2
    assert np.array_equal(state.next_byte_logprobs(), found.next_byte_logprobs(b"ab"))
    np.testing.assert_allclose(state.prefix_logprob(), found.prefix_logprob(b"ab"), atol=1e-12)


def test_one_call_for_each_member() -> None:
    models = [member(0), member(1)]
    ensemble(models, "bayes").score_batch(TEXTS)
    assert [len(lm.model.calls) for lm in models] == [1, 1]


def certain(row: list[float]) -> ByteModel:
    with np.errstate(divide="ignore"):
        logs = np.log(row)
    vocab = ByteVocab.bpe([b"a", b"b", None], [], eos_ids=[2])
    return ByteModel(vocab, lambda contexts: np.tile(logs, (len(contexts), 1)))


def test_vetoes_and_floors() -> None:
    models = [certain([0.5, 0.25, 0.25]), certain([1.0, 0.0, 0.0])]
    vetoed = np.exp(ensemble(models, "product").next_byte_logprobs())
    assert vetoed[[97, 98, 256]].tolist() == [1, 0, 0]
    floored = np.exp(ensemble(models, "product", floor=1e-6).next_byte_logprobs())
    assert 0 < floored[98] < 1e-2
    nothing = [certain([1.0, 0.0, 0.0]), certain([0.0, 1.0, 0.0])]
    assert np.isneginf(ensemble(nothing, "product").next_byte_logprobs()).all()
    mixed = np.exp(ensemble(nothing).next_byte_logprobs())
    assert mixed[[97, 98, 256]].tolist() == [0.5, 0.5, 0]
    contrast = ensemble([models[0], models[0], models[1]], "contrast")
    with pytest.raises(InvalidInput, match="floor"):
        contrast.next_byte_logprobs()
    contrast = ensemble([models[0], models[0], models[1]], "contrast", floor=1e-3)
    assert np.isfinite(contrast.next_byte_logprobs()[98])
    # A member to which the text is impossible has no say any more.
    bayes = ensemble(nothing, "bayes")
    assert np.exp(bayes.next_byte_logprobs(b"a"))[97] == 1
    assert np.isneginf(bayes.prefix_logprob(b"ab"))


def test_wrong_options() -> None:
    models = [member(0), member(1)]
    with pytest.raises(ValueError, match="rule must be"):
        ensemble(models, "mean")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="3 weights"):
        ensemble(models, "mixture", [1, 2, 3])
    with pytest.raises(ValueError, match="negative"):
        ensemble(models, "mixture", [1, -1])
    with pytest.raises(ValueError, match="finite"):
        ensemble(models, "product", [1, np.nan])
    with pytest.raises(ValueError, match="all be 0"):
        ensemble(models, "bayes", [0, 0])
    with pytest.raises(ValueError, match="three models"):
        ensemble(models, "contrast")
    with pytest.raises(ValueError, match="at least one"):
        ensemble([])
    with pytest.raises(ValueError, match="floor"):
        ensemble(models, "product", floor=2)
    with pytest.raises(TypeError, match="ByteModels"):
        ensemble([models[0], lambda contexts: None])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="proper measures"):
        ensemble([member(0, renormalize="none"), models[1]], "bayes")
    with pytest.raises(ValueError, match="proper measures"):
        ensemble([member(0, covering="all", beam=3), models[1]], "bayes")


@pytest.mark.parametrize("rule", RULES)
def test_a_text_is_scored_as_a_whole(rule: Any) -> None:
    """The distributions along a text are those behind its beginnings, from one call a member."""
    calls = [0, 0, 0]

    def counted(number: int) -> ByteModel:
        case = MEMBERS[number]
        model = FiniteModel(len(case.tokens), case.eos, 6, seed=number)

        def ask(contexts: list[list[int]]) -> Any:
            calls[number] += 1
            return model(contexts)

        return ByteModel(case.vocab(), ask)

    combined = ensemble([counted(number) for number in range(3)], rule)
    for text in TEXTS:
        before = list(calls)
        found = combined.byte_distributions(text)
        assert [after - earlier for after, earlier in zip(calls, before, strict=True)] == [1, 1, 1]
        for size in range(len(text) + 1):
            wanted = np.exp(combined.next_byte_logprobs(text[:size]))
            np.testing.assert_allclose(np.exp(found[size]), wanted, atol=1e-12)
        places = np.frombuffer(text, np.uint8)
        chain = found[np.arange(len(text)), places].sum()
        assert combined.prefix_logprob(text) == pytest.approx(chain, abs=1e-10)
        assert combined.logprob(text) == pytest.approx(chain + found[-1, 256], abs=1e-10)
