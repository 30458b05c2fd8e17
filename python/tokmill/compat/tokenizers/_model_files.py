"""The files that models are kept in."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokmill import _core

from . import _convert

Native = _core.stages.Model
Merges = list[tuple[str, str]]


@contextmanager
def explained(what: str | None) -> Iterator[None]:
    """Turns what goes wrong with a file into the reference's plain exception.

    Args:
        what: stands before the reason.
    """
    try:
        yield
    except (TypeError, OverflowError):
        raise
    except OSError as error:
        reason = f"{os.strerror(error.errno or 0)} (os error {error.errno})"
        raise Exception(f"{what}: {reason}" if what else reason) from None
    except UnicodeDecodeError:
        reason = "stream did not contain valid UTF-8"
        raise Exception(f"{what}: {reason}" if what else reason) from None
    except Exception as error:
        raise Exception(f"{what}: {error}" if what else str(error)) from None


def read_json(path: str) -> dict[str, int]:
    """Token -> id of a vocab.json. Values that are no numbers are left out."""
    return _core.stages.read_vocabulary_json(Path(path).read_bytes())


def read_lines(path: str) -> dict[str, int]:
    """Token -> number of its line, of a vocab.txt."""
    return {line.rstrip(): number for number, line in enumerate(_lines(path))}


def read_bpe(vocab: str, merges: str) -> tuple[dict[str, int], Merges]:
    """The contents of vocab.json and merges.txt."""
    vocabulary = read_json(vocab)
    pairs: Merges = []
    for line in _lines(merges):
        if line.startswith("#version"):
            continue
        parts = line.split(" ")
        if len(parts) != 2:
            raise ValueError(f"Merges text file invalid at line {len(pairs) + 1}")
        pairs.append((parts[0], parts[1]))
    return vocabulary, pairs


def _lines(path: str) -> list[str]:
    """The lines without their ends, which are line feeds, alone or behind a carriage return."""
    lines = Path(path).read_bytes().decode().split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def vocabulary(vocab: object, read: Callable[[str], dict[str, int]]) -> dict[str, int]:
    """Token -> id from a dict, a path or None.

    Raises:
        TypeError: it is none of them.
    """
    if vocab is None:
        return {}
    if isinstance(vocab, dict):
        return vocab
    if isinstance(vocab, str):
        return read(vocab)
    raise TypeError(
        "failed to extract enum PyVocab ('Vocab | Filename'): "
        f"'{type(vocab).__name__}' object is neither 'dict' nor 'str'"
    )


def make_bpe(vocab: object, merges: object, options: dict[str, Any]) -> Native:
    """A BPE model from dict and list, from two paths, or from two times None."""
    if isinstance(merges, str) != isinstance(vocab, str):
        raise ValueError("`vocab` and `merges` must be both be from memory or both filenames")
    dropout = options["dropout"]
    with explained("Error while initializing BPE"):
        if dropout is not None and not 0.0 <= dropout <= 1.0:
            raise ValueError("Dropout should be between 0 and 1, inclusive")
        if isinstance(vocab, str) and isinstance(merges, str):
            return Native.bpe(*read_bpe(vocab, merges), options)
        pairs = [] if merges is None else _convert.to_sequence(merges)
        return Native.bpe(vocabulary(vocab, read_json), pairs, options)


def warn_about_name() -> None:
    """Tells that `Model.save(name=...)` is deprecated."""
    warnings.warn(
        "Deprecated in 0.10.0: Parameter `name` of Model.save has been renamed `prefix`",
        DeprecationWarning,
        stacklevel=3,
    )


def save(model: Native, folder: str, prefix: str | None) -> list[str]:
    """Writes the files of a model.

    Args:
        model: the model.
        folder: an existing directory.
        prefix: the names of the files begin with it and a hyphen.

    Returns:
        The paths of the files.
    """
    start = "" if prefix is None else f"{_convert.to_str(prefix)}-"
    written: list[str] = []
    with explained(None):
        for name, content in _files(model).items():
            path = Path(folder) / (start + name)
            path.write_bytes(content)
            written.append(str(path))
    return written


def _files(model: Native) -> dict[str, bytes]:
    if model.type == "Unigram":
        return {"unigram.json": model.to_json(True)}
    if model.type == "WordPiece":
        lines = "".join(f"{token}\n" for token, _ in model.vocabulary())
        return {"vocab.txt": lines.encode()}
    files = {"vocab.json": model.vocabulary_json()}
    if model.type == "BPE":
        merges = "".join(f"{left} {right}\n" for left, right in model.merges())
        files["merges.txt"] = f"#version: 0.2\n{merges}".encode()
    return files
