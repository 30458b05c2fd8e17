"""Finding the tokenizer that a job names, and the token that ends a document."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

import tokmill
from tokmill import Tokenizer, UnknownToken

from .errors import InvalidOption, PipelineError

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")

# Names that mean "end of text" in published vocabularies. The first group says so in words and
# goes before the second, which some vocabularies also carry for other uses.
_END_OF_TEXT_NAMES = (
    ("<|endoftext|>", "<|end_of_text|>", "<|endofdocument|>", "<|end_of_document|>"),
    ("</s>", "<eos>", "<|eos|>", "[EOS]", "<EOS>", "<｜end▁of▁sentence｜>"),
)


def load_tokenizer(source: str | os.PathLike[str]) -> Tokenizer:
    """Loads a shipped encoding by name, a definition from a file or directory, or ``org/name``.

    A name of a shipped encoding wins over a file of that name; write ``./gpt2`` for the file.
    Raises PipelineError if there is no such thing, and what the readers raise for a broken one.
    """
    name = os.fspath(source)
    if name in tokmill.list_encoding_names():
        return tokmill.get_encoding(name)
    if _is_file(name):
        return Tokenizer.from_file(name)
    if _HUB_NAME.fullmatch(name):
        return Tokenizer.from_pretrained(name)
    known = ", ".join(tokmill.list_encoding_names())
    raise PipelineError(f"no tokenizer {name}: neither a file nor a shipped encoding ({known})")


def recorded_source(source: str | os.PathLike[str]) -> str:
    """How the manifest names a tokenizer: a file by its absolute path, an encoding by its name."""
    name = os.fspath(source)
    return str(Path(name).resolve()) if _is_file(name) else name


def _is_file(name: str) -> bool:
    return name not in tokmill.list_encoding_names() and Path(name).exists()


def template_ids(tokenizer: Tokenizer, add_special_tokens: bool) -> list[int]:
    """The tokens that the tokenizer's own template puts around every document."""
    ids = tokenizer.encode(b"", add_special_tokens=add_special_tokens, special="text")
    return [int(i) for i in np.asarray(ids)]


def resolve_eos(tokenizer: Tokenizer, eos: str | int | None) -> int | None:
    """The id to append to each document; None for no token.

    `eos` is an id, the name of a token, a decimal number in a string, ``"none"`` or None, or
    ``"auto"``: the one special token whose name means the end of a text, none if there is no such
    token. Raises InvalidOption if several fit or the token does not exist.
    """
    if eos is None or eos == "none":
        return None
    if eos == "auto":
        return _find_eos(tokenizer)
    if isinstance(eos, str):
        found = tokenizer.token_to_id(eos)
        if found is not None:
            return int(found)
        if not eos.isascii() or not eos.isdigit():
            raise InvalidOption(f"the tokenizer has no token {eos!r} to end documents with")
    number = int(eos)
    try:
        tokenizer.token_bytes(number)
    except (UnknownToken, ValueError, OverflowError) as error:
        raise InvalidOption(f"the tokenizer has no token with the id {number}") from error
    return number


def _find_eos(tokenizer: Tokenizer) -> int | None:
    special = dict(tokenizer.special_tokens)
    for group in _END_OF_TEXT_NAMES:
        found = [name for name in group if name in special]
        if len(found) > 1:
            names = " or ".join(found)
            raise InvalidOption(f"which token ends a document, {names}? Choose one, or none")
        if found:
            return int(special[found[0]])
    return None
