"""`tokmill run`: runs a script in which tokenizers and tiktoken are tokmill's."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from .compat import transformers
from .compat._alias import Alias

USAGE = """usage: tokmill run SCRIPT [ARGUMENT ...]
       tokmill run -m MODULE [ARGUMENT ...]

Runs a Python program in which `import tokenizers` and `import tiktoken` give tokmill's drop-ins,
so that transformers and everything else that is built on them is faster, with the same results.

Example: tokmill run train.py --epochs 3
"""


def main(arguments: list[str]) -> None:
    """Runs a script or a module as `__main__`, with what follows it as its arguments.

    Args:
        arguments: the command line behind `tokmill run`.

    Raises:
        SystemExit: the program ends with it, or there is nothing to run.
    """
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE, end="")
        return
    is_module = arguments[:1] == ["-m"]
    program = arguments[1:] if is_module else arguments
    if not program:
        print(USAGE, end="", file=sys.stderr)
        raise SystemExit(2)
    if not is_module and not Path(program[0]).exists():
        print(f"tokmill: there is no script {program[0]}", file=sys.stderr)
        raise SystemExit(2)
    transformers.install()
    Alias("tiktoken", "tokmill.compat.tiktoken").install()
    sys.argv = program
    # What `python script.py` and `python -m module` put first.
    sys.path[0] = str(Path.cwd() if is_module else Path(program[0]).resolve().parent)
    if is_module:
        runpy.run_module(program[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(program[0], run_name="__main__")
