"""The compiled engine as the classes of this package use it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from tokmill import _core

core = _core.sentencepiece


class ThreadPool:
    """A number of threads for calls on batches.

    The threads themselves live for one call each: nothing is left that a fork could break.
    """

    def __init__(self, num_threads: int, /) -> None:
        """A pool of `num_threads` threads, at least one; as many as processors if negative."""
        if not hasattr(num_threads, "__index__"):
            raise TypeError(f"num_threads must be int, not {type(num_threads).__name__}")
        self._num_threads = resolve_threads(num_threads.__index__())

    def num_threads(self) -> int:
        """The number of threads, from 1 to 1024."""
        return self._num_threads


def resolve_threads(num_threads: int, thread_pool: ThreadPool | None = None) -> int:
    """The threads of a call.

    Raises:
        RuntimeError: `thread_pool` is not a ThreadPool.
    """
    if thread_pool is not None:
        if not isinstance(thread_pool, ThreadPool):
            raise RuntimeError(f"thread_pool must be a ThreadPool, not {type(thread_pool)}")
        return thread_pool.num_threads()
    if num_threads < 0:
        num_threads = os.cpu_count() or 1
    return max(1, min(num_threads, 1024))


def read_file(path: str | bytes | os.PathLike[str]) -> bytes:
    """The contents of a file.

    Raises:
        RuntimeError: It cannot be read; the message begins as those of sentencepiece do.
    """
    if not isinstance(path, str | bytes | os.PathLike):
        raise TypeError(f"a file name must be str, not {type(path).__name__}")
    name = os.fsdecode(path)
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - names that are no paths raise alike
            return file.read()
    except OSError as error:
        code = {
            FileNotFoundError: "NOT_FOUND",
            IsADirectoryError: "FAILED_PRECONDITION",
            PermissionError: "PERMISSION_DENIED",
        }.get(type(error), "INTERNAL")
        raise RuntimeError(f'{code}: "{name}": {error.strerror}') from None


def serialized(message: Any) -> bytes:
    """The bytes of a message object, or bytes as they are.

    Raises:
        TypeError: It is neither.
    """
    if hasattr(message, "SerializeToString"):
        message = message.SerializeToString()
    if not isinstance(message, bytes):
        raise TypeError(f"a model must be bytes, not {type(message).__name__}")
    return message


class Engine(_core.sentencepiece.Processor):
    """The engine, with the names under which sentencepiece has the decoding of batches."""

    def _DecodePiecesBatch(
        self, ins: Sequence[Any], num_threads: int, thread_pool: ThreadPool | None
    ) -> Any:
        return self.decode_piece_batch(ins, resolve_threads(num_threads, thread_pool), False)

    def _DecodePiecesAsBytesBatch(
        self, ins: Sequence[Any], num_threads: int, thread_pool: ThreadPool | None
    ) -> Any:
        return self.decode_piece_batch(ins, resolve_threads(num_threads, thread_pool), True)

    def _DecodePiecesAsSerializedProtoBatch(
        self, ins: Sequence[Any], num_threads: int, thread_pool: ThreadPool | None
    ) -> Any:
        threads = resolve_threads(num_threads, thread_pool)
        return self.decode_piece_batch_as_proto(ins, threads, False)

    def _DecodeAsOffsetMappingBatch(
        self,
        ins: Sequence[Any],
        num_threads: int,
        thread_pool: ThreadPool | None,
        return_bytes: bool,
    ) -> Any:
        threads = resolve_threads(num_threads, thread_pool)
        return self.decode_batch_as_mapping(ins, threads, return_bytes)


SetRandomGeneratorSeed: Callable[[int], None] = core.set_random_seed
SetNBestTimeout: Callable[[int], None] = core.set_nbest_timeout


def SetMinLogLevel(v: int, /) -> None:
    """Accepted for compatibility: this engine writes no log."""
    if not hasattr(v, "__index__"):
        raise TypeError(f"the level must be int, not {type(v).__name__}")


def SetDataDir(data_dir: str, /) -> None:
    """Accepted for compatibility: the rules for normalizers are part of this package."""
    if not isinstance(data_dir, str | bytes):
        raise TypeError(f"the directory must be str, not {type(data_dir).__name__}")
