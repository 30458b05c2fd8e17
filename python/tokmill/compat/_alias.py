"""A drop-in module under the name of the library that it stands for."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

# Module, name of the member, what it was.
Replaced = tuple[ModuleType, str, Any]


class Alias:
    """Makes `import name` and `import name.part` give a module of ours and its parts.

    What modules that are loaded already have taken from the library is replaced as well.
    """

    def __init__(self, name: str, target: str) -> None:
        self._name = name
        self._target = target
        # Modules that were in sys.modules under the names that are taken; None: there was none.
        self._displaced: dict[str, ModuleType | None] = {}
        self._replaced: list[Replaced] = []

    @property
    def active(self) -> bool:
        """Whether the alias is in place."""
        return bool(self._displaced)

    def install(self) -> None:
        """Puts the alias in place; does nothing if it is there."""
        if self.active:
            return
        own = dict(self._own_modules())
        for name in own:
            self._displaced[name] = sys.modules.get(name)
        self._replaced = replace_references(
            (module, own[name]) for name, module in self._displaced.items() if module is not None
        )
        # Parts of the library that we lack must not be mixed with ours.
        for name in list(sys.modules):
            if name.startswith(f"{self._name}.") and name not in own:
                self._displaced[name] = sys.modules.pop(name)
        sys.modules.update(own)

    def uninstall(self) -> None:
        """Restores everything; does nothing if the alias is not in place."""
        for name, module in self._displaced.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        restore_references(self._replaced)
        self._displaced, self._replaced = {}, []

    def _own_modules(self) -> Iterator[tuple[str, ModuleType]]:
        root = importlib.import_module(self._target)
        yield self._name, root
        for found in pkgutil.walk_packages(root.__path__, f"{self._target}."):
            relative = found.name.removeprefix(f"{self._target}.")
            if any(part.startswith("_") for part in relative.split(".")):
                continue
            try:
                module = importlib.import_module(found.name)
            except ImportError:
                continue  # it needs a package that is not installed, as it does in the library
            yield f"{self._name}.{relative}", module


def replace_references(pairs: Iterable[tuple[ModuleType, ModuleType]]) -> list[Replaced]:
    """Replaces, in all loaded modules, what they have taken from some modules.

    Args:
        pairs: (a module, the one that stands for it): members of equal names correspond.

    Returns:
        What `restore_references` undoes.
    """
    ours: list[tuple[Any, Any]] = []
    for module, own in pairs:
        ours.append((module, own))
        for name, member in vars(module).items():
            if _is_own(member, module) and hasattr(own, name):
                ours.append((member, getattr(own, name)))
    return replace_members(ours)


def replace_members(ours: Iterable[tuple[Any, Any]]) -> list[Replaced]:
    """The same for (object, what stands for it)."""
    by_id = {id(member): (member, replacement) for member, replacement in ours}
    libraries = {_library(member) for member, _ in by_id.values()}
    replaced = []
    for module_name, module in list(sys.modules.items()):
        top = module_name.partition(".")[0]
        if top == "tokmill" or top in libraries or not isinstance(module, ModuleType):
            continue
        for name, member in list(vars(module).items()):
            if id(member) in by_id:
                setattr(module, name, by_id[id(member)][1])
                replaced.append((module, name, member))
    return replaced


def restore_references(replaced: list[Replaced]) -> None:
    """Undoes `replace_references`."""
    for module, name, member in replaced:
        setattr(module, name, member)


def _library(member: Any) -> str:
    """The top-level package that a module, a class or a function belongs to."""
    name = member.__name__ if inspect.ismodule(member) else getattr(member, "__module__", None)
    return (name or "").partition(".")[0]


def _is_own(member: Any, module: ModuleType) -> bool:
    """Whether something is of the library itself: a class, a function or a module."""
    kind = inspect.isclass(member) or inspect.isroutine(member) or inspect.ismodule(member)
    return kind and _library(member) == module.__name__.partition(".")[0]
