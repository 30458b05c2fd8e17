"""GPT-2's tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import AddedToken, Tokenizer, decoders, pre_tokenizers, processors, trainers
from ..models import BPE
from .base_tokenizer import BaseTokenizer
from .parts import sequence_of, train_from_files, unicode_and_case


class ByteLevelBPETokenizer(BaseTokenizer):
    """BPE over the bytes of the text.

    Args:
        vocab: token -> id, or the path of a vocab.json; without vocab and merges, the model is
            empty.
        merges: pairs of tokens, or the path of a merges.txt.
        add_prefix_space: puts a space before the text.
        lowercase: makes the text lower case.
        dropout: the probability that a merge is left out.
        unicode_normalizer: "nfc", "nfd", "nfkc" or "nfkd".
        continuing_subword_prefix: see `models.BPE`.
        end_of_word_suffix: see `models.BPE`.
        trim_offsets: leaves white space out of offsets.
    """

    def __init__(
        self,
        vocab: str | dict[str, int] | None = None,
        merges: str | list[tuple[str, str]] | None = None,
        add_prefix_space: bool = False,
        lowercase: bool = False,
        dropout: float | None = None,
        unicode_normalizer: str | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        trim_offsets: bool = False,
    ) -> None:
        parameters = {"model": "ByteLevelBPE"} | {
            name: value
            for name, value in locals().items()
            if name not in ("self", "vocab", "merges", "__class__")
        }
        if vocab is not None and merges is not None:
            model = BPE(
                vocab,
                merges,
                dropout=dropout,
                continuing_subword_prefix=continuing_subword_prefix or "",
                end_of_word_suffix=end_of_word_suffix or "",
            )
        else:
            model = BPE()
        tokenizer = Tokenizer(model)
        tokenizer.normalizer = sequence_of(unicode_and_case(unicode_normalizer, lowercase))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
        super().__init__(tokenizer, parameters)

    @staticmethod
    def from_file(
        vocab_filename: str, merges_filename: str, **kwargs: Any
    ) -> ByteLevelBPETokenizer:
        """Reads vocab.json and merges.txt; further arguments are those of the constructor."""
        vocab, merges = BPE.read_file(vocab_filename, merges_filename)
        return ByteLevelBPETokenizer(vocab, merges, **kwargs)

    def train(
        self,
        files: str | list[str],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        show_progress: bool = True,
        special_tokens: Sequence[str | AddedToken] = (),
    ) -> None:
        """Learns the vocabulary from files; see `trainers.BpeTrainer`."""
        trainer = _trainer(vocab_size, min_frequency, show_progress, special_tokens)
        train_from_files(self._tokenizer, files, trainer)

    def train_from_iterator(
        self,
        iterator: Iterator[str] | Iterator[Iterator[str]],
        vocab_size: int = 30000,
        min_frequency: int = 2,
        show_progress: bool = True,
        special_tokens: Sequence[str | AddedToken] = (),
        length: int | None = None,
    ) -> None:
        """Learns the vocabulary from texts; see `trainers.BpeTrainer`."""
        trainer = _trainer(vocab_size, min_frequency, show_progress, special_tokens)
        self._tokenizer.train_from_iterator(iterator, trainer=trainer, length=length)


def _trainer(
    vocab_size: int,
    min_frequency: int,
    show_progress: bool,
    special_tokens: Sequence[str | AddedToken],
) -> trainers.BpeTrainer:
    return trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        show_progress=show_progress,
        special_tokens=list(special_tokens),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
