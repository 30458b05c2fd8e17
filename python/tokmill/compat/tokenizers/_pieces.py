"""`PreTokenizedString`: a text that has been cut into pieces, and `Token`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from tokmill import _core

from ._component import as_exception
from ._convert import final, not_instance, to_sequence, to_str, to_u32, to_usize
from ._strings import NormalizedString, NormalizedStringRefMut

_T = TypeVar("_T", bound="_Pieces")


@final
class Token:
    """A token that a custom component makes.

    Args:
        id: its id.
        value: its text.
        offsets: its place in the piece, in bytes.
    """

    __slots__ = ("_id", "_offsets", "_value")

    _id: int
    _value: str
    _offsets: tuple[int, int]

    def __new__(cls, id: int, value: str, offsets: tuple[int, int]) -> Token:
        self = object.__new__(cls)
        self._id = to_u32(id)
        self._value = to_str(value)
        if not isinstance(offsets, tuple):
            not_instance(offsets, "tuple")
        if len(offsets) != 2:
            raise ValueError(f"expected tuple of length 2, but got tuple of length {len(offsets)}")
        self._offsets = (to_usize(offsets[0]), to_usize(offsets[1]))
        return self

    @property
    def id(self) -> int:
        """The id."""
        return self._id

    @property
    def value(self) -> str:
        """The text."""
        return self._value

    @property
    def offsets(self) -> tuple[int, int]:
        """The place in the piece, in bytes."""
        return self._offsets

    def as_tuple(self) -> tuple[int, str, tuple[int, int]]:
        """Id, text and place."""
        return (self._id, self._value, self._offsets)

    def __getstate__(self) -> Any:
        raise TypeError("cannot pickle 'tokenizers.Token' object")


class _Pieces:
    """What `PreTokenizedString` has in common with what a custom component is given."""

    __slots__ = ("_native",)

    _native: _core.stages.PreTokenizedString
    _gone: ClassVar[str] = "Already mutably borrowed"

    @classmethod
    def _around(cls: type[_T], native: _core.stages.PreTokenizedString) -> _T:
        self = object.__new__(cls)
        self._native = native
        return self

    def _text(self) -> _core.stages.PreTokenizedString:
        if not self._native.present:
            raise Exception(self._gone)
        return self._native

    def split(self, func: Callable[[int, NormalizedString], list[NormalizedString]]) -> None:
        """Cuts every piece that has no tokens yet.

        Args:
            func: gets the number of the piece and the piece, and gives the parts of it, which
                should come from its `split` or `slice`. Parts without text are left out.

        Raises:
            TypeError: it cannot be called.
            Exception: it failed. No pieces are left then.
        """
        if not callable(func):
            raise TypeError(
                "`split` expect a callable with the signature: "
                "`fn(index: int, normalized: NormalizedString) -> List[NormalizedString]`"
            )

        def cut(
            index: int, text: _core.stages.NormalizedString
        ) -> list[_core.stages.NormalizedString]:
            parts: object = func(index, NormalizedString._around(text))
            return [_part(part) for part in to_sequence(parts)]

        text = self._text()
        _run(lambda: text.split(cut))

    def normalize(self, func: Callable[[Any], Any]) -> None:
        """Normalizes every piece that has no tokens yet.

        Args:
            func: gets the piece and changes it in place.

        Raises:
            TypeError: it cannot be called.
            Exception: it failed.
        """
        if not callable(func):
            raise TypeError(
                "`normalize` expect a callable with the signature: "
                "`fn(normalized: NormalizedString)`"
            )
        text = self._text()
        _run(lambda: text.normalize(lambda piece: func(NormalizedStringRefMut._around(piece))))

    def tokenize(self, func: Callable[[str], list[Token]]) -> None:
        """Gives every piece that has no tokens yet its tokens.

        Args:
            func: gets the text of the piece and gives its tokens.

        Raises:
            TypeError: it cannot be called.
            Exception: it failed.
        """
        if not callable(func):
            raise TypeError(
                "`tokenize` expect a callable with the signature: `fn(str) -> List[Token]`"
            )

        def tokens(piece: str) -> list[tuple[int, str, int, int]]:
            result = func(piece)
            if not isinstance(result, list):
                not_instance(result, "list")
            return [_token(token) for token in result]

        text = self._text()
        _run(lambda: text.tokenize(tokens))

    def to_encoding(self, type_id: int = 0, word_idx: int | None = None) -> Any:
        """The encoding of the tokens.

        Args:
            type_id: the type id of all tokens.
            word_idx: the word of all tokens; None: the number of the piece.

        Raises:
            Exception: a piece has no tokens yet.
        """
        word = None if word_idx is None else to_u32(word_idx)
        return self._text().to_encoding(to_u32(type_id), word)

    def get_splits(
        self, offset_referential: str = "original", offset_type: str = "char"
    ) -> list[tuple[str, tuple[int, int], list[Token] | None]]:
        """The pieces: text, offsets and tokens, or None for tokens if it has none yet.

        Args:
            offset_referential: whether offsets are places in the "original" or in the
                "normalized" text.
            offset_type: whether they count "char" or "byte".

        Raises:
            ValueError: an argument is something else.
        """
        if to_str(offset_referential) not in ("original", "normalized"):
            raise ValueError(
                "Wrong value for OffsetReferential, expected one of `original, normalized`"
            )
        if to_str(offset_type) not in ("byte", "char"):
            raise ValueError("Wrong value for OffsetType, expected one of `byte, char`")
        pieces = self._text().pieces(offset_referential == "original", offset_type == "char")
        return [
            (
                piece,
                offsets,
                None
                if tokens is None
                else [Token(id, value, (begin, end)) for id, value, begin, end in tokens],
            )
            for piece, offsets, tokens in pieces
        ]


@final
class PreTokenizedString(_Pieces):
    """A text that is cut into pieces, which keep the way back to it.

    Args:
        sequence: the text.
    """

    __slots__ = ()

    def __new__(cls, sequence: str) -> PreTokenizedString:
        return cls._around(_core.stages.PreTokenizedString(to_str(sequence)))

    def __getstate__(self) -> Any:
        raise TypeError("cannot pickle 'tokenizers.PreTokenizedString' object")


@final
class PreTokenizedStringRefMut(_Pieces):
    """The text that a custom component is given: it is gone when the component returns."""

    __slots__ = ()

    _gone = "Cannot use a PreTokenizedStringRefMut outside `pre_tokenize`"

    def __new__(cls) -> PreTokenizedStringRefMut:
        raise TypeError("cannot create 'tokenizers.PreTokenizedString' instances")

    def __getstate__(self) -> Any:
        raise TypeError("cannot pickle 'tokenizers.PreTokenizedString' object")


def _run(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:
        raise as_exception(error) from error


def _part(value: Any) -> _core.stages.NormalizedString:
    if not isinstance(value, NormalizedString):
        not_instance(value, "NormalizedString")
    return value._text()


def _token(value: Any) -> tuple[int, str, int, int]:
    if not isinstance(value, Token):
        not_instance(value, "Token")
    return (value.id, value.value, *value.offsets)


def to_pieces(value: Any) -> _core.stages.PreTokenizedString:
    """What a pre-tokenizer works on.

    Raises:
        TypeError: it is no PreTokenizedString.
        Exception: it is gone.
    """
    # The reference takes its own objects only; that the text of a custom component can be handed on
    # to another component is ours.
    if not isinstance(value, _Pieces):
        not_instance(value, "PreTokenizedString")
    return value._text()
