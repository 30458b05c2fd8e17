"""tokmill: encode_batch into one flat array with offsets."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine, Ids, Offsets, Refused

tokmill: Any = importlib.import_module("tokmill")


class Tokmill:
    """Reads the format that the reference of the definition owns."""

    def __init__(self, definition: Definition, threads: int) -> None:
        of_tiktoken = definition.reference == "tiktoken"
        path = definition.ranks if of_tiktoken else definition.hf or definition.spm
        if path is None:
            raise Refused("no definition file")
        self._threads = threads
        # tiktoken's encode_ordinary, the reference of rank files, reads special tokens as text.
        self._special = "text" if of_tiktoken else "parse"
        self.tokenizer: Any = tokmill.Tokenizer.from_file(path)

    def encode(self, texts: list[str]) -> Any:
        return self.tokenizer.encode_batch(
            texts, add_special_tokens=False, special=self._special, threads=self._threads
        )

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        return result.ids, result.offsets

    def encode_one(self, text: str) -> Any:
        return self.tokenizer.encode(text)

    def decode_input(self, ids: Ids) -> Any:
        return ids

    def decode(self, prepared: Any) -> bytes | str:
        data: bytes = self.tokenizer.decode_bytes(prepared)
        return data


def load(definition: Definition, threads: int) -> Engine:
    """Loads the definition file; `tokenizer` gives the worker the object for snapshots."""
    return Tokmill(definition, threads)
