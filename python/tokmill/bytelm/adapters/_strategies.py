"""Ways to get the rows of many contexts out of a transformer: a tree, a trunk or a plain batch.

A strategy answers with pieces: (which contexts, a tensor of their logits).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ._extras import require
from ._forward import Forward
from ._key_values import KeyValueTree, Node

Context: TypeAlias = tuple[int, ...]
Piece: TypeAlias = tuple[Sequence[int], Any]
Ints: TypeAlias = npt.NDArray[np.integer[Any]]

# Tokens of a forward pass over padded contexts.
_BATCH_TOKENS = 2048


class Strategy(Protocol):
    """How to read contexts."""

    def pieces(self, contexts: Sequence[Context]) -> Iterator[Piece]:
        """The logits of different, non-empty contexts, in any order."""


class BatchStrategy:
    """Contexts of similar length side by side, padded on the right: for every causal model."""

    def __init__(self, forward: Forward, block_rows: int) -> None:
        self._torch = require("torch", "torch")
        self._run = forward
        self._block_rows = block_rows

    def pieces(self, contexts: Sequence[Context]) -> Iterator[Piece]:
        for part in self.batches(contexts):
            yield part, self.read([contexts[index] for index in part])

    def batches(self, contexts: Sequence[Context]) -> Iterator[list[int]]:
        """Groups of contexts that are of similar length and not too many for a forward pass."""
        part: list[int] = []
        lengths: set[int] = set()
        for index in sorted(range(len(contexts)), key=lambda index: len(contexts[index])):
            length = len(contexts[index])
            count = len(part) + 1
            rows = count * len({*lengths, length})
            if part and (rows > self._block_rows or count * length > _BATCH_TOKENS):
                yield part
                part, lengths = [], set()
            part.append(index)
            lengths.add(length)
        yield part

    def read(self, contexts: Sequence[Context], past: int = 0, **inputs: Any) -> Any:
        """Logits [n, V] from one forward pass.

        Args:
            contexts: what to read.
            past: number of tokens that were read before, the same for all.
            inputs: what else the model takes.
        """
        torch, device = self._torch, self._run.device
        longest = max(map(len, contexts))
        tokens = np.zeros((len(contexts), longest), np.int64)
        mask = np.zeros((len(contexts), past + longest), np.int64)
        for index, context in enumerate(contexts):
            tokens[index, : len(context)] = context
            mask[index, : past + len(context)] = 1
        if past or not mask.all():
            inputs["attention_mask"] = torch.from_numpy(mask).to(device)
        lasts = sorted({len(context) - 1 for context in contexts})
        logits = self._run(torch.from_numpy(tokens).to(device), lasts, **inputs)
        columns = [lasts.index(len(context) - 1) for context in contexts]
        return logits[torch.arange(len(contexts)), columns]


class TrunkStrategy:
    """What all contexts begin with is read once, and remembered for the next call.

    For models whose attention takes no mask of its own: sliding windows, biases by distance.
    """

    def __init__(self, forward: Forward, block_rows: int) -> None:
        self._run = forward
        self._batch = BatchStrategy(forward, block_rows)
        self._torch = require("torch", "torch")
        self._utils = require("transformers.cache_utils", "transformers", "transformers")
        self._trunk: Context = ()
        self._cache: Any = None

    def pieces(self, contexts: Sequence[Context]) -> Iterator[Piece]:
        shared = _common_length(contexts, spare=1)
        if shared == 0:
            yield from self._batch.pieces(contexts)
            return
        self._read_trunk(contexts[0][:shared])
        tails = [context[shared:] for context in contexts]
        for part in self._batch.batches(tails):
            cache = copy.deepcopy(self._cache)
            cache.batch_repeat_interleave(len(part))
            chosen = [tails[index] for index in part]
            yield part, self._batch.read(chosen, shared, past_key_values=cache, use_cache=True)

    def _read_trunk(self, trunk: Context) -> None:
        known = _common_length([self._trunk, trunk])
        cache, surplus = self._cache, len(self._trunk) - known
        # Should the model fail, nothing is known about the cache.
        self._trunk, self._cache = (), None
        if known == 0:
            cache = self._utils.DynamicCache()
        elif surplus:
            cache.crop(-surplus)
        if known < len(trunk):
            tokens = self._torch.tensor([trunk[known:]], device=self._run.device)
            self._run(tokens, [len(trunk) - known - 1], past_key_values=cache, use_cache=True)
        self._trunk, self._cache = trunk, cache


class TreeStrategy:
    """All contexts in one forward pass of tree attention; what was read before is remembered."""

    def __init__(self, forward: Forward, block_rows: int, cache_tokens: int) -> None:
        self.tree = KeyValueTree(forward)
        self._block_rows = block_rows
        self._cache_tokens = cache_tokens

    def pieces(self, contexts: Sequence[Context]) -> Iterator[Piece]:
        nodes: list[Node] = []
        wanted: dict[int, int] = {}  # place in nodes -> context
        pending: dict[tuple[int, int], int] = {}  # (parent, token) -> place in nodes
        for index, context in enumerate(contexts):
            at = self.tree.root
            for depth, token in enumerate(context, 1):
                is_last = depth == len(context)
                place = pending.get((id(at), token))
                known = None if is_last else at.children.get(token)
                if place is not None:
                    known = nodes[place]
                if known is None:
                    known = Node(at, token)
                    place = len(nodes)
                    pending[id(at), token] = place
                    nodes.append(known)
                if is_last:
                    assert place is not None
                    wanted[place] = index
                at = known
                if len(nodes) == self._block_rows:
                    yield self._flush(nodes, wanted, at)
                    nodes, wanted, pending = [], {}, {}
        if nodes:
            yield self._flush(nodes, wanted, self.tree.root)

    def _flush(self, nodes: list[Node], wanted: dict[int, int], at: Node) -> Piece:
        self.make_room(len(nodes), [at, *(node.parent for node in nodes if node.parent)])
        places = sorted(wanted)
        # A pass must give some row: of the last node if none is wanted yet.
        logits = self.tree.compute(nodes, places or [len(nodes) - 1])
        return [wanted[place] for place in places], logits[: len(places)]

    def make_room(self, count: int, needed: Sequence[Node]) -> None:
        """Forgets what is not needed if `count` more nodes would be too many."""
        if len(self.tree) + count > self._cache_tokens:
            self.tree.keep(needed)

    def blocks(self, tokens: Ints, parent: Ints, wanted: Ints) -> Iterator[Any]:
        """The rows of some nodes of a tree; see `next_token_logprobs_tree_blocks`.

        Nodes that nothing later needs are forgotten block by block, so that the cost of attention
        follows the depth of the tree and not its size.
        """
        is_wanted = np.zeros(len(tokens), bool)
        is_wanted[wanted] = True
        last_use = _last_uses(parent)
        nodes: list[Node] = []
        fresh: list[int] = []  # to be computed in the next pass
        held: list[int] = []  # pinned: another call may make room meanwhile
        try:
            for index, (token, above) in enumerate(zip(tokens, parent, strict=True)):
                nodes.append(self._node(nodes, int(token), int(above), bool(is_wanted[index])))
                nodes[index].pins += 1
                held.append(index)
                if nodes[index].slot < 0 and token >= 0:
                    fresh.append(index)
                if len(fresh) == self._block_rows:
                    yield self._block(nodes, fresh, is_wanted)
                    held = self._let_go(nodes, held, fresh, last_use)
                    fresh = []
            if fresh:
                yield self._block(nodes, fresh, is_wanted)
        finally:
            for index in held:
                nodes[index].pins -= 1

    def _node(self, nodes: Sequence[Node], token: int, above: int, is_wanted: bool) -> Node:
        at = self.tree.root if above < 0 else nodes[above]
        if token < 0:
            return self.tree.root
        # For its row a node has to be read, known or not.
        known = None if is_wanted else at.children.get(token)
        return known or Node(at, token)

    def _block(self, nodes: Sequence[Node], fresh: Sequence[int], is_wanted: Any) -> Any:
        self.make_room(len(fresh), [])
        places = [place for place, index in enumerate(fresh) if is_wanted[index]]
        logits = self.tree.compute([nodes[index] for index in fresh], places or [len(fresh) - 1])
        return logits[: len(places)]

    def _let_go(
        self,
        nodes: Sequence[Node],
        held: Sequence[int],
        fresh: Sequence[int],
        last_use: Sequence[int],
    ) -> list[int]:
        """Unpins what no later node needs, and forgets it if it is new."""
        done = held[-1]
        needed = []
        for index in held:
            if last_use[index] > done:
                needed.append(index)
            else:
                nodes[index].pins -= 1
        self.tree.forget(nodes[index] for index in fresh if last_use[index] <= done)
        return needed


def _last_uses(parent: Ints) -> list[int]:
    """For each node the last one that is it or below it."""
    last = list(range(len(parent)))
    for index in range(len(parent) - 1, -1, -1):
        above = int(parent[index])
        if above >= 0:
            last[above] = max(last[above], last[index])
    return last


def _common_length(contexts: Sequence[Context], spare: int = 0) -> int:
    """How many tokens all contexts begin with, leaving at least `spare` of each."""
    first, last = min(contexts), max(contexts)
    most = max(min(map(len, contexts)) - spare, 0)
    for index in range(most):
        if first[index] != last[index]:
            return index
    return most
