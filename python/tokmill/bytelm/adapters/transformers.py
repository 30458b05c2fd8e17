"""Causal language models of the library transformers, on the CPU or a GPU.

from tokmill.bytelm.adapters import TransformersModel

model = TransformersModel.from_pretrained("org/name")
lm = ByteModel(tokenizer, model, context_tokens=[bos])
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ..._errors import InvalidInput
from ._extras import require
from ._forward import Forward
from ._key_values import Node
from ._selection import StrategyName, choose, longest_tree
from ._strategies import BatchStrategy, Context, Ints, Strategy, TreeStrategy, TrunkStrategy

if TYPE_CHECKING:
    from typing_extensions import Self

Rows: TypeAlias = npt.NDArray[np.floating[Any]]

# Bytes of the logits of one forward pass.
_BLOCK_BYTES = 128 << 20


class Handle:
    """A context that a model keeps in mind; see `TransformersModel.extend`."""

    __slots__ = ("context", "node", "released")

    def __init__(self, context: Context, node: Node | None) -> None:
        self.context = context
        self.node = node
        self.released = False


class TransformersModel:
    """Rows of a causal language model, with the keys and values of what it read remembered.

    Contexts that begin like earlier ones cost their new tokens only. Where the architecture allows
    it, all contexts of a call go through one forward pass as a tree; whether it does is found out
    by comparing a few small trees with plain passes before the first use.

    Safe to be used by several threads, which take turns.

    Attributes:
        vocab_size: length of a row, which may be more than the tokenizer has ids.
        model: the model of transformers.
    """

    vocab_size: int
    model: Any

    def __init__(
        self,
        model: Any,
        *,
        strategy: Literal["auto", "tree", "trunk", "batch"] = "auto",
        cache_tokens: int = 8192,
    ) -> None:
        """Takes a loaded model, and puts it into evaluation mode.

        Args:
            model: for example an AutoModelForCausalLM.
            strategy: "tree": tree attention. "trunk": what all contexts of a call begin with is
                read once. "batch": nothing is remembered. "auto": the first of these with which
                the model gives the same rows as without.
            cache_tokens: how many tokens' keys and values to remember at most ("tree"); handles
                that are held and the contexts of the current call may exceed it.

        Raises:
            ImportError: torch or transformers is not installed.
        """
        self._torch = require("torch", "torch", "transformers")
        self.model = model.eval()
        self._forward = Forward(model)
        self.vocab_size = int(self._forward.config.vocab_size)
        double, single = self._torch.float64, self._torch.float32
        self._dtype = double if self._forward.dtype == double else single
        self._block_rows = max(16, min(512, _BLOCK_BYTES // (4 * self.vocab_size)))
        self._cache_tokens = cache_tokens
        self._wish: StrategyName | None = None if strategy == "auto" else strategy
        self._strategies: dict[StrategyName, Strategy] = {}
        self._without_tree: StrategyName | None = None
        self._longest_tree = longest_tree(self._forward.config)
        self._longest = getattr(self._forward.config, "max_position_embeddings", None) or 1 << 62
        self._token_count = int(model.get_input_embeddings().weight.shape[0])
        self._lock = threading.RLock()

    @classmethod
    def from_pretrained(cls, name: str, **options: Any) -> Self:
        """Loads a model with AutoModelForCausalLM.

        Args:
            name: of a model, or a directory.
            options: for `AutoModelForCausalLM.from_pretrained`, such as `dtype`, `device_map` or
                `gguf_file`.

        Raises:
            ImportError: torch or transformers is not installed.
        """
        transformers = require("transformers", "transformers", "transformers")
        return cls(transformers.AutoModelForCausalLM.from_pretrained(name, **options))

    @property
    def strategy(self) -> StrategyName:
        """How contexts are read: "tree", "trunk" or "batch"."""
        with self._lock:
            if self._wish is None:
                names: tuple[StrategyName, ...] = ("tree", "trunk", "batch")
                self._wish = choose(names, self._make_strategy, self.vocab_size)
            return self._wish

    def next_token_logprobs(self, contexts: Sequence[Sequence[int]]) -> Rows:
        """The rows of contexts; equal ones are read once.

        Args:
            contexts: n of them, not empty: most models know no empty context, so give ByteModel
                `context_tokens`, such as the id of BOS.

        Returns:
            An array [n, V] of log-probabilities: float32, or float64 if the model is.

        Raises:
            InvalidInput: a context is empty, longer than the model can read, or has a token that
                the model does not know; `index` says which one.
        """
        keys = [tuple(map(int, context)) for context in contexts]
        for index, key in enumerate(keys):
            self._check(key, index)
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        with self._lock:
            rows = self._rows(list(places))
        if len(places) == len(keys):
            return rows
        return rows[[places[key] for key in keys]]

    def next_token_logprobs_tree(self, tokens: Ints, parent: Ints) -> Rows:
        """The rows of all nodes of a tree of tokens.

        Args:
            tokens: [n], the token of each node.
            parent: [n], the number of its parent, smaller than its own; -1 for the first token of
                a context.

        Returns:
            An array [n, V]; row i belongs to the context that ends with node i.

        Raises:
            InvalidInput: as `next_token_logprobs`.
        """
        rows = np.empty((len(tokens), self.vocab_size), self._numpy_dtype)
        done = 0
        for block in self.next_token_logprobs_tree_blocks(tokens, parent, np.arange(len(tokens))):
            rows[done : done + len(block)] = block
            done += len(block)
        return rows

    def next_token_logprobs_tree_blocks(
        self,
        tokens: Ints,
        parent: Ints,
        wanted: Ints,
    ) -> Iterator[Rows]:
        """The rows of some nodes of a tree, in bounded memory.

        Args:
            tokens: [n], as in `next_token_logprobs_tree`.
            parent: [n], likewise.
            wanted: [m], the nodes whose rows are wanted, ascending.

        Yields:
            Arrays [k, V] of the rows of the wanted nodes, in order. An array is overwritten when
            the next one is asked for.

        Raises:
            InvalidInput: as `next_token_logprobs`.
        """
        depths = _depths(tokens, parent)
        self._check_tree(tokens, parent, depths, wanted)
        buffer = self._torch.empty((self._block_rows, self.vocab_size), dtype=self._dtype)
        if len(tokens) and self._is_tree(int(depths.max())):
            blocks = self._tree.blocks(tokens, parent, wanted)
        else:
            blocks = self._path_blocks(tokens, parent, wanted)
        while True:
            with self._lock:
                logits = next(blocks, None)
                if logits is None:
                    return
                self._normalize(logits, buffer[: len(logits)])
            if len(logits):
                yield buffer[: len(logits)].numpy()

    def extend(self, handle: Handle | None, token: int) -> tuple[Handle, Rows]:
        """Reads one more token, and keeps in mind what was read until the handle is released.

        Args:
            handle: of the context before it, released or not; None for the empty one.
            token: the id.

        Returns:
            (the handle of the longer context, its row [V]).

        Raises:
            InvalidInput: as `next_token_logprobs`.
        """
        context = (*(handle.context if handle else ()), int(token))
        self._check(context, 0)
        with self._lock:
            if not self._is_tree(len(context)):
                return Handle(context, None), self._rows([context])[0]
            strategy = self._tree
            at = strategy.tree.root if handle is None else handle.node
            if at is None or (at.slot < 0 and at.depth):
                # What was released has been forgotten: it is read again.
                row, found = self._rows([context])[0], strategy.tree.find(context)
                assert found is not None
                node = found
            else:
                node = Node(at, int(token))
                strategy.make_room(1, [at])
                row = self._normalized(strategy.tree.compute([node], [0]))[0]
            node.pins += 1
            return Handle(context, node), row

    def release(self, handle: Handle) -> None:
        """Lets a context be forgotten. Handles made from it stay valid; a second call is no error.

        Args:
            handle: what `extend` gave.
        """
        with self._lock:
            if handle.node is not None and not handle.released:
                handle.node.pins -= 1
            handle.released = True

    # --- inside ------------------------------------------------------------------------------

    @property
    def _numpy_dtype(self) -> type[np.floating[Any]]:
        return np.float64 if self._dtype == self._torch.float64 else np.float32

    @property
    def _tree(self) -> TreeStrategy:
        tree = self._strategies.setdefault("tree", self._make_strategy("tree"))
        assert isinstance(tree, TreeStrategy)
        return tree

    def _is_tree(self, depth: int) -> bool:
        return self.strategy == "tree" and depth <= self._longest_tree

    def _strategy_for(self, depth: int) -> Strategy:
        """The strategy for contexts of up to so many tokens."""
        if self._is_tree(depth):
            return self._tree
        name = self.strategy
        if name == "tree":
            if self._without_tree is None:
                names: tuple[StrategyName, ...] = ("trunk", "batch")
                self._without_tree = choose(names, self._make_strategy, self.vocab_size)
            name = self._without_tree
        if name not in self._strategies:
            self._strategies[name] = self._make_strategy(name)
        return self._strategies[name]

    def _make_strategy(self, name: StrategyName) -> Strategy:
        if name == "tree":
            return TreeStrategy(self._forward, self._block_rows, self._cache_tokens)
        if name == "trunk":
            return TrunkStrategy(self._forward, self._block_rows)
        return BatchStrategy(self._forward, self._block_rows)

    def _rows(self, contexts: Sequence[Context]) -> Rows:
        out = self._torch.empty((len(contexts), self.vocab_size), dtype=self._dtype)
        if contexts:
            strategy = self._strategy_for(max(map(len, contexts)))
            for indices, logits in strategy.pieces(contexts):
                if _consecutive(indices):
                    self._normalize(logits, out[indices[0] : indices[-1] + 1])
                elif indices:
                    out[list(indices)] = self._torch.from_numpy(self._normalized(logits))
        rows: Rows = out.numpy()
        return rows

    def _path_blocks(self, tokens: Ints, parent: Ints, wanted: Ints) -> Iterator[Any]:
        """The logits of wanted nodes in blocks, without a tree."""
        for begin in range(0, len(wanted), self._block_rows):
            contexts = [_path(tokens, parent, int(i)) for i in wanted[begin:][: self._block_rows]]
            strategy = self._strategy_for(max(map(len, contexts)))
            block: Any = None
            for indices, logits in strategy.pieces(contexts):
                if block is None:
                    block = logits.new_empty((len(contexts), logits.shape[-1]))
                block[list(indices)] = logits
            yield block

    def _normalize(self, logits: Any, out: Any) -> None:
        """Writes log-probabilities into `out`, a tensor on the CPU."""
        if logits.dtype == out.dtype and logits.device == out.device:
            with self._torch.inference_mode():
                self._torch.log_softmax(logits, -1, out=out)
        else:
            out.copy_(self._torch.log_softmax(logits, -1, dtype=out.dtype))

    def _normalized(self, logits: Any) -> Rows:
        out = self._torch.empty(logits.shape, dtype=self._dtype)
        self._normalize(logits, out)
        rows: Rows = out.numpy()
        return rows

    def _check(self, context: Context, index: int) -> None:
        if not context:
            raise InvalidInput(
                "the model needs at least one token to read: give ByteModel context_tokens, such "
                "as the id of BOS",
                index=index,
            )
        self._check_length(len(context), index)
        if not 0 <= min(context) <= max(context) < self._token_count:
            raise InvalidInput(
                f"a context has a token outside 0..{self._token_count - 1}", index=index
            )

    def _check_length(self, length: int, index: int) -> None:
        if length > self._longest:
            raise InvalidInput(
                f"a context has {length} tokens, and the model reads {self._longest} at most",
                index=index,
            )

    def _check_tree(self, tokens: Ints, parent: Ints, depths: Ints, wanted: Ints) -> None:
        if not len(tokens):
            return
        for index in np.flatnonzero(depths == 0):
            if index in wanted:
                self._check((), int(index))
        deepest = int(depths.argmax())
        self._check_length(int(depths[deepest]), deepest)
        for index in np.flatnonzero((tokens >= self._token_count) | ((tokens < 0) & (depths > 0))):
            self._check((int(tokens[index]),), int(index))


def _consecutive(indices: Sequence[int]) -> bool:
    return bool(indices) and list(indices) == list(range(indices[0], indices[0] + len(indices)))


def _depths(tokens: Ints, parent: Ints) -> Ints:
    """How many tokens the context of each node has; 0 for a node that stands for the empty one."""
    depths: list[int] = []
    for index, (token, above) in enumerate(zip(tokens.tolist(), parent.tolist(), strict=True)):
        if not -1 <= above < index:
            raise InvalidInput(f"node {index} has the parent {above}", index=index)
        depths.append(depths[above] + 1 if above >= 0 else int(token >= 0))
    return np.array(depths, np.int64)


def _path(tokens: Ints, parent: Ints, node: int) -> Context:
    path: list[int] = []
    while node >= 0:
        if tokens[node] >= 0:
            path.append(int(tokens[node]))
        node = int(parent[node])
    return tuple(reversed(path))
