"""Counts the machine instructions of encoding, which do not depend on how busy the machine is.

    python bench/instructions.py [--note TEXT]

Runs the worker three times under valgrind's callgrind: loading only, with a first pass, and with
a repeated pass as well. The differences are the instructions of the two passes. One line a cell is
appended to bench/instructions.csv, the history by which a change of the hot loops is judged.
valgrind knows no AVX-512, so the counts are those of the AVX2 (or baseline) kernels.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import corpora
from definitions import KNOWN, known_definition
from engines import ENGINES
from engines.base import Definition
from peers import default_folder, run_worker
from run import commit

HISTORY = Path(__file__).resolve().parent / "instructions.csv"
FIELDS = (
    "date", "commit", "engine", "tokenizer", "text", "bytes", "tokens",
    "first_per_byte", "repeated_per_byte", "note",
)  # fmt: skip
CELLS = (
    ("llama-3.1", "English prose"),
    ("llama-3.1", "Python code"),
    ("llama-3.1", "Japanese"),
    ("llama-3.1", "base64 and hex"),
    ("gpt2", "English prose"),
    ("o200k", "75 languages"),
)
TEXT_BYTES = 500_000


def instructions(
    engine: str, definition: Definition, texts: Path, scratch: Path, **job: Any
) -> tuple[int, dict[str, Any]]:
    """Instructions of one worker from start to end, and its result.

    Raises RuntimeError if it fails or valgrind counts nothing.
    """
    log = scratch / "callgrind.log"
    prefix = ["valgrind", "--tool=callgrind", f"--log-file={log}",
              f"--callgrind-out-file={scratch / 'callgrind.out'}"]  # fmt: skip
    result = run_worker(
        default_folder(),
        engine,
        definition,
        texts,
        prefix=prefix,
        repeat_seconds=0.0,
        timeout=3600.0,
        **job,
    )
    if "refuses" in result:
        raise RuntimeError(f"{engine}, {definition.name}: {result['refuses']}")
    counted = re.search(r"Collected : (\d+)", log.read_text(encoding="utf-8"))
    if counted is None:
        raise RuntimeError(f"valgrind counted nothing; see its log: {log.read_text()[-300:]}")
    return int(counted[1]), result


def measure(engine: str, tokenizer: str, text: str, scratch: Path) -> dict[str, Any]:
    """The fields of one cell except the note."""
    cache = corpora.REPOSITORY / "build" / "bench" / "data"
    definition = known_definition(tokenizer, cache)
    documents = corpora.text_documents(text, TEXT_BYTES, cache)
    texts = scratch / "texts.json"
    texts.write_text(json.dumps(documents), encoding="utf-8")
    size = sum(len(document.encode("utf-8")) for document in documents)
    loaded, _ = instructions(engine, definition, texts, scratch, task="load")
    first, result = instructions(engine, definition, texts, scratch, passes=0)
    repeated, _ = instructions(engine, definition, texts, scratch, passes=1)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit(),
        "engine": engine,
        "tokenizer": tokenizer,
        "text": text,
        "bytes": size,
        "tokens": result["tokens"],
        "first_per_byte": f"{(first - loaded) / size:.2f}",
        "repeated_per_byte": f"{(repeated - first) / size:.2f}",
    }


def main() -> int:
    """Measures the cells and appends them to the history."""
    parser = argparse.ArgumentParser(description="Instruction counts of encoding.")
    parser.add_argument("--engine", default="tokmill", choices=list(ENGINES))
    parser.add_argument("--tokenizer", choices=list(KNOWN), help="only the cells of this one")
    parser.add_argument("--note", default="", help="what changed, for the history")
    parser.add_argument("--dry-run", action="store_true", help="print, do not append")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("instructions: valgrind is not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        for tokenizer, text in CELLS:
            if options.tokenizer not in (None, tokenizer):
                continue
            try:
                row = measure(options.engine, tokenizer, text, Path(scratch))
            except (RuntimeError, corpora.MissingData) as error:
                print(f"instructions: {error}", file=sys.stderr)
                return 1
            print(
                f"{tokenizer} on {text}: {row['first_per_byte']} instructions a byte in the "
                f"first pass, {row['repeated_per_byte']} in a repeated one",
                flush=True,
            )
            if not options.dry_run:
                fresh = not HISTORY.exists()
                with HISTORY.open("a", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, FIELDS)
                    if fresh:
                        writer.writeheader()
                    writer.writerow(row | {"note": options.note})
    return 0


if __name__ == "__main__":
    sys.exit(main())
