"""`tokmill demo`: the main job on text that ships with the package."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tokmill.pipeline import PipelineError, ShardSet, encode_files, verify_shards
from tokmill.pipeline.demo import demo_inputs

from .output import EncodingProgress, number, out, print_out, ratio, reports_failures, size

_SHARD_TOKENS = 100_000


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("demo", epilog="Example: tokmill demo --out demo_shards")(demo)


@reports_failures
def demo(
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Keep the shards here."),
    ] = None,
    tokenizer: Annotated[
        str, typer.Option("--tokenizer", "-t", metavar="FILE|NAME", help="Any tokenizer.")
    ] = "o200k_base",
) -> None:
    """Encode the text that ships with tokmill into shards, decode them, and compare."""
    if target is not None:
        _run(target, tokenizer)
        print_out(f"shards: {target}")
        return
    with tempfile.TemporaryDirectory(prefix="tokmill-demo-") as folder:
        _run(Path(folder), tokenizer)


def _run(target: Path, tokenizer: str) -> None:
    with demo_inputs() as inputs:
        print_out(f"encoding {len(inputs)} files, a paragraph a document, with {tokenizer}")
        started = time.perf_counter()
        with EncodingProgress("encoding") as progress:
            manifest = encode_files(
                inputs,
                tokenizer,
                target,
                separator="\n\n",
                shard_tokens=_SHARD_TOKENS,
                existing="overwrite",
                progress=progress,
            )
        encoded = time.perf_counter()
        report = verify_shards(target, tokenizer=tokenizer, inputs=True)
        verified = time.perf_counter()
    if report.problems:
        raise PipelineError(report.problems[0])
    totals = manifest.totals
    table = Table(box=None, pad_edge=False)
    for name in ("shard", "documents", "bytes of text", "tokens", "bytes/token"):
        table.add_column(name, justify="left" if name == "shard" else "right")
    for shard in manifest.shards:
        table.add_row(
            shard.file,
            number(shard.documents),
            number(shard.bytes),
            number(shard.tokens),
            ratio(shard.bytes, shard.tokens),
        )
    out.print(table)
    print_out(
        f"encoded {size(totals.bytes)} into {number(totals.tokens)} tokens in "
        f"{encoded - started:.2f} s with loading and writing "
        f"({size(totals.bytes / (encoded - started))}/s)"
    )
    print_out(
        f"verified in {verified - encoded:.2f} s: {number(report.compared - report.altered)} of "
        f"{number(report.documents)} documents decode to exactly their source"
    )
    ids = ShardSet(target)[0]
    print_out(f"first document: {ids[:12].tolist()}{' ...' if len(ids) > 12 else ''}")
