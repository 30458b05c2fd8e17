"""How fast a tokenizer with a digit scheme is, beside its base alone.

    python bench/number_schemes.py --tokenizer gpt2 --tokenizer t5.json prose.txt tables.txt

Documents of 4 kB as list[str], one thread, processor time, medians of interleaved rounds: the first
pass over the text by fresh tokenizers, and repeated passes. To the given texts come two tables of
random numbers: columns between spaces, and JSON. Also the time for megabytes of digits, which must
grow linearly.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import statistics
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
    start = time.thread_time()
    tok.encode_batch(documents, threads=1)
    return time.thread_time() - start


def columns(size: int) -> str:
    """Rows of a counter and five decimals between spaces."""
    rng = random.Random(1)
    rows: list[str] = []
    while len(rows) * 45 < size:
        cells = [
            f"{rng.gauss(0, 10.0 ** rng.randrange(4)):.{rng.randrange(1, 6)}f}" for _ in range(5)
        ]
        rows.append(" ".join([str(len(rows)), *cells]))
    return "\n".join(rows)[:size]


def json_numbers(size: int) -> str:
    """Objects of integers and lists of decimals, as json.dumps() writes them."""
    rng = random.Random(2)
    rows: list[str] = []
    while len(rows) * 70 < size:
        x = [round(rng.uniform(-1, 1), rng.randrange(2, 9)) for _ in range(4)]
        rows.append(json.dumps({"id": rng.randrange(10**6), "x": x, "n": rng.randrange(100)}))
    return ",\n".join(rows)[:size]


def compare(base: Tokenizer, name: str, text: str, schemes: list[str], rounds: int) -> None:
    documents = [text[i : i + DOCUMENT] for i in range(0, len(text), DOCUMENT)]
    size = sum(len(document.encode()) for document in documents)
    makers = {"base": lambda tok: tok, **{scheme: SCHEMES[scheme] for scheme in schemes}}
    first: dict[str, list[float]] = {scheme: [] for scheme in makers}
    again: dict[str, list[float]] = {scheme: [] for scheme in makers}
    pickled = pickle.dumps(base)
    for _ in range(rounds):
        toks = {}
        for scheme, make in makers.items():
            toks[scheme] = make(pickle.loads(pickled))  # with empty caches
            first[scheme].append(seconds(toks[scheme], documents))
        for _ in range(5):
            for scheme, tok in toks.items():
                again[scheme].append(seconds(tok, documents))
    once = {scheme: statistics.median(times) for scheme, times in first.items()}
    later = {scheme: statistics.median(times) for scheme, times in again.items()}
    rates = f"{size / once['base'] / 1e6:.0f} / {size / later['base'] / 1e6:.0f} MB/s"
    print(f"  {name}: base {rates}, first pass / repeated passes")
    for scheme in schemes:
        ratios = f"{once['base'] / once[scheme]:.2f} / {later['base'] / later[scheme]:.2f}"
        print(f"    {scheme:8} {ratios} times the base", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts", nargs="*", type=Path)
    parser.add_argument("--tokenizer", action="append", help="may be repeated; default gpt2")
    parser.add_argument("--scheme", action="append", choices=list(SCHEMES), help="default: all")
    parser.add_argument("--bytes", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    texts = {
        path.name: path.read_text(encoding="utf-8")[: arguments.bytes] for path in arguments.texts
    }
    texts["columns"] = columns(arguments.bytes)
    texts["JSON"] = json_numbers(arguments.bytes)
    tokenizers = arguments.tokenizer or ["gpt2"]
    for tokenizer in tokenizers:
        print(tokenizer)
        base = load_tokenizer(tokenizer)
        for name, text in texts.items():
            compare(base, name, text, arguments.scheme or list(SCHEMES), arguments.rounds)
    base = load_tokenizer(tokenizers[0])
    for overflow in ("plain", "horner"):
        tok = Triadic(overflow=overflow).attach(base)
        for megabytes in (1, 2, 4):
            digits = "1234567890" * (100_000 * megabytes)
            start = time.perf_counter()
            tok.encode(digits)
            print(f"{overflow}: {megabytes} MB of digits in {time.perf_counter() - start:.3f} s")


if __name__ == "__main__":
    main()
