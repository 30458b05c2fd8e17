"""The normalizers of the general pipeline against those of the installed tokenizers: texts, where
they come from, and which definitions are accepted."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import random
import struct
import unicodedata
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from definitions import amount, needs_data, read_data
from hard_strings import hard_strings

from tokmill._core import stages

PINNED = "0.23.3"
ROOT = Path(__file__).resolve().parents[2]

tokenizers = pytest.importorskip("tokenizers")
if version("tokenizers") != PINNED:
    pytest.skip(f"the normalizers are those of tokenizers {PINNED}", allow_module_level=True)

Definition = Any  # of a normalizer, as in a tokenizer.json
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# Where something is assigned, which takes a fifth of the time.
ASSIGNED = [c for c in SCALARS if c < 0x32400 or 0xE0000 <= c < 0xE0200]
MARKS = [chr(c) for c in SCALARS if unicodedata.category(chr(c)).startswith("M")]
# Characters that some normalizer treats in its own way, and their neighbours.
SPECIAL = [
    *map(chr, range(0x20, 0x7F)),
    *"\0\x01\t\n\r\x7f\x85\xa0\xad\u1680\u200b\u200c\u200d\u2028\u2581\u3000\ufeff\ufffd\ue000",
    *"\u0300\u0301\u0308\u0323\u0327\u0334\u0345\u0344\u0f71\u0f73\u3099\u302a\u302e\u20dd\ufe0f",
    *"ıİΣςßﬁﷺ①Ωé\u1ec7Å\u1e9b\u0958\u09dc\U00011938\U0001d15e\U0001e900\U00010400ǅᾈ",
    *"ᄀ각가\u1161\u11a8中㐀豈\U00020000か\uff76\uff9e\u0600\u06dd\U000110bd\u0915\u094d\u093c",
    *"\xa9\xae❤\U0001f600\U0001f1e6\U0001f1e7\U0001f3fb",
]


def replace(pattern: str, content: str) -> Definition:
    return {"type": "Replace", "pattern": {"String": pattern}, "content": content}


def replace_regex(pattern: str, content: str) -> Definition:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def bert(clean: bool, chinese: bool, strip: bool | None, lower: bool) -> Definition:
    return {
        "type": "BertNormalizer",
        "clean_text": clean,
        "handle_chinese_chars": chinese,
        "strip_accents": strip,
        "lowercase": lower,
    }


def sequence(*parts: Definition) -> Definition:
    return {"type": "Sequence", "normalizers": list(parts)}


def typed(name: str) -> Definition:
    return {"type": name}


def charsmap(keys: dict[int, str]) -> str:
    """A map of single bytes to strings, for Precompiled."""
    units, strings = [0] * 768, b""
    units[0] = 256 << 10
    for byte, content in keys.items():
        units[256 + byte] = 768 << 10 | 1 << 8 | byte
        units[512 + byte] = len(strings)
        strings += content.encode() + b"\0"
    trie = struct.pack(f"<{len(units)}I", *units)
    return base64.b64encode(struct.pack("<I", len(trie)) + trie + strings).decode()


def precompiled(charsmap: str) -> Definition:
    return {"type": "Precompiled", "precompiled_charsmap": charsmap}


# Everything becomes Z, which shows the grapheme clusters; and a map that adds and removes.
CLUSTERS = precompiled(charsmap(dict.fromkeys(range(1, 256), "Z")))
UNEVEN = precompiled(charsmap({0x61: "", 0x62: "xyz", 0xC3: "éé", 0x20: " ", 0xE4: ""}))

SINGLE = [
    *map(typed, ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "StripAccents", "ByteLevel")),
    *(
        {"type": "Strip", "strip_left": left, "strip_right": right}
        for left in (True, False)
        for right in (True, False)
    ),
    bert(True, True, None, True),
    bert(True, False, False, False),
    bert(False, True, True, False),
    bert(False, False, None, True),
    bert(True, True, False, True),
    *({"type": "Prepend", "prepend": text} for text in ("▁", "a é", "")),
    replace(" ", "▁"),
    replace("a", "bcd"),
    replace("ab", ""),
    replace("", "x"),
    replace("\u0301", "é"),
    replace_regex(r"\s+", " "),
    replace_regex(" {2,}", "▁"),
    replace_regex("^", "▁"),
    replace_regex("$", "!"),
    replace_regex(r"\p{M}", ""),
    replace_regex("a|(?=b)", "zz"),
    CLUSTERS,
    UNEVEN,
]
SEQUENCES = [
    sequence(),
    sequence({"type": "Prepend", "prepend": "▁"}, replace(" ", "▁")),
    sequence(replace("``", '"'), typed("NFKD"), typed("StripAccents"), typed("Lowercase")),
    sequence(typed("Nmt"), typed("NFKC"), replace_regex(r"\s{2,}", " "), typed("ByteLevel")),
    sequence(
        UNEVEN, typed("NFD"), typed("StripAccents"), {"strip_left": True, "strip_right": True}
    ),
    # What is inserted before the original leads the reference astray, or to its end.
    sequence(replace_regex("^", "▁"), typed("Lowercase")),
    sequence(replace_regex("^", "▁"), bert(True, True, None, True)),
    sequence(replace_regex("^", "▁"), UNEVEN),
    sequence(replace_regex("^", "▁"), {"strip_left": True, "strip_right": True}),
    sequence({"type": "Prepend", "prepend": ""}, typed("NFKC")),
]


def theirs(definition: Definition) -> Any:
    """The reference's normalizer; raises as it does."""
    model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
    text = json.dumps({"version": "1.0", "model": model, "normalizer": definition})
    return tokenizers.Tokenizer.from_str(text).normalizer


def ours(definition: Definition) -> Any:
    return stages.Normalizer.from_json(json.dumps(definition).encode())


def their_characters(normalizer: Any, text: str) -> list[tuple[str, tuple[int, int]]]:
    """The characters of the normal form, each with its bytes in the original."""
    pieces = tokenizers.PreTokenizedString(text)
    pieces.normalize(normalizer.normalize)
    any_character = tokenizers.Regex("(?m:.)")
    pieces.split(lambda _, part: part.split(any_character, "isolated"))
    splits = pieces.get_splits(offset_referential="original", offset_type="byte")
    return [(character, span) for character, span, _ in splits]


def our_characters(normalizer: Any, text: str) -> list[tuple[str, tuple[int, int]]]:
    pieces = stages.PreTokenizedString(text)
    pieces.normalize(normalizer.normalize)
    any_character = stages.Pattern.regex("(?m:.)")
    pieces.split(lambda _, part: part.split(any_character, "isolated"))
    return [(character, span) for character, span, _ in pieces.pieces(True, False)]


def outcome(call: Any) -> Any:
    """The result; None if it raises, which the reference does by panicking."""
    try:
        return call()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return None


@functools.cache
def texts() -> list[str]:
    rng = random.Random(31)

    def text() -> str:
        kinds = (SPECIAL, MARKS, SPECIAL, [chr(rng.choice(SCALARS))], list("aB é  "))
        return "".join(
            rng.choice(rng.choice(kinds)) for _ in range(rng.choice((1, 2, 3, 5, 9, 30)))
        )

    hard = [text[:200] for text in hard_strings(seed=32, count=amount(20, 2000))]
    return ["", *hard, *(text() for _ in range(amount(40, 3000)))]


def check(definition: Definition) -> None:
    reference, normalizer = theirs(definition), ours(definition)
    for text in texts():
        expected = outcome(lambda text=text: reference.normalize_str(text))
        assert outcome(lambda text=text: normalizer.normalize_str(text)) == expected, ascii(text)
        if expected is not None and text:
            characters = their_characters(reference, text)
            assert our_characters(normalizer, text) == characters, ascii(text)


@pytest.mark.parametrize("definition", SINGLE + SEQUENCES, ids=lambda d: json.dumps(d)[:60])
def test_random_texts(definition: Definition) -> None:
    check(definition)


@needs_data
@pytest.mark.parametrize("name", ["t5-small", "marian-nmt-style", "albert-base-v2"])
def test_published_normalizers(name: str) -> None:
    check(json.loads(read_data(f"tokenizers/hf/{name}.json"))["normalizer"])


@pytest.mark.parametrize(
    "definition",
    [*SINGLE[:7], bert(True, True, None, True), CLUSTERS],
    ids=lambda d: json.dumps(d)[:30],
)
def test_every_character(definition: Definition) -> None:
    reference, normalizer = theirs(definition), ours(definition)
    characters = SCALARS if amount(0, 1) else ASSIGNED
    forms = ["{}\u0301b", "a\u0345{}\u0334x"]
    if definition is CLUSTERS:
        forms += ["\u0600{}\u0301", "\u2764\u200d{}\u0301", "{}\u200d\u2764\u0301"]
    for form in forms:
        # The line feeds keep the characters apart.
        text = "\n".join(form.format(chr(c)) for c in characters)
        if reference.normalize_str(text) == normalizer.normalize_str(text):
            continue
        for c in characters:
            text = form.format(chr(c))
            assert normalizer.normalize_str(text) == reference.normalize_str(text), hex(c)
        raise AssertionError(f"only the neighbours make a difference in {form!r}")


TINY = charsmap({0x61: "b"})
SHAPES: list[Any] = [
    None, {}, [], 5, "NFC", True, ["NFC"], ["x"], [True, False], [True, True, None, True],
    [[{"type": "NFC"}]], [["NFC"]], {"type": {"NFC": None}}, {"type": {"NFC": 1}},
    {"type": ["NFC"]}, {"type": None}, {"type": "NFC", "more": 1},
    {"type": "Bogus"}, {"type": "Strip"},
    {"type": "Strip", "strip_left": True}, {"type": "Strip", "strip_left": 1, "strip_right": False},
    {"type": 5, "strip_left": True, "strip_right": False},
    {"strip_left": True, "strip_right": None},
    {"type": "Bert", "clean_text": True, "handle_chinese_chars": True, "lowercase": True},
    {"clean_text": True, "handle_chinese_chars": True, "lowercase": True, "strip_accents": 1},
    {"clean_text": True, "handle_chinese_chars": True}, {"type": "BertNormalizer"},
    {"normalizers": [{"type": "NFC"}]}, {"type": "Sequence", "normalizers": {}},
    {"type": "Sequence", "normalizers": [None]}, {"type": "Sequence"},
    {"type": "Bogus", "normalizers": [[True, False]]}, {"normalizers": [{"type": "Strip"}]},
    {"prepend": "x"}, {"prepend": 5}, {"type": "Prepend", "normalizers": [], "prepend": "a"},
    {"pattern": {"String": "x"}, "content": "y"}, {"pattern": "x", "content": "y"},
    {"pattern": {"Regex": "("}, "content": "y"}, {"pattern": {"Foo": "x"}, "content": "y"},
    {"pattern": {"Regex": "("}, "content": "y", "prepend": "z"},
    {"pattern": {"String": "x", "Regex": "y"}, "content": "y"}, {"pattern": {}, "content": "y"},
    {"pattern": {"String": 5}, "content": "y"}, {"pattern": ["String", "x"], "content": "y"},
    [{"String": "x"}, "y"], {"type": "ByteLevel", "add_prefix_space": True},
    precompiled(TINY), {"precompiled_charsmap": TINY}, precompiled(TINY.rstrip("=")),
    precompiled(TINY + "="), precompiled(" " + TINY), precompiled(""), precompiled("AAAA"),
    precompiled(TINY[:100]), typed("Precompiled"), {**precompiled(""), "precompiled_charsmap": 5},
]  # fmt: skip


@pytest.mark.parametrize("definition", SHAPES, ids=lambda d: json.dumps(d)[:60])
def test_accepted_definitions(definition: Any) -> None:
    text = " \tAé xa e\u0301中"

    def normalized(make: Any) -> Any:
        normalizer = make(definition)
        return "none" if normalizer is None else normalizer.normalize_str(text)

    expected = outcome(lambda: normalized(theirs))
    if definition is None:
        assert expected == "none"
    else:
        assert outcome(lambda: normalized(ours)) == expected


@pytest.mark.parametrize("name", ["nfkc_tables", "case_mappings", "char_sets", "grapheme_classes"])
def test_generated_file_is_unedited(name: str) -> None:
    text = (ROOT / f"csrc/normalizers/{name}.inc").read_text()
    body, digest = text.split("\n// sha256 of the above: ")
    assert hashlib.sha256(body.encode()).hexdigest() == digest.strip()
    first = body.split("\n", 1)[0]
    assert "Generated by tools/gen_normalizer_tables.py" in first
    assert f"tokenizers {PINNED}" in first
