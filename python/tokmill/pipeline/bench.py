"""Throughput of a tokenizer on the user's own text, beside other libraries.

Every measurement runs in a process of its own, so that "first pass" means a tokenizer that has
never seen the text. Before a speed counts, the ids of all engines are compared.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np

import tokmill

from .bench_peers import load_engine
from .documents import DEFAULT_FIELD, DocumentOptions, read_batches
from .errors import PipelineError
from .sources import Format, find_sources
from .tokenizers import load_tokenizer

PEERS = ("tokenizers", "tiktoken")
_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One engine at one number of threads; rates in MB of text a second, load time in seconds.

    `same_ids` tells whether its ids equal tokmill's; the rates are None if they do not, or if the
    engine cannot run this tokenizer (`note` says why).
    """

    engine: str
    threads: int
    same_ids: bool
    load_seconds: float | None
    first: float | None
    repeated: float | None
    note: str = ""


class _Task(TypedDict):
    engine: str
    threads: int
    tokenizer: str
    inputs: list[str]
    format: Format
    field: str
    separator: str | None
    text_bytes: int


class _Result(TypedDict, total=False):
    error: str
    documents: int
    bytes: int
    tokens: int
    load_seconds: float
    first_seconds: float
    repeated_seconds: float
    ids_sha256: str


@dataclass(frozen=True, slots=True)
class BenchReport:
    """The text that was measured, and the measurements."""

    documents: int
    text_bytes: int
    tokens: int
    measurements: list[Measurement]


def run_bench(
    inputs: Sequence[str],
    tokenizer: str,
    *,
    format: Format = "auto",
    field: str | None = None,
    separator: bytes | None = None,
    text_bytes: int = 64 << 20,
    threads: int | None = None,
    compare: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> BenchReport:
    """Measures the first and the repeated pass over at most `text_bytes` of the inputs.

    Documents are passed as str, with one thread and with `threads` (None: all cores). With
    `compare`, the packages tokenizers and tiktoken run beside tokmill where they are installed.

    Raises PipelineError if tokmill itself fails on the inputs.
    """
    cores = threads or len(_affinity())
    engines = ["tokmill", *(peer for peer in PEERS if compare and importlib.util.find_spec(peer))]
    measurements: list[Measurement] = []
    reference: _Result = {}
    # Looked at here, so that a mistake in the arguments is reported as what it is.
    find_sources(inputs, format=format, field=field)
    with tempfile.TemporaryDirectory() as folder:
        definition = _definition_file(tokenizer, Path(folder), compare)
        for count in sorted({1, cores}):
            for engine in engines:
                progress(f"{engine}, {count} {'thread' if count == 1 else 'threads'}")
                task = _Task(
                    engine=engine,
                    threads=count,
                    tokenizer=tokenizer if engine == "tokmill" else definition,
                    inputs=list(inputs),
                    format=format,
                    field=field or DEFAULT_FIELD,
                    separator=None if separator is None else separator.decode("latin-1"),
                    text_bytes=text_bytes,
                )
                result = _in_own_process(task)
                if not reference:
                    reference = result
                    if "error" in result:
                        raise PipelineError(result["error"])
                measurements.append(_measurement(task, result, reference))
    return BenchReport(
        reference["documents"], reference["bytes"], reference["tokens"], measurements
    )


def _measurement(task: _Task, result: _Result, reference: _Result) -> Measurement:
    engine, threads = task["engine"], task["threads"]
    if "error" in result:
        return Measurement(engine, threads, False, None, None, None, result["error"])
    if result["ids_sha256"] != reference["ids_sha256"]:
        note = "other ids: not comparable"
        return Measurement(engine, threads, False, result["load_seconds"], None, None, note)
    megabytes = result["bytes"] / 1e6
    return Measurement(
        engine,
        threads,
        True,
        result["load_seconds"],
        megabytes / result["first_seconds"],
        megabytes / result["repeated_seconds"],
    )


def _definition_file(tokenizer: str, folder: Path, compare: bool) -> str:
    """A file that the peers can read: the tokenizer.json itself, or one that tokmill writes."""
    if not compare:
        return tokenizer
    path = Path(tokenizer)
    if path.is_file() and path.suffix == ".json":
        return tokenizer
    written = folder / "tokenizer.json"
    try:
        load_tokenizer(tokenizer).save(written)
    except tokmill.TokmillError:
        return tokenizer
    return str(written)


def _in_own_process(task: _Task) -> _Result:
    environment = {
        **os.environ,
        "RAYON_NUM_THREADS": str(task["threads"]),
        "TOKENIZERS_PARALLELISM": "true" if task["threads"] > 1 else "false",
    }
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return {"error": lines[-1]}
    result: _Result = json.loads(done.stdout)
    return result


def _affinity() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _read_texts(task: _Task) -> list[str]:
    options = DocumentOptions(
        None if task["separator"] is None else task["separator"].encode("latin-1"), task["field"]
    )
    texts: list[str] = []
    room = task["text_bytes"]
    for batch in read_batches(
        find_sources(task["inputs"], format=task["format"], field=task["field"]), options
    ):
        for document in batch.documents():
            if texts and len(document) > room:
                return texts
            texts.append(document.decode("utf-8", "replace"))
            room -= len(document)
    if not texts:
        raise PipelineError("the inputs hold no documents")
    return texts


def _work(task: _Task) -> _Result:
    texts = _read_texts(task)
    started = time.perf_counter()
    encode, flatten = load_engine(task["engine"], task["tokenizer"], task["threads"])
    loaded = time.perf_counter()
    rows = encode(texts)
    first = time.perf_counter()
    digest = hashlib.sha256()
    tokens = 0
    for row in flatten(rows):
        ids = np.asarray(row, np.uint32)
        digest.update(len(ids).to_bytes(8, "little") + ids.tobytes())
        tokens += len(ids)
    del rows
    repeated = float("inf")
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        encode(texts)
        repeated = min(repeated, time.perf_counter() - begin)
    return {
        "documents": len(texts),
        "bytes": sum(len(text.encode()) for text in texts),
        "tokens": tokens,
        "load_seconds": loaded - started,
        "first_seconds": first - loaded,
        "repeated_seconds": repeated,
        "ids_sha256": digest.hexdigest(),
    }


if __name__ == "__main__":
    try:
        print(json.dumps(_work(json.load(sys.stdin))))
    except Exception as failure:  # whatever a peer raises is a line in the table
        print(" ".join(f"{failure}".split()) or type(failure).__name__, file=sys.stderr)
        raise SystemExit(1) from None
