"""`Encoding`: text to tokens and back, as tiktoken's class of this name."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, NoReturn, cast

import numpy as np
import numpy.typing as npt

from ... import _core
from ..._errors import InvalidInput
from . import _openai_public

_Allowed = Literal["all"] | AbstractSet[str]
_Disallowed = Literal["all"] | Collection[str]

_NONE: frozenset[str] = frozenset()


class Encoding:
    """A vocabulary of byte strings, the pattern that splits texts, and special tokens."""

    name: str
    max_token_value: int
    _pat_str: str
    _special_tokens: dict[str, int]
    _special_token_values: set[int]
    _core_bpe: _core.CoreBPE

    def __init__(
        self,
        name: str,
        *,
        pat_str: str,
        mergeable_ranks: dict[bytes, int],
        special_tokens: dict[str, int],
        explicit_n_vocab: int | None = None,
    ) -> None:
        """Compiles an encoding.

        Args:
            name: what it is called.
            pat_str: the regular expression whose matches are encoded one by one, in fancy-regex
                syntax.
            mergeable_ranks: token bytes -> rank, which is also the token's number; pairs with low
                ranks merge first.
            special_tokens: name -> number.
            explicit_n_vocab: if given, how many tokens there are in all, which is checked.

        Raises:
            ValueError: ranks, special tokens or pattern are broken.
            UnsupportedTokenizer: the pattern cannot be reproduced exactly.
        """
        self._mergeable_ranks = mergeable_ranks
        self._set_head(
            name,
            pat_str,
            special_tokens,
            max(max(mergeable_ranks.values()), max(special_tokens.values(), default=0)),
        )
        if explicit_n_vocab:
            assert len(mergeable_ranks) + len(special_tokens) == explicit_n_vocab
            assert self.max_token_value == explicit_n_vocab - 1
        self._core_bpe = _openai_public.compile_encoding(mergeable_ranks, special_tokens, pat_str)

    @classmethod
    def _shipped(cls, name: str) -> Encoding:
        """A public encoding, without reading its ranks into a dictionary."""
        encoding = cls.__new__(cls)
        encoding._core_bpe = _openai_public.shipped(name)
        pattern, special_tokens = _openai_public.head(name)
        encoding._set_head(name, pattern, special_tokens, _openai_public.max_token_value(name))
        return encoding

    def _set_head(
        self, name: str, pattern: str, special_tokens: dict[str, int], max_token_value: int
    ) -> None:
        self.name = name
        self._pat_str = pattern
        self._special_tokens = special_tokens
        self._special_token_values = set(special_tokens.values())
        self.max_token_value = max_token_value

    @functools.cached_property
    def _mergeable_ranks(self) -> dict[bytes, int]:
        return self._core_bpe.mergeable_ranks()

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    # --- encoding -----------------------------------------------------------------------------

    def encode_ordinary(self, text: str) -> list[int]:
        """The tokens of a text in which special tokens are ordinary text."""
        try:
            return self._core_bpe.encode_ordinary(text)
        except InvalidInput:
            return self._core_bpe.encode_ordinary(_without_surrogates(text))

    def encode(
        self,
        text: str,
        *,
        allowed_special: _Allowed = set(),  # noqa: B006
        disallowed_special: _Disallowed = "all",
    ) -> list[int]:
        """The tokens of a text.

        Pairs of surrogates become the character they stand for, others U+FFFD.

        Args:
            text: the text.
            allowed_special: the special tokens that become one token where the text spells them;
                "all": every one.
            disallowed_special: what the text must not spell; "all": every special token that is
                not allowed. Special tokens that are neither are ordinary text.

        Raises:
            ValueError: the text spells something that is disallowed.
        """
        if disallowed_special == "all" and allowed_special == _NONE:
            tokens = self._core_bpe.encode_plain(text)
            if tokens is not None:
                return tokens
        allowed = self._check_special(text, allowed_special, disallowed_special)
        try:
            return self._core_bpe.encode(text, allowed)
        except InvalidInput:
            return self._core_bpe.encode(_without_surrogates(text), allowed)

    def encode_to_numpy(
        self,
        text: str,
        *,
        allowed_special: _Allowed = set(),  # noqa: B006
        disallowed_special: _Disallowed = "all",
    ) -> npt.NDArray[np.uint32]:
        """The same as `encode`, as an array of uint32 of shape (n,).

        Raises:
            UnicodeEncodeError: the text holds surrogates.
        """
        if disallowed_special == "all" and allowed_special == _NONE:
            tokens = self._core_bpe.encode_plain_to_array(text)
            if tokens is not None:
                return tokens
        allowed = self._check_special(text, allowed_special, disallowed_special)
        try:
            return self._core_bpe.encode_to_array(text, allowed)
        except InvalidInput:
            text.encode("utf-8")
            raise

    def encode_ordinary_batch(self, text: list[str], *, num_threads: int = 8) -> list[list[int]]:
        """The tokens of many texts in which special tokens are ordinary text, in parallel."""
        threads = _workers(num_threads)
        texts = list(text)
        rows = self._core_bpe.encode_rows(texts, _NONE, threads)
        return [self.encode_ordinary(one) for one in texts] if rows is None else rows

    def encode_batch(
        self,
        text: list[str],
        *,
        num_threads: int = 8,
        allowed_special: _Allowed = set(),  # noqa: B006
        disallowed_special: _Disallowed = "all",
    ) -> list[list[int]]:
        """The tokens of many texts, in parallel; special tokens are treated as by `encode`."""
        threads = _workers(num_threads)
        texts = list(text)
        refuse_all = disallowed_special == "all" and allowed_special == _NONE
        allowed: AbstractSet[str] | Literal["all"] | None = None
        if not refuse_all:
            allowed, disallowed = self._resolve_special(allowed_special, disallowed_special)
            if disallowed:
                for one in texts:
                    _refuse_special(one, disallowed)
        rows = self._core_bpe.encode_rows(texts, allowed, threads)
        if rows is not None:
            return rows
        return [
            self.encode(one, allowed_special=allowed_special, disallowed_special=disallowed_special)
            for one in texts
        ]

    def encode_with_unstable(
        self,
        text: str,
        *,
        allowed_special: _Allowed = set(),  # noqa: B006
        disallowed_special: _Disallowed = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """The tokens of a text that may go on.

        Returns:
            The tokens that stay what they are whatever follows, and the sequences of tokens that
            may come behind them, each of which covers the rest of the text.

        Raises:
            ValueError: as for `encode`.
            UnicodeEncodeError: the text holds surrogates.
        """
        allowed = self._check_special(text, allowed_special, disallowed_special)
        return self._core_bpe.encode_with_unstable(text, allowed)

    def encode_single_token(self, text_or_bytes: str | bytes) -> int:
        """The token that is exactly this text; special tokens included.

        Raises:
            KeyError: there is none.
        """
        if isinstance(text_or_bytes, str):
            text_or_bytes = text_or_bytes.encode("utf-8")
        return self._core_bpe.encode_single_token(text_or_bytes)

    def _resolve_special(
        self, allowed: _Allowed, disallowed: _Disallowed
    ) -> tuple[AbstractSet[str], frozenset[str]]:
        if allowed == "all":
            allowed = self.special_tokens_set
        if disallowed == "all":
            disallowed = self.special_tokens_set - allowed
        if disallowed and not isinstance(disallowed, frozenset):
            disallowed = frozenset(disallowed)
        return allowed, cast("frozenset[str]", disallowed)

    def _check_special(
        self, text: str, allowed: _Allowed, disallowed: _Disallowed
    ) -> AbstractSet[str] | Literal["all"]:
        """What `text` may hold; ValueError if it holds anything that is disallowed."""
        if allowed == "all" and (disallowed == "all" or not disallowed):
            return "all"
        resolved, refused = self._resolve_special(allowed, disallowed)
        if refused:
            _refuse_special(text, refused)
        return resolved

    # --- decoding -----------------------------------------------------------------------------

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """The bytes that the tokens spell.

        Raises:
            KeyError: a token is not in the vocabulary.
        """
        return self._core_bpe.decode_bytes(tokens)

    def decode(self, tokens: Sequence[int], errors: str = "replace") -> str:
        """The text that the tokens spell; `errors` says what becomes of bytes that are not UTF-8.

        Raises:
            KeyError: a token is not in the vocabulary.
            UnicodeDecodeError: the bytes are not UTF-8 and `errors` is "strict".
        """
        return self._core_bpe.decode_text(tokens, errors)

    def decode_single_token_bytes(self, token: int) -> bytes:
        """The bytes of a token; special tokens included.

        Raises:
            KeyError: the token is not in the vocabulary.
        """
        return self._core_bpe.decode_single_token_bytes(token)

    def decode_tokens_bytes(self, tokens: Sequence[int]) -> list[bytes]:
        """The bytes of each token.

        Raises:
            KeyError: a token is not in the vocabulary.
        """
        return self._core_bpe.decode_tokens_bytes(tokens)

    def decode_with_offsets(self, tokens: Sequence[int]) -> tuple[str, list[int]]:
        """The text that the tokens spell, and the index in it at which each token begins.

        A token that begins inside a character gets the index of that character.

        Raises:
            KeyError: a token is not in the vocabulary.
            UnicodeDecodeError: the bytes are not UTF-8.
        """
        pieces = self.decode_tokens_bytes(tokens)
        length = 0
        offsets = []
        for piece in pieces:
            inside = _is_continuation(piece[0])
            offsets.append(max(0, length - inside))
            length += sum(not _is_continuation(byte) for byte in piece)
        return b"".join(pieces).decode("utf-8", errors="strict"), offsets

    def decode_batch(
        self, batch: Sequence[Sequence[int]], *, errors: str = "replace", num_threads: int = 8
    ) -> list[str]:
        """The text of each row of tokens. Faster than threads could make it."""
        _workers(num_threads)
        return [self._core_bpe.decode_text(tokens, errors) for tokens in batch]

    def decode_bytes_batch(
        self, batch: Sequence[Sequence[int]], *, num_threads: int = 8
    ) -> list[bytes]:
        """The bytes of each row of tokens."""
        _workers(num_threads)
        return [self._core_bpe.decode_bytes(tokens) for tokens in batch]

    # --- the vocabulary -----------------------------------------------------------------------

    def token_byte_values(self) -> list[bytes]:
        """The bytes of all tokens that are not special, sorted."""
        return self._core_bpe.token_byte_values()

    @property
    def eot_token(self) -> int:
        """The token <|endoftext|>."""
        return self._special_tokens["<|endoftext|>"]

    @functools.cached_property
    def special_tokens_set(self) -> set[str]:
        """The names of the special tokens."""
        return set(self._special_tokens)

    def is_special_token(self, token: int) -> bool:
        """Whether a token is special."""
        assert isinstance(token, int)
        return token in self._special_token_values

    @property
    def n_vocab(self) -> int:
        """One more than the largest token."""
        return self.max_token_value + 1

    # --- parts --------------------------------------------------------------------------------

    def _encode_single_piece(self, text_or_bytes: str | bytes) -> list[int]:
        """The tokens of one piece that the pattern does not split."""
        if isinstance(text_or_bytes, str):
            text_or_bytes = text_or_bytes.encode("utf-8")
        return self._core_bpe.encode_single_piece(text_or_bytes)

    def _encode_only_native_bpe(self, text: str) -> list[int]:
        """The tokens of a text that is split by the module `regex` instead."""
        import regex

        tokens: list[int] = []
        for piece in regex.findall(self._pat_str, text):
            tokens += self._core_bpe.encode_single_piece(piece.encode("utf-8"))
        return tokens

    def _encode_bytes(self, text: bytes) -> list[int]:
        """The tokens of bytes that need not be UTF-8."""
        return self._core_bpe._encode_bytes(text)

    # --- pickling -----------------------------------------------------------------------------

    def __getstate__(self) -> object:
        from . import registry

        if self is registry.ENCODINGS.get(self.name):
            return self.name
        return {
            "name": self.name,
            "pat_str": self._pat_str,
            "mergeable_ranks": self._mergeable_ranks,
            "special_tokens": self._special_tokens,
        }

    def __setstate__(self, value: Any) -> None:
        from . import registry

        if isinstance(value, str):
            self.__dict__ = registry.get_encoding(value).__dict__
            return
        self.__init__(**value)  # type: ignore[misc]


def _is_continuation(byte: int) -> bool:
    """Whether a byte continues a character of UTF-8."""
    return 0x80 <= byte < 0xC0


def _without_surrogates(text: str) -> str:
    """Pairs of surrogates as the characters they stand for, lone ones as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _workers(num_threads: int | None) -> int:
    """How many threads to start when the caller asks for `num_threads`; 0: as many as fit."""
    if num_threads is None:
        return 0
    if num_threads <= 0:
        raise ValueError("max_workers must be greater than 0")
    return min(num_threads, os.cpu_count() or 1)


@functools.lru_cache(maxsize=128)
def _special_token_regex(tokens: frozenset[str]) -> re.Pattern[str]:
    """Finds any of the names."""
    return re.compile("(" + "|".join(re.escape(token) for token in tokens) + ")")


def _refuse_special(text: str, names: Iterable[str]) -> None:
    if match := _special_token_regex(frozenset(names)).search(text):
        raise_disallowed_special_token(match.group())


def raise_disallowed_special_token(token: str) -> NoReturn:
    """Raises the ValueError about a text that spells a special token."""
    raise ValueError(
        f"Encountered text corresponding to disallowed special token {token!r}.\n"
        "If you want this text to be encoded as a special token, "
        f"pass it to `allowed_special`, e.g. `allowed_special={{{token!r}, ...}}`.\n"
        f"If you want this text to be encoded as normal text, disable the check for this token "
        f"by passing `disallowed_special=(enc.special_tokens_set - {{{token!r}}})`.\n"
        "To disable this check for all special tokens, pass `disallowed_special=()`.\n"
    )
