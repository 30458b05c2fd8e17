"""The tokenizers of the benchmark and the forms in which the engines read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpora import data_file
from engines.base import Definition

# Name: tokenizer.json, key in encodings.json of the rank file, name inside quicktok, reference.
KNOWN: dict[str, tuple[str, str, str | None, str]] = {
    "gpt2": ("gpt2", "r50k_base", None, "tokenizers-0.23.3"),
    "llama-3.1": ("llama-3.1", "llama3", "llama3", "tokenizers-0.23.3"),
    # Same ranks as the first Qwen; without the NFC step, so it may differ on some texts.
    "qwen3": ("qwen3", "qwen", "qwen3", "tokenizers-0.23.3"),
    # gpt-oss has the ranks of o200k and serves the engines that read only tokenizer.json.
    "o200k": ("gpt-oss", "o200k_base", "o200k_base", "tiktoken"),
}


def known_definition(name: str, cache: Path) -> Definition:
    """A definition of KNOWN with its files. Raises corpora.MissingData."""
    hf, encoding, quicktok, reference = KNOWN[name]
    encodings = data_file("tokenizers/tiktoken/encodings.json", cache)
    entry: dict[str, Any] = json.loads(encodings.read_text(encoding="utf-8"))[encoding]
    return Definition(
        name=name,
        reference=reference,
        hf=str(data_file(f"tokenizers/hf/{hf}.json", cache)),
        ranks=str(data_file("tokenizers/" + entry["files"][0], cache)),
        pattern=entry["pat_str"],
        special_tokens=entry["special_tokens"],
        quicktok=quicktok,
    )


def file_definition(path: Path) -> Definition:
    """The definition of a reader's own tokenizer.json."""
    return Definition(name=path.stem, reference="tokenizers-0.23.3", hf=str(path.resolve()))
