"""DecodeStream: decodes ids as they come, in chunks of complete characters."""

from __future__ import annotations

from typing import Any

from tokmill import _core

from . import _convert

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


class _AnyTokenizer:
    """The steps of a stream for a tokenizer that is not ours, by its `decode`."""

    def __init__(self, ids: list[int], skip_special_tokens: bool) -> None:
        self._ids = ids
        self._skip = skip_special_tokens
        self._prefix = ""
        self._prefix_index = 0

    def copy(self) -> _AnyTokenizer:
        copy = _AnyTokenizer(list(self._ids), self._skip)
        copy._prefix, copy._prefix_index = self._prefix, self._prefix_index
        return copy

    def _decode(self, tokenizer: Any) -> str:
        text: str = tokenizer.decode(self._ids, skip_special_tokens=self._skip)
        return text

    def step(self, tokenizer: Any, ids: list[int]) -> str | None:
        if not self._prefix and self._ids:
            prefix = self._decode(tokenizer)
            if not prefix.endswith(_UNFINISHED):
                self._prefix, self._prefix_index = prefix, len(self._ids)
        self._ids = self._ids + ids
        text, before = self._decode(tokenizer), self._prefix
        if len(text.encode()) <= len(before.encode()) or text.endswith(_UNFINISHED):
            return None
        if not text.startswith(before):
            raise Exception(
                "Invalid prefix encountered while decoding stream. Token ID: "
                f"{self._ids[-1]}, Expected prefix: '{before}', Actual string: '{text}'"
            )
        kept = self._ids[self._prefix_index :]
        self._prefix_index = len(self._ids) - self._prefix_index
        self._ids = kept
        self._prefix = self._decode(tokenizer)
        return text[len(before) :]


@_convert.final
class DecodeStream:
    """Decodes ids as they come.

    Args:
        ids: those that come before the first step; their text is not given back.
        skip_special_tokens: whether special tokens are left out.
    """

    __module__ = "tokmill.compat.tokenizers.decoders"
    __slots__ = ("_ids", "_skip", "_stream")

    _ids: list[int]
    _skip: bool
    # Made at the first step, which tells for what kind of tokenizer.
    _stream: Any

    def __new__(
        cls, ids: list[int] | None = None, skip_special_tokens: bool = False
    ) -> DecodeStream:
        """Makes a stream."""
        self = super().__new__(cls)
        given = [] if ids is None else _convert.to_sequence(ids)
        self._ids = [_convert.to_u32(token_id) for token_id in given]
        self._skip = _convert.to_bool(skip_special_tokens)
        self._stream = None
        return self

    def step(self, tokenizer: Any, id: int | list[int]) -> str | None:
        """Takes one id, or several at once.

        Args:
            tokenizer: the same at each step: a Tokenizer of ours or of the `tokenizers` package.
            id: the id or ids.

        Returns:
            The text that they add, or None if it does not end with a complete character yet.

        Raises:
            TypeError: `tokenizer` is of another type, or of another kind than before.
        """
        pipeline = self._pipeline_of(tokenizer)
        try:
            ids = [id] if hasattr(id, "__index__") else _convert.to_sequence(id)
            numbers = [_convert.to_u32(token_id) for token_id in ids]
        except (TypeError, OverflowError):
            message = "StreamInput must be either an integer or a list of integers"
            raise TypeError(message) from None
        if pipeline is None:
            if self._stream is None:
                self._stream = _AnyTokenizer(self._ids, self._skip)
            elif not isinstance(self._stream, _AnyTokenizer):
                raise TypeError("the stream was begun with a tokenizer of another library")
            return self._stream.step(tokenizer, numbers)
        if self._stream is None:
            self._stream = _core.stages.DecodeStream(self._ids, self._skip)
        elif isinstance(self._stream, _AnyTokenizer):
            raise TypeError("the stream was begun with a tokenizer of another library")
        text: str | None = self._stream.step(pipeline, numbers)
        return text

    @staticmethod
    def _pipeline_of(tokenizer: Any) -> Any:
        """The native pipeline of a tokenizer of ours; None for one of the `tokenizers` package."""
        from ._tokenizer import Tokenizer

        if isinstance(tokenizer, Tokenizer):
            return tokenizer._pipeline()
        cls = type(tokenizer)
        if cls.__name__ != "Tokenizer" or cls.__module__.partition(".")[0] != "tokenizers":
            _convert.not_instance(tokenizer, "Tokenizer")
        return None

    def __copy__(self) -> DecodeStream:
        copy = DecodeStream(self._ids, self._skip)
        copy._stream = None if self._stream is None else self._stream.copy()
        return copy

    def __deepcopy__(self, memo: object) -> DecodeStream:
        return self.__copy__()
