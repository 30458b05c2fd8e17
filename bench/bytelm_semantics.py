"""The numbers of docs/bytelm.md: how much the kinds of byte-level probability differ.

python bench/bytelm_semantics.py                       a trigram model, trained here
python bench/bytelm_semantics.py --gguf MODEL.gguf     a model that transformers loads
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

import tokmill
from tokmill.bytelm import ByteModel, ByteVocab, naive_byte_distributions
from tokmill.bytelm.adapters import NGramModel, load_gguf
from tokmill.pipeline.demo import demo_inputs

ENGLISH = (
    b"The harbour was quiet that morning. A single fishing boat, painted green and white, moved "
    b"slowly past the lighthouse while gulls circled overhead."
)
PYTHON = (
    b"def mean(values):\n    total = 0.0\n    for value in values:\n        total += value\n"
    b"    return total / len(values)\n"
)
BEAMS = (16, 48)
BEAM_TEXT = b"An apple a day keeps the doctor away, but"


def trained() -> tuple[Any, Any, tuple[int, ...]]:
    """A trigram model of the text that ships with tokmill, in the tokens of GPT-2."""
    tokenizer = tokmill.get_encoding("gpt2")
    with demo_inputs() as paths:
        texts = [Path(path).read_text("utf-8") for path in paths]
    paragraphs = [part for text in texts for part in text.split("\n\n") if part]
    eos = tokenizer.special_tokens["<|endoftext|>"]
    return tokenizer, NGramModel.from_texts(paragraphs, tokenizer, eos_id=eos), ()


def loaded(path: Path) -> tuple[Any, Any, tuple[int, ...]]:
    """A GGUF file with its tokenizer."""
    found = load_gguf(path)
    vocab = ByteVocab.from_tokenizer(found.tokenizer, eos_ids=found.eos)
    return vocab, found.model, tuple(found.bos)


def report(name: str, text: bytes, models: dict[str, ByteModel]) -> None:
    """Prints the rows of a table for one text."""
    places = np.frombuffer(text, np.uint8).astype(int)
    steps = np.arange(len(text))
    scale = -1 / (len(text) * np.log(2))
    local, raw = models["local"], models["none"]
    tokens = len(local.vocab.encode(text))
    print(f"\n{name}: {len(text)} bytes, {tokens} tokens")
    started = time.perf_counter()
    exact = local.byte_distributions(text)
    seconds = time.perf_counter() - started
    naive = naive_byte_distributions(local, text)
    chain = raw.byte_distributions(text)
    leaks = raw.byte_leaks(text)[:-1]
    distance = abs(np.exp(naive) - np.exp(exact)).sum(axis=1)[:-1] / 2
    print(f"  bits per byte, local:               {exact[steps, places].sum() * scale:.4f}")
    print(f"  bits per byte, none, prefix:        {raw.prefix_logprob(text) * scale:.4f}")
    print(f"  bits per byte, none, chain:         {chain[steps, places].sum() * scale:.4f}")
    print(f"  leak, mean and largest:             {leaks.mean():.2e}  {leaks.max():.3f}")
    print(
        "  naive against local, TV:            "
        f"mean {distance.mean():.3f}  median {np.median(distance):.3f}  "
        f"above 0.5: {100 * (distance > 0.5).mean():.0f} %"
    )
    print(
        f"  local, all distributions:           {seconds:.2f} s, {len(text) / seconds:.0f} bytes/s"
    )


def main() -> None:
    """Reads the arguments and prints everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path)
    path = parser.parse_args().gguf
    tokenizer, model, context = trained() if path is None else loaded(path)

    def byte_model(**options: Any) -> ByteModel:
        return ByteModel(tokenizer, model, context_tokens=context, **options)

    models = {"local": byte_model(), "none": byte_model(renormalize="none")}
    models["local"].byte_distributions(b"warm")
    for name, text in (("English", ENGLISH), ("Python", PYTHON)):
        report(name, text, models)
    scale = -1 / (len(BEAM_TEXT) * np.log(2))
    print(f"\n{BEAM_TEXT.decode()!r}, bits per byte")
    for beam in (None,) if path is None else BEAMS:
        every = byte_model(covering="all", beam=beam)
        low, high = every.prefix_logprob_bounds(BEAM_TEXT)
        name = "exact" if beam is None else f"beam {beam}"
        print(f"  all, {name}: [{high * scale:.7f}, {low * scale:.7f}]")
    for name, lm in models.items():
        print(f"  {name}: {lm.bits_per_byte(BEAM_TEXT):.7f}")


if __name__ == "__main__":
    main()
