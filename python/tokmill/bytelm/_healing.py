"""Prompting with tokens, and what is done about prompts that end inside one.

These are the methods that byte-level models replace, to compare with and for engines that offer
nothing else: the naive prompt; token healing, which takes the last token back; token alignment,
which takes several back (Athiwaratkun et al., Token Alignment via Character Matching for Subword
Completion, ACL Findings 2024). All are the byte-level model with part of the tokens fixed: what is
taken back is conditioned on as bytes, what is not is one token sequence out of many.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._measure import Floats, Text
from ._merging import MergingProcess, Row
from ._model import ByteModel
from ._state import State
from ._vocabulary import ByteVocab, as_bytes


@dataclass(frozen=True)
class AlignedPrompt:
    """A prompt of which some tokens have been taken back.

    Attributes:
        tokens: the ids that stay.
        rest: the bytes that what follows has to begin with.
    """

    tokens: tuple[int, ...]
    rest: bytes

    def mask(self, vocab: ByteVocab) -> npt.NDArray[np.bool_]:
        """Tokens that agree with `rest`: see `byte_prefix_mask`."""
        return byte_prefix_mask(vocab, self.rest)

    def append(self, vocab: ByteVocab, token: int) -> AlignedPrompt:
        """The prompt with one more token, one of the mask."""
        spelled = vocab.token_bytes(token) or b""
        if not (spelled.startswith(self.rest) or self.rest.startswith(spelled)):
            raise ValueError(f"token {token} spells {spelled!r}, but {self.rest!r} has to follow")
        return AlignedPrompt((*self.tokens, token), self.rest[len(spelled) :])


def align_prompt(vocab: ByteVocab, prefix: Text, backtrack: int = 1) -> AlignedPrompt:
    """Encodes a prompt and takes its last tokens back (1: token healing; 0: none).

    Args:
        vocab: with its `text_prefix`, which is put before the prompt.
        prefix: the prompt.
        backtrack: how many tokens; all, if there are fewer.
    """
    count = operator.index(backtrack)
    if count < 0:
        raise ValueError(f"backtrack must not be negative, but is {count}")
    tokens = vocab.encode(vocab.text_prefix + as_bytes(prefix))
    kept = max(len(tokens) - count, 0)
    return AlignedPrompt(tuple(tokens[:kept]), vocab.decode(tokens[kept:]))


def byte_prefix_mask(vocab: ByteVocab, rest: bytes) -> npt.NDArray[np.bool_]:
    """Tokens that may come next if the bytes `rest` have to follow: bool [id_count].

    Those that begin with `rest`, and those that `rest` begins with. With nothing left to follow
    every token may come, special ones included.
    """
    if not rest:
        return np.ones(vocab.id_count, bool)
    tokens = map(vocab.token_bytes, range(vocab.id_count))
    found = (t is not None and (t.startswith(rest) or rest.startswith(t)) for t in tokens)
    return np.fromiter(found, bool, vocab.id_count)


def aligned_state(model: ByteModel, prefix: Text, backtrack: int = 1) -> State:
    """The state behind a prompt whose encoding is fixed but for its last tokens.

    0 is the naive prompt, 1 token healing (with the probabilities of all tokens that agree with
    what was taken back), as many as there are tokens the exact state.

    Args:
        model: its options hold for what follows.
        prefix: the prompt.
        backtrack: tokens that are taken back.
    """
    prompt = align_prompt(model.vocab, prefix, backtrack)
    return _fixed(model, prompt.tokens).state(prompt.rest)


def naive_next_byte_logprobs(model: ByteModel, prefix: Text) -> Floats:
    """The next byte as token-level prompting sees it: float64 [257].

    The encoding of the prompt is the context, and the probabilities of all tokens are added up by
    their first bytes.
    """
    return np.asarray(naive_byte_distributions(model, prefix, only_last=True)[0])


def naive_byte_distributions(model: ByteModel, text: Text, *, only_last: bool = False) -> Floats:
    """`naive_next_byte_logprobs` behind every beginning of a text, from one model call.

    Args:
        model: the model.
        text: the text.
        only_last: only behind the whole text.

    Returns:
        float64 [n + 1, 257], or [1, 257].
    """
    data = as_bytes(text)
    lengths: Sequence[int] = [len(data)] if only_last else range(len(data) + 1)
    prompts = [align_prompt(model.vocab, data[:length], 0).tokens for length in lengths]
    wanted = {model.context_tokens + tokens: number for number, tokens in enumerate(prompts)}
    rows = dict(zip(wanted, model._source.rows(list(wanted)), strict=True))
    # Of its rows only the sums over first bytes are used.
    process = MergingProcess(
        model._vocabulary,
        key=tuple,
        mask=None,
        renormalize="none",
        special=model.options["special"],
        rows=model.options["rows"],
    )
    out = np.empty((len(prompts), 257))
    for number, tokens in enumerate(prompts):
        row = Row(process, rows[model.context_tokens + tokens], None)
        out[number, :256], out[number, 256] = row.firsts, row.end
    return out


def _fixed(model: ByteModel, tokens: tuple[int, ...]) -> ByteModel:
    """The model behind fixed tokens, where any token may come next."""
    context = model.context_tokens + tokens
    return model.with_options(
        covering="all",
        utf8="any",
        beam=None,
        eps=0.0,
        context_tokens=context,
        text_prefix=b"",
    )
