"""Fixtures that several test files share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from definitions import read_data


@pytest.fixture(scope="session")
def data_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A file of the data folder as an unpacked file on disk, by its path without ".xz".

    Skips the test if there is no data folder.
    """
    cache = tmp_path_factory.mktemp("data")

    def unpack(name: str) -> Path:
        path = cache / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(read_data(name))
        return path

    return unpack
