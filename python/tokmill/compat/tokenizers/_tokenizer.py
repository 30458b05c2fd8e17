"""Tokenizer: puts the components together.

The Python objects of the components are what users see and change. Behind them is one native
pipeline, which is brought up to date when it is next used after a component has changed.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from tokmill import _core

from . import _components, _convert, _dump, _epoch, _save, models
from ._added_token import AddedToken, from_user, make
from ._component import Component
from .decoders import Decoder
from .models import Model
from .normalizers import Normalizer
from .pre_tokenizers import PreTokenizer
from .processors import PostProcessor
from .trainers import Trainer

Encoding = _core.stages.Encoding
Pipeline = _core.stages.Pipeline

_T = TypeVar("_T")

_TOKEN_MESSAGE = "Input must be a List[Union[str, AddedToken]]"
_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


@_convert.final
class Tokenizer:
    """Encodes texts and decodes ids with a model and the components around it.

    Args:
        model: turns pieces of text into tokens.

    It may be used from many threads at once. A call that encodes works with the settings of the
    moment when it began.
    """

    __module__ = "tokmill.compat.tokenizers"
    # The dict is for what users put there.
    __slots__ = ("__dict__", "__weakref__", "_core", "_epoch", "_model", "_sources", "_stages")

    _model: Model
    # Of the four optional stages, by the names of tokenizer.json: those that are there.
    _stages: dict[str, Component]
    # What the pipeline has been built from: the compiled model, and the JSON objects of the stages.
    # These are never changed, a change makes others; so it is enough to compare identities.
    _sources: dict[str, tuple[Any, ...]]
    _core: Pipeline
    _epoch: int

    def __new__(cls, model: Model) -> Tokenizer:
        """Makes a tokenizer with a model and nothing else."""
        self = super().__new__(cls)
        adopted = models.adopt(model)
        self._start(Pipeline(adopted._native()), adopted, {})
        return self

    def _start(self, core: Pipeline, model: Model, stages: dict[str, Component]) -> None:
        """Takes a pipeline and the components that it has been built from."""
        self._core = core
        self._model = model
        self._stages = stages
        self._sources = {kind: _source(stage) for kind, stage in stages.items()}
        self._sources["model"] = (model._native(),)
        self._epoch = -1

    # --- the native pipeline --------------------------------------------------------------------

    def _pipeline(self) -> Pipeline:
        """The native pipeline as the components are now."""
        if self._epoch != _epoch.current():
            self._refresh()
        return self._core

    def _refresh(self) -> None:
        # Read before the components are: what changes from now on is for the next time.
        epoch = _epoch.current()
        stages, sources = self._stages, dict(self._sources)
        native = self._model._native()
        if sources["model"][0] is not native:
            self._core.set_model(native)
            sources["model"] = (native,)
        for kind, stage in stages.items():
            source = _source(stage)
            if not _same(source, sources.get(kind, ())):
                self._setter(kind, renormalize=False)(stage._native())
                sources[kind] = source
        self._core.set_repeatable(not any(map(_is_custom, stages.values())))
        self._sources = sources
        self._epoch = epoch

    def _setter(self, kind: str, renormalize: bool) -> Callable[[Any], None]:
        if kind == "normalizer":
            return lambda stage: self._core.set_normalizer(stage, renormalize)
        put: Callable[[Any], None] = getattr(self._core, f"set_{kind}")
        return put

    def _get_stage(self, kind: str) -> Any:
        stage = self._stages.get(kind)
        return None if stage is None else _components.handle(stage)

    def _set_stage(self, kind: str, value: object) -> None:
        stage = None if value is None else _components.adopt(kind, value)
        stages = {name: part for name, part in self._stages.items() if name != kind}
        sources = dict(self._sources)
        native = None
        sources[kind] = ()
        if stage is not None:
            stages[kind] = _components.handle(stage)
            sources[kind] = _source(stage)
            native = stage._native()
        self._setter(kind, renormalize=True)(native)
        self._stages = stages
        self._sources = sources
        self._epoch = -1

    # --- components -----------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The model. Changes of its attributes take effect."""
        return models.handle(self._model)

    @model.setter
    def model(self, model: Model) -> None:
        self._model = models.handle(models.adopt(model))
        self._epoch = -1

    @property
    def normalizer(self) -> Normalizer | None:
        """The normalizer, or None. Changes of its attributes take effect, as for all stages."""
        return self._get_stage("normalizer")  # type: ignore[no-any-return]

    @normalizer.setter
    def normalizer(self, normalizer: Normalizer | None) -> None:
        self._set_stage("normalizer", normalizer)

    @property
    def pre_tokenizer(self) -> PreTokenizer | None:
        """The pre-tokenizer, or None."""
        return self._get_stage("pre_tokenizer")  # type: ignore[no-any-return]

    @pre_tokenizer.setter
    def pre_tokenizer(self, pretok: PreTokenizer | None) -> None:
        self._set_stage("pre_tokenizer", pretok)

    @property
    def post_processor(self) -> PostProcessor | None:
        """The post-processor, or None."""
        return self._get_stage("post_processor")  # type: ignore[no-any-return]

    @post_processor.setter
    def post_processor(self, processor: PostProcessor | None) -> None:
        self._set_stage("post_processor", processor)

    @property
    def decoder(self) -> Decoder | None:
        """The decoder, or None."""
        return self._get_stage("decoder")  # type: ignore[no-any-return]

    @decoder.setter
    def decoder(self, decoder: Decoder | None) -> None:
        self._set_stage("decoder", decoder)

    # --- reading and writing --------------------------------------------------------------------

    @staticmethod
    def from_str(json: str) -> Tokenizer:
        """Reads the text of a tokenizer.json.

        Raises:
            Exception: the text is no tokenizer.
        """
        return _from_bytes(_convert.to_str(json).encode())

    @staticmethod
    def from_file(path: str) -> Tokenizer:
        """Reads a tokenizer.json.

        Raises:
            Exception: the file cannot be read or is no tokenizer.
        """
        with _save.plain_os_errors():
            data = Path(_convert.to_str(path)).read_bytes()
        return _from_bytes(data)

    @staticmethod
    def from_buffer(buffer: bytes) -> Tokenizer:
        """Reads the bytes of a tokenizer.json.

        Raises:
            ValueError: the bytes are no tokenizer.
        """
        if not isinstance(buffer, bytes):
            _convert.not_instance(buffer, "bytes")
        try:
            return _from_bytes(buffer)
        except Exception as error:
            message = f"Cannot instantiate Tokenizer from buffer: {error}"
            raise ValueError(message) from None

    @staticmethod
    def from_pretrained(
        identifier: str, revision: str = "main", token: str | None = None
    ) -> Tokenizer:
        """Reads the tokenizer.json of a repository of the Hugging Face hub.

        Args:
            identifier: the name of the repository.
            revision: a branch, tag or commit.
            token: the access token for private repositories.

        Raises:
            ImportError: the package huggingface_hub is not installed.
        """
        from huggingface_hub import hf_hub_download

        options: dict[str, Any] = {} if token is None else {"token": _convert.to_str(token)}
        path = hf_hub_download(
            repo_id=_convert.to_str(identifier),
            filename="tokenizer.json",
            revision=_convert.to_str(revision),
            **options,
        )
        return Tokenizer.from_file(path)

    def to_str(self, pretty: bool = False) -> str:
        """The text of a tokenizer.json.

        Raises:
            Exception: a component is written in Python.
        """
        return _save.to_bytes(self, _convert.to_bool(pretty)).decode()

    def save(self, path: str, pretty: bool = True) -> None:
        """Writes a tokenizer.json.

        Raises:
            Exception: the file cannot be written, or a component is written in Python.
        """
        data = _save.to_bytes(self, _convert.to_bool(pretty))
        with _save.plain_os_errors():
            Path(_convert.to_str(path)).write_bytes(data)

    def __getstate__(self) -> bytes:
        try:
            return _save.to_bytes(self, False)
        except Exception as error:
            raise Exception(f"Error while attempting to pickle Tokenizer: {error}") from None

    def __setstate__(self, state: bytes) -> None:
        if not isinstance(state, bytes):
            _convert.not_instance(state, "bytes")
        try:
            read = _from_bytes(state)
        except Exception as error:
            raise Exception(f"Error while attempting to unpickle Tokenizer: {error}") from None
        self._start(read._core, read._model, read._stages)

    def __getnewargs__(self) -> tuple[Model]:
        return (Model(),)

    def __repr__(self) -> str:
        return _save.dump(self, _dump.REPR)

    def __str__(self) -> str:
        return _save.dump(self, _dump.STR)

    # --- vocabulary -----------------------------------------------------------------------------

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many tokens the post-processor adds to a text or to a pair."""
        return self._pipeline().num_special_tokens_to_add(_convert.to_bool(is_pair))

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """Token -> id."""
        return self._pipeline().vocabulary(_convert.to_bool(with_added_tokens))

    def get_added_tokens_decoder(self) -> dict[int, AddedToken]:
        """Id -> added token, by rising id."""
        return {
            token_id: make(content, dict(zip(_FLAGS, flags, strict=True)))
            for token_id, content, *flags in self._core.added_tokens()
        }

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """How many different tokens there are."""
        return self._pipeline().vocab_size(_convert.to_bool(with_added_tokens))

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, or None."""
        return self._pipeline().token_to_id(_convert.to_str(token))

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, or None."""
        return self._pipeline().id_to_token(id)

    def add_tokens(self, tokens: list[str | AddedToken]) -> int:
        """Adds tokens to the vocabulary.

        Args:
            tokens: those that the model does not have get new ids.

        Returns:
            How many were not there already, with the same properties.
        """
        return self._add(tokens, special=False)

    def add_special_tokens(self, tokens: list[str | AddedToken]) -> int:
        """Adds tokens that decoding can skip; AddedToken objects are made special.

        Args:
            tokens: those that the model does not have get new ids.

        Returns:
            How many were not there already, with the same properties.
        """
        return self._add(tokens, special=True)

    def _add(self, tokens: object, special: bool) -> int:
        added = [from_user(token, _TOKEN_MESSAGE, special) for token in _convert.to_list(tokens)]
        rows = [tuple(token.__getstate__().values()) for token in added]
        return self._pipeline().add_tokens(rows)

    @property
    def encode_special_tokens(self) -> bool:
        """Whether special tokens in a text are text like any other."""
        return self._core.encode_special_tokens

    @encode_special_tokens.setter
    def encode_special_tokens(self, value: bool) -> None:
        self._core.encode_special_tokens = _convert.to_bool(value)

    # --- truncation and padding -----------------------------------------------------------------

    def enable_truncation(
        self,
        max_length: int,
        *,
        stride: int = 0,
        strategy: str = "longest_first",
        direction: str = "right",
        **kwargs: object,
    ) -> None:
        """Cuts encodings from now on.

        Args:
            max_length: the most tokens that an encoding has, special ones included.
            stride: how many tokens the overflowing parts repeat of each other.
            strategy: "longest_first", "only_first" or "only_second": what is cut of a pair.
            direction: "right" or "left": where it is cut.
            kwargs: named on standard output and ignored.

        Raises:
            ValueError: an unknown strategy or direction, or too large a stride.
        """
        parameters = (
            _convert.to_usize(max_length),
            _convert.to_usize(stride),
            _save.known_strategy(strategy),
            _save.known_direction(direction, end="."),
        )
        for option in kwargs:
            _convert.ignored(option)
        self._pipeline().truncation = parameters

    def no_truncation(self) -> None:
        """Does not cut encodings any more."""
        self._core.truncation = None

    @property
    def truncation(self) -> dict[str, Any] | None:
        """The arguments of `enable_truncation`, or None."""
        values = self._core.truncation
        names = ("max_length", "stride", "strategy", "direction")
        return None if values is None else dict(zip(names, values, strict=True))

    def enable_padding(
        self,
        *,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Fills encodings up from now on.

        Args:
            direction: "right" or "left": where.
            pad_id: the id to fill with.
            pad_type_id: the type id to fill with.
            pad_token: the token to fill with.
            length: to how many tokens; None: as many as the longest encoding of a batch has.
            pad_to_multiple_of: to a multiple of this.
            kwargs: `max_length`, a deprecated name of `length`; others are named on standard
                output and ignored.

        Raises:
            ValueError: an unknown direction.
        """
        if "max_length" in kwargs:
            print(
                "enable_padding(max_length=X) is deprecated, use enable_padding(length=X) instead"
            )
            length = kwargs.pop("max_length")
        for option in kwargs:
            _convert.ignored(option)
        self._core.padding = (
            _convert.to_optional_usize(length),
            _convert.to_optional_usize(pad_to_multiple_of),
            _convert.to_u32(pad_id),
            _convert.to_str(pad_token),
            _convert.to_u32(pad_type_id),
            _save.known_direction(direction),
        )

    def no_padding(self) -> None:
        """Does not fill encodings up any more."""
        self._core.padding = None

    @property
    def padding(self) -> dict[str, Any] | None:
        """The arguments of `enable_padding`, or None."""
        values = self._core.padding
        names = ("length", "pad_to_multiple_of", "pad_id", "pad_token", "pad_type_id", "direction")
        return None if values is None else dict(zip(names, values, strict=True))

    # --- encoding -------------------------------------------------------------------------------

    def encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """Encodes a text or a pair of texts.

        Args:
            sequence: a str; with `is_pretokenized`, a list or tuple of words.
            pair: the same for the second text, or None.
            is_pretokenized: whether the texts come in words.
            add_special_tokens: whether the post-processor adds its tokens.

        Raises:
            TypeError: an input of another type, or text with a lone surrogate.
            Exception: the model cannot encode a text.
        """
        return self._pipeline().encode(sequence, pair, is_pretokenized, add_special_tokens)

    def encode_batch(
        self, input: Any, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """Encodes many texts, on several threads.

        Args:
            input: a sequence of texts, and of tuples or lists of two for pairs.
            is_pretokenized: whether the texts come in words.
            add_special_tokens: whether the post-processor adds its tokens.

        Raises:
            TypeError: an input of another type, or text with a lone surrogate.
            Exception: the model cannot encode a text.
        """
        return self._pipeline().encode_batch(input, is_pretokenized, add_special_tokens, True)

    def encode_batch_fast(
        self, input: Any, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> list[Encoding]:
        """As `encode_batch`, without tokens, offsets and words."""
        return self._pipeline().encode_batch(input, is_pretokenized, add_special_tokens, False)

    def post_process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """Cuts encodings, puts special tokens around them, and fills them up.

        Args:
            encoding: of the first text.
            pair: of the second text, or None.
            add_special_tokens: whether the post-processor adds its tokens.
        """
        for value in (encoding,) if pair is None else (encoding, pair):
            if not isinstance(value, Encoding):
                _convert.not_instance(value, "Encoding")
        add = _convert.to_bool(add_special_tokens)
        return self._pipeline().post_process(encoding, pair, add)

    # --- decoding -------------------------------------------------------------------------------

    def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
        """The text of ids.

        Args:
            ids: a sequence of integers; those that no token has are left out.
            skip_special_tokens: whether special tokens are left out too.
        """
        return self._pipeline().decode(ids, skip_special_tokens)

    def decode_batch(self, sequences: Any, skip_special_tokens: bool = True) -> list[str]:
        """The texts of several sequences of ids; see `decode`."""
        return self._pipeline().decode_batch(sequences, skip_special_tokens)

    # --- asynchronous forms ---------------------------------------------------------------------

    def async_encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> asyncio.Future[Encoding]:
        """As `encode`, in another thread."""
        return _in_thread(self.encode, sequence, pair, is_pretokenized, add_special_tokens)

    def async_encode_batch(
        self, input: Any, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> asyncio.Future[list[Encoding]]:
        """As `encode_batch`, in another thread."""
        return _in_thread(self.encode_batch, input, is_pretokenized, add_special_tokens)

    def async_encode_batch_fast(
        self, input: Any, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> asyncio.Future[list[Encoding]]:
        """As `encode_batch_fast`, in another thread."""
        return _in_thread(self.encode_batch_fast, input, is_pretokenized, add_special_tokens)

    def async_decode_batch(
        self, sequences: Any, skip_special_tokens: bool = True
    ) -> asyncio.Future[list[str]]:
        """As `decode_batch`, in another thread."""
        return _in_thread(self.decode_batch, sequences, skip_special_tokens)

    # --- training -------------------------------------------------------------------------------

    def train(self, files: list[str], trainer: Trainer | None = None) -> NoReturn:
        """Learns a vocabulary from files.

        Raises:
            NotImplementedError: always; vocabularies cannot be learned yet.
        """
        raise NotImplementedError(_NO_TRAINING)

    def train_from_iterator(
        self, iterator: Any, trainer: Trainer | None = None, length: int | None = None
    ) -> NoReturn:
        """Learns a vocabulary from texts.

        Raises:
            NotImplementedError: always; vocabularies cannot be learned yet.
        """
        raise NotImplementedError(_NO_TRAINING)


_NO_TRAINING = (
    "tokmill cannot train tokenizers yet: train with the tokenizers package and load the "
    "tokenizer.json that it saves"
)


def _in_thread(call: Callable[..., _T], *arguments: Any) -> asyncio.Future[_T]:
    """Begins a call in another thread.

    Raises:
        RuntimeError: no event loop is running.
    """
    return asyncio.get_running_loop().run_in_executor(None, call, *arguments)


def _source(stage: Component) -> tuple[Any, ...]:
    """The JSON objects that a component consists of."""
    content = stage._content
    return tuple(cell.spec for cell in content) if isinstance(content, list) else (content.spec,)


def _same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    return len(left) == len(right) and all(map(operator.is_, left, right))


def _is_custom(stage: Component) -> bool:
    try:
        _components.to_json(stage)
    except Exception:
        return True
    return False


def _from_bytes(data: bytes) -> Tokenizer:
    core, texts = Pipeline.read(data)
    model = models.of_native(core.model)
    tokenizer = object.__new__(Tokenizer)
    tokenizer._start(core, model, _save.read_stages(texts))
    return tokenizer
