"""Snapshots of real definitions, and the encodings inside the package."""

from __future__ import annotations

import importlib.util
import mmap
import multiprocessing
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from definitions import SHIPPED_NAMES, data_root, needs_data, read_data
from hard_strings import hard_strings

import tokmill
from tokmill import InvalidTokenizer, Tokenizer, UnsupportedTokenizer, get_encoding

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = Path(tokmill.__file__).parent / "encodings"
TEXTS = hard_strings(11, ["<|endoftext|>"])[::4]


def same(a: Tokenizer, b: Tokenizer) -> None:
    """Equal in all that a snapshot could get wrong."""
    assert a == b
    assert a.digest == b.digest
    assert a.special_tokens == b.special_tokens
    assert a.describe() == b.describe()
    assert a.encode_batch(TEXTS).tolist() == b.encode_batch(TEXTS).tolist()
    for token in ("the", " the", "<|endoftext|>", "nonexistent token"):
        assert a.token_to_id(token) == b.token_to_id(token)
    assert a._portable_form() == b._portable_form()


# --- real definitions -----------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize("name", ["gpt2", "llama-3.1", "qwen3", "roberta-base", "modernbert-base"])
def test_full_snapshot(name: str, tmp_path: Path) -> None:
    made = Tokenizer.from_bytes(read_data(f"tokenizers/hf/{name}.json"))
    path = tmp_path / "full.tokmill"
    made.save_snapshot(path)
    opened = Tokenizer.from_file(path)
    same(made, opened)
    opened.save(tmp_path / "again.json")
    assert Tokenizer.from_file(tmp_path / "again.json") == made
    assert opened._snapshot() == path.read_bytes()
    with pytest.raises(UnsupportedTokenizer, match="compact"):
        opened._compact_snapshot()


@needs_data
@pytest.mark.parametrize(
    "file",
    [
        "tiktoken/qwen.tiktoken",
        "tiktoken/whisper_multilingual.tiktoken",
        "tekken/tekken_240911.json",
    ],
)
def test_compact_snapshot(file: str, tmp_path: Path) -> None:
    made = Tokenizer.from_bytes(read_data(f"tokenizers/{file}"))
    made.save_snapshot(tmp_path / "compact.tokmill", compact=True)
    opened = Tokenizer.from_file(tmp_path / "compact.tokmill")
    same(made, opened)
    assert opened._snapshot() == made._snapshot()


@needs_data
def test_no_compact_form(tmp_path: Path) -> None:
    """Llama 3 has tokens that only tokens of higher rank make up."""
    made = Tokenizer.from_bytes(read_data("tokenizers/tiktoken/llama3.tokenizer.model"))
    path = tmp_path / "compact.tokmill"
    with pytest.raises(UnsupportedTokenizer, match="made of later ones"):
        made.save_snapshot(path, compact=True)
    assert not path.exists()
    same(made, pickle.loads(pickle.dumps(made)))


def test_snapshot_of_a_snapshot(tmp_path: Path) -> None:
    compact = get_encoding("r50k_base")
    compact.save_snapshot(tmp_path / "full.tokmill")
    full = Tokenizer.from_file(tmp_path / "full.tokmill")
    same(compact, full)
    assert full._compact_snapshot() == (SHIPPED / "r50k_base.tokmill").read_bytes()


# --- how a file is opened -------------------------------------------------------------------------


def test_data_at_any_address() -> None:
    data = (SHIPPED / "gpt2.tokmill").read_bytes()
    for shift in (1, 3, 8):
        view = memoryview(b"x" * shift + data)[shift:]
        assert Tokenizer.from_bytes(view) == get_encoding("gpt2")


def test_mapped_by_the_caller() -> None:
    path = SHIPPED / "gpt2.tokmill"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert Tokenizer.from_bytes(memoryview(mapped)[:]) == get_encoding("gpt2")


def test_file_deleted_while_open(tmp_path: Path) -> None:
    path = tmp_path / "gone.tokmill"
    get_encoding("gpt2").save_snapshot(path)
    opened = Tokenizer.from_file(path)
    path.unlink()
    same(opened, get_encoding("gpt2"))


def test_pickle_of_a_mapped_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "mapped.tokmill"
    get_encoding("gpt2").save_snapshot(path)
    restored = pickle.loads(pickle.dumps(Tokenizer.from_file(path)))
    path.unlink()
    same(restored, get_encoding("gpt2"))


def _count(name: str) -> int:
    return len(get_encoding(name).encode("Processes share nothing that can break."))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes(method: str) -> None:
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        counts = pool.map(_count, ["gpt2", "r50k_base", "gpt2"])
    assert counts == [_count("gpt2")] * 3


@pytest.mark.parametrize("position", [0, 9, 13, 20, 30, 33, 70, 100, 500, -1])
def test_damage_is_reported(position: int, tmp_path: Path) -> None:
    data = bytearray((SHIPPED / "gpt2.tokmill").read_bytes())
    data[position] ^= 1
    if position == 0:
        with pytest.raises(InvalidTokenizer):
            Tokenizer.from_bytes(bytes(data))
        return
    path = tmp_path / "damaged.tokmill"
    path.write_bytes(data)
    with pytest.raises(InvalidTokenizer, match=r"damaged\.tokmill.*snapshot: .*at byte \d+"):
        Tokenizer.from_file(path)
    with pytest.raises(InvalidTokenizer, match="snapshot: "):
        Tokenizer.from_bytes(bytes(data))


# --- the encodings inside the package -------------------------------------------------------------


def load_builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "build_encodings", ROOT / "tools" / "build_encodings.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shipped_files() -> None:
    files = sorted(path.stem for path in SHIPPED.glob("*.tokmill"))
    assert files == sorted(SHIPPED_NAMES)
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 3_500_000
    assert "MIT License" in (SHIPPED / "LICENSE-tiktoken").read_text()


@needs_data
@pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="not in a checkout")
def test_shipped_files_are_what_the_tool_builds(tmp_path: Path) -> None:
    root = data_root()
    assert root is not None
    load_builder().build(root / "tokenizers" / "tiktoken", tmp_path)
    for name in SHIPPED_NAMES:
        built = (tmp_path / f"{name}.tokmill").read_bytes()
        assert built == (SHIPPED / f"{name}.tokmill").read_bytes(), name


@needs_data
@pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="not in a checkout")
def test_builder_refuses_other_ranks(tmp_path: Path) -> None:
    (tmp_path / "r50k_base.tiktoken").write_bytes(b"IQ== 0\n")
    with pytest.raises(SystemExit, match="digest"):
        load_builder().build(tmp_path, tmp_path / "out")


@needs_data
@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_shipped_encoding_is_the_one_of_the_rank_file(name: str) -> None:
    ranks = {"gpt2": "r50k_base", "p50k_edit": "p50k_base", "o200k_harmony": "o200k_base"}
    data = read_data(f"tokenizers/tiktoken/{ranks.get(name, name)}.tiktoken")
    same(get_encoding(name), Tokenizer.from_bytes(data, encoding=name))


@pytest.mark.parametrize("name", ["gpt2", "o200k_base"])
def test_shipped_encoding_loads_quickly(name: str) -> None:
    """In a fresh process; processor time, with a wide margin for a busy machine."""
    program = (
        "import time, tokmill\n"
        "start = time.process_time()\n"
        f"tokmill.get_encoding({name!r})\n"
        "print(time.process_time() - start)\n"
    )
    command = [sys.executable, "-c", program]
    runs = [subprocess.run(command, capture_output=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.15
