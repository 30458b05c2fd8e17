"""The tokens of a model as byte strings, and which sequences of them a tokenizer can produce."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from .._errors import InvalidInput
from .._tokenizer import Tokenizer
from ._options import Covering, Utf8
from ._sources import end_ids, source_of
from ._witnesses import Encode, WitnessMasks

Tokens = Sequence["bytes | None"]
Merges = Sequence[tuple[int, int, int]]


class ByteVocab:
    """A vocabulary over bytes with the rule that says which token sequences are canonical.

    Made by `from_tokenizer`, `bpe`, `unigram`, `greedy`, `free` or `from_callable`. `tokens[id]`
    are the bytes of a token; None is a special one, which stands for no bytes. A sequence is
    *canonical* if the encoding of some text begins with it.

    Attributes:
        text_prefix: bytes that the tokenizer puts before every text (a space, for many
            SentencePiece models); probabilities are conditioned on them.
    """

    text_prefix: bytes

    def __init__(
        self,
        build: Callable[[str], _core.bytelm.Vocabulary],
        *,
        free: Callable[[], _core.bytelm.Vocabulary] | None = None,
        text_prefix: bytes = b"",
        check: Callable[[bytes], None] | None = None,
        masks: WitnessMasks | None = None,
    ) -> None:
        self._build = functools.lru_cache(maxsize=None)(build)
        self._free = functools.lru_cache(maxsize=None)(free or (lambda: self._build("any")))
        self._check = check
        self._masks = masks
        self.text_prefix = text_prefix

    # --- making one -------------------------------------------------------------------------

    @classmethod
    def bpe(
        cls,
        tokens: Tokens,
        merges: Merges,
        pattern: str | None = None,
        eos_ids: Iterable[int] = (),
        *,
        byte_ids: Sequence[int] | None = None,
        ignore_merges: bool = False,
        text_prefix: bytes = b"",
    ) -> ByteVocab:
        """Byte-pair encoding.

        Args:
            tokens: bytes of each id; None for special ones.
            merges: (left id, right id, new id), the first to be applied first. Tokens that no
                merge makes are atoms if they have one byte, or never occur in encodings.
            pattern: regular expression whose matches are encoded one by one; None: the whole text.
            eos_ids: ids that end a text.
            byte_ids: the 256 ids of byte-fallback tokens, used for characters that have no token.
            ignore_merges: a piece that is a token as a whole becomes that token, whatever the
                merges make of it (Llama 3).
            text_prefix: bytes that stand before every text.

        Raises:
            InvalidTokenizer: tokens and merges contradict each other.
            UnsupportedTokenizer: the pattern cannot be followed exactly.
        """
        tokens, eos = _token_list(tokens), _id_list(eos_ids, len(tokens), "eos_ids")
        table = np.array(list(merges), np.int64).reshape(-1, 3)
        steps = _steps(pattern)
        fallback = None if byte_ids is None else _id_list(byte_ids, len(tokens), "byte_ids")

        def build(utf8: str) -> _core.bytelm.Vocabulary:
            return _core.bytelm.Vocabulary.bpe(
                tokens,
                table,
                steps,
                eos,
                utf8,
                byte_ids=fallback,
                ignore_merges=ignore_merges,
            )

        build("any")  # complains now
        return cls(build, text_prefix=text_prefix)

    @classmethod
    def unigram(
        cls,
        tokens: Tokens,
        scores: Sequence[float],
        eos_ids: Iterable[int] = (),
        *,
        pattern: str | None = None,
        byte_ids: Sequence[int] | None = None,
        text_prefix: bytes = b"",
    ) -> ByteVocab:
        """Unigram: the segmentation of a text with the largest sum of scores.

        Of equal sums that one whose last token begins first. With `byte_ids`, a character that is
        no token can be spelled with the tokens of its bytes, at ten below the lowest score (as in
        SentencePiece).

        Args:
            tokens: bytes of each id; None for special ones.
            scores: one for each id, larger is better; those of special ones are not read.
            eos_ids: as for `bpe`.
            pattern: as for `bpe`.
            byte_ids: as for `bpe`.
            text_prefix: as for `bpe`.
        """
        tokens, eos = _token_list(tokens), _id_list(eos_ids, len(tokens), "eos_ids")
        steps = _steps(pattern)
        fallback = None if byte_ids is None else _id_list(byte_ids, len(tokens), "byte_ids")

        values = list(scores)
        unknown = None
        if fallback is not None:
            special = {id for id, token in enumerate(tokens) if token is None}
            pieces = set(range(len(tokens))) - special - set(fallback)
            unknown = min((values[id] for id in pieces), default=0.0) - 10

        def build(utf8: str) -> _core.bytelm.Vocabulary:
            return _core.bytelm.Vocabulary.unigram(
                tokens, values, steps, eos, utf8, byte_ids=fallback, unknown_score=unknown
            )

        build("any")
        return cls(build, text_prefix=text_prefix)

    @classmethod
    def greedy(
        cls,
        tokens: Tokens,
        eos_ids: Iterable[int] = (),
        *,
        pattern: str | None = None,
        text_prefix: bytes = b"",
    ) -> ByteVocab:
        """Greedy longest match from left to right (maximum prefix encoding, WordPiece).

        Args:
            tokens: bytes of each id; None for special ones.
            eos_ids: as for `bpe`.
            pattern: as for `bpe`.
            text_prefix: as for `bpe`.
        """
        tokens, eos = _token_list(tokens), _id_list(eos_ids, len(tokens), "eos_ids")
        steps = _steps(pattern)

        def build(utf8: str) -> _core.bytelm.Vocabulary:
            return _core.bytelm.Vocabulary.greedy(tokens, steps, eos, utf8)

        build("any")
        return cls(build, text_prefix=text_prefix)

    @classmethod
    def free(
        cls, tokens: Tokens, eos_ids: Iterable[int] = (), *, text_prefix: bytes = b""
    ) -> ByteVocab:
        """Tokens without a rule of what is canonical, for `covering="all"`.

        Args:
            tokens: bytes of each id; None for special ones.
            eos_ids: as for `bpe`.
            text_prefix: as for `bpe`.
        """
        tokens, eos = _token_list(tokens), _id_list(eos_ids, len(tokens), "eos_ids")
        core = _core.bytelm.Vocabulary.free(tokens, eos)
        return cls(lambda utf8: core, text_prefix=text_prefix)

    @classmethod
    def from_tokenizer(
        cls, tokenizer: Tokenizer, *, eos_ids: Iterable[int] | None = None
    ) -> ByteVocab:
        """The vocabulary and the canonical sequences of a tokenizer.

        Byte-level BPE is followed with its pattern; SentencePiece models with byte fallback, their
        space before every text and their normalization; WordPiece with its words.

        Args:
            tokenizer: any tokmill tokenizer.
            eos_ids: ids that end a text; None: the special tokens whose name says so.

        What cannot be followed exactly is refused, by its name, when it is first asked which
        sequences are canonical; `covering="all"` does not ask.
        """
        if not isinstance(tokenizer, Tokenizer):
            raise TypeError(
                f"tokenizer must be a tokmill.Tokenizer, not {type(tokenizer).__name__}"
            )
        given = end_ids(tokenizer) if eos_ids is None else eos_ids
        source = source_of(tokenizer, _id_list(given, tokenizer.vocab_size, "eos_ids"))
        return cls(
            source.build, free=source.free, text_prefix=source.text_prefix, check=source.check
        )

    @classmethod
    def from_callable(
        cls,
        tokens: Tokens,
        encode: Encode,
        eos_ids: Iterable[int] = (),
        *,
        witnesses: Iterable[bytes] | None = None,
        text_prefix: bytes = b"",
    ) -> ByteVocab:
        """Any tokenizer, given as a function; slow.

        Whether a token may come next is tried with every witness behind it, so every new context
        costs (ids x witnesses) calls of `encode`. The results are exact if for each canonical
        sequence one of the witnesses continues it; see `default_witnesses` for those used if none
        are given.

        Args:
            tokens: bytes of each id; None for special ones.
            encode: bytes -> ids that spell them; may raise ValueError for texts that it refuses.
            eos_ids: as for `bpe`.
            witnesses: byte strings that continue texts; the empty one is always among them.
            text_prefix: as for `bpe`; `encode` gets it as part of the text.
        """
        tokens, eos = _token_list(tokens), _id_list(eos_ids, len(tokens), "eos_ids")
        core = _core.bytelm.Vocabulary.free(tokens, eos)
        masks = WitnessMasks(tokens, encode, witnesses)

        def build(utf8: str) -> _core.bytelm.Vocabulary:
            if utf8 != "any":
                raise ValueError('utf8 must be "any" for a vocabulary with an encode function')
            return core

        return cls(build, text_prefix=text_prefix, masks=masks)

    # --- asking it --------------------------------------------------------------------------

    @property
    def id_count(self) -> int:
        """Number of ids, special ones included."""
        return self._tokens.id_count

    @property
    def eos_ids(self) -> list[int]:
        """Ids that end a text."""
        return list(self._tokens.eos_ids)

    @property
    def special_ids(self) -> list[int]:
        """Ids that stand for no bytes."""
        return list(self._tokens.special_ids)

    def token_bytes(self, id: int) -> bytes | None:
        """The bytes of a token; None for a special one."""
        return self._tokens.token_bytes(id)

    def is_canonical(self, ids: Sequence[int]) -> bool:
        """Whether the encoding of some text begins with `ids`."""
        if self._masks is not None:
            return self._masks.is_canonical(ids)
        return self._canonical.is_canonical(list(ids))

    def allowed(self, ids: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Which tokens may follow a canonical sequence: bool [id_count]."""
        if self._masks is not None:
            return self._masks.mask(ids)[:-1]
        return self._canonical.allowed(list(ids))

    def may_end(self, ids: Sequence[int]) -> bool:
        """Whether `ids` are all of an encoding, so that the text may end behind them."""
        if self._masks is not None:
            return self._masks.may_end(ids)
        return self._canonical.may_end(list(ids))

    def encode(self, text: bytes | str) -> list[int]:
        """The encoding of a text; `text_prefix` is not put before it.

        Raises:
            InvalidInput: the text cannot be encoded.
        """
        data = as_bytes(text)
        if self._masks is not None:
            return self._masks.encode(data)
        return _ending(self._canonical, data)

    def decode(self, ids: Iterable[int]) -> bytes:
        """What tokens spell; special ones spell nothing."""
        core = self._tokens
        return b"".join(core.token_bytes(id) or b"" for id in ids)

    def check(self, text: bytes, text_prefix: bytes | None = None) -> None:
        """Complains about the beginning of a text that cannot be encoded.

        Args:
            text: it.
            text_prefix: what stands before it; None: the vocabulary's own.

        Raises:
            InvalidInput: no token has a byte of it, or the normalizer of the tokenizer would
                change it; `position` is the place.
        """
        self.check_bytes(text)
        if self._check is None or not text:
            return
        own = self.text_prefix
        whole = (own if text_prefix is None else text_prefix) + text
        if not whole.startswith(own):
            return  # nothing that a tokenizer makes of any text
        try:
            self._check(whole[len(own) :])
        except InvalidInput as error:
            if error.position is not None:
                error.position -= len(whole) - len(own) - len(text)
            raise

    def check_bytes(self, text: bytes, start: int = 0) -> None:
        """Raises InvalidInput for bytes that no token has; `start` is the position of the first."""
        if self._alphabet.issuperset(text):
            return
        place = next(i for i, byte in enumerate(text) if byte not in self._alphabet)
        raise InvalidInput(
            f"the text cannot be encoded: no token has the byte 0x{text[place]:02x} at "
            f"position {start + place}",
            position=start + place,
        )

    @functools.cached_property
    def _alphabet(self) -> frozenset[int]:
        tokens = self._tokens
        return frozenset(b"".join(tokens.token_bytes(i) or b"" for i in range(tokens.id_count)))

    def _compiled(self, utf8: Utf8, covering: Covering) -> _core.bytelm.Vocabulary:
        """The compiled vocabulary; for `covering="all"` it need not know what is canonical."""
        if covering == "canonical":
            return self._build(utf8)
        if utf8 != "any":
            raise ValueError('utf8="strict" needs covering="canonical"')
        return self._free()

    @property
    def _tokens(self) -> _core.bytelm.Vocabulary:
        return self._free()

    @property
    def _canonical(self) -> _core.bytelm.Vocabulary:
        return self._build("any")


def as_bytes(text: bytes | str) -> bytes:
    """A text as bytes: str in UTF-8.

    Raises:
        InvalidInput: the text has a lone surrogate; `position` is that of the byte, as in encode().
    """
    if isinstance(text, str):
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            position = len(text[: error.start].encode())
            raise InvalidInput(
                f"lone surrogate U+{ord(text[error.start]):04X} at byte {position}",
                position=position,
            ) from None
    if isinstance(text, bytes | bytearray | memoryview):
        return bytes(text)
    raise TypeError(f"a text must be bytes or str, not {type(text).__name__}")


def _token_list(tokens: Tokens) -> list[bytes | None]:
    made = list(tokens)
    wrong = (id for id, token in enumerate(made) if not isinstance(token, bytes | None))
    if (id := next(wrong, None)) is not None:
        kind = type(made[id]).__name__
        raise TypeError(f"token {id} must be bytes, or None if it is special, not {kind}")
    return made


def _id_list(ids: Iterable[int], id_count: int, name: str) -> list[int]:
    made = [operator.index(id) for id in ids]
    for id in made:
        if not 0 <= id < id_count:
            raise ValueError(f"{name} has {id}, but there are only {id_count} ids")
    return made


def _steps(pattern: str | None) -> list[dict[str, Any]]:
    """Pre-tokenizer steps of a pattern: every match, and what is between matches, is a piece."""
    if pattern is None:
        return []
    return [
        {
            "kind": "split",
            "pattern": pattern,
            "regex": True,
            "behavior": "isolated",
            "invert": False,
            "individual_digits": False,
            "dialect": "fancy",
        }
    ]


def _ending(core: _core.bytelm.Vocabulary, text: bytes) -> list[int]:
    """The encoding of a text: of its canonical covers the one that ends with it."""
    scorer = _core.bytelm.Process(core, covering="canonical").scorer(text, len(text))
    tokens, parents = scorer.tokens, scorer.parents
    for node in np.flatnonzero(scorer.positions == len(text))[::-1].tolist():
        ids: list[int] = []
        while node > 0:
            ids.append(int(tokens[node]))
            node = int(parents[node])
        ids.reverse()
        if core.may_end(ids):
            return ids
    raise InvalidInput(f"{text[:40]!r} cannot be encoded: no tokens spell it")
