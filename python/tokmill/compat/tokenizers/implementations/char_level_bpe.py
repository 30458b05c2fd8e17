"""The tokenizer of the first GPT: BPE over characters, with a suffix at the ends of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import AddedToken, Tokenizer, decoders, pre_tokenizers, trainers
from ..models import BPE
from ..normalizers import BertNormalizer, Lowercase, Normalizer, unicode_normalizer_from_str
from .base_tokenizer import BaseTokenizer
from .parts import add_known_special_tokens, sequence_of, train_from_files


class CharBPETokenizer(BaseTokenizer):
    """BPE over the characters of words.

    Args:
        vocab: token -> id, or the path of a vocab.json; without vocab and merges, the model is
            empty.
        merges: pairs of tokens, or the path of a merges.txt.
        unk_token: what an unknown character becomes.
        suffix: stands behind a token that ends a word.
        dropout: the probability that a merge is left out.
        lowercase: makes the text lower case.
        unicode_normalizer: "nfc", "nfd", "nfkc" or "nfkd".
        bert_normalizer: cleans the text as BERT does.
        split_on_whitespace_only: keeps punctuation with the words.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        merges: str | list[tuple[str, str]] | None = None,
        unk_token: str | AddedToken = "<unk>",
        suffix: str = "</w>",
        dropout: float | None = None,
        lowercase: bool = False,
        unicode_normalizer: str | None = None,
        bert_normalizer: bool = True,
        split_on_whitespace_only: bool = False,
    ) -> None:
        parameters = {"model": "BPE"} | {
            name: value
            for name, value in locals().items()
            if name not in ("self", "vocab", "merges", "__class__")
        }
        if vocab is None or merges is None:
            vocab = merges = None
        model = BPE(
            vocab, merges, dropout=dropout, unk_token=str(unk_token), end_of_word_suffix=suffix
        )
        tokenizer = Tokenizer(model)
        add_known_special_tokens(tokenizer, unk_token)
        normalizers: list[Normalizer] = []
        if unicode_normalizer:
            normalizers.append(unicode_normalizer_from_str(unicode_normalizer))
        if bert_normalizer:
            normalizers.append(BertNormalizer(lowercase=False))
        if lowercase:
            normalizers.append(Lowercase())
        tokenizer.normalizer = sequence_of(normalizers)
        if split_on_whitespace_only:
            tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        else:
            tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.BPEDecoder(suffix=suffix)
        super().__init__(tokenizer, parameters)

    @staticmethod
    def from_file(vocab_filename: str, merges_filename: str, **kwargs: Any) -> CharBPETokenizer:
        """Reads vocab.json and merges.txt; further arguments are those of the constructor."""
        vocab, merges = BPE.read_file(vocab_filename, merges_filename)
        return CharBPETokenizer(vocab, merges, **kwargs)

    def train(
        self,
        files: str | list[str],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        special_tokens: Sequence[str | AddedToken] = ("<unk>",),
        limit_alphabet: int = 1000,
        initial_alphabet: Sequence[str] = (),
        suffix: str | None = "</w>",
        show_progress: bool = True,
    ) -> None:
        """Learns the vocabulary from files; see `trainers.BpeTrainer`."""
        settings = dict(locals())
        train_from_files(self._tokenizer, files, _trainer(settings))

    def train_from_iterator(
        self,
        iterator: Iterator[str] | Iterator[Iterator[str]],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        special_tokens: Sequence[str | AddedToken] = ("<unk>",),
        limit_alphabet: int = 1000,
        initial_alphabet: Sequence[str] = (),
        suffix: str | None = "</w>",
        show_progress: bool = True,
        length: int | None = None,
    ) -> None:
        """Learns the vocabulary from texts; see `trainers.BpeTrainer`."""
        settings = dict(locals())
        self._tokenizer.train_from_iterator(iterator, trainer=_trainer(settings), length=length)


def _trainer(settings: dict[str, Any]) -> trainers.BpeTrainer:
    return trainers.BpeTrainer(
        vocab_size=settings["vocab_size"],
        min_frequency=settings["min_frequency"],
        special_tokens=list(settings["special_tokens"]),
        limit_alphabet=settings["limit_alphabet"],
        initial_alphabet=list(settings["initial_alphabet"]),
        end_of_word_suffix=settings["suffix"],
        show_progress=settings["show_progress"],
    )
