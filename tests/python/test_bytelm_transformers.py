"""Rows of transformers models: however contexts are read, they are those of plain passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers")

from tokmill import InvalidInput  # noqa: E402
from tokmill.bytelm.adapters import TransformersModel  # noqa: E402

V = 96


def tiny(name: str, **changes: Any) -> Any:
    """A random model in float64 with large weights, so that mistakes are seen."""
    config = getattr(transformers, f"{name}Config")(
        **{
            "vocab_size": V,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 64,
            **changes,
        }
    )
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_config(config).double()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.mul_(6)
    return model


def llama() -> Any:
    return tiny("Llama", head_dim=8)


def gpt2() -> Any:
    return tiny("GPT2", n_embd=32, n_layer=3, n_head=4, n_positions=64)


def mistral_window() -> Any:
    return tiny("Mistral", sliding_window=8, head_dim=8)


def gemma3() -> Any:
    return tiny("Gemma3Text", sliding_window=8, head_dim=8, sliding_window_pattern=2)


def bloom() -> Any:
    return tiny("Bloom", n_layer=3, n_head=4)


def mamba() -> Any:
    return tiny("Mamba", state_size=4)


# The strategy that the architecture allows.
MODELS: list[tuple[Callable[[], Any], str]] = [
    (llama, "tree"),
    (gpt2, "tree"),
    (mistral_window, "tree"),  # as long as contexts fit into the window
    (gemma3, "tree"),
    (bloom, "trunk"),
    (mamba, "batch"),
]


def plain(model: Any, contexts: list[list[int]]) -> np.ndarray[Any, Any]:
    """One pass for each context, nothing shared."""
    rows = []
    with torch.no_grad():
        for context in contexts:
            logits = model(torch.tensor([context]), use_cache=False).logits[0, -1]
            rows.append(torch.log_softmax(logits, -1).numpy())
    return np.array(rows)


def tolerance(strategy: str) -> float:
    """Mamba computes in float32, whatever its weights are."""
    return 1e-4 if strategy == "batch" else 1e-9


def some_tree(size: int, seed: int, reach: int = 5) -> tuple[Any, Any, list[list[int]]]:
    """Tokens, parents and the context of each node."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, V, size).astype(np.int32)
    parent = np.array([-1] + [max(-1, i - int(rng.integers(1, reach))) for i in range(1, size)])
    contexts: list[list[int]] = []
    for token, above in zip(tokens.tolist(), parent.tolist(), strict=True):
        contexts.append([*(contexts[above] if above >= 0 else []), token])
    return tokens, parent.astype(np.int32), contexts


@pytest.mark.parametrize(("make", "strategy"), MODELS)
def test_contexts_in_any_order_and_number(make: Callable[[], Any], strategy: str) -> None:
    model = TransformersModel(make())
    contexts = some_tree(40, 3)[2]
    expected = plain(model.model, contexts)
    assert model.strategy == strategy
    rng = np.random.default_rng(0)
    for count in (1, 2, 7, 1, 30, 40, 1, 1):
        chosen = rng.choice(len(contexts), count)  # with repetitions
        rows = model.next_token_logprobs([contexts[i] for i in chosen])
        assert rows.dtype == np.float64 and rows.shape == (count, V)
        np.testing.assert_allclose(rows, expected[chosen], atol=tolerance(strategy))


@pytest.mark.parametrize(("make", "strategy"), MODELS)
def test_trees(make: Callable[[], Any], strategy: str) -> None:
    model = TransformersModel(make())
    tokens, parent, contexts = some_tree(50, 4)
    expected = plain(model.model, contexts)
    rows = model.next_token_logprobs_tree(tokens, parent)
    np.testing.assert_allclose(rows, expected, atol=tolerance(strategy))


@pytest.mark.parametrize("strategy", ["tree", "trunk", "batch"])
@pytest.mark.parametrize("cache_tokens", [1, 20, 4096])
def test_blocks_of_a_tree(strategy: Any, cache_tokens: int) -> None:
    model = TransformersModel(llama(), strategy=strategy, cache_tokens=cache_tokens)
    model._block_rows = 8
    tokens, parent, contexts = some_tree(60, 5)
    expected = plain(model.model, contexts)
    for step in (1, 3, 59):
        wanted = np.arange(step, 60, step)
        blocks = [
            block.copy() for block in model.next_token_logprobs_tree_blocks(tokens, parent, wanted)
        ]
        assert all(len(block) <= 8 for block in blocks)
        np.testing.assert_allclose(np.concatenate(blocks), expected[wanted], atol=1e-9)
        # What another call does between two blocks does not matter.
        found = []
        for block in model.next_token_logprobs_tree_blocks(tokens, parent, wanted):
            found.append(block.copy())
            model.next_token_logprobs([contexts[int(wanted[0])] + [1, 2, 3], [5, 6]])
        np.testing.assert_allclose(np.concatenate(found), expected[wanted], atol=1e-9)


def test_the_empty_context_as_a_node() -> None:
    model = TransformersModel(llama())
    tokens, parent, contexts = some_tree(20, 6)
    under_root = np.concatenate([[-1], np.where(parent < 0, 0, parent + 1)]).astype(np.int32)
    with_root = np.concatenate([[-1], tokens]).astype(np.int32)
    wanted = np.arange(1, 21)
    (rows,) = model.next_token_logprobs_tree_blocks(with_root, under_root, wanted)
    np.testing.assert_allclose(rows, plain(model.model, contexts), atol=1e-9)
    with pytest.raises(InvalidInput, match="context_tokens"):
        model.next_token_logprobs_tree(with_root, under_root)


@pytest.mark.parametrize("strategy", ["tree", "trunk", "batch"])
def test_handles(strategy: Any) -> None:
    model = TransformersModel(llama(), strategy=strategy, cache_tokens=16)
    tokens, parent, contexts = some_tree(40, 7)
    expected = plain(model.model, contexts)
    handles: dict[int, Any] = {-1: None}
    for node, (token, above) in enumerate(zip(tokens.tolist(), parent.tolist(), strict=True)):
        handles[node], row = model.extend(handles[above], token)
        np.testing.assert_allclose(row, expected[node], atol=1e-9)
        if node % 3 == 0:
            model.release(handles[node])
            model.release(handles[node])
    for node in range(40):
        model.release(handles[node])
    model.next_token_logprobs([[token] * 3 for token in range(20)])
    # Handles that were released are read again.
    for node in range(40):
        _, row = model.extend(handles[node], 7)
        np.testing.assert_allclose(row, plain(model.model, [[*contexts[node], 7]])[0], atol=1e-9)


def test_a_window_is_respected() -> None:
    """Contexts longer than the window of attention are not read as a tree."""
    model = TransformersModel(mistral_window())
    contexts = [[5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [5, 6, 7, 8, 9, 10, 11, 12, 3], [5, 6]]
    for _ in range(2):
        rows = model.next_token_logprobs(contexts)
        np.testing.assert_allclose(rows, plain(model.model, contexts), atol=1e-9)
    handle = None
    for end in range(1, 11):
        handle, row = model.extend(handle, contexts[0][end - 1])
        np.testing.assert_allclose(row, plain(model.model, [contexts[0][:end]])[0], atol=1e-9)


def test_single_precision() -> None:
    model = TransformersModel(llama().float())
    contexts = some_tree(30, 8)[2]
    rows = model.next_token_logprobs(contexts)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, atol=1e-5)
    half = TransformersModel(llama().bfloat16())
    rows = half.next_token_logprobs(contexts)
    assert half.strategy == "tree" and rows.dtype == np.float32
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, atol=1e-5)


def test_bad_contexts() -> None:
    model = TransformersModel(llama())
    assert model.next_token_logprobs([]).shape == (0, V)
    for contexts, index in [([[1], []], 1), ([[1], [1, V]], 1), ([[-1]], 0), ([[1] * 65], 0)]:
        with pytest.raises(InvalidInput) as error:
            model.next_token_logprobs(contexts)
        assert error.value.index == index
    with pytest.raises(InvalidInput, match="parent"):
        model.next_token_logprobs_tree(np.array([1, 2], np.int32), np.array([-1, 1], np.int32))
    with pytest.raises(InvalidInput, match="outside"):
        model.next_token_logprobs_tree(np.array([1, V], np.int32), np.array([-1, 0], np.int32))


def test_a_failing_model_leaves_nothing_behind() -> None:
    model = TransformersModel(llama(), strategy="tree")
    contexts = some_tree(20, 9)[2]
    model.next_token_logprobs(contexts[:10])
    layer = model.model.model.layers[1]
    hook = layer.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(MemoryError("full")))
    with pytest.raises(MemoryError):
        model.next_token_logprobs(contexts)
    hook.remove()
    np.testing.assert_allclose(
        model.next_token_logprobs(contexts), plain(model.model, contexts), atol=1e-9
    )
