"""Bytes of a file or of standard input, decompressed on the way, in chunks of bounded size.

Compression is recognised by the first bytes of the content, and a name that ends in ``.gz``,
``.xz`` or ``.zst`` demands it: a truncated or damaged file raises instead of ending early.
"""

from __future__ import annotations

import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from .errors import PipelineError

# Chunks that stay in a cache are split faster than larger ones.
CHUNK_BYTES = 1 << 20

# None of these prefixes can begin a UTF-8 text.
_MAGIC = {"gzip": b"\x1f\x8b", "xz": b"\xfd7zXZ\x00", "zstd": b"\x28\xb5\x2f\xfd"}
_SUFFIX = {".gz": "gzip", ".xz": "xz", ".zst": "zstd"}
_LONGEST_MAGIC = max(map(len, _MAGIC.values()))

STDIN = "-"


def without_compression_suffix(path: str) -> str:
    """`path` without a final ``.gz``, ``.xz`` or ``.zst``."""
    suffix = Path(path).suffix
    return path[: -len(suffix)] if suffix.lower() in _SUFFIX else path


class ByteStream:
    """The decompressed content of one input.

    `disk_bytes` counts the bytes taken from the file so far (before decompression), for progress.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.disk_bytes = 0

    def chunks(self, skip: int = 0) -> Iterator[bytes]:
        """Yields non-empty chunks, leaving out the first `skip` decompressed bytes.

        Raises PipelineError, with the name of the input, if it cannot be read or is damaged.
        """
        try:
            yield from self._chunks(skip)
        except OSError as error:
            raise PipelineError(f"cannot read {self.path}: {error.strerror or error}") from error
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise PipelineError(f"cannot read {self.path}: damaged data: {error}") from error

    def _chunks(self, skip: int) -> Iterator[bytes]:
        descriptor = 0 if self.path == STDIN else os.open(self.path, os.O_RDONLY | _O_BINARY)
        try:
            head = _read_head(descriptor)
            kind = self._compression(head)
            if kind is None:
                if skip and self.path != STDIN:
                    self.disk_bytes = os.lseek(descriptor, skip, os.SEEK_SET)
                    head, skip = b"", 0
                chunks = self._raw(descriptor, head)
            else:
                chunks = _decompress(self._raw(descriptor, head), _decompressor(kind))
            for chunk in chunks:
                if skip >= len(chunk):
                    skip -= len(chunk)
                    continue
                yield chunk[skip:] if skip else chunk
                skip = 0
        finally:
            if descriptor:
                os.close(descriptor)

    def _compression(self, head: bytes) -> str | None:
        found = next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)
        named = _SUFFIX.get(Path(self.path).suffix.lower())
        if named is not None and found != named:
            raise PipelineError(f"cannot read {self.path}: the content is not {named} data")
        return found

    def _raw(self, descriptor: int, head: bytes) -> Iterator[bytes]:
        if head:
            # Full chunks from the start: a file smaller than a chunk arrives as one piece.
            head += os.read(descriptor, CHUNK_BYTES - len(head))
            self.disk_bytes += len(head)
            yield head
        while data := os.read(descriptor, CHUNK_BYTES):
            self.disk_bytes += len(data)
            yield data


_O_BINARY: int = getattr(os, "O_BINARY", 0)


def _read_head(descriptor: int) -> bytes:
    head = b""
    while len(head) < _LONGEST_MAGIC and (data := os.read(descriptor, _LONGEST_MAGIC - len(head))):
        head += data
    return head


class _Decompressor(Protocol):
    """One gzip member, xz stream or zstd frame."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused(self) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._state = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            out = self._state.decompress(data, CHUNK_BYTES)
            data = self._state.unconsumed_tail
            if out:
                yield out
            # A full buffer may hide more output although all input has been taken.
            if self._state.eof or (not data and len(out) < CHUNK_BYTES):
                return

    @property
    def eof(self) -> bool:
        return self._state.eof

    @property
    def unused(self) -> bytes:
        return self._state.unused_data


class _Xz:
    def __init__(self) -> None:
        self._state = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            out = self._state.decompress(data, CHUNK_BYTES)
            data = b""
            if out:
                yield out
            if self._state.eof or self._state.needs_input:
                return

    @property
    def eof(self) -> bool:
        return self._state.eof

    @property
    def unused(self) -> bytes:
        return self._state.unused_data


def _decompressor(kind: str) -> Callable[[], _Decompressor]:
    if kind == "gzip":
        return _Gzip
    if kind == "xz":
        return _Xz
    try:
        from ._zstd import Zstd
    except ImportError as error:
        raise PipelineError(
            "reading zstd data needs the package zstandard: pip install zstandard"
        ) from error
    return Zstd


def _decompress(chunks: Iterator[bytes], new_state: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """Any number of members, one after another, with zero padding between and after them."""
    state: _Decompressor | None = new_state()
    for data in chunks:
        while data:
            if state is None:
                data = data.lstrip(b"\0")
                if not data:
                    break
                state = new_state()
            yield from state.feed(data)
            if not state.eof:
                break
            data, state = state.unused, None
    if state is not None:
        raise EOFError("it ends in the middle of the compressed data")
