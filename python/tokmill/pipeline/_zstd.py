"""zstd frames through the package zstandard; importing this module fails if it is not installed."""

from __future__ import annotations

from collections.abc import Iterator

import zstandard

# The package offers no limit on the output of one call, and a block of four bytes can stand for
# 128 KiB: small pieces of input keep the output of a hostile file within some 64 MiB.
_PIECE_BYTES = 2 << 10
_CHUNK_BYTES = 1 << 20


class Zstd:
    """Decompresses one frame; see `compression._Decompressor`."""

    def __init__(self) -> None:
        self._state = zstandard.ZstdDecompressor().decompressobj()
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields what `data` decompresses to; raises EOFError if it is damaged."""
        outs: list[bytes] = []
        gathered = 0
        for begin in range(0, len(data), _PIECE_BYTES):
            end = begin + _PIECE_BYTES
            try:
                out = self._state.decompress(data[begin:end])
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
            outs.append(out)
            gathered += len(out)
            if self._state.eof:
                self._rest = data[end:]
                break
            if gathered >= _CHUNK_BYTES:
                yield b"".join(outs)
                outs, gathered = [], 0
        if gathered:
            yield b"".join(outs)

    @property
    def eof(self) -> bool:
        """Whether the frame is complete."""
        return bool(self._state.eof)

    @property
    def unused(self) -> bytes:
        """What followed the frame in the data fed last."""
        return bytes(self._state.unused_data) + self._rest
