"""Small models with published weights: a Llama, a byte-level RWKV, a character-level LSTM.

The data folder has their files and `reference_lm.py`, forward passes in plain numpy.
"""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from definitions import data_root

import tokmill
from tokmill.bytelm import ByteModel, ByteVocab

ROOT = data_root()
FOLDER = ROOT / "models" if ROOT is not None else None

pytestmark = pytest.mark.skipif(
    FOLDER is None or not (FOLDER / "reference_lm.py").exists(),
    reason="no models in the data folder: set TOKMILL_DATA",
)

BOS, EOS = 1, 2  # of stories260K
TEXT = b"Once upon a time, there was a little girl named Li"


@pytest.fixture(scope="module")
def reference() -> Any:
    """The module reference_lm, which reads its files from beside itself."""
    assert FOLDER is not None
    spec = importlib.util.spec_from_file_location("reference_lm", FOLDER / "reference_lm.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def log_softmax(logits: Any) -> Any:
    shifted = np.asarray(logits, np.float64)
    shifted = shifted - shifted.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


# --- stories260K: 512 tokens of SentencePiece with byte fallback --------------------------------


@pytest.fixture(scope="module")
def stories(reference: Any) -> ByteModel:
    tokenizer = tokmill.Tokenizer.from_file(Path(reference.HERE) / "tok512.derived.model")
    network = reference.Stories()
    known: dict[tuple[int, ...], Any] = {}

    def rows(contexts: list[list[int]]) -> Any:
        for context in map(tuple, contexts):
            if context not in known:
                # One pass gives the rows of all beginnings.
                for end, row in enumerate(network.logits(context), 1):
                    known[context[:end]] = row
        return np.array([known[tuple(context)] for context in contexts])

    vocab = ByteVocab.from_tokenizer(tokenizer, eos_ids=[BOS, EOS])
    return ByteModel(vocab, rows, context_tokens=[BOS])


def test_stories_go_on_from_inside_a_word(stories: ByteModel) -> None:
    for cut in (4, 11, 19, 45, len(TEXT)):
        assert (
            stories.greedy(TEXT[:cut], len(TEXT) + 5 - cut)
            == (TEXT + b"ly. S")[cut:][: len(TEXT) + 5 - cut]
        )


def test_stories_byte_by_byte_and_at_once(stories: ByteModel) -> None:
    together = stories.byte_distributions(TEXT)
    state = stories.state()
    for place, byte in enumerate(TEXT):
        while contexts := state.needs():
            state.supply(stories.model([list(context) for context in contexts]))
        np.testing.assert_allclose(
            np.exp(state.next_byte_logprobs()), np.exp(together[place]), atol=1e-12
        )
        state = state.push(byte)
    np.testing.assert_allclose(np.exp(together).sum(axis=1), 1, atol=1e-12)
    chain = stories.byte_logprobs(TEXT).sum()
    assert chain == pytest.approx(stories.prefix_logprob(TEXT), abs=1e-10)


def test_stories_in_transformers(reference: Any, stories: ByteModel) -> None:
    """The same weights in another implementation, read as a tree."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers")
    from tokmill.bytelm.adapters import TransformersModel

    network = reference.Stories()
    config = transformers.LlamaConfig(
        vocab_size=network.vocab,
        hidden_size=network.dim,
        intermediate_size=network.hidden,
        num_hidden_layers=network.n_layers,
        num_attention_heads=network.n_heads,
        num_key_value_heads=network.n_kv,
        max_position_embeddings=network.seq,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
    )
    model = transformers.LlamaForCausalLM(config)
    state = model.state_dict()

    def halves(weights: Any, heads: int) -> Any:
        """Rotated pairs lie side by side in the file and half a head apart in transformers."""
        size = weights.shape[0] // heads
        pairs = weights.reshape(heads, size // 2, 2, weights.shape[1])
        return pairs.transpose(0, 2, 1, 3).reshape(weights.shape)

    named = {
        "model.embed_tokens": network.emb,
        "lm_head": network.emb,
        "model.norm": network.rms_out,
    }
    for layer in range(network.n_layers):
        at = f"model.layers.{layer}."
        named[at + "input_layernorm"] = network.rms_att[layer]
        named[at + "post_attention_layernorm"] = network.rms_ffn[layer]
        named[at + "self_attn.q_proj"] = halves(network.wq[layer], network.n_heads)
        named[at + "self_attn.k_proj"] = halves(network.wk[layer], network.n_kv)
        named[at + "self_attn.v_proj"] = network.wv[layer]
        named[at + "self_attn.o_proj"] = network.wo[layer]
        named[at + "mlp.gate_proj"] = network.w1[layer]
        named[at + "mlp.down_proj"] = network.w2[layer]
        named[at + "mlp.up_proj"] = network.w3[layer]
    for name, weights in named.items():
        state[f"{name}.weight"].copy_(torch.from_numpy(weights.copy()))
    adapted = TransformersModel(model)
    assert adapted.strategy == "tree"
    other = ByteModel(stories.vocab, adapted, context_tokens=[BOS])
    np.testing.assert_allclose(
        np.exp(other.byte_distributions(TEXT)), np.exp(stories.byte_distributions(TEXT)), atol=1e-4
    )


# --- RWKV: ids are bytes --------------------------------------------------------------------------


class Rwkv:
    """A recurrent model behind handles: each is a copy of the state."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.held = 0

    def next_token_logprobs(self, contexts: list[list[int]]) -> Any:
        rows = []
        for context in contexts:
            handle, row = None, np.full(256, -np.log(256))
            for token in context:
                handle, row = self.extend(handle, token)
            rows.append(row)
        return np.array(rows)

    def extend(self, handle: Any, token: int) -> tuple[Any, Any]:
        if handle is None:
            self.network.reset()
        else:
            self.network.state = copy.deepcopy(handle)
        row = log_softmax(self.network.step(token))
        self.held += 1
        return copy.deepcopy(self.network.state), row

    def release(self, handle: Any) -> None:
        self.held -= 1


def test_bytes_as_tokens(reference: Any) -> None:
    """Where ids are bytes, byte probabilities are those of the model."""
    network = Rwkv(reference.TinyRwkv())
    vocab = ByteVocab.bpe([bytes([byte]) for byte in range(256)], [])
    for covering in ("canonical", "all"):
        model = ByteModel(vocab, network, covering=covering)
        text = b"int main"
        rows = model.byte_distributions(text)
        expected = network.next_token_logprobs([list(text[:i]) for i in range(len(text) + 1)])
        np.testing.assert_allclose(rows[:, :256], expected, atol=1e-9)
        assert (rows[:, 256] == -np.inf).all()
    assert network.held >= 0


# --- LSTM: ids are characters, some of several bytes ----------------------------------------------


def test_characters_as_tokens(reference: Any) -> None:
    network = reference.CharLstm()
    size = max(network.vocab.values()) + 1
    tokens: list[bytes | None] = [None] * size
    for character, number in network.vocab.items():
        tokens[number] = None if character == "<s>" else character.encode()
    end = network.vocab["<s>"]

    def rows(contexts: list[list[int]]) -> Any:
        return np.array([network.logits(context)[:size] for context in contexts])

    vocab = ByteVocab.greedy(tokens, eos_ids=[end])
    model = ByteModel(vocab, rows, context_tokens=[end], special="forbid", rows="logits")
    text = "The café"
    ids = [end, *(network.vocab[character] for character in text)]
    expected = 0.0
    for place in range(1, len(ids)):
        row = rows([ids[:place]])[0].astype(float)
        row[[i for i, token in enumerate(tokens) if token is None and i != end]] = -np.inf
        expected += log_softmax(row)[ids[place]]
    assert model.prefix_logprob(text) == pytest.approx(expected, abs=1e-9)
    # Behind the first byte of a character come only bytes that complete one.
    behind = np.exp(model.next_byte_logprobs(b"The caf" + "é".encode()[:1]))
    assert behind[0x80:0xC0].sum() == pytest.approx(1, abs=1e-12)
