"""All of the module `tokenizers` 0.23.3, on the engine of tokmill.

    import tokmill.compat.tokenizers as tokenizers

    tok = tokenizers.Tokenizer.from_file("tokenizer.json")
    tok.encode("Hello").tokens

What encoding computes at once are ids; everything else that an `Encoding` tells is computed when it
is read. Vocabularies cannot be trained yet; docs/deviations.md lists the other differences.
"""

from __future__ import annotations

from enum import Enum
from typing import Union

from tokmill import _core

Offsets = tuple[int, int]
"""Begin and end."""
TextInputSequence = str
"""A text."""
PreTokenizedInputSequence = Union[list[str], tuple[str, ...]]  # noqa: UP007
"""A text in words."""
TextEncodeInput = Union[str, tuple[str, str], list[str]]  # noqa: UP007
"""A text or a pair of texts."""
PreTokenizedEncodeInput = Union[  # noqa: UP007
    PreTokenizedInputSequence,
    tuple[PreTokenizedInputSequence, PreTokenizedInputSequence],
    list[PreTokenizedInputSequence],
]
"""A text or a pair of texts, in words."""
InputSequence = Union[TextInputSequence, PreTokenizedInputSequence]  # noqa: UP007
"""A text, in words or not."""
EncodeInput = Union[TextEncodeInput, PreTokenizedEncodeInput]  # noqa: UP007
"""A text or a pair of texts, in words or not."""


class OffsetReferential(Enum):
    """In which text offsets count."""

    ORIGINAL = "original"
    NORMALIZED = "normalized"


class OffsetType(Enum):
    """What offsets count."""

    BYTE = "byte"
    CHAR = "char"


class SplitDelimiterBehavior(Enum):
    """What becomes of what separates two pieces."""

    REMOVED = "removed"
    ISOLATED = "isolated"
    MERGED_WITH_PREVIOUS = "merged_with_previous"
    MERGED_WITH_NEXT = "merged_with_next"
    CONTIGUOUS = "contiguous"


from . import (  # noqa: E402
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from ._added_token import AddedToken  # noqa: E402
from ._pieces import PreTokenizedString, Token  # noqa: E402
from ._regex import Regex  # noqa: E402
from ._strings import NormalizedString  # noqa: E402
from ._tokenizer import Tokenizer  # noqa: E402

Encoding = _core.stages.Encoding

from . import _signatures, implementations  # noqa: E402
from .implementations import (  # noqa: E402
    BertWordPieceTokenizer,
    ByteLevelBPETokenizer,
    CharBPETokenizer,
    SentencePieceBPETokenizer,
    SentencePieceUnigramTokenizer,
)

_signatures.state()

# The release whose behaviour this is.
__version__ = "0.23.3"

__all__ = [
    "AddedToken",
    "BertWordPieceTokenizer",
    "ByteLevelBPETokenizer",
    "CharBPETokenizer",
    "EncodeInput",
    "Encoding",
    "InputSequence",
    "NormalizedString",
    "OffsetReferential",
    "OffsetType",
    "Offsets",
    "PreTokenizedEncodeInput",
    "PreTokenizedInputSequence",
    "PreTokenizedString",
    "Regex",
    "SentencePieceBPETokenizer",
    "SentencePieceUnigramTokenizer",
    "SplitDelimiterBehavior",
    "TextEncodeInput",
    "TextInputSequence",
    "Token",
    "Tokenizer",
    "decoders",
    "implementations",
    "models",
    "normalizers",
    "pre_tokenizers",
    "processors",
    "trainers",
]
