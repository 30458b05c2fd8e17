"""Compares tokmill with its peers, cell by cell, and writes one report.

    python bench/setup_peers.py          once: an environment for each peer
    python bench/run.py                  all tokenizers and texts, about an hour
    python bench/run.py --quick          one tokenizer, three texts, some minutes
    python bench/run.py --families       SentencePiece BPE, Unigram and WordPiece

See bench/README.md for the method.
"""

from __future__ import annotations

import argparse
import json
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpora
from definitions import FAMILIES, KNOWN, file_definition, known_definition
from engines import ENGINES
from engines.base import Definition
from peers import default_folder, interpreter, run_worker
from report import OURS, Record, render

PARTS = ("cells", "threads", "latency", "load", "decode", "sizes", "hostile", "memory")
DEFAULT_PARTS = ("cells", "threads", "latency", "load", "decode")
SIZES = (16, 256, 4096, 65536, 1_000_000, 10_000_000, 100_000_000)
HOSTILE_BYTES = 1_000_000
LATENCY_BYTES = 100
CHUNK_BYTES = 10_000_000
# An engine this many times slower than the fastest of round one runs no further round.
HOPELESS = 5.0


def machine() -> str:
    """Processor, number of cores and system, as far as they can be found out."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{model}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def commit() -> str:
    """Commit of the checkout, or "unknown"."""
    command = ["git", "-C", str(corpora.REPOSITORY), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


class Bench:
    """One run: its options, its temporary files and the records so far."""

    def __init__(self, options: argparse.Namespace, scratch: Path) -> None:
        self.options = options
        self.scratch = scratch
        self.cache = options.out / "data"
        self.records: list[Record] = []
        self.meta: dict[str, Any] = {
            "machine": machine(),
            "commit": commit(),
            "date": time.strftime("%Y-%m-%d"),
            "command": shlex.join(["python", *sys.argv]),
            "rounds": options.rounds,
            "engines": ", ".join(options.engines),
        }
        self._files = 0

    def definitions(self) -> list[Definition]:
        """The tokenizers asked for: known names or paths of tokenizer.json files."""
        return [
            known_definition(name, self.cache)
            if name in KNOWN or name in FAMILIES
            else file_definition(Path(name))
            for name in self.options.tokenizers
        ]

    def texts(self) -> dict[str, list[str]]:
        """The texts asked for, as documents."""
        options = self.options
        if options.text:
            return {"own files": corpora.file_documents(options.text, options.bytes)}
        return {
            name: corpora.text_documents(name, options.bytes, self.cache) for name in options.texts
        }

    def _file(self, suffix: str) -> Path:
        self._files += 1
        return self.scratch / f"{self._files}{suffix}"

    def reference(self, definition: Definition, texts: Path) -> Path:
        """File of the reference's ids of these texts. Raises RuntimeError if it has none."""
        saved = self._file(".npz")
        # Where tiktoken runs out of stack (very long words), tokenizers says what the ids are.
        for name in dict.fromkeys((definition.reference, "tokenizers-0.23.3")):
            result = run_worker(
                self.options.peers,
                name,
                definition,
                texts,
                passes=0,
                repeat_seconds=0.0,
                save=str(saved),
            )
            if "refuses" not in result:
                return saved
        raise RuntimeError(
            f"the reference {definition.reference} cannot encode: {result['refuses']}; "
            "run bench/setup_peers.py first"
        )

    def measure(
        self,
        part: str,
        text: str,
        definition: Definition,
        documents: list[str],
        *,
        task: str = "encode",
        threads: int = 1,
        engines: list[str] | None = None,
        reference: Path | None = None,
        rounds: int | None = None,
    ) -> None:
        """One cell: all engines in turn, round after round, each in a fresh process."""
        options = self.options
        texts = self._file(".json")
        texts.write_text(json.dumps(documents), encoding="utf-8")
        if reference is None and task in ("encode", "decode"):
            reference = self.reference(definition, texts)
        size = sum(len(document.encode("utf-8")) for document in documents)
        running = list(engines or options.engines)
        for round_number in range(rounds or options.rounds):
            # Another order in each round, so that no engine always follows the same one.
            turn = round_number % len(running)
            results: dict[str, Record] = {}
            for name in running[turn:] + running[:turn]:
                record: Record = {
                    "part": part,
                    "tokenizer": definition.name,
                    "text": text,
                    "engine": name,
                    "threads": threads,
                    "round": round_number,
                    "bytes": size,
                }
                job: dict[str, Any] = {"passes": options.passes, "repeat_seconds": 1.0}
                if reference is not None:
                    job["reference"] = str(reference)
                if task == "memory":
                    job |= {"stream_bytes": options.stream, "chunk_bytes": CHUNK_BYTES}
                if task == "snapshot":
                    job["snapshot"] = str(self.scratch / f"{definition.name}.snapshot")
                record |= run_worker(
                    options.peers,
                    name,
                    definition,
                    texts,
                    task=task,
                    threads=threads,
                    timeout=options.timeout,
                    **job,
                )
                results[name] = record
                self.records.append(record)
                self.say(record)
            running = self.worth_repeating(running, results)
        if reference is not None:
            reference.unlink(missing_ok=True)
        texts.unlink()
        self.save()

    def worth_repeating(self, running: list[str], results: dict[str, Record]) -> list[str]:
        """Engines that answered and are not hopelessly slow; tokmill always stays."""
        times = {
            name: record[f"first_{self.options.clock}"]
            for name, record in results.items()
            if "first_wall" in record and not record["differs"]
        }
        if not times:
            return running
        least = min(times.values())
        return [
            name
            for name in running
            if name == OURS or (name in times and times[name] < HOPELESS * least)
        ]

    def say(self, record: Record) -> None:
        """One line of progress on stderr."""
        where = f"{record['part']:8} {record['tokenizer']:10} {record['text']:20}"
        if "refuses" in record:
            what = f"refuses: {record['refuses']}"
        elif record["differs"]:
            what = f"differs in {record['differs']} documents"
        elif "first_wall" in record:
            clocks = [record.get(f"{w}_{self.options.clock}") for w in ("first", "repeated")]
            what = " / ".join(f"{record['bytes'] / c / 1e6:.1f}" for c in clocks if c) + " MB/s"
        elif "call_wall" in record:
            what = f"{record['call_wall'] * 1e6:.2f} µs a call"
        elif "resident_stream" in record:
            what = f"{record['resident_stream'][-1] / 1e6:.0f} MB at the end of the stream"
        else:
            what = f"loaded in {record['load_wall']:.4f} s"
        print(f"{where} {record['engine']:20} {what}", file=sys.stderr, flush=True)

    def save(self) -> None:
        """Writes what there is so far, so that a stopped run is not lost."""
        out: Path = self.options.out
        data = {"meta": self.meta, "records": self.records}
        (out / "results.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
        (out / "results.md").write_text(
            render(self.meta, self.records, self.options.clock), encoding="utf-8"
        )

    def cells(self) -> None:
        """Every tokenizer on every text."""
        texts = self.texts()
        for definition in self.definitions():
            for name, documents in texts.items():
                self.measure("cells", name, definition, documents)

    def threads(self) -> None:
        """One and two threads on the first text, for the scaling."""
        name, documents = next(iter(self.texts().items()))
        for definition in self.definitions()[:2]:
            for threads in (1, 2):
                self.measure("threads", name, definition, documents, threads=threads)

    def latency(self) -> None:
        """One call on a short text."""
        name, documents = next(iter(self.texts().items()))
        short = corpora.split_documents("".join(documents[:200]).replace("\n", " "), LATENCY_BYTES)
        for definition in self.definitions()[:2]:
            self.measure("latency", name, definition, short, task="latency")

    def load(self) -> None:
        """Time to load a definition, and tokmill's snapshot of it."""
        for definition in self.definitions():
            self.measure("load", "definition file", definition, [], task="load")
            if OURS in self.options.engines:
                self.measure(
                    "load", "snapshot", definition, [], task="snapshot", engines=[OURS], rounds=1
                )

    def decode(self) -> None:
        """Ids of the first text back to bytes (text, for engines that return str)."""
        name, documents = next(iter(self.texts().items()))
        for definition in self.definitions()[:2]:
            self.measure("decode", name, definition, documents, task="decode")

    def sizes(self) -> None:
        """Documents from 16 bytes to 100 MB, or as large as --largest allows."""
        definition = self.definitions()[0]
        for size in SIZES:
            if size <= self.options.largest:
                documents = corpora.sized_documents(size, self.options.bytes, self.cache)
                self.measure("sizes", f"documents of {size} B", definition, documents)

    def hostile(self) -> None:
        """Very long pretokens, at a quarter and at full length."""
        for definition in self.definitions()[:2]:
            for name in corpora.HOSTILE:
                for size in (HOSTILE_BYTES // 4, HOSTILE_BYTES):
                    documents = corpora.hostile_documents(name, size)
                    self.measure("hostile", name, definition, documents, rounds=1)

    def memory(self) -> None:
        """Resident size over a stream of words that never come again."""
        self.measure("memory", "unique words", self.definitions()[0], [], task="memory", rounds=1)


def parse() -> argparse.Namespace:
    """Options of the command line, checked."""
    parser = argparse.ArgumentParser(
        description="Compare tokmill with its peers; see bench/README.md.",
        epilog="example: python bench/run.py --tokenizers gpt2 --texts 'Python code' --parts cells",
    )
    add = parser.add_argument
    add("--tokenizers", nargs="+", default=list(KNOWN), metavar="NAME|FILE",
        help=f"of: {', '.join([*KNOWN, *FAMILIES])}; or definition files")  # fmt: skip
    add("--families", action="store_true", help=f"instead: {', '.join(FAMILIES)}; only cells")
    add("--texts", nargs="+", default=list(corpora.TEXTS), metavar="NAME",
        help=f"of: {', '.join(corpora.TEXTS)}")  # fmt: skip
    add("--text", nargs="+", type=Path, metavar="FILE", help="your own UTF-8 files instead")
    add("--engines", nargs="+", default=None, metavar="NAME",
        help=f"of: {', '.join(ENGINES)}; default: all that are installed")  # fmt: skip
    add("--parts", nargs="+", default=list(DEFAULT_PARTS), choices=PARTS)
    add("--bytes", type=int, default=2_500_000, help="of text a cell (default: %(default)s)")
    add("--largest", type=int, default=SIZES[-1], help="largest document of the part sizes")
    add("--stream", type=int, default=500_000_000, help="bytes of text of the part memory")
    add("--rounds", type=int, default=3, help="fresh processes an engine and cell (3)")
    add("--passes", type=int, default=5, help="repeated passes a process, the best counts (5)")
    add("--clock", choices=("wall", "cpu"), default="wall",
        help="what the tables show; cpu is steadier on a busy machine")  # fmt: skip
    add("--timeout", type=float, default=300.0, help="seconds a process (300)")
    add("--peers", type=Path, default=default_folder(), metavar="DIR")
    add("--out", type=Path, default=corpora.REPOSITORY / "build" / "bench", metavar="DIR")
    add("--quick", action="store_true", help="llama-3.1, three texts of 1 MB, cells and latency")
    options = parser.parse_args()
    if options.quick:
        options.tokenizers, options.parts = ["llama-3.1"], ["cells", "latency"]
        options.texts, options.bytes = list(corpora.TEXTS)[:3], 1_000_000
    if options.families:
        options.tokenizers, options.parts = list(FAMILIES), ["cells"]
    for name in options.texts:
        if name not in corpora.TEXTS:
            parser.error(f"no such text: {name}")
    for name in options.tokenizers:
        if name not in KNOWN and name not in FAMILIES and not Path(name).is_file():
            parser.error(f"no such tokenizer or file: {name}")
    if options.engines is None:
        options.engines = [n for n in ENGINES if interpreter(options.peers, n).exists()]
    for name in options.engines:
        if name not in ENGINES:
            parser.error(f"no such engine: {name}")
    return options


def main() -> int:
    """Runs the parts asked for and prints the report."""
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(options, Path(scratch))
        parts: dict[str, Callable[[], None]] = {
            "cells": bench.cells,
            "threads": bench.threads,
            "latency": bench.latency,
            "load": bench.load,
            "decode": bench.decode,
            "sizes": bench.sizes,
            "hostile": bench.hostile,
            "memory": bench.memory,
        }
        try:
            for part in options.parts:
                parts[part]()
        except (corpora.MissingData, RuntimeError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        print(render(bench.meta, bench.records, options.clock))
    print(f"saved in {options.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
