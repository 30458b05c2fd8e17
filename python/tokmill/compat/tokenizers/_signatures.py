"""Signatures as the reference documents them, where they are not those that it takes.

Some of its functions state other parameter names than they have. Calls follow the true names;
`inspect.signature` and what is built on it show the stated ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from . import decoders, models, normalizers, pre_tokenizers, processors
from ._strings import NormalizedString

_STATED: dict[Any, tuple[str, ...]] = {
    models.Model.token_to_id: ("self", "tokens"),
    decoders.DecodeStream.__deepcopy__: ("self", "_memo"),
    NormalizedString.__getitem__: ("self", "key"),
    **{
        getattr(part, name): parameters
        for part in (normalizers.Sequence, pre_tokenizers.Sequence, processors.Sequence)
        for name, parameters in (
            ("__getitem__", ("self", "key")),
            ("__setitem__", ("self", "key", "value")),
            ("__delitem__", ("self", "key")),
        )
    },
    pre_tokenizers.Sequence: ("pretokenizers",),
    processors.Sequence: ("processors",),
    decoders.Sequence: ("decoders",),
}


def state() -> None:
    """Makes the signatures show what the reference states."""
    for function, names in _STATED.items():
        _show(function, names)


def _show(function: Callable[..., Any], names: tuple[str, ...]) -> None:
    parameters = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
