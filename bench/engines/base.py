"""What an adapter has to offer to the worker, and the conversions that most of them share."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]


class Refused(Exception):
    """The engine cannot load this definition; the text says why."""


@dataclass(frozen=True)
class Definition:
    """One tokenizer, in every form in which an engine may want it.

    name: "gpt2", "llama-3.1", ...; `reference` is the engine that owns its format.
    hf: path of a tokenizer.json, or None.
    ranks: path of a tiktoken rank file, or None; `pattern` and `special_tokens` complete it.
    quicktok: name of the encoding inside quicktok, or None.
    spm: path of a .model file of SentencePiece, or None.
    """

    name: str
    reference: str
    hf: str | None = None
    ranks: str | None = None
    pattern: str | None = None
    special_tokens: dict[str, int] = field(default_factory=dict)
    quicktok: str | None = None
    spm: str | None = None

    def need_hf(self) -> str:
        """The path of tokenizer.json. Raises Refused without one."""
        if self.hf is None:
            raise Refused("reads only tokenizer.json")
        return self.hf


class Engine(Protocol):
    """One engine with one tokenizer loaded.

    encode, encode_one and decode are clocked and must be the engine's fastest public calls; every
    conversion for the sake of the comparison belongs in the other methods, which are not clocked.
    Special tokens that stand for themselves in the text are treated as the engine's own fast call
    treats them; none are added.
    """

    def encode(self, texts: list[str]) -> Any:
        """Encodes all texts with the number of threads given to load."""

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        """Ids of all texts, shape (total,), and offsets, shape (texts + 1,), of a result."""

    def encode_one(self, text: str) -> Any:
        """Encodes one short text: the call whose latency is reported."""

    def decode_input(self, ids: Ids) -> Any:
        """The ids in the form that decode takes at its best."""

    def decode(self, prepared: Any) -> bytes | str:
        """Text of the ids, as bytes where the engine can."""


Load = Callable[[Definition, int], Engine]


def join(rows: Sequence[Sequence[int]]) -> tuple[Ids, Offsets]:
    """Flat ids and offsets of one sequence of ids a text."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    flat = np.fromiter((i for row in rows for i in row), dtype=np.uint32, count=int(offsets[-1]))
    return flat, offsets


def read_ranks(path: str) -> dict[bytes, int]:
    """Token bytes to rank, from a file of `base64 rank` lines."""
    ranks: dict[bytes, int] = {}
    for line in Path(path).read_bytes().splitlines():
        if line:
            token, rank = line.split()
            ranks[base64.b64decode(token)] = int(rank)
    return ranks
