"""Asks the installed references again what the generated Unicode tables say of them.

tools/gen_unicode.py makes the tables from the same questions, but takes minutes: here every code
point is asked for its category and its normal form, and a choice of everything else.
"""

from __future__ import annotations

import functools
import hashlib
import random
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import pytest
from definitions import needs_data, read_data

from tokmill import _core

PINNED = {"tokenizers": "0.23.3", "tiktoken": "0.14.0"}
ROOT = Path(__file__).resolve().parents[2]
GENERATED = [
    "csrc/unicode/property_table.inc",
    "csrc/unicode/property_sets.inc",
    "csrc/unicode/case_folds.inc",
    "csrc/normalizers/nfc_tables.inc",
]

tokenizers = pytest.importorskip("tokenizers")
tiktoken = pytest.importorskip("tiktoken")
for name, pin in PINNED.items():
    if version(name) != pin:
        pytest.skip(f"the tables are those of {name} {pin}", allow_module_level=True)

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
ALL_TEXT = "".join(map(chr, SCALARS))
# Where something is assigned: the named sets are asked for these, which takes a fifth of the time.
ASSIGNED_TEXT = "".join(chr(c) for c in SCALARS if c < 0x32400 or 0xE0000 <= c < 0xE0200)
CATEGORY_NAMES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn"
)
CATEGORIES = CATEGORY_NAMES.split()
PROPERTY_NAMES = (
    "L M N P S Z C LC Han Hiragana Katakana Latin Greek Cyrillic Arabic Hebrew Thai Devanagari "
    "Hangul Common Inherited Zyyy Alphabetic Uppercase Lowercase White_Space Emoji "
    "Extended_Pictographic Ideographic ID_Start XID_Continue Math Dash Alnum Space Any Assigned"
)
PROPERTIES = PROPERTY_NAMES.split()


# ---------------------------------------------------------------- asking the references


def onig_unmatched(pattern: str, text: str) -> str:
    """What is left of the text without the matches of the pattern in tokenizers."""
    rest = tokenizers.NormalizedString(text).split(tokenizers.Regex(pattern), "removed")
    return "".join(piece.normalized for piece in rest)


def fancy_matched(pattern: str, text: str) -> str:
    """The matches of the pattern in tiktoken, one behind the other."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    encoding = tiktoken.Encoding("probe", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return bytes(encoding.encode_ordinary(text)).decode()


def matched(pattern: str, dialect: str, text: str) -> str:
    """The matches of the pattern in tokmill, one behind the other."""
    data = text.encode()
    spans = _core._regex_find_all(pattern, dialect, text)
    return b"".join(data[begin:end] for begin, end in spans).decode()


def check_pattern(pattern: str, text: str) -> None:
    """Compares the single-character pattern in both dialects."""
    assert set(matched(pattern, "fancy", text)) == set(fancy_matched(pattern, text))
    rest = set(onig_unmatched(pattern, text))
    assert set(matched(pattern, "onig", text)) == set(text) - rest


@functools.cache
def byte_tokenizer() -> tokenizers.Tokenizer:
    """NFC, and then one token a byte, whose offsets show the alignment."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {symbol: token_id for token_id, symbol in enumerate(alphabet)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.normalizer = tokenizers.normalizers.NFC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(
        add_prefix_space=False, use_regex=False
    )
    return tokenizer


def check_nfc(texts: Iterable[str]) -> None:
    """Compares NFC and its alignment."""
    normalizer = tokenizers.normalizers.NFC()
    for text in texts:
        assert _core._nfc(text) == normalizer.normalize_str(text), ascii(text)
        characters = [position for position, c in enumerate(text) for _ in c.encode()]
        characters.append(len(text))
        alignment = [
            (characters[begin], characters[end]) for begin, end in _core._nfc_alignment(text)
        ]
        assert alignment == byte_tokenizer().encode(text).offsets, ascii(text)


# ---------------------------------------------------------------- properties


@pytest.fixture(scope="module")
def categories() -> dict[str, set[str]]:
    """The characters of each general category according to the tables."""
    members: dict[str, set[str]] = {}
    for code_point in SCALARS:
        members.setdefault(_core._unicode_category(code_point), set()).add(chr(code_point))
    return members


def test_every_category_is_known(categories: dict[str, set[str]]) -> None:
    assert sorted(categories) == sorted(CATEGORIES)
    assert _core._unicode_category(0xD800) == "Cs"


@pytest.mark.parametrize("category", CATEGORIES)
def test_category(category: str, categories: dict[str, set[str]]) -> None:
    pattern = rf"\p{{{category}}}"
    assert categories[category] == set(fancy_matched(pattern, ALL_TEXT))
    assert categories[category].isdisjoint(onig_unmatched(f"{pattern}+", ALL_TEXT))
    assert sum(map(len, categories.values())) == len(SCALARS)


@pytest.mark.parametrize(
    "pattern",
    [
        *(rf"\p{{{name}}}" for name in PROPERTIES),
        *(r"\w", r"[\w]", r"\s", r"[\s]", r"\d", r"[[:punct:]]", r"[[:alpha:]]", r"[[:graph:]]"),
    ],
)
def test_set(pattern: str) -> None:
    check_pattern(f"{pattern}+", ASSIGNED_TEXT)


@pytest.mark.parametrize("letters", ["a-z", "sk", "µåσςθ", "Ǆ-ǌ", "ა-ჰ", "𐐀-𐐧", "ꭰ-ꮿ"])
def test_ignoring_case(letters: str) -> None:
    check_pattern(f"(?i:[{letters}])+", ASSIGNED_TEXT)


# ---------------------------------------------------------------- NFC


def test_nfc_of_every_character() -> None:
    lines = "\n".join(map(chr, SCALARS))
    assert _core._nfc(lines) == tokenizers.normalizers.NFC().normalize_str(lines)


def test_nfc_of_every_character_between_marks() -> None:
    for form in (
        "e{}\n",
        "a\u0345{}\n",
        "{}\u0301\n",
        "{}\u0334\u0323\n",
        "\u1100{}\n",
        "{}\u11a8\n",
    ):
        lines = "".join(form.format(chr(c)) for c in SCALARS)
        assert _core._nfc(lines) == tokenizers.normalizers.NFC().normalize_str(lines)


@needs_data
def test_nfc_of_the_conformance_test() -> None:
    lines = read_data("corpora/unicode/NormalizationTest.txt").decode().splitlines()
    fields = (
        field for line in lines if line and line[0] not in "#@" for field in line.split(";")[:3]
    )
    check_nfc({"".join(chr(int(c, 16)) for c in field.split()) for field in fields})


def test_nfc_of_random_texts() -> None:
    generator = random.Random(5)
    special = [
        *map(chr, [*range(0x300, 0x370), *range(0x1100, 0x1200), *range(0xF71, 0xF85)]),
        *(c for c in map(chr, SCALARS) if _core._nfc(c) != c),
        *"aeiouç\u1ea1\u0dd9\u0dcf\u0dca\u09c7\u09be\u093c\u0928\u3099かハ가각一\U0001d15e\U00011099",
    ]
    check_nfc(
        "".join(generator.choices(special, k=generator.choice((1, 2, 3, 5, 8, 30))))
        for _ in range(5_000)
    )


# ---------------------------------------------------------------- generated files


@pytest.mark.parametrize("path", GENERATED)
def test_generated_file_is_unedited(path: str) -> None:
    text = (ROOT / path).read_text()
    body, digest = text.split("\n// sha256 of the above: ")
    assert hashlib.sha256(body.encode()).hexdigest() == digest.strip()
    assert "Generated by tools/gen_unicode.py" in body.split("\n", 1)[0]
    for name, pin in PINNED.items():
        assert f"{name} {pin}" in body.split("\n", 1)[0]
