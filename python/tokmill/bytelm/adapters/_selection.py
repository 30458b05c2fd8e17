"""Which strategy a model of transformers allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from ._strategies import Context, Strategy

StrategyName: TypeAlias = Literal["tree", "trunk", "batch"]

# Largest difference of logits, relative to the largest logit, that still counts as the same. In
# float32, passes of different shapes have differed by 3e-5 over 30 layers.
_TOLERANCE = {"float64": 1e-6, "float32": 2e-4}
_TOLERANCE_OF_HALF = 0.05

_NO_LIMIT = 1 << 62


def choose(
    names: tuple[StrategyName, ...], make: Callable[[StrategyName], Strategy], vocab_size: int
) -> StrategyName:
    """The first strategy that gives the rows of plain passes; the last one is not tried.

    An architecture may ignore a mask, compute positions by itself or lack a cache, and says so in
    no uniform way: small contexts, read in several calls, show it.
    """
    a, b, c, d, e, f, g = (1 + 7919 * i % max(vocab_size - 1, 1) for i in range(1, 8))
    calls: list[list[Context]] = [
        [(a, b, c), (a, b, d, e)],
        [(a, b, c, f, g, d), (a, b, c, f), (a, b, d, e, f)],
        [(a, b, d, e, f, c), (a, b, g)],
        [(a, b)],
        [(a, b, c, f, g, d, e), (b, a)],
    ]
    contexts = [context for call in calls for context in call]
    expected = _rows(make("batch"), contexts)
    for name in names[:-1]:
        # A model may fail in any way if it is used in a way that it does not know.
        try:
            strategy = make(name)
            rows = [row for call in calls for row in _rows(strategy, call)]
        except Exception:
            continue
        if all(map(_agree, rows, expected)):
            return name
    return names[-1]


def _rows(strategy: Strategy, contexts: list[Context]) -> list[Any]:
    rows: list[Any] = [None] * len(contexts)
    for indices, logits in strategy.pieces(contexts):
        for place, index in enumerate(indices):
            rows[index] = logits[place]
    return rows


def _agree(row: Any, expected: Any) -> bool:
    precision = str(expected.dtype).removeprefix("torch.")
    tolerance = _TOLERANCE.get(precision, _TOLERANCE_OF_HALF)
    difference = (row.double() - expected.double()).abs().max()
    return bool(difference <= tolerance * expected.double().abs().max())


def longest_tree(config: Any) -> int:
    """How many tokens deep a tree may be.

    A mask of ours shows a token all its ancestors, which is wrong where a layer sees a window or a
    chunk only, and small contexts do not show it.
    """
    limits = [_NO_LIMIT]
    for name in ("sliding_window", "attention_chunk_size", "window_size"):
        size = getattr(config, name, None)
        if isinstance(size, int) and size > 0 and getattr(config, "use_sliding_window", True):
            limits.append(size)
    rope = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    if rope.get("rope_type", rope.get("type")) in ("dynamic", "longrope"):
        # Frequencies that depend on the longest context of a pass.
        limits.append(int(rope.get("original_max_position_embeddings") or 0))
    return min(limits)
