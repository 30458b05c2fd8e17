"""Arguments that several jobs share, checked before anything is read or written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, TypeAlias

from tokmill import Tokenizer

from .errors import InvalidOption

Special: TypeAlias = Literal["text", "parse", "raise"] | Collection[str]


def checked_special(tokenizer: Tokenizer, special: Special) -> Special:
    """`special` if it is a policy or names special tokens; raises InvalidOption otherwise."""
    if isinstance(special, str):
        if special not in ("text", "parse", "raise"):
            raise InvalidOption(f"special is text, parse, raise or a set of names, not {special!r}")
        return special
    known = tokenizer.special_tokens
    for name in special:
        if name not in known:
            raise InvalidOption(f"the tokenizer has no special token {name!r}")
    return set(special)


def checked_separator(separator: str | bytes | None) -> bytes | None:
    """The bytes of a separator; raises InvalidOption for an empty one."""
    if separator is None:
        return None
    if not separator:
        raise InvalidOption("the separator is empty")
    return separator.encode() if isinstance(separator, str) else separator


def checked_limits(limit: int | None, threads: int | None) -> None:
    """Raises InvalidOption for a negative limit of documents or no thread at all."""
    if limit is not None and limit < 0:
        raise InvalidOption("the limit of documents is negative")
    if threads is not None and threads < 1:
        raise InvalidOption("at least one thread has to encode")
