"""The tokenizers that the tests compare: where they come from, and their references.

A ``Definition`` knows how to load itself into the library that owns its format (tokenizers or
tiktoken) and into tokmill. The files come from the data folder named by the environment variable
TOKMILL_DATA, or from ``../shared/data`` beside the checkout; tests that need it skip without it.
"""

from __future__ import annotations

import base64
import functools
import json
import lzma
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest
import tiktoken
import tokenizers
from reference_encoder import byte_alphabet
from synthetic_definitions import synthetic_definitions

if TYPE_CHECKING:
    import tokmill

Special = Literal["parse", "text"]

HF_NAMES = (
    "gpt2",
    "roberta-base",
    "gpt-neox-20b",
    "mpt",
    "phi-2",
    "starcoder2",
    "whisper-tiny",
    "modernbert-base",
    "cl100k-gpt35turbo",
    "llama-3.1",
    "qwen3",
    "gpt-oss",
)
# Unigram, WordPiece and BPE that is not byte-level.
FAMILY_NAMES = (
    "albert-base-v2",
    "bert-base-chinese",
    "bert-base-uncased",
    "clip-vit-base",
    "gemma-3",
    "gte-uncased-trunc-pad",
    "llama-2",
    "marian-nmt-style",
    "mistral-7b-v0.1",
    "mistral-7b-v0.3",
    "mistral-legacy-llama2-js",
    "ms-marco-minilm-uncased",
    "openllama-zh-en",
    "phi-3-mini",
    "t5-small",
    "xlm-roberta-base",
)
TIKTOKEN_NAMES = (
    "gpt2",
    "r50k_base",
    "p50k_base",
    "p50k_edit",
    "cl100k_base",
    "o200k_base",
    "o200k_harmony",
    "llama3",
    "llama4",
    "qwen",
    "whisper_multilingual",
)
SHIPPED_NAMES = TIKTOKEN_NAMES[:7]
TEKKEN_NAMES = ("tekken_240911",)


# --------------------------------------------------------------------------------------------------
# Data
# --------------------------------------------------------------------------------------------------


def data_root() -> Path | None:
    """The data folder, or None."""
    given = os.environ.get("TOKMILL_DATA")
    root = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    return root if (root / "tokenizers").is_dir() else None


HAVE_DATA = data_root() is not None
needs_data = pytest.mark.skipif(not HAVE_DATA, reason="no data folder: set TOKMILL_DATA")


def amount(quick: int, thorough: int) -> int:
    """How much a test does: ``thorough`` if TOKMILL_SLOW_TESTS is set."""
    return thorough if os.environ.get("TOKMILL_SLOW_TESTS") else quick


@functools.lru_cache(maxsize=8)
def read_data(name: str) -> bytes:
    """A file of the data folder, unpacked.

    Args:
        name: the path inside the folder, without ".xz".
    """
    root = data_root()
    if root is None:
        pytest.skip("no data folder: set TOKMILL_DATA")
    if (root / name).exists():
        return (root / name).read_bytes()
    return lzma.decompress((root / f"{name}.xz").read_bytes())


def corpus_names() -> list[str]:
    """Every text of the data folder (path inside it, without ".xz"); empty without the folder."""
    root = data_root()
    if root is None:
        return []
    files = sorted(path for path in (root / "corpora").rglob("*") if path.is_file())
    return [str(path.relative_to(root)).removesuffix(".xz") for path in files]


def read_corpus(name: str) -> str:
    return read_data(name).decode("utf-8")


# --------------------------------------------------------------------------------------------------
# References
# --------------------------------------------------------------------------------------------------


class Reference(Protocol):
    """What the tests ask of the library that owns a format."""

    names: list[str]  # literal added tokens, for texts that spell them
    special_names: list[str]

    def encode_batch(
        self, texts: Sequence[str], *, add_special_tokens: bool = True, special: Special = "parse"
    ) -> list[list[int]]: ...

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = False) -> str: ...


class HfReference:
    """tokenizers 0.23 without the truncation and padding of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.tokenizer = tokenizers.Tokenizer.from_str(data.decode())
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        added = self.tokenizer.get_added_tokens_decoder().values()
        self.names = [token.content for token in added]
        self.special_names = [token.content for token in added if token.special]

    def encode_batch(
        self, texts: Sequence[str], *, add_special_tokens: bool = True, special: Special = "parse"
    ) -> list[list[int]]:
        self.tokenizer.encode_special_tokens = special == "text"
        encodings = self.tokenizer.encode_batch_fast(
            list(texts), add_special_tokens=add_special_tokens
        )
        return [encoding.ids for encoding in encodings]

    def without_failing(self, texts: Sequence[str], special: Special = "parse") -> list[str]:
        """Those of ``texts`` on which the reference does not panic."""
        self.tokenizer.encode_special_tokens = special == "text"
        try:
            self.tokenizer.encode_batch_fast(list(texts))
        except BaseException as error:  # PanicException is no Exception
            if type(error).__name__ not in ("PanicException", "Exception"):
                raise
            if len(texts) == 1:
                return []
            middle = len(texts) // 2
            first, second = texts[:middle], texts[middle:]
            return self.without_failing(first, special) + self.without_failing(second, special)
        return list(texts)

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens))


class TiktokenReference:
    """tiktoken 0.14; special tokens are left out of decoded text by hand."""

    def __init__(self, encoding: tiktoken.Encoding, first_id: int = 0) -> None:
        self.encoding = encoding
        self.first_id = first_id  # what tekken adds to every rank
        self.names = sorted(encoding.special_tokens_set)
        self.special_names = self.names

    def encode_batch(
        self, texts: Sequence[str], *, add_special_tokens: bool = True, special: Special = "parse"
    ) -> list[list[int]]:
        if special == "text":
            batch = self.encoding.encode_ordinary_batch(list(texts), num_threads=2)
        else:
            batch = self.encoding.encode_batch(list(texts), num_threads=2, allowed_special="all")
        return [[token + self.first_id for token in ids] for ids in batch]

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        special = set(self.encoding._special_tokens.values()) if skip_special_tokens else set()
        kept = [token - self.first_id for token in ids if token - self.first_id not in special]
        return self.encoding.decode_bytes(kept).decode("utf-8", errors="replace")

    def encode_bytes(self, data: bytes) -> list[int]:
        return [token + self.first_id for token in self.encoding._encode_bytes(data)]


# --------------------------------------------------------------------------------------------------
# Definitions
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Definition:
    """One tokenizer of the tests.

    Attributes:
        name: unique, used in test ids.
        format: "hf", "tiktoken", "tekken" or "synthetic".
        make_reference: loads it into the library that owns the format.
        make_tokmill: loads it into tokmill.
        must_load: whether tokmill may not refuse it.
        parses_special: whether the reference ever reads special tokens from a text.
    """

    name: str
    format: str
    make_reference: Callable[[], HfReference | TiktokenReference] = field(repr=False)
    make_tokmill: Callable[[], tokmill.Tokenizer] = field(repr=False)
    must_load: bool = True
    parses_special: bool = True

    @property
    def reference(self) -> HfReference | TiktokenReference:
        return _reference(self)

    @property
    def tokmill(self) -> tokmill.Tokenizer:
        """The tokmill tokenizer; skips the test if it may be refused and is."""
        return _tokmill(self)

    def __str__(self) -> str:
        return f"{self.format}-{self.name}"


@functools.lru_cache(maxsize=3)
def _reference(definition: Definition) -> HfReference | TiktokenReference:
    return definition.make_reference()


@functools.lru_cache(maxsize=3)
def _tokmill(definition: Definition) -> tokmill.Tokenizer:
    import tokmill

    try:
        return definition.make_tokmill()
    except tokmill.UnsupportedTokenizer as error:
        if definition.must_load:
            raise
        pytest.skip(f"refused, as it may be: {error}")


def read_ranks(data: bytes) -> dict[bytes, int]:
    """The ranks of a .tiktoken file."""
    lines = (line.split() for line in data.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def read_encoder_json(data: bytes, special: Sequence[str]) -> dict[bytes, int]:
    """The ranks of GPT-2's encoder.json."""
    byte_of = {character: byte for byte, character in enumerate(byte_alphabet())}
    encoder: dict[str, int] = json.loads(data)
    return {
        bytes(byte_of[character] for character in text): rank
        for text, rank in encoder.items()
        if text not in special
    }


@functools.cache
def encodings() -> dict[str, Any]:
    return dict(json.loads(read_data("tokenizers/tiktoken/encodings.json")))


@functools.lru_cache(maxsize=4)
def tiktoken_parts(name: str) -> tuple[dict[bytes, int], str, dict[str, int]]:
    """Ranks, pattern and special tokens of a tiktoken encoding of the data folder."""
    entry = encodings()[name]
    data = read_data(f"tokenizers/{entry['files'][-1]}")
    if entry["files"][-1].endswith(".json"):
        ranks = read_encoder_json(data, list(entry["special_tokens"]))
    else:
        ranks = read_ranks(data)
    return ranks, entry["pat_str"], entry["special_tokens"]


def tiktoken_reference(name: str) -> TiktokenReference:
    ranks, pattern, special = tiktoken_parts(name)
    return TiktokenReference(
        tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=special)
    )


def tiktoken_tokmill(name: str) -> tokmill.Tokenizer:
    import tokmill

    ranks, pattern, special = tiktoken_parts(name)
    return tokmill.Tokenizer.from_tiktoken(ranks, pat_str=pattern, special_tokens=special)


def tekken_reference(name: str) -> TiktokenReference:
    """The ranks that the file's configuration leaves in use; their ids follow the specials."""
    file = json.loads(read_data(f"tokenizers/tekken/{name}.json"))
    specials = file["config"]["default_num_special_tokens"]
    used = file["config"]["default_vocab_size"] - specials
    ranks = {base64.b64decode(v["token_bytes"]): v["rank"] for v in file["vocab"][:used]}
    pattern = file["config"]["pattern"]
    return TiktokenReference(
        tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={}), specials
    )


def from_bytes(path: str) -> tokmill.Tokenizer:
    import tokmill

    return tokmill.Tokenizer.from_bytes(read_data(path))


def synthetic_tokmill(data: bytes) -> tokmill.Tokenizer:
    import tokmill

    return tokmill.Tokenizer.from_bytes(data)


def hf_definition(name: str) -> Definition:
    path = f"tokenizers/hf/{name}.json"
    return Definition(name, "hf", lambda: HfReference(read_data(path)), lambda: from_bytes(path))


def real_definitions() -> list[Definition]:
    """Every byte-level definition of the data folder."""
    tekken = TEKKEN_NAMES[0]
    return [
        *map(hf_definition, HF_NAMES),
        *(
            Definition(
                name,
                "tiktoken",
                functools.partial(tiktoken_reference, name),
                functools.partial(tiktoken_tokmill, name),
            )
            for name in TIKTOKEN_NAMES
        ),
        Definition(
            tekken,
            "tekken",
            functools.partial(tekken_reference, tekken),
            functools.partial(from_bytes, f"tokenizers/tekken/{tekken}.json"),
            parses_special=False,
        ),
    ]


@functools.cache
def synthetic() -> tuple[Definition, ...]:
    """The made definitions as ``Definition`` objects."""
    return tuple(
        _synthetic_definition(one.name, one.json, one.must_load) for one in synthetic_definitions()
    )


def _synthetic_definition(name: str, parsed: dict[str, Any], must_load: bool) -> Definition:
    def data() -> bytes:
        return json.dumps(parsed, ensure_ascii=len(name) % 2 == 0).encode()

    return Definition(
        name,
        "synthetic",
        lambda: HfReference(data()),
        lambda: synthetic_tokmill(data()),
        must_load,
    )


FAMILIES = [hf_definition(name) for name in FAMILY_NAMES]
REAL = real_definitions()
REAL_IDS = [str(one) for one in REAL]
