"""tokmill in the byte-level benchmark; run by bytelm.py, each task in a process of its own.

    python bench/bytelm_tokmill.py overhead
    python bench/bytelm_tokmill.py model GGUF

Prints one JSON object.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from typing import Any

import bytelm_texts as shared
import numpy as np

import tokmill
from tokmill.bytelm import ByteModel

STREAMED = 600  # bytes of a text
STATES = 64


class Timed:
    """A model that measures the time spent in it."""

    def __init__(self, ask: Any) -> None:
        self._ask = ask
        self.spent = shared.Stopwatch()
        self.rows = 0

    def next_token_logprobs(self, contexts: list[list[int]]) -> Any:
        with self.spent:
            self.rows += len(contexts)
            return self._ask(contexts)


def stream(model: ByteModel, source: shared.RandomRows, text: bytes) -> dict[str, Any]:
    """All next-byte distributions of a text, byte by byte, without the model's time."""
    times, rows = [], 0
    state = model.state()
    state.supply(source.rows(state.needs()))
    state.next_byte_logprobs()
    for byte in text:
        begin = time.perf_counter()
        state = state.push(byte)
        needs = state.needs()
        took = time.perf_counter() - begin
        supplied = source.rows(needs) if needs else None
        begin = time.perf_counter()
        if supplied is not None:
            state.supply(supplied)
        state.next_byte_logprobs()
        times.append(took + time.perf_counter() - begin)
        rows += len(needs)
    return {
        "bytes": len(text),
        "bytes_per_s": len(text) / sum(times),
        "rows_per_byte": rows / len(text),
        **shared.summary(times),
    }


def known_text(tokenizer: Any, source: shared.RandomRows, text: bytes) -> dict[str, Any]:
    """The same distributions of a known text, from one call."""
    timed = Timed(source.rows)
    model = ByteModel(tokenizer, timed)
    begin = time.perf_counter()
    model.byte_distributions(text)
    took = time.perf_counter() - begin - timed.spent.seconds
    return {
        "bytes": len(text),
        "mean_ms": 1000 * took / len(text),
        "bytes_per_s": len(text) / took,
        "rows_per_byte": timed.rows / len(text),
    }


def batch(tokenizer: Any, source: shared.RandomRows, call_seconds: float) -> dict[str, Any]:
    """Bytes a second of 64 states that share model calls, and of one.

    Args:
        tokenizer: of the model.
        source: its rows.
        call_seconds: what a call takes, however many contexts it has: an accelerator with room.
    """
    text = shared.english(STATES * 40)
    model = ByteModel(tokenizer, source.rows)
    results = {}
    for count in (1, STATES):
        states = [model.state() for _ in range(count)]
        begin = time.perf_counter()
        for place in range(30):
            states = [s.push(text[40 * n + place]) for n, s in enumerate(states)]
            needs = [state.needs() for state in states]
            contexts = list(dict.fromkeys(context for some in needs for context in some))
            time.sleep(call_seconds)
            rows = dict(zip(contexts, source.rows(contexts), strict=True))
            for state, some in zip(states, needs, strict=True):
                state.supply(np.array([rows[context] for context in some]))
                state.next_byte_logprobs()
        results[str(count)] = count * 30 / (time.perf_counter() - begin)
    return results


def overhead() -> dict[str, Any]:
    """The library's own time for each byte with cl100k_base, and its set-up."""
    tokenizer = tokmill.get_encoding("cl100k_base")
    tokenizer.encode("warm")
    source = shared.RandomRows(tokenizer.vocab_size)
    before = shared.resident_mb()
    begin = time.perf_counter()
    model = ByteModel(tokenizer, source.rows)
    setup = time.perf_counter() - begin
    results: dict[str, Any] = {"setup_s": setup, "setup_mb": shared.resident_mb() - before}
    for kind, text in shared.texts(STREAMED).items():
        results[f"streaming, {kind}"] = stream(model, source, text)
    for kind, text in shared.texts(STREAMED).items():
        results[f"streaming again, {kind}"] = stream(model, source, text)
    results["memory_mb"] = shared.resident_mb() - before
    for kind, text in shared.texts(STREAMED).items():
        results[f"known text, {kind}"] = known_text(tokenizer, source, text)
    results["batch, calls of 0 ms"] = batch(tokenizer, source, 0.0)
    results["batch, calls of 20 ms"] = batch(tokenizer, source, 0.02)
    results["live row MB"] = live_row_mb(model, source)
    return results


def live_row_mb(model: ByteModel, source: shared.RandomRows) -> float:
    """Memory that a state holds for each of its rows."""
    states = []
    before = shared.resident_mb()
    for number in range(100):
        state = model.state(b"%d" % (number + 1000))
        state.supply(source.rows(state.needs()))
        state.next_byte_logprobs()
        states.append(state)
    rows = sum(len(state.closed()) for state in states)
    return (shared.resident_mb() - before) / max(rows, 1)


def real_model(gguf: str) -> dict[str, Any]:
    """A real model: bytes a second, the model's time included."""
    import torch

    from tokmill.bytelm.adapters import load_gguf

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    loaded = load_gguf(gguf)
    model = ByteModel(loaded.tokenizer, loaded.model, context_tokens=loaded.bos)
    results: dict[str, Any] = {"strategy": loaded.model.strategy}
    model.byte_distributions(shared.english(200))  # the first passes are slower
    for name, text in {
        "41 bytes": shared.SHORT,
        "600 bytes of English": shared.english(600),
        "600 bytes of Python": shared.CODE[:600],
        "4000 bytes of English": shared.english(4000),
    }.items():
        begin, cpu = time.perf_counter(), time.process_time()
        rows = model.byte_distributions(text)
        took, cpu = time.perf_counter() - begin, time.process_time() - cpu
        bits = -rows[np.arange(len(text)), np.frombuffer(text, np.uint8)].sum() / math.log(2)
        results[f"scoring, {name}"] = {
            "bytes": len(text),
            "bytes_per_s": len(text) / took,
            "cpu_ms_per_byte": 1000 * cpu / len(text),
            "bits_per_byte": bits / len(text),
            "largest_error_of_a_sum": float(np.abs(np.exp(rows).sum(axis=1) - 1).max()),
        }
    everything = model.with_options(covering="all", beam=48)
    low, high = everything.prefix_logprob_bounds(shared.SHORT)
    scale = -1 / math.log(2) / len(shared.SHORT)
    results["bits per byte of 41 bytes, every tokenization"] = [high * scale, low * scale]
    for count in (1, 16, STATES):
        size = 60 if count == 1 else 20
        begin, cpu = time.perf_counter(), time.process_time()
        sampled = model.sample_batch([shared.english(200)] * count, size, rng=0)
        took, cpu = time.perf_counter() - begin, time.process_time() - cpu
        made = sum(map(len, sampled))
        results[f"sampling, {count} texts"] = {
            "bytes": made,
            "bytes_per_s": made / took,
            "cpu_ms_per_byte": 1000 * cpu / made,
        }
    return results


def main() -> None:
    """Runs the task that the command line names."""
    task, *arguments = sys.argv[1:]
    print(json.dumps({"overhead": overhead, "model": real_model}[task](*arguments)))


if __name__ == "__main__":
    main()
