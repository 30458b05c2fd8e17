"""SentencePieceNormalizer: the normalization of a model, or of a table of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ._engine import core, read_file, serialized
from ._rules import charsmap_of_rule, compile_pairs, read_rule_file

# The numbers of the fields of a NormalizerSpec.
_FLAGS = {"add_dummy_prefix": 3, "remove_extra_whitespaces": 4, "escape_whitespaces": 5}


class SentencePieceNormalizer:
    """Normalizes texts as a SentencePiece model does."""

    def __init__(
        self,
        model_file: str | os.PathLike[str] | None = None,
        model_proto: Any = None,
        normalizer_spec: Any = None,
        rule_tsv: str | os.PathLike[str] | None = None,
        rule_name: str | None = None,
        norm_map: Iterable[tuple[str | bytes, str | bytes]] | None = None,
        add_dummy_prefix: bool | None = None,
        escape_whitespaces: bool | None = None,
        remove_extra_whitespaces: bool | None = None,
    ) -> None:
        """From the first source that is given; flags that are given override its own.

        Args:
            model_file: A model file.
            model_proto: Its contents, or a ModelProto.
            normalizer_spec: A NormalizerSpec, serialized or not.
            rule_tsv: A file of replacements: code points in hexadecimal, tab, code points.
            rule_name: One of nmt_nfkc, nfkc, nmt_nfkc_cf, nfkc_cf, identity.
            norm_map: Pairs of a text and its replacement.
            add_dummy_prefix: Put a space in front of the text.
            escape_whitespaces: Write spaces as U+2581.
            remove_extra_whitespaces: Drop spaces at both ends and behind other spaces.

        Raises:
            ValueError: No source is given, or a pair is not valid.
            RuntimeError: A source cannot be read or is broken.
        """
        if model_file:
            spec = core.normalizer_spec_of(read_file(model_file))
        elif model_proto:
            spec = core.normalizer_spec_of(serialized(model_proto))
        elif normalizer_spec:
            spec = serialized(normalizer_spec)
        elif rule_tsv:
            name = os.fsdecode(rule_tsv)
            spec = core.make_normalizer_spec("user_defined", read_rule_file(name), name)
        elif rule_name:
            spec = core.make_normalizer_spec(rule_name, charsmap_of_rule(rule_name), None)
        elif norm_map:
            spec = core.make_normalizer_spec(None, compile_pairs(norm_map), None)
        else:
            raise ValueError("no model is specified")
        self._normalizer = core.Normalizer(spec)
        flags = {
            "add_dummy_prefix": add_dummy_prefix,
            "escape_whitespaces": escape_whitespaces,
            "remove_extra_whitespaces": remove_extra_whitespaces,
        }
        for flag, value in flags.items():
            if value is not None:
                self._normalizer.set_flag(_FLAGS[flag], bool(value))

    def Decompile(self) -> list[tuple[str, str]]:
        """All replacements, in the order of the texts to replace.

        Raises:
            RuntimeError: There are none.
        """
        return self._normalizer.entries()

    def serialized_model_proto(self) -> bytes:
        """A model file with nothing but this normalizer."""
        return core.model_with_normalizer(self._normalizer.spec())

    def serialized_normalizer_spec(self) -> bytes:
        """The NormalizerSpec."""
        return self._normalizer.spec()

    def Normalize(self, input: Any, with_offsets: bool | None = None) -> Any:
        """The normalized form of a text or of each of a list of texts.

        Args:
            input: str or bytes, or a list of them; the result is of the same kind.
            with_offsets: Also give the place in the text that each character (each byte for bytes)
                comes from, and one more for the end: a tuple (text, list of int).
        """
        normalizer = self._normalizer
        function = normalizer.normalize_with_offsets if with_offsets else normalizer.normalize
        if isinstance(input, list):
            return [function(text) for text in input]
        return function(input)

    def __getstate__(self) -> bytes:
        return self.serialized_model_proto()

    def __setstate__(self, serialized_model_proto: bytes) -> None:
        self._normalizer = core.Normalizer(core.normalizer_spec_of(serialized_model_proto))

    decompile = Decompile
    normalize = Normalize
