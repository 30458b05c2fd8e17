"""Split patterns of the references, rewritten for the PyPI package ``regex``.

The package serves as the independent check of syntax and of match semantics. What a character class
holds is not taken from it, for its Unicode version differs, but spelled out from what the regular
expression engines of the pinned references (Oniguruma in tokenizers, fancy-regex in tiktoken)
answer when they are asked about every code point.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import regex  # type: ignore[import-untyped, unused-ignore]
import tiktoken
import tokenizers

Dialect = Literal["onig", "fancy"]
Ranges = tuple[tuple[int, int], ...]  # inclusive code point ranges, ascending, disjoint

LAST_CODE_POINT = 0x10FFFF


class UnsupportedPattern(ValueError):
    """The pattern uses syntax that this small reader does not know."""


# --------------------------------------------------------------------------------------------------
# What a character class holds, asked of the references
# --------------------------------------------------------------------------------------------------


@functools.cache
def every_character() -> str:
    """All 1,112,064 Unicode scalar values in order."""
    return "".join(map(chr, (*range(0xD800), *range(0xE000, LAST_CODE_POINT + 1))))


def ranges_of(characters: str) -> Ranges:
    """The ranges of a string of distinct characters in ascending order."""
    ranges: list[tuple[int, int]] = []
    for code_point in map(ord, characters):
        if ranges and ranges[-1][1] + 1 == code_point:
            ranges[-1] = (ranges[-1][0], code_point)
        else:
            ranges.append((code_point, code_point))
    return tuple(ranges)


def complement(ranges: Ranges) -> Ranges:
    result = []
    start = 0
    for low, high in ranges:
        if start < low:
            result.append((start, low - 1))
        start = high + 1
    if start <= LAST_CODE_POINT:
        result.append((start, LAST_CODE_POINT))
    return tuple(result)


def union(*sets: Ranges) -> Ranges:
    result: list[tuple[int, int]] = []
    for low, high in sorted(one for ranges in sets for one in ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def intersection(first: Ranges, second: Ranges) -> Ranges:
    return complement(union(complement(first), complement(second)))


def contains(ranges: Ranges, character: str) -> bool:
    code_point = ord(character)
    return any(low <= code_point <= high for low, high in ranges)


def _matched_by_onig(expression: str) -> str:
    rest = tokenizers.normalizers.Replace(tokenizers.Regex(f"(?:{expression})+"), "")
    unmatched = set(rest.normalize_str(every_character()))
    return "".join(c for c in every_character() if c not in unmatched)


def _matched_by_fancy(expression: str) -> str:
    alphabet = {bytes([byte]): byte for byte in range(256)}
    probe = tiktoken.Encoding(
        "probe", pat_str=expression, mergeable_ranks=alphabet, special_tokens={}
    )
    return probe.decode(probe.encode_ordinary(every_character()))


def _rust_numeric(_: str) -> str:
    pieces = tokenizers.pre_tokenizers.Digits(False).pre_tokenize_str(every_character())
    return "".join(piece for piece, _ in pieces[1::2])  # U+0000, the first, is no number


_PROBES: dict[str, Callable[[str], str]] = {
    "onig": _matched_by_onig,
    "fancy": _matched_by_fancy,
    "rust_numeric": _rust_numeric,
}


def _cache_file(engine: str, expression: str) -> Path:
    key = f"{version('tokenizers')} {version('tiktoken')} {engine} {expression}"
    name = hashlib.sha256(key.encode()).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"tokmill-test-classes-{os.getuid()}" / f"{name}.json"


@functools.cache
def probe(engine: str, expression: str) -> Ranges:
    """The characters that ``expression``, one character wide, matches in a reference.

    Args:
        engine: "onig" (tokenizers), "fancy" (tiktoken) or "rust_numeric" (Digits).
        expression: a regular expression that matches one character.

    The answer, half a second of work, is kept in the directory for temporary files.
    """
    path = _cache_file(engine, expression)
    if path.exists():
        return tuple((low, high) for low, high in json.loads(path.read_text()))
    ranges = ranges_of(_PROBES[engine](expression))
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(ranges))
    temporary.replace(path)
    return ranges


@functools.cache
def case_variants(dialect: Dialect, character: str) -> Ranges:
    """The characters that ``character`` matches without regard to case."""
    return probe(dialect, f"(?i:{regex.escape(character)})")


# --------------------------------------------------------------------------------------------------
# Patterns: read in the syntax of a reference, written for the package ``regex``
# --------------------------------------------------------------------------------------------------

_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_CLASS_LETTERS = "sSdDwWhH"


def _literal(character: str) -> str:
    return f"\\U{ord(character):08X}"


def written(ranges: Ranges) -> str:
    if not ranges:
        return "(?!)"
    spans = (f"\\U{low:08X}-\\U{high:08X}" for low, high in ranges)
    return "[" + "".join(spans) + "]"


class PatternReader:
    """Rewrites one pattern; every method consumes what it reads from ``self.text``."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.position = 0
        self.ignore_case = False

    def read(self) -> str:
        written = self._alternatives()
        if self.position != len(self.text):
            raise UnsupportedPattern(f"unexpected {self._peek()!r} at {self.position}")
        return written

    def _peek(self, length: int = 1) -> str:
        return self.text[self.position : self.position + length]

    def _take(self, prefix: str) -> bool:
        if not self.text.startswith(prefix, self.position):
            return False
        self.position += len(prefix)
        return True

    def _next(self) -> str:
        if self.position == len(self.text):
            raise UnsupportedPattern("the pattern ends too early")
        self.position += 1
        return self.text[self.position - 1]

    def _alternatives(self) -> str:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return "|".join(branches)

    def _sequence(self) -> str:
        items = []
        while self._peek() not in ("", "|", ")"):
            items.append(self._quantified(self._atom()))
        return "".join(items)

    def _quantified(self, atom: str) -> str:
        while True:
            bounds = self._bounds()
            if bounds is None:
                return atom
            low, high, is_interval = bounds
            atom = f"(?:{atom}){{{low},{'' if high is None else high}}}"
            if not is_interval or self.dialect == "fancy":
                if self._take("?"):
                    atom += "?"
                elif self._take("+"):
                    atom += "+"
            elif self._peek() == "?" and low != high:
                self.position += 1
                atom += "?"
            # In Oniguruma a "+" behind an interval repeats it and "{n}?" makes it optional: the
            # next turn of the loop reads either as a quantifier of its own.

    def _bounds(self) -> tuple[int, int | None, bool] | None:
        for sign, low, high in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._take(sign):
                return low, high, False
        interval = regex.compile(r"\{(\d*)(,?)(\d*)\}").match(self.text, self.position)
        if interval is None or not (interval[1] or interval[3]):
            return None
        self.position = interval.end()
        low = int(interval[1] or 0)
        high = (int(interval[3]) if interval[3] else None) if interval[2] else low
        return low, high, True

    def _atom(self) -> str:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return written(self._bracket())
        if character == "\\":
            return self._escape()
        if character == ".":
            return written(complement(((10, 10),)))
        if character in "^$":
            return self._line_anchor(character)
        if character in "*+?{" and not (character == "{" and self.dialect == "onig"):
            raise UnsupportedPattern(f"nothing to repeat at {self.position - 1}")
        return self._character(character)

    def _character(self, character: str) -> str:
        if self.ignore_case:
            return written(case_variants(self.dialect, character))
        return _literal(character)

    def _line_anchor(self, character: str) -> str:
        if self.dialect == "fancy":
            return r"\A" if character == "^" else r"\Z"
        # Oniguruma's lines: "$" also stands before a line feed, "^" also behind one.
        return r"(?=\n|\Z)" if character == "$" else r"(?:\A|(?<=\n)(?!\Z))"

    def _group(self) -> str:
        outer_case = self.ignore_case
        if not self._take("?"):
            opening = "(?:"  # nothing in these patterns refers back to a group
        elif self._take("i:"):
            self.ignore_case = True
            opening = "(?:"
        elif self._take("i)"):
            if self.position != len("(?i)"):
                raise UnsupportedPattern("a flag in the middle of a pattern")
            self.ignore_case = True
            return ""
        else:
            kinds = (":", ">", "=", "!", "<=", "<!")
            kind = next((kind for kind in kinds if self._take(kind)), None)
            if kind is None:
                raise UnsupportedPattern(f"group at {self.position}")
            opening = "(?" + kind
        body = self._alternatives()
        if not self._take(")"):
            raise UnsupportedPattern("a group that is not closed")
        self.ignore_case = outer_case
        return opening + body + ")"

    def _escape(self) -> str:
        letter = self._peek()
        if letter in ("A", "z"):
            self.position += 1
            return r"\A" if letter == "A" else r"\Z"
        if letter in ("b", "B"):
            self.position += 1
            word = written(self._probe(r"\w"))
            edge = f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
            return edge if letter == "b" else f"(?!{edge})"
        ranges = self._class_escape()
        if ranges is not None:
            return written(self._of_any_case(ranges))
        return self._character(self._escaped_character())

    def _probe(self, expression: str) -> Ranges:
        return probe(self.dialect, expression)

    def _of_any_case(self, ranges: Ranges) -> Ranges:
        if self.ignore_case:
            raise UnsupportedPattern("a class without regard to case")
        return ranges

    def _class_escape(self) -> Ranges | None:
        """What \\s, \\p{L} and their like hold; None if another escape stands here."""
        letter = self._peek()
        if letter and letter in _CLASS_LETTERS:
            self.position += 1
            ranges = self._probe("\\" + letter.lower())
            return complement(ranges) if letter.isupper() else ranges
        if letter not in ("p", "P"):
            return None
        name = regex.compile(r"[pP](?:\{(\^?)([\w=]+)\}|()(\w))").match(self.text, self.position)
        if name is None or (name[4] and self.dialect == "onig"):
            raise UnsupportedPattern(f"property at {self.position}")
        self.position = name.end()
        ranges = self._probe("\\p{" + (name[2] or name[4]) + "}")
        return complement(ranges) if (letter == "P") != bool(name[1]) else ranges

    def _escaped_character(self) -> str:
        letter = self._next()
        if letter in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[letter]
        digits = regex.compile(r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2,4})").match(
            self.text, self.position
        )
        if letter in "xu" and digits is not None:
            width = 2 if letter == "x" else 4
            hexadecimal = digits[1] or digits[2][:width]
            self.position += len(hexadecimal) + (2 if digits[1] else 0)
            return chr(int(hexadecimal, 16))
        if letter.isalnum():
            raise UnsupportedPattern(f"escape \\{letter}")
        return letter

    def _bracket(self) -> Ranges:
        negated = self._take("^")
        parts: list[Ranges] = []
        operands: list[Ranges] = []
        first = True
        while first or not self._take("]"):
            first = False
            if self._take("&&"):
                operands.append(union(*parts))
                parts = []
            else:
                parts.append(self._bracket_item())
        operands.append(union(*parts))
        ranges = functools.reduce(intersection, operands)
        return complement(ranges) if negated else ranges

    def _bracket_item(self) -> Ranges:
        posix = regex.compile(r"\[:(\^?)(\w+):\]").match(self.text, self.position)
        if posix is not None:
            self.position = posix.end()
            ranges = self._probe(f"[[:{posix[2]}:]]")
            return complement(ranges) if posix[1] else ranges
        if self._take("["):
            return self._bracket()
        if self._take("\\"):
            escaped = self._class_escape()
            if escaped is not None:
                return self._of_any_case(escaped)
            low = self._escaped_character()
        else:
            low = self._next()
        high = low
        if self._peek() == "-" and self._peek(2) not in ("-]", "-["):
            self.position += 1
            high = self._escaped_character() if self._take("\\") else self._next()
        ranges = ((ord(low), ord(high)),)
        if not self.ignore_case:
            return ranges
        if ord(high) - ord(low) > 64:
            raise UnsupportedPattern("a long range without regard to case")
        return union(*(case_variants(self.dialect, chr(c)) for c in range(ord(low), ord(high) + 1)))


@functools.cache
def compile_pattern(pattern: str, dialect: Dialect) -> regex.Pattern[str]:
    """The pattern for the package ``regex``, every class spelled out."""
    return regex.compile("(?V0)" + PatternReader(pattern, dialect).read())


def find_all(pattern: regex.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Successive matches; an empty match right behind the last one is passed over."""
    position = 0
    last_end = -1
    while position <= len(text):
        match = pattern.search(text, position)
        if match is None:
            return
        start, end = match.span()
        if start == end and end == last_end:
            position += 1
            continue
        yield start, end
        position = last_end = end
