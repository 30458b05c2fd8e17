"""Builds the snapshots in python/tokmill/encodings from the published rank files.

    python tools/build_encodings.py RANKS [--out python/tokmill/encodings]

RANKS is a folder with r50k_base.tiktoken, p50k_base.tiktoken, cl100k_base.tiktoken and
o200k_base.tiktoken, each as it is or compressed with xz. The digest of every file is compared with
the one that tiktoken pins. gpt2 has the ranks of r50k_base.
"""

from __future__ import annotations

import argparse
import hashlib
import lzma
from pathlib import Path

from tokmill import Tokenizer, list_encoding_names

RANK_FILES = {
    "gpt2": "r50k_base",
    "p50k_edit": "p50k_base",
    "o200k_harmony": "o200k_base",
}
SHA256 = {
    "r50k_base": "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
    "p50k_base": "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}


def read_ranks(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.tiktoken"
    packed = folder / f"{name}.tiktoken.xz"
    data = path.read_bytes() if path.exists() else lzma.decompress(packed.read_bytes())
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256[name]:
        raise SystemExit(f"{path}: the digest is {digest}, not {SHA256[name]}")
    return data


def build(folder: Path, out: Path) -> None:
    """Writes one compact snapshot for each encoding from the rank files in `folder`."""
    out.mkdir(parents=True, exist_ok=True)
    for name in list_encoding_names():
        ranks = read_ranks(folder, RANK_FILES.get(name, name))
        path = out / f"{name}.tokmill"
        Tokenizer.from_bytes(ranks, encoding=name).save_snapshot(path, compact=True)
        print(f"{path}: {path.stat().st_size} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ranks", type=Path)
    default = Path(__file__).parents[1] / "python" / "tokmill" / "encodings"
    parser.add_argument("--out", type=Path, default=default)
    arguments = parser.parse_args()
    build(arguments.ranks, arguments.out)


if __name__ == "__main__":
    main()
