"""Definitions of pre-tokenizers and decoders that are right or almost right.

A reader that follows serde accepts strange ones: arrays in place of objects, fields given twice,
unknown types whose fields fit. Right ones are changed at random places, so that both kinds occur.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterator
from typing import Any

Members = list[tuple[str, Any]]  # an object, in which a name may occur twice

BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": True,
    "trim_offsets": False,
    "use_regex": True,
}
METASPACE = {
    "type": "Metaspace",
    "replacement": "▁",
    "add_prefix_space": True,
    "prepend_scheme": "first",
    "split": True,
    "str_rep": "_",
}
COMPONENTS: dict[str, list[dict[str, Any]]] = {
    "pre_tokenizer": [
        BYTE_LEVEL,
        METASPACE,
        {"type": "CharDelimiterSplit", "delimiter": "x"},
        {"type": "Whitespace"},
        {"type": "BertPreTokenizer"},
        {"type": "WhitespaceSplit"},
        {"type": "UnicodeScripts"},
        {
            "type": "Split",
            "pattern": {"String": "a"},
            "behavior": "Isolated",
            "invert": False,
        },
        {"type": "Punctuation", "behavior": "Removed"},
        {"type": "Digits", "individual_digits": True},
        {"type": "FixedLength", "length": 3},
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Whitespace"},
                {"type": "Digits", "individual_digits": False},
            ],
        },
    ],
    "decoder": [
        BYTE_LEVEL,
        METASPACE,
        {"type": "BPEDecoder", "suffix": "x"},
        {"type": "WordPiece", "prefix": "##", "cleanup": True},
        {"type": "CTC", "pad_token": "p", "word_delimiter_token": "w", "cleanup": False},
        {"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}]},
        {"type": "Replace", "pattern": {"Regex": r"\s"}, "content": "b"},
        {"type": "Fuse"},
        {"type": "Strip", "content": "a", "start": 1, "stop": 0},
        {"type": "ByteFallback"},
    ],
}
VALUES: list[Any] = [
    *(None, True, False, 0, 1, 2, -1, 1.5, 2**64 - 1, 2**64),
    *("", "a", "ab", "é", "Isolated", "first", "never", "always", "Whitespace", "ByteLevel"),
    *("Fuse", "Delimiter", "CharDelimiterSplit", "Nope"),
    *([], {}, ["Whitespace"], ["a"], ["a", True]),
    *({"String": "a"}, {"Regex": "b"}, {"Isolated": None}, {"first": None}),
    *({"ByteLevel": None}, {"Fuse": None}),
]


class Object:
    """Members of a JSON object that may have equal names."""

    def __init__(self, members: Members) -> None:
        self.members = members


def dump(value: Any) -> str:
    if isinstance(value, dict):
        return dump(Object(list(value.items())))
    if isinstance(value, Object):
        return "{" + ",".join(f"{json.dumps(k)}:{dump(v)}" for k, v in value.members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def change(members: Members, generator: random.Random) -> None:
    """One change in place; `members` is not empty."""
    place = generator.randrange(len(members))
    name, value = members[place]
    kind = generator.random()
    if kind < 0.25:
        del members[place]
    elif kind < 0.55:
        members[place] = (name, generator.choice(VALUES))
    elif kind < 0.75:
        again = value if generator.random() < 0.5 else generator.choice(VALUES)
        members.insert(generator.randrange(len(members) + 1), (name, again))
    elif kind < 0.85:
        extra = generator.choice(("x", "type", "content", "behavior", "length", "cleanup"))
        members.append((extra, generator.choice(VALUES)))
    else:
        generator.shuffle(members)


def mutated(component: dict[str, Any], kind: str, generator: random.Random) -> Any:
    members: Members = list(component.items())
    for place, (name, value) in enumerate(members):
        if name in ("pretokenizers", "decoders") and generator.random() < 0.6:
            parts = list(value)
            part = generator.choice(COMPONENTS[kind])
            parts[generator.randrange(len(parts))] = mutated(part, kind, generator)
            members[place] = (name, parts)
            return Object(members)
    for _ in range(generator.choice((1, 1, 2))):
        if members:
            change(members, generator)
    if generator.random() < 0.12:
        return [value for _, value in members]
    return Object(members)


def mutated_components(kind: str, seed: int, count: int) -> Iterator[str]:
    """JSON texts of components; `kind` is "pre_tokenizer" or "decoder"."""
    generator = random.Random(seed)
    for _ in range(count):
        yield dump(mutated(generator.choice(COMPONENTS[kind]), kind, generator))


@functools.cache
def empty_tokenizer() -> dict[str, Any]:
    from tokenizers import Tokenizer, models

    tokenizer: dict[str, Any] = json.loads(Tokenizer(models.BPE()).to_str())
    return tokenizer


def read_by_reference(kind: str, definition: str) -> Any:
    """The component that tokenizers makes of the definition; None if it refuses it."""
    from tokenizers import Tokenizer

    rest = json.dumps({k: v for k, v in empty_tokenizer().items() if k != kind})
    try:
        tokenizer = Tokenizer.from_str(f'{{"{kind}":{definition},{rest[1:]}')
    except Exception:
        return None
    return getattr(tokenizer, kind)
