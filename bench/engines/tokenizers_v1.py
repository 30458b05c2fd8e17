"""Hugging Face tokenizers 1.0 (release candidate): encode_batch."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine
from engines.shared import HuggingFaceCalls

tokenizers: Any = importlib.import_module("tokenizers")


class TokenizersV1(HuggingFaceCalls):
    """Threads are set by RAYON_NUM_THREADS in the environment."""

    def __init__(self, definition: Definition) -> None:
        self._tok = tokenizers.Tokenizer.from_file(definition.need_hf())

    def encode(self, texts: list[str]) -> Any:
        return self._tok.encode_batch(texts, add_special_tokens=False)


def load(definition: Definition, threads: int) -> Engine:
    """Loads tokenizer.json; threads come from the environment of the worker."""
    return TokenizersV1(definition)
