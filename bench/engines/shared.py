"""Calls that two engines have under the same names."""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.base import Ids, Offsets, join


class HuggingFaceCalls:
    """Of tokenizers, without the call for a batch."""

    _tok: Any

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        return join([encoding.ids for encoding in result])

    def encode_one(self, text: str) -> Any:
        return self._tok.encode(text, add_special_tokens=False).ids

    def decode_input(self, ids: Ids) -> Any:
        return ids.tolist()

    def decode(self, prepared: Any) -> bytes | str:
        text: str = self._tok.decode(prepared, skip_special_tokens=False)
        return text


class FlatBatchCalls:
    """Of engines whose encode_batch_flat gives buffers of ids and offsets."""

    _tok: Any

    def encode(self, texts: list[str]) -> Any:
        return self._tok.encode_batch_flat(texts)

    def to_ids(self, result: Any) -> tuple[Ids, Offsets]:
        ids, offsets = result
        return np.frombuffer(ids, np.uint32), np.frombuffer(offsets, np.uint64).astype(np.int64)

    def encode_one(self, text: str) -> Any:
        return self._tok.encode(text).ids

    def decode_input(self, ids: Ids) -> Any:
        return ids.tolist()

    def decode(self, prepared: Any) -> bytes | str:
        text: str = self._tok.decode(prepared)
        return text


class EncodingCalls:
    """Of tiktoken's Encoding and what is made like it, without the call for a batch."""

    _enc: Any

    def encode_one(self, text: str) -> Any:
        return self._enc.encode_ordinary(text)

    def decode_input(self, ids: Ids) -> Any:
        return ids.tolist()

    def decode(self, prepared: Any) -> bytes | str:
        data: bytes = self._enc.decode_bytes(prepared)
        return data
