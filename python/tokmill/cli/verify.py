"""`tokmill verify`: are the shards what they should be?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tokmill.pipeline import PipelineError, verify_shards

from .output import counting, number, print_err, print_out, reports_failures, size


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("verify", epilog="Example: tokmill verify shards --inputs")(verify)


@reports_failures
def verify(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory of shards.")],
    inputs: Annotated[
        bool | None,
        typer.Option(
            "--inputs/--no-inputs",
            help="Compare every document with the inputs; by default if they are all there, "
            "unchanged.",
            show_default=False,
        ),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option("--tokenizer", "-t", metavar="FILE|NAME", help="If its file has moved."),
    ] = None,
) -> None:
    """Re-read shards: checksums, counts, indexes, ids, decoding, and the text of the inputs."""
    with counting("verifying", "documents") as progress:
        report = verify_shards(directory, tokenizer=tokenizer, inputs=inputs, progress=progress)
    for problem in report.problems:
        print_err(problem)
    if report.problems:
        raise PipelineError(f"{directory}: {number(len(report.problems))} problems")
    print_out(
        f"{directory}: {number(report.shards)} shards, {number(report.documents)} documents, "
        f"{number(report.tokens)} tokens, {size(report.text_bytes)} of text: all checks passed"
    )
    if report.compared_inputs:
        same = report.compared - report.altered
        print_out(f"{number(same)} documents decode to exactly what the inputs hold")
        if report.altered:
            print_out(
                f"{number(report.altered)} others are altered by the tokenizer; "
                "encoding their sources gives their ids"
            )
    else:
        print_out("not compared with the inputs")
    if not report.complete:
        print_out("the run that made them is not complete")
