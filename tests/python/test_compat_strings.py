"""NormalizedString, PreTokenizedString, Token and custom components against the reference."""

from __future__ import annotations

import functools
import random
from types import ModuleType
from typing import Any

import pytest
from definitions import amount
from hard_strings import hard_strings
from test_compat_components import BOTH, outcome

from tokmill.compat import tokenizers as ours

theirs = pytest.importorskip("tokenizers")

PATTERNS = ("a", "ab", "é", " ", r"re:\s+", "re:[a-z]+", "re:a*", r"re:\p{L}\p{M}*", "")
BEHAVIORS = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")


@functools.cache
def texts() -> list[str]:
    """Short hard strings."""
    chosen = [text[:60] for text in hard_strings(seed=23, count=200)]
    random.Random(24).shuffle(chosen)
    return ["", "a", "ab é aab", " xé ", *chosen[: amount(60, 1000)]]


def pattern(module: ModuleType, name: str) -> Any:
    return module.Regex(name[3:]) if name.startswith("re:") else name


def shown(value: Any) -> Any:
    """What can be compared of a result."""
    if type(value).__name__.startswith("NormalizedString"):
        return (value.original, value.normalized)
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, tuple):
        return tuple(shown(item) for item in value)
    if type(value).__name__ == "Token":
        return value.as_tuple()
    return value


CHANGES = (
    "s.nfd()", "s.nfc()", "s.nfkd()", "s.nfkc()", "s.lowercase()", "s.uppercase()",
    "s.prepend('xé')", "s.append('yü')", "s.lstrip()", "s.rstrip()", "s.strip()", "s.clear()",
    "s.filter(lambda c: c.isalpha())", "s.filter(lambda c: c != 'a')",
    "s.map(lambda c: chr(ord(c) ^ 1) if c.isalpha() else 'ß')",
    "s.replace('a', 'bé')", "s.replace(m.Regex('[b-y]+'), '')", "s.replace('', 'x')",
    "s.replace(m.Regex(r'\\s'), '▁')",
)  # fmt: skip


def test_changes_keep_the_way_back() -> None:
    rng = random.Random(25)
    for text in texts():
        changes = rng.choices(CHANGES, k=rng.randint(1, 3))
        results = []
        for module in BOTH:
            string = module.NormalizedString(text)
            for change in changes:
                eval(change, {"s": string, "m": module})
            parts = [string[i] for i in range(len(string.normalized))]
            results.append((repr(string), str(string), shown(parts)))
        assert results[1] == results[0], (text, changes)


def test_parts() -> None:
    ranges = (
        0, 3, 99, -1, -3, -99, (0, 2), (1, 99), (3, 1), (0, 0), (2, 2), (99, 100), slice(None),
        slice(1, -1), slice(2, 1), slice(-3, None), slice(None, None, 2), slice(5, 5),
        "a", [0, 1], None, (-1, 2), ("a", 1), 1.5,
    )  # fmt: skip
    for text in texts()[:30]:
        strings = []
        for module in BOTH:
            string = module.NormalizedString(text)
            string.nfd()
            string.prepend("xy")
            strings.append(string)
        for range in ranges:
            results = [shown(outcome(lambda s=s, r=range: s[r])) for s in strings]
            if results[0][0] == "TypeError" and isinstance(range, tuple):
                assert results[1][0] in ("TypeError", "OverflowError")
            else:
                assert results[1] == results[0], (text, range)
            assert shown(outcome(lambda s=strings[1], r=range: s.slice(r))) == results[1]


def test_split() -> None:
    for text in texts():
        for name in PATTERNS:
            if name == "" and not text.isascii():
                continue  # the reference counts the characters of the rest and takes bytes
            for behavior in BEHAVIORS:
                results = []
                for module in BOTH:
                    string = module.NormalizedString(text)
                    string.nfkd()
                    results.append(shown(string.split(pattern(module, name), behavior)))
                assert results[1] == results[0], (text, name, behavior)


def test_string_errors() -> None:
    for expression in (
        "m.NormalizedString(1)", "m.NormalizedString('\\ud800')", "s.prepend(1)", "s.append(None)",
        "s.split(1, 'removed')", "s.split('a', 'x')", "s.split('a', 1)", "s.replace(1, 'a')",
        "s.replace('a', 1)", "s.filter(1)", "s.map(1)", "s.for_each(1)", "len(s)",
        "m.Regex(1)", "m.Token(-1, 'a', (0, 1))", "m.Token(2**32, 'a', (0, 1))",
        "m.Token(1, 2, (0, 1))", "m.Token(1, 'a', [0, 1])", "m.Token(1, 'a', (0,))",
        "m.Token(1, 'a', (0, -1))", "m.Token('1', 'a', (0, 1))", "m.PreTokenizedString(1)",
        "p.get_splits('x')", "p.get_splits('original', 'x')", "p.get_splits(1)", "p.to_encoding()",
        "p.split(1)", "p.split(lambda i, s: 1)", "p.split(lambda i, s: [1])",
        "p.split(lambda i: [])", "p.normalize(1)", "p.normalize(lambda: 1)", "p.tokenize(1)",
        "p.tokenize(lambda s: 1)", "p.tokenize(lambda s: [1])", "p.tokenize(lambda s: (1,))",
        "p.split(lambda i, s: 1 / 0)", "p.to_encoding(-1)", "p.to_encoding('a')",
    ):  # fmt: skip
        results = []
        for module in BOTH:
            names = {
                "m": module,
                "s": module.NormalizedString("abc"),
                "p": module.PreTokenizedString("abc"),
            }
            kind, text = outcome(lambda e=expression, n=names: eval(e, n))
            results.append(
                (kind, text.replace("'tokenizers.", "'").replace("string_errors.<locals>.", ""))
            )
        assert results[0][0] != "result", expression
        assert results[1] == results[0], expression


def test_bad_expressions() -> None:
    for expression in ("(", "[a", "*", r"\p{Foo}"):
        with pytest.raises(Exception):  # noqa: B017
            theirs.Regex(expression)
        with pytest.raises(Exception):  # noqa: B017
            ours.Regex(expression)


def test_callables_that_fail() -> None:
    string = ours.NormalizedString("abc")
    with pytest.raises(ZeroDivisionError):
        string.filter(lambda _: 1 / 0 > 0)
    with pytest.raises(TypeError, match="`filter` expect"):
        string.filter(lambda _: 1)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="`map` expect"):
        string.map(lambda _: "")
    with pytest.raises(TypeError, match="not iterable"):
        list(string)  # type: ignore[call-overload]
    assert str(string) == "abc"


def test_pieces_with_tokens() -> None:
    for text in texts():
        results = []
        for module in BOTH:
            pieces = module.PreTokenizedString(text)
            seen: list[Any] = []
            pieces.normalize(lambda s: s.prepend("x "))
            pieces.split(
                lambda i, s, seen=seen: (seen.append((i, str(s))), s.split(" ", "removed"))[1]
            )
            module.pre_tokenizers.Digits(True).pre_tokenize(pieces)
            pieces.tokenize(
                lambda s, m=module: [m.Token(i, c, (i, i + 1)) for i, c in enumerate(s[:2])]
            )
            pieces.normalize(lambda s: s.clear())
            pieces.split(lambda i, s: [])
            views = [
                shown(pieces.get_splits(referential, unit))
                for referential in ("original", "normalized")
                for unit in ("byte", "char")
            ]
            encoded = []
            if text.isascii():  # else the offsets of these tokens cut characters
                for word in (None, 7):
                    encoding = pieces.to_encoding(3, word)
                    encoded.append(
                        (encoding.ids, encoding.offsets, encoding.tokens, encoding.word_ids,
                         encoding.type_ids)
                    )  # fmt: skip
            results.append((seen, views, encoded))
        assert results[1] == results[0], repr(text)


# --- components written in Python ----------------------------------------------------------------


class Shout:
    """A normalizer."""

    kept: Any = None

    def normalize(self, normalized: Any) -> None:
        self.kept = normalized
        normalized.uppercase()
        normalized.replace("THERE", "YOU")


class Commas:
    """A pre-tokenizer."""

    kept: Any = None

    def pre_tokenize(self, pretok: Any) -> None:
        self.kept = pretok
        pretok.split(lambda _, s: s.split(",", "merged_with_previous"))


class Joined:
    """A decoder."""

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return ["-".join(tokens), "."]


def test_custom_normalizer() -> None:
    for module in BOTH:
        n, shout = module.normalizers, Shout()
        custom = n.Normalizer.custom(shout)
        assert type(custom) is n.Normalizer
        assert custom.normalize_str("hey there é") == "HEY YOU É"
        string = module.NormalizedString("there")
        custom.normalize(string)
        assert repr(string) == 'NormalizedString(original="there", normalized="YOU")'
        sequence = n.Sequence([n.Strip(), custom, n.Lowercase()])
        assert sequence.normalize_str("  Hey There ") == "hey you"
        assert type(sequence[1]) is n.Normalizer
        message = "Cannot use a NormalizedStringRefMut outside `normalize`"
        with pytest.raises(Exception, match=message):
            shout.kept.replace("a", "b")


def test_custom_pre_tokenizer() -> None:
    for module in BOTH:
        p, commas = module.pre_tokenizers, Commas()
        custom = p.PreTokenizer.custom(commas)
        assert custom.pre_tokenize_str("é,b") == [("é,", (0, 2)), ("b", (2, 3))]
        sequence = p.Sequence([p.WhitespaceSplit(), custom])
        assert sequence.pre_tokenize_str("a b,c") == [("a", (0, 1)), ("b,", (2, 4)), ("c", (4, 5))]
        message = "Cannot use a PreTokenizedStringRefMut outside `pre_tokenize`"
        with pytest.raises(Exception, match=message):
            commas.kept.get_splits()


def test_custom_decoder() -> None:
    for module in BOTH:
        custom = module.decoders.Decoder.custom(Joined())
        assert custom.decode(["a", "b"]) == "a-b."


def test_custom_components_that_fail() -> None:
    for expression in (
        "m.normalizers.Normalizer.custom(object()).normalize_str('a')",
        "m.normalizers.Normalizer.custom(3).normalize(m.NormalizedString('a'))",
        "m.pre_tokenizers.PreTokenizer.custom(None).pre_tokenize_str('a')",
        "m.decoders.Decoder.custom(1.5).decode(['a'])",
    ):
        results = [outcome(lambda e=expression, m=m: eval(e, {"m": m})) for m in BOTH]
        assert results[1] == results[0]


def test_an_object_at_work_is_away() -> None:
    """A callback cannot reach the text that is being changed."""
    pieces = ours.PreTokenizedString("a b")
    with pytest.raises(Exception, match="Already mutably borrowed"):
        pieces.split(lambda _, s: pieces.split(lambda _, t: [t]) or [s])
    pieces = ours.PreTokenizedString("a b")
    with pytest.raises(Exception, match="Already mutably borrowed"):
        pieces.normalize(lambda _: pieces.get_splits())
    assert pieces.get_splits() == [("a b", (0, 3), None)]
