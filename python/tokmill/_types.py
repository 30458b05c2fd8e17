"""Types of arguments that several functions share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt


class ArrowArrayExportable(Protocol):
    """Anything that exports Arrow data as one array, such as pyarrow.Array."""

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """Capsules of the schema and of the array."""


class ArrowStreamExportable(Protocol):
    """Anything that exports Arrow data in chunks, such as pyarrow.ChunkedArray."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule of the stream."""


Special: TypeAlias = Literal["parse", "text", "raise"] | Collection[str]
Texts: TypeAlias = (
    Iterable[str]
    | Iterable[bytes]
    | Iterable[str | bytes]
    | npt.NDArray[Any]
    | ArrowArrayExportable
    | ArrowStreamExportable
)
Ids: TypeAlias = Sequence[int] | npt.NDArray[np.integer[Any]]
