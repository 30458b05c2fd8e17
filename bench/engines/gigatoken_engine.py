"""gigatoken: encode_batch, whose result is one flat array with offsets."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from engines.base import Definition, Engine, Ids, Offsets

gigatoken: Any = importlib.import_module("gigatoken")
# Loaded by the first encode_batch otherwise, which would count as tokenization.
importlib.import_module("awkward")


class Gigatoken:
    """tokenizer.json where there is one, else a rank file whose name it knows."""

    def __init__(self, definition: Definition, threads: int) -> None:
        self._parallel = threads > 1
        if definition.reference == "tiktoken" and definition.ranks is not None:
            self._tok: Any = gigatoken.Tokenizer.from_tiktoken(definition.ranks)
        else:
            self._tok = gigatoken.Tokenizer(definition.need_hf())

    def encode(self, texts: list[str]) -> Any:
        return self._tok.encode_batch(texts, parallel=self._parallel)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        layout = result.layout
        start, stop = int(layout.offsets.data[0]), int(layout.offsets.data[-1])
        ids = np.asarray(layout.content.data[start:stop], dtype=np.uint32)
        return ids, np.asarray(layout.offsets.data, dtype=np.int64) - start

    def encode_one(self, text: str) -> Any:
        return self._tok.encode(text)

    def decode_input(self, ids: Ids) -> Any:
        return ids

    def decode(self, prepared: Any) -> bytes | str:
        data: bytes = self._tok.decode(prepared)
        return data


def load(definition: Definition, threads: int) -> Engine:
    """Loads the definition; more than one thread means its own thread pool."""
    return Gigatoken(definition, threads)
