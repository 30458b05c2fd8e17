"""The running part of an encoding job: batches of documents become ids become shards."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tokmill import InvalidInput, Tokenizer

from .arguments import Special
from .background import Stages
from .documents import (
    BATCH_BYTES,
    DocumentBatch,
    DocumentOptions,
    Piece,
    Position,
    describe_record,
    read_batches,
)
from .errors import PipelineError
from .manifest import Manifest, ShardInfo
from .shards import Ids, Index, ShardWriter, index_name, shard_name
from .sources import Source


@dataclass(frozen=True, slots=True)
class Progress:
    """State of a running job, for a progress display. Counts include what earlier runs finished.

    `disk_bytes` of `disk_bytes_total` have been read (before decompression); the total is None if
    an input has no size. `documents`, `tokens` and `text_bytes` have been encoded; `shards` are
    finished.
    """

    disk_bytes: int
    disk_bytes_total: int | None
    documents: int
    tokens: int
    text_bytes: int
    shards: int


@dataclass(slots=True)
class _EncodedBatch:
    batch: DocumentBatch
    ids: Ids  # in the dtype of the shards, end-of-text tokens included
    ends: Index  # (documents,) end of each document in `ids`
    text_ends: Index  # (documents,) running sum of the bytes of the documents


class Job:
    """One run over the inputs, from the end of the last finished shard on."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        manifest: Manifest,
        directory: Path,
        sources: Sequence[Source],
        documents: DocumentOptions,
        special: Special,
        *,
        add_special_tokens: bool,
        shard_tokens: int,
        limit: int | None,
        threads: int | None,
    ) -> None:
        self._tokenizer = tokenizer
        self._manifest = manifest
        self._sources = sources
        self._documents = documents
        self._special = special
        self._add_special_tokens = add_special_tokens
        self._limit = limit
        self._threads = threads
        self._dtype = np.dtype(manifest.dtype).newbyteorder("<")
        self._shards = _Shards(manifest, directory, shard_tokens)

    def run(self, progress: Callable[[Progress], None] | None) -> None:
        """Encodes what is left, and marks the manifest complete."""
        limit = self._limit
        if limit is not None:
            limit -= self._manifest.totals.documents
        batches = read_batches(
            self._sources,
            self._documents,
            start=self._shards.position,
            limit=limit,
            batch_bytes=BATCH_BYTES,
        )
        waits = any(source.size is None for source in self._sources)
        with Stages() as stages:
            batches = stages.ahead(batches, may_block=waits)
            try:
                for encoded in stages.ahead(map(self._encode, batches)):
                    self._shards.add(encoded)
                    if progress is not None:
                        progress(self._progress(encoded.batch.disk_bytes))
                self._shards.finish()
            except BaseException:
                self._shards.abandon()
                raise

    def _progress(self, disk_bytes: int) -> Progress:
        sizes = [source.size for source in self._sources]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        return self._shards.progress(disk_bytes, total)

    def _encode(self, batch: DocumentBatch) -> _EncodedBatch:
        documents = batch.documents()
        try:
            result = self._tokenizer.encode_batch(
                documents,
                threads=self._threads,
                add_special_tokens=self._add_special_tokens,
                special=self._special,
            )
        except InvalidInput as error:
            raise explain(error, batch, self._sources, self._documents) from error
        eos = self._manifest.eos
        ids, ends = _with_eos(
            result.ids, result.offsets, None if eos is None else eos.id, self._dtype
        )
        sizes = np.fromiter(map(len, documents), np.int64, len(documents))
        return _EncodedBatch(batch, ids, ends, np.cumsum(sizes))


def explain(
    error: InvalidInput, batch: DocumentBatch, sources: Sequence[Source], options: DocumentOptions
) -> PipelineError:
    """The same error with the place of the document that could not be encoded."""
    if error.index is None:
        return PipelineError(str(error))
    piece, document = batch.locate(error.index)
    where = describe_record(sources[piece.source], options, piece.record(document))
    return PipelineError(f"{where}: {error}")


def _with_eos(
    ids: npt.NDArray[np.uint32],
    offsets: Index,
    eos: int | None,
    dtype: np.dtype[np.unsignedinteger],
) -> tuple[Ids, Index]:
    """Puts `eos` after each row; gives the ids in `dtype` and the end of each row in them."""
    if eos is None:
        return ids.astype(dtype), offsets[1:]
    rows = len(offsets) - 1
    ends = offsets[1:] + np.arange(1, rows + 1)
    out = np.empty(len(ids) + rows, dtype)
    from_text = np.ones(len(out), np.bool_)
    from_text[ends - 1] = False
    out[from_text] = ids
    out[ends - 1] = eos
    return out, ends


class _Shards:
    """Cuts the stream of encoded documents into shards and keeps the manifest up to date."""

    def __init__(self, manifest: Manifest, directory: Path, shard_tokens: int) -> None:
        self._manifest = manifest
        self._directory = directory
        self._shard_tokens = shard_tokens
        self._writer: ShardWriter | None = None
        self._text_bytes = 0  # of the documents in the open shard
        self._skipped = 0  # rejected records before or among them
        self._skipped_after = 0  # rejected records after the last document written
        self._last: tuple[Piece, int] | None = None  # the last document written

    @property
    def position(self) -> Position:
        """Where the last finished shard ends."""
        shards = self._manifest.shards
        return shards[-1].end if shards else Position()

    def add(self, encoded: _EncodedBatch) -> None:
        """Writes the documents of a batch, finishing shards on the way.

        A shard takes documents as long as it stays within its size, and at least one; whatever the
        batches are, the shards are the same.
        """
        ends, count = encoded.ends, len(encoded.ends)
        rejected = _rejected_before(encoded.batch)
        first = 0
        while first < count:
            base = int(ends[first - 1]) if first else 0
            held = self._writer.tokens if self._writer else 0
            fitting = base + self._shard_tokens - held
            last = int(np.searchsorted(ends, fitting, side="right"))
            if last <= first:
                if self._writer is not None and self._writer.documents:
                    self._commit()
                    continue
                last = first + 1
            self._write(encoded, first, last)
            self._skipped += self._skipped_after
            self._skipped += bisect_left(rejected, last) - bisect_left(rejected, first)
            self._skipped_after = 0
            first = last
        self._skipped_after += len(rejected) - bisect_left(rejected, count)

    def finish(self) -> None:
        """Finishes the last shard and the manifest."""
        if self._writer is not None:
            self._commit()
        self._manifest.skipped_at_end = self._skipped_after
        self._manifest.complete = True
        self._manifest.save(self._directory)

    def abandon(self) -> None:
        """Removes the unfinished shard."""
        if self._writer is not None:
            self._writer.abandon()

    def progress(self, disk_bytes: int, disk_bytes_total: int | None) -> Progress:
        """Counts over finished shards and the open one."""
        totals = self._manifest.totals
        writer = self._writer
        return Progress(
            disk_bytes=disk_bytes,
            disk_bytes_total=disk_bytes_total,
            documents=totals.documents + (writer.documents if writer else 0),
            tokens=totals.tokens + (writer.tokens if writer else 0),
            text_bytes=totals.bytes + self._text_bytes,
            shards=totals.shards,
        )

    def _write(self, encoded: _EncodedBatch, first: int, last: int) -> None:
        if self._writer is None:
            self._writer = ShardWriter(self._directory, len(self._manifest.shards))
        ends, text_ends = encoded.ends, encoded.text_ends
        base = int(ends[first - 1]) if first else 0
        self._writer.write(encoded.ids[base : int(ends[last - 1])], ends[first:last] - base)
        self._text_bytes += int(text_ends[last - 1]) - (int(text_ends[first - 1]) if first else 0)
        self._last = encoded.batch.locate(last - 1)

    def _commit(self) -> None:
        assert self._writer is not None
        assert self._last is not None
        piece, document = self._last
        shards = self._manifest.shards
        number = len(shards)
        summary = self._writer.commit()
        shards.append(
            ShardInfo(
                file=shard_name(number),
                index=index_name(number),
                tokens=summary.tokens,
                documents=summary.documents,
                bytes=self._text_bytes,
                skipped=self._skipped,
                sha256=summary.sha256,
                index_sha256=summary.index_sha256,
                begin=self.position,
                end=piece.after(document),
            )
        )
        self._writer, self._text_bytes, self._skipped = None, 0, 0
        self._manifest.save(self._directory)


def _rejected_before(batch: DocumentBatch) -> list[int]:
    """For each rejected record the index in the batch of the first document after it."""
    found: list[int] = []
    documents = 0
    for piece in batch.pieces:
        if piece.rejected:
            places = piece.places or []
            found.extend(documents + bisect_left(places, place) for place in piece.rejected)
        documents += len(piece.documents)
    return found
