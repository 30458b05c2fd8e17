"""The regular expressions of the core against the engines whose syntax they follow.

Matches are compared with Oniguruma (through tokenizers), with fancy-regex (through tiktoken) and
with the PyPI package ``regex``, which is asked with every character class spelled out.
"""

from __future__ import annotations

import functools
import random
import re

import pytest
from definitions import amount
from hard_strings import hard_strings, mixtures, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_patterns import Dialect, UnsupportedPattern, compile_pattern, find_all
from synthetic_patterns import PATTERNS

from tokmill import InvalidTokenizer, UnsupportedTokenizer, _core

tokenizers = pytest.importorskip("tokenizers")
tiktoken = pytest.importorskip("tiktoken")

DIALECTS: tuple[Dialect, ...] = ("onig", "fancy")
Pieces = list[tuple[str, bool]]  # text, and whether the pattern matched it; nothing empty

# What the shared patterns do not have: fuller syntax, and what the dialects read differently.
MORE_PATTERNS = {
    "digit groups": r"(?=(\d{3})+(?!\d))|\d",
    "digit groups behind": r"(?<=\d)(?=(?:\d{3})+\b)|\w+",
    "lazy": r"'.*?'|\w+?\b|.",
    "possessive": r"\p{L}*+\p{N}?+|\s++(?=\S)|[^\p{L}\s]++",
    "possessive interval": r"\p{L}{2,3}+\p{L}?|\s{2,}+|.",
    "atomic alternation": r"(?>a|ab|the)\w*|(?>\s+|\S+?\b)|.",
    "general newline": r"\R\s*|\N+?(?=\R|\s)|.",
    "anchors": r"^\s*|\s*$|\A.|\w\z|\b",
    "class operators": r"[\p{L}&&[^a-z]]+|[a-z&&[^aeiou]]+|[\w&&\W]|[^\S\n]+",
    "class corners": r"[]\-a]+|[^]]|[-a-c]|[\]^]",
    "ignoring case": r"(?i)k+|'(?:[dm]|re|ve|ll)|[^a-z\s]+|.",
    "ignoring case of classes": r"(?i:[a-dk])+|(?i:[^a-z])|(?-i:[A-Z])",
    "named groups": r"(?<word>\p{L}+)|(?<number>\p{N}+)|(?'rest'\S)",
    "extended": "(?x) \\p{L}+ # letters\n | \\p{N} {1,3} | \\ + | [ #] ",
    "word boundaries": r"\b\w|\B\w+|\W",
    "nested look-around": r"a(?=b(?!c))|(?!a(?!b))\w|(?<!(?<=a)b)c|.",
    "empty alternatives": r"(?:a||b)c|(?:|a)b|\s",
}
ALL_PATTERNS = {**PATTERNS, **MORE_PATTERNS}

# Between brackets Oniguruma's \w lacks six members that it has outside (superscripts, fractions);
# the reader that spells patterns out for the package does not tell the two apart.
WORD_IN_CLASS = re.compile(r"\[[^\]]*\\[wW]")


def own_pieces(pattern: str, dialect: Dialect, text: str) -> Pieces:
    """What the core finds, cut as Split(..., "isolated") cuts."""
    data = text.encode()
    pieces = []
    end = 0
    for start, stop in _core._regex_find_all(pattern, dialect, text):
        pieces += [(data[end:start].decode(), False), (data[start:stop].decode(), True)]
        end = stop
    pieces.append((data[end:].decode(), False))
    return [piece for piece in pieces if piece[0]]


@functools.lru_cache(maxsize=512)
def onig_splits(pattern: str) -> tuple[object, object]:
    split = tokenizers.pre_tokenizers.Split
    compiled = tokenizers.Regex(pattern)
    return split(compiled, "isolated"), split(compiled, "removed")


def onig_pieces(pattern: str, text: str) -> Pieces:
    if not text:
        return []
    isolated, removed = onig_splits(pattern)
    gaps = {span for _, span in removed.pre_tokenize_str(text)}  # type: ignore[attr-defined]
    pieces = isolated.pre_tokenize_str(text)  # type: ignore[attr-defined]
    return [(piece, span not in gaps) for piece, span in pieces]


def substrings(cases: list[str]) -> dict[bytes, int]:
    """A vocabulary in which every piece of the texts is one token, the empty one included."""
    tokens = {
        text[start:stop].encode()
        for text in cases
        for start in range(len(text))
        for stop in range(start + 1, len(text) + 1)
    }
    tokens |= {bytes([byte]) for byte in range(256)} | {b""}
    return {token: rank for rank, token in enumerate(sorted(tokens))}


def fancy_encoding(pattern: str, vocabulary: dict[bytes, int]) -> tiktoken.Encoding:
    return tiktoken.Encoding(
        "regex", pat_str=pattern, mergeable_ranks=vocabulary, special_tokens={}
    )


def fancy_matches(encoding: tiktoken.Encoding, text: str) -> list[str]:
    tokens = encoding.encode_ordinary(text)
    return [encoding.decode_single_token_bytes(token).decode() for token in tokens]


def own_matches(pattern: str, dialect: Dialect, text: str) -> list[str]:
    """All matches, the empty ones included."""
    data = text.encode()
    spans = _core._regex_find_all(pattern, dialect, text)
    return [data[start:stop].decode() for start, stop in spans]


def joined(cases: list[str], size: int) -> list[str]:
    """Fewer, longer texts: every call of the core's hook compiles the pattern anew."""
    return ["".join(cases[start : start + size]) for start in range(0, len(cases), size)]


def short_texts(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    source = "".join(mixtures(rng, count))
    starts = [rng.randrange(len(source) - 14) for _ in range(count)]
    return [source[start : start + rng.randrange(1, 14)] for start in starts]


def is_accepted(pattern: str, dialect: Dialect) -> bool:
    try:
        _core._regex_find_all(pattern, dialect, "")
    except (UnsupportedTokenizer, InvalidTokenizer):
        return False
    return True


def accepted(dialect: Dialect) -> list[str]:
    """Names of the patterns that the core takes; what it refuses may be anything but wrong."""
    return [name for name, pattern in ALL_PATTERNS.items() if is_accepted(pattern, dialect)]


def test_most_patterns_are_accepted() -> None:
    refused = {d: set(ALL_PATTERNS) - set(accepted(d)) for d in DIALECTS}
    assert refused["onig"] <= {"backtracking"}
    assert refused["fancy"] <= {"backtracking"}


@pytest.mark.parametrize("name", accepted("onig"))
def test_onig(name: str) -> None:
    pattern = ALL_PATTERNS[name]
    for text in [
        *joined(hard_strings(seed=1)[:: amount(2, 1)], 50),
        *short_texts(seed=2, count=40),
    ]:
        assert own_pieces(pattern, "onig", text) == onig_pieces(pattern, text), repr(text)


def test_fancy() -> None:
    cases = short_texts(seed=3, count=60)
    vocabulary = substrings(cases)
    for name in accepted("fancy"):
        pattern = ALL_PATTERNS[name]
        encoding = fancy_encoding(pattern, vocabulary)
        for text in cases:
            expected = fancy_matches(encoding, text)
            assert own_matches(pattern, "fancy", text) == expected, (name, text)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_independent_engine(dialect: Dialect) -> None:
    compared = 0
    cases = [*short_texts(seed=4, count=40), *mixtures(random.Random(5), 5)]
    for name in accepted(dialect):
        if dialect == "onig" and WORD_IN_CLASS.search(ALL_PATTERNS[name]):
            continue
        try:
            expected = compile_pattern(ALL_PATTERNS[name], dialect)
        except UnsupportedPattern:
            continue
        compared += 1
        for text in cases:
            offsets = [0]
            for character in text:
                offsets.append(offsets[-1] + len(character.encode()))
            spans = [(offsets[a], offsets[b]) for a, b in find_all(expected, text)]
            found = _core._regex_find_all(ALL_PATTERNS[name], dialect, text)
            assert found == spans, (name, text)
    assert compared > 20


@settings(max_examples=300)
@given(name=st.sampled_from(sorted(ALL_PATTERNS)), text=texts())
def test_onig_on_invented_texts(name: str, text: str) -> None:
    pattern = ALL_PATTERNS[name]
    try:
        pieces = own_pieces(pattern, "onig", text)
    except UnsupportedTokenizer:
        return
    assert pieces == onig_pieces(pattern, text)


ATOMS_IN_ONE = (
    r"a b c 1 s k B ' é \n \s \S \w \d . \W \p{L} \p{Lu} \P{L} \p{M} \h \R [ab] [^a] [a-c\s] "
    r"[^\p{L}\n] [\w&&[^b]] [[:alpha:]_] [\P{L}k] (?:^) (?:$) (?:\b) (?:\B) (?:\A) (?:\z)"
)
ATOMS = ATOMS_IN_ONE.split(" ")
SUFFIXES = ["*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{,2}"]
QUANTIFIERS = ["", "", "", *SUFFIXES]
GROUPS = ["(?:{})", "({})", "(?={})", "(?!{})", "(?<={})", "(?<!{})", "(?>{})", "(?i:{})"]


def invented_pattern(rng: random.Random, depth: int) -> str:
    def piece() -> str:
        if depth and rng.random() < 0.3:
            atom = rng.choice(GROUPS).format(invented_pattern(rng, depth - 1))
            if atom.startswith(("(?=", "(?!", "(?<")):
                return atom
        else:
            atom = rng.choice(ATOMS)
        return atom + rng.choice(QUANTIFIERS)

    def sequence() -> str:
        return "".join(piece() for _ in range(rng.randint(1, 3)))

    return "|".join(sequence() for _ in range(rng.choice([1, 1, 2, 3])))


INVENTED_ALPHABET = [*"aabbcAB1sSK' ", "\n", "\r\n", "é", "ſ", "K", "\u0301", "漢", "²"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_invented_patterns(dialect: Dialect) -> None:
    rng = random.Random(6)
    cases = ["".join(rng.choices(INVENTED_ALPHABET, k=rng.randrange(12))) for _ in range(15)]
    vocabulary = substrings(cases)
    compared = 0
    for _ in range(500 if dialect == "onig" else 200):
        pattern = invented_pattern(rng, 2)
        if not is_accepted(pattern, dialect):
            continue
        try:
            encoding = fancy_encoding(pattern, vocabulary) if dialect == "fancy" else None
            onig_splits(pattern) if dialect == "onig" else None
        except Exception:
            continue  # the engine refuses it
        compared += 1
        for text in cases:
            if encoding is None:
                assert own_pieces(pattern, dialect, text) == onig_pieces(pattern, text), pattern
            else:
                expected = fancy_matches(encoding, text)
                assert own_matches(pattern, dialect, text) == expected, (pattern, text)
    assert compared > 60
