"""Where definitions are found: in directories, beside each other, in the Hugging Face cache."""

from __future__ import annotations

import base64
import gzip
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import _core
from ._errors import InvalidTokenizer, TokmillError

# One of these files makes a directory a tokenizer; the first that is there is taken.
_NAMES_IN_DIRECTORY = (
    "tokenizer.json",
    "tekken.json",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "vocab.json",
    "vocab.txt",
)
_PATTERNS_IN_DIRECTORY = ("*.tiktoken", "*tekken*.json", "*.tokmill")
_WANTED_FROM_HUB = (*_NAMES_IN_DIRECTORY, "merges.txt")

# How the two halves of a vocabulary are called when they lie beside each other: of GPT-2 and its
# relatives, and of the first GPT.
_HALVES = (
    ("vocab.json", "merges.txt"),
    ("encoder.json", "vocab.bpe"),
    ("encoder_bpe_40000.json", "vocab_40000.bpe"),
)
_GZIP_MAGIC = b"\x1f\x8b"

_VOCABULARY = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\d')


@dataclass(frozen=True)
class RankFacts:
    """What a rank file does not say about its encoding; nothing is given by default."""

    pattern: str | None = None
    special_tokens: Mapping[str, int] = field(default_factory=dict)

    @property
    def given(self) -> bool:
        return self.pattern is not None

    @staticmethod
    def of(
        encoding: str | None, pattern: str | None, special_tokens: Mapping[str, int] | None
    ) -> RankFacts:
        """From the arguments of `Tokenizer.from_file`; ValueError if they contradict."""
        if encoding is None:
            if pattern is None and special_tokens is not None:
                raise ValueError("special_tokens are given without the pattern")
            return RankFacts(pattern, special_tokens or {})
        if pattern is not None or special_tokens is not None:
            raise ValueError("give either an encoding, or a pattern with special_tokens")
        known = _core.known_encoding(encoding)
        if known is None:
            raise ValueError(f"no encoding is known by the name {encoding!r}")
        return RankFacts(*known)


def find_in_directory(directory: Path) -> Path:
    """The definition file in a directory.

    Raises FileNotFoundError if there is none and TokmillError if several fit equally well.
    """
    for name in _NAMES_IN_DIRECTORY:
        if (directory / name).is_file():
            return directory / name
    for pattern in _PATTERNS_IN_DIRECTORY:
        found = sorted(directory.glob(pattern))
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise TokmillError(f"{directory} holds several tokenizers: {names}; name one")
        if found:
            return found[0]
    wanted = ", ".join(_NAMES_IN_DIRECTORY + _PATTERNS_IN_DIRECTORY)
    raise FileNotFoundError(f"{directory} holds no tokenizer: none of {wanted}")


def find_merges(path: Path) -> tuple[Path, Path]:
    """Vocabulary and merges, given either of the two files.

    Raises InvalidTokenizer if the other one is not beside it.
    """
    for vocabulary, merges in _HALVES:
        for own, other in ((vocabulary, merges), (merges, vocabulary)):
            if not path.name.endswith(own):
                continue
            partner = path.with_name(path.name.removesuffix(own) + other)
            if partner.is_file():
                return (path, partner) if own == vocabulary else (partner, path)
    raise InvalidTokenizer(
        f"{path}: a vocabulary or its merges alone; the other half "
        "(merges.txt beside vocab.json, vocab.bpe beside encoder.json) is missing"
    )


def is_half(path: Path, head: bytes) -> bool:
    """Whether a file that begins with `head` is vocab.json or merges.txt."""
    if _VOCABULARY.match(head) or head.startswith(b"#version:"):
        return True
    return path.name.endswith(tuple(merges for _, merges in _HALVES))


def load_file(path: Path, facts: RankFacts) -> _core.Engine:
    """Compiles the definition in a file of any format but a snapshot."""
    data = path.read_bytes()
    if not facts.given and is_half(path, data[:4096]):
        vocabulary, merges = find_merges(path)
        return _core.load_vocab_merges(
            vocabulary.read_bytes(),
            merges.read_bytes(),
            os.fsencode(f"{vocabulary} and {merges.name}"),
        )
    return load_bytes(data, str(path), facts)


def load_bytes(data: bytes, name: str, facts: RankFacts) -> _core.Engine:
    """Compiles the definition in `data`, which may be packed by gzip; `name` is for messages."""
    if data.startswith(_GZIP_MAGIC):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InvalidTokenizer(f"{name}: {error}") from None
    return _core.load(data, os.fsencode(name), facts.pattern, dict(facts.special_tokens))


def rank_file(mergeable_ranks: Mapping[bytes, int]) -> bytes:
    """The .tiktoken form of a dictionary of ranks."""
    lines = []
    for token, rank in mergeable_ranks.items():
        if not isinstance(token, bytes) or not isinstance(rank, int):
            raise TypeError("mergeable_ranks must map bytes to int")
        lines.append(b"%s %d\n" % (base64.b64encode(token), rank))
    return b"".join(lines)


def find_pretrained(name: str, revision: str | None) -> Path:
    """Where a pretrained tokenizer is: a local path, the cache, or a download.

    Raises TokmillError if there is none and it cannot be downloaded.
    """
    if Path(name).exists():
        return Path(name)
    cached = _find_in_cache(name, revision)
    if cached is not None:
        return cached
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise TokmillError(
            f"{name} is neither a directory nor in the Hugging Face cache ({_cache_directory()}); "
            "to download it, install huggingface_hub"
        ) from None
    try:
        return Path(
            snapshot_download(name, revision=revision, allow_patterns=list(_WANTED_FROM_HUB))
        )
    except Exception as error:
        raise TokmillError(f"{name} could not be fetched from the hub: {error}") from error


def _cache_directory() -> Path:
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"]).expanduser()
    if "HF_HOME" in os.environ:
        return Path(os.environ["HF_HOME"]).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(base).expanduser() / "huggingface" / "hub"


def _find_in_cache(name: str, revision: str | None) -> Path | None:
    repository = _cache_directory() / ("models--" + name.replace("/", "--"))
    reference = repository / "refs" / (revision or "main")
    commit = reference.read_text().strip() if reference.is_file() else revision
    if commit is None:
        return None
    snapshot = repository / "snapshots" / commit
    try:
        find_in_directory(snapshot)
    except FileNotFoundError:
        return None
    return snapshot
