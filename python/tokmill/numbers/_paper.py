"""The published notation: what the paper's own converter and vocabulary file hold.

Source: Olga Chetverina, "A Triadic Suffix Tokenization Scheme for Numerical Reasoning",
arXiv 2604.11582 (2026), and the file tst_vocab.json beside it. It is lossy: fractions are filled up
with zeros, separators dropped, and numbers in scientific notation go through a double.
"""

from __future__ import annotations

import re

_INTEGER_MARKERS = ("", "k", "m", "b", "t", "q")
_FRACTION_GROUPS = 5
_CURRENCIES = "$€£¥₹"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?\s*)(?P<currency>[{_CURRENCIES}]?\s*)"
    r"(?P<digits>\d+(?:[.,'\s]\d+)*)(?P<exponent>[eE][-+]?\d+)?(?P<percent>%?)",
    re.ASCII,
)


def paper_vocabulary() -> list[str]:
    """The 11,000 strings of the published vocabulary, in its order."""
    integers = [f"{value}{marker}" for marker in _INTEGER_MARKERS for value in range(1000)]
    fractions = [
        f"{value % 1000:03d}{'p' * depth}"
        for depth in range(1, _FRACTION_GROUPS + 1)
        for value in range(1, 1001)
    ]
    return integers + fractions


def paper_text(text: str, *, joined: bool) -> str:
    """A text with its numbers in the published notation.

    Args:
        text: any text; its runs of spaces become one, as in the published converter.
        joined: whether a marker is a part of its group ("12k") or stands behind it ("12 k").
    """
    notation = _NUMBER.sub(lambda match: _number(match, joined), text)
    return re.sub(" +", " ", notation).strip()


def _number(match: re.Match[str], joined: bool) -> str:
    whole = match.group()
    sign, currency = match["sign"].strip(), match["currency"].strip()
    integer, fraction = _split(match["digits"], currency)
    if match["exponent"]:
        value = float(f"{integer}.{fraction or 0}{match['exponent']}")
        integer, _, fraction = f"{value:f}".partition(".")
    gap = "" if joined else " "
    notation = _integer(integer, gap)
    if fraction:
        notation += " . " + _fraction(fraction, gap)
    # A minus belongs to the number, a plus and a currency stand before it.
    prefix = ("+" if sign == "+" else "") + currency
    if sign == "-":
        notation = f"-{currency} {notation}" if currency else f"-{notation}"
        prefix = ""
    if prefix:
        notation = f"{prefix} {notation}"
    if match["percent"]:
        notation += " %"
    before = len(whole) - len(whole.lstrip())
    return " " * before + notation


def _split(digits: str, currency: str) -> tuple[str, str]:
    """Integer and fraction of digits with separators, by the conventions of the currency."""
    digits = re.sub(r"[\s']", "", digits)
    point, separator = (",", ".") if currency == "€" else (".", ",")
    if currency == "₹":
        separator = ","
    integer, _, fraction = digits.replace(separator, "").rpartition(point)
    if not integer:
        integer, fraction = fraction, ""
    return integer.replace(point, ""), fraction


def _integer(digits: str, gap: str) -> str:
    first = len(digits) % 3
    groups = [digits[:first]] * bool(first)
    groups += [digits[i : i + 3] for i in range(first, len(digits), 3)]
    marked = []
    for magnitude, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        known = magnitude < len(_INTEGER_MARKERS)
        marker = _INTEGER_MARKERS[magnitude] if known else f"e{3 * magnitude}"
        marked.append(f"{group}{gap if marker else ''}{marker}")
    return " ".join(marked)


def _fraction(digits: str, gap: str) -> str:
    groups = [digits[i : i + 3].ljust(3, "0") for i in range(0, len(digits), 3)]
    return " ".join(f"{group}{gap}{'p' * depth}" for depth, group in enumerate(groups, 1))
