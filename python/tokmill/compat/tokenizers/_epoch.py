"""One counter of changes, for all components.

Components are shared by reference and may be changed while tokenizers use them. Whoever has built
something from components keeps the number of that moment and builds again when it has moved on:
one comparison, however many components there are.
"""

from __future__ import annotations

_count = 0


def current() -> int:
    """The number of changes so far."""
    return _count


def bump() -> None:
    """Tells of a change to some component."""
    global _count
    _count += 1
