"""Several byte-level measures as one. Vocabularies do not matter: all speak of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .._errors import InvalidInput
from ._measure import END, ByteMeasure, Text, of_bytes
from ._merging import log_sum
from ._model import ByteModel
from ._options import Rule, check_choices
from ._rows import Context
from ._state import State
from ._vocabulary import as_bytes

Floats = npt.NDArray[np.float64]


def ensemble(
    models: Sequence[ByteModel],
    rule: Rule = "mixture",
    weights: Sequence[float] | None = None,
    *,
    floor: float = 0.0,
) -> Ensemble:
    """Combines models of any vocabularies into one over bytes.

    With p_k the distribution of the next byte (or the end) under model k, and w_k its weight:

    - "mixture": sum of w_k p_k, byte by byte.
    - "product": proportional to the product of p_k ** w_k.
    - "contrast": the same with weights of both signs, by default 1, 1, -1 for (base, expert,
      anti-expert): log p_base + (log p_expert - log p_anti) (Liu et al., Tuning Language Models by
      Proxy, 2024).
    - "bayes": sum of w_k P_k over whole texts: the weight of a model grows with the probability
      that it gave to the text so far. The only rule under which the probability of a text is the
      mean of the members'. Needs members that are proper measures.

    Args:
        models: what is combined.
        rule: how they are combined.
        weights: one for each; None: equal ones (for "contrast" as above). Those of "mixture" and
            "bayes" are normalized; those of "product" are 1/n each if not given.
        floor: for "product" and "contrast": probabilities of members are not taken for smaller
            than this, so that a member that rules out a byte cannot do so for all.

    Raises:
        ValueError: weights that do not fit, or no models.
    """
    return Ensemble(models, rule, weights, floor=floor)


class Ensemble(ByteMeasure["EnsembleState"]):
    """Several measures combined; made by `ensemble`. Same methods as a ByteModel."""

    def __init__(
        self,
        models: Sequence[ByteModel],
        rule: Rule,
        weights: Sequence[float] | None,
        *,
        floor: float,
    ) -> None:
        check_choices(rule=rule)
        self.models = tuple(models)
        wrong = [type(model).__name__ for model in models if not isinstance(model, ByteModel)]
        if wrong:
            raise TypeError(f"models must be ByteModels, not {wrong[0]}")
        if not self.models:
            raise ValueError("an ensemble needs at least one model")
        if not 0 <= floor < 1:
            raise ValueError(f"floor must be at least 0 and below 1, but is {floor}")
        self.rule = rule
        self.weights: Floats = _checked_weights(rule, weights, len(self.models))
        self._log_floor = float(np.log(floor)) if floor else -np.inf
        if rule == "bayes" and not all(_is_proper(model) for model in self.models):
            raise ValueError(
                'rule="bayes" needs proper measures: renormalize="local" or covering="all" without '
                "a beam"
            )

    def state(self, prefix: Text = b"") -> EnsembleState:
        """The state of a text; it asks no model.

        Raises:
            InvalidInput: a member cannot encode the text.
        """
        data = as_bytes(prefix)
        if self.rule == "bayes":
            return EnsembleState(self, [model.state(data) for model in self.models], None, None)
        state = EnsembleState(self, [model.state() for model in self.models], None, None)
        return state.push_bytes(data)

    def byte_distributions(self, text: Text) -> Floats:
        """The distributions of the next byte behind every beginning of a text.

        Every member scores the text in as few model calls as it can.

        Returns:
            Log-probabilities, float64 [n + 1, 257]; row i belongs to the first i bytes.
        """
        data = as_bytes(text)
        members = np.array([model.byte_distributions(data) for model in self.models])
        masses = None
        if self.rule == "bayes":
            masses = np.zeros(members.shape[:2])
            masses[:, 1:] = np.cumsum(of_bytes(members, data), axis=1)
        rows = [
            self._combined(members[:, place], None if masses is None else masses[:, place])
            for place in range(len(data) + 1)
        ]
        return np.array(rows)

    def prefix_logprob(self, text: Text) -> float:
        """Log-probability that a text begins with `text`."""
        if self.rule == "bayes":
            return super().prefix_logprob(text)
        return float(self.byte_logprobs(text).sum())

    def logprob(self, text: Text) -> float:
        """Log-probability that a text is `text`, its end included."""
        if self.rule == "bayes":
            return super().logprob(text)
        data = as_bytes(text)
        rows = self.byte_distributions(data)
        return float(of_bytes(rows, data).sum() + rows[-1, END])

    def _fill(self, states: Sequence[EnsembleState]) -> None:
        waiting = [position for state in states for position in state._unresolved()]
        for number, model in enumerate(self.models):
            model._fill([position._members[number] for position in waiting])

    def _combined(self, logprobs: Floats, masses: Floats | None) -> Floats:
        """The distribution [257] from those of the members [members, 257].

        `masses` [members] are their log-probabilities of the text so far, for "bayes".
        """
        if self.rule == "mixture":
            return _mixed(logprobs, np.log(self.weights))
        if masses is not None:
            shares = np.log(self.weights) + masses
            total = log_sum(shares)
            if total == -np.inf:
                return np.full(END + 1, -np.inf)
            return _mixed(logprobs, shares - total)
        return self._multiplied(np.maximum(logprobs, self._log_floor))

    def _multiplied(self, logprobs: Floats) -> Floats:
        weights = self.weights[:, None]
        ruled_out = np.isneginf(logprobs)
        # 0 ** 0 is 1; a zero in a denominator would be infinite.
        vetoed = (ruled_out & (weights > 0)).any(axis=0)
        infinite = (ruled_out & (weights < 0)).any(axis=0) & ~vetoed
        if infinite.any():
            symbol = int(np.flatnonzero(infinite)[0])
            name = "the end" if symbol == END else f"byte 0x{symbol:02x}"
            raise InvalidInput(
                f"a model with a negative weight gives {name} probability 0, others do not: "
                "the ensemble needs a floor"
            )
        total = (np.where(ruled_out, 0.0, logprobs) * weights).sum(axis=0)
        total[vetoed] = -np.inf
        mass = log_sum(total)
        return np.asarray(total if mass == -np.inf else total - mass)


class EnsembleState:
    """A text under an ensemble. Immutable; the same methods as State where they make sense.

    `needs()` and `supply()` speak of the members in their order: lists of contexts, and of rows.
    """

    __slots__ = ("_byte", "_ensemble", "_logprob", "_members", "_next", "_parent")

    def __init__(
        self,
        owner: Ensemble,
        members: Sequence[State],
        parent: EnsembleState | None,
        byte: int | None,
    ) -> None:
        self._ensemble = owner
        self._members = members
        self._parent, self._byte = parent, byte
        self._logprob: float | None = 0.0 if parent is None else None
        self._next: Floats | None = None

    @property
    def position(self) -> int:
        """Number of bytes of the text."""
        return self._members[0].position

    def needs(self) -> list[list[Any]]:
        """For every member the contexts that it needs."""
        return [
            [model.context_tokens + tokens for tokens in missing]
            for model, missing in zip(self._ensemble.models, self._missing(), strict=True)
        ]

    def _missing(self) -> list[list[Context]]:
        """As `needs`, without the context tokens."""
        waiting = self._unresolved()
        return [
            list(dict.fromkeys(tokens for s in waiting for tokens in s._members[number]._missing()))
            for number in range(len(self._members))
        ]

    def supply(self, rows: Sequence[Any]) -> None:
        """Takes for every member the rows of `needs()`; see `State.supply`."""
        missing = self._missing()
        if len(rows) != len(missing):
            raise InvalidInput(f"rows of {len(rows)} members are given, {len(missing)} are needed")
        waiting = self._unresolved()
        for number, (contexts, part) in enumerate(zip(missing, rows, strict=True)):
            if not contexts:
                continue
            made = self._ensemble.models[number]._source.checked(part, len(contexts))
            numbers = {tokens: place for place, tokens in enumerate(contexts)}
            for state in waiting:
                state._members[number]._take(numbers, made)

    def push(self, byte: int) -> EnsembleState:
        """The state of the text with one more byte; needs no rows."""
        members = [member.push(byte) for member in self._members]
        bayes = self._ensemble.rule == "bayes"
        parent = None if bayes else self
        return EnsembleState(self._ensemble, members, parent, None if bayes else byte)

    def push_bytes(self, data: bytes | str) -> EnsembleState:
        """The state of the text with more bytes; otherwise as `push`."""
        state = self
        for byte in as_bytes(data):
            state = state.push(byte)
        return state

    def next_byte_logprobs(self) -> Floats:
        """Distribution of the next byte: float64 [257], index 256 the end of the text."""
        if self._next is None:
            logprobs = np.array([member.next_byte_logprobs() for member in self._members])
            masses = None
            if self._ensemble.rule == "bayes":
                masses = np.array([member.prefix_logprob() for member in self._members])
            self._next = self._ensemble._combined(logprobs, masses)
        return np.array(self._next)

    def prefix_logprob(self) -> float:
        """Log-probability that a text begins so."""
        if self._ensemble.rule == "bayes":
            masses = [member.prefix_logprob() for member in self._members]
            return log_sum(np.log(self._ensemble.weights) + np.array(masses))
        for state in reversed(self._pushed()):
            assert state._parent is not None and state._byte is not None
            before = state._parent._logprob
            assert before is not None
            state._logprob = before + float(state._parent.next_byte_logprobs()[state._byte])
            state._parent = None  # it and its rows are needed no more
        assert self._logprob is not None
        return self._logprob

    def logprob(self) -> float:
        """Log-probability of the text as a complete one."""
        if self._ensemble.rule == "bayes":
            masses = [member.logprob() for member in self._members]
            return log_sum(np.log(self._ensemble.weights) + np.array(masses))
        return self.prefix_logprob() + float(self.next_byte_logprobs()[END])

    def _pushed(self) -> list[EnsembleState]:
        """This state and those before it whose probability is not known, the last one first."""
        found: list[EnsembleState] = []
        state: EnsembleState | None = self
        while state is not None and state._logprob is None:
            found.append(state)
            state = state._parent
        return found

    def _unresolved(self) -> list[EnsembleState]:
        """All states of which the next byte's distribution is needed."""
        if self._ensemble.rule == "bayes":
            return [self]
        return [self, *(s._parent for s in self._pushed() if s._parent is not None)]


def _mixed(logprobs: Floats, log_weights: Floats) -> Floats:
    out: Floats = np.logaddexp.reduce(logprobs + log_weights[:, None], axis=0)
    return out


def _is_proper(model: ByteModel) -> bool:
    options = model.options
    if options["covering"] == "all":
        return options["beam"] is None
    return bool(options["renormalize"] == "local")


def _checked_weights(rule: Rule, weights: Sequence[float] | None, count: int) -> Floats:
    if weights is None:
        if rule == "contrast":
            if count != 3:
                raise ValueError(
                    'rule="contrast" needs weights unless there are three models: base, expert, '
                    "anti-expert"
                )
            return np.array([1.0, 1.0, -1.0])
        return np.full(count, 1 / count)
    made = np.array(list(weights), np.float64)
    if made.shape != (count,):
        raise ValueError(f"{len(made)} weights are given for {count} models")
    if not np.isfinite(made).all():
        raise ValueError("weights must be finite")
    if rule != "contrast" and (made < 0).any():
        raise ValueError(f'weights of rule="{rule}" must not be negative')
    if rule in ("mixture", "bayes"):
        if made.sum() == 0:
            raise ValueError("weights must not all be 0")
        made /= made.sum()
    return made
