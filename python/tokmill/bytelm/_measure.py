"""What every probability measure over byte strings can do, whatever it is made of."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from .._errors import InvalidInput
from ._vocabulary import as_bytes

Text: TypeAlias = bytes | str
Floats = npt.NDArray[np.float64]
Seed: TypeAlias = np.random.Generator | int | None

END = 256  # the symbol that ends a text
_S = TypeVar("_S", bound="ByteState")


class ByteState(Protocol):
    """A text that has been read; immutable, so that any number of texts can go on from it."""

    def push(self: _S, byte: int) -> _S:
        """The text with one more byte."""

    def next_byte_logprobs(self) -> Floats:
        """Distribution of the next byte, [257]; the last one is the end of the text."""

    def prefix_logprob(self) -> float:
        """Log-probability that a text begins so."""

    def logprob(self) -> float:
        """Log-probability of the text as a complete one."""


class ByteMeasure(ABC, Generic[_S]):
    """Probabilities of byte strings: their beginnings, their next bytes, their ends.

    Texts are bytes; a str stands for its UTF-8 form. Logarithms are natural. A text that has
    probability 0 has the logarithm -inf; a text that no tokens spell raises InvalidInput.
    """

    @abstractmethod
    def state(self, prefix: Text = b"") -> _S:
        """The state of a text, from which it can be continued byte by byte."""

    @abstractmethod
    def _fill(self, states: Sequence[_S]) -> None:
        """Gets everything that the states need to give probabilities."""

    # --- probabilities ----------------------------------------------------------------------

    def _filled(self, text: Text) -> _S:
        state = self.state(text)
        self._fill([state])
        return state

    def next_byte_logprobs(self, prefix: Text = b"") -> Floats:
        """Distribution of the byte behind `prefix`: float64 [257]; index 256: the text ends."""
        return self._filled(prefix).next_byte_logprobs()

    def prefix_logprob(self, text: Text) -> float:
        """Log-probability that a text begins with `text`."""
        return self._filled(text).prefix_logprob()

    def logprob(self, text: Text) -> float:
        """Log-probability that a text is `text`, its end included."""
        return self._filled(text).logprob()

    def byte_distributions(self, text: Text) -> Floats:
        """The distributions of the next byte behind every beginning of a text.

        Returns:
            Log-probabilities, float64 [n + 1, 257]; row i belongs to the first i bytes.
        """
        data = as_bytes(text)
        out = np.empty((len(data) + 1, END + 1))
        state = self.state()
        for place in range(len(data) + 1):
            self._fill([state])
            out[place] = state.next_byte_logprobs()
            if place < len(data):
                state = state.push(data[place])
        return out

    def byte_logprobs(self, text: Text) -> Floats:
        """Log-probability of each byte given those before it: float64 [n].

        Their sum and the log-probability of the end (index 256 behind the last byte) make
        `logprob(text)`, except with `renormalize="none"`.
        """
        data = as_bytes(text)
        return of_bytes(self.byte_distributions(data), data)

    def score_batch(self, texts: Sequence[Text], *, end: bool = True) -> Floats:
        """Log-probabilities of many texts, float64 [len(texts)], from common model calls.

        Args:
            texts: bytes or str.
            end: of complete texts, as `logprob`; False: of their beginnings, as `prefix_logprob`.
        """
        out = np.empty(len(texts))
        for place, states in self._batches(texts):
            for number, state in enumerate(states, place):
                out[number] = state.logprob() if end else state.prefix_logprob()
        return out

    def _batches(self, texts: Sequence[Text]) -> Iterable[tuple[int, list[_S]]]:
        """Filled states of texts in groups: (number of the first one, states)."""
        states = [self.state(text) for text in texts]
        self._fill(states)
        return [(0, states)]

    def bits_per_byte(self, text: Text, *, end: bool = False) -> float:
        """-log2 P / n of a text of n bytes, as a beginning or, with `end`, as a complete text.

        Raises:
            InvalidInput: the text is empty.
        """
        data = as_bytes(text)
        if not data:
            raise InvalidInput("an empty text has no bits per byte")
        value = self.logprob(data) if end else self.prefix_logprob(data)
        return -value / (len(data) * float(np.log(2)))

    # --- texts ------------------------------------------------------------------------------

    def sample(
        self,
        prefix: Text = b"",
        max_bytes: int = 256,
        rng: Seed = None,
        temperature: float = 1.0,
        top_p: float = 1.0,
        stop: Text | Sequence[Text] | None = None,
    ) -> bytes:
        """Continues a text byte by byte at random, and returns the continuation.

        Args:
            prefix: the text before it.
            max_bytes: its largest length; it is shorter if the text ends.
            rng: a generator, or a seed for one.
            temperature: of the distributions over bytes; 0 takes the most probable byte.
            top_p: draw only from the most probable bytes that have this mass together.
            stop: ends the continuation where one of these appears in it; it is cut off there.

        Raises:
            InvalidInput: the prefix has probability 0.
        """
        return self.sample_batch([prefix], max_bytes, rng, temperature, top_p, stop)[0]

    def sample_batch(
        self,
        prefixes: Sequence[Text],
        max_bytes: int = 256,
        rng: Seed = None,
        temperature: float = 1.0,
        top_p: float = 1.0,
        stop: Text | Sequence[Text] | None = None,
    ) -> list[bytes]:
        """Continues many texts together, with common model calls; otherwise as `sample`."""
        draw = Draw(rng, temperature, top_p)
        stops = _stops(stop)
        out = [bytearray() for _ in prefixes]
        states = {number: self.state(prefix) for number, prefix in enumerate(prefixes)}
        for _ in range(operator.index(max_bytes)):
            self._fill(list(states.values()))
            for number, state in list(states.items()):
                symbol = draw(state.next_byte_logprobs())
                if symbol == END:
                    del states[number]
                    continue
                out[number].append(symbol)
                found = next((s for s in stops if out[number].endswith(s)), None)
                if found is None:
                    states[number] = state.push(symbol)
                else:
                    del out[number][-len(found) :]
                    del states[number]
            if not states:
                break
        return [bytes(text) for text in out]

    def greedy(
        self,
        prefix: Text = b"",
        max_bytes: int = 256,
        stop: Text | Sequence[Text] | None = None,
    ) -> bytes:
        """Continues a text with the most probable byte each time; otherwise as `sample`."""
        return self.sample(prefix, max_bytes, temperature=0.0, stop=stop)


def of_bytes(distributions: Floats, data: bytes) -> Floats:
    """What distributions [..., n + 1, 257] give to the n bytes behind the places: [..., n]."""
    places = np.frombuffer(data, np.uint8).astype(np.int64)
    return np.asarray(distributions[..., np.arange(len(data)), places])


class Draw:
    """Draws from log-probabilities: with a temperature, from the most probable ones."""

    def __init__(self, rng: Seed, temperature: float, top_p: float) -> None:
        if not temperature >= 0:
            raise ValueError(f"temperature must not be negative, but is {temperature}")
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p must be above 0 and at most 1, but is {top_p}")
        self._rng = np.random.default_rng(rng)
        self._temperature, self._top_p = temperature, top_p

    def __call__(self, logprobs: Floats) -> int:
        """The index that is drawn; the log-probabilities need not be normalized."""
        best = int(logprobs.argmax())
        if logprobs[best] == -np.inf:
            raise InvalidInput("nothing can follow: the text has probability 0")
        if self._temperature == 0:
            return best
        weights = np.exp((logprobs - logprobs[best]) / self._temperature)
        if self._top_p < 1:
            order = np.argsort(-weights, kind="stable")
            sums = np.cumsum(weights[order])
            kept = int(np.searchsorted(sums, self._top_p * sums[-1])) + 1
            weights[order[kept:]] = 0
        possible = np.flatnonzero(weights)
        sums = np.cumsum(weights[possible])
        drawn = np.searchsorted(sums, self._rng.random() * sums[-1], side="right")
        # The product can be rounded up to the whole sum.
        return int(possible[min(drawn, len(possible) - 1)])


def _stops(stop: Text | Sequence[Text] | None) -> list[bytes]:
    if stop is None:
        return []
    if isinstance(stop, bytes | str):
        stop = [stop]
    stops = [as_bytes(text) for text in stop]
    if not all(stops):
        raise ValueError("stop must not be empty")
    return stops
