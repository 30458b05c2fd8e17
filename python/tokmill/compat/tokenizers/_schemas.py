"""The JSON objects of components as the reference reads and writes them.

Each function takes a parsed JSON value and returns the object in full: with every default filled in
and the fields in the order in which they are written. A component is recognised by its `type`
where the reference looks at it, and by its fields where it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Spec = dict[str, Any]
Read = Callable[[Any], Any]

BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
SCHEMES = ("first", "never", "always")
_REQUIRED = object()


class SchemaError(Exception):
    """A value that is not what the reference expects; the message is the one of its reader."""


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        return f"floating point `{value}`"
    if isinstance(value, str):
        return f'string "{value}"'
    return "map" if isinstance(value, dict) else "sequence"


def _wrong_type(value: Any, wanted: str) -> SchemaError:
    return SchemaError(f"invalid type: {_shown(value)}, expected {wanted}")


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(value, "a boolean")
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, "a string")
    return value


def _character(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, "a character")
    if len(value) != 1:
        raise SchemaError(f"invalid value: {_shown(value)}, expected a character")
    return value


def _unsigned(bits: int, name: str) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(value, name)
        if not 0 <= value < 2**bits:
            raise SchemaError(f"invalid value: {_shown(value)}, expected {name}")
        return value

    return read


_usize = _unsigned(64, "usize")
_u32 = _unsigned(32, "u32")


def _optional(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _list_of(read: Read) -> Read:
    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(value, "a sequence")
        return [read(item) for item in value]

    return read_list


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " or ".join(quoted) if len(quoted) == 2 else f"one of {', '.join(quoted)}"


def _variant(names: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise _wrong_type(value, "string or map")
        if value not in names:
            raise SchemaError(f"unknown variant `{value}`, expected {_listed(names)}")
        return value

    return read


def _tagged_value(names: dict[str, Read]) -> Read:
    """An object with one member, whose name tells what its value is."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) != 1:
            raise _wrong_type(value, "a map with one entry")
        ((name, inner),) = value.items()
        if name not in names:
            raise SchemaError(f"unknown variant `{name}`, expected {_listed(tuple(names))}")
        return {name: names[name](inner)}

    def read_name(value: Any) -> dict[str, Any]:
        if isinstance(value, str) and value not in names:
            raise SchemaError(f"unknown variant `{value}`, expected {_listed(tuple(names))}")
        return read(value)

    return read_name


_pattern = _tagged_value({"String": _string, "Regex": _string})


def _struct(name: str, checked: bool = False, **fields: Any) -> Callable[[Any], Spec]:
    """A reader of an object.

    Args:
        name: its `type` in what is written; "" for none.
        checked: the `type` must be there and be this one.
        fields: how each field is read, or (how, its default).
    """

    def read(value: Any) -> Spec:
        if not isinstance(value, dict):
            raise _wrong_type(value, f"struct {name}")
        if checked:
            if "type" not in value:
                raise SchemaError("missing field `type`")
            if value["type"] != name:
                raise SchemaError(f"unknown variant `{value['type']}`, expected `{name}`")
        spec: Spec = {"type": name} if name else {}
        for key, how in fields.items():
            reader, default = how if isinstance(how, tuple) else (how, _REQUIRED)
            if key in value:
                spec[key] = reader(value[key])
            elif default is _REQUIRED:
                raise SchemaError(f"missing field `{key}`")
            else:
                spec[key] = default
        return spec

    return read


def _metaspace(value: Any) -> Spec:
    spec = _struct(
        "Metaspace",
        checked=True,
        replacement=_character,
        prepend_scheme=(_variant(SCHEMES), "always"),
        split=(_optional(_boolean), None),
    )(value)
    _optional(_string)(value.get("str_rep"))
    prefix = _optional(_boolean)(value.get("add_prefix_space"))
    # Without a scheme it is "always", which disagrees as well.
    if prefix is False and spec["prepend_scheme"] != "never":
        raise SchemaError("add_prefix_space does not match declared prepend_scheme")
    if spec["split"] is None:
        spec["split"] = True
    return spec


_byte_level = _struct(
    "ByteLevel",
    checked=True,
    add_prefix_space=_boolean,
    trim_offsets=_boolean,
    use_regex=(_boolean, True),
)
_replace = _struct("Replace", pattern=_pattern, content=_string)


def _read_tagged(
    value: Any, tagged: dict[str, Read], untagged: tuple[Read, ...], enumeration: str
) -> Spec:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in tagged:
        spec: Spec = tagged[kind](value)
        return spec
    return _first_match(value, untagged, enumeration)


def _first_match(value: Any, readers: tuple[Read, ...], enumeration: str) -> Spec:
    for read in readers:
        try:
            spec: Spec = read(value)
        except SchemaError:
            continue
        return spec
    raise SchemaError(f"data did not match any variant of untagged enum {enumeration}")


# --- normalizers ---------------------------------------------------------------------------------


def normalizer(value: Any) -> Spec:
    """A normalizer."""
    return _read_tagged(value, _NORMALIZERS, _UNTAGGED_NORMALIZERS, "NormalizerUntagged")


_bert_normalizer = _struct(
    "BertNormalizer",
    clean_text=_boolean,
    handle_chinese_chars=_boolean,
    strip_accents=(_optional(_boolean), None),
    lowercase=_boolean,
)
_strip_normalizer = _struct("Strip", strip_left=_boolean, strip_right=_boolean)
_precompiled = _struct("Precompiled", precompiled_charsmap=_string)
_prepend = _struct("Prepend", prepend=_string)
_normalizer_sequence = _struct("Sequence", normalizers=_list_of(normalizer))
_NORMALIZERS: dict[str, Read] = {
    "Bert": _bert_normalizer,
    "Strip": _strip_normalizer,
    "Sequence": _normalizer_sequence,
    "Precompiled": _precompiled,
    "Replace": _replace,
    "Prepend": _prepend,
    **{
        name: _struct(name)
        for name in (
            "StripAccents", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "ByteLevel",
        )
    },
}  # fmt: skip
_UNTAGGED_NORMALIZERS = (
    _bert_normalizer, _strip_normalizer, _normalizer_sequence, _precompiled, _replace, _prepend,
)  # fmt: skip


# --- pre-tokenizers ------------------------------------------------------------------------------


def pre_tokenizer(value: Any) -> Spec:
    """A pre-tokenizer."""
    return _read_tagged(value, _PRE_TOKENIZERS, (_char_delimiter_split,), "PreTokenizerUntagged")


_char_delimiter_split = _struct("CharDelimiterSplit", checked=True, delimiter=_character)
_PRE_TOKENIZERS: dict[str, Read] = {
    "ByteLevel": _byte_level,
    # The reference knows it by this name and by its own, and no object satisfies both.
    "Delimiter": _char_delimiter_split,
    "Metaspace": _metaspace,
    "Sequence": _struct("Sequence", pretokenizers=_list_of(pre_tokenizer)),
    "Split": _struct("Split", pattern=_pattern, behavior=_variant(BEHAVIORS), invert=_boolean),
    "Punctuation": _struct("Punctuation", behavior=(_variant(BEHAVIORS), "Isolated")),
    "Digits": _struct("Digits", individual_digits=_boolean),
    "FixedLength": _struct("FixedLength", length=(_usize, 5)),
    **{
        name: _struct(name)
        for name in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts")
    },
}


# --- decoders ------------------------------------------------------------------------------------


def decoder(value: Any) -> Spec:
    """A decoder."""
    return _read_tagged(value, _DECODERS, _UNTAGGED_DECODERS, "DecoderUntagged")


_bpe_decoder = _struct("BPEDecoder", suffix=_string)
_word_piece = _struct("WordPiece", prefix=_string, cleanup=_boolean)
_ctc = _struct("CTC", pad_token=_string, word_delimiter_token=_string, cleanup=_boolean)
_strip_decoder = _struct("Strip", content=_character, start=_usize, stop=_usize)
_DECODERS: dict[str, Read] = {
    "BPEDecoder": _bpe_decoder,
    "ByteLevel": _byte_level,
    "WordPiece": _word_piece,
    "Metaspace": _metaspace,
    "CTC": _ctc,
    "Sequence": _struct("Sequence", decoders=_list_of(decoder)),
    "Replace": _replace,
    "Fuse": _struct("Fuse"),
    "Strip": _strip_decoder,
    "ByteFallback": _struct("ByteFallback"),
}
_UNTAGGED_DECODERS = (_bpe_decoder, _word_piece, _ctc, _replace, _strip_decoder)


# --- post-processors -----------------------------------------------------------------------------


def post_processor(value: Any) -> Spec:
    """A post-processor."""
    return _first_match(value, _POST_PROCESSORS, "PostProcessorWrapper")


def _token_and_id(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong_type(value, "a tuple of size 2")
    return [_string(value[0]), _u32(value[1])]


_sequence_name = _variant(("A", "B"))
_template = _list_of(
    _tagged_value(
        {
            "Sequence": _struct("", id=_sequence_name, type_id=_u32),
            "SpecialToken": _struct("", id=_string, type_id=_u32),
        }
    )
)
_special_token = _struct("", id=_string, ids=_list_of(_u32), tokens=_list_of(_string))


def _special_tokens(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type(value, "a map")
    # Rust orders strings by their UTF-8, which is the order of the code points.
    return {name: _special_token(value[name]) for name in sorted(value)}


_POST_PROCESSORS: tuple[Read, ...] = (
    _struct(
        "RobertaProcessing",
        sep=_token_and_id,
        cls=_token_and_id,
        trim_offsets=_boolean,
        add_prefix_space=_boolean,
    ),
    _struct("BertProcessing", sep=_token_and_id, cls=_token_and_id),
    _byte_level,
    _struct(
        "TemplateProcessing",
        single=_template,
        pair=_template,
        special_tokens=_special_tokens,
    ),
    _struct("Sequence", checked=True, processors=_list_of(post_processor)),
)
