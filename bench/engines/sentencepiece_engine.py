"""sentencepiece: encode of a list, which makes one list of ids a text."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine, Ids, Offsets, Refused, join

sentencepiece: Any = importlib.import_module("sentencepiece")


class Sentencepiece:
    """One thread or as many as asked for, in the call itself."""

    def __init__(self, definition: Definition, threads: int) -> None:
        if definition.spm is None:
            raise Refused("reads only .model files")
        self._threads = threads
        self._tok: Any = sentencepiece.SentencePieceProcessor(model_file=definition.spm)

    def encode(self, texts: list[str]) -> Any:
        return self._tok.encode(texts, num_threads=self._threads)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        return join(result)

    def encode_one(self, text: str) -> Any:
        return self._tok.encode(text)

    def decode_input(self, ids: Ids) -> Any:
        return ids.tolist()

    def decode(self, prepared: Any) -> bytes | str:
        text: str = self._tok.decode(prepared)
        return text


def load(definition: Definition, threads: int) -> Engine:
    """Loads the .model file."""
    return Sentencepiece(definition, threads)
