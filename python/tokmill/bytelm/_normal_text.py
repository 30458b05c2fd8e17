"""Which texts the normalizer and the pre-tokenizer of a tokenizer.json leave as they are."""

from __future__ import annotations

import base64
import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ._tokenizer_parts import SPACE_MARK, charsmap_keys, refuse

if TYPE_CHECKING:
    from ..compat.tokenizers import Tokenizer as Pipeline

# White_Space of Unicode without the space.
_WHITE_SPACE = "\t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


@dataclasses.dataclass
class NormalText:
    """Texts that stay as they are, written with spaces for U+2581.

    Attributes:
        prefix: what is put before a text.
        marks_spaces: spaces become U+2581, and the vocabulary is written with that.
        absent: strings that such texts do not contain.
        absent_at_end: strings that they do not end with.
    """

    prefix: bytes = b""
    marks_spaces: bool = False
    absent: list[bytes] = dataclasses.field(default_factory=list)
    absent_at_end: list[bytes] = dataclasses.field(default_factory=list)


def normal_text_of(definition: Any, characters: str, *, all_characters: bool) -> NormalText:
    """Follows the normalizer and the pre-tokenizer of a model over characters.

    Args:
        definition: the tokenizer.json.
        characters: those that tokens are made of.
        all_characters: texts have others as well (byte fallback).

    Raises:
        UnsupportedTokenizer: a component that is not known, or not in this combination.
    """
    normal = NormalText()
    known = set(characters)
    strings: list[str] = []
    normalizers = list(_flat(definition["normalizer"], "normalizers"))

    def keys_of(charsmap: bytes) -> list[str]:
        keys = charsmap_keys(charsmap, None if all_characters else known)
        return [key for key in keys if len(key) > 1]

    for normalizer in normalizers:
        strings += _absent_of_normalizer(normalizer, normalizers, normal, keys_of)
    strings += _follow_pre_tokenizers(definition["pre_tokenizer"], normal)
    if normal.marks_spaces:
        strings.append(SPACE_MARK)
    strings += _changing_characters(definition, normalizers, known, all_characters)
    normal.absent = [string.encode() for string in dict.fromkeys(strings)]
    return normal


def _flat(component: Any, parts: str) -> Iterator[Any]:
    if component is None:
        return
    if component["type"] == "Sequence":
        for part in component[parts]:
            yield from _flat(part, parts)
    else:
        yield component


# Normalizers that replace single characters whatever stands beside them.
_OF_CHARACTERS = ("Lowercase", "Nmt", "BertNormalizer", "StripAccents")


def _absent_of_normalizer(
    normalizer: Any,
    all_of_them: list[Any],
    normal: NormalText,
    keys_of: Callable[[bytes], list[str]],
) -> list[str]:
    """Strings of several characters that a normalizer replaces; single ones are tried out."""
    kind = normalizer["type"]
    if kind in _OF_CHARACTERS:
        return []
    if kind == "Prepend":
        normal.prefix = normalizer["prepend"].replace(SPACE_MARK, " ").encode()
        return []
    if kind == "Replace":
        return _absent_of_replace(normalizer, normal)
    if kind == "Precompiled":
        return keys_of(base64.b64decode(normalizer["precompiled_charsmap"]))
    if kind == "Strip":
        if normalizer["strip_left"]:
            raise refuse("normalizer Strip of what a text begins with")
        if normalizer["strip_right"]:
            normal.absent_at_end = [space.encode() for space in " " + _WHITE_SPACE]
        return []
    if kind in ("NFD", "NFKD") and any(other["type"] == "StripAccents" for other in all_of_them):
        return []  # without marks there is nothing to put in order
    raise refuse(f"normalizer {kind}")


def _absent_of_replace(normalizer: Any, normal: NormalText) -> list[str]:
    pattern, content = normalizer["pattern"], normalizer["content"]
    if pattern == {"String": " "} and content == SPACE_MARK:
        normal.marks_spaces = True
        return []
    if pattern == {"Regex": " {2,}"} and content in (" ", SPACE_MARK):
        return ["  "]
    if "String" in pattern and pattern["String"] and " " not in pattern["String"]:
        return [] if pattern["String"] == content else [pattern["String"]]
    raise refuse(f"normalizer Replace of {json.dumps(pattern)}")


def _follow_pre_tokenizers(pre_tokenizer: Any, normal: NormalText) -> list[str]:
    """Takes over what they say of spaces and of what stands before a text."""
    stages = list(_flat(pre_tokenizer, "pretokenizers"))
    kinds = [stage["type"] for stage in stages]
    absent: list[str] = []
    if kinds == ["Split"] and _cuts_at_spaces(stages[0]) and normal.marks_spaces:
        return []  # there are no spaces any more
    if kinds == ["WhitespaceSplit", "Metaspace"]:
        if _prepend_scheme(stages[1]) != "always":
            raise refuse("WhitespaceSplit without a Metaspace that begins every word")
        normal.absent_at_end = [b" "]
        absent = ["  ", *_WHITE_SPACE]
        stages.pop(0)
    elif kinds not in ([], ["Metaspace"]):
        raise refuse("pre-tokenizer " + " and ".join(kinds))
    if stages:
        if stages[0]["replacement"] != SPACE_MARK:
            raise refuse(f"Metaspace with replacement {stages[0]['replacement']!r}")
        normal.marks_spaces = True
        if _prepend_scheme(stages[0]) != "never":
            normal.prefix = b" "
    return absent


def _cuts_at_spaces(split: Any) -> bool:
    return bool(split["pattern"] == {"String": " "}) and split["behavior"] != "Removed"


def _prepend_scheme(metaspace: Any) -> str:
    if metaspace.get("add_prefix_space") is False:
        return "never"
    return str(metaspace.get("prepend_scheme", "always"))


def _changing_characters(
    definition: Any, normalizers: list[Any], known: set[str], all_characters: bool
) -> Iterable[str]:
    """Characters that the normalizers do not leave alone."""
    if not any(n["type"] not in ("Replace", "Prepend", "Strip") for n in normalizers):
        return []
    normalizer = stages_of(definition).normalizer
    assert normalizer is not None
    normalize = normalizer.normalize_str
    # Digits on both sides: nothing is stripped or put together with them.
    frame = normalize("00").split("00")[0]
    characters: Iterable[str] = known - {" ", SPACE_MARK}
    if all_characters:
        surrogates = range(0xD800, 0xE000)
        characters = (chr(c) for c in range(sys.maxunicode + 1) if c not in surrogates)
    return [c for c in characters if normalize(f"0{c}0") != f"{frame}0{c}0" and c not in " \u2581"]


def stages_of(definition: Any) -> Pipeline:
    """The normalizer and the pre-tokenizer of a tokenizer.json, without its vocabulary."""
    from ..compat.tokenizers import Tokenizer

    empty = {"type": "WordLevel", "vocab": {}, "unk_token": ""}
    stages = {key: definition[key] for key in ("version", "normalizer", "pre_tokenizer")}
    nothing = dict.fromkeys(("truncation", "padding", "post_processor", "decoder"))
    return Tokenizer.from_str(json.dumps({**stages, **nothing, "added_tokens": [], "model": empty}))
