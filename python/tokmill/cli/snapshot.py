"""`tokmill snapshot`: a definition that loads in milliseconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tokmill import Tokenizer
from tokmill.pipeline import PipelineError, load_tokenizer

from .output import print_out, reports_failures, size


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("snapshot", epilog="Example: tokmill snapshot tokenizer.json llama.snapshot")(
        snapshot
    )


@reports_failures
def snapshot(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="A definition file, or a shipped encoding.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
) -> None:
    """Compile a tokenizer into a file that is mapped into memory instead of parsed."""
    started = time.perf_counter()
    tokenizer = load_tokenizer(source)
    loaded = time.perf_counter()
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        tokenizer.save_snapshot(temporary)
        opening = time.perf_counter()
        reopened = Tokenizer.from_file(temporary)
        opened = time.perf_counter()
        if reopened.digest != tokenizer.digest:
            raise PipelineError(f"the snapshot of {source} does not read back as the same")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    print_out(
        f"{target}: {size(target.stat().st_size)}, opens in {(opened - opening) * 1e3:.1f} ms "
        f"({source} in {(loaded - started) * 1e3:.1f} ms)"
    )
