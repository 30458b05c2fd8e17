"""Models: what turns a piece of text into tokens."""

from __future__ import annotations

from typing import Any, TypeVar

from tokmill import _core

from . import _convert, _dump, _epoch, _model_files
from ._pieces import Token
from .trainers import BpeTrainer, Trainer, UnigramTrainer, WordLevelTrainer, WordPieceTrainer

__all__ = ["BPE", "Model", "Unigram", "WordLevel", "WordPiece"]

Native = _core.stages.Model
_M = TypeVar("_M", bound="Model")


class _Cell:
    """The model that several objects stand for; setting an attribute of one changes all."""

    __slots__ = ("native",)

    def __init__(self, native: Native) -> None:
        self.native = native


class _Option:
    """An attribute of a model."""

    def __init__(self, convert: Any, doc: str) -> None:
        self._convert = convert
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, model: Model | None, owner: type) -> Any:
        return self if model is None else model._native().options()[self._name]

    def __set__(self, model: Model, value: Any) -> None:
        checked = self._convert(value)
        cell = model._cell
        cell.native = cell.native.with_options({**cell.native.options(), self._name: checked})
        _epoch.bump()


class Model:
    """Base of all models. Made directly, it is an empty BPE model."""

    __slots__ = ("_cell",)

    _cell: _Cell

    def __new__(cls, *args: Any, **kwargs: Any) -> Model:
        """Makes an empty BPE model."""
        if args or kwargs:
            raise TypeError("Model.__new__() takes 0 positional arguments")
        return cls._of(_Cell(_EMPTY_BPE))

    @classmethod
    def _of(cls: type[_M], cell: _Cell) -> _M:
        self = object.__new__(cls)
        self._cell = cell
        return self

    def _native(self) -> Native:
        return self._cell.native

    def tokenize(self, sequence: str) -> list[Token]:
        """The tokens of a piece of text, with offsets in bytes of it.

        Raises:
            Exception: the piece cannot be made of tokens.
        """
        tokens = self._native().tokenize(_convert.to_str(sequence))
        return [Token(*token) for token in tokens]

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, None if it is not in the vocabulary."""
        return self._native().token_to_id(_convert.to_str(token))

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, None if it is not in the vocabulary."""
        return self._native().id_to_token(_convert.to_u32(id))

    def save(self, folder: str, prefix: str | None = None, name: str | None = None) -> list[str]:
        """Writes the files that this kind of model is kept in.

        Args:
            folder: an existing directory.
            prefix: the names of the files begin with it and a hyphen.
            name: deprecated name of `prefix`.

        Returns:
            The paths of the files.

        Raises:
            Exception: a file cannot be written.
        """
        if name is not None:
            _model_files.warn_about_name()
            prefix = name if prefix is None else prefix
        return _model_files.save(self._native(), _convert.to_str(folder), prefix)

    def get_trainer(self) -> Trainer:
        """A trainer for models of this kind, with its default settings."""
        return _TRAINERS[self._native().type]()

    def __getstate__(self) -> bytes:
        return self._native().to_json()

    def __setstate__(self, state: bytes) -> None:
        if not isinstance(state, bytes):
            _convert.not_instance(state, "bytes")
        try:
            self._cell = _Cell(Native.from_json(state))
        except Exception as error:
            raise Exception(f"Error while attempting to unpickle Model: {error}") from None
        _epoch.bump()

    def __repr__(self) -> str:
        return _dump.dump(to_dump(self, _dump.REPR), _dump.REPR)

    def __str__(self) -> str:
        return _dump.dump(to_dump(self, _dump.STR), _dump.STR)


@_convert.final
class BPE(Model):
    """Byte pair encoding: a piece begins as characters, which are merged by rank.

    Args:
        vocab: token -> id, or the path of a vocab.json.
        merges: pairs of tokens, the most important first, or the path of a merges.txt.
        cache_capacity: accepted and not used: caches are of a fixed size.
        dropout: the probability that a merge is left out.
        unk_token: what an unknown character becomes.
        continuing_subword_prefix: stands before characters that do not begin a piece.
        end_of_word_suffix: stands behind the last character of a piece.
        fuse_unk: makes neighbouring unknown characters one token.
        byte_fallback: makes unknown characters tokens for their bytes, such as "<0x0A>".
        ignore_merges: a piece that is a token is not merged from parts.

    Raises:
        ValueError: only one of `vocab` and `merges` is given, or one is a path and one is not.
        Exception: the files cannot be read, or the merges do not fit the vocabulary.
    """

    __slots__ = ()

    def __new__(
        cls,
        vocab: dict[str, int] | str | None = None,
        merges: list[tuple[str, str]] | str | None = None,
        *,
        cache_capacity: int = 10000,
        dropout: float | None = None,
        unk_token: str | None = None,
        continuing_subword_prefix: str = _convert.UNSET,
        end_of_word_suffix: str = _convert.UNSET,
        fuse_unk: bool = False,
        byte_fallback: bool = False,
        ignore_merges: bool = False,
        **kwargs: object,
    ) -> BPE:
        """Makes a model; unknown options are named on standard output and ignored."""
        if (vocab is None) != (merges is None):
            raise ValueError("`vocab` and `merges` must be both specified")
        for option in kwargs:
            _convert.ignored(option)
        _convert.to_usize(cache_capacity)
        unset = _convert.UNSET
        prefix, suffix = continuing_subword_prefix, end_of_word_suffix
        options = {
            "dropout": _convert.to_optional_float(dropout),
            "unk_token": _convert.to_optional_str(unk_token),
            "continuing_subword_prefix": None if prefix is unset else _convert.to_str(prefix),
            "end_of_word_suffix": None if suffix is unset else _convert.to_str(suffix),
            "fuse_unk": _convert.to_bool(fuse_unk),
            "byte_fallback": _convert.to_bool(byte_fallback),
            "ignore_merges": _convert.to_bool(ignore_merges),
        }
        return cls._of(_Cell(_model_files.make_bpe(vocab, merges, options)))

    dropout = _Option(_convert.to_optional_float, "The probability that a merge is left out.")
    unk_token = _Option(_convert.to_optional_str, "What an unknown character becomes.")
    continuing_subword_prefix = _Option(
        _convert.to_optional_str, "Stands before characters that do not begin a piece."
    )
    end_of_word_suffix = _Option(
        _convert.to_optional_str, "Stands behind the last character of a piece."
    )
    fuse_unk = _Option(_convert.to_bool, "Whether neighbouring unknown characters are one token.")
    byte_fallback = _Option(
        _convert.to_bool, "Whether unknown characters become tokens for their bytes."
    )
    ignore_merges = _Option(_convert.to_bool, "Whether a piece that is a token stays whole.")

    @staticmethod
    def read_file(vocab: str, merges: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
        """Reads vocab.json and merges.txt.

        Raises:
            Exception: a file cannot be read.
        """
        with _model_files.explained("Error while reading vocab & merges files"):
            return _model_files.read_bpe(_convert.to_str(vocab), _convert.to_str(merges))

    @classmethod
    def from_file(cls, vocab: str, merges: str, **kwargs: Any) -> BPE:
        """A model from vocab.json and merges.txt; further arguments are those of the constructor.

        Raises:
            Exception: a file cannot be read, or the merges do not fit the vocabulary.
        """
        with _model_files.explained("Error while reading BPE files"):
            parts = _model_files.read_bpe(_convert.to_str(vocab), _convert.to_str(merges))
        return cls(*parts, **kwargs)

    def _clear_cache(self) -> None:
        """Does nothing: caches are of a fixed size."""

    def _resize_cache(self, capacity: int) -> None:
        """Does nothing: caches are of a fixed size."""
        _convert.to_usize(capacity)


@_convert.final
class WordPiece(Model):
    """WordPiece: the longest token at each place of a word, from left to right.

    Args:
        vocab: token -> id, or the path of a vocab.txt.
        unk_token: what a word becomes that does not come out even.
        max_input_chars_per_word: longer words are unknown.
        continuing_subword_prefix: stands before tokens that do not begin a word.

    Raises:
        Exception: the file cannot be read.
    """

    __slots__ = ()

    def __new__(
        cls,
        vocab: dict[str, int] | str | None = None,
        *,
        unk_token: str = "[UNK]",
        max_input_chars_per_word: int = 100,
        continuing_subword_prefix: str = "##",
        **kwargs: object,
    ) -> WordPiece:
        """Makes a model; unknown options are named on standard output and ignored."""
        for option in kwargs:
            _convert.ignored_argument(option)
        options = {
            "unk_token": _convert.to_str(unk_token),
            "continuing_subword_prefix": _convert.to_str(continuing_subword_prefix),
            "max_input_chars_per_word": _convert.to_usize(max_input_chars_per_word),
        }
        with _model_files.explained("Error while initializing WordPiece"):
            words = _model_files.vocabulary(vocab, _model_files.read_lines)
        return cls._of(_Cell(Native.wordpiece(words, options)))

    unk_token = _Option(_convert.to_str, "What a word becomes that does not come out even.")
    continuing_subword_prefix = _Option(
        _convert.to_str, "Stands before tokens that do not begin a word."
    )
    max_input_chars_per_word = _Option(_convert.to_usize, "Longer words are unknown.")

    @staticmethod
    def read_file(vocab: str) -> dict[str, int]:
        """Reads a vocab.txt: token -> number of its line.

        Raises:
            Exception: the file cannot be read.
        """
        with _model_files.explained("Error while reading WordPiece file"):
            return _model_files.read_lines(_convert.to_str(vocab))

    @classmethod
    def from_file(cls, vocab: str, **kwargs: Any) -> WordPiece:
        """A model from a vocab.txt; further arguments are those of the constructor."""
        return cls(cls.read_file(vocab), **kwargs)


@_convert.final
class WordLevel(Model):
    """Each piece is a token or unknown.

    Args:
        vocab: token -> id, or the path of a vocab.json.
        unk_token: what an unknown piece becomes.

    Raises:
        Exception: the file cannot be read.
    """

    __slots__ = ()

    def __new__(
        cls, vocab: dict[str, int] | str | None = None, unk_token: str | None = None
    ) -> WordLevel:
        """Makes a model."""
        unknown = "<unk>" if unk_token is None else _convert.to_str(unk_token)
        with _model_files.explained(None):
            words = _model_files.vocabulary(vocab, _model_files.read_json)
        return cls._of(_Cell(Native.wordlevel(words, {"unk_token": unknown})))

    unk_token = _Option(_convert.to_str, "What an unknown piece becomes.")

    @staticmethod
    def read_file(vocab: str) -> dict[str, int]:
        """Reads a vocab.json.

        Raises:
            Exception: the file cannot be read.
        """
        with _model_files.explained("Error while reading WordLevel file"):
            return _model_files.read_json(_convert.to_str(vocab))

    @classmethod
    def from_file(cls, vocab: str, unk_token: str | None = None) -> WordLevel:
        """A model from a vocab.json."""
        return cls(cls.read_file(vocab), unk_token)


@_convert.final
class Unigram(Model):
    """Of all ways to make a text of pieces, the one with the highest sum of scores.

    Args:
        vocab: pieces with their scores; without them, the model has nothing but an unknown token.
        unk_id: the place of the unknown token in the vocabulary.
        byte_fallback: makes unknown characters tokens for their bytes, such as "<0x0A>".
        alpha: of sampling: the smaller, the more evenly.
        nbest_size: of sampling: how many of the best ways are considered; without it, all.

    Raises:
        ValueError: `unk_id` without `vocab`.
        Exception: `unk_id` is not a place in the vocabulary.
    """

    __slots__ = ()

    def __new__(
        cls,
        vocab: list[tuple[str, float]] | None = None,
        unk_id: int | None = None,
        byte_fallback: bool | None = None,
        alpha: float | None = None,
        nbest_size: int | None = None,
    ) -> Unigram:
        """Makes a model."""
        if vocab is None and unk_id is not None:
            raise ValueError("`vocab` and `unk_id` must be both specified")
        options = {
            "unk_id": _convert.to_optional_usize(unk_id),
            "byte_fallback": byte_fallback is not None and _convert.to_bool(byte_fallback),
            "alpha": _convert.to_optional_float(alpha),
            "nbest_size": _convert.to_optional_usize(nbest_size),
        }
        if vocab is None:
            pieces = [("<unk>", 0.0)]
            options |= {"unk_id": 0, "byte_fallback": False}
        else:
            pieces = [_piece(item) for item in _convert.to_sequence(vocab)]
        with _model_files.explained("Error while loading Unigram"):
            return cls._of(_Cell(Native.unigram(pieces, options)))

    alpha = _Option(_convert.to_optional_float, "Of sampling: the smaller, the more evenly.")
    nbest_size = _Option(
        _convert.to_optional_usize, "Of sampling: how many of the best ways are considered."
    )

    def _clear_cache(self) -> None:
        """Does nothing: caches are of a fixed size."""

    def _resize_cache(self, capacity: int) -> None:
        """Does nothing: caches are of a fixed size."""
        _convert.to_usize(capacity)


def _piece(item: object) -> tuple[str, float]:
    if not isinstance(item, tuple):
        _convert.not_instance(item, "tuple")
    if len(item) != 2:
        raise ValueError(f"expected tuple of length 2, but got tuple of length {len(item)}")
    return _convert.to_str(item[0]), _convert.to_float(item[1])


_TRAINERS: dict[str, type[Trainer]] = {
    "BPE": BpeTrainer,
    "WordPiece": WordPieceTrainer,
    "WordLevel": WordLevelTrainer,
    "Unigram": UnigramTrainer,
}
_CLASSES: dict[str, type[Model]] = {
    "BPE": BPE,
    "WordPiece": WordPiece,
    "WordLevel": WordLevel,
    "Unigram": Unigram,
}
_NO_OPTIONS: dict[str, Any] = {
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": False,
    "byte_fallback": False,
    "ignore_merges": False,
}
_EMPTY_BPE = Native.bpe({}, [], _NO_OPTIONS)


def of_native(native: Native) -> Model:
    """A new model object for a compiled model."""
    return _CLASSES[native.type]._of(_Cell(native))


def handle(model: Model) -> Model:
    """Another object for the same model, of the class that it has."""
    return _CLASSES[model._native().type]._of(model._cell)


def adopt(value: object) -> Model:
    """A model from what a setter is given: one of ours, or a copy of one of the reference's.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, Model):
        return value
    for cls in type(value).__mro__:
        if cls.__name__ == "Model" and cls.__module__.partition(".")[0] == "tokenizers":
            state: Any = value
            return of_native(Native.from_json(state.__getstate__()))
    _convert.not_instance(value, "Model")


def to_dump(model: Model, limits: _dump.Limits) -> _dump.Struct:
    """A model for `_dump.dump`, with as much of the vocabulary as is shown."""
    native = model._native()
    options = native.options()
    if native.type == "Unigram":
        fields = {
            "unk_id": options["unk_id"],
            "vocab": native.pieces(limits.elements),
            "byte_fallback": options["byte_fallback"],
        }
        return _dump.Struct("Unigram", fields)
    vocabulary: dict[str, Any] = {"vocab": dict(native.vocabulary(limits.elements))}
    if native.type == "WordLevel":
        return _dump.Struct("WordLevel", vocabulary | options)
    if native.type == "BPE":
        vocabulary["merges"] = native.merges(limits.elements)
    return _dump.Struct(native.type, options | vocabulary)
