"""The command line: one module a command."""

from __future__ import annotations

from typing import Annotated

import typer

from tokmill import __version__

from . import bench, bytes, count, decode, demo, encode, inspect, snapshot, verify
from .output import print_out

app = typer.Typer(
    name="tokmill",
    help="Exact and very fast tokenization: files in, training shards out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: tokmill encode corpus/ --tokenizer o200k_base --out shards",
)

for module in (encode, decode, verify, count, inspect, bench, snapshot, bytes, demo):
    module.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print_out(f"tokmill {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    del version
