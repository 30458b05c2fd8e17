"""The public face of a compiled tokenizer."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from . import _core, _sources
from ._batch import Batch

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._types import Ids, Special, Texts

_T = TypeVar("_T", bound="Tokenizer")


class Tokenizer(_core.Tokenizer):
    """Turns text into ids and back, exactly as the library that owns the definition's format.

    Made by `from_file`, `from_bytes`, `from_pretrained`, `from_tiktoken` or
    `tokmill.get_encoding`. Immutable: it can be shared between threads, used after `fork`,
    pickled, copied (a copy is the same object), compared and hashed by content.
    """

    __slots__ = ()

    def __new__(cls, engine: _core.Engine) -> Self:
        """Numbers need a class of their own, whatever function the tokenizer comes from."""
        if cls is Tokenizer and _core.has_number_scheme(engine):
            from .numbers import NumberTokenizer

            return super().__new__(NumberTokenizer)  # type: ignore[return-value]
        return super().__new__(cls)

    # --- making one -------------------------------------------------------------------------

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        encoding: str | None = None,
        pattern: str | None = None,
        special_tokens: Mapping[str, int] | None = None,
    ) -> Self:
        """Loads a definition from a file, or from the file that a directory holds.

        The format is recognised by content: tokenizer.json (versions 1.0 and 2.0, any model), a
        SentencePiece model, a tiktoken rank file (also a Llama 3 tokenizer.model), tekken.json,
        vocab.json with merges.txt beside it, vocab.txt of BERT, CLIP's merges, or a snapshot
        written by `save_snapshot`, which is mapped into memory.

        Args:
            path: the file or directory.
            encoding: for rank files, which do not say their pattern and special tokens: take those
                of the published encoding of this name. Published rank files are recognised by
                themselves.
            pattern: for rank files: the regular expression that splits a text, in fancy-regex
                syntax.
            special_tokens: for rank files, with `pattern`: name -> id.

        Raises:
            UnsupportedTokenizer: the definition uses a feature that cannot be reproduced exactly.
            InvalidTokenizer: the definition is broken.
            OSError: the file cannot be read.
        """
        facts = _sources.RankFacts.of(encoding, pattern, special_tokens)
        file = Path(path)
        if file.is_dir():
            file = _sources.find_in_directory(file)
        with file.open("rb") as stream:
            head = stream.read(len(_core.SNAPSHOT_MAGIC))
        if head == _core.SNAPSHOT_MAGIC:
            return cls(_core.open_snapshot_file(os.fsencode(file)))
        return cls(_sources.load_file(file, facts))

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        *,
        encoding: str | None = None,
        pattern: str | None = None,
        special_tokens: Mapping[str, int] | None = None,
    ) -> Self:
        """Loads a definition or a snapshot from memory; otherwise as `from_file`."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data must be bytes, not {type(data).__name__}")
        facts = _sources.RankFacts.of(encoding, pattern, special_tokens)
        data = bytes(data)
        if data.startswith(_core.SNAPSHOT_MAGIC):
            return cls(_core.open_snapshot_bytes(data))
        return cls(_sources.load_bytes(data, "<bytes>", facts))

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike[str], *, revision: str | None = None) -> Self:
        """Loads the tokenizer of a model: a local path, or "org/name" on Hugging Face.

        Looks into the cache of Hugging Face first and asks the hub only if huggingface_hub is
        installed.

        Raises:
            TokmillError: there is no such model here, and it cannot be downloaded.
        """
        return cls.from_file(_sources.find_pretrained(os.fspath(name), revision))

    @classmethod
    def from_tiktoken(
        cls,
        mergeable_ranks: Mapping[bytes, int],
        *,
        pat_str: str,
        special_tokens: Mapping[str, int] | None = None,
    ) -> Self:
        """Makes a tokenizer from what a `tiktoken.Encoding` is made of.

        Args:
            mergeable_ranks: token bytes -> id; pairs with low ids merge first.
            pat_str: the regular expression that splits a text, in fancy-regex syntax.
            special_tokens: name -> id.
        """
        ranks = _sources.rank_file(mergeable_ranks)
        return cls(_core.load(ranks, b"<mergeable_ranks>", pat_str, dict(special_tokens or {})))

    # --- text to ids; encode, count and fits are in the compiled base class -------------------

    def encode_batch(
        self,
        texts: Texts,
        *,
        add_special_tokens: bool = True,
        special: Special = "parse",
        threads: int | None = None,
    ) -> Batch:
        """Encodes many texts; other Python threads run meanwhile.

        Args:
            texts: a list, tuple, NumPy array or any iterable of str and bytes, or an Arrow array
                of strings or binary data (anything with `__arrow_c_array__` or
                `__arrow_c_stream__`), which is read in place.
            add_special_tokens: as for `encode`.
            special: as for `encode`.
            threads: how many threads work; None: as many as the machine offers this process. The
                result does not depend on it.

        Raises:
            InvalidInput: a row cannot be encoded or is null; `index` is its number.
            TypeError: a row is neither str nor bytes.
        """
        return Batch(*self._encode_batch(texts, add_special_tokens, special, threads))

    def encode_with_offsets(
        self,
        text: str | bytes,
        *,
        unit: Literal["byte", "char"] = "byte",
        add_special_tokens: bool = True,
        special: Special = "parse",
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Encodes one text and says where each id comes from.

        Args:
            text: as for `encode`.
            unit: "byte": offsets into the UTF-8 form of the text; "char": into its code points.
            add_special_tokens: as for `encode`. An added token gets the empty span (0, 0).
            special: as for `encode`.

        Returns:
            (ids, spans): uint32 of shape (n,) and int64 of shape (n, 2), half-open ranges of the
            original text.
        """
        return self._encode_with_offsets(text, unit, add_special_tokens, special)

    def count_batch(
        self,
        texts: Texts,
        *,
        add_special_tokens: bool = True,
        special: Special = "parse",
        threads: int | None = None,
    ) -> npt.NDArray[np.int64]:
        """Number of ids of each text, int64 of shape (rows,), without storing ids."""
        return self._count_batch(texts, add_special_tokens, special, threads)

    # --- ids to text; decode, decode_bytes and decode_stream are in the base class ------------

    def decode_batch(
        self,
        batch: Batch | Iterable[Ids],
        skip_special_tokens: bool = False,
        errors: str = "replace",
    ) -> list[str]:
        """Decodes many rows of ids: a Batch, or any iterable of sequences of ids.

        Raises:
            UnknownToken: an id is not in the vocabulary; the message names the row, `index` is its
                place in the row.
        """
        if isinstance(batch, Batch):
            return self._decode_flat(batch.ids, batch.offsets, skip_special_tokens, errors)
        return self._decode_rows(batch, skip_special_tokens, errors)

    def is_canonical(self, ids: Ids) -> bool:
        """Whether encoding what `ids` spell would give these very ids."""
        return bool(np.array_equal(self.canonicalize(ids), np.asarray(ids)))

    # --- storing ------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the definition as tokenizer.json, whatever format it came from.

        Raises:
            UnsupportedTokenizer: tokenizer.json cannot express it.
            OSError: the file cannot be written; an older one is left as it was.
        """
        replace_file(Path(path), self._tokenizer_json())

    def save_snapshot(self, path: str | os.PathLike[str], *, compact: bool = False) -> None:
        """Writes the compiled form, which `from_file` maps into memory within milliseconds.

        Snapshots are checked when they are opened. A later release may ask for new ones.

        Args:
            path: the file to write.
            compact: write the vocabulary in a few bytes a token instead, for shipping; what was
                compiled is made again, quickly, when it is loaded. Only for tiktoken and tekken
                vocabularies.

        Raises:
            UnsupportedTokenizer: this vocabulary has no compact form.
            OSError: the file cannot be written; an older one is left as it was.
        """
        replace_file(Path(path), self._compact_snapshot() if compact else self._snapshot())

    # --- being a value --------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tokenizer):
            return NotImplemented
        return self is other or self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self._portable_form())

    def __repr__(self) -> str:
        return (
            f"<tokmill.{type(self).__name__} {self.format} "
            f"vocab_size={self.vocab_size} digest={self.digest[:8]}>"
        )


def _restore(cls: type[_T], data: bytes) -> _T:
    if data.startswith(_core.SNAPSHOT_MAGIC):
        return cls(_core.open_snapshot_bytes(data))
    return cls(_core.load_definition(data))


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file so that nobody ever sees half of it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
