"""The measure over all tokenizations against genlm-bytes with an unlimited beam.

Runs where genlm-bytes is installed (it needs Python 3.11 or newer, torch and numba).
"""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("ignore")

genlm_bytes = pytest.importorskip("genlm.bytes", reason="genlm-bytes is not installed")

import torch  # noqa: E402
from genlm.backend.llm import AsyncLM  # noqa: E402
from genlm.backend.tokenization import Token  # noqa: E402

from tokmill.bytelm import ByteModel, ByteVocab  # noqa: E402

ALPHABET = b"abc"
END = b"<end>"
BOS = 1


def some_text(rng: np.random.Generator, size: int) -> bytes:
    return bytes(rng.choice(list(ALPHABET), size).tolist())


def some_tokens(seed: int) -> list[bytes]:
    """The end, BOS, all letters, and random strings; two of them twice."""
    rng = np.random.default_rng(seed)
    strings = {some_text(rng, int(rng.integers(2, 5))) for _ in range(14)}
    some = sorted(strings)
    return [END, b"<bos>", *(bytes([letter]) for letter in ALPHABET), *some, some[0], some[1]]


def row_of(context: list[int], size: int) -> np.ndarray[Any, Any]:
    """Log-probabilities of a random model; BOS never comes again."""
    logits = np.random.default_rng([7, *context]).normal(0, 2, size)
    logits[BOS] = -np.inf
    return logits - np.log(np.exp(logits).sum())


class Model(AsyncLM):
    """The random model, as genlm wants it."""

    def __init__(self, tokens: list[bytes]) -> None:
        self.byte_vocab = [Token(number, text) for number, text in enumerate(tokens)]
        self.tokenizer = SimpleNamespace(bos_token_id=BOS)

    async def next_token_logprobs(self, token_ids: list[int], lora_name: Any = None) -> Any:
        return self.next_token_logprobs_sync(token_ids)

    def next_token_logprobs_sync(self, token_ids: list[int], lora_name: Any = None) -> Any:
        return torch.from_numpy(row_of(token_ids, len(self.byte_vocab))).float()


async def by_genlm(tokens: list[bytes], text: bytes) -> tuple[list[float], list[Any]]:
    """Log-probabilities of all beginnings of a text, and what follows each."""
    params = genlm_bytes.BeamParams(K=10**9, eos_byte_strings=[END], heal=False)
    state = await genlm_bytes.ByteBeamState.initial(Model(tokens), params)
    logprobs, following = [], []
    for byte in [*text, None]:
        found = np.array((await state.logp_next()).ps, np.float64)
        kept = np.concatenate([found[:256], found[257:]])
        following.append(np.exp(kept) / np.exp(kept).sum())
        logprobs.append(float(state.logZ))
        if byte is not None:
            state = await (state.prune() << byte)
    await state.cleanup()
    return logprobs, following


@pytest.mark.parametrize("seed", range(4))
def test_all_tokenizations(seed: int) -> None:
    tokens = some_tokens(seed)
    size = len(tokens)
    vocab = ByteVocab.bpe([None, None, *tokens[2:]], [], eos_ids=[0])
    model = ByteModel(
        vocab,
        lambda contexts: np.array([row_of(context, size) for context in contexts]),
        covering="all",
        special="forbid",
        context_tokens=[BOS],
    )
    text = some_text(np.random.default_rng([seed, 1]), 7)
    logprobs, following = asyncio.run(by_genlm(tokens, text))
    for length in range(len(text) + 1):
        part = text[:length]
        assert math.isclose(
            model.prefix_logprob(part), logprobs[length], rel_tol=1e-6, abs_tol=1e-6
        )
        found = np.exp(model.next_byte_logprobs(part))
        np.testing.assert_allclose(found, following[length], atol=1e-6)
