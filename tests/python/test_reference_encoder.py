"""The slow encoder is right: it agrees with the references on every kind of definition."""

from __future__ import annotations

import random
from typing import Any, Literal

import pytest
import regex  # type: ignore[import-untyped, unused-ignore]
from definitions import (
    TIKTOKEN_NAMES,
    HfReference,
    needs_data,
    read_data,
    synthetic,
    tiktoken_parts,
    tiktoken_reference,
)
from hard_strings import CASES, contractions, hard_strings, random_bytes
from reference_encoder import (
    RankEncoder,
    ReferenceFails,
    byte_alphabet,
    encoder_of_json,
    from_alphabet,
    to_alphabet,
)
from reference_patterns import UnsupportedPattern, compile_pattern, find_all, probe
from synthetic_definitions import synthetic_definitions

Policy = Literal["parse", "text"]
SYNTHETIC = {one.name: one.json for one in synthetic_definitions()}
REFERENCES = {one.name: one for one in synthetic()}


def some_texts(names: list[str], count: int) -> list[str]:
    """A sample of the hard strings without the longest, for the slow encoder is quadratic."""
    texts = [text for text in hard_strings(7, names[:30]) if len(text) < 80]
    return random.Random(len(texts)).sample(texts, count)


def assert_equal_ids(json: dict[str, Any], reference: HfReference, count: int) -> None:
    encoder = encoder_of_json(json)
    texts = reference.without_failing(some_texts(reference.names, count))
    policies: tuple[tuple[bool, Policy], ...] = ((True, "parse"), (False, "text"))
    for add_special_tokens, special in policies:
        expected = reference.encode_batch(
            texts, add_special_tokens=add_special_tokens, special=special
        )
        for text, ids in zip(texts, expected, strict=True):
            got = encoder.encode(text, add_special_tokens=add_special_tokens, special=special)
            assert got == ids, (text, special)
            if special == "text" and "ByteLevel" in str(json["decoder"]):
                decoded = encoder.decode_bytes(ids).decode(errors="replace")
                assert decoded == reference.decode(ids)


@pytest.mark.parametrize("name", sorted(SYNTHETIC))
def test_made_definition(name: str) -> None:
    reference = REFERENCES[name].reference
    assert isinstance(reference, HfReference)
    try:
        assert_equal_ids(SYNTHETIC[name], reference, 16)
    except (NotImplementedError, UnsupportedPattern) as error:
        pytest.skip(f"not known to the slow encoder: {error}")


@needs_data
@pytest.mark.parametrize("name", ["gpt2", "llama-3.1", "qwen3", "modernbert-base", "starcoder2"])
def test_real_definition(name: str) -> None:
    import json

    data = read_data(f"tokenizers/hf/{name}.json")
    assert_equal_ids(json.loads(data), HfReference(data), 60)


@needs_data
@pytest.mark.parametrize("name", TIKTOKEN_NAMES)
def test_ranks(name: str) -> None:
    encoder = RankEncoder(*tiktoken_parts(name))
    reference = tiktoken_reference(name)
    texts = [*some_texts(reference.names, 60), *CASES, *contractions()[:40]]
    policies: tuple[Policy, ...] = ("parse", "text")
    for special in policies:
        for text, ids in zip(texts, reference.encode_batch(texts, special=special), strict=True):
            assert encoder.encode(text, special=special) == ids, (text, special)
            assert encoder.decode_bytes(ids).decode() == text


@needs_data
@pytest.mark.parametrize("name", ["gpt2", "cl100k_base", "o200k_base"])
def test_bytes(name: str) -> None:
    encoder = RankEncoder(*tiktoken_parts(name))
    reference = tiktoken_reference(name)
    for data in random_bytes(3, 60):
        ids = encoder.encode_bytes(data)
        assert ids == reference.encode_bytes(data), data
        assert encoder.decode_bytes(ids) == data


@needs_data
def test_allowed_special_tokens() -> None:
    ranks, pattern, special_tokens = tiktoken_parts("cl100k_base")
    encoder = RankEncoder(ranks, pattern, special_tokens)
    reference = tiktoken_reference("cl100k_base").encoding
    allowed = frozenset(["<|fim_prefix|>", "<|endoftext|>"])
    for text in some_texts(list(special_tokens), 80):
        expected = reference.encode(text, allowed_special=set(allowed), disallowed_special=())
        assert encoder.encode(text, special=allowed) == expected


def test_byte_alphabet() -> None:
    assert len(set(byte_alphabet())) == 256
    assert to_alphabet(b" A\n") == "ĠAĊ"
    assert from_alphabet("ĠAĊ") == b" A\n"
    assert from_alphabet("中") is None


@pytest.mark.parametrize(
    ("pattern", "dialect", "text", "pieces"),
    [
        (r"\p{N}{1,3}+", "onig", "1234567", ["1234567"]),
        (r"\p{N}{1,3}+", "fancy", "1234567", ["123", "456", "7"]),
        (r"a{2}?b", "onig", "aab b", ["aab", "b"]),
        (r"a{2}?b", "fancy", "aab b", ["aab"]),
        (r"a{,2}b", "onig", "aaab", ["aab"]),
        (r"a$", "onig", "a\na", ["a", "a"]),
        (r"a$", "fancy", "a\na", ["a"]),
        (r"^a", "onig", "a\na", ["a", "a"]),
        (r"(?i:'s)", "onig", "'s'S'ſ", ["'s", "'S", "'ſ"]),
        (r"(?i:k)", "fancy", "kKK", ["k", "K", "K"]),
        (r"[a-c&&[^b]]+", "onig", "abc", ["a", "c"]),
        (r"[\p{L}--x]", "onig", "x-", ["x", "-"]),
        (r"[^(\s|[.,])]+", "onig", "a.b (c|d", ["a", "b", "c", "d"]),
        (r"x*", "onig", "axxb", ["", "xx", ""]),
        (r"(?<=\p{L})\p{N}", "fancy", "1a2", ["2"]),
        (r"\bab\b", "onig", "ab abc ab", ["ab", "ab"]),
    ],
)
def test_reading_of_patterns(pattern: str, dialect: Any, text: str, pieces: list[str]) -> None:
    compiled = compile_pattern(pattern, dialect)
    assert [text[start:end] for start, end in find_all(compiled, text)] == pieces


@pytest.mark.parametrize("pattern", ["(", "a)", "[a", r"\k<x>", "(?x: a)", "a(?i)b", "*a"])
def test_patterns_that_are_not_read(pattern: str) -> None:
    with pytest.raises((UnsupportedPattern, regex.error)):
        compile_pattern(pattern, "onig")


def test_character_classes_are_those_of_unicode_16() -> None:
    def size(engine: str, expression: str) -> int:
        return sum(high - low + 1 for low, high in probe(engine, expression))

    for engine in ("onig", "fancy"):
        assert size(engine, r"\p{L}") == 141_028
        assert size(engine, r"\p{N}") == 1_911
        assert size(engine, r"\p{M}") == 2_501
        assert size(engine, r"\s") == 25
    assert size("rust_numeric", "") == 1_924


def test_the_reference_panics_where_the_slow_encoder_says_so() -> None:
    name = "added-strip-then-stripping-space"
    reference = REFERENCES[name].reference
    assert isinstance(reference, HfReference)
    assert reference.without_failing(["<r>  x", "<r> x"]) == ["<r> x"]
    with pytest.raises(ReferenceFails):
        encoder_of_json(SYNTHETIC[name]).encode("<r>  x")
