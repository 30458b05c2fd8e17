"""`tokmill bytes`: byte-level probabilities of a language model over tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeAlias

import numpy as np
import typer
from rich.table import Table

from tokmill.bytelm import (
    ByteModel,
    align_prompt,
    naive_next_byte_logprobs,
    plot_next_bytes,
)

from . import options as opt
from .bytes_model import Loaded, load_model
from .output import number, out, print_err, print_out, reports_failures, size
from .shared_options import options_of

commands = typer.Typer(
    help="Next bytes, bits per byte and completions, exact at every byte of a text.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_END = 256


class Semantics(str, Enum):
    """Which probability is computed; see docs/bytelm.md."""

    local = "local"
    none = "none"
    all = "all"


ModelOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="DIR|FILE.gguf|FILE.arpa|NAME",
        help="A model for transformers, or an ARPA file; if not given, a trigram model is trained.",
        show_default=False,
    ),
]
TokenizerOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        "-t",
        metavar="FILE|NAME",
        help="A definition, if it is not the model's own; gpt2 for a trigram model.",
        show_default=False,
    ),
]
TrainOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--train",
        metavar="FILE",
        help="Text to train the trigram model on; the text that ships with tokmill if not given.",
        show_default=False,
    ),
]
BosOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--bos",
        metavar="auto|none|NAME|ID",
        help="Token before every text; auto: what the model's configuration names.",
    ),
]
SemanticsOption: TypeAlias = Annotated[
    Semantics,
    typer.Option(
        "--semantics",
        help="local: canonical tokens, normalized again; none: canonical tokens as they are; "
        "all: every tokenization (with --beam).",
    ),
]
BeamOption: TypeAlias = Annotated[
    int, typer.Option("--beam", metavar="N", min=1, help="Contexts kept, for --semantics all.")
]
Prompt: TypeAlias = Annotated[
    str, typer.Argument(metavar="PROMPT", help=r"Text; \n, \xHH and the like are understood.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    commands.command("next", epilog="Example: tokmill bytes next 'Call me Ish'")(next_bytes)
    commands.command("score", epilog="Example: tokmill bytes score notes.txt --window 512")(score)
    commands.command(
        "complete", epilog="Example: tokmill bytes complete 'Call me Ish' --temperature 0"
    )(complete)
    commands.command("plot", epilog="Example: tokmill bytes plot 'Call me Ishmael' -o next.svg")(
        plot
    )
    app.add_typer(commands, name="bytes")


def _load(
    model: ModelOption = None,
    tokenizer: TokenizerOption = None,
    train: TrainOption = None,
    bos: BosOption = "auto",
) -> Loaded:
    return load_model(model, tokenizer, train or [], bos)


@options_of(_load, "loaded")
def _byte_model(
    loaded: Loaded,
    semantics: SemanticsOption = Semantics.local,
    beam: BeamOption = 32,
) -> ByteModel:
    if semantics is Semantics.all:
        # A model that tells finitely many contexts apart needs no beam.
        exact = hasattr(loaded.model, "state_key")
        return loaded.byte_model(covering="all", beam=None if exact else beam)
    return loaded.byte_model(renormalize=semantics.value)


@reports_failures
@options_of(_byte_model, "lm")
def next_bytes(
    prompt: Prompt,
    lm: ByteModel,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="Rows shown.")] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="Print all 257 as JSON.")] = False,
) -> None:
    """Show the most probable next bytes, exact and as naive prompting with tokens has them."""
    data = _unescaped(prompt)
    exact = np.exp(lm.next_byte_logprobs(data))
    naive = np.exp(naive_next_byte_logprobs(lm, data))
    if as_json:
        print(json.dumps({"exact": exact.tolist(), "naive": naive.tolist()}))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("byte")
    for name in ("hex", "exact", "naive"):
        table.add_column(name, justify="right")
    order = np.argsort(-np.maximum(exact, naive), kind="stable")[:top]
    for symbol in order[np.argsort(-exact[order], kind="stable")].tolist():
        name, code = ("end of text", "") if symbol == _END else (_shown(symbol), f"{symbol:02x}")
        table.add_row(name, code, f"{exact[symbol]:.6f}", f"{naive[symbol]:.6f}")
    out.print(table)
    distance = abs(exact - naive).sum() / 2
    print_out(f"\nnaive prompting misplaces {100 * distance:.1f} % of the probability")


@reports_failures
@options_of(_byte_model, "lm")
def score(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files of any bytes.")],
    lm: ByteModel,
    window: Annotated[
        int,
        typer.Option("--window", metavar="N", min=1, help="Bytes that are scored as one text."),
    ] = 1024,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Bytes of each file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print bits per byte of files.

    A file is scored in windows, each as a text of its own: the number does not depend on the
    tokenizer, so that models with different ones can be compared.
    """
    found: list[tuple[str, int, float]] = []
    started = time.perf_counter()
    for path in files:
        data = path.read_bytes()[:limit]
        bits = -lm.score_batch(list(_windows(data, window)), end=False).sum() / np.log(2)
        found.append((str(path), len(data), float(bits)))
    seconds = time.perf_counter() - started
    if as_json:
        rows = [{"path": p, "bytes": n, "bits_per_byte": _ratio(bits, n)} for p, n, bits in found]
        print(json.dumps(rows, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("bytes", justify="right")
    table.add_column("bits per byte", justify="right")
    for path_, count, bits in found:
        table.add_row(path_, number(count), f"{_ratio(bits, count):.4f}" if count else "-")
    out.print(table)
    total = sum(count for _, count, _ in found)
    print_err(f"{size(total)} in {seconds:.2f} s, {size(total / seconds)}/s")


@reports_failures
@options_of(_load, "loaded")
def complete(
    prompt: Prompt,
    loaded: Loaded,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", metavar="N", min=0, help="Tokens behind the prompt.")
    ] = 24,
    temperature: Annotated[
        float, typer.Option("--temperature", metavar="T", min=0, help="0: the most probable.")
    ] = 0.0,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="For a temperature above 0.")
    ] = 0,
) -> None:
    """Complete a prompt that may end anywhere, beside the naive completion of its tokens."""
    lm = loaded.byte_model()
    data = _unescaped(prompt)
    exact = lm.vocab.decode(lm.complete(data, max_tokens, rng=seed, temperature=temperature))
    tokens = align_prompt(lm.vocab, data, 0).tokens
    behind = lm.with_options(context_tokens=(*loaded.context, *tokens), text_prefix=b"")
    naive = behind.vocab.decode(behind.complete(b"", max_tokens, rng=seed, temperature=temperature))
    start = len(lm.text_prefix)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("prompt", repr(_text(data)))
    table.add_row("exact", repr(_text(exact[start + len(data) :])))
    table.add_row("naive", repr(_text(naive)))
    out.print(table)
    prompts = Table("tokens of the prompt", "share", box=None, pad_edge=False)
    for ids, share in lm.token_prompts(data, 5):
        spelled = " ".join(repr(_text(lm.vocab.token_bytes(i) or b"")) for i in ids[-6:])
        dots = "... " if len(ids) > 6 else ""
        prompts.add_row(dots + spelled, f"{share:.4f}")
    print_out("")
    out.print(prompts)


@reports_failures
@options_of(_byte_model, "lm")
def plot(
    text: Prompt,
    path: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .png or .svg file.")],
    lm: ByteModel,
) -> None:
    """Draw the probability of each byte of a text: exact, and by naive prompting."""
    plot_next_bytes(lm, _unescaped(text), path)
    print_out(f"picture: {path}")


def _unescaped(text: str) -> bytes:
    return opt.parse_separator(text) or b""


def _windows(data: bytes, window: int) -> Iterator[bytes]:
    for start in range(0, len(data), window):
        yield data[start : start + window]


def _ratio(bits: float, count: int) -> float | None:
    return bits / count if count else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _shown(byte: int) -> str:
    return repr(chr(byte)) if byte < 128 else "part of a character"
