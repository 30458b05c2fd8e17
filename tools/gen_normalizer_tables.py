"""Generates the Unicode tables of the normalizers by asking tokenizers, as gen_unicode.py does.

python tools/gen_normalizer_tables.py            write the generated files
python tools/gen_normalizer_tables.py --check    only compare; exit status 1 if a file differs
"""

from __future__ import annotations

import collections
import struct
import sys
from collections.abc import Callable

from gen_unicode import (
    BOUNDARY,
    CHANGES,
    CODE_SPACE,
    DECOMPOSES,
    HANGUL_SYLLABLES,
    SCALARS,
    SECOND,
    SURROGATES,
    array,
    canonical_forms,
    header,
    main,
    normalized_lines,
    require,
    two_stage_table,
)
from tokenizers import NormalizedString, normalizers

TOOL = "gen_normalizer_tables.py"
CHARACTERS = [c for c in SCALARS if c != 0x0A]

# ---------------------------------------------------------------- compatibility decomposition

# A bit of a kind in nfkc_tables.inc beyond those of nfc_tables.inc: the decomposition is not the
# canonical one.
COMPATIBILITY = 0x400


def nfkc_tables() -> str:
    """csrc/normalizers/nfkc_tables.inc: compatibility decompositions."""
    nfkc, nfkd = normalizers.NFKC().normalize_str, normalizers.NFKD().normalize_str
    canonical = canonical_forms()
    decomposed = dict(zip(CHARACTERS, normalized_lines(nfkd, map(chr, CHARACTERS)), strict=True))
    composed = dict(zip(CHARACTERS, normalized_lines(nfkc, map(chr, CHARACTERS)), strict=True))
    compatible = {c: text for c, text in decomposed.items() if text != canonical.decomposed[c]}
    require(not any(c in HANGUL_SYLLABLES for c in compatible), "a Hangul syllable is compatible")
    # The order by class is put right when the text is, so only sorted decompositions can be told.
    for text in compatible.values():
        classes = [canonical.classes.get(ord(c), 0) for c in text]
        require(classes == sorted(classes) or 0 in classes, "an unusual decomposition")

    def kind(c: int) -> int:
        if c == 0x0A or c in SURROGATES:
            return BOUNDARY
        first = ord(decomposed[c][0])
        return (
            canonical.classes.get(c, 0)
            | SECOND * (c in canonical.seconds)
            | DECOMPOSES * (decomposed[c] != chr(c))
            | BOUNDARY * (first not in canonical.classes and first not in canonical.seconds)
            | CHANGES * (composed[c] != chr(c))
            | COMPATIBILITY * (c in compatible)
        )

    kinds = [kind(c) for c in range(CODE_SPACE)]
    rows = (f"{{{c},{len(text)}}}" for c, text in compatible.items())
    return (
        header("Compatibility decomposition; nfkc_data.cpp explains the form.", TOOL)
        + two_stage_table(kinds, (BOUNDARY, BOUNDARY | DECOMPOSES))
        + array("DecompositionLength kDecompositions[]", rows)
        + array("char32_t kDecompositionPool[]", map(ord, "".join(compatible.values())))
    )


# ---------------------------------------------------------------- case


def uppercase(text: str) -> str:
    normalized = NormalizedString(text)
    normalized.uppercase()
    return normalized.normalized


def case_table(form: Callable[[str], str], prefix: str) -> str:
    """Distances to the other case, and a list of the characters that one distance does not do."""
    mapped = dict(zip(CHARACTERS, normalized_lines(form, map(chr, CHARACTERS)), strict=True))
    single = {c: ord(text) - c for c, text in mapped.items() if len(text) == 1}
    frequent = collections.Counter(single.values())
    listed = {
        c: text for c, text in mapped.items() if len(text) > 1 or frequent[ord(text) - c] == 1
    }
    distances = [0 if c in listed else single.get(c, 0) for c in range(CODE_SPACE)]
    for c in listed:
        distances[c] = LISTED
    rows = (
        f"{{0x{c:X},{len(text)},{{{','.join(f'0x{ord(x):X}' for x in text)}}}}}"
        for c, text in listed.items()
    )
    return two_stage_table(
        distances, (0, LISTED), prefix=prefix, record_type="std::int32_t"
    ) + array(f"Mapping {prefix}Listed[]", rows)


LISTED = CODE_SPACE  # the distance that says: look into the list


def case_mappings() -> str:
    """csrc/normalizers/case_mappings.inc: lower and upper case of single characters."""
    return (
        header("Lower and upper case; case_mapping.cpp explains the form.", TOOL)
        + case_table(normalizers.Lowercase().normalize_str, "kLower")
        + case_table(uppercase, "kUpper")
    )


# ---------------------------------------------------------------- sets of characters

# Bits of a record in char_sets.inc; char_sets.h has the same numbers.
CONTROL, NONSPACING_MARK, COMBINING_MARK = 1, 2, 4


def bert(**options: bool) -> normalizers.Normalizer:
    off = {"clean_text": False, "handle_chinese_chars": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, "strip_accents": False, **options})


def removed_by(normalizer: normalizers.Normalizer) -> set[int]:
    """What the normalizer removes out of lines, which it keeps apart."""
    lines = normalizer.normalize_str("".join(f"a{chr(c)}b" for c in CHARACTERS))
    parts = lines[1:-1].split("ba")
    require(len(parts) == len(CHARACTERS), "a character disturbs its neighbours")
    return {c for c, part in zip(CHARACTERS, parts, strict=True) if part == ""}


def char_sets() -> str:
    """csrc/normalizers/char_sets.inc: what BertNormalizer and StripAccents remove."""
    records = [0] * CODE_SPACE
    for flag, members in (
        (CONTROL, removed_by(bert(clean_text=True))),
        (NONSPACING_MARK, removed_by(bert(strip_accents=True))),
        (COMBINING_MARK, removed_by(normalizers.StripAccents())),
    ):
        for c in members:
            records[c] |= flag
    return header("Sets of characters; char_sets.h explains the bits.", TOOL) + two_stage_table(
        records, (0,), record_type="std::uint8_t"
    )


# ---------------------------------------------------------------- grapheme clusters

# grapheme_data.h has the same numbers.
OTHER, CR, LF, CONTROL_CLASS, EXTEND, ZWJ, SPACING_MARK, PREPEND, L, V, T, LV, LVT = range(13)
CONSONANT, LINKER, CONJUNCT_EXTEND, PICTOGRAPHIC = 0x10, 0x20, 0x30, 0x40


def cluster_counter() -> Callable[[str], int]:
    """A function that says how many parts Precompiled makes of a text.

    The map turns everything into "Z". A grapheme cluster of at most five bytes becomes one Z, a
    longer one a Z for each character.
    """
    units = [0] * 768
    units[0] = 256 << 10
    for byte in range(1, 256):
        units[256 + byte] = 768 << 10 | 1 << 8 | byte
    trie = struct.pack(f"<{len(units)}I", *units)
    precompiled = normalizers.Precompiled(struct.pack("<I", len(trie)) + trie + b"Z\0")
    return lambda text: len(precompiled.normalize_str(text))


def grapheme_class(c: int, parts: Callable[[str], int]) -> int:
    """The class of one character, as far as it can matter.

    Every text below has a cluster that fits in five bytes exactly if there is a certain break.
    """
    x = chr(c)
    if c in (0x0D, 0x0A):
        return CR if c == 0x0D else LF
    if c == 0x200D:
        return ZWJ | CONJUNCT_EXTEND
    if parts(f"a{x}") == 1:
        conjunct = 0
        if parts(f"\u0915{x}\u0915\u0301") == 4:
            conjunct = LINKER
        elif parts(f"\u0915\u094d{x}\u0915\u0301") == 5:
            conjunct = CONJUNCT_EXTEND
        extends = parts(f"\U0001f600{x}\u200d\u2764\u0301") == 5
        return (EXTEND if extends else SPACING_MARK) | conjunct
    if parts(f"{x}a") == 1:
        return PREPEND
    if parts(f"{x}\u0301\u0301") == 2:
        return CONTROL_CLASS
    if parts(f"\u0600\uac01{x}") == 3:
        return T
    if parts(f"\u0600\uac00{x}") == 3:
        return V
    if parts(f"\u0600\u1100{x}") == 3:
        if parts(f"\u0600{x}\uac00") == 3:
            return L
        return LV if parts(f"\u0600{x}\u1161") == 3 else LVT
    conjunct = CONSONANT if parts(f"{x}\u094d\u0915\u0301") == 4 else 0
    return conjunct | PICTOGRAPHIC * (parts(f"\u00a9\u200d{x}") == 3)


def grapheme_classes() -> str:
    """csrc/normalizers/grapheme_classes.inc: how Precompiled cuts a text into clusters."""
    parts = cluster_counter()
    records = [OTHER] * CODE_SPACE
    for c in SCALARS:
        records[c] = grapheme_class(c, parts)
    return header("Grapheme clusters; grapheme.cpp explains the classes.", TOOL) + two_stage_table(
        records, (OTHER,), record_type="std::uint8_t"
    )


GENERATED: dict[str, Callable[[], str]] = {
    "csrc/normalizers/nfkc_tables.inc": nfkc_tables,
    "csrc/normalizers/case_mappings.inc": case_mappings,
    "csrc/normalizers/char_sets.inc": char_sets,
    "csrc/normalizers/grapheme_classes.inc": grapheme_classes,
}

if __name__ == "__main__":
    sys.exit(main(GENERATED))
