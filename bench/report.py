"""Turns the records of run.py into markdown tables.

A record is one process: part, tokenizer, text, engine, threads, round, bytes, and what the worker
measured (see worker.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

Record = dict[str, Any]
OURS = "tokmill"


def verdict(records: list[Record]) -> str | None:
    """Why the times of an engine do not count, or None if they do."""
    for record in records:
        if "refuses" in record:
            return "not installed" if record["refuses"] == "not installed" else "refuses"
        if record["differs"]:
            return "differs"
    return None if records else "not run"


def middle(records: list[Record], key: str) -> float:
    """Median of one measurement over the rounds."""
    return float(median(record[key] for record in records))


def speed(records: list[Record], which: str, clock: str) -> float:
    """Median MB/s (10^6 bytes of UTF-8 a second) of the "first" or "repeated" pass."""
    return float(records[0]["bytes"]) / middle(records, f"{which}_{clock}") / 1e6


def number(value: float) -> str:
    """Three significant digits, never in exponent form."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    """One markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def unique(records: list[Record], *keys: str) -> list[tuple[Any, ...]]:
    """Distinct values of the keys in order of appearance."""
    return list(dict.fromkeys(tuple(record[key] for key in keys) for record in records))


def select(records: list[Record], **wanted: Any) -> list[Record]:
    """Records whose fields have these values."""
    return [r for r in records if all(r.get(key) == value for key, value in wanted.items())]


def best_peer(
    by_engine: dict[str, list[Record]], which: str, clock: str
) -> tuple[str, float] | None:
    """Fastest engine other than tokmill whose ids are exact, and its MB/s."""
    exact = {
        name: speed(records, which, clock)
        for name, records in by_engine.items()
        if name != OURS and verdict(records) is None
    }
    if not exact:
        return None
    name = max(exact, key=lambda key: exact[key])
    return name, exact[name]


def speed_table(records: list[Record], clock: str) -> str:
    """First / repeated MB/s of every engine and cell, and tokmill against the best exact peer."""
    engines = [name for (name,) in unique(records, "engine")]
    engines.sort(key=lambda name: name != OURS)
    header = ["tokenizer", "text", *engines, "best exact peer", f"{OURS} ÷ best"]
    ratios: dict[str, list[float]] = {"first": [], "repeated": []}
    rows: list[list[str]] = []
    for tokenizer, text in unique(records, "tokenizer", "text"):
        cell = select(records, tokenizer=tokenizer, text=text)
        by_engine = {name: select(cell, engine=name) for name in engines}
        row = [tokenizer, text]
        for name in engines:
            reason = verdict(by_engine[name])
            row.append(
                reason or " / ".join(number(speed(by_engine[name], w, clock)) for w in ratios)
            )
        names, compared = [], []
        for which, found in ratios.items():
            best = best_peer(by_engine, which, clock)
            names.append(f"{best[0]} {number(best[1])}" if best else "none")
            if best and verdict(by_engine.get(OURS, [])) is None:
                found.append(speed(by_engine[OURS], which, clock) / best[1])
                compared.append(f"{found[-1]:.2f}x")
        rows.append([*row, " / ".join(names), " / ".join(compared) or "-"])
    out = table(header, rows)
    for which, found in ratios.items():
        if found:
            mean = math.exp(sum(map(math.log, found)) / len(found))
            out += f"\n{which} pass: {OURS} ÷ best exact peer: least {min(found):.2f}x, "
            out += f"geometric mean {mean:.2f}x over {len(found)} cells.\n"
    return out


def thread_table(records: list[Record], clock: str) -> str:
    """MB/s with one and two threads of the same texts; always in wall time."""
    rows: list[list[str]] = []
    for tokenizer, text, engine in unique(records, "tokenizer", "text", "engine"):
        cell = select(records, tokenizer=tokenizer, text=text, engine=engine)
        reason = verdict(cell)
        row = [tokenizer, text, engine]
        if reason:
            rows.append([*row, reason, "", "", ""])
            continue
        one, two = select(cell, threads=1), select(cell, threads=2)
        if not one or not two:
            continue
        for which in ("first", "repeated"):
            a, b = speed(one, which, "wall"), speed(two, which, "wall")
            row += [f"{number(a)} → {number(b)}", f"{b / a:.2f}x"]
        rows.append(row)
    return table(
        ["tokenizer", "text", "engine", "first, 1 → 2 threads", "", "repeated, 1 → 2 threads", ""],
        rows,
    )


def value_table(
    records: list[Record], what: str, key: str, scale: float, unit: str, clock: str
) -> str:
    """One measurement an engine: `key` times `scale`, the same for every tokenizer and text."""
    rows: list[list[str]] = []
    for tokenizer, text, engine in unique(records, "tokenizer", "text", "engine"):
        cell = select(records, tokenizer=tokenizer, text=text, engine=engine)
        reason = verdict(cell)
        value = reason or number(middle(cell, f"{key}_{clock}") * scale)
        rows.append([tokenizer, text, engine, value])
    return table(["tokenizer", "text", "engine", f"{what}, {unit}"], rows)


def memory_table(records: list[Record]) -> str:
    """Resident megabytes after loading and the peak of the encode cells, the worst text of each."""
    rows: list[list[str]] = []
    for tokenizer, engine in unique(records, "tokenizer", "engine"):
        cell = [
            r for r in select(records, tokenizer=tokenizer, engine=engine) if "refuses" not in r
        ]
        if not cell:
            continue
        loaded = max(r["resident_load"] - r["resident_start"] for r in cell) / 1e6
        end = max(r["resident_end"] - r["resident_start"] for r in cell) / 1e6
        rows.append([tokenizer, engine, number(loaded), number(end)])
    header = ["tokenizer", "engine", "resident after load, MB", "after all passes, MB"]
    return table(header, rows)


def stream_table(records: list[Record]) -> str:
    """Resident megabytes at a tenth, a half and the end of the stream."""
    rows: list[list[str]] = []
    for record in records:
        sizes = record.get("resident_stream")
        if not sizes:
            rows.append([record["tokenizer"], record["engine"], "refuses", "", ""])
            continue
        places = (len(sizes) // 10, len(sizes) // 2, len(sizes) - 1)
        values = [number(sizes[place] / 1e6) for place in places]
        rows.append([record["tokenizer"], record["engine"], *values])
    return table(["tokenizer", "engine", "at a tenth, MB", "at a half, MB", "at the end, MB"], rows)


def hostile_table(records: list[Record], clock: str) -> str:
    """Seconds for a quarter of the text and for all of it; a linear engine takes four times."""
    rows: list[list[str]] = []
    for tokenizer, text, engine in unique(records, "tokenizer", "text", "engine"):
        cell = select(records, tokenizer=tokenizer, text=text, engine=engine)
        reason = verdict(cell)
        if reason:
            rows.append([tokenizer, text, engine, reason, "", ""])
            continue
        sizes = sorted({record["bytes"] for record in cell})
        times = [middle(select(cell, bytes=size), f"first_{clock}") for size in sizes]
        growth = f"{times[-1] / times[0]:.1f}x"
        rows.append([tokenizer, text, engine, *(f"{t:.4f}" for t in times), growth])
    header = ["tokenizer", "text", "engine", "a quarter, s", "all, s", "growth (linear: 4)"]
    return table(header, rows)


def render(meta: dict[str, Any], records: list[Record], clock: str) -> str:
    """The whole report."""
    out = "# Benchmark\n\n"
    out += "\n".join(f"- {key}: {value}" for key, value in meta.items()) + "\n"
    kind = {"wall": "elapsed time", "cpu": "processor time of the process"}[clock]
    out += f"- clock: {kind}; medians over the rounds\n"
    parts: dict[str, tuple[str, Callable[[list[Record]], str]]] = {
        "cells": (
            "MB/s, first pass over unseen text / repeated pass, one pinned thread",
            lambda r: speed_table(r, clock),
        ),
        "sizes": (
            "MB/s by size of the document, first / repeated pass",
            lambda r: speed_table(r, clock),
        ),
        "threads": ("Two threads, MB/s in elapsed time", lambda r: thread_table(r, clock)),
        "latency": (
            "One call on 100 bytes",
            lambda r: value_table(r, "a call", "call", 1e6, "µs", clock),
        ),
        "load": ("Loading", lambda r: value_table(r, "load", "load", 1.0, "s", clock)),
        "decode": ("Decoding, MB/s of text", lambda r: speed_table(r, clock)),
        "hostile": ("Hostile texts, first pass", lambda r: hostile_table(r, clock)),
        "memory": ("Resident memory over a stream of words seen once", stream_table),
    }
    for part, (title, make) in parts.items():
        found = select(records, part=part)
        if found:
            out += f"\n## {title}\n\n{make(found)}"
        if found and part == "cells":
            out += f"\n## Memory\n\n{memory_table(found)}"
    refused = unique([r for r in records if "refuses" in r], "engine", "tokenizer", "refuses")
    if refused:
        out += "\n## Refusals\n\n"
        out += "\n".join(f"- {e}, {t}: {why}" for e, t, why in refused) + "\n"
    return out
