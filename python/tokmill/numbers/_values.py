"""From numerals to their values."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from tokmill import _core

from ._pieces import to_bytes


def decimal_of(integer: str, fraction: str, exponent: str = "") -> Decimal:
    """The exact value of digits; an exponent beyond what a Decimal holds gives 0 or Infinity."""
    numeral = f"{integer or '0'}.{fraction}" if fraction else integer
    if not exponent:
        return Decimal(numeral)
    try:
        return Decimal(f"{numeral}E{exponent}")
    except InvalidOperation:
        vanishes = exponent.startswith("-") or not numeral.strip("0.")
        return Decimal(0) if vanishes else Decimal("Infinity")


def numbers_in_text(scheme: _core.NumberScheme, text: str | bytes) -> list[Decimal]:
    """The values of the numerals that a scheme sees in a text."""
    data = to_bytes(text)
    found: list[tuple[str, str]] = []
    values: list[Decimal] = []

    def finish(exponent: str = "") -> None:
        if found:
            values.append(decimal_of(*found.pop(), exponent))

    last_end = 0
    for begin, end, int_end, frac_begin, is_exponent in scheme.numerals(data):
        integer = "".join(chr(byte) for byte in data[begin:int_end] if 0x30 <= byte <= 0x39)
        if is_exponent and found and begin - last_end <= 2:
            sign = "-" if data[begin - 1 : begin] == b"-" else ""
            finish(sign + integer)
            continue
        finish()
        found.append((integer, data[frac_begin:end].decode("ascii")))
        last_end = end
    finish()
    return values
