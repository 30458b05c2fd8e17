"""Normalizers: the stage that changes a text before it is cut."""

from __future__ import annotations

import base64
from typing import Any

from tokmill import _core

from . import _schemas
from ._component import Cell, Component, Custom, PartsByReference, Spec, cells_of, field
from ._convert import final, to_bool, to_list, to_sequence, to_str, to_u32
from ._foreign import adopt
from ._regex import to_pattern
from ._strings import NormalizedString, NormalizedStringRefMut, to_text


class Normalizer(Component):
    """Base class of all normalizers. It is not instantiated itself, see `custom`."""

    _kind = "Normalizer"
    _custom_name = "Normalizer"
    _parts_key = "normalizers"

    @staticmethod
    def custom(normalizer: Any) -> Normalizer:
        """A normalizer that calls `normalizer.normalize(text)`.

        Args:
            normalizer: its method gets a `NormalizedString`, which it changes in place and which it
                cannot use any more when it has returned.
        """
        return Normalizer._of(Cell(Custom(normalizer)))

    def normalize(self, normalized: NormalizedString) -> None:
        """Normalizes a text in place, so that it keeps the way back to the original.

        Raises:
            TypeError: it is no NormalizedString.
            Exception: a custom normalizer failed.
        """
        self._native().normalize(to_text(normalized))

    def normalize_str(self, sequence: str) -> str:
        """A normalized string.

        Raises:
            TypeError: it is no str.
            Exception: a custom normalizer failed.
        """
        text: str = self._native().normalize_str(to_str(sequence))
        return text

    @classmethod
    def _read_state(cls, value: Any) -> Spec:
        return _schemas.normalizer(value)

    @classmethod
    def _adopt(cls, value: Any) -> Component:
        return adopt(Normalizer, value)

    @classmethod
    def _native_json(cls, data: bytes) -> Any:
        return _core.stages.Normalizer.from_json(data)

    @classmethod
    def _native_custom(cls, component: Any) -> Any:
        return _core.stages.Normalizer.from_python(
            lambda text: component.normalize(NormalizedStringRefMut._around(text))
        )

    def _native_sequence(self, cells: list[Cell]) -> Any:
        if any(isinstance(cell.spec, Custom) for cell in cells):
            return _core.stages.Normalizer.sequence([self._native_of(cell) for cell in cells])
        return super()._native_sequence(cells)


@final
class BertNormalizer(Normalizer):
    """What BERT does to raw text.

    Args:
        clean_text: control characters are removed and every white space becomes a space.
        handle_chinese_chars: Chinese characters get spaces around them.
        strip_accents: accents are removed; None: if `lowercase` is set.
        lowercase: the text is made lower case.
    """

    def __init__(
        self,
        clean_text: bool = True,
        handle_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        lowercase: bool = True,
    ) -> None:
        self._start(
            {
                "type": "BertNormalizer",
                "clean_text": to_bool(clean_text),
                "handle_chinese_chars": to_bool(handle_chinese_chars),
                "strip_accents": _optional_bool(strip_accents),
                "lowercase": to_bool(lowercase),
            }
        )

    clean_text = field("clean_text", to_bool, "Whether control characters are removed.")
    handle_chinese_chars = field(
        "handle_chinese_chars", to_bool, "Whether Chinese characters get spaces around them."
    )
    strip_accents = field(
        "strip_accents", lambda value: _optional_bool(value), "Whether accents are removed."
    )
    lowercase = field("lowercase", to_bool, "Whether the text is made lower case.")


@final
class NFC(Normalizer):
    """Unicode's canonical composition."""

    def __init__(self) -> None:
        self._start({"type": "NFC"})


@final
class NFD(Normalizer):
    """Unicode's canonical decomposition."""

    def __init__(self) -> None:
        self._start({"type": "NFD"})


@final
class NFKC(Normalizer):
    """Unicode's compatibility decomposition with canonical composition."""

    def __init__(self) -> None:
        self._start({"type": "NFKC"})


@final
class NFKD(Normalizer):
    """Unicode's compatibility decomposition."""

    def __init__(self) -> None:
        self._start({"type": "NFKD"})


@final
class Sequence(PartsByReference, Normalizer):
    """Normalizers one after the other.

    Args:
        normalizers: a list of normalizers; those of a Sequence among them are taken one by one.
    """

    _spoken = "normalizer"

    def __init__(self, normalizers: list[Normalizer]) -> None:
        self._content = cells_of([self._adopt(part) for part in to_list(normalizers)])

    def __len__(self) -> int:
        return len(self._content) if isinstance(self._content, list) else 1


@final
class Lowercase(Normalizer):
    """Makes the text lower case."""

    def __init__(self) -> None:
        self._start({"type": "Lowercase"})


@final
class Strip(Normalizer):
    """Removes white space at the ends of the text.

    Args:
        left: at the beginning.
        right: at the end.
    """

    def __init__(self, left: bool = True, right: bool = True) -> None:
        self._start({"type": "Strip", "strip_left": to_bool(left), "strip_right": to_bool(right)})

    left = field("strip_left", to_bool, "Whether the beginning is stripped.")
    right = field("strip_right", to_bool, "Whether the end is stripped.")


@final
class Prepend(Normalizer):
    """Puts a string before a text that is not empty.

    Args:
        prepend: the string.
    """

    def __init__(self, prepend: str = "▁") -> None:
        self._start({"type": "Prepend", "prepend": to_str(prepend)})

    prepend = field("prepend", to_str, "The string.")


@final
class ByteLevel(Normalizer):
    """Writes every byte of the text's UTF-8 as a visible character."""

    def __init__(self) -> None:
        self._start({"type": "ByteLevel"})


@final
class StripAccents(Normalizer):
    """Removes combining marks; after NFD these are the accents."""

    def __init__(self) -> None:
        self._start({"type": "StripAccents"})


@final
class Nmt(Normalizer):
    """Removes control characters and makes white space out of some others, for translation."""

    def __init__(self) -> None:
        self._start({"type": "Nmt"})


@final
class Precompiled(Normalizer):
    """The character map of a SentencePiece model.

    Args:
        precompiled_charsmap: the map as the model has it.

    Raises:
        Exception: it is none.
    """

    def __init__(self, precompiled_charsmap: bytes) -> None:
        data = base64.b64encode(_to_bytes(precompiled_charsmap)).decode()
        self._start({"type": "Precompiled", "precompiled_charsmap": data})
        try:
            self._native()
        except Exception as error:
            raise Exception(
                f"Error while attempting to build Precompiled normalizer: {error}"
            ) from None


@final
class Replace(Normalizer):
    """Replaces every match of a pattern.

    Args:
        pattern: a str, taken literally, or a `Regex`.
        content: what takes the place of a match.
    """

    def __init__(self, pattern: Any, content: str) -> None:
        self._start({"type": "Replace", "pattern": to_pattern(pattern), "content": to_str(content)})

    @property
    def pattern(self) -> Any:
        """Cannot be read and cannot be set."""
        raise Exception("Cannot get pattern")

    @pattern.setter
    def pattern(self, pattern: Any) -> None:
        to_pattern(pattern)
        raise Exception("Cannot set pattern, please instantiate a new replace pattern instead")

    content = field("content", to_str, "What takes the place of a match.")


def _optional_bool(value: Any) -> bool | None:
    return None if value is None else to_bool(value)


def _to_bytes(data: Any) -> bytes:
    """Bytes, or a sequence of integers that are bytes."""
    if isinstance(data, (bytes, bytearray)):
        return bytes(data)
    numbers = [to_u32(number) for number in to_sequence(data)]
    if any(number > 255 for number in numbers):
        raise OverflowError("number too large to fit in target type")
    return bytes(numbers)


NORMALIZERS = {"nfc": NFC, "nfd": NFD, "nfkc": NFKC, "nfkd": NFKD}


def unicode_normalizer_from_str(normalizer: str) -> Normalizer:
    """The normalizer for one of "nfc", "nfd", "nfkc", "nfkd".

    Raises:
        ValueError: it is another name.
    """
    if normalizer not in NORMALIZERS:
        raise ValueError(
            f"{normalizer} is not a known unicode normalizer. Available are {NORMALIZERS.keys()}"
        )
    return NORMALIZERS[normalizer]()


Normalizer._register(
    BertNormalizer,
    NFC,
    NFD,
    NFKC,
    NFKD,
    Sequence,
    Lowercase,
    Strip,
    Prepend,
    ByteLevel,
    StripAccents,
    Nmt,
    Precompiled,
    Replace,
)
