"""Triadic Suffix Tokenization: groups of digits with their orders of magnitude."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from tokmill import _core

from . import _paper
from ._errors import InvalidScheme
from ._locales import find_locale, to_separators
from ._pieces import Piece, find_pieces
from ._scheme import compile_scheme, count, one_of, patterns
from ._values import numbers_in_text

if TYPE_CHECKING:
    from tokmill._tokenizer import Tokenizer

    from ._tokenizer import NumberTokenizer

_MODES = ("surface", "context", "paper")
_VARIANTS = ("token", "marker")
_POSITIONS = ("suffix", "prefix")
_LEADING_ZERO = ("plain", "tst")
_OVERFLOWS = ("plain", "extend", "horner", "error")

# The paper's range: every integer below 10^18, and 15 digits behind the point.
_INTEGER_DIGITS = 18
_FRACTION_DIGITS = 15
_INDIAN_GROUPS = 8


class Triadic:
    """A tokenization of numbers in which a token is a group of digits and its magnitude.

    ``12,345.6`` becomes ``12k , 345 . 6p``: place value can be read off each token, wherever the
    merges of an ordinary tokenizer would have cut. `attach` makes a Tokenizer whose numbers are
    such tokens and whose other text is left to another tokenizer. Which digits are a numeral is
    decided by a grammar (docs/numbers.md); identifiers, hexadecimal literals, numerals with leading
    zeros and those that are too long are left to that tokenizer too.

    Source: Olga Chetverina, "A Triadic Suffix Tokenization Scheme for Numerical Reasoning",
    arXiv 2604.11582 (2026). In contrast to the published converter, modes "surface" and "context"
    lose nothing.

    Immutable; can be pickled, compared and hashed.

    Args:
        mode: "surface": a token is digits as written and a magnitude, its bytes are the digits.
            "context": a token is a value and a magnitude; leading and trailing zeros are told by
            neighbours and four control tokens, so that the vocabulary is that of the paper.
            "paper": the published notation, for `render` and `vocabulary` only; it is lossy, so
            `attach` refuses it.
        variant: "token": one token for digits and magnitude; "marker": a token for the digits and
            another one for the magnitude, which takes a handful of tokens instead of thousands.
        group: digits in a group, 1 to 5; 3 is the paper's.
        integer_groups: groups before the point; by default as many as 18 digits need.
        fraction_groups: groups behind the point; by default as many as 15 digits need.
        marker_position: whether a marker stands behind its digits ("suffix") or before them.
        leading_zero: numerals such as 007 are left to the base tokenizer ("plain") or are numbers
            ("tst").
        overflow: what happens to a numeral of more digits: "plain": it is left to the base
            tokenizer; "extend": the vocabulary has twice the groups, what is still longer is plain;
            "horner": blocks of digits with a token <E18> between them, without a limit; "error":
            InvalidInput with the position.
        separators: characters between groups of thousands; by default those of the locale. "" for
            none. A plain space is never one unless it is given.
        locale: conventions such as "de" (12.345,67), "fr" or "en-IN" (12,34,567); None: English.
        exempt: regular expressions; numerals that a match touches are left to the base tokenizer.
        min_digits: integers of up to so many digits are left to the base tokenizer if they stand
            alone: 4 keeps years whole.

    Raises:
        InvalidScheme: an option has a value that cannot be; it names the option.
    """

    __slots__ = ("_options", "_scheme")

    _options: dict[str, Any]
    _scheme: _core.NumberScheme

    def __init__(
        self,
        mode: Literal["surface", "context", "paper"] = "surface",
        variant: Literal["token", "marker"] = "token",
        group: int = 3,
        integer_groups: int | None = None,
        fraction_groups: int | None = None,
        marker_position: Literal["suffix", "prefix"] = "suffix",
        leading_zero: Literal["plain", "tst"] = "plain",
        overflow: Literal["plain", "extend", "horner", "error"] = "plain",
        separators: str | Iterable[str] | None = None,
        locale: str | None = None,
        exempt: Sequence[str] = (),
        min_digits: int = 0,
    ) -> None:
        found = find_locale(locale)
        options = {
            "mode": one_of("mode", mode, _MODES),
            "variant": one_of("variant", variant, _VARIANTS),
            "group": count("group", group, 1, 5),
            "integer_groups": integer_groups,
            "fraction_groups": fraction_groups,
            "marker_position": one_of("marker_position", marker_position, _POSITIONS),
            "leading_zero": one_of("leading_zero", leading_zero, _LEADING_ZERO),
            "overflow": one_of("overflow", overflow, _OVERFLOWS),
            "separators": None if separators is None else to_separators(separators, found),
            "locale": locale,
            "exempt": patterns(exempt),
            "min_digits": count("min_digits", min_digits, 0, 1000),
        }
        if mode == "paper":
            _check_paper(options)
        indian = found.indian and group == 3
        integer_digits = _INTEGER_DIGITS if not indian else 2 * _INDIAN_GROUPS + 1
        if integer_groups is not None:
            count("integer_groups", integer_groups, 1, 60)
            integer_digits = integer_groups * group if not indian else 2 * integer_groups + 1
        fraction_digits = _FRACTION_DIGITS
        if fraction_groups is not None:
            fraction_digits = count("fraction_groups", fraction_groups, 1, 60) * group
        longer = 2 if overflow == "extend" else 1
        scheme = compile_scheme(
            mode="surface" if mode == "paper" else mode,
            variant=variant,
            marker_first=marker_position == "prefix",
            group=group,
            integer_digits=longer * integer_digits,
            fraction_digits=longer * fraction_digits,
            indian=found.indian,
            leading_zeros=leading_zero == "tst",
            overflow="plain" if overflow == "extend" else overflow,
            separators=to_separators(separators, found),
            point=found.point,
            exempt=options["exempt"],
            min_digits=min_digits,
        )
        object.__setattr__(self, "_options", options)
        object.__setattr__(self, "_scheme", scheme)

    # --- what texts become ----------------------------------------------------------------------

    def pieces(self, text: str | bytes) -> list[Piece]:
        """The pieces of a text: groups of digits and what lies between them.

        Raises:
            InvalidInput: a numeral is too long and `overflow` is "error", or the text holds a lone
                surrogate; `position` is the byte offset.
        """
        return find_pieces(self._scheme, text)

    def render(self, text: str) -> str:
        """A text in the notation of the paper: ``12345 km`` becomes ``12k 345 km``.

        For people: other texts may have the same notation. Pieces are separated by one space; in
        mode "paper" this is the output of the published converter.
        """
        joined = self.variant == "token"
        if self.mode == "paper":
            return _paper.paper_text(text, joined=joined)
        parts = []
        for piece in self.pieces(text):
            marker = ""
            if piece.power is not None:
                marker = "p" * -piece.power if piece.kind == "frac" else _magnitude(piece.power)
            pair = [str(piece.text), marker] if marker else [str(piece.text)]
            if self.marker_position == "prefix":
                pair.reverse()
            parts.append(("" if joined else " ").join(pair))
        return " ".join(parts)

    def parse_numbers(self, text: str | bytes) -> list[Decimal]:
        """The values of the numerals in a text that are not left to the base tokenizer.

        Signs are not part of a numeral, exponents are: ``-1.5e3`` gives 1.5E+3. The values of ids
        are given by the tokenizer that `attach` returns.
        """
        if not isinstance(text, str | bytes):
            raise TypeError("ids belong to a tokenizer: use attach(tok).parse_numbers(ids)")
        return numbers_in_text(self._scheme, text)

    # --- tokens ---------------------------------------------------------------------------------

    def vocabulary(self) -> list[str]:
        """The number tokens in the order of their ids, in the notation of the paper."""
        if self.mode == "paper":
            return _paper.paper_vocabulary()
        return self._scheme.vocabulary()

    def attach(
        self,
        tokenizer: Tokenizer,
        *,
        units: Literal["dedicated", "base"] = "dedicated",
        first_id: int | None = None,
    ) -> NumberTokenizer:
        """A tokenizer whose numbers are tokens of this scheme; other text is left to `tokenizer`.

        Numbers are cut out before anything else happens, outside special tokens; the parts of text
        between them are tokenized by the base, each on its own.

        Args:
            tokenizer: the base, of any format. It stays as it is.
            units: "base" to use its tokens for groups without a magnitude ("0" to "999") where it
                has them, instead of adding tokens. Then digits of identifiers may be the same
                tokens as numbers.
            first_id: id of the first new token; by default they follow the vocabulary. Larger for
                models whose embedding has padding that is to stay unused.

        Raises:
            InvalidScheme: mode "paper", which loses information; or ids would collide.
            UnsupportedTokenizer: the tokenizer has a digit scheme already, or its post-processor
                does more than put tokens around a text.
        """
        from ._tokenizer import attach_scheme

        if self.mode == "paper":
            raise InvalidScheme(
                "mode",
                '"paper" loses information (0.1 and 0.10 are the same tokens): attach "surface" or '
                '"context"',
            )
        return attach_scheme(self._scheme, tokenizer, units, first_id)

    # --- being a value --------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """What identifies a token."""
        return str(self._options["mode"])

    @property
    def variant(self) -> str:
        """One token for digits and magnitude, or two."""
        return str(self._options["variant"])

    @property
    def group(self) -> int:
        """Digits in a group."""
        return int(self._options["group"])

    @property
    def integer_groups(self) -> int:
        """Groups before the point."""
        given = self._options["integer_groups"]
        if given is not None:
            return int(given)
        indian = find_locale(self.locale).indian and self.group == 3
        return _INDIAN_GROUPS if indian else -(-_INTEGER_DIGITS // self.group)

    @property
    def fraction_groups(self) -> int:
        """Groups behind the point."""
        given = self._options["fraction_groups"]
        return -(-_FRACTION_DIGITS // self.group) if given is None else int(given)

    @property
    def marker_position(self) -> str:
        """Whether a marker stands behind its digits or before them."""
        return str(self._options["marker_position"])

    @property
    def leading_zero(self) -> str:
        """What happens to numerals such as 007."""
        return str(self._options["leading_zero"])

    @property
    def overflow(self) -> str:
        """What happens to numerals that are too long."""
        return str(self._options["overflow"])

    @property
    def separators(self) -> tuple[str, ...]:
        """Characters between groups of thousands."""
        return to_separators(self._options["separators"], find_locale(self.locale))

    @property
    def locale(self) -> str | None:
        """Conventions that separators and point come from."""
        locale = self._options["locale"]
        return None if locale is None else str(locale)

    @property
    def exempt(self) -> tuple[str, ...]:
        """Regular expressions of what is left to the base tokenizer."""
        return tuple(self._options["exempt"])

    @property
    def min_digits(self) -> int:
        """Integers of up to so many digits are left to the base tokenizer."""
        return int(self._options["min_digits"])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Triadic cannot be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Triadic cannot be changed: {name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Triadic):
            return NotImplemented
        return self._options == other._options

    def __hash__(self) -> int:
        return hash(tuple(self._options.values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._options,)

    def __repr__(self) -> str:
        default = Triadic()._options
        given = [f"{k}={v!r}" for k, v in self._options.items() if v != default[k]]
        return f"Triadic({', '.join(given)})"


def _restore(options: dict[str, Any]) -> Triadic:
    return Triadic(**options)


def _check_paper(options: dict[str, Any]) -> None:
    """The published notation has no options but the variant."""
    fixed = {
        "group": 3,
        "integer_groups": None,
        "fraction_groups": None,
        "marker_position": "suffix",
        "leading_zero": "plain",
        "overflow": "plain",
        "separators": None,
        "locale": None,
        "exempt": (),
        "min_digits": 0,
    }
    for option, value in fixed.items():
        if options[option] != value:
            raise InvalidScheme(option, 'the published notation (mode "paper") has no such option')


def _magnitude(power: int) -> str:
    if power == 0:
        return ""
    return "kmbtq"[power // 3 - 1] if power % 3 == 0 and power <= 15 else f"e{power}"
