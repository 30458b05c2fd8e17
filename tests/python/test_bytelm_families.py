"""Vocabularies of SentencePiece models, Unigram and WordPiece tokenizers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tokmill import InvalidInput, Tokenizer, UnsupportedTokenizer
from tokmill.bytelm import ByteModel, ByteVocab

FILES = {
    "llama-2": "spm/llama-2.model",
    "llama-2-json": "hf/llama-2.json",
    "t5": "hf/t5-small.json",
    "bert": "hf/bert-base-uncased.json",
    "unigram": "spm/sp_test_model.model",
}
WORDS = ["the", "quick", "brown", "fox", "hello", "world", "of", "an", "unlikely", "xylophone"]


@pytest.fixture(scope="module", params=FILES)
def tokenizer(request: pytest.FixtureRequest, data_file: Callable[[str], Path]) -> Tokenizer:
    return Tokenizer.from_file(data_file(f"tokenizers/{FILES[request.param]}"))


@pytest.fixture(scope="module")
def vocab(tokenizer: Tokenizer) -> ByteVocab:
    return ByteVocab.from_tokenizer(tokenizer)


def texts(count: int) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, size=int(rng.integers(1, 6)))) for _ in range(count)]


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False, special="text").tolist()


def even(tokenizer: Tokenizer) -> Callable[[list[list[int]]], np.ndarray]:
    """A model that knows nothing."""
    size = tokenizer.vocab_size
    return lambda contexts: np.full((len(contexts), size), -np.log(size))


def test_encodings_are_canonical(tokenizer: Tokenizer, vocab: ByteVocab) -> None:
    assert vocab.text_prefix == b" "
    for text in texts(40):
        ids = encode(tokenizer, text)
        assert vocab.encode(vocab.text_prefix + text.encode()) == ids, text
        assert vocab.decode(ids) == vocab.text_prefix + text.encode()
        assert vocab.may_end(ids)
        for size, id in enumerate(ids):
            assert vocab.is_canonical(ids[: size + 1])
            assert vocab.allowed(ids[:size])[id], (text, size)


def test_the_space_before_a_text_is_a_condition(tokenizer: Tokenizer, vocab: ByteVocab) -> None:
    lm = ByteModel(vocab, even(tokenizer))
    bare = ByteModel(vocab, even(tokenizer), text_prefix=b"")
    assert lm.prefix_logprob("") == 0
    assert lm.state("the").position == 3
    for text in texts(5):
        wanted = bare.prefix_logprob(" " + text) - bare.prefix_logprob(" ")
        np.testing.assert_allclose(lm.prefix_logprob(text), wanted, rtol=0, atol=1e-10)
        found = lm.byte_distributions(text)
        assert abs(np.exp(found).sum(axis=1) - 1).max() <= 1e-12
        logprobs = lm.byte_logprobs(text)
        np.testing.assert_allclose(logprobs.sum(), lm.prefix_logprob(text), rtol=0, atol=1e-9)
        end = found[-1, 256]
        np.testing.assert_allclose(logprobs.sum() + end, lm.logprob(text), rtol=0, atol=1e-9)


def test_all_tokenizations_have_at_least_the_mass_of_one(
    tokenizer: Tokenizer, vocab: ByteVocab
) -> None:
    model = even(tokenizer)
    every = ByteModel(vocab, model, covering="all", special="forbid")
    one = ByteModel(vocab, model, renormalize="none", special="forbid", text_prefix=b"")
    low, _ = every.with_options(text_prefix=b"").prefix_logprob_bounds(" the fox", beam=64)
    assert low >= one.prefix_logprob(" the fox") - 1e-9


@pytest.mark.parametrize(
    ("file", "text", "position"),
    [
        ("hf/bert-base-uncased.json", "some Text", 5),
        ("hf/bert-base-uncased.json", " some", 0),
        ("spm/sp_test_model.model", "a  b", 2),
        ("spm/llama-2.model", b"ab\xff", 2),
        ("hf/qwen3.json", "cafe\u0301", 3),
    ],
)
def test_texts_that_the_normalizer_changes(
    file: str, text: str | bytes, position: int, data_file: Callable[[str], Path]
) -> None:
    tok = Tokenizer.from_file(data_file(f"tokenizers/{file}"))
    lm = ByteModel(tok, even(tok))
    for ask in (lm.prefix_logprob, lm.byte_logprobs, lm.state):
        with pytest.raises(InvalidInput) as caught:
            ask(text)
        assert caught.value.position == position


def test_beginnings_of_normal_texts_are_fine(data_file: Callable[[str], Path]) -> None:
    """A space that would be stripped at the end, half a character, half a word."""
    for file, text in [
        ("spm/sp_test_model.model", b"the "),
        ("spm/llama-2.model", "né".encode()[:2]),
        ("hf/bert-base-uncased.json", b"the quick br"),
        ("hf/qwen3.json", b"cafe"),
    ]:
        tok = Tokenizer.from_file(data_file(f"tokenizers/{file}"))
        assert np.isfinite(ByteModel(tok, even(tok)).prefix_logprob(text)), file


def test_what_cannot_be_followed_is_refused_by_name(data_file: Callable[[str], Path]) -> None:
    for file, reason in [
        ("hf/clip-vit-base.json", "end_of_word_suffix"),
        ("hf/marian-nmt-style.json", "phrasefix"),
    ]:
        tok = Tokenizer.from_file(data_file(f"tokenizers/{file}"))
        vocab = ByteVocab.from_tokenizer(tok)
        with pytest.raises(UnsupportedTokenizer, match=reason):
            ByteModel(vocab, even(tok))
        # Every tokenization can be summed up all the same.
        every = ByteModel(vocab, even(tok), covering="all")
        assert np.isfinite(every.prefix_logprob("so"))
