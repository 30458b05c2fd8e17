"""What is wrong with an input, and where: typed errors; and what is no error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bytelm_cases import CASES
from bytelm_oracle import FiniteModel

import tokmill
from tokmill import InvalidInput, InvalidTokenizer, UnsupportedTokenizer
from tokmill.bytelm import ByteModel, ByteVocab

BPE = CASES[0]
SIZE = len(BPE.tokens)
COVERINGS: list[dict[str, Any]] = [
    {},
    {"renormalize": "none"},
    {"covering": "all"},
    {"covering": "all", "beam": 4},
]
by_covering = pytest.mark.parametrize("options", COVERINGS, ids=["local", "none", "all", "beam"])


def broken(change: Any, at: int = 1) -> Any:
    """A model whose row number `at` of a call is changed."""
    model = FiniteModel(SIZE, BPE.eos, 9)

    def ask(contexts: list[list[int]]) -> np.ndarray:
        rows = model(contexts)
        if len(rows) > at:
            rows[at] = change(rows[at])
        return rows

    return ask


# --- rows -----------------------------------------------------------------------------------


def nan_inside(row: np.ndarray) -> np.ndarray:
    return np.where(np.arange(SIZE) == 2, np.nan, row)


BAD_ROWS = {
    "nan": (nan_inside, "[Nn]a[Nn]"),
    "nothing": (lambda row: np.full(SIZE, -np.inf), "-inf"),
    "infinite": (lambda row: np.full(SIZE, np.inf), "inf"),
    "unnormalized": (lambda row: row - 0.1, "sum"),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
@pytest.mark.parametrize("covering", ["canonical", "all"])
def test_bad_rows_are_named(kind: str, covering: Any) -> None:
    change, reason = BAD_ROWS[kind]
    lm = ByteModel(BPE.vocab(), broken(change), covering=covering)
    with pytest.raises(InvalidInput, match=reason) as caught:
        lm.next_byte_logprobs(b"abb")
    assert caught.value.index == 1
    assert "row 1" in str(caught.value)
    assert "context [" in str(caught.value)
    with pytest.raises(InvalidInput, match=reason) as caught:
        lm.byte_logprobs(b"abb")
    assert caught.value.index == 1


def test_bad_rows_of_a_finite_state_model_and_a_callable_vocabulary() -> None:
    vocab = ByteVocab.from_callable(BPE.tokens, BPE.encode, [BPE.eos])
    for change, reason in BAD_ROWS.values():
        lm = ByteModel(vocab, broken(change))
        with pytest.raises(InvalidInput, match=reason) as caught:
            lm.next_byte_logprobs(b"abb")
        assert caught.value.index == 1


@by_covering
@pytest.mark.parametrize(
    "shape",
    [(0, SIZE), (1, SIZE - 1), (SIZE,), (1, 1, SIZE), (2, SIZE), ()],
    ids=str,
)
def test_rows_of_the_wrong_shape(shape: tuple[int, ...], options: dict[str, Any]) -> None:
    lm = ByteModel(BPE.vocab(), lambda contexts: np.zeros(shape), **options)
    for ask in (lm.next_byte_logprobs, lm.byte_logprobs):
        with pytest.raises(InvalidInput, match="shape"):
            ask(b"")


@pytest.mark.parametrize(
    "rows", [[["x"] * SIZE], np.zeros((1, SIZE), complex), [[0.0] * SIZE, [0.0]], None], ids=repr
)
def test_rows_that_are_no_numbers(rows: Any) -> None:
    lm = ByteModel(BPE.vocab(), lambda contexts: rows)
    with pytest.raises(InvalidInput):
        lm.next_byte_logprobs(b"")


def test_supplied_rows_are_checked() -> None:
    state = ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9)).state(b"ab")
    count = len(state.needs())
    with pytest.raises(InvalidInput, match="shape"):
        state.supply(np.zeros((count + 1, SIZE)))
    rows = np.full((count, SIZE), np.log(1 / SIZE))
    rows[count - 1, 0] = np.nan
    with pytest.raises(InvalidInput, match=r"[Nn]a[Nn]") as caught:
        state.supply(rows)
    assert caught.value.index == count - 1
    rows[count - 1, 0] = rows[0, 0]
    if count := len(state.needs()):
        state.supply(rows[:count])
    assert np.isfinite(state.prefix_logprob())


def test_rows_kind_is_a_promise() -> None:
    scaled = broken(lambda row: row - 0.1, at=0)
    with pytest.raises(InvalidInput, match="rows"):
        ByteModel(BPE.vocab(), scaled).next_byte_logprobs(b"")
    exact = ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9)).next_byte_logprobs(b"")
    found = ByteModel(BPE.vocab(), scaled, rows="logits").next_byte_logprobs(b"")
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12)
    logits = broken(lambda row: row + 5, at=0)
    with pytest.raises(InvalidInput):
        ByteModel(BPE.vocab(), logits, rows="logprobs").next_byte_logprobs(b"")


def test_an_error_of_the_model_comes_through() -> None:
    def ask(contexts: list[list[int]]) -> Any:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        ByteModel(BPE.vocab(), ask).next_byte_logprobs(b"")


# --- texts ----------------------------------------------------------------------------------


@by_covering
def test_a_byte_without_a_token(options: dict[str, Any]) -> None:
    lm = ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9), **options)
    for ask in (lm.next_byte_logprobs, lm.byte_logprobs, lm.logprob, lm.sample, lm.complete):
        with pytest.raises(InvalidInput, match="0x7a") as caught:
            ask(b"abzb")
        assert caught.value.position == 2
    with pytest.raises(InvalidInput) as caught:
        lm.state(b"ab").push(ord("z"))
    assert caught.value.position == 2
    with pytest.raises(InvalidInput):
        ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9), text_prefix=b"z")


@by_covering
def test_probability_zero_is_no_error(options: dict[str, Any]) -> None:
    """A text that the model never says has the log-probability -inf, and never a NaN."""
    with np.errstate(divide="ignore"):
        row = np.log([0.5, 0.0, 0.0, 0.0, 0.0, 0.5])
    lm = ByteModel(BPE.vocab(), lambda contexts: np.tile(row, (len(contexts), 1)), **options)
    for text in (b"b", b"ab", b"abab", b"aab"):
        assert lm.prefix_logprob(text) == -np.inf
        assert lm.logprob(text) == -np.inf
        assert np.isneginf(lm.next_byte_logprobs(text)).all()
        assert lm.leak(text) == 0
        assert lm.prefix_logprob_bounds(text) == (-np.inf, -np.inf)
        assert lm.token_prompts(text, 3) == []
        assert lm.bits_per_byte(text) == np.inf
        with pytest.raises(InvalidInput, match="probability 0"):
            lm.sample(text, 3)
        with pytest.raises(InvalidInput, match="probability 0"):
            lm.complete(text, 3)
    logprobs = lm.byte_logprobs(b"aba")
    assert np.isfinite(logprobs[0])
    assert np.isneginf(logprobs[1:]).all()
    with pytest.raises(InvalidInput, match="text prefix"):
        lm.with_options(text_prefix=b"b").prefix_logprob(b"a")


def test_texts_of_other_types() -> None:
    lm = ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9))
    assert (
        lm.prefix_logprob("ab") == lm.prefix_logprob(b"ab") == lm.prefix_logprob(bytearray(b"ab"))
    )
    with pytest.raises(TypeError, match="bytes or str"):
        lm.prefix_logprob([97])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="empty"):
        lm.bits_per_byte(b"")
    assert lm.byte_logprobs(b"").shape == (0,)
    assert lm.byte_distributions(b"").shape == (1, 257)
    assert lm.score_batch([]).shape == (0,)


# --- options --------------------------------------------------------------------------------


@pytest.mark.parametrize("context", [[SIZE], [0, -1]])
def test_a_context_that_is_not_in_the_vocabulary(context: list[int]) -> None:
    with pytest.raises(InvalidInput, match="context_tokens") as caught:
        ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9), context_tokens=context)
    assert caught.value.index == len(context) - 1


@pytest.mark.parametrize(
    "options",
    [
        {"covering": "some"},
        {"renormalize": "global"},
        {"special": "drop"},
        {"utf8": "yes"},
        {"rows": "probabilities"},
        {"covering": "all", "beam": 0},
        {"beam": 4},
        {"eps": -0.1},
        {"eps": 1.0},
        {"eps": float("nan")},
        {"covering": "all", "utf8": "strict"},
    ],
    ids=str,
)
def test_wrong_options(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9), **options)


def test_wrong_types() -> None:
    with pytest.raises(TypeError, match="vocab must be"):
        ByteModel(BPE.tokens, FiniteModel(SIZE, BPE.eos, 9))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="next_token_logprobs"):
        ByteModel(BPE.vocab(), 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9), context_tokens=["a"])  # type: ignore


@pytest.mark.parametrize(
    "arguments",
    [{"temperature": -1.0}, {"temperature": float("nan")}, {"top_p": 0.0}, {"top_p": 1.5}],
    ids=str,
)
def test_wrong_sampling_options(arguments: dict[str, float]) -> None:
    lm = ByteModel(BPE.vocab(), FiniteModel(SIZE, BPE.eos, 9))
    for ask in (lm.sample, lm.complete):
        with pytest.raises(ValueError):
            ask(b"a", 3, **arguments)
    with pytest.raises(ValueError, match="stop"):
        lm.sample(b"a", 3, stop=b"")


# --- vocabularies ---------------------------------------------------------------------------


def test_broken_vocabularies() -> None:
    with pytest.raises(TypeError, match="token 1"):
        ByteVocab.bpe([b"a", "b"], [])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="eos_ids"):
        ByteVocab.bpe([b"a", None], [], eos_ids=[2])
    with pytest.raises(InvalidTokenizer):
        ByteVocab.bpe([b"a", b"", None], [])
    with pytest.raises(InvalidTokenizer):
        ByteVocab.bpe([b"a", b"b", b"ab", None], [(0, 1, 7)])
    with pytest.raises(InvalidTokenizer):
        ByteVocab.bpe([b"a", b"b", b"xy", None], [(0, 1, 2)])
    with pytest.raises(InvalidTokenizer):
        ByteVocab.bpe([b"a", None], [], eos_ids=[0])
    with pytest.raises((InvalidTokenizer, UnsupportedTokenizer)):
        ByteVocab.bpe([b"a", None], [], "(a", eos_ids=[1])


def test_an_encoder_that_spells_something_else() -> None:
    vocab = ByteVocab.from_callable([b"a", b"b", None], lambda text: [0] * len(text), [2])
    assert vocab.encode(b"aa") == [0, 0]
    with pytest.raises(InvalidInput, match="spell"):
        vocab.encode(b"ab")
    with pytest.raises(ValueError, match="utf8"):
        ByteModel(vocab, FiniteModel(3, 2, 4), utf8="strict")


def test_tokenizers_that_cannot_be_followed_say_why() -> None:
    with pytest.raises(TypeError, match="Tokenizer"):
        ByteVocab.from_tokenizer("gpt2")  # type: ignore[arg-type]
    tok = tokmill.get_encoding("gpt2")
    with pytest.raises(ValueError, match="eos_ids"):
        ByteVocab.from_tokenizer(tok, eos_ids=[tok.vocab_size])


def test_a_vocabulary_without_a_rule_is_for_all_sequences() -> None:
    vocab = ByteVocab.free(BPE.tokens, [BPE.eos])
    model = FiniteModel(SIZE, BPE.eos, 5)
    found = ByteModel(vocab, model, covering="all").next_byte_logprobs(b"ab")
    wanted = ByteModel(BPE.vocab(), model, covering="all").next_byte_logprobs(b"ab")
    assert np.array_equal(found, wanted)
    with pytest.raises(UnsupportedTokenizer):
        ByteModel(vocab, model)
    with pytest.raises(UnsupportedTokenizer):
        vocab.is_canonical([0])
