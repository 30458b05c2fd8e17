"""tokenizer.json definitions made on the spot: the "other definitions" that the field writes.

They share one small vocabulary and vary everything else: splitting (in ``synthetic_patterns``),
and here model options, added tokens, post-processors, decoders, forms of the file.
"""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

from reference_encoder import byte_alphabet, to_alphabet
from synthetic_parts import (
    Json,
    Synthetic,
    added,
    byte_level,
    split_then_bytes,
    tokenizer_json,
    trained,
)
from synthetic_patterns import (
    PATTERNS,
    behavior_definitions,
    pattern_definitions,
    prefix_space_definitions,
)

# --------------------------------------------------------------------------------------------------
# Models
# --------------------------------------------------------------------------------------------------


def without_bytes(dropped: str, unk: str | None) -> tuple[dict[str, int], list[list[str]]]:
    vocabulary, merges = trained()
    kept = [text for text in vocabulary if not any(character in dropped for character in text)]
    if unk is not None:
        kept.insert(3, unk)
    return (
        {text: index for index, text in enumerate(kept)},
        [
            list(pair)
            for pair in merges
            if pair[0] in kept and pair[1] in kept and pair[0] + pair[1] in kept
        ],
    )


def more_merges(seed: int) -> list[list[str]]:
    """The merges, with other splits of the same tokens at random places, in random order."""
    vocabulary, merges = trained()
    rng = random.Random(seed)
    others = [
        [text[:cut], text[cut:]]
        for text in vocabulary
        for cut in range(1, len(text))
        if text[:cut] in vocabulary and text[cut:] in vocabulary
    ]
    rng.shuffle(others)
    known = set(merges)
    return [list(pair) for pair in merges] + [
        pair for pair in others if (pair[0], pair[1]) not in known
    ][:500]


def model_definitions() -> Iterator[Synthetic]:
    vocabulary, merges = trained()
    pairs = [list(pair) for pair in merges]
    llama3 = split_then_bytes(PATTERNS["llama3"])

    def model(
        name: str, must_load: bool = True, pre_tokenizer: Json = llama3, **members: Any
    ) -> Synthetic:
        return Synthetic(
            f"model-{name}", tokenizer_json(pre_tokenizer=pre_tokenizer, model=members), must_load
        )

    for seed in range(3):
        shuffled = random.Random(seed).sample(pairs, len(pairs))
        yield model(f"merges-shuffled-{seed}", merges=shuffled)
        yield model(f"merges-shuffled-{seed}-ignored", merges=shuffled, ignore_merges=True)
        several = more_merges(seed)
        yield model(f"several-splits-{seed}", merges=several)
        random.Random(seed).shuffle(several)
        yield model(f"several-splits-shuffled-{seed}", merges=several)
    yield model("merges-reversed", merges=pairs[::-1])
    yield model("merges-repeated", merges=[*pairs[:300], *pairs[:50], *pairs[300:], *pairs[10:20]])
    yield model("no-merges", merges=[])
    yield model("ignore-merges", ignore_merges=True)
    ids = random.Random(5).sample(range(len(vocabulary)), len(vocabulary))
    yield model("ids-shuffled", vocab=dict(zip(vocabulary, ids, strict=True)))
    extra = [
        "Ġhello",
        "quickest",
        "Ġthe" * 3,
        to_alphabet("狐狸跳过".encode()),
        "ĊĊĊĊ",
        "123",
        "Ġ" * 40,
    ]
    unreachable = dict(vocabulary) | {
        text: len(vocabulary) + index
        for index, text in enumerate(t for t in extra if t not in vocabulary)
    }
    yield model("unreachable", vocab=unreachable)
    yield model("unreachable-ignore-merges", vocab=unreachable, ignore_merges=True)
    foreign = dict(vocabulary) | {
        text: len(vocabulary) + index
        for index, text in enumerate(["中文", "a b", "\n", "<unk>", "é", " "])
    }
    yield model("outside-the-alphabet", vocab=foreign)
    yield model("outside-the-alphabet-ignore-merges", vocab=foreign, ignore_merges=True)
    dropped = to_alphabet(bytes([*range(0x20), 0x7E, 0xC3, 0xE4, 0x9F, 0xFF, *b"xQ7"]))
    for fuse, unk in ((False, None), (True, None), (False, "<unk>"), (True, "<unk>")):
        kept, kept_merges = without_bytes(dropped, unk)
        for ignore in (False, True):
            parts = ("missing-bytes", "fused" * fuse, "unk" if unk else "", "ignore" * ignore)
            yield model(
                "-".join(filter(None, parts)),
                vocab=kept,
                merges=kept_merges,
                unk_token=unk,
                fuse_unk=fuse,
                ignore_merges=ignore,
            )
    yield model(
        "unk-never-needed",
        vocab=dict(vocabulary) | {"<unk>": len(vocabulary)},
        unk_token="<unk>",
        fuse_unk=True,
    )
    yield model("unk-not-in-vocabulary", False, unk_token="<unk>")
    kept, kept_merges = without_bytes(dropped, "<unk>")
    kept |= {"a<unk>": len(kept), "<unk><unk>": len(kept) + 1}
    yield model(
        "merges-with-unk", False, vocab=kept, unk_token="<unk>",
        merges=[["a", "<unk>"], ["<unk>", "<unk>"], *kept_merges],
    )  # fmt: skip
    spread = {text: 3 * index + 7 for text, index in vocabulary.items()}
    no_collision = {**spread, "<|endoftext|>": 5}
    yield model("ids-with-holes", vocab=no_collision)
    yield model("ids-that-collide-with-added-tokens", False, vocab=spread)
    yield model("empty-affixes", continuing_subword_prefix="", end_of_word_suffix="")
    yield model("dropout-zero", False, dropout=0.0)
    yield model("byte-fallback-without-byte-tokens", False, byte_fallback=True)
    yield model("suffix", False, end_of_word_suffix="</w>")
    yield model(
        "single-bytes-only",
        vocab={symbol: 255 - i for i, symbol in enumerate(byte_alphabet())},
        merges=[],
    )


def file_form_definitions() -> Iterator[Synthetic]:
    _, merges = trained()
    lines = [" ".join(pair) for pair in merges]
    yield Synthetic("form-merges-as-strings", tokenizer_json(model={"merges": lines}))
    yield Synthetic(
        "form-version-line", tokenizer_json(model={"merges": ["#version: 0.2", *lines]})
    )
    untyped = tokenizer_json()
    for member in ("type", "byte_fallback", "ignore_merges", "fuse_unk", "dropout", "unk_token"):
        del untyped["model"][member]
    yield Synthetic("form-untyped-model", untyped)
    bare = tokenizer_json(added_tokens=[])
    for member in (
        "version",
        "truncation",
        "padding",
        "added_tokens",
        "normalizer",
        "post_processor",
    ):
        del bare[member]
    yield Synthetic("form-bare", bare)
    yield Synthetic(
        "form-truncation-and-padding",
        tokenizer_json(
            truncation={
                "direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0,
            },
            padding={
                "strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": None,
                "pad_id": 0, "pad_type_id": 0, "pad_token": "!",
            },
        ),
    )  # fmt: skip
    yield Synthetic(
        "form-normalizer-sequence",
        tokenizer_json(normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}]}),
    )
    yield Synthetic(
        "form-normalizer-empty-sequence",
        tokenizer_json(normalizer={"type": "Sequence", "normalizers": []}),
    )
    yield Synthetic(
        "form-normalizer-twice",
        tokenizer_json(
            normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "NFC"}]}
        ),
    )
    yield Synthetic("form-normalizer-nfkc", tokenizer_json(normalizer={"type": "NFKC"}), False)
    yield Synthetic(
        "form-normalizer-lowercase", tokenizer_json(normalizer={"type": "Lowercase"}), False
    )
    yield Synthetic("form-no-decoder", tokenizer_json(decoder=None))
    yield Synthetic(
        "form-decoder-sequence",
        tokenizer_json(decoder={"type": "Sequence", "decoders": [byte_level()]}),
        False,
    )
    yield Synthetic("form-no-pre-tokenizer", tokenizer_json(pre_tokenizer=None), False)


# --------------------------------------------------------------------------------------------------
# Added tokens
# --------------------------------------------------------------------------------------------------

FLAGS = ("lstrip", "rstrip", "single_word", "normalized", "special")


def added_token_lists() -> Iterator[tuple[str, list[Json]]]:
    combinations = list(itertools.product((False, True), repeat=len(FLAGS)))
    flagged = [dict(zip(FLAGS, values, strict=True)) for values in combinations]
    yield "every-flag-bracketed", [added(f"[{i:02}]", **flags) for i, flags in enumerate(flagged)]
    yield "every-flag-words", [added(f"tok{i:02}", **flags) for i, flags in enumerate(flagged)]
    for index, flags in enumerate(flagged):
        yield f"flags-{index:02}", [added("<x>", **flags), added("word", **flags)]
    yield (
        "overlapping",
        [
            added(t)
            for t in ("ab", "abc", "bcd", "cde", "a", "the", "he", "hen", "<a>", "<a><b>", "><")
        ],
    )
    yield (
        "overlapping-special",
        [
            added(t, special=i % 2 == 0)
            for i, t in enumerate(
                ("ab", "abc", "bcd", "cde", "the", "he", "then", "<a>", "<a><b>", "><")
            )
        ],
    )
    yield (
        "overlapping-normalized",
        [
            added(t, normalized=i % 2 == 0)
            for i, t in enumerate(
                ("ab", "abc", "bcd", "cde", "the", "he", "then", "<a>", "<a><b>", "><")
            )
        ],
    )
    yield (
        "space-runs",
        [added(" " * n, normalized=True) for n in range(31, 1, -1)]
        + [added("\t" * n, normalized=True) for n in (2, 3, 4)],
    )
    yield (
        "space-runs-raw",
        [added(" " * n) for n in (2, 4, 8, 16)] + [added("\n\n"), added("\r\n"), added(" \n")],
    )
    yield (
        "strip-and-spaces",
        [
            added("<r>", rstrip=True),
            added("<l>", lstrip=True),
            added("<b>", lstrip=True, rstrip=True),
            added("  "),
            added("\n"),
        ],
    )
    yield (
        "strip-then-stripping-space",
        [
            added("<r>", rstrip=True),
            added(" ", lstrip=True),
            added("<b>", rstrip=True, lstrip=True),
        ],
    )
    yield (
        "contained-in-each-other",
        [
            added("<"),
            added("<|"),
            added("<|x"),
            added("<|x|>"),
            added("x|>"),
            added("|"),
            added(">"),
        ],
    )
    yield (
        "beyond-ascii",
        [
            added("中"),
            added("中文"),
            added("é", normalized=True),
            added("👨‍👩‍👧"),
            added("👨"),
            added("\u200d"),
            added("ſ", single_word=True),
        ],
    )
    yield (
        "words",
        [
            added(t, single_word=True)
            for t in ("the", "fox", "it", "don", "中", "é", "_", "x1", "'s", "é\u0301")
        ],
    )
    yield (
        "in-the-vocabulary",
        [
            added("the"),
            added("Ġthe"),
            added("a", special=True),
            added("Ġ"),
            added("e", normalized=True),
        ],
    )
    yield (
        "repeated",
        [
            added("<x>", special=True),
            added("<y>"),
            added("<x>", lstrip=True),
            added("<y>", special=True),
            added("<y>"),
        ],
    )
    yield "empty-content", [added(""), added("<x>")]
    yield (
        "control-characters",
        [
            added("\x00"),
            added("\x00\x00"),
            added("\x7f"),
            added("\u2028"),
            added("\r", rstrip=True),
        ],
    )
    yield "single-characters", [added(c) for c in "abc .\n中é"]
    yield (
        "long",
        [added("x" * 300), added("<" + "long" * 100 + ">"), added("x" * 64), added("中" * 50)],
    )


def added_token_definitions() -> Iterator[Synthetic]:
    for name, tokens in added_token_lists():
        # A token that strips to its left what the last one has eaten makes the reference panic.
        must_load = name not in ("strip-then-stripping-space",)
        yield Synthetic(f"added-{name}", tokenizer_json(added_tokens=tokens), must_load)
        if name.startswith("flags-") and not name.endswith(("0", "5")):
            continue
        json = tokenizer_json(
            added_tokens=tokens,
            normalizer={"type": "NFC"},
            pre_tokenizer=split_then_bytes(PATTERNS["qwen2"]),
        )
        yield Synthetic(f"added-{name}-nfc", json, must_load)
    composed = [
        "e\u0301",
        "x\u0301",
        "가",
        "\u1100\u1161\u11a8",
        "A\u030a",
        "\u0301",
        "q\u0307\u0323",
        "ab\u0301",
        "\u212b",
    ]
    for normalized in (False, True):
        tokens = [
            added(text, normalized=normalized, special=i % 3 == 0)
            for i, text in enumerate(composed[:-1])
        ]
        yield Synthetic(
            f"added-nfc-{'normalized' if normalized else 'raw'}",
            tokenizer_json(added_tokens=tokens, normalizer={"type": "NFC"}),
        )
    twins = [
        added("é", normalized=True),
        added("e\u0301", normalized=False),
        added("é!", normalized=False),
    ]
    yield Synthetic(
        "added-nfc-twins", tokenizer_json(added_tokens=twins, normalizer={"type": "NFC"})
    )
    many = [added(f"<extra_{i}>", special=i % 2 == 0, normalized=i % 3 == 0) for i in range(50_000)]
    yield Synthetic("added-50000", tokenizer_json(added_tokens=many))


# --------------------------------------------------------------------------------------------------
# Post-processors
# --------------------------------------------------------------------------------------------------


def template(single: list[str], ids: Mapping[str, list[int]]) -> Json:
    def item(text: str) -> Json:
        if text in ("$A", "$B"):
            return {"Sequence": {"id": text[1], "type_id": 0}}
        return {"SpecialToken": {"id": text, "type_id": 0}}

    return {
        "type": "TemplateProcessing",
        "single": [item(text) for text in single],
        "pair": [item(text) for text in single] + [item("$B"), item(single[0])],
        "special_tokens": {
            name: {"id": name, "ids": found, "tokens": [name] * len(found)}
            for name, found in ids.items()
        },
    }


def post_processor_definitions() -> Iterator[Synthetic]:
    tokens = [added(text, special=True) for text in ("<s>", "</s>", "<cls>")]
    first = len(trained()[0])
    ids = {"<s>": [first], "</s>": [first + 1], "<cls>": [first + 2]}
    bos = template(["<s>", "$A"], ids)
    wrapped = template(["<s>", "<cls>", "$A", "</s>", "</s>"], ids)
    several = template(["<two>", "$A"], {"<two>": [first + 2, first]})
    trimming = byte_level(trim_offsets=True)
    roberta: Json = {"type": "RobertaProcessing", "sep": ["</s>", first + 1], "cls": ["<s>", first]}
    roberta |= {"trim_offsets": True, "add_prefix_space": True}
    processors: dict[str, Json | None] = {
        "none": None,
        "byte-level": trimming,
        "bos": bos,
        "eos": template(["$A", "</s>"], ids),
        "wrapped": wrapped,
        "several-ids": several,
        "bare-template": template(["$A"], {}),
        "roberta": roberta,
        "bert": {"type": "BertProcessing", "sep": ["</s>", first + 1], "cls": ["<cls>", first + 2]},
        "sequence": {"type": "Sequence", "processors": [trimming, bos]},
        "sequence-of-templates": {
            "type": "Sequence",
            "processors": [bos, template(["$A", "</s>"], ids)],
        },
        "nested": {
            "type": "Sequence",
            "processors": [trimming, {"type": "Sequence", "processors": [wrapped]}],
        },
        "empty-sequence": {"type": "Sequence", "processors": []},
    }
    for name, processor in processors.items():
        must_load = name not in ("several-ids", "sequence-of-templates")
        yield Synthetic(
            f"post-{name}", tokenizer_json(added_tokens=tokens, post_processor=processor), must_load
        )


@functools.cache
def synthetic_definitions() -> tuple[Synthetic, ...]:
    """All of them, in a fixed order."""
    return (
        *pattern_definitions(),
        *behavior_definitions(),
        *prefix_space_definitions(),
        *model_definitions(),
        *file_form_definitions(),
        *added_token_definitions(),
        *post_processor_definitions(),
    )
