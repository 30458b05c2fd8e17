"""Descriptions of messages in a short form, and the classes that protobuf makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped,unused-ignore]

# A field: number, "repeated" or "", type, default. Types with a dot in front are messages or
# enumerations.
Field = tuple[int, str, str, str | None]
Messages = Mapping[str, Mapping[str, Field]]
Enums = Mapping[str, Mapping[str, int]]

_PACKAGE = "sentencepiece"


def _add_field(message: Any, name: str, field: Field, enums: Enums) -> None:
    number, label, kind, default = field
    proto = descriptor_pb2.FieldDescriptorProto
    entry = message.field.add(name=name, number=number)
    entry.label = proto.LABEL_REPEATED if label == "repeated" else proto.LABEL_OPTIONAL
    if kind.startswith("."):
        is_enum = kind[1:] in enums
        entry.type = proto.TYPE_ENUM if is_enum else proto.TYPE_MESSAGE
        entry.type_name = f".{_PACKAGE}{kind}"
    else:
        entry.type = getattr(proto, f"TYPE_{kind.upper()}")
    if default is not None:
        entry.default_value = default


def build(file_name: str, messages: Messages, enums: Enums) -> dict[str, Any]:
    """The classes of the outermost messages, by name.

    They live in a pool of their own, so that they do not meet those of the package sentencepiece.
    """
    file = descriptor_pb2.FileDescriptorProto(name=file_name, package=_PACKAGE, syntax="proto2")
    by_path: dict[str, Any] = {}
    for path, fields in messages.items():
        outer, _, name = path.rpartition(".")
        message = by_path[outer].nested_type.add() if outer else file.message_type.add()
        message.name = name
        by_path[path] = message
        message.extension_range.add(start=200, end=0x20000000)
        for field_name, field in fields.items():
            _add_field(message, field_name, field, enums)
    for path, values in enums.items():
        outer, _, name = path.rpartition(".")
        enum = by_path[outer].enum_type.add(name=name)
        for value, number in values.items():
            enum.value.add(name=value, number=number)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        path: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{path}"))
        for path in messages
        if "." not in path
    }
