"""Byte-level probabilities by definition, for models small enough to list everything they can say.

A finite model ends every sequence after a few tokens; all its complete sequences are listed, and
probabilities are sums over those whose bytes fit. Encoders are written as their definitions read,
and a sequence counts as canonical if some witness continues it so. Nothing here comes from tokmill.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import regex

Tokens = Sequence["bytes | None"]
Encode = Callable[[bytes], "list[int]"]
END = 256


# --- encoders -------------------------------------------------------------------------------


def pieces(text: bytes, pattern: str | None) -> list[bytes]:
    """The matches of a pattern and what is between them."""
    if pattern is None:
        return [text] if text else []
    string = text.decode()
    found: list[str] = []
    done = 0
    for match in regex.finditer(pattern, string):
        if match.start() > done:
            found.append(string[done : match.start()])
        if match.end() > match.start():
            found.append(match.group())
        done = match.end()
    return [part.encode() for part in [*found, string[done:]] if part]


def apply_merges(ids: list[int], ranks: Mapping[tuple[int, int], tuple[int, int]]) -> list[int]:
    """Merges again and again the pair of the lowest rank, the leftmost one first.

    Args:
        ranks: pair of ids -> rank, id of what it becomes.
    """
    ids = list(ids)
    while True:
        pairs = [
            (ranks[pair], place)
            for place, pair in enumerate(itertools.pairwise(ids))
            if pair in ranks
        ]
        if not pairs:
            return ids
        (_, new), place = min(pairs, key=lambda item: (item[0][0], item[1]))
        ids[place : place + 2] = [new]


def bpe_encoder(
    tokens: Tokens,
    merges: Sequence[tuple[int, int, int]],
    pattern: str | None = None,
    ignore_merges: bool = False,
) -> Encode:
    """Byte-pair encoding of bytes; of a pair that is listed twice the first merge counts."""
    ranks = {
        (left, right): (rank, new) for rank, (left, right, new) in reversed(list(enumerate(merges)))
    }
    made = {new for _, _, new in merges}
    atoms = {
        token: id
        for id, token in reversed(list(enumerate(tokens)))
        if token is not None and len(token) == 1 and id not in made
    }
    whole = {token: id for id, token in reversed(list(enumerate(tokens))) if token is not None}

    def encode_piece(piece: bytes) -> list[int]:
        if ignore_merges and piece in whole:
            return [whole[piece]]
        try:
            ids = [atoms[bytes([byte])] for byte in piece]
        except KeyError as error:
            raise ValueError(f"no token for {error}") from None
        return apply_merges(ids, ranks)

    return lambda text: [id for piece in pieces(text, pattern) for id in encode_piece(piece)]


def unigram_encoder(tokens: Tokens, scores: Sequence[float], pattern: str | None = None) -> Encode:
    """The segmentation with the largest sum of scores; of equal ones that whose last token begins
    first (as the forward pass of Viterbi's algorithm finds it)."""
    usable = [(token, scores[id], id) for id, token in enumerate(tokens) if token is not None]
    usable.sort(key=lambda item: -len(item[0]))

    def encode_piece(piece: bytes) -> list[int]:
        best: list[tuple[float, list[int]] | None] = [(0.0, [])]
        for end in range(1, len(piece) + 1):
            ways = []
            for token, score, id in usable:
                before = best[end - len(token)] if len(token) <= end else None
                if before is not None and piece[:end].endswith(token):
                    ways.append((before[0] + score, [*before[1], id]))
            best.append(max(ways, key=lambda way: way[0]) if ways else None)
        last = best[-1]
        if last is None:
            raise ValueError(f"no tokens spell {piece!r}")
        return last[1]

    return lambda text: [id for piece in pieces(text, pattern) for id in encode_piece(piece)]


def greedy_encoder(tokens: Tokens, pattern: str | None = None) -> Encode:
    """The longest token that matches, from left to right."""
    usable = {token: id for id, token in reversed(list(enumerate(tokens))) if token is not None}
    longest = max(map(len, usable))

    def encode_piece(piece: bytes) -> list[int]:
        ids = []
        while piece:
            sizes = range(min(longest, len(piece)), 0, -1)
            size = next((size for size in sizes if piece[:size] in usable), None)
            if size is None:
                raise ValueError(f"no token for {piece!r}")
            ids.append(usable[piece[:size]])
            piece = piece[size:]
        return ids

    return lambda text: [id for piece in pieces(text, pattern) for id in encode_piece(piece)]


def with_fallback(encode_characters: Callable[[list[bytes]], list[int]]) -> Encode:
    """An encoder of characters as one of texts, which have to be UTF-8."""
    return lambda text: encode_characters([character.encode() for character in text.decode()])


def fallback_bpe_encoder(
    tokens: Tokens, merges: Sequence[tuple[int, int, int]], byte_ids: Sequence[int]
) -> Encode:
    """Byte-pair encoding of characters; those without a token become the tokens of their bytes."""
    ranks = {(left, right): (rank, new) for rank, (left, right, new) in enumerate(merges)}
    known = {token: id for id, token in enumerate(tokens) if id not in set(byte_ids)}

    def encode(characters: list[bytes]) -> list[int]:
        ids: list[int] = []
        for character in characters:
            whole = known.get(character)
            ids += [byte_ids[byte] for byte in character] if whole is None else [whole]
        return apply_merges(ids, ranks)

    return with_fallback(encode)


def fallback_unigram_encoder(
    tokens: Tokens, scores: Sequence[float], byte_ids: Sequence[int]
) -> Encode:
    """Unigram over characters; those that no token can cover become the tokens of their bytes.

    A character without a token costs ten more than the cheapest token (SentencePiece).
    """
    fallback = set(byte_ids)
    usable = [
        (t, scores[i], i) for i, t in enumerate(tokens) if t is not None and i not in fallback
    ]
    usable.sort(key=lambda item: -len(item[0]))
    unknown = min(score for _, score, _ in usable) - 10
    singles = {token for token, _, _ in usable}

    def encode(characters: list[bytes]) -> list[int]:
        best: list[tuple[float, list[int]]] = [(0.0, [])]
        text = b"".join(characters)
        ends = list(itertools.accumulate(map(len, characters), initial=0))
        for place, character in enumerate(characters):
            ways = []
            done = text[: ends[place + 1]]
            for token, score, id in usable:
                start = len(done) - len(token)
                if start in ends and done.endswith(token):
                    before = best[ends.index(start)]
                    ways.append((before[0] + score, [*before[1], id]))
            if character not in singles:
                before = best[place]
                spelled = [byte_ids[byte] for byte in character]
                ways.append((before[0] + unknown, [*before[1], *spelled]))
            best.append(max(ways, key=lambda way: way[0]))
        return best[-1][1]

    return with_fallback(encode)


class WitnessOracle:
    """Which sequences are canonical: the encoding of some text begins with them."""

    def __init__(self, tokens: Tokens, encode: Encode, witnesses: Iterable[bytes]) -> None:
        self._tokens, self._encode = tokens, encode
        self._witnesses = [b"", *witnesses]
        self._known: dict[tuple[int, ...], bool] = {}
        self._encodings: dict[bytes, tuple[int, ...] | None] = {}

    def encoding(self, text: bytes) -> tuple[int, ...] | None:
        if text not in self._encodings:
            try:
                self._encodings[text] = tuple(self._encode(text))
            except ValueError:
                self._encodings[text] = None
        return self._encodings[text]

    def canonical(self, ids: tuple[int, ...]) -> bool:
        if ids not in self._known:
            text = spell(self._tokens, ids)
            found = (self.encoding(text + witness) for witness in self._witnesses)
            self._known[ids] = any(e is not None and e[: len(ids)] == ids for e in found)
        return self._known[ids]

    def may_end(self, ids: tuple[int, ...]) -> bool:
        return self.encoding(spell(self._tokens, ids)) == ids

    def may_stop(self, ids: tuple[int, ...]) -> bool:
        """Whether a model that ends its text here does not lose it to the mask."""
        return self.may_end(ids) or not self.canonical(ids)


def words(alphabet: bytes, longest: int) -> list[bytes]:
    """All strings over some bytes up to a length, the empty one included."""
    return [
        bytes(w) for size in range(longest + 1) for w in itertools.product(alphabet, repeat=size)
    ]


def spell(tokens: Tokens, ids: Iterable[int]) -> bytes:
    return b"".join(tokens[id] or b"" for id in ids)


# --- models ---------------------------------------------------------------------------------


class FiniteModel:
    """Random rows, a different one for every context, that end every text after `depth` tokens.

    Args:
        size: number of ids.
        eos: the id that ends a text.
        depth: tokens of a text at most.
        peak: larger ones make rows more uneven.
        order: rows depend on the last `order` tokens only (and on the length).
        before: what every context begins with.
        may_stop: says of the tokens of a text whether it can be made to end there; otherwise it
            goes on for as long as it has to.
        support: ids that occur at all; None: every one.
    """

    def __init__(
        self,
        size: int,
        eos: int,
        depth: int,
        *,
        seed: int = 0,
        peak: float = 1.0,
        order: int | None = None,
        before: Sequence[int] = (),
        may_stop: Callable[[tuple[int, ...]], bool] = lambda ids: True,
        support: Sequence[int] | None = None,
    ) -> None:
        self.size, self.eos, self.depth = size, eos, depth
        self.seed, self.peak, self.order = seed, peak, order
        self.before = tuple(before)
        self.may_stop = may_stop
        self.absent = sorted(set(range(size)) - set(support or range(size)))
        self.calls: list[list[tuple[int, ...]]] = []

    def row(self, context: Sequence[int]) -> npt.NDArray[np.float64]:
        """Log-probabilities behind a context, which begins with `before`."""
        context = tuple(context)
        assert context == self.before[: len(context)] or context[: len(self.before)] == self.before
        text = context[len(self.before) :]
        if len(text) >= self.depth and self.may_stop(text):
            out = np.full(self.size, -np.inf)
            out[self.eos] = 0.0
            return out
        seen = text if self.order is None else text[-self.order :]
        number = zlib.crc32(repr((self.seed, len(text), seen)).encode())
        logits = np.random.default_rng(number).normal(size=self.size) * self.peak
        logits[self.absent] = -np.inf
        return logits - np.log(np.exp(logits).sum())

    def __call__(self, contexts: list[list[int]]) -> npt.NDArray[np.float64]:
        self.calls.append([tuple(context) for context in contexts])
        return np.array([self.row(context) for context in contexts])


Row = Callable[[tuple[int, ...]], npt.NDArray[np.float64]]


def complete_sequences(row: Row, eos: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """All texts of a finite model as tokens without the end, with their probabilities."""
    waiting: list[tuple[tuple[int, ...], float]] = [((), 1.0)]
    while waiting:
        ids, mass = waiting.pop()
        for id, value in enumerate(np.exp(row(ids)).tolist()):
            if value == 0:
                continue
            if id == eos:
                yield ids, mass * value
            else:
                waiting.append(((*ids, id), mass * value))


@dataclass
class Masses:
    """Sums by text: of what begins with it, and of what is it."""

    starts: dict[bytes, float]
    wholes: dict[bytes, float]

    def prefix_logprob(self, text: bytes) -> float:
        return _log(self.starts.get(text, 0.0))

    def logprob(self, text: bytes) -> float:
        return _log(self.wholes.get(text, 0.0))

    def raw(self, text: bytes) -> npt.NDArray[np.float64]:
        """Masses [257] of the text with every next byte, and of its end."""
        masses = [self.starts.get(text + bytes([byte]), 0.0) for byte in range(256)]
        return np.array([*masses, self.wholes.get(text, 0.0)])

    def next_byte_logprobs(self, text: bytes) -> npt.NDArray[np.float64]:
        raw = self.raw(text)
        with np.errstate(divide="ignore"):
            return np.log(raw) - _log(float(raw.sum())) if raw.sum() else np.full(257, -np.inf)

    def leak(self, text: bytes) -> float:
        return 1 - float(self.raw(text).sum()) / self.starts[text]


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def all_masses(tokens: Tokens, row: Row, eos: int) -> Masses:
    """Every token sequence counts."""
    starts: defaultdict[bytes, float] = defaultdict(float)
    wholes: defaultdict[bytes, float] = defaultdict(float)
    for ids, mass in complete_sequences(row, eos):
        text = spell(tokens, ids)
        wholes[text] += mass
        for size in range(len(text) + 1):
            starts[text[:size]] += mass
    return Masses(dict(starts), dict(wholes))


def masked_row(row: Row, oracle: WitnessOracle, tokens: Tokens, eos: int) -> Row:
    """The rows restricted to what is canonical and normalized again."""

    def masked(ids: tuple[int, ...]) -> npt.NDArray[np.float64]:
        values = row(ids).copy()
        for id in np.flatnonzero(values > -np.inf).tolist():
            token = tokens[id]
            kept = oracle.canonical((*ids, id)) if token is not None else oracle.may_end(ids)
            if not kept and (token is not None or id == eos):
                values[id] = -np.inf
        with np.errstate(divide="ignore"):
            total = np.log(np.exp(values).sum())
        return values - total if total > -np.inf else values

    return masked


def local_masses(tokens: Tokens, row: Row, eos: int, oracle: WitnessOracle) -> Masses:
    """covering="canonical", renormalize="local"."""
    return all_masses(tokens, masked_row(row, oracle, tokens, eos), eos)


def none_masses(tokens: Tokens, row: Row, eos: int, oracle: WitnessOracle) -> Masses:
    """covering="canonical", renormalize="none": unchanged probabilities.

    A complete sequence counts for the beginning x of its text if the tokens that cover x are
    canonical, and for its whole text if it is the encoding of it.
    """
    starts: defaultdict[bytes, float] = defaultdict(float)
    wholes: defaultdict[bytes, float] = defaultdict(float)
    for ids, mass in complete_sequences(row, eos):
        text = spell(tokens, ids)
        if oracle.may_end(ids):
            wholes[text] += mass
        covering: tuple[int, ...] = ()
        covered = 0
        for size in range(len(text) + 1):
            while covered < size:
                covering = ids[: len(covering) + 1]
                covered += len(tokens[covering[-1]] or b"")
            if not oracle.canonical(covering):
                break
            starts[text[:size]] += mass
    return Masses(dict(starts), dict(wholes))


# --- byte sources ---------------------------------------------------------------------------


class ByteSource:
    """A random distribution over some texts."""

    def __init__(self, texts: Sequence[bytes], seed: int = 0) -> None:
        weights = np.random.default_rng(seed).exponential(size=len(texts)) ** 2
        self.mass = dict(zip(texts, (weights / weights.sum()).tolist(), strict=True))

    def masses(self) -> Masses:
        starts: defaultdict[bytes, float] = defaultdict(float)
        for text, mass in self.mass.items():
            for size in range(len(text) + 1):
                starts[text[:size]] += mass
        return Masses(dict(starts), dict(self.mass))


class PushedForward:
    """The token model of a byte source: the law of the encodings of its texts."""

    def __init__(self, source: ByteSource, encode: Encode, size: int, eos: int) -> None:
        self.size, self.eos = size, eos
        self._starts: defaultdict[tuple[int, ...], float] = defaultdict(float)
        for text, mass in source.mass.items():
            ids = (*encode(text), eos)
            for count in range(len(ids) + 1):
                self._starts[ids[:count]] += mass

    def __call__(self, contexts: list[list[int]]) -> npt.NDArray[np.float64]:
        rows = np.full((len(contexts), self.size), -np.inf)
        for row, context in zip(rows, contexts, strict=True):
            total = self._starts.get(tuple(context), 0.0)
            if total == 0:
                row[self.eos] = 0.0  # never met: any distribution will do
                continue
            for id in range(self.size):
                mass = self._starts.get((*context, id), 0.0)
                if mass > 0:
                    row[id] = math.log(mass / total)
            row -= math.log(np.exp(row).sum())
        return rows


def random_bpe(
    alphabet: bytes, merges: int, rng: np.random.Generator
) -> tuple[list[bytes | None], list[tuple[int, int, int]]]:
    """A random vocabulary with the merges that make it; the last id is special."""
    tokens: list[bytes | None] = [bytes([byte]) for byte in alphabet]
    table: list[tuple[int, int, int]] = []
    known = set(tokens)
    for _ in range(20 * merges):
        if len(table) == merges:
            break
        left, right = (int(rng.integers(len(tokens))) for _ in range(2))
        new = (tokens[left] or b"") + (tokens[right] or b"")
        if new in known or len(new) > 4:
            continue
        known.add(new)
        table.append((left, right, len(tokens)))
        tokens.append(new)
    tokens.append(None)
    return tokens, table


def relabelled(values: Sequence[Any], order: Sequence[int]) -> list[Any]:
    """`values[i]` at the place `order[i]`."""
    out: list[Any] = [None] * len(values)
    for value, place in zip(values, order, strict=True):
        out[place] = value
    return out
