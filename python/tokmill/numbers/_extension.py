"""The new tokens of a digit scheme, for models that are to learn them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tokmill import _core

if TYPE_CHECKING:
    from tokmill._tokenizer import Tokenizer

    from ._tokenizer import NumberTokenizer


class NewToken(NamedTuple):
    """A token that the base does not have.

    Attributes:
        id: its id in the extended vocabulary.
        name: as `id_to_token` gives it, such as "⟨12k⟩".
        digits: the digits that it writes; "" for markers and control tokens.
        power: the power of ten that they are to be multiplied with.
        base_ids: ids of the base whose embeddings it is made from.
        weights: their weights, of the same length, with the sum 1.
    """

    id: int
    name: str
    digits: str
    power: int
    base_ids: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class VocabularyExtension(Sequence[NewToken]):
    """The new tokens in the order of their ids, without gaps.

    The plan for a new row is a weighted mean of rows of the base: half of it from the pieces in
    which the base spells the digits, half from those of the zeros that say the magnitude ("12k":
    the pieces of "12" and of "000"; "5pp": of "5" and of "0.000"). So tokens of one magnitude and
    tokens of the same digits begin beside each other.

    Attributes:
        first_id: id of the first token; rows between the base's vocabulary and it are unused.
        tokens: the tokens.
    """

    first_id: int
    tokens: tuple[NewToken, ...]

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[NewToken]:
        return iter(self.tokens)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        """The token at a place, or those of a slice."""
        return self.tokens[place]

    def rows(self, embedding: npt.ArrayLike) -> npt.NDArray[np.floating]:
        """The planned rows for the new tokens.

        Args:
            embedding: of the base model, shape (rows, dimensions), with a row for each base id.

        Returns:
            An array of shape (len(self), dimensions) and the type of `embedding`.
        """
        matrix = np.asarray(embedding)
        if matrix.ndim != 2:
            raise ValueError(f"an embedding has two dimensions, not {matrix.ndim}")
        most = max((max(token.base_ids) for token in self.tokens), default=-1)
        if most >= len(matrix):
            raise ValueError(f"the plan needs row {most}, the embedding has {len(matrix)}")
        kind = matrix.dtype if np.issubdtype(matrix.dtype, np.floating) else np.dtype(np.float64)
        planned = np.empty((len(self.tokens), matrix.shape[1]), dtype=kind)
        for row, token in zip(planned, self.tokens, strict=True):
            weights = np.asarray(token.weights)
            row[:] = weights @ matrix[list(token.base_ids)].astype(np.float64)
        return planned

    def resize(self, embedding: npt.ArrayLike) -> npt.NDArray[np.floating]:
        """The embedding with the planned rows where the new ids are.

        Rows of `embedding` at and behind `first_id` (padding of some models) are overwritten;
        missing ones before it get the mean of all rows.
        """
        matrix = np.asarray(embedding)
        planned = self.rows(matrix)
        size = max(self.first_id + len(self.tokens), len(matrix))
        resized = np.empty((size, matrix.shape[1]), dtype=planned.dtype)
        resized[: len(matrix)] = matrix
        resized[len(matrix) :] = matrix.astype(np.float64).mean(axis=0)
        resized[self.first_id : self.first_id + len(self.tokens)] = planned
        return resized


def extension_of(tokenizer: NumberTokenizer) -> VocabularyExtension:
    """The extension that a tokenizer with a digit scheme makes of its base."""
    speller = _Speller(tokenizer.base)
    tokens = []
    for id_, name, kind, digits, power in _core.number_tokens(tokenizer):
        del kind
        base_ids, weights = speller.plan(digits, power)
        tokens.append(NewToken(id_, name, digits, power, base_ids, weights))
    return VocabularyExtension(tokenizer.first_id, tuple(tokens))


class _Speller:
    """How the base spells digits and zeros."""

    def __init__(self, base: Tokenizer) -> None:
        self._base = base
        self._known: dict[str, tuple[int, ...]] = {}

    def plan(self, digits: str, power: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Ids and weights for a token."""
        halves = [self._ids(digits)] if digits else []
        if power > 0:
            halves.append(self._ids("0" * power))
        elif power < -len(digits) or (power < 0 and not digits):
            halves.append(self._ids("0." + "0" * -(power + len(digits))))
        elif power < 0:
            halves.append(self._ids("."))
        if not halves:
            halves.append(self._ids("0"))
        ids = tuple(id_ for half in halves for id_ in half)
        weights = tuple(1 / len(halves) / len(half) for half in halves for _ in half)
        return ids, weights

    def _ids(self, text: str) -> tuple[int, ...]:
        if text not in self._known:
            ids = self._base.encode(text, add_special_tokens=False, special="text")
            self._known[text] = tuple(ids.tolist())
        return self._known[text]
