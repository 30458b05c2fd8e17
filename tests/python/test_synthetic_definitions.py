"""Definitions other than those at hand: each loads and agrees with its reference, or is refused."""

from __future__ import annotations

import functools
import random

import pytest
from agreement import assert_agrees, assert_calls_agree
from definitions import Definition, HfReference, amount, synthetic
from hard_strings import hard_strings
from reference_encoder import encoder_of_json
from synthetic_definitions import synthetic_definitions

import tokmill

SEED = 7
PARSED = {one.name: one.json for one in synthetic_definitions()}


@pytest.fixture(scope="module", params=synthetic(), ids=str)
def definition(request: pytest.FixtureRequest) -> Definition:
    """Each made definition."""
    found = request.param
    assert isinstance(found, Definition)
    return found


@functools.lru_cache(maxsize=1)
def texts_for(definition: Definition, seed: int) -> list[str]:
    names = [name for name in definition.reference.names if len(name) < 60]
    rng = random.Random(seed)
    texts = hard_strings(seed, rng.sample(names, min(24, len(names))))[:: amount(3, 1)]
    reference = definition.reference
    return reference.without_failing(texts) if isinstance(reference, HfReference) else texts


def test_ids(definition: Definition) -> None:
    texts = random.Random(str(definition)).sample(texts_for(definition, SEED), amount(200, 350))
    assert_agrees(definition, texts)
    assert_agrees(definition, texts[:120], special="text", add_special_tokens=False)
    assert_calls_agree(definition, texts[:40])


def test_decoding(definition: Definition) -> None:
    tokenizer, reference = definition.tokmill, definition.reference
    assert isinstance(reference, HfReference)
    rng = random.Random(str(definition))
    known = sorted(set(reference.tokenizer.get_vocab().values()))
    rows = [rng.choices(known, k=rng.randint(0, 12)) for _ in range(60)]
    rows += [[token] for token in known[:400]]
    for row in rows:
        for skip in (False, True):
            expected = reference.decode(row, skip_special_tokens=skip)
            assert tokenizer.decode(row, skip_special_tokens=skip) == expected, (row, skip)


def test_allowed_special_tokens(definition: Definition) -> None:
    tokenizer, reference = definition.tokmill, definition.reference
    assert isinstance(reference, HfReference)
    if len(reference.special_names) < 2 or len(reference.names) > 1000:
        pytest.skip("too few special tokens to allow some, or too many for the slow encoder")
    try:
        encoder = encoder_of_json(PARSED[definition.name])
    except NotImplementedError as error:
        pytest.skip(f"not known to the slow encoder: {error}")
    allowed = frozenset(reference.special_names[::2])
    texts = [text for text in texts_for(definition, SEED) if len(text) < 60][-300::6]
    for text in reference.without_failing(texts):
        expected = encoder.encode(text, special=allowed)
        assert tokenizer.encode(text, special=allowed).tolist() == expected, text


def test_saved_forms(definition: Definition) -> None:
    import pickle

    tokenizer = definition.tokmill
    texts = texts_for(definition, SEED)[::29]
    expected = tokenizer.encode_batch(texts)
    forms = [
        pickle.loads(pickle.dumps(tokenizer)),
        tokmill.Tokenizer.from_bytes(tokenizer._tokenizer_json()),
    ]
    if tokenizer.describe()["model"] == "byte-level BPE":
        forms.append(tokmill.Tokenizer.from_bytes(tokenizer._snapshot()))
    else:
        with pytest.raises(tokmill.UnsupportedTokenizer, match="snapshots"):
            tokenizer._snapshot()
    for form in forms:
        assert form.encode_batch(texts) == expected
        assert form.decode_batch(expected) == tokenizer.decode_batch(expected)


@pytest.mark.slow(minutes=5)
def test_many_texts(definition: Definition) -> None:
    for seed in range(100, 104):
        texts = texts_for(definition, seed)
        assert_agrees(definition, texts)
        assert_agrees(definition, texts[::3], special="text", add_special_tokens=False)
