"""Stages of a pipeline in threads of their own: a generator runs ahead of its consumer.

Reading (decompression, JSON) and encoding release the global interpreter lock for most of their
time, so two such stages keep reading, encoding and writing going at once.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

# How long a blocked stage takes to notice that the job was stopped.
_POLL_SECONDS = 0.1
_JOIN_SECONDS = 0.5


class Stages:
    """The threads of one job. Leaving the context stops and joins them."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[tuple[threading.Thread, bool]] = []

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread, may_block in reversed(self._threads):
            # One that a signal kept from starting cannot be joined; if it still starts, it stops.
            with contextlib.suppress(RuntimeError):
                # A thread that waits for standard input cannot be woken; it dies with the process.
                thread.join(_JOIN_SECONDS if may_block else None)

    def ahead(self, items: Iterator[T], *, may_block: bool = False) -> Iterator[T]:
        """Yields `items`, which are produced in a thread that runs at most one item ahead.

        What `items` raises is raised here. `may_block` tells that producing an item can wait for
        something outside the process for ever.
        """
        stage: _Stage[T] = _Stage(items, self._stop)
        thread = threading.Thread(target=stage.run, name="tokmill-stage", daemon=True)
        self._threads.append((thread, may_block))
        thread.start()
        return stage.results()


class _End:
    """The last thing in the queue: the producer ended, with an error or without."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Stage(Generic[T]):
    def __init__(self, items: Iterator[T], stop: threading.Event) -> None:
        self._items = items
        self._stop = stop
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=1)

    def run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                if not self._put(item):
                    return
                del item  # a batch is large: do not hold it while the next one is made
        except BaseException as caught:
            error = caught
        self._put(_End(error))

    def results(self) -> Iterator[T]:
        while not self._stop.is_set():
            try:
                item = self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
            del item

    def _put(self, item: T | _End) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=_POLL_SECONDS)
                return True
            except queue.Full:
                continue
        return False
