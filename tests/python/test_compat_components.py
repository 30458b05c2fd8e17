"""The drop-in components against those of the reference: texts, offsets, states, errors."""

from __future__ import annotations

import copy
import functools
import pickle
import random
from types import ModuleType
from typing import Any

import component_samples as samples
import pytest
from component_samples import make
from definitions import amount, needs_data
from hard_strings import hard_strings

from tokmill.compat import tokenizers as ours

theirs = pytest.importorskip("tokenizers")

BOTH = (theirs, ours)
PARTS = (
    "<0x61>", "<0xE4>", "<0xBD>", "<0xA0>", "▁", "▁a", "##b", "a</w>", "</w>", "Ġx", "Ã", "©",
    "<pad>", "|", " ", "  ", " n't", " .", "do not", "é", "aa", "", "<0x6>", "<0xzz>", "你",
)  # fmt: skip


def parametrize(expressions: tuple[str, ...]) -> Any:
    """Over expressions; those that need data are marked."""
    marked = [pytest.param(e, marks=needs_data) if "CHARSMAP" in e else e for e in expressions]
    return pytest.mark.parametrize("expression", marked)


@functools.cache
def texts() -> list[str]:
    """Hard strings, none of them long."""
    chosen = [text[:200] for text in hard_strings(seed=19, count=amount(150, 1500))]
    rng = random.Random(20)
    rng.shuffle(chosen)
    fixed = ["", " ", "  a  b ", "Hello, y'all! 😁 ", "1234 5.67", "你好ab", "ＡＢ ﬁ é e\u0301 ½"]
    return fixed + chosen[: amount(200, 3000)]


def outcome(call: Any) -> tuple[str, Any]:
    """What a call gives: its result, or its error."""
    try:
        return ("result", call())
    except Exception as error:
        return (type(error).__name__, str(error))


# --- what components are -------------------------------------------------------------------------


@parametrize(samples.ALL)
def test_text_forms_and_states(expression: str) -> None:
    want, have = (make(module, expression) for module in BOTH)
    assert type(have).__name__ == type(want).__name__
    assert repr(have) == repr(want)
    assert str(have) == str(want)
    assert have.__getstate__() == want.__getstate__()
    assert have.__dict__ == want.__dict__ == {}


@parametrize(samples.ALL)
def test_copies_are_equal_and_apart(expression: str) -> None:
    component = make(ours, expression)
    for again in (pickle.loads(pickle.dumps(component)), copy.deepcopy(component)):
        assert type(again) is type(component)
        assert again.__getstate__() == component.__getstate__()
        assert again._native() is not component._native()


@parametrize(samples.ALL)
def test_states_are_read_by_the_other_side(expression: str) -> None:
    want, have = (make(module, expression) for module in BOTH)
    want.__setstate__(have.__getstate__())
    have.__setstate__(want.__getstate__())
    assert have.__getstate__() == want.__getstate__()


def test_components_of_the_reference_are_adopted() -> None:
    given = theirs.normalizers.Sequence([theirs.normalizers.NFD(), theirs.normalizers.Strip()])
    sequence = ours.normalizers.Sequence([given, ours.normalizers.Lowercase()])
    assert repr(sequence) == (
        "Sequence(normalizers=[NFD(), Strip(strip_left=True, strip_right=True), Lowercase()])"
    )
    with pytest.raises(TypeError, match=r"'NFC' object is not an instance of 'PreTokenizer'"):
        ours.pre_tokenizers.Sequence([theirs.normalizers.NFC()])


ATTRIBUTES = (
    ("N.BertNormalizer()", "strip_accents", (True, None, 1)),
    ("N.BertNormalizer()", "clean_text", (False, None, 0)),
    ("N.Strip()", "left", (False, "x")),
    ("N.Prepend()", "prepend", ("ab", "", 3)),
    ("N.Replace('a', 'b')", "content", ("é", None)),
    ("N.Replace('a', 'b')", "pattern", ("é", None)),
    ("P.ByteLevel()", "use_regex", (False, 1)),
    ("P.ByteLevel()", "trim_offsets", (False,)),
    ("P.CharDelimiterSplit('a')", "delimiter", ("é", "ab", "", 1)),
    ("P.Digits()", "individual_digits", (True, None)),
    ("P.FixedLength()", "length", (7, -1, 2**64, 1.5, True)),
    ("P.Metaspace()", "replacement", ("_", "__", 1)),
    ("P.Metaspace()", "prepend_scheme", ("first", "never", "x", None)),
    ("P.Metaspace()", "split", (False, 0)),
    ("P.Punctuation()", "behavior", ("merged_with_next", "Removed", 1)),
    ("P.Split('a', 'merged_with_previous')", "behavior", ("contiguous", "x")),
    ("P.Split('a', 'removed')", "invert", (True, 1)),
    ("P.Split('a', 'removed')", "pattern", ("b", 1)),
    ("D.BPEDecoder()", "suffix", ("x", 1)),
    ("D.CTC()", "pad_token", ("x", 1)),
    ("D.CTC()", "word_delimiter_token", ("x", None)),
    ("D.CTC()", "cleanup", (False, 1)),
    ("D.Metaspace()", "prepend_scheme", ("first", "y")),
    ("D.Strip()", "content", ("x", "xy")),
    ("D.Strip()", "start", (3, -1)),
    ("D.Strip()", "stop", (3, "a")),
    ("D.WordPiece()", "prefix", ("x", 1)),
    ("R.BertProcessing(('a', 1), ('b', 2))", "sep", (("c", 3), ["c", 3], ("c",), (1, "c"))),
    ("R.BertProcessing(('a', 1), ('b', 2))", "cls", (("c", 3), ("c", -1), ("c", 2**32))),
    ("R.RobertaProcessing(('a', 1), ('b', 2))", "add_prefix_space", (False, None)),
    ("R.ByteLevel()", "trim_offsets", (False, None)),
    ("R.TemplateProcessing()", "single", ("$A:3", "[X] $B", ["$", "a b"], 1, "$x")),
)


@pytest.mark.parametrize(("expression", "name", "values"), ATTRIBUTES)
def test_attributes(expression: str, name: str, values: tuple[Any, ...]) -> None:
    want, have = (make(module, expression) for module in BOTH)
    assert outcome(lambda: getattr(have, name)) == outcome(lambda: getattr(want, name))
    for value in values:
        results = [outcome(functools.partial(setattr, c, name, value)) for c in (want, have)]
        assert results[0] == results[1], value
        assert outcome(lambda: getattr(have, name)) == outcome(lambda: getattr(want, name))
        assert repr(have) == repr(want)


ERRORS = (
    "N.Normalizer()", "N.BertNormalizer(clean_text=1)", "N.BertNormalizer(clean_text=None)",
    "N.Strip('a')", "N.Prepend(1)", "N.Replace(1, 'a')", "N.Replace('a', 1)", "N.Sequence((1,))",
    "N.Sequence([1])", "N.Sequence([P.Digits()])", "N.Precompiled('abc')", "N.Precompiled(1)",
    "N.Precompiled([300])", "N.NFC().normalize_str(1)", "N.NFC().normalize_str('\\ud800')",
    "N.NFC().__setstate__(1)", "N.Sequence([N.NFC()])[1]", "N.Sequence([N.NFC()])[-1]",
    "N.Sequence([N.NFC()])['a']", "N.Sequence([N.NFC()])[0:1]",
    "N.Sequence([N.NFC()]).__setitem__(0, 1)", "N.Sequence([N.NFC()]).__setitem__(3, N.NFC())",
    "N.Sequence([N.NFC()]).__setitem__(0, N.Sequence([]))",
    "N.Sequence([N.NFC()]).__delitem__(0)", "N.unicode_normalizer_from_str('x')",
    "N.Normalizer.custom(3).__getstate__()", "repr(N.Normalizer.custom(3))",
    "str(P.Sequence([P.PreTokenizer.custom(3)]))", "D.Decoder.custom(3).__getstate__()",
    "P.CharDelimiterSplit('xy')", "P.CharDelimiterSplit(3)", "P.FixedLength(-1)",
    "P.FixedLength('a')", "P.Metaspace('_', 'x')", "P.Metaspace('__')", "P.Punctuation('Removed')",
    "P.Punctuation(1)", "P.Split(1, 'isolated')", "P.Split('a', 'b')", "P.Split('a', 1)",
    "P.Split('a', 'isolated', 1)", "P.Digits().pre_tokenize_str(1)", "P.Digits().pre_tokenize('a')",
    "P.Sequence([P.Digits()]).__setitem__(0, P.Sequence([]))",
    "D.Fuse().decode('abc')", "D.Fuse().decode([1])", "D.Fuse().decode(1)",
    "D.Fuse().decode(['\\ud800'])", "D.Sequence(1)", "D.Sequence([1])", "D.Strip('xx')",
    "D.Strip(left=-1)", "R.PostProcessor()", "R.BertProcessing(['a', 1], ('b', 2))",
    "R.BertProcessing((0, 'a'), ('b', 2))", "R.BertProcessing(('a', -1), ('b', 2))",
    "R.BertProcessing(('a', 2**32), ('b', 2))", "R.BertProcessing(('a', 1, 2), ('b', 2))",
    "R.BertProcessing(('a', 1.5), ('b', 2))", "R.ByteLevel(1)",
    "R.TemplateProcessing('[CLS] $0')", "R.TemplateProcessing('$A', '$A')",
    "R.TemplateProcessing('$A', '$0 $B [X]')", "R.TemplateProcessing(1)",
    "R.TemplateProcessing('$A:')", "R.TemplateProcessing('$A:1:2')", "R.TemplateProcessing('$x')",
    "R.TemplateProcessing('$A:5000000000')", "R.TemplateProcessing('a:b')",
    "R.TemplateProcessing('', special_tokens=[])", "R.TemplateProcessing('$A  $B')",
    "R.TemplateProcessing('a', None, [1])", "R.TemplateProcessing('a', None, 'ab')",
    "R.TemplateProcessing('a', None, [{'id': 'a'}])",
    "R.TemplateProcessing('a', None, [{'ids': [1]}])",
    "R.TemplateProcessing('a', None, [{'id': 'a', 'ids': [1], 'tokens': []}])",
    "R.TemplateProcessing('a', None, [{'id': 1, 'ids': [1], 'tokens': ['a']}])",
    "R.ByteLevel().process(1)", "R.ByteLevel().num_special_tokens_to_add(1)",
)  # fmt: skip


@pytest.mark.parametrize("expression", ERRORS)
def test_errors(expression: str) -> None:
    results = [outcome(lambda m=m: make(m, expression)) for m in BOTH]
    assert results[0][0] != "result"
    hidden = [(kind, text.replace("tokmill.compat.", "")) for kind, text in results]
    assert hidden[1] == hidden[0]


STATES: dict[str, tuple[str, ...]] = {
    "N.NFC()": (
        '{"type":"Bert","clean_text":true,"handle_chinese_chars":true,"lowercase":true}',
        '{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"lowercase":true}',
        '{"clean_text":true,"handle_chinese_chars":true,"lowercase":true,"strip_accents":1}',
        '{"type":"Foo"}', '{}', 'null', '[]', '3', '"NFC"', '{"type":["NFC"]}',
        '{"type":"Foo","strip_left":true,"strip_right":true}',
        '{"type":"Replace","pattern":"a","content":"b"}', '{"type":"Strip"}',
        '{"type":"Strip","strip_left":1,"strip_right":true}', '{"normalizers":[]}',
        '{"type":"Foo","normalizers":[{"prepend":"a"}]}', '{"type":"NFC","x":1}',
        '{"pattern":{"String":"a"},"content":"b"}', '{"type":"Sequence","normalizers":null}',
        '{"type":"Sequence","normalizers":[{"type":"Sequence","normalizers":[{"type":"NFD"}]}]}',
        '{"type":"ByteLevel","foo":1}',
    ),
    "P.Digits()": (
        '{"type":"CharDelimiterSplit","delimiter":"x"}', '{"type":"Delimiter","delimiter":"x"}',
        '{"delimiter":"x"}', '{"type":"CharDelimiterSplit","delimiter":"xy"}', '{}', 'null',
        '{"type":"Metaspace","replacement":"_","add_prefix_space":true}',
        '{"type":"Metaspace","replacement":"_","add_prefix_space":false}',
        '{"type":"Metaspace","replacement":"_","add_prefix_space":false,"prepend_scheme":"never"}',
        '{"type":"Metaspace","replacement":"_","str_rep":"x","split":null}', '{"replacement":"_"}',
        '{"type":"Metaspace","replacement":"_","str_rep":1}', '{"type":"ByteLevel"}',
        '{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}',
        '{"add_prefix_space":true,"trim_offsets":true}', '{"type":"Punctuation"}',
        '{"type":"Split","pattern":{"String":"a"},"behavior":"Removed"}',
        '{"type":"Split","pattern":{"String":"a"},"behavior":"removed","invert":true}',
        '{"pattern":{"String":"a"},"behavior":"Removed","invert":true}', '{"behavior":"Removed"}',
        '{"type":"Digits"}', '{"type":"FixedLength"}', '{"type":"FixedLength","length":-1}',
        '{"length":5}', '{"pretokenizers":[]}', '{"type":"Foo","individual_digits":true}',
        '{"type":"WhitespaceSplit","a":1}', '{"type":"Digits","individual_digits":1}',
        '{"type":"Digits","individual_digits":true,"individual_digits":false}',
        '{"type":"Sequence","pretokenizers":[{"type":"Sequence","pretokenizers":[]}]}',
    ),
    "D.Fuse()": (
        '{"suffix":"a"}', '{"type":"Foo","suffix":"a"}', '{"type":"ByteLevel"}', '{}', 'null',
        '{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}', '{"type":"Foo"}',
        '{"prefix":"a","cleanup":true}', '{"type":"WordPiece","prefix":"a"}', '{"decoders":[]}',
        '{"pad_token":"a","word_delimiter_token":"b","cleanup":true}',
        '{"type":"Sequence","decoders":[{"type":"Fuse"}]}',
        '{"pattern":{"String":"a"},"content":"b"}', '{"content":"a","start":1,"stop":0}',
        '{"type":"Strip","content":"ab","start":1,"stop":2}', '{"type":"BPEDecoder"}',
        '{"type":"Metaspace","replacement":"_"}', '{"type":"Sequence","decoders":[{}]}',
        '{"type":"Strip","content":"a","start":-1,"stop":2}',
    ),
    "R.ByteLevel()": (
        '{"sep":["a",1],"cls":["b",2]}', '{"type":"RobertaProcessing","sep":["a",1],"cls":["b",2]}',
        '{"type":"BertProcessing","sep":["a",1],"cls":["b",2],"trim_offsets":true,'
        '"add_prefix_space":true}',
        '{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}',
        '{"add_prefix_space":true,"trim_offsets":true,"use_regex":false}', 'null', '{}',
        '{"type":"ByteLevel","trim_offsets":true}', '{"single":[],"pair":[],"special_tokens":{}}',
        '{"type":"X","single":[{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":'
        '{"z":{"id":"z","ids":[1],"tokens":["t"]},"b":{"id":"b","ids":[1,2],"tokens":["t","u"]}}}',
        '{"single":[{"Sequence":{"id":"C","type_id":0}}],"pair":[],"special_tokens":{}}',
        '{"processors":[]}', '{"sep":["a",-1],"cls":["b",2]}', '{"sep":["a",1,2],"cls":["b",2]}',
        '{"type":"Sequence","processors":[{"type":"Sequence","processors":[]}]}',
        '{"type":"Foo","processors":[]}', '{"single":"$A","pair":"$A $B","special_tokens":{}}',
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "state"), [(e, s) for e, states in STATES.items() for s in states]
)
def test_states_from_elsewhere(expression: str, state: str) -> None:
    results = []
    for module in BOTH:
        component = make(module, expression)
        result = outcome(lambda c=component: c.__setstate__(state.encode()))
        results.append((result, component.__getstate__(), repr(component)))
    assert results[1] == results[0]


@pytest.mark.parametrize(
    ("expression", "state"),
    [
        ("N.NFC()", '{"precompiled_charsmap":"AAAA"}'),
        ("N.NFC()", '{"type":"Replace","pattern":{"Regex":"("},"content":"b"}'),
        ("N.NFC()", '{"type":"NFC"'),
        ("N.NFC()", '{"type":"Lowercase"} x'),
        ("N.NFC()", "{'a'}"),
        ("N.NFC()", ""),
        ("N.NFC()", "NaN"),
        ("N.NFC()", "[" * 100_000),
        (
            "P.Digits()",
            '{"type":"Split","pattern":{"Regex":"["},"behavior":"Removed","invert":true}',
        ),
        ("P.Digits()", '{"type":"Sequence","pretokenizers":[' * 70 + "]}" * 70),
        ("D.Fuse()", '{"type":"Replace","pattern":{"Regex":"*"},"content":"b"}'),
    ],
)
def test_states_that_both_refuse(expression: str, state: str) -> None:
    for module in BOTH:
        component = make(module, expression)
        before = component.__getstate__()
        with pytest.raises(Exception, match=r"^Error while attempting to unpickle"):
            component.__setstate__(state.encode())
        assert component.__getstate__() == before


def test_parts_are_shared() -> None:
    shown = []
    for module in BOTH:
        n = module.normalizers
        strip, nfc = n.Strip(), n.NFC()
        first = n.Sequence([strip, nfc])
        second = n.Sequence([first, strip])
        strip.left = False
        shown.append([repr(first), repr(second), len(second)])
        second[2].right = False
        shown[-1].append(repr(first))
        first[1] = n.Prepend("a")
        shown[-1] += [repr(second), repr(nfc), type(second[1]).__name__]
        replacement = n.Prepend("b")
        first[1] = replacement
        replacement.prepend = "c"
        first[1].prepend += "d"
        shown[-1] += [repr(second), repr(replacement), first.normalize_str(" x ")]
        shown[-1].append([type(part).__name__ for part in second])
    assert shown[0] == shown[1]


def test_base_classes() -> None:
    for module, base in (
        (ours.normalizers, "Normalizer"),
        (ours.pre_tokenizers, "PreTokenizer"),
        (ours.decoders, "Decoder"),
        (ours.processors, "PostProcessor"),
    ):
        derived = type("X", (getattr(module, base),), {})
        with pytest.raises(TypeError, match="cannot create"):
            derived()
        with pytest.raises(TypeError, match="is not an acceptable base type"):
            type("X", (module.Sequence,), {})
        assert issubclass(module.Sequence, getattr(module, base))


# --- what components do --------------------------------------------------------------------------


def characters(module: ModuleType, normalizer: Any, text: str) -> Any:
    """Every character of a normalized text, with its offsets in bytes and in characters."""
    pieces = module.PreTokenizedString(text)
    pieces.normalize(normalizer.normalize)
    every = module.Regex(r"[\s\S]")
    pieces.split(lambda _, piece: piece.split(every, "isolated"))
    return [pieces.get_splits("original", unit) for unit in ("byte", "char")]


@parametrize(samples.NORMALIZERS)
def test_normalizers(expression: str) -> None:
    want, have = (make(module, expression) for module in BOTH)
    for text in texts():
        assert have.normalize_str(text) == want.normalize_str(text), repr(text)
        assert characters(ours, have, text) == characters(theirs, want, text), repr(text)


@parametrize(samples.PRE_TOKENIZERS)
def test_pre_tokenizers(expression: str) -> None:
    want, have = (make(module, expression) for module in BOTH)
    for text in texts():
        assert have.pre_tokenize_str(text) == want.pre_tokenize_str(text), repr(text)


@parametrize(samples.PRE_TOKENIZERS)
def test_pre_tokenizers_after_a_normalizer(expression: str) -> None:
    stages = []
    for module in BOTH:
        n = module.normalizers
        normalizer = n.Sequence([n.NFKD(), n.Replace("a", "bb"), n.Prepend("x")])
        stages.append((module, normalizer, make(module, expression)))
    for text in texts()[: amount(60, 1000)]:
        results = []
        for module, normalizer, pre_tokenizer in stages:
            pieces = module.PreTokenizedString(text)
            pieces.normalize(normalizer.normalize)
            pre_tokenizer.pre_tokenize(pieces)
            results.append(
                [
                    pieces.get_splits(referential, unit)
                    for referential in ("original", "normalized")
                    for unit in ("byte", "char")
                ]
            )
        assert results[1] == results[0], repr(text)


@parametrize(samples.DECODERS)
def test_decoders(expression: str) -> None:
    want, have = (make(module, expression) for module in BOTH)
    rng = random.Random(expression)
    for _ in range(amount(300, 5000)):
        tokens = rng.choices(PARTS, k=rng.randint(0, 7))
        assert have.decode(tokens) == want.decode(tokens), tokens
    for text in texts():
        tokens = text.split(" ")
        assert have.decode(tokens) == want.decode(tokens), tokens


def encoding(module: ModuleType, text: str, type_id: int) -> Any:
    """An encoding whose tokens are the words of a text with the space before them."""
    pieces = module.PreTokenizedString(text)
    module.pre_tokenizers.ByteLevel(False, use_regex=False).pre_tokenize(pieces)
    pieces.split(lambda _, piece: piece.split("Ġ", "merged_with_next"))
    pieces.tokenize(lambda word: [module.Token(len(word), word, (0, len(word.encode())))])
    return pieces.to_encoding(type_id)


@pytest.mark.parametrize("expression", samples.POST_PROCESSORS)
def test_post_processors(expression: str) -> None:
    fields = (
        "ids", "type_ids", "tokens", "offsets", "attention_mask", "special_tokens_mask",
        "word_ids", "sequence_ids", "n_sequences",
    )  # fmt: skip
    want, have = (make(module, expression) for module in BOTH)
    for pair in (False, True):
        assert have.num_special_tokens_to_add(pair) == want.num_special_tokens_to_add(pair)
    for first in ("", "a bc", "  two  spaces "):
        for second in (None, "", " x yz "):
            for special in (True, False):
                results = []
                for module, component in zip(BOTH, (want, have), strict=True):
                    arguments = [
                        text if text is None else encoding(module, text, 0)
                        for text in (first, second)
                    ]
                    result = outcome(functools.partial(component.process, *arguments, special))
                    if result[0] == "result":
                        result = ("result", [getattr(result[1], field) for field in fields])
                    results.append(result)
                assert results[1] == results[0]


def test_alphabet() -> None:
    alphabet = ours.pre_tokenizers.ByteLevel.alphabet()
    assert sorted(alphabet) == sorted(theirs.pre_tokenizers.ByteLevel.alphabet())


def test_changes_count_as_changes() -> None:
    """What was compiled before a change is not used after it."""
    n = ours.normalizers
    prepend = n.Prepend("a")
    sequence = n.Sequence([n.Strip(), prepend])
    assert sequence.normalize_str(" x") == "ax"
    prepend.prepend = "b"
    assert sequence.normalize_str(" x") == "bx"
    sequence[0].left = False
    assert sequence.normalize_str(" x") == "b x"
    sequence[1] = n.Lowercase()
    assert sequence.normalize_str(" X") == " x"
