"""What a language model has to offer, and what it may offer besides.

A model is a callable of token contexts, or an object with the method `next_token_logprobs`. The
other methods are accelerations: they are used if they are there, and change no result.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

# Contexts -> an array [n, V], n rows of log-probabilities or logits over the ids.
RowFunction: TypeAlias = Callable[[list[list[int]]], Any]


class NextTokenModel(Protocol):
    """A language model over tokens."""

    def next_token_logprobs(self, contexts: list[list[int]]) -> Any:
        """The distributions of the next token.

        Args:
            contexts: the ids before it, different ones; a context may be empty if the ByteModel
                has no `context_tokens`.

        Returns:
            An array [len(contexts), V] of log-probabilities or logits: NumPy, or anything that
            NumPy can read (DLPack, tensors of torch). V may be larger than the vocabulary: ids
            beyond it never occur.
        """


class TreeModel(NextTokenModel, Protocol):
    """A model that can read many contexts with common beginnings at once."""

    def next_token_logprobs_tree(
        self, tokens: npt.NDArray[np.int32], parent: npt.NDArray[np.int32]
    ) -> Any:
        """The distributions behind every node of a tree of tokens.

        Args:
            tokens: [n], the token of a node.
            parent: [n], the number of its parent, which is smaller than its own; -1 for a node
                without one: its token is the first of a context.

        Returns:
            An array [n, V]; row i belongs to the context that ends with node i.
        """

    # Optional: next_token_logprobs_tree_blocks(tokens, parent, wanted) yields the rows of the
    # nodes `wanted` (ascending) in arrays [k, V], each of which is used before the next is made.


class HandleModel(NextTokenModel, Protocol):
    """A model that remembers what it has read (a cache of keys and values).

    Used if the model does not read trees; one that does keeps its cache itself.
    """

    def extend(self, handle: Any, token: int) -> tuple[Any, Any]:
        """Reads one more token.

        Args:
            handle: what an earlier call gave, which stays valid; None for the empty context.
            token: the id.

        Returns:
            (handle of the longer context, its row [V]).
        """

    def release(self, handle: Any) -> None:
        """Forgets a context; handles that were made from it stay valid."""


class FiniteStateModel(NextTokenModel, Protocol):
    """A model that tells apart finitely many contexts, such as an n-gram model."""

    def state_key(self, context: Sequence[int]) -> Hashable:
        """The same key for contexts whose futures have the same probabilities."""


AnyModel: TypeAlias = NextTokenModel | RowFunction
