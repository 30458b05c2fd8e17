"""Tokenizers whose numbers are tokens of a digit scheme."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tokmill import _core
from tokmill._errors import TokmillError
from tokmill._tokenizer import Tokenizer, replace_file

from ._errors import InvalidScheme
from ._scheme import compile_scheme
from ._values import decimal_of, numbers_in_text

if TYPE_CHECKING:
    from tokmill._types import Ids

    from ._extension import VocabularyExtension


class TokenValue(NamedTuple):
    """What a number token is worth: ``int(digits) * 10**power``."""

    digits: str
    power: int


class NumberTokenizer(Tokenizer):
    """A Tokenizer with a digit scheme over another tokenizer, its base.

    Made by `Triadic.attach` and `attach`, and by `Tokenizer.from_file` from what `save` wrote. All
    methods of Tokenizer do what they do elsewhere; ids below `first_id` are those of the base.
    """

    __slots__ = ()

    @property
    def base(self) -> Tokenizer:
        """The tokenizer of the text between numbers."""
        return Tokenizer(_core.number_base(self))

    @property
    def digits(self) -> dict[str, Any]:
        """The digit scheme, option -> value; a new dict."""
        return dict(json.loads(_core.number_scheme(self)))

    @property
    def first_id(self) -> int:
        """The id of the first new token."""
        return _core.number_first_id(self)

    # --- values -----------------------------------------------------------------------------------

    def token_value(self, id: int) -> TokenValue | None:
        """What a number token is worth; None for all other tokens, markers among them.

        In schemes without magnitudes, and for digits whose magnitude a marker says, the power is 0.

        Raises:
            UnknownToken: no token has this id.
        """
        value = _core.number_value(self, id)
        return None if value is None else TokenValue(*value)

    def value_table(self) -> npt.NDArray[np.float64]:
        """The values of all tokens, float64 of shape (vocab_size,); NaN for what is no number.

        This is what losses on number tokens need.
        """
        return _core.number_values(self)

    def number_spans(self, ids: Ids) -> npt.NDArray[np.int64]:
        """Which ids are numbers, int64 of shape (numbers, 2): half-open ranges of places in `ids`.

        A range holds separators, the point and the exponent, but no sign. In schemes without
        magnitudes it is a run of digits.

        Raises:
            UnknownToken: an id is not in the vocabulary.
        """
        if self._has_magnitudes():
            spans = [span[:2] for span in _core.number_spans(self, ids)]
        else:
            spans = self._runs(ids)
        return np.asarray(spans, dtype=np.int64).reshape(-1, 2)

    def parse_numbers(self, ids_or_text: Ids | str | bytes) -> list[Decimal]:
        """The values of the numbers in ids, or of those that a text would have.

        Each is the sum of the values of its tokens. Signs are text, exponents are part of a number.

        Raises:
            UnknownToken: an id is not in the vocabulary.
        """
        if isinstance(ids_or_text, str | bytes):
            return numbers_in_text(compile_scheme(**self.digits), ids_or_text)
        if not self._has_magnitudes():
            return self.parse_numbers(self.decode_bytes(ids_or_text))
        return [decimal_of(*span[2:]) for span in _core.number_spans(self, ids_or_text)]

    def _has_magnitudes(self) -> bool:
        return self.digits["policy"] in ("triadic", "regression")

    def _runs(self, ids: Ids) -> list[tuple[int, int]]:
        is_digits = [self.token_value(int(id_)) is not None for id_ in ids]
        edges = np.flatnonzero(np.diff(np.array([0, *is_digits, 0], dtype=np.int8)))
        return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]

    # --- for models -------------------------------------------------------------------------------

    def vocabulary_extension(self) -> VocabularyExtension:
        """The new tokens, for resizing the embedding of a model, with a plan to initialise them."""
        from ._extension import extension_of

        return extension_of(self)

    # --- storing ----------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes scheme and base into one file, which `Tokenizer.from_file` recognises.

        Raises:
            OSError: the file cannot be written; an older one is left as it was.
        """
        replace_file(Path(path), self._portable_form())


def attach_scheme(
    scheme: _core.NumberScheme, tokenizer: Tokenizer, units: str, first_id: int | None
) -> NumberTokenizer:
    """A tokenizer with a compiled scheme; see `Triadic.attach`."""
    if not isinstance(tokenizer, _core.Tokenizer):
        raise TypeError(
            f"a tokmill.Tokenizer is needed, not {type(tokenizer).__name__}: load the file of "
            "another library's tokenizer with Tokenizer.from_file"
        )
    if units not in ("dedicated", "base"):
        raise InvalidScheme("units", f"{units!r} is neither dedicated nor base")
    if first_id is not None and not 0 <= first_id < 1 << 28:
        raise InvalidScheme("first_id", f"{first_id} cannot be an id")
    try:
        return NumberTokenizer(scheme.attach(tokenizer, first_id, units == "base"))
    except TokmillError as error:
        option, _, reason = str(error).partition(": ")
        if option == "first_id":
            raise InvalidScheme(option, reason) from None
        raise
