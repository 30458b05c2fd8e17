"""What all engines of the byte-level benchmark share: texts, random rows, measuring.

Needs numpy alone, so that it also runs in the environments of the peers.
"""

from __future__ import annotations

import resource
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

DEMO = Path(__file__).resolve().parent.parent / "python" / "tokmill" / "demo_text"

SHORT = b"An apple a day keeps the doctor away, but "

CODE = b'''def merge_sorted(left, right):
    """Merge two sorted lists into one."""
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            result.append(left[i])
            i += 1
        else:
            result.append(right[j])
            j += 1

    result.extend(left[i:])
    result.extend(right[j:])
    return result


class Counter:
    def __init__(self, start=0):
        self.value = start

    def add(self, amount: int) -> "Counter":
        self.value += amount  # it's in place
        return self
'''


def english(size: int) -> bytes:
    """The first paragraphs of Moby Dick."""
    text = (DEMO / "moby_dick.txt").read_bytes()
    return text[:size]


def japanese(size: int) -> bytes:
    """The beginning of a novel by Natsume Soseki, cut between characters."""
    text = (DEMO / "wagahai.txt").read_bytes()
    return text[:size].decode("utf-8", "ignore").encode()


def texts(size: int) -> dict[str, bytes]:
    """The texts of the overhead measurements, about `size` bytes each."""
    return {"English": english(size), "Python": CODE[:size], "Japanese": japanese(size)}


class RandomRows:
    """A language model that takes no time: log-probabilities from a small pool of random rows.

    Which row belongs to a context depends on its ids only, in every engine alike.
    """

    def __init__(self, size: int, pool: int = 16, seed: int = 0) -> None:
        logits = np.random.default_rng(seed).normal(0, 3, (pool, size))
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        self.pool = logits.astype(np.float32)

    def number(self, context: Sequence[int]) -> int:
        """Which row of the pool belongs to a context."""
        return zlib.crc32(np.asarray(context, np.int32).tobytes()) % len(self.pool)

    def rows(self, contexts: Sequence[Sequence[int]]) -> np.ndarray[Any, Any]:
        """Rows [n, V], float32."""
        return self.pool[[self.number(context) for context in contexts]]


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and mean in milliseconds."""
    times = 1000 * np.asarray(seconds)
    return {
        "median_ms": float(np.median(times)),
        "p99_ms": float(np.percentile(times, 99)),
        "mean_ms": float(times.mean()),
    }


def resident_mb() -> float:
    """Resident size of this process, in MB (10^6 bytes); its peak where /proc does not exist."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


class Stopwatch:
    """Adds up the time of its `with` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> Stopwatch:
        self._begin = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begin
