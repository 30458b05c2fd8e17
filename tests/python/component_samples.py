"""Components to compare with the reference: expressions that mean the same in both modules.

An expression is Python with `N`, `P`, `D` and `R` for the four modules of components, `Regex`, and
`CHARSMAP` for the character map of a SentencePiece model.
"""

from __future__ import annotations

import base64
import importlib
import re
from types import ModuleType
from typing import Any

from definitions import read_data

NORMALIZERS = (
    "N.BertNormalizer()",
    "N.BertNormalizer(strip_accents=True, lowercase=False)",
    "N.BertNormalizer(False, False, None, True)",
    "N.BertNormalizer(True, False, False, False)",
    "N.NFC()",
    "N.NFD()",
    "N.NFKC()",
    "N.NFKD()",
    "N.Lowercase()",
    "N.Strip()",
    "N.Strip(left=False)",
    "N.Strip(True, False)",
    "N.StripAccents()",
    "N.Nmt()",
    "N.Prepend()",
    "N.Prepend('ab')",
    "N.ByteLevel()",
    "N.Replace(' ', '▁')",
    "N.Replace('a', '')",
    "N.Replace('``', '\"')",
    "N.Replace(Regex(r'\\s+'), ' ')",
    "N.Replace(Regex(r' {2,}|[\\p{L}&&[^a-z]]'), '<é>')",
    "N.Precompiled(CHARSMAP)",
    "N.Sequence([])",
    "N.Sequence([N.NFD(), N.Lowercase(), N.StripAccents()])",
    "N.Sequence([N.Prepend('▁'), N.Replace(' ', '▁')])",
    "N.Sequence([N.Sequence([N.NFKD(), N.Strip()]), N.Replace(Regex('[^\\x00-\\x7f]'), '?')])",
    "N.Sequence([N.Nmt(), N.NFKC(), N.Replace(Regex(' {2,}'), ' ')])",
)
PRE_TOKENIZERS = (
    "P.BertPreTokenizer()",
    "P.ByteLevel()",
    "P.ByteLevel(add_prefix_space=False)",
    "P.ByteLevel(True, False, False)",
    "P.CharDelimiterSplit('a')",
    "P.CharDelimiterSplit(' ')",
    "P.Digits()",
    "P.Digits(True)",
    "P.FixedLength()",
    "P.FixedLength(1)",
    "P.Metaspace()",
    "P.Metaspace('_', 'never', False)",
    "P.Metaspace('é', 'first')",
    "P.Punctuation()",
    *(
        f"P.Punctuation('{behavior}')"
        for behavior in ("removed", "merged_with_previous", "merged_with_next", "contiguous")
    ),
    *(
        f"P.Split({pattern}, '{behavior}', {invert})"
        for pattern in ("' '", "'ab'", "Regex(r'\\s+')", "Regex(r'\\d|[a-e]+')", "Regex('a*')")
        for behavior in (
            "removed",
            "isolated",
            "merged_with_previous",
            "merged_with_next",
            "contiguous",
        )
        for invert in (False, True)
    ),
    "P.UnicodeScripts()",
    "P.Whitespace()",
    "P.WhitespaceSplit()",
    "P.Sequence([])",
    "P.Sequence([P.WhitespaceSplit(), P.Punctuation(), P.Digits(True)])",
    "P.Sequence([P.Split(Regex(r'\\p{N}{1,3}'), 'isolated'), P.ByteLevel(False, True, True)])",
    "P.Sequence([P.Metaspace('▁', 'first'), P.Sequence([P.UnicodeScripts(), P.FixedLength(3)])])",
    "P.Sequence([P.ByteLevel(), P.ByteLevel()])",
)
DECODERS = (
    "D.BPEDecoder()",
    "D.BPEDecoder('▁')",
    "D.ByteFallback()",
    "D.ByteLevel()",
    "D.CTC()",
    "D.CTC('a', ' ', False)",
    "D.Fuse()",
    "D.Metaspace()",
    "D.Metaspace('_', 'never')",
    "D.Metaspace('▁', 'first', False)",
    "D.Replace('▁', ' ')",
    "D.Replace(Regex('[ab]+'), 'é')",
    "D.Replace('a', '')",
    "D.Strip()",
    "D.Strip(' ', 1, 0)",
    "D.Strip('▁', 3, 0)",
    "D.WordPiece()",
    "D.WordPiece('▁', False)",
    "D.Sequence([])",
    "D.Sequence([D.Replace('▁', ' '), D.ByteFallback(), D.Fuse(), D.Strip(' ', 1, 0)])",
    "D.Sequence([D.Sequence([D.ByteFallback(), D.Fuse()]), D.WordPiece()])",
)
POST_PROCESSORS = (
    "R.BertProcessing(('[SEP]', 102), ('[CLS]', 101))",
    "R.RobertaProcessing(('</s>', 2), ('<s>', 0))",
    "R.RobertaProcessing(('</s>', 2), ('<s>', 0), False, False)",
    "R.ByteLevel()",
    "R.ByteLevel(False, None, True)",
    "R.ByteLevel(trim_offsets=False)",
    "R.TemplateProcessing()",
    "R.TemplateProcessing('[CLS] $A [SEP]', '[CLS] $A [SEP] $B:1 [SEP]:1',"
    " [('[CLS]', 1), (0, '[SEP]')])",
    "R.TemplateProcessing(['$0', 'a b:3'], '$B:2 $ $A:7',"
    " [{'id': 'a b', 'ids': [5, 6], 'tokens': ['x', 'y']}])",
    "R.Sequence([])",
    "R.Sequence([R.ByteLevel(), R.TemplateProcessing('[S] $A', None, [('[S]', 3)])])",
    "R.Sequence([R.Sequence([R.ByteLevel(True, True)]), R.BertProcessing(('a', 1), ('b', 2))])",
)
ALL = NORMALIZERS + PRE_TOKENIZERS + DECODERS + POST_PROCESSORS


def charsmap() -> bytes:
    """The character map of T5 (nmt_nfkc)."""
    definition = read_data("tokenizers/hf/t5-small.json").decode()
    found = re.search(r'"precompiled_charsmap":\s*"([^"]*)"', definition)
    assert found is not None
    return base64.b64decode(found[1])


def names_of(module: ModuleType, needs_charsmap: bool = False) -> dict[str, Any]:
    """What the expressions refer to in one of the two modules."""
    parts = {
        short: importlib.import_module(f"{module.__name__}.{name}")
        for short, name in (
            ("N", "normalizers"),
            ("P", "pre_tokenizers"),
            ("D", "decoders"),
            ("R", "processors"),
        )
    }
    names = {**parts, "Regex": module.Regex}
    if needs_charsmap:
        names["CHARSMAP"] = charsmap()
    return names


def make(module: ModuleType, expression: str) -> Any:
    """The component of an expression."""
    return eval(expression, names_of(module, "CHARSMAP" in expression))
