"""How fast a tokenizer with a digit scheme is, beside its base alone.

    python bench/number_schemes.py --tokenizer gpt2 prose.txt tables.txt

Documents of 4 kB as list[str], one thread, processor time, best of interleaved rounds: the first
pass over the text by fresh tokenizers, and repeated passes. Also the time for megabytes of digits,
which must grow linearly.
"""

from __future__ import annotations

import argparse
import pickle
import time
from pathlib import Path

from tokmill import Tokenizer
from tokmill.numbers import Triadic, attach
from tokmill.pipeline import load_tokenizer

DOCUMENT = 4000
SCHEMES = {
    "surface": lambda tok: Triadic().attach(tok),
    "context": lambda tok: Triadic("context").attach(tok),
    "markers": lambda tok: Triadic(variant="marker").attach(tok),
    "right3": lambda tok: attach(tok, "right3"),
}


def seconds(tok: Tokenizer, documents: list[str]) -> float:
    start = time.process_time()
    tok.encode_batch(documents, threads=1)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--tokenizer", default="gpt2")
    parser.add_argument("--bytes", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    base = load_tokenizer(arguments.tokenizer)
    makers = {"base": lambda tok: tok, **SCHEMES}
    for path in arguments.texts:
        text = path.read_text(encoding="utf-8")[: arguments.bytes]
        documents = [text[i : i + DOCUMENT] for i in range(0, len(text), DOCUMENT)]
        size = sum(len(document.encode()) for document in documents)
        first = dict.fromkeys(makers, float("inf"))
        again = dict.fromkeys(makers, float("inf"))
        for _ in range(arguments.rounds):
            for name, make in makers.items():
                tok = make(pickle.loads(pickle.dumps(base)))  # with empty caches
                first[name] = min(first[name], seconds(tok, documents))
                again[name] = min(again[name], seconds(tok, documents), seconds(tok, documents))
        rates = f"{size / first['base'] / 1e6:.0f} / {size / again['base'] / 1e6:.0f} MB/s"
        print(f"{path.name}: base {rates}, first pass / repeated pass")
        for name in SCHEMES:
            ratios = f"{first['base'] / first[name]:.2f} / {again['base'] / again[name]:.2f}"
            print(f"  {name:8} {ratios} times the base")
    for overflow in ("plain", "horner"):
        tok = Triadic(overflow=overflow).attach(base)
        for megabytes in (1, 2, 4):
            digits = "1234567890" * (100_000 * megabytes)
            start = time.perf_counter()
            tok.encode(digits)
            print(f"{overflow}: {megabytes} MB of digits in {time.perf_counter() - start:.3f} s")


if __name__ == "__main__":
    main()
