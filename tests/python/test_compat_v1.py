"""tokmill.compat.tokenizers_v1 and version "2.0" of tokenizer.json.

The ids of tokenizers 1.0 are those of tokenizers 0.23, which these tests compare with. Where the
environment variable TOKMILL_TOKENIZERS_V1 names a Python that has tokenizers 1.0.0rc3, that is
asked too.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from definitions import needs_data, read_data
from hard_strings import mixtures
from reference_encoder import byte_alphabet

import tokmill
import tokmill.compat.tokenizers_v1 as v1
from tokmill import _core

Json = dict[str, Any]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TEXTS = ("", "a", "ab a  b", " a", "ab ab!", "[CLS]a b[SEP]", "b\n a", "▁a b", "x a", "aab 12")


# --- definitions of both versions -----------------------------------------------------------------


def bpe(**changes: Any) -> Json:
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": "<unk>",
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "▁": 4, "▁a": 5, "[CLS]": 6, "[SEP]": 7},
        "merges": [["a", "b"], ["▁", "a"]],
    }
    return {**model, **changes}


def byte_bpe() -> Json:
    vocab = {character: number for number, character in enumerate(byte_alphabet())}
    vocab |= {"ab": 256, "Ġa": 257}
    return bpe(unk_token=None, vocab=vocab, merges=[["a", "b"], ["Ġ", "a"]])


def file(model: Json, **parts: Any) -> Json:
    """A definition of version 1.0."""
    empty = dict.fromkeys(
        ("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder")
    )
    return {"version": "1.0", "added_tokens": [], **empty, **parts, "model": model}


def file2(model: Json, byte_level: bool = False, **parts: Any) -> Json:
    """A definition of version 2.0."""
    if model["type"] == "BPE":
        model = {**model, "byte_level": byte_level}
        del model["dropout"]
    return {**file(model, **parts), "version": "2.0", "role_to_token": None}


def byte_level(use_regex: bool) -> Json:
    return {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


def sequence(kind: str, *parts: Json) -> Json:
    return {"type": "Sequence", kind: list(parts)}


def metaspace(scheme: str, split: bool) -> Json:
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def metaspace_normalizer(scheme: str, drop: bool = False) -> Json:
    return {
        "type": "MetaspaceNormalizer",
        "replacement": "▁",
        "prepend": scheme,
        "drop_whitespace": drop,
    }


def split(pattern: Json, behavior: str) -> Json:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": False}


def added(number: int, content: str) -> Json:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": content, **flags, "special": True}


DIGITS = {"type": "Digits", "individual_digits": True}
SPACE_SPLIT = split({"String": "▁"}, "MergedWithNext")
BYTE_DECODER = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
                "use_regex": True}  # fmt: skip
SPECIAL = [added(6, "[CLS]"), added(7, "[SEP]")]


def template() -> Json:
    def special(name: str, kind: int = 0) -> Json:
        return {"SpecialToken": {"id": name, "type_id": kind}}

    def text(name: str, kind: int = 0) -> Json:
        return {"Sequence": {"id": name, "type_id": kind}}

    def entry(name: str, ids: list[int], names: list[str]) -> Json:
        return {"id": name, "ids": ids, "tokens": names}

    return {
        "type": "TemplateProcessing",
        "single": [special("[CLS]"), text("A"), special("[SEP]", 2)],
        "pair": [special("x", 1), text("A"), special("[SEP]"), text("B", 1), special("[SEP]", 1)],
        "special_tokens": {
            "[CLS]": entry("[CLS]", [6], ["[CLS]"]),
            "[SEP]": entry("[SEP]", [7], ["[SEP]"]),
            "x": entry("x", [6, 6], ["[CLS]", "[CLS]"]),
        },
    }


TEMPLATE_2 = {
    "type": "TemplateProcessing",
    "single": [{"ids": [6]}, {"seq": "A"}, {"ids": [7], "type_id": 2}],
    "pair": [
        {"ids": [6, 6], "type_id": 1},
        {"seq": "A"},
        {"ids": [7]},
        {"seq": "B", "type_id": 1},
        {"ids": [7], "type_id": 1},
    ],
}

UNIGRAM = {
    "type": "Unigram",
    "unk_id": 0,
    "vocab": [["<unk>", 0.0], ["a", -1.5], ["▁", -2.0], ["▁a", -1.25], ["b", -1.0]],
    "byte_fallback": False,
}
WORD_PIECE = {
    "type": "WordPiece",
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
    "vocab": {"[UNK]": 0, "a": 1, "##b": 2, "ab": 3, "b": 4, "!": 5, "[CLS]": 6, "[SEP]": 7},
}

# The same tokenizer in both versions.
PAIRS: dict[str, tuple[Json, Json]] = {
    "plain": (file(bpe()), file2(bpe())),
    "bytes": (
        file(byte_bpe(), pre_tokenizer=byte_level(True), decoder=BYTE_DECODER),
        file2(
            byte_bpe(),
            byte_level=True,
            pre_tokenizer=split({"Regex": GPT2}, "Isolated"),
            decoder={"type": "ByteLevel"},
        ),
    ),
    "bytes-without-pattern": (
        file(byte_bpe(), pre_tokenizer=byte_level(False), decoder=BYTE_DECODER),
        file2(byte_bpe(), byte_level=True),
    ),
    "bytes-in-a-sequence": (
        file(
            byte_bpe(),
            pre_tokenizer=sequence("pretokenizers", DIGITS, byte_level(True)),
            decoder=BYTE_DECODER,
        ),
        file2(
            byte_bpe(),
            byte_level=True,
            pre_tokenizer=sequence("pretokenizers", DIGITS, split({"Regex": GPT2}, "Isolated")),
        ),
    ),
    "template": (
        file(bpe(), added_tokens=SPECIAL, post_processor=template()),
        file2(bpe(), added_tokens=SPECIAL, post_processor=TEMPLATE_2),
    ),
    "metaspace": (
        file(UNIGRAM, pre_tokenizer=metaspace("always", True), decoder=metaspace("always", True)),
        file2(
            UNIGRAM,
            normalizer=metaspace_normalizer("always"),
            pre_tokenizer=SPACE_SPLIT,
            decoder={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
        ),
    ),
    "metaspace-after-a-normalizer": (
        file(UNIGRAM, normalizer={"type": "NFKC"}, pre_tokenizer=metaspace("first", False)),
        file2(
            UNIGRAM,
            normalizer=sequence("normalizers", {"type": "NFKC"}, metaspace_normalizer("first")),
        ),
    ),
    "metaspace-of-words": (
        file(
            UNIGRAM,
            pre_tokenizer=sequence(
                "pretokenizers", {"type": "WhitespaceSplit"}, metaspace("always", True)
            ),
        ),
        file2(
            UNIGRAM, normalizer=metaspace_normalizer("always", drop=True), pre_tokenizer=SPACE_SPLIT
        ),
    ),
    "word-piece": (
        file(WORD_PIECE, pre_tokenizer={"type": "BertPreTokenizer"}, added_tokens=SPECIAL),
        file2(WORD_PIECE, pre_tokenizer={"type": "BertPreTokenizer"}, added_tokens=SPECIAL),
    ),
}


def load(definition: Json, tmp_path: Path) -> v1.Tokenizer:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(definition), encoding="utf-8")
    return v1.Tokenizer.from_file(path)


def row(encoding: Any) -> tuple[list[int], list[int], list[int]]:
    return encoding.ids, encoding.type_ids, encoding.attention_mask


# --- both versions --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAIRS)
def test_both_versions_say_the_same(name: str, tmp_path: Path) -> None:
    first, second = PAIRS[name]
    reference = tokenizers.Tokenizer.from_str(json.dumps(first))
    for ours in (load(first, tmp_path), load(second, tmp_path)):
        for text in TEXTS:
            expected = reference.encode(text)
            assert row(ours.encode(text)) == row(expected)
            assert ours.tokenize(text) == [reference.id_to_token(one) for one in expected.ids]
            assert ours.decode(expected.ids) == reference.decode(expected.ids)
            assert row(ours.encode((text, "a b"))) == row(reference.encode(text, "a b"))


@pytest.mark.parametrize("name", PAIRS)
def test_the_native_tokenizer_reads_both_versions(name: str) -> None:
    ids = []
    for definition in PAIRS[name]:
        tok = tokmill.Tokenizer.from_bytes(json.dumps(definition).encode())
        ids.append([tok.encode(text).tolist() for text in TEXTS])
    assert ids[0] == ids[1]


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_rewritten_reads_as_the_original(name: str) -> None:
    first, second = PAIRS[name]
    rewritten = json.loads(_core.rewrite_tokenizer_json_v2(json.dumps(second).encode()))
    models = rewritten.pop("model"), dict(first["model"])
    for model in models:
        model.pop("dropout", None)
    assert models[0] == models[1]
    if rewritten["post_processor"] is not None:
        # The names of its special tokens are made up.
        rewritten["post_processor"] = first["post_processor"]
    assert rewritten == {key: value for key, value in first.items() if key != "model"}


def test_added_tokens_keep_their_ids(tmp_path: Path) -> None:
    """Version 1.0 would number them anew where the vocabulary has holes."""
    model = bpe(vocab={"<unk>": 0, "a": 1, "b": 2, "ab": 9}, merges=[["a", "b"]])
    tokens = [added(4, "[A]"), added(9, "ab"), added(12, "[B]")]
    tok = load(file2(model, added_tokens=tokens), tmp_path)
    assert tok.encode("[A]ab[B]a").ids == [4, 9, 12, 1]
    with_options = {"padding": v1.Padding(length=6), "encode_special_tokens": True}
    assert tok.encode("ba", **with_options).ids == [2, 1, 0, 0, 0, 0]
    assert tok.decode_tokens([12, 4, 9]) == ["[B]", "[A]", "ab"]
    for refused in ({**model, "ignore_merges": True}, WORD_PIECE):
        with pytest.raises(ValueError, match="added tokens whose ids do not follow"):
            load(file2(refused, added_tokens=[added(50, "[A]")]), tmp_path)


def test_version_1_is_not_touched() -> None:
    data = json.dumps(file(bpe()), indent=1).encode()
    assert _core.rewrite_tokenizer_json_v2(data) == data


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"normalizer": sequence("normalizers", metaspace_normalizer("never"), {"type": "NFC"})},
            "MetaspaceNormalizer before other normalizers",
        ),
        (
            {"normalizer": metaspace_normalizer("never"), "pre_tokenizer": DIGITS},
            "MetaspaceNormalizer with a pre-tokenizer other than Split",
        ),
        (
            {"normalizer": metaspace_normalizer("always", drop=True)},
            "drop_whitespace",
        ),
        ({"post_processor": {"type": "BertProcessing"}}, "post-processor BertProcessing"),
        ({"post_processor": {"type": "TemplateProcessing", "single": []}}, "without `pair`"),
        (
            {"post_processor": {**TEMPLATE_2, "single": [{"ids": ["x"]}]}},
            "an id is not a number",
        ),
        ({"post_processor": {**TEMPLATE_2, "single": [{}]}}, "neither `seq` nor `ids`"),
        ({"normalizer": {"type": "Nope"}}, "NormalizerUntagged"),
        ({"model": {"type": "BPE", "files": ["vocab.json"]}}, "vocabulary in other files"),
        ({"model": 5}, "expected"),
    ],
    ids=str,
)
def test_what_is_refused(change: Json, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=complaint):
        load({**file2(bpe()), **change}, tmp_path)


@pytest.mark.parametrize("cut", range(0, 900, 37))
def test_truncated_files(cut: int) -> None:
    data = json.dumps(PAIRS["template"][1]).encode()
    with pytest.raises(ValueError):
        v1.Tokenizer._unpickle(data[:cut].decode(), None, None)


# --- the surface ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> v1.Tokenizer:
    parts = {"added_tokens": SPECIAL, "post_processor": TEMPLATE_2}
    model = {**WORD_PIECE, "vocab": {**WORD_PIECE["vocab"], "c": 8, "d": 9}}
    definition = file2(model, pre_tokenizer={"type": "Whitespace"}, **parts)
    return load(definition, tmp_path_factory.mktemp("bert"))


def test_options_are_values() -> None:
    padding, truncation = v1.Padding(length=3, pad_to_multiple_of=2), v1.Truncation(5, "only_first")
    assert padding == v1.Padding("right", 0, 0, "[PAD]", 3, 2) != v1.Padding()
    assert hash(truncation) == hash(v1.Truncation(5, "only_first", "right"))
    assert truncation != padding
    for value in (padding, truncation):
        assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    assert repr(truncation) == (
        'Truncation(max_length=5, strategy="only_first", direction="right")'
    )
    assert repr(padding) == (
        'Padding(\n    direction="right",\n    pad_id=0,\n    pad_type_id=0,\n'
        '    pad_token="[PAD]",\n    length=3,\n    pad_to_multiple_of=2,\n)'
    )
    with pytest.raises(AttributeError):
        padding.length = 5  # type: ignore[misc]
    with pytest.raises(ValueError, match='padding direction must be "left" or "right", not "up"'):
        v1.Padding("up")  # type: ignore[arg-type]
    with pytest.raises(
        ValueError,
        match='truncation strategy must be "longest_first", "only_first" or "only_second", not "x"',
    ):
        v1.Truncation(5, "x")  # type: ignore[arg-type]
    for wrong in (-1, 2**70):
        with pytest.raises(OverflowError):
            v1.Truncation(wrong)
    for cls in (v1.Padding, v1.Tokenizer, v1.Encoding):
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Derived", (cls,), {})


def test_encodings(bert: v1.Tokenizer) -> None:
    encoding = bert.encode("ab b")
    assert repr(encoding) == (
        "Encoding(ids=[6, 3, 4, 7], type_ids=[0, 0, 0, 2], attention_mask=[1, 1, 1, 1])"
    )
    assert len(encoding) == 4
    assert encoding == pickle.loads(pickle.dumps(encoding)) != bert.encode("a")
    assert encoding.ids is not encoding.ids
    for array in (encoding.ids_array, encoding.type_ids_array, encoding.attention_mask_array):
        assert array.dtype == np.uint32
        assert array.flags.writeable
    with pytest.raises(TypeError, match="unhashable"):
        hash(encoding)
    for cls in (v1.Encoding, v1.Tokenizer):
        with pytest.raises(TypeError, match="cannot create"):
            cls()


def test_options_of_calls_and_of_the_tokenizer(bert: v1.Tokenizer) -> None:
    tok = copy.deepcopy(bert)
    assert tok.padding is None and tok.truncation is None
    tok.padding, tok.truncation = v1.Padding(length=5), v1.Truncation(3)
    assert tok.encode("a b c d").ids == [6, 1, 7, 0, 0]
    assert tok.encode("a b c d", padding=None, truncation=None).ids == [6, 1, 4, 8, 9, 7]
    assert tok.encode("a b", truncation=v1.Truncation(9), padding=v1.Padding()).ids == [6, 1, 4, 7]
    again = pickle.loads(pickle.dumps(tok))
    assert (again.padding, again.truncation) == (tok.padding, tok.truncation)
    assert again.encode("a b c d") == tok.encode("a b c d")
    for wrong in (5, {}):
        with pytest.raises(TypeError, match="is not an instance of 'Padding'"):
            tok.padding = wrong  # type: ignore[assignment]
        with pytest.raises(TypeError, match="is not an instance of 'Truncation'"):
            tok.encode("a", truncation=wrong)  # type: ignore[arg-type]
    tok.padding = tok.truncation = None
    assert tok.encode("a b c d").ids == [6, 1, 4, 8, 9, 7]


def test_truncation_keeps_the_special_tokens(bert: v1.Tokenizer) -> None:
    for length in (0, 1, 2):
        assert bert.encode("a b c", truncation=v1.Truncation(length)).ids == [6, 7]
        assert bert.encode(("a b", "c"), truncation=v1.Truncation(length)).ids == [6, 6, 7, 7]
    assert bert.encode("a b", truncation=v1.Truncation(0), add_special_tokens=False).ids == []
    rows = bert.encode_batch(
        ["a b", ("a", "b")], truncation=v1.Truncation(3), padding=v1.Padding(pad_to_multiple_of=3)
    )
    assert [one.ids for one in rows] == [[6, 1, 7, 0, 0, 0], [6, 6, 7, 7, 0, 0]]
    with pytest.raises(ValueError, match="Truncation error: Second sequence not provided"):
        bert.encode("a b c", truncation=v1.Truncation(3, "only_second"))


def test_inputs(bert: v1.Tokenizer) -> None:
    pair = bert.encode(("a", "b"))
    assert bert.encode(["a", "b"]) == pair
    batch = bert.encode_batch(["a", ("a", "b"), ["b", "c"]])
    assert [len(one) for one in batch] == [3, 6, 6]
    assert bert.encode_batch(("a", "b")) == [bert.encode("a"), bert.encode("b")]
    assert bert.encode_batch([]) == []
    for wrong in (None, 5, b"a", ("a",), ("a", "b", "c"), (1, 2), {"a": 1}, "\ud800"):
        with pytest.raises(TypeError):
            bert.encode(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            bert.encode_batch(["a", wrong])  # type: ignore[list-item]
    for wrong_batch in ("ab", None, (text for text in "ab")):
        with pytest.raises(TypeError):
            bert.encode_batch(wrong_batch)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        bert.encode("a", True)  # type: ignore[misc]


def test_special_tokens(bert: v1.Tokenizer) -> None:
    assert bert.encode("a[SEP]", add_special_tokens=False).ids == [1, 7]
    as_text = bert.encode("a[SEP]", add_special_tokens=False, encode_special_tokens=True)
    assert 7 not in as_text.ids
    ids = bert.encode("a").ids
    assert bert.decode_tokens(ids) == ["[CLS]", "a", "[SEP]"] == bert.tokenize("a")
    assert bert.decode_tokens(ids, skip_special_tokens=True) == ["a"]
    assert bert.decode_tokens([10**6, 1]) == ["a"]


def test_decoding(bert: v1.Tokenizer) -> None:
    encoding = bert.encode("a b")
    for ids in (encoding, encoding.ids, tuple(encoding.ids), encoding.ids_array):
        assert bert.decode(ids) == "a b"
        assert bert.decode(ids, skip_special_tokens=False) == "[CLS] a b [SEP]"
    assert bert.decode([]) == "" == bert.decode([10**6])
    assert bert.decode(np.array([1, 4], np.uint8)) == "a b"
    for overflow in ([-1], [2**32], np.array([-1])):
        with pytest.raises(OverflowError):
            bert.decode(overflow)
    for wrong in ("a", 5, [1.5], np.array([1.5]), (one for one in [1])):
        with pytest.raises(TypeError):
            bert.decode(wrong)  # type: ignore[arg-type]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cannot read .*absent\.json: No such file"):
        v1.Tokenizer.from_file(tmp_path / "absent.json")
    with pytest.raises(TypeError):
        v1.Tokenizer.from_file(5)  # type: ignore[arg-type]
    (tmp_path / "broken.json").write_text('{"a"')
    with pytest.raises(ValueError):
        v1.Tokenizer.from_file(str(tmp_path / "broken.json"))


def test_threads_with_options_of_their_own(bert: v1.Tokenizer) -> None:
    def work(number: int) -> bool:
        length = number % 20 + 2
        padding, truncation = v1.Padding(length=length), v1.Truncation(length)
        ids = bert.encode("a b c d " * 10, padding=padding, truncation=truncation).ids
        return len(ids) == length and ids[-1] == 7

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(400)))


# --- real tokenizers ------------------------------------------------------------------------------

REAL = ("bert-base-uncased", "gpt2", "llama-2", "t5-small", "roberta-base", "whisper-tiny")


@needs_data
@pytest.mark.parametrize("name", REAL)
def test_real_definitions(name: str, tmp_path: Path) -> None:
    data = read_data(f"tokenizers/hf/{name}.json")
    reference = tokenizers.Tokenizer.from_str(data.decode())
    (tmp_path / "tokenizer.json").write_bytes(data)
    ours = v1.Tokenizer.from_file(tmp_path / "tokenizer.json")
    texts = mixtures(random.Random(7), 80)
    assert list(map(row, ours.encode_batch(texts))) == list(map(row, reference.encode_batch(texts)))
    pairs = list(itertools.pairwise(texts))
    assert list(map(row, ours.encode_batch(pairs))) == list(map(row, reference.encode_batch(pairs)))


# Prints, for every file, its form of version 2.0 and some encodings.
PROGRAM = """
import json, sys
from tokenizers import Padding, Tokenizer, Truncation
texts = json.loads(sys.stdin.read())
for path in sys.argv[1:]:
    tok = Tokenizer.from_file(path)
    def row(encoding):
        return [encoding.ids, encoding.type_ids, encoding.attention_mask]
    cut = dict(truncation=Truncation(7, direction="left"), padding=Padding(pad_to_multiple_of=4))
    rows = [row(tok.encode(text)) for text in texts]
    rows += [row(tok.encode((text, "b c"), **cut)) for text in texts]
    rows += [tok.tokenize(text, encode_special_tokens=True) for text in texts]
    rows += [tok.decode(tok.encode(text)) for text in texts]
    print(json.dumps([tok.__reduce__()[1][0], rows]))
"""


@needs_data
def test_against_tokenizers_1(data_file: Callable[[str], Path], tmp_path: Path) -> None:
    python = os.environ.get("TOKMILL_TOKENIZERS_V1")
    if python is None:
        pytest.skip("TOKMILL_TOKENIZERS_V1 does not name a Python that has tokenizers 1.0")
    texts = json.dumps([*TEXTS, *mixtures(random.Random(8), 40)])
    files = [str(data_file(f"tokenizers/hf/{name}.json")) for name in REAL]
    for definitions in PAIRS.values():
        files.append(str(tmp_path / f"{len(files)}.json"))
        Path(files[-1]).write_text(json.dumps(definitions[1]), encoding="utf-8")

    def answers(command: list[str], environment: dict[str, str], names: list[str]) -> list[Any]:
        done = subprocess.run(
            [*command, *names], input=texts, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    expected = answers([python, "-c", PROGRAM], dict(os.environ), files)
    for path, (version2, _) in zip(list(files), expected, strict=True):
        files.append(f"{path}.2")
        Path(files[-1]).write_text(version2, encoding="utf-8")
    program = PROGRAM.replace("from tokenizers", "from tokmill.compat.tokenizers_v1")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    got = answers([sys.executable, "-c", program], environment, files)
    for (_, rows), path, (_, own) in zip(expected * 2, files, got, strict=True):
        assert own == rows, path
