"""The exceptions of tokmill. The compiled core raises them by these names."""

from __future__ import annotations


class TokmillError(Exception):
    """Base of every error that is about tokenizers and texts rather than about wrong types.

    Attributes:
        index: the element of a batch or of a sequence of ids that is to blame, or None.
        position: the byte offset in the text or in the definition file, or None.
    """

    index: int | None
    position: int | None

    def __init__(
        self, message: str = "", *, index: int | None = None, position: int | None = None
    ) -> None:
        super().__init__(message)
        self.index = index
        self.position = position


class UnsupportedTokenizer(TokmillError):
    """A valid definition that uses a feature which cannot be reproduced exactly; names it."""


class InvalidTokenizer(TokmillError, ValueError):
    """A broken definition or snapshot. The message has file, position and reason."""


class InvalidInput(TokmillError, ValueError):
    """A text that cannot be encoded.

    Attributes:
        index: its row in the batch; None outside batches.
        position: the byte offset in the UTF-8 form of the text.
    """


class UnknownToken(TokmillError, LookupError):
    """An id that the vocabulary does not have.

    Attributes:
        index: its place in the sequence of ids; None if it was given alone.
    """
