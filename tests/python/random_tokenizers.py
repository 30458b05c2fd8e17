"""Definitions (tokenizer.json) of every family, put together at random, and texts for them.

The stages are chosen blindly, so many make no sense together; what the reference does with them
is defined all the same. Vocabularies are made of what the stages leave of sample texts, so that
tokens of several characters occur.
"""

from __future__ import annotations

import base64
import functools
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import sentencepiece
import tokenizers
from reference_encoder import byte_alphabet
from sentencepiece import sentencepiece_model_pb2

Json = dict[str, Any]

PIECES = (
    *(" ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", "\r", "\v"),
    *("a", "b", "ab", "The", "ing", "the", "x1", "B", "aB"),
    *("é", "e\u0301", "\u0301", "\u0300\u0327", "Å", "K", "ß", "İ", "Σ", "ΑΣ", "ſ", "ﬁ", "Ⅷ", "①"),
    *("中", "文", "中文", "が", "か\u3099", "\u3099", "ﾊﾞ", "ﾞ", "가", "각", "ᄀ", "ᅡ", "ᆨ", "\u1160"),
    *("ก็", "ำ", "क्ष", "ि", "ो", "\u0902", "\u0e33", "\u0e31"),
    *("\u200d", "\u200c", "👨\u200d👩", "🏽", "🇩🇪", "\U0001f600", "𠀀", "𝟘"),
    *("\u0600", "\u06dd", "\u070f", "\u08e2", "\u0d4e", "\U000110bd"),
    *("\u00a0", "\u3000", "\u2003", "\u2028", "\u0085", "\u00ad", "\u200b", "\ufeff", "\u180e"),
    *("▁", "▁▁", "▁a", "Ġ", "<", ">", "<s>", "[CLS]", "<0x41>", "<x>", "_", "##", "#"),
    *("``", "''", '"', "...", "…", ".", ",", "!", "(", ")", "-", "'s", "n't", " .", " ,"),
    *("1", "23", "٣", "³", "½", "，", "＜", "ＡＢ", "«", "’", "ﷺ", "℃"),
    *("\x00", "\x7f", "\x1f", "\x85", "\ufffd", "\ue000", "\U000e0001", "\U0010ffff", "\u0378"),
)
ADDED = (
    *("<s>", "</s>", "<x>", "[CLS]", "[MASK]", "ab", "a", "The", " the", "the ", "▁a", "  ", " "),
    *("é", "e\u0301", "中", "\n", "TheÉ", "<0x41>", "ing", "▁", "##ing", "B", "가", "ﬁ", "1"),
)
REGEXES = (
    *(r"\s+", r" {2,}", r"\d", r"[a-e]+", r"a*", r"\p{L}+", r"(?<=a)b", r"^\s", r"\s$", r"\b"),
    *(r"[\p{L}&&[^a-z]]", r".", r"\p{M}", r"(?i:the)", r"[^\S\n]+", r" ?\p{L}+| ?[^\s\p{L}]+|\s+"),
)
BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
LETTERS = ("▁", "_", "a", "é", " ", "Ġ", "中")


def text(rng: random.Random, names: Sequence[str] = ()) -> str:
    parts = [*PIECES, *names] if names else PIECES
    count = rng.choice((1, 2, 3, 5, 8, 20, 60))
    if rng.random() < 0.3:  # runs of few parts
        parts = rng.sample(parts, 3)
    return "".join(rng.choices(parts, k=count))


# --------------------------------------------------------------------------------------------------
# Stages
# --------------------------------------------------------------------------------------------------


def pattern(rng: random.Random) -> Json:
    if rng.random() < 0.5:
        return {"String": rng.choice((" ", "  ", "a", "ab", "▁", "\n", "``", "é", "中", "."))}
    return {"Regex": rng.choice(REGEXES)}


CHARSMAPS: tuple[list[tuple[str, str]], ...] = (
    [("\t", " "), ("\u00a0", " "), ("\u3000", " "), ("ﬁ", "fi"), ("①", "1")],
    [("\u200b", ""), ("\u0301", ""), ("A", "a"), ("B", "b"), ("▁", "_"), ("\u0600", " ")],
    [("か\u3099", "が"), ("e\u0301", "é"), ("\n", " "), ("ab", "c"), ("  ", " "), ("中", "  ")],
    [("b", ""), ("a", "a "), (" \u0301", "´"), ("e\u0301", " "), ("B", "▁")],
)


@functools.cache
def charsmap(number: int) -> str:
    """One of CHARSMAPS in the form of a definition."""
    normalizer = sentencepiece.SentencePieceNormalizer(norm_map=CHARSMAPS[number])
    spec = sentencepiece_model_pb2.NormalizerSpec.FromString(
        normalizer.serialized_normalizer_spec()
    )
    return base64.b64encode(spec.precompiled_charsmap).decode()


def boolean(rng: random.Random) -> bool:
    return rng.random() < 0.5


def simple_normalizer(rng: random.Random) -> Json:
    kinds: dict[str, Callable[[], Json]] = {
        "BertNormalizer": lambda: {
            "clean_text": boolean(rng),
            "handle_chinese_chars": boolean(rng),
            "strip_accents": rng.choice((None, True, False)),
            "lowercase": boolean(rng),
        },
        "NFC": dict,
        "NFD": dict,
        "NFKC": dict,
        "NFKD": dict,
        "Lowercase": dict,
        "Strip": lambda: {"strip_left": boolean(rng), "strip_right": boolean(rng)},
        "StripAccents": dict,
        "Nmt": dict,
        "Precompiled": lambda: {"precompiled_charsmap": charsmap(rng.randrange(len(CHARSMAPS)))},
        "Prepend": lambda: {"prepend": rng.choice(("▁", "▁", " ", "a", "ab", ""))},
        "ByteLevel": dict,
        "Replace": lambda: rng.choice(
            (
                {"pattern": {"String": " "}, "content": "▁"},
                {"pattern": {"Regex": " {2,}"}, "content": rng.choice((" ", "▁"))},
                {"pattern": pattern(rng), "content": rng.choice(("", " ", "▁", "a", "é", "b b"))},
            )
        ),
    }
    weights = {"ByteLevel": 0.3, "Replace": 3, "Prepend": 2, "BertNormalizer": 2}
    kind = rng.choices(list(kinds), [weights.get(name, 1) for name in kinds])[0]
    return {"type": kind, **kinds[kind]()}


def simple_pre_tokenizer(rng: random.Random) -> Json:
    kinds: dict[str, Callable[[], Json]] = {
        "ByteLevel": lambda: {
            "add_prefix_space": boolean(rng),
            "trim_offsets": boolean(rng),
            "use_regex": boolean(rng),
        },
        "Metaspace": lambda: {
            "replacement": "▁" if rng.random() < 0.7 else rng.choice(LETTERS),
            "prepend_scheme": rng.choice(("always", "first", "never")),
            "split": boolean(rng),
        },
        "CharDelimiterSplit": lambda: {"delimiter": rng.choice((" ", "a", "\n", "中"))},
        "Whitespace": dict,
        "BertPreTokenizer": dict,
        "WhitespaceSplit": dict,
        "UnicodeScripts": dict,
        "Split": lambda: {
            "pattern": pattern(rng),
            "behavior": rng.choice(BEHAVIORS),
            "invert": boolean(rng),
        },
        "Punctuation": lambda: {"behavior": rng.choice(BEHAVIORS)},
        "Digits": lambda: {"individual_digits": boolean(rng)},
        "FixedLength": lambda: {"length": rng.choice((1, 2, 3, 5))},
    }
    weights = {"Metaspace": 3, "WhitespaceSplit": 2, "Whitespace": 2, "BertPreTokenizer": 2}
    kind = rng.choices(list(kinds), [weights.get(name, 1) for name in kinds])[0]
    return {"type": kind, **kinds[kind]()}


def simple_decoder(rng: random.Random) -> Json:
    kinds: dict[str, Callable[[], Json]] = {
        "ByteLevel": lambda: {"add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "Metaspace": lambda: {
            "replacement": rng.choice(("▁", "▁", "_", "a")),
            "prepend_scheme": rng.choice(("always", "first", "never")),
            "split": boolean(rng),
        },
        "BPEDecoder": lambda: {"suffix": rng.choice(("</w>", "", "▁", "a"))},
        "WordPiece": lambda: {"prefix": rng.choice(("##", "", "a")), "cleanup": boolean(rng)},
        "CTC": lambda: {
            "pad_token": rng.choice(("<pad>", "a")),
            "word_delimiter_token": rng.choice(("|", "▁")),
            "cleanup": boolean(rng),
        },
        "Replace": lambda: {"pattern": pattern(rng), "content": rng.choice((" ", "", "é"))},
        "Fuse": dict,
        "Strip": lambda: {
            "content": rng.choice((" ", "▁", "a")),
            "start": rng.choice((0, 1, 2)),
            "stop": rng.choice((0, 0, 1)),
        },
        "ByteFallback": dict,
    }
    kind = rng.choice(list(kinds))
    return {"type": kind, **kinds[kind]()}


def stage(
    rng: random.Random, simple: Callable[[random.Random], Json], member: str, depth: int = 0
) -> Json | None:
    """Nothing, one component, or a sequence of up to four, perhaps nested."""
    choice = rng.random()
    if depth == 0 and choice < 0.2:
        return None
    if choice < 0.6 or depth == 2:
        return simple(rng)
    parts = [stage(rng, simple, member, depth + 1) for _ in range(rng.randint(0, 4))]
    return {"type": "Sequence", member: parts}


def post_processor(rng: random.Random, depth: int = 0) -> Json | None:
    kind = rng.choice(("none", "none", "Bert", "Roberta", "Template", "ByteLevel", "Sequence"))
    first, second = ["[CLS]", rng.randint(0, 5)], ["</s>", rng.randint(0, 5)]
    if kind == "Bert":
        return {"type": "BertProcessing", "sep": second, "cls": first}
    if kind == "Roberta":
        return {
            "type": "RobertaProcessing",
            "sep": second,
            "cls": first,
            "trim_offsets": boolean(rng),
            "add_prefix_space": boolean(rng),
        }
    if kind == "Template":
        special: Json = {"SpecialToken": {"id": "<s>", "type_id": 0}}
        around = [{"Sequence": {"id": "A", "type_id": 0}}]
        around = [special] * rng.randint(0, 2) + around + [special] * rng.randint(0, 2)
        ids = [rng.randint(0, 9) for _ in range(rng.randint(1, 2))]
        return {
            "type": "TemplateProcessing",
            "single": around,
            "pair": [*around, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": ids, "tokens": ["x"] * len(ids)}},
        }
    if kind == "ByteLevel" or depth == 1:
        return {
            "type": "ByteLevel",
            "add_prefix_space": boolean(rng),
            "trim_offsets": boolean(rng),
            "use_regex": boolean(rng),
        }
    if kind == "Sequence":
        parts = [post_processor(rng, 1) for _ in range(rng.randint(0, 3))]
        return {"type": "Sequence", "processors": [part for part in parts if part is not None]}
    return None


# --------------------------------------------------------------------------------------------------
# Models
# --------------------------------------------------------------------------------------------------


def words_of(definition: Json, texts: Sequence[str]) -> list[str]:
    """What normalizer and pre-tokenizer leave of the texts."""
    empty = {**definition, "model": {"type": "WordLevel", "vocab": {}, "unk_token": "?"}}
    words: list[str] = []
    try:
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps({**empty, "added_tokens": []}))
    except Exception:
        return list(texts)
    for one in texts:
        try:
            changed = tokenizer.normalizer.normalize_str(one) if tokenizer.normalizer else one
            split = tokenizer.pre_tokenizer
            words += [word for word, _ in split.pre_tokenize_str(changed)] if split else [changed]
        except BaseException as error:  # PanicException is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
    return [word for word in words if word]


def stretches(rng: random.Random, words: Sequence[str], count: int, longest: int = 6) -> list[str]:
    """Short parts of words, each once."""
    found: dict[str, None] = {}
    for _ in range(count):
        word = rng.choice(words)
        begin = rng.randrange(len(word))
        found[word[begin : begin + rng.randint(1, longest)]] = None
    return list(found)


def bpe(rng: random.Random, words: Sequence[str]) -> Json:
    prefix = rng.choice((None, None, None, None, None, None, "", "##", "a"))
    suffix = rng.choice((None, None, None, None, None, None, "", "</w>", "a"))
    style = rng.random()
    vocab: list[str] = []
    if style < 0.45:
        vocab += [f"<0x{byte:02X}>" for byte in range(256)]
    if rng.random() < 0.5:
        vocab.append("<unk>")
    seen = dict.fromkeys(character for word in words for character in word)
    alphabet = [character for character in seen if rng.random() < 0.85]
    if 0.45 < style < 0.8:
        alphabet = list(dict.fromkeys([*alphabet, *byte_alphabet()]))
    forms = [alphabet]
    if prefix:
        forms.append([prefix + character for character in alphabet])
    if suffix:
        forms.append([character + suffix for character in alphabet])
        if prefix:
            forms.append([prefix + character + suffix for character in alphabet])
    vocab += [token for form in forms for token in form]
    merges: list[tuple[str, str]] = []
    known = dict.fromkeys(vocab)
    for _ in range(rng.choice((0, 5, 40, 150))):
        word = rng.choice(words)
        begin = rng.randrange(len(word))
        middle = begin + rng.choice((1, 1, 1, 2, 3))
        end = middle + rng.choice((1, 1, 1, 2, 3))
        left, right = word[begin:middle], word[middle:end]
        if prefix and begin > 0:
            left = prefix + left
        if prefix:
            right = prefix + right
        if suffix and end >= len(word):
            right += suffix
        if left not in known or right not in known or (left, right) in merges:
            continue
        together = left + (right[len(prefix) :] if prefix else right)
        known[together] = None
        merges.append((left, right))
    if rng.random() < 0.5:
        rng.shuffle(merges)
    if rng.random() < 0.3:  # tokens that no merge makes
        known.update(dict.fromkeys(stretches(rng, words, 10)))
    vocab = list(known)
    if rng.random() < 0.3:
        rng.shuffle(vocab)
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": rng.choice((None, "<unk>")) if "<unk>" in known else None,
        "continuing_subword_prefix": prefix,
        "end_of_word_suffix": suffix,
        "fuse_unk": boolean(rng),
        "byte_fallback": boolean(rng) or style < 0.4,
        "ignore_merges": rng.random() < 0.25,
        "vocab": {token: number for number, token in enumerate(vocab)},
        "merges": [list(pair) for pair in merges],
    }


def unigram(rng: random.Random, words: Sequence[str]) -> Json:
    tokens = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256 if boolean(rng) else 0))]
    tokens += [character for character in dict.fromkeys("".join(words)) if rng.random() < 0.8]
    tokens += stretches(rng, words, 150)
    tokens = list(dict.fromkeys(tokens))
    coarse = boolean(rng)  # equal scores are common then
    scores = [-float(rng.randint(1, 9)) if coarse else -rng.random() * 12 for _ in tokens]
    unk = 0 if rng.random() < 0.8 else None
    return {
        "type": "Unigram",
        "unk_id": unk,
        "vocab": [list(pair) for pair in zip(tokens, scores, strict=True)],
        "byte_fallback": boolean(rng),
    }


def wordpiece(rng: random.Random, words: Sequence[str]) -> Json:
    prefix = rng.choice(("##", "##", "##", "", "a"))
    tokens = ["[UNK]", *stretches(rng, words, 120)]
    tokens += [prefix + token for token in stretches(rng, words, 120)]
    characters = dict.fromkeys("".join(words))
    tokens += [c for c in characters if rng.random() < 0.9]
    tokens += [prefix + c for c in characters if rng.random() < 0.9]
    return {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": prefix,
        "max_input_chars_per_word": rng.choice((100, 100, 3, 12)),
        "vocab": {token: number for number, token in enumerate(dict.fromkeys(tokens))},
    }


def wordlevel(rng: random.Random, words: Sequence[str]) -> Json:
    tokens = ["<unk>", *(word for word in words if rng.random() < 0.7)]
    return {
        "type": "WordLevel",
        "vocab": {token: number for number, token in enumerate(dict.fromkeys(tokens))},
        "unk_token": "<unk>",
    }


def added_tokens(rng: random.Random, model: Json) -> list[Json]:
    vocab = model["vocab"]
    known = (
        {token: number for number, (token, _) in enumerate(vocab)}
        if (isinstance(vocab, list))
        else vocab
    )
    found: list[Json] = []
    next_id = len(known)
    for content in rng.sample(ADDED, rng.choice((0, 0, 1, 3, 6))):
        special = boolean(rng)
        number = known.get(content)
        if number is None:
            number, next_id = next_id, next_id + 1
        found.append(
            {
                "id": number,
                "content": content,
                "single_word": rng.random() < 0.2,
                "lstrip": rng.random() < 0.25,
                "rstrip": rng.random() < 0.25,
                "normalized": boolean(rng),
                "special": special,
            }
        )
    return sorted(found, key=lambda token: token["id"])


# --------------------------------------------------------------------------------------------------
# Whole definitions
# --------------------------------------------------------------------------------------------------


def llama_like(rng: random.Random) -> Json:
    """Stages of SentencePiece's BPE as converters write them, with variations."""
    prepend = {"type": "Prepend", "prepend": "▁"}
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    metaspace = {
        "type": "Metaspace",
        "replacement": "▁",
        "prepend_scheme": rng.choice(("always", "first", "never")),
        "split": boolean(rng),
    }
    normalizers = [[prepend, replace], [replace], [replace, prepend], [prepend], []]
    chosen = rng.choice(normalizers)
    return {
        "normalizer": {"type": "Sequence", "normalizers": chosen} if chosen else None,
        "pre_tokenizer": rng.choice((None, None, metaspace)),
    }


def bert_like(rng: random.Random) -> Json:
    normalizers = [
        {
            "type": "BertNormalizer",
            "clean_text": rng.random() < 0.8,
            "handle_chinese_chars": rng.random() < 0.8,
            "strip_accents": rng.choice((None, None, True, False)),
            "lowercase": boolean(rng),
        }
    ]
    if rng.random() < 0.3:
        normalizers.insert(rng.randrange(2), simple_normalizer(rng))
    splits = ("BertPreTokenizer", "BertPreTokenizer", "Whitespace", "WhitespaceSplit")
    return {
        "normalizer": normalizers[0]
        if len(normalizers) == 1
        else {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": {"type": rng.choice(splits)},
    }


def unigram_like(rng: random.Random) -> Json:
    normalizers = [
        {"type": "Precompiled", "precompiled_charsmap": charsmap(rng.randrange(len(CHARSMAPS)))},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": rng.choice((" ", "▁"))},
        {"type": "Strip", "strip_left": boolean(rng), "strip_right": boolean(rng)},
        {"type": "Nmt"},
        {"type": "NFKC"},
        {"type": "Lowercase"},
    ]
    chosen = [one for one in normalizers if boolean(rng)]
    metaspace = {
        "type": "Metaspace",
        "replacement": "▁",
        "prepend_scheme": rng.choice(("always", "first", "never")),
        "split": rng.random() < 0.8,
    }
    splits = [{"type": "WhitespaceSplit"}, metaspace]
    sequence = {"type": "Sequence", "pretokenizers": splits}
    return {
        "normalizer": {"type": "Sequence", "normalizers": chosen},
        "pre_tokenizer": rng.choice((metaspace, metaspace, sequence)),
    }


def byte_level_like(rng: random.Random) -> Json:
    step = {
        "type": "ByteLevel",
        "add_prefix_space": boolean(rng),
        "trim_offsets": boolean(rng),
        "use_regex": boolean(rng),
    }
    split = {
        "type": "Split",
        "pattern": pattern(rng),
        "behavior": rng.choice(BEHAVIORS),
        "invert": boolean(rng),
    }
    digits = {"type": "Digits", "individual_digits": boolean(rng)}
    steps = [one for one in (split, digits) if rng.random() < 0.4] + [step]
    return {
        "normalizer": rng.choice((None, None, {"type": "NFC"}, simple_normalizer(rng))),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
    }


def any_stages(rng: random.Random) -> Json:
    return {
        "normalizer": stage(rng, simple_normalizer, "normalizers"),
        "pre_tokenizer": stage(rng, simple_pre_tokenizer, "pretokenizers"),
    }


FAMILIES = (llama_like, llama_like, bert_like, unigram_like, byte_level_like, *[any_stages] * 5)


def definition(seed: int) -> tuple[Json, list[str]]:
    """A definition, and added tokens to spell in texts."""
    rng = random.Random(seed)
    made: Json = {"version": "1.0", "truncation": None, "padding": None}
    family = rng.choice(FAMILIES)
    made.update(family(rng))
    words = words_of(made, [text(rng) for _ in range(25)]) or ["a"]
    made["post_processor"] = post_processor(rng)
    made["decoder"] = stage(rng, simple_decoder, "decoders")
    make = rng.choice(
        {bert_like: (wordpiece, wordpiece, bpe), unigram_like: (unigram, unigram, bpe)}.get(
            family, (bpe, bpe, bpe, bpe, unigram, wordpiece, wordlevel)
        )
    )
    made["model"] = make(rng, words)
    made["added_tokens"] = added_tokens(rng, made["model"])
    return made, [token["content"] for token in made["added_tokens"]]
