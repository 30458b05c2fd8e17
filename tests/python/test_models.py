"""The models of the general pipeline against those of tokenizers: ids, values, offsets, JSON."""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hard_strings import hard_strings
from hypothesis import given, settings
from hypothesis import strategies as st

from tokmill import _core

NAMES = (
    "albert-base-v2",
    "bert-base-chinese",
    "bert-base-uncased",
    "clip-vit-base",
    "gpt2",
    "llama-2",
    "marian-nmt-style",
    "mistral-7b-v0.3",
    "phi-3-mini",
    "t5-small",
    "xlm-roberta-base",
)
LETTERS = ["a", "b", "c", "é", "▁", "日", "😀", "#", "x"]

words = st.text(st.sampled_from(LETTERS), min_size=1, max_size=4)
texts = st.text(st.sampled_from([*LETTERS, "z", "ü", "\0"]), max_size=14)


def model_of(definition: dict[str, Any] | str) -> _core.stages.Model:
    """The model of tokmill from a dict or from JSON text."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return _core.stages.Model.from_json(text.encode())


def tokenizer_json(model: str) -> str:
    """A tokenizer.json with nothing but a model."""
    empty = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
    }
    return json.dumps(empty)[:-1] + f', "model": {model}}}'


def tokens_of(model: _core.stages.Model, text: str) -> list[tuple[int, str, tuple[int, int]]] | str:
    """The tokens of a text, or the message of the error."""
    try:
        return model.tokenize(text)
    except Exception as error:
        return str(error)


def expected_tokens(model: Any, text: str) -> list[tuple[int, str, tuple[int, int]]] | str:
    """The same from tokenizers."""
    try:
        return [(token.id, token.value, token.offsets) for token in model.tokenize(text)]
    except Exception as error:
        return str(error)


def check(definition: dict[str, Any], samples: list[str]) -> None:
    """Loads the definition into both libraries and compares all they do."""
    text = json.dumps(definition)
    try:
        reference = tokenizers.Tokenizer.from_str(tokenizer_json(text)).model
    except BaseException as error:
        # A PanicException of the reference is an error, too, but derives from BaseException.
        if isinstance(error, KeyboardInterrupt):
            raise
        with pytest.raises(Exception, match=r"."):
            model_of(text)
        return
    model = model_of(text)
    assert model.to_json() == reference.__getstate__()
    for sample in samples:
        assert tokens_of(model, sample) == expected_tokens(reference, sample), (text, sample)


@st.composite
def bpe_definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Models with merges that are possible, mostly, and any combination of options."""
    prefix = draw(st.sampled_from([None, None, "#", "##", "é", ""]))
    suffix = draw(st.sampled_from([None, None, "</w>", "x", ""]))
    vocabulary: dict[str, int] = {}

    def add(token: str) -> None:
        vocabulary.setdefault(token, len(vocabulary))

    for letter in draw(st.lists(st.sampled_from(LETTERS), min_size=1, unique=True)):
        add(letter)
        for form in draw(st.sets(st.integers(0, 2))):
            add(((prefix or "") + letter, letter + (suffix or ""), letter)[form])
    merges = []
    for _ in range(draw(st.integers(0, 12))):
        left, right = (draw(st.sampled_from(list(vocabulary))) for _ in range(2))
        if prefix and not right.startswith(prefix):
            continue
        if len(left + right) <= 12:
            add(left + right[len(prefix or "") :])
            merges.append([left, right])
    unk = draw(st.sampled_from([None, "<unk>", "<unk>", "a", "missing"]))
    if unk == "<unk>":
        add(unk)
    if draw(st.booleans()):
        left_out = draw(st.sets(st.integers(0, 255), max_size=3))
        for byte in set(range(256)) - left_out:
            add(f"<0x{byte:02X}>")
    spelled = [" ".join(merge) for merge in merges] if draw(st.booleans()) else merges
    return {
        "type": "BPE",
        "dropout": draw(st.sampled_from([None, None, 0.0, 1.0])),
        "unk_token": unk,
        "continuing_subword_prefix": prefix,
        "end_of_word_suffix": suffix,
        "fuse_unk": draw(st.booleans()),
        "byte_fallback": draw(st.booleans()),
        "ignore_merges": draw(st.booleans()),
        "vocab": vocabulary,
        "merges": spelled,
    }


@st.composite
def unigram_definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Pieces with scores that are often equal, sometimes extreme."""
    scores = st.sampled_from([-1.0, -2.0, -3.0, -1.5, 0.0, 4.5, 20.0, -1e308]) | st.floats(-9, 9)
    vocabulary = draw(st.lists(st.tuples(words, scores), max_size=20))
    if draw(st.booleans()):
        left_out = draw(st.sets(st.integers(0, 255), max_size=2))
        vocabulary += [(f"<0x{byte:02X}>", -3.5) for byte in set(range(256)) - left_out]
    vocabulary.insert(0, ("<unk>", draw(scores)))
    return {
        "type": "Unigram",
        "unk_id": draw(st.sampled_from([None, 0, 0, 0, 1, len(vocabulary) - 1])),
        "vocab": vocabulary,
        "byte_fallback": draw(st.booleans()),
    }


@st.composite
def wordpiece_definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Words and parts of words."""
    prefix = draw(st.sampled_from(["##", "##", "", "é", "b"]))
    entries = draw(st.lists(words)) + [prefix + word for word in draw(st.lists(words))]
    entries += draw(st.sampled_from([["[UNK]"], ["[UNK]"], []]))
    return {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": prefix,
        "max_input_chars_per_word": draw(st.sampled_from([100, 100, 0, 3, 7])),
        "vocab": {entry: i for i, entry in enumerate(dict.fromkeys(entries))},
    }


@st.composite
def wordlevel_definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Words, and an unk_token that may be missing."""
    entries = dict.fromkeys([*draw(st.lists(words)), "u"])
    return {
        "type": "WordLevel",
        "vocab": {entry: i for i, entry in enumerate(entries)},
        "unk_token": draw(st.sampled_from(["u", "missing"])),
    }


@settings(max_examples=150, deadline=None)
@given(
    bpe_definitions() | unigram_definitions() | wordpiece_definitions() | wordlevel_definitions(),
    st.lists(texts, min_size=4, max_size=8),
)
def test_random_models(definition: dict[str, Any], samples: list[str]) -> None:
    check(definition, ["", *samples])


@settings(max_examples=60, deadline=None)
@given(
    bpe_definitions() | unigram_definitions() | wordpiece_definitions() | wordlevel_definitions(),
    st.data(),
)
def test_members_missing_or_untyped(definition: dict[str, Any], data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        definition.pop(data.draw(st.sampled_from(sorted(definition))), None)
        if not definition:
            return
    if "vocab" in definition and data.draw(st.booleans()):
        definition["type"] = data.draw(st.sampled_from(["BPE", "Unigram", "WordLevel", "Other"]))
    check(definition, ["ab", "é日"])


def number_spellings(source: random.Random) -> Iterator[str]:
    """Numbers as files have them, and as they could be."""
    for _ in range(1500):
        score = -source.expovariate(0.1)
        yield repr(struct.unpack("<f", struct.pack("<f", score))[0])
        yield f"{score * 10.0 ** source.randint(-300, 290):.{source.randint(0, 25)}e}"
        yield f"{score * 10.0 ** source.randint(-10, 20):.{source.randint(1, 30)}f}"
        yield str(source.randint(-(10 ** source.randint(1, 40)), 10**30))


def test_scores_are_read_and_written_as_the_reference_does() -> None:
    spellings = list(number_spellings(random.Random(7)))
    pieces = ",".join(f'["{i}",{spelling}]' for i, spelling in enumerate(spellings))
    text = f'{{"type":"Unigram","unk_id":null,"vocab":[{pieces}]}}'
    reference = tokenizers.Tokenizer.from_str(tokenizer_json(text)).model
    model = model_of(text)
    assert model.to_json() == reference.__getstate__()
    # Not a matter of course: many are not the nearest double.
    read = [score for _, score in model.pieces()]
    assert sum(score != float(text) for score, text in zip(read, spellings, strict=True)) > 500


@pytest.mark.parametrize("name", NAMES)
def test_real_models(name: str, data_file: Callable[[str], Path]) -> None:
    path = data_file(f"tokenizers/hf/{name}.json")
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    text = re.sub(r"^.*?\"model\": ?", "", path.read_text("utf-8"), flags=re.DOTALL)
    _, end = json.JSONDecoder().raw_decode(text)
    model = model_of(text[:end])
    assert model.to_json() == tokenizer.model.__getstate__()
    pretty = model.to_json(pretty=True, depth=1).decode()
    assert tokenizer.to_str(pretty=True).endswith(f'"model": {pretty}\n}}')
    assert dict(model.vocabulary()) == tokenizer.get_vocab(with_added_tokens=False)
    assert model.type == type(tokenizer.model).__name__
    pieces = set()
    for sample in hard_strings(3, count=100):
        normalized = tokenizer.normalizer.normalize_str(sample) if tokenizer.normalizer else sample
        pieces.add(normalized[:100])
        if tokenizer.pre_tokenizer:
            pieces.update(
                piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normalized)
            )
    for piece in pieces:
        assert tokens_of(model, piece) == expected_tokens(tokenizer.model, piece), piece


def test_sampling_has_the_distribution_of_the_reference() -> None:
    pieces = [("<unk>", 0.0), ("a", -1.0), ("b", -1.5), ("ab", -2.0), ("ba", -2.2), ("aba", -3.0)]
    text = json.dumps({"type": "Unigram", "unk_id": 0, "vocab": pieces})
    for alpha, nbest_size in ((0.4, None), (1.0, 3), (0.7, 0)):
        reference = tokenizers.models.Unigram(pieces, 0, alpha=alpha, nbest_size=nbest_size)
        model = model_of(text)
        model = model.with_options({**model.options(), "alpha": alpha, "nbest_size": nbest_size})
        counts: dict[tuple[str, ...], list[int]] = {}
        for _ in range(4000):
            ours = tuple(value for _, value, _ in model.tokenize("abaxb"))
            theirs = tuple(token.value for token in reference.tokenize("abaxb"))
            counts.setdefault(ours, [0, 0])[0] += 1
            counts.setdefault(theirs, [0, 0])[1] += 1
        # Seven standard deviations of the difference of two counts.
        for ours_count, theirs_count in counts.values():
            assert abs(ours_count - theirs_count) < 7 * (ours_count + theirs_count) ** 0.5 + 1


def test_dropout_has_the_distribution_of_the_reference() -> None:
    vocabulary = {token: i for i, token in enumerate(["a", "b", "ab", "ba", "aba", "abab"])}
    merges = [("a", "b"), ("b", "a"), ("ab", "a"), ("ab", "ab")]
    reference = tokenizers.models.BPE(vocabulary, merges, dropout=0.3)
    model = model_of(reference.__getstate__().decode())
    counts: dict[tuple[str, ...], list[int]] = {}
    for _ in range(4000):
        ours = tuple(value for _, value, _ in model.tokenize("ababab"))
        theirs = tuple(token.value for token in reference.tokenize("ababab"))
        counts.setdefault(ours, [0, 0])[0] += 1
        counts.setdefault(theirs, [0, 0])[1] += 1
    assert len(counts) > 5
    for ours_count, theirs_count in counts.values():
        assert abs(ours_count - theirs_count) < 7 * (ours_count + theirs_count) ** 0.5 + 1
