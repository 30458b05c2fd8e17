"""Pickles of earlier versions load and mean what they meant."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from make_pickles import FOLDER, TEXT, objects

_FILES = sorted(FOLDER.glob("*.pickle"))


def _ids(value: Any) -> Any:
    if hasattr(value, "encode_ordinary"):
        return value.encode(TEXT, allowed_special="all")
    if hasattr(value, "encode"):
        encoded = value.encode(TEXT)
        return encoded.ids if hasattr(encoded, "ids") else encoded.tolist()
    return value.ids if hasattr(value, "ids") else repr(value)


def test_there_are_some() -> None:
    assert len(_FILES) >= len(objects())


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_old_pickle(path: Path) -> None:
    name = path.stem.split("-", 1)[1]
    loaded = pickle.loads(path.read_bytes())
    assert type(loaded) is type(objects()[name])
    assert _ids(loaded) == _ids(objects()[name])
