"""`tokmill decode`: shards back to text."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from tokmill.pipeline.read_back import documents_as_bytes, open_documents

from . import options as opt
from .output import reports_failures


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        "decode",
        epilog="Example: tokmill decode shards --document 17\n\n"
        "Example: tokmill decode train.bin --tokenizer gpt2 --out train.txt",
    )(decode)


@reports_failures
def decode(
    path: Annotated[
        Path, typer.Argument(metavar="DIR|FILE.bin", help="A directory of shards, or one file.")
    ],
    document: Annotated[
        int | None,
        typer.Option("--document", "-n", metavar="N", help="Only document N, counted from 0."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write here, not to standard output."),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            "--tokenizer",
            "-t",
            metavar="FILE|NAME",
            help="Needed if no manifest names it, or if its file has moved.",
        ),
    ] = None,
    separator: Annotated[
        str, typer.Option("--separator", metavar="STR", help="Printed between documents.")
    ] = "\\n",
    dtype: Annotated[
        opt.Dtype,
        typer.Option("--dtype", help="Of a file without a manifest; auto: as the vocabulary fits."),
    ] = opt.Dtype.auto,
) -> None:
    """Print the text of shards, without the end-of-text tokens that encode appended."""
    between = opt.parse_separator(separator) or b""
    documents = open_documents(path, tokenizer=tokenizer, dtype=dtype.value)
    with _output(out) as file:
        for number, text in enumerate(documents_as_bytes(documents, document)):
            if number:
                file.write(between)
            file.write(text)
        file.flush()


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        return
    with path.open("wb") as file:
        yield file
