"""The general pipeline against tokenizers: everything that an encoding tells.

Whole definitions of every family of models, on hard strings, alone, in pairs and in words, cut and
padded; small made-up ones for post-processors and added tokens at random.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tokenizers
from definitions import read_data
from hard_strings import hard_strings
from tokenizers.decoders import DecodeStream as ReferenceStream

import tokmill.compat.tokenizers as compat

NAMES = (
    "albert-base-v2",
    "bert-base-uncased",
    "clip-vit-base",
    "gpt2",
    "gte-uncased-trunc-pad",
    "llama-2",
    "marian-nmt-style",
    "mistral-7b-v0.1",
    "phi-3-mini",
    "roberta-base",
    "t5-small",
)
MARKS = ("<s>", "</s>", "[CLS]", "[SEP]", "[MASK]", "<mask>", "<pad>", "<unk>", "<|endoftext|>")

Pair = tuple[Any, Any]  # the reference's tokenizer, and tokmill's with the same interface


def facts(encoding: Any) -> dict[str, Any]:
    """All that an encoding tells, with what overflows."""
    names = (
        "ids",
        "type_ids",
        "tokens",
        "offsets",
        "attention_mask",
        "special_tokens_mask",
        "word_ids",
        "sequence_ids",
        "n_sequences",
    )
    told = {name: getattr(encoding, name) for name in names}
    return {**told, "overflowing": [facts(part) for part in encoding.overflowing]}


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns; a word of its own if it fails (tokenizers may panic)."""
    try:
        return call()
    except (KeyboardInterrupt, pytest.fail.Exception):
        raise
    except BaseException:
        return "fails"


def both(pair: Pair, call: Callable[[Any], Any]) -> None:
    """The call must come out the same for both."""
    expected, actual = (outcome(functools.partial(call, tokenizer)) for tokenizer in pair)
    assert actual == expected


def twins(definition: str) -> Pair:
    return (tokenizers.Tokenizer.from_str(definition), compat.Tokenizer.from_str(definition))


@functools.cache
def definition(name: str) -> str:
    return read_data(f"tokenizers/hf/{name}.json").decode("utf-8")


@pytest.fixture(scope="module", params=NAMES)
def loaded(request: pytest.FixtureRequest) -> Pair:
    return twins(definition(request.param))


@pytest.fixture
def plain(loaded: Pair) -> Iterator[Pair]:
    """Neither cut nor padded, before and after."""
    for tokenizer in loaded:
        tokenizer.no_truncation()
        tokenizer.no_padding()
    yield loaded
    for tokenizer in loaded:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = False


@functools.cache
def texts(seed: int, longest: int = 200) -> tuple[str, ...]:
    every = hard_strings(seed, MARKS, count=250)
    return ("", *(text[:longest] for text in every))


def samples(seed: int, count: int, longest: int = 200) -> list[str]:
    return random.Random(seed).sample(texts(seed, longest), count)


def test_as_the_file_says(loaded: Pair) -> None:
    first, second = samples(1, 2)
    both(loaded, lambda t: (t.truncation, t.padding))
    both(loaded, lambda t: facts(t.encode(first, second)))
    both(loaded, lambda t: [facts(e) for e in t.encode_batch([first, second, "a" * 2000])])


def test_texts(plain: Pair) -> None:
    for text in samples(2, 60):
        both(plain, lambda t, text=text: facts(t.encode(text)))
        both(plain, lambda t, text=text: facts(t.encode(text, add_special_tokens=False)))


def test_special_tokens_as_text(plain: Pair) -> None:
    for tokenizer in plain:
        tokenizer.encode_special_tokens = True
    for text in samples(3, 30):
        both(plain, lambda t, text=text: facts(t.encode(text)))


def test_pairs_and_words(plain: Pair) -> None:
    rng = random.Random(4)
    for text in samples(4, 25, 100):
        other = rng.choice(texts(4, 100))
        both(plain, lambda t, a=text, b=other: facts(t.encode(a, b)))
        words, others = text.split(" ")[:20], other.split(" ")[:20]
        both(plain, lambda t, a=words: facts(t.encode(a, is_pretokenized=True)))
        both(plain, lambda t, a=words, b=others: facts(t.encode(a, b, is_pretokenized=True)))


def test_cut_and_padded(plain: Pair) -> None:
    rng = random.Random(5)
    for _ in range(12):
        limit = {
            "max_length": rng.choice([0, 1, 2, 3, 5, 8, 20]),
            "stride": rng.choice([0, 0, 1, 2]),
            "strategy": rng.choice(["longest_first", "longest_first", "only_first", "only_second"]),
            "direction": rng.choice(["left", "right"]),
        }
        both(plain, lambda t, limit=limit: t.enable_truncation(**limit))
        for tokenizer in plain:
            tokenizer.no_padding()
        if rng.random() < 0.5:
            fill = {
                "length": rng.choice([None, None, 4, 12]),
                "pad_to_multiple_of": rng.choice([None, 3]),
                "direction": rng.choice(["left", "right"]),
                "pad_id": 1,
                "pad_type_id": 2,
                "pad_token": "#",
            }
            both(plain, lambda t, fill=fill: t.enable_padding(**fill))
        inputs = [rng.choice(texts(5, 60)) for _ in range(2)]
        pairs = [tuple(inputs), (inputs[0], "")]
        both(plain, lambda t, a=inputs: facts(t.encode(a[0], a[1])))
        both(plain, lambda t, a=inputs: [facts(e) for e in t.encode_batch(a)])
        both(plain, lambda t, a=pairs: [facts(e) for e in t.encode_batch(a)])
        both(plain, lambda t, a=pairs: [facts(e) for e in t.encode_batch_fast(a)])


def test_decoding(plain: Pair) -> None:
    rng = random.Random(6)
    largest = plain[0].get_vocab_size() + 3
    for text in samples(6, 25):
        ids = plain[0].encode(text).ids + [rng.randrange(largest) for _ in range(3)]
        for skip in (False, True):
            both(plain, lambda t, ids=ids, skip=skip: t.decode(ids, skip_special_tokens=skip))
    assert plain[1].get_vocab_size() == plain[0].get_vocab_size()
    both(plain, lambda t: [t.id_to_token(i) for i in range(0, largest, 97)])


def test_decoding_in_chunks(plain: Pair) -> None:
    for text in samples(7, 12, 60):
        ids = plain[0].encode(text).ids
        streams = (ReferenceStream(ids=ids[:2]), compat.decoders.DecodeStream(ids=ids[:2]))
        for i in ids[2:]:
            chunks = [
                outcome(functools.partial(stream.step, tokenizer, i))
                for stream, tokenizer in zip(streams, plain, strict=True)
            ]
            assert chunks[1] == chunks[0]
            if chunks[0] == "fails":
                break


def test_places_of_tokens_words_and_characters(plain: Pair) -> None:
    def places(encoding: Any) -> list[Any]:
        names = ("token_to_chars", "token_to_word", "token_to_sequence")
        found = [[getattr(encoding, name)(i) for i in range(len(encoding) + 2)] for name in names]
        for name in ("char_to_token", "char_to_word", "word_to_chars", "word_to_tokens"):
            look_up = getattr(encoding, name)
            found += [[look_up(i, sequence) for i in range(40)] for sequence in (0, 1, 2)]
        return found

    for first, second in zip(samples(8, 6, 30), samples(9, 6, 30), strict=True):
        both(plain, lambda t, a=first, b=second: places(t.encode(a, b)))
        both(plain, lambda t, a=first: places(t.encode(a)))


# --- made-up definitions ---------------------------------------------------------------------


def small_definition(**parts: Any) -> str:
    vocabulary = {word: i for i, word in enumerate(("e", "a", "b", "c", "hello", "\u0120a", "日"))}
    model = {"type": "WordLevel", "vocab": {**vocabulary, "far": 20}, "unk_token": "e"}
    return json.dumps({"version": "1.0", "added_tokens": [], **parts, "model": model})


def random_processor(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    names = ("<s>", "</s>", "[X]")

    def end() -> list[Any]:
        return [rng.choice(names), rng.randrange(9)]

    def piece(sequences: str) -> dict[str, Any]:
        if rng.random() < 0.6:
            return {"Sequence": {"id": rng.choice(sequences), "type_id": rng.randrange(3)}}
        return {"SpecialToken": {"id": rng.choice(names), "type_id": rng.randrange(3)}}

    def flags() -> dict[str, bool]:
        return {"trim_offsets": rng.random() < 0.5, "add_prefix_space": rng.random() < 0.5}

    kind = rng.randrange(6 if depth < 2 else 4)
    if kind == 0:
        return {"type": "BertProcessing", "sep": end(), "cls": end()}
    if kind == 1:
        return {"type": "RobertaProcessing", "sep": end(), "cls": end(), **flags()}
    if kind == 2:
        return {"type": "ByteLevel", **flags()}
    if kind > 3:
        steps = [random_processor(rng, depth + 1) for _ in range(rng.randrange(4))]
        return {"type": "Sequence", "processors": steps}
    tokens = {
        name: {"id": name, "ids": [7] * i, "tokens": [name] * i} for i, name in enumerate(names)
    }
    return {
        "type": "TemplateProcessing",
        "single": [piece("A") for _ in range(rng.randrange(1, 4))],
        "pair": [piece("AB") for _ in range(rng.randrange(1, 5))],
        "special_tokens": tokens,
    }


@pytest.mark.parametrize("seed", range(60))
def test_post_processors(seed: int) -> None:
    rng = random.Random(seed)
    pair = twins(
        small_definition(
            pre_tokenizer={"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
            post_processor=random_processor(rng),
        )
    )
    words = ["a", " a", "hello", "  b ", "日", "\u3000c", "far", ""]
    for is_pair in (False, True):
        both(pair, lambda t, p=is_pair: t.num_special_tokens_to_add(p))
    for limit in (None, 3, 5):
        if limit is not None:
            both(pair, lambda t, n=limit: t.enable_truncation(n + 2, stride=1))
        first, second = (
            "".join(rng.choice(words) for _ in range(rng.randrange(8))) for _ in range(2)
        )
        for add in (True, False):
            both(pair, lambda t, a=first, s=add: facts(t.encode(a, add_special_tokens=s)))
            both(
                pair,
                lambda t, a=first, b=second, s=add: facts(t.encode(a, b, add_special_tokens=s)),
            )


@pytest.mark.parametrize("seed", range(40))
def test_added_tokens(seed: int) -> None:
    rng = random.Random(seed)
    normalizer = rng.choice([None, {"type": "Lowercase"}, {"type": "NFC"}])
    pair = twins(
        small_definition(
            normalizer=normalizer,
            pre_tokenizer={"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"},
        )
    )
    contents = ["hello", "World", "x y", " lead", "trail ", "日", "e\u0301", "ab", "abc", "far", ""]
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    # The reference is free to pick one of several that are normalized to the same text.
    contents += [] if normalizer else ["ABC", "é"]
    for _ in range(3):
        chosen = rng.sample(contents, 4)
        tokens = [(text, {flag: rng.random() < 0.4 for flag in flags}) for text in chosen]
        counts = [
            tokenizer.add_tokens([module.AddedToken(text, **kind) for text, kind in tokens])
            for tokenizer, module in zip(pair, (tokenizers, compat), strict=True)
        ]
        assert counts[1] == counts[0]
        both(pair, lambda t: (t.get_vocab(), t.get_vocab_size()))
        both(pair, lambda t: {i: str(a) for i, a in t.get_added_tokens_decoder().items()})
        as_text = rng.random() < 0.2
        for tokenizer in pair:
            tokenizer.encode_special_tokens = as_text
        for _ in range(12):
            text = "".join(rng.choice([*contents, " ", "  ", "a", "b"]) for _ in range(9))
            # One token that strips what another begins with makes the reference panic.
            if outcome(lambda text=text: pair[0].encode(text)) == "fails":
                continue
            both(pair, lambda t, text=text: facts(t.encode(text)))
            ids = pair[0].encode(text).ids
            both(pair, lambda t, ids=ids: (t.decode(ids), t.decode(ids, False)))


def test_many_added_tokens() -> None:
    pair = twins(small_definition())
    for tokenizer, module in zip(pair, (tokenizers, compat), strict=True):
        tokenizer.add_tokens([module.AddedToken(f"<{i}>") for i in range(50_000)])
    both(pair, lambda t: (t.get_vocab_size(), t.encode("<49999>b<7>").tokens))
    for i in range(3_000):  # one by one, in the mean time without a search
        pair[1].add_tokens([f"[{i}]"])
    assert pair[1].encode("[2999]<1>").tokens == ["[2999]", "<1>"]
