"""The reference projects' own tests, run against the drop-ins.

The drivers are not part of this repository: they are looked for in the folder that the environment
variable TOKMILL_CONFORMANCE names, or in ``../shared/conformance`` beside the checkout. They take
the tests from the pinned source distributions, which have to be on this machine already or be
within reach.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def drivers() -> Path | None:
    """The folder of the drivers, or None."""
    given = os.environ.get("TOKMILL_CONFORMANCE")
    beside = Path(__file__).resolve().parents[3] / "shared" / "conformance"
    folder = Path(given) if given else beside
    return folder if (folder / "run_tiktoken.py").is_file() else None


FOLDER = drivers()
pytestmark = [
    pytest.mark.skipif(FOLDER is None, reason="no conformance drivers: set TOKMILL_CONFORMANCE"),
    pytest.mark.timeout(900),
]


def needs(*packages: str) -> pytest.MarkDecorator:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def run(driver: str, *arguments: str) -> str:
    """Runs a driver; returns what it prints. Skips where its test sources cannot be had."""
    assert FOLDER is not None
    done = subprocess.run(
        [sys.executable, str(FOLDER / driver), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    if "cannot obtain the source distribution" in output:
        pytest.skip("the source distribution of the reference cannot be had")
    assert done.returncode == 0, output[-5000:]
    return output


def passed(output: str) -> int:
    found = re.search(r"(\d+) passed", output)
    assert found is not None, output[-2000:]
    return int(found[1])


@needs("tiktoken")
def test_surface_of_tiktoken() -> None:
    output = run(
        "check_surface.py", "--reference", "tiktoken", "--target", "tokmill.compat.tiktoken"
    )
    assert output.rstrip().endswith(" 0 gaps")


@needs("tokenizers")
def test_surface_of_tokenizers() -> None:
    target = "tokmill.compat.tokenizers"
    output = run("check_surface.py", "--reference", "tokenizers", "--target", target)
    assert output.rstrip().endswith(" 0 gaps")


@needs("sentencepiece")
def test_surface_of_sentencepiece() -> None:
    target = "tokmill.compat.sentencepiece"
    output = run("check_surface.py", "--reference", "sentencepiece", "--target", target)
    assert output.rstrip().endswith(" 0 gaps")


def test_suite_of_tiktoken() -> None:
    assert passed(run("run_tiktoken.py", "--target", "tokmill.compat.tiktoken")) == 33


# Tests that train models, which is not there yet, though their names do not say so.
TRAINING = (
    "train", "Trainer", "flatbuffer", "complex_regex_pretokenizer", "inconsistent_pretokenizer",
    "nbest_timeout", "special_tokens_combinations", "word_model_user_defined_symbol",
)  # fmt: skip


@needs("google.protobuf")
def test_suite_of_sentencepiece() -> None:
    selection = " and ".join(f"not {name}" for name in TRAINING)
    output = run(
        "run_sentencepiece.py", "--target", "tokmill.compat.sentencepiece", "-k", selection
    )
    assert passed(output) == 61


@needs("huggingface_hub", "pytest_asyncio")
def test_suite_of_tokenizers() -> None:
    # The benchmarks want files that nobody provides.
    ignored = ("bindings/test_trainers.py", "test_benchmarks.py")
    arguments = [*(f"--ignore=tests/{name}" for name in ignored), "-k", "not train"]
    assert passed(run("run_hf.py", "--target", "tokmill.compat.tokenizers", *arguments)) >= 150
