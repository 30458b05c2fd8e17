"""The keys and values of a tree of tokens, and forward passes that read on at any of its nodes.

A token attends to its ancestors only (tree attention): the mask [1, 1, new, all] says which of the
remembered tokens those are, and the position of a token is its depth. So contexts that begin alike
share their beginnings, and all contexts of a call go through one forward pass without padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ._extras import require
from ._forward import Forward

# Attention to less than this share of all slots is faster on a copy of those.
_WORTH_GATHERING = 0.7


class Node:
    """A token behind its ancestors. The root stands for the empty context.

    Attributes:
        depth: how many tokens the context has that ends here.
        slot: where its keys and values are; -1 while they are not computed, or after being dropped.
        children: nodes that are computed, by token.
        pins: how many handles need it.
    """

    __slots__ = ("children", "depth", "parent", "pins", "slot", "token")

    def __init__(self, parent: Node | None, token: int) -> None:
        self.parent = parent
        self.token = token
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.slot = -1
        self.children: dict[int, Node] = {}
        self.pins = 0


class KeyValueTree:
    """A trie of the tokens that a causal transformer has read."""

    def __init__(self, forward: Forward) -> None:
        """Remembers nothing yet.

        Args:
            forward: the model.
        """
        self.root = Node(None, -1)
        self._torch = require("torch", "torch")
        self._run = forward
        self._cache = _make_cache()
        self._nodes: list[Node] = []  # by slot
        self._ancestors = np.zeros((256, 256), bool)  # [slot, slot of an ancestor or itself]

    def __len__(self) -> int:
        """Number of tokens remembered."""
        return len(self._nodes)

    def find(self, context: Sequence[int]) -> Node | None:
        """The node where a context ends, if it is remembered."""
        at: Node | None = self.root
        for token in context:
            at = at.children.get(token) if at is not None else None
        return at

    def compute(self, nodes: Sequence[Node], wanted: Sequence[int]) -> Any:
        """Reads new nodes in one forward pass.

        Args:
            nodes: not computed; a parent is computed or comes earlier.
            wanted: indices into `nodes`.

        Returns:
            A tensor of logits [len(wanted), V].
        """
        used = len(self._nodes)
        for slot, node in enumerate(nodes, used):
            node.slot = slot
        try:
            logits = self._forward(nodes, used, wanted)
        except BaseException:
            for node in nodes:
                node.slot = -1
            for layer in self._cache.layers:
                layer.truncate(used)
            raise
        for node in nodes:
            assert node.parent is not None
            # A context that is asked for again is read again, for its row: the first one stays.
            node.parent.children.setdefault(node.token, node)
        self._nodes += nodes
        return logits

    def _forward(self, nodes: Sequence[Node], used: int, wanted: Sequence[int]) -> Any:
        torch, device, dtype = self._torch, self._run.device, self._run.dtype
        visible = self._visible(nodes, used)
        seen = np.flatnonzero(visible.any(axis=0))
        if len(seen) <= _WORTH_GATHERING * visible.shape[1]:
            visible = visible[:, seen]
            self._attend_to(torch.from_numpy(seen).to(device))
        else:
            self._attend_to(None)
        hidden = torch.from_numpy(~visible).to(device)
        mask = torch.zeros(hidden.shape, dtype=dtype, device=device)
        mask.masked_fill_(hidden, torch.finfo(dtype).min)
        return self._run(
            torch.tensor([[node.token for node in nodes]], device=device),
            wanted,
            attention_mask=mask[None, None],
            position_ids=torch.tensor([[node.depth - 1 for node in nodes]], device=device),
            past_key_values=self._cache,
            use_cache=True,
        )[0]

    def _attend_to(self, slots: Any) -> None:
        """Chooses the slots that the next pass attends to, a tensor; None: all."""
        self._cache.layer_class_to_replicate.slots = slots

    def _visible(self, nodes: Sequence[Node], used: int) -> npt.NDArray[np.bool_]:
        """[new, all]: which tokens a new one attends to."""
        total = used + len(nodes)
        if total > len(self._ancestors):
            larger = np.zeros((max(total, 2 * len(self._ancestors)),) * 2, bool)
            larger[:used, :used] = self._ancestors[:used, :used]
            self._ancestors = larger
        for node in nodes:
            assert node.parent is not None
            row = self._ancestors[node.slot]
            if node.parent.slot < 0:
                row[:] = False
            else:
                row[:] = self._ancestors[node.parent.slot]
            row[node.slot] = True
        visible: npt.NDArray[np.bool_] = self._ancestors[used:total, :total].copy()
        return visible

    def keep(self, nodes: Iterable[Node]) -> None:
        """Forgets all nodes but these, their ancestors and what handles need."""
        kept = np.zeros(len(self._nodes), bool)
        for node in (*nodes, *self._pinned()):
            at: Node | None = node
            while at is not None and at.slot >= 0 and not kept[at.slot]:
                kept[at.slot] = True
                at = at.parent
        if not kept.all():
            self._select(np.flatnonzero(kept))

    def forget(self, nodes: Iterable[Node]) -> None:
        """Forgets these nodes, as far as no other one needs them."""
        unwanted = {node.slot for node in nodes}
        if unwanted:
            self.keep([node for node in self._nodes if node.slot not in unwanted])

    def _pinned(self) -> list[Node]:
        return [node for node in self._nodes if node.pins]

    def _select(self, slots: npt.NDArray[np.int64]) -> None:
        nodes = [self._nodes[slot] for slot in slots]
        for node in self._nodes:
            node.slot = -1
        for slot, node in enumerate(nodes):
            node.slot = slot
        for node in self._nodes:
            assert node.parent is not None
            if node.slot < 0 and node.parent.children.get(node.token) is node:
                del node.parent.children[node.token]
        self._nodes = nodes
        index = self._torch.from_numpy(slots).to(self._run.device)
        for layer in self._cache.layers:
            layer.select(index)
        count = len(slots)
        self._ancestors[:count, :count] = self._ancestors[np.ix_(slots, slots)]
        # A child takes over the row of its parent: nothing may be left of the old numbers.
        self._ancestors[:count, count:] = False


def _make_cache() -> Any:
    utils = require("transformers.cache_utils", "transformers", "transformers")
    return utils.Cache(layer_class_to_replicate=_layer_class(utils.DynamicLayer))


def _layer_class(base: type) -> type:
    """DynamicLayer of transformers with room to spare: it does not copy all keys for every token.

    Made on demand, because its base class belongs to an optional package, and for each tree, whose
    layers share the attribute `slots`.
    """
    torch = require("torch", "torch")

    def update(self: Any, keys: Any, values: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        if not self.is_initialized:
            self.lazy_initialization(keys, values)
            self.room = None
            self.keys, self.values = keys[..., :0, :], values[..., :0, :]
        used = self.keys.shape[-2]
        total = used + keys.shape[-2]
        if self.room is None or self.room[0].shape[-2] < total:
            self.room = tuple(
                torch.empty(
                    (*new.shape[:-2], max(total, 2 * used), new.shape[-1]),
                    dtype=new.dtype,
                    device=new.device,
                )
                for new in (keys, values)
            )
            self.room[0][..., :used, :] = self.keys
            self.room[1][..., :used, :] = self.values
        self.room[0][..., used:total, :] = keys
        self.room[1][..., used:total, :] = values
        self.truncate(total)
        if self.slots is None:
            return self.keys, self.values
        return self.keys.index_select(-2, self.slots), self.values.index_select(-2, self.slots)

    def truncate(self: Any, total: int) -> None:
        if self.is_initialized:
            self.keys, self.values = (store[..., :total, :] for store in self.room)

    def select(self: Any, index: Any) -> None:
        if self.is_initialized:
            self.room = (self.keys.index_select(-2, index), self.values.index_select(-2, index))
            self.keys, self.values = self.room

    members = {"slots": None, "update": update, "truncate": truncate, "select": select}
    return type("RoomyLayer", (base,), members)
