"""Reading shards: documents of token ids as views of memory-mapped files."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, overload

import numpy as np

from .errors import PipelineError
from .manifest import Manifest, ShardInfo
from .shards import Ids, Index


class Shard:
    """One shard: `ids` (tokens,) and `index` (documents + 1,), both memory-mapped and read-only."""

    def __init__(self, ids: Ids, index: Index) -> None:
        self.ids = ids
        self.index = index

    def __len__(self) -> int:
        return len(self.index) - 1

    def __getitem__(self, document: int) -> Ids:
        if not 0 <= document < len(self):
            raise IndexError(f"document {document} of a shard of {len(self)} documents")
        return self.ids[self.index[document] : self.index[document + 1]]


class ShardSet(Sequence[Ids]):
    """The documents in a directory written by `encode_files`.

    ``shards[i]`` is document i as a read-only array (n,) of uint16 or uint32, end-of-text token
    included if there is one; it is a view of the file, nothing is copied. Small to pickle and safe
    to use after fork, so it can be the map-style dataset of a PyTorch DataLoader with workers.

    An unfinished set holds the documents of its finished shards (`manifest.complete` tells).
    Raises PipelineError if the directory holds no manifest or a shard does not fit to it.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self.manifest = Manifest.load(self.directory)
        self._document_ends = list(accumulate(shard.documents for shard in self.manifest.shards))
        self._open: dict[int, Shard] = {}

    @property
    def tokens(self) -> int:
        """Number of ids in all shards."""
        return self.manifest.totals.tokens

    def shard(self, number: int) -> Shard:
        """Opens shard `number`; the object is kept."""
        found = self._open.get(number)
        if found is None:
            found = open_shard(self.directory, self.manifest.shards[number], self.manifest.dtype)
            self._open[number] = found
        return found

    def locate(self, document: int) -> tuple[int, int]:
        """(shard number, index in the shard) of a document; negative numbers count from the end."""
        total = len(self)
        number = document + total if document < 0 else document
        if not 0 <= number < total:
            raise IndexError(f"document {document} of {total}")
        shard = bisect_right(self._document_ends, number)
        return shard, number - (self._document_ends[shard - 1] if shard else 0)

    def __len__(self) -> int:
        return self._document_ends[-1] if self._document_ends else 0

    @overload
    def __getitem__(self, document: int) -> Ids: ...
    @overload
    def __getitem__(self, document: slice) -> list[Ids]: ...
    def __getitem__(self, document: int | slice) -> Ids | list[Ids]:
        if isinstance(document, slice):
            return [self[i] for i in range(*document.indices(len(self)))]
        shard, index = self.locate(document)
        return self.shard(shard)[index]

    def __iter__(self) -> Iterator[Ids]:
        for number in range(len(self.manifest.shards)):
            shard = self.shard(number)
            bounds = shard.index.tolist()
            for begin, end in pairwise(bounds):
                yield shard.ids[begin:end]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": {}}

    def __repr__(self) -> str:
        return f"ShardSet({str(self.directory)!r}, {len(self)} documents, {self.tokens} tokens)"


def open_shard(directory: Path, info: ShardInfo, dtype: str) -> Shard:
    """Maps one shard; raises PipelineError if its sizes are not those of the manifest."""
    ids_path, index_path = directory / info.file, directory / info.index
    ids, index = map_ids(ids_path, dtype), open_index(index_path)
    if len(ids) != info.tokens:
        raise PipelineError(f"{ids_path} holds {len(ids)} tokens, not {info.tokens}")
    if len(index) != info.documents + 1:
        raise PipelineError(f"{index_path} is not an index of {info.documents} documents")
    return Shard(ids, index)


def open_index(path: Path) -> Index:
    """Maps a document index; raises PipelineError if the file is no such thing."""
    try:
        index: Index = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PipelineError(f"cannot read {path}: {_reason(error)}") from error
    if index.dtype != np.int64 or index.ndim != 1 or len(index) < 1:
        raise PipelineError(f"{path} is not an index of documents")
    return index


def map_ids(path: Path, dtype: str) -> Ids:
    """Maps a file of raw ids; an empty file gives an empty array."""
    item = np.dtype(dtype).newbyteorder("<")
    try:
        size = path.stat().st_size
        if size % item.itemsize:
            raise PipelineError(f"{path} is not a file of {dtype}: it has {size} bytes")
        if size == 0:
            return np.empty(0, item)
        return np.memmap(path, item, "r")
    except OSError as error:
        raise PipelineError(f"cannot read {path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
