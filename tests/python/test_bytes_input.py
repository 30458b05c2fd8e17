"""Bytes that are not UTF-8: lossless everywhere, and tiktoken's ids where tiktoken has a say."""

from __future__ import annotations

import pytest
from definitions import REAL, Definition, TiktokenReference, needs_data, synthetic
from hard_strings import byte_strings, hard_strings, random_bytes
from hypothesis import HealthCheck, given, settings
from reference_encoder import reference_nfc

import tokmill

TIKTOKEN = [one for one in REAL if one.format in ("tiktoken", "tekken")]


def without_normalization(data: bytes) -> bool:
    """Whether NFC leaves the valid part of ``data`` alone."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text = data[: error.start].decode()
    return reference_nfc(text) == text


@needs_data
@pytest.mark.parametrize("definition", REAL, ids=str)
def test_lossless(definition: Definition) -> None:
    tokenizer = definition.tokmill
    rows = [data for data in random_bytes(1) if without_normalization(data)]
    rows.append(bytes(range(256)) * 3)
    known = {b for b in range(256) if tokenizer.token_to_id(bytes([b])) is not None}
    for data in [data for data in rows if not known.issuperset(data)]:
        # A vocabulary without a token for some byte (GPT-NeoX) cannot hold it.
        rows.remove(data)
        with pytest.raises(tokmill.InvalidInput):
            tokenizer.encode(data, add_special_tokens=False)
    batch = tokenizer.encode_batch(rows, add_special_tokens=False)
    for data, ids in zip(rows, batch, strict=True):
        assert tokenizer.decode_bytes(ids) == data
        assert tokenizer.encode(data, add_special_tokens=False).tolist() == ids.tolist()
        assert tokenizer.count(data, add_special_tokens=False) == len(ids)
        assert tokenizer.decode(ids) == data.decode(errors="replace")
        stream = tokenizer.decode_stream()
        text = "".join(stream.push(token) for token in ids.tolist()) + stream.finish()
        assert text == data.decode(errors="replace")


@needs_data
@pytest.mark.parametrize("definition", TIKTOKEN, ids=str)
def test_as_tiktoken(definition: Definition) -> None:
    reference = definition.reference
    assert isinstance(reference, TiktokenReference)
    rows = random_bytes(2, 400) + [text.encode() for text in hard_strings(2)[::10]]
    batch = definition.tokmill.encode_batch(rows, special="text", add_special_tokens=False)
    for data, ids in zip(rows, batch.tolist(), strict=True):
        assert ids == reference.encode_bytes(data), data


@needs_data
@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(data=byte_strings())
def test_as_tiktoken_on_any_bytes(data: bytes) -> None:
    for definition in (TIKTOKEN[0], TIKTOKEN[4], TIKTOKEN[5]):
        reference = definition.reference
        assert isinstance(reference, TiktokenReference)
        assert definition.tokmill.encode(data, special="text").tolist() == reference.encode_bytes(
            data
        )


@pytest.mark.parametrize(
    "name",
    [
        "pattern-llama3",
        "pattern-o200k",
        "pattern-lines",
        "model-merges-shuffled-0",
        "model-ignore-merges",
    ],
)
def test_made_definitions_are_lossless(name: str) -> None:
    definition = next(one for one in synthetic() if one.name == name)
    tokenizer = definition.tokmill
    for data in random_bytes(3):
        ids = tokenizer.encode(data, special="text")
        assert tokenizer.decode_bytes(ids) == data


@needs_data
def test_special_tokens_in_broken_bytes() -> None:
    """Special tokens in the valid part are read by the policy of the call."""
    definition = next(one for one in REAL if str(one) == "tiktoken-cl100k_base")
    tokenizer = definition.tokmill
    end = tokenizer.token_to_id("<|endoftext|>")
    data = b"a<|endoftext|>\xff"
    assert tokenizer.encode(data).tolist() == [
        *tokenizer.encode("a"),
        end,
        *tokenizer.encode(b"\xff"),
    ]
    assert end not in tokenizer.encode(data, special="text").tolist()
    with pytest.raises(tokmill.InvalidInput) as caught:
        tokenizer.encode(data, special="raise")
    assert caught.value.position == 1


def test_other_buffers_and_types() -> None:
    tokenizer = next(one for one in synthetic() if one.name == "pattern-gpt2").tokmill
    for wrong in (None, 1, ["a"], object()):
        with pytest.raises(TypeError):
            tokenizer.encode(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            tokenizer.encode_batch([wrong])  # type: ignore[list-item]


def test_lone_surrogates_are_refused_with_their_position() -> None:
    tokenizer = next(one for one in synthetic() if one.name == "pattern-gpt2").tokmill
    for text, position in (("\ud800", 0), ("aé\udfff", 3), ("\U0001f600\ud83d\ude00", 4)):
        with pytest.raises(tokmill.InvalidInput) as caught:
            tokenizer.encode(text)
        assert caught.value.position == position
        with pytest.raises(tokmill.InvalidInput) as caught:
            tokenizer.encode_batch(["a", text])
        assert (caught.value.index, caught.value.position) == (1, position)
