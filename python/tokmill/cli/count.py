"""`tokmill count`: tokens without writing them."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.table import Table

from tokmill.pipeline.count import Count, count_files

from . import options as opt
from .output import EncodingProgress, number, out, print_err, ratio, reports_failures, size

_ROWS_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("count", epilog="Example: tokmill count corpus/ --tokenizer gpt2 --split line")(
        count
    )


@reports_failures
def count(
    inputs: opt.Inputs,
    tokenizer: opt.TokenizerOption,
    format: opt.FormatOption = opt.InputFormat.auto,
    field: opt.FieldOption = None,
    split: opt.SplitOption = opt.Split.none,
    separator: opt.SeparatorOption = None,
    skip_empty: opt.SkipEmptyOption = False,
    special: opt.SpecialOption = "text",
    add_special_tokens: opt.AddSpecialOption = False,
    errors: opt.ErrorsOption = opt.Errors.fail,
    limit: opt.LimitOption = None,
    threads: opt.ThreadsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count tokens, bytes and documents of text and JSONL files."""
    documents = opt.document_arguments(format, field, split, separator, skip_empty, errors, limit)
    started = time.perf_counter()
    with EncodingProgress("counting") as progress:
        counts, total = count_files(
            inputs,
            tokenizer,
            **documents,
            special=opt.parse_special(special),
            add_special_tokens=add_special_tokens,
            threads=threads,
            progress=progress,
        )
    seconds = time.perf_counter() - started
    if as_json:
        value = {**_values(total), "inputs": [{"path": c.path, **_values(c)} for c in counts]}
        print(json.dumps(value, indent=1))
        return
    _print_table(counts, total)
    print_err(f"{size(total.bytes)} in {seconds:.2f} s, {size(total.bytes / seconds)}/s")


def _values(count: Count) -> dict[str, int | float | None]:
    return {
        "documents": count.documents,
        "tokens": count.tokens,
        "bytes": count.bytes,
        "bytes_per_token": count.bytes / count.tokens if count.tokens else None,
        "skipped": count.skipped,
    }


def _print_table(counts: list[Count], total: Count) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("input", overflow="fold")
    for name in ("documents", "bytes", "tokens", "bytes/token"):
        table.add_column(name, justify="right")
    shown = counts if 1 < len(counts) <= _ROWS_SHOWN else []
    for row in [*shown, total]:
        table.add_row(
            row.path,
            number(row.documents),
            number(row.bytes),
            number(row.tokens),
            ratio(row.bytes, row.tokens),
            style="bold" if row is total and shown else None,
        )
    out.print(table)
    if total.skipped:
        print_err(f"{number(total.skipped)} bad JSON lines were skipped")
