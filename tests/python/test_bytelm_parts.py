"""Canonical sequences of tokenizers that are not byte-level BPE, against their own encodings."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import sentencepiece_models
from definitions import amount, from_bytes, read_data

import tokmill
from tokmill import Tokenizer, UnsupportedTokenizer
from tokmill.bytelm import ByteVocab
from tokmill.bytelm._tokenizer_parts import TokenizerParts, parts_of

METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
WORDS = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, METASPACE]}
STRIP = {
    "type": "Sequence",
    "normalizers": [
        {"type": "Strip", "strip_left": False, "strip_right": True},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
    ],
}
LLAMA = {
    "type": "Sequence",
    "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    ],
}
BERT = {
    "type": "BertNormalizer",
    "clean_text": True,
    "handle_chinese_chars": True,
    "strip_accents": None,
    "lowercase": True,
}
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
PIECES = ["▁", "a", "b", "▁a", "ab", "▁ab", "ba", "aba", "▁ba", "b▁", "aa", "▁▁", "é", "éa"]


def definition(model: dict[str, Any], normalizer: Any, pre_tokenizer: Any) -> dict[str, Any]:
    """A tokenizer.json with the special token "<unk>" as id 0."""
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": 0, "content": "<unk>", "special": True, **special}],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": None,
        "decoder": None,
        "model": model,
    }


def unigram(seed: int, *, byte_fallback: bool) -> dict[str, Any]:
    rng = random.Random(seed)
    pieces = [*rng.sample(PIECES, 9), "▁", "a", "b"]
    vocabulary: list[tuple[str, float]] = [("<unk>", 0.0)]
    vocabulary += [(piece, -rng.choice([1.0, 1.5, 2.0, 3.25])) for piece in dict.fromkeys(pieces)]
    if byte_fallback:
        vocabulary += [(piece, 0.0) for piece in BYTES]
    return {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": byte_fallback}


def bpe(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    known = ["▁", "a", "b", "é"]
    merges = []
    for _ in range(7):
        left, right = rng.choice(known), rng.choice(known)
        if left + right not in known:
            known.append(left + right)
            merges.append(f"{left} {right}")
    pieces = ["<unk>", *BYTES, *known]
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": "<unk>",
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": True,
        "ignore_merges": False,
        "vocab": {piece: id for id, piece in enumerate(pieces)},
        "merges": merges,
    }


def word_piece(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    words = [word for word in ("ab", "ba", "aab", "abb") if rng.random() < 0.6]
    rest = [word for word in ("ab", "ba", "aa", "b.") if rng.random() < 0.6]
    pieces = ["<unk>", "a", "b", ".", "A", "a.", "中", "é", *words]
    pieces += ["##a", "##b", "##.", "##中", *(f"##{word}" for word in rest)]
    return {
        "type": "WordPiece",
        "unk_token": "<unk>",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 3,
        "vocab": {piece: id for id, piece in enumerate(pieces)},
    }


def small(kind: str, seed: int) -> dict[str, Any]:
    if kind == "unigram":
        return definition(unigram(seed, byte_fallback=False), None, METASPACE)
    if kind == "unigram-bytes":
        whole = {**METASPACE, "split": False, "prepend_scheme": "first"}
        return definition(unigram(seed, byte_fallback=True), None, whole)
    if kind == "unigram-words":
        return definition(unigram(seed, byte_fallback=False), None, WORDS)
    if kind == "unigram-strip":
        return definition(unigram(seed, byte_fallback=False), STRIP, METASPACE)
    if kind == "bpe":
        return definition(bpe(seed), LLAMA, None)
    if kind == "bpe-added":
        return with_added_tokens(definition(bpe(seed), LLAMA["normalizers"][1], None))
    return definition(word_piece(seed), BERT, {"type": "BertPreTokenizer"})


def with_added_tokens(data: dict[str, Any]) -> dict[str, Any]:
    """As Gemma has them: text that is looked for first, some of it in the vocabulary, too."""
    vocabulary = data["model"]["vocab"]
    template = {**data["added_tokens"][0], "special": False}
    ids = itertools.count(len(vocabulary))
    for content in ("ab", "bb", "bba", "▁▁"):
        id = vocabulary[content] if content in vocabulary else next(ids)
        data["added_tokens"].append({**template, "id": id, "content": content})
    return data


LETTERS = {"unigram-bytes": ["a", "b", " ", "é", "ê"], "word-piece": ["a", "b", " ", ".", "中"]}


def encode(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    return tuple(tokenizer.encode(text, add_special_tokens=False, special="text").tolist())


def encodings(
    tokenizer: Tokenizer, parts: TokenizerParts, letters: Sequence[str], longest: int
) -> Iterator[tuple[int, ...]]:
    """Of all texts of so many letters, if tokens with bytes spell them."""
    for size in range(longest + 1):
        for text in itertools.product(letters, repeat=size):
            ids = encode(tokenizer, "".join(text))
            if all(parts.tokens[id] is not None for id in ids):
                yield ids


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "kind",
    [
        "unigram",
        "unigram-bytes",
        "unigram-words",
        "unigram-strip",
        "bpe",
        "bpe-added",
        "word-piece",
    ],
)
def test_small_vocabularies(kind: str, seed: int) -> None:
    tokenizer = Tokenizer.from_bytes(json.dumps(small(kind, seed)).encode())
    parts, vocabulary = parts_of(tokenizer), ByteVocab.from_tokenizer(tokenizer, eos_ids=[])
    letters = LETTERS.get(kind, ["a", "b", " ", "é"])
    found = set(encodings(tokenizer, parts, letters, 6))
    beginnings = {ids[:size] for ids in found for size in range(len(ids) + 1)}

    assert len(beginnings) > 50
    alphabet = set("".join(letters))
    for ids in beginnings:
        text = b"".join(parts.tokens[id] or b"" for id in ids)
        if len(text) > 4 or (ids and not text.startswith(parts.text_prefix)):
            continue
        allowed = vocabulary.allowed(ids)
        for id, token in enumerate(parts.tokens):
            if token is None:
                assert not allowed[id]
                continue
            longer = text + token
            if not ids and not token.startswith(parts.text_prefix):
                continue  # what comes before the prefix
            if (*ids, id) in beginnings:
                assert allowed[id], (ids, id, text, token)
            elif is_text(longer) and len(longer.decode()) <= 6 and set(longer.decode()) <= alphabet:
                assert not allowed[id], (ids, id, text, token)
        if text != parts.text_prefix:
            assert vocabulary.may_end(ids) == (ids in found), ids


def is_text(spelled: bytes) -> bool:
    """Whether these bytes are complete characters."""
    try:
        spelled.decode()
    except UnicodeDecodeError:
        return False
    return True


FRAGMENTS = (
    *"aeinrstAEN1'.,-_ \n中éñ",
    "  ",
    "the",
    " of",
    "ing",
    " a",
    "日本",
    "ﬁ",
    "e\u0301",
    "🙂",
)
WITNESSES = ("", "a", " a", ".", "1", "é", "中")

REAL = [
    "hf/llama-2.json",
    "hf/t5-small.json",
    *(["hf/xlm-roberta-base.json"] if amount(0, 1) else []),
    "hf/bert-base-uncased.json",
    "spm/llama-2.model",
    "spm/t5-base.model",
    "spm/albert-base-v2.spiece.model",
    "spm/hf_fixture_test_sentencepiece_with_bytefallback.model",
]


@pytest.mark.parametrize("name", REAL)
def test_real_tokenizers(name: str) -> None:
    tokenizer = from_bytes(f"tokenizers/{name}")
    check_with_witnesses(tokenizer, seed=1, count=amount(5, 100))


@pytest.mark.parametrize(
    "name",
    ["unigram-bytes", "bpe-bytes", "bpe-bytes-symbols", "unigram-nowords", "unigram-casefold"],
)
def test_trained_models(name: str) -> None:
    tokenizer = Tokenizer.from_bytes(sentencepiece_models.model(name))
    check_with_witnesses(tokenizer, seed=2, count=amount(5, 100))


def check_with_witnesses(tokenizer: Tokenizer, seed: int, count: int) -> None:
    """Encodings are canonical; other sequences are if those of some longer text begin with them."""
    parts, vocabulary = parts_of(tokenizer), ByteVocab.from_tokenizer(tokenizer, eos_ids=[])
    ids_of_byte = [id for id, token in enumerate(parts.tokens) if token and len(token) == 1]
    known = [
        fragment
        for fragment in FRAGMENTS
        if all(parts.tokens[id] is not None for id in encode(tokenizer, fragment))
    ]
    rng = np.random.default_rng(seed)
    compared = 0
    for _ in range(count):
        text = "".join(rng.choice(known, size=int(rng.integers(1, 12))))
        ids = encode(tokenizer, text)
        spelled = b"".join(parts.tokens[id] or b"" for id in ids)
        assert not any(string in spelled for string in parts.absent)
        assert vocabulary.is_canonical(ids)
        assert vocabulary.may_end(ids)
        before = ids[: int(rng.integers(0, len(ids) + 1))]
        allowed = vocabulary.allowed(before)
        few = rng.choice(np.flatnonzero(allowed), 6)
        others = rng.integers(0, len(parts.tokens), 12)
        for id in {*few.tolist(), *others.tolist(), *rng.choice(ids_of_byte, 6).tolist()}:
            expected = has_witness(tokenizer, parts, (*before, id))
            if expected is not None:
                compared += 1
                assert allowed[id] == expected, (text, before, id)
    assert compared > 0


def has_witness(tokenizer: Tokenizer, parts: TokenizerParts, ids: tuple[int, ...]) -> bool | None:
    """None if the question makes no sense: special tokens, or something before the prefix."""
    tokens = [parts.tokens[id] for id in ids]
    if None in tokens:
        return None
    spelled = b"".join(token for token in tokens if token is not None)
    if not spelled.startswith(parts.text_prefix):
        return None
    for whole in completions(spelled):
        text = whole.removeprefix(parts.text_prefix.decode())
        # Metaspace puts nothing before a space.
        for start in (text, whole) if text.startswith(" ") else (text,):
            for witness in WITNESSES:
                if encode(tokenizer, start + witness)[: len(ids)] == ids:
                    return True
    return False


def completions(spelled: bytes) -> Iterator[str]:
    """Texts that begin with these bytes, which may end inside a character."""
    try:
        yield spelled.decode()
    except UnicodeDecodeError as error:
        if error.end != len(spelled):
            return
        for rest in itertools.product((0xB1, 0x8F, 0xA5, 0xBC, 0x9D), repeat=3):
            for size in (1, 2, 3):
                try:
                    yield (spelled + bytes(rest[:size])).decode()
                except UnicodeDecodeError:
                    continue


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"normalizer": {"type": "NFC"}}, "NFC"),
        ({"normalizer": {"type": "Strip", "strip_left": True, "strip_right": True}}, "Strip"),
        (
            {"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "a"}},
            "Replace",
        ),
        ({"pre_tokenizer": {"type": "WhitespaceSplit"}}, "WhitespaceSplit"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "Whitespace"),
    ],
)
def test_refuses_by_name(change: dict[str, Any], named: str) -> None:
    data = json.dumps({**small("unigram", 0), **change}).encode()
    with pytest.raises(UnsupportedTokenizer, match=named):
        parts_of(Tokenizer.from_bytes(data))


def test_refuses_added_text() -> None:
    data = small("unigram", 0)
    data["added_tokens"].append({**data["added_tokens"][0], "id": 99, "content": "ab"})
    data["added_tokens"][1]["special"] = False
    with pytest.raises(UnsupportedTokenizer, match="added token 'ab', behind which text gets"):
        parts_of(Tokenizer.from_bytes(json.dumps(data).encode()))


def test_normalize() -> None:
    parts = parts_of(from_bytes("tokenizers/hf/bert-base-uncased.json"))
    assert parts.normalize("Don't  stop") == b"don ' t stop"
    parts = parts_of(from_bytes("tokenizers/spm/t5-base.model"))
    assert parts.normalize("ｆｕｌｌ  width ") == b"full width"
    with pytest.raises(tokmill.InvalidInput, match="no token"):
        parts.normalize("中")


def test_reads_the_model_as_the_reference_does() -> None:
    from sentencepiece import SentencePieceProcessor

    data = read_data("tokenizers/spm/t5-base.model")
    reference = SentencePieceProcessor(model_proto=data)
    parts = parts_of(Tokenizer.from_bytes(data))
    for id in range(reference.vocab_size()):
        if reference.is_control(id) or reference.is_unknown(id):
            assert parts.tokens[id] is None
        else:
            assert parts.tokens[id] == reference.id_to_piece(id).replace("▁", " ").encode()
            assert parts.scores[id] == reference.get_score(id)
