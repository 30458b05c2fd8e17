"""The result of encoding many texts at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from . import _core

if TYPE_CHECKING:
    import pyarrow as pa


class Batch:
    """Ids of many texts in two arrays.

    Row i is ``ids[offsets[i]:offsets[i + 1]]``. The arrays are the memory that the encoder wrote;
    rows are views of it.

    Attributes:
        ids: the ids of all rows, uint32 of shape (total,).
        offsets: where each row begins, int64 of shape (rows + 1,), from 0 to total.
    """

    __slots__ = ("ids", "offsets")

    ids: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]

    def __init__(self, ids: npt.NDArray[np.uint32], offsets: npt.NDArray[np.int64]) -> None:
        """Keeps the two arrays as they are; each method that reads them checks that they fit."""
        self.ids = ids
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: SupportsIndex) -> npt.NDArray[np.uint32]: ...

    @overload
    def __getitem__(self, index: slice) -> Batch: ...

    def __getitem__(self, index: SupportsIndex | slice) -> npt.NDArray[np.uint32] | Batch:
        """The ids of one row (a view), or a Batch of the rows in a slice."""
        if isinstance(index, slice):
            return self._select(*index.indices(len(self)))
        row = index.__index__()
        if row < 0:
            row += len(self)
        if not 0 <= row < len(self):
            raise IndexError(f"row {index} of a batch of {len(self)}")
        return self.ids[self.offsets[row] : self.offsets[row + 1]]

    def _select(self, start: int, stop: int, step: int) -> Batch:
        if step == 1:
            bounds = self.offsets[start : max(start, stop) + 1]
            return Batch(self.ids[bounds[0] : bounds[-1]], bounds - bounds[0])
        rows = [self[i] for i in range(start, stop, step)]
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        ids = np.concatenate(rows) if rows else np.empty(0, dtype=np.uint32)
        return Batch(ids, offsets)

    def __iter__(self) -> Iterator[npt.NDArray[np.uint32]]:
        bounds = self.offsets.tolist()
        for begin, end in itertools.pairwise(bounds):
            yield self.ids[begin:end]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Batch):
            return NotImplemented
        return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.ids, other.ids)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Batch, (self.ids, self.offsets)

    def __repr__(self) -> str:
        return f"Batch({len(self)} rows, {len(self.ids)} ids)"

    def lengths(self) -> npt.NDArray[np.int64]:
        """Number of ids of each row, int64 of shape (rows,)."""
        return np.diff(self.offsets)

    def tolist(self) -> list[list[int]]:
        """The rows as lists of int."""
        return _core.batch_to_lists(self.ids, self.offsets)

    def to_padded(
        self,
        length: int | None = None,
        pad_id: int = 0,
        side: Literal["left", "right"] = "right",
        dtype: npt.DTypeLike = "int64",
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The rows as a matrix, the short ones filled up, and a mask of what is real.

        Args:
            length: columns of the matrix; longer rows lose their end. None: those of the longest
                row.
            pad_id: what fills the rest of a row.
            side: the side on which it is filled.
            dtype: element type of both results: int64, int32 or uint32.

        Returns:
            (ids, mask), both of shape (rows, length); the mask has 1 where an id is and 0 where
            the filling is.

        Raises:
            ValueError: an argument is not one of these.
        """
        if side not in ("left", "right"):
            raise ValueError(f'side must be "left" or "right", not {side!r}')
        if length is not None and length < 0:
            raise ValueError(f"length must not be negative, but is {length}")
        name = np.dtype(dtype).name
        return _core.batch_to_padded(
            self.ids, self.offsets, -1 if length is None else length, pad_id, side == "left", name
        )

    def to_arrow(self) -> pa.LargeListArray:
        """The rows as a pyarrow array of type large_list<uint32>, sharing this batch's memory.

        Raises:
            ImportError: pyarrow is not installed.
        """
        import pyarrow as pa

        return pa.LargeListArray.from_arrays(
            pa.array(self.offsets, type=pa.int64()), pa.array(self.ids, type=pa.uint32())
        )

    def __arrow_c_schema__(self) -> object:
        """The Arrow type of the rows, large_list<uint32>, as a capsule."""
        return _core.batch_arrow_schema()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The rows as Arrow data without a copy: capsules of the schema and of the array.

        Another schema than large_list<uint32> is not produced; the interface leaves the conversion
        to the consumer then.
        """
        return _core.batch_arrow_array(self.ids, self.offsets)
