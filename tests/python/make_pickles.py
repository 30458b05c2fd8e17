"""Writes the pickles that later versions must go on reading: `make_pickles.py VERSION`.

Each version's files are made once, with that version, and never changed.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import tokmill
import tokmill.compat.sentencepiece
import tokmill.compat.tiktoken
import tokmill.compat.tokenizers

FOLDER = Path(__file__).with_name("pickles")
TEXT = "low lower newest <s> wider"


def word_json() -> str:
    """A small BPE with byte fallback, as tokenizer.json."""
    letters = ["▁", *"lowernstid"]
    merges = [["l", "o"], ["lo", "w"], ["▁", "low"], ["e", "r"], ["▁", "n"], ["e", "s"]]
    tokens = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256)), *dict.fromkeys(letters)]
    tokens += ["".join(merge) for merge in merges]
    special = {"single_word": False, "lstrip": False, "rstrip": False, "special": True}
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [{"id": 1, "content": "<s>", "normalized": False, **special}],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [
                    {"type": "Prepend", "prepend": "▁"},
                    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
                ],
            },
            "pre_tokenizer": None,
            "post_processor": None,
            "decoder": {"type": "ByteFallback"},
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": "<unk>",
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": True,
                "byte_fallback": True,
                "vocab": {token: number for number, token in enumerate(tokens)},
                "merges": merges,
            },
        }
    )


def objects() -> dict[str, object]:
    """What is pickled, by the name of its file."""
    drop_in = tokmill.compat.tokenizers.Tokenizer.from_str(word_json())
    drop_in.enable_truncation(12)
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"lo": 256, b"low": 257}
    return {
        "native_general": tokmill.Tokenizer.from_bytes(word_json().encode()),
        "native_ranks": tokmill.Tokenizer.from_tiktoken(
            ranks, pat_str=r"\S+|\s", special_tokens={"<s>": 258}
        ),
        "tokenizers_tokenizer": drop_in,
        "tokenizers_encoding": drop_in.encode(TEXT),
        "tokenizers_added_token": tokmill.compat.tokenizers.AddedToken("<s>", lstrip=True),
        "tiktoken_encoding": tokmill.compat.tiktoken.get_encoding("gpt2"),
    }


def main() -> None:
    """Writes one file for each object."""
    for name, value in objects().items():
        (FOLDER / f"{sys.argv[1]}-{name}.pickle").write_bytes(pickle.dumps(value, protocol=4))


if __name__ == "__main__":
    main()
