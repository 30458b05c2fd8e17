"""Fill in the middle: the text between a prefix and a suffix, cut anywhere.

Models trained for it read the parts in another order, with special tokens between them (Bavarian
et al., Efficient Training of Language Models to Fill in the Middle, 2022). A cut inside a token is
as bad for them as a prompt that ends in one. Here the tokens around the cuts stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from .._errors import InvalidInput
from ._measure import END, Floats, Seed, Text
from ._model import ByteModel
from ._options import check_choices
from ._protocol import AnyModel
from ._vocabulary import ByteVocab, as_bytes

Order: TypeAlias = Literal["psm", "spm"]


@dataclass(frozen=True)
class FillTokens:
    """The special tokens of a model that was trained to fill in the middle.

    Attributes:
        prefix: before the prefix.
        suffix: before the suffix.
        middle: before the middle.
        start: ids before everything, for example that of the beginning of a text.
    """

    prefix: int
    suffix: int
    middle: int
    start: tuple[int, ...] = ()


class FillInMiddle:
    """Probabilities and samples of the text between a prefix and a suffix.

    "spm" (suffix first) gives the model the suffix, then the prefix directly before the middle:
    the prefix is conditioned on as bytes, so a cut inside a token on its side costs nothing. Exact.

    "psm" (prefix first) has special tokens between prefix and middle. The prefix is divided at a
    boundary that no continuation moves: what is before it are fixed tokens, what is behind it (a
    word or two) is conditioned on as the beginning of the middle. Exact given that division.

    The suffix is fixed tokens: its encoding. Whether the middle joins on to a suffix that begins
    inside a token is what `rank` with `condition_suffix` asks.

    Args:
        vocab: as for ByteModel.
        model: as for ByteModel.
        prefix: the text before the middle.
        suffix: the text behind it.
        tokens: the special tokens.
        order: how the model was trained.
        options: further options of ByteModel. `eos_ids` of the vocabulary have to hold the token
            that ends a middle.

    Attributes:
        model: the ByteModel with everything but the middle in its context.
        rest: the end of the prefix, which the texts of that ByteModel begin with.
    """

    def __init__(
        self,
        vocab: ByteVocab,
        model: AnyModel,
        prefix: Text,
        suffix: Text,
        tokens: FillTokens,
        order: Order = "psm",
        **options: Any,
    ) -> None:
        check_choices(order=order)
        before, self.suffix = as_bytes(prefix), as_bytes(suffix)
        behind = vocab.encode(self.suffix)
        head, self.rest = ([], before) if order == "spm" else _divide(vocab, before)
        if order == "spm":
            context = [*tokens.start, tokens.prefix, tokens.suffix, *behind, tokens.middle]
        else:
            front = [*tokens.start, tokens.prefix, *head]
            context = [*front, tokens.suffix, *behind, tokens.middle]
        options.setdefault("text_prefix", b"")
        self.model = ByteModel(vocab, model, context_tokens=context, **options)
        self._start: float | None = None

    def next_byte_logprobs(self, middle: Text = b"") -> Floats:
        """Distribution of the byte behind the beginning of a middle: float64 [257].

        Index 256 is the end of the middle.
        """
        return self.model.next_byte_logprobs(self.rest + as_bytes(middle))

    def end_logprob(self, middle: Text) -> float:
        """Log-probability that the middle ends here, given that it begins so."""
        return float(self.next_byte_logprobs(middle)[END])

    def prefix_logprob(self, middle: Text) -> float:
        """Log-probability that the middle begins so."""
        return self.model.prefix_logprob(self.rest + as_bytes(middle)) - self._start_logprob()

    def logprob(self, middle: Text) -> float:
        """Log-probability of a whole middle, its end included."""
        return self.model.logprob(self.rest + as_bytes(middle)) - self._start_logprob()

    def suffix_logprob(self, middle: Text, condition_suffix: int) -> float:
        """Log-probability that the first bytes of the suffix follow, without an end between.

        The model may read on past the middle with a token that the middle has begun, so this is
        what tells middles apart when the suffix begins inside a token.
        """
        text = self.rest + as_bytes(middle)
        values = self.model.score_batch([text, text + self.suffix[:condition_suffix]], end=False)
        return float(values[1] - values[0]) if values[1] > -np.inf else -np.inf

    def rank(self, middles: Iterable[Text], condition_suffix: int = 0) -> list[tuple[bytes, float]]:
        """Orders candidates by log-probability, the best first.

        Args:
            middles: candidates.
            condition_suffix: 0: of the middle and its end. k: of the middle and, behind it, the
                first k bytes of the suffix.

        Returns:
            (middle, log-probability).
        """
        candidates = [as_bytes(middle) for middle in middles]
        joint = self.suffix[:condition_suffix]
        texts = [self.rest + middle + joint for middle in candidates]
        values = self.model.score_batch(texts, end=condition_suffix == 0) - self._start_logprob()
        scored = zip(candidates, values.tolist(), strict=True)
        return sorted(scored, key=lambda item: -item[1])

    def sample(
        self,
        max_bytes: int = 256,
        rng: Seed = None,
        temperature: float = 1.0,
        top_p: float = 1.0,
        stop: Text | Sequence[Text] | None = None,
    ) -> bytes:
        """Draws a middle; see `ByteModel.sample`."""
        return self.model.sample(self.rest, max_bytes, rng, temperature, top_p, stop)

    def greedy(self, max_bytes: int = 256, stop: Text | Sequence[Text] | None = None) -> bytes:
        """The middle of the most probable bytes; see `ByteModel.greedy`."""
        return self.model.greedy(self.rest, max_bytes, stop)

    def _start_logprob(self) -> float:
        if self._start is None:
            self._start = self.model.prefix_logprob(self.rest)
            if self._start == -np.inf:
                raise InvalidInput(f"the model gives the prefix's end {self.rest!r} probability 0")
        return self._start


def _divide(vocab: ByteVocab, prefix: bytes) -> tuple[list[int], bytes]:
    """Divides a prefix into tokens that stay and bytes that stay open.

    The cut is the last beginning of a word, behind something that is no space, up to which the
    encodings of the whole and of the part agree.
    """
    tokens = vocab.encode(prefix)
    ends = np.cumsum([len(vocab.token_bytes(token) or b"") for token in tokens]).tolist()
    for count in range(len(tokens) - 1, 0, -1):
        cut = ends[count - 1]
        begins_word = prefix[cut : cut + 1].isspace() and not prefix[cut - 1 : cut].isspace()
        open_word = len(prefix[cut:].strip()) > 0
        if begins_word and open_word and vocab.encode(prefix[:cut]) == tokens[:count]:
            return tokens[:count], prefix[cut:]
    return [], prefix
