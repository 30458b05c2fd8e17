"""quicktok: encode_batch with the encodings that it carries (it reads no definition files)."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from engines.base import Definition, Engine, Ids, Offsets, Refused
from engines.shared import EncodingCalls

quicktok: Any = importlib.import_module("quicktok")


class Quicktok(EncodingCalls):
    """Reads special tokens as text: its search for them costs ten times the encoding."""

    def __init__(self, definition: Definition, threads: int) -> None:
        if definition.quicktok is None:
            raise Refused("has no such encoding")
        self._threads = threads
        self._enc = quicktok.get_encoding(definition.quicktok)

    def encode(self, texts: list[str]) -> Any:
        return self._enc.encode_batch(texts, self._threads)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        ids, offsets = result
        return np.asarray(ids, dtype=np.uint32), np.asarray(offsets, dtype=np.int64)


def load(definition: Definition, threads: int) -> Engine:
    """Opens the encoding of that name among its own."""
    return Quicktok(definition, threads)
