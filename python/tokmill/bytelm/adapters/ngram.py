"""A back-off n-gram model over token ids: small, exact and finite-state.

It is made for tests, for ensembles and for showing things without a neural network. Its contexts
fall into finitely many states, so that even the sum over every tokenization takes linear time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from ..._errors import InvalidInput
from ..._types import Ids
from . import _arpa
from ._counts import Level, discounted_levels

if TYPE_CHECKING:
    from typing_extensions import Self

    from tokmill import Tokenizer

State: TypeAlias = tuple[int, ...]
START = -1  # stands for the beginning of a text in a state

# Rows of states, kept because the states of a text recur.
_REMEMBERED_BYTES = 64 << 20


class NGramModel:
    """log p(token | history), by back-off: the history is what a text has shown last.

    For a history h the model stores the log-probabilities of some tokens and the log-weight b(h)
    of backing off: log p(t | h) is the stored value, or b(h) + log p(t | h without its first).

    Attributes:
        vocab_size: number of ids V.
        order: the longest history, plus one.
    """

    vocab_size: int
    order: int

    def __init__(
        self, vocab_size: int, levels: Mapping[State, Level], *, normalize: bool = False
    ) -> None:
        """Takes the tables as they are; see `train` and `from_arpa`.

        Args:
            vocab_size: number of ids V.
            levels: for each history (tokens, the last one last; START, -1, where a text begins)
                its stored tokens and back-off weight. The empty history is the unigram model; a
                token it lacks has probability zero.
            normalize: divide every row by its sum.

        Raises:
            ValueError: the empty history is missing, or a token is no id.
        """
        if () not in levels:
            raise ValueError("levels must contain the empty history, ()")
        for history, level in levels.items():
            if level.ids.size and not 0 <= level.ids.min() <= level.ids.max() < vocab_size:
                raise ValueError(f"history {history} has a token outside 0..{vocab_size - 1}")
        self.vocab_size = vocab_size
        self.order = 1 + max(map(len, levels))
        self._normalize = normalize
        self._levels = dict(levels)
        self._rows: dict[State, npt.NDArray[np.float64]] = {}
        self._remembered = max(1, _REMEMBERED_BYTES // (8 * vocab_size))

    @classmethod
    def train(
        cls,
        sequences: Iterable[Ids],
        vocab_size: int,
        *,
        order: int = 3,
        eos_id: int | None = None,
    ) -> Self:
        """Counts n-grams, with interpolated absolute discounting.

        Every token gets a positive probability, because the unigram distribution is mixed with the
        uniform one. Source: H. Ney, U. Essen, R. Kneser, "On structuring probabilistic dependences
        in stochastic language modelling", 1994, with the discount n1 / (n1 + 2 n2) of each order.

        Args:
            sequences: the ids of one text each.
            vocab_size: number of ids V.
            order: the longest n-gram.
            eos_id: the token that ends each text; None if the model shall not know about ends.

        Raises:
            ValueError: the order is below 1, or an id is outside the vocabulary.
        """
        if order < 1:
            raise ValueError(f"order must be at least 1, not {order}")
        return cls(vocab_size, discounted_levels(sequences, vocab_size, order, eos_id, START))

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        tokenizer: Tokenizer,
        *,
        order: int = 3,
        eos_id: int | None = None,
    ) -> Self:
        """Trains on the encodings of texts; see `train`."""
        sequences = [np.asarray(tokenizer.encode(text)) for text in texts]
        return cls.train(sequences, tokenizer.vocab_size, order=order, eos_id=eos_id)

    @classmethod
    def from_arpa(
        cls, path: str | os.PathLike[str], ids: Mapping[str, int], vocab_size: int | None = None
    ) -> Self:
        """Reads the ARPA text format of SRILM and KenLM.

        Args:
            path: the file. Its numbers are rounded, so that rows are normalized again.
            ids: the id of each word. ``<s>`` is the beginning of a text and needs none; n-grams
                with other words that are missing here are left out.
            vocab_size: number of ids V; None takes the largest one of `ids`, plus one.

        Raises:
            ValueError: the file is broken; the message has the line.
            OSError: it cannot be read.
        """
        with Path(path).open(encoding="utf-8") as lines:
            levels = _arpa.read_levels(lines, {**ids, "<s>": START})
        size = 1 + max(ids.values()) if vocab_size is None else vocab_size
        return cls(size, levels, normalize=True)

    def next_token_logprobs(self, contexts: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
        """Rows [n, V] of log-probabilities."""
        rows = np.empty((len(contexts), self.vocab_size))
        for index, context in enumerate(contexts):
            rows[index] = self._row(self.state_key(context))
        if self._normalize:
            largest = rows.max(axis=1, keepdims=True)
            rows -= largest + np.log(np.exp(rows - largest).sum(axis=1, keepdims=True))
        return rows

    def state_key(self, context: Sequence[int]) -> State:
        """The end of a context on which everything that follows depends.

        Raises:
            InvalidInput: the context has a token that is no id.
        """
        size = self.order - 1
        end = tuple(map(int, context[len(context) - size :] if len(context) > size else context))
        if any(not 0 <= token < self.vocab_size for token in end):
            raise InvalidInput(f"context {list(end)} has a token outside 0..{self.vocab_size - 1}")
        history: State = end if len(context) >= size else (START, *end)
        while history not in self._levels:
            history = history[1:]
        return history

    def _row(self, history: State) -> npt.NDArray[np.float64]:
        known = self._rows.get(history)
        if known is not None:
            return known
        level = self._levels.get(history)
        if not history:
            row = np.full(self.vocab_size, -np.inf)
        else:
            row = self._row(history[1:])
            if level is None:
                return row
            row = row + level.backoff
        if level is not None:
            row[level.ids] = level.logprobs
        if len(self._rows) >= self._remembered:
            self._rows.clear()
        self._rows[history] = row
        return row
