"""Encoding: ids, type ids and what of them is padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _convert


@_convert.final
class Encoding:
    """What encoding a text gives."""

    __module__ = "tokmill.compat.tokenizers_v1"
    __slots__ = ("_columns",)
    __hash__ = None  # type: ignore[assignment]

    # ids, type ids, attention mask
    _columns: tuple[list[int], list[int], list[int]]

    def __new__(cls) -> Encoding:
        """Encodings are made by a Tokenizer."""
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__name__}' instances")

    @staticmethod
    def _unpickle(
        ids: Sequence[int], type_ids: Sequence[int], attention_mask: Sequence[int]
    ) -> Encoding:
        """An encoding of three columns."""
        self = object.__new__(Encoding)
        self._columns = (list(ids), list(type_ids), list(attention_mask))
        return self

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[list[int], list[int], list[int]]]:
        return Encoding._unpickle, self._columns

    def __len__(self) -> int:
        return len(self._columns[0])

    def __eq__(self, value: object, /) -> bool:
        if not isinstance(value, Encoding):
            return NotImplemented
        return self._columns == value._columns

    def __repr__(self) -> str:
        ids, type_ids, mask = self._columns
        return f"Encoding(ids={ids}, type_ids={type_ids}, attention_mask={mask})"

    @property
    def ids(self) -> list[int]:
        """The id of each token."""
        return list(self._columns[0])

    @property
    def type_ids(self) -> list[int]:
        """The type id of each token."""
        return list(self._columns[1])

    @property
    def attention_mask(self) -> list[int]:
        """1 for each token, 0 where the encoding is filled up."""
        return list(self._columns[2])

    @property
    def ids_array(self) -> npt.NDArray[np.uint32]:
        """The ids as uint32, shape (n,)."""
        return np.array(self._columns[0], np.uint32)

    @property
    def type_ids_array(self) -> npt.NDArray[np.uint32]:
        """The type ids as uint32, shape (n,)."""
        return np.array(self._columns[1], np.uint32)

    @property
    def attention_mask_array(self) -> npt.NDArray[np.uint32]:
        """The attention mask as uint32, shape (n,)."""
        return np.array(self._columns[2], np.uint32)
