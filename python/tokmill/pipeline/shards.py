"""Shard files: raw token ids, and beside them where each document begins.

``shard_000000.bin``      ids, little-endian uint16 or uint32, nothing else (as nanoGPT reads them)
``shard_000000.idx.npy``  int64 (documents + 1,): document i is ids[index[i]:index[i + 1]]
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .files import (
    TEMPORARY_SUFFIX,
    failing_to_write,
    remove_if_there,
    replace_durably,
    temporary_path,
    write_all,
)

_HEADER_BYTES = 128
_HASH_BLOCK_BYTES = 1 << 20
_SHARD_NAME = re.compile(r"shard_(\d{6,})\.(?:bin|idx\.npy)")

Ids = npt.NDArray[np.unsignedinteger[Any]]
Index = npt.NDArray[np.int64]


def shard_name(number: int) -> str:
    """File name of the ids of shard `number`."""
    return f"shard_{number:06d}.bin"


def index_name(number: int) -> str:
    """File name of the document index of shard `number`."""
    return f"shard_{number:06d}.idx.npy"


def shard_files(directory: Path) -> list[tuple[int, Path]]:
    """(shard number, path) of every shard file in `directory`, finished or temporary."""
    found = []
    for path in directory.iterdir():
        name = path.name
        if name.startswith(".") and name.endswith(TEMPORARY_SUFFIX):
            name = name[1 : -len(TEMPORARY_SUFFIX)]
        match = _SHARD_NAME.fullmatch(name)
        if match:
            found.append((int(match[1]), path))
    return sorted(found)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class ShardSummary:
    """What a finished shard holds."""

    tokens: int
    documents: int
    sha256: str
    index_sha256: str


class ShardWriter:
    """Writes one shard under temporary names; `commit` gives it its own."""

    def __init__(self, directory: Path, number: int) -> None:
        self.ids_path = directory / shard_name(number)
        self.index_path = directory / index_name(number)
        self.tokens = 0
        self.documents = 0
        self._sha256 = hashlib.sha256()
        self._ids_file = self._create(self.ids_path)
        try:
            self._index_file = self._create(self.index_path)
        except BaseException:
            self._discard(self._ids_file, self.ids_path)
            raise
        try:
            # The header holds the number of entries, known at the end: its place is kept.
            start = bytes(_HEADER_BYTES) + _index_bytes(np.zeros(1, np.int64))
            with failing_to_write(self.index_path):
                write_all(self._index_file, start)
        except BaseException:
            self.abandon()
            raise

    def write(self, ids: Ids, ends: Index) -> None:
        """Appends documents: `ids` (n,) in the dtype of the file, `ends` (documents,) in `ids`."""
        data = np.ascontiguousarray(ids).view(np.uint8).data
        with failing_to_write(self.ids_path):
            write_all(self._ids_file, data)
        self._sha256.update(data)
        with failing_to_write(self.index_path):
            write_all(self._index_file, _index_bytes(ends + self.tokens))
        self.tokens += len(ids)
        self.documents += len(ends)

    def commit(self) -> ShardSummary:
        """Makes the shard durable and visible under its final name."""
        with failing_to_write(self.index_path):
            self._index_file.seek(0)
            write_all(self._index_file, _npy_header(self.documents + 1))
            os.fsync(self._index_file.fileno())
            self._index_file.close()
            index_sha256 = file_sha256(temporary_path(self.index_path))
        with failing_to_write(self.ids_path):
            os.fsync(self._ids_file.fileno())
            self._ids_file.close()
            replace_durably([self.index_path, self.ids_path])
        return ShardSummary(self.tokens, self.documents, self._sha256.hexdigest(), index_sha256)

    def abandon(self) -> None:
        """Removes what has been written."""
        self._discard(self._ids_file, self.ids_path)
        self._discard(self._index_file, self.index_path)

    @staticmethod
    def _create(path: Path) -> FileIO:
        with failing_to_write(path):
            return temporary_path(path).open("wb", buffering=0)

    @staticmethod
    def _discard(file: FileIO, path: Path) -> None:
        file.close()
        remove_if_there(temporary_path(path))


def _index_bytes(index: Index) -> bytes:
    return index.astype("<i8", copy=False).tobytes()


def _npy_header(entries: int) -> bytes:
    """Header of a one-dimensional int64 .npy file (format 1.0), always `_HEADER_BYTES` long."""
    fields = f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({entries},), }}"
    text = fields.encode().ljust(_HEADER_BYTES - 11) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
