"""Hypothesis looks for texts, definitions and patterns on which tokmill and a reference differ."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
import tokenizers
from definitions import REAL, Definition, HfReference, amount, needs_data, synthetic
from hard_strings import DIGITS, LETTERS, MARKS, PUNCTUATION, SPACES, texts
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reference_encoder import encoder_of_json, reference_nfc
from reference_patterns import compile_pattern, find_all
from synthetic_definitions import synthetic_definitions
from synthetic_parts import added, byte_level, tokenizer_json, trained

import tokmill
from tokmill import _core

thorough = settings(
    deadline=None, max_examples=amount(80, 250), suppress_health_check=list(HealthCheck)
)


@needs_data
@pytest.mark.parametrize("definition", REAL, ids=str)
@thorough
@given(data=st.data())
def test_any_text(definition: Definition, data: st.DataObject) -> None:
    reference = definition.reference
    text = data.draw(texts(reference.names))
    special: Any = data.draw(st.sampled_from(["parse", "text"]))
    if not definition.parses_special:
        special = "text"
    if isinstance(reference, HfReference):
        assume(reference.without_failing([text], special))
    expected = reference.encode_batch([text], special=special)[0]
    assert definition.tokmill.encode(text, special=special).tolist() == expected


CHANGES = st.lists(
    st.sampled_from(
        [" ", "\n", "a", "A", "é", "1", "'", "s", "中", "\u0301", "!", "\t", "😀", "ſ"]
    ),
    min_size=1,
    max_size=40,
).map("".join)


@pytest.mark.parametrize(
    "definition", [one for one in synthetic() if "pattern-" in one.name], ids=str
)
@settings(thorough, max_examples=amount(40, 60))
@given(text=st.one_of(CHANGES, texts()))
def test_any_text_on_made_patterns(definition: Definition, text: str) -> None:
    expected = definition.reference.encode_batch([text])[0]
    assert definition.tokmill.encode(text).tolist() == expected


# --------------------------------------------------------------------------------------------------
# Patterns
# --------------------------------------------------------------------------------------------------

CLASSES = [
    r"\p{L}", r"\p{N}", r"\s", r"\S", r"\p{Lu}", r"\p{Ll}", r"\p{M}", r"[^\s\p{L}\p{N}]", r"[\r\n]",
    r"\d", r"\w", r"[^\r\n\p{L}\p{N}]", r"[a-c]", r"[\p{L}\p{M}]", r"\P{L}", r"[\s\S]", r"[^\S\n]",
    r"[\p{L}&&[^a-c]]", ".", "a", "b", " ", "'", "\n", "é", "中", r"\p{Han}", r"[[:alpha:]]",
    "(?i:s)", "(?i:k)",
]  # fmt: skip
QUANTIFIERS = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "{0,2}"]
LAZINESS = ["", "", "", "?", "+"]
ASSERTIONS = [
    r"(?!\S)",
    r"(?=\s)",
    r"(?!\p{L})",
    r"(?<=\s)",
    r"(?<!a)",
    r"(?=a|b)",
    "$",
    "^",
    r"\b",
    r"\A",
    r"\z",
]


@st.composite
def patterns(draw: st.DrawFn, depth: int = 2) -> str:
    """Patterns of the constructs that split patterns are made of."""
    branches = []
    for _ in range(draw(st.integers(1, 3))):
        items = []
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.integers(0, 9))
            if kind == 0 and depth > 0:
                opening = draw(st.sampled_from(["(?:", "(?>", "(?i:", "("]))
                atom = opening + draw(patterns(depth - 1)) + ")"
            elif kind == 1:
                items.append(draw(st.sampled_from(ASSERTIONS)))
                continue
            else:
                atom = draw(st.sampled_from(CLASSES))
            quantifier = draw(st.sampled_from(QUANTIFIERS))
            items.append(
                atom + quantifier + (draw(st.sampled_from(LAZINESS)) if quantifier else "")
            )
        branches.append("".join(items))
    return "|".join(branches)


PATTERN_TEXTS = st.text(
    alphabet="aabbc AS\n\r\t '1234éſKß中漢あ\u0301\u2028\xa0!.-_😀"
    + SPACES[:8]
    + DIGITS[10:14]
    + MARKS[:3],
    max_size=24,
)


class StepLimit(Exception):
    """The reference gives up on this pattern and text."""


Oracle = Callable[[str], list[tuple[int, int]]]


def oniguruma(pattern: str) -> Oracle:
    """The matches that tokenizers' engine finds, without the empty ones."""
    splitter = tokenizers.pre_tokenizers.Split(tokenizers.Regex(pattern), "removed", invert=True)

    def find(text: str) -> list[tuple[int, int]]:
        try:
            return [span for _, span in splitter.pre_tokenize_str(text)]
        except BaseException as error:  # a panic: Oniguruma gives up after so many steps
            if type(error).__name__ != "PanicException":
                raise
            raise StepLimit from error

    return find


def package_regex(pattern: str) -> Oracle:
    """The matches that the package regex finds, without the empty ones."""
    compiled = compile_pattern(pattern, "fancy")
    return lambda text: [span for span in find_all(compiled, text) if span[0] < span[1]]


@pytest.mark.parametrize(("dialect", "oracle"), [("onig", oniguruma), ("fancy", package_regex)])
@settings(thorough, max_examples=amount(300, 1500))
@given(pattern=patterns(), samples=st.lists(PATTERN_TEXTS, min_size=1, max_size=6))
def test_any_pattern(
    dialect: str, oracle: Callable[[str], Oracle], pattern: str, samples: list[str]
) -> None:
    """Matches are those of the reference, unless the pattern is refused by it or by tokmill."""
    try:
        find = oracle(pattern)
    except Exception:  # whatever the reference raises for a pattern that it does not take
        assume(False)
    for text in samples:
        try:
            found = _core._regex_find_all(pattern, dialect, text)
        except (tokmill.UnsupportedTokenizer, tokmill.InvalidTokenizer):
            assume(False)
        at = [len(text[:i].encode()) for i in range(len(text) + 1)]
        try:
            expected = [(at[start], at[end]) for start, end in find(text)]
        except StepLimit:
            continue
        assert [span for span in found if span[0] < span[1]] == expected, text


# --------------------------------------------------------------------------------------------------
# Definitions
# --------------------------------------------------------------------------------------------------


def small_json(**parts: Any) -> dict[str, Any]:
    """A definition with bytes and a hundred merges only, quick to load."""
    vocabulary, merges = trained()
    first = [list(pair) for pair in merges[:100]]
    kept = set(vocabulary) & ({c for c in vocabulary if len(c) == 1} | {a + b for a, b in first})
    model = {
        "vocab": {text: i for i, text in enumerate(t for t in vocabulary if t in kept)},
        "merges": first,
    }
    return tokenizer_json(model=model | parts.pop("model", {}), **parts)


ADDED_CONTENTS = st.one_of(
    st.sampled_from(
        [
            "<x>",
            "<",
            "<x",
            "x>",
            "the",
            "he",
            " ",
            "  ",
            "\n",
            "é",
            "e\u0301",
            "\u0301",
            "中",
            "a",
            "ab",
            "'s",
        ]
    ),
    st.text(alphabet="<>abx \né\u0301", min_size=1, max_size=4),
)


@st.composite
def added_tokens(draw: st.DrawFn) -> dict[str, Any]:
    flags = ("lstrip", "rstrip", "single_word", "normalized", "special")
    return added(draw(ADDED_CONTENTS), **{flag: draw(st.booleans()) for flag in flags})


@settings(thorough, max_examples=amount(200, 600))
@given(
    tokens=st.lists(
        added_tokens(),
        min_size=1,
        max_size=6,
        unique_by=lambda token: reference_nfc(token["content"]),
    ),
    nfc=st.booleans(),
    prefix_space=st.booleans(),
    samples=st.data(),
)
def test_any_added_tokens(
    tokens: Any, nfc: bool, prefix_space: bool, samples: st.DataObject
) -> None:
    parsed = small_json(
        added_tokens=tokens,
        normalizer={"type": "NFC"} if nfc else None,
        pre_tokenizer=byte_level(add_prefix_space=prefix_space),
    )
    data = json.dumps(parsed).encode()
    reference = HfReference(data)
    tokenizer = tokmill.Tokenizer.from_bytes(data)
    encoder = encoder_of_json(parsed)
    pool = [token["content"] for token in tokens] + list(" \nabx<>é1_") + ["e\u0301", "  "]
    for _ in range(4):
        text = "".join(samples.draw(st.lists(st.sampled_from(pool), max_size=10)))
        policies: tuple[Any, ...] = ("parse", "text")
        for special in policies:
            if not reference.without_failing([text], special):
                continue
            expected = reference.encode_batch([text], special=special)[0]
            assert tokenizer.encode(text, special=special).tolist() == expected, (text, special)
            assert encoder.encode(text, special=special) == expected


@functools.cache
def base_symbols() -> tuple[str, ...]:
    return ("a", "b", "c", "Ġ")


@settings(thorough, max_examples=amount(200, 600))
@given(data=st.data(), ignore_merges=st.booleans())
def test_any_merges(data: st.DataObject, ignore_merges: bool) -> None:
    """Merge lists of any shape: no relation between rank, id and length is assumed."""
    strings = st.text(alphabet="abc", min_size=2, max_size=6)
    tokens = data.draw(st.lists(strings, unique=True, max_size=14))
    vocabulary = [*base_symbols(), *tokens]
    pairs = [
        [token[:cut], token[cut:]]
        for token in tokens
        for cut in range(1, len(token))
        if token[:cut] in vocabulary and token[cut:] in vocabulary
    ]
    merges = data.draw(st.lists(st.sampled_from(pairs), max_size=20)) if pairs else []
    ids = data.draw(st.permutations(range(len(vocabulary))))
    rest = [c for c in trained()[0] if len(c) == 1 and c not in base_symbols()]
    vocab = dict(zip(vocabulary, ids, strict=True)) | {c: len(ids) + i for i, c in enumerate(rest)}
    parsed = tokenizer_json(
        model={"vocab": vocab, "merges": merges, "ignore_merges": ignore_merges}
    )
    tokenizer = tokmill.Tokenizer.from_bytes(json.dumps(parsed).encode())
    reference = HfReference(json.dumps(parsed).encode())
    samples = data.draw(st.lists(st.text(alphabet="aaabbc ", max_size=30), max_size=5))
    for text, expected in zip(samples, reference.encode_batch(samples), strict=True):
        assert tokenizer.encode(text).tolist() == expected, text


@settings(thorough, max_examples=amount(200, 400))
@given(data=st.data())
def test_any_ranks(data: st.DataObject) -> None:
    """The same for tiktoken's order, pieces longer than its limit of 100 bytes included."""
    import tiktoken

    tokens = data.draw(
        st.lists(st.text(alphabet="abc", min_size=2, max_size=7), unique=True, max_size=16)
    )
    names = [bytes([byte]) for byte in range(256)] + [token.encode() for token in tokens]
    order = data.draw(st.permutations(range(256, len(names)))) if tokens else []
    ranks = dict(zip(names, [*range(256), *order], strict=True))
    pattern = r"\p{L}+|\s+|[^\s\p{L}]+"
    encoding = tiktoken.Encoding("x", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    tokenizer = tokmill.Tokenizer.from_tiktoken(ranks, pat_str=pattern)
    for text in data.draw(st.lists(st.text(alphabet="aaabbc ", max_size=260), max_size=5)):
        assert tokenizer.encode(text).tolist() == encoding.encode_ordinary(text), text


# --------------------------------------------------------------------------------------------------
# Normalization
# --------------------------------------------------------------------------------------------------


@settings(thorough, max_examples=amount(1000, 2000))
@given(
    text=st.one_of(
        texts(), st.text(alphabet="".join((LETTERS, MARKS, PUNCTUATION[:4])), max_size=20)
    )
)
def test_nfc(text: str) -> None:
    assert _core._nfc(text) == reference_nfc(text)


def test_every_made_definition_has_a_name_of_its_own() -> None:
    names = [one.name for one in synthetic_definitions()]
    assert len(names) == len(set(names))
