"""Tables of replacements for normalizers: named ones, and those that users write."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from ._engine import core, read_file


def _as_text(value: str | bytes, side: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise ValueError(f"INVALID_ARGUMENT: Invalid UTF-8 sequence in {side}: {value!r}") from None


def _compile(table: dict[str, str]) -> bytes:
    for source, target in table.items():
        if not source:
            raise ValueError("INVALID_ARGUMENT: Source string cannot be empty.")
        if source == target:
            raise ValueError("INVALID_ARGUMENT: Identity conversion is not allowed.")
        if "\0" in source or "\0" in target:
            raise ValueError("INVALID_ARGUMENT: A replacement must not hold NUL.")
    pairs = sorted((source.encode(), target.encode()) for source, target in table.items())
    return core.compile_charsmap(pairs)


def compile_pairs(pairs: Iterable[tuple[str | bytes, str | bytes]]) -> bytes:
    """The compiled table of pairs of a text and its replacement.

    Raises:
        TypeError: An element is not such a pair.
        ValueError: A text is not UTF-8, is empty, is its own replacement, or stands there twice.
    """
    table: dict[str, str] = {}
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError("norm_map must be a sequence of pairs of str")
        if not all(isinstance(side, str | bytes) for side in pair):
            raise TypeError("norm_map must be a sequence of pairs of str")
        source, target = _as_text(pair[0], "source"), _as_text(pair[1], "target")
        if source in table:
            raise ValueError(f"INVALID_ARGUMENT: Duplicate source string in map: {source}")
        table[source] = target
    return _compile(table)


def _code_points(field: str) -> str:
    characters = []
    for word in field.split(" "):
        if not word:
            continue
        try:
            code_point = int(word.removeprefix("U+"), 16)
            character = chr(code_point)
            character.encode()
        except (ValueError, OverflowError):
            raise RuntimeError(f"INTERNAL: Invalid hex codepoint: {word}") from None
        characters.append(character)
    return "".join(characters)


def read_rule_file(name: str) -> bytes:
    """The compiled table of a file of replacements.

    Each line: the code points to replace in hexadecimal, separated by spaces; a tab; the code
    points in their place, which may be missing. Of equal lines the last counts.

    Raises:
        RuntimeError: The file cannot be read, or a line is not of this form.
    """
    table: dict[str, str] = {}
    lines = read_file(name).decode("utf-8", "replace").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for line in lines:
        fields = [*line.split("\t"), ""]
        source = _code_points(fields[0])
        if not source:
            raise RuntimeError(f"INTERNAL: a line without code points in {name}")
        table[source] = _code_points(fields[1])
    if not table:
        raise RuntimeError(f"INTERNAL: no replacements in {name}")
    return _compile(table)


@cache
def charsmap_of_rule(name: str) -> bytes:
    """The compiled table of a named rule; empty for the rule that leaves texts alone.

    Raises:
        RuntimeError: There is no such rule.
    """
    if name == "identity":
        return b""
    data = files(__package__).joinpath("rules.json.xz").read_bytes()
    rules = json.loads(lzma.decompress(data))
    if name not in rules:
        raise RuntimeError(f"NOT_FOUND: No precompiled charsmap is found: {name}")
    base, rule = rules["nfkc"], rules[name]
    # Sources and targets in turn; the other rules are differences to the first.
    table: dict[str, str] = dict(zip(base["pairs"][::2], base["pairs"][1::2], strict=True))
    for source in rule.get("without", ()):
        del table[source]
    table.update(zip(rule["pairs"][::2], rule["pairs"][1::2], strict=True))
    return _compile(table)
