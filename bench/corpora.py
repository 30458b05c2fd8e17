"""The texts of the benchmark, as lists of documents, and where the data files are found.

Data are looked for in the folder that TOKMILL_DATA names, else in ../shared/data beside the
checkout; files may be packed as NAME.xz.
"""

from __future__ import annotations

import base64
import lzma
import os
import random
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENT_BYTES = 4096
SEED = 20260101


class MissingData(Exception):
    """A data file is not there; the text says what to do."""


def data_root() -> Path:
    """Folder of the data. Raises MissingData when there is none."""
    named = os.environ.get("TOKMILL_DATA")
    root = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not root.is_dir():
        raise MissingData(
            f"no data in {root}: set TOKMILL_DATA, or give --text and --tokenizer files"
        )
    return root


def data_file(relative: str, cache: Path) -> Path:
    """Path of a data file, unpacked into `cache` if it is stored as .xz. Raises MissingData."""
    plain = data_root() / relative
    if plain.is_file():
        return plain
    packed = plain.with_name(plain.name + ".xz")
    if not packed.is_file():
        raise MissingData(f"no {plain} and no {packed.name} beside it")
    unpacked = cache / relative
    if not unpacked.is_file():
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        unpacked.write_bytes(lzma.decompress(packed.read_bytes()))
    return unpacked


def split_documents(text: str, size: int = DOCUMENT_BYTES) -> list[str]:
    """Cuts text into documents of about `size` bytes of UTF-8.

    A document ends at a line end where one comes within twice the size, else between any two
    characters. The documents joined are the text.
    """
    data = text.encode("utf-8")
    documents: list[str] = []
    start = 0
    while start < len(data):
        end = min(start + size, len(data))
        if end < len(data):
            line_end = data.find(b"\n", end - 1, start + 2 * size)
            end = line_end + 1 if line_end >= 0 else end
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end += 1
        documents.append(data[start:end].decode("utf-8"))
        start = end
    return documents


def sample(documents: list[str], limit: int) -> list[str]:
    """At most about `limit` bytes of documents, taken evenly from the whole list."""
    sizes = [len(document.encode("utf-8")) for document in documents]
    total = sum(sizes)
    if total <= limit:
        return documents
    kept: list[str] = []
    taken = passed = 0
    for document, size in zip(documents, sizes, strict=True):
        passed += size
        if taken * total < passed * limit:
            kept.append(document)
            taken += size
    return kept


def encoded_bytes_text(size: int) -> str:
    """About `size` bytes of base64 lines and hex dumps of random bytes, the same at every run."""
    rng = random.Random(SEED)
    parts: list[str] = []
    made = 0
    while made < size:
        block = rng.randbytes(1539)
        if rng.random() < 0.5:
            part = base64.encodebytes(block).decode("ascii")
        else:
            digits = block.hex()
            part = "\n".join(digits[i : i + 64] for i in range(0, len(digits), 64)) + "\n"
        parts.append(part)
        made += len(part)
    return "".join(parts)


def _files(*relative: str) -> Callable[[int, Path], str]:
    def read(limit: int, cache: Path) -> str:
        return "".join(
            data_file(name, cache).read_bytes().decode("utf-8", errors="replace")
            for name in relative
        )

    return read


TEXTS: dict[str, Callable[[int, Path], str]] = {
    "English prose": _files("corpora/en_prose.txt"),
    "Python code": _files("corpora/code_python.txt"),
    "Japanese": _files("corpora/ja_wagahai.txt"),
    "Chinese": _files("corpora/parallel_ntrex/zho-CN.txt", "corpora/parallel_ntrex/zho-TW.txt"),
    "75 languages": _files("corpora/multilingual_sentences_75.txt"),
    "tables of numbers": _files("corpora/numbers_tables.txt"),
    "base64 and hex": lambda limit, cache: encoded_bytes_text(limit),
}


def text_documents(name: str, limit: int, cache: Path) -> list[str]:
    """Documents of one of TEXTS, at most about `limit` bytes."""
    return sample(split_documents(TEXTS[name](limit, cache)), limit)


def file_documents(paths: list[Path], limit: int) -> list[str]:
    """Documents of a reader's own files (UTF-8; wrong bytes replaced)."""
    text = "".join(path.read_bytes().decode("utf-8", errors="replace") for path in paths)
    return sample(split_documents(text), limit)


def sized_documents(size: int, limit: int, cache: Path) -> list[str]:
    """English and code cut into documents of `size` bytes; repeated to fill one large document."""
    text = TEXTS["English prose"](limit, cache) + TEXTS["Python code"](limit, cache)
    have = len(text.encode("utf-8"))
    if have < size:
        text *= -(-size // have)
    documents = split_documents(text, size)
    if len(documents) > 1 and len(documents[-1].encode("utf-8")) < size:
        documents.pop()
    return sample(documents, max(limit, size))[: max(1, limit // size)]


def hostile_documents(name: str, size: int) -> list[str]:
    """One document of about `size` bytes that has one very long pretoken or none to cut at."""
    return [HOSTILE[name](size)]


def unique_text(size: int, seed: int) -> str:
    """About `size` bytes of random words of 1 to 15 letters, nearly all of them seen only once."""
    rng = random.Random(seed)
    # One letter in eight becomes a space, which gives words of eight letters in the mean.
    table = bytes(32 if i % 8 == 0 else 97 + i % 26 for i in range(256))
    return rng.randbytes(size).translate(table).decode("ascii")


def _letters(size: int) -> str:
    rng = random.Random(SEED)
    return "".join(rng.choices("etaoinshrdlucmfwypvbgkqjxz", k=size))


HOSTILE: dict[str, Callable[[int], str]] = {
    "one letter a": lambda size: "a" * size,
    "spaces": lambda size: " " * size,
    "line feeds": lambda size: "\n" * size,
    "dashes": lambda size: "-" * size,
    "full stops": lambda size: "." * size,
    "digits": lambda size: "0123456789" * (size // 10),
    "one ideograph": lambda size: "\u4e00" * (size // 3),
    "combining marks": lambda size: "e" + "\u0301" * (size // 2),
    "random letters": _letters,
    "base64 in one line": lambda size: base64.b64encode(
        random.Random(SEED).randbytes(size * 3 // 4)
    ).decode("ascii"),
}
