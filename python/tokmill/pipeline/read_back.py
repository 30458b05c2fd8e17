"""Text of shards: of a directory with a manifest, or of one file of raw ids."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tokmill import Tokenizer

from .errors import InvalidOption, PipelineError
from .manifest import MANIFEST_NAME, Manifest
from .shard_set import Shard, ShardSet, map_ids, open_index, open_shard
from .tokenizers import load_tokenizer
from .verify import iterate_documents, manifest_tokenizer


@dataclass(frozen=True, slots=True)
class Documents:
    """Shards with what is needed to turn them into text. `eos` ends each document if not None."""

    shards: list[Shard]
    tokenizer: Tokenizer
    eos: int | None

    def __len__(self) -> int:
        return sum(map(len, self.shards))


def open_documents(
    path: str | os.PathLike[str],
    *,
    tokenizer: Tokenizer | str | os.PathLike[str] | None = None,
    dtype: Literal["auto", "uint16", "uint32"] = "auto",
) -> Documents:
    """Opens a directory of shards, or one ``.bin`` file of it, or a file of ids from elsewhere.

    Without a manifest the tokenizer has to be given; the ids are then uint16 if the vocabulary
    fits (or what `dtype` says), and the file is one document unless an index lies beside it.

    Raises PipelineError if something is missing, and InvalidOption if there is no tokenizer.
    """
    path = Path(path)
    if path.is_dir():
        shards = ShardSet(path)
        opened = [shards.shard(number) for number in range(len(shards.manifest.shards))]
        return _of_manifest(opened, shards.manifest, tokenizer)
    if (path.parent / MANIFEST_NAME).exists():
        manifest = Manifest.load(path.parent)
        for info in manifest.shards:
            if info.file == path.name:
                shard = open_shard(path.parent, info, manifest.dtype)
                return _of_manifest([shard], manifest, tokenizer)
    if tokenizer is None:
        raise InvalidOption(f"{path} is in no manifest: name its tokenizer")
    if not isinstance(tokenizer, Tokenizer):
        tokenizer = load_tokenizer(tokenizer)
    if dtype == "auto":
        dtype = "uint16" if tokenizer.vocab_size <= 1 << 16 else "uint32"
    ids = map_ids(path, dtype)
    index_path = path.with_suffix(".idx.npy")
    index = open_index(index_path) if index_path.exists() else np.array([0, len(ids)], np.int64)
    return Documents([Shard(ids, index)], tokenizer, None)


def documents_as_bytes(documents: Documents, number: int | None = None) -> Iterator[bytes]:
    """Yields the text of every document, or of document `number` only, without its `eos`.

    Raises PipelineError if there is no such document, and UnknownToken for an id that the
    tokenizer does not have.
    """
    decode = documents.tokenizer.decode_bytes
    drop = 0 if documents.eos is None else 1
    if number is None:
        for shard in documents.shards:
            for ids in iterate_documents(shard):
                yield decode(ids[: len(ids) - drop])
        return
    total = len(documents)
    index = number + total if number < 0 else number
    for shard in documents.shards:
        if 0 <= index < len(shard):
            ids = shard[index].astype(np.uint32)
            yield decode(ids[: len(ids) - drop])
            return
        index -= len(shard)
    raise PipelineError(f"there is no document {number}: there are {total}, counted from 0")


def _of_manifest(
    shards: list[Shard], manifest: Manifest, tokenizer: Tokenizer | str | os.PathLike[str] | None
) -> Documents:
    eos = None if manifest.eos is None else manifest.eos.id
    return Documents(shards, manifest_tokenizer(manifest, tokenizer), eos)
