"""Components by their kind: from JSON objects, to JSON objects, and from whatever users give."""

from __future__ import annotations

from typing import Any

from ._component import Component, Spec, described
from ._dump import Struct
from ._foreign import adopt as adopt_component
from .decoders import Decoder
from .normalizers import Normalizer
from .pre_tokenizers import PreTokenizer
from .processors import PostProcessor

KINDS: dict[str, type[Component]] = {
    "normalizer": Normalizer,
    "pre_tokenizer": PreTokenizer,
    "post_processor": PostProcessor,
    "decoder": Decoder,
}
"""The base classes by the names that `tokenizer.json` has for the stages."""


def from_json(kind: str, value: Any) -> Component:
    """A new component.

    Args:
        kind: the name of the stage.
        value: its parsed JSON value, not null.

    Raises:
        Exception: it is no component of that kind.
    """
    base = KINDS[kind]
    return base._from_spec(base._read_state(value))


def to_json(component: Component) -> Spec:
    """The JSON object of a component.

    Raises:
        Exception: the component, or a part of it, is written in Python.
    """
    return component._spec


def to_dump(component: Component) -> Struct:
    """A component for `_dump.dump`; raises the same."""
    return described(component._spec)


def handle(component: Component) -> Component:
    """Another handle on the same component, of the class that it has by now."""
    return component._handle(component._content)


def adopt(kind: str, value: object) -> Component:
    """A component from what a setter is given.

    Args:
        kind: the name of the stage.
        value: one of our components, which is returned itself, or one of the `tokenizers` package,
            which is copied.

    Raises:
        TypeError: it is neither.
    """
    return adopt_component(KINDS[kind], value)
