"""BERT's tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import AddedToken, Tokenizer, decoders, trainers
from ..models import WordPiece
from ..normalizers import BertNormalizer
from ..pre_tokenizers import BertPreTokenizer
from ..processors import BertProcessing
from .base_tokenizer import BaseTokenizer
from .parts import add_known_special_tokens, required_id, train_from_files

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class BertWordPieceTokenizer(BaseTokenizer):
    """WordPiece with BERT's normalizer, pre-tokenizer and special tokens.

    Args:
        vocab: token -> id, or the path of a vocab.txt; without one, the model is empty.
        unk_token: what an unknown word becomes.
        sep_token: ends a sequence.
        cls_token: begins a text.
        pad_token: fills up.
        mask_token: hides a word.
        clean_text: see `normalizers.BertNormalizer`, as the next three.
        handle_chinese_chars: likewise.
        strip_accents: likewise.
        lowercase: likewise.
        wordpieces_prefix: stands before tokens that do not begin a word, for decoding.

    Raises:
        TypeError: the vocabulary lacks `sep_token` or `cls_token`.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        unk_token: str | AddedToken = "[UNK]",
        sep_token: str | AddedToken = "[SEP]",
        cls_token: str | AddedToken = "[CLS]",
        pad_token: str | AddedToken = "[PAD]",
        mask_token: str | AddedToken = "[MASK]",
        clean_text: bool = True,
        handle_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        lowercase: bool = True,
        wordpieces_prefix: str = "##",
    ) -> None:
        parameters = {"model": "BertWordPiece"} | {
            name: value
            for name, value in locals().items()
            if name not in ("self", "vocab", "__class__")
        }
        tokenizer = Tokenizer(WordPiece(vocab, unk_token=str(unk_token)))
        add_known_special_tokens(tokenizer, unk_token, sep_token, cls_token, pad_token, mask_token)
        tokenizer.normalizer = BertNormalizer(
            clean_text=clean_text,
            handle_chinese_chars=handle_chinese_chars,
            strip_accents=strip_accents,
            lowercase=lowercase,
        )
        tokenizer.pre_tokenizer = BertPreTokenizer()
        if vocab is not None:
            sep, cls = str(sep_token), str(cls_token)
            sep_id = required_id(tokenizer, sep, "sep_token")
            cls_id = required_id(tokenizer, cls, "cls_token")
            tokenizer.post_processor = BertProcessing((sep, sep_id), (cls, cls_id))
        tokenizer.decoder = decoders.WordPiece(prefix=wordpieces_prefix)
        super().__init__(tokenizer, parameters)

    @staticmethod
    def from_file(vocab: str, **kwargs: Any) -> BertWordPieceTokenizer:
        """Reads a vocab.txt; further arguments are those of the constructor."""
        return BertWordPieceTokenizer(WordPiece.read_file(vocab), **kwargs)

    def train(
        self,
        files: str | list[str],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        limit_alphabet: int = 1000,
        initial_alphabet: Sequence[str] = (),
        special_tokens: Sequence[str | AddedToken] = _SPECIAL,
        show_progress: bool = True,
        wordpieces_prefix: str = "##",
    ) -> None:
        """Learns the vocabulary from files; see `trainers.WordPieceTrainer`."""
        settings = dict(locals())
        train_from_files(self._tokenizer, files, _trainer(settings))

    def train_from_iterator(
        self,
        iterator: Iterator[str] | Iterator[Iterator[str]],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        limit_alphabet: int = 1000,
        initial_alphabet: Sequence[str] = (),
        special_tokens: Sequence[str | AddedToken] = _SPECIAL,
        show_progress: bool = True,
        wordpieces_prefix: str = "##",
        length: int | None = None,
    ) -> None:
        """Learns the vocabulary from texts; see `trainers.WordPieceTrainer`."""
        settings = dict(locals())
        self._tokenizer.train_from_iterator(iterator, trainer=_trainer(settings), length=length)


def _trainer(settings: dict[str, Any]) -> trainers.WordPieceTrainer:
    return trainers.WordPieceTrainer(
        vocab_size=settings["vocab_size"],
        min_frequency=settings["min_frequency"],
        limit_alphabet=settings["limit_alphabet"],
        initial_alphabet=list(settings["initial_alphabet"]),
        special_tokens=list(settings["special_tokens"]),
        show_progress=settings["show_progress"],
        continuing_subword_prefix=settings["wordpieces_prefix"],
    )
