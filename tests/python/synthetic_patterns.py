"""Made definitions that vary how text is split: patterns, sequences, behaviours, prefix spaces."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from synthetic_parts import (
    Json,
    Synthetic,
    added,
    byte_level,
    digits,
    sequence,
    split,
    split_string,
    split_then_bytes,
    tokenizer_json,
)

# --------------------------------------------------------------------------------------------------
# Patterns
# --------------------------------------------------------------------------------------------------

_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_O200K_WORDS = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+(TAIL)"
    rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*(TAIL)"
)
_HAN = r"&&[^\p{Han}]]"
_END = r"\s*[\r\n]+|\s+(?!\S)|\s+"

CL100K_WITH = _CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|" + _END
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
DEEPSEEK_V3 = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|" + _END
)

PATTERNS: dict[str, str] = {
    "gpt2": GPT2,
    "gpt2_tiktoken": (
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
    ),
    "llama3": CL100K_WITH.replace("DIGITS", r"\p{N}{1,3}"),
    "qwen2": CL100K_WITH.replace("DIGITS", r"\p{N}"),
    "digits_1_2": CL100K_WITH.replace("DIGITS", r"\p{N}{1,2}"),
    "digits_1_4": CL100K_WITH.replace("DIGITS", r"\p{N}{1,4}"),
    "digits_any": CL100K_WITH.replace("DIGITS", r"\p{N}+"),
    "digits_space": CL100K_WITH.replace("DIGITS", r" ?\p{N}+"),
    "digits_exactly_3": CL100K_WITH.replace("DIGITS", r"\p{N}{3}|\p{N}"),
    "digits_ascii": CL100K_WITH.replace("DIGITS", r"[0-9]{1,3}|\p{N}"),
    "digits_from_the_right": CL100K_WITH.replace(
        "DIGITS", r"\p{N}{1,3}(?=(?:\p{N}{3})*(?:\P{N}|$))"
    ),
    "digits_possessive_interval": CL100K_WITH.replace("DIGITS", r"\p{N}{1,3}+"),
    "cl100k_tiktoken": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
        r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
    "o200k": _O200K_WORDS.replace("(TAIL)", _CONTRACTIONS + "?")
    + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"
    + _END,
    "tekken": _O200K_WORDS.replace("(TAIL)", "") + r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + _END,
    "kimi_k2": (
        r"[\p{Han}]+|"
        + _O200K_WORDS.replace(_UPPER, _UPPER[:-1] + _HAN)
        .replace(_LOWER, _LOWER[:-1] + _HAN)
        .replace("(TAIL)", _CONTRACTIONS + "?")
        + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
        + _END
    ),
    "letters_and_marks": (
        _CONTRACTIONS
        + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"
        + _END
    ),
    "letters_and_marks_punctuation_with_marks": (
        _CONTRACTIONS
        + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
        + _END
    ),
    "bloom": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "contractions_any_order": (
        r"(?i:'(?:ll|ve|re|[sdmt]))|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
        + _END
    ),
    "contractions_typographic": (
        r"(?i:['’](?:s|t|re|ve|m|ll|d))|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|" + _END
    ),
    "space_then_letters_exact_case": (
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+"
    ),
    "newlines_apart": r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|[\r\n]|[^\S\r\n]+(?!\S)|[^\S\r\n]+",
    "no_look_ahead": (
        r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+"
    ),
    "white_space_lazy": r"\p{L}+|\p{N}+|[^\s\p{L}\p{N}]+|\s+?",
    "words_only": r"\w+|[^\w\s]+",
    "word_boundaries": r"\b\p{L}+\b|\s+|.",
    "look_behind": r"(?<=\p{L})\p{N}+|(?<!\p{N})[.,]|\p{L}+|\p{N}|\s+|.",
    "lines": r"^\s+|\s+$|\S+|\s",
    "atomic": r"(?>\p{L}+|\p{L}+\p{N})|(?>\s+)(?=\S)|\s|\p{N}|[^\s\p{L}\p{N}]",
    "backtracking": r"(?:\p{L}|\p{L}\p{M})*\p{M}|(?:ab|a)(?:bc|c)?|\p{L}{2,5}?\p{L}|.|\n",
    "alternation_order": r"a|ab|abc|the|t|[a-z]{2}|\p{L}|\s|.",
    "counted": r"\p{L}{3,}|\p{L}{2}|[^\p{L}]{1,7}|.|\n",
    "posix": r"[[:alpha:]]+|[[:digit:]]{1,3}|[[:punct:]]+|[[:space:]]+|.",
    "negated_properties": r"\P{L}+(?=\p{L})|\p{^N}+|.",
    "hex_escapes": (
        r"[\x{4e00}-\x{9fff}]+|[\u3040-\u30ff]+|[\x41-\x5a]+"
        r"|[^\x{4e00}-\x{9fff}\u3040-\u30ffA-Z]+"
    ),
    "may_match_nothing": r"\p{L}*",
    "matches_nothing_at_all": r"(?!)",
    "dot": r".",
    "scripts": (
        r"\p{Hiragana}+|\p{Katakana}+|\p{Han}+|\p{Hangul}+|\p{Thai}+|\p{Latin}+|\p{Cyrillic}+"
        r"|\P{Latin}"
    ),
}

NEED_NOT_LOAD = {"may_match_nothing", "matches_nothing_at_all", "posix", "scripts", "backtracking"}


def pattern_definitions() -> Iterator[Synthetic]:
    for name, pattern in PATTERNS.items():
        json = tokenizer_json(pre_tokenizer=split_then_bytes(pattern))
        yield Synthetic(f"pattern-{name}", json, name not in NEED_NOT_LOAD)
    for name in ("llama3", "o200k"):
        inverted = split(PATTERNS[name], "Removed", invert=True)
        json = tokenizer_json(pre_tokenizer=sequence(inverted, byte_level(use_regex=False)))
        yield Synthetic(f"pattern-{name}-removed-inverted", json)
    yield Synthetic(
        "pattern-deepseek_v3",
        tokenizer_json(
            pre_tokenizer=split_then_bytes(r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK_V3)
        ),
    )
    yield Synthetic(
        "pattern-deepseek_coder",
        tokenizer_json(
            pre_tokenizer=sequence(
                split(r"[\r\n]"),
                split(r"\s?\p{L}+"),
                split(r"\s?\p{P}+"),
                split("[一-龥ࠀ-一가-퟿]+"),
                digits(True),
                byte_level(use_regex=False),
            )
        ),
    )
    falcon = [byte_level(), digits(False), split("[0-9][0-9][0-9]")]
    yield Synthetic("pattern-falcon-like", tokenizer_json(pre_tokenizer=sequence(*falcon)))
    punctuation: Json = {"type": "Punctuation", "behavior": "Contiguous"}
    yield Synthetic(
        "pattern-falcon", tokenizer_json(pre_tokenizer=sequence(punctuation, *falcon)), False
    )
    yield Synthetic(
        "pattern-starcoder", tokenizer_json(pre_tokenizer=sequence(digits(True), byte_level()))
    )
    yield Synthetic(
        "pattern-digits-contiguous",
        tokenizer_json(pre_tokenizer=sequence(digits(False), byte_level())),
    )
    yield Synthetic(
        "pattern-nested-sequences",
        tokenizer_json(
            pre_tokenizer=sequence(
                sequence(split(r"\p{N}{1,3}"), sequence(split("[一-龥]+"))),
                sequence(),
                sequence(byte_level()),
            )
        ),
    )
    yield Synthetic(
        "pattern-two-byte-levels",
        tokenizer_json(pre_tokenizer=sequence(byte_level(), byte_level())),
        False,
    )
    yield Synthetic("pattern-bytes-only", tokenizer_json(pre_tokenizer=byte_level(use_regex=False)))


def behavior_definitions() -> Iterator[Synthetic]:
    behaviors = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
    cutters = {
        "space": split_string(" "),
        "word": split_string("the"),
        "empty": split_string(""),
        "escaped": split_string(".*"),
        "han": split_string("中"),
        "regex": split(r"\s+|[,.;]"),
        "letters": split(r"\p{L}+"),
        "digit": split(r"\p{N}"),
    }
    for (name, cutter), behavior, invert in itertools.product(
        cutters.items(), behaviors, (False, True)
    ):
        step = cutter | {"behavior": behavior, "invert": invert}
        json = tokenizer_json(pre_tokenizer=sequence(step, byte_level(use_regex=False)))
        yield Synthetic(f"split-{name}-{behavior}{'-inverted' if invert else ''}", json)
    chain = sequence(
        split_string(" ", "MergedWithNext"),
        split(r"\p{Lu}", "MergedWithNext"),
        split_string("e", "MergedWithPrevious"),
        digits(True),
        byte_level(),
    )
    yield Synthetic("split-chain", tokenizer_json(pre_tokenizer=chain))


def prefix_space_definitions() -> Iterator[Synthetic]:
    tokens = [added("<|endoftext|>", special=True), added("<mask>", lstrip=True, special=True)]
    tokens.append(added("<eos>", rstrip=True, normalized=True))
    steps = {
        "alone": byte_level(add_prefix_space=True),
        "without-regex": byte_level(add_prefix_space=True, use_regex=False),
        "after-split": sequence(
            split(PATTERNS["llama3"]), byte_level(add_prefix_space=True, use_regex=False)
        ),
        "after-digits": sequence(digits(True), byte_level(add_prefix_space=True)),
        "before-digits": sequence(byte_level(add_prefix_space=True), digits(True)),
    }
    for name, step in steps.items():
        yield Synthetic(
            f"prefix-space-{name}", tokenizer_json(pre_tokenizer=step, added_tokens=tokens)
        )
    missing: Json = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False}
    yield Synthetic(
        "prefix-space-old-file", tokenizer_json(pre_tokenizer=missing, normalizer={"type": "NFC"})
    )
