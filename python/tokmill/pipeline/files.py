"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from .errors import PipelineError

TEMPORARY_SUFFIX = ".tmp"


def temporary_path(path: Path) -> Path:
    """The name under which `path` is written until it is whole."""
    return path.with_name("." + path.name + TEMPORARY_SUFFIX)


def write_all(file: FileIO, data: memoryview | bytes) -> None:
    """Writes every byte of `data`; OSError carries the reason (numpy's tofile loses it)."""
    view = memoryview(data).cast("B")
    while view:
        view = view[file.write(view) :]


def replace_durably(paths: list[Path]) -> None:
    """Renames each temporary file to its final name in `paths`; they survive a power cut."""
    for path in paths:
        temporary_path(path).replace(path)
    if paths:
        sync_directory(paths[0].parent)


def write_durably(path: Path, data: bytes) -> None:
    """Replaces the content of `path`; a reader sees the old or the new content, never a part."""
    with failing_to_write(path), temporary_path(path).open("wb", buffering=0) as file:
        write_all(file, data)
        os.fsync(file.fileno())
    with failing_to_write(path):
        replace_durably([path])


def sync_directory(directory: Path) -> None:
    """Makes renames in `directory` durable where the system knows how."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_if_there(path: Path) -> None:
    """Removes `path`; that it does not exist is fine."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


@contextlib.contextmanager
def failing_to_write(path: Path) -> Iterator[None]:
    """Turns OSError into a PipelineError that names `path`."""
    try:
        yield
    except OSError as error:
        raise PipelineError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Holds the directory for one writer, where the system has advisory locks.

    Raises PipelineError if another process holds it.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with failing_to_write(directory):
        descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PipelineError(f"another process is writing to {directory}") from error
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)
