"""Components from elsewhere: those of the reference itself."""

from __future__ import annotations

import json
from typing import TypeVar

from ._component import Component
from ._convert import not_instance

_C = TypeVar("_C", bound=Component)


def adopt(base: type[_C], value: object) -> _C:
    """A component of one kind from whatever stands for one.

    Args:
        base: the base class of the kind.
        value: one of our components, which is returned itself, or one of the `tokenizers` package,
            which is copied.

    Raises:
        TypeError: it is neither.
        Exception: it is a component that is written in Python.
    """
    if isinstance(value, base):
        return value
    for cls in type(value).__mro__:
        if cls.__name__ == base.__name__ and cls.__module__.partition(".")[0] == "tokenizers":
            spec = base._read_state(json.loads(value.__getstate__()))  # type: ignore[attr-defined]
            component = base._from_spec(spec)
            assert isinstance(component, base)
            return component
    not_instance(value, base.__name__)
