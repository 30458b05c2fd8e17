"""`tokmill bench`: throughput on your own text."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from tokmill.pipeline.bench import run_bench

from . import options as opt
from .output import err, number, out, print_out, reports_failures, size


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        "bench",
        epilog="Example: tokmill bench corpus.txt --tokenizer o200k_base --split line --compare",
    )(bench)


@reports_failures
def bench(
    inputs: opt.Inputs,
    tokenizer: opt.TokenizerOption,
    format: opt.FormatOption = opt.InputFormat.auto,
    field: opt.FieldOption = None,
    split: opt.SplitOption = opt.Split.none,
    separator: opt.SeparatorOption = None,
    megabytes: Annotated[
        int, typer.Option("--megabytes", metavar="N", min=1, help="Read this much of the inputs.")
    ] = 64,
    threads: opt.ThreadsOption = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Also run tokenizers and tiktoken, if installed."),
    ] = False,
) -> None:
    """Measure throughput: first and repeated pass, with one thread and with all.

    Each row runs in a fresh process. The ids of other libraries are compared first; a row with
    other ids shows no speed.
    """
    documents = opt.document_arguments(
        format, field, split, separator, False, opt.Errors.fail, None
    )
    with err.status("measuring") as status:
        report = run_bench(
            inputs,
            tokenizer,
            format=documents["format"],
            field=documents["field"],
            separator=documents["separator"],
            text_bytes=megabytes * 1_000_000,
            threads=threads,
            compare=compare,
            progress=lambda text: status.update(f"measuring {text}"),
        )
    print_out(
        f"{number(report.documents)} documents, {size(report.text_bytes)}, "
        f"{number(report.tokens)} tokens"
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("engine")
    for name in ("threads", "load s", "first pass MB/s", "repeated MB/s"):
        table.add_column(name, justify="right")
    table.add_column("ids")
    for row in report.measurements:
        table.add_row(
            row.engine,
            str(row.threads),
            _rounded(row.load_seconds, 3),
            _rounded(row.first, 1),
            _rounded(row.repeated, 1),
            "equal" if row.same_ids else row.note,
        )
    out.print(table)


def _rounded(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
