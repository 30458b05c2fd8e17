"""Installs each peer into a virtual environment of its own.

    python bench/setup_peers.py [--peers DIR] [NAME ...]

One environment a peer, because two of them are versions of the same package and several pin
their own dependencies. A peer that cannot be installed here is reported and left out of the
tables.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import venv
from pathlib import Path

from engines import ENGINES
from peers import default_folder, interpreter


def install(folder: Path, name: str) -> bool:
    """Creates the environment of one peer; False if pip failed, with its message printed."""
    target = folder / name
    print(f"{name}: {ENGINES[name].requirement}", flush=True)
    if not interpreter(folder, name).exists():
        venv.EnvBuilder(with_pip=True).create(target)
    command = [str(interpreter(folder, name)), "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "numpy", ENGINES[name].requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"  failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return done.returncode == 0


def main() -> int:
    """Installs all peers, or those named; 1 if any failed."""
    names = [name for name, info in ENGINES.items() if info.requirement]
    parser = argparse.ArgumentParser(description="Install the peers of the benchmark.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(names)}")
    parser.add_argument("--peers", type=Path, default=default_folder(), metavar="DIR")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in names]
    if unknown:
        parser.error(f"no such peer: {', '.join(unknown)}")
    done = [install(arguments.peers, name) for name in arguments.names or names]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
