"""Asking a model for rows: which of its ways to use, and what its answers have to look like."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .._errors import InvalidInput
from ._protocol import AnyModel

Context: TypeAlias = tuple[int, ...]
Rows: TypeAlias = npt.NDArray[np.floating[Any]]
RowTransform: TypeAlias = Callable[[Rows], Any]
Ints: TypeAlias = npt.NDArray[np.integer[Any]]
TreeFunction: TypeAlias = Callable[[Ints, Ints, Ints], Iterator[Any]]

# Handles of a model with a cache that are kept for the contexts asked for last.
_HANDLES = 64


def as_rows(value: Any, count: int, id_count: int) -> Rows:
    """The answer of a model as float32 or float64 [count, V] with V >= id_count.

    Raises:
        InvalidInput: it has another shape, or does not hold real numbers.
    """
    rows = _as_array(value)
    if rows.ndim != 2 or rows.shape[0] != count or rows.shape[1] < id_count:
        raise InvalidInput(
            f"the model gave rows of shape {tuple(rows.shape)} for {count} contexts and "
            f"{id_count} ids: [{count}, V] with V >= {id_count} is needed"
        )
    if rows.dtype in (np.float32, np.float64):
        return rows
    if rows.dtype.kind not in "fiu":
        raise InvalidInput(f"the model gave rows of {rows.dtype}: real numbers are needed")
    return rows.astype(np.float32 if rows.dtype == np.float16 else np.float64)


def _as_array(value: Any) -> npt.NDArray[Any]:
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # torch
        value = value.detach().cpu()
        # NumPy has no bfloat16.
        return np.asarray(value.numpy() if str(value.dtype) == "torch.float64" else value.float())
    if hasattr(value, "__dlpack__"):
        return np.asarray(np.from_dlpack(value))
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InvalidInput(f"the model gave rows that are no array: {error}") from None


def name_row(error: InvalidInput, contexts: Sequence[Context]) -> InvalidInput:
    """The same error, saying which context the row belongs to that is to blame."""
    if error.index is None or not 0 <= error.index < len(contexts):
        return error
    context = contexts[error.index]
    shown = ", ".join(map(str, context[-8:]))
    dots = "..., " if len(context) > 8 else ""
    return InvalidInput(f"{error} (context [{dots}{shown}])", index=error.index)


class RowSource:
    """A model with its accelerations behind one function."""

    def __init__(self, model: AnyModel, id_count: int, transform: RowTransform | None) -> None:
        ask = getattr(model, "next_token_logprobs", model)
        if not callable(ask):
            raise TypeError(
                f"model must be a callable or have next_token_logprobs, not {type(model).__name__}"
            )
        self._ask: Callable[[list[list[int]]], Any] = ask
        self._tree = _tree_function(model)
        self._extend = getattr(model, "extend", None)
        # A model that reads trees looks after its own cache.
        self._by_handle = self._extend is not None and self._tree is None
        self._release = getattr(model, "release", None)
        self._handles: OrderedDict[Context, Any] = OrderedDict()
        self._id_count = id_count
        self._transform = transform

    def checked(self, rows: Any, count: int) -> Rows:
        """Rows of any origin as an array, and transformed if the user wants that."""
        array = as_rows(rows, count, self._id_count)
        if self._transform is None:
            return array
        return as_rows(self._transform(array), count, self._id_count)

    def rows(self, contexts: Sequence[Context]) -> Rows:
        """The rows of different contexts, [n, V], from as few calls as the model allows."""
        if self._by_handle:
            parts = [self._extended(context) for context in contexts]
            return self.checked(np.stack(parts), len(contexts))
        if self._tree is None or len(contexts) == 1:
            return self.checked(self._ask([list(c) for c in contexts]), len(contexts))
        tree = _Tree(context for context in contexts if context)
        order = np.argsort(tree.nodes)
        wanted = np.array(tree.nodes, np.int64)[order]
        found = self._tree(np.array(tree.tokens, np.int32), np.array(tree.parent, np.int32), wanted)
        parts = [np.array(_as_array(block)) for block in found]
        rows = np.concatenate(parts)[np.argsort(order)]
        if () in contexts:  # it is no node
            rows = np.insert(rows, contexts.index(()), _as_array(self._ask([[]]))[0], axis=0)
        return self.checked(rows, len(contexts))

    def blocks(
        self, front: Context, tokens: npt.NDArray[np.int32], parents: npt.NDArray[np.int32]
    ) -> Iterator[Rows]:
        """The rows of a tree of contexts behind `front`, in order and in parts, from one call.

        Args:
            front: tokens before all of them.
            tokens: [n]; node 0 is the root, which has no token.
            parents: [n], numbers of nodes, smaller than their own.

        Yields:
            Arrays [k, V], to be used before the next one is asked for.
        """
        if self._tree is None or self._by_handle:
            yield self.rows(paths(front, tokens, parents))
            return
        # The model's tree has nodes for the tokens of `front` in place of the root.
        size = len(front)
        above = np.where(parents[1:] == 0, size - 1, parents[1:] + (size - 1))
        nodes = np.concatenate([np.array(front, np.int32), tokens[1:]])
        links = np.concatenate([np.arange(-1, size - 1), above]).astype(np.int32)
        if not size:
            yield self.checked(self._ask([[]]), 1)
        if len(nodes):
            for block in self._tree(nodes, links, np.arange(max(size - 1, 0), len(nodes))):
                array = _as_array(block)
                yield self.checked(array, len(array))

    def _extended(self, context: Context) -> npt.NDArray[Any]:
        """One row by reading on from the longest beginning that the model remembers."""
        if not context:
            return np.asarray(_as_array(self._ask([[]]))[0])
        assert self._extend is not None
        known = len(context) - 1
        while known > 0 and context[:known] not in self._handles:
            known -= 1
        handle = self._handles.get(context[:known])
        if known:
            self._handles.move_to_end(context[:known])
        row: Any = None
        for end in range(known, len(context)):
            handle, row = self._extend(handle, context[end])
            self._remember(context[: end + 1], handle)
        return _as_array(row)

    def _remember(self, context: Context, handle: Any) -> None:
        self._forget([context] if context in self._handles else [])
        self._handles[context] = handle
        surplus = len(self._handles) - _HANDLES
        self._forget(list(self._handles)[: max(surplus, 0)])

    def _forget(self, contexts: Iterable[Context]) -> None:
        for context in contexts:
            handle = self._handles.pop(context)
            if self._release is not None:
                self._release(handle)


def _tree_function(model: AnyModel) -> TreeFunction | None:
    """(tokens, parent, wanted nodes) -> blocks of rows, from what the model offers."""
    in_blocks = getattr(model, "next_token_logprobs_tree_blocks", None)
    if in_blocks is not None:
        found: TreeFunction = in_blocks
        return found
    whole = getattr(model, "next_token_logprobs_tree", None)
    if whole is None:
        return None

    def blocks(tokens: Ints, parent: Ints, wanted: Ints) -> Iterator[Any]:
        rows = _as_array(whole(tokens, parent))
        if rows.shape[:1] != tokens.shape:
            raise InvalidInput(
                f"the model gave rows of shape {rows.shape} for a tree of {len(tokens)} nodes"
            )
        yield rows[wanted]

    return blocks


def paths(
    front: Context, tokens: npt.NDArray[np.int32], parents: npt.NDArray[np.int32]
) -> list[Context]:
    """The contexts of the nodes of a tree behind `front`; node 0 is `front` itself."""
    made = [front]
    for token, parent in zip(tokens[1:].tolist(), parents[1:].tolist(), strict=True):
        made.append((*made[parent], token))
    return made


class _Tree:
    """The tree of all beginnings of some contexts; `nodes[i]` is where context i ends."""

    def __init__(self, contexts: Iterable[Context]) -> None:
        self.tokens: list[int] = []
        self.parent: list[int] = []
        numbers: dict[tuple[int, int], int] = {}
        self.nodes: list[int] = []
        for context in contexts:
            node = -1
            for token in context:
                child = numbers.setdefault((node, token), len(self.tokens))
                if child == len(self.tokens):
                    self.tokens.append(token)
                    self.parent.append(node)
                node = child
            self.nodes.append(node)
