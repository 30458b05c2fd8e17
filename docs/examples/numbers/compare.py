"""Arithmetic with and without digit schemes: shards for training, and a picture that compares them.

    python docs/examples/numbers/compare.py arithmetic.txt --tokenizer gpt2 --out numbers-out

For each scheme the texts are tokenized to shards (OUT/<scheme>, to be read by any loader of flat
ids), and two things are measured: how many tokens a number takes, and how often a token of digits
stands for one and the same power of ten (1: the token says its magnitude; less: it drifts). The
picture needs matplotlib: pip install 'tokmill[plot]'.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

import tokmill
from tokmill import Tokenizer
from tokmill.numbers import POLICIES, attach
from tokmill.pipeline import encode_files, load_tokenizer

NUMBER = re.compile(rb"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", re.ASCII)


def measure(tok: Tokenizer, data: bytes) -> tuple[float, float]:
    """(tokens per number, share of digit tokens that stand for their most frequent power)."""
    ids, spans = tok.encode_with_offsets(data, special="text")
    starts = spans[:, 0]
    tokens, numbers = 0, 0
    powers: dict[int, Counter[int]] = defaultdict(Counter)
    for match in NUMBER.finditer(data):
        begin, end = match.span()
        point = data.find(b".", begin, end)
        units = (end if point < 0 else point) - 1
        first, last = np.searchsorted(starts, [begin, end])
        # A token may begin before the number, with the space.
        first -= bool(first and spans[first - 1, 1] > begin)
        tokens += last - first
        numbers += 1
        for place in range(first, last):
            last_digit = int(spans[place, 1]) - 1
            if data[last_digit : last_digit + 1].isdigit() and begin <= last_digit < end:
                power = units - last_digit + (last_digit > units)
                powers[int(ids[place])][power] += 1
    total = sum(counts.total() for counts in powers.values())
    same = sum(max(counts.values()) for counts in powers.values())
    return tokens / max(numbers, 1), same / max(total, 1)


def draw(results: dict[str, dict[str, tuple[float, float]]], path: Path) -> None:
    """Two bar charts a corpus."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(results), 2, figsize=(10, 3.2 * len(results)), squeeze=False)
    for (left, right), (name, schemes) in zip(axes, results.items(), strict=True):
        labels = list(schemes)
        left.barh(labels, [schemes[label][0] for label in labels], color="#4477aa")
        right.barh(labels, [schemes[label][1] for label in labels], color="#ee6677")
        left.set(title=f"{name}: tokens per number")
        right.set(title=f"{name}: tokens that keep their place value", xlim=(0, 1))
        left.invert_yaxis()
        right.invert_yaxis()
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--tokenizer", default="gpt2", help="a shipped encoding or a file")
    parser.add_argument("--out", type=Path, default=Path("numbers-out"))
    parser.add_argument("--bytes", type=int, default=1_000_000, help="measured of each text")
    parser.add_argument("--no-picture", action="store_true")
    arguments = parser.parse_args()
    base = load_tokenizer(arguments.tokenizer)
    results: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for scheme in POLICIES:
        tok = attach(base, scheme)
        manifest = encode_files(arguments.texts, tok, arguments.out / scheme, existing="overwrite")
        print(f"{scheme:11} {manifest.totals.tokens:12,} tokens in {arguments.out / scheme}")
        for text in arguments.texts:
            data = text.read_bytes()[: arguments.bytes]
            results[text.stem][scheme] = measure(tok, data[: data.rfind(b"\n") + 1] or data)
    for name, schemes in results.items():
        print(f"\n{name}\n{'':11} tokens per number   same place value")
        for scheme, (tokens, same) in schemes.items():
            print(f"{scheme:11} {tokens:17.2f} {same:18.2f}")
    if not arguments.no_picture:
        draw(results, arguments.out / "numbers.png")
        print(f"\npicture: {arguments.out / 'numbers.png'} (tokmill {tokmill.__version__})")


if __name__ == "__main__":
    main()
