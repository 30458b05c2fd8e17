"""Options that several commands have, and their translation into arguments of the pipeline."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from enum import Enum
from typing import Annotated, Literal, TypedDict

import typer

from tokmill.pipeline import InvalidOption


class InputFormat(str, Enum):
    """What an input is."""

    auto = "auto"
    text = "text"
    jsonl = "jsonl"


class Split(str, Enum):
    """How text files become documents."""

    none = "none"
    line = "line"


class Errors(str, Enum):
    """What a bad JSON line does."""

    fail = "fail"
    skip = "skip"


class Dtype(str, Enum):
    """Type of the ids in a file."""

    auto = "auto"
    uint16 = "uint16"
    uint32 = "uint32"


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="Text or JSONL files, directories, globs, - for standard input; "
        "plain, .gz, .xz or .zst.",
        show_default=False,
    ),
]
TokenizerOption = Annotated[
    str,
    typer.Option(
        "--tokenizer",
        "-t",
        metavar="FILE|NAME",
        help="A definition file or directory, or a shipped encoding such as o200k_base.",
        show_default=False,
    ),
]
DigitsOption = Annotated[
    str,
    typer.Option(
        "--digits",
        metavar="SCHEME",
        help="How digits become tokens: keep, single, left3, right3 (or another N), reversed, "
        "triadic, regression. The tokenizer is written beside the shards.",
    ),
]
FormatOption = Annotated[
    InputFormat,
    typer.Option("--format", help="What the inputs are; auto: *.jsonl is JSONL, others are text."),
]
FieldOption = Annotated[
    str | None,
    typer.Option(
        "--field",
        metavar="NAME",
        help="Field of a JSON line that holds the text (text if not given).",
    ),
]
SplitOption = Annotated[
    Split, typer.Option("--split", help="A document is a whole text file, or a line of it.")
]
SeparatorOption = Annotated[
    str | None,
    typer.Option(
        "--separator",
        metavar="STR",
        help=r"Split text files at this string; \n, \t, \0, \xHH and \\ are understood.",
    ),
]
SkipEmptyOption = Annotated[bool, typer.Option("--skip-empty", help="Leave empty documents out.")]
SpecialOption = Annotated[
    str,
    typer.Option(
        "--special",
        metavar="text|parse|raise|NAME,...",
        help="Special tokens spelled in a document: ordinary text, the token, an error, "
        "or the token for these names only.",
    ),
]
AddSpecialOption = Annotated[
    bool,
    typer.Option(
        "--add-special-tokens", help="Put the tokens of the tokenizer's template around documents."
    ),
]
ErrorsOption = Annotated[
    Errors,
    typer.Option("--errors", help="Bad JSON lines: stop at the first, or skip and count them."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=0, help="Stop after N documents.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", min=1, help="Encoding threads; all cores if not given."),
]


class DocumentArguments(TypedDict):
    """Keyword arguments of the pipeline that say how inputs become documents."""

    format: Literal["auto", "text", "jsonl"]
    field: str | None
    separator: bytes | None
    skip_empty: bool
    errors: Literal["fail", "skip"]
    limit: int | None


def document_arguments(
    format: InputFormat,
    field: str | None,
    split: Split,
    separator: str | None,
    skip_empty: bool,
    errors: Errors,
    limit: int | None,
) -> DocumentArguments:
    """Translates the options; raises InvalidOption if they contradict each other."""
    if split is Split.line and separator is not None:
        raise InvalidOption("--split line and --separator exclude each other")
    return {
        "format": format.value,
        "field": field,
        "separator": b"\n" if split is Split.line else parse_separator(separator),
        "skip_empty": skip_empty,
        "errors": errors.value,
        "limit": limit,
    }


def parse_separator(text: str | None) -> bytes | None:
    r"""The bytes that an option means, with escapes such as ``\n`` undone."""
    if text is None:
        return None
    try:
        return codecs.escape_decode(text.encode("utf-8", "surrogateescape"))[0]
    except ValueError as error:
        raise InvalidOption(f"--separator: {error}") from error


def parse_special(text: str) -> Literal["text", "parse", "raise"] | Collection[str]:
    """The policy that ``--special`` names."""
    if text == "text" or text == "parse" or text == "raise":
        return text
    return {name for name in text.split(",") if name}
