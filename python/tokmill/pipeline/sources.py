"""Which files a job reads: names, directories and globs become an ordered list of sources."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .compression import STDIN, without_compression_suffix
from .errors import InvalidOption, PipelineError

Format = Literal["auto", "text", "jsonl"]

_JSONL_SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Source:
    """One input file, or standard input (path ``"-"``, size and mtime_ns None)."""

    path: str
    format: Literal["text", "jsonl"]
    size: int | None
    mtime_ns: int | None


def find_sources(
    inputs: Sequence[str | os.PathLike[str]],
    *,
    format: Format = "auto",
    field: str | None = None,
    exclude: str | os.PathLike[str] | None = None,
) -> list[Source]:
    """Resolves `inputs` in the order given; a directory or a glob gives its files sorted by name.

    A directory is walked recursively without hidden files and without the directory `exclude`.
    With ``format="auto"`` the names ``*.jsonl`` and ``*.ndjson`` (also compressed) are JSON lines;
    ``*.json`` and standard input are JSON lines if a `field` is asked for; all others are text.

    Raises PipelineError if an input does not exist or cannot be looked at, InvalidOption if there
    is no input at all or standard input is named twice.
    """
    sources: list[Source] = []
    for given in inputs:
        entry = os.fspath(given)
        if entry == STDIN:
            sources.append(Source(STDIN, _format_of(STDIN, format, field), None, None))
        else:
            sources.extend(_source(path, format, field) for path in _files(entry, exclude))
    if not sources:
        raise InvalidOption("no input: name files, directories or globs, or - for standard input")
    if sum(source.path == STDIN for source in sources) > 1:
        raise InvalidOption("standard input (-) can be read only once")
    return sources


def _source(path: str, format: Format, field: str | None) -> Source:
    status = _status(path)
    regular = stat.S_ISREG(status.st_mode)
    return Source(
        path,
        _format_of(path, format, field),
        status.st_size if regular else None,
        status.st_mtime_ns if regular else None,
    )


def _status(path: str) -> os.stat_result:
    try:
        return Path(path).stat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PipelineError(f"cannot read {path}: {reason}") from error


def _format_of(path: str, format: Format, field: str | None) -> Literal["text", "jsonl"]:
    if format != "auto":
        return format
    name = without_compression_suffix(path).lower()
    if name.endswith(_JSONL_SUFFIXES):
        return "jsonl"
    if field is not None and (path == STDIN or name.endswith(".json")):
        return "jsonl"
    return "text"


def _files(entry: str, exclude: str | os.PathLike[str] | None) -> Iterator[str]:
    if glob.has_magic(entry) and not os.path.lexists(entry):
        matches = sorted(glob.glob(entry, recursive=True))  # noqa: PTH207 (absolute patterns too)
        if not matches:
            raise PipelineError(f"nothing matches {entry}")
        for match in matches:
            if not Path(match).is_dir():
                yield match
        return
    if not stat.S_ISDIR(_status(entry).st_mode):
        yield entry
        return
    yield from _walk(entry, None if exclude is None else os.path.realpath(exclude))


def _walk(top: str, exclude: str | None) -> Iterator[str]:
    def fail(error: OSError) -> None:
        raise PipelineError(f"cannot read {error.filename}: {error.strerror}") from error

    for folder, subfolders, names in os.walk(top, onerror=fail):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".") and os.path.realpath(Path(folder, name)) != exclude
        )
        if os.path.realpath(folder) == exclude:
            continue
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield str(path)
