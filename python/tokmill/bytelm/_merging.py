"""Byte-level probabilities where contexts merge or are masked by a Python function.

The compiled process knows contexts as token sequences. Two kinds of models need more than that:

- A finite-state model gives the same row for contexts with the same key. Heads with equal keys are
  merged, which makes the sum over *every* tokenization cost O(keys x longest token) a byte.
- A vocabulary `from_callable` says which tokens may follow a context by calling its encoder.

Same interface as the compiled states; NumPy in place of C++.
"""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from .. import _core
from .._errors import InvalidInput
from ._options import Renormalize, RowKind, Special
from ._rows import Context, Rows

Floats = npt.NDArray[np.float64]
Key = Callable[[Context], Hashable]
Mask = Callable[[Context], npt.NDArray[np.bool_]]

# Numbers in the rows that are kept for keys that may come again.
_KEPT = 1 << 24
_LOGIT = 1e-6  # a log-probability is not larger
_SUM_TOLERANCE = 1e-3


class MergingProcess:
    """The measure over byte strings; `state()` is the empty text."""

    def __init__(
        self,
        vocabulary: _core.bytelm.Vocabulary,
        *,
        key: Key,
        mask: Mask | None,
        renormalize: Renormalize,
        special: Special,
        rows: RowKind,
    ) -> None:
        self.id_count = vocabulary.id_count
        eos = set(vocabulary.eos_ids)
        spelled = [None if i in eos else vocabulary.token_bytes(i) for i in range(self.id_count)]
        order = sorted((token, id) for id, token in enumerate(spelled) if token is not None)
        self.tokens = [token for token, _ in order]
        self.ids = np.array([id for _, id in order], np.int64)
        unused = vocabulary.unused_ids
        silent = {id for id, token in enumerate(spelled) if token is None}
        others = sorted(silent - eos - set(unused))
        self.end_ids = np.array(sorted(eos) + (others if special == "eos" else []), np.int64)
        self.other_ids = np.array(others if special == "other" else [], np.int64)
        self.usable = np.ones(self.id_count, bool)
        self.usable[unused] = False
        if special == "forbid":
            self.usable[others] = False
        self._bytes_at: list[npt.NDArray[np.int64]] = []
        self.key, self.mask, self.local = key, mask, renormalize == "local"
        self.row_kind = rows
        self.rows: dict[Hashable, Row] = {}

    def state(self) -> MergingState:
        """The state of the empty text."""
        root = _Head((), self.key(()), 0, [])
        root.weight = 0.0
        return MergingState(self, b"", [root], [])

    def find_row(self, head: _Head) -> bool:
        """Gives a head the row of its key, if there has been one."""
        if head.row is None and head.key in self.rows:
            head.row = self.rows[head.key]
        return head.row is not None

    def keep_row(self, key: Hashable, row: Row) -> None:
        """Remembers a row for heads that will have the same key."""
        if self.mask is None:  # otherwise keys are contexts, and those do not come again
            self.rows[key] = row

    def trim(self) -> None:
        """Forgets rows if there are too many; not while rows are being supplied."""
        if len(self.rows) * self.id_count > _KEPT:
            self.rows.clear()

    def span(self, prefix: bytes, low: int, high: int) -> tuple[int, int, int]:
        """Places (begin, longer, end), within [low, high), of the tokens that begin so."""
        size = len(prefix)
        begin = bisect_left(self.tokens, prefix, low, high)
        longer = bisect_left(self.tokens, prefix + b"\0", begin, high)
        end = bisect_left(self.tokens, True, begin, high, key=lambda t: t[:size] > prefix)
        return begin, longer, end

    def next_bytes(self, weights: Floats, depth: int, begin: int, end: int) -> Floats:
        """Log masses [256] of the tokens in [begin, end) by their byte at `depth`."""
        while len(self._bytes_at) <= depth:
            place = len(self._bytes_at)
            found = [token[place] if len(token) > place else -1 for token in self.tokens]
            self._bytes_at.append(np.array(found, np.int64))
        column = self._bytes_at[depth][begin:end]
        starts = np.flatnonzero(np.diff(column, prepend=-2))
        out = np.full(256, -np.inf)
        if len(starts):
            out[column[starts]] = np.logaddexp.reduceat(weights[begin:end], starts)
        return out


class Row:
    """A row in the order of the sorted vocabulary, masked and normalized."""

    __slots__ = ("end", "firsts", "other", "weights")

    def __init__(
        self, process: MergingProcess, values: Rows, mask: npt.NDArray[np.bool_] | None
    ) -> None:
        row = _normalized(values, process.row_kind)[: process.id_count]
        row = _log_normalized(np.where(process.usable, row, -np.inf))
        if mask is not None:
            allowed = mask[:-1].copy()
            allowed[process.end_ids] = mask[-1]
            allowed[process.other_ids] = True
            row = np.where(allowed, row, -np.inf)
            if process.local:
                row = _log_normalized(row)
        self.weights: Floats = row[process.ids]
        self.end = log_sum(row[process.end_ids])
        self.other = log_sum(row[process.other_ids])
        self.firsts = process.next_bytes(self.weights, 0, 0, len(self.weights))


class _Head:
    """A context, or all contexts with one key that end at the same position."""

    __slots__ = ("context", "key", "mask", "parents", "position", "row", "weight")

    def __init__(
        self, context: Context, key: Hashable, position: int, parents: list[tuple[_Head, int]]
    ) -> None:
        self.context = context
        self.key = key
        self.position = position
        self.parents = parents  # (head, place of the token in the sorted vocabulary)
        self.weight: float | None = None
        self.row: Row | None = None
        self.mask: npt.NDArray[np.bool_] | None = None


class MergingState:
    """A text with the heads that are alive in it. Immutable, but for rows that are supplied.

    An open head is (head, begin, end): the tokens that begin with the text behind the head and
    are longer.
    """

    __slots__ = ("_closed", "_open", "_process", "_text")

    def __init__(
        self,
        process: MergingProcess,
        text: bytes,
        closed: list[_Head],
        open: list[tuple[_Head, int, int]],
    ) -> None:
        self._process, self._text = process, text
        self._closed, self._open = closed, open

    @property
    def position(self) -> int:
        """Number of bytes."""
        return len(self._text)

    # --- going on ---------------------------------------------------------------------------

    def push(self, byte: int) -> MergingState:
        """The state of the text with one more byte."""
        process, text = self._process, self._text + bytes([byte])
        closed: dict[Hashable, _Head] = {}
        open: list[tuple[_Head, int, int]] = []
        whole = [(head, 0, len(process.tokens)) for head in self._closed]
        for head, low, high in itertools.chain(self._open, whole):
            begin, longer, end = process.span(text[head.position :], low, high)
            for place in range(begin, longer):
                self._close(closed, head, place, len(text))
            if self._any_allowed(head, longer, end):
                open.append((head, longer, end))
        return MergingState(process, text, list(closed.values()), open)

    def push_bytes(self, data: bytes) -> MergingState:
        """The state of the text with more bytes."""
        self._process.trim()
        state = self
        for byte in data:
            state = state.push(byte)
        return state

    def _mask(self, head: _Head) -> npt.NDArray[np.bool_] | None:
        if head.mask is None and self._process.mask is not None:
            head.mask = self._process.mask(head.context)
        return head.mask

    def _any_allowed(self, head: _Head, begin: int, end: int) -> bool:
        mask = self._mask(head)
        return begin < end and (mask is None or bool(mask[self._process.ids[begin:end]].any()))

    def _close(self, closed: dict[Hashable, _Head], head: _Head, place: int, position: int) -> None:
        id = int(self._process.ids[place])
        mask = self._mask(head)
        if mask is not None and not mask[id]:
            return
        context = (*head.context, id)
        key = self._process.key(context)
        if key in closed:
            closed[key].parents.append((head, place))
        else:
            closed[key] = _Head(context, key, position, [(head, place)])

    # --- rows -------------------------------------------------------------------------------

    def needs(self) -> list[Context]:
        """Contexts whose rows are missing, one for each key."""
        return [head.context for head in self._missing()]

    def _missing(self) -> list[_Head]:
        heads = [*self._closed, *(head for head, _, _ in self._open)]
        found: dict[Hashable, _Head] = {}
        seen: set[int] = set()
        while heads:
            head = heads.pop()
            if id(head) in seen:
                continue
            seen.add(id(head))
            if not self._process.find_row(head):
                found.setdefault(head.key, head)
            if head.weight is None:
                heads.extend(parent for parent, _ in head.parents)
        return list(found.values())

    def supply(self, rows: Rows, masks: object = None) -> None:
        """Takes the rows of `needs()`, in that order."""
        del masks  # they are known already
        for index, (head, values) in enumerate(zip(self._missing(), rows, strict=True)):
            try:
                row = Row(self._process, values, self._mask(head))
            except InvalidInput as error:
                raise InvalidInput(f"row {index}: {error}", index=index) from None
            head.row = row
            self._process.keep_row(head.key, row)

    def _ready(self) -> None:
        if self._missing():
            raise RuntimeError("rows are missing: see needs()")

    def _weight(self, head: _Head) -> float:
        """Log mass of all token sequences that a head stands for."""
        waiting = [head]
        while waiting:
            last = waiting[-1]
            unknown = [parent for parent, _ in last.parents if parent.weight is None]
            if last.weight is not None or unknown:
                if last.weight is not None:
                    waiting.pop()
                waiting.extend(unknown)
                continue
            parts = [self._step(parent, place) for parent, place in last.parents]
            last.weight = log_sum(np.array(parts))
        assert head.weight is not None
        return head.weight

    def _step(self, head: _Head, place: int) -> float:
        assert head.weight is not None
        return head.weight + float(self._row(head).weights[place])

    def _row(self, head: _Head) -> Row:
        self._process.find_row(head)
        assert head.row is not None
        return head.row

    # --- probabilities ----------------------------------------------------------------------

    def _raw(self) -> Floats:
        """Log masses of the text with each next byte, of its end, and of other tokens: [258]."""
        self._ready()
        process = self._process
        parts = [np.full(258, -np.inf)]
        for head in self._closed:
            row = self._row(head)
            ends = np.array([row.end, row.other])
            parts.append(self._weight(head) + np.concatenate([row.firsts, ends]))
        for head, begin, end in self._open:
            depth = len(self._text) - head.position
            masses = process.next_bytes(self._row(head).weights, depth, begin, end)
            parts.append(self._weight(head) + np.concatenate([masses, [-np.inf, -np.inf]]))
        out: Floats = np.logaddexp.reduce(np.array(parts), axis=0)
        return out

    def prefix_logprob(self) -> float:
        """Log-probability that a text begins so."""
        self._ready()
        parts = [self._weight(head) for head in self._closed]
        for head, begin, end in self._open:
            parts.append(self._weight(head) + log_sum(self._row(head).weights[begin:end]))
        return log_sum(np.array(parts))

    def next_byte_logprobs(self) -> Floats:
        """Distribution of the next byte, [257]; the last one is the end of the text."""
        raw = self._raw()
        return _log_normalized(raw)[:257]

    def other_logprob(self) -> float:
        """Log-probability that a token without bytes comes next which is no end."""
        return float(_log_normalized(self._raw())[257])

    def leak(self) -> float:
        """Share of the mass of the text that no continuation takes over."""
        mass = self.prefix_logprob()
        if mass == -np.inf:
            return 0.0
        return max(0.0, -float(np.expm1(log_sum(self._raw()) - mass)))

    def bounds(self) -> tuple[float, float]:
        """Bounds of `prefix_logprob`: it is exact."""
        value = self.prefix_logprob()
        return value, value

    def closed(self) -> list[tuple[Context, float]]:
        """Token sequences that spell exactly the text, the most probable first."""
        self._ready()
        paths = self._paths([(head, (), 0.0) for head in self._closed])
        return sorted(paths, key=lambda item: -item[1])

    def cover(self, max_items: int) -> list[tuple[Context, float]]:
        """The most probable token sequences that end with the text or with its last token."""
        self._ready()
        starts: list[tuple[_Head, Context, float]] = [(head, (), 0.0) for head in self._closed]
        for head, begin, end in self._open:
            weights = self._row(head).weights[begin:end]
            for place in np.argsort(-weights, kind="stable")[:max_items].tolist():
                id = int(self._process.ids[begin + place])
                starts.append((head, (id,), float(weights[place])))
        return list(itertools.islice(self._paths(starts), max_items))

    def _paths(self, starts: list[tuple[_Head, Context, float]]) -> Iterator[tuple[Context, float]]:
        """Single token sequences by falling probability.

        Merged heads are taken apart backwards; the weight of a head bounds that of every sequence
        in it, so the best one comes first (A*).
        """
        number = itertools.count()
        queue = [
            (-(self._weight(head) + tail), next(number), head, ids, tail)
            for head, ids, tail in starts
        ]
        heapq.heapify(queue)
        while queue:
            bound, _, head, ids, tail = heapq.heappop(queue)
            if bound == np.inf:
                return
            if not head.parents:
                yield ids, -bound
            for parent, place in head.parents:
                longer = (int(self._process.ids[place]), *ids)
                weight = tail + float(self._row(parent).weights[place])
                item = (-(self._weight(parent) + weight), next(number), parent, longer, weight)
                heapq.heappush(queue, item)


def log_sum(values: Sequence[float] | Floats) -> float:
    """Logarithm of the sum of exp, -inf for nothing; additions only."""
    array = np.asarray(values, np.float64)
    peak = float(array.max(initial=-np.inf))
    if peak == -np.inf:
        return peak
    return peak + float(np.log(np.exp(array - peak).sum()))


def _log_normalized(row: Floats) -> Floats:
    total = log_sum(row)
    return row if total == -np.inf else row - total


def _normalized(values: Rows, kind: RowKind) -> Floats:
    """Log-probabilities of a row in float64.

    Raises:
        InvalidInput: it is no distribution.
    """
    row = np.asarray(values, np.float64)
    if np.isnan(row).any():
        raise InvalidInput(f"NaN at id {int(np.flatnonzero(np.isnan(row))[0])}")
    peak = float(row.max(initial=-np.inf))
    if not np.isfinite(peak):
        raise InvalidInput("all entries are -inf" if peak < 0 else "an entry is +inf")
    total = log_sum(row)
    claimed = kind == "logprobs" or (kind == "auto" and peak <= _LOGIT)
    if claimed and not abs(np.expm1(min(total, 700.0))) <= _SUM_TOLERANCE:
        raise InvalidInput(
            f"the probabilities sum to {np.exp(min(total, 700.0)):.6g}, not 1 "
            '(rows="logits" takes unnormalized rows)'
        )
    return row - total
