"""ByteModel and State: how the model is asked, in what order, and what that must not change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bytelm_cases import CASES, Case
from bytelm_oracle import FiniteModel, all_masses, relabelled, words
from hypothesis import given, settings
from hypothesis import strategies as st

from tokmill import InvalidInput
from tokmill.bytelm import ByteModel, ByteVocab

BPE = CASES[0]
SEMANTICS: list[dict[str, str]] = [
    {"covering": "canonical", "renormalize": "local"},
    {"covering": "canonical", "renormalize": "none"},
    {"covering": "all"},
]
by_semantics = pytest.mark.parametrize("options", SEMANTICS, ids=["local", "none", "all"])
texts_of_ab = st.lists(st.sampled_from(b"ab"), max_size=8).map(bytes)


def finite(case: Case = BPE, depth: int = 9, **options: Any) -> FiniteModel:
    return FiniteModel(len(case.tokens), case.eos, depth, **options)


def byte_model(model: Any = None, **options: Any) -> ByteModel:
    return ByteModel(BPE.vocab(), finite() if model is None else model, **options)


# --- order, batches, forks ------------------------------------------------------------------


@by_semantics
@settings(max_examples=25, deadline=None)
@given(text=texts_of_ab, data=st.data())
def test_any_way_to_a_text_gives_the_same(
    options: dict[str, str], text: bytes, data: st.DataObject
) -> None:
    """Byte by byte with or without rows between, in pieces, forked: bit for bit the same."""
    lm = byte_model(**options)
    wanted = lm.next_byte_logprobs(text)
    state = lm.state()
    rest = text
    while rest:
        if data.draw(st.booleans()):
            lm._fill([state])
            state.push(ord("b")).needs()  # a fork that leads nowhere
        size = data.draw(st.integers(1, len(rest)))
        state, rest = state.push_bytes(rest[:size]), rest[size:]
    lm._fill([state])
    assert state.position == len(text)
    assert np.array_equal(state.next_byte_logprobs(), wanted)
    assert state.prefix_logprob() == lm.prefix_logprob(text)


@by_semantics
def test_forks_share_rows(options: dict[str, str]) -> None:
    lm = byte_model(**options)
    state = lm.state(b"ab")
    lm._fill([state])
    calls = len(lm.model.calls)
    middle = state.push(ord("a"))
    first, second = middle.push(ord("a")), middle.push(ord("b"))
    lm._fill([middle])
    assert len(lm.model.calls) == calls + 1
    for fork in (first, second):
        assert not set(fork.needs()) & set(lm.model.calls[-1])
        assert len(fork.needs()) <= 1 or options["covering"] == "all"


@by_semantics
def test_batches_are_independent(options: dict[str, str]) -> None:
    lm = byte_model(**options)
    texts = words(b"ab", 3)
    together = lm.score_batch(texts)
    asked = lm.model.calls[-1]
    assert len(lm.model.calls) == 1
    assert len(asked) == len(set(asked))
    assert together.tolist() == [lm.logprob(text) for text in texts]
    beginnings = lm.score_batch(texts, end=False)
    assert beginnings.tolist() == [lm.prefix_logprob(text) for text in texts]


@by_semantics
def test_known_texts_take_one_call(options: dict[str, str]) -> None:
    lm = byte_model(**options)
    text = b"abbaab"
    found = lm.byte_distributions(text)
    assert len(lm.model.calls) == 1
    assert found.shape == (len(text) + 1, 257)
    for size in range(len(text) + 1):
        alone = lm.next_byte_logprobs(text[:size])
        np.testing.assert_allclose(found[size], alone, rtol=0, atol=1e-12)
    leaks = [lm.leak(text[:size]) for size in range(len(text) + 1)]
    np.testing.assert_allclose(lm.byte_leaks(text), leaks, rtol=0, atol=1e-12)
    logprobs = lm.byte_logprobs(text)
    assert logprobs.shape == (len(text),)
    assert logprobs.tolist() == [found[i, byte] for i, byte in enumerate(text)]
    if options.get("renormalize") != "none":
        end = lm.next_byte_logprobs(text)[256]
        np.testing.assert_allclose(logprobs.sum() + end, lm.logprob(text), atol=1e-10)


def test_rows_of_a_known_text() -> None:
    """Plain BPE is closed under prefixes: n bytes have n + 1 contexts."""
    lm = byte_model()
    lm.byte_logprobs(b"abbaabab")
    assert len(lm.model.calls[0]) == 9


def test_streaming_asks_for_one_row_a_byte() -> None:
    lm = byte_model()
    state = lm.state()
    for byte in b"abbaab":
        assert len(state.needs()) <= 1
        lm._fill([state])
        state = state.push(byte)


def test_state_says_what_it_needs() -> None:
    context = (BPE.eos, 0)
    lm = byte_model(finite(before=context), context_tokens=context)
    state = lm.state(b"ab")
    with pytest.raises(RuntimeError, match="missing"):
        state.next_byte_logprobs()
    contexts = state.needs()
    assert all(found[:2] == context for found in contexts)
    state.supply(lm.model([list(found) for found in contexts]))
    assert state.needs() == []
    assert np.array_equal(state.next_byte_logprobs(), lm.next_byte_logprobs(b"ab"))


def test_any_event_loop_can_drive_it() -> None:
    lm = byte_model()

    async def ask(contexts: Sequence[Sequence[int]]) -> np.ndarray:
        await asyncio.sleep(0)
        return finite()([list(context) for context in contexts])

    async def score(text: bytes) -> float:
        state = lm.state()
        total = 0.0
        for byte in text:
            while contexts := state.needs():
                state.supply(await ask(contexts))
            total += float(state.next_byte_logprobs()[byte])
            state = state.push(byte)
        return total

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*(score(text) for text in (b"ab", b"ba", b"abba")))

    wanted = [lm.prefix_logprob(text) for text in (b"ab", b"ba", b"abba")]
    np.testing.assert_allclose(asyncio.run(all_of_them()), wanted, atol=1e-12)


# --- what must not matter -------------------------------------------------------------------


@by_semantics
@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(len(BPE.tokens))), text=texts_of_ab.filter(lambda t: len(t) < 5))
def test_ids_are_only_names(options: dict[str, str], order: list[int], text: bytes) -> None:
    model = finite()
    tokens = relabelled(BPE.tokens, order)
    merges = [(order[a], order[b], order[c]) for a, b, c in [(0, 1, 2), (1, 0, 3), (2, 0, 4)]]
    vocab = ByteVocab.bpe(tokens, merges, eos_ids=[order[BPE.eos]])

    def renamed(contexts: list[list[int]]) -> np.ndarray:
        rows = [model.row([order.index(id) for id in context]) for context in contexts]
        return np.array([[row[order.index(id)] for id in range(len(order))] for row in rows])

    found, wanted = ByteModel(vocab, renamed, **options), byte_model(model, **options)
    np.testing.assert_allclose(
        found.next_byte_logprobs(text), wanted.next_byte_logprobs(text), rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(found.logprob(text), wanted.logprob(text), rtol=0, atol=1e-12)


def test_rows_of_every_kind() -> None:
    """Logits, float32, integers, more columns than ids, lists: the same within the precision."""
    wanted = byte_model().next_byte_logprobs(b"ab")
    model = finite()

    def check(change: Any, tolerance: float, **options: Any) -> None:
        lm = byte_model(lambda contexts: change(model(contexts)), **options)
        np.testing.assert_allclose(lm.next_byte_logprobs(b"ab"), wanted, rtol=0, atol=tolerance)

    check(lambda rows: rows + 7.5, 1e-12)
    check(lambda rows: rows - 7.5, 1e-12, rows="logits")
    check(lambda rows: rows.astype(np.float32), 1e-5)
    check(lambda rows: rows.tolist(), 1e-12)
    check(lambda rows: np.pad(rows, ((0, 0), (0, 3)), constant_values=-np.inf), 1e-12)
    # Ids beyond the vocabulary never come: what they have goes to the others.
    padded = np.log(0.25)
    check(lambda rows: np.pad(rows + np.log(0.5), ((0, 0), (0, 2)), constant_values=padded), 1e-12)
    check(lambda rows: rows, 1e-12, token_transform=lambda rows: rows)


def test_token_transform_is_a_temperature_over_tokens() -> None:
    model = finite()
    hot = byte_model(lambda contexts: model(contexts) / 2, rows="logits")
    found = byte_model(model, rows="logits", token_transform=lambda rows: rows / 2)
    assert np.array_equal(found.next_byte_logprobs(b"a"), hot.next_byte_logprobs(b"a"))


def test_special_tokens() -> None:
    """A second token without bytes ends the text, is an outcome of its own, or never comes."""
    tokens = [*BPE.tokens, None]
    other = len(tokens) - 1
    vocab = ByteVocab.bpe(tokens, [(0, 1, 2), (1, 0, 3), (2, 0, 4)], eos_ids=[BPE.eos])
    model = FiniteModel(len(tokens), BPE.eos, 9)
    row = np.exp(model.row(()))

    def first(special: Any) -> tuple[np.ndarray, ByteModel]:
        lm = ByteModel(vocab, model, special=special, covering="all")
        return np.exp(lm.next_byte_logprobs()), lm

    ends, _ = first("eos")
    np.testing.assert_allclose(ends[256], row[BPE.eos] + row[other])
    forbidden, _ = first("forbid")
    np.testing.assert_allclose(forbidden[256], row[BPE.eos] / (1 - row[other]))
    apart, lm = first("other")
    np.testing.assert_allclose(apart[256], row[BPE.eos])
    np.testing.assert_allclose(np.exp(lm.other_logprob()), row[other])
    np.testing.assert_allclose(apart.sum(), 1 - row[other], atol=1e-12)


# --- accelerations --------------------------------------------------------------------------


class TreeOnly:
    """Answers trees; refuses lists of more than one context."""

    def __init__(self, model: FiniteModel) -> None:
        self.model = model
        self.trees = 0

    def next_token_logprobs(self, contexts: list[list[int]]) -> np.ndarray:
        assert len(contexts) == 1
        return self.model(contexts)

    def next_token_logprobs_tree(self, tokens: np.ndarray, parent: np.ndarray) -> np.ndarray:
        assert tokens.dtype == parent.dtype == np.int32
        self.trees += 1
        contexts: list[list[int]] = []
        for node, (token, above) in enumerate(zip(tokens, parent, strict=True)):
            assert above < node
            contexts.append([*(contexts[above] if above >= 0 else []), int(token)])
        return self.model(contexts)


class Blocks(TreeOnly):
    def next_token_logprobs_tree_blocks(self, tokens: Any, parent: Any, wanted: Any) -> Any:
        rows = self.next_token_logprobs_tree(tokens, parent)
        buffer = np.empty((2, rows.shape[1]))
        for start in range(0, len(wanted), 2):
            part = rows[wanted[start : start + 2]]
            buffer[: len(part)] = part  # what was given before is overwritten
            yield buffer[: len(part)]


class WithHandles:
    """Reads on from handles; a handle that was released must not be used."""

    def __init__(self, model: FiniteModel) -> None:
        self.model = model
        self.alive: set[object] = set()
        self.extended: list[tuple[int, ...]] = []

    def next_token_logprobs(self, contexts: list[list[int]]) -> np.ndarray:
        assert contexts == [[]]
        return self.model(contexts)

    def extend(self, handle: Any, token: int) -> Any:
        assert handle is None or id(handle) in self.alive
        longer = (*(handle.context if handle else ()), token)
        self.extended.append(longer)
        made = SimpleNamespace(context=longer)
        self.alive.add(id(made))
        return made, self.model.row(longer)

    def release(self, handle: Any) -> None:
        self.alive.remove(id(handle))


@by_semantics
@pytest.mark.parametrize("kind", [TreeOnly, Blocks, WithHandles])
@pytest.mark.parametrize("context", [(), (0, BPE.eos)])
def test_accelerations_change_nothing(
    kind: Any, context: tuple[int, ...], options: dict[str, str]
) -> None:
    text = b"abbaab"
    plain = byte_model(finite(before=context), context_tokens=context, **options)
    fast = kind(finite(before=context))
    lm = byte_model(fast, context_tokens=context, **options)
    assert np.array_equal(lm.byte_distributions(text), plain.byte_distributions(text))
    if kind is not WithHandles:
        assert fast.trees == 1
    assert np.array_equal(lm.score_batch([text, b"ba"]), plain.score_batch([text, b"ba"]))
    assert lm.greedy(b"a", 4) == plain.greedy(b"a", 4)


def test_handles_are_read_on_and_let_go() -> None:
    model = WithHandles(finite(depth=400))
    lm = byte_model(model)
    state = lm.state()
    for byte in b"ab" * 100:
        lm._fill([state])
        state = state.push(byte)
    assert len(model.extended) <= 201  # one step for each row
    assert len(model.alive) <= 64


class WithKeys:
    def __init__(self, model: FiniteModel, order: int) -> None:
        self.model, self.order = model, order
        self.asked = 0

    def next_token_logprobs(self, contexts: list[list[int]]) -> np.ndarray:
        self.asked += len(contexts)
        return np.array([self.row(context) for context in contexts])

    def row(self, context: Sequence[int]) -> np.ndarray:
        length = min(len(context), 3)
        logits = self.model.row([0] * (length - 1) + list(context[-1:]))
        return logits

    def state_key(self, context: Sequence[int]) -> tuple[int, ...]:
        return (min(len(context), 3), *context[-1:])


def test_equal_keys_are_merged() -> None:
    """All tokenizations of 200 bytes, some 10 ** 50, in a few rows; exact."""
    model = WithKeys(finite(depth=10), 1)
    lm = byte_model(model, covering="all")
    rng = np.random.default_rng(0)
    text = bytes(rng.choice(list(b"ab"), size=200).tolist())
    found = lm.prefix_logprob(text)
    assert model.asked <= 3 * len(BPE.tokens)
    slow = byte_model(lambda contexts: model.next_token_logprobs(contexts), covering="all")
    for size in range(9):
        short = text[:size]
        wanted = slow.next_byte_logprobs(short)
        np.testing.assert_allclose(lm.next_byte_logprobs(short), wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(lm.logprob(short), slow.logprob(short), rtol=0, atol=1e-11)
        merged = [value for _, value in lm._filled(short).cover(50)]
        listed = [value for _, value in slow._filled(short).cover(50)]
        np.testing.assert_allclose(merged, listed, rtol=0, atol=1e-11)
    logprobs = lm.byte_logprobs(text)
    np.testing.assert_allclose(logprobs.sum(), found, rtol=0, atol=1e-9)


# --- bounds ---------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(text=texts_of_ab, beam=st.integers(1, 6), seed=st.integers(0, 3))
def test_bounds_contain_the_exact_value(text: bytes, beam: int, seed: int) -> None:
    lm = byte_model(finite(seed=seed, peak=2.0), covering="all")
    exact = lm.prefix_logprob(text)
    low, high = lm.prefix_logprob_bounds(text, beam=beam)
    assert low <= exact + 1e-12
    assert exact <= high + 1e-12
    wide = lm.prefix_logprob_bounds(text, beam=10**9)
    np.testing.assert_allclose(wide, exact, rtol=0, atol=1e-10)


def test_bounds_with_a_text_prefix() -> None:
    lm = byte_model(covering="all", text_prefix=b"ab")
    for text in words(b"ab", 4):
        low, high = lm.prefix_logprob_bounds(text, beam=2)
        assert low - 1e-12 <= lm.prefix_logprob(text) <= high + 1e-12


@settings(max_examples=20, deadline=None)
@given(text=texts_of_ab, eps=st.sampled_from([1e-3, 1e-2, 0.1]))
def test_eps_bounds_the_error(text: bytes, eps: float) -> None:
    model = finite(peak=3.0)
    exact = np.exp(byte_model(model).next_byte_logprobs(text))
    found = np.exp(byte_model(model, eps=eps).next_byte_logprobs(text))
    assert abs(found - exact).sum() / 2 <= eps + 1e-12


# --- texts and tokens -----------------------------------------------------------------------


@by_semantics
def test_samples_follow_the_distribution(options: dict[str, str]) -> None:
    lm = byte_model(finite(depth=4), **options)
    count = 3000
    drawn = lm.sample_batch([b"a"] * count, 2, rng=1)
    for text in words(b"ab", 2)[1:]:
        if len(text) < 2:
            continue
        chain = lm.next_byte_logprobs(b"a")[text[0]]
        chain += lm.next_byte_logprobs(b"a" + text[:1])[text[1]]
        share = sum(found == text for found in drawn) / count
        assert abs(share - np.exp(chain)) < 4 * np.sqrt(0.25 / count)


def test_batched_samples_share_calls() -> None:
    lm = byte_model(finite(depth=40))
    lm.sample_batch([b"", b"a", b"b", b"ab"], 6, rng=0)
    assert len(lm.model.calls) <= 6


def test_sampling_options() -> None:
    lm = byte_model(finite(depth=40))
    assert lm.sample(b"a", 5, rng=3) == lm.sample(b"a", 5, rng=3)
    assert lm.sample(b"a", 5, temperature=0) == lm.greedy(b"a", 5)
    assert lm.sample(b"a", 5, top_p=1e-9) == lm.greedy(b"a", 5)
    long = lm.greedy(b"a", 20)
    assert long[2:4]
    stopped = lm.greedy(b"a", 20, stop=long[2:4])
    assert long.startswith(stopped + long[2:4])
    assert lm.greedy(b"a", 0) == b""


@by_semantics
def test_greedy_takes_the_best_byte(options: dict[str, str]) -> None:
    lm = byte_model(finite(depth=4), **options)
    text = b""
    while (best := int(lm.next_byte_logprobs(text).argmax())) != 256:
        text += bytes([best])
    assert lm.greedy(b"", 100) == text


@pytest.mark.parametrize("options", [SEMANTICS[0], SEMANTICS[2]], ids=["local", "all"])
def test_completions_follow_the_distribution(options: dict[str, str]) -> None:
    """A cover drawn in proportion to its probability, then tokens: the same law over texts."""
    lm = byte_model(finite(depth=3), **options)
    total = lm.prefix_logprob(b"ab")
    rng = np.random.default_rng(2)
    count = 2000
    drawn = [lm.complete(b"ab", 10, rng=rng) for _ in range(count)]
    assert all(ids[-1] == BPE.eos for ids in drawn)
    spelled = [lm.vocab.decode(ids) for ids in drawn]
    assert all(text.startswith(b"ab") for text in spelled)
    for text in (b"ab", b"aba", b"abb"):
        wanted = np.exp(lm.logprob(text) - total)
        assert abs(spelled.count(text) / count - wanted) < 4 * np.sqrt(0.25 / count)
    if options["covering"] == "canonical":
        assert all(lm.vocab.is_canonical(ids[:-1]) for ids in drawn)


@by_semantics
def test_token_prompts_are_the_best_covers(options: dict[str, str]) -> None:
    lm = byte_model(finite(depth=4), **options)
    prompts = lm.token_prompts(b"aba", 1000)
    shares = [share for _, share in prompts]
    assert shares == sorted(shares, reverse=True)
    np.testing.assert_allclose(sum(shares), 1, atol=1e-12)
    for ids, _ in prompts:
        assert lm.vocab.decode(ids).startswith(b"aba")
        assert not lm.vocab.decode(ids[:-1]).startswith(b"aba")
    assert lm.token_prompts(b"aba", 2) == prompts[:2]


def test_token_prompts_have_the_context() -> None:
    lm = byte_model(finite(before=(BPE.eos,)), context_tokens=[BPE.eos])
    assert all(ids[0] == BPE.eos for ids, _ in lm.token_prompts(b"ab", 5))


def test_bits_per_byte() -> None:
    lm = byte_model()
    text = "abba"
    assert lm.bits_per_byte(text) == -lm.prefix_logprob(text) / 4 / np.log(2)
    assert lm.bits_per_byte(text, end=True) == -lm.logprob(text) / 4 / np.log(2)


def test_with_options() -> None:
    lm = byte_model(finite(depth=4), text_prefix=b"a")
    other = lm.with_options(covering="all")
    assert other.text_prefix == b"a"
    masses = all_masses(BPE.tokens, lambda ids: lm.model.row(ids), BPE.eos)
    wanted = np.log(masses.starts[b"aba"] / masses.starts[b"a"])
    np.testing.assert_allclose(other.prefix_logprob(b"ba"), wanted, atol=1e-12)


def test_lone_surrogate_is_named_with_its_position() -> None:
    vocab = ByteVocab.bpe([b"a", None], [], eos_ids=[1])
    model = ByteModel(vocab, lambda contexts: np.zeros((len(contexts), 2)), rows="logits")
    with pytest.raises(InvalidInput, match="lone surrogate") as caught:
        model.prefix_logprob("a\ud800")
    assert caught.value.position == 1
