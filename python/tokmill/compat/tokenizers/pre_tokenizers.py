"""Pre-tokenizers: the stage that cuts a text into the pieces that the model gets."""

from __future__ import annotations

from typing import Any

from tokmill import _core

from . import _schemas
from ._component import (
    Cell,
    Component,
    Custom,
    PartsByReference,
    Spec,
    cells_of,
    field,
    shown_parameter,
)
from ._convert import final, to_bool, to_list, to_str, to_usize
from ._foreign import adopt
from ._options import (
    behavior_name,
    to_behavior,
    to_character,
    to_prepend_scheme,
)
from ._pieces import PreTokenizedString, PreTokenizedStringRefMut, to_pieces
from ._regex import to_pattern


class PreTokenizer(Component):
    """Base class of all pre-tokenizers. It is not instantiated itself, see `custom`."""

    _kind = "PreTokenizer"
    _custom_name = "PreTokenizer"
    _parts_key = "pretokenizers"

    @staticmethod
    def custom(pretok: Any) -> PreTokenizer:
        """A pre-tokenizer that calls `pretok.pre_tokenize(text)`.

        Args:
            pretok: its method gets a `PreTokenizedString`, which it changes in place and which it
                cannot use any more when it has returned.
        """
        return PreTokenizer._of(Cell(Custom(pretok)))

    def pre_tokenize(self, pretok: PreTokenizedString) -> None:
        """Cuts a text in place, so that its pieces keep the way back to the original.

        Raises:
            TypeError: it is no PreTokenizedString.
            Exception: a custom pre-tokenizer failed.
        """
        self._native().pre_tokenize(to_pieces(pretok))

    def pre_tokenize_str(self, sequence: str) -> list[tuple[str, tuple[int, int]]]:
        """The pieces of a string, with their offsets in characters of it.

        Raises:
            TypeError: it is no str.
            Exception: a custom pre-tokenizer failed.
        """
        pieces: list[tuple[str, tuple[int, int]]]
        pieces = self._native().pre_tokenize_str(to_str(sequence))
        return pieces

    @classmethod
    def _read_state(cls, value: Any) -> Spec:
        return _schemas.pre_tokenizer(value)

    @classmethod
    def _adopt(cls, value: Any) -> Component:
        return adopt(PreTokenizer, value)

    @classmethod
    def _native_json(cls, data: bytes) -> Any:
        return _core.stages.PreTokenizer.from_json(data)

    @classmethod
    def _native_custom(cls, component: Any) -> Any:
        return _core.stages.PreTokenizer.from_python(
            lambda text: component.pre_tokenize(PreTokenizedStringRefMut._around(text))
        )

    def _native_sequence(self, cells: list[Cell]) -> Any:
        if any(isinstance(cell.spec, Custom) for cell in cells):
            return _core.stages.PreTokenizer.sequence([self._native_of(cell) for cell in cells])
        return super()._native_sequence(cells)


@final
class ByteLevel(PreTokenizer):
    """Cuts as GPT-2 does and writes every byte as a visible character.

    Args:
        add_prefix_space: a text that does not begin with a space gets one.
        trim_offsets: whether offsets leave out the spaces around a token.
        use_regex: whether the text is cut at all.
    """

    def __init__(
        self,
        add_prefix_space: bool = True,
        trim_offsets: bool = True,
        use_regex: bool = True,
        **_kwargs: Any,
    ) -> None:
        self._start(
            {
                "type": "ByteLevel",
                "add_prefix_space": to_bool(add_prefix_space),
                "trim_offsets": to_bool(trim_offsets),
                "use_regex": to_bool(use_regex),
            }
        )

    @staticmethod
    def alphabet() -> list[str]:
        """The 256 characters that stand for the bytes, in no particular order."""
        visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
        return [chr(byte) for byte in visible] + [chr(0x100 + n) for n in range(256 - len(visible))]

    add_prefix_space = field("add_prefix_space", to_bool, "Whether a first space is added.")
    trim_offsets = field("trim_offsets", to_bool, "Whether offsets leave out spaces.")
    use_regex = field("use_regex", to_bool, "Whether the text is cut.")


@final
class Whitespace(PreTokenizer):
    r"""Cuts into the matches of `\\w+|[^\\w\\s]+`."""

    def __init__(self) -> None:
        self._start({"type": "Whitespace"})


@final
class WhitespaceSplit(PreTokenizer):
    """Cuts at white space, which is left out."""

    def __init__(self) -> None:
        self._start({"type": "WhitespaceSplit"})


@final
class Split(PreTokenizer):
    """Cuts at the matches of a pattern.

    Args:
        pattern: a str, taken literally, or a `Regex`.
        behavior: what becomes of a match: "removed", "isolated", "merged_with_previous",
            "merged_with_next" or "contiguous".
        invert: what lies between the matches is taken for the matches.
    """

    def __init__(self, pattern: Any, behavior: Any, invert: bool = False) -> None:
        self._start(
            {
                "type": "Split",
                "pattern": to_pattern(pattern),
                "behavior": to_behavior(behavior),
                "invert": to_bool(invert),
            }
        )

    def __getnewargs__(self) -> tuple[str, str]:
        return (" ", "removed")

    @property
    def pattern(self) -> Any:
        """Cannot be read and cannot be set."""
        raise Exception("Cannot get pattern")

    @pattern.setter
    def pattern(self, pattern: Any) -> None:
        to_pattern(pattern)
        raise Exception("Cannot set pattern, please instantiate a new split pattern instead")

    behavior = field("behavior", to_behavior, "What becomes of a match.", behavior_name)
    invert = field("invert", to_bool, "Whether the pattern is for what lies between.")


@final
class CharDelimiterSplit(PreTokenizer):
    """Cuts at a character, which is left out.

    Args:
        delimiter: the character.
    """

    def __init__(self, delimiter: str) -> None:
        self._start({"type": "CharDelimiterSplit", "delimiter": to_character(delimiter)})

    def __getnewargs__(self) -> tuple[str]:
        return (" ",)

    delimiter = field("delimiter", to_character, "The character.")


@final
class BertPreTokenizer(PreTokenizer):
    """Cuts at white space, which is left out, and around every punctuation character."""

    def __init__(self) -> None:
        self._start({"type": "BertPreTokenizer"})


@final
class Punctuation(PreTokenizer):
    """Cuts at punctuation.

    Args:
        behavior: what becomes of it, as for `Split`.
    """

    def __init__(self, behavior: Any = "isolated") -> None:
        self._start({"type": "Punctuation", "behavior": to_behavior(behavior)})

    behavior = field("behavior", to_behavior, "What becomes of punctuation.", behavior_name)


@final
class Sequence(PartsByReference, PreTokenizer):
    """Pre-tokenizers one after the other, each within the pieces of the one before.

    Args:
        pre_tokenizers: a list of pre-tokenizers; those of a Sequence among them are taken one by
            one.
    """

    __signature__ = shown_parameter("pretokenizers")
    _spoken = "pre tokenizer"

    def __init__(self, pre_tokenizers: list[PreTokenizer]) -> None:
        self._content = cells_of([self._adopt(part) for part in to_list(pre_tokenizers)])


@final
class Metaspace(PreTokenizer):
    """Writes spaces as a visible character and cuts before it, as SentencePiece does.

    Args:
        replacement: the character.
        prepend_scheme: where it is put before a piece that lacks it: "first", "never", "always".
        split: whether the text is cut.
    """

    def __init__(
        self, replacement: str = "▁", prepend_scheme: str = "always", split: bool = True
    ) -> None:
        self._start(
            {
                "type": "Metaspace",
                "replacement": to_character(replacement),
                "prepend_scheme": to_prepend_scheme(prepend_scheme),
                "split": to_bool(split),
            }
        )

    replacement = field("replacement", to_character, "The character.")
    split = field("split", to_bool, "Whether the text is cut.")
    prepend_scheme = field("prepend_scheme", to_prepend_scheme, "Where it is put before a piece.")


@final
class Digits(PreTokenizer):
    """Cuts around numbers.

    Args:
        individual_digits: every digit is a piece of its own.
    """

    def __init__(self, individual_digits: bool = False) -> None:
        self._start({"type": "Digits", "individual_digits": to_bool(individual_digits)})

    individual_digits = field("individual_digits", to_bool, "Whether digits are cut apart.")


@final
class FixedLength(PreTokenizer):
    """Cuts into pieces of one length.

    Args:
        length: the number of characters.
    """

    def __init__(self, length: int = 5) -> None:
        self._start({"type": "FixedLength", "length": to_usize(length)})

    length = field("length", to_usize, "The number of characters.")


@final
class UnicodeScripts(PreTokenizer):
    """Cuts where the script changes."""

    def __init__(self) -> None:
        self._start({"type": "UnicodeScripts"})


PreTokenizer._register(
    BertPreTokenizer,
    ByteLevel,
    CharDelimiterSplit,
    Digits,
    FixedLength,
    Metaspace,
    Punctuation,
    Sequence,
    Split,
    UnicodeScripts,
    Whitespace,
    WhitespaceSplit,
)
