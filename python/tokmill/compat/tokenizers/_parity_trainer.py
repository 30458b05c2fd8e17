"""ParityBpeTrainer: settings for learning one BPE vocabulary for several languages."""

from __future__ import annotations

from typing import Any, NoReturn

from . import _convert, _dump
from ._added_token import AddedToken
from ._settings import Setting, alphabet
from ._settings import special_tokens as special_tokens_list


def _ratio(ratio: object) -> list[float] | None:
    return None if ratio is None else [_convert.to_float(r) for r in _convert.to_sequence(ratio)]


def _variant(name: object) -> str:
    name = _convert.to_str(name)
    if name not in ("base", "window"):
        raise ValueError(f"Unknown variant '{name}'. Use 'base' or 'window'.")
    return name


@_convert.final
class ParityBpeTrainer:
    """Settings for learning a BPE vocabulary that compresses several languages alike.

    Args:
        num_merges: how many merges to learn.
        variant: "base" or "window".
        min_frequency: how often a pair must occur to be merged.
        ratio: the wanted compression of each language, relative to the others.
        global_merges: how many merges to learn from all languages together first.
        window_size: of the variant "window".
        alpha: of the variant "window".
        total_symbols: whether `num_merges` counts all symbols.
        special_tokens: tokens that the vocabulary begins with.
        show_progress: whether to show progress.
        limit_alphabet: the most characters that the alphabet may have.
        initial_alphabet: characters that it has in any case.
        continuing_subword_prefix: stands before a token that does not begin a word.
        end_of_word_suffix: stands behind a token that ends a word.
        max_token_length: the most characters that a token may have.
    """

    __slots__ = ("_settings",)
    __module__ = "tokmill.compat.tokenizers.trainers"

    _settings: dict[str, Any]

    def __new__(
        cls,
        num_merges: int = 32000,
        variant: str = "base",
        min_frequency: int = 0,
        ratio: list[float] | None = None,
        global_merges: int = 0,
        window_size: int = 100,
        alpha: float = 2.0,
        total_symbols: bool = False,
        special_tokens: list[str | AddedToken] | None = None,
        show_progress: bool = True,
        limit_alphabet: int | None = None,
        initial_alphabet: list[str] | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        max_token_length: int | None = None,
    ) -> ParityBpeTrainer:
        """Makes a trainer with these settings."""
        given = dict(locals())
        given["special_tokens"] = [] if special_tokens is None else special_tokens
        given["initial_alphabet"] = [] if initial_alphabet is None else initial_alphabet
        self = super().__new__(cls)
        self._settings = _checked(given)
        return self

    num_merges = Setting(_convert.to_usize)
    variant = Setting(_variant, writable=False)
    min_frequency = Setting(_convert.to_usize)
    global_merges = Setting(_convert.to_usize)
    window_size = Setting(_convert.to_usize)
    alpha = Setting(_convert.to_float)
    total_symbols = Setting(_convert.to_bool)
    show_progress = Setting(_convert.to_bool)
    special_tokens = Setting(special_tokens_list)
    limit_alphabet = Setting(_convert.to_optional_usize)
    initial_alphabet = Setting(alphabet)
    continuing_subword_prefix = Setting(_convert.to_optional_str)
    end_of_word_suffix = Setting(_convert.to_optional_str)
    max_token_length = Setting(_convert.to_optional_usize)

    def train_from_iterator(
        self,
        tokenizer: Any,
        train_iterators: list[Any],
        dev_iterators: list[Any] | None = None,
        ratio: list[float] | None = None,
    ) -> NoReturn:
        """Learns a vocabulary.

        Raises:
            NotImplementedError: always; vocabularies cannot be learned yet.
        """
        raise NotImplementedError("tokmill cannot train tokenizers yet")

    def __getstate__(self) -> dict[str, Any]:
        tokens = [token.content for token in self._settings["special_tokens"]]
        return {**self._settings, "special_tokens": tokens}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._settings = _checked(state)

    def __repr__(self) -> str:
        names = ("num_merges", "variant", "min_frequency", "global_merges", "window_size", "alpha")
        shown = {name: self._settings[name] for name in names}
        shown["total_symbols"] = _dump.Name(str(self.total_symbols).lower())
        return _dump.dump(_dump.Struct("ParityBpeTrainer", shown), _dump.REPR)


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """The settings in the order in which the reference pickles them."""
    checked: dict[str, Any] = {}
    for name, setting in vars(ParityBpeTrainer).items():
        if not isinstance(setting, Setting):
            continue
        checked[name] = setting.convert(given[name])
        if name == "show_progress":
            checked["ratio"] = _ratio(given["ratio"])
    return checked
