"""The public Python API, method by method, on a vocabulary small enough to check by hand."""

from __future__ import annotations

import copy
import inspect
import json
import os
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiktoken
from reference_encoder import byte_alphabet

import tokmill
from tokmill import Batch, InvalidInput, InvalidTokenizer, Tokenizer, TokmillError, UnknownToken

PATTERN = r" ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"
SPECIAL = {"<|end|>": 260, "<|start|>": 261}
# The 256 bytes come first, so the id of an ASCII character is its code.
MERGED = [b"th", b"the", b" the", b" t"]


def ranks() -> dict[bytes, int]:
    return {bytes([i]): i for i in range(256)} | {token: 256 + i for i, token in enumerate(MERGED)}


def tokenizer_json() -> dict[str, Any]:
    """A byte-level definition with a template, as tokenizers writes it."""
    alphabet = byte_alphabet()
    spell = lambda token: "".join(alphabet[byte] for byte in token)  # noqa: E731
    added = [
        {
            "id": index,
            "content": content,
            "special": True,
            "normalized": False,
            "lstrip": False,
            "rstrip": False,
            "single_word": False,
        }
        for content, index in SPECIAL.items()
    ]
    start = {"id": "<|start|>", "ids": [261], "tokens": ["<|start|>"]}
    first = {"SpecialToken": {"id": "<|start|>", "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": False,
            "use_regex": True,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [first, text],
            "pair": [first, text, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<|start|>": start},
        },
        "decoder": {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": False,
            "use_regex": True,
        },
        "model": {
            "type": "BPE",
            "vocab": {spell(token): index for token, index in ranks().items()},
            "merges": ["t h", "th e", "Ġ the", "Ġ t"],
        },
    }


@pytest.fixture(scope="module")
def tok() -> Tokenizer:
    return Tokenizer.from_tiktoken(ranks(), pat_str=PATTERN, special_tokens=SPECIAL)


@pytest.fixture(scope="module")
def hf() -> Tokenizer:
    return Tokenizer.from_bytes(json.dumps(tokenizer_json()).encode())


@pytest.fixture(scope="module")
def reference() -> tiktoken.Encoding:
    return tiktoken.Encoding(
        "tiny", pat_str=PATTERN, mergeable_ranks=ranks(), special_tokens=SPECIAL
    )


TEXTS = [
    "",
    " ",
    "the",
    "a the theme",
    "\x00",
    "a\x00b\x00",
    "é",
    "ÿ" * 40,
    "語学 the",
    "🙂 the 🙂",
    "mixed é 語 🙂",
    "the " * 300,
    "語" * 1000,
    "🙂é" * 700,
    "\r\n\t  the\n",
]


# --- encode ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_encode_equals_the_reference(
    tok: Tokenizer, reference: tiktoken.Encoding, text: str
) -> None:
    ids = tok.encode(text)
    assert ids.dtype == np.uint32
    assert ids.ndim == 1
    assert ids.tolist() == reference.encode(text, allowed_special="all")
    assert tok.encode(text.encode()).tolist() == ids.tolist()
    assert tok.count(text) == len(ids)
    assert tok.decode(ids) == text
    assert tok.decode_bytes(ids) == text.encode()


def test_result_is_the_callers_own(tok: Tokenizer) -> None:
    short, long = tok.encode("the"), tok.encode("the " * 5000)
    for ids in (short, long):
        assert ids.flags.writeable
        assert ids.flags.c_contiguous
        before = ids.copy()
        ids[:] = 0
        assert tok.encode("the " * 5000).tolist()[: len(before)] == before.tolist()


def test_results_outlive_the_tokenizer() -> None:
    tokenizer = Tokenizer.from_tiktoken(ranks(), pat_str=PATTERN)
    ids = tokenizer.encode("the " * 5000)
    batch = tokenizer.encode_batch(["the " * 5000] * 3)
    stream = tokenizer.decode_stream()
    del tokenizer
    assert ids.sum() == batch[2].sum()
    assert stream.push(257) == "the"


def test_arguments_by_position_and_by_keyword(hf: Tokenizer) -> None:
    assert hf.encode("the").tolist() == [261, 257]
    assert hf.encode("the", False).tolist() == [257]
    assert hf.encode("the", add_special_tokens=False).tolist() == [257]
    assert hf.encode(text="the", special="text", add_special_tokens=True).tolist() == [261, 257]
    assert hf.count("the", False) == 1
    assert hf.fits("the", 1, add_special_tokens=False)
    assert not hf.fits("the", 1)


def test_special_policies(tok: Tokenizer) -> None:
    text = "the<|end|> the<|start|>"
    plain = tok.encode(text, special="text").tolist()
    assert 260 not in plain
    assert 261 not in plain
    assert tok.encode(text).tolist() == [257, 260, 258, 261]
    assert tok.encode(text, special="parse").tolist() == [257, 260, 258, 261]
    allowed = tok.encode(text, special={"<|end|>"}).tolist()
    assert allowed[:3] == [257, 260, 258]
    assert 261 not in allowed
    assert tok.encode(text, special=frozenset(SPECIAL)).tolist() == [257, 260, 258, 261]
    assert tok.encode(text, special=["<|end|>"]).tolist() == allowed
    assert tok.encode(text, special=set()).tolist() == plain
    assert tok.count(text, special="text") == len(plain)
    with pytest.raises(InvalidInput) as caught:
        tok.encode("é the<|end|>", special="raise")
    assert caught.value.position == len("é the".encode())
    assert tok.encode("the", special="raise").tolist() == [257]


@pytest.mark.parametrize("special", ["", "all", "PARSE", {"<|nothing|>"}, ["<|end|>", "x"]])
def test_unknown_special_values(tok: Tokenizer, special: Any) -> None:
    with pytest.raises(ValueError, match="special"):
        tok.encode("the", special=special)


@pytest.mark.parametrize("special", [1, None, b"text", {1}, [None]])
def test_special_of_wrong_type(tok: Tokenizer, special: Any) -> None:
    with pytest.raises(TypeError):
        tok.encode("the", special=special)


@pytest.mark.parametrize("text", [None, 1, 1.5, ["the"], object(), bytearray(b"the"), np.zeros(3)])
def test_text_of_wrong_type(tok: Tokenizer, text: Any) -> None:
    for call in (tok.encode, tok.count, tok.encode_with_offsets):
        with pytest.raises(TypeError, match="str or bytes"):
            call(text)
    with pytest.raises(TypeError):
        tok.fits(text, 3)


def test_wrong_calls(tok: Tokenizer) -> None:
    call: Any = tok.encode
    for arguments, keywords in [
        ((), {}),
        (("a", True, "parse", 1), {}),
        (("a",), {"text": "b"}),
        (("a",), {"unknown": 1}),
        ((), {"special": "text"}),
    ]:
        with pytest.raises(TypeError, match="encode"):
            call(*arguments, **keywords)


@pytest.mark.parametrize(
    ("text", "position"),
    [("\ud800", 0), ("é\udfff", 2), ("語🙂a\ud83dz", 8), ("x" * 600 + "\udc00", 600)],
)
def test_lone_surrogates(tok: Tokenizer, text: str, position: int) -> None:
    for call in (tok.encode, tok.count, tok.encode_with_offsets):
        with pytest.raises(InvalidInput) as caught:
            call(text)
        assert caught.value.position == position
        assert caught.value.index is None
    with pytest.raises(InvalidInput) as caught:
        tok.encode_batch(["fine", text, "fine"])
    assert caught.value.position == position
    assert caught.value.index == 1
    with pytest.raises(InvalidInput) as caught:
        tok.count_batch(["fine", text, "fine"])
    assert caught.value.index == 1


def test_bytes_that_are_not_utf8_are_lossless(tok: Tokenizer, hf: Tokenizer) -> None:
    data = bytes(range(256)) + b"the\xff the\xc3 \xe2\x82 \xf0\x9f\x99"
    for tokenizer in (tok, hf):
        ids = tokenizer.encode(data, add_special_tokens=False, special="text")
        assert tokenizer.decode_bytes(ids) == data


def test_no_utf8_copy_stays_in_the_string(tok: Tokenizer) -> None:
    for character in "é語🙂":
        text = character * 5000
        before = sys.getsizeof(text)
        tok.encode(text)
        tok.count(text)
        tok.encode_batch([text, text])
        tok.encode_with_offsets(text)
        assert sys.getsizeof(text) == before


# --- counting and fitting -------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_fits(tok: Tokenizer, text: str) -> None:
    size = tok.count(text)
    assert tok.fits(text, size)
    assert tok.fits(text, size + 1)
    assert tok.fits(text, 2**70)
    assert not tok.fits(text, -1)
    assert not tok.fits(text, -(2**70))
    assert tok.fits(text, size - 1) is False
    with pytest.raises(TypeError):
        tok.fits(text, 1.5)  # type: ignore[arg-type]


def test_count_batch(tok: Tokenizer) -> None:
    counts = tok.count_batch(TEXTS, threads=2)
    assert counts.dtype == np.int64
    assert counts.tolist() == [tok.count(text) for text in TEXTS]
    assert tok.count_batch([]).shape == (0,)


# --- offsets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_offsets(tok: Tokenizer, text: str) -> None:
    ids, spans = tok.encode_with_offsets(text)
    assert spans.dtype == np.int64
    assert spans.shape == (len(ids), 2)
    assert ids.tolist() == tok.encode(text).tolist()
    data = text.encode()
    assert [data[begin:end] for begin, end in spans] == [tok.token_bytes(i) for i in ids]
    ids, chars = tok.encode_with_offsets(text, unit="char")
    assert chars.shape == (len(ids), 2)
    assert all(0 <= begin <= end <= len(text) for begin, end in chars)
    if text.isascii():
        assert chars.tolist() == spans.tolist()


def test_offsets_of_added_tokens(hf: Tokenizer) -> None:
    ids, spans = hf.encode_with_offsets("the the")
    assert ids.tolist() == [261, 257, 258]
    assert spans.tolist() == [[0, 0], [0, 3], [3, 7]]


def test_unknown_unit(tok: Tokenizer) -> None:
    with pytest.raises(ValueError, match="unit"):
        tok.encode_with_offsets("the", unit="word")  # type: ignore[arg-type]


# --- batches --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def batch(tok: Tokenizer) -> Batch:
    return tok.encode_batch(TEXTS)


def rows_of(tok: Tokenizer) -> list[list[int]]:
    return [tok.encode(text).tolist() for text in TEXTS]


def test_batch_arrays(tok: Tokenizer, batch: Batch) -> None:
    assert batch.ids.dtype == np.uint32
    assert batch.offsets.dtype == np.int64
    assert batch.offsets.shape == (len(TEXTS) + 1,)
    assert batch.offsets[0] == 0
    assert batch.offsets[-1] == len(batch.ids)
    assert len(batch) == len(TEXTS)
    assert [row.tolist() for row in batch] == rows_of(tok)
    assert batch.tolist() == rows_of(tok)
    assert batch.lengths().tolist() == [len(row) for row in rows_of(tok)]
    assert "15 rows" in repr(batch)


def test_batch_indexing(tok: Tokenizer, batch: Batch) -> None:
    rows = rows_of(tok)
    for index in (0, 3, -1, -len(rows), np.int64(2)):
        assert batch[index].tolist() == rows[index]
    for index in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            batch[index]
    for bad in ("0", 1.0, None):
        with pytest.raises((TypeError, AttributeError)):
            batch[bad]  # type: ignore[index]
    for part in (slice(2, 5), slice(None), slice(5, 2), slice(None, None, -1), slice(1, 9, 3)):
        assert batch[part].tolist() == rows[part]
        assert batch[part].offsets[0] == 0


def test_batch_is_a_value(batch: Batch) -> None:
    same = pickle.loads(pickle.dumps(batch))
    assert same == batch
    assert batch != batch[:3]
    assert batch != 3
    with pytest.raises(TypeError):
        hash(batch)


def test_batch_with_bad_offsets_is_refused() -> None:
    ids = np.arange(4, dtype=np.uint32)
    for offsets in ([], [0], [1, 4], [0, 5], [0, 3, 2, 4], [0, -1, 4], [0, 2**60, 4]):
        bad = Batch(ids, np.array(offsets, dtype=np.int64))
        for call in (bad.tolist, bad.to_padded, bad.__arrow_c_array__):
            with pytest.raises(ValueError, match="offsets"):
                call()
    with pytest.raises(TypeError):
        Batch(ids.astype(np.int64), np.array([0, 4])).tolist()


def test_padding(tok: Tokenizer) -> None:
    batch = tok.encode_batch(["the", "", "a the"])
    ids, mask = batch.to_padded(pad_id=9)
    assert ids.dtype == mask.dtype == np.int64
    assert ids.tolist() == [[257, 9], [9, 9], [97, 258]]
    assert mask.tolist() == [[1, 0], [0, 0], [1, 1]]
    ids, mask = batch.to_padded(3, side="left", dtype=np.int32)
    assert ids.dtype == mask.dtype == np.int32
    assert ids.tolist() == [[0, 0, 257], [0, 0, 0], [0, 97, 258]]
    assert mask.tolist() == [[0, 0, 1], [0, 0, 0], [0, 1, 1]]
    ids, mask = batch.to_padded(length=1, dtype="uint32")
    assert ids.tolist() == [[257], [0], [97]]
    assert mask.tolist() == [[1], [0], [1]]
    assert batch.to_padded(0)[0].shape == (3, 0)
    assert tok.encode_batch([]).to_padded()[0].shape == (0, 0)
    for keywords in ({"side": "up"}, {"length": -1}, {"dtype": "float32"}):
        with pytest.raises(ValueError):
            batch.to_padded(**keywords)  # type: ignore[arg-type]


def test_sources_of_a_batch(tok: Tokenizer) -> None:
    rows = rows_of(tok)
    as_bytes = [text.encode() for text in TEXTS]
    mixed = [text if i % 2 else text.encode() for i, text in enumerate(TEXTS)]
    objects = np.array(TEXTS, dtype=object)
    for source in (TEXTS, tuple(TEXTS), as_bytes, mixed, iter(TEXTS), objects, (t for t in TEXTS)):
        assert tok.encode_batch(source).tolist() == rows
    # NumPy's fixed-width strings lose their trailing NULs, in NumPy itself.
    fixed = [text for text in TEXTS if not text.endswith("\x00")]
    expected = [tok.encode(text).tolist() for text in fixed]
    assert tok.encode_batch(np.array(fixed)).tolist() == expected
    assert tok.encode_batch(np.array([t.encode() for t in fixed])).tolist() == expected
    assert tok.encode_batch(np.array(fixed)[::2]).tolist() == expected[::2]
    assert len(tok.encode_batch([])) == 0


@pytest.mark.parametrize("threads", [None, 1, 2, 7])
def test_threads_do_not_change_the_result(tok: Tokenizer, threads: int | None) -> None:
    texts = [text * n for n in range(20) for text in TEXTS]
    assert tok.encode_batch(texts, threads=threads) == tok.encode_batch(texts, threads=1)


@pytest.mark.parametrize("threads", [0, -1, 2**40])
def test_bad_thread_counts(tok: Tokenizer, threads: int) -> None:
    with pytest.raises(ValueError, match="threads"):
        tok.encode_batch(["the"], threads=threads)


def test_batches_of_wrong_type(tok: Tokenizer) -> None:
    for texts in ("the", b"the", 3, None, np.zeros((2, 2), dtype="U3"), np.zeros(3)):
        with pytest.raises((TypeError, ValueError)):
            tok.encode_batch(texts)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="row 2"):
        tok.encode_batch(["a", "b", 3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="row 0"):
        tok.count_batch([None])  # type: ignore[list-item]


def test_generator_that_fails(tok: Tokenizer) -> None:
    def texts() -> Any:
        yield "the"
        raise KeyError("from the generator")

    with pytest.raises(KeyError, match="from the generator"):
        tok.encode_batch(texts())


def test_list_that_changes_meanwhile(tok: Tokenizer) -> None:
    """The rows stay alive and in place while another thread empties the list."""
    text = "the theme " * 2000
    expected = tok.encode(text).tolist()
    for _ in range(20):
        texts = [text + str(i) for i in range(50)]
        emptier = threading.Thread(target=texts.clear)
        emptier.start()
        batch = tok.encode_batch(texts, threads=2)
        emptier.join()
        assert all(row.tolist()[: len(expected)] == expected for row in batch)


class TestArrow:
    pa: Any = pytest.importorskip("pyarrow")

    @pytest.mark.parametrize(
        "kind", ["string", "large_string", "binary", "large_binary", "string_view", "binary_view"]
    )
    def test_arrays(self, tok: Tokenizer, kind: str) -> None:
        array = self.pa.array(TEXTS, type=getattr(self.pa, kind)())
        rows = rows_of(tok)
        assert tok.encode_batch(array).tolist() == rows
        assert tok.encode_batch(array[3:9]).tolist() == rows[3:9]
        assert tok.count_batch(array[3:9]).tolist() == [len(row) for row in rows[3:9]]
        chunks = self.pa.chunked_array([array[:4], array[4:4], array[4:]])
        assert tok.encode_batch(chunks).tolist() == rows
        assert len(tok.encode_batch(array[:0])) == 0

    def test_nulls_are_named(self, tok: Tokenizer) -> None:
        array = self.pa.array(["a", "b", None, "c", None])
        for texts, row in ((array, 2), (array[1:], 1), (array[3:], 1)):
            with pytest.raises(InvalidInput, match=f"row {row} ") as caught:
                tok.encode_batch(texts)
            assert caught.value.index == row
        chunks = self.pa.chunked_array([array[:2], array[2:]])
        with pytest.raises(InvalidInput, match="row 2 "):
            tok.encode_batch(chunks)
        assert tok.encode_batch(array[:2]).tolist() == [[97], [98]]

    def test_other_types_are_refused(self, tok: Tokenizer) -> None:
        for texts in (
            self.pa.array([1, 2]),
            self.pa.array([["a"]]),
            self.pa.array(["a", "b"]).dictionary_encode(),
        ):
            with pytest.raises(TypeError, match="Arrow"):
                tok.encode_batch(texts)

    def test_export(self, tok: Tokenizer, batch: Batch) -> None:
        kind = self.pa.large_list(self.pa.uint32())
        for exported in (batch.to_arrow(), self.pa.array(batch)):
            exported.validate(full=True)
            assert exported.type == kind
            assert exported.to_pylist() == rows_of(tok)
        own = tok.encode_batch(["the " * 1000] * 10)
        address = own.ids.ctypes.data
        exported = self.pa.array(own)
        assert exported.values.buffers()[1].address == address
        del own
        assert exported.to_pylist() == [tok.encode("the " * 1000).tolist()] * 10

    def test_capsules_may_go_unused(self, batch: Batch) -> None:
        for _ in range(3):
            batch.__arrow_c_array__()
            batch.__arrow_c_schema__()


# --- decode ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ids",
    [
        [116, 258, 260],
        (116, 258, 260),
        range(116, 119),
        np.array([116, 258, 260], dtype=np.uint32),
        np.array([116, 258, 260], dtype=np.uint16),
        np.array([116, 258, 260], dtype=np.int32),
        np.array([116, 258, 260], dtype=np.int64),
        np.array([116, 258, 260], dtype=np.uint64),
        np.array([116, 258, 260], dtype=">i4"),
        np.array([116, 0, 258, 0, 260, 0], dtype=np.uint32)[::2],
        np.array([116, 258, 260], dtype=object),
        [np.int64(116), np.uint16(258), 260],
        memoryview(np.array([116, 258, 260], dtype=np.int64)),
        iter([116, 258, 260]),
    ],
)
def test_forms_of_ids(tok: Tokenizer, ids: Any) -> None:
    expected = "tuv" if isinstance(ids, range) else "t the<|end|>"
    assert tok.decode(ids) == expected


def test_empty_ids(tok: Tokenizer) -> None:
    for ids in ([], (), np.array([]), np.array([], dtype=np.uint32)):
        assert tok.decode(ids) == ""
        assert tok.decode_bytes(ids) == b""
        assert tok.canonicalize(ids).tolist() == []


@pytest.mark.parametrize("bad", [262, 2**31, 2**32 - 1, 2**32, 2**63, 2**64, 2**100, -1, -(2**100)])
def test_unknown_ids(tok: Tokenizer, bad: int) -> None:
    for call in (tok.decode, tok.decode_bytes, tok.canonicalize, tok.is_canonical):
        with pytest.raises(UnknownToken) as caught:
            call([116, 117, bad, 118])
        assert caught.value.index == 2
    for call in (tok.id_to_token, tok.token_bytes, tok.decode_stream().push):
        with pytest.raises(UnknownToken):
            call(bad)
    if -(2**63) <= bad < 2**63:
        with pytest.raises(UnknownToken) as caught:
            tok.decode(np.array([116, 117, bad], dtype=np.int64))
        assert caught.value.index == 2
    with pytest.raises(UnknownToken, match="row 1") as caught:
        tok.decode_batch([[116], [117, bad]])
    assert caught.value.index == 1


@pytest.mark.parametrize("ids", ["the", b"the", 5, None, [1.0], ["a"], [None], np.array([1.0])])
def test_ids_of_wrong_type(tok: Tokenizer, ids: Any) -> None:
    for call in (tok.decode, tok.decode_bytes, tok.canonicalize):
        with pytest.raises(TypeError):
            call(ids)


def test_ids_must_be_flat(tok: Tokenizer) -> None:
    with pytest.raises(ValueError, match="one dimension"):
        tok.decode(np.zeros((2, 2), dtype=np.uint32))


def test_decode_options(tok: Tokenizer) -> None:
    ids = [257, 260, 0xE2, 0x82, 258]
    assert tok.decode(ids) == "the<|end|>\ufffd the"
    assert tok.decode(ids, True) == "the\ufffd the"
    assert tok.decode(ids, skip_special_tokens=True, errors="ignore") == "the the"
    assert tok.decode_bytes(ids, skip_special_tokens=True) == b"the\xe2\x82 the"
    with pytest.raises(UnicodeDecodeError):
        tok.decode(ids, errors="strict")
    with pytest.raises(LookupError):
        tok.decode(ids, errors="no such handler")
    with pytest.raises(TypeError):
        tok.decode(ids, errors=3)  # type: ignore[arg-type]


def test_decode_batch(tok: Tokenizer, batch: Batch) -> None:
    assert tok.decode_batch(batch) == TEXTS
    assert tok.decode_batch(batch.tolist()) == TEXTS
    assert tok.decode_batch(row for row in batch) == TEXTS
    assert tok.decode_batch([[260, 257], []], skip_special_tokens=True) == ["the", ""]
    assert tok.decode_batch([[0xFF]], errors="backslashreplace") == ["\\xff"]


def test_decode_stream(tok: Tokenizer) -> None:
    stream = tok.decode_stream()
    assert [stream.push(i) for i in "é語".encode()] == ["", "é", "", "", "語"]
    assert stream.push(258) == " the"
    assert stream.push(260) == "<|end|>"
    assert stream.finish() == ""
    assert stream.push(0xE2) == ""
    assert stream.push(0x82) == ""
    assert stream.finish() == "\ufffd"
    assert stream.push(np.uint32(257)) == "the"  # type: ignore[arg-type]
    quiet = tok.decode_stream(skip_special_tokens=True)
    assert quiet.push(260) == ""
    for bad in ("a", 1.0, None):
        with pytest.raises(TypeError):
            quiet.push(bad)  # type: ignore[arg-type]


def test_stream_gives_what_decode_gives(tok: Tokenizer) -> None:
    data = "aé語🙂".encode() + b"\xf0\x9f the \xff\xe2\x82\xe2\x82\xac\xf0\x9f\x99"
    ids = tok.encode(data)
    stream = tok.decode_stream()
    assert "".join(map(stream.push, ids.tolist())) + stream.finish() == tok.decode(ids)


# --- vocabulary -----------------------------------------------------------------------------------


def test_vocabulary_of_ranks(tok: Tokenizer) -> None:
    assert tok.vocab_size == 262
    assert tok.special_tokens == SPECIAL
    assert tok.token_bytes(258) == b" the"
    assert tok.token_bytes(0xFF) == b"\xff"
    assert tok.id_to_token(258) == " the"
    assert tok.id_to_token(0xFF) == "\ufffd"
    assert tok.token_to_id(" the") == 258
    assert tok.token_to_id(b"\xff") == 0xFF
    assert tok.token_to_id("<|end|>") == 260
    for unknown in ("nothing", b"nothing", "\ud800", ""):
        assert tok.token_to_id(unknown) is None
    vocabulary = tok.get_vocab()
    assert len(vocabulary) == 262
    assert vocabulary[" the"] == 258
    assert vocabulary[b"\xff"] == 0xFF
    assert all(tok.token_to_id(token) == index for token, index in vocabulary.items())


def test_vocabulary_of_a_file(hf: Tokenizer) -> None:
    assert hf.vocab_size == 262
    assert hf.special_tokens == SPECIAL
    assert hf.token_bytes(258) == b" the"
    assert hf.id_to_token(258) == "Ġthe"
    assert hf.token_to_id("Ġthe") == 258
    assert hf.token_to_id(b" the") == 258
    assert hf.token_to_id(" the") is None
    assert hf.token_to_id("<|start|>") == 261
    vocabulary = hf.get_vocab()
    assert vocabulary == tokenizer_json()["model"]["vocab"] | SPECIAL
    assert all(hf.token_to_id(token) == index for token, index in vocabulary.items())
    assert all(hf.id_to_token(index) == token for token, index in vocabulary.items())


def test_vocabulary_of_wrong_type(tok: Tokenizer) -> None:
    for call, bad in (
        (tok.id_to_token, "a"),
        (tok.id_to_token, 1.0),
        (tok.token_bytes, None),
        (tok.token_to_id, 3),
        (tok.token_to_id, None),
    ):
        with pytest.raises(TypeError):
            call(bad)  # type: ignore[operator]


def test_holes_in_the_vocabulary() -> None:
    sparse = Tokenizer.from_tiktoken(ranks(), pat_str=PATTERN, special_tokens={"<|far|>": 1000})
    assert sparse.vocab_size == 1001
    assert sparse.id_to_token(1000) == "<|far|>"
    with pytest.raises(UnknownToken):
        sparse.decode([999])
    with pytest.raises(UnknownToken):
        sparse.id_to_token(999)
    assert len(sparse.get_vocab()) == 261


def test_canonical(tok: Tokenizer) -> None:
    assert tok.is_canonical(tok.encode("the theme"))
    assert not tok.is_canonical([116, 104, 101])
    assert not tok.is_canonical(np.array([116, 104, 101]))
    canonical = tok.canonicalize([116, 104, 101, 260, 32, 257])
    assert canonical.dtype == np.uint32
    assert canonical.tolist() == [257, 260, 258]
    assert tok.is_canonical(canonical)


def test_describe(tok: Tokenizer) -> None:
    lines = tok.describe()
    assert lines
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in lines.items())


# --- being a value --------------------------------------------------------------------------------


def test_pickle(tok: Tokenizer, hf: Tokenizer) -> None:
    for tokenizer in (tok, hf):
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            same = pickle.loads(pickle.dumps(tokenizer, protocol))
            assert type(same) is Tokenizer
            assert same == tokenizer
            assert hash(same) == hash(tokenizer)
            assert same.encode("a the<|end|>").tolist() == tokenizer.encode("a the<|end|>").tolist()


def test_equality_is_by_content(tok: Tokenizer, hf: Tokenizer) -> None:
    same = Tokenizer.from_tiktoken(ranks(), pat_str=PATTERN, special_tokens=SPECIAL)
    assert same is not tok
    assert same == tok
    assert len({same, tok, hf}) == 2
    assert tok != hf
    assert tok != "tok"
    assert Tokenizer.from_tiktoken(ranks(), pat_str=PATTERN) != tok
    assert Tokenizer.from_tiktoken(ranks(), pat_str=PATTERN + "|x", special_tokens=SPECIAL) != tok


def test_copies_are_the_same_object(tok: Tokenizer) -> None:
    assert copy.copy(tok) is tok
    assert copy.deepcopy(tok) is tok


def test_immutable(tok: Tokenizer) -> None:
    for name in ("vocab_size", "special_tokens", "anything"):
        with pytest.raises(AttributeError):
            setattr(tok, name, 1)
    tok.special_tokens["new"] = 1
    assert tok.special_tokens == SPECIAL
    with pytest.raises(TypeError):
        Tokenizer()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Tokenizer.__new__(Tokenizer).encode("the")


def test_subclass(tok: Tokenizer) -> None:
    class Own(Tokenizer):
        pass

    own = Own.from_tiktoken(ranks(), pat_str=PATTERN, special_tokens=SPECIAL)
    assert type(own) is Own
    assert own == tok
    assert own.encode("the").tolist() == [257]


def test_repr_and_documentation(tok: Tokenizer) -> None:
    assert "262" in repr(tok)
    assert list(inspect.signature(Tokenizer.encode).parameters) == [
        "self",
        "text",
        "add_special_tokens",
        "special",
    ]
    for name in dir(Tokenizer):
        if not name.startswith("_"):
            assert inspect.getdoc(getattr(Tokenizer, name)), name
    for name in tokmill.__all__:
        assert getattr(tokmill, name).__doc__, name


def test_threads(tok: Tokenizer) -> None:
    texts = [text * 5 for text in TEXTS]
    expected = [tok.encode(text).tolist() for text in texts]
    failures: list[object] = []

    def work() -> None:
        for _ in range(20):
            if [tok.encode(text).tolist() for text in texts] != expected:
                failures.append("encode")
            if tok.encode_batch(texts, threads=2).tolist() != expected:
                failures.append("encode_batch")
            if tok.decode_batch(expected) != texts:
                failures.append("decode_batch")

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_fork(tok: Tokenizer) -> None:
    """A child encodes with threads of its own after its parent has used a pool."""
    texts = [text * 50 for text in TEXTS]
    expected = tok.encode_batch(texts, threads=2)
    child = os.fork()
    if child == 0:
        try:
            good = tok.encode_batch(texts, threads=2) == expected
            good = good and tok.encode(texts[3]).tolist() == expected[3].tolist()
            os._exit(0 if good else 1)
        except BaseException:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert tok.encode_batch(texts, threads=2) == expected


# --- files ----------------------------------------------------------------------------------------


def test_save_and_load(hf: Tokenizer, tmp_path: Path) -> None:
    hf.save(tmp_path / "saved.json")
    assert Tokenizer.from_file(tmp_path / "saved.json") == hf
    hf.save_snapshot(tmp_path / "saved.tokmill")
    mapped = Tokenizer.from_file(tmp_path / "saved.tokmill")
    assert mapped == hf
    assert mapped.encode("the<|end|> the").tolist() == hf.encode("the<|end|> the").tolist()
    assert Tokenizer.from_bytes((tmp_path / "saved.tokmill").read_bytes()) == hf
    assert pickle.loads(pickle.dumps(mapped)) == hf
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved.json", "saved.tokmill"]


def test_compact_snapshots(tok: Tokenizer, hf: Tokenizer, tmp_path: Path) -> None:
    tok.save_snapshot(tmp_path / "full.tokmill")
    tok.save_snapshot(tmp_path / "compact.tokmill", compact=True)
    small, large = ((tmp_path / f"{n}.tokmill").stat().st_size for n in ("compact", "full"))
    assert small < large
    assert Tokenizer.from_file(tmp_path / "compact.tokmill") == tok
    with pytest.raises(tokmill.UnsupportedTokenizer):
        hf.save_snapshot(tmp_path / "compact.tokmill", compact=True)
    assert Tokenizer.from_file(tmp_path / "compact.tokmill") == tok


def test_snapshot_replaced_while_mapped(hf: Tokenizer, tok: Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "one.tokmill"
    hf.save_snapshot(path)
    mapped = Tokenizer.from_file(path)
    tok.save_snapshot(path, compact=True)
    assert mapped.encode("the").tolist() == hf.encode("the").tolist()
    assert Tokenizer.from_file(path) == tok


def test_failed_save_leaves_the_old_file(hf: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        hf.save(tmp_path / "no such directory" / "file.json")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        hf.save_snapshot(tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_directories(hf: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no tokenizer"):
        Tokenizer.from_file(tmp_path)
    definition = tokenizer_json()
    (tmp_path / "tokenizer.json").write_text(json.dumps(definition))
    assert Tokenizer.from_file(tmp_path) == hf
    assert Tokenizer.from_file(str(tmp_path)) == hf
    assert Tokenizer.from_pretrained(tmp_path) == hf


def test_vocab_and_merges(hf: Tokenizer, tmp_path: Path) -> None:
    model = tokenizer_json()["model"]
    (tmp_path / "vocab.json").write_text(json.dumps(model["vocab"]))
    with pytest.raises(InvalidTokenizer, match=r"merges\.txt"):
        Tokenizer.from_file(tmp_path / "vocab.json")
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(model["merges"]) + "\n")
    expected = hf.encode("a the theme", add_special_tokens=False).tolist()
    for source in (tmp_path, tmp_path / "vocab.json", tmp_path / "merges.txt"):
        assert Tokenizer.from_file(source).encode("a the theme").tolist() == expected


def test_rank_files(tok: Tokenizer, tmp_path: Path) -> None:
    import base64

    path = tmp_path / "own.tiktoken"
    path.write_bytes(b"".join(base64.b64encode(t) + b" %d\n" % i for t, i in ranks().items()))
    assert Tokenizer.from_file(path, pattern=PATTERN, special_tokens=SPECIAL) == tok
    assert Tokenizer.from_bytes(path.read_bytes(), pattern=PATTERN, special_tokens=SPECIAL) == tok
    with pytest.raises(TokmillError):
        Tokenizer.from_file(path)
    with pytest.raises(ValueError, match="no encoding"):
        Tokenizer.from_file(path, encoding="nothing")
    with pytest.raises(ValueError, match="either"):
        Tokenizer.from_file(path, encoding="gpt2", pattern="x")


def test_from_tiktoken_checks_types() -> None:
    for bad in ({"a": 1}, {b"a": "1"}, {b"a": 1.5}, [b"a"], None):
        with pytest.raises((TypeError, AttributeError)):
            Tokenizer.from_tiktoken(bad, pat_str="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Tokenizer.from_tiktoken(ranks())  # type: ignore[call-arg]


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b"\x00" * 100, b"not a tokenizer"])
def test_broken_definitions(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(data)
    with pytest.raises(InvalidTokenizer, match=r"broken\.json"):
        Tokenizer.from_file(path)
    with pytest.raises(InvalidTokenizer):
        Tokenizer.from_bytes(data)


def test_broken_snapshots(hf: Tokenizer, tmp_path: Path) -> None:
    hf.save_snapshot(tmp_path / "good.tokmill")
    good = (tmp_path / "good.tokmill").read_bytes()
    path = tmp_path / "broken.tokmill"
    step = max(1, len(good) // 200)
    for size in range(8, len(good), step):
        path.write_bytes(good[:size])
        with pytest.raises(InvalidTokenizer):
            Tokenizer.from_file(path)
    for position in range(8, len(good), step):
        damaged = bytearray(good)
        damaged[position] ^= 0x40
        with pytest.raises(InvalidTokenizer):
            Tokenizer.from_bytes(bytes(damaged))


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Tokenizer.from_file(tmp_path / "nothing.json")
    with pytest.raises(TypeError):
        Tokenizer.from_file(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Tokenizer.from_bytes("text")  # type: ignore[arg-type]


def test_hub_cache(hf: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(TokmillError, match="some/model"):
        Tokenizer.from_pretrained("some/model")
    repository = tmp_path / "models--some--model"
    (repository / "snapshots" / "0123abcd").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123abcd")
    definition = repository / "snapshots" / "0123abcd" / "tokenizer.json"
    definition.write_text(json.dumps(tokenizer_json()))
    assert Tokenizer.from_pretrained("some/model") == hf
    assert Tokenizer.from_pretrained("some/model", revision="0123abcd") == hf
    with pytest.raises(TokmillError):
        Tokenizer.from_pretrained("some/model", revision="other")


# --- shipped encodings ----------------------------------------------------------------------------

SIZES = {
    "gpt2": 50257,
    "r50k_base": 50257,
    "p50k_base": 50281,
    "p50k_edit": 50284,
    "cl100k_base": 100277,
    "o200k_base": 200019,
    "o200k_harmony": 201088,
}


@pytest.mark.parametrize("name", SIZES)
def test_shipped_encodings(name: str) -> None:
    encoding = tokmill.get_encoding(name)
    assert encoding is tokmill.get_encoding(name)
    assert encoding.vocab_size == SIZES[name]
    text = "Hello, world! 12345 don't\n\n  naïve 語学 🙂<|endoftext|>"
    ids = encoding.encode(text)
    assert encoding.decode(ids) == text
    assert ids[-1] == encoding.special_tokens["<|endoftext|>"]
    assert pickle.loads(pickle.dumps(encoding)) == encoding


@pytest.mark.parametrize("name", SIZES)
def test_shipped_encodings_are_those_of_the_rank_files(
    data_file: Callable[[str], Path], name: str
) -> None:
    """tools/build_encodings.py made them; it has to be run again when the format changes."""
    ranks = {"gpt2": "r50k_base", "p50k_edit": "p50k_base", "o200k_harmony": "o200k_base"}
    path = data_file(f"tokenizers/tiktoken/{ranks.get(name, name)}.tiktoken")
    built = Tokenizer.from_file(path, encoding=name)
    assert built == tokmill.get_encoding(name)
    shipped = Path(tokmill.__file__).parent / "encodings" / f"{name}.tokmill"
    assert built._compact_snapshot() == shipped.read_bytes()
    if name not in ranks:
        assert Tokenizer.from_file(path) == built


def test_encoding_names() -> None:
    assert tokmill.list_encoding_names() == list(SIZES)
    with pytest.raises(ValueError, match="o200k_base"):
        tokmill.get_encoding("nothing")
    with pytest.raises(TypeError):
        tokmill.get_encoding(3)  # type: ignore[arg-type]


def test_models() -> None:
    from tiktoken import model as reference

    for name in reference.MODEL_TO_ENCODING:
        assert tokmill.encoding_name_for_model(name) == reference.encoding_name_for_model(name)
    for prefix in reference.MODEL_PREFIX_TO_ENCODING:
        name = prefix + "2099-01-01"
        assert tokmill.encoding_name_for_model(name) == reference.encoding_name_for_model(name)
    assert tokmill.encoding_for_model("gpt-4o") is tokmill.get_encoding("o200k_base")
    with pytest.raises(KeyError):
        tokmill.encoding_for_model("no such model")


# --- errors ---------------------------------------------------------------------------------------


def test_error_classes() -> None:
    for kind in (
        tokmill.UnsupportedTokenizer,
        tokmill.InvalidTokenizer,
        tokmill.InvalidInput,
        tokmill.UnknownToken,
    ):
        assert issubclass(kind, TokmillError)
        error = kind("what happened", index=3, position=5)
        same = pickle.loads(pickle.dumps(error))
        assert (str(same), same.index, same.position) == ("what happened", 3, 5)
        assert (kind("x").index, kind("x").position) == (None, None)
