"""genlm-bytes in the byte-level benchmark; run by bytelm.py in an environment that has it.

    python bench/bytelm_genlm.py overhead TOKENS.json
    python bench/bytelm_genlm.py model GGUF

TOKENS.json is a list of the tokens' bytes in hexadecimal, null for special ones. Prints one JSON
object.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bytelm_texts as shared
import torch
from genlm.backend.llm import AsyncLM
from genlm.backend.tokenization import Token
from genlm.bytes import BeamParams, ByteBeamState

BEAMS = {"K=5": BeamParams(K=5), "K=5, prune 0.05": BeamParams(K=5, prune_threshold=0.05)}


class RandomModel(AsyncLM):
    """Random rows at no cost; `spent` is the time in here."""

    def __init__(self, tokens: list[str | None]) -> None:
        self.byte_vocab = [
            Token(number, b"<|%d|>" % number if text is None else bytes.fromhex(text))
            for number, text in enumerate(tokens)
        ]
        self.tokenizer = SimpleNamespace(bos_token_id=0)
        model = shared.RandomRows(len(tokens))
        self.pool = torch.from_numpy(model.pool)
        self.number = model.number
        self.calls = 0
        self.spent = shared.Stopwatch()

    async def next_token_logprobs(self, token_ids: list[int], lora_name: Any = None) -> Any:
        return self.next_token_logprobs_sync(token_ids)

    def next_token_logprobs_sync(self, token_ids: list[int], lora_name: Any = None) -> Any:
        with self.spent:
            self.calls += 1
            return self.pool[self.number(token_ids)]

    async def batch_next_token_logprobs(self, token_ids_list: Any, lora_name: Any = None) -> Any:
        return torch.stack([self.next_token_logprobs_sync(ids) for ids in token_ids_list])


async def stream(model: Any, params: BeamParams, text: bytes) -> dict[str, Any]:
    """All next-byte distributions of a text."""
    begin = time.perf_counter()
    state = await ByteBeamState.initial(model, params)
    await state.logp_next()
    setup = time.perf_counter() - begin
    calls = getattr(model, "calls", 0)
    times = []
    cpu = time.process_time()
    for byte in text:
        spent = model.spent.seconds if hasattr(model, "spent") else 0.0
        begin = time.perf_counter()
        state = await (state.prune() << byte)
        (await state.logp_next()).materialize()
        took = time.perf_counter() - begin
        times.append(took - (model.spent.seconds - spent if hasattr(model, "spent") else 0.0))
    cpu = time.process_time() - cpu
    result = {
        "setup_s": setup,
        "bytes": len(text),
        "bytes_per_s": len(text) / sum(times),
        "cpu_ms_per_byte": 1000 * cpu / len(text),
        "rows_per_byte": (getattr(model, "calls", 0) - calls) / len(text),
        "bits_per_byte": -float(state.logZ) / math.log(2) / len(text),
        **shared.summary(times),
    }
    await state.cleanup()
    return result


async def overhead(tokens_file: str) -> dict[str, Any]:
    """The library's own time for each byte, and its set-up."""
    tokens = json.loads(Path(tokens_file).read_text())
    model = RandomModel(tokens)
    before = shared.resident_mb()
    results: dict[str, Any] = {}
    for name, params in BEAMS.items():
        for kind, text in shared.texts(100).items():
            results[f"{name}, {kind}"] = await stream(model, params, text)
    results["memory_mb"] = shared.resident_mb() - before
    return results


async def real_model(gguf: str) -> dict[str, Any]:
    """A real model: bytes a second, the model's time included."""
    from genlm.backend.llm import AsyncTransformer
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, name = str(Path(gguf).parent), Path(gguf).name
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    wrapped = AsyncTransformer(model.eval(), tokenizer, batch_size=20, timeout=0.001)
    results = {}
    for name, params in BEAMS.items():
        wrapped.clear_cache()
        results[name] = await stream(wrapped, params, shared.SHORT)
    return results


def main() -> None:
    """Runs the task that the command line names."""
    task, argument = sys.argv[1:]
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    result = asyncio.run({"overhead": overhead, "model": real_model}[task](argument))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
