"""The tokenizers of the benchmark and the forms in which the engines read them."""

from __future__ import annotations

import json
from dataclasses import replace
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

# Tokenizers of the other families, by the file in the data that each is read from.
FAMILIES: dict[str, str] = {
    "llama-2": "hf/llama-2.json",
    "mistral-7b-v0.3": "hf/mistral-7b-v0.3.json",
    "gemma-3": "hf/gemma-3.json",
    "t5-small": "hf/t5-small.json",
    "xlm-roberta-base": "hf/xlm-roberta-base.json",
    "albert-base-v2": "hf/albert-base-v2.json",
    "bert-base-uncased": "hf/bert-base-uncased.json",
    "llama-2.model": "spm/llama-2.model",
    "t5-base.model": "spm/t5-base.model",
}


def known_definition(name: str, cache: Path) -> Definition:
    """A definition of KNOWN or FAMILIES with its files. Raises corpora.MissingData."""
    if name in FAMILIES:
        return replace(file_definition(data_file(f"tokenizers/{FAMILIES[name]}", cache)), name=name)
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
    """The definition of a reader's own tokenizer.json or .model file."""
    if path.suffix == ".model":
        return Definition(name=path.stem, reference="sentencepiece", spm=str(path.resolve()))
    return Definition(name=path.stem, reference="tokenizers-0.23.3", hf=str(path.resolve()))
