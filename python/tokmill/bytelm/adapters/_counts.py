"""n-gram tables from counts, by interpolated absolute discounting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..._types import Ids

Ints = npt.NDArray[np.int64]


class Level(NamedTuple):
    """What a model stores for one history.

    Attributes:
        ids: [k], the tokens.
        logprobs: [k], their natural log-probabilities.
        backoff: the natural logarithm of the weight of all others, relative to the shorter history.
    """

    ids: Ints
    logprobs: npt.NDArray[np.float64]
    backoff: float


def discounted_levels(
    sequences: Iterable[Ids],
    vocab_size: int,
    order: int,
    eos_id: int | None,
    start: int,
) -> dict[tuple[int, ...], Level]:
    """The tables of `NGramModel.train`, from the unigram model up.

    With count c and discount d, p(t | h) = max(c(ht) - d, 0) / c(h) + w(h) p(t | h'), where
    w(h) = d (number of different tokens behind h) / c(h) and h' is h without its first token.
    Below the unigram model lies the uniform distribution.
    """
    texts = list(_padded(sequences, vocab_size, eos_id, start))
    uniform = np.full(vocab_size, 1.0 / vocab_size)
    # Without any token, nothing more is known.
    levels: dict[tuple[int, ...], Level]
    levels = {(): Level(np.arange(vocab_size), np.log(uniform), 0.0)}
    for size in range(1, order + 1):
        grams, counts = _counted(texts, size, start)
        discount = _discount(counts)
        for history, tokens, amounts in _by_history(grams, counts):
            total = amounts.sum()
            weight = discount * len(tokens) / total
            seen = (amounts - discount) / total
            if history:
                probabilities = seen + weight * _probabilities(levels, history[1:], tokens)
            else:
                probabilities = weight * uniform
                probabilities[tokens] += seen
                tokens = np.arange(vocab_size)
            levels[history] = Level(tokens, np.log(probabilities), float(np.log(weight)))
    return levels


def _padded(
    sequences: Iterable[Ids], vocab_size: int, eos_id: int | None, start: int
) -> Iterator[Ints]:
    end = [] if eos_id is None else [eos_id]
    for number, sequence in enumerate(sequences):
        text = np.concatenate([[start], np.asarray(sequence, np.int64), end]).astype(np.int64)
        if len(text) > 1 and not 0 <= text[1:].min() <= text[1:].max() < vocab_size:
            raise ValueError(f"sequence {number} has an id outside 0..{vocab_size - 1}")
        yield text


def _counted(texts: Sequence[Ints], size: int, start: int) -> tuple[Ints, Ints]:
    """All different n-grams [m, size] in lexicographic order, and how often each occurs."""
    windows = [
        np.lib.stride_tricks.sliding_window_view(text, size) for text in texts if len(text) >= size
    ]
    if not windows:
        return np.empty((0, size), np.int64), np.empty(0, np.int64)
    grams, counts = np.unique(np.concatenate(windows), axis=0, return_counts=True)
    predicts = grams[:, -1] != start
    return grams[predicts], counts[predicts]


def _discount(counts: Ints) -> float:
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    # Without n-grams that occur once the formula gives 0, and nothing would be left for new ones.
    return once / (once + 2 * twice) if once and twice else 0.5


def _by_history(grams: Ints, counts: Ints) -> Iterator[tuple[tuple[int, ...], Ints, Ints]]:
    if not len(grams):
        return
    changes = np.flatnonzero((grams[1:, :-1] != grams[:-1, :-1]).any(axis=1)) + 1
    for begin, end in zip([0, *changes], [*changes, len(grams)], strict=True):
        history = tuple(map(int, grams[begin, :-1]))
        yield history, grams[begin:end, -1], counts[begin:end]


def _probabilities(
    levels: dict[tuple[int, ...], Level], history: tuple[int, ...], tokens: Ints
) -> npt.NDArray[np.float64]:
    """p(token | history) of tokens that the history has been seen with."""
    level = levels[history]
    # Histories were cut from the same texts: whatever follows one follows its shorter one too.
    return np.exp(level.logprobs[np.searchsorted(level.ids, tokens)])
