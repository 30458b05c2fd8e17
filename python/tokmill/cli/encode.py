"""`tokmill encode`: files in, training shards out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tokmill import Tokenizer
from tokmill.numbers import InvalidScheme, attach
from tokmill.pipeline import Manifest, PipelineError, Totals, encode_files, load_tokenizer

from . import options as opt
from .output import (
    EncodingProgress,
    Stopped,
    number,
    print_err,
    print_out,
    ratio,
    reports_failures,
    size,
)

_NOTHING = Totals(0, 0, 0, 0, 0)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        "encode",
        epilog="Example: tokmill encode corpus/ notes.jsonl.zst --tokenizer o200k_base "
        "--out shards\n\n"
        "A stopped run goes on with the same command.",
    )(encode)


@reports_failures
def encode(
    inputs: opt.Inputs,
    tokenizer: opt.TokenizerOption,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Directory of the shards.")
    ],
    format: opt.FormatOption = opt.InputFormat.auto,
    field: opt.FieldOption = None,
    split: opt.SplitOption = opt.Split.none,
    separator: opt.SeparatorOption = None,
    skip_empty: opt.SkipEmptyOption = False,
    eos: Annotated[
        str,
        typer.Option(
            "--eos",
            metavar="auto|none|NAME|ID",
            help="Token appended to each document; auto: <|endoftext|> or what is like it.",
        ),
    ] = "auto",
    special: opt.SpecialOption = "text",
    digits: opt.DigitsOption = "keep",
    add_special_tokens: opt.AddSpecialOption = False,
    shard_tokens: Annotated[
        int,
        typer.Option("--shard-tokens", metavar="N", min=1, help="Tokens that a shard holds."),
    ] = 100_000_000,
    dtype: Annotated[
        opt.Dtype,
        typer.Option("--dtype", help="Of the ids; auto: uint16 if the vocabulary fits."),
    ] = opt.Dtype.auto,
    errors: opt.ErrorsOption = opt.Errors.fail,
    limit: opt.LimitOption = None,
    threads: opt.ThreadsOption = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Fail if there is no earlier run to go on from."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Remove the shards of an earlier run.")
    ] = False,
) -> None:
    """Encode text and JSONL files into training shards.

    Every shard is a file of raw ids and an index of its documents; manifest.json describes all.
    """
    if resume and overwrite:
        raise typer.BadParameter("--resume and --overwrite exclude each other")
    documents = opt.document_arguments(format, field, split, separator, skip_empty, errors, limit)
    before = _NOTHING if overwrite else _finished(out)
    started = time.perf_counter()
    try:
        with EncodingProgress("encoding") as progress:
            manifest = encode_files(
                inputs,
                _with_digits(tokenizer, digits, out),
                out,
                **documents,
                eos=eos,
                special=opt.parse_special(special),
                add_special_tokens=add_special_tokens,
                dtype=dtype.value,
                shard_tokens=shard_tokens,
                threads=threads,
                existing="resume" if resume else "overwrite" if overwrite else "continue",
                progress=progress,
            )
    except KeyboardInterrupt:
        shards = number(_finished(out).shards)
        raise Stopped(
            f"stopped; {shards} shards are finished, the same command goes on from there"
        ) from None
    _report(manifest, before, out, time.perf_counter() - started)
    if eos == "auto" and manifest.eos is None and not manifest.template_ids:
        print_err("note: the tokenizer names no end-of-text token, none was appended (see --eos)")


def _with_digits(tokenizer: str, digits: str, out: Path) -> str:
    """The name of the tokenizer, or of a file in `out` with the same one and a digit scheme.

    As a file it is found again when the shards are decoded or verified.
    """
    if digits == "keep":
        return tokenizer
    try:
        attached = attach(load_tokenizer(tokenizer), digits)
    except InvalidScheme as error:
        raise typer.BadParameter(str(error), param_hint="--digits") from None
    path = out / "tokenizer.numbers"
    if not path.exists() or Tokenizer.from_file(path) != attached:
        out.mkdir(parents=True, exist_ok=True)
        attached.save(path)
    return str(path)


def _finished(out: Path) -> Totals:
    try:
        return Manifest.load(out).totals
    except PipelineError:
        return _NOTHING


def _report(manifest: Manifest, before: Totals, out: Path, seconds: float) -> None:
    totals = manifest.totals
    encoded = totals.bytes - before.bytes
    if before.shards:
        print_out(f"{number(before.shards)} shards were there from an earlier run")
    print_out(
        f"{number(totals.documents)} documents, {size(totals.bytes)} -> "
        f"{number(totals.tokens)} tokens ({ratio(totals.bytes, totals.tokens)} bytes per token) "
        f"in {number(totals.shards)} {'shard' if totals.shards == 1 else 'shards'} "
        f"of {manifest.dtype}: {out}"
    )
    if totals.skipped:
        print_out(f"{number(totals.skipped)} bad JSON lines were skipped")
    print_out(f"{size(encoded)} in {seconds:.2f} s, {size(encoded / seconds)}/s")
