"""The main job: files in, training shards out.

Reading, encoding and writing run side by side; memory is bounded by a few batches. Everything that
a run has finished is in the manifest, so a stopped run goes on where its last finished shard ends,
and the result is the same as if it had never been stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from tokmill import Tokenizer

from .arguments import Special, checked_limits, checked_separator, checked_special
from .documents import DEFAULT_FIELD, DocumentOptions
from .errors import InvalidOption
from .files import failing_to_write, locked
from .job import Job, Progress
from .manifest import EosInfo, InputInfo, Manifest, TokenizerInfo
from .resume import Existing, prepare_directory
from .sources import Format, find_sources
from .tokenizers import load_tokenizer, recorded_source, resolve_eos, template_ids

DEFAULT_SHARD_TOKENS = 100_000_000
_UINT16_VOCABULARY = 1 << 16

InputPath = str | os.PathLike[str]


def encode_files(
    inputs: Sequence[InputPath],
    tokenizer: Tokenizer | InputPath,
    out: InputPath,
    *,
    format: Format = "auto",
    field: str | None = None,
    separator: str | bytes | None = None,
    skip_empty: bool = False,
    eos: str | int | None = "auto",
    special: Special = "text",
    add_special_tokens: bool = False,
    dtype: Literal["auto", "uint16", "uint32"] = "auto",
    shard_tokens: int = DEFAULT_SHARD_TOKENS,
    errors: Literal["fail", "skip"] = "fail",
    limit: int | None = None,
    threads: int | None = None,
    existing: Existing = "continue",
    progress: Callable[[Progress], None] | None = None,
) -> Manifest:
    r"""Encodes text and JSONL files into shards of token ids in the directory `out`.

    Args:
        inputs: files, directories (recursive), globs, or ``"-"`` for standard input; plain or
            compressed with gzip, xz or zstd.
        tokenizer: a Tokenizer, the name of a shipped encoding, or a definition file.
        out: directory of the shards; made if it does not exist.
        format: ``"text"`` or ``"jsonl"``; ``"auto"`` goes by the name (see `find_sources`).
        field: member of each JSON line that holds the text (default ``"text"``).
        separator: splits text files into documents; ``"\n"`` makes each line one (without CR LF).
            None: a file is a document.
        skip_empty: leave empty documents out.
        eos: token appended to each document: a name or id, None, or ``"auto"`` (see `resolve_eos`).
        special: what happens where a document spells a special token: it is ordinary text
            (``"text"``), that token (``"parse"``), an error (``"raise"``), or that token only for
            the names in a collection.
        add_special_tokens: put the tokens of the tokenizer's template around each document.
        dtype: of the ids; ``"auto"`` takes uint16 if every id of the vocabulary fits.
        shard_tokens: a shard ends before the document that would make it larger than this; a larger
            document gets a shard of its own.
        errors: bad JSON lines fail the job or are skipped and counted.
        limit: number of documents to stop after.
        threads: threads that encode; None: as many as this process may use.
        existing: what to do with shards of an earlier run in `out`: ``"continue"`` goes on if they
            come from the same inputs and options and raises otherwise, ``"resume"`` raises also if
            there are none, ``"overwrite"`` removes them.
        progress: called after every batch, in the calling thread.

    Returns:
        The manifest of the finished run.

    Raises:
        InvalidOption: contradictory arguments; nothing has been read or written.
        PipelineError: shards of another run in `out`, an input that cannot be read, a bad JSON
            line, a document that the tokenizer cannot encode, a directory that cannot be written.
            Finished shards stay valid.
    """
    if shard_tokens < 1:
        raise InvalidOption("a shard holds at least one token")
    checked_limits(limit, threads)
    separator_bytes = checked_separator(separator)
    directory = Path(out)
    sources = find_sources(inputs, format=format, field=field, exclude=directory)
    source_name = None
    if not isinstance(tokenizer, Tokenizer):
        source_name = recorded_source(tokenizer)
        tokenizer = load_tokenizer(tokenizer)
    special = checked_special(tokenizer, special)
    documents = DocumentOptions(separator_bytes, field or DEFAULT_FIELD, errors, skip_empty)
    template = template_ids(tokenizer, add_special_tokens)
    eos_id = resolve_eos(tokenizer, eos)
    if eos == "auto" and template and template[-1] == eos_id:
        eos_id = None  # the template appends it already

    manifest = Manifest(
        tokenizer=TokenizerInfo(source_name, tokenizer.digest, tokenizer.vocab_size),
        dtype=_choose_dtype(dtype, tokenizer.vocab_size),
        eos=None if eos_id is None else EosInfo(eos_id, str(tokenizer.id_to_token(eos_id))),
        template_ids=template,
        options={
            "separator": (
                None
                if separator_bytes is None
                else separator_bytes.decode("utf-8", "surrogateescape")
            ),
            "field": documents.field,
            "skip_empty": skip_empty,
            "special": special if isinstance(special, str) else sorted(special),
            "add_special_tokens": add_special_tokens,
            "shard_tokens": shard_tokens,
            "errors": errors,
            "limit": limit,
        },
        inputs=[InputInfo(s.path, s.format, s.size, s.mtime_ns) for s in sources],
    )
    with failing_to_write(directory):
        directory.mkdir(parents=True, exist_ok=True)
    with locked(directory):
        manifest = prepare_directory(directory, manifest, existing)
        if not manifest.complete:
            Job(
                tokenizer,
                manifest,
                directory,
                sources,
                documents,
                special,
                add_special_tokens=add_special_tokens,
                shard_tokens=shard_tokens,
                limit=limit,
                threads=threads,
            ).run(progress)
    return manifest


def _choose_dtype(wanted: str, vocab_size: int) -> str:
    fits = vocab_size <= _UINT16_VOCABULARY
    if wanted == "auto":
        return "uint16" if fits else "uint32"
    if wanted not in ("uint16", "uint32"):
        raise InvalidOption(f"ids are written as uint16 or uint32, not {wanted}")
    if wanted == "uint16" and not fits:
        raise InvalidOption(f"a vocabulary of {vocab_size} tokens does not fit into uint16")
    return wanted
