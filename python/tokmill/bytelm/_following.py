"""Compiled states that need rows before they can go on: beams, which keep the heaviest contexts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from ._rows import Context, Rows

Floats = npt.NDArray[np.float64]


class FollowingProcess:
    """A compiled process whose states can be pushed ahead of the rows."""

    def __init__(self, process: _core.bytelm.Process) -> None:
        self._process = process

    def state(self) -> FollowingState:
        """The state of the empty text."""
        return FollowingState(self._process.state(), b"")


class FollowingState:
    """A compiled state, and bytes that it takes as soon as it has the rows for that.

    Behaves like an immutable text; what is supplied moves the compiled state along it.
    """

    __slots__ = ("_ahead", "_core")

    def __init__(self, core: _core.bytelm.State, ahead: bytes) -> None:
        self._core, self._ahead = core, ahead

    @property
    def position(self) -> int:
        """Number of bytes."""
        return self._core.position + len(self._ahead)

    def needs(self) -> list[Context]:
        """Contexts whose rows are missing for the next step; there may be more behind it."""
        needs = self._core.needs()
        while self._ahead and not needs:
            self._core = self._core.push(self._ahead[0])
            self._ahead = self._ahead[1:]
            needs = self._core.needs()
        return needs

    def supply(self, rows: Rows) -> None:
        """Takes the rows of `needs()`."""
        self._core.supply(rows)

    def push(self, byte: int) -> FollowingState:
        """The state of the text with one more byte."""
        return self.push_bytes(bytes([byte]))

    def push_bytes(self, data: bytes) -> FollowingState:
        """The state of the text with more bytes."""
        self.needs()  # the compiled state is shared as far as it has come
        return FollowingState(self._core, self._ahead + data)

    def __getattr__(self, name: str) -> Any:
        # The probabilities, once there is nothing more to wait for.
        if self.needs():
            raise RuntimeError("rows of the model are missing: supply what needs() names first")
        return getattr(self._core, name)
