"""Encodings by name: the public ones and those of `tiktoken_ext` plugins."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import threading

# From typing, as in the reference, because the names can be seen from outside.
from typing import Any, Callable, Sequence  # noqa: UP035

from . import _openai_public
from .core import Encoding

# The plugin that tiktoken brings along; its encodings are shipped with this package instead.
_PUBLIC_PLUGIN = "tiktoken_ext.openai_public"
_VERSION = "0.14.0"

_lock = threading.RLock()
ENCODINGS: dict[str, Encoding] = {}
ENCODING_CONSTRUCTORS: dict[str, Callable[[], dict[str, Any]]] | None = None


@functools.lru_cache
def _available_plugin_modules() -> Sequence[str]:
    """Names of the modules in the namespace package `tiktoken_ext`."""
    try:
        import tiktoken_ext
    except ImportError:
        return [_PUBLIC_PLUGIN]
    found = pkgutil.iter_modules(tiktoken_ext.__path__, tiktoken_ext.__name__ + ".")
    others = [name for _, name, _ in found if name != _PUBLIC_PLUGIN]
    return [_PUBLIC_PLUGIN, *others]


def _constructors_of(plugin: str) -> dict[str, Callable[[], dict[str, Any]]]:
    if plugin == _PUBLIC_PLUGIN:
        return _openai_public.ENCODING_CONSTRUCTORS
    module = importlib.import_module(plugin)
    try:
        constructors: dict[str, Callable[[], dict[str, Any]]] = module.ENCODING_CONSTRUCTORS
    except AttributeError as error:
        raise ValueError(
            f"tiktoken plugin {plugin} does not define ENCODING_CONSTRUCTORS"
        ) from error
    return constructors


def _find_constructors() -> None:
    """Fills ENCODING_CONSTRUCTORS, completely or (if a plugin is broken) not at all."""
    global ENCODING_CONSTRUCTORS
    with _lock:
        if ENCODING_CONSTRUCTORS is not None:
            return
        constructors: dict[str, Callable[[], dict[str, Any]]] = {}
        for plugin in _available_plugin_modules():
            for name, constructor in _constructors_of(plugin).items():
                if name in constructors:
                    raise ValueError(f"Duplicate encoding name {name} in tiktoken plugin {plugin}")
                constructors[name] = constructor
        ENCODING_CONSTRUCTORS = constructors


def _known_constructors() -> dict[str, Callable[[], dict[str, Any]]]:
    if ENCODING_CONSTRUCTORS is None:
        _find_constructors()
    assert ENCODING_CONSTRUCTORS is not None
    return ENCODING_CONSTRUCTORS


def get_encoding(encoding_name: str) -> Encoding:
    """The encoding of a name; the same object on every call in a process.

    Raises:
        ValueError: there is no encoding of this name, or it is no str.
    """
    if not isinstance(encoding_name, str):
        raise ValueError(f"Expected a string in get_encoding, got {type(encoding_name)}")
    if encoding_name in ENCODINGS:
        return ENCODINGS[encoding_name]
    with _lock:
        if encoding_name in ENCODINGS:
            return ENCODINGS[encoding_name]
        constructors = _known_constructors()
        if encoding_name not in constructors:
            raise ValueError(
                f"Unknown encoding {encoding_name}.\n"
                f"Plugins found: {_available_plugin_modules()}\n"
                f"tiktoken version: {_VERSION} (are you on latest?)"
            )
        constructor = constructors[encoding_name]
        if constructor is _openai_public.ENCODING_CONSTRUCTORS.get(encoding_name):
            encoding = Encoding._shipped(encoding_name)
        else:
            encoding = Encoding(**constructor())
        ENCODINGS[encoding_name] = encoding
        return encoding


def list_encoding_names() -> list[str]:
    """Names that `get_encoding` knows."""
    with _lock:
        return list(_known_constructors())
