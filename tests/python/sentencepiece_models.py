"""SentencePiece models for the tests: those of the data folder, and kinds that it does not have,
made with the trainer of the reference."""

from __future__ import annotations

import functools
import io
import random

from definitions import data_root, read_data

# Of each kind and size one; the others are alike.
SMALL = (
    "hf_fixture_test_sentencepiece",
    "hf_fixture_test_sentencepiece_bpe",
    "hf_fixture_test_sentencepiece_bpe_char",
    "hf_fixture_test_sentencepiece_with_bytefallback",
    "sp_test_ja_model",
    "llama-2",
    "mistral-v3",
    "t5-base",
    "albert-base-v2.spiece",
)

OPTIONS: dict[str, dict[str, object]] = {
    "word": {"model_type": "word"},
    "char": {"model_type": "char"},
    "char-symbols": {"model_type": "char", "user_defined_symbols": ["in", "ing", "the"]},
    "unigram-suffix": {"treat_whitespace_as_suffix": True},
    "bpe-suffix": {"model_type": "bpe", "treat_whitespace_as_suffix": True},
    "unigram-bare": {"add_dummy_prefix": False, "remove_extra_whitespaces": False},
    "bpe-bare": {
        "model_type": "bpe",
        "add_dummy_prefix": False,
        "remove_extra_whitespaces": False,
        "normalization_rule_name": "identity",
    },
    "unigram-bytes": {"byte_fallback": True, "vocab_size": 700},
    "bpe-bytes": {"model_type": "bpe", "byte_fallback": True, "vocab_size": 700},
    "unigram-symbols": {
        "user_defined_symbols": ["ab", "abc", "bcd", "<x>", "▁▁", "in", " the"],
        "control_symbols": ["<c>", "<2de>"],
    },
    "bpe-symbols": {
        "model_type": "bpe",
        "user_defined_symbols": ["ab", "abc", "bcd", "<x>", "▁▁", "in", " the"],
        "control_symbols": ["<c>", "<2de>"],
    },
    # As Gemma has it.
    "bpe-bytes-symbols": {
        "model_type": "bpe",
        "byte_fallback": True,
        "vocab_size": 700,
        "add_dummy_prefix": False,
        "remove_extra_whitespaces": False,
        "normalization_rule_name": "identity",
        "user_defined_symbols": ["the", "ing", "a", "<x>", "▁▁", "▁▁▁"],
    },
    "unigram-nowords": {"split_by_whitespace": False, "vocab_size": 600},
    "bpe-nowords": {"model_type": "bpe", "split_by_whitespace": False, "vocab_size": 600},
    "unigram-casefold": {"normalization_rule_name": "nmt_nfkc_cf", "pad_id": 3},
    "bpe-specials": {
        "model_type": "bpe",
        "bos_id": -1,
        "eos_id": 0,
        "unk_id": 1,
        "pad_id": 2,
        "unk_piece": "[UNK]",
        "eos_piece": "[EOS]",
        "unk_surface": "?",
    },
    "unigram-denormalized": {"denormalization_rule_tsv": None},
}


def sentences(count: int = 1500) -> list[str]:
    """Lines for the trainer: words that are made of few syllables, numbers and signs."""
    rng = random.Random(7)
    syllables = [
        "in",
        "ing",
        "the",
        "ab",
        "abc",
        "bcd",
        "tion",
        "o",
        "e",
        "ta",
        "ri",
        "漢",
        "字",
        "é",
    ]
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(400)]
    lines = []
    for _ in range(count):
        line = " ".join(rng.choices(words, k=rng.randint(2, 9)))
        lines.append(line + rng.choice(["", ".", "!", " 12", " <x>", "  3,5"]))
    return lines


def unused(model: bytes, share: float) -> bytes:
    """The model with a share of its pieces marked as not used."""
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    rng = random.Random(3)
    for piece in proto.pieces:
        if piece.type == piece.NORMAL and rng.random() < share:
            piece.type = piece.UNUSED
    result: bytes = proto.SerializeToString()
    return result


@functools.cache
def trained(name: str) -> bytes:
    """A model of a kind of OPTIONS; "-unused" behind it: a third of its pieces are not used."""
    import sentencepiece

    if name.endswith("-unused"):
        return unused(trained(name.removesuffix("-unused")), 0.3)
    options = {"vocab_size": 300, "hard_vocab_limit": False, "minloglevel": 2, **OPTIONS[name]}
    options.pop("denormalization_rule_tsv", None)
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences()), model_writer=out, num_threads=1, **options
    )
    model = out.getvalue()
    if name == "unigram-denormalized":
        model = with_denormalizer(model)
    return model


def with_denormalizer(model: bytes) -> bytes:
    """The model with a table that is applied to decoded text."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    table = sentencepiece.SentencePieceNormalizer(
        norm_map=[("in", "IN"), ("ta", ""), (".", "。")],
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        escape_whitespaces=False,
    )
    proto.denormalizer_spec.ParseFromString(table.serialized_normalizer_spec())
    result: bytes = proto.SerializeToString()
    return result


TRAINED = (
    *OPTIONS,
    "unigram-bare-unused",
    "bpe-bare-unused",
    "bpe-symbols-unused",
    "word-unused",
    "char-unused",
)


def model_names() -> list[str]:
    """All models of the data folder."""
    root = data_root()
    if root is None:
        return []
    files = (path.name.removesuffix(".xz") for path in (root / "tokenizers/spm").iterdir())
    return sorted(name for name in files if name.endswith((".model", ".spm")))


def model(name: str) -> bytes:
    """The contents of a model: a kind of `TRAINED`, or a file of the data folder."""
    if name in TRAINED:
        return trained(name)
    if not name.endswith((".model", ".spm")):
        name += ".model"
    return read_data(f"tokenizers/spm/{name}")
