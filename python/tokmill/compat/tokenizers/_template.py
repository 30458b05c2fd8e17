"""The templates of `TemplateProcessing`: from what users write to the JSON object."""

from __future__ import annotations

from typing import Any

from ._convert import to_sequence, to_str, to_u32

Pieces = list[dict[str, Any]]

ONE_SEQUENCE: Pieces = [{"Sequence": {"id": "A", "type_id": 0}}]
PAIR_OF_SEQUENCES: Pieces = [
    {"Sequence": {"id": "A", "type_id": 0}},
    {"Sequence": {"id": "B", "type_id": 1}},
]


def _type_id(text: str) -> int | None:
    """A number as Rust reads it: ASCII digits, perhaps with a plus before them."""
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return None
    number = int(digits) if len(digits.lstrip("0")) <= 10 else 2**32
    return number if number < 2**32 else None


def _piece(text: str) -> dict[str, Any]:
    error = ValueError(f'Cannot build Piece from string "{text}"')
    name, *rest = text.split(":")
    if len(rest) > 1:
        raise error
    type_id = _type_id(rest[0]) if rest else 0
    if type_id is None:
        raise error
    if not name.startswith("$"):
        return {"SpecialToken": {"id": name, "type_id": type_id}}
    sequence = name[1:]
    if sequence in ("", "A", "a"):
        return {"Sequence": {"id": "A", "type_id": type_id}}
    if sequence in ("B", "b"):
        return {"Sequence": {"id": "B", "type_id": type_id}}
    own = _type_id(sequence)
    if own is None:
        raise error
    return {"Sequence": {"id": "A", "type_id": type_id if rest else own}}


def to_template(value: Any) -> Pieces:
    """A template from a str or from a sequence of pieces.

    Raises:
        TypeError: it is neither.
        ValueError: a piece is none.
    """
    if isinstance(value, str):
        return [_piece(part) for part in to_str(value).split(" ")]
    try:
        parts = [to_str(part) for part in to_sequence(value)]
    except (TypeError, UnicodeEncodeError):
        raise TypeError("Expected Union[str, List[str]]") from None
    return [_piece(part) for part in parts]


def _special_token(value: Any) -> dict[str, Any]:
    if isinstance(value, tuple) and len(value) == 2:
        for text, number in (value, value[::-1]):
            try:
                token, token_id = to_str(text), to_u32(number)
            except (TypeError, OverflowError, UnicodeEncodeError):
                continue
            return {"id": token, "ids": [token_id], "tokens": [token]}
    if not isinstance(value, dict):
        raise TypeError("Expected Union[Tuple[str, int], Tuple[int, str], dict]")
    for key in ("id", "ids", "tokens"):
        if key not in value:
            raise ValueError(f"`{key}` must be specified")
    name = to_str(value["id"])
    ids = [to_u32(number) for number in to_sequence(value["ids"])]
    tokens = [to_str(token) for token in to_sequence(value["tokens"])]
    if len(ids) != len(tokens):
        raise Exception("SpecialToken: ids and tokens must be of the same length")
    return {"id": name, "ids": ids, "tokens": tokens}


def to_special_tokens(value: Any) -> dict[str, dict[str, Any]]:
    """The special tokens by name; of several with one name the last counts."""
    tokens = {token["id"]: token for token in map(_special_token, to_sequence(value))}
    return {name: tokens[name] for name in sorted(tokens)}


def check_template(
    single: Pieces | None, pair: Pieces | None, special_tokens: dict[str, Any]
) -> None:
    """Raises ValueError if the templates need what is not there."""
    if pair is not None:
        sequences = {piece["Sequence"]["id"] for piece in pair if "Sequence" in piece}
        if sequences != {"A", "B"}:
            raise ValueError("Template for `pair` must use both sequences")
    missing = [
        piece["SpecialToken"]["id"]
        for piece in (single or []) + (pair or [])
        if "SpecialToken" in piece and piece["SpecialToken"]["id"] not in special_tokens
    ]
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise ValueError(f"Missing SpecialToken(s) with id(s) `{names}`")


def _quoted(text: str) -> str:
    """A string as Rust shows it for debugging."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
    return '"' + "".join(escapes.get(c, c) for c in text) + '"'


def shown_template(pieces: Pieces) -> str:
    """What is read from the attribute `single`: Rust's text for debugging."""
    shown = []
    for piece in pieces:
        ((name, fields),) = piece.items()
        id_text = fields["id"] if name == "Sequence" else _quoted(fields["id"])
        shown.append(f"{name} {{ id: {id_text}, type_id: {fields['type_id']} }}")
    return f"Template([{', '.join(shown)}])"
