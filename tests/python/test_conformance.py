"""Every real definition on every corpus and on hard strings: what tokmill gives is the reference's.

The samples are drawn anew from fixed seeds; with TOKMILL_SLOW_TESTS the whole corpora are compared.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterator

import numpy as np
import pytest
from agreement import assert_agrees, assert_calls_agree
from definitions import (
    REAL,
    SHIPPED_NAMES,
    Definition,
    HfReference,
    Special,
    TiktokenReference,
    amount,
    corpus_names,
    needs_data,
    read_corpus,
    read_data,
    tiktoken_parts,
    tiktoken_reference,
)
from hard_strings import every_code_point, hard_strings

import tokmill

pytestmark = needs_data

SEED = 20261122
NORMALIZING = ("qwen3", "gpt-neox-20b", "mpt", "modernbert-base")


@pytest.fixture(scope="module", params=REAL, ids=str)
def definition(request: pytest.FixtureRequest) -> Definition:
    """Each real definition; all tests of one run before the next is loaded."""
    found = request.param
    assert isinstance(found, Definition)
    return found


def random_slices(rng: random.Random, text: str, count: int, length: int) -> list[str]:
    starts = (rng.randrange(max(1, len(text) - length)) for _ in range(count))
    return [text[start : start + rng.randint(1, length)] for start in starts]


@functools.cache
def corpus_samples() -> tuple[str, ...]:
    """Of every corpus a document, some lines and some random slices."""
    rng = random.Random(SEED)
    samples = []
    for name in corpus_names():
        text = read_corpus(name)
        lines = text.splitlines(keepends=True)
        start = rng.randrange(max(1, len(lines) - 60))
        samples.append("".join(lines[start : start + 60])[: amount(2000, 8000)])
        samples += [line[:1000].rstrip("\n") for line in rng.choices(lines, k=amount(4, 12))]
        samples += random_slices(rng, text, amount(2, 6), 600)
    return tuple(samples)


def test_corpora(definition: Definition) -> None:
    assert_agrees(definition, corpus_samples())


def test_hard_strings(definition: Definition) -> None:
    texts = hard_strings(SEED, definition.reference.names)
    assert_agrees(definition, texts)
    some = random.Random(SEED).sample(texts, amount(400, 1200))
    assert_agrees(definition, some, special="text", add_special_tokens=False)
    assert_agrees(definition, some[:400], add_special_tokens=False)
    assert_calls_agree(definition, some[:500])


def test_code_points(definition: Definition) -> None:
    texts = every_code_point()
    first = len(str(definition)) % 4
    assert_agrees(definition, texts[first::4], special="text")


def test_decoding(definition: Definition) -> None:
    tokenizer, reference = definition.tokmill, definition.reference
    texts = [*hard_strings(SEED + 1, reference.names)[::9], *corpus_samples()[::20]]
    if isinstance(reference, HfReference):
        texts = reference.without_failing(texts)
    special: Special = "parse" if definition.parses_special else "text"
    rows = tokenizer.encode_batch(texts, special=special).tolist()
    rng = random.Random(SEED)
    first_id = reference.first_id if isinstance(reference, TiktokenReference) else 0
    known = [i for i in range(first_id, tokenizer.vocab_size) if is_known(tokenizer, i)]
    rows += [rng.choices(known, k=rng.randint(1, 30)) for _ in range(300)]
    for skip in (False, True) if definition.parses_special else (False,):
        expected = [reference.decode(row, skip_special_tokens=skip) for row in rows]
        for row, text in zip(rows, expected, strict=True):
            assert tokenizer.decode(row, skip_special_tokens=skip) == text, row
            assert tokenizer.decode(np.array(row, np.int64), skip_special_tokens=skip) == text
            assert streamed(tokenizer, row, skip) == text, row
            assert tokenizer.decode_bytes(row, skip).decode(errors="replace") == text
        assert tokenizer.decode_batch(rows, skip_special_tokens=skip) == expected


def is_known(tokenizer: tokmill.Tokenizer, token_id: int) -> bool:
    try:
        tokenizer.token_bytes(token_id)
    except tokmill.UnknownToken:
        return False
    return True


def streamed(tokenizer: tokmill.Tokenizer, ids: list[int], skip: bool) -> str:
    stream = tokenizer.decode_stream(skip_special_tokens=skip)
    return "".join(map(stream.push, ids)) + stream.finish()


def test_vocabulary(definition: Definition) -> None:
    tokenizer, reference = definition.tokmill, definition.reference
    if isinstance(reference, HfReference):
        expected = reference.tokenizer.get_vocab()
        assert tokenizer.vocab_size == max(expected.values()) + 1
        added = reference.tokenizer.get_added_tokens_decoder()
        for token, token_id in expected.items():
            data = reference.tokenizer.decode([token_id], skip_special_tokens=False)
            if "\ufffd" not in data:
                assert tokenizer.token_bytes(token_id) == data.encode(), token
            if token_id in added:
                assert tokenizer.token_to_id(token) == token_id
        special = {token.content for token in added.values() if token.special}
        assert set(tokenizer.special_tokens) == special
    else:
        encoding = reference.encoding
        for rank, token in enumerate(encoding.token_byte_values()[:2000]):
            token_id = encoding.encode_single_token(token) + reference.first_id
            assert tokenizer.token_bytes(token_id) == token, rank
            assert tokenizer.token_to_id(token) == token_id
        assert definition.format == "tekken" or tokenizer.special_tokens == encoding._special_tokens


def test_unknown_ids(definition: Definition) -> None:
    tokenizer = definition.tokmill
    for bad in (tokenizer.vocab_size, 2**31, 2**32 - 1):
        with pytest.raises(tokmill.UnknownToken) as caught:
            tokenizer.decode([0, 1, bad] if is_known(tokenizer, 0) else [bad])
        assert caught.value.index in (0, 2)
        with pytest.raises(tokmill.UnknownToken):
            tokenizer.token_bytes(bad)


def test_canonical_ids(definition: Definition) -> None:
    """What encode() gives is canonical; other ids become what encode() gives for their bytes."""
    tokenizer, reference = definition.tokmill, definition.reference
    texts = [text for text in corpus_samples()[::15] if not any(n in text for n in reference.names)]
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False, special="text")
        if tokenizer.decode(ids) == text:  # otherwise normalization has changed it
            assert tokenizer.is_canonical(ids), text
            cut = [tokenizer.token_to_id(bytes([byte])) for byte in text.encode()[:200]]
            valid = text.encode()[:200].decode(errors="ignore")
            if len(valid.encode()) == len(cut):
                expected = tokenizer.encode(valid, add_special_tokens=False, special="text")
                assert (
                    tokenizer.canonicalize([i for i in cut if i is not None]).tolist()
                    == expected.tolist()
                )
    rng = random.Random(SEED)
    known = [i for i in range(tokenizer.vocab_size) if is_known(tokenizer, i)]
    for _ in range(200):
        ids = rng.choices(known, k=rng.randint(0, 12))
        canonical = tokenizer.canonicalize(ids)
        if definition.name not in NORMALIZING:
            assert tokenizer.decode_bytes(canonical) == tokenizer.decode_bytes(ids)
        assert tokenizer.canonicalize(canonical).tolist() == canonical.tolist()


def test_special_tokens_that_are_not_allowed(definition: Definition) -> None:
    tokenizer, reference = definition.tokmill, definition.reference
    names = reference.special_names
    texts = hard_strings(SEED, names)[-900::3]
    for text in texts:
        spelled = [name for name in names if name in text]
        if not spelled:
            expected = tokenizer.encode(text, special="text").tolist()
            if definition.parses_special:
                assert tokenizer.encode(text, special="raise").tolist() == expected
            continue
        with pytest.raises(tokmill.InvalidInput) as caught:
            tokenizer.encode(text, special="raise")
        position = caught.value.position
        assert position is not None
        found = text.encode()[position:].lstrip()  # a token with lstrip begins with white space
        assert any(found.startswith(name.strip().encode()) for name in spelled)


def test_allowed_special_tokens(definition: Definition) -> None:
    reference = definition.reference
    if not isinstance(reference, TiktokenReference) or len(reference.names) < 2:
        pytest.skip("only tiktoken has sets of allowed special tokens")
    allowed = set(reference.names[::2][:20])
    for text in hard_strings(SEED, reference.names[:40])[-900::2]:
        expected = reference.encoding.encode(text, allowed_special=allowed, disallowed_special=())
        assert definition.tokmill.encode(text, special=allowed).tolist() == expected, text


def test_other_forms_of_the_same_tokenizer(definition: Definition) -> None:
    """Snapshot, pickle and saved tokenizer.json give the same ids."""
    import pickle

    tokenizer = definition.tokmill
    texts = hard_strings(SEED + 2, definition.reference.names)[:: amount(21, 7)]
    expected = tokenizer.encode_batch(texts)
    forms = [
        pickle.loads(pickle.dumps(tokenizer)),
        tokmill.Tokenizer.from_bytes(tokenizer._snapshot()),
    ]
    for form in forms:
        assert form == tokenizer
        assert form.encode_batch(texts) == expected
    try:
        saved = tokenizer._tokenizer_json()
    except tokmill.UnsupportedTokenizer:
        assert definition.format != "hf"
        return
    assert tokmill.Tokenizer.from_bytes(saved).encode_batch(texts) == expected
    if definition.format == "hf":
        reference = HfReference(saved)
        texts = reference.without_failing(texts)
        rows = reference.encode_batch(texts)
        assert rows == tokenizer.encode_batch(texts).tolist()


@pytest.mark.slow(minutes=60)
def test_whole_corpora(definition: Definition) -> None:
    """Every line and, in pieces of 100,000 characters, every document of every corpus."""
    for name in corpus_names():
        for documents in in_pieces(read_corpus(name)):
            assert_agrees(definition, documents)


def in_pieces(text: str, length: int = 100_000) -> Iterator[list[str]]:
    lines = text.split("\n")
    for start in range(0, len(lines), 20_000):
        yield lines[start : start + 20_000]
    yield [text[start : start + length] for start in range(0, len(text), length)]


@pytest.mark.slow(minutes=20)
def test_many_hard_strings(definition: Definition) -> None:
    for seed in range(40):
        texts = hard_strings(seed, definition.reference.names, count=4000)
        assert_agrees(definition, texts)
        assert_agrees(definition, texts[::5], special="text", add_special_tokens=False)
    assert_agrees(definition, every_code_point())
    assert_agrees(definition, every_code_point(7))


# --------------------------------------------------------------------------------------------------
# Ways to load
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_shipped_encoding(name: str) -> None:
    tokenizer = tokmill.get_encoding(name)
    reference = tiktoken_reference(name)
    texts = hard_strings(SEED, reference.names)[::4]
    for special in ("parse", "text"):
        expected = reference.encode_batch(texts, special=special)  # type: ignore[arg-type]
        assert tokenizer.encode_batch(texts, special=special).tolist() == expected
    assert tokenizer.special_tokens == reference.encoding._special_tokens
    ranks, pattern, special_tokens = tiktoken_parts(name)
    made = tokmill.Tokenizer.from_tiktoken(ranks, pat_str=pattern, special_tokens=special_tokens)
    assert made.encode_batch(texts).tolist() == tokenizer.encode_batch(texts).tolist()


@pytest.mark.parametrize("name", ["r50k_base", "cl100k_base", "llama3", "llama4", "qwen"])
def test_rank_file(name: str) -> None:
    """A rank file alone, with what it does not say given by the caller."""
    _, pattern, special_tokens = tiktoken_parts(name)
    entry = json.loads(read_data("tokenizers/tiktoken/encodings.json"))[name]
    data = read_data(f"tokenizers/{entry['files'][-1]}")
    tokenizer = tokmill.Tokenizer.from_bytes(data, pattern=pattern, special_tokens=special_tokens)
    reference = tiktoken_reference(name)
    texts = hard_strings(SEED, reference.names)[::5]
    assert tokenizer.encode_batch(texts).tolist() == reference.encode_batch(texts)


def test_llama_3_model_file_says_everything() -> None:
    tokenizer = tokmill.Tokenizer.from_bytes(
        read_data("tokenizers/tiktoken/llama3.tokenizer.model")
    )
    reference = tiktoken_reference("llama3")
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|start_header_id|>"]
    texts = hard_strings(SEED, names)[::5]
    expected = reference.encode_batch(texts)
    assert tokenizer.encode_batch(texts, add_special_tokens=False).tolist() == expected


def test_truncation_and_padding_of_the_file_are_not_applied() -> None:
    definition = next(one for one in REAL if one.name == "llama-3.1")
    parsed = json.loads(read_data("tokenizers/hf/llama-3.1.json"))
    parsed["truncation"] = {
        "direction": "Right",
        "max_length": 4,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    tokenizer = tokmill.Tokenizer.from_bytes(json.dumps(parsed).encode())
    text = "a text that is longer than four tokens"
    assert tokenizer.encode(text).tolist() == definition.tokmill.encode(text).tolist()
