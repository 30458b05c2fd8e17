"""Models of llama.cpp through the package llama-cpp-python.

    from llama_cpp import Llama
    from tokmill.bytelm.adapters import LlamaCppModel

    model = LlamaCppModel(Llama("model.gguf", n_ctx=4096))
    lm = ByteModel(tokenizer, model, context_tokens=[bos])

The Llama has one sequence in memory. Contexts are read in the order of a trie, so that going on
from an earlier beginning costs the new tokens only: each node of the tree is decoded once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._errors import InvalidInput
from ._extras import require


class LlamaCppModel:
    """Rows of a `llama_cpp.Llama`, which must not be used otherwise at the same time.

    Attributes:
        vocab_size: length of a row.
    """

    vocab_size: int

    def __init__(self, llama: Any) -> None:
        """Takes a loaded model.

        Args:
            llama: a `llama_cpp.Llama`; it needs neither `logits_all` nor `embedding`.

        Raises:
            ImportError: llama-cpp-python is not installed.
        """
        self._library = require("llama_cpp", "llama-cpp-python")
        self._llama = llama
        self.vocab_size = int(llama.n_vocab())
        self._read: list[int] = []  # what the Llama has in memory
        self._lock = threading.Lock()
        llama.reset()

    def next_token_logprobs(self, contexts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """The rows of contexts.

        Args:
            contexts: n of them, not empty.

        Returns:
            Log-probabilities, float32 [n, V].

        Raises:
            InvalidInput: a context is empty, longer than `n_ctx`, or has a token that is no id.
        """
        keys = [tuple(map(int, context)) for context in contexts]
        for index, key in enumerate(keys):
            self._check(key, index)
        rows = np.empty((len(keys), self.vocab_size), np.float32)
        last = -1
        with self._lock:
            for index in sorted(range(len(keys)), key=keys.__getitem__):
                if last >= 0 and keys[last] == keys[index]:
                    rows[index] = rows[last]
                else:
                    rows[index] = self._row(keys[index])
                last = index
        return rows

    def _check(self, context: Sequence[int], index: int) -> None:
        if not context:
            raise InvalidInput(
                "the model needs at least one token to read: give ByteModel context_tokens, such "
                "as the id of BOS",
                index=index,
            )
        if len(context) > self._llama.n_ctx():
            raise InvalidInput(
                f"a context has {len(context)} tokens, and n_ctx is {self._llama.n_ctx()}",
                index=index,
            )
        if not 0 <= min(context) <= max(context) < self.vocab_size:
            raise InvalidInput(
                f"a context has a token outside 0..{self.vocab_size - 1}", index=index
            )

    def _row(self, context: Sequence[int]) -> npt.NDArray[np.float32]:
        known = 0
        # The last token is always read: its row is not kept.
        for old, new in zip(self._read, context[:-1], strict=False):
            if old != new:
                break
            known += 1
        if not self._cut(known):
            known = 0
        self._read = []  # should the library fail, nothing is known about its memory
        self._llama.eval(list(context[known:]))
        self._read = list(context)
        pointer = self._library.llama_get_logits_ith(self._llama.ctx, -1)
        logits = np.ctypeslib.as_array(pointer, (self.vocab_size,))
        shifted = logits - logits.max()
        row: npt.NDArray[np.float32] = shifted - np.log(np.exp(shifted, dtype=np.float64).sum())
        return row

    def _cut(self, known: int) -> bool:
        """Goes back to the first `known` tokens; False if the model can only start again."""
        memory = self._library.llama_get_memory(self._llama.ctx)
        if self._library.llama_memory_seq_rm(memory, 0, known, -1):
            self._llama.n_tokens = known
            return True
        # A recurrent model has one state, that of all its tokens.
        self._library.llama_memory_clear(memory, True)
        self._llama.n_tokens = 0
        return False
