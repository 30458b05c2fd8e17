"""Broken and hostile definitions: refused with a reason, or loaded and exact; never a crash."""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from definitions import HfReference
from hard_strings import CASES, LOOK_AHEAD
from synthetic_definitions import template
from synthetic_parts import added, byte_level, digits, sequence, split, tokenizer_json, trained

import tokmill

TEXTS = [*CASES, *LOOK_AHEAD, "the <x> fox <y>\n", "é中 1234 \x00", ""]
SEED = 3


def small_definition() -> dict[str, Any]:
    """A definition that uses many features and is quick to load."""
    vocabulary, merges = trained()
    first = [list(pair) for pair in merges[:60]]
    merged = {left + right for left, right in first}
    kept = [text for text in vocabulary if len(text) == 1 or text in merged]
    parsed = tokenizer_json(
        model={"vocab": {text: i for i, text in enumerate(kept)}, "merges": first},
        normalizer={"type": "NFC"},
        pre_tokenizer=sequence(
            digits(True), split(r"\p{L}+|\s+(?!\S)|[^\s\p{L}]{1,3}"), byte_level()
        ),
        added_tokens=[added("<x>", special=True, rstrip=True), added("<y>", lstrip=True)],
        truncation={
            "direction": "Right",
            "max_length": 512,
            "strategy": "LongestFirst",
            "stride": 0,
        },
    )
    first_added = len(kept)
    parsed["post_processor"] = {
        "type": "Sequence",
        "processors": [byte_level(), template(["<x>", "$A"], {"<x>": [first_added]})],
    }
    return parsed


def load(data: bytes) -> tokmill.Tokenizer | None:
    """The tokenizer, or None if it is refused as it should be: with one of two errors."""
    try:
        return tokmill.Tokenizer.from_bytes(data)
    except (tokmill.InvalidTokenizer, tokmill.UnsupportedTokenizer) as error:
        assert str(error).startswith("<bytes>: "), error
        assert len(str(error)) > 12
        return None


def assert_exact_or_refused(data: bytes) -> None:
    tokenizer = load(data)
    if tokenizer is None:
        return
    rows = tokenizer.encode_batch(TEXTS).tolist()
    tokenizer.decode_batch(rows)
    try:
        reference = HfReference(data)
    except BaseException:  # it raises Exception or panics; there is nothing to agree with
        return
    for text in reference.without_failing(TEXTS):
        expected = reference.encode_batch([text])[0]
        assert tokenizer.encode(text).tolist() == expected, text


def test_the_whole_one_loads() -> None:
    data = json.dumps(small_definition()).encode()
    assert load(data) is not None
    assert_exact_or_refused(data)


def test_truncated() -> None:
    data = json.dumps(small_definition(), ensure_ascii=False).encode()
    for length in [*range(0, 400), *range(400, len(data), 37)]:
        with pytest.raises(tokmill.InvalidTokenizer) as caught:
            tokmill.Tokenizer.from_bytes(data[:length])
        assert caught.value.position is None or caught.value.position <= length


def flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(changed))
        kind = rng.randrange(4)
        if kind == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            changed[at] = rng.choice(b'"\\{}[],:0-9eE. tfn\x00\xff\x80')
        elif kind == 2:
            del changed[at : at + rng.randint(1, 8)]
        else:
            start = rng.randrange(len(changed))
            changed[at:at] = changed[start : start + rng.randint(1, 20)]
    return bytes(changed)


def test_flipped_bits_and_moved_bytes() -> None:
    rng = random.Random(SEED)
    parsed = small_definition()
    data = json.dumps(parsed, ensure_ascii=False).encode()
    # Most of the file is the vocabulary: the head is damaged more often than its share.
    model_at = data.index(b'"model"')
    head, tail = data[: model_at + 400], data[model_at + 400 :]
    for _ in range(1200):
        assert_exact_or_refused(flipped(rng, head) + tail)
    for _ in range(300):
        assert_exact_or_refused(flipped(rng, data))


# --------------------------------------------------------------------------------------------------
# Changes of the structure
# --------------------------------------------------------------------------------------------------

STRANGE_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**32, 2**63, 2**64, 1e308, 0.5, "", "a", "Ġ", "\x00", "é",
    [], {}, [[]], [{}], ["a"], ["a b"], [["a", "b"]], [["a"]], [1, 2], {"a": 1}, {"type": "BPE"},
    {"type": "Sequence"}, {"type": "NFC"}, {"type": "ByteLevel"}, {"Regex": "("}, {"String": ""},
    {"Regex": "a{99999999}"}, "(?i:x)", "\\p{Nope}", "[a-", "(" * 500,
    {"type": "Sequence", "normalizers": [], "pretokenizers": [], "processors": []},
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value, with a few only of long lists and of the vocabulary."""
    yield path
    if isinstance(value, dict):
        keys = list(value)
        for key in keys if len(keys) < 30 else keys[:2] + keys[-2:]:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)) if len(value) < 10 else (0, 1, len(value) - 1):
            yield from places(value[index], (*path, index))


def with_change(parsed: Any, path: tuple[Any, ...], change: str, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(parsed)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    if change == "delete":
        del parent[path[-1]]
    elif change == "rename" and isinstance(parent, dict):
        parent[str(value)] = parent.pop(path[-1])
    else:
        parent[path[-1]] = value
    return changed


def test_changed_structure() -> None:
    rng = random.Random(SEED)
    parsed = small_definition()
    for path in places(parsed):
        for change in ("delete", "rename", "replace", "replace", "replace"):
            changed = with_change(parsed, path, change, rng.choice(STRANGE_VALUES))
            assert_exact_or_refused(json.dumps(changed).encode())


@pytest.mark.slow(minutes=20)
def test_changed_structure_in_every_way() -> None:
    parsed = small_definition()
    for path in places(parsed):
        for value in STRANGE_VALUES:
            assert_exact_or_refused(
                json.dumps(with_change(parsed, path, "replace", value)).encode()
            )


def nested(opening: str, closing: str, depth: int) -> bytes:
    return (opening * depth + closing * depth).encode()


HOSTILE = {
    "empty": b"",
    "null": b"null",
    "number": b"1",
    "string": b'"tokenizer"',
    "list": b"[]",
    "object": b"{}",
    "only-version": b'{"version":"1.0"}',
    "other-version": b'{"version":"9.0","model":{"type":"BPE","vocab":{},"merges":[]}}',
    "nul-bytes": b"\x00" * 4096,
    "not-utf8": b'{"version":"1.0","model":{"type":"BPE","vocab":{"\xff\xfe":0},"merges":[]}}',
    "bom": "\ufeff{}".encode(),
    "deep-lists": nested("[", "]", 200_000),
    "deep-objects": nested('{"a":', "}", 100_000),
    "deep-unclosed": b"[" * 1_000_000,
    "long-number": b'{"version":' + b"9" * 1_000_000 + b"}",
    "exponent": b'{"version":1e999999999}',
    "lone-surrogate": b'{"version":"1.0","model":{"type":"BPE","vocab":{"\\ud800":0},"merges":[]}}',
    "half-escape": b'{"version":"\\u12',
    "long-string": b'{"version":"' + b"a" * 5_000_000 + b'"}',
    "trailing": b"{} {}",
    "random": random.Random(1).randbytes(100_000),
    "gzip": b"\x1f\x8b\x08\x00" + random.Random(2).randbytes(1000),
    "protobuf": b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02" * 20,
    "rank-without-number": b"YQ==\nYg==\n",
    "rank-bad-base64": b"Y?== 0\n",
    "rank-too-large": b"YQ== 99999999999999\n",
    "rank-negative": b"YQ== -1\n",
    "rank-twice": b"YQ== 0\nYQ== 1\n",
    "rank-same-id": b"YQ== 0\nYg== 0\n",
    "tekken-empty": b'{"config":{},"vocab":[]}',
    "tekken-sizes": json.dumps({
        "config": {"pattern": "a", "num_vocab_tokens": 1, "default_vocab_size": 10**12,
                   "default_num_special_tokens": 10**13, "version": "v3"},
        "vocab": [{"rank": 0, "token_bytes": "AA==", "token_str": None}],
    }).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.json"
    path.write_bytes(HOSTILE[name])
    with pytest.raises((tokmill.InvalidTokenizer, tokmill.UnsupportedTokenizer)) as caught:
        tokmill.Tokenizer.from_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    with pytest.raises((tokmill.InvalidTokenizer, tokmill.UnsupportedTokenizer)):
        tokmill.Tokenizer.from_bytes(HOSTILE[name])


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"merges": [["a", "b"]], "vocab": {"a": 0}}, "b"),
        ({"merges": ["a b c"]}, "a b c"),
        ({"merges": ["ab"]}, "ab"),
        ({"merges": [["a", "qqq"]]}, "qqq"),
        ({"vocab": {"a": 0, "b": 0}}, ""),
        ({"vocab": {"a": -1}}, ""),
        ({"vocab": {"a": 2**32}}, ""),
        ({"vocab": {"a": "0"}}, ""),
        ({"vocab": []}, ""),
        ({"dropout": 2.0}, ""),
    ],
)
def test_inconsistent_model(model: dict[str, Any], reason: str) -> None:
    parsed = tokenizer_json()
    parsed["model"] |= model
    data = json.dumps(parsed).encode()
    with pytest.raises((tokmill.InvalidTokenizer, tokmill.UnsupportedTokenizer)) as caught:
        tokmill.Tokenizer.from_bytes(data)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", ")", "[", "a{2,1}", "*a", r"\p{Nope}", r"(?<x>a)\k<x>", r"(a)\1", "(?#", r"\G"),
        *("a{1000000000}", "((a{100}){100}){100}", r"(?<=a+)b", r"(?~a)", "a" * 300_000),
        "(?:" * 5000 + ")" * 5000,
    ],
)
def test_patterns_that_are_refused_or_work(pattern: str) -> None:
    json_ = tokenizer_json(pre_tokenizer=sequence(split(pattern), byte_level(use_regex=False)))
    data = json.dumps(json_).encode()
    tokenizer = load(data)
    if tokenizer is None:
        return
    reference = tokenizers.Tokenizer.from_str(data.decode())
    for text in TEXTS:
        assert tokenizer.encode(text).tolist() == reference.encode(text).ids


def test_an_unsupported_feature_is_named() -> None:
    pattern = {"Regex": r"(a)\1"}
    split = {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}
    replace = {"type": "Replace", "pattern": pattern, "content": "b"}
    for parts in ({"normalizer": replace}, {"pre_tokenizer": split}):
        with pytest.raises(tokmill.UnsupportedTokenizer, match=r"regular expression.* at byte 3"):
            tokmill.Tokenizer.from_bytes(json.dumps(tokenizer_json(**parts)).encode())


# --------------------------------------------------------------------------------------------------
# Rank files, snapshots, pickles
# --------------------------------------------------------------------------------------------------


def rank_file() -> bytes:
    tokens = [bytes([byte]) for byte in range(256)] + [b"th", b"the", b" the", b"in", b"ing", b"  "]
    return b"".join(base64.b64encode(token) + b" %d\n" % i for i, token in enumerate(tokens))


def test_damaged_rank_file() -> None:
    rng = random.Random(SEED)
    data = rank_file()
    special = {"<|end|>": 300}
    assert tokmill.Tokenizer.from_bytes(data, pattern=r"\s+|\S+", special_tokens=special)
    for _ in range(1500):
        changed = flipped(rng, data)
        try:
            tokenizer = tokmill.Tokenizer.from_bytes(
                changed, pattern=r"\s+|\S+", special_tokens=special
            )
        except tokmill.TokmillError:
            continue
        for text in TEXTS:
            assert tokenizer.decode(tokenizer.encode(text)) == text


def snapshot_of_small_definition() -> bytes:
    data = json.dumps(small_definition()).encode()
    return tokmill.Tokenizer.from_bytes(data)._snapshot()


def test_damaged_snapshot(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    data = snapshot_of_small_definition()
    path = tmp_path / "small.tokmill"
    path.write_bytes(data)
    assert tokmill.Tokenizer.from_file(path) == tokmill.Tokenizer.from_bytes(data)
    for _ in range(400):
        at = rng.randrange(len(data))
        changed = bytearray(data)
        changed[at] ^= 1 << rng.randrange(8)
        with pytest.raises(tokmill.TokmillError):
            tokmill.Tokenizer.from_bytes(bytes(changed))
    for length in [*range(0, 300), *range(300, len(data), len(data) // 200)]:
        with pytest.raises(tokmill.TokmillError):
            tokmill.Tokenizer.from_bytes(data[:length])
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(tokmill.InvalidTokenizer, match=r"small\.tokmill"):
        tokmill.Tokenizer.from_file(path)


def test_damaged_pickle() -> None:
    """The bytes inside a pickle are checked as any definition is."""
    rng = random.Random(SEED)
    data = tokmill.Tokenizer.from_bytes(json.dumps(small_definition()).encode())._portable_form()
    for _ in range(1500):
        try:
            engine = tokmill._core.load_definition(flipped(rng, data))
        except tokmill.TokmillError:
            continue
        tokenizer = tokmill.Tokenizer(engine)
        tokenizer.decode_batch(tokenizer.encode_batch(TEXTS))
    for length in range(0, len(data), 7):
        with pytest.raises(tokmill.TokmillError):
            tokmill._core.load_definition(data[:length])
