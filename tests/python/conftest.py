"""Fixtures that several test files share, and the meaning of the marker ``slow``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from definitions import read_data

# Some tests make the reference panic. Were this variable set, every panic would cost 0.1 s.
os.environ["RUST_BACKTRACE"] = "0"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips tests marked slow unless TOKMILL_SLOW_TESTS is set; then they get the time they ask."""
    for item in items:
        mark = item.get_closest_marker("slow")
        if mark is None:
            continue
        minutes = mark.kwargs["minutes"]
        if os.environ.get("TOKMILL_SLOW_TESTS"):
            item.add_marker(pytest.mark.timeout(60 * minutes))
        else:
            reason = f"takes up to {minutes} minutes: set TOKMILL_SLOW_TESTS=1"
            item.add_marker(pytest.mark.skip(reason=reason))


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
