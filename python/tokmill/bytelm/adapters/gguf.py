"""GGUF files, which hold a model and its tokenizer, loaded through transformers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from ..._tokenizer import Tokenizer
from ._extras import require
from .transformers import TransformersModel


class LoadedGguf(NamedTuple):
    """What a GGUF file holds.

    Attributes:
        model: the language model.
        tokenizer: its tokenizer.
        bos: the id that stands before a text, in a list for `context_tokens`; empty if there is
            none.
        eos: the id that ends a text, in a list; empty if there is none.
    """

    model: TransformersModel
    tokenizer: Tokenizer
    bos: list[int]
    eos: list[int]


def load_gguf(file: str | os.PathLike[str], **options: Any) -> LoadedGguf:
    """Loads a model in float32, however it is quantized in the file, and its tokenizer.

    Args:
        file: the GGUF file, of an architecture that transformers reads.
        options: for `AutoModelForCausalLM.from_pretrained`, such as `dtype` or `device_map`.

    Raises:
        ImportError: torch, transformers, accelerate or gguf is not installed.
        UnsupportedTokenizer: the tokenizer cannot be reproduced exactly.
        OSError: the file cannot be read.
    """
    extra = "transformers"
    torch = require("torch", "torch", extra)
    transformers = require("transformers", "transformers", extra)
    for package in ("gguf", "accelerate"):
        require(package, package, extra)
    path = Path(file)
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}")
    folder, name = str(path.parent), path.name
    options = {"dtype": torch.float32, **options}
    model = TransformersModel.from_pretrained(folder, gguf_file=name, **options)
    fast = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name)
    tokenizer = Tokenizer.from_bytes(fast.backend_tokenizer.to_str().encode())
    bos, eos = ([] if i is None else [int(i)] for i in (fast.bos_token_id, fast.eos_token_id))
    return LoadedGguf(model, tokenizer, bos, eos)
