"""tiktoken: encode_ordinary for one thread, encode_ordinary_batch for more."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine, Ids, Offsets, Refused, join, read_ranks
from engines.shared import EncodingCalls

tiktoken: Any = importlib.import_module("tiktoken")


class Tiktoken(EncodingCalls):
    """An Encoding made of a rank file, so that no network is needed."""

    def __init__(self, definition: Definition, threads: int) -> None:
        if definition.ranks is None or definition.pattern is None:
            raise Refused("reads only rank files")
        self._threads = threads
        self._enc = tiktoken.Encoding(
            definition.name,
            pat_str=definition.pattern,
            mergeable_ranks=read_ranks(definition.ranks),
            special_tokens=definition.special_tokens,
        )

    def encode(self, texts: list[str]) -> Any:
        if self._threads == 1:
            # The batch call would start a thread pool for nothing.
            encode = self._enc.encode_ordinary
            return [encode(text) for text in texts]
        return self._enc.encode_ordinary_batch(texts, num_threads=self._threads)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        return join(result)


def load(definition: Definition, threads: int) -> Engine:
    """Reads the rank file and compiles the encoding."""
    return Tiktoken(definition, threads)
