"""The engines that `bench` measures, each through its fastest public call on a list of str."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tokmill import Tokenizer

from .errors import PipelineError
from .tokenizers import load_tokenizer

# Texts to rows, in whatever form the call gives them; and from there to one sequence of ids a row,
# outside the measured time.
Encode = Callable[[list[str]], Any]
Rows = Callable[[Any], Sequence[Sequence[int]]]

# What ByteLevel with `use_regex` splits at.
_GPT2_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def load_engine(engine: str, source: str, threads: int) -> tuple[Encode, Rows]:
    """Loads an engine with a definition (``tokenizer.json`` for the peers) for `threads` threads.

    Raises PipelineError if the engine cannot express the definition, and whatever it raises itself.
    """
    if engine == "tokenizers":
        return _tokenizers(source)
    if engine == "tiktoken":
        return _tiktoken(source, threads)
    tokenizer = load_tokenizer(source)
    return (
        lambda texts: tokenizer.encode_batch(
            texts, threads=threads, add_special_tokens=False, special="text"
        ),
        lambda batch: [batch[row] for row in range(len(batch))],
    )


def _tokenizers(source: str) -> tuple[Encode, Rows]:
    import tokenizers

    peer = tokenizers.Tokenizer.from_file(source)
    peer.no_truncation()
    peer.no_padding()
    peer.encode_special_tokens = True
    return (
        lambda texts: peer.encode_batch_fast(texts, add_special_tokens=False),
        lambda encodings: [encoding.ids for encoding in encodings],
    )


def _tiktoken(source: str, threads: int) -> tuple[Encode, Rows]:
    import tiktoken

    tokenizer = Tokenizer.from_file(source)
    special = dict(tokenizer.special_tokens)
    not_ranks = set(special.values())
    ranks: dict[bytes, int] = {}
    for number in tokenizer.get_vocab().values():
        if number not in not_ranks:
            ranks[tokenizer.token_bytes(number)] = number
    encoding = tiktoken.Encoding(
        "definition",
        pat_str=_pattern(source),
        mergeable_ranks=ranks,
        special_tokens=special,
    )
    return lambda texts: encoding.encode_ordinary_batch(texts, num_threads=threads), list


def _pattern(source: str) -> str:
    """The one regular expression of a tokenizer.json, for tiktoken."""
    definition = json.loads(Path(source).read_bytes())
    stage = definition.get("pre_tokenizer") or {}
    stages = stage.get("pretokenizers", [stage])
    patterns = [s["pattern"]["Regex"] for s in stages if "Regex" in (s.get("pattern") or {})]
    if not patterns and any(
        s.get("type") == "ByteLevel" and s.get("use_regex", True) for s in stages
    ):
        patterns = [_GPT2_PATTERN]
    if len(patterns) != 1 or definition.get("normalizer"):
        raise PipelineError("tiktoken has no form for this definition")
    return str(patterns[0])
