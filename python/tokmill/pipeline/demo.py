"""The text that ships with the package."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import resources


@contextlib.contextmanager
def demo_inputs() -> Iterator[list[str]]:
    """Gives the paths of the shipped texts, also if the package is not a plain directory."""
    with contextlib.ExitStack() as stack:
        folder = resources.files("tokmill") / "demo_text"
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        yield [
            str(stack.enter_context(resources.as_file(entry)))
            for entry in entries
            if entry.name.endswith(".txt")
        ]
