"""The vector kernels of every instruction set give the same ids, those of the reference.

TOKMILL_ISA is read once a process, so each set gets a process of its own.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from definitions import (
    HAVE_DATA,
    REAL,
    Definition,
    HfReference,
    amount,
    corpus_names,
    read_corpus,
    synthetic,
)
from hard_strings import every_code_point, hard_strings

SETS = ("scalar", "baseline", "sse2", "avx2", "avx512", "neon")
REAL_NAMES = ("hf-gpt2", "hf-qwen3", "hf-starcoder2", "tiktoken-cl100k_base", "tiktoken-o200k_base")
MADE_NAMES = (
    "pattern-llama3",
    "pattern-letters_and_marks",
    "pattern-kimi_k2",
    "added-space-runs-nfc",
)


def chosen() -> list[Definition]:
    definitions = [one for one in synthetic() if one.name in MADE_NAMES]
    return definitions + [one for one in REAL if HAVE_DATA and str(one) in REAL_NAMES]


def texts_for(definition: Definition) -> list[str]:
    texts = hard_strings(
        99, [name for name in definition.tokmill.special_tokens if len(name) < 40][:20]
    )
    texts += every_code_point()[:: amount(18, 3)]
    for name in corpus_names()[:: amount(14, 7)]:
        text = read_corpus(name)
        texts.append(text[: amount(8_000, 20_000)])
        texts += text[20_000 : amount(30_000, 60_000)].split("\n")
    return texts


def digest(rows: list[list[int]]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


@functools.cache
def expected_digests() -> dict[str, str]:
    digests = {}
    for definition in chosen():
        reference = definition.reference
        texts = texts_for(definition)
        if isinstance(reference, HfReference):
            texts = reference.without_failing(texts)
        digests[str(definition)] = digest(reference.encode_batch(texts))
    return digests


def main() -> None:
    """Prints the instruction set in use and the digests of what tokmill gives."""
    from tokmill import _core

    digests = {}
    for definition in chosen():
        texts = texts_for(definition)
        digests[str(definition)] = digest(definition.tokmill.encode_batch(texts).tolist())
        from_bytes = definition.tokmill.encode_batch([text.encode() for text in texts]).tolist()
        assert digest(from_bytes) == digests[str(definition)]
    print(json.dumps({"isa": _core._isa(), "digests": digests}))


@pytest.mark.parametrize("isa", SETS)
def test_instruction_set(isa: str) -> None:
    finished = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | {"TOKMILL_ISA": isa},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0 and "TOKMILL_ISA" in finished.stderr:
        pytest.skip(f"this machine cannot run {isa}")
    assert finished.returncode == 0, finished.stderr
    report = json.loads(finished.stdout)
    assert isa in (report["isa"], "baseline")
    assert report["digests"] == expected_digests()


def test_unknown_instruction_set_is_an_error() -> None:
    code = "import tokmill; tokmill.get_encoding('gpt2').encode('a')"
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TOKMILL_ISA": "abacus"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode != 0
    assert "TOKMILL_ISA" in finished.stderr


if __name__ == "__main__":
    main()
