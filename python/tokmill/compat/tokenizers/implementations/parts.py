"""Steps that several of the ready-made tokenizers are put together with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..normalizers import Lowercase, Normalizer, Sequence, unicode_normalizer_from_str

if TYPE_CHECKING:
    from .. import AddedToken, Tokenizer
    from ..trainers import Trainer


def add_known_special_tokens(tokenizer: Tokenizer, *tokens: str | AddedToken) -> None:
    """Makes those of the tokens special that the vocabulary has."""
    for token in map(str, tokens):
        if tokenizer.token_to_id(token) is not None:
            tokenizer.add_special_tokens([token])


def required_id(tokenizer: Tokenizer, token: str, role: str) -> int:
    """The id of a token that must be there.

    Raises:
        TypeError: it is not in the vocabulary; `role` names it.
    """
    token_id = tokenizer.token_to_id(token)
    if token_id is None:
        raise TypeError(f"{role} not found in the vocabulary")
    return token_id


def sequence_of(normalizers: list[Normalizer]) -> Normalizer | None:
    """One normalizer for several; None for none."""
    if not normalizers:
        return None
    return normalizers[0] if len(normalizers) == 1 else Sequence(normalizers)


def unicode_and_case(unicode_normalizer: str | None, lowercase: bool) -> list[Normalizer]:
    """The normalizers that two common options ask for."""
    normalizers: list[Normalizer] = []
    if unicode_normalizer:
        normalizers.append(unicode_normalizer_from_str(unicode_normalizer))
    if lowercase:
        normalizers.append(Lowercase())
    return normalizers


def train_from_files(tokenizer: Tokenizer, files: str | list[str], trainer: Trainer) -> None:
    """Trains from one file or several."""
    tokenizer.train([files] if isinstance(files, str) else files, trainer=trainer)
