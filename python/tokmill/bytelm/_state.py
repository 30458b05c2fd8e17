"""A position in a text: what a byte-level model knows there, and what it still has to ask."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._errors import InvalidInput
from ._rows import Context, Rows, name_row
from ._vocabulary import as_bytes

if TYPE_CHECKING:
    from ._model import ByteModel, CoreState

Floats = npt.NDArray[np.float64]


class State:
    """A text under a ByteModel. Immutable: `push` gives a new one, so it can be forked.

    The methods of ByteModel ask the model by themselves; a State never does. It says what it
    needs, so that any program can drive it, with other states and in its own time:

        state = model.state(b"The ca")
        while contexts := state.needs():
            state.supply(await my_model(contexts))      # rows [len(contexts), V]
        state.next_byte_logprobs()
        state = state.push(ord("t"))

    Rows that are supplied serve all texts that go on from here, too.
    """

    __slots__ = ("_core", "_model")

    def __init__(self, model: ByteModel, core: CoreState) -> None:
        self._model = model
        self._core = core

    @property
    def position(self) -> int:
        """Number of bytes of the text."""
        return self._core.position - len(self._model.text_prefix)

    # --- rows -------------------------------------------------------------------------------

    def needs(self) -> list[Context]:
        """Contexts whose rows have to be supplied, `context_tokens` included."""
        context = self._model.context_tokens
        return [context + tokens for tokens in self._missing()]

    def supply(self, rows: Any) -> None:
        """Takes the rows of `needs()`, in that order.

        Args:
            rows: log-probabilities or logits [len(needs()), V], as a model returns them.

        Raises:
            InvalidInput: the shape is wrong, or a row is no distribution; `index` is its number.
        """
        missing = self._missing()
        made = self._model._source.checked(rows, len(missing))
        self._take({tokens: number for number, tokens in enumerate(missing)}, made)

    def _missing(self) -> list[Context]:
        """As `needs`, without the context tokens."""
        base = self._model._unknown_base()
        if base is None:
            return self._core.needs()
        return list(dict.fromkeys([*base.needs(), *self._core.needs()]))

    def _take(self, numbers: Mapping[Context, int], rows: Rows) -> None:
        """Supplies those of `rows` that are missing, found by their contexts."""
        base = self._model._unknown_base()
        for core in (self._core,) if base is None else (base, self._core):
            needs = core.needs()
            if not needs or any(tokens not in numbers for tokens in needs):
                continue  # with a beam, what was just supplied may have led to other contexts
            places = [numbers[tokens] for tokens in needs]
            part = rows[places[0] : places[0] + 1] if len(places) == 1 else rows[places]
            self._hand_over(core, part, places, needs)

    def _hand_over(
        self, core: CoreState, rows: Rows, places: list[int], needs: list[Context]
    ) -> None:
        try:
            core.supply(rows)
        except InvalidInput as error:
            named = name_row(error, [self._model.context_tokens + tokens for tokens in needs])
            if named.index is not None:
                named.index = places[named.index]
            raise named from None

    # --- going on ---------------------------------------------------------------------------

    def push(self, byte: int) -> State:
        """The state of the text with one more byte; needs no rows.

        Raises:
            InvalidInput: no token has that byte.
        """
        if byte not in self._model.vocab._alphabet:
            self._model.vocab.check_bytes(bytes([byte]), self.position)
        return State(self._model, self._core.push(byte))

    def push_bytes(self, data: bytes | str) -> State:
        """The state of the text with more bytes; otherwise as `push`."""
        made = as_bytes(data)
        if self.position:
            self._model.vocab.check_bytes(made, self.position)
        else:
            self._model.vocab.check(made, self._model.text_prefix)
        return State(self._model, self._core.push_bytes(made))

    # --- probabilities; all raise RuntimeError while rows are missing -------------------------

    def next_byte_logprobs(self) -> Floats:
        """Distribution of the next byte: float64 [257], index 256 the end of the text.

        The probabilities sum to 1; with `special="other"`, to 1 less that of a token without
        bytes, see `other_logprob`. All are -inf behind a text of probability 0.
        """
        return self._core.next_byte_logprobs()

    def prefix_logprob(self) -> float:
        """Log-probability that a text begins so."""
        return self._relative(self._core.prefix_logprob())

    def logprob(self) -> float:
        """Log-probability of the text as a complete one."""
        end = float(self._core.next_byte_logprobs()[256])
        if end == -np.inf:
            return end
        # The distribution is relative to what has not leaked.
        return self.prefix_logprob() + math.log1p(-self._core.leak()) + end

    def other_logprob(self) -> float:
        """Log-probability that a token without bytes comes next that is no end."""
        return self._core.other_logprob()

    def leak(self) -> float:
        """Share of the probability of the text that no next byte and no end takes over.

        It is 0 for proper measures: with `renormalize="local"` or `covering="all"`.
        """
        return self._core.leak()

    def bounds(self) -> tuple[float, float]:
        """Certain bounds of the exact `prefix_logprob`; equal where nothing is left out."""
        low, high = self._core.bounds()
        base_low, base_high = self._model._base_bounds()
        return low - base_high if low > -np.inf else low, min(high - base_low, 0.0)

    def cover(self, max_items: int) -> list[tuple[Context, float]]:
        """The most probable token sequences whose last token reaches the end of the text.

        Args:
            max_items: how many at most.

        Returns:
            (tokens without `context_tokens`, log-probability of a text that begins with them).
        """
        return [(ids, self._relative(value)) for ids, value in self._core.cover(max_items)]

    def closed(self) -> list[tuple[Context, float]]:
        """Token sequences that spell exactly the text, as `cover`."""
        return [(ids, self._relative(value)) for ids, value in self._core.closed()]

    def _relative(self, logprob: float) -> float:
        base = self._model._base_logprob()
        return logprob - base if logprob > -np.inf else logprob
