"""Runs the same code with the reference's module and with the drop-in, and compares what comes out.

Code is text: statements, and an expression in the last line. `T` is the module. What comes out is
the value (encodings and tokens taken apart), or the class and the text of the exception.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import pickle
from typing import Any

import numpy as np
import tokenizers

import tokmill.compat.tokenizers as compat


def fields(encoding: Any) -> dict[str, Any]:
    """All that an encoding tells."""
    names = (
        "ids",
        "type_ids",
        "tokens",
        "offsets",
        "word_ids",
        "special_tokens_mask",
        "attention_mask",
        "sequence_ids",
        "n_sequences",
    )
    told = {name: getattr(encoding, name) for name in names}
    told["len"] = len(encoding)
    told["overflowing"] = [fields(part) for part in encoding.overflowing]
    return told


def plain(value: Any) -> Any:
    """A value that can be compared across the two modules."""
    name = type(value).__name__
    if name == "Encoding":
        return fields(value)
    if name == "Token":
        return value.as_tuple()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (str, int, float, bool, tuple, bytes, type(None))):
        return value
    return repr(value)


def outcome(module: Any, code: str, **names: Any) -> tuple[str, Any, str]:
    """(kind, value or message, what was printed)."""
    scope = {"T": module, "np": np, "copy": copy, "pickle": pickle, "json": json, **names}
    *statements, expression = code.strip().splitlines()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec("\n".join(statements), scope)
            return "value", plain(eval(expression, scope)), printed.getvalue()
        except BaseException as error:
            return type(error).__name__, str(error), printed.getvalue()


def assert_same(code: str, **names: Any) -> None:
    """The drop-in does what the reference does.

    What the reference prints it prints past Python, so that it is not compared.
    """
    expected = outcome(tokenizers, code, **names)[:2]
    assert outcome(compat, code, **names)[:2] == expected, code
