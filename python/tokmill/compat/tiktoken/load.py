"""Reading and writing of rank files, with tiktoken's cache of downloads."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any


def read_file(blobpath: str) -> bytes:
    """The content of a file: a path, a URL, or what the module `blobfile` reads."""
    if "://" not in blobpath:
        return Path(blobpath).read_bytes()
    if blobpath.startswith(("http://", "https://")):
        import urllib.request

        with urllib.request.urlopen(blobpath) as response:
            content: bytes = response.read()
        return content
    return bytes(_blobfile().read_bytes(blobpath))


def _blobfile() -> Any:
    try:
        import blobfile
    except ImportError as error:
        raise ImportError(
            "blobfile is not installed. Please install it by running `pip install blobfile`."
        ) from error
    return blobfile


def check_hash(data: bytes, expected_hash: str) -> bool:
    """Whether the SHA-256 of `data` is this hexadecimal number."""
    return hashlib.sha256(data).hexdigest() == expected_hash


def _cache_directory() -> tuple[str, bool]:
    """The directory of the cache ("": none), and whether the user has named it."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return os.environ[variable], True
    return os.path.join(tempfile.gettempdir(), "data-gym-cache"), False  # noqa: PTH118


def read_file_cached(blobpath: str, expected_hash: str | None = None) -> bytes:
    """The content of a file, from the cache if it is there.

    The cache is the directory in TIKTOKEN_CACHE_DIR or DATA_GYM_CACHE_DIR, or data-gym-cache in
    the directory of temporary files; an empty variable means no cache. A file in it is called by
    the SHA-1 of `blobpath`.

    Raises:
        ValueError: the content has another SHA-256 than `expected_hash`.
    """
    directory, named_by_user = _cache_directory()
    if directory == "":
        return read_file(blobpath)
    cached = Path(directory) / hashlib.sha1(blobpath.encode()).hexdigest()
    if cached.exists():
        data = cached.read_bytes()
        if expected_hash is None or check_hash(data, expected_hash):
            return data
        with contextlib.suppress(OSError):  # it will be replaced all the same
            cached.unlink()
    data = read_file(blobpath)
    if expected_hash and not check_hash(data, expected_hash):
        raise ValueError(
            f"Hash mismatch for data downloaded from {blobpath} (expected {expected_hash}). "
            f"This may indicate a corrupted download. Please try again."
        )
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        temporary = cached.with_name(f"{cached.name}.{secrets.token_hex(8)}.tmp")
        temporary.write_bytes(data)
        temporary.rename(cached)
    except OSError:
        if named_by_user:
            raise
    return data


def data_gym_to_mergeable_bpe_ranks(
    vocab_bpe_file: str,
    encoder_json_file: str,
    vocab_bpe_hash: str | None = None,
    encoder_json_hash: str | None = None,
    clobber_one_byte_tokens: bool = False,
) -> dict[bytes, int]:
    """The ranks that GPT-2's two files hold.

    Args:
        vocab_bpe_file: the merges, by priority, in GPT-2's byte alphabet.
        encoder_json_file: the vocabulary, which must agree with the merges.
        vocab_bpe_hash: SHA-256 of the first file.
        encoder_json_hash: SHA-256 of the second file.
        clobber_one_byte_tokens: take the ranks of single bytes from the vocabulary instead of
            the order of the byte alphabet.
    """
    printable = [byte for byte in range(256) if chr(byte).isprintable() and chr(byte) != " "]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable}
    byte_of.update((chr(256 + i), byte) for i, byte in enumerate(others))

    def to_bytes(text: str) -> bytes:
        return bytes(byte_of[character] for character in text)

    ranks = {bytes([byte]): rank for rank, byte in enumerate(printable + others)}
    merges = read_file_cached(vocab_bpe_file, vocab_bpe_hash).decode()
    for line in merges.split("\n")[1:-1]:
        first, second = line.split()
        ranks[to_bytes(first) + to_bytes(second)] = len(ranks)

    parsed = json.loads(read_file_cached(encoder_json_file, encoder_json_hash))
    vocabulary = {to_bytes(text): rank for text, rank in parsed.items()}
    for special in (b"<|endoftext|>", b"<|startoftext|>"):
        vocabulary.pop(special, None)
    if clobber_one_byte_tokens:
        ranks.update((token, rank) for token, rank in vocabulary.items() if len(token) == 1)
    assert ranks == vocabulary
    return ranks


def dump_tiktoken_bpe(bpe_ranks: dict[bytes, int], tiktoken_bpe_file: str) -> None:
    """Writes a rank file: a line for each token, in base64, and its rank."""
    lines = (
        base64.b64encode(token) + b" %d\n" % rank
        for token, rank in sorted(bpe_ranks.items(), key=lambda item: item[1])
    )
    content = b"".join(lines)
    if "://" not in tiktoken_bpe_file:
        Path(tiktoken_bpe_file).write_bytes(content)
        return
    with _blobfile().BlobFile(tiktoken_bpe_file, "wb") as stream:
        stream.write(content)


def load_tiktoken_bpe(tiktoken_bpe_file: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """The ranks in a rank file.

    Raises:
        ValueError: a line is broken, or the file is not the one that has this SHA-256.
    """
    ranks = {}
    for line in read_file_cached(tiktoken_bpe_file, expected_hash).splitlines():
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token)] = int(rank)
        except Exception as error:
            raise ValueError(f"Error parsing line {line!r} in {tiktoken_bpe_file}") from error
    return ranks
