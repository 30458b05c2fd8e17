"""Decoders of the general pipeline against the installed tokenizers.

Every option of every decoder, alone and in sequence, on lists of hard tokens, and definitions that
are almost right.
"""

from __future__ import annotations

import functools
import itertools
import random
from importlib.metadata import version
from typing import Any

import pytest
from mutated_components import mutated_components, read_by_reference

from tokmill import _core

tokenizers = pytest.importorskip("tokenizers")
if version("tokenizers") != "0.23.3":
    pytest.skip("the decoders are those of tokenizers 0.23.3", allow_module_level=True)
decoders = pytest.importorskip("tokenizers.decoders")

BOTH = (False, True)
TOKENS = [
    *("<0x41>", "<0xe4>", "<0xB8>", "<0xAD>", "<0xFF>", "<0x+a>", "<0x++>", "<0x-1>", "<0xg1>"),
    *("<0xé>", "<0x0>", "▁", "▁a", "a", "aa", "##b", "##", "</w>", "a</w>b", "<pad>", "|"),
    *("Ġ", "Ċ", "ä¸Ń", "Ã", "é", "中", "", " .", "n't", " n't", " do not", "'s", " 's", "'m"),
    *(" ", "  ", " 've re", " ' ", "?", "!", " ,", "\U0001f600", "\ufffd", " 'm"),
]


def native(decoder: Any) -> Any:
    return _core.stages.Decoder.from_json(decoder.__getstate__())


@functools.cache
def single_decoders() -> list[Any]:
    """Every decoder with its options, but Strip only where the reference never panics."""
    found = [decoders.ByteFallback(), decoders.Fuse(), decoders.ByteLevel()]
    found += [decoders.BPEDecoder(suffix=suffix) for suffix in ("</w>", "", "a", "é")]
    found += [
        decoders.CTC(pad_token=pad, word_delimiter_token=delimiter, cleanup=cleanup)
        for pad, delimiter, cleanup in itertools.product(("<pad>", "", "a"), ("|", "", " "), BOTH)
    ]
    found += [
        decoders.Metaspace(replacement=c, prepend_scheme=scheme)
        for c, scheme in itertools.product("▁ aé", ("always", "first", "never"))
    ]
    patterns = [
        *("▁", "", "a", "aa"),
        *map(tokenizers.Regex, (r"\s+", "^", "a*", ".", "$", "(?=a)")),
    ]
    found += [
        decoders.Replace(pattern, content)
        for pattern, content in itertools.product(patterns, (" ", "", "xy", "é"))
    ]
    found += [
        decoders.Strip(content=c, left=start, right=0)
        for c, start in itertools.product("▁ aé", (0, 1, 2, 5))
    ]
    found += [
        decoders.WordPiece(prefix=prefix, cleanup=cleanup)
        for prefix, cleanup in itertools.product(("##", "", "a"), BOTH)
    ]
    return found


def token_lists(generator: random.Random, count: int) -> list[list[str]]:
    lists = [
        [
            "".join(generator.choices(TOKENS, k=generator.choice((0, 1, 1, 1, 2, 3))))
            for _ in range(generator.choice((0, 1, 2, 3, 6)))
        ]
        for _ in range(count)
    ]
    return [tokens + tokens[-1:] * generator.choice((0, 0, 2)) for tokens in lists]


def between_tokens(decoder: Any) -> Any:
    """The decoder with a space, of which the tokens have no others, between its results."""
    behind = [
        decoders.Replace(" ", "\x02"),
        decoders.WordPiece(prefix="\x03", cleanup=False),
    ]
    return decoders.Sequence([decoder, *behind])


def test_every_option() -> None:
    lists = token_lists(random.Random(21), 60)
    for decoder in single_decoders():
        for form in (decoder, between_tokens(decoder)):
            ours = native(form)
            for tokens in lists:
                assert ours.decode(tokens) == form.decode(tokens), (form, tokens)


def test_sequences() -> None:
    generator = random.Random(22)
    lists = token_lists(generator, 40)
    for _ in range(200):
        parts = generator.choices(single_decoders(), k=generator.choice((0, 1, 2, 3, 4)))
        form = between_tokens(decoders.Sequence(parts))
        ours = native(form)
        for tokens in lists:
            assert ours.decode(tokens) == form.decode(tokens), (form, tokens)


def strip(token: str, content: str, start: int, stop: int) -> str:
    """At most `start` and `stop` characters removed from the ends, the beginning first."""
    while start and token.startswith(content):
        token, start = token[1:], start - 1
    while stop and token.endswith(content):
        token, stop = token[:-1], stop - 1
    return token


@pytest.mark.parametrize("content", ["▁", " ", "a"])
@pytest.mark.parametrize(("start", "stop"), [*itertools.product((0, 1, 2), (1, 2, 5))])
def test_strip_at_the_end(content: str, start: int, stop: int) -> None:
    decoder = decoders.Strip(content=content, left=start, right=stop)
    ours = native(decoder)
    # The reference panics on tokens that are too short; a letter on both sides prevents it.
    for token in ("", content, content * 2, f"{content}x{content}", f"x{content * 6}", "xyz"):
        assert ours.decode([token]) == strip(token, content, start, stop)
    for token in (f"{content * 3}xyzuvw{content * 7}", "xyzuvw"):
        assert ours.decode([token]) == decoder.decode([token])


@pytest.mark.parametrize("seed", range(4))
def test_definitions_that_are_almost_right(seed: int) -> None:
    tokens = ["▁a x", "##b", "<0x41>", "a", "a", " b ", "p", "wé"]
    for definition in mutated_components("decoder", seed, 300):
        theirs = read_by_reference("decoder", definition)
        try:
            ours = _core.stages.Decoder.from_json(definition.encode())
        except Exception:
            assert theirs is None, definition
            continue
        assert theirs is not None, definition
        if '"Strip"' not in definition and '"stop"' not in definition:
            assert ours.decode(tokens) == theirs.decode(tokens), definition
