"""Generates the Unicode tables of csrc/ by asking the reference libraries.

Every stage of the references has its own Unicode version, and some have quirks that no Unicode
version explains, so the tables are not made from the Unicode Character Database: each one records
what an installed, pinned reference library answers for every code point.

    python tools/gen_unicode.py            write the generated files
    python tools/gen_unicode.py --check    only compare; exit status 1 if a file differs

tools/gen_normalizer_tables.py makes the tables that only the normalizers need.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import itertools
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import tiktoken
from tokenizers import (
    AddedToken,
    NormalizedString,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
)

PINNED = {"tokenizers": "0.23.3", "tiktoken": "0.14.0"}
ROOT = Path(__file__).resolve().parent.parent
CODE_SPACE = 0x110000
SURROGATES = range(0xD800, 0xE000)
SCALARS = [c for c in range(CODE_SPACE) if c not in SURROGATES]
SCALAR_SET = set(SCALARS)
ALL_TEXT = "".join(map(chr, SCALARS))
ALL_NORMALIZED = NormalizedString(ALL_TEXT)

CATEGORY_NAMES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn"
)
CATEGORIES = CATEGORY_NAMES.split()
# Bits above the five of the general category; properties.h has the same numbers.
WHITE_SPACE, RUST_NUMERIC, RUST_WORD = 0x20, 0x40, 0x80
BLOCK_BITS = 8

POSIX_BRACKETS = (
    *("alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph"),
    *("lower", "print", "punct", "space", "upper", "word", "xdigit"),
)

# Characters that stand for small numbers inside string literals (no quote, backslash or '?').
SYMBOLS = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in '"\\?')


# ---------------------------------------------------------------- asking the references


def onig_matches(pattern: str) -> set[int]:
    """Code points that `pattern`, which matches one character, matches in tokenizers."""
    others = ALL_NORMALIZED.split(Regex(f"(?:{pattern})+"), "removed")
    return SCALAR_SET.difference(ord(c) for other in others for c in other.normalized)


def tiktoken_encoding(pattern: str) -> tiktoken.Encoding:
    """An encoding whose tokens are the 256 bytes, so that it only shows what `pattern` matches."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    return tiktoken.Encoding("probe", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def fancy_matches(pattern: str) -> set[int]:
    """Code points that `pattern` matches in tiktoken, which drops the text between matches."""
    ids = tiktoken_encoding(pattern).encode_ordinary(ALL_TEXT)
    return set(map(ord, bytes(ids).decode()))


def rust_numeric() -> set[int]:
    """Code points that the Digits pre-tokenizer isolates."""
    digits = pre_tokenizers.Digits(individual_digits=True)
    # Letters around each code point: only a digit can be a piece of one character.
    pieces = digits.pre_tokenize_str("".join(f"a{chr(c)}a" for c in SCALARS))
    return {ord(piece) for piece, _ in pieces if len(piece) == 1} - {ord("a")}


def added_token_word(position: str) -> set[int]:
    """Code points that hinder a `single_word` added token as its neighbour.

    `position` is "before" or "after" the token.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.add_tokens([AddedToken("Q", single_word=True, normalized=False)])
    hindering = set(SCALARS)
    for start in range(0, len(SCALARS), 20_000):
        part = SCALARS[start : start + 20_000]
        form = "\n{}Q\n" if position == "before" else "\nQ{}\n"
        encoding = tokenizer.encode("".join(form.format(chr(c)) for c in part))
        hindering.difference_update(part[begin // 4] for begin, _ in encoding.offsets)
    return hindering


# ---------------------------------------------------------------- writing tables


def two_stage(values: Sequence[int], bits: int) -> tuple[list[int], list[tuple[int, ...]]]:
    """Splits a sequence into blocks of 2**bits values: (block number of each, distinct blocks)."""
    size = 1 << bits
    blocks: dict[tuple[int, ...], int] = {}
    index = [
        blocks.setdefault(tuple(values[start : start + size]), len(blocks))
        for start in range(0, len(values), size)
    ]
    return index, list(blocks)


def item_rows(items: Iterable[object]) -> str:
    """The items as lines of a C++ initialiser list, at most 100 columns wide."""
    lines, line = [], ""
    for element in items:
        item = f"{element},"
        if len(line) + len(item) > 100:
            lines.append(line)
            line = ""
        line += item
    return "\n".join([*lines, line, ""])


def array(declaration: str, items: Iterable[object]) -> str:
    """A constant with an initialiser list, behind an empty line."""
    return f"\nconstexpr {declaration} = {{\n{item_rows(items)}}};\n"


def two_stage_table(
    records: Sequence[int],
    common: Sequence[int] = (),
    *,
    prefix: str = "k",
    record_type: str = "std::uint16_t",
) -> str:
    """One small number a code point, as unicode/two_stage_table.h unpacks it.

    The records of `common` get the first symbols, in this order. The names of the constants begin
    with `prefix`.
    """
    distinct = [*common, *sorted(set(records) - set(common))]
    require(len(distinct) <= len(SYMBOLS), "too many distinct records")
    symbol = dict(zip(distinct, SYMBOLS, strict=False))
    index, blocks = two_stage(records, BLOCK_BITS)
    rows = "\n".join('"' + "".join(symbol[record] for record in block) + '",' for block in blocks)
    return (
        array(f"{record_type} {prefix}Records[]", distinct)
        + f"\nconstexpr std::string_view {prefix}Blocks[] = {{\n{rows}\n}};\n"
        + array(f"std::array<std::uint8_t, {len(index)}> {prefix}BlockOf", index)
    )


def header(contents: str, tool: str = "gen_unicode.py") -> str:
    pins = " and ".join(f"{name} {pin}" for name, pin in PINNED.items())
    return (
        f"// Generated by tools/{tool} from the behaviour of {pins}.\n// Do not edit. {contents}\n"
    )


def property_table() -> str:
    """csrc/unicode/property_table.inc: general category and flags of every code point."""
    records = [CATEGORIES.index("Cn")] * CODE_SPACE
    for number, name in enumerate(CATEGORIES):
        onig, fancy = onig_matches(rf"\p{{{name}}}"), fancy_matches(rf"\p{{{name}}}")
        require(onig == fancy, f"the engines differ on general category {name}")
        for code_point in onig:
            records[code_point] = number
    for code_point in SURROGATES:
        records[code_point] = CATEGORIES.index("Cs")
    white_space, word = fancy_matches(r"\s"), fancy_matches(r"\w")
    require(white_space == onig_matches(r"\s"), "the engines differ on white space")
    require(
        word == added_token_word("before") == added_token_word("after"), "single_word is not \\w"
    )
    for flag, members in (
        (WHITE_SPACE, white_space),
        (RUST_NUMERIC, rust_numeric()),
        (RUST_WORD, word),
    ):
        for code_point in members:
            records[code_point] |= flag

    return header("The records that properties.h explains.") + two_stage_table(records)


# ---------------------------------------------------------------- named sets of code points


def runs(members: set[int]) -> list[tuple[int, int]]:
    """The set as sorted, maximal (first, last) ranges."""
    ranges: list[tuple[int, int]] = []
    for code_point in sorted(members):
        if ranges and ranges[-1][1] + 1 == code_point:
            ranges[-1] = (ranges[-1][0], code_point)
        else:
            ranges.append((code_point, code_point))
    return ranges


class NamedSets:
    """Collects sets of code points under names, each set once, in a compact form.

    A set is a union of general categories, given as a bit mask, and the ranges in which the set
    differs from that union. Most sets need few ranges then.
    """

    def __init__(self) -> None:
        self.by_category = {name: onig_matches(rf"\p{{{name}}}") for name in CATEGORIES}
        self.numbers: dict[tuple[tuple[int, int], ...], int] = {}
        self.rows: list[tuple[int, int]] = []  # (category mask, number of ranges) a set
        self.gaps: list[int] = []  # two a range: distance from the end of the one before, length
        self.names: dict[str, list[int | None]] = {}

    def add(self, name: str, onig: set[int] | None, fancy: set[int] | None) -> None:
        number = self.number(onig)
        self.names[name] = [number, number if fancy == onig else self.number(fancy)]

    def number(self, members: set[int] | None) -> int | None:
        """Number of the set, which is added if it is new; None for None."""
        if members is None:
            return None
        ranges = tuple(runs(members))
        if ranges not in self.numbers:
            self.numbers[ranges] = len(self.rows)
            mask, union = 0, set[int]()
            for bit, category in enumerate(CATEGORIES):
                if 2 * len(self.by_category[category] & members) > len(self.by_category[category]):
                    mask |= 1 << bit
                    union |= self.by_category[category]
            exceptions = tuple(runs(union ^ members))
            if len(exceptions) >= len(ranges):
                mask, exceptions = 0, ranges
            self.rows.append((mask, len(exceptions)))
            position = 0
            for first, last in exceptions:
                self.gaps += [first - position, last - first + 1]
                position = last + 1
        return self.numbers[ranges]


def asked(matches: Callable[[str], set[int]], pattern: str) -> set[int] | None:
    """What the pattern matches; None if the engine refuses it."""
    try:
        return matches(pattern)
    except Exception:
        return None


def property_sets() -> str:
    """csrc/unicode/property_sets.inc: every named property of both regex engines."""
    sets = NamedSets()
    words = (ROOT / "tools/unicode_property_names.txt").read_text().split("\n", 1)[1].split()
    for word in words:
        pattern = rf"\p{{{word}}}"
        sets.add(word, asked(onig_matches, pattern), asked(fancy_matches, pattern))
    for word in POSIX_BRACKETS:
        pattern = f"[[:{word}:]]"
        sets.add(f":{word}:", asked(onig_matches, pattern), asked(fancy_matches, pattern))
    sets.add("\\w", onig_matches(r"\w"), fancy_matches(r"\w"))
    sets.add("[\\w]", onig_matches(r"[\w]"), fancy_matches(r"[\w]"))

    def number(value: int | None) -> str:
        return "kNone" if value is None else str(value)

    names = [
        f'{{"{name.replace(chr(92), chr(92) * 2)}", {number(onig)}, {number(fancy)}}}'
        for name, (onig, fancy) in sorted(sets.names.items())
    ]
    return (
        header("Named sets of code points; scripts.cpp explains the form.")
        + array("SetSource kSets[]", (f"{{{mask}, {count}}}" for mask, count in sets.rows))
        + array("std::uint32_t kGaps[]", sets.gaps)
        + array("Name kNames[]", names)
    )


# ---------------------------------------------------------------- case-insensitive matching


def escaped(code_point: int) -> str:
    """A pattern that matches exactly this code point in both engines."""
    return f"\\x{{{code_point:X}}}"


def case_classes(candidates: list[int]) -> dict[int, set[int]]:
    """What (?i:X) matches for each candidate X, as far as it is one of the candidates."""
    text = "\n".join(map(chr, candidates))  # line feeds keep multi-character folds apart
    normalized = NormalizedString(text)
    classes = {}
    for candidate in candidates:
        pattern = f"(?i:{escaped(candidate)})"
        others = normalized.split(Regex(pattern), "removed")
        onig = set(candidates).difference(ord(c) for other in others for c in other.normalized)
        ids = tiktoken_encoding(pattern).encode_ordinary(text)
        require(onig == set(map(ord, bytes(ids).decode())), "the engines differ on (?i)")
        classes[candidate] = onig
    return classes


def case_folds() -> str:
    """csrc/unicode/case_folds.inc: classes of (?i), and what onig folds to several characters."""
    cased = onig_matches(r"[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}\p{Cased}]")
    candidates = sorted(cased)
    rest = "".join(f"{escaped(a)}-{escaped(b)}" for a, b in runs(SCALAR_SET - cased))
    for matches in (onig_matches, fancy_matches):
        require(matches(f"(?i:[{rest}])") == SCALAR_SET - cased, "more code points have a case")
    classes = {x: members for x, members in case_classes(candidates).items() if len(members) > 1}
    steps, previous = [], 0
    for code_point, members in sorted(classes.items()):
        require(all(classes[member] == members for member in members), "(?i) is not transitive")
        ring = sorted(members)
        successor = ring[(ring.index(code_point) + 1) % len(ring)]
        steps.append(f"{{{code_point - previous},{successor - code_point}}}")
        previous = code_point

    # Python's full case folding names the candidates; that they are exactly the ones is asked.
    full = {c: chr(c).casefold() for c in SCALARS if len(chr(c).casefold()) > 1}
    normalized = NormalizedString("\n".join(sorted(set(full.values()))))
    for code_point in candidates:
        pieces = normalized.split(Regex(f"(?i:{escaped(code_point)})"), "isolated")
        longer = {
            p.normalized for p in pieces if len(p.normalized) > 1 and "\n" not in p.normalized
        }
        folded = {full[code_point]} if code_point in full else set()
        require(longer & set(full.values()) == folded, f"onig folds {code_point:#x} otherwise")
    multiple = [
        f"{{0x{c:X},{len(fold)},{{{','.join(f'0x{ord(x):X}' for x in fold)}}}}}"
        for c, fold in full.items()
    ]
    return (
        header("Case-insensitive matching; case_fold.cpp explains the form.")
        + array("Step kSteps[]", steps)
        + array("MultiCharacterFold kMultiCharacterFolds[]", multiple)
    )


# ---------------------------------------------------------------- canonical composition


HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)  # composed and decomposed by arithmetic
HANGUL_VOWELS_AND_FINALS = {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
# Bits of a kind in nfc_tables.inc; nfc_data.h has the same numbers. The low six are the class.
SECOND, DECOMPOSES, BOUNDARY, CHANGES = 0x40, 0x80, 0x100, 0x200


def normalized_lines(form: Callable[[str], str], texts: Iterable[str]) -> list[str]:
    """`form` of each text, none of which has a line feed, in one call."""
    return form("\n".join(texts)).split("\n")


def combining_classes(plain: list[int]) -> dict[int, int]:
    """Canonical combining classes, numbered densely in their order from 1; starters are left out.

    `plain` are the code points that have no canonical decomposition. A nonstarter trades places
    with U+0345 before it, whose class is the highest, or with U+0334 behind it, whose class is the
    lowest.
    """
    nfd = normalizers.NFD().normalize_str
    highest = normalized_lines(nfd, (f"a\u0345{chr(c)}" for c in plain))
    lowest = normalized_lines(nfd, (f"a{chr(c)}\u0334" for c in plain))
    nonstarters = [
        c
        for c, high, low in zip(plain, highest, lowest, strict=True)
        if high != f"a\u0345{chr(c)}" or low != f"a{chr(c)}\u0334"
    ]
    ordered = nfd("a" + "".join(map(chr, nonstarters)))[1:]
    classes = {ord(ordered[0]): 1}
    for before, after in itertools.pairwise(ordered):
        swapped = nfd(f"a{after}{before}") != f"a{after}{before}"
        classes[ord(after)] = classes[ord(before)] + swapped
    return classes


class CanonicalForms(NamedTuple):
    """What NFD and NFC make of every code point but the line feed and the surrogates."""

    decomposed: dict[int, str]
    composed: dict[int, str]
    classes: dict[int, int]  # combining classes of those that are not starters
    pairs: dict[tuple[int, int], int]  # (first, second) -> primary composite, without Hangul
    seconds: set[int]  # second characters of pairs that compose


@functools.cache
def canonical_forms() -> CanonicalForms:
    nfc, nfd = normalizers.NFC().normalize_str, normalizers.NFD().normalize_str
    characters = [c for c in SCALARS if c != 0x0A]
    decomposed = dict(zip(characters, normalized_lines(nfd, map(chr, characters)), strict=True))
    composed = dict(zip(characters, normalized_lines(nfc, map(chr, characters)), strict=True))
    classes = combining_classes([c for c in characters if decomposed[c] == chr(c)])
    decompositions = {
        c: text for c, text in decomposed.items() if text != chr(c) and c not in HANGUL_SYLLABLES
    }
    pairs = {}
    for code_point, text in decompositions.items():
        if composed[code_point] == chr(code_point):
            first, second = nfc(text[:-1]), text[-1]
            require(len(first) == 1 and nfc(first + second) == chr(code_point), "no pair composes")
            pairs[ord(first), ord(second)] = code_point
    seconds = {second for _, second in pairs} | HANGUL_VOWELS_AND_FINALS
    return CanonicalForms(decomposed, composed, classes, pairs, seconds)


def nfc_tables() -> str:
    """csrc/normalizers/nfc_tables.inc: decompositions, compositions and what NFC has to look at."""
    decomposed, composed, classes, pairs, seconds = canonical_forms()
    decompositions = {
        c: text for c, text in decomposed.items() if text != chr(c) and c not in HANGUL_SYLLABLES
    }

    def is_boundary(c: int) -> bool:
        first = ord(decomposed[c][0])
        return first not in classes and first not in seconds

    def kind(c: int) -> int:
        if c == 0x0A or c in SURROGATES:
            return BOUNDARY
        return (
            classes.get(c, 0)
            | SECOND * (c in seconds)
            | DECOMPOSES * (decomposed[c] != chr(c))
            | BOUNDARY * is_boundary(c)
            | CHANGES * (composed[c] != chr(c))
        )

    kinds = [kind(c) for c in range(CODE_SPACE)]
    pool = "".join(decompositions.values())
    rows = (f"{{{c},{len(text)}}}" for c, text in decompositions.items())
    return (
        header("Canonical decomposition and composition; nfc_data.cpp explains the form.")
        # The two kinds of most characters first: NFC never changes such a character itself, and
        # can start afresh before it.
        + two_stage_table(kinds, (BOUNDARY, BOUNDARY | DECOMPOSES))
        + array("DecompositionLength kDecompositions[]", rows)
        + array("char32_t kDecompositionPool[]", map(ord, pool))
        + array(
            "Composition kCompositions[]",
            (f"{{{first},{second},{c}}}" for (first, second), c in sorted(pairs.items())),
        )
    )


# ---------------------------------------------------------------- all files


def require(condition: bool, message: str) -> None:
    """Raises RuntimeError if the references do not behave as the tables assume."""
    if not condition:
        raise RuntimeError(message)


GENERATED: dict[str, Callable[[], str]] = {
    "csrc/unicode/property_table.inc": property_table,
    "csrc/unicode/property_sets.inc": property_sets,
    "csrc/unicode/case_folds.inc": case_folds,
    "csrc/normalizers/nfc_tables.inc": nfc_tables,
}


def main(generated: dict[str, Callable[[], str]]) -> int:
    """Writes or compares the files of `generated`, paths with the functions that make them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare with the files")
    parser.add_argument("files", nargs="*", default=list(generated), help="files to generate")
    arguments = parser.parse_args()
    for name, pin in PINNED.items():
        require(version(name) == pin, f"{name} {pin} is needed, {version(name)} is installed")
    differing = 0
    for name in arguments.files:
        body = generated[name]()
        text = f"{body}\n// sha256 of the above: {hashlib.sha256(body.encode()).hexdigest()}\n"
        path = ROOT / name
        if not arguments.check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{name} differs from what the references say", file=sys.stderr)
            differing += 1
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(GENERATED))
