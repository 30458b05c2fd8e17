"""The drop-in for tokenizers against tokenizers: objects, arguments, errors, text forms."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from compat_agreement import assert_same, outcome

import tokmill.compat.tokenizers as compat

SMALL = """\
tok = T.Tokenizer(T.models.BPE({"a": 0, "b": 1, "ab": 2, "é": 3, " ": 4}, [("a", "b")]))
"""
WORDS = """\
tok = T.Tokenizer(T.models.WordLevel({"the": 0, "cat": 1, "sat": 2, "[UNK]": 3, "[CLS]": 4,
    "[SEP]": 5, "a": 6}, unk_token="[UNK]"))
tok.pre_tokenizer = T.pre_tokenizers.Whitespace()
tok.add_special_tokens(["[CLS]", "[SEP]"])
tok.post_processor = T.processors.TemplateProcessing("[CLS] $A [SEP]",
    "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 4), ("[SEP]", 5)])
"""

ADDED_TOKEN = [
    'T.AddedToken("a")',
    "T.AddedToken()",
    'str(T.AddedToken("a"))',
    'T.AddedToken("a", special=True)',
    'T.AddedToken("a", special=True).normalized',
    'T.AddedToken("a", special=True, normalized=True)',
    'T.AddedToken("a", lstrip=True, rstrip=True, single_word=True)',
    'T.AddedToken("a", foo=True)',
    "T.AddedToken(1)",
    'T.AddedToken("a", lstrip=1)',
    'T.AddedToken("a", lstrip=None)',
    'T.AddedToken("a").__getstate__()',
    'pickle.loads(pickle.dumps(T.AddedToken("a", special=True)))',
    'copy.deepcopy(T.AddedToken("a", lstrip=True))',
    'T.AddedToken("a") == T.AddedToken("a", special=True)',
    'T.AddedToken("a", normalized=True) == T.AddedToken("a")',
    'T.AddedToken("a") == 1',
    'T.AddedToken("a") < T.AddedToken("b")',
    'hash(T.AddedToken("a")) == hash(T.AddedToken("a", special=True))',
    't = T.AddedToken("a")\nt.special = True\nt',
    't = T.AddedToken("a")\nt.content = "b"\nt',
    't = T.AddedToken("a")\nt.foo = 1\nt.__dict__["foo"]',
]

MODELS = [
    "T.models.BPE()",
    "str(T.models.BPE())",
    'T.models.BPE({"a": 0})',
    'T.models.BPE({"a": 0}, "x")',
    'T.models.BPE({"a": 0}, [("a", "b")])',
    'T.models.BPE("nope", "nope2")',
    "T.models.BPE(dropout=2.0)",
    "T.models.BPE(dropout=1)",
    'T.models.BPE(dropout="a")',
    "T.models.BPE(cache_capacity=-1)",
    "T.models.BPE(unk_token=3)",
    "T.models.BPE(fuse_unk=None)",
    "T.models.BPE(continuing_subword_prefix=None)",
    "T.models.BPE(unk_token=None, dropout=None)",
    "T.models.BPE(foo=3)",
    'T.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")], dropout=0.1)',
    'T.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")], dropout=0.1).__getstate__()',
    'm = T.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])\nm.tokenize("abé")',
    'm = T.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])\nm.tokenize(1)',
    'm = T.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])\n(m.token_to_id("ab"), '
    'm.token_to_id("x"), m.id_to_token(1), m.id_to_token(9))',
    "T.models.BPE().id_to_token(-1)",
    "m = T.models.BPE()\nm.dropout = 0.1\nm.dropout",
    'm = T.models.BPE()\nm.dropout = "x"',
    "m = T.models.BPE()\nm.fuse_unk = None",
    "m = T.models.BPE()\nm.unk_token = 'x'\nm.unk_token = None\nm",
    "T.models.BPE()._clear_cache()",
    "T.models.BPE()._resize_cache(3)",
    "T.models.BPE()._resize_cache(-1)",
    "T.models.BPE().get_trainer()",
    "T.models.BPE() == T.models.BPE()",
    "T.models.Model()",
    "T.models.Model().__getstate__()",
    "T.models.Model().tokenize('a')",
    "T.models.BPE().__setstate__(3)",
    'pickle.loads(pickle.dumps(T.models.WordPiece({"a": 0})))',
    'copy.deepcopy(T.models.Unigram([("a", -1.0)], 0))',
    'T.models.WordPiece({"a": 0}).tokenize("b")',
    'T.models.WordPiece({"a": 0, "[UNK]": 1, "##b": 2}).tokenize("abac")',
    "T.models.WordPiece(unk_token=None)",
    "T.models.WordPiece(max_input_chars_per_word=None)",
    'T.models.WordPiece("nope")',
    'T.models.WordPiece({"a": 0}, unk_token="x", foo=2)',
    "m = T.models.WordPiece()\nm.continuing_subword_prefix = '$'\n"
    "m.max_input_chars_per_word = 3\nm",
    "T.models.WordPiece().get_trainer()",
    "T.models.WordLevel()",
    'T.models.WordLevel({"a": 0}, "x")',
    'T.models.WordLevel({"a": 0}).tokenize("b")',
    'T.models.WordLevel("nope")',
    "T.models.WordLevel(unk_token=3)",
    "m = T.models.WordLevel()\nm.unk_token = 'y'\nm",
    "T.models.Unigram()",
    "T.models.Unigram().__getstate__()",
    'T.models.Unigram().tokenize("b")',
    'T.models.Unigram([("a", 0.0)], 5)',
    "T.models.Unigram([], 0)",
    "T.models.Unigram([], None)",
    "T.models.Unigram(None, 0)",
    'T.models.Unigram([("a", 1)])',
    'T.models.Unigram([["a", 1.0]], 0)',
    'T.models.Unigram([("a", "b")], 0)',
    'T.models.Unigram([("a", 0.0)], -1)',
    'T.models.Unigram([("a", 0.0)]).tokenize("b")',
    "T.models.Unigram(alpha=0.3).alpha",
    "m = T.models.Unigram()\nm.nbest_size = 3\nm.nbest_size",
    'T.models.Unigram([("<unk>", 0.0), ("a", -1.5), ("b", 1e-7)], 0)',
    'T.models.Unigram([("<unk>", 0.0), ("a", -1.5), ("b", 1e-7)], 0).__getstate__()',
    'T.models.Unigram([("<unk>", 0.0), ("a", -1.5), ("ab", -2.0)], 0).tokenize("abxa")',
    'str(T.models.Unigram([(c, -1.0) for c in "abcdefgh"], 0))',
    'str(T.models.BPE({c: i for i, c in enumerate("abcdefgh")}, []))',
]

LOADING = [
    "T.Tokenizer.from_str('{}')",
    "T.Tokenizer.from_str('')",
    "T.Tokenizer.from_str('x')",
    "T.Tokenizer.from_str('[]')",
    "T.Tokenizer.from_str(1)",
    "T.Tokenizer(T.models.BPE()).__setstate__(b'x')",
    "T.models.BPE().__setstate__(b'x')",
    "T.models.BPE().__setstate__(b'{}')",
    "T.Tokenizer.from_file('/nonexistent')",
    "T.Tokenizer.from_file(1)",
    "T.Tokenizer.from_buffer(b'x')",
    "T.Tokenizer.from_buffer('x')",
    """T.Tokenizer.from_str('{"version":"2.0"}')""",
    """T.Tokenizer.from_str('{"version":1}')""",
]

# What is put in the place of a part of a small tokenizer.json.
FILE_CHANGES = [
    ("}}", "}} x"),
    ("}}", '},"extra":1}'),
    ('"version"', '"extra":[1],"version"'),
    ('"version":"1.0",', ""),
    ('"padding":null', '"padding":{}'),
    ('"padding":null', '"padding":3'),
    (
        '"padding":null',
        '"padding":{"strategy":{"Fixed":7},"direction":"Left","pad_to_multiple_of":4,'
        '"pad_id":3,"pad_type_id":1,"pad_token":"x"}',
    ),
    (
        '"truncation":null',
        '"truncation":{"max_length":3,"strategy":"x","stride":0}',
    ),
    (
        '"truncation":null',
        '"truncation":{"max_length":3,"strategy":"LongestFirst","stride":5}',
    ),
    ('"added_tokens":[]', '"added_tokens":[{"id":5,"content":"x"}]'),
    (
        '"added_tokens":[]',
        '"added_tokens":[{"id":7,"content":"x","single_word":false,"lstrip":false,'
        '"rstrip":true,"normalized":false,"special":true}]',
    ),
    ('"normalizer":null', '"normalizer":{"type":"Foo"}'),
    ('"normalizer":null', '"normalizer":{"type":"Lowercase"}'),
    ('"normalizer":null,', ""),
    ('["a","b"]', '["a","c"]'),
    ('["a","b"]', '["b","a"]'),
    ('["a","b"]', '"a b"'),
    ('["a","b"]', ""),
    ('"vocab"', '"vocaB"'),
    ("BPE", "XXX"),
    ('"type":"BPE",', ""),
]
FILE = (
    '{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,'
    '"pre_tokenizer":null,"post_processor":null,"decoder":null,"model":{"type":"BPE",'
    '"vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}}'
)

DECODING = [
    "tok.decode([-1])",
    "tok.decode([2**32])",
    "tok.decode([2**70])",
    "tok.decode([1.5])",
    "tok.decode('ab')",
    "tok.decode(1)",
    "tok.decode(None)",
    "tok.decode([True, 1])",
    "tok.decode((0, 1))",
    "tok.decode(range(3))",
    "tok.decode({0: 1})",
    "tok.decode({0, 1})",
    "tok.decode(iter([0, 1]))",
    "tok.decode(np.array([0, 1, 99]))",
    "tok.decode([])",
    "tok.decode_batch([[0], [1, 2]])",
    "tok.decode_batch([0])",
    "tok.decode_batch(0)",
    "tok.decode([0], skip_special_tokens=1)",
    "tok.decode([0], skip_special_tokens=None)",
]

ENCODING = [
    "tok.encode('ab')",
    "tok.encode('ab', 'ba')",
    "tok.encode('')",
    "tok.encode(None)",
    "tok.encode(1)",
    "tok.encode(b'ab')",
    "tok.encode(['ab'])",
    "tok.encode('ab', ['ab'])",
    "tok.encode('a\\ud800')",
    "tok.encode('ab', 'a\\ud800')",
    "tok.encode(['a', 'b'], is_pretokenized=True)",
    "tok.encode(('a', 'b'), ['ab'], is_pretokenized=True)",
    "tok.encode('a', is_pretokenized=True)",
    "tok.encode(['a', 1], is_pretokenized=True)",
    "tok.encode([], is_pretokenized=True)",
    "tok.encode('a', add_special_tokens=None)",
    "tok.encode('a', is_pretokenized=1)",
    "tok.encode_batch(['ab', 'b', ''])",
    "tok.encode_batch([])",
    "tok.encode_batch(('ab', 'b'))",
    "tok.encode_batch([('ab', 'b'), 'a', ['a', 'b']])",
    "tok.encode_batch(np.array(['ab', 'b']))",
    "tok.encode_batch(np.array([['ab', 'b'], ['a', 'a']]))",
    "tok.encode_batch('abc')",
    "tok.encode_batch(x for x in 'ab')",
    "tok.encode_batch([1])",
    "tok.encode_batch([None])",
    "tok.encode_batch(None)",
    "tok.encode_batch({'a': 1})",
    "tok.encode_batch([('a', 1)])",
    "tok.encode_batch([['a', 1]])",
    "tok.encode_batch([['a']])",
    "tok.encode_batch([('a', 'b', 'c')])",
    "tok.encode_batch(['a\\ud800'])",
    "tok.encode_batch([['a'], ['b', 'ab']], is_pretokenized=True)",
    "tok.encode_batch([[['a'], ['b']]], is_pretokenized=True)",
    "tok.encode_batch([(['a'], ('b', 'a')), ['a']], is_pretokenized=True)",
    "tok.encode_batch([[]], is_pretokenized=True)",
    "tok.encode_batch(['a'], is_pretokenized=True)",
    "tok.encode_batch([['a', 1]], is_pretokenized=True)",
    "tok.encode_batch(np.array([['a', 'b']], dtype=object), is_pretokenized=True)",
    "tok.encode_batch_fast(['ab', ('a', 'b')])",
    "tok.encode_batch_fast(['ab', 'é'])",
]

PARAMETERS = [
    "tok.enable_truncation('a')",
    "tok.enable_truncation(-1)",
    "tok.enable_truncation(2, direction='x')",
    "tok.enable_truncation(2, strategy='x')",
    "tok.enable_truncation(2, stride=5)",
    "tok.enable_truncation(2, foo=5)",
    "tok.enable_truncation(2, stride=-1)",
    "tok.enable_truncation(2, stride=2)\ntok.truncation",
    "tok.enable_truncation(2)\ntok.no_truncation()\ntok.truncation",
    "tok.enable_padding(direction='x')",
    "tok.enable_padding(pad_id=-1)",
    "tok.enable_padding(pad_token=None)",
    "tok.enable_padding(pad_token=3)",
    "tok.enable_padding(length=None, pad_to_multiple_of=8)\ntok.padding",
    "tok.enable_padding(max_length=3)\ntok.padding",
    "tok.enable_padding(foo=1)\ntok.padding",
    "tok.enable_padding()\ntok.no_padding()\ntok.padding",
    "tok.enable_padding(length=5)\ntok.enable_truncation(3)\ntok.to_str()",
    "tok.enable_padding(length=5)\ntok.enable_truncation(3)\nrepr(tok)",
    "tok.enable_padding()\ntok.enable_truncation(3, direction='left')\nstr(tok)",
    "tok.padding = 1",
]

OBJECTS = [
    "tok.add_tokens('ab')",
    "tok.add_tokens([1])",
    "tok.add_tokens(('a',))",
    "tok.add_special_tokens([None])",
    "(tok.add_tokens(['x', 'x', '', 'ab', T.AddedToken('y')]), tok.get_vocab(), tok.to_str())",
    "tok.add_tokens(['x'])\n(tok.add_tokens(['x']), tok.add_special_tokens(['x']), tok.to_str())",
    "t = T.AddedToken('x')\ntok.add_special_tokens([t])\n(t.special, t.normalized)",
    "tok.add_special_tokens(['x'])\ntok.add_tokens(['x'])\n(tok.decode([5, 0]), tok.to_str())",
    "tok.add_tokens(['x', 'y'])\ntok.get_added_tokens_decoder()",
    "tok.add_tokens(['x', 'y'])\n(tok.get_vocab(False), tok.get_vocab_size(), "
    "tok.get_vocab_size(False))",
    "tok.token_to_id(1)",
    "tok.id_to_token('a')",
    "tok.id_to_token(-1)",
    "(tok.id_to_token(99), tok.token_to_id('zz'), tok.id_to_token(2), tok.token_to_id('ab'))",
    "T.Tokenizer()",
    "T.Tokenizer(1)",
    "T.Tokenizer(None)",
    "tok.model = None",
    "tok.normalizer = 1",
    "tok.post_processor = T.normalizers.NFC()",
    "tok.encode_special_tokens = 1",
    "tok.num_special_tokens_to_add('a')",
    "(tok.num_special_tokens_to_add(False), tok.num_special_tokens_to_add(True))",
    "tok.foo = 1\ntok.__dict__",
    "tok == tok",
    "type(tok.model).__name__",
    "tok.model is tok.model",
    "isinstance(T.Tokenizer(T.models.Model()).model, T.models.BPE)",
    "tok.normalizer is None and tok.decoder is None",
    "m = T.models.BPE()\nt = T.Tokenizer(m)\nm.dropout = 0.5\nt.model.dropout",
    "m = tok.model\nm.unk_token = 'b'\ntok.encode('axa').ids",
    "tok.normalizer = T.normalizers.Lowercase()\ntok.encode('AB').ids",
    "tok.normalizer = T.normalizers.Lowercase()\ntok.normalizer = None\ntok.encode('AB').ids",
    "tok.pre_tokenizer = T.pre_tokenizers.Sequence([T.pre_tokenizers.Whitespace()])\n"
    "tok.pre_tokenizer[0] = T.pre_tokenizers.Split('a', 'isolated')\ntok.encode('aba b')",
    "tok.model = T.models.WordLevel({'ab': 3, 'x': 4}, 'x')\ntok.encode('ab')",
    "tok.add_tokens(['x'])\ntok.model = T.models.WordLevel({'ab': 3}, 'ab')\ntok.encode('abx')",
    "repr(tok)",
    "str(tok)",
    "tok.to_str()",
    "tok.to_str(True)",
    "tok.to_str(pretty=1)",
    "pickle.loads(pickle.dumps(tok)).to_str()",
    "copy.deepcopy(tok).to_str()",
    "copy.copy(tok).to_str()",
    "tok.__getstate__()",
    "tok.__setstate__('x')",
    "tok.save('/nonexistent/x')",
    "e = tok.encode('ab')\ntok.enable_truncation(1)\ntok.enable_padding(length=3)\n"
    "tok.post_process(e, tok.encode('b'))",
    "tok.post_process(1)",
    "tok.post_process(tok.encode('a'), 1)",
]

WORD_CALLS = [
    "tok.encode('the cat sat')",
    "tok.encode('the cat', 'a dog sat')",
    "tok.encode('the cat', add_special_tokens=False)",
    "tok.encode_batch(['the cat', ('a', 'sat the'), 'x [SEP] y'])",
    "tok.encode_batch_fast(['the cat', ('a', 'sat the')])",
    "tok.encode(['the cat', 'sat'], is_pretokenized=True)",
    "tok.encode('the [CLS] cat')",
    "tok.encode_special_tokens = True\ntok.encode('the [CLS] cat')",
    "tok.decode(tok.encode('the cat').ids)",
    "tok.decode(tok.encode('the cat').ids, skip_special_tokens=False)",
    "tok.enable_truncation(4)\ntok.encode('the cat sat a the cat')",
    "tok.enable_truncation(4, stride=1)\ntok.encode('the cat sat a the cat')",
    "tok.enable_truncation(4, stride=1, direction='left')\ntok.encode('the cat sat a the cat')",
    "tok.enable_truncation(6)\ntok.encode('the cat sat a', 'the cat a a')",
    "tok.enable_truncation(6, strategy='only_first')\ntok.encode('the cat sat a', 'the cat')",
    "tok.enable_truncation(6, strategy='only_second')\ntok.encode('the cat', 'the cat sat a')",
    "tok.enable_truncation(3, strategy='only_second')\ntok.encode('the cat sat')",
    "tok.enable_truncation(2)\ntok.encode('the cat sat')",
    "tok.enable_truncation(1)\ntok.encode('the cat sat')",
    "tok.enable_truncation(3)\ntok.enable_padding(length=6)\n"
    "tok.encode_batch(['the', 'a cat sat'])",
    "tok.enable_padding()\ntok.encode_batch(['the', 'a cat sat', ('a', 'the')])",
    "tok.enable_padding()\ntok.encode_batch(['the', 'a cat sat'])",
    "tok.enable_padding(direction='left', pad_id=9, pad_type_id=3, pad_token='P')\n"
    "tok.encode_batch(['the', 'a cat sat'])",
    "tok.enable_padding(pad_to_multiple_of=8)\ntok.encode_batch(['the', 'a cat sat'])",
    "tok.enable_padding(pad_to_multiple_of=4)\ntok.enable_truncation(5)\n"
    "tok.encode_batch(['the cat the cat sat', 'a cat'])",
    "tok.enable_padding(pad_to_multiple_of=4)\ntok.encode('the cat sat')",
    "tok.enable_padding(length=2)\ntok.encode('the cat sat')",
    "tok.no_padding()\ntok.post_processor = None\ntok.encode('the', 'cat')",
    "tok.num_special_tokens_to_add(True)",
    "e = tok.encode('the cat')\ntok.enable_padding(length=9)\nlen(e)",
]

ENCODING_METHODS = [
    "e.pad(8)\ne",
    "e.pad(8, direction='left', pad_id=3, pad_type_id=4, pad_token='x')\ne",
    "e.pad(8, direction='x')",
    "e.pad(8, pad_id=-1)",
    "e.pad(8, foo=1)\ne",
    "e.pad('a')",
    "e.truncate(3)\ne",
    "e.truncate(3, 1)\ne",
    "e.truncate(3, 2, 'left')\ne",
    "e.truncate(3, stride=1, direction='x')",
    "e.truncate(0)\ne",
    "e.set_sequence_id(1)\ne",
    "T.Encoding.merge([e, e])",
    "T.Encoding.merge([e, e], growing_offsets=False)",
    "T.Encoding.merge([])",
    "T.Encoding.merge([1])",
    "T.Encoding()",
    "pickle.loads(pickle.dumps(e))",
    "copy.deepcopy(e)",
    "T.Encoding().__setstate__('x')",
    "repr(e)",
    "bool(T.Encoding())",
    "e.foo = 1\ne.__dict__",
    "e == e",
    "e.ids is e.ids",
    "e.words",
    "[e.char_to_token(i, s) for i in range(12) for s in range(3)]",
    "[e.char_to_word(i, s) for i in range(12) for s in range(3)]",
    "[e.token_to_chars(i) for i in range(12)]",
    "[e.token_to_word(i) for i in range(12)]",
    "[e.token_to_sequence(i) for i in range(12)]",
    "[e.word_to_chars(i, s) for i in range(5) for s in range(3)]",
    "[e.word_to_tokens(i, s) for i in range(5) for s in range(3)]",
    "e.char_to_token(-1)",
    "e.char_to_token('a')",
    "e.word_to_tokens(2**33)",
    "e.token_to_chars(10**30)",
]

STREAMS = [
    "s = T.decoders.DecodeStream()\n[s.step(tok, i) for i in (0, 1, 2, 99, 0)]",
    "s = T.decoders.DecodeStream([0, 1])\n[s.step(tok, [2, 0]), s.step(tok, 1)]",
    "s = T.decoders.DecodeStream()\ns.step(tok, 0)\nc = copy.copy(s)\n"
    "[s.step(tok, 1), c.step(tok, 2)]",
    "s = T.decoders.DecodeStream()\ns.step(1, 0)",
    "s = T.decoders.DecodeStream()\ns.step(tok, -1)",
    "s = T.decoders.DecodeStream()\ns.step(tok, 'a')",
]

IMPLEMENTATIONS = [
    "T.BertWordPieceTokenizer({'[UNK]': 0, '[CLS]': 1, '[SEP]': 2, 'a': 3, '##b': 4})",
    "T.BertWordPieceTokenizer({'[UNK]': 0, '[CLS]': 1, '[SEP]': 2, 'a': 3, '##b': 4})"
    ".encode('Ab á', 'a')",
    "T.BertWordPieceTokenizer({'[UNK]': 0, '[CLS]': 1})",
    "T.BertWordPieceTokenizer()",
    "T.ByteLevelBPETokenizer()",
    "T.ByteLevelBPETokenizer({'a': 0, 'b': 1, 'ab': 2}, [('a', 'b')], lowercase=True, "
    "unicode_normalizer='nfc').encode('ABa')",
    "T.ByteLevelBPETokenizer({'a': 0, 'b': 1, 'ab': 2}, [('a', 'b')]).to_str()",
    "T.CharBPETokenizer()",
    "T.CharBPETokenizer({'a': 0, 'b</w>': 1, 'ab</w>': 2, '<unk>': 3}, [('a', 'b</w>')], "
    "lowercase=True).encode('AB x')",
    "T.CharBPETokenizer({'a': 0, '<unk>': 3}, []).to_str()",
    "T.SentencePieceBPETokenizer()",
    "T.SentencePieceBPETokenizer({'a': 0, '▁': 1, '▁a': 2, '<unk>': 3}, [('▁', 'a')])"
    ".encode('a ab')",
    "T.SentencePieceUnigramTokenizer()",
    "T.SentencePieceUnigramTokenizer([('<unk>', 0.0), ('▁a', -1.0)]).to_str()",
    "T.ByteLevelBPETokenizer().encode(None)",
]


@pytest.mark.parametrize("code", ADDED_TOKEN)
def test_added_token(code: str) -> None:
    assert_same(code)


@pytest.mark.parametrize("code", MODELS)
def test_models(code: str) -> None:
    assert_same(code)


def assert_same_kind(code: str, **names: Any) -> None:
    """As assert_same, but that the drop-in has its own words for what is wrong with a file."""
    expected, found = outcome(tokenizers, code, **names), outcome(compat, code, **names)
    if expected[0] != "value":
        expected, found = expected[:1], found[:1]
    assert found == expected, code


@pytest.mark.parametrize("code", LOADING)
def test_loading(code: str) -> None:
    assert_same_kind(code)


@pytest.mark.parametrize(("old", "new"), FILE_CHANGES)
def test_loading_of_changed_files(old: str, new: str) -> None:
    assert old in FILE
    text = FILE.replace(old, new, 1)
    assert_same_kind(
        "t = T.Tokenizer.from_str(text)\n(t.to_str(), repr(t), t.encode('abx').ids)", text=text
    )


@pytest.mark.parametrize("code", DECODING + ENCODING + PARAMETERS + OBJECTS + STREAMS)
def test_small_tokenizer(code: str) -> None:
    assert_same(SMALL + code)


@pytest.mark.parametrize("code", WORD_CALLS)
def test_words(code: str) -> None:
    assert_same(WORDS + code)


@pytest.mark.parametrize("code", ENCODING_METHODS)
@pytest.mark.filterwarnings("ignore:Deprecated in 0.9.4")
def test_encoding_methods(code: str) -> None:
    assert_same(WORDS + "e = tok.encode('the cat x', 'sat a')\n" + code)


@pytest.mark.parametrize("code", IMPLEMENTATIONS)
def test_implementations(code: str) -> None:
    assert_same(code)


def test_files(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"a":0,"b":1,"ab":2}')
    (tmp_path / "m.txt").write_text("#version: 0.2\na b\n")
    (tmp_path / "bad.txt").write_text("a b\r\n\n")
    (tmp_path / "other.txt").write_text("a c\n")
    (tmp_path / "v.txt").write_text("[UNK]\na\n##b\r\nc \n\nx")
    for number, text in enumerate(("[1]", '{"a":"b"}', '{"a":-1}', '{"a"', "x")):
        (tmp_path / f"bad{number}.json").write_text(text)
        assert_same_kind(f"T.models.WordLevel.read_file(d + '/bad{number}.json')", d=str(tmp_path))
    assert_same_kind("T.models.BPE.from_file(d + '/m.txt', d + '/m.txt')", d=str(tmp_path))
    for code in (
        "T.models.BPE.read_file(d + '/v.json', d + '/m.txt')",
        "T.models.BPE.read_file(d + '/v.json', d + '/bad.txt')",
        "T.models.BPE.read_file('nope', 'nope')",
        "T.models.BPE.from_file(d + '/v.json', d + '/m.txt', dropout=0.5)",
        "T.models.BPE.from_file(d + '/v.json', d + '/other.txt')",
        "T.models.BPE(d + '/v.json', d + '/m.txt')",
        "T.models.WordPiece.read_file(d + '/v.txt')",
        "T.models.WordPiece.from_file(d + '/v.txt')",
        "T.models.WordPiece.read_file('nope')",
        "T.models.WordLevel.read_file(d + '/v.json')",
        "T.models.WordLevel.from_file(d + '/v.json', unk_token='<x>')",
        "T.models.WordLevel.from_file('nope')",
        "[read(f) for f in T.models.BPE(d + '/v.json', d + '/m.txt').save(d, 'p')]",
        "T.models.BPE().save(d)",
        "T.models.BPE().save('/nonexistent')",
        "[read(f) for f in T.models.WordPiece(d + '/v.txt').save(d)]",
        "[read(f) for f in T.models.WordLevel({'a': 0, 'z': 5}).save(d, 'l')]",
        "[read(f) for f in T.models.Unigram([('a', 0.5), ('é', 1e-7)], 0).save(d)]",
        "t = T.Tokenizer(T.models.WordLevel({'é': 1}))\nt.save(d + '/t.json')\n"
        "(read(d + '/t.json'), T.Tokenizer.from_file(d + '/t.json').to_str())",
    ):
        assert_same(code, d=str(tmp_path), read=lambda path: Path(path).read_text(encoding="utf-8"))


def test_classes_are_final() -> None:
    for cls in (compat.Tokenizer, compat.Encoding, compat.AddedToken, compat.models.BPE):
        with pytest.raises(TypeError, match="is not an acceptable base type"):
            type("Derived", (cls,), {})
    type("Derived", (compat.models.Model,), {})()


def test_weak_references() -> None:
    tok = compat.Tokenizer(compat.models.BPE())
    reference = weakref.ref(tok)
    assert reference() is tok
    del tok
    assert reference() is None


def test_training_is_refused() -> None:
    tok = compat.Tokenizer(compat.models.BPE())
    with pytest.raises(NotImplementedError, match="train"):
        tok.train(["x"])
    with pytest.raises(NotImplementedError, match="train"):
        tok.train_from_iterator(["x"], compat.trainers.BpeTrainer())


def test_parameters_change_as_a_whole_under_threads() -> None:
    """Encodings made while another thread switches have one set of parameters or the other."""
    tok = compat.Tokenizer(compat.models.WordLevel({"a": 0}, "a"))
    tok.pre_tokenizer = compat.pre_tokenizers.Whitespace()
    stop = threading.Event()

    def switch() -> None:
        while not stop.is_set():
            tok.enable_padding(length=6, pad_id=6, pad_token="six")
            tok.enable_padding(length=4, pad_id=4, pad_token="four")

    wrong: list[Any] = []

    def encode() -> None:
        tok.enable_padding(length=4, pad_id=4, pad_token="four")
        for _ in range(500):
            for one in tok.encode_batch(["a a", "a"]):
                if one.ids[-1] != len(one) or one.tokens[-1] != {4: "four", 6: "six"}[len(one)]:
                    wrong.append(one)

    threads = [threading.Thread(target=encode) for _ in range(3)]
    switcher = threading.Thread(target=switch)
    for thread in (switcher, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    switcher.join()
    assert not wrong


def test_many_threads_begin_at_once() -> None:
    """What is made at the first use is made once, not by every thread that waits for it."""
    vocabulary = {f"{number:05x}": number for number in range(50_000)}
    tok = compat.Tokenizer(compat.models.WordPiece(vocabulary, unk_token="00000"))
    tok.pre_tokenizer = compat.pre_tokenizers.Whitespace()
    ready = threading.Barrier(200)
    results: list[list[int]] = []

    def encode() -> None:
        ready.wait()
        results.append(tok.encode("00001 0000a").ids)

    threads = [threading.Thread(target=encode) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[1, 10]] * 200


def test_foreign_components_are_taken() -> None:
    tok = compat.Tokenizer(tokenizers.models.WordLevel({"a": 0, "[C]": 1}, "a"))
    tok.normalizer = tokenizers.normalizers.Lowercase()
    tok.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tok.decoder = tokenizers.decoders.Fuse()
    tok.post_processor = tokenizers.processors.TemplateProcessing("[C] $A", None, [("[C]", 1)])
    tok.add_tokens([tokenizers.AddedToken("z", lstrip=True)])
    assert tok.encode("A  z").tokens == ["[C]", "a", "  z"]
    assert type(tok.normalizer) is compat.normalizers.Lowercase
    stream = compat.decoders.DecodeStream()
    theirs = tokenizers.Tokenizer.from_str(tok.to_str())
    assert [stream.step(theirs, 0), stream.step(theirs, [1, 0])] == ["a", "[C]a"]
