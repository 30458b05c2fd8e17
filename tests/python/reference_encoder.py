"""A slow encoder for byte-level BPE that is meant to be obviously right.

It follows the published meaning of tokenizer.json and of tiktoken's rank files step by step, with
plain Python loops and nothing clever: the third, independent opinion in the tests, next to the
engine and to the reference libraries. Splitting is in ``reference_patterns``.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import regex  # type: ignore[import-untyped, unused-ignore]
import tokenizers
from reference_patterns import compile_pattern, contains, find_all, probe, written

Special = Literal["parse", "text"] | frozenset[str]


class ReferenceFails(ValueError):
    """The reference panics or raises here, so there are no ids to agree with."""


# --------------------------------------------------------------------------------------------------
# Pre-tokenizers of tokenizer.json: each cuts every piece of a list of pieces
# --------------------------------------------------------------------------------------------------


@functools.cache
def byte_alphabet() -> str:
    """The character that stands for each of the 256 bytes."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spare = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in visible else next(spare)) for byte in range(256))


def to_alphabet(data: bytes) -> str:
    return "".join(byte_alphabet()[byte] for byte in data)


def from_alphabet(text: str) -> bytes | None:
    """The bytes that ``text`` spells, or None if a character is not of the alphabet."""
    alphabet = byte_alphabet()
    if any(character not in alphabet for character in text):
        return None
    return bytes(alphabet.index(character) for character in text)


Marked = tuple[str, bool]  # a stretch of text, and whether the pattern matched it


def marked_stretches(matches: Iterator[tuple[int, int]], text: str) -> list[Marked]:
    stretches = []
    end_of_last = 0
    for start, end in matches:
        if end_of_last != start:
            stretches.append((text[end_of_last:start], False))
        stretches.append((text[start:end], True))
        end_of_last = end
    if end_of_last != len(text):
        stretches.append((text[end_of_last:], False))
    return stretches


def join_by_behavior(stretches: list[Marked], behavior: str) -> list[str]:
    """What is left of the stretches under one of the five behaviours of ``Split``."""
    if behavior == "Removed":
        return [text for text, matched in stretches if not matched]
    if behavior == "Isolated":
        return [text for text, _ in stretches]
    if behavior == "MergedWithNext":
        mirrored = [(text[::-1], matched) for text, matched in reversed(stretches)]
        return [text[::-1] for text in reversed(join_by_behavior(mirrored, "MergedWithPrevious"))]
    pieces: list[str] = []
    previous = False
    for text, matched in stretches:
        joins = matched == previous if behavior == "Contiguous" else matched and not previous
        if joins and pieces:
            pieces[-1] += text
        else:
            pieces.append(text)
        previous = matched
    return pieces


GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def split_by_pattern(
    text: str, pattern: regex.Pattern[str], behavior: str, invert: bool
) -> list[str]:
    stretches = marked_stretches(find_all(pattern, text), text)
    if invert:
        stretches = [(piece, not matched) for piece, matched in stretches]
    return join_by_behavior(stretches, behavior)


def split_piece(step: Mapping[str, Any], text: str) -> list[str]:
    """Cuts one piece with a ``Split``, ``Digits`` or ``ByteLevel`` pre-tokenizer."""
    kind = step["type"]
    if kind == "Split":
        given = step["pattern"]
        source = given["Regex"] if "Regex" in given else "(?:" + _escaped(given["String"]) + ")"
        pattern = compile_pattern(source, "onig")
        return split_by_pattern(text, pattern, step["behavior"], step["invert"])
    if kind == "Digits":
        numeric = written(probe("rust_numeric", ""))
        behavior = "Isolated" if step.get("individual_digits") else "Contiguous"
        return split_by_pattern(text, regex.compile(numeric), behavior, False)
    if kind == "ByteLevel":
        if step.get("add_prefix_space", True) and not text.startswith(" "):
            text = " " + text
        pieces = [text]
        if step.get("use_regex", True):
            pattern = compile_pattern(GPT2_PATTERN, "onig")
            pieces = split_by_pattern(text, pattern, "Isolated", False)
        return [to_alphabet(piece.encode()) for piece in pieces]
    raise NotImplementedError(kind)


def _escaped(literal: str) -> str:
    return "".join(character if character.isalnum() else "\\" + character for character in literal)


def flatten(component: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    """The steps of a component, its nested Sequences unrolled."""
    if component is None:
        return []
    if component["type"] != "Sequence":
        return [component]
    return [step for inner in component[key] for step in flatten(inner, key)]


# --------------------------------------------------------------------------------------------------
# Added tokens
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Added:
    """One added token; ``text`` is what is looked for: ``content``, normalized if so asked."""

    content: str
    text: str
    id: int
    special: bool
    normalized: bool
    lstrip: bool
    rstrip: bool
    single_word: bool


Segment = tuple[str, int | None]  # text, and the id if an added token stands here


def longest_at(
    tokens: Mapping[str, Added], lengths: Sequence[int], text: str, at: int
) -> Added | None:
    for length in lengths:
        found = tokens.get(text[at : at + length])
        if found is not None and at + length <= len(text):
            return found
    return None


def find_added(
    text: str, tokens: Collection[Added], refused: Callable[[Added], bool]
) -> list[Segment]:
    """Cuts ``text`` at the added tokens as tokenizers 0.23.3 does."""
    by_text = {token.text: token for token in tokens}
    lengths = sorted({len(content) for content in by_text}, reverse=True)
    segments: list[Segment] = []
    end_of_last = 0
    position = 0
    while position < len(text):
        token = longest_at(by_text, lengths, text, position)
        if token is None:
            position += 1
            continue
        start, stop = position, position + len(token.text)
        position = stop  # a match that is refused below still hides what overlaps it
        if refused(token) or (token.single_word and not stands_alone(text, start, stop)):
            continue
        if token.lstrip:
            while start > 0 and is_space(text[start - 1]):
                start -= 1
            start = max(start, end_of_last)
        if token.rstrip:
            while stop < len(text) and is_space(text[stop]):
                stop += 1
        if end_of_last < start:
            segments.append((text[end_of_last:start], None))
        if start > stop:
            raise ReferenceFails("an added token that strips what the last one has eaten")
        if start < stop:
            segments.append((text[start:stop], token.id))
        end_of_last = stop  # may lie before the last one's end: rstrip does not hide what it ate
    if end_of_last != len(text):
        segments.append((text[end_of_last:], None))
    return segments


def is_space(character: str) -> bool:
    return contains(probe("fancy", r"\s"), character)


def stands_alone(text: str, start: int, stop: int) -> bool:
    word = probe("fancy", r"\w")
    left = start > 0 and contains(word, text[start - 1])
    right = stop < len(text) and contains(word, text[stop])
    return not left and not right


def read_added_tokens(
    definition: Mapping[str, Any], normalize: Callable[[str], str]
) -> tuple[list[Added], frozenset[int]]:
    """The added tokens of a tokenizer.json with the ids that the library gives them.

    Returns:
        The tokens, and the ids of those that count as special.
    """
    vocabulary: Mapping[str, int] = definition["model"]["vocab"]
    ids: dict[str, int] = {}
    tokens: dict[int, Added] = {}
    special: set[str] = set()
    next_id = len(vocabulary)
    for entry in definition.get("added_tokens", []):
        content = entry["content"]
        if not content:
            continue
        token_id = ids.get(content, vocabulary.get(content))
        if token_id is None:
            token_id, next_id = next_id, next_id + 1
        ids[content] = token_id
        if entry["special"]:
            special.add(content)
        text = normalize(content) if entry["normalized"] else content
        flags = {name: entry[name] for name in ("normalized", "lstrip", "rstrip", "single_word")}
        tokens[token_id] = Added(content, text, token_id, entry["special"], **flags)
    return list(tokens.values()), frozenset(ids[content] for content in special)


# --------------------------------------------------------------------------------------------------
# Merging
# --------------------------------------------------------------------------------------------------


def merge_pairs(symbols: list[int], merges: Mapping[tuple[int, int], tuple[int, int]]) -> list[int]:
    """Merges the first pair of lowest rank until no pair is left.

    Args:
        symbols: the ids of the characters.
        merges: (left, right) to (rank, merged).
    """
    symbols = list(symbols)
    while True:
        candidates = [
            (merges[pair][0], position)
            for position, pair in enumerate(itertools.pairwise(symbols))
            if pair in merges
        ]
        if not candidates:
            return symbols
        _, position = min(candidates)
        pair = (symbols[position], symbols[position + 1])
        symbols[position : position + 2] = [merges[pair][1]]


def merge_ranks(piece: bytes, ranks: Mapping[bytes, int]) -> list[int]:
    """tiktoken's order: the neighbours whose joined bytes have the lowest rank, first of equals."""
    if piece in ranks:
        return [ranks[piece]]
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while True:
        candidates = [
            (ranks[left + right], position)
            for position, (left, right) in enumerate(itertools.pairwise(parts))
            if left + right in ranks
        ]
        if not candidates:
            return [ranks[part] for part in parts]
        _, position = min(candidates)
        parts[position : position + 2] = [parts[position] + parts[position + 1]]


# --------------------------------------------------------------------------------------------------
# The encoders
# --------------------------------------------------------------------------------------------------


@dataclass
class JsonEncoder:
    """Encodes as a tokenizer.json with a byte-level BPE model asks.

    Attributes:
        definition: the parsed file.
        nfc: canonical composition as the reference performs it.
    """

    definition: Mapping[str, Any]
    nfc: Callable[[str], str]
    added: list[Added] = field(init=False)
    special_ids: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self._normalizers = flatten(self.definition.get("normalizer"), "normalizers")
        self._steps = flatten(self.definition.get("pre_tokenizer"), "pretokenizers")
        self.added, self.special_ids = read_added_tokens(self.definition, self._normalize)
        self._read_model(self.definition["model"])
        self._word_ids = functools.lru_cache(maxsize=100_000)(self._encode_word)

    def _read_model(self, model: Mapping[str, Any]) -> None:
        self._vocabulary: Mapping[str, int] = model["vocab"]
        self._ignore_merges = bool(model.get("ignore_merges"))
        for feature in ("end_of_word_suffix", "continuing_subword_prefix", "dropout"):
            if model.get(feature):
                raise NotImplementedError(feature)
        self._fuse_unk = bool(model.get("fuse_unk"))
        unk = model.get("unk_token")
        self._unk_id = None if unk is None else self._vocabulary.get(unk)
        merges = model["merges"]
        if merges and isinstance(merges[0], str):
            merges = [line.split(" ") for line in merges if not line.startswith("#version")]
        self._merges = {}
        for rank, (left, right) in enumerate(merges):
            pair = (self._vocabulary[left], self._vocabulary[right])
            self._merges[pair] = (rank, self._vocabulary[left + right])

    def _normalize(self, text: str) -> str:
        for step in self._normalizers:
            if step["type"] != "NFC":
                raise NotImplementedError(step["type"])
            text = self.nfc(text)
        return text

    def encode(
        self, text: str, *, add_special_tokens: bool = True, special: Special = "parse"
    ) -> list[int]:
        """The ids of ``text``.

        Args:
            text: any text without lone surrogates.
            add_special_tokens: whether the post-processor adds its tokens.
            special: "parse" takes special tokens in the text as such, "text" never does, a set
                names those that are taken.
        """

        def refused(token: Added) -> bool:
            if token.id not in self.special_ids or special == "parse":
                return False
            return special == "text" or token.content not in special

        ids: list[int] = []
        for segment in self._segments(text, refused):
            ids += self._encode_segment(*segment)
        return self._post_process(ids) if add_special_tokens else ids

    def _segments(self, text: str, refused: Callable[[Added], bool]) -> Iterator[Segment]:
        raw = [token for token in self.added if not token.normalized]
        normalized = [token for token in self.added if token.normalized]
        for piece, token_id in find_added(text, raw, refused):
            if token_id is None:
                yield from find_added(self._normalize(piece), normalized, refused)
            else:
                yield piece, token_id

    def _encode_segment(self, text: str, token_id: int | None) -> list[int]:
        if token_id is not None:
            return [token_id]
        pieces = [text]
        for step in self._steps:
            pieces = [cut for piece in pieces if piece for cut in split_piece(step, piece)]
        return [token for piece in pieces if piece for token in self._word_ids(piece)]

    def _encode_word(self, word: str) -> tuple[int, ...]:
        if self._ignore_merges and word in self._vocabulary:
            return (self._vocabulary[word],)
        symbols: list[int] = []
        last_was_unknown = False
        for character in word:
            known = self._vocabulary.get(character)
            if known is not None:
                symbols.append(known)
            elif self._unk_id is not None and not (last_was_unknown and self._fuse_unk):
                symbols.append(self._unk_id)
            last_was_unknown = known is None
        return tuple(merge_pairs(symbols, self._merges))

    def _post_process(self, ids: list[int]) -> list[int]:
        # Every step sees the sequences that the step before left, each added token being one of
        # its own after a template: a second template finds two and takes its form for pairs.
        sequences = [ids]
        for step in flatten(self.definition.get("post_processor"), "processors"):
            kind = step["type"]
            if kind == "TemplateProcessing":
                sequences = self._fill_template(step, sequences)
            elif kind in ("RobertaProcessing", "BertProcessing"):
                sequences = self._wrap(step, sequences)
            elif kind != "ByteLevel":
                raise NotImplementedError(kind)
        return [token_id for sequence in sequences for token_id in sequence]

    @staticmethod
    def _wrap(step: Mapping[str, Any], sequences: list[list[int]]) -> list[list[int]]:
        cls, sep = step["cls"][1], step["sep"][1]
        before_others = [sep] if step["type"] == "RobertaProcessing" else []
        first, *others = sequences
        return [[cls, *first, sep], *([*before_others, *other, sep] for other in others)]

    @staticmethod
    def _fill_template(step: Mapping[str, Any], sequences: list[list[int]]) -> list[list[int]]:
        if len(sequences) > 2:
            raise ReferenceFails("a template for more than two sequences")
        result: list[list[int]] = []
        for item in step["single" if len(sequences) == 1 else "pair"]:
            if "Sequence" in item:
                result.append(sequences["AB".index(item["Sequence"]["id"])])
            else:
                result.append(step["special_tokens"][item["SpecialToken"]["id"]]["ids"])
        return result

    def decode_bytes(self, ids: Sequence[int]) -> bytes:
        """The bytes that the tokens stand for under the ByteLevel decoder."""
        contents = {token_id: text for text, token_id in self._vocabulary.items()}
        contents.update((token.id, token.text) for token in self.added)
        texts = (contents[token_id] for token_id in ids)
        return b"".join(
            text.encode() if (data := from_alphabet(text)) is None else data for text in texts
        )


@dataclass
class RankEncoder:
    """Encodes as tiktoken does.

    Attributes:
        ranks: bytes of each token to its id.
        pattern: the split pattern, in the syntax of fancy-regex.
        special_tokens: the text of each special token to its id.
    """

    ranks: Mapping[bytes, int]
    pattern: str
    special_tokens: Mapping[str, int]

    def __post_init__(self) -> None:
        self._texts = {token_id: token for token, token_id in self.ranks.items()}
        named = ((token_id, name.encode()) for name, token_id in self.special_tokens.items())
        self._texts.update(named)

    def encode(
        self, text: str, *, add_special_tokens: bool = True, special: Special = "parse"
    ) -> list[int]:
        """The ids of ``text``; ``add_special_tokens`` changes nothing, the format has none."""
        allowed = self.special_tokens if special == "parse" else special
        found = {
            name: token_id
            for name, token_id in self.special_tokens.items()
            if special != "text" and name in allowed
        }
        ids: list[int] = []
        rest = 0
        position = 0
        while position < len(text):
            names = [name for name in found if text.startswith(name, position)]
            if not names:
                position += 1
                continue
            name = max(names, key=len)
            ids += self._encode_ordinary(text[rest:position])
            ids.append(found[name])
            position = rest = position + len(name)
        return ids + self._encode_ordinary(text[rest:])

    def _encode_ordinary(self, text: str) -> list[int]:
        pattern = compile_pattern(self.pattern, "fancy")
        ids: list[int] = []
        for start, end in find_all(pattern, text):
            ids += merge_ranks(text[start:end].encode(), self.ranks)
        return ids

    def encode_bytes(self, data: bytes) -> list[int]:
        """The ids of bytes that may not be UTF-8.

        The longest valid prefix is encoded as text. What its last piece stands for (and white space
        before it, if it is white space itself) is joined with all that follows, and merged without
        splitting.
        """
        try:
            return self._encode_ordinary(data.decode())
        except UnicodeDecodeError as error:
            prefix, rest = data[: error.start].decode(), data[error.start :]
        ids, last_piece_ids = self._with_last_piece(prefix)
        texts = self._texts
        if last_piece_ids and self._is_blank(texts[ids[-last_piece_ids]]):
            while last_piece_ids < len(ids) and self._is_blank(texts[ids[-last_piece_ids - 1]]):
                last_piece_ids += 1
        kept = ids[: len(ids) - last_piece_ids]
        unstable = b"".join(texts[token_id] for token_id in ids[len(kept) :])
        return kept + merge_ranks(unstable + rest, self.ranks)

    def _with_last_piece(self, text: str) -> tuple[list[int], int]:
        ids: list[int] = []
        last = 0
        for start, end in find_all(compile_pattern(self.pattern, "fancy"), text):
            piece = merge_ranks(text[start:end].encode(), self.ranks)
            last = len(piece)
            ids += piece
        return ids, last

    @staticmethod
    def _is_blank(token: bytes) -> bool:
        return all(byte in b" \n\t" for byte in token)

    def decode_bytes(self, ids: Sequence[int]) -> bytes:
        return b"".join(self._texts[token_id] for token_id in ids)


def reference_nfc(text: str) -> str:
    """NFC as tokenizers performs it."""
    return str(tokenizers.normalizers.NFC().normalize_str(text))


def encoder_of_json(definition: Mapping[str, Any]) -> JsonEncoder:
    """The slow encoder of a parsed tokenizer.json."""
    return JsonEncoder(definition, reference_nfc)
