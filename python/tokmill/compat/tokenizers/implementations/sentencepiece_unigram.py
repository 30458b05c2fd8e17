"""Unigram over text whose spaces are visible characters, as SentencePiece has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, trainers
from ..models import Unigram
from .base_tokenizer import BaseTokenizer
from .parts import train_from_files

_UNIGRAM = 1  # TrainerSpec.ModelType


class SentencePieceUnigramTokenizer(BaseTokenizer):
    """Unigram with the normalization and pre-tokenization of SentencePiece.

    Args:
        vocab: tokens with their scores; without them, the model is empty.
        replacement: stands for a space.
        add_prefix_space: puts a space before the text.
    """

    def __init__(
        self,
        vocab: list[tuple[str, float]] | None = None,
        replacement: str = "▁",
        add_prefix_space: bool = True,
    ) -> None:
        tokenizer = Tokenizer(Unigram() if vocab is None else Unigram(vocab))
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Nmt(), normalizers.NFKC(), _single_spaces()]
        )
        _set_metaspace(tokenizer, replacement, add_prefix_space)
        parameters = {
            "model": "SentencePieceUnigram",
            "replacement": replacement,
            "add_prefix_space": add_prefix_space,
        }
        super().__init__(tokenizer, parameters)

    def train(
        self,
        files: str | list[str],
        vocab_size: int = 8000,
        show_progress: bool = True,
        special_tokens: list[str | AddedToken] | None = None,
        initial_alphabet: list[str] | None = None,
        unk_token: str | None = None,
    ) -> None:
        """Learns the vocabulary from files; see `trainers.UnigramTrainer`."""
        trainer = _trainer(vocab_size, show_progress, special_tokens, initial_alphabet, unk_token)
        train_from_files(self._tokenizer, files, trainer)

    def train_from_iterator(
        self,
        iterator: Iterator[str] | Iterator[Iterator[str]],
        vocab_size: int = 8000,
        show_progress: bool = True,
        special_tokens: list[str | AddedToken] | None = None,
        initial_alphabet: list[str] | None = None,
        unk_token: str | None = None,
        length: int | None = None,
    ) -> None:
        """Learns the vocabulary from texts; see `trainers.UnigramTrainer`."""
        trainer = _trainer(vocab_size, show_progress, special_tokens, initial_alphabet, unk_token)
        self._tokenizer.train_from_iterator(iterator, trainer=trainer, length=length)

    @staticmethod
    def from_spm(filename: str) -> SentencePieceUnigramTokenizer:
        """Reads a Unigram model of SentencePiece.

        Args:
            filename: its path. The module `sentencepiece_model_pb2` must be importable.

        Raises:
            Exception: that module is missing, or the model is of another kind.
        """
        spec = _model_proto(filename)
        if spec.trainer_spec.model_type != _UNIGRAM:
            raise Exception(
                "You're trying to run a `Unigram` model but you're file was trained with a "
                "different algorithm"
            )
        pieces = [(piece.piece, piece.score) for piece in spec.pieces]
        trained = spec.trainer_spec
        tokenizer = Tokenizer(Unigram(pieces, trained.unk_id, trained.byte_fallback))
        steps: list[normalizers.Normalizer] = [_single_spaces()]
        if spec.normalizer_spec.precompiled_charsmap:
            charsmap = spec.normalizer_spec.precompiled_charsmap
            steps.insert(0, normalizers.Precompiled(charsmap))
        tokenizer.normalizer = normalizers.Sequence(steps)
        _set_metaspace(tokenizer, "▁", True)
        made = SentencePieceUnigramTokenizer.__new__(SentencePieceUnigramTokenizer)
        BaseTokenizer.__init__(made, tokenizer, {"model": "SentencePieceUnigram"})
        return made


def _single_spaces() -> normalizers.Normalizer:
    return normalizers.Replace(Regex(" {2,}"), " ")


def _set_metaspace(tokenizer: Tokenizer, replacement: str, add_prefix_space: bool) -> None:
    scheme = "always" if add_prefix_space else "never"
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=replacement, prepend_scheme=scheme
    )
    tokenizer.decoder = decoders.Metaspace(replacement=replacement, prepend_scheme=scheme)


def _model_proto(filename: str) -> Any:
    try:
        import sentencepiece_model_pb2 as proto  # type: ignore[import-not-found]
    except ImportError:
        raise Exception(
            "reading a SentencePiece model this way needs the protobuf package and the module "
            "sentencepiece_model_pb2 of the sentencepiece project on the path; "
            "tokmill.Tokenizer.from_file reads such models without them"
        ) from None
    spec = proto.ModelProto()
    spec.ParseFromString(Path(filename).read_bytes())
    return spec


def _trainer(
    vocab_size: int,
    show_progress: bool,
    special_tokens: list[str | AddedToken] | None,
    initial_alphabet: list[str] | None,
    unk_token: str | None,
) -> trainers.UnigramTrainer:
    return trainers.UnigramTrainer(
        vocab_size=vocab_size,
        special_tokens=[] if special_tokens is None else special_tokens,
        show_progress=show_progress,
        initial_alphabet=[] if initial_alphabet is None else initial_alphabet,
        unk_token=unk_token,
    )
