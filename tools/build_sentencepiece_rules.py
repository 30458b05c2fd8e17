#!/usr/bin/env python3
"""Writes the named normalization rules of tokmill.compat.sentencepiece, read from the reference.

    python tools/build_sentencepiece_rules.py

Needs the package sentencepiece in the version that the drop-in answers as.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import sentencepiece

OUTPUT = Path(__file__).parent.parent / "python/tokmill/compat/sentencepiece/rules.json.xz"
BASE = "nfkc"


def table_of(rule: str) -> dict[str, str]:
    return dict(sentencepiece.SentencePieceNormalizer(rule_name=rule).Decompile())


def flat(table: dict[str, str]) -> list[str]:
    return [text for pair in sorted(table.items()) for text in pair]


def main() -> None:
    base = table_of(BASE)
    rules: dict[str, dict[str, list[str]]] = {BASE: {"pairs": flat(base)}}
    for rule in ("nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf"):
        table = table_of(rule)
        changed = {source: target for source, target in table.items() if base.get(source) != target}
        rules[rule] = {"without": sorted(base.keys() - table.keys()), "pairs": flat(changed)}
    data = json.dumps(rules, ensure_ascii=False, separators=(",", ":")).encode()
    OUTPUT.write_bytes(lzma.compress(data, preset=9))


if __name__ == "__main__":
    main()
