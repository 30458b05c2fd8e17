"""vocab.txt, CLIP's merges and the files of the first GPT, against their usual conversions."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
import tokenizers

import tokmill

_WORDS = ["the", "quick", "brown", "fox", "##es", "##ing", "jump", "中", "é", "!", ","]
_PARTS = [" ", "\n", "the", "Quick", "foxes", "jumping", "中文", "é", "e\u0301", "!?", "x" * 120]


def _texts(seed: int, extra: tuple[str, ...] = ()) -> list[str]:
    choose = random.Random(seed)
    parts = [*_PARTS, *extra]
    return ["".join(choose.choices(parts, k=choose.randint(1, 20))) for _ in range(200)]


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_vocab_txt(tmp_path: Path, lowercase: bool, line_end: str) -> None:
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_WORDS]
    if not lowercase:
        tokens.append("Quick")
    path = tmp_path / "vocab.txt"
    path.write_text(line_end.join(tokens) + line_end, encoding="utf-8", newline="")
    reference = tokenizers.BertWordPieceTokenizer(str(path), lowercase=lowercase)
    tokenizer = tokmill.Tokenizer.from_file(tmp_path)
    for text in _texts(1):
        assert tokenizer.encode(text).tolist() == reference.encode(text).ids


def _merges(words: list[str]) -> list[str]:
    """Merges that build each word from left to right."""
    lines: dict[str, None] = {}
    for word in words:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            lines[f"{parts[0]} {parts[1]}"] = None
            parts[:2] = [parts[0] + parts[1]]
    return list(lines)


def test_first_gpt(tmp_path: Path) -> None:
    merges = _merges(["the", "quick", "fox"])
    letters = sorted({c for line in merges for c in line.replace("</w>", "").replace(" ", "")})
    tokens = ["<unk>", *letters, *(c + "</w>" for c in letters)]
    tokens += [line.replace(" ", "") for line in merges]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]))
    model = tokenizers.models.BPE.from_file(
        str(tmp_path / "vocab.json"),
        str(tmp_path / "merges.txt"),
        unk_token="<unk>",
        end_of_word_suffix="</w>",
    )
    reference = tokenizers.Tokenizer(model)
    reference.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    reference.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer = tokmill.Tokenizer.from_file(tmp_path)
    for text in _texts(2):
        assert tokenizer.encode(text, special="text").tolist() == reference.encode(text).ids
    assert tokenizer.decode(tokenizer.encode("the quick fox")) == "the quick fox"


def test_clip_merges(tmp_path: Path) -> None:
    lines = ['"bpe_simple_vocab_16e6.txt#version: 0.2', *_merges(["the", "quick", "fox"]), ""]
    path = tmp_path / "bpe_simple_vocab_16e6.txt.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    tokenizer = tokmill.Tokenizer.from_file(path)
    start, end = (tokenizer.special_tokens[f"<|{name}oftext|>"] for name in ("start", "end"))
    the, quick = (tokenizer.token_to_id(word + "</w>") for word in ("the", "quick"))
    assert tokenizer.encode("The  QUICK").tolist() == [start, the, quick, end]
    reference = tokenizers.Tokenizer.from_str(tokenizer._tokenizer_json().decode())
    for text in _texts(3, ("<|endoftext|>", "it's", "12")):
        assert tokenizer.encode(text).tolist() == reference.encode(text).ids


def test_damaged_gzip() -> None:
    packed = gzip.compress(b"[UNK]\nthe\n")
    with pytest.raises(tokmill.InvalidTokenizer):
        tokmill.Tokenizer.from_bytes(packed[:-6])
