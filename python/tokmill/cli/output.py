"""What all commands share towards the person: consoles, failures, numbers, progress."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress

from tokmill import TokmillError
from tokmill.pipeline import InvalidOption, Progress

P = ParamSpec("P")
R = TypeVar("R")

_PLAIN_SECONDS = 5.0

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def print_out(text: str) -> None:
    """Prints a line on standard output as it is: no markup, no wrapping."""
    out.print(text, markup=False, soft_wrap=True)


def print_err(text: str) -> None:
    """Prints a line on standard error as it is."""
    err.print(text, markup=False, soft_wrap=True)


class Stopped(Exception):
    """A job was interrupted; the message says what can be done."""


def reports_failures(command: Callable[P, R]) -> Callable[P, R]:
    """Turns exceptions of a command into one line on standard error and an exit code.

    With TOKMILL_TRACEBACK in the environment the exception itself comes through.
    """

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            result = command(*args, **kwargs)
            sys.stdout.flush()
            return result
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except BrokenPipeError:
            # The reader of our output has seen enough; nothing is left to flush at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except (Exception, KeyboardInterrupt) as error:
            if os.environ.get("TOKMILL_TRACEBACK"):
                raise
            print_err("tokmill: " + " ".join(_message(error).split()))
            raise typer.Exit(2 if isinstance(error, InvalidOption) else 1) from None

    return wrapper


def _message(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, MemoryError):
        return "out of memory"
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason}" if error.filename else reason
    if isinstance(error, (TokmillError, Stopped)):
        return str(error)
    return f"internal error: {type(error).__name__}: {error}"


def number(value: int) -> str:
    """``1234567`` as ``1,234,567``."""
    return f"{value:,}"


def size(count: float) -> str:
    """A number of bytes in decimal units, three digits or so: ``1.23 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.3g} {unit}"


def ratio(bytes_: int, tokens: int) -> str:
    """Bytes per token with two decimals."""
    return f"{bytes_ / tokens:.2f}" if tokens else "-"


class EncodingProgress:
    """Shows a job's progress: a bar on a terminal, otherwise a line now and then."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar = _bar() if err.is_terminal else None
        self._task = None if self._bar is None else self._bar.add_task(label, total=None, more="")
        self._last_line = time.monotonic()

    def __enter__(self) -> EncodingProgress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, state: Progress) -> None:
        """Shows `state`."""
        more = f"{number(state.tokens)} tokens, {number(state.shards)} shards"
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                completed=state.disk_bytes,
                total=state.disk_bytes_total,
                more=more,
            )
            return
        now = time.monotonic()
        if now - self._last_line >= _PLAIN_SECONDS:
            self._last_line = now
            total = state.disk_bytes_total
            part = f" of {size(total)}" if total else ""
            print_err(f"{self._label}: {size(state.disk_bytes)}{part}, {more}")


@contextlib.contextmanager
def counting(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Progress over a known number of things; gives a function of (done, total)."""
    if not err.is_terminal:
        yield lambda done, total: None
        return
    bar = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,}/{task.total:,} " + unit),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )
    task = bar.add_task(label, total=1)
    with bar:
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _bar() -> RichProgress:
    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[more]}"),
        console=err,
        transient=True,
    )
