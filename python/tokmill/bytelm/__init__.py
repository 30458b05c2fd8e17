"""Exact byte-level probabilities from language models over tokens.

    from tokmill import get_encoding
    from tokmill.bytelm import ByteModel

    model = ByteModel(get_encoding("gpt2"), my_model)      # contexts -> rows [n, V]
    model.next_byte_logprobs(b"The ca")                    # [257], the last one: end of text
    model.bits_per_byte("Any text.")
    model.complete("a prompt that ends insi")              # token ids

docs/bytelm.md says which probability is which.
"""

from __future__ import annotations

from ._ensemble import Ensemble, EnsembleState, ensemble
from ._fill import FillInMiddle, FillTokens
from ._healing import (
    AlignedPrompt,
    align_prompt,
    aligned_state,
    byte_prefix_mask,
    naive_byte_distributions,
    naive_next_byte_logprobs,
)
from ._measure import ByteMeasure
from ._model import ByteModel
from ._plot import plot_next_bytes
from ._protocol import AnyModel, FiniteStateModel, HandleModel, NextTokenModel, TreeModel
from ._state import State
from ._vocabulary import ByteVocab
from ._witnesses import default_witnesses

__all__ = [
    "AlignedPrompt",
    "AnyModel",
    "ByteMeasure",
    "ByteModel",
    "ByteVocab",
    "Ensemble",
    "EnsembleState",
    "FillInMiddle",
    "FillTokens",
    "FiniteStateModel",
    "HandleModel",
    "NextTokenModel",
    "State",
    "TreeModel",
    "align_prompt",
    "aligned_state",
    "byte_prefix_mask",
    "default_witnesses",
    "ensemble",
    "naive_byte_distributions",
    "naive_next_byte_logprobs",
    "plot_next_bytes",
]
