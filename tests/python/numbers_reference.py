"""The grammar of numerals a second time: regular expressions instead of a scanner, clarity instead
of speed. docs/numbers.md is what both are made from.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SEPARATORS = ",'_\u2019\u00a0\u202f\u2009"

_DIGITS = re.compile(r"[0-9]+")
_LITERAL = re.compile(r"0[xXbBoO][0-9A-Za-z]+")
_CHAIN = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_GROUPED = re.compile(rf"[1-9][0-9]{{0,2}}(?:([{SEPARATORS}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?![0-9])")
_FRACTION = re.compile(r"\.([0-9]+)")
_EXPONENT = re.compile(r"[eE][+-]?([0-9]+)")
_SEPARATED = re.compile(rf"[0-9][{SEPARATORS}]\Z")
_SEPARATOR_AND_DIGIT = re.compile(rf"[{SEPARATORS}][0-9]")


class Piece(NamedTuple):
    kind: str
    text: str
    power: int | None = None


def reference_pieces(
    text: str, *, integer_digits: int = 18, fraction_digits: int = 15
) -> list[Piece]:
    """What `Triadic().pieces` gives, without spans."""
    pieces: list[Piece] = []
    at = 0

    def put(begin: int, end: int, kind: str, power: int | None = None) -> None:
        nonlocal at
        if at < begin:
            pieces.append(Piece("text", text[at:begin]))
        if begin < end:
            pieces.append(Piece(kind, text[begin:end], power))
        at = end

    def put_plain(begin: int, end: int) -> None:
        for run in _DIGITS.finditer(text, begin, end):
            put(run.start(), run.end(), "plain")

    def put_numeral(begin: int, int_end: int, end: int, plain: bool) -> bool:
        """Puts a numeral; `end` > `int_end` if there is a point. True: it is no quantity."""
        digits = sum(c.isdigit() for c in text[begin:int_end])
        no_quantity = plain or (digits > 1 and text[begin] == "0")
        fraction = text[int_end + 1 : end]
        if no_quantity or digits > integer_digits or len(fraction) > fraction_digits:
            put_plain(begin, end)
            return no_quantity
        left = digits
        place = begin
        while place < int_end:
            if not text[place].isdigit():
                put(place, place + 1, "sep")
                place += 1
                continue
            size = (left - 1) % 3 + 1
            left -= size
            put(place, place + size, "int", left)
            place += size
        if end > int_end:
            put(int_end, int_end + 1, "point")
            for depth, place in enumerate(range(int_end + 1, end, 3), 1):
                put(place, min(place + 3, end), "frac", -depth)
        return False

    def put_with_exponent(begin: int, int_end: int, end: int, plain: bool) -> int:
        no_quantity = put_numeral(begin, int_end, end, plain)
        exponent = _EXPONENT.match(text, end)
        if exponent is None:
            return end
        put_numeral(exponent.start(1), exponent.end(1), exponent.end(1), no_quantity)
        return exponent.end()

    scan = 0
    while (run := _DIGITS.search(text, scan)) is not None:
        begin, end = run.span()
        before = text[begin - 1] if begin else ""
        name = before == "_" or before.isalnum()
        if literal := _LITERAL.match(text, begin):
            put_plain(begin, literal.end())
            scan = literal.end()
            continue
        if chain := _CHAIN.match(text, begin):
            runs = list(_DIGITS.finditer(text, begin, chain.end()))
            for part in runs[:-1]:
                put_numeral(part.start(), part.end(), part.end(), name)
            last = runs[-1]
            scan = put_with_exponent(last.start(), last.end(), last.end(), name)
            continue
        in_chain = before == "." and begin >= 2 and text[begin - 2] in "0123456789"
        two_before = text[begin - 2] if begin >= 2 else ""
        if before == "." and not (two_before.isalnum() or (two_before and two_before in ".)]")):
            scan = put_with_exponent(begin - 1, begin - 1, end, False)
            continue
        if in_chain:
            scan = put_with_exponent(begin, end, end, name)
            continue
        grouped = _GROUPED.match(text, begin)
        if grouped and not (
            _SEPARATED.search(text[:begin])
            or _SEPARATOR_AND_DIGIT.match(text, grouped.end())
            or re.compile(r"(?:\.[0-9]+){2}").match(text, grouped.end())
        ):
            end = grouped.end()
        fraction = _FRACTION.match(text, end)
        scan = put_with_exponent(begin, end, fraction.end() if fraction else end, name)
    put(len(text), len(text), "text")
    return pieces
