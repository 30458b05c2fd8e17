"""Decoders: the stage that turns tokens back into text."""

from __future__ import annotations

from typing import Any

from tokmill import _core

from . import _schemas
from ._component import Cell, Component, Custom, Spec, field, shown_parameter
from ._convert import final, to_bool, to_list, to_sequence, to_str, to_usize
from ._decode_stream import DecodeStream
from ._foreign import adopt
from ._options import to_character, to_prepend_scheme
from ._regex import to_pattern

__all__ = [
    "CTC",
    "BPEDecoder",
    "ByteFallback",
    "ByteLevel",
    "DecodeStream",
    "Decoder",
    "Fuse",
    "Metaspace",
    "Replace",
    "Sequence",
    "Strip",
    "WordPiece",
]


class Decoder(Component):
    """Base class of all decoders. It is not instantiated itself, see `custom`."""

    _kind = "Decoder"
    _custom_name = "PyDecoder"
    _parts_key = "decoders"

    @staticmethod
    def custom(decoder: Any) -> Decoder:
        """A decoder that calls `decoder.decode_chain(tokens)`.

        Args:
            decoder: its method gets a list of str and returns one, whose parts make up the text.
        """
        return Decoder._of(Cell(Custom(decoder)))

    def decode(self, tokens: list[str]) -> str:
        """The text of tokens.

        Raises:
            TypeError: it is no sequence of str.
            Exception: a custom decoder failed.
        """
        text: str = self._native().decode([to_str(token) for token in to_sequence(tokens)])
        return text

    @classmethod
    def _read_state(cls, value: Any) -> Spec:
        return _schemas.decoder(value)

    def __setstate__(self, state: bytes) -> None:
        try:
            super().__setstate__(state)
        except TypeError:
            raise
        except Exception:
            # The reference tries custom decoders as well, and says no more than that.
            raise Exception(
                "Error while attempting to unpickle Decoder: "
                "data did not match any variant of untagged enum PyDecoderWrapper"
            ) from None

    @classmethod
    def _native_json(cls, data: bytes) -> Any:
        return _core.stages.Decoder.from_json(data)

    @classmethod
    def _native_custom(cls, component: Any) -> Any:
        return _core.stages.Decoder.from_python(
            lambda tokens: [to_str(part) for part in to_sequence(component.decode_chain(tokens))]
        )


@final
class ByteLevel(Decoder):
    """Reads visible characters as the bytes that they stand for, see `pre_tokenizers.ByteLevel`."""

    def __init__(self, **_kwargs: Any) -> None:
        self._start(
            {
                "type": "ByteLevel",
                "add_prefix_space": True,
                "trim_offsets": True,
                "use_regex": True,
            }
        )


@final
class Replace(Decoder):
    """Replaces every match of a pattern within a token.

    Args:
        pattern: a str, taken literally, or a `Regex`.
        content: what takes the place of a match.
    """

    def __init__(self, pattern: Any, content: str) -> None:
        self._start({"type": "Replace", "pattern": to_pattern(pattern), "content": to_str(content)})


@final
class WordPiece(Decoder):
    """Joins words, which tokens with a prefix continue.

    Args:
        prefix: the prefix.
        cleanup: whether spaces before punctuation and in English contractions are removed.
    """

    def __init__(self, prefix: str = "##", cleanup: bool = True) -> None:
        self._start({"type": "WordPiece", "prefix": to_str(prefix), "cleanup": to_bool(cleanup)})

    prefix = field("prefix", to_str, "The prefix of tokens that continue a word.")
    cleanup = field("cleanup", to_bool, "Whether some spaces are removed.")


@final
class ByteFallback(Decoder):
    """Reads tokens such as `<0x61>` as the bytes that they name."""

    def __init__(self) -> None:
        self._start({"type": "ByteFallback"})


@final
class Fuse(Decoder):
    """Makes one token of all."""

    def __init__(self) -> None:
        self._start({"type": "Fuse"})


@final
class Strip(Decoder):
    """Removes a character at the ends of every token.

    Args:
        content: the character.
        left: how often at most at the beginning.
        right: how often at most at the end.
    """

    def __init__(self, content: str = " ", left: int = 0, right: int = 0) -> None:
        self._start(
            {
                "type": "Strip",
                "content": to_character(content),
                "start": to_usize(left),
                "stop": to_usize(right),
            }
        )

    content = field("content", to_character, "The character.")
    start = field("start", to_usize, "How often it is removed at the beginning.")
    stop = field("stop", to_usize, "How often it is removed at the end.")


@final
class Metaspace(Decoder):
    """Reads a visible character as a space, see `pre_tokenizers.Metaspace`.

    Args:
        replacement: the character.
        prepend_scheme: unless it is "never", the first one was added and is removed.
        split: has no effect.
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
    split = field("split", to_bool, "Has no effect.")
    prepend_scheme = field("prepend_scheme", to_prepend_scheme, "Whether the first was added.")


@final
class BPEDecoder(Decoder):
    """Reads the suffix of a token as the end of a word.

    Args:
        suffix: the suffix.
    """

    def __init__(self, suffix: str = "</w>") -> None:
        self._start({"type": "BPEDecoder", "suffix": to_str(suffix)})

    suffix = field("suffix", to_str, "The suffix.")


@final
class CTC(Decoder):
    """Undoes the output of connectionist temporal classification.

    Args:
        pad_token: separates equal tokens, of which a run counts as one otherwise.
        word_delimiter_token: stands for a space.
        cleanup: whether spaces before punctuation and in English contractions are removed.
    """

    def __init__(
        self, pad_token: str = "<pad>", word_delimiter_token: str = "|", cleanup: bool = True
    ) -> None:
        self._start(
            {
                "type": "CTC",
                "pad_token": to_str(pad_token),
                "word_delimiter_token": to_str(word_delimiter_token),
                "cleanup": to_bool(cleanup),
            }
        )

    pad_token = field("pad_token", to_str, "The token that separates equal ones.")
    word_delimiter_token = field("word_delimiter_token", to_str, "The token for a space.")
    cleanup = field("cleanup", to_bool, "Whether some spaces are removed.")


@final
class Sequence(Decoder):
    """Decoders one after the other. The parts are copied.

    Args:
        decoders_py: a list of decoders.

    Raises:
        NotImplementedError: one of them is written in Python.
    """

    __signature__ = shown_parameter("decoders")

    def __init__(self, decoders_py: list[Decoder]) -> None:
        parts = [adopt(Decoder, part) for part in to_list(decoders_py)]
        for part in parts:
            if isinstance(part._own_cell().spec, Custom):
                raise NotImplementedError("a Sequence of decoders has no custom decoders")
        self._start({"type": "Sequence", "decoders": [part._spec for part in parts]})

    def __getnewargs__(self) -> tuple[list[Any]]:
        return ([],)


Decoder._register(
    BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece
)
