"""Counting tokens of files without keeping them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tokmill import InvalidInput, Tokenizer

from .arguments import Special, checked_limits, checked_separator, checked_special
from .background import Stages
from .documents import DEFAULT_FIELD, DocumentBatch, DocumentOptions, read_batches
from .job import Progress, explain
from .sources import Format, find_sources
from .tokenizers import load_tokenizer


@dataclass(slots=True)
class Count:
    """What an input holds; `skipped` bad JSON lines are in none of the other numbers."""

    path: str
    documents: int = 0
    tokens: int = 0
    bytes: int = 0
    skipped: int = 0


def count_files(
    inputs: Sequence[str | os.PathLike[str]],
    tokenizer: Tokenizer | str | os.PathLike[str],
    *,
    format: Format = "auto",
    field: str | None = None,
    separator: str | bytes | None = None,
    skip_empty: bool = False,
    special: Special = "text",
    add_special_tokens: bool = False,
    errors: Literal["fail", "skip"] = "fail",
    limit: int | None = None,
    threads: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[list[Count], Count]:
    """Counts documents, tokens and bytes of each input file, and of all together.

    The arguments are those of `encode_files`; no end-of-text token is counted.
    """
    sources = find_sources(inputs, format=format, field=field)
    checked_limits(limit, threads)
    tokenizer = tokenizer if isinstance(tokenizer, Tokenizer) else load_tokenizer(tokenizer)
    special = checked_special(tokenizer, special)
    options = DocumentOptions(
        checked_separator(separator), field or DEFAULT_FIELD, errors, skip_empty
    )
    counts = [Count(source.path) for source in sources]
    total = Count("total")
    sizes = [source.size for source in sources]
    disk_bytes_total = None if None in sizes else sum(size or 0 for size in sizes)

    def count(batch: DocumentBatch) -> npt.NDArray[np.int64]:
        try:
            return tokenizer.count_batch(
                batch.documents(),
                threads=threads,
                add_special_tokens=add_special_tokens,
                special=special,
            )
        except InvalidInput as error:
            raise explain(error, batch, sources, options) from error

    with Stages() as stages:
        batches = read_batches(sources, options, limit=limit)
        for batch in stages.ahead(batches, may_block=disk_bytes_total is None):
            tokens = count(batch)
            first = 0
            for piece in batch.pieces:
                last = first + len(piece.documents)
                for entry in (counts[piece.source], total):
                    entry.documents += last - first
                    entry.tokens += int(tokens[first:last].sum())
                    entry.bytes += sum(map(len, piece.documents))
                    entry.skipped += len(piece.rejected)
                first = last
            if progress is not None:
                progress(
                    Progress(
                        disk_bytes=batch.disk_bytes,
                        disk_bytes_total=disk_bytes_total,
                        documents=total.documents,
                        tokens=total.tokens,
                        text_bytes=total.bytes,
                        shards=0,
                    )
                )
    return counts, total
