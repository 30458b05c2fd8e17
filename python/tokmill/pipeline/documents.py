"""Documents of text and JSONL inputs, in batches of bounded size.

A *record* is what the splitting yields: the whole file, a line, a part between separators, a JSON
line. A record gives one document or none (a blank or rejected JSON line, an empty document that is
left out). Records are numbered from 0 in each source; positions between records are counted in
decompressed bytes, so that a later run can go on from one without looking at what is before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .compression import ByteStream
from .errors import PipelineError
from .sources import Source

DEFAULT_FIELD = "text"
BATCH_BYTES = 8 << 20
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two records: before record `record` of source `source`, at `byte`."""

    source: int = 0
    record: int = 0
    byte: int = 0


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    r"""How inputs become documents.

    `separator` (bytes) splits text inputs; None makes a text file one document; ``b"\n"`` also
    takes a CR before it away. `field` names the member of a JSON line that holds the text.
    """

    separator: bytes | None = None
    field: str = DEFAULT_FIELD
    errors: Literal["fail", "skip"] = "fail"
    skip_empty: bool = False


@dataclass(slots=True)
class Piece:
    """Documents of one source that follow one another."""

    source: int
    documents: list[bytes]
    begin: Position
    raw: list[bytes]  # the records as they stand in the input
    separator_bytes: int
    size: int  # bytes of the records with their separators
    # For each document the index of its record in `raw`; None if every record gave a document.
    places: list[int] | None = None
    rejected: list[int] = field(default_factory=list)  # indices in `raw`

    def place(self, document: int) -> int:
        """Index in `raw` of the record that `document` came from."""
        return document if self.places is None else self.places[document]

    def record(self, document: int) -> int:
        """Number in the source of the record that `document` came from."""
        return self.begin.record + self.place(document)

    def after(self, document: int) -> Position:
        """The position just after the record of `document`."""
        count = self.place(document) + 1
        size = sum(map(len, self.raw[:count])) + count * self.separator_bytes
        return Position(self.source, self.begin.record + count, self.begin.byte + size)


@dataclass(slots=True)
class DocumentBatch:
    """Pieces read together; `disk_bytes` were taken from all inputs up to the end of the batch."""

    pieces: list[Piece]
    disk_bytes: int

    def documents(self) -> list[bytes]:
        """All documents of the batch, in order."""
        if len(self.pieces) == 1:
            return self.pieces[0].documents
        return [document for piece in self.pieces for document in piece.documents]

    def locate(self, index: int) -> tuple[Piece, int]:
        """The piece that holds document `index` of the batch, and its index in that piece."""
        for piece in self.pieces:
            if index < len(piece.documents):
                return piece, index
            index -= len(piece.documents)
        raise IndexError("no such document in the batch")


def read_batches(
    sources: Sequence[Source],
    options: DocumentOptions,
    *,
    start: Position = Position(),
    limit: int | None = None,
    batch_bytes: int = BATCH_BYTES,
) -> Iterator[DocumentBatch]:
    """Yields the documents of `sources` from `start` on, at most `limit` of them.

    A batch holds about `batch_bytes` of input; only a single document can make it larger.
    Raises PipelineError for inputs that cannot be read, and for bad JSON lines unless
    ``options.errors == "skip"``.
    """
    batch = DocumentBatch([], 0)
    size = 0
    try:
        for piece, disk_bytes in _all_pieces(sources, options, start, limit):
            batch.pieces.append(piece)
            batch.disk_bytes = disk_bytes
            size += piece.size
            if size >= batch_bytes:
                yield batch
                batch, size = DocumentBatch([], 0), 0
    except PipelineError:
        if batch.pieces:
            yield batch  # what was read before the failure is good
        raise
    if batch.pieces:
        yield batch


def describe_record(source: Source, options: DocumentOptions, record: int) -> str:
    """Where a document came from, for messages: ``corpus.jsonl, line 17``."""
    name = "standard input" if source.path == "-" else source.path
    if source.format == "jsonl" or options.separator == b"\n":
        return f"{name}, line {record + 1}"
    if options.separator is None:
        return name
    return f"{name}, part {record + 1}"


def _all_pieces(
    sources: Sequence[Source], options: DocumentOptions, start: Position, limit: int | None
) -> Iterator[tuple[Piece, int]]:
    """(piece, bytes taken from all inputs so far), up to `limit` documents."""
    disk_bytes = sum(source.size or 0 for source in sources[: start.source])
    for index in range(start.source, len(sources)):
        if limit == 0:
            return
        begin = start if index == start.source else Position(index)
        stream = ByteStream(sources[index].path)
        for piece in _pieces(stream, sources[index], begin, options):
            if limit is not None:
                _truncate(piece, limit)
                limit -= len(piece.documents)
            yield piece, disk_bytes + stream.disk_bytes
            if limit == 0:
                return
        disk_bytes += stream.disk_bytes


def _truncate(piece: Piece, limit: int) -> None:
    if len(piece.documents) > limit:
        end = piece.place(limit - 1) + 1
        del piece.documents[limit:]
        piece.rejected = [place for place in piece.rejected if place < end]


def _pieces(
    stream: ByteStream, source: Source, begin: Position, options: DocumentOptions
) -> Iterator[Piece]:
    if source.format == "text" and options.separator is None:
        if begin.record == 0:
            data = b"".join(stream.chunks())
            piece = Piece(begin.source, [data], begin, [data], 0, len(data))
            yield _without_empty(piece) if options.skip_empty else piece
        return
    finish: Callable[[Piece, bool], Piece]
    if source.format == "jsonl":
        separator = b"\n"
        parser = _JsonLines(source, options)
        finish = parser.finish
    else:
        assert options.separator is not None
        separator = options.separator
        finish = _finish_text
    for position, records, size, crlf in _split(stream.chunks(begin.byte), separator, begin):
        piece = Piece(begin.source, records, position, records, len(separator), size)
        piece = finish(piece, crlf)
        yield _without_empty(piece) if options.skip_empty else piece


def _split(
    chunks: Iterator[bytes], separator: bytes, position: Position
) -> Iterator[tuple[Position, list[bytes], int, bool]]:
    """Cuts a stream at `separator`, from left to right, in time linear in its length.

    Yields (position of the first record, records, their size with separators, whether lines among
    them end in CR LF). What follows the last separator is a record if it is not empty.
    """
    overlap = len(separator) - 1
    pending: list[bytes] = []  # the unfinished record, without `tail`
    tail = b""  # its last bytes, which may begin a separator
    held = 0  # size of both
    for chunk in chunks:
        window = tail + chunk if tail else chunk
        cut = window.find(separator)
        if cut < 0:
            keep = max(len(window) - overlap, 0)
            pending.append(window[:keep])
            tail = window[keep:]
            held += len(chunk)
            continue
        records = window.split(separator)
        if pending:
            pending.append(records[0])
            records[0] = b"".join(pending)
        rest = records.pop()
        crlf = separator == b"\n" and (b"\r\n" in window or records[0].endswith(b"\r"))
        size = held + len(chunk) - len(rest)
        yield position, records, size, crlf
        position = Position(position.source, position.record + len(records), position.byte + size)
        keep = max(len(rest) - overlap, 0)
        pending, tail, held = ([rest[:keep]] if keep else []), rest[keep:], len(rest)
    pending.append(tail)
    last = b"".join(pending)
    if last:
        yield position, [last], len(last), False


def _finish_text(piece: Piece, crlf: bool) -> Piece:
    if crlf:
        piece.documents = [r[:-1] if r.endswith(b"\r") else r for r in piece.raw]
    return piece


def _without_empty(piece: Piece) -> Piece:
    if b"" in piece.documents:
        kept = [index for index, document in enumerate(piece.documents) if document]
        piece.places = [piece.place(index) for index in kept]
        piece.documents = [piece.documents[index] for index in kept]
    return piece


class _JsonLines:
    """Takes the text out of JSON lines; blank lines give no document."""

    def __init__(self, source: Source, options: DocumentOptions) -> None:
        self._source = source
        self._options = options
        self._loads = _json_parser()

    def finish(self, piece: Piece, crlf: bool) -> Piece:
        del crlf  # white space around a JSON value means nothing
        lines = piece.raw
        if piece.begin.record == 0 and lines and lines[0].startswith(_UTF8_BOM):
            lines = [lines[0][len(_UTF8_BOM) :], *lines[1:]]
        loads, name = self._loads, self._options.field
        try:
            piece.documents = [loads(line)[name].encode() for line in lines]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            self._one_by_one(piece, lines)
        return piece

    def _one_by_one(self, piece: Piece, lines: list[bytes]) -> None:
        documents: list[bytes] = []
        places: list[int] = []
        for place, line in enumerate(lines):
            if not line or line.isspace():
                continue
            try:
                documents.append(self._text(line))
                places.append(place)
            except _BadLine as error:
                if self._options.errors == "fail":
                    record = piece.begin.record + place
                    where = describe_record(self._source, self._options, record)
                    raise PipelineError(f"{where}: {error}") from error
                piece.rejected.append(place)
        piece.documents, piece.places = documents, places

    def _text(self, line: bytes) -> bytes:
        try:
            value = self._loads(line)
        except UnicodeDecodeError as error:
            raise _BadLine(f"not valid UTF-8 at byte {error.start + 1}") from error
        except (ValueError, RecursionError) as error:
            raise _BadLine(f"not valid JSON: {error}") from error
        name = self._options.field
        if not isinstance(value, dict):
            raise _BadLine(f"not a JSON object but {_json_type(value)}")
        if name not in value:
            raise _BadLine(f'no field "{name}"')
        text = value[name]
        if not isinstance(text, str):
            raise _BadLine(f'the field "{name}" is {_json_type(text)}, not a string')
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise _BadLine(f'the field "{name}" holds half of a surrogate pair') from error


class _BadLine(Exception):
    pass


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (list, dict)):
        return "an array" if isinstance(value, list) else "an object"
    return "a number"


def _json_parser() -> Callable[[bytes], Any]:
    """json.loads for one line of UTF-8, by orjson where it is installed.

    What orjson refuses goes to the standard parser, so that both accept the same lines. Integers
    become floats: their value is of no interest and the conversion of long ones is limited.
    """
    decode = json.JSONDecoder(parse_int=float).decode

    def standard(line: bytes) -> Any:
        return decode(line.decode())

    try:
        import orjson
    except ImportError:
        return standard
    fast: Callable[[bytes], Any] = orjson.loads

    def loads(line: bytes) -> Any:
        try:
            return fast(line)
        except ValueError:
            return standard(line)

    return loads
