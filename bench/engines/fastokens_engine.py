"""fastokens: encode_batch_flat, which makes no Python object an id."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from engines.base import Definition, Engine, Ids, Offsets

fastokens: Any = importlib.import_module("fastokens")


class Fastokens:
    """Threads are set by RAYON_NUM_THREADS in the environment."""

    def __init__(self, definition: Definition) -> None:
        if definition.reference == "tiktoken" and definition.ranks is not None:
            self._tok: Any = fastokens.Tokenizer.from_tiktoken(
                definition.ranks,
                pattern=definition.pattern,
                special_tokens=definition.special_tokens,
            )
        else:
            self._tok = fastokens.Tokenizer.from_file(definition.need_hf())

    def encode(self, texts: list[str]) -> Any:
        return self._tok.encode_batch_flat(texts)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        ids, offsets = result
        return np.frombuffer(ids, np.uint32), np.frombuffer(offsets, np.uint64).astype(np.int64)

    def encode_one(self, text: str) -> Any:
        return self._tok.encode(text).ids

    def decode_input(self, ids: Ids) -> Any:
        return ids.tolist()

    def decode(self, prepared: Any) -> bytes | str:
        text: str = self._tok.decode(prepared)
        return text


def load(definition: Definition, threads: int) -> Engine:
    """Loads the definition; threads come from the environment of the worker."""
    return Fastokens(definition)
