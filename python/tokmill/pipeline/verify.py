"""Checking shards: against their manifest, against the tokenizer, and against the inputs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tokmill import Tokenizer, TokmillError

from .compression import STDIN
from .documents import DocumentOptions, describe_record, read_batches
from .errors import InvalidOption, PipelineError
from .manifest import Manifest, ShardInfo
from .shard_set import Shard, open_shard
from .shards import file_sha256
from .sources import Source
from .tokenizers import load_tokenizer

_BLOCK_TOKENS = 1 << 20
_PROGRESS_DOCUMENTS = 1 << 14


@dataclass(slots=True)
class VerifyReport:
    """What was checked. `problems` is empty if everything is right."""

    shards: int = 0
    documents: int = 0
    tokens: int = 0
    text_bytes: int = 0  # bytes that the documents decode to
    compared: int = 0  # documents compared with the inputs, of which ...
    altered: int = 0  # ... so many do not decode to their source, but encoding it gives their ids
    compared_inputs: bool = False
    complete: bool = True
    problems: list[str] = field(default_factory=list)


def verify_shards(
    directory: str | os.PathLike[str],
    *,
    tokenizer: Tokenizer | str | os.PathLike[str] | None = None,
    inputs: bool | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Re-reads all shards of a directory.

    Each shard is checked for its SHA-256, its counts, an index that rises from 0 to the number of
    tokens, ids that the vocabulary has, the end-of-text token after each document, and that its
    documents decode. With the inputs at hand, every document is compared with its source: the
    decoded bytes have to be equal, or, where the tokenizer normalizes its input or has put tokens
    of its own around it, encoding the source has to give the ids of the shard.

    Args:
        directory: written by `encode_files`.
        tokenizer: instead of the one that the manifest names; it must be the same by its digest.
        inputs: compare with the inputs; None: if all of them are there and unchanged.
        progress: called with (documents done, documents) now and then.

    Raises:
        PipelineError: no valid manifest, no tokenizer, or inputs asked for that are not there.
    """
    path = Path(directory)
    manifest = Manifest.load(path)
    tokenizer = manifest_tokenizer(manifest, tokenizer)
    if inputs is None:
        inputs = not _input_changes(manifest)
    elif inputs and (changes := _input_changes(manifest)):
        raise PipelineError(changes[0])
    sources = _source_documents(manifest) if inputs else None
    return _Checker(path, manifest, tokenizer, sources, progress).run()


def manifest_tokenizer(
    manifest: Manifest, given: Tokenizer | str | os.PathLike[str] | None
) -> Tokenizer:
    """The tokenizer of the shards, `given` or from where the manifest says it came.

    Raises PipelineError if it cannot be loaded or is another one.
    """
    if given is None:
        if manifest.tokenizer.source is None:
            raise InvalidOption("the manifest does not say where the tokenizer is: name it")
        given = manifest.tokenizer.source
    tokenizer = given if isinstance(given, Tokenizer) else load_tokenizer(given)
    if tokenizer.digest != manifest.tokenizer.digest:
        raise PipelineError("the shards were made with another tokenizer (the digests differ)")
    return tokenizer


def _input_changes(manifest: Manifest) -> list[str]:
    changes = []
    for source in manifest.inputs:
        if source.path == STDIN:
            changes.append("standard input cannot be read again")
            continue
        try:
            status = Path(source.path).stat()
        except OSError as error:
            changes.append(f"cannot read {source.path}: {error.strerror}")
            continue
        if (status.st_size, status.st_mtime_ns) != (source.size, source.mtime_ns):
            changes.append(f"{source.path} has changed since it was encoded")
    return changes


def _sources(manifest: Manifest) -> list[Source]:
    return [
        Source(entry.path, "jsonl" if entry.format == "jsonl" else "text", entry.size, None)
        for entry in manifest.inputs
    ]


def _document_options(manifest: Manifest) -> DocumentOptions:
    options = manifest.options
    separator = options["separator"]
    return DocumentOptions(
        None if separator is None else separator.encode("utf-8", "surrogateescape"),
        options["field"],
        options["errors"],
        options["skip_empty"],
    )


def _source_documents(manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """(name for messages, text) of every document that the shards should hold."""
    sources, options = _sources(manifest), _document_options(manifest)
    limit = manifest.options["limit"] if manifest.complete else manifest.totals.documents
    for batch in read_batches(sources, options, limit=limit):
        for piece in batch.pieces:
            source = sources[piece.source]
            for number, document in enumerate(piece.documents):
                yield describe_record(source, options, piece.record(number)), document


class _Checker:
    """Walks through all shards, and through the source documents beside them."""

    def __init__(
        self,
        directory: Path,
        manifest: Manifest,
        tokenizer: Tokenizer,
        sources: Iterator[tuple[str, bytes]] | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.report = VerifyReport(compared_inputs=sources is not None, complete=manifest.complete)
        self._directory = directory
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._sources = sources
        self._progress = progress
        self._special = manifest.options["special"]
        if not isinstance(self._special, str):
            self._special = set(self._special)

    def run(self) -> VerifyReport:
        for info in self._manifest.shards:
            self._shard(info)
            self.report.shards += 1
        if self._sources is not None and next(self._sources, None) is not None:
            self.report.problems.append("the inputs hold documents that are in no shard")
        return self.report

    def _shard(self, info: ShardInfo) -> None:
        problems = self.report.problems
        try:
            for name, digest in ((info.file, info.sha256), (info.index, info.index_sha256)):
                if file_sha256(self._directory / name) != digest:
                    problems.append(f"{name}: the content has another SHA-256 than when written")
            shard = open_shard(self._directory, info, self._manifest.dtype)
        except (PipelineError, OSError) as error:
            problems.append(str(error))
            self._skip_sources(info.documents)
            return
        problem = _index_problem(shard) or _range_problem(shard, self._tokenizer.vocab_size)
        if problem:
            problems.append(f"{info.file}: {problem}")
            self._skip_sources(info.documents)
            return
        self.report.tokens += len(shard.ids)
        self._documents(info, shard)

    def _documents(self, info: ShardInfo, shard: Shard) -> None:
        text_bytes = 0
        bad = 0
        first = ""
        for number, ids in enumerate(iterate_documents(shard)):
            where, source = "", None
            if self._sources is not None:
                where, source = next(self._sources, ("", None))
            try:
                text_bytes += self._document(ids, source)
            except _BadDocument as error:
                bad += 1
                first = first or f"document {number}{where and f' ({where})'} {error}"
            self.report.documents += 1
            if self._progress is not None and self.report.documents % _PROGRESS_DOCUMENTS == 0:
                self._progress(self.report.documents, self._manifest.totals.documents)
        self.report.text_bytes += text_bytes
        if bad:
            more = f", and {bad - 1} more" if bad > 1 else ""
            self.report.problems.append(f"{info.file}: {first}{more}")

    def _document(self, ids: npt.NDArray[np.uint32], source: bytes | None) -> int:
        """Checks one document; gives the number of bytes that it decodes to."""
        eos = self._manifest.eos
        if eos is not None:
            if not len(ids) or int(ids[-1]) != eos.id:
                raise _BadDocument("does not end with the end-of-text token")
            ids = ids[:-1]
        try:
            data = self._tokenizer.decode_bytes(ids)
        except TokmillError as error:
            raise _BadDocument(f"does not decode: {error}") from error
        if source is None:
            if self._sources is not None:
                raise _BadDocument("has no source: the inputs hold fewer documents")
            return len(data)
        self.report.compared += 1
        if data != source:
            expected = self._tokenizer.encode(
                source,
                add_special_tokens=self._manifest.options["add_special_tokens"],
                special=self._special,
            )
            if not np.array_equal(expected, ids):
                raise _BadDocument("differs from its source")
            self.report.altered += 1
        return len(data)

    def _skip_sources(self, count: int) -> None:
        if self._sources is not None:
            deque(islice(self._sources, count), maxlen=0)


class _BadDocument(Exception):
    pass


def iterate_documents(shard: Shard) -> Iterator[npt.NDArray[np.uint32]]:
    """The documents of a shard as uint32 arrays, converted in blocks."""
    index = shard.index
    first, count = 0, len(shard)
    while first < count:
        base = int(index[first])
        last = int(np.searchsorted(index, base + _BLOCK_TOKENS, side="right")) - 1
        last = min(max(last, first + 1), first + _BLOCK_TOKENS)
        block = shard.ids[base : int(index[last])].astype(np.uint32)
        bounds = (index[first : last + 1] - base).tolist()
        for begin, end in pairwise(bounds):
            yield block[begin:end]
        first = last


def _index_problem(shard: Shard) -> str | None:
    index = shard.index
    if index[0] != 0 or index[-1] != len(shard.ids):
        return "the index does not begin at 0 and end at the number of tokens"
    if not bool(np.all(index[:-1] <= index[1:])):
        return "the index goes backwards"
    return None


def _range_problem(shard: Shard, vocab_size: int) -> str | None:
    for begin in range(0, len(shard.ids), _BLOCK_TOKENS):
        block = shard.ids[begin : begin + _BLOCK_TOKENS]
        if int(block.max()) >= vocab_size:
            place = begin + int(np.argmax(block >= vocab_size))
            return f"token {place} has the id {int(shard.ids[place])}, not in the vocabulary"
    return None
