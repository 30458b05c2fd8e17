"""The hand-written types of the compiled module agree with the module."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tokmill
from tokmill import _core

STUB = Path(tokmill.__file__).with_name("_core.pyi")


def stub_names(scope: ast.Module | ast.ClassDef) -> dict[str, ast.ClassDef | None]:
    """The names of a module or a class; those of classes with the class."""
    names: dict[str, ast.ClassDef | None] = {}
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            names[node.name] = node
        elif isinstance(node, ast.FunctionDef):
            names[node.name] = None
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = None
    return {name: node for name, node in names.items() if not name.startswith("__")}


def own_members(scope: object) -> set[str]:
    return {name for name in vars(scope) if not name.startswith("__")} - {"_pybind11_conduit_v1_"}


def check_names(where: str, scope: object, stub: ast.Module | ast.ClassDef) -> None:
    names = stub_names(stub)
    assert own_members(scope) == set(names), where
    for name, node in names.items():
        if node is not None:
            check_names(f"{where}.{name}", getattr(scope, name), node)


def test_stub_has_the_names_of_the_module() -> None:
    # The submodule `stages` is a class in the file, which can have no submodules.
    check_names("_core", _core, ast.parse(STUB.read_text(encoding="utf-8")))


def test_package_is_marked_as_typed() -> None:
    assert STUB.with_name("py.typed").exists()


def test_users_see_the_types(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    source = tmp_path / "user.py"
    source.write_text(
        "import numpy as np, tokmill\n"
        "tok = tokmill.get_encoding('gpt2')\n"
        "ids: np.ndarray[tuple[int, ...], np.dtype[np.uint32]] = tok.encode('a', special={'x'})\n"
        "text: str = tok.decode(ids) + tok.decode_stream().push(3)\n"
        "rows: list[list[int]] = tok.encode_batch([b'a', b'b']).tolist()\n"
        "back: list[str] = tok.decode_batch(rows)\n"
    )
    out, _, status = api.run(["--strict", "--cache-dir", str(tmp_path / "cache"), str(source)])
    assert status == 0, out
