"""n-gram models by their formula; the small classes for llama.cpp and vLLM on stand-ins."""

from __future__ import annotations

import math
import sys
import types
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tokmill
from tokmill import InvalidInput
from tokmill.bytelm.adapters import LlamaCppModel, NGramModel, TransformersModel, VllmModel

V = 7
START = -1


def some_texts() -> list[list[int]]:
    rng = np.random.default_rng(5)
    # Skewed, so that n-grams recur and others never occur.
    return [np.minimum(rng.geometric(0.4, size), V - 1).tolist() for size in (40, 9, 1, 0, 25)]


def by_definition(texts: list[list[int]], order: int, history: list[int], token: int) -> float:
    """p(token | history) by interpolated absolute discounting, from counts of all orders."""
    padded = [[START, *text, 0] for text in texts]
    grams = Counter(
        tuple(text[i : i + size])
        for text in padded
        for size in range(1, order + 1)
        for i in range(len(text) + 1 - size)
        if text[i + size - 1] != START
    )
    lower = 1 / V
    for size in range(order):
        h = (
            tuple(([START, *history])[len(history) + 1 - size :])
            if size <= len(history) + 1
            else None
        )
        if h is None:
            break
        behind = {gram[-1]: count for gram, count in grams.items() if gram[:-1] == h}
        if not behind:
            break
        counts = Counter(count for gram, count in grams.items() if len(gram) == size + 1)
        once, twice = counts[1], counts[2]
        d = once / (once + 2 * twice) if once and twice else 0.5
        total = sum(behind.values())
        lower = (max(behind.get(token, 0) - d, 0) + d * len(behind) * lower) / total
    return lower


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_ngram_rows_follow_the_definition(order: int) -> None:
    texts = some_texts()
    model = NGramModel.train(texts, V, order=order, eos_id=0)
    rng = np.random.default_rng(order)
    contexts = [[], *([*text[: int(rng.integers(0, 9))]] for text in texts), [1, 1, 6, 6, 6, 1]]
    contexts += [rng.integers(0, V, int(rng.integers(1, 9))).tolist() for _ in range(10)]
    rows = model.next_token_logprobs(contexts)
    assert rows.shape == (len(contexts), V) and model.order == order
    expected = [[by_definition(texts, order, c, token) for token in range(V)] for c in contexts]
    np.testing.assert_allclose(np.exp(rows), expected, atol=1e-13)
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, atol=1e-12)


def test_ngram_states_say_all_about_the_future() -> None:
    model = NGramModel.train(some_texts(), V, order=3, eos_id=0)
    rng = np.random.default_rng(0)
    seen: dict[Any, list[int]] = {}
    for _ in range(300):
        context = rng.integers(0, V, int(rng.integers(0, 7))).tolist()
        other = seen.setdefault(model.state_key(context), context)
        for token in range(V):
            assert model.state_key([*context, token]) == model.state_key([*other, token])
        pair = model.next_token_logprobs([context, other])
        np.testing.assert_array_equal(pair[0], pair[1])
    assert len(seen) < 60


def test_ngram_without_texts_is_uniform() -> None:
    for texts in ([], [[]]):
        row = NGramModel.train(texts, 4, order=3).next_token_logprobs([[], [1, 2, 3]])
        np.testing.assert_allclose(np.exp(row), 0.25)


def test_ngram_refuses_bad_ids() -> None:
    with pytest.raises(ValueError, match="sequence 1"):
        NGramModel.train([[1], [V]], V)
    with pytest.raises(ValueError, match="order"):
        NGramModel.train([[1]], V, order=0)
    with pytest.raises(InvalidInput):
        NGramModel.train([[1]], V).next_token_logprobs([[V]])


def test_ngram_of_texts() -> None:
    tokenizer = tokmill.get_encoding("gpt2")
    model = NGramModel.from_texts(["the cat sat on the mat"] * 3, tokenizer, order=3)
    the, cat = tokenizer.encode("the cat")
    assert model.vocab_size == tokenizer.vocab_size
    assert model.next_token_logprobs([[the]])[0].argmax() == cat


ARPA = """\
\\data\\
ngram 1=4
ngram 2=3
ngram 3=1

\\1-grams:
-99\t<s>\t-0.5
-0.7\ta\t-0.3
-0.5\tb\t-0.2
-0.4\t</s>

\\2-grams:
-0.1\t<s> a\t-0.6
-0.2\ta b
-0.9\tb </s>

\\3-grams:
-0.05\t<s> a b

\\end\\
"""


def test_arpa(tmp_path: Path) -> None:
    file = tmp_path / "model.arpa"
    file.write_text(ARPA)
    model = NGramModel.from_arpa(file, {"a": 0, "b": 1, "</s>": 2})
    assert (model.vocab_size, model.order) == (3, 3)
    unigrams = [-0.7, -0.5, -0.4]
    expected = {
        (): [-0.1, -0.5 + unigrams[1], -0.5 + unigrams[2]],
        (0,): [-0.6 - 0.3 + unigrams[0], -0.05, -0.6 - 0.3 + unigrams[2]],
        (0, 1): [-0.2 + unigrams[0], -0.2 + unigrams[1], -0.9],
        (1, 1): [-0.2 + unigrams[0], -0.2 + unigrams[1], -0.9],
    }
    for context, logs in expected.items():
        row = np.array(logs) * math.log(10)
        row -= np.log(np.exp(row).sum())
        np.testing.assert_allclose(model.next_token_logprobs([context])[0], row)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("\\end\\\n", "", "missing"),
        ("\\2-grams:", "\\3-grams:", "line 12"),
        ("-0.2\ta b", "x\ta b", "line 14"),
        ("-0.2\ta b", "-0.2\ta", "line 14"),
    ],
)
def test_broken_arpa(tmp_path: Path, old: str, new: str, reason: str) -> None:
    file = tmp_path / "model.arpa"
    file.write_text(ARPA.replace(old, new, 1))
    with pytest.raises(ValueError, match=reason):
        NGramModel.from_arpa(file, {"a": 0, "b": 1, "</s>": 2})


def test_arpa_of_kenlm(data_file: Callable[[str], Path]) -> None:
    file = data_file("models/kenlm_test.arpa")
    entries = [line.split("\t")[1] for line in file.read_text().splitlines() if "\t" in line]
    words = dict.fromkeys(word for entry in entries for word in entry.split() if word != "<s>")
    ids = {word: number for number, word in enumerate(words)}
    model = NGramModel.from_arpa(file, ids)
    contexts = [[], [ids["looking"]], [ids["looking"], ids["on"]], [ids["a"], ids["little"]]]
    rows = np.exp(model.next_token_logprobs(contexts))
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-12)
    assert rows[1, ids["on"]] == rows[1, ids["higher"]] == rows[1].max()
    assert rows[2].argmax() == ids["a"]


# --- other libraries, played by stand-ins -----------------------------------------------------


def logits_of(context: list[int]) -> np.ndarray[Any, Any]:
    return np.random.default_rng([1, *context]).normal(size=V)


def log_softmax(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return logits - np.log(np.exp(logits).sum())


class FakeLlama:
    """The part of llama_cpp.Llama that the adapter uses; counts what it reads."""

    def __init__(self, can_cut: bool) -> None:
        self.memory: list[int] = []
        self.n_tokens = 0
        self.read = 0
        self.can_cut = can_cut
        self.ctx = self

    def n_vocab(self) -> int:
        return V

    def n_ctx(self) -> int:
        return 10

    def reset(self) -> None:
        self.n_tokens = 0

    def eval(self, tokens: list[int]) -> None:
        assert len(self.memory) == self.n_tokens
        self.memory += tokens
        self.n_tokens += len(tokens)
        self.read += len(tokens)


def fake_llama_library() -> types.ModuleType:
    library = types.ModuleType("llama_cpp")

    def remove(llama: FakeLlama, _: int, begin: int, __: int) -> bool:
        if begin != len(llama.memory) and not llama.can_cut:
            return False
        del llama.memory[begin:]
        return True

    def logits(llama: FakeLlama, _: int) -> Any:
        values = logits_of(llama.memory).astype(np.float32)
        return np.ctypeslib.as_ctypes(values)

    library.__dict__.update(
        llama_get_memory=lambda llama: llama,
        llama_memory_seq_rm=remove,
        llama_memory_clear=lambda llama, _: llama.memory.clear(),
        llama_get_logits_ith=logits,
    )
    return library


@pytest.mark.parametrize("can_cut", [True, False])
def test_llama_cpp(monkeypatch: pytest.MonkeyPatch, can_cut: bool) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", fake_llama_library())
    llama = FakeLlama(can_cut)
    model = LlamaCppModel(llama)
    contexts = [[1, 2, 3], [1, 2], [4], [1, 2, 5], [1, 2, 3], [1, 2, 5, 6]]
    for _ in range(2):
        rows = model.next_token_logprobs(contexts)
        expected = [log_softmax(logits_of(context)) for context in contexts]
        np.testing.assert_allclose(rows, expected, atol=1e-6)
    if can_cut:
        # Each node of the trie is read once in a call.
        assert llama.read == 2 * len({(1,), (1, 2), (1, 2, 3), (1, 2, 5), (1, 2, 5, 6), (4,)})
    for bad in ([], [V], [1] * 11):
        with pytest.raises(InvalidInput) as error:
            model.next_token_logprobs([[1], bad])
        assert error.value.index == 1


def test_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    space = types.SimpleNamespace
    library = types.ModuleType("vllm")
    library.__dict__.update(TokensPrompt=dict, SamplingParams=lambda **given: given)
    monkeypatch.setitem(sys.modules, "vllm", library)

    class FakeLLM:
        llm_engine = space(model_config=space(get_vocab_size=lambda: V + 1))

        def generate(self, prompts: list[Any], parameters: Any, use_tqdm: bool) -> list[Any]:
            assert parameters["logprobs"] == -1 and not use_tqdm
            answers = []
            for prompt in prompts:
                row = log_softmax(logits_of(prompt["prompt_token_ids"]))
                found = {int(i): space(logprob=float(row[i])) for i in np.argsort(row)}
                answers.append(space(outputs=[space(logprobs=[found])]))
            return answers

    model = VllmModel(FakeLLM())
    contexts = [[1, 2], [3]]
    rows = model.next_token_logprobs(contexts)
    expected = [log_softmax(logits_of(context)) for context in contexts]
    np.testing.assert_allclose(rows[:, :V], expected, atol=1e-6)
    assert (rows[:, V] == -np.inf).all()
    with pytest.raises(InvalidInput, match="context_tokens"):
        model.next_token_logprobs([[]])


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for make, module, words in [
        (TransformersModel, "torch", r"tokmill\[transformers\]"),
        (LlamaCppModel, "llama_cpp", "llama-cpp-python"),
        (VllmModel, "vllm", "vllm"),
    ]:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=words):
            make(None)
