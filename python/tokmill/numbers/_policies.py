"""Digit schemes by name, so that experiments compare them by changing one word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from ._errors import InvalidScheme
from ._locales import find_locale, to_separators
from ._scheme import compile_scheme, count, one_of, patterns
from ._tokenizer import attach_scheme
from ._triadic import Triadic

if TYPE_CHECKING:
    from tokmill._tokenizer import Tokenizer

POLICIES = ("keep", "single", "left3", "right3", "reversed", "triadic", "regression")

_GROUPED = re.compile(r"(left|right)([1-5])", re.ASCII)
# Places of the Regression Transformer: powers of ten from -12 to 19.
_REGRESSION_INTEGER_DIGITS = 20
_REGRESSION_FRACTION_DIGITS = 12


def attach(
    tokenizer: Tokenizer,
    digits: str = "triadic",
    *,
    units: Literal["dedicated", "base"] = "dedicated",
    first_id: int | None = None,
    **options: Any,
) -> Tokenizer:
    """A tokenizer whose digits are tokenized by a named scheme.

    ========== ===================================================== ======================
    digits     12345678.1234 becomes                                 which digits
    ========== ===================================================== ======================
    keep       what the tokenizer makes of it                        none
    single     1 2 3 4 5 6 7 8 . 1 2 3 4                             all
    left3      123 456 78 . 123 4                                    all
    right3     12 345 678 . 123 4                                    all
    reversed   8 7 6 5 4 3 2 1 .1234                                 integers of numerals
    triadic    12m 345k 678 . 123p 4pp                               numerals
    regression _1_7_ _2_6_ ... _8_0_ _1_-1_ ... _4_-4_               numerals
    ========== ===================================================== ======================

    ``leftN`` and ``rightN`` take N from 1 to 5; fractions are grouped from the left in both. They
    use the base's tokens for groups of digits where it has them. The text that is no digits is
    tokenized part by part, as a text of the base; decoding gives the text back wherever the base
    does.

    Args:
        tokenizer: the base.
        digits: a name from the table.
        units: "base" to use the base's tokens for the digits of triadic groups without a magnitude
            where it has them, "dedicated" to add tokens for them.
        first_id: id of the first new token; by default they follow the vocabulary. Larger for
            models whose embedding has padding that is to stay unused.
        options: for "triadic" those of Triadic, for the others `exempt`, `min_digits`,
            `separators` and `locale`.

    Returns:
        A NumberTokenizer; `tokenizer` itself for "keep".

    Raises:
        InvalidScheme: there is no such scheme, an option cannot be, or ids would collide.
        UnsupportedTokenizer: the tokenizer has a digit scheme already, or one cannot be put on it.
    """
    if digits == "keep":
        if options or first_id is not None:
            raise InvalidScheme("digits", '"keep" has no options')
        return tokenizer
    if digits == "paper":
        options["mode"] = digits  # which says why not
    if digits in ("triadic", "paper"):
        return Triadic(**options).attach(tokenizer, units=units, first_id=first_id)
    scheme = compile_scheme(**_plain_options(digits), **_common_options(**options))
    return attach_scheme(scheme, tokenizer, units, first_id)


def _plain_options(digits: str) -> dict[str, Any]:
    if digits == "single":
        return {"policy": "left", "group": 1}
    if digits == "reversed":
        return {"policy": "reversed", "group": 1}
    if digits == "regression":
        return {
            "policy": "regression",
            "group": 1,
            "integer_digits": _REGRESSION_INTEGER_DIGITS,
            "fraction_digits": _REGRESSION_FRACTION_DIGITS,
        }
    grouped = _GROUPED.fullmatch(digits) if isinstance(digits, str) else None
    if grouped is None:
        known = ", ".join(POLICIES)
        raise InvalidScheme("digits", f"{digits!r} is none of {known}, leftN, rightN (N to 5)")
    return {"policy": grouped[1], "group": int(grouped[2])}


def _common_options(**options: Any) -> dict[str, Any]:
    found = find_locale(options.pop("locale", None))
    leading = one_of("leading_zero", options.pop("leading_zero", "plain"), ("plain", "tst"))
    chosen = {
        "separators": to_separators(options.pop("separators", None), found),
        "point": found.point,
        "indian": found.indian,
        "leading_zeros": leading == "tst",
        "exempt": patterns(options.pop("exempt", ())),
        "min_digits": count("min_digits", options.pop("min_digits", 0), 0, 1000),
    }
    if options:
        raise InvalidScheme(next(iter(options)), "only digits=triadic has this option")
    return chosen
