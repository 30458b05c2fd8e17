"""Ways in which programs call a tokenizer of transformers, each as a function of the tokenizer.

As a program: ``python transformers_forms.py OUTPUT FILE...`` pickles what every form gives for
every tokenizer.json, so that the same program can be run with and without tokmill.
"""

from __future__ import annotations

import copy
import json
import pickle
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SHORT = "Hello, y'all! How are you \u00e0 la 東京 😀 ?"
LONG = "The quick brown fox jumps over the lazy dog, and then some more words follow. " * 3
WORDS = ["Hello", "wörld", "isn't", "", "it", "日本語", "2024"]
BATCH = [SHORT, "", "two  words\n", LONG, "ﬁne Ａ"]
PAIRS = [(SHORT, "a second one"), ("x", LONG), ("", "y")]
CHAT = [
    {"role": "user", "content": "What is 2+2?"},
    {"role": "assistant", "content": "4 — of course."},
]
TEMPLATE = (
    "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)

Form = Callable[[Any], Any]
FORMS: dict[str, Form] = {}


def form(function: Form) -> Form:
    FORMS[function.__name__] = function
    return function


def details(encoding: Any) -> dict[str, Any]:
    """Everything that one Encoding tells."""
    return {
        "ids": encoding.ids,
        "type_ids": encoding.type_ids,
        "tokens": encoding.tokens,
        "offsets": encoding.offsets,
        "attention_mask": encoding.attention_mask,
        "special_tokens_mask": encoding.special_tokens_mask,
        "word_ids": encoding.word_ids,
        "sequence_ids": encoding.sequence_ids,
        "n_sequences": encoding.n_sequences,
        "overflowing": [details(one) for one in encoding.overflowing],
        "len": len(encoding),
        "chars": [
            (encoding.char_to_token(i, s), encoding.char_to_word(i, s))
            for s in range(encoding.n_sequences)
            for i in range(0, 40, 3)
        ],
        "places": [
            (encoding.token_to_chars(i), encoding.token_to_word(i), encoding.token_to_sequence(i))
            for i in range(len(encoding))
        ],
    }


def plain(value: Any) -> Any:
    """Results as values that can be compared and pickled without the libraries."""
    if hasattr(value, "encodings"):
        # Sorted: transformers does not always name the fields in the same order.
        fields = {name: plain(value[name]) for name in sorted(value.keys())}
        return fields, [details(one) for one in value.encodings or []]
    if hasattr(value, "tolist"):
        return str(getattr(value, "dtype", "")), value.tolist()
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value).__name__, [plain(one) for one in value]
    if isinstance(value, str | int | float | bool | type(None)):
        return value
    return type(value).__name__, str(value)


# --- encoding -------------------------------------------------------------------------------------


@form
def one_text(tok: Any) -> Any:
    return tok(SHORT)


@form
def without_special_tokens(tok: Any) -> Any:
    return tok(SHORT, add_special_tokens=False)


@form
def pair(tok: Any) -> Any:
    return tok(SHORT, "and a second")


@form
def batch(tok: Any) -> Any:
    return tok(BATCH)


@form
def batch_of_pairs(tok: Any) -> Any:
    return tok([a for a, _ in PAIRS], [b for _, b in PAIRS]), tok(PAIRS)


@form
def words(tok: Any) -> Any:
    return tok(WORDS, is_split_into_words=True)


@form
def batch_of_words(tok: Any) -> Any:
    return tok([WORDS, ["a"], WORDS[:2]], is_split_into_words=True, padding=True)


@form
def pair_of_words(tok: Any) -> Any:
    return tok(WORDS, ["b", "c d"], is_split_into_words=True)


@form
def padding_to_longest(tok: Any) -> Any:
    return tok(BATCH, padding=True), tok(PAIRS, padding="longest", pad_to_multiple_of=8)


@form
def padding_to_length(tok: Any) -> Any:
    return tok(BATCH, padding="max_length", max_length=16), tok(SHORT, padding="max_length")


@form
def padding_on_the_left(tok: Any) -> Any:
    tok.padding_side = "left"
    result = tok(BATCH, padding=True)
    tok.padding_side = "right"
    return result


@form
def truncation(tok: Any) -> Any:
    return tok(BATCH, truncation=True, max_length=7), tok(LONG, truncation=True, max_length=1)


@form
def truncation_of_pairs(tok: Any) -> Any:
    return [
        outcome(lambda strategy=strategy: tok(LONG, LONG, truncation=strategy, max_length=20))
        for strategy in ("longest_first", "only_first", "only_second", "do_not_truncate")
    ]


@form
def truncation_on_the_left(tok: Any) -> Any:
    tok.truncation_side = "left"
    result = tok(BATCH, truncation=True, max_length=9)
    tok.truncation_side = "right"
    return result


@form
def overflowing_tokens(tok: Any) -> Any:
    options = {"truncation": True, "return_overflowing_tokens": True, "stride": 3}
    return tok(LONG, max_length=12, **options), tok(BATCH, max_length=10, padding=True, **options)


@form
def overflowing_pairs(tok: Any) -> Any:
    return tok(
        [LONG, "short question"],
        [SHORT, LONG],
        truncation="only_second",
        max_length=90,
        stride=8,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding="max_length",
    )


@form
def offsets(tok: Any) -> Any:
    return tok(BATCH, return_offsets_mapping=True), tok(*PAIRS[0], return_offsets_mapping=True)


@form
def masks_and_lengths(tok: Any) -> Any:
    return tok(
        BATCH,
        return_special_tokens_mask=True,
        return_length=True,
        return_token_type_ids=True,
        return_attention_mask=False,
    )


@form
def targets(tok: Any) -> Any:
    return tok(SHORT, text_target="the target"), tok(text_target=BATCH)


@form
def arrays(tok: Any) -> Any:
    return tok(BATCH, padding=True, return_tensors="np")


@form
def lists(tok: Any) -> Any:
    return tok.encode(SHORT), tok.encode(SHORT, "b", add_special_tokens=False)


@form
def tokens(tok: Any) -> Any:
    return tok.tokenize(SHORT), tok.tokenize(SHORT, pair="b", add_special_tokens=True)


@form
def padded_later(tok: Any) -> Any:
    return tok.pad({"input_ids": [[5, 6, 7], [8]]}, padding=True, return_tensors="np")


@form
def special_text(tok: Any) -> Any:
    names = sorted(set(tok.all_special_tokens))[:6]
    text = " ".join(f"a{name}b {name}" for name in names)
    return tok(text), tok(text, split_special_tokens=True)


@form
def words_of_a_batch(tok: Any) -> Any:
    result = tok(BATCH)
    return [
        (result.word_ids(i), result.sequence_ids(i), result.tokens(i)) for i in range(len(BATCH))
    ] + [result.char_to_token(0, 3), result.token_to_chars(0, 1), result[3].ids]


# --- decoding, vocabulary -------------------------------------------------------------------------


@form
def decoding(tok: Any) -> Any:
    ids = tok(SHORT)["input_ids"]
    return (
        tok.decode(ids),
        tok.decode(ids, skip_special_tokens=True),
        tok.decode(ids, clean_up_tokenization_spaces=True),
        tok.decode(ids[1]),
        tok.decode([]),
    )


@form
def decoding_of_batches(tok: Any) -> Any:
    rows = tok(BATCH, padding=True)["input_ids"]
    return tok.batch_decode(rows), tok.batch_decode(rows, skip_special_tokens=True)


@form
def conversions(tok: Any) -> Any:
    pieces = tok.tokenize(SHORT)
    ids = tok.convert_tokens_to_ids(pieces)
    return (
        ids,
        tok.convert_ids_to_tokens(ids),
        tok.convert_ids_to_tokens(ids[0]),
        outcome(lambda: tok.convert_tokens_to_ids("no such token at all")),
        tok.convert_tokens_to_string(pieces),
    )


@form
def vocabulary(tok: Any) -> Any:
    vocab = tok.get_vocab()
    return (
        len(tok),
        tok.vocab_size,
        sorted(vocab.items())[:50],
        len(vocab),
        tok.all_special_ids,
        tok.num_special_tokens_to_add(),
        tok.num_special_tokens_to_add(pair=True),
        {key: str(value) for key, value in tok.added_tokens_decoder.items()},
        tok.get_added_vocab(),
        tok.is_fast,
    )


@form
def chat(tok: Any) -> Any:
    return (
        tok.apply_chat_template(CHAT, chat_template=TEMPLATE, tokenize=False),
        tok.apply_chat_template(CHAT, chat_template=TEMPLATE, add_generation_prompt=True),
    )


# --- changing, storing ----------------------------------------------------------------------------


@form
def added_tokens(tok: Any) -> Any:
    tok = copy.deepcopy(tok)
    counts = [
        tok.add_tokens(["<new1>", "bro", "<new1>"]),
        tok.add_tokens(["<strip>"], special_tokens=True),
        tok.add_special_tokens({"additional_special_tokens": ["<extra>"]}),
    ]
    text = "a <new1>bro<strip> b <extra>."
    ids = tok(text)["input_ids"]
    return counts, tok(text), tok.decode(ids), tok.decode(ids, skip_special_tokens=True), len(tok)


@form
def copies(tok: Any) -> Any:
    again = pickle.loads(pickle.dumps(tok))
    return copy.deepcopy(tok)(SHORT), again(SHORT), copy.copy(tok)(SHORT)


@form
def saved_and_loaded(tok: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        tok.save_pretrained(folder)
        written = json.loads((Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))
        again = type(tok).from_pretrained(folder)
        result = again(BATCH, padding=True, truncation=True, max_length=20)
    written["model"].pop("vocab")
    written["model"].pop("merges", None)
    return json.dumps(written), result, len(again)


@form
def components(tok: Any) -> Any:
    backend = tok.backend_tokenizer
    return (
        type(backend.model).__name__,
        backend.normalizer and backend.normalizer.normalize_str(SHORT),
        backend.pre_tokenizer and backend.pre_tokenizer.pre_tokenize_str(SHORT),
        json.loads(backend.to_str())["post_processor"],
        str(backend.padding),
        str(backend.truncation),
    )


# --- all of them ----------------------------------------------------------------------------------


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return plain(call())
    except Exception as error:
        return type(error).__name__, str(error)


def make(path: str | Path) -> Any:
    """A tokenizer of transformers from a tokenizer.json."""
    from transformers import PreTrainedTokenizerFast

    tok = PreTrainedTokenizerFast(tokenizer_file=str(path), model_max_length=64)
    vocab = tok.get_vocab()
    pad = next((name for name in ("[PAD]", "<pad>", "<|endoftext|>") if name in vocab), "[NEW PAD]")
    tok.add_special_tokens({"pad_token": pad})
    return tok


def run(tok: Any, names: Iterable[str] = FORMS) -> dict[str, Any]:
    """What each form gives, or its exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: outcome(lambda name=name: FORMS[name](tok)) for name in names}


def main(output: str, files: list[str]) -> None:
    import tokenizers

    results = {Path(file).stem: run(make(file)) for file in files}
    Path(output).write_bytes(pickle.dumps((tokenizers.Tokenizer.__module__, results)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
