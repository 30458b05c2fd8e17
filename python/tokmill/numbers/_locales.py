"""How numbers are written where: thousands separators, the decimal point, the size of groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ._errors import InvalidScheme

DEFAULT_SEPARATORS = (",", "'", "_", "\u2019", "\u00a0", "\u202f", "\u2009")

_SPACES = ("\u00a0", "\u202f", "\u2009")
_APOSTROPHES = ("'", "\u2019")


class Locale(NamedTuple):
    """Conventions of a country or language.

    Attributes:
        separators: characters that may stand between groups of thousands.
        point: between integer and fraction, "." or ",".
        indian: integers are grouped 3, 2, 2, 2, ... from the right.
    """

    separators: tuple[str, ...]
    point: str = "."
    indian: bool = False


_CONTINENTAL = Locale((".", *_APOSTROPHES, "_", *_SPACES), ",")
_SPACED = Locale((*_SPACES, "_"), ",")
_LOCALES = {
    "en": Locale(DEFAULT_SEPARATORS),
    "en-IN": Locale(DEFAULT_SEPARATORS, indian=True),
    "hi": Locale(DEFAULT_SEPARATORS, indian=True),
    "de-CH": Locale((*_APOSTROPHES, "_", *_SPACES)),
    **dict.fromkeys(("de", "es", "id", "it", "nl", "pt", "tr"), _CONTINENTAL),
    **dict.fromkeys(("cs", "fi", "fr", "nb", "pl", "ru", "sv", "uk"), _SPACED),
}


def find_locale(name: str | None) -> Locale:
    """The conventions of a locale; those of English for None.

    Raises InvalidScheme for a name that is not known.
    """
    if name is None:
        return _LOCALES["en"]
    found = _LOCALES.get(name)
    if found is None:
        raise InvalidScheme("locale", f"{name!r} is none of {', '.join(sorted(_LOCALES))}")
    return found


def to_separators(given: str | Iterable[str] | None, locale: Locale) -> tuple[str, ...]:
    """The separators of an option: a string of characters, or any iterable of them."""
    if given is None:
        return locale.separators
    separators = tuple(given)
    if not all(isinstance(separator, str) for separator in separators):
        raise TypeError("separators must be a str or strings of one character")
    return separators
