"""Tokenizers with a digit scheme: ids, losslessness, values, storing, over all families."""

from __future__ import annotations

import copy
import itertools
import pickle
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
from definitions import amount, needs_data

import tokmill
from tokmill import InvalidInput, Tokenizer, UnknownToken, UnsupportedTokenizer
from tokmill.numbers import InvalidScheme, NumberTokenizer, Triadic, attach
from tokmill.pipeline import ShardSet, encode_files, verify_shards

ALPHABET = [*"0123456789", *".,'_ eE+-xX", "\u00a0", "٣", "000", "123", "4567", "a", "\n", "é"]
SCHEMES: dict[str, Callable[[Tokenizer], Tokenizer]] = {
    "surface": Triadic().attach,
    "context": Triadic("context").attach,
    "markers": Triadic(variant="marker").attach,
    "context-markers": Triadic("context", variant="marker").attach,
    "prefix-markers": Triadic("context", variant="marker", marker_position="prefix").attach,
    "horner": Triadic(
        "context", overflow="horner", leading_zero="tst", integer_groups=1, fraction_groups=1
    ).attach,
    "base-units": lambda tok: Triadic("context").attach(tok, units="base"),
    "tetradic": Triadic("context", group=4).attach,
    "indian": Triadic(locale="en-IN").attach,
    "european": Triadic(locale="de").attach,
    "single": lambda tok: attach(tok, "single"),
    "left3": lambda tok: attach(tok, "left3"),
    "right3": lambda tok: attach(tok, "right3"),
    "reversed": lambda tok: attach(tok, "reversed"),
    "regression": lambda tok: attach(tok, "regression"),
}
# One of each family, and what a family can do at the edges of a text.
FAMILIES = {
    "byte-level": "tokenizers/hf/llama-3.1.json",
    "BPE with a dummy prefix": "tokenizers/hf/llama-2.json",
    "SentencePiece BPE": "tokenizers/spm/llama-2.model",
    "Unigram": "tokenizers/hf/t5-small.json",
    "SentencePiece Unigram": "tokenizers/spm/t5-base.model",
    "WordPiece": "tokenizers/hf/bert-base-uncased.json",
    "stand-in apart": "tokenizers/hf/albert-base-v2.json",
}
HARD = [
    "I have 12,345.67 apples", "5kg of 3 apples, 2nd place", " 5", "5 7", "x86 is 1e5 007 $5",
    "192.168.0.1 v1.2.3", "\n5\n6\n", "x = 5 apples", "€5 € 5", "é5 5é", "1 2  3   4", "720p 10k",
    "12k 345", "0.1 0.10 0.100", ".5 5. 1..2", "0x1F", "٣5 5٣", "", "5", "999999999999999999",
    "1000000000000000000", "1.1234567890123456", "1,234,567", "(1,234)", "5☃ ☃5",
]  # fmt: skip


def gpt2() -> Tokenizer:
    return tokmill.get_encoding("gpt2")


def random_texts(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(ALPHABET, k=rng.randrange(1, 16))) for _ in range(count)]


def encode(tok: Tokenizer, text: str | bytes) -> list[int]:
    return tok.encode(text, add_special_tokens=False, special="text").tolist()


def streamed(tok: Tokenizer, ids: list[int]) -> str:
    stream = tok.decode_stream()
    return "".join([stream.push(id_) for id_ in ids]) + stream.finish()


def check_text(tok: Tokenizer, base: Tokenizer, text: str) -> None:
    """What holds for every scheme, base and text."""
    ids = encode(tok, text)
    with_spans, spans = tok.encode_with_offsets(text, add_special_tokens=False, special="text")
    assert with_spans.tolist() == ids, text
    assert tok.count(text, add_special_tokens=False, special="text") == len(ids)
    assert (spans[:, 0] <= spans[:, 1]).all()
    assert (spans <= len(text.encode())).all()
    if not any(c in "0123456789" for c in text):
        assert ids == encode(base, text)
    if base.decode(encode(base, text)) != text:
        return
    assert tok.decode(ids) == text
    assert streamed(tok, ids) == text


@pytest.mark.parametrize("name", SCHEMES)
def test_lossless_over_byte_level_bpe(name: str) -> None:
    base = gpt2()
    tok = SCHEMES[name](base)
    for text in HARD + random_texts(amount(300, 100_000), 3):
        check_text(tok, base, text)
        ids = encode(tok, text)
        assert tok.decode_bytes(ids) == text.encode()
        assert tok.is_canonical(ids)
    garbage = b"5\xff12\xe2\x82 7,000\x80"
    assert tok.decode_bytes(encode(tok, garbage)) == garbage


@needs_data
@pytest.mark.parametrize("family", FAMILIES)
def test_lossless_where_the_base_is(family: str, data_file: Callable[[str], Path]) -> None:
    base = Tokenizer.from_file(data_file(FAMILIES[family]))
    for name, make in SCHEMES.items():
        tok = make(base)
        # Without white space of its own WordPiece cannot tell "12 345" from "12345".
        if family == "WordPiece" and name in ("single", "left3", "right3"):
            continue
        for text in HARD + random_texts(amount(60, 20_000), 4):
            check_text(tok, base, text)


def random_table(rng: random.Random) -> str:
    """Rows of numbers, most of them seen in other tables already, with all that is no number."""
    between = rng.choice([",", ", ", " ", "\t", ";", '","', "],[", " <s> ", "-", "_"])
    cells = ["1.5", "12", "1234", "1,234", "345", "-0.25", "007", "1e-5", "0x1F", "x9", "12345678"]
    cells += ["9" * 20, "0.1234567890123456", "2017-01-02", "1.2.3", "(5)", "<s>", "a b", "5☃"]
    cells = rng.sample(cells, rng.randrange(2, 8))
    rows = [between.join(rng.choices(cells, k=rng.randrange(1, 30))) for _ in range(3)]
    return "".join(rng.choice(rows) + rng.choice(["\n", "\n", "},\n", "."]) for _ in range(8))


@needs_data
@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_seen_becomes_the_same_again(
    family: str, data_file: Callable[[str], Path]
) -> None:
    tok = Triadic().attach(Tokenizer.from_file(data_file(FAMILIES[family])))
    rng = random.Random(7)
    texts = [random_table(rng) for _ in range(amount(60, 5000))]
    for special in ("text", "parse", "text"):
        # Spans are made without looking at what was seen before.
        wanted = [tok.encode_with_offsets(text, special=special)[0].tolist() for text in texts]
        for _ in range(2):
            assert [tok.encode(text, special=special).tolist() for text in texts] == wanted
        counts = tok.count_batch(texts, special=special, threads=2)
        assert [len(ids) for ids in wanted] == [int(count) for count in counts]
    # What was seen as text or parsed is still refused if that is asked for.
    refused = 0
    for text in (text for text in texts if "<s>" in text):
        if encode(tok, text) != tok.encode(text, add_special_tokens=False).tolist():
            refused += 1
            with pytest.raises(InvalidInput):
                tok.encode(text, special="raise")
    assert refused > 0 or family != "BPE with a dummy prefix"


def test_ids_between_numbers_are_the_base_s() -> None:
    base, scheme = gpt2(), Triadic()
    tok = scheme.attach(base)
    for text in HARD + random_texts(200, 5):
        wanted: list[int] = []
        part = ""
        first = tok.first_id
        numbers = iter([i for i in encode(tok, text) if i >= first])
        for piece in scheme.pieces(text):
            if piece.kind in ("text", "plain"):
                part += str(piece.text)
                continue
            wanted += encode(base, part)
            part = ""
            if piece.kind in ("int", "frac"):
                wanted.append(next(numbers))
            else:
                wanted += encode(base, str(piece.text))
        assert encode(tok, text) == wanted + encode(base, part), text


def test_token_ids_and_names() -> None:
    base = gpt2()
    tok = Triadic().attach(base)
    assert isinstance(tok, NumberTokenizer)
    assert tok.vocab_size == base.vocab_size + 12_145
    assert tok.first_id == base.vocab_size
    names = [tok.id_to_token(i) for i in encode(tok, "12,345.6")]
    assert names == ["⟨12k⟩", ",", "⟨345⟩", ".", "⟨6p⟩"]
    assert tok.token_to_id("⟨12k⟩") == encode(tok, "12,345.6")[0]
    assert tok.token_bytes(encode(tok, "12,345.6")[0]) == b"12"
    assert encode(tok, "12k 345") != encode(tok, "12345")
    vocabulary = tok.get_vocab()
    assert len(vocabulary) == len(base.get_vocab()) + 12_145
    assert all(vocabulary[tok.id_to_token(i)] == i for i in range(tok.first_id, tok.vocab_size))
    regression = attach(base, "regression")
    names = [regression.id_to_token(i) for i in encode(regression, "1800.5")]
    assert names == ["⟨_1_3_⟩", "⟨_8_2_⟩", "⟨_0_1_⟩", "⟨_0_0_⟩", "⟨_5_-1_⟩"]
    assert regression.vocab_size == base.vocab_size + 320


def test_policies_use_the_tokens_of_the_base() -> None:
    base = tokmill.get_encoding("cl100k_base")
    for digits in ("single", "left3", "right3"):
        assert attach(base, digits).vocab_size == base.vocab_size
    assert attach(base, "keep") is base
    right = attach(base, "right3")
    assert [right.token_bytes(i) for i in encode(right, "12345678.1234")] == [
        b"12", b"345", b"678", b".", b"123", b"4",
    ]  # fmt: skip
    # 10,000 triads with a magnitude, and four control tokens.
    assert Triadic("context").attach(base, units="base").vocab_size == base.vocab_size + 10_004


def test_values() -> None:
    for scheme in (Triadic(), Triadic("context"), Triadic(variant="marker"), Triadic(group=2)):
        tok = scheme.attach(gpt2())
        for text in HARD + random_texts(300, 6):
            ids = encode(tok, text)
            assert tok.parse_numbers(ids) == scheme.parse_numbers(text), (scheme, text)
            assert len(tok.number_spans(ids)) == len(tok.parse_numbers(ids))
    tok = Triadic().attach(gpt2())
    table = tok.value_table()
    assert (table.dtype, table.shape) == (np.float64, (tok.vocab_size,))
    assert np.isnan(table[: tok.first_id]).all()
    assert not np.isnan(table[tok.first_id :]).any()
    rng = random.Random(7)
    for _ in range(500):
        numeral = f"{rng.randrange(10**18)}.{rng.randrange(10**15):015d}"
        values = [tok.token_value(i) for i in encode(tok, numeral)]
        with localcontext() as context:
            context.prec = 60
            total = sum((Decimal(v.digits).scaleb(v.power) for v in values if v), Decimal(0))
        assert total == Decimal(numeral)
    ids = encode(tok, "a 1,234.5e6 b")
    assert [tok.decode(ids[begin:end]) for begin, end in tok.number_spans(ids)] == ["1,234.5e6"]
    assert tok.token_value(ids[0]) is None
    with pytest.raises(UnknownToken):
        tok.token_value(tok.vocab_size)
    with pytest.raises(UnknownToken):
        tok.number_spans([0, tok.vocab_size])


def test_special_tokens_stay_special() -> None:
    ranks = {bytes([i]): i for i in range(256)}
    special = {"<|x_1|>": 300, "<5>": 301, "<|end|>": 302}
    base = Tokenizer.from_tiktoken(ranks, pat_str=r"\p{L}+|\P{L}", special_tokens=special)
    tok = Triadic().attach(base)
    text = "1<5>23<|x_1|>4<|end|>5"
    ids = tok.encode(text).tolist()
    assert [i for i in ids if i in special.values()] == [301, 300, 302]
    assert tok.decode(ids) == text
    assert tok.decode(ids, skip_special_tokens=True) == "12345"
    as_text = tok.encode(text, special="text")
    assert not {300, 301, 302} & set(as_text.tolist())
    assert tok.decode(as_text) == text
    only = tok.encode(text, special={"<5>"}).tolist()
    assert {300, 301, 302} & set(only) == {301}
    with pytest.raises(InvalidInput) as caught:
        tok.encode("12 é <|end|>", special="raise")
    assert caught.value.position == 6
    assert "at byte 6" in str(caught.value)
    assert tok.special_tokens == special


def test_is_a_tokenizer_like_others(tmp_path: Path) -> None:
    base = gpt2()
    tok = Triadic("context", overflow="horner").attach(base)
    texts = HARD + random_texts(500, 8)
    rows = [tok.encode(text).tolist() for text in texts]
    assert tok.encode_batch(texts, threads=4).tolist() == rows
    assert tok.count_batch(texts).tolist() == [len(row) for row in rows]
    assert tok.decode_batch(tok.encode_batch(texts)) == texts
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: tok.encode(text).tolist(), texts)) == rows
    for row, text in zip(rows, texts, strict=True):
        assert tok.fits(text, len(row))
        assert not row or not tok.fits(text, len(row) - 1)
    tok.save(tmp_path / "tok")
    for again in (
        pickle.loads(pickle.dumps(tok)),
        Tokenizer.from_file(tmp_path / "tok"),
        Tokenizer.from_bytes((tmp_path / "tok").read_bytes()),
        copy.deepcopy(tok),
    ):
        assert isinstance(again, NumberTokenizer)
        assert (again, hash(again), again.digest) == (tok, hash(tok), tok.digest)
        assert [again.encode(text).tolist() for text in texts] == rows
    assert tok != base
    assert tok != Triadic("context").attach(base)
    assert tok.base == base
    assert tok.format == "tiktoken with numbers"
    assert tok.describe()["digits"] == "triadic, context, groups of up to 3"
    with pytest.raises(UnsupportedTokenizer):
        tok.save_snapshot(tmp_path / "snapshot")
    with pytest.raises(UnsupportedTokenizer):
        Triadic().attach(tok)


def test_offsets_are_exact() -> None:
    tok = Triadic().attach(gpt2())
    text = "é 1,234.5 ½ 678"
    ids, bytes_ = tok.encode_with_offsets(text)
    _, chars = tok.encode_with_offsets(text, unit="char")
    for id_, (begin, end), (first, last) in zip(ids.tolist(), bytes_, chars, strict=True):
        if id_ >= tok.first_id:
            assert text.encode()[begin:end] == tok.token_bytes(id_)
            assert text[first:last].encode() == tok.token_bytes(id_)


def test_broken_files() -> None:
    data = Triadic().attach(gpt2())._portable_form()
    for size in itertools.chain(range(0, 600, 7), [len(data) // 2]):
        with pytest.raises(tokmill.TokmillError):
            Tokenizer.from_bytes(data[:size])
    nested = data[:8] + data[8:20] + len(b"{}").to_bytes(4, "little") + b"{}" + data
    with pytest.raises(tokmill.InvalidTokenizer):
        Tokenizer.from_bytes(nested)


def test_refusals() -> None:
    base = gpt2()
    for make, option in [
        (lambda: Triadic("paper").attach(base), "mode"),
        (lambda: attach(base, "paper"), "mode"),
        (lambda: attach(base, "quadratic"), "digits"),
        (lambda: attach(base, "left9"), "digits"),
        (lambda: attach(base, "single", mode="context"), "mode"),
        (lambda: Triadic().attach(base, first_id=17), "first_id"),
        (lambda: Triadic().attach(base, first_id=(1 << 28) - 1), "first_id"),
    ]:
        with pytest.raises(InvalidScheme) as caught:
            make()
        assert caught.value.option == option
    with pytest.raises(TypeError):
        Triadic().attach("gpt2")  # type: ignore[arg-type]
    tok = Triadic(overflow="error").attach(base)
    with pytest.raises(InvalidInput) as position:
        tok.encode_batch(["1", "é 1" + "0" * 18])
    assert (position.value.index, position.value.position) == (1, 3)


def test_first_id_leaves_room() -> None:
    base = gpt2()
    tok = Triadic().attach(base, first_id=60_000)
    assert tok.vocab_size == 60_000 + 12_145
    assert min(i for i in encode(tok, "a 5") if i >= base.vocab_size) >= 60_000
    with pytest.raises(UnknownToken):
        tok.id_to_token(59_999)


def test_vocabulary_extension() -> None:
    base = gpt2()
    tok = Triadic().attach(base)
    extension = tok.vocabulary_extension()
    assert len(extension) == 12_145
    assert [token.id for token in extension] == list(range(tok.first_id, tok.vocab_size))
    by_name = {token.name: token for token in extension}
    token = by_name["⟨12k⟩"]
    assert (token.digits, token.power) == ("12", 3)
    assert base.decode(token.base_ids) == "12000"
    assert all(abs(sum(token.weights) - 1) < 1e-9 for token in extension)
    embedding = np.random.default_rng(0).normal(size=(base.vocab_size, 4)).astype(np.float32)
    resized = extension.resize(embedding)
    assert resized.shape == (tok.vocab_size, 4)
    assert resized.dtype == np.float32
    np.testing.assert_array_equal(resized[: base.vocab_size], embedding)
    wanted = np.asarray(token.weights) @ embedding[list(token.base_ids)]
    np.testing.assert_allclose(resized[token.id], wanted, rtol=1e-5)
    markers = Triadic("context", variant="marker").attach(base).vocabulary_extension()
    assert all(token.base_ids for token in markers)


def test_a_corpus(tmp_path: Path) -> None:
    source = tmp_path / "text.txt"
    source.write_text("12*34=408\n1,000,000 + 0.5 = 1,000,000.5\n" * 50)
    tok = Triadic().attach(gpt2())
    tok.save(tmp_path / "tok")
    encode_files([source], tmp_path / "tok", tmp_path / "shards", threads=2)
    shards = ShardSet(tmp_path / "shards")
    ids = np.asarray(shards[0])
    assert tok.decode(ids[ids != tok.token_to_id("<|endoftext|>")]) == source.read_text()
    verify_shards(tmp_path / "shards")


def test_long_numbers_take_linear_space_and_time() -> None:
    digits = "1234567890" * 20_000
    plain = Triadic().attach(gpt2())
    assert plain.decode(encode(plain, digits)) == digits
    horner = Triadic(overflow="horner").attach(gpt2())
    ids = encode(horner, digits)
    assert len(ids) < len(digits) / 2.5
    assert horner.decode(ids) == digits
    assert horner.parse_numbers(ids) == [Decimal(digits)]
