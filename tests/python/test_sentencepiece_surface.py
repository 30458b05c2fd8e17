"""The call forms, options and errors of tokmill.compat.sentencepiece."""

from __future__ import annotations

import copy
import math
import os
import pickle
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentencepiece_models import model

from tokmill.compat import sentencepiece as own

reference = pytest.importorskip("sentencepiece")

TEXT = "the in tion ab 漢字 zzz"


@pytest.fixture(scope="module", params=["unigram-symbols", "bpe-specials", "word", "bpe-bytes"])
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    contents = model(request.param)
    return tuple(module.SentencePieceProcessor(model_proto=contents) for module in (reference, own))


# What the reference's messages say that comes from pybind11 or names places in its source files.
NOT_OURS = ("incompatible", "Unable to cast", "src/", " in /")


def outcome(function: Any) -> Any:
    """What a call returns, or the exception that it raises."""
    try:
        return to_lists(function())
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        return error


def check_same(expected: Any, actual: Any) -> None:
    if not isinstance(expected, Exception):
        assert actual == expected
        return
    assert type(actual) is type(expected)
    if not any(part in str(expected) for part in NOT_OURS):
        assert str(actual) == str(expected)


def to_lists(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        assert value.dtype == np.int32 and not value.flags.writeable
        return value.tolist()
    return [to_lists(item) for item in value] if isinstance(value, list) else value


FORMS = {
    "batch": lambda p: p.encode([TEXT, "", "a b"]),
    "empty batch": lambda p: p.encode([]),
    "empty batch of pieces": lambda p: p.encode([], add_bos=True, out_type=str),
    "bytes": lambda p: p.encode(TEXT.encode(), out_type=str),
    "bytes pieces": lambda p: p.encode([TEXT], out_type=bytes),
    "numpy": lambda p: p.encode(TEXT, return_type="numpy"),
    "numpy batch": lambda p: p.encode([TEXT, ""], return_type="numpy"),
    "serialized": lambda p: p.encode([TEXT, ""], return_type="serialized_proto"),
    "mapping": lambda p: p.encode([TEXT, b"a b"], return_type="offset_mapping"),
    "mapping bytes": lambda p: p.encode(TEXT, return_type="offset_mapping", return_bytes=True),
    "bos": lambda p: p.encode(TEXT, add_bos=True),
    "eos": lambda p: p.encode(TEXT, add_eos=True, out_type=str),
    "bos eos reverse": lambda p: p.encode([TEXT], add_bos=True, add_eos=True, reverse=True),
    "unk piece": lambda p: p.encode(TEXT, emit_unk_piece=True, out_type=str),
    "options with places": lambda p: p.encode(TEXT, reverse=True, return_type="offset_mapping"),
    "threads": lambda p: p.encode([TEXT] * 9, num_threads=3),
    "as pieces": lambda p: p.EncodeAsPieces(TEXT),
    "as ids": lambda p: p.encode_as_ids(TEXT),
    "tokenize": lambda p: p.Tokenize(TEXT),
    "nbest": lambda p: p.nbest_encode_as_pieces(TEXT, 3),
    "nbest batch": lambda p: p.NBestEncode([TEXT, ""], nbest_size=2, add_bos=True),
    "nbest numpy": lambda p: p.nbest_encode_as_numpy(TEXT, 2),
    "nbest 600": lambda p: p.nbest_encode(TEXT, nbest_size=600),
    "nbest -1": lambda p: p.nbest_encode(TEXT),
    "parallel": lambda p: p.parallel_encode([TEXT, ""], chunk_len=3, add_eos=True, out_type=str),
    "parallel 0": lambda p: p.parallel_encode(TEXT, chunk_len=0),
    "parallel mapping": lambda p: p.parallel_encode(TEXT, chunk_len=1, out_type="offset_mapping"),
    "sample 1": lambda p: p.encode(TEXT, enable_sampling=True, nbest_size=1),
    "sample 600": lambda p: p.encode(TEXT, enable_sampling=True, nbest_size=600),
    "sample negative": lambda p: p.sample_encode_as_ids(TEXT, -1, -0.5),
    "sample nan": lambda p: p.sample_encode_as_ids(TEXT, -1, math.nan),
    "decode id": lambda p: p.decode(7),
    "decode piece": lambda p: p.decode("▁the"),
    "decode none": lambda p: p.decode(None),
    "decode empty": lambda p: p.decode([], return_type="serialized_proto"),
    "decode batch": lambda p: p.decode([[7, 8], [], [9]]),
    "decode pieces": lambda p: p.decode([[], ["▁the", "in"]], return_type=bytes),
    "decode bytes": lambda p: p.decode([b"\xe2\x96\x81the", b"in"]),
    "decode tuple": lambda p: p.detokenize((7, 8)),
    "decode array": lambda p: p.decode(np.arange(4, 9)[::2]),
    "decode small array": lambda p: p.decode(np.arange(4, 9, dtype=np.uint8)),
    "decode 2d": lambda p: p.decode(np.arange(4, 10).reshape(2, 3)),
    "decode 3d": lambda p: p.decode(np.zeros((1, 1, 1), np.int32)),
    "decode floats": lambda p: p.decode(np.array([1.0])),
    "decode float": lambda p: p.decode([1.5]),
    "decode mixed": lambda p: p.decode([7, "a"]),
    "decode unknown": lambda p: p.decode([10**6]),
    "decode negative": lambda p: p.decode([[-1]]),
    "decode huge": lambda p: p.decode([2**40]),
    "decode huge array": lambda p: p.decode(np.array([2**40])),
    "decode int": lambda p: p.decode([7], return_type=int),
    "decode mapping": lambda p: p.decode([[7, 8], [9]], return_type="offset_mapping"),
    "decode mapping bytes": lambda p: p.decode([7], out_type="offset_mapping", return_bytes=True),
    "decode return_bytes": lambda p: p.decode([7], return_bytes=True),
    "two types": lambda p: p.encode(TEXT, out_type=int, return_type=int),
    "bad type": lambda p: p.encode(TEXT, out_type=float),
    "old type": lambda p: p.encode(TEXT, out_type="immutable_proto"),
    "no text": lambda p: p.encode(3),
    "no text in batch": lambda p: p.encode(["a", 3]),
    "tuple": lambda p: p.encode(("a", "b")),
    "surrogate": lambda p: p.encode("\ud800"),
    "surrogate in batch": lambda p: p.encode(["\ud800"]),
    "bad threads": lambda p: p.encode(TEXT, num_threads="1"),
    "bad pool": lambda p: p.encode([TEXT], thread_pool=3),
    "piece": lambda p: p.id_to_piece(7),
    "pieces": lambda p: p.IdToPiece(np.array([7, 8])),
    "piece of none": lambda p: p.id_to_piece([]),
    "piece unknown": lambda p: p.id_to_piece(10**6),
    "piece negative": lambda p: p.id_to_piece(-1),
    "piece huge": lambda p: p.id_to_piece(2**40),
    "piece of float": lambda p: p.id_to_piece(1.0),
    "id": lambda p: (p["▁the"], p.piece_to_id(b"a"), p.PieceToId(["a", b"b"]), p.piece_to_id("")),
    "id of int": lambda p: p.piece_to_id(3),
    "sizes": lambda p: (len(p), p.vocab_size(), p.piece_size(), p.GetPieceSize()),
    "normalize": lambda p: p.normalize([TEXT, b" a  b "], with_offsets=True),
    "normalize nothing": lambda p: (p.normalize("  ", with_offsets=True), p.normalize(b"")),
    "load nothing": lambda p: p.Load(),
    "load both": lambda p: p.Load("a", b"b"),
}


@pytest.mark.parametrize("form", FORMS)
def test_call_form(both: tuple[Any, Any], form: str) -> None:
    expected, actual = (outcome(lambda p=p: FORMS[form](p)) for p in both)
    check_same(expected, actual)


@pytest.mark.parametrize(
    "build",
    [
        lambda m: m.SentencePieceProcessor("/no/such/file"),
        lambda m: m.SentencePieceProcessor(os.fspath(Path.home().root)),
        lambda m: m.SentencePieceProcessor(model_proto=b"\xff\xff"),
        lambda m: m.SentencePieceProcessor(model_proto=model("word")[:500]),
        lambda m: m.SentencePieceProcessor(model_proto="text"),
        lambda m: m.SentencePieceProcessor(model_file=3),
        lambda m: m.SentencePieceProcessor().encode("a"),
        lambda m: m.SentencePieceProcessor().decode([1]),
        lambda m: m.SentencePieceProcessor().normalize("a"),
        lambda m: m.SentencePieceProcessor().serialized_model_proto(),
        lambda m: (m.SentencePieceProcessor().unk_id(), len(m.SentencePieceProcessor())),
        lambda m: m.SentencePieceProcessor.from_proto(model("word"), model_file="a"),
        lambda m: m.SentencePieceNormalizer(),
        lambda m: m.SentencePieceNormalizer(rule_name="none"),
        lambda m: m.SentencePieceNormalizer(rule_tsv="/no/such/file"),
        lambda m: m.SentencePieceNormalizer(normalizer_spec=b"\xff\xff"),
        lambda m: m.SentencePieceNormalizer(norm_map=[("a", "b"), ("a", "c")]),
        lambda m: m.SentencePieceNormalizer(norm_map=[("a", "a")]),
        lambda m: m.SentencePieceNormalizer(norm_map=[("", "a")]),
        lambda m: m.SentencePieceNormalizer(norm_map=[3]),
        lambda m: m.ThreadPool(3).num_threads(),
        lambda m: m.ThreadPool("3"),
        lambda m: m.set_random_generator_seed(-1),
        lambda m: m.set_min_log_level("a"),
    ],
)
def test_construction(build: Any) -> None:
    check_same(outcome(lambda: build(reference)), outcome(lambda: build(own)))


def test_broken_files_name_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.model"
    path.write_bytes(model("word")[:-7])
    with pytest.raises(
        RuntimeError, match=r"could not parse ModelProto from .*broken.*at byte \d+"
    ):
        own.SentencePieceProcessor(model_file=str(path))


def test_protos(both: tuple[Any, Any]) -> None:
    pytest.importorskip("google.protobuf")
    from tokmill.compat.sentencepiece import sentencepiece_model_pb2, sentencepiece_pb2

    expected, actual = both
    message = actual.encode(TEXT, return_type="proto")
    assert isinstance(message, sentencepiece_pb2.SentencePieceText)
    assert message.SerializeToString() == expected.encode_as_proto(TEXT).SerializeToString()
    assert actual.decode([[7], [8]], return_type="proto")[1].text == expected.decode(8)
    proto = sentencepiece_model_pb2.ModelProto.FromString(actual.serialized_model_proto())
    assert len(proto.pieces) == len(actual)
    assert own.SentencePieceProcessor(model_proto=proto).encode(TEXT) == actual.encode(TEXT)


def test_unknown_and_reordered_fields_are_kept() -> None:
    contents = model("bpe-bytes")
    # An extension, and the trainer's spec in two parts with a field that is given twice.
    changed = b"\xc2\x0c\x01x" + contents + b"\x12\x03\xa8\x01\x01" + b"\x12\x02\x20\x05"
    pair = [m.SentencePieceProcessor(model_proto=changed) for m in (reference, own)]
    assert pair[1].serialized_model_proto() == pair[0].serialized_model_proto()
    assert pair[1].encode(TEXT) == pair[0].encode(TEXT)


class WithAttribute(own.SentencePieceProcessor):
    """Pickle finds classes at module level only."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name


def test_pickling_keeps_options_and_attributes() -> None:
    processor = WithAttribute("x", model_proto=model("word"), out_type=str, reverse=True)
    for clone in (pickle.loads(pickle.dumps(processor)), copy.deepcopy(processor)):
        assert type(clone) is WithAttribute and clone.name == "x"
        assert clone.encode(TEXT) == processor.encode(TEXT)
    old = own.SentencePieceProcessor.__new__(own.SentencePieceProcessor)
    old.__setstate__(model("word"))
    assert old.encode(TEXT, out_type=str) == processor.encode(TEXT, reverse=False)


def draws(processor: Any, text: str, nbest_size: int, alpha: float, count: int) -> Counter[Any]:
    ids = processor.encode([text] * count, enable_sampling=True, nbest_size=nbest_size, alpha=alpha)
    return Counter(map(tuple, ids))


@pytest.mark.parametrize(
    ("name", "nbest_size", "alpha"),
    [("unigram-bytes", -1, 0.2), ("unigram-bytes", 5, 0.3), ("bpe-bytes", -1, 0.3)],
)
def test_samples_have_the_distribution_of_the_reference(
    name: str, nbest_size: int, alpha: float
) -> None:
    count = 20_000
    expected, actual = (
        draws(
            module.SentencePieceProcessor(model_proto=model(name)),
            "the tion",
            nbest_size,
            alpha,
            count,
        )
        for module in (reference, own)
    )
    for ids in expected | actual:
        mean = (expected[ids] + actual[ids]) / 2
        # Six standard deviations of the difference of two draws.
        assert abs(expected[ids] - actual[ids]) < 6 * math.sqrt(2 * mean) + 6, ids


def test_seeds_repeat_samples() -> None:
    processor = own.SentencePieceProcessor(model_proto=model("unigram-bytes"))

    def sample() -> list[list[int]]:
        own.SetRandomGeneratorSeed(7)
        return [processor.sample_encode_as_ids(TEXT, -1, 0.1) for _ in range(5)]

    assert sample() == sample()


def test_threads_share_a_processor() -> None:
    processor = own.SentencePieceProcessor(model_proto=model("unigram-symbols"))
    texts = [f"{TEXT} {i} the ab" for i in range(200)]
    expected = [processor.encode(text) for text in texts]
    failures: list[int] = []

    def work(seed: int) -> None:
        for i in range(seed, 200):
            if processor.encode(texts[i]) != expected[i]:
                failures.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert processor.encode(texts, thread_pool=own.ThreadPool(4)) == expected


@pytest.mark.parametrize("rule", ["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"])
def test_named_rules(rule: str) -> None:
    expected, actual = (m.SentencePieceNormalizer(rule_name=rule) for m in (reference, own))
    if rule != "identity":
        assert actual.Decompile() == expected.Decompile()
    text = "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0x20000)]))
    assert actual.normalize(text) == expected.normalize(text)


def test_own_rules(tmp_path: Path) -> None:
    pairs = [("foo", "bar"), ("f", ""), ("é", "e"), (" x", "漢"), ("ab", "\t")]
    rules = tmp_path / "rules.tsv"
    rules.write_text("66 6F 6F\tU+62 61\n0041\n")
    flags = {"add_dummy_prefix": False, "escape_whitespaces": False}
    for arguments in ({"norm_map": pairs}, {"norm_map": pairs, **flags}, {"rule_tsv": rules}):
        arguments = {k: os.fspath(v) if k == "rule_tsv" else v for k, v in arguments.items()}
        expected, actual = (m.SentencePieceNormalizer(**arguments) for m in (reference, own))
        assert actual.Decompile() == expected.Decompile()
        for text in ("foo fo ", " x é  éab A", "", b"\xfffoo", ["a", b"f"]):
            assert actual.normalize(text) == expected.normalize(text)
            assert actual.Normalize(text, True) == expected.Normalize(text, True)
        clone = pickle.loads(pickle.dumps(actual))
        assert clone.serialized_normalizer_spec() == actual.serialized_normalizer_spec()
        # The table itself may be laid out otherwise: the reference reads it.
        theirs = reference.SentencePieceNormalizer(model_proto=actual.serialized_model_proto())
        assert theirs.normalize("foo x é") == expected.normalize("foo x é")


def test_normalizers_of_models() -> None:
    contents = model("unigram-casefold")
    for flags in ({}, {"add_dummy_prefix": False}, {"remove_extra_whitespaces": False}):
        expected, actual = (
            m.SentencePieceNormalizer(model_proto=contents, **flags) for m in (reference, own)
        )
        assert actual.serialized_normalizer_spec() == expected.serialized_normalizer_spec()
        assert actual.serialized_model_proto() == expected.serialized_model_proto()
        assert actual.normalize("  Ab  Ｃ ") == expected.normalize("  Ab  Ｃ ")


def test_training_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="sentencepiece"):
        own.SentencePieceTrainer.train(input="x", model_prefix="y")
    with pytest.raises(NotImplementedError, match="FlatBuffers"):
        own.convert_to_flatbuffer(model_file="x")
