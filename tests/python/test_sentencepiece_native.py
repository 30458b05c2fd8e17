"""The native interface with SentencePiece models, against sentencepiece."""

from __future__ import annotations

import copy
import pickle
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from definitions import amount, corpus_names, read_corpus
from hard_strings import hard_strings, random_bytes
from sentencepiece_models import SMALL, TRAINED, model, model_names

import tokmill

NAMES = (*TRAINED, *(model_names() if amount(0, 1) else [name for name in SMALL if model_names()]))


class Pair:
    """A model in the reference and in tokmill, and texts for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = model(name)
        self.reference = sentencepiece.SentencePieceProcessor(model_proto=self.data)
        self.native = tokmill.Tokenizer.from_bytes(self.data)
        size = self.reference.get_piece_size()
        self.pieces = self.reference.id_to_piece(range(size))
        self.controls = {
            self.pieces[i]: i
            for i in range(size)
            if self.reference.is_control(i) and self.pieces[i]
        }

    def texts(self, seed: int, count: int) -> list[str]:
        rng = random.Random(zlib.crc32(self.name.encode()) + seed)
        some = rng.choices(self.pieces, k=60)
        texts = rng.sample(hard_strings(seed, some[:6], 100), k=count)
        texts += ["".join(rng.choices(some, k=9)).replace("▁", " ") for _ in range(count // 2)]
        for corpus in rng.sample(corpus_names(), k=min(len(corpus_names()), 8)):
            text = read_corpus(corpus)
            start = rng.randrange(len(text))
            texts.append(text[start : start + rng.choice((50, 3000))])
        return texts


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(request.param)


def test_ids_and_counts(pair: Pair) -> None:
    texts = pair.texts(1, amount(300, 2000))
    expected = [list(ids) for ids in pair.reference.encode(texts)]
    random.Random(1).shuffle(order := list(range(len(texts))))
    for threads in (1, 2):
        batch = pair.native.encode_batch([texts[i] for i in order], threads=threads)
        assert batch.tolist() == [expected[i] for i in order]
        counts = pair.native.count_batch(texts, threads=threads)
        assert counts.tolist() == [len(ids) for ids in expected]
    for text, ids in list(zip(texts, expected, strict=True))[:100]:
        assert pair.native.encode(text).tolist() == ids
        assert pair.native.encode(text.encode()).tolist() == ids
        assert pair.native.encode(text, special="text").tolist() == ids
        assert pair.native.encode(text, add_special_tokens=False).tolist() == ids
        assert pair.native.count(text) == len(ids)
        assert pair.native.fits(text, len(ids))
        assert not ids or not pair.native.fits(text, len(ids) - 1)


def test_long_texts(pair: Pair) -> None:
    rng = random.Random(2)
    parts = pair.texts(2, 60)
    for text in ("".join(rng.choices(parts, k=60)), "ab " * 3000, "中" * 2000, " " * 2000):
        assert pair.native.encode(text).tolist() == list(pair.reference.encode(text))


def test_offsets(pair: Pair) -> None:
    for text in pair.texts(3, amount(80, 1000)):
        expected = pair.reference.encode(text, return_type="offset_mapping")
        ids, spans = pair.native.encode_with_offsets(text, unit="char")
        assert ids.tolist() == list(expected["ids"])
        assert list(map(tuple, spans.tolist())) == list(map(tuple, expected["offsets"]))
        places = np.cumsum([0, *(len(character.encode()) for character in text)])
        _, in_bytes = pair.native.encode_with_offsets(text, unit="byte")
        assert np.array_equal(in_bytes, places[spans])


def test_decoding(pair: Pair) -> None:
    rng = random.Random(4)
    rows = [list(ids) for ids in pair.reference.encode(pair.texts(4, 60))]
    rows += [rng.choices(range(len(pair.pieces)), k=rng.randint(1, 12)) for _ in range(100)]
    expected = pair.reference.decode(rows)
    assert pair.native.decode_batch(rows) == expected
    for row, text in zip(rows, expected, strict=True):
        assert pair.native.decode(row) == text
        stream = pair.native.decode_stream()
        assert "".join(map(stream.push, row)) + stream.finish() == text, row


def test_vocabulary(pair: Pair) -> None:
    native = pair.native
    assert native.vocab_size == len(pair.pieces)
    assert native.special_tokens == pair.controls
    assert native.get_vocab() == {piece: number for number, piece in enumerate(pair.pieces)}
    for number, piece in enumerate(pair.pieces):
        assert native.id_to_token(number) == piece
        assert native.token_to_id(piece) == number
        if pair.reference.is_byte(number):
            assert native.token_bytes(number) == bytes([int(piece[3:5], 16)])
        elif not pair.reference.is_control(number):
            assert native.token_bytes(number) == piece.replace("▁", " ").encode()
    for bad in (len(pair.pieces), 2**32 - 1):
        with pytest.raises(tokmill.UnknownToken) as caught:
            native.decode([0, bad])
        assert caught.value.index == 1
        for call in (native.id_to_token, native.token_bytes, native.decode_stream().push):
            with pytest.raises(tokmill.UnknownToken):
                call(bad)


def test_control_symbols(pair: Pair) -> None:
    names = set(pair.controls)
    for name in names:
        text = f"in {name} the"
        as_text = list(pair.reference.encode(text))
        assert pair.native.encode(text).tolist() == as_text
        with pytest.raises(tokmill.InvalidInput) as caught:
            pair.native.encode(text, special="raise")
        assert caught.value.position == text.index(name)
        expected = [
            *pair.reference.encode("in "),
            pair.controls[name],
            *pair.reference.encode(" the"),
        ]
        assert pair.native.encode(text, special={name}).tolist() == expected
        assert pair.native.encode(text, special=names).tolist() == expected
        assert pair.native.encode(text, special=set()).tolist() == as_text
    assert pair.native.encode("in the", special="raise").tolist() == list(
        pair.reference.encode("in the")
    )


def test_bytes_that_are_not_text(pair: Pair) -> None:
    for data in random_bytes(5, 40):
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            for call in (pair.native.encode, pair.native.count, pair.native.encode_with_offsets):
                with pytest.raises(tokmill.InvalidInput) as caught:
                    call(data)
                assert caught.value.position == error.start
            with pytest.raises(tokmill.InvalidInput) as caught:
                pair.native.encode_batch([b"a", data])
            assert caught.value.index == 1
        else:
            assert pair.native.encode(data).tolist() == list(pair.reference.encode(text))


def test_values(pair: Pair, tmp_path: Path) -> None:
    native = pair.native
    texts = pair.texts(6, 60)
    expected = native.encode_batch(texts)
    assert copy.copy(native) is native
    assert copy.deepcopy(native) is native
    pickled = pickle.loads(pickle.dumps(native))
    assert pickled == native
    assert hash(pickled) == hash(native)
    assert pickled.encode_batch(texts) == expected
    path = tmp_path / "tokenizer.model"
    path.write_bytes(pair.data)
    loaded = tokmill.Tokenizer.from_file(path)
    assert loaded == native
    assert loaded.encode_batch(texts) == expected
    with pytest.raises(tokmill.UnsupportedTokenizer):
        native.save(tmp_path / "tokenizer.json")
