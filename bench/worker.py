"""Runs one engine on one cell in a process of its own and prints the result as one JSON line.

Started by run.py with the interpreter that has the engine installed:

    python worker.py JOB.json

A job names the engine, the definition, the file of texts, the cores and the task. Clocks start at
the engine's call and stop at its return; ids are converted and compared to the reference's
outside of them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before anything that could start threads or size a pool by the number of cores.
JOB: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, JOB["cores"])

import numpy as np  # noqa: E402
from engines.base import Definition, Engine, Ids, Offsets, Refused  # noqa: E402

LATENCY_CALLS = 2000


def clocked(call: Callable[[], Any]) -> tuple[Any, float, float]:
    """Result, wall seconds and processor seconds (all threads) of one call."""
    gc.collect()
    gc.disable()
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    gc.enable()
    return result, wall, cpu


def resident_bytes() -> int:
    """Resident size of this process now; 0 where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def differing(ids: Ids, offsets: Offsets, reference: str) -> int:
    """Number of texts whose ids are not the reference's; -1 if the counts of texts differ."""
    with np.load(reference) as saved:
        want, want_offsets = saved["ids"], saved["offsets"]
    if len(offsets) != len(want_offsets):
        return -1
    if np.array_equal(offsets, want_offsets) and np.array_equal(ids, want):
        return 0
    return sum(
        not np.array_equal(ids[a:b], want[c:d])
        for a, b, c, d in zip(
            offsets[:-1], offsets[1:], want_offsets[:-1], want_offsets[1:], strict=True
        )
    )


def encode_task(engine: Engine, texts: list[str], result: dict[str, Any]) -> None:
    """First pass, then repeated passes over the same texts; ids of the first and the last."""
    out, result["first_wall"], result["first_cpu"] = clocked(lambda: engine.encode(texts))
    result["resident_first"] = resident_bytes()
    ids, offsets = engine.to_ids(out)
    if "save" in JOB:
        np.savez(JOB["save"], ids=ids, offsets=offsets)
    result["tokens"] = len(ids)
    result["differs"] = differing(ids, offsets, JOB["reference"]) if "reference" in JOB else 0
    walls: list[float] = []
    cpus: list[float] = []
    while len(walls) < JOB["passes"] and (not walls or sum(walls) < JOB["repeat_seconds"]):
        del out
        out, wall, cpu = clocked(lambda: engine.encode(texts))
        walls.append(wall)
        cpus.append(cpu)
    if walls:
        result["repeated_wall"], result["repeated_cpu"] = min(walls), min(cpus)
        if "reference" in JOB and not result["differs"]:
            result["differs"] = differing(*engine.to_ids(out), JOB["reference"])


def latency_task(engine: Engine, texts: list[str], result: dict[str, Any]) -> None:
    """Seconds a call of encode_one on texts seen before: the best of several rounds over them."""
    calls = texts[:LATENCY_CALLS]
    encode_one = engine.encode_one

    def all_calls() -> None:
        for text in calls:
            encode_one(text)

    runs = [clocked(all_calls) for _ in range(JOB["passes"] + 1)]
    result["call_wall"] = min(wall for _, wall, _ in runs[1:]) / len(calls)
    result["call_cpu"] = min(cpu for _, _, cpu in runs[1:]) / len(calls)
    result["differs"] = 0


def decode_task(engine: Engine, texts: list[str], result: dict[str, Any]) -> None:
    """Decoding of the reference's ids of all texts in one call."""
    with np.load(JOB["reference"]) as saved:
        ids: Ids = saved["ids"]
    prepared = engine.decode_input(ids)
    runs = [clocked(lambda: engine.decode(prepared)) for _ in range(JOB["passes"] + 1)]
    decoded = runs[0][0]
    data = decoded.encode() if isinstance(decoded, str) else bytes(decoded)
    result["differs"] = int(data != "".join(texts).encode())
    result["first_wall"], result["first_cpu"] = runs[0][1:]
    result["repeated_wall"] = min(wall for _, wall, _ in runs[1:])
    result["repeated_cpu"] = min(cpu for _, _, cpu in runs[1:])


def snapshot_task(engine: Any, result: dict[str, Any]) -> None:
    """Writes a compiled snapshot and loads it again; only tokmill has one."""
    path = JOB["snapshot"]
    engine.tokenizer.save_snapshot(path)
    tokenizer_type = type(engine.tokenizer)
    runs = [clocked(lambda: tokenizer_type.from_file(path)) for _ in range(3)]
    result["load_wall"] = min(wall for _, wall, _ in runs)
    result["load_cpu"] = min(cpu for _, _, cpu in runs)


def memory_task(engine: Engine, result: dict[str, Any]) -> None:
    """Resident size after each chunk of a stream of words that never come again."""
    corpora = importlib.import_module("corpora")
    sizes: list[int] = []
    for chunk in range(JOB["stream_bytes"] // JOB["chunk_bytes"]):
        engine.encode(corpora.split_documents(corpora.unique_text(JOB["chunk_bytes"], chunk)))
        sizes.append(resident_bytes())
    result["resident_stream"] = sizes


def run() -> dict[str, Any]:
    """Loads the engine and does the task of the job."""
    result: dict[str, Any] = {"differs": 0}
    adapter, result["import_wall"], _ = clocked(
        lambda: importlib.import_module(f"engines.{JOB['module']}")
    )
    texts: list[str] = json.loads(Path(JOB["texts"]).read_text(encoding="utf-8"))
    definition = Definition(**JOB["definition"])
    result["resident_start"] = resident_bytes()
    try:
        engine, result["load_wall"], result["load_cpu"] = clocked(
            lambda: adapter.load(definition, JOB["threads"])
        )
    except Refused as error:
        return {"refuses": str(error)}
    result["resident_load"] = resident_bytes()
    if JOB["task"] == "encode":
        encode_task(engine, texts, result)
    elif JOB["task"] == "latency":
        latency_task(engine, texts, result)
    elif JOB["task"] == "decode":
        decode_task(engine, texts, result)
    elif JOB["task"] == "memory":
        memory_task(engine, result)
    elif JOB["task"] == "snapshot":
        snapshot_task(engine, result)
    result["resident_end"] = resident_bytes()
    result["resident_peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return result


def main() -> None:
    """Any failure of the engine is an answer too: it refuses this cell."""
    try:
        result = run()
    except BaseException as error:  # panics of Rust extensions are not Exceptions
        result = {"refuses": f"{type(error).__name__}: {error}"[:300]}
    # A marker, because some engines print on the standard output.
    print("\nRESULT " + json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
