"""Files to shards and back: splitting, batching, shards, resuming, damage."""

from __future__ import annotations

import errno
import gzip
import io
import json
import lzma
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline_support import EOS_NAME, contents, small_tokenizer, some_text

import tokmill
from tokmill.pipeline import (
    InvalidOption,
    Manifest,
    PipelineError,
    ShardSet,
    encode_files,
    verify_shards,
)
from tokmill.pipeline import compression as compression_module
from tokmill.pipeline import files as files_module
from tokmill.pipeline import job as job_module
from tokmill.pipeline.compression import ByteStream
from tokmill.pipeline.count import count_files
from tokmill.pipeline.documents import DocumentOptions, Position, read_batches
from tokmill.pipeline.read_back import documents_as_bytes, open_documents
from tokmill.pipeline.shards import ShardWriter
from tokmill.pipeline.sources import Source, find_sources
from tokmill.pipeline.tokenizers import resolve_eos

TOK = small_tokenizer()
EOS = TOK.special_tokens[EOS_NAME]


@pytest.fixture(autouse=True)
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fsync is for cannot be tested here, and it takes its time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def zstd_compress(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    return bytes(zstandard.ZstdCompressor().compress(data))


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstd_compress,
}


def documents_of(path: Path, options: DocumentOptions, **arguments: Any) -> list[bytes]:
    sources = find_sources([path])
    batches = read_batches(sources, options, **arguments)
    return [document for batch in batches for document in batch.documents()]


# --- splitting -----------------------------------------------------------------------------------


def naive_split(data: bytes, separator: bytes) -> list[bytes]:
    parts = data.split(separator)
    if parts[-1] == b"":
        parts.pop()
    return parts


@settings(max_examples=200, deadline=None)
@given(
    data=st.lists(st.sampled_from([b"a", b"\n", b"\r", b"||", b"|", b"\n\n"])).map(b"".join),
    separator=st.sampled_from([b"\n\n", b"|", b"||", b"\n|"]),
    chunk=st.integers(1, 7),
)
def test_splitting_does_not_depend_on_chunks(data: bytes, separator: bytes, chunk: int) -> None:
    from tokmill.pipeline.documents import _split

    chunks = [data[i : i + chunk] for i in range(0, len(data), chunk)]
    got: list[bytes] = []
    for position, records, size, _ in _split(iter(chunks), separator, Position()):
        assert position.record == len(got)
        text = separator.join(records)
        assert data[position.byte : position.byte + size] in (text, text + separator)
        got += records
    assert got == naive_split(data, separator)


@settings(max_examples=100, deadline=None)
@given(
    data=st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n"])).map(b"".join),
    chunk=st.integers(1, 5),
)
def test_lines_end_in_lf_or_crlf(
    data: bytes, chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.txt"
    path.write_bytes(data)
    expected = [
        line[:-2] if line.endswith(b"\r\n") else line.removesuffix(b"\n")
        for line in io.BytesIO(data).readlines()
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compression_module, "CHUNK_BYTES", max(chunk, 6))
        assert documents_of(path, DocumentOptions(separator=b"\n")) == expected


def test_a_huge_line_is_one_document_in_linear_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression_module, "CHUNK_BYTES", 1000)
    path = tmp_path / "huge.txt"
    path.write_bytes(b"short\n" + b"a" * 3_000_000 + b"\nlast")
    got = documents_of(path, DocumentOptions(separator=b"\n"), batch_bytes=1000)
    assert [len(document) for document in got] == [5, 3_000_000, 4]


def test_batches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression_module, "CHUNK_BYTES", 1000)
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 9 + b"\n" + b"0123456789\n" * 5000)
    options = DocumentOptions(separator=b"\n")
    sizes = [
        sum(map(len, batch.documents()))
        for batch in read_batches(find_sources([path]), options, batch_bytes=2000)
    ]
    assert len(sizes) > 20
    assert max(sizes) <= 3100


@pytest.mark.parametrize("start", range(8))
def test_reading_can_start_after_any_document(tmp_path: Path, start: int) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\n\nthree")
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "x"}\n\n{"text": "y"}\n{"bad": 1}\n{"text": "z"}')
    (tmp_path / "c.txt").write_bytes(b"")
    options = DocumentOptions(separator=b"\n", errors="skip")
    sources = find_sources([tmp_path])
    everything = []
    positions = [Position()]
    for batch in read_batches(sources, options):
        for piece in batch.pieces:
            for number, document in enumerate(piece.documents):
                everything.append(document)
                positions.append(piece.after(number))
    assert everything == [b"one", b"two", b"", b"three", b"x", b"y", b"z"]
    rest = read_batches(sources, options, start=positions[start])
    assert [d for batch in rest for d in batch.documents()] == everything[start:]


# --- compression ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("size", [0, 1, 5, 6, 100_000])
def test_every_compression_and_skip(tmp_path: Path, suffix: str, size: int) -> None:
    data = some_text(1, size)[:size]
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(COMPRESSORS[suffix](data))
    assert b"".join(ByteStream(str(path)).chunks()) == data
    for skip in (1, size // 2, size, size + 10):
        assert b"".join(ByteStream(str(path)).chunks(skip)) == data[skip:]
    unnamed = tmp_path / "unnamed"
    unnamed.write_bytes(path.read_bytes())
    assert b"".join(ByteStream(str(unnamed)).chunks()) == data


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_members_and_padding(tmp_path: Path, suffix: str) -> None:
    compress = COMPRESSORS[suffix]
    path = tmp_path / f"a{suffix}"
    padding = b"\0" * 8 if suffix != ".zst" else b""
    path.write_bytes(compress(b"one ") + padding + compress(b"two") + padding)
    assert b"".join(ByteStream(str(path)).chunks()) == b"one two"


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_output_of_compressed_data_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(compression_module, "CHUNK_BYTES", 1 << 16)
    path = tmp_path / f"zeros{suffix}"
    path.write_bytes(COMPRESSORS[suffix](bytes(10_000_000)))
    sizes = [len(chunk) for chunk in ByteStream(str(path)).chunks()]
    assert sum(sizes) == 10_000_000
    if suffix != ".zst":
        assert max(sizes) <= 1 << 16


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "trailing", "other"])
def test_damaged_compressed_data_is_refused(tmp_path: Path, suffix: str, damage: str) -> None:
    good = COMPRESSORS[suffix](some_text(2, 5000))
    if suffix == ".zst":
        zstandard = pytest.importorskip("zstandard")
        good = zstandard.ZstdCompressor(write_checksum=True).compress(some_text(2, 5000))
    bad = {
        "truncated": good[:-5],
        "flipped": good[:200] + bytes([good[200] ^ 0xFF]) + good[201:],
        "trailing": good + b"garbage",
        "other": b"plain text",
    }[damage]
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(bad)
    with pytest.raises(PipelineError, match=r"cannot read .*a\.txt"):
        b"".join(ByteStream(str(path)).chunks())


# --- inputs --------------------------------------------------------------------------------------


def test_directories_globs_and_formats(tmp_path: Path) -> None:
    for name in ("b.txt", "a.jsonl.gz", "sub/c.json", "sub/.hidden", "out/shard_000000.bin"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    found = find_sources([tmp_path], exclude=tmp_path / "out")
    assert [(Path(s.path).name, s.format) for s in found] == [
        ("a.jsonl.gz", "jsonl"),
        ("b.txt", "text"),
        ("c.json", "text"),
    ]
    assert find_sources([tmp_path / "sub" / "c.json"], field="x")[0].format == "jsonl"
    assert [s.path for s in find_sources([f"{tmp_path}/**/*.txt"])] == [f"{tmp_path}/b.txt"]
    assert find_sources([tmp_path / "b.txt"], format="jsonl")[0].format == "jsonl"
    with pytest.raises(PipelineError, match="nothing matches"):
        find_sources([f"{tmp_path}/*.none"])
    with pytest.raises(PipelineError, match="No such file"):
        find_sources([tmp_path / "missing"])
    with pytest.raises(InvalidOption):
        find_sources(["-", "-"])
    with pytest.raises(InvalidOption):
        find_sources([])


BAD_LINES = {
    b"{": "not valid JSON",
    b'{"text": "a"} x': "not valid JSON",
    b"[" * 100_000: "not valid JSON",
    b"17": "not a JSON object but a number",
    b'{"other": "a"}': 'no field "text"',
    b'{"text": null}': "is null",
    b'{"text": ["a"]}': "is an array",
    b'{"text": "\\ud800"}': "surrogate",
    b'{"text": "\xff"}': "not valid UTF-8",
}


@pytest.mark.parametrize("with_orjson", [True, False])
@pytest.mark.parametrize("bad", BAD_LINES, ids=lambda line: line[:20].decode("latin-1"))
def test_bad_json_lines(
    tmp_path: Path, bad: bytes, with_orjson: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if with_orjson:
        pytest.importorskip("orjson")
    else:
        monkeypatch.setitem(sys.modules, "orjson", None)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a"}\n \n' + bad + b'\r\n{"n": 1e999, "text": "b"}\r\n')
    with pytest.raises(PipelineError, match=r"a\.jsonl, line 3: .*") as caught:
        documents_of(path, DocumentOptions())
    assert BAD_LINES[bad] in str(caught.value)
    assert documents_of(path, DocumentOptions(errors="skip")) == [b"a", b"b"]
    counts, total = count_files([path], TOK, errors="skip")
    assert (counts[0].documents, counts[0].skipped, total.tokens) == (2, 1, 2)


def test_json_numbers_of_any_length_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"n": ' + b"9" * 10_000 + b', "text": "\\u00e9\\n\\ud83d\\ude42"}')
    assert documents_of(path, DocumentOptions()) == ["é\n🙂".encode()]


# --- shards --------------------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Files of every kind: 1 + 2 empty + some lines; returns their directory."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_bytes(some_text(3, 20_000))
    (folder / "b.txt.gz").write_bytes(gzip.compress(b"\n\nfirst\r\n" + some_text(4, 9000)))
    lines = [json.dumps({"text": f"line {i} the and {'x' * (i % 50)}"}) for i in range(300)]
    lines.insert(7, "not json")
    lines.append("also not json")
    (folder / "c.jsonl.xz").write_bytes(lzma.compress("\n".join(lines).encode()))
    (folder / "d.txt").write_bytes(b"")
    return folder


def encode_corpus(corpus: Path, out: Path, **changes: Any) -> Manifest:
    arguments: dict[str, Any] = {
        "separator": "\n",
        "errors": "skip",
        "shard_tokens": 2000,
        **changes,
    }
    return encode_files([corpus], TOK, out, **arguments)


def expected_documents(corpus: Path) -> list[bytes]:
    batches = read_batches(find_sources([corpus]), DocumentOptions(b"\n", errors="skip"))
    return [document for batch in batches for document in batch.documents()]


def test_shards_hold_every_document_in_order(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = encode_corpus(corpus, out)
    documents = expected_documents(corpus)
    assert manifest.complete
    assert manifest.dtype == "uint16"
    assert manifest.eos is not None
    assert manifest.eos.id == EOS
    assert manifest.totals.documents == len(documents)
    assert manifest.totals.bytes == sum(map(len, documents))
    assert manifest.totals.skipped == 2
    assert len(manifest.shards) > 5
    assert Manifest.load(out).to_json() == manifest.to_json()

    shards = ShardSet(out)
    assert len(shards) == len(documents)
    for ids, document in zip(shards, documents, strict=True):
        expected = TOK.encode(document, add_special_tokens=False, special="text")
        assert ids.dtype == np.uint16
        assert ids.tolist() == [*expected.tolist(), EOS]
    assert np.array_equal(shards[-1], shards[len(shards) - 1])
    assert [row.tolist() for row in shards[3:6]] == [shards[i].tolist() for i in (3, 4, 5)]
    with pytest.raises(IndexError):
        shards[len(shards)]
    copy = pickle.loads(pickle.dumps(shards))
    assert np.array_equal(copy[5], shards[5])

    # nanoGPT reads the file like this.
    raw = np.memmap(out / "shard_000000.bin", dtype=np.uint16, mode="r")
    assert raw.tolist() == np.concatenate([shards[i] for i in range(len(shards.shard(0)))]).tolist()
    index = np.load(out / "shard_000000.idx.npy")
    assert index.dtype == np.int64
    assert index[0] == 0
    assert index[-1] == len(raw)


def test_shards_are_filled_greedily(corpus: Path, tmp_path: Path) -> None:
    manifest = encode_corpus(corpus, tmp_path / "out", shard_tokens=100)
    shards = ShardSet(tmp_path / "out")
    lengths = [len(ids) for ids in shards]
    expected: list[list[int]] = []
    for length in lengths:
        if expected and sum(expected[-1]) + length <= 100:
            expected[-1].append(length)
        else:
            expected.append([length])
    assert [shard.documents for shard in manifest.shards] == [len(row) for row in expected]
    assert max(lengths) > 100  # one of them has a shard of its own
    for before, after in zip(manifest.shards, manifest.shards[1:], strict=False):
        assert before.end == after.begin


@pytest.mark.parametrize("batch_bytes", [64, 1000, 1 << 20])
def test_shards_do_not_depend_on_batches(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_bytes: int
) -> None:
    encode_corpus(corpus, tmp_path / "out")
    monkeypatch.setattr(job_module, "BATCH_BYTES", batch_bytes)
    monkeypatch.setattr(compression_module, "CHUNK_BYTES", batch_bytes)
    encode_corpus(corpus, tmp_path / "other", threads=1)
    assert contents(tmp_path / "other") == contents(tmp_path / "out")


def test_one_document_a_file(tmp_path: Path) -> None:
    inputs = []
    for number, data in enumerate([b"a\nb", b"", b"c" * 5000]):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(data)
        inputs.append(path)
    manifest = encode_files(inputs, TOK, tmp_path / "out", shard_tokens=10)
    assert [s.documents for s in manifest.shards] == [2, 1]
    assert manifest.shards[1].tokens == 5001
    manifest = encode_files(inputs, TOK, tmp_path / "out2", skip_empty=True, eos=None, limit=1)
    assert [shard.tolist() for shard in ShardSet(tmp_path / "out2")] == [[97, 10, 98]]
    assert verify_shards(tmp_path / "out2", tokenizer=TOK).problems == []


def test_empty_documents_without_eos(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(b"\n\n\n")
    manifest = encode_files([path], TOK, tmp_path / "out", separator="\n", eos="none")
    assert (manifest.totals.documents, manifest.totals.tokens) == (3, 0)
    assert [len(ids) for ids in ShardSet(tmp_path / "out")] == [0, 0, 0]
    assert verify_shards(tmp_path / "out", tokenizer=TOK).problems == []


def test_no_documents_at_all(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(b"")
    manifest = encode_files([path], TOK, tmp_path / "out", separator="\n")
    assert manifest.complete
    assert manifest.shards == []
    assert len(ShardSet(tmp_path / "out")) == 0
    assert verify_shards(tmp_path / "out", tokenizer=TOK).problems == []


def test_special_tokens_in_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a" + EOS_NAME.encode() + b"<|pad|>")
    pad = TOK.special_tokens["<|pad|>"]

    def ids(special: Any) -> list[int]:
        encode_files(
            [path], TOK, tmp_path / "out", special=special, eos="none", existing="overwrite"
        )
        assert verify_shards(tmp_path / "out", tokenizer=TOK).problems == []
        return [int(i) for i in ShardSet(tmp_path / "out")[0]]

    assert EOS not in ids("text")
    assert ids("parse") == [97, EOS, pad]
    assert ids({EOS_NAME})[:2] == [97, EOS]
    assert pad not in ids({EOS_NAME})
    with pytest.raises(PipelineError, match=r"a\.txt: "):
        ids("raise")
    with pytest.raises(InvalidOption, match="no special token"):
        ids({"<|nothing|>"})


def test_dtype_follows_the_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    large = small_tokenizer(extra=70_000)
    manifest = encode_files([path], large, tmp_path / "large")
    assert manifest.dtype == "uint32"
    assert ShardSet(tmp_path / "large")[0].tolist()[:3] == [97, 98, 99]
    with pytest.raises(InvalidOption, match="does not fit"):
        encode_files([path], large, tmp_path / "x", dtype="uint16")
    assert encode_files([path], TOK, tmp_path / "small", dtype="uint32").dtype == "uint32"


def test_which_token_ends_a_document() -> None:
    assert resolve_eos(TOK, "auto") == EOS
    assert resolve_eos(TOK, "none") is None
    assert resolve_eos(TOK, "<|pad|>") == TOK.special_tokens["<|pad|>"]
    assert resolve_eos(TOK, str(EOS)) == EOS
    assert resolve_eos(TOK, 5) == 5
    for wrong in ("<|nothing|>", "99999999", 10**30, -1):
        with pytest.raises(InvalidOption):
            resolve_eos(TOK, wrong)
    ranks = {bytes([value]): value for value in range(256)}

    def with_special(*names: str) -> tokmill.Tokenizer:
        special = {name: 256 + i for i, name in enumerate(names)}
        return tokmill.Tokenizer.from_tiktoken(ranks, pat_str=".", special_tokens=special)

    assert resolve_eos(with_special("<|pad|>"), "auto") is None
    assert resolve_eos(with_special("</s>", "<|endoftext|>"), "auto") == 257
    with pytest.raises(InvalidOption, match="which token"):
        resolve_eos(with_special("<|end_of_text|>", "<|endoftext|>"), "auto")


def test_options_are_checked_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    for wrong in (
        {"shard_tokens": 0},
        {"limit": -1},
        {"threads": 0},
        {"separator": ""},
        {"dtype": "int8"},
        {"special": "maybe"},
        {"eos": "<|nothing|>"},
    ):
        with pytest.raises(InvalidOption):
            encode_files([path], TOK, tmp_path / "out", **wrong)  # type: ignore[arg-type]
    with pytest.raises(PipelineError, match="no tokenizer"):
        encode_files([path], tmp_path / "missing.json", tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- stopping and going on -----------------------------------------------------------------------


class Stop(BaseException):
    """Stands for the process ending on the spot."""


def close_only(writer: ShardWriter) -> None:
    writer._ids_file.close()
    writer._index_file.close()


def stop_at(monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """Ends the run at the `moment`-th write, fsync or rename; nothing is cleaned up."""
    calls = iter(range(1, 1 << 30))

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if next(calls) == moment:
                raise Stop
            return function(*args, **kwargs)

        return wrapper

    monkeypatch.setattr(os, "fsync", wrap(os.fsync))
    monkeypatch.setattr(Path, "replace", wrap(Path.replace))
    for module in ("files", "shards"):
        name = f"tokmill.pipeline.{module}.write_all"
        monkeypatch.setattr(name, wrap(files_module.write_all))
    monkeypatch.setattr(ShardWriter, "abandon", close_only)


def test_stopped_at_any_moment_the_same_call_goes_on(corpus: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    encode_corpus(corpus, whole, shard_tokens=12000)
    moment = 0
    while True:
        moment += 1
        out = tmp_path / f"out{moment}"
        with pytest.MonkeyPatch.context() as patch:
            stop_at(patch, moment)
            try:
                encode_corpus(corpus, out, shard_tokens=12000)
            except Stop:
                stopped = True
            else:
                stopped = False
        if (out / "manifest.json").exists():
            check_finished_shards(out, whole)
        encode_corpus(corpus, out, shard_tokens=12000)
        assert contents(out) == contents(whole)
        if not stopped:
            break
    assert moment > 20


def check_finished_shards(out: Path, whole: Path) -> None:
    """What the manifest of a stopped run names is whole, and what is not whole has no name."""
    expected = contents(whole)
    for shard in Manifest.load(out).shards:
        for name in (shard.file, shard.index):
            assert contents(out)[name] == expected[name]
    for name, digest in contents(out).items():
        if name.startswith("shard_"):
            assert digest == expected[name]


def test_finished_documents_are_not_encoded_again(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[bytes] = []

    original = tokmill.Tokenizer.encode_batch

    def watched(self: tokmill.Tokenizer, texts: Any, **kwargs: Any) -> tokmill.Batch:
        encoded.extend(texts)
        return original(self, texts, **kwargs)

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        stop_at(patch, 60)
        with pytest.raises(Stop):
            encode_corpus(corpus, out)
    finished = Manifest.load(out).totals.documents
    assert finished > 0
    monkeypatch.setattr(tokmill.Tokenizer, "encode_batch", watched)
    encode_corpus(corpus, out)
    assert encoded == expected_documents(corpus)[finished:]
    encoded.clear()
    encode_corpus(corpus, out)
    assert encoded == []


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_killed_process(corpus: Path, tmp_path: Path, ending: signal.Signals) -> None:
    definition = tmp_path / "tokenizer.json"
    TOK.save(definition)
    script = textwrap.dedent(
        """
        import signal, sys, time
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
        from tokmill.pipeline import encode_files
        from tokmill.pipeline.shards import ShardWriter
        commit = ShardWriter.commit
        def slow_commit(self):
            summary = commit(self)
            print(self.ids_path.name, flush=True)
            time.sleep(0.05)
            return summary
        ShardWriter.commit = slow_commit
        encode_files([sys.argv[1]], sys.argv[2], sys.argv[3], separator="\\n", errors="skip",
                     shard_tokens=2000)
        """
    )
    whole, out = tmp_path / "whole", tmp_path / "out"
    arguments: dict[str, Any] = {"separator": "\n", "errors": "skip", "shard_tokens": 2000}
    encode_files([corpus], definition, whole, **arguments)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(corpus), str(definition), str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(ending)
        assert process.wait(30) != 0
    assert len(Manifest.load(out).shards) >= 2
    check_finished_shards(out, whole)
    if ending == signal.SIGINT:
        assert not [name for name in contents(out) if name.endswith(".tmp")]
    encode_files([corpus], definition, out, existing="resume", **arguments)
    assert contents(out) == contents(whole)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shard_tokens": 1999}, "shard_tokens 2000, not 1999"),
        ({"separator": None}, "separator"),
        ({"eos": None}, "eos"),
        ({"dtype": "uint32"}, "dtype"),
        ({"limit": 5}, "limit"),
        ({"special": "parse"}, "special"),
    ],
)
def test_other_options_are_refused(
    corpus: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    out = tmp_path / "out"
    encode_corpus(corpus, out)
    before = contents(out)
    with pytest.raises(PipelineError, match=message):
        encode_corpus(corpus, out, **changes)
    assert contents(out) == before
    encode_corpus(corpus, out, existing="overwrite", **changes)
    encode_corpus(corpus, tmp_path / "fresh", **changes)
    assert contents(out) == contents(tmp_path / "fresh")


def test_other_inputs_and_tokenizers_are_refused(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    encode_corpus(corpus, out)
    with pytest.raises(PipelineError, match="digest"):
        encode_files(
            [corpus], small_tokenizer(1), out, separator="\n", errors="skip", shard_tokens=2000
        )
    (corpus / "e.txt").write_bytes(b"more")
    with pytest.raises(PipelineError, match="other inputs"):
        encode_corpus(corpus, out)
    (corpus / "e.txt").unlink()
    os.utime(corpus / "a.txt", ns=(1, 1))
    with pytest.raises(PipelineError, match=r"a\.txt has changed"):
        encode_corpus(corpus, out)


def test_directories_of_others_are_left_alone(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="nothing to resume"):
        encode_corpus(corpus, tmp_path / "out", existing="resume")
    (tmp_path / "out" / "shard_000000.bin").write_bytes(b"someone else's")
    with pytest.raises(PipelineError, match="without a manifest"):
        encode_corpus(corpus, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_bytes(b"mine")
    encode_corpus(corpus, tmp_path / "out", existing="overwrite")
    assert (tmp_path / "out" / "notes.txt").read_bytes() == b"mine"
    (tmp_path / "out" / "shard_000001.bin").unlink()
    with pytest.raises(PipelineError, match=r"shard_000001\.bin is missing"):
        encode_corpus(corpus, tmp_path / "out")


@pytest.mark.skipif(os.name == "nt", reason="no advisory locks")
def test_two_writers_do_not_mix(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with files_module.locked(out), pytest.raises(PipelineError, match="another process"):
        encode_corpus(corpus, out)


# --- failures ------------------------------------------------------------------------------------


def test_full_disk(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    written = 0
    original = files_module.write_all

    def write_all(file: Any, data: Any) -> None:
        nonlocal written
        written += len(data)
        if written > 20_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(file, data)

    with monkeypatch.context() as patch:
        patch.setattr("tokmill.pipeline.shards.write_all", write_all)
        with pytest.raises(PipelineError, match=r"cannot write .*shard.*No space left"):
            encode_corpus(corpus, out)
    assert len(Manifest.load(out).shards) >= 2
    assert not [name for name in contents(out) if name.endswith(".tmp")]
    report = verify_shards(out, tokenizer=TOK)
    assert report.problems == []
    assert not report.complete
    encode_corpus(corpus, out)
    encode_corpus(corpus, tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


def test_unreadable_input_leaves_finished_shards(corpus: Path, tmp_path: Path) -> None:
    damaged = lzma.compress(some_text(9, 3000))[:-20]
    (corpus / "z.txt.xz").write_bytes(damaged)
    out = tmp_path / "out"
    with pytest.raises(PipelineError, match=r"z\.txt\.xz: damaged"):
        encode_corpus(corpus, out)
    assert len(Manifest.load(out).shards) >= 2
    report = verify_shards(out, tokenizer=TOK, inputs=True)
    assert report.problems == []
    assert not [name for name in contents(out) if name.endswith(".tmp")]


def test_errors_of_the_tokenizer_come_through(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: tokmill.Tokenizer, texts: Any, **kwargs: Any) -> tokmill.Batch:
        raise MemoryError

    monkeypatch.setattr(tokmill.Tokenizer, "encode_batch", fail)
    with pytest.raises(MemoryError):
        encode_corpus(corpus, tmp_path / "out")


# --- verify and decode ---------------------------------------------------------------------------


def test_verify_compares_with_the_inputs(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = encode_corpus(corpus, out)
    calls: list[tuple[int, int]] = []
    report = verify_shards(out, tokenizer=TOK, progress=lambda *args: calls.append(args))
    assert report.problems == []
    assert report.compared == report.documents == manifest.totals.documents
    assert report.altered == 0
    assert report.text_bytes == manifest.totals.bytes
    os.utime(corpus / "a.txt", ns=(1, 1))
    assert not verify_shards(out, tokenizer=TOK).compared_inputs
    with pytest.raises(PipelineError, match=r"a\.txt has changed"):
        verify_shards(out, tokenizer=TOK, inputs=True)
    with pytest.raises(PipelineError, match="another tokenizer"):
        verify_shards(out, tokenizer=small_tokenizer(1))
    with pytest.raises(InvalidOption, match="name it"):
        verify_shards(out)


def damage_ids(out: Path) -> None:
    ids = np.fromfile(out / "shard_000001.bin", np.uint16)
    ids[10] = 65_000
    ids.tofile(out / "shard_000001.bin")


def damage_text(out: Path) -> None:
    ids = np.fromfile(out / "shard_000001.bin", np.uint16)
    ids[np.flatnonzero(ids != EOS)[5]] = 98
    ids.tofile(out / "shard_000001.bin")


def damage_eos(out: Path) -> None:
    ids = np.fromfile(out / "shard_000001.bin", np.uint16)
    ids[np.flatnonzero(ids == EOS)[2]] = 98
    ids.tofile(out / "shard_000001.bin")


def damage_index(out: Path) -> None:
    index = np.load(out / "shard_000001.idx.npy")
    index[3] = index[5] + 1
    np.save(out / "shard_000001.idx.npy", index)


def damage_length(out: Path) -> None:
    with (out / "shard_000001.bin").open("ab") as file:
        file.write(b"\0\0")


def damage_manifest_counts(out: Path) -> None:
    (out / "shard_000001.idx.npy").write_bytes(b"\x93NUMPY nothing")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_ids, "not in the vocabulary"),
        (damage_text, "differs from its source"),
        (damage_eos, "does not end with"),
        (damage_index, "backwards"),
        (damage_length, "tokens, not"),
        (damage_manifest_counts, "cannot read"),
        (lambda out: (out / "shard_000001.bin").unlink(), "No such file"),
    ],
)
def test_verify_finds_damage(
    corpus: Path, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    out = tmp_path / "out"
    encode_corpus(corpus, out)
    damage(out)
    report = verify_shards(out, tokenizer=TOK, inputs=True)
    assert any(message in problem for problem in report.problems), report.problems
    assert all("shard_000001" in problem for problem in report.problems), report.problems


def test_manifests_of_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no shards"):
        ShardSet(tmp_path)
    for text in ("", "[]", "{}", '{"format": "tokmill-shards", "version": 99}', "[" * 100_000):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(PipelineError, match="not a valid manifest"):
            ShardSet(tmp_path)


def test_reading_back(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    encode_corpus(corpus, out)
    documents = open_documents(out, tokenizer=TOK)
    expected = expected_documents(corpus)
    assert list(documents_as_bytes(documents)) == expected
    assert list(documents_as_bytes(documents, 7)) == [expected[7]]
    assert list(documents_as_bytes(documents, -1)) == [expected[-1]]
    with pytest.raises(PipelineError, match="there is no document"):
        list(documents_as_bytes(documents, len(expected)))
    one = open_documents(out / "shard_000001.bin", tokenizer=TOK)
    first = Manifest.load(out).shards[0].documents
    assert list(documents_as_bytes(one, 0)) == [expected[first]]
    raw = tmp_path / "raw.bin"
    np.array([97, 98, EOS, 99], np.uint16).tofile(raw)
    assert list(documents_as_bytes(open_documents(raw, tokenizer=TOK))) == [
        b"ab" + EOS_NAME.encode() + b"c"
    ]
    with pytest.raises(InvalidOption, match="name its tokenizer"):
        open_documents(raw)


# --- threads -------------------------------------------------------------------------------------


def test_stages_pass_on_errors_and_stop() -> None:
    from tokmill.pipeline.background import Stages

    def numbers() -> Iterator[int]:
        yield from range(3)
        raise KeyError("broken")

    with Stages() as stages:
        got: list[int] = []
        with pytest.raises(KeyError, match="broken"):
            got.extend(stages.ahead(n + 1 for n in stages.ahead(numbers())))
    assert got == [] or got == [1, 2, 3]

    produced = 0

    def endless() -> Iterator[int]:
        nonlocal produced
        while True:
            produced += 1
            yield produced

    with Stages() as stages:
        assert next(stages.ahead(endless())) == 1
    after = produced
    assert after <= 4
    assert produced == after


def test_source_is_described_for_messages() -> None:
    from tokmill.pipeline.documents import describe_record

    source = Source("-", "text", None, None)
    assert describe_record(source, DocumentOptions(), 0) == "standard input"
    assert describe_record(source, DocumentOptions(b"\n"), 4) == "standard input, line 5"
    assert describe_record(source, DocumentOptions(b"--"), 4) == "standard input, part 5"


def test_a_stage_that_a_signal_keeps_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from tokmill.pipeline.background import Stages

    def interrupted(self: threading.Thread) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt), Stages() as stages:
        stages.ahead(iter([1, 2]))
