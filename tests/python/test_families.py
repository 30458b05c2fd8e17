"""The native interface with every real definition that is not byte-level BPE."""

from __future__ import annotations

import copy
import functools
import pickle
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from agreement import assert_agrees, assert_calls_agree, smallest
from definitions import (
    FAMILIES,
    Definition,
    HfReference,
    amount,
    corpus_names,
    needs_data,
    read_corpus,
)
from hard_strings import every_code_point, hard_strings, random_bytes

import tokmill

pytestmark = needs_data

SEED = 20261122


@pytest.fixture(scope="module", params=FAMILIES, ids=str)
def definition(request: pytest.FixtureRequest) -> Definition:
    found = request.param
    assert isinstance(found, Definition)
    return found


@pytest.fixture
def tokenizer(definition: Definition) -> tokmill.Tokenizer:
    return definition.tokmill


@pytest.fixture
def reference(definition: Definition) -> HfReference:
    found = definition.reference
    assert isinstance(found, HfReference)
    return found


@functools.cache
def corpus_samples() -> tuple[str, ...]:
    """Of every corpus some lines, and a stretch of many lines."""
    rng = random.Random(SEED)
    samples = []
    for name in corpus_names():
        text = read_corpus(name)
        samples += [line[:600] for line in rng.choices(text.split("\n"), k=amount(3, 20))]
        start = rng.randrange(max(1, len(text) - 3000))
        samples.append(text[start : start + 3000])
    return tuple(samples)


def texts_for(reference: HfReference, seed: int, count: int) -> list[str]:
    """Hard strings, those that spell added tokens among them, on which nothing panics."""
    texts = hard_strings(seed, reference.names)
    texts = random.Random(seed).sample(texts, min(count, len(texts)))
    return reference.without_failing([*texts, *corpus_samples()[seed % 7 :: 7]])


# --------------------------------------------------------------------------------------------------
# Ids and offsets
# --------------------------------------------------------------------------------------------------


def test_ids_of_corpora(definition: Definition) -> None:
    assert_agrees(definition, corpus_samples())


def test_ids_of_hard_strings(definition: Definition) -> None:
    texts = hard_strings(SEED, definition.reference.names)
    texts = random.Random(SEED).sample(texts, amount(1500, len(texts)))
    assert_agrees(definition, texts)
    assert_agrees(definition, texts[::3], add_special_tokens=False)
    assert_agrees(definition, texts[1::3], add_special_tokens=False, special="text")
    assert_calls_agree(definition, texts[:200])


def test_ids_of_code_points(definition: Definition) -> None:
    first = len(str(definition)) % 6
    assert_agrees(definition, every_code_point()[first :: amount(6, 1)])


def test_long_texts(definition: Definition) -> None:
    """Texts of many units, with what is seldom in them now and then."""
    rng = random.Random(SEED)
    parts = [*corpus_samples(), *hard_strings(SEED, definition.reference.names)[::17]]
    texts = ["".join(rng.choices(parts, k=40)) for _ in range(amount(3, 20))]
    texts += ["".join(rng.choices("ab \n中é▁", k=5000)), "a" * 3000, " " * 3000, "中" * 3000]
    assert_agrees(definition, texts)


def test_offsets(tokenizer: tokmill.Tokenizer, reference: HfReference) -> None:
    reference.tokenizer.encode_special_tokens = False

    def differs(text: str) -> bool:
        ids, spans = tokenizer.encode_with_offsets(text, unit="char")
        encoding = reference.tokenizer.encode(text)
        same = list(map(tuple, spans.tolist())) == expected_offsets(encoding)
        return ids.tolist() != encoding.ids or not same

    for text in texts_for(reference, 1, amount(250, 3000)):
        if differs(text):
            text = smallest(text, differs, 300)
            pytest.fail(f"{text!r}: {tokenizer.encode_with_offsets(text, unit='char')}")
        _, characters = tokenizer.encode_with_offsets(text, unit="char")
        _, data = tokenizer.encode_with_offsets(text, unit="byte")
        places = np.cumsum([0, *(len(character.encode()) for character in text)])
        assert np.array_equal(data, places[characters]), text


def expected_offsets(encoding: object) -> list[tuple[int, int]]:
    offsets: list[tuple[int, int]] = getattr(encoding, "offsets")  # noqa: B009
    return offsets


# --------------------------------------------------------------------------------------------------
# Forms of calls
# --------------------------------------------------------------------------------------------------


def test_threads(tokenizer: tokmill.Tokenizer, reference: HfReference) -> None:
    texts = [*corpus_samples() * 2, *texts_for(reference, 2, 400)] * 2
    one = tokenizer.encode_batch(texts, threads=1)
    assert tokenizer.encode_batch(texts, threads=2) == one
    assert tokenizer.encode_batch(texts[::-1], threads=2).tolist() == one.tolist()[::-1]
    counts = np.diff(one.offsets)
    assert np.array_equal(tokenizer.count_batch(texts, threads=1), counts)
    assert np.array_equal(tokenizer.count_batch(texts, threads=2), counts)


def test_special_tokens_in_a_text(tokenizer: tokmill.Tokenizer, reference: HfReference) -> None:
    special = tokenizer.special_tokens
    names = set(special)
    assert names == set(reference.special_names)
    for text in texts_for(reference, 3, amount(150, 2000)):
        as_text = tokenizer.encode(text, special="text").tolist()
        parsed = tokenizer.encode(text).tolist()
        assert tokenizer.encode(text, special=names).tolist() == parsed
        assert tokenizer.encode(text, special=set()).tolist() == as_text
        try:
            raised = tokenizer.encode(text, special="raise").tolist()
        except tokmill.InvalidInput as error:
            assert error.position is not None
            assert any(name.strip() in text for name in names)
        else:
            assert raised == as_text
            assert as_text == parsed
    for name in sorted(names)[:20]:
        text = f"a {name} b"
        alone = tokenizer.encode(text, special={name}, add_special_tokens=False).tolist()
        assert special[name] in alone
        with pytest.raises(tokmill.InvalidInput):
            tokenizer.encode(text, special="raise")


def test_bytes_that_are_not_text(tokenizer: tokmill.Tokenizer) -> None:
    for number, data in enumerate(random_bytes(SEED, 60)):
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            with pytest.raises(tokmill.InvalidInput) as caught:
                tokenizer.encode(data)
            assert caught.value.position == error.start
            for call in (tokenizer.count, tokenizer.encode_with_offsets):
                with pytest.raises(tokmill.InvalidInput):
                    call(data)
            with pytest.raises(tokmill.InvalidInput) as caught:
                tokenizer.encode_batch([b"a"] * (number % 5) + [data, b"b"])
            assert (caught.value.index, caught.value.position) == (number % 5, error.start)
        else:
            assert tokenizer.encode(data).tolist() == tokenizer.encode(text).tolist()


# --------------------------------------------------------------------------------------------------
# Ids to text
# --------------------------------------------------------------------------------------------------


def streamed(tokenizer: tokmill.Tokenizer, ids: Sequence[int], skip: bool) -> str:
    stream = tokenizer.decode_stream(skip_special_tokens=skip)
    return "".join(map(stream.push, ids)) + stream.finish()


def test_decoding(tokenizer: tokmill.Tokenizer, reference: HfReference) -> None:
    rng = random.Random(SEED)
    rows = reference.encode_batch(texts_for(reference, 4, 150))
    known = sorted(reference.tokenizer.get_vocab().values())
    rows += [rng.choices(known, k=rng.randint(1, 20)) for _ in range(150)]
    for skip in (False, True):
        expected = [reference.decode(row, skip_special_tokens=skip) for row in rows]
        for row, text in zip(rows, expected, strict=True):
            assert tokenizer.decode(row, skip_special_tokens=skip) == text, row
        assert tokenizer.decode_batch(rows, skip_special_tokens=skip) == expected


def test_decoding_in_chunks(tokenizer: tokmill.Tokenizer, reference: HfReference) -> None:
    for row in reference.encode_batch(texts_for(reference, 5, 120)):
        for skip in (False, True):
            whole = reference.decode(row, skip_special_tokens=skip)
            assert streamed(tokenizer, row, skip) == whole, row


def test_unknown_ids(tokenizer: tokmill.Tokenizer) -> None:
    for bad in (tokenizer.vocab_size, 2**32 - 1):
        with pytest.raises(tokmill.UnknownToken) as caught:
            tokenizer.decode([0, 1, bad])
        assert caught.value.index == 2
        for call in (tokenizer.token_bytes, tokenizer.id_to_token):
            with pytest.raises(tokmill.UnknownToken):
                call(bad)
        with pytest.raises(tokmill.UnknownToken):
            tokenizer.decode_stream().push(bad)


# --------------------------------------------------------------------------------------------------
# The tokenizer as a value
# --------------------------------------------------------------------------------------------------


def test_vocabulary(tokenizer: tokmill.Tokenizer, reference: HfReference) -> None:
    expected = reference.tokenizer.get_vocab()
    assert tokenizer.vocab_size == max(expected.values()) + 1
    assert tokenizer.get_vocab() == expected
    added = {one.content: one for one in reference.tokenizer.get_added_tokens_decoder().values()}
    for token, token_id in expected.items():
        assert tokenizer.id_to_token(token_id) == token
        assert tokenizer.token_to_id(token) == token_id
        data = tokenizer.token_bytes(token_id)
        if token in added:
            assert data == token.encode()
        elif len(token) == 6 and token.startswith("<0x"):
            assert data in (bytes.fromhex(token[3:5]), token.encode())
    assert tokenizer.token_to_id("no such token, surely") is None


def test_values(tokenizer: tokmill.Tokenizer, reference: HfReference, tmp_path: Path) -> None:
    """Copies, pickles and saved files are the same tokenizer."""
    texts = texts_for(reference, 6, 300)
    expected = tokenizer.encode_batch(texts)
    assert copy.copy(tokenizer) is tokenizer
    assert copy.deepcopy(tokenizer) is tokenizer
    pickled = pickle.loads(pickle.dumps(tokenizer))
    assert pickled == tokenizer
    assert hash(pickled) == hash(tokenizer)
    assert pickled.encode_batch(texts) == expected
    assert tokenizer != tokmill.get_encoding("gpt2")
    tokenizer.save(tmp_path / "tokenizer.json")
    saved = tokmill.Tokenizer.from_file(tmp_path / "tokenizer.json")
    assert saved.encode_batch(texts) == expected
    again = HfReference((tmp_path / "tokenizer.json").read_bytes())
    assert again.encode_batch(texts) == expected.tolist()
