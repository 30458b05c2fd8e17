"""tokmill.compat.tiktoken against tiktoken itself: values, exceptions, messages, pickles."""

from __future__ import annotations

import copy
import inspect
import pickle
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tiktoken
import tiktoken._educational
import tiktoken.load
import tiktoken.model
from definitions import SHIPPED_NAMES, needs_data, read_data, tiktoken_parts
from hard_strings import mixtures, random_bytes, special_tokens_in_text
from hypothesis import given, settings
from hypothesis import strategies as st

import tokmill.compat.tiktoken as drop_in
from tokmill.compat.tiktoken import _educational, load, model, registry

ATTRIBUTES = (
    "name",
    "_pat_str",
    "_special_tokens",
    "_special_token_values",
    "_mergeable_ranks",
    "special_tokens_set",
    "max_token_value",
    "n_vocab",
    "eot_token",
)
SURROGATES = ("\ud83d\ude00", "a\ud800b", "\udc00\ud800")
UNSTABLE = (
    "hello fanta", "", " ", "\n", "\n \n", "a  ", "x\t\n ", "é", "日本", "don't", "12", "  !",
    "\u3000", "a\u2003",
)  # fmt: skip

NAMES = ("gpt2", "p50k_edit", "cl100k_base", "o200k_base", "o200k_harmony")

Pair = tuple[tiktoken.Encoding, drop_in.Encoding]


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest) -> Pair:
    """The reference's encoding and ours, made from the same parts."""
    ranks, pattern, special = tiktoken_parts(request.param)
    reference = tiktoken.Encoding(
        request.param, pat_str=pattern, mergeable_ranks=ranks, special_tokens=special
    )
    return reference, drop_in.get_encoding(request.param)


def outcome(call: Callable[[], Any]) -> Any:
    """The result of a call, or the type and the arguments of its exception."""
    try:
        return call()
    except Exception as error:
        return type(error), error.args


def agree(pair: Pair, call: Callable[[Any], Any], types_only: bool = False) -> Any:
    """Asserts that both answer the same; returns the answer."""
    expected, got = (outcome(lambda one=one: call(one)) for one in pair)
    if types_only and isinstance(expected, tuple) and isinstance(expected[0], type):
        assert issubclass(got[0], expected[0]), (got, expected)
    else:
        assert got == expected
        assert type(got) is type(expected)
    return got


def texts(names: list[str], count: int) -> list[str]:
    """Hard texts, some with special tokens in them and some with surrogates."""
    rng = random.Random(5)
    few = rng.sample(names, min(len(names), 8))
    spelled = rng.sample(special_tokens_in_text(rng, few), count // 2)
    return [*spelled, *mixtures(rng, count // 2), "", " ", "\n\n", "hello world", *SURROGATES]


def special_arguments(names: list[str]) -> list[dict[str, Any]]:
    some = {names[0]}
    return [
        {},
        {"allowed_special": "all"},
        {"disallowed_special": ()},
        {"allowed_special": "all", "disallowed_special": ()},
        {"allowed_special": some},
        {"allowed_special": some, "disallowed_special": ()},
        {"allowed_special": frozenset({"no such token"})},
        {"disallowed_special": some},
        {"disallowed_special": ["ab", "the"]},
        {"allowed_special": {"no such token", *some}, "disallowed_special": ("e",)},
        {"allowed_special": "all", "disallowed_special": {names[-1]}},
    ]


@needs_data
def test_facts(pair: Pair) -> None:
    for name in ATTRIBUTES:
        agree(pair, lambda one, name=name: getattr(one, name))
    agree(pair, repr)
    agree(pair, lambda one: one.token_byte_values())
    agree(pair, lambda one: one.is_special_token(one.eot_token))
    agree(pair, lambda one: one.is_special_token("a"))
    reference, ours = pair
    assert list(ours._mergeable_ranks) == sorted(
        reference._mergeable_ranks, key=reference._mergeable_ranks.__getitem__
    )


@needs_data
def test_encoding(pair: Pair) -> None:
    names = sorted(pair[0].special_tokens_set)
    for text in texts(names, 150):
        for arguments in special_arguments(names):
            got = agree(pair, lambda one, t=text, a=arguments: one.encode(t, **a))
            if isinstance(got, list):
                assert all(type(token) is int for token in got)
        agree(pair, lambda one, t=text: one.encode_ordinary(t))


@needs_data
def test_arrays(pair: Pair) -> None:
    names = sorted(pair[0].special_tokens_set)
    for text in texts(names, 40):
        for arguments in special_arguments(names):
            agree(pair, lambda one, t=text, a=arguments: one.encode_to_numpy(t, **a).tolist())
    array = pair[1].encode_to_numpy("two words")
    assert array.dtype == np.uint32


@needs_data
def test_batches(pair: Pair) -> None:
    names = sorted(pair[0].special_tokens_set)
    for rows in (texts(names, 60), ["plain", "text"], [], ["only"], ["\ud800"]):
        for arguments in special_arguments(names):
            agree(pair, lambda one, r=rows, a=arguments: one.encode_batch(r, **a))
        agree(pair, lambda one, r=rows: one.encode_ordinary_batch(r, num_threads=3))
    agree(pair, lambda one: one.encode_batch(text for text in ("a", "b")))
    agree(pair, lambda one: one.encode_batch("abc"))
    agree(pair, lambda one: one.encode_batch(["a", 5]), types_only=True)
    agree(pair, lambda one: one.encode_batch(["a", b"b"]), types_only=True)
    for call in ("encode_batch", "encode_ordinary_batch", "decode_batch", "decode_bytes_batch"):
        agree(pair, lambda one, call=call: getattr(one, call)([], num_threads=0))
        agree(pair, lambda one, call=call: getattr(one, call)(5))


@needs_data
def test_unstable(pair: Pair) -> None:
    names = sorted(pair[0].special_tokens_set)
    rng = random.Random(8)
    samples = [*UNSTABLE, f"a{names[0]}", f"{names[0]}b c", f"the {names[0]}  "]
    samples += [text[: rng.randrange(1, 12)] for text in mixtures(rng, 25)]
    for text in samples:
        for arguments in ({}, {"allowed_special": "all"}, {"disallowed_special": ()}):

            def unstable(one: Any, t: str = text, a: dict[str, Any] = arguments) -> Any:
                stable, completions = one.encode_with_unstable(t, **a)
                assert isinstance(completions, list)
                return stable, sorted(completions)

            agree(pair, unstable)


@needs_data
def test_decoding(pair: Pair) -> None:
    rng = random.Random(9)
    size = pair[0].n_vocab
    for _ in range(100):
        tokens = [rng.randrange(size) for _ in range(rng.randrange(8))]
        agree(pair, lambda one, t=tokens: one.decode(t))
        agree(pair, lambda one, t=tokens: one.decode(t, errors="strict"))
        agree(pair, lambda one, t=tokens: one.decode(t, "ignore"))
        agree(pair, lambda one, t=tokens: one.decode_bytes(tuple(t)))
        agree(pair, lambda one, t=tokens: one.decode_tokens_bytes(t))
        agree(pair, lambda one, t=tokens: one.decode_with_offsets(t))
        agree(pair, lambda one, t=tokens: one.decode_batch([t, t[:2]]))
        agree(pair, lambda one, t=tokens: one.decode_bytes_batch([t, t[:2]], num_threads=2))
    for text in ("héllo wörld", "日本語のテキスト", "😀 a 👩‍👩‍👧"):
        tokens = pair[0].encode(text)
        agree(pair, lambda one, t=tokens: one.decode_with_offsets(t))
    for token in range(0, size + 2, 97):
        agree(pair, lambda one, token=token: one.decode_single_token_bytes(token))


@needs_data
def test_every_token(pair: Pair) -> None:
    reference, ours = pair
    for token in range(0, reference.n_vocab + 2):
        expected = outcome(lambda token=token: reference.decode_single_token_bytes(token))
        assert outcome(lambda token=token: ours.decode_single_token_bytes(token)) == expected
        if isinstance(expected, bytes):
            assert ours.encode_single_token(expected) == reference.encode_single_token(expected)


UNUSUAL_TOKENS = [
    "abc", 5, None, {1, 2}, {1: 2}, [1, -1], [1, 2**32], [1, 2**80], [1, 1.5], ["a"], [10**7],
    b"ab", bytearray(b"ab"), memoryview(b"ab"), range(3), [True, np.uint16(3)], [None],
    np.array([1, 2]), np.array([1, 2], np.uint32), np.array([1, 2], np.int16)[::-1],
    np.array([1, -2]), np.array([1, 2**40]), np.array([1.0]), np.array([[1, 2]]), np.array([], int),
]  # fmt: skip


@needs_data
@pytest.mark.parametrize("tokens", UNUSUAL_TOKENS, ids=lambda tokens: type(tokens).__name__)
def test_unusual_tokens(pair: Pair, tokens: Any) -> None:
    agree(pair, lambda one: one.decode_bytes(tokens))
    agree(pair, lambda one: one.decode(tokens))
    agree(pair, lambda one: one.decode_batch([[1], tokens]))
    if not isinstance(tokens, str) or tokens:
        agree(pair, lambda one: one.decode_tokens_bytes(tokens), types_only=True)


@needs_data
def test_unusual_arguments(pair: Pair) -> None:
    for token in (-1, 2**40, "a", 1.0, None, np.int64(4), True):
        agree(pair, lambda one, t=token: one.decode_single_token_bytes(t))
    for piece in ("zzqqxx", b"\xff\xffaa", "", "\ud800", 5, bytearray(b"a"), "hello", b"a", None):
        agree(pair, lambda one, p=piece: one.encode_single_token(p), types_only=piece == 5)
    for text in (5, b"a", None, ["a"]):
        agree(pair, lambda one, t=text: one.encode_ordinary(t))
        agree(pair, lambda one, t=text: one.encode(t, disallowed_special=()))
        agree(pair, lambda one, t=text: one.encode(t), types_only=True)
    for allowed in (["x"], ("x",), {5}, None, {"x": 1}, {"x": 1}.keys(), {"\ud800"}):
        agree(pair, lambda one, a=allowed: one.encode("a", allowed_special=a), types_only=True)
        arguments = {"allowed_special": allowed, "disallowed_special": ()}
        agree(pair, lambda one, a=arguments: one.encode("a", **a))
    for refused in (5, None, "ab", ["b", ""], [], "", {"b"}):
        agree(
            pair, lambda one, r=refused: one.encode("haxx", disallowed_special=r), types_only=True
        )
    agree(pair, lambda one: one.encode("a", {"x"}), types_only=True)  # keyword-only


@needs_data
def test_pieces(pair: Pair) -> None:
    for text, data in zip(mixtures(random.Random(10), 60), random_bytes(11, 60), strict=False):
        if not text or not data:
            continue
        agree(pair, lambda one, t=text: one._encode_single_piece(t))
        agree(pair, lambda one, d=data: one._encode_single_piece(d))
        agree(pair, lambda one, d=data: one._encode_bytes(d))
        agree(pair, lambda one, t=text: one._encode_bytes(t.encode() + b"\xe3\x81"))
        agree(pair, lambda one, t=text: one._encode_only_native_bpe(t))
    for data in (5, "a", bytearray(b"ab")):
        agree(pair, lambda one, d=data: one._encode_bytes(d))


@needs_data
def test_core_bpe(pair: Pair) -> None:
    """People reach into `_core_bpe`."""
    agree(pair, lambda one: one._core_bpe.encode("a b", set()))
    agree(pair, lambda one: one._core_bpe.encode_ordinary("a b"))
    agree(pair, lambda one: one._core_bpe.encode_single_piece(b"a b"))
    agree(pair, lambda one: one._core_bpe.decode_bytes([1, 2]))
    agree(pair, lambda one: one._core_bpe.token_byte_values()[:5])
    agree(pair, lambda one: type(one._core_bpe).__name__)


@needs_data
def test_an_encoding_made_of_parts() -> None:
    """The documented way to add special tokens."""
    base = drop_in.get_encoding("cl100k_base")
    special = {**base._special_tokens, "<|im_start|>": 100264, "<|im_end|>": 100265}
    arguments = {"pat_str": base._pat_str, "special_tokens": special}
    ours = drop_in.Encoding("im", mergeable_ranks=base._mergeable_ranks, **arguments)
    theirs = tiktoken.Encoding("im", mergeable_ranks=base._mergeable_ranks, **arguments)
    text = "<|im_start|>user\nhi there<|im_end|>"
    assert ours.encode(text, allowed_special="all") == theirs.encode(text, allowed_special="all")
    with pytest.raises(ValueError, match=r"disallowed special token '<\|im_start\|>'"):
        ours.encode(text)
    assert ours.max_token_value == theirs.max_token_value


@needs_data
def test_an_encoding_that_only_resembles_a_public_one() -> None:
    """The tables of a public encoding are shared only where the ranks are the same."""
    base = drop_in.get_encoding("gpt2")
    ranks = dict(base._mergeable_ranks)
    first, second = b" the", b" of"
    ranks[first], ranks[second] = ranks[second], ranks[first]
    parts = {"pat_str": base._pat_str, "mergeable_ranks": ranks, "special_tokens": {}}
    ours, theirs = drop_in.Encoding("x", **parts), tiktoken.Encoding("x", **parts)
    text = "one of the many, of the few"
    assert ours.encode(text) == theirs.encode(text) != base.encode(text)
    parts = {**parts, "pat_str": r"\S+|\s+", "mergeable_ranks": base._mergeable_ranks}
    ours, theirs = drop_in.Encoding("x", **parts), tiktoken.Encoding("x", **parts)
    assert ours.encode(text) == theirs.encode(text)


@needs_data
@pytest.mark.parametrize(
    "change",
    [
        {"pat_str": "("},
        {"pat_str": 5},
        {"mergeable_ranks": {}},
        {"mergeable_ranks": {b"a": -1}},
        {"mergeable_ranks": {b"a": "x"}},
        {"mergeable_ranks": {"a": 1}},
        {"mergeable_ranks": {b"a": 2**33}},
        {"mergeable_ranks": {5: 1}},
        {"special_tokens": {5: 1}},
        {"special_tokens": {"a": -1}},
        {"special_tokens": {"a": "x"}},
        {"explicit_n_vocab": 5},
    ],
    ids=str,
)
def test_broken_parts(change: dict[str, Any]) -> None:
    parts: dict[str, Any] = {
        "pat_str": r"\p{L}+|.",
        "mergeable_ranks": {bytes([byte]): byte for byte in range(256)},
        "special_tokens": {"<|end|>": 256},
    }
    parts.update(change)
    expected = outcome(lambda: tiktoken.Encoding("broken", **parts))
    got = outcome(lambda: drop_in.Encoding("broken", **parts))
    assert isinstance(expected, tuple)
    assert issubclass(got[0], expected[0])


def test_pickles_and_copies() -> None:
    registered = drop_in.get_encoding("gpt2")
    data = pickle.dumps(registered)
    assert len(data) < 200
    again = pickle.loads(data)
    assert again is not registered
    assert again.encode("hello world") == registered.encode("hello world")

    custom = drop_in.Encoding(
        "custom",
        pat_str=registered._pat_str,
        mergeable_ranks=registered._mergeable_ranks,
        special_tokens={"<|pickle|>": 100_000},
    )
    for clone in (pickle.loads(pickle.dumps(custom)), copy.copy(custom), copy.deepcopy(custom)):
        assert clone.name == "custom"
        assert clone.encode("<|pickle|>!", allowed_special="all") == [100_000, 0]
        assert clone._mergeable_ranks == custom._mergeable_ranks


def test_registry() -> None:
    assert drop_in.list_encoding_names() == list(SHIPPED_NAMES) == tiktoken.list_encoding_names()
    assert drop_in.get_encoding("gpt2") is drop_in.get_encoding("gpt2")
    assert drop_in.__version__ == tiktoken.__version__
    for name in ("nope", 5):
        expected = outcome(lambda name=name: tiktoken.get_encoding(name))
        assert outcome(lambda name=name: drop_in.get_encoding(name)) == expected


def test_models() -> None:
    theirs, ours = tiktoken.model, model
    assert ours.MODEL_TO_ENCODING == theirs.MODEL_TO_ENCODING
    assert list(ours.MODEL_PREFIX_TO_ENCODING.items()) == list(
        theirs.MODEL_PREFIX_TO_ENCODING.items()
    )
    for name in ("gpt-4o", "gpt-4-0314", "ft:gpt-4:x", "gpt-oss-20b", "nope", ""):
        expected = outcome(lambda name=name: tiktoken.encoding_name_for_model(name))
        assert outcome(lambda name=name: drop_in.encoding_name_for_model(name)) == expected
    assert drop_in.encoding_for_model("gpt-4o") is drop_in.get_encoding("o200k_base")


def test_constructors_of_public_encodings() -> None:
    """What ENCODING_CONSTRUCTORS promises: the arguments of Encoding."""
    drop_in.list_encoding_names()
    constructors = registry.ENCODING_CONSTRUCTORS
    assert constructors is not None
    for name in ("gpt2", "p50k_base", "p50k_edit"):
        made = drop_in.Encoding(**constructors[name]())
        registered = drop_in.get_encoding(name)
        assert made._mergeable_ranks == registered._mergeable_ranks
        assert made.max_token_value == registered.max_token_value


def test_plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "tiktoken_ext"
    package.mkdir()
    (package / "tiny_plugin.py").write_text(
        "ENCODING_CONSTRUCTORS = {'tiny': lambda: {'name': 'tiny', 'pat_str': '.',"
        " 'mergeable_ranks': {bytes([b]): b for b in range(256)}, 'special_tokens': {}}}\n"
    )
    module = ModuleType("tiktoken_ext")
    module.__path__ = [str(package)]
    monkeypatch.setitem(sys.modules, "tiktoken_ext", module)
    monkeypatch.setattr(registry, "ENCODING_CONSTRUCTORS", None)
    monkeypatch.setattr(registry, "ENCODINGS", {})
    registry._available_plugin_modules.cache_clear()
    try:
        assert drop_in.list_encoding_names()[-1] == "tiny"
        assert drop_in.get_encoding("tiny").encode("ab") == [97, 98]
        (package / "bad_plugin.py").write_text("")
        registry._available_plugin_modules.cache_clear()
        monkeypatch.setattr(registry, "ENCODING_CONSTRUCTORS", None)
        with pytest.raises(ValueError, match="does not define ENCODING_CONSTRUCTORS"):
            drop_in.list_encoding_names()
    finally:
        registry._available_plugin_modules.cache_clear()


def test_surface() -> None:
    """Names and parameters of the public classes and functions."""
    for owner, own in (
        (tiktoken, drop_in),
        (tiktoken.Encoding, drop_in.Encoding),
        (tiktoken.load, load),
        (tiktoken.model, model),
        (tiktoken.registry, registry),
        (tiktoken._educational, _educational),
    ):
        for name, member in vars(owner).items():
            if not inspect.isfunction(member) or name == "__init__":
                continue
            theirs = inspect.signature(member).parameters
            ours = inspect.signature(getattr(own, name)).parameters
            assert [(p.name, p.kind) for p in ours.values()] == [
                (p.name, p.kind) for p in theirs.values()
            ], name


@needs_data
def test_cache_of_downloads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = read_data("tokenizers/tiktoken/r50k_base.tiktoken")
    source = tmp_path / "source.tiktoken"
    source.write_bytes(data)
    good = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
        cache = tmp_path / variable
        monkeypatch.setenv(variable, str(cache))
        ranks = load.load_tiktoken_bpe(str(source), good)
        assert ranks == drop_in.get_encoding("r50k_base")._mergeable_ranks
        (cached,) = cache.iterdir()
        # A damaged file is fetched again; with another hash nothing is believed.
        cached.write_bytes(b"damaged")
        assert load.read_file_cached(str(source), good) == data
        with pytest.raises(ValueError, match="Hash mismatch"):
            load.read_file_cached(str(source), "0" * 64)
        # The cache answers for a file that is gone, under the reference's name for it.
        cached.write_bytes(data)
        assert tiktoken.load.read_file_cached(str(source), good) == data
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    assert load.read_file_cached(str(source)) == data


def test_rank_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    path = tmp_path / "some.tiktoken"
    ranks = {b"b": 1, b"a": 0, b"\xff\x00": 700}
    load.dump_tiktoken_bpe(ranks, str(path))
    assert path.read_text() == "YQ== 0\nYg== 1\n/wA= 700\n"
    assert load.load_tiktoken_bpe(str(path)) == ranks
    path.write_text("YQ== 0\n\nnonsense\n")
    with pytest.raises(ValueError, match="Error parsing line b'nonsense'"):
        load.load_tiktoken_bpe(str(path))


@needs_data
def test_data_gym_files(monkeypatch: pytest.MonkeyPatch, data_file: Callable[[str], Path]) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    files = [str(data_file(f"tokenizers/tiktoken/gpt2.{n}")) for n in ("vocab.bpe", "encoder.json")]
    ours = load.data_gym_to_mergeable_bpe_ranks(*files)
    assert ours == tiktoken.load.data_gym_to_mergeable_bpe_ranks(*files)
    assert list(ours.values()) == list(range(50256))
    hashed = load.data_gym_to_mergeable_bpe_ranks(*files, clobber_one_byte_tokens=True)
    assert hashed == ours


def test_educational(capsys: pytest.CaptureFixture[str]) -> None:
    theirs, ours = tiktoken._educational, _educational
    text = "hello world, hello hello wörld 123 the then there\n" * 3
    pattern = r"\p{L}+| ?\p{N}+|\s+|."
    outputs = []
    for module in (theirs, ours):
        trained = module.SimpleBytePairEncoding.train(text, 270, pattern)
        tokens = trained.encode("hello there wörld")
        simple = trained.encode("then", visualise="simple")
        module.bpe_train(text, 258, pattern, visualise="simple")
        found = trained.decode(tokens), trained.decode_tokens_bytes(tokens)
        outputs.append((trained.mergeable_ranks, tokens, simple, found, capsys.readouterr().out))
    assert outputs[0] == outputs[1]
    gpt2 = ours.SimpleBytePairEncoding.from_tiktoken("gpt2")
    registered = drop_in.get_encoding("gpt2")
    assert gpt2.encode("hello fanta", visualise=None) == registered.encode("hello fanta")
    with pytest.raises(ValueError, match="at least 256"):
        ours.bpe_train("a", 5, pattern)


def test_threads_share_one_encoding() -> None:
    encoding = drop_in.get_encoding("cl100k_base")
    samples = [f"thread {i} writes näive text 日本 {i * 7919}" * (i % 5 + 1) for i in range(200)]
    expected = [encoding.encode(text) for text in samples]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(encoding.encode, samples * 5)) == expected * 5
    assert encoding.encode_batch(samples, num_threads=4) == expected


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=60), st.sampled_from(["gpt2", "cl100k_base", "o200k_base"]))
def test_round_trip(text: str, name: str) -> None:
    encoding = drop_in.get_encoding(name)
    tokens = encoding.encode_ordinary(text)
    assert encoding.decode(tokens) == text
    assert encoding.decode_bytes(tokens) == text.encode()
    decoded, offsets = encoding.decode_with_offsets(tokens)
    assert decoded == text
    assert len(offsets) == len(tokens)
