"""snaptokens: encode_batch_flat, which makes no Python object an id."""

from __future__ import annotations

import importlib
from typing import Any

from engines.base import Definition, Engine
from engines.shared import FlatBatchCalls

snaptokens: Any = importlib.import_module("snaptokens")


class Snaptokens(FlatBatchCalls):
    """Threads are set by RAYON_NUM_THREADS in the environment."""

    def __init__(self, definition: Definition) -> None:
        self._tok = snaptokens.Tokenizer.from_file(definition.need_hf())


def load(definition: Definition, threads: int) -> Engine:
    """Loads tokenizer.json; threads come from the environment of the worker."""
    return Snaptokens(definition)
