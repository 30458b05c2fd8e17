"""Canonical continuations by asking an encoder, for tokenizers that cannot be followed otherwise.

A sequence of tokens is canonical if some text's encoding begins with it. Whether there is such a
text is tried with a finite set of witnesses: byte strings that are put behind what the sequence
spells. The answer is exact given the witnesses: too few of them make sequences look impossible
that are not, never the other way round.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from .._errors import InvalidInput

Encode = Callable[[bytes], Sequence[int]]

# An alphabet of at most this many bytes is tried out completely, up to two bytes.
_SMALL_ALPHABET = 16
# One text for each class of characters that the pre-tokenizers in use tell apart, and the letters
# of the English contractions.
_REPRESENTATIVES = (
    *(letter.encode() for letter in "aAsdmtlrvE1'.!/_"),
    b" ",
    b"\n",
    b"\r",
    "é".encode(),
    "中".encode(),
    "\u0301".encode(),
)
# What completes a character that a token has begun.
_COMPLETIONS = (b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\xbf", b"\xbf\xbf", b"\xbf\xbf\xbf")


def default_witnesses(tokens: Iterable[bytes | None], encode: Encode) -> list[bytes]:
    """Witnesses that suffice for the usual pre-tokenizers.

    All strings of up to two bytes if the tokens use at most 16 different bytes; otherwise all
    strings of up to two representatives of the classes of characters that patterns tell apart
    (those that `encode` takes), and what completes a character. Digits that are grouped from the
    right need three: give them yourself.
    """
    alphabet = sorted({byte for token in tokens for byte in token or b""})
    if len(alphabet) <= _SMALL_ALPHABET:
        letters = [bytes([byte]) for byte in alphabet]
        return [b"", *letters, *(a + b for a, b in itertools.product(letters, letters))]
    usable = [text for text in _REPRESENTATIVES if _encoded(encode, text) is not None]
    pairs = (a + b for a, b in itertools.product(usable, usable))
    completed = (c + a for c, a in itertools.product(_COMPLETIONS, [b"", *usable[:1]]))
    return [b"", *usable, *pairs, *completed]


def _encoded(encode: Encode, text: bytes) -> tuple[int, ...] | None:
    """The encoding of a text; None if the encoder refuses it."""
    try:
        return tuple(int(token) for token in encode(text))
    except ValueError:  # UnicodeError and InvalidInput are ValueErrors
        return None


class WitnessMasks:
    """Which tokens may follow a sequence, by the witness rule; remembers what it was asked."""

    def __init__(
        self,
        tokens: Sequence[bytes | None],
        encode: Encode,
        witnesses: Iterable[bytes] | None,
    ) -> None:
        self._tokens = tokens
        self._encode = encode
        if witnesses is None:
            witnesses = default_witnesses(tokens, encode)
        self._witnesses = list(dict.fromkeys([b"", *witnesses]))
        self._masks: dict[tuple[int, ...], npt.NDArray[np.bool_]] = {}
        self._starts: dict[bytes, list[tuple[int, ...]]] = {}

    def encode(self, text: bytes) -> list[int]:
        """The encoding of a text.

        Raises:
            InvalidInput: it does not spell the text.
        """
        ids = [int(token) for token in self._encode(text)]
        if self._spelled(ids) != text:
            raise InvalidInput(f"encode gives tokens for {text[:40]!r} that do not spell it")
        return ids

    def is_canonical(self, ids: Sequence[int]) -> bool:
        """Whether the encoding of what `ids` spell and some witness begins with `ids`."""
        wanted = tuple(ids)
        text = self._spelled(wanted)
        return any(start[: len(wanted)] == wanted for start in self._encodings(text))

    def may_end(self, ids: Sequence[int]) -> bool:
        """Whether `ids` are all of an encoding."""
        return _encoded(self._encode, self._spelled(ids)) == tuple(ids)

    def mask(self, ids: Sequence[int]) -> npt.NDArray[np.bool_]:
        """The tokens that may come next, bool [ids + 1]; the last says if the text may end."""
        key = tuple(ids)
        found = self._masks.get(key)
        if found is None:
            found = np.zeros(len(self._tokens) + 1, bool)
            for token, spelled in enumerate(self._tokens):
                found[token] = spelled is not None and self.is_canonical((*key, token))
            found[-1] = self.may_end(key)
            self._masks[key] = found
            # They serve one context only; the masks are kept.
            self._starts.clear()
        return found

    def _spelled(self, ids: Iterable[int]) -> bytes:
        return b"".join(self._tokens[token] or b"" for token in ids)

    def _encodings(self, text: bytes) -> list[tuple[int, ...]]:
        """The encodings of a text and each witness behind it."""
        found = self._starts.get(text)
        if found is None:
            encodings = (_encoded(self._encode, text + witness) for witness in self._witnesses)
            found = [encoding for encoding in encodings if encoding is not None]
            self._starts[text] = found
        return found
