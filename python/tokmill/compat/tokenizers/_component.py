"""What normalizers, pre-tokenizers, decoders and post-processors have in common.

A component is a handle on a *cell*, which holds what the component is: the JSON object that stands
for it in a `tokenizer.json`, or a Python object for a custom one. Handles share cells, so that a
change through one of them shows in all: in the part that a `Sequence` gives, in the tokenizer that
the component was given to. A `Sequence` has a list of cells instead.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, ClassVar, NoReturn, TypeVar

from tokmill._errors import TokmillError

from . import _epoch
from ._convert import not_instance, to_usize
from ._dump import REPR, STR, Name, Struct, Variant, dump

Spec = dict[str, Any]
"""A component as a JSON object. It is never changed: a change makes a new one."""

_SEQUENCE_KEYS = ("normalizers", "pretokenizers", "decoders", "processors")
_C = TypeVar("_C", bound="Component")


class Custom:
    """A component that is written in Python."""

    __slots__ = ("component",)

    def __init__(self, component: Any) -> None:
        self.component = component


class Cell:
    """The place of a component that handles share.

    Attributes:
        spec: what the component is.
        native: its compiled form, or None if it has not been asked for since the last change.
    """

    __slots__ = ("native", "spec")

    def __init__(self, spec: Spec | Custom) -> None:
        self.spec = spec
        self.native: Any = None

    def assign(self, spec: Spec | Custom) -> None:
        """Makes this another component."""
        self.spec = spec
        self.native = None
        _epoch.bump()


class Component:
    """Base of the four base classes."""

    __slots__ = ("__dict__", "_built", "_content")

    _kind: ClassVar[str]
    """The name of the base class in messages."""
    _parts_key: ClassVar[str]
    """Where a Sequence of this kind has its parts."""
    _custom_name: ClassVar[str] = ""
    """What the reference calls a custom component."""
    _classes: ClassVar[dict[str, type[Component]]]
    """The classes of this kind by the `type` in the JSON object."""
    _base: ClassVar[type[Component]]
    """The base class of this kind."""

    _content: Cell | list[Cell]
    _built: tuple[list[Spec | Custom], Any] | None
    """Of a Sequence: what its parts were when it was compiled, and the compiled form."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Refuses to make instances of the base classes and of users' classes."""
        if cls._classes.get(cls.__name__) is not cls:
            raise TypeError(f"cannot create '{cls.__module__}.{cls.__qualname__}' instances")
        return cls._of([])

    @classmethod
    def _of(cls: type[_C], content: Cell | list[Cell]) -> _C:
        """A handle of this class."""
        self = object.__new__(cls)
        self._content = content
        self._built = None
        return self

    def _start(self, spec: Spec) -> None:
        """Makes this a new component."""
        self._content = Cell(spec)

    @classmethod
    def _handle(cls, content: Cell | list[Cell]) -> Component:
        """A handle of the class that the content asks for."""
        if isinstance(content, list):
            return cls._classes["Sequence"]._of(content)
        spec = content.spec
        return (cls._base if isinstance(spec, Custom) else cls._classes[spec["type"]])._of(content)

    @classmethod
    def _from_spec(cls, spec: Spec) -> Component:
        """A new component of the class that its `type` asks for."""
        return cls._handle(cls._content_of(spec))

    @classmethod
    def _content_of(cls, spec: Spec) -> Cell | list[Cell]:
        if spec["type"] == "Sequence" and issubclass(cls._classes["Sequence"], PartsByReference):
            return [Cell(part) for part in spec[cls._parts_key]]
        return Cell(spec)

    # --- the JSON object -------------------------------------------------------------------------

    @property
    def _spec(self) -> Spec:
        """The JSON object.

        Raises:
            Exception: the component, or a part of it, is written in Python.
        """
        if isinstance(self._content, list):
            parts = [self._plain(cell) for cell in self._content]
            return {"type": "Sequence", self._parts_key: parts}
        return self._plain(self._content)

    def _plain(self, cell: Cell) -> Spec:
        if isinstance(cell.spec, Custom):
            raise Exception(f"Custom {self._custom_name} cannot be serialized")
        return cell.spec

    @classmethod
    def _register(cls, *classes: type[Component]) -> None:
        """Says of a base class which classes it has."""
        cls._base = cls
        cls._classes = {each.__name__: each for each in classes}

    def _get(self, key: str) -> Any:
        return self._own_cell().spec[key]  # type: ignore[index]

    def _put(self, key: str, value: Any) -> None:
        cell = self._own_cell()
        cell.assign({**cell.spec, key: value})  # type: ignore[dict-item]

    def _own_cell(self) -> Cell:
        cell = self._content
        assert isinstance(cell, Cell)
        return cell

    def _replace(self, spec: Spec) -> None:
        """Makes this handle one on a new component."""
        self._content = self._content_of(spec)
        self._built = None
        _epoch.bump()

    def __getstate__(self) -> bytes:
        """The JSON object as UTF-8."""
        try:
            return to_bytes(self._spec)
        except Exception as error:
            raise Exception(f"Error while attempting to pickle {self._kind}: {error}") from None

    def __setstate__(self, state: bytes) -> None:
        if not isinstance(state, bytes):
            not_instance(state, "bytes")
        try:
            spec = self._read_state(_parse(state))
            # What cannot be compiled is refused now, and changes nothing.
            self._native_json(to_bytes(spec))
            self._replace(spec)
        except Exception as error:
            raise Exception(f"Error while attempting to unpickle {self._kind}: {error}") from None

    @classmethod
    def _read_state(cls, value: Any) -> Spec:
        """The JSON object in full, from one that may lack what has a default."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return dump(described(self._spec), REPR)

    def __str__(self) -> str:
        return dump(described(self._spec), STR)

    # --- the compiled form -----------------------------------------------------------------------

    def _native(self) -> Any:
        """The compiled form, an object of `tokmill._core.stages`; kept until the next change."""
        if isinstance(self._content, Cell):
            return self._native_of(self._content)
        specs = [cell.spec for cell in self._content]
        built = self._built
        if built is None or not all(map(operator.is_, built[0], specs)):
            built = self._built = (specs, self._native_sequence(self._content))
        return built[1]

    @classmethod
    def _native_of(cls, cell: Cell) -> Any:
        native = cell.native
        if native is None:
            spec = cell.spec
            if isinstance(spec, Custom):
                native = cls._native_custom(spec.component)
            else:
                native = cls._native_json(to_bytes(spec))
            # Another thread may have changed it by now.
            if cell.spec is spec:
                cell.native = native
        return native

    def _native_sequence(self, cells: list[Cell]) -> Any:
        return self._native_json(to_bytes(self._spec))

    @classmethod
    def _native_custom(cls, component: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def _native_json(cls, data: bytes) -> Any:
        raise NotImplementedError


class PartsByReference:
    """The members of a Sequence that shares its parts with others.

    Attributes of a part that is taken out can be set, and a part can be replaced, which replaces it
    wherever it is shared.
    """

    __slots__ = ()

    _content: Cell | list[Cell]
    _kind: ClassVar[str]
    _spoken: ClassVar[str]
    """The component in messages."""

    def __getnewargs__(self) -> tuple[list[Any]]:
        return ([],)

    def __getitem__(self, key: Any) -> Any:
        cells = self._content if isinstance(self._content, list) else [self._content]
        return self._handle(self._item(cells, key))  # type: ignore[attr-defined]

    def __setitem__(self, key: Any, value: Any) -> None:
        other = self._adopt(value)  # type: ignore[attr-defined]
        if isinstance(other._content, list):
            raise Exception(f"{self._spoken} should not be a sequence")
        if not isinstance(self._content, list):
            raise Exception(f"{self._spoken} is not a sequence")
        self._item(self._content, key).assign(other._content.spec)

    def __delitem__(self, key: Any) -> NoReturn:
        raise NotImplementedError("can't delete item")

    @staticmethod
    def _item(cells: list[Cell], index: Any) -> Cell:
        number = to_usize(index)
        if number >= len(cells):
            raise IndexError("Index not found")
        return cells[number]


def shown_parameter(name: str) -> Signature:
    """A signature with one parameter, for where the reference shows another name than it takes."""
    return Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD)])


def cells_of(parts: list[Component]) -> list[Cell]:
    """The cells of all parts, those of sequences one by one."""
    cells: list[Cell] = []
    for part in parts:
        cells += part._content if isinstance(part._content, list) else [part._content]
    return cells


def field(
    key: str,
    check: Callable[[Any], Any],
    doc: str,
    show: Callable[[Any], Any] = lambda value: value,
) -> property:
    """An attribute that is a field of the JSON object.

    Args:
        key: the name of the field.
        check: gives what is to be stored for a new value; raises for a bad one.
        doc: what the attribute is.
        show: gives what is read from what is stored.
    """

    def read(self: Component) -> Any:
        return show(self._get(key))

    def write(self: Component, value: Any) -> None:
        self._put(key, check(value))

    return property(read, write, doc=doc)


def to_bytes(spec: Spec) -> bytes:
    """A JSON object as the reference writes it."""
    return json.dumps(spec, ensure_ascii=False, separators=(",", ":")).encode()


def _parse(data: bytes) -> Any:
    def no_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    return json.loads(data.decode(), parse_constant=no_constant)


def described(spec: Spec) -> Struct:
    """A component for `dump`."""
    return Struct(
        spec["type"], {key: _field(key, value) for key, value in spec.items() if key != "type"}
    )


def _field(key: str, value: Any) -> Any:
    if key in _SEQUENCE_KEYS:
        return [described(part) for part in value]
    if key == "pattern":
        ((name, text),) = value.items()
        return Variant(name, text)
    if key in ("behavior", "prepend_scheme"):
        return Name(value)
    if key in ("sep", "cls"):
        return tuple(value)
    if key in ("single", "pair"):
        return [_piece(piece) for piece in value]
    if key == "special_tokens":
        return {name: Struct("SpecialToken", token) for name, token in value.items()}
    return value


def _piece(piece: dict[str, Any]) -> Struct:
    ((name, fields),) = piece.items()
    if name == "Sequence":
        fields = {**fields, "id": Name(fields["id"])}
    return Struct(name, fields)


def as_exception(error: BaseException) -> Exception:
    """An exception of a custom component as the reference passes it on."""
    if isinstance(error, TokmillError):
        return error
    return Exception(f"{type(error).__qualname__}: {error}")
