"""One forward pass of a causal language model of transformers, with the rows that are wanted."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from ._extras import require


class Forward:
    """Calls a model and lets it compute the logits of some positions only, if it can.

    The logits are the larger part of the memory, and of a small model's time.
    """

    def __init__(self, model: Any) -> None:
        """Takes a model as it is; it should be in evaluation mode.

        Args:
            model: for example an AutoModelForCausalLM.
        """
        self._torch = require("torch", "torch")
        self._model = model
        self._selects = "logits_to_keep" in inspect.signature(model.forward).parameters

    @property
    def device(self) -> Any:
        """Where the model takes its input."""
        return self._model.device

    @property
    def dtype(self) -> Any:
        """The type of the model's weights."""
        return self._model.dtype

    @property
    def config(self) -> Any:
        """The configuration of the language model, also of one that can do more."""
        return self._model.config.get_text_config()

    def __call__(self, tokens: Any, wanted: Sequence[int], **inputs: Any) -> Any:
        """The logits behind some positions.

        Args:
            tokens: a tensor of ids [batch, length].
            wanted: positions below length, ascending.
            inputs: what else the model takes.

        Returns:
            A tensor [batch, len(wanted), V].
        """
        every = len(wanted) == tokens.shape[1]
        with self._torch.inference_mode():
            if every:
                return self._model(input_ids=tokens, **inputs).logits
            index = self._torch.tensor(list(wanted), device=self.device)
            if self._selects:
                inputs["logits_to_keep"] = index
                return self._model(input_ids=tokens, **inputs).logits
            return self._model(input_ids=tokens, **inputs).logits[:, index]
