"""BPE over text whose spaces are visible characters, as SentencePiece has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import AddedToken, Tokenizer, decoders, pre_tokenizers, trainers
from ..models import BPE
from ..normalizers import NFKC
from .base_tokenizer import BaseTokenizer
from .parts import add_known_special_tokens, train_from_files


class SentencePieceBPETokenizer(BaseTokenizer):
    """BPE with the pre-tokenization of SentencePiece.

    Args:
        vocab: token -> id, or the path of a vocab.json; without vocab and merges, the model is
            empty.
        merges: pairs of tokens, or the path of a merges.txt.
        unk_token: what an unknown character becomes.
        replacement: stands for a space.
        add_prefix_space: puts a space before the text.
        dropout: the probability that a merge is left out.
        fuse_unk: makes neighbouring unknown characters one token.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        merges: str | list[tuple[str, str]] | None = None,
        unk_token: str | AddedToken = "<unk>",
        replacement: str = "▁",
        add_prefix_space: bool = True,
        dropout: float | None = None,
        fuse_unk: bool = False,
    ) -> None:
        parameters = {
            "model": "SentencePieceBPE",
            "unk_token": unk_token,
            "replacement": replacement,
            "add_prefix_space": add_prefix_space,
            "dropout": dropout,
        }
        if vocab is None or merges is None:
            vocab = merges = None
        model = BPE(vocab, merges, dropout=dropout, unk_token=str(unk_token), fuse_unk=fuse_unk)
        tokenizer = Tokenizer(model)
        add_known_special_tokens(tokenizer, unk_token)
        tokenizer.normalizer = NFKC()
        scheme = "always" if add_prefix_space else "never"
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
            replacement=replacement, prepend_scheme=scheme
        )
        tokenizer.decoder = decoders.Metaspace(replacement=replacement, prepend_scheme=scheme)
        super().__init__(tokenizer, parameters)

    @staticmethod
    def from_file(
        vocab_filename: str, merges_filename: str, **kwargs: Any
    ) -> SentencePieceBPETokenizer:
        """Reads vocab.json and merges.txt; further arguments are those of the constructor."""
        vocab, merges = BPE.read_file(vocab_filename, merges_filename)
        return SentencePieceBPETokenizer(vocab, merges, **kwargs)

    def train(
        self,
        files: str | list[str],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        special_tokens: Sequence[str | AddedToken] = ("<unk>",),
        limit_alphabet: int = 1000,
        initial_alphabet: Sequence[str] = (),
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
        show_progress=settings["show_progress"],
    )
