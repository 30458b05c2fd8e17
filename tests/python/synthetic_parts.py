"""What the made definitions are made of: one small trained vocabulary, and JSON by the piece."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from reference_encoder import byte_alphabet, to_alphabet

Json = dict[str, Any]

SAMPLE = """
The quick brown fox jumps over the lazy dog, and then the dog thinks about the fox: "Why not?"
It's what we've been told; they'll say I'm wrong, don't they? The others aren't there, we're here.
In the beginning there was a string of bytes. Nobody knew what the bytes were for, but everybody
wanted more of them, in more languages, on more machines, with fewer seconds spent in between.
def merge(self, left: int, right: int) -> None:
    if left not in self.ranks or right not in self.ranks:
        raise KeyError(f"{left} {right}")
    for (i, value) in enumerate(self.values[1:]):\n\t\tself.total += value * 1024\r\n
function camelCase(someValue, otherThing) { return someValue === 0 ? otherThing : null; } // end
HTTP/1.1 200 OK Content-Length: 123456789 2024-11-03T10:20:30Z 3.14159 0xDEADBEEF 1000000
Der schnelle braune Fuchs springt über den faulen Hund; größer, schöner, Straße, Äpfel, Öl.
Le garçon français a mangé une crêpe à l'école où naît l'été. ¿Qué pasó, señor? Não há pão.
Быстрая коричневая лиса перепрыгивает через ленивую собаку. Привет, мир! Как дела?
快速的棕色狐狸跳过懒狗。今天天气很好，我们去公园吧。中文字符没有空格。機械學習與語言模型。
吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。カタカナもあります。
빠른 갈색 여우가 게으른 개를 뛰어넘습니다. 안녕하세요, 세계! 한국어 문장입니다.
الثعلب البني السريع يقفز فوق الكلب الكسول. مرحبا بالعالم. नमस्ते दुनिया, यह एक वाक्य है।
สวัสดีชาวโลก นี่คือประโยค. Γειά σου Κόσμε. שלום עולם. Xin chào thế giới, tiếng Việt đẹp.
😀👍🏽👨‍👩‍👧‍👦 ❤️ ☕ → ∑ ≠ € £ “quotes” — dashes… 「括弧」 ＡＢＣ１２３ ½ ² ①
"""


def apply_merge(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged: list[str] = []
    for symbol in word:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return tuple(merged)


@functools.cache
def trained(merge_count: int = 900) -> tuple[dict[str, int], tuple[tuple[str, str], ...]]:
    """A vocabulary in the byte alphabet and its merges, learned from SAMPLE."""
    words = re.findall(r" ?[^\W\d_]+| ?\d{1,3}| ?[^\w\s]+|\s+", SAMPLE)
    counts = Counter(tuple(to_alphabet(word.encode())) for word in words)
    vocabulary = {symbol: index for index, symbol in enumerate(sorted(byte_alphabet()))}
    merges: list[tuple[str, str]] = []
    while len(merges) < merge_count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in counts.items():
            for pair in itertools.pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        if pairs[best] == 1:
            break
        merges.append(best)
        vocabulary.setdefault(best[0] + best[1], len(vocabulary))
        joined: Counter[tuple[str, ...]] = Counter()
        for word, count in counts.items():
            joined[apply_merge(word, best)] += count
        counts = joined
    return vocabulary, tuple(merges)


def byte_level(**options: bool) -> Json:
    return {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    } | options


def split(pattern: str, behavior: str = "Isolated", invert: bool = False) -> Json:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": invert}


def split_string(text: str, behavior: str = "Isolated", invert: bool = False) -> Json:
    return {"type": "Split", "pattern": {"String": text}, "behavior": behavior, "invert": invert}


def digits(individual: bool) -> Json:
    return {"type": "Digits", "individual_digits": individual}


def sequence(*steps: Json) -> Json:
    return {"type": "Sequence", "pretokenizers": list(steps)}


def split_then_bytes(*patterns: str) -> Json:
    return sequence(*(split(pattern) for pattern in patterns), byte_level(use_regex=False))


def added(content: str, **flags: Any) -> Json:
    defaults: Json = {
        "id": 0,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": False,
    }
    return defaults | flags


def tokenizer_json(**parts: Any) -> Json:
    """A definition; ``parts`` replace its top-level members, ``model`` members by ``model=``."""
    vocabulary, merges = trained()
    model: Json = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": dict(vocabulary),
        "merges": [list(pair) for pair in merges],
    }
    definition: Json = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added("<|endoftext|>", special=True)],
        "normalizer": None,
        "pre_tokenizer": byte_level(),
        "post_processor": None,
        "decoder": byte_level(),
        "model": model,
    }
    model |= parts.pop("model", {})
    definition |= parts
    number_added_tokens(definition)
    return definition


def number_added_tokens(definition: Json) -> None:
    """Writes the ids that the library will give, as the files of the field do."""
    vocabulary = definition["model"]["vocab"]
    known: dict[str, int] = {}
    next_id = len(vocabulary)
    for token in definition.get("added_tokens", []):
        content = token["content"]
        if content not in known:
            known[content] = vocabulary.get(content, next_id)
            next_id += content not in vocabulary
        token["id"] = known[content]


@dataclass(frozen=True)
class Synthetic:
    """A made definition.

    Attributes:
        name: for test ids.
        json: the parsed file.
        must_load: whether refusing it (UnsupportedTokenizer) would be a fault; those that must not
            load exactly are still never encoded differently.
    """

    name: str
    json: Json
    must_load: bool = True
