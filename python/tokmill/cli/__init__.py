"""The command `tokmill`. It needs the extra `cli`; importing this package does not."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Runs the command line and exits: 0 done, 2 wrong usage, 1 failed with a line on stderr."""
    if sys.argv[1:2] == ["run"]:
        # It needs nothing but the package itself, and passes on options that are not ours.
        from tokmill._run import main as run

        run(sys.argv[2:])
        return
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ImportError as error:
        print(
            f"tokmill: the command line needs the package {error.name}: pip install 'tokmill[cli]'",
            file=sys.stderr,
        )
        raise SystemExit(1) from None
    from .app import app

    signal.signal(signal.SIGTERM, _stop)
    app()


def _stop(number: int, frame: FrameType | None) -> None:
    # The same way out as for Ctrl-C: temporary files are removed on it.
    del number, frame
    raise KeyboardInterrupt
