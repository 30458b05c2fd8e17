"""Byte-level probabilities from a language model over tokens."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .. import _core
from .._errors import InvalidInput
from .._tokenizer import Tokenizer
from ._following import FollowingProcess
from ._measure import ByteMeasure, Draw, Floats, Seed, Text
from ._merging import MergingProcess
from ._options import Covering, Renormalize, RowKind, Special, Utf8, check_choices
from ._protocol import AnyModel
from ._rows import Context, Rows, RowSource, RowTransform, name_row, paths
from ._state import State
from ._vocabulary import ByteVocab, as_bytes

# Numbers in the rows of one model call for many texts: texts go into groups that stay below.
_CALL_ENTRIES = 1 << 27
# How many cover members are listed at first when one is drawn.
_COVER = 64


class CoreState(Protocol):
    """What the compiled states and those of `MergingProcess` can do."""

    @property
    def position(self) -> int: ...
    def needs(self) -> list[Context]: ...
    def supply(self, rows: Rows) -> None: ...
    def push(self, byte: int) -> CoreState: ...
    def push_bytes(self, data: bytes) -> CoreState: ...
    def next_byte_logprobs(self) -> Floats: ...
    def prefix_logprob(self) -> float: ...
    def other_logprob(self) -> float: ...
    def leak(self) -> float: ...
    def bounds(self) -> tuple[float, float]: ...
    def cover(self, max_items: int) -> list[tuple[Context, float]]: ...
    def closed(self) -> list[tuple[Context, float]]: ...


class ByteModel(ByteMeasure[State]):
    """A language model over tokens, read as one over bytes.

    What is computed is exact for the rows that the model gives. There are three probabilities to
    choose from, which docs/bytelm.md compares:

    - `covering="canonical"`, `renormalize="local"`: every row is restricted to the tokens that
      keep the sequence canonical. A proper measure; one new row a byte. The default.
    - `covering="canonical"`, `renormalize="none"`: the unchanged probability of canonical
      sequences (Phan et al., Exact Byte-Level Probabilities from Tokenized Language Models, ICLR
      2025). Mass on other sequences leaks; the next byte's distribution is normalized and `leak`
      says what was missing.
    - `covering="all"`: sums over every token sequence that spells the text (Vieira et al., From
      Language Models over Tokens to Language Models over Characters, ICML 2025). A proper measure,
      of exponential cost unless a `beam` bounds it or the model has `state_key`.

    Args:
        vocab: a ByteVocab, or a tokmill.Tokenizer to make one from.
        model: a callable of contexts or an object, see NextTokenModel.
        covering: which token sequences count.
        renormalize: whether rows are normalized again after masking.
        beam: for `covering="all"`: how many contexts go on at most; None: all.
        eps: leave contexts out as long as their share of the mass stays below; 0: none.
        context_tokens: ids before the text, for example that of the beginning. The text begins
            behind them as if nothing stood there.
        text_prefix: bytes that stand before every text, on which everything is conditioned; None:
            those of the vocabulary.
        special: tokens without bytes other than `eos_ids`: "eos": they end the text, too;
            "forbid": they never come; "other": they are an outcome of their own.
        utf8: "strict": texts are valid UTF-8.
        rows: what the model gives: "logprobs", "logits", or "auto": logits if an entry is above 0.
        token_transform: changes the rows of the model first: rows [n, V] -> rows. It is the place
            for a temperature over tokens, which is another distribution than one over bytes.

    Attributes:
        vocab, model, context_tokens, text_prefix: as given.
        options: the other arguments by their names.

    Raises:
        InvalidInput: an id of `context_tokens` is not in the vocabulary, or `text_prefix` cannot
            be encoded.
        UnsupportedTokenizer: the canonical sequences of the tokenizer cannot be followed exactly.
    """

    def __init__(
        self,
        vocab: ByteVocab | Tokenizer,
        model: AnyModel,
        *,
        covering: Covering = "canonical",
        renormalize: Renormalize = "local",
        beam: int | None = None,
        eps: float = 0.0,
        context_tokens: Iterable[int] = (),
        text_prefix: Text | None = None,
        special: Special = "eos",
        utf8: Utf8 = "any",
        rows: RowKind = "auto",
        token_transform: RowTransform | None = None,
    ) -> None:
        check_choices(
            covering=covering, renormalize=renormalize, special=special, utf8=utf8, rows=rows
        )
        self.vocab = _as_vocab(vocab)
        self.model = model
        self.options: dict[str, Any] = {
            "covering": covering,
            "renormalize": renormalize,
            "beam": _checked_beam(beam, covering),
            "eps": _checked_eps(eps),
            "special": special,
            "utf8": utf8,
            "rows": rows,
            "token_transform": token_transform,
        }
        self._vocabulary = self.vocab._compiled(utf8, covering)
        self.context_tokens = self._checked_context(context_tokens)
        self.text_prefix = as_bytes(self.vocab.text_prefix if text_prefix is None else text_prefix)
        self._source = RowSource(model, self._vocabulary.id_count, token_transform)
        self._process = self._make_process()
        self.vocab.check_bytes(self.text_prefix)
        self._base: CoreState = self._process.state().push_bytes(self.text_prefix)
        self._known_base: tuple[float, float, float] | None = None
        if not self.text_prefix:
            self._known_base = 0.0, 0.0, 0.0

    def _make_process(self) -> Any:
        options = self.options
        common = {name: options[name] for name in ("renormalize", "special", "rows")}
        key = getattr(self.model, "state_key", None)
        canonical = options["covering"] == "canonical"
        masks = self.vocab._masks if canonical else None
        if masks is not None:
            return MergingProcess(self._vocabulary, key=tuple, mask=masks.mask, **common)
        if key is not None and not canonical:
            front = self.context_tokens
            return MergingProcess(
                self._vocabulary, key=lambda tokens: key(front + tokens), mask=None, **common
            )
        process = _core.bytelm.Process(
            self._vocabulary,
            covering=options["covering"],
            beam=options["beam"],
            eps=options["eps"],
            **common,
        )
        return process if options["beam"] is None else FollowingProcess(process)

    def _checked_context(self, tokens: Iterable[int]) -> Context:
        context = tuple(operator.index(token) for token in tokens)
        for index, token in enumerate(context):
            if not 0 <= token < self._vocabulary.id_count:
                raise InvalidInput(
                    f"context_tokens[{index}] is {token}, but there are only "
                    f"{self._vocabulary.id_count} ids",
                    index=index,
                )
        return context

    def with_options(self, **changes: Any) -> ByteModel:
        """The same model with other options: any keyword argument of the constructor."""
        kept = {"context_tokens": self.context_tokens, "text_prefix": self.text_prefix}
        return ByteModel(self.vocab, self.model, **{**self.options, **kept, **changes})

    # --- states -----------------------------------------------------------------------------

    def state(self, prefix: Text = b"") -> State:
        """The state of a text; it asks the model nothing.

        Raises:
            InvalidInput: no tokens spell the text or a longer one, or the tokenizer's normalizer
                would change it; `position` is the place in the text.
        """
        return State(self, self._base).push_bytes(prefix)

    def _fill(self, states: Sequence[State]) -> None:
        while True:
            wanted: dict[Context, int] = {}
            for state in states:
                for tokens in state._missing():
                    wanted.setdefault(tokens, len(wanted))
            if not wanted:
                return
            rows = self._source.rows([self.context_tokens + tokens for tokens in wanted])
            for state in states:
                state._take(wanted, rows)
            # Only where contexts are left out can a look at the rows call for others.
            if self.options["eps"] == 0 and self.options["beam"] is None:
                return

    def _unknown_base(self) -> CoreState | None:
        """The state of `text_prefix` as long as its probability is not known."""
        if self._known_base is not None:
            return None
        if self._base.needs():
            return self._base
        low, high = self._base.bounds()
        value = self._base.prefix_logprob()
        if value == -np.inf:
            raise InvalidInput(
                f"the model gives the text prefix {self.text_prefix!r} probability 0"
            )
        self._known_base = value, low, high
        return None

    def _base_logprob(self) -> float:
        if self._unknown_base() is not None:
            raise RuntimeError("rows are missing: see needs()")
        assert self._known_base is not None
        return self._known_base[0]

    def _base_bounds(self) -> tuple[float, float]:
        self._base_logprob()
        assert self._known_base is not None
        return self._known_base[1:]

    # --- probabilities ----------------------------------------------------------------------

    def leak(self, prefix: Text = b"") -> float:
        """Share of the probability of `prefix` that no next byte and no end takes over.

        0 unless `renormalize="none"`. What is missing is on token sequences that are canonical up
        to `prefix` and no longer behind it.
        """
        return self._filled(prefix).leak()

    def other_logprob(self, prefix: Text = b"") -> float:
        """Log-probability that behind `prefix` comes a token without bytes that is no end."""
        return self._filled(prefix).other_logprob()

    def prefix_logprob_bounds(self, text: Text, beam: int | None = None) -> tuple[float, float]:
        """Bounds that contain the exact log-probability that a text begins with `text`.

        Args:
            text: the beginning.
            beam: contexts that go on at most, for `covering="all"`; None: the model's own.
        """
        model = self
        if beam is not None and self.options["covering"] == "all":
            model = self.with_options(beam=beam)
        return model._filled(text).bounds()

    def byte_distributions(self, text: Text) -> Floats:
        """The distributions of the next byte behind every beginning of a text.

        From one model call, unless a beam decides which contexts to ask for.

        Returns:
            Log-probabilities, float64 [n + 1, 257]; row i belongs to the first i bytes.
        """
        return self._scan(text)[0]

    def byte_leaks(self, text: Text) -> Floats:
        """`leak` behind every beginning of a text: float64 [n + 1]; otherwise the same."""
        return self._scan(text)[1]

    def _scan(self, text: Text) -> tuple[Floats, Floats]:
        """Distributions and leaks behind every beginning of a text."""
        data = as_bytes(text)
        self.vocab.check(data, self.text_prefix)
        if isinstance(self._process, MergingProcess):
            states = self._along(data)
            self._fill(states)
            return _read(states)
        if self.options["beam"] is not None or self.options["eps"] > 0:
            return _read(self._filled_along(data))
        front = self.text_prefix
        scorer = self._process.scorer(front + data, len(front))
        tokens, parents = scorer.tokens, scorer.parents
        try:
            for rows in self._source.blocks(self.context_tokens, tokens, parents):
                scorer.feed(rows)
        except InvalidInput as error:
            raise name_row(error, paths(self.context_tokens, tokens, parents)) from None
        return scorer.distributions(), scorer.leaks()

    def _along(self, text: bytes) -> list[State]:
        """The states of all beginnings of a text."""
        states = [self.state()]
        for byte in text:
            states.append(states[-1].push(byte))
        return states

    def _filled_along(self, text: bytes) -> Iterator[State]:
        """The same, one after the other with its rows; those done are let go of."""
        state = self.state()
        for place in range(len(text) + 1):
            self._fill([state])
            yield state
            if place < len(text):
                state = state.push(text[place])

    def _batches(self, texts: Sequence[Text]) -> Iterable[tuple[int, list[State]]]:
        # About one row for every token of a text.
        limit = max(1, _CALL_ENTRIES // self._vocabulary.id_count)
        first = 0
        states: list[State] = []
        count = 0
        for number, text in enumerate(texts):
            state = self.state(text)
            needs = len(state._missing())
            if states and count + needs > limit:
                self._fill(states)
                yield first, states
                first, states, count = number, [], 0
            states.append(state)
            count += needs
        if states:
            self._fill(states)
            yield first, states

    # --- back to tokens ---------------------------------------------------------------------

    def token_prompts(self, prefix: Text, k: int = 1) -> list[tuple[list[int], float]]:
        """Prompts for token-level engines that stand for a byte prompt, the best first.

        The last token of each reaches the end of `prefix` or goes beyond it: a prompt that ends
        inside a word is healed by the token that completes the word.

        Args:
            prefix: the prompt.
            k: how many at most.

        Returns:
            (ids with `context_tokens` in front, share of the probability of `prefix`).
        """
        state = self._filled(prefix)
        total = state.prefix_logprob()
        if total == -np.inf:
            return []
        found = state.cover(operator.index(k))
        return [([*self.context_tokens, *ids], math.exp(value - total)) for ids, value in found]

    def complete(
        self,
        prefix: Text,
        max_tokens: int = 64,
        rng: Seed = None,
        temperature: float = 1.0,
        top_p: float = 1.0,
    ) -> list[int]:
        """Continues a byte prompt token by token.

        Draws a token sequence that covers the prompt in proportion to its probability, then goes
        on as any token-level engine does, at one row a token; a token that is not canonical, or
        that `special` forbids, does not occur. With temperature and top_p 1 what it spells has
        the same distribution as `sample` for proper measures.

        Args:
            prefix: the prompt.
            max_tokens: tokens behind those that cover the prompt, at most.
            rng: a generator, or a seed for one.
            temperature: of the distributions over tokens; 0 takes the best cover and tokens.
            top_p: draw only from the most probable tokens that have this mass together.

        Returns:
            The ids of the text from its beginning (`text_prefix` included, `context_tokens` not);
            a token that ends it is the last one.
        """
        generator = np.random.default_rng(rng)
        draw = Draw(generator, temperature, top_p)
        ids = list(self._drawn_cover(self._filled(prefix), generator, temperature == 0))
        for _ in range(operator.index(max_tokens)):
            token = draw(self._token_logprobs(tuple(ids)))
            ids.append(token)
            if self._vocabulary.token_bytes(token) is None:
                break
        return ids

    def _drawn_cover(self, state: State, rng: np.random.Generator, best: bool) -> Context:
        total = state.prefix_logprob()
        if total == -np.inf:
            raise InvalidInput("nothing can follow: the prefix has probability 0")
        point = 0.0 if best else rng.random()
        count = _COVER
        while True:
            found = state.cover(count)
            sums = np.cumsum(np.exp([value - total for _, value in found]))
            place = int(np.searchsorted(sums, point, side="right"))
            if place < len(found):
                return found[place][0]
            if len(found) < count:
                return found[-1][0]  # rounding; or, with a beam, what it left out
            count *= 8

    def _token_logprobs(self, tokens: Context) -> Floats:
        """The row behind a canonical sequence, masked; not normalized."""
        row = self._source.rows([self.context_tokens + tokens])[0].astype(np.float64)
        row = row[: self._vocabulary.id_count]
        eos = np.array(self._vocabulary.eos_ids, np.int64)
        others = np.setdiff1d(np.array(self._vocabulary.special_ids, np.int64), eos)
        allowed = np.ones(len(row), bool)
        ends = eos
        if self.options["covering"] == "canonical":
            allowed = self._allowed(tokens)
            ends = np.concatenate([eos, others]) if self.options["special"] == "eos" else eos
            allowed[others] = True
            allowed[ends] = self._may_end(tokens)
        if self.options["special"] == "forbid":
            allowed[others] = False
        allowed[self._vocabulary.unused_ids] = False
        return np.where(allowed, row, -np.inf)

    def _allowed(self, tokens: Context) -> npt.NDArray[np.bool_]:
        if self.vocab._masks is not None:
            return np.array(self.vocab.allowed(tokens))
        return np.array(self._vocabulary.allowed(list(tokens)))

    def _may_end(self, tokens: Context) -> bool:
        if self.vocab._masks is not None:
            return self.vocab.may_end(tokens)
        return self._vocabulary.may_end(list(tokens))

    def __repr__(self) -> str:
        options = self.options
        kind = f'covering="{options["covering"]}"'
        if options["covering"] == "canonical":
            kind += f', renormalize="{options["renormalize"]}"'
        return f"<tokmill.bytelm.ByteModel {kind} {self._vocabulary.id_count} ids>"


def _read(states: Iterable[State]) -> tuple[Floats, Floats]:
    pairs = [(state.next_byte_logprobs(), state.leak()) for state in states]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def _as_vocab(vocab: ByteVocab | Tokenizer) -> ByteVocab:
    if isinstance(vocab, ByteVocab):
        return vocab
    if isinstance(vocab, Tokenizer):
        return ByteVocab.from_tokenizer(vocab)
    raise TypeError(f"vocab must be a ByteVocab or a Tokenizer, not {type(vocab).__name__}")


def _checked_beam(beam: int | None, covering: Covering) -> int | None:
    if beam is None:
        return None
    if covering != "all":
        raise ValueError('beam is for covering="all": canonical coverings are exact without it')
    if operator.index(beam) < 1:
        raise ValueError(f"beam must be at least 1, but is {beam}")
    return beam


def _checked_eps(eps: float) -> float:
    if not 0 <= eps < 1:
        raise ValueError(f"eps must be at least 0 and below 1, but is {eps}")
    return float(eps)
