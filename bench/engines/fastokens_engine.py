"""fastokens: encode_batch_flat, which makes no Python object an id."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine
from engines.shared import FlatBatchCalls

fastokens: Any = importlib.import_module("fastokens")


class Fastokens(FlatBatchCalls):
    """Threads are set by RAYON_NUM_THREADS in the environment."""

    def __init__(self, definition: Definition) -> None:
        if definition.reference == "tiktoken" and definition.ranks is not None:
            self._tok = fastokens.Tokenizer.from_tiktoken(
                definition.ranks,
                pattern=definition.pattern,
                special_tokens=definition.special_tokens,
            )
        else:
            self._tok = fastokens.Tokenizer.from_file(definition.need_hf())


def load(definition: Definition, threads: int) -> Engine:
    """Loads the definition; threads come from the environment of the worker."""
    return Fastokens(definition)
