"""The ARPA text format of back-off models (D. Paul, J. Baker; as SRILM's ngram-format(5) says)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from ._counts import Level

_LN10 = math.log(10)


def read_levels(lines: Iterable[str], ids: Mapping[str, int]) -> dict[tuple[int, ...], Level]:
    """The tables of a model; see `NGramModel.from_arpa`.

    Args:
        lines: of the file.
        ids: the id of each word; negative ones may stand in histories and are never predicted.

    Raises:
        ValueError: a line is broken, or the file ends early.
    """
    stored: defaultdict[tuple[int, ...], dict[int, float]] = defaultdict(dict)
    backoffs: dict[tuple[int, ...], float] = {(): 0.0}
    size = 0
    ended = False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("\\"):
            size, ended = _section(text, number, size)
            if ended:
                break
        elif text and size > 0:
            gram, logprob, backoff = _entry(text, number, size, ids)
            if gram is None:
                continue
            if gram[-1] >= 0:
                stored[gram[:-1]][gram[-1]] = logprob
            if backoff is not None:
                backoffs[gram] = backoff
    if not ended:
        raise ValueError("ARPA file: the line \\end\\ is missing")
    return {
        history: _level(stored.get(history, {}), backoffs.get(history, 0.0))
        for history in {*stored, *backoffs}
    }


def _section(text: str, number: int, size: int) -> tuple[int, bool]:
    """(length of the n-grams that follow, whether the file ends)."""
    if text == "\\end\\":
        return size, True
    if text == "\\data\\":
        return 0, False
    name, _, rest = text[1:].partition("-")
    if rest != "grams:" or not name.isdecimal() or int(name) != size + 1:
        raise ValueError(f"ARPA file, line {number}: unexpected section {text!r}")
    return size + 1, False


def _entry(
    text: str, number: int, size: int, ids: Mapping[str, int]
) -> tuple[tuple[int, ...] | None, float, float | None]:
    """(n-gram or None if a word has no id, its log-probability, its back-off weight)."""
    fields = text.split()
    if len(fields) not in (size + 1, size + 2):
        raise ValueError(f"ARPA file, line {number}: {size} words expected in {text!r}")
    try:
        logprob = float(fields[0]) * _LN10
        backoff = float(fields[size + 1]) * _LN10 if len(fields) > size + 1 else None
    except ValueError:
        raise ValueError(f"ARPA file, line {number}: no number in {text!r}") from None
    words = fields[1 : size + 1]
    if any(word not in ids for word in words):
        return None, logprob, backoff
    return tuple(ids[word] for word in words), logprob, backoff


def _level(tokens: Mapping[int, float], backoff: float) -> Level:
    ids = sorted(tokens)
    logprobs = np.array([tokens[token] for token in ids], np.float64)
    return Level(np.array(ids, np.int64), logprobs, backoff)
