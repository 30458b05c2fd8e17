"""The text forms of a tokenizer: tokenizer.json, and what `repr` and `str` give."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import _components, _convert, _dump, models

if TYPE_CHECKING:
    from ._component import Component
    from ._tokenizer import Tokenizer

_STRATEGIES = {
    "longest_first": "LongestFirst",
    "only_first": "OnlyFirst",
    "only_second": "OnlySecond",
}


@contextmanager
def plain_os_errors() -> Iterator[None]:
    """Turns an OSError into the plain exception of the reference, with its words."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        raise Exception(f"{os.strerror(number)} (os error {number})") from None


def known_strategy(name: object) -> str:
    """The name of a truncation strategy.

    Raises:
        ValueError: there is no such strategy.
    """
    name = _convert.to_str(name)
    if name not in _STRATEGIES:
        raise ValueError(
            f"Unknown `strategy`: `{name}`. Use one of `longest_first`, `only_first`, or "
            "`only_second`"
        )
    return name


def known_direction(name: object, end: str = "") -> str:
    """The name of a side.

    Args:
        name: "left" or "right".
        end: what the message ends with.

    Raises:
        ValueError: it is something else.
    """
    name = _convert.to_str(name)
    if name not in ("left", "right"):
        raise ValueError(f"Unknown `direction`: `{name}`. Use one of `left` or `right`{end}")
    return name


def read_stages(texts: dict[str, bytes]) -> dict[str, Component]:
    """The components of a tokenizer.json from the JSON texts of its members."""
    values = {kind: json.loads(text) for kind, text in texts.items()}
    return {
        kind: _components.from_json(kind, value)
        for kind, value in values.items()
        if value is not None
    }


def _truncation(tokenizer: Tokenizer) -> dict[str, Any] | None:
    values = tokenizer.truncation
    if values is None:
        return None
    return {
        "direction": values["direction"].capitalize(),
        "max_length": values["max_length"],
        "strategy": _STRATEGIES[values["strategy"]],
        "stride": values["stride"],
    }


def _padding(tokenizer: Tokenizer) -> dict[str, Any] | None:
    values = tokenizer.padding
    if values is None:
        return None
    length = values["length"]
    return {
        "strategy": "BatchLongest" if length is None else {"Fixed": length},
        "direction": values["direction"].capitalize(),
        "pad_to_multiple_of": values["pad_to_multiple_of"],
        "pad_id": values["pad_id"],
        "pad_type_id": values["pad_type_id"],
        "pad_token": values["pad_token"],
    }


def _added_tokens(tokenizer: Tokenizer) -> list[dict[str, Any]]:
    tokens = tokenizer.get_added_tokens_decoder()
    return [{"id": token_id} | token.__getstate__() for token_id, token in tokens.items()]


def _stages(tokenizer: Tokenizer) -> dict[str, Component | None]:
    """All four, in the order of the file."""
    return {kind: tokenizer._stages.get(kind) for kind in _components.KINDS}


def to_bytes(tokenizer: Tokenizer, pretty: bool) -> bytes:
    """The tokenizer.json of a tokenizer, UTF-8.

    Args:
        tokenizer: the tokenizer.
        pretty: one value a line, two spaces a level; otherwise no white space at all.

    Raises:
        Exception: a component is written in Python.
    """
    parts: dict[str, Any] = {
        "version": "1.0",
        "truncation": _truncation(tokenizer),
        "padding": _padding(tokenizer),
        "added_tokens": _added_tokens(tokenizer),
    }
    for kind, stage in _stages(tokenizer).items():
        parts[kind] = None if stage is None else _components.to_json(stage)
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(parts, ensure_ascii=False, **layout)
    # The model is large and writes itself.
    model = tokenizer._model._native().to_json(pretty, 1)
    if pretty:
        return text.removesuffix("\n}").encode() + b',\n  "model": ' + model + b"\n}"
    return text.removesuffix("}").encode() + b',"model":' + model + b"}"


def dump(tokenizer: Tokenizer, limits: _dump.Limits) -> str:
    """The text form of a tokenizer."""
    fields: dict[str, Any] = {"version": "1.0"}
    truncation, padding = _truncation(tokenizer), _padding(tokenizer)
    if truncation is not None:
        for name in ("direction", "strategy"):
            truncation[name] = _dump.Name(truncation[name])
    if padding is not None:
        padding["direction"] = _dump.Name(padding["direction"])
        strategy = padding["strategy"]
        padding["strategy"] = (
            _dump.Name(strategy)
            if isinstance(strategy, str)
            else _dump.Variant("Fixed", strategy["Fixed"])
        )
    fields["truncation"] = truncation and _dump.Struct("TruncationParams", truncation)
    fields["padding"] = padding and _dump.Struct("PaddingParams", padding)
    fields["added_tokens"] = _added_tokens(tokenizer)
    for kind, stage in _stages(tokenizer).items():
        fields[kind] = None if stage is None else _components.to_dump(stage)
    fields["model"] = models.to_dump(tokenizer._model, limits)
    return _dump.dump(_dump.Struct("Tokenizer", fields), limits)
