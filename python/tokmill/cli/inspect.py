"""`tokmill inspect`: what a tokenizer is, and what it makes of a text."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tokmill import Tokenizer
from tokmill.numbers import NumberTokenizer, Triadic
from tokmill.pipeline import load_tokenizer

from . import options as opt
from .output import number, out, print_out, ratio, reports_failures

# Neighbouring tokens differ in colour.
_COLOURS = ("black on bright_cyan", "black on bright_yellow", "black on bright_green")
_SPECIAL = "bold white on red"
_SPECIAL_SHOWN = 12


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        "inspect",
        epilog="Example: tokmill inspect o200k_base --text 'Straße, 12345 km'\n\n"
        "Numbers: tokmill inspect gpt2 --numbers --text 'pi is 3.14159, a mole 6.022e23'",
    )(inspect)


@reports_failures
def inspect(
    tokenizer: Annotated[
        str,
        typer.Argument(metavar="TOKENIZER", help="A definition file, or a shipped encoding."),
    ],
    text: Annotated[
        str | None, typer.Option("--text", metavar="STR", help="Show how this is tokenized.")
    ] = None,
    special: opt.SpecialOption = "parse",
    add_special_tokens: opt.AddSpecialOption = False,
    numbers: Annotated[
        bool,
        typer.Option(
            "--numbers",
            help="Show the numbers of the text: with the tokenizer's digit scheme, or with "
            "triadic tokens put on it.",
        ),
    ] = False,
) -> None:
    """Show what a tokenizer was compiled to, and the tokens of a text."""
    tok = load_tokenizer(tokenizer)
    if numbers and not isinstance(tok, NumberTokenizer):
        tok = Triadic().attach(tok)
    _describe(tok)
    if text is not None:
        print_out("")
        _tokens(tok, text, special, add_special_tokens)
        if numbers and isinstance(tok, NumberTokenizer):
            print_out("")
            _numbers(tok, text, special)


def _describe(tok: Tokenizer) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in tok.describe().items():
        table.add_row(Text(str(name)), Text(str(value)))
    special = sorted(tok.special_tokens.items(), key=lambda item: item[1])
    shown = [f"{name} {id_}" for name, id_ in special[:_SPECIAL_SHOWN]]
    if len(special) > _SPECIAL_SHOWN:
        shown.append(f"and {number(len(special) - _SPECIAL_SHOWN)} more")
    table.add_row("special tokens", Text(", ".join(shown) or "none"))
    table.add_row("digest", Text(tok.digest))
    out.print(table)


def _tokens(tok: Tokenizer, text: str, special: str, add_special_tokens: bool) -> None:
    data = text.encode("utf-8", "surrogateescape")
    ids, spans = tok.encode_with_offsets(
        data,
        unit="byte",
        add_special_tokens=add_special_tokens,
        special=opt.parse_special(special),
    )
    names = {id_: name for name, id_ in tok.special_tokens.items()}
    line = Text()
    table = Table(box=None, pad_edge=False)
    for column in ("#", "id", "begin", "end"):
        table.add_column(column, justify="right")
    table.add_column("token")
    table.add_column("bytes", overflow="fold")
    rows = zip(ids.tolist(), spans.tolist(), strict=True)
    for place, (id_, (begin, end)) in enumerate(rows):
        style = _SPECIAL if id_ in names else _COLOURS[place % len(_COLOURS)]
        content = tok.token_bytes(id_)
        token = Text(_visible(content), style=style)
        line.append(_visible(data[begin:end]), style=style)
        table.add_row(str(place), str(id_), str(begin), str(end), token, content.hex(" "))
    out.print(line)
    print_out("")
    out.print(table)
    print_out(
        f"\n{number(len(ids))} tokens, {number(len(data))} bytes, "
        f"{ratio(len(data), len(ids))} bytes per token"
    )


def _numbers(tok: NumberTokenizer, text: str, special: str) -> None:
    """The numbers of a text, each with its tokens and its value."""
    data = text.encode("utf-8", "surrogateescape")
    ids, places = tok.encode_with_offsets(
        data, unit="byte", add_special_tokens=False, special=opt.parse_special(special)
    )
    table = Table(box=None, pad_edge=False)
    for column in ("number", "tokens", "value"):
        table.add_column(column, overflow="fold")
    spans = tok.number_spans(ids).tolist()
    values = tok.parse_numbers(ids)
    for row, (begin, end) in enumerate(spans):
        written = data[places[begin, 0] : places[begin:end, 1].max()]
        names = [tok.id_to_token(int(id_)) for id_ in ids[begin:end]]
        value = str(values[row]) if len(values) == len(spans) else ""
        table.add_row(Text(_visible(written)), Text(" ".join(names)), Text(value))
    out.print(table)
    print_out(f"\n{number(len(spans))} numbers")


def _visible(data: bytes) -> str:
    """Bytes as text on one line: line ends and what is not UTF-8 as escapes."""
    text = data.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
