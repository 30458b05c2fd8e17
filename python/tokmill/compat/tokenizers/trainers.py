"""Trainers: what a vocabulary is to be learned with.

They hold their settings and can be pickled and printed as the reference's; see
`Tokenizer.train` for training itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import _convert, _dump
from ._added_token import AddedToken, make
from ._parity_trainer import ParityBpeTrainer
from ._settings import Setting, alphabet, first_letters
from ._settings import special_tokens as special_tokens_list

__all__ = [
    "BpeTrainer",
    "ParityBpeTrainer",
    "Trainer",
    "UnigramTrainer",
    "WordLevelTrainer",
    "WordPieceTrainer",
]


def _progress_format(name: object) -> str:
    name = _convert.to_str(name)
    return name if name in ("json", "silent") else "indicatif"


_PROGRESS = {"indicatif": "Indicatif", "json": "JsonLines", "silent": "Silent"}


class Trainer:
    """Base of all trainers; has no instances of its own."""

    __slots__ = ("_settings",)

    _settings: dict[str, Any]
    _defaults: dict[str, Any] = {}  # noqa: RUF012
    # Settings that constructors take and that are no attributes.
    _hidden: dict[str, Callable[[Any], Any]] = {}  # noqa: RUF012

    def __new__(cls, *args: object, **kwargs: object) -> Trainer:
        """Makes a trainer with the default settings."""
        if cls is Trainer:
            raise TypeError("cannot create 'tokenizers.trainers.Trainer' instances")
        self = super().__new__(cls)
        self._settings = dict(cls._defaults)
        return self

    def _configure(self, given: dict[str, Any], unknown: dict[str, object]) -> None:
        """Takes the settings that were given to a constructor."""
        for name, value in given.items():
            if value is _convert.UNSET:
                continue
            if name == "initial_alphabet":
                self._settings[name] = first_letters(value)
            elif name in self._hidden:
                self._settings[name] = self._hidden[name](value)
            else:
                setattr(self, name, value)
        for name in unknown:
            _convert.ignored_argument(name)

    def _fields(self) -> dict[str, Any]:
        """The settings in the order and the spelling of the serialised form."""
        raise NotImplementedError

    def _restore(self, fields: dict[str, Any]) -> None:
        """Takes settings back from the serialised form."""
        for name in self._settings:
            value = fields[name]
            if name == "special_tokens":
                value = [_token(token) for token in value]
            elif name == "progress_format":
                value = {text: key for key, text in _PROGRESS.items()}[value]
            self._settings[name] = value

    def __getstate__(self) -> bytes:
        tree = {type(self).__name__: self._fields()}
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"), default=_token_json)
        return text.encode()

    def __setstate__(self, state: bytes) -> None:
        try:
            fields = json.loads(state)[type(self).__name__]
            self._restore(fields)
        except (ValueError, KeyError, TypeError) as error:
            raise Exception(f"Error while attempting to unpickle PyTrainer: {error}") from None

    def _print(self, limits: _dump.Limits) -> str:
        name = type(self).__name__
        tree = _dump.Variant(name, _dump.Struct(name, _printable(self._fields())))
        return _dump.dump(tree, limits)

    def __repr__(self) -> str:
        return self._print(_dump.REPR)

    def __str__(self) -> str:
        return self._print(_dump.STR)


def _token(fields: dict[str, Any]) -> AddedToken:
    flags = {name: value for name, value in fields.items() if name != "content"}
    return make(fields["content"], flags)


def _token_json(token: object) -> dict[str, Any]:
    if not isinstance(token, AddedToken):
        raise TypeError(type(token).__name__)
    return token.__getstate__()


def _printable(fields: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "progress_format":
            value = _dump.Name(value)
        elif name == "special_tokens":
            value = [_dump.Struct("AddedToken", token.__getstate__()) for token in value]
        elif name == "bpe_trainer":
            value = _dump.Struct("BpeTrainer", _printable(value))
        shown[name] = value
    return shown


_BPE_DEFAULTS: dict[str, Any] = {
    "min_frequency": 0,
    "vocab_size": 30000,
    "show_progress": True,
    "progress_format": "indicatif",
    "special_tokens": [],
    "limit_alphabet": None,
    "initial_alphabet": [],
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "max_token_length": None,
}


def _bpe_fields(settings: dict[str, Any]) -> dict[str, Any]:
    progress = {"progress_format": _PROGRESS[settings["progress_format"]]}
    return {**settings, **progress, "words": {}}


@_convert.final
class BpeTrainer(Trainer):
    """Settings for learning a BPE vocabulary.

    Args:
        vocab_size: how many tokens there shall be, the alphabet and the special tokens included.
        min_frequency: how often a pair must occur to be merged.
        show_progress: whether to show progress.
        progress_format: "indicatif", "json" or "silent".
        special_tokens: tokens that the vocabulary begins with.
        limit_alphabet: the most characters that the alphabet may have.
        initial_alphabet: characters that it has in any case.
        continuing_subword_prefix: stands before a token that does not begin a word.
        end_of_word_suffix: stands behind a token that ends a word.
        max_token_length: the most characters that a token may have.
    """

    __slots__ = ()

    _defaults = _BPE_DEFAULTS

    def __init__(
        self,
        *,
        vocab_size: int = _convert.UNSET,
        min_frequency: int = _convert.UNSET,
        show_progress: bool = _convert.UNSET,
        progress_format: str = _convert.UNSET,
        special_tokens: list[str | AddedToken] = _convert.UNSET,
        limit_alphabet: int | None = _convert.UNSET,
        initial_alphabet: list[str] = _convert.UNSET,
        continuing_subword_prefix: str | None = _convert.UNSET,
        end_of_word_suffix: str | None = _convert.UNSET,
        max_token_length: int | None = _convert.UNSET,
        **kwargs: object,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in self._defaults}
        self._configure(given, kwargs)

    vocab_size = Setting(_convert.to_usize)
    min_frequency = Setting(_convert.to_usize)
    show_progress = Setting(_convert.to_bool)
    progress_format = Setting(_progress_format)
    special_tokens = Setting(special_tokens_list)
    limit_alphabet = Setting(_convert.to_optional_usize)
    max_token_length = Setting(_convert.to_optional_usize)
    initial_alphabet = Setting(alphabet)
    continuing_subword_prefix = Setting(_convert.to_optional_str)
    end_of_word_suffix = Setting(_convert.to_optional_str)

    def get_word_count(self) -> int:
        """How many different words have been fed to the trainer."""
        return 0

    def _fields(self) -> dict[str, Any]:
        return _bpe_fields(self._settings)


@_convert.final
class WordPieceTrainer(Trainer):
    """Settings for learning a WordPiece vocabulary; see `BpeTrainer`."""

    __slots__ = ()

    _defaults = _BPE_DEFAULTS | {"continuing_subword_prefix": "##"}

    def __init__(
        self,
        *,
        vocab_size: int = _convert.UNSET,
        min_frequency: int = _convert.UNSET,
        show_progress: bool = _convert.UNSET,
        special_tokens: list[str | AddedToken] = _convert.UNSET,
        limit_alphabet: int | None = _convert.UNSET,
        initial_alphabet: list[str] = _convert.UNSET,
        continuing_subword_prefix: str | None = _convert.UNSET,
        end_of_word_suffix: str | None = _convert.UNSET,
        **kwargs: object,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in self._defaults}
        self._configure(given, kwargs)

    vocab_size = Setting(_convert.to_usize)
    min_frequency = Setting(_convert.to_usize)
    show_progress = Setting(_convert.to_bool)
    special_tokens = Setting(special_tokens_list)
    limit_alphabet = Setting(_convert.to_optional_usize)
    initial_alphabet = Setting(alphabet)
    continuing_subword_prefix = Setting(_convert.to_optional_str)
    end_of_word_suffix = Setting(_convert.to_optional_str)

    def _fields(self) -> dict[str, Any]:
        return {"bpe_trainer": _bpe_fields(self._settings)}

    def _restore(self, fields: dict[str, Any]) -> None:
        super()._restore(fields["bpe_trainer"])


@_convert.final
class WordLevelTrainer(Trainer):
    """Settings for learning a vocabulary of whole words; see `BpeTrainer`."""

    __slots__ = ()

    _defaults = {  # noqa: RUF012
        "min_frequency": 0,
        "vocab_size": 30000,
        "show_progress": True,
        "special_tokens": [],
    }

    def __init__(
        self,
        *,
        vocab_size: int = _convert.UNSET,
        min_frequency: int = _convert.UNSET,
        show_progress: bool = _convert.UNSET,
        special_tokens: list[str | AddedToken] = _convert.UNSET,
        **kwargs: object,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in self._defaults}
        self._configure(given, kwargs)

    vocab_size = Setting(_convert.to_usize)
    min_frequency = Setting(_convert.to_usize)
    show_progress = Setting(_convert.to_bool)
    special_tokens = Setting(special_tokens_list)

    def _fields(self) -> dict[str, Any]:
        return {**self._settings, "words": {}}


@_convert.final
class UnigramTrainer(Trainer):
    """Settings for learning a Unigram vocabulary.

    Args:
        vocab_size: how many tokens there shall be.
        show_progress: whether to show progress.
        special_tokens: tokens that the vocabulary begins with.
        initial_alphabet: characters that it has in any case.
        shrinking_factor: the share of the pieces that each round keeps.
        unk_token: the token for what is unknown.
        max_piece_length: the most characters that a token may have.
        n_sub_iterations: rounds of expectation and maximisation before each pruning.
        seed_size: how many pieces to begin with.
    """

    __slots__ = ()

    _defaults = {  # noqa: RUF012
        "show_progress": True,
        "vocab_size": 8000,
        "n_sub_iterations": 2,
        "shrinking_factor": 0.75,
        "special_tokens": [],
        "initial_alphabet": [],
        "unk_token": None,
        "max_piece_length": 16,
        "seed_size": 1000000,
    }
    _hidden = {  # noqa: RUF012
        "n_sub_iterations": _convert.to_u32,
        "shrinking_factor": _convert.to_float,
        "unk_token": _convert.to_optional_str,
        "max_piece_length": _convert.to_usize,
        "seed_size": _convert.to_usize,
    }

    def __init__(
        self,
        *,
        vocab_size: int = _convert.UNSET,
        show_progress: bool = _convert.UNSET,
        special_tokens: list[str | AddedToken] = _convert.UNSET,
        initial_alphabet: list[str] = _convert.UNSET,
        shrinking_factor: float = _convert.UNSET,
        unk_token: str | None = _convert.UNSET,
        max_piece_length: int = _convert.UNSET,
        n_sub_iterations: int = _convert.UNSET,
        seed_size: int = _convert.UNSET,
        **kwargs: object,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in self._defaults}
        self._configure(given, kwargs)

    vocab_size = Setting(_convert.to_u32)
    show_progress = Setting(_convert.to_bool)
    special_tokens = Setting(special_tokens_list)
    initial_alphabet = Setting(alphabet)

    def _fields(self) -> dict[str, Any]:
        return {**self._settings, "words": {}}
