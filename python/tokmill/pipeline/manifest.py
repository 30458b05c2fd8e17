"""The manifest of a run: what was encoded how, and what each finished shard holds.

It is rewritten after every shard and holds no times or host names: the manifest of a run that was
stopped and continued equals that of an uninterrupted one.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .documents import Position
from .errors import PipelineError
from .files import write_durably

MANIFEST_NAME = "manifest.json"
FORMAT = "tokmill-shards"
VERSION = 1


@dataclass(frozen=True, slots=True)
class TokenizerInfo:
    """Which tokenizer made the ids. `source` is a file, the name of an encoding, or None."""

    source: str | None
    digest: str
    vocab_size: int


@dataclass(frozen=True, slots=True)
class EosInfo:
    """The token appended to each document, and how it was chosen."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class InputInfo:
    """One input file; size and mtime_ns are None for what is not a regular file."""

    path: str
    format: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """One finished shard.

    It covers the inputs from the position `begin` to the position `end`; `bytes` is the size of the
    text of its documents, `skipped` the number of rejected records in the range.
    """

    file: str
    index: str
    tokens: int
    documents: int
    bytes: int
    skipped: int
    sha256: str
    index_sha256: str
    begin: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the finished shards (`skipped` also counts what follows the last of them)."""

    shards: int
    tokens: int
    documents: int
    bytes: int
    skipped: int


@dataclass(slots=True)
class Manifest:
    """Everything known about a set of shards.

    `options` are those that decide what the shards hold; two runs with equal options, tokenizer
    and inputs give equal shards.
    """

    tokenizer: TokenizerInfo
    dtype: str
    eos: EosInfo | None
    template_ids: list[int]  # what encoding an empty document gives: the tokens put around each
    options: dict[str, Any]
    inputs: list[InputInfo]
    shards: list[ShardInfo] = field(default_factory=list)
    complete: bool = False
    skipped_at_end: int = 0
    _shard_lines: list[str] = field(default_factory=list, repr=False, compare=False)
    _input_lines: list[str] = field(default_factory=list, repr=False, compare=False)

    @property
    def totals(self) -> Totals:
        """Sums over the finished shards."""
        shards = self.shards
        return Totals(
            len(shards),
            sum(shard.tokens for shard in shards),
            sum(shard.documents for shard in shards),
            sum(shard.bytes for shard in shards),
            sum(shard.skipped for shard in shards) + self.skipped_at_end,
        )

    def to_json(self) -> str:
        """The content of the manifest file: a line for each shard and each input."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "complete": self.complete,
            "tokenizer": dataclasses.asdict(self.tokenizer),
            "dtype": self.dtype,
            "byte_order": "little",
            "eos": None if self.eos is None else dataclasses.asdict(self.eos),
            "template_ids": self.template_ids,
            "options": self.options,
            "totals": dataclasses.asdict(self.totals),
        }
        # There may be very many shards and inputs: each is put into JSON once, not at every save.
        self._shard_lines += [_line(shard) for shard in self.shards[len(self._shard_lines) :]]
        self._input_lines += [_line(source) for source in self.inputs[len(self._input_lines) :]]
        return "".join(
            [
                json.dumps(head, indent=1).removesuffix("\n}"),
                *(',\n "shards": [\n  ', ",\n  ".join(self._shard_lines), "\n ]"),
                *(',\n "inputs": [\n  ', ",\n  ".join(self._input_lines), "\n ]"),
                "\n}\n",
            ]
        )

    def save(self, directory: Path) -> None:
        """Replaces the manifest in `directory` atomically."""
        write_durably(directory / MANIFEST_NAME, self.to_json().encode())

    @classmethod
    def load(cls, directory: Path) -> Manifest:
        """Reads the manifest in `directory`; raises PipelineError if there is no valid one."""
        path = directory / MANIFEST_NAME
        try:
            text = path.read_bytes()
        except FileNotFoundError as error:
            raise PipelineError(f"{directory} holds no shards: there is no {path}") from error
        except OSError as error:
            raise PipelineError(f"cannot read {path}: {error.strerror}") from error
        try:
            return cls._from_value(json.loads(text))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PipelineError(f"{path} is not a valid manifest: {error}") from error

    @classmethod
    def _from_value(cls, value: dict[str, Any]) -> Manifest:
        if value["format"] != FORMAT or value["version"] != VERSION:
            raise ValueError(f"not {FORMAT} version {VERSION}")
        shards = [
            ShardInfo(
                **{
                    **shard,
                    "begin": Position(**shard["begin"]),
                    "end": Position(**shard["end"]),
                }
            )
            for shard in value["shards"]
        ]
        manifest = cls(
            tokenizer=TokenizerInfo(**value["tokenizer"]),
            dtype=str(value["dtype"]),
            eos=None if value["eos"] is None else EosInfo(**value["eos"]),
            template_ids=list(value["template_ids"]),
            options=dict(value["options"]),
            inputs=[InputInfo(**source) for source in value["inputs"]],
            shards=shards,
            complete=bool(value["complete"]),
        )
        manifest.skipped_at_end = value["totals"]["skipped"] - manifest.totals.skipped
        return manifest


def _line(entry: ShardInfo | InputInfo) -> str:
    return json.dumps(dataclasses.asdict(entry))
