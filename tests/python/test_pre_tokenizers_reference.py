"""Pre-tokenizers of the general pipeline against the installed tokenizers.

Pieces and offsets for every option of every stage, alone and in sequence, on hard strings; every
assigned character for the stages that look characters up in tables; and definitions that are almost
right, which must be read or refused as tokenizers does it.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import random
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hard_strings
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutated_components import mutated_components, read_by_reference

from tokmill import _core

tokenizers = pytest.importorskip("tokenizers")
if version("tokenizers") != "0.23.3":
    pytest.skip("the stages are those of tokenizers 0.23.3", allow_module_level=True)
stages = pytest.importorskip("tokenizers.pre_tokenizers")

ROOT = Path(__file__).resolve().parents[2]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
BOTH = (False, True)
# Where something is assigned.
CHARACTERS = "".join(
    chr(c)
    for c in itertools.chain(range(0x3400), range(0x9F00, 0xD800), range(0xF900, 0x18000))
    if not 0xD800 <= c < 0xE000
) + "".join(chr(c) for c in range(0x1A000, 0x32400, 7))

Pieces = list[tuple[str, tuple[int, int]]]


def pieces_of(stage: Any, text: str) -> Pieces:
    """What the reference makes of the text."""
    return [(piece, tuple(offsets)) for piece, offsets in stage.pre_tokenize_str(text)]


def native(stage: Any) -> Any:
    return _core.stages.PreTokenizer.from_json(stage.__getstate__())


def split_patterns() -> list[Any]:
    regexes = [
        *(r"\s+", r"\w+", r"\d", r"\p{L}+|\p{N}+", "x*", "(?=a)", r"\b", r"[^\s]+|\s", "$"),
        r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+",
    ]
    return [*(" ", "", "a", "aa", "\n", "'", "."), *map(tokenizers.Regex, regexes)]


@functools.cache
def single_stages() -> list[Any]:
    """Every stage with every combination of its options."""
    found = [
        *(stages.BertPreTokenizer(), stages.Whitespace(), stages.WhitespaceSplit()),
        stages.UnicodeScripts(),
        *(stages.Digits(individual_digits=x) for x in BOTH),
        *(stages.CharDelimiterSplit(c) for c in "a é\U0001f600"),
        *(stages.FixedLength(length=n) for n in (1, 2, 5, 100)),
        *(stages.Punctuation(behavior) for behavior in BEHAVIORS),
    ]
    found += [
        stages.ByteLevel(add_prefix_space=x, trim_offsets=y, use_regex=z)
        for x, y, z in itertools.product(BOTH, BOTH, BOTH)
    ]
    found += [
        stages.Metaspace(replacement=c, prepend_scheme=scheme, split=split)
        for c, scheme, split in itertools.product(
            "▁ aé\U0001f600", ("always", "first", "never"), BOTH
        )
    ]
    found += [
        stages.Split(pattern, behavior, invert)
        for pattern, behavior, invert in itertools.product(split_patterns(), BEHAVIORS, BOTH)
    ]
    return found


def hard_texts(generator: random.Random, count: int) -> list[str]:
    common = list(" aab '\n1.,▁_é中한カ\U0001f600ſ١¾\u0301\u00a0\u200b-x ")
    rare = [
        *(hard_strings.SPACES + hard_strings.NOT_QUITE_SPACES + hard_strings.DIGITS),
        *(hard_strings.MARKS + hard_strings.LETTERS + hard_strings.PUNCTUATION),
        *(hard_strings.CONTROLS + hard_strings.EDGES + " a" * 60),
    ]
    texts = ["", " ", *hard_strings.LOOK_AHEAD, *hard_strings.CASES, *hard_strings.EMOJI]
    for characters in (common, rare):
        texts += [
            "".join(generator.choices(characters, k=generator.choice((1, 2, 3, 5, 9, 40))))
            for _ in range(count)
        ]
    return texts


def test_every_option() -> None:
    texts = hard_texts(random.Random(11), 40)
    for stage in single_stages():
        ours = native(stage)
        for text in texts:
            assert ours.pre_tokenize_str(text) == pieces_of(stage, text), (stage, text)


def test_sequences() -> None:
    generator = random.Random(12)
    texts = hard_texts(generator, 20)
    for _ in range(150):
        parts = generator.choices(single_stages(), k=generator.choice((0, 1, 2, 2, 3, 4)))
        stage = stages.Sequence(parts)
        ours = native(stage)
        for text in texts:
            assert ours.pre_tokenize_str(text) == pieces_of(stage, text), (stage, text)


@settings(max_examples=150, deadline=None)
@given(text=st.text(), data=st.data())
def test_any_text(text: str, data: st.DataObject) -> None:
    stage = data.draw(st.sampled_from(single_stages()))
    assert native(stage).pre_tokenize_str(text) == pieces_of(stage, text)


@pytest.mark.parametrize(
    "name", ["BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts", "Digits"]
)
@pytest.mark.parametrize("form", ["{}", "a{}", " {}é", "{}."])
def test_every_character(name: str, form: str) -> None:
    stage = getattr(stages, name)()
    text = "".join(map(form.format, CHARACTERS))
    assert native(stage).pre_tokenize_str(text) == pieces_of(stage, text)


def test_every_punctuation_character() -> None:
    stage = stages.Punctuation("isolated")
    text = "".join(map("aa{}".format, CHARACTERS))
    assert native(stage).pre_tokenize_str(text) == pieces_of(stage, text)


@pytest.mark.parametrize("seed", range(4))
def test_definitions_that_are_almost_right(seed: int) -> None:
    text = "a bé ▁x1▁ 中か,. x"
    for definition in mutated_components("pre_tokenizer", seed, 300):
        theirs = read_by_reference("pre_tokenizer", definition)
        try:
            ours = _core.stages.PreTokenizer.from_json(definition.encode())
        except Exception as error:
            # A length of zero is read by the reference, which fails when it is used.
            assert theirs is None or "length 0" in str(error), definition
            continue
        assert theirs is not None, definition
        assert ours.pre_tokenize_str(text) == pieces_of(theirs, text), definition


@pytest.mark.parametrize("name", ["punctuation_table.inc", "script_table.inc"])
def test_generated_file_is_unedited(name: str) -> None:
    body, digest = (
        (ROOT / "csrc/pretokenizers" / name).read_text().split("\n// sha256 of the above: ")
    )
    assert hashlib.sha256(body.encode()).hexdigest() == digest.strip()
