"""Tokenizer of tokenizers 1.0."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ... import _core
from . import _convert
from ._encoding import Encoding
from ._options import Padding, Truncation

_Pipeline = _core.stages.Pipeline
_Ids = Encoding | Sequence[int] | npt.NDArray[np.integer[Any]]
_Input = str | Sequence[str]

# The default of padding and truncation: what the tokenizer has.
_OWN: Any = ...

# Pipelines for recent options that a tokenizer keeps.
_KEPT = 16


@_convert.final
class Tokenizer:
    """Encodes texts and decodes ids. Options belong to a call, so that threads can share one."""

    __module__ = "tokmill.compat.tokenizers_v1"
    __slots__ = ("_base", "_json", "_padding", "_truncation", "_variants")

    # The definition as it was read.
    _json: bytes
    # Without truncation and padding.
    _base: _Pipeline
    # The same with other options.
    _variants: dict[tuple[Padding | None, Truncation | None, bool], _Pipeline]
    _padding: Padding | None
    _truncation: Truncation | None

    def __new__(cls) -> Tokenizer:
        """Tokenizers are made by `from_file` and `from_pretrained`."""
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__name__}' instances")

    # --- reading --------------------------------------------------------------------------------

    @staticmethod
    def from_file(path: str | os.PathLike[str]) -> Tokenizer:
        """Reads a tokenizer.json of version "1.0" or "2.0".

        Raises:
            ValueError: the file is no tokenizer.
            OSError: it cannot be read.
        """
        name = os.fspath(path)
        if not isinstance(name, str):
            _convert.not_instance(name, "str")
        try:
            data = Path(name).read_bytes()
        except OSError as error:
            reason = f"{error.strerror} (os error {error.errno})"
            raise type(error)(f"cannot read {name}: {reason}") from None
        return _read(data)

    @staticmethod
    def from_pretrained(
        identifier: str,
        revision: str = "main",
        token: str | bool | None = None,
        *,
        cache_dir: str | os.PathLike[str] | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        subfolder: str | None = None,
    ) -> Tokenizer:
        """Reads the tokenizer.json of a repository of the Hugging Face hub.

        Args:
            identifier: the name of the repository.
            revision: a branch, tag or commit.
            token: the access token for private repositories.
            cache_dir: where downloads are kept.
            force_download: whether to download what is there already.
            local_files_only: whether to look at what is there only.
            subfolder: the folder of the file in the repository.

        Raises:
            ImportError: the package huggingface_hub is not installed.
        """
        from huggingface_hub import hf_hub_download

        path = hf_hub_download(
            repo_id=identifier,
            filename="tokenizer.json",
            subfolder=subfolder,
            revision=revision,
            token=token,
            cache_dir=None if cache_dir is None else Path(cache_dir),
            force_download=force_download,
            local_files_only=local_files_only,
        )
        return Tokenizer.from_file(path)

    @staticmethod
    def _unpickle(json: str, padding: Padding | None, truncation: Truncation | None) -> Tokenizer:
        """A tokenizer from its definition and its options."""
        self = _read(json.encode())
        self._padding, self._truncation = padding, truncation
        return self

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        state = self._json.decode(), self._padding, self._truncation
        return Tokenizer._unpickle, state

    def __repr__(self) -> str:
        return (
            f"Tokenizer(truncation={self._truncation!r}, padding={self._padding!r}, "
            f"vocab_size={self._base.vocab_size(True)})"
        )

    # --- options --------------------------------------------------------------------------------

    @property
    def padding(self) -> Padding | None:
        """The padding of calls that do not say one, or None."""
        return self._padding

    @padding.setter
    def padding(self, padding: Padding | None) -> None:
        self._padding = _to_options(padding, Padding)

    @property
    def truncation(self) -> Truncation | None:
        """The truncation of calls that do not say one, or None."""
        return self._truncation

    @truncation.setter
    def truncation(self, truncation: Truncation | None) -> None:
        self._truncation = _to_options(truncation, Truncation)

    def _pipeline(
        self, padding: Padding | None, truncation: Truncation | None, encode_special: bool
    ) -> _Pipeline:
        """The pipeline with some options."""
        if padding is None and truncation is None and not encode_special:
            return self._base
        key = padding, truncation, encode_special
        found = self._variants.get(key)
        if found is None:
            found = _variant(self._base, padding, truncation, encode_special)
            # A new dictionary, so that other threads never see one that is being changed.
            recent = list(self._variants.items())[-_KEPT + 1 :]
            self._variants = {**dict(recent), key: found}
        return found

    def _with_room(self, truncation: Truncation | None, is_pair: bool) -> Truncation | None:
        """Truncation that leaves room for the special tokens of a post-processor.

        Nothing is left of texts where these alone are too many already.
        """
        if truncation is None:
            return None
        added = self._base.num_special_tokens_to_add(is_pair)
        if truncation.max_length >= added:
            return truncation
        return Truncation(added, truncation.strategy, truncation.direction)

    # --- encoding -------------------------------------------------------------------------------

    def encode(
        self,
        input: _Input,
        *,
        add_special_tokens: bool = True,
        encode_special_tokens: bool = False,
        padding: Padding | None = ...,  # type: ignore[assignment]
        truncation: Truncation | None = ...,  # type: ignore[assignment]
    ) -> Encoding:
        """Encodes a text or a pair of texts.

        Args:
            input: a text, or two in a list or tuple.
            add_special_tokens: whether the post-processor adds special tokens.
            encode_special_tokens: whether special tokens in a text are text like any other.
            padding: None: no padding; left out: that of the tokenizer.
            truncation: None: no truncation; left out: that of the tokenizer.

        Raises:
            TypeError: `input` is neither.
            ValueError: the text cannot be truncated as asked for.
        """
        padding = self._padding if padding is _OWN else _to_options(padding, Padding)
        truncation = self._truncation if truncation is _OWN else _to_options(truncation, Truncation)
        first, second = _to_input(input)
        add = _convert.to_bool(add_special_tokens)
        if add:
            truncation = self._with_room(truncation, second is not None)
        pipeline = self._pipeline(padding, truncation, _convert.to_bool(encode_special_tokens))
        try:
            return _encoding(pipeline.encode(first, second, False, add))
        except Exception as error:
            raise _as_value_error(error) from None

    def encode_batch(
        self,
        inputs: Sequence[_Input],
        *,
        add_special_tokens: bool = True,
        encode_special_tokens: bool = False,
        padding: Padding | None = ...,  # type: ignore[assignment]
        truncation: Truncation | None = ...,  # type: ignore[assignment]
    ) -> list[Encoding]:
        """Encodes many texts or pairs of texts.

        Args:
            inputs: texts and pairs.
            add_special_tokens: as for `encode`.
            encode_special_tokens: as for `encode`.
            padding: as for `encode`.
            truncation: as for `encode`.

        Raises:
            TypeError: an input is neither a text nor a pair.
            ValueError: a text cannot be truncated as asked for.
        """
        padding = self._padding if padding is _OWN else _to_options(padding, Padding)
        truncation = self._truncation if truncation is _OWN else _to_options(truncation, Truncation)
        pairs = [_to_input(one) for one in _to_sequence(inputs)]
        add = _convert.to_bool(add_special_tokens)
        special = _convert.to_bool(encode_special_tokens)
        cuts = {truncation}
        if add and truncation is not None:
            cuts = {self._with_room(truncation, pair) for pair in {b is not None for _, b in pairs}}
        try:
            if len(cuts) > 1:
                return self._encode_one_by_one(pairs, padding, truncation, special)
            pipeline = self._pipeline(padding, cuts.pop() if cuts else None, special)
            rows = [first if second is None else (first, second) for first, second in pairs]
            # Without offsets, the second text of a pair gets no type of its own if there is no
            # post-processor to give it one.
            slow = self._base.post_processor is None
            return [_encoding(one) for one in pipeline.encode_batch(rows, False, add, slow)]
        except Exception as error:
            raise _as_value_error(error) from None

    def _encode_one_by_one(
        self,
        pairs: list[tuple[str, str | None]],
        padding: Padding | None,
        truncation: Truncation | None,
        encode_special: bool,
    ) -> list[Encoding]:
        """Encodes texts and pairs that must be cut in different ways."""
        natives = []
        for first, second in pairs:
            cut = self._with_room(truncation, second is not None)
            pipeline = self._pipeline(None, cut, encode_special)
            natives.append(pipeline.encode(first, second, False, True))
        if padding is not None:
            length = padding.length
            if length is None:
                length = max(len(native) for native in natives)
            if padding.pad_to_multiple_of:
                length += -length % padding.pad_to_multiple_of
            for native in natives:
                native.pad(
                    length,
                    direction=padding.direction,
                    pad_id=padding.pad_id,
                    pad_type_id=padding.pad_type_id,
                    pad_token=padding.pad_token,
                )
        return [_encoding(native) for native in natives]

    def tokenize(
        self,
        input: _Input,
        *,
        add_special_tokens: bool = True,
        encode_special_tokens: bool = False,
        padding: Padding | None = ...,  # type: ignore[assignment]
        truncation: Truncation | None = ...,  # type: ignore[assignment]
    ) -> list[str]:
        """The tokens of a text or of a pair of texts; arguments as for `encode`."""
        encoding = self.encode(
            input,
            add_special_tokens=add_special_tokens,
            encode_special_tokens=encode_special_tokens,
            padding=padding,
            truncation=truncation,
        )
        return self.decode_tokens(encoding)

    # --- decoding -------------------------------------------------------------------------------

    def decode(self, ids: _Ids, skip_special_tokens: bool = True) -> str:
        """The text that ids spell; unknown ids are left out.

        Args:
            ids: an Encoding, an array or a sequence of integers.
            skip_special_tokens: whether special tokens are left out.
        """
        return self._base.decode(_to_ids(ids), _convert.to_bool(skip_special_tokens))

    def decode_tokens(self, ids: _Ids, skip_special_tokens: bool = False) -> list[str]:
        """The token of each id, as the vocabulary spells it; unknown ids are left out.

        Args:
            ids: an Encoding, an array or a sequence of integers.
            skip_special_tokens: whether special tokens are left out.
        """
        names = map(self._base.id_to_token, _to_ids(ids))
        tokens = [name for name in names if name is not None]
        if not _convert.to_bool(skip_special_tokens):
            return tokens
        special = {row[1] for row in self._base.added_tokens() if row[-1]}
        return [token for token in tokens if token not in special]


# --- making one ---------------------------------------------------------------------------------


def _read(data: bytes) -> Tokenizer:
    try:
        rewritten = _core.rewrite_tokenizer_json_v2(data)
        base, _ = _Pipeline.read(rewritten)
    except Exception as error:
        raise ValueError(str(error)) from None
    self = object.__new__(Tokenizer)
    self._json = data
    self._variants = {}
    self._padding = _padding_of(base.padding)
    self._truncation = _truncation_of(base.truncation)
    base.padding = base.truncation = None
    self._base = base
    return self


def _variant(
    base: _Pipeline, padding: Padding | None, truncation: Truncation | None, encode_special: bool
) -> _Pipeline:
    """A pipeline with the parts of another one and options of its own."""
    pipeline = _Pipeline(base.model)
    pipeline.set_normalizer(base.normalizer, False)
    pipeline.set_pre_tokenizer(base.pre_tokenizer)
    pipeline.set_post_processor(base.post_processor)
    pipeline.set_decoder(base.decoder)
    pipeline.add_tokens([row[1:] for row in base.added_tokens()])
    pipeline.padding = None if padding is None else padding._native()
    pipeline.truncation = None if truncation is None else truncation._native()
    pipeline.encode_special_tokens = encode_special
    return pipeline


def _padding_of(native: tuple[Any, ...] | None) -> Padding | None:
    if native is None:
        return None
    length, multiple, pad_id, pad_token, pad_type_id, direction = native
    return Padding(direction, pad_id, pad_type_id, pad_token, length, multiple)


def _truncation_of(native: tuple[Any, ...] | None) -> Truncation | None:
    if native is None:
        return None
    max_length, _, strategy, direction = native
    return Truncation(max_length, strategy, direction)


# --- arguments and results ----------------------------------------------------------------------


def _encoding(native: Any) -> Encoding:
    return Encoding._unpickle(native.ids, native.type_ids, native.attention_mask)


def _to_options(value: Any, cls: type) -> Any:
    if value is not None and not isinstance(value, cls):
        _convert.not_instance(value, cls.__name__)
    return value


def _to_input(value: Any) -> tuple[str, str | None]:
    """A text and, of a pair, the second one; TypeError for anything else."""
    if isinstance(value, str):
        return value, None
    if isinstance(value, list | tuple) and len(value) == 2:
        first, second = value
        if isinstance(first, str) and isinstance(second, str):
            return first, second
    raise TypeError(f"an input is a str or a pair of str, not {type(value).__name__}")


def _to_sequence(value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        raise TypeError("Can't extract `str` to `Vec`")
    if not isinstance(value, Sequence | np.ndarray):
        _convert.not_instance(value, "Sequence")
    return value


def _to_ids(ids: Any) -> list[int]:
    if isinstance(ids, Encoding):
        return ids._columns[0]
    return [_convert.to_unsigned(one, _convert.U32) for one in _to_sequence(ids)]


def _as_value_error(error: Exception) -> Exception:
    """Texts that cannot be truncated are ValueErrors in tokenizers 1.0."""
    return ValueError(str(error)) if type(error) is Exception else error
