"""Fill in the middle, token healing and alignment, naive prompting: against listings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bytelm_cases import CASES, GPT2_PATTERN
from bytelm_oracle import FiniteModel, all_masses, bpe_encoder, words

from tokmill import InvalidInput
from tokmill.bytelm import (
    ByteModel,
    ByteVocab,
    FillInMiddle,
    FillTokens,
    align_prompt,
    aligned_state,
    byte_prefix_mask,
    naive_byte_distributions,
    naive_next_byte_logprobs,
)

TOKENS = [b"a", b"b", b" ", b"ab", b" a", b" ab", b"ba", None, None, None, None]
MERGES = [(0, 1, 3), (2, 0, 4), (4, 1, 5), (1, 0, 6)]
PRE, SUF, MID, EOT = 7, 8, 9, 10
FILL = FillTokens(PRE, SUF, MID)
ENCODE = bpe_encoder(TOKENS, MERGES, GPT2_PATTERN)


def vocab() -> ByteVocab:
    return ByteVocab.bpe(TOKENS, MERGES, GPT2_PATTERN, [EOT])


def model_behind(context: list[int], depth: int = 3) -> FiniteModel:
    return FiniteModel(len(TOKENS), EOT, depth, seed=2, before=context)


def test_suffix_first_is_exact() -> None:
    """The prefix stands before the middle: every way to tokenize across the cut counts."""
    prefix, suffix = b"b a", b"b ab"
    context = [PRE, SUF, *ENCODE(suffix), MID]
    model = model_behind(context)
    fill = FillInMiddle(
        vocab(), model, prefix, suffix, FILL, "spm", covering="all", special="forbid"
    )

    def row(ids: tuple[int, ...]) -> np.ndarray:
        values = model.row((*context, *ids)).copy()
        values[[PRE, SUF, MID]] = -np.inf
        return values - np.log(np.exp(values).sum())

    masses = all_masses(TOKENS, row, EOT)
    total = masses.starts[prefix]
    assert fill.rest == prefix
    for middle in words(b"ab ", 2):
        text = prefix + middle
        if text not in masses.starts:
            continue
        wanted = np.log(masses.starts[text] / total)
        np.testing.assert_allclose(fill.prefix_logprob(middle), wanted, atol=1e-9)
        np.testing.assert_allclose(
            fill.next_byte_logprobs(middle), masses.next_byte_logprobs(text), atol=1e-9
        )
        whole = masses.wholes.get(text, 0.0)
        if whole:
            np.testing.assert_allclose(fill.logprob(middle), np.log(whole / total), atol=1e-9)
            ends = np.log(whole / masses.starts[text])
            np.testing.assert_allclose(fill.end_logprob(middle), ends, atol=1e-9)


def test_prefix_first_leaves_the_last_word_open() -> None:
    prefix, suffix = b"ab ab a", b"b"
    head = ENCODE(b"ab ab")
    context = [PRE, *head, SUF, *ENCODE(suffix), MID]
    fill = FillInMiddle(vocab(), model_behind(context), prefix, suffix, FILL, covering="all")
    assert fill.rest == b" a"
    assert fill.model.context_tokens == tuple(context)
    plain = ByteModel(vocab(), model_behind(context), context_tokens=context, covering="all")
    wanted = plain.prefix_logprob(b" ab") - plain.prefix_logprob(b" a")
    np.testing.assert_allclose(fill.prefix_logprob(b"b"), wanted, atol=1e-12)
    assert fill.greedy(1)[:1] == plain.greedy(b" a", 1)[:1]
    assert len(fill.sample(3, rng=1)) <= 3


@pytest.mark.parametrize(
    ("prefix", "rest"),
    [(b"", b""), (b"ab", b"ab"), (b"ab ", b"ab "), (b"a ab", b" ab"), (b"a  b", b"  b")],
)
def test_where_a_prefix_is_divided(prefix: bytes, rest: bytes) -> None:
    """At the last word, behind something that is no space; nowhere, if there is no such place."""
    fill = FillInMiddle(vocab(), lambda contexts: None, prefix, b"", FILL)
    assert fill.rest == rest
    # What is fixed and what is open are encoded as the whole is.
    head = fill.model.context_tokens[1:-2]
    assert [*head, *ENCODE(rest)] == ENCODE(prefix)


def test_middles_that_join_on_to_the_suffix() -> None:
    prefix, suffix = b"b", b"b a"
    context = [PRE, SUF, *ENCODE(suffix), MID]
    fill = FillInMiddle(vocab(), model_behind(context, 5), prefix, suffix, FILL, "spm")
    lm = fill.model
    start = lm.prefix_logprob(prefix)
    middles = [b"a", b"ab", b" a", b""]
    for size in (0, 1, 2):
        ranked = fill.rank(middles, condition_suffix=size)
        assert [value for _, value in ranked] == sorted((v for _, v in ranked), reverse=True)
        for middle, value in ranked:
            text = prefix + middle + suffix[:size]
            wanted = (lm.prefix_logprob(text) if size else lm.logprob(text)) - start
            np.testing.assert_allclose(value, wanted, atol=1e-12)
    joined = fill.prefix_logprob(b"a") + fill.suffix_logprob(b"a", 2)
    np.testing.assert_allclose(joined, fill.prefix_logprob(b"ab "), atol=1e-12)


def test_wrong_orders_and_prefixes() -> None:
    with pytest.raises(ValueError, match="order must be"):
        FillInMiddle(vocab(), lambda c: None, b"a", b"", FILL, "pms")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        FillInMiddle(vocab(), lambda c: None, b"z", b"", FILL)

    def only_spaces(contexts: list[list[int]]) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.tile(np.log(np.eye(len(TOKENS))[2]), (len(contexts), 1))

    fill = FillInMiddle(vocab(), only_spaces, b"a", b"", FILL, "spm")
    with pytest.raises(InvalidInput, match="probability 0"):
        fill.prefix_logprob(b"b")


# --- healing --------------------------------------------------------------------------------

BPE = CASES[0]


def byte_model(**options: Any) -> ByteModel:
    return ByteModel(BPE.vocab(), FiniteModel(len(BPE.tokens), BPE.eos, 6), **options)


def test_prompts_are_taken_back() -> None:
    known = BPE.vocab()
    tokens = BPE.encode(b"ababb")
    for count in range(len(tokens) + 2):
        prompt = align_prompt(known, b"ababb", count)
        assert list(prompt.tokens) == tokens[: max(len(tokens) - count, 0)]
        assert known.decode(prompt.tokens) + prompt.rest == b"ababb"
    with pytest.raises(ValueError, match="backtrack"):
        align_prompt(known, b"ab", -1)


def test_masks_of_what_has_to_follow() -> None:
    known = BPE.vocab()
    for rest in words(b"ab", 3)[1:]:
        found = byte_prefix_mask(known, rest)
        for id, token in enumerate(BPE.tokens):
            agrees = token is not None and (token.startswith(rest) or rest.startswith(token))
            assert found[id] == agrees
    assert byte_prefix_mask(known, b"").all()
    prompt = align_prompt(known, b"abab", 4)
    while prompt.rest:
        prompt = prompt.append(known, int(np.flatnonzero(prompt.mask(known))[0]))
    assert known.decode(prompt.tokens).startswith(b"abab")
    with pytest.raises(ValueError, match="has to follow"):
        align_prompt(known, b"ab", 2).append(known, 1)


def test_alignment_ends_at_the_exact_distribution() -> None:
    lm = byte_model(covering="all")
    text = b"abab"
    exact = lm.next_byte_logprobs(text)

    def at(backtrack: int) -> np.ndarray:
        state = aligned_state(lm, text, backtrack)
        state._model._fill([state])
        return state.next_byte_logprobs()

    naive = naive_next_byte_logprobs(lm, text)
    np.testing.assert_allclose(at(0), naive, rtol=0, atol=1e-12)
    np.testing.assert_allclose(at(10), exact, rtol=0, atol=1e-12)
    assert abs(np.exp(at(0)) - np.exp(exact)).sum() > 0.01


def test_token_healing_by_its_definition() -> None:
    """The last token is taken back; those that begin with it, or continue it, take its place."""
    lm = byte_model()
    prompt = align_prompt(lm.vocab, b"abab")
    assert (prompt.tokens, prompt.rest) == ((2,), b"ab")
    state = aligned_state(lm, b"abab")
    state._model._fill([state])
    masses = all_masses(BPE.tokens, lambda ids: lm.model.row((2, *ids)), BPE.eos)
    wanted = masses.next_byte_logprobs(b"ab")
    np.testing.assert_allclose(state.next_byte_logprobs(), wanted, rtol=0, atol=1e-9)


def test_naive_prompting() -> None:
    context = (BPE.eos,)
    model = FiniteModel(len(BPE.tokens), BPE.eos, 6, before=context)
    lm = ByteModel(BPE.vocab(), model, context_tokens=context)
    text = b"abba"
    found = naive_byte_distributions(lm, text)
    assert len(model.calls) == 1
    for size in range(len(text) + 1):
        row = np.exp(model.row((*context, *BPE.encode(text[:size]))))
        wanted = np.zeros(257)
        for id, token in enumerate(BPE.tokens):
            wanted[256 if token is None else token[0]] += row[id]
        np.testing.assert_allclose(np.exp(found[size]), wanted, atol=1e-12)
        assert np.array_equal(naive_next_byte_logprobs(lm, text[:size]), found[size])


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_a_picture_takes_one_call(tmp_path: Any, ending: str) -> None:
    pytest.importorskip("matplotlib")
    from tokmill.bytelm import plot_next_bytes

    path = tmp_path / f"next{ending}"
    plot_next_bytes(byte_model(), b"abbaab" * 20, path)
    start = path.read_bytes()[:100]
    assert start.startswith(b"\x89PNG") if ending == ".png" else b"<?xml" in start
