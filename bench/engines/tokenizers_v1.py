"""Hugging Face tokenizers 1.0 (release candidate): encode_batch."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine, Ids, Offsets, join

tokenizers: Any = importlib.import_module("tokenizers")


class TokenizersV1:
    """Threads are set by RAYON_NUM_THREADS in the environment."""

    def __init__(self, definition: Definition) -> None:
        self._tok: Any = tokenizers.Tokenizer.from_file(definition.need_hf())

    def encode(self, texts: list[str]) -> Any:
        return self._tok.encode_batch(texts, add_special_tokens=False)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        return join([encoding.ids for encoding in result])

    def encode_one(self, text: str) -> Any:
        return self._tok.encode(text, add_special_tokens=False).ids

    def decode_input(self, ids: Ids) -> Any:
        return ids.tolist()

    def decode(self, prepared: Any) -> bytes | str:
        text: str = self._tok.decode(prepared, skip_special_tokens=False)
        return text


def load(definition: Definition, threads: int) -> Engine:
    """Loads tokenizer.json; threads come from the environment of the worker."""
    return TokenizersV1(definition)
