"""The language model that a command of `tokmill bytes` names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokmill import Tokenizer
from tokmill.bytelm import AnyModel, ByteModel, ByteVocab
from tokmill.pipeline import InvalidOption, load_tokenizer
from tokmill.pipeline.demo import demo_inputs

_ORDER = 3
_DEFAULT_TOKENIZER = "gpt2"


@dataclass(frozen=True)
class Loaded:
    """A model with its vocabulary, and the ids that its texts begin with."""

    vocab: ByteVocab
    model: AnyModel
    context: tuple[int, ...]

    def byte_model(self, **options: Any) -> ByteModel:
        """The model over bytes."""
        return ByteModel(self.vocab, self.model, context_tokens=self.context, **options)


def load_model(
    name: str | None, tokenizer: str | None, training: Sequence[Path], bos: str
) -> Loaded:
    """Loads or trains a model.

    Args:
        name: a directory, GGUF file or name for transformers, or an ARPA file; None: a trigram
            model is trained.
        tokenizer: a definition; None: the model's own, or gpt2 for a trigram model.
        training: text files to train on; none: the text that ships with tokmill.
        bos: "auto", "none", a name or an id: the token before every text.

    Raises:
        InvalidOption: the options do not fit together.
    """
    if name is None:
        tok = load_tokenizer(tokenizer or _DEFAULT_TOKENIZER)
        return Loaded(ByteVocab.from_tokenizer(tok), _trained(tok, training), _first(tok, bos, []))
    if training:
        raise InvalidOption("--train is for models that are trained here: leave --model out")
    if name.endswith(".arpa"):
        return _arpa(name, tokenizer, bos)
    if name.endswith(".gguf"):
        return _gguf(name, tokenizer, bos)
    return _transformers(name, tokenizer, bos)


def _trained(tok: Tokenizer, training: Sequence[Path]) -> AnyModel:
    from tokmill.bytelm.adapters import NGramModel

    with demo_inputs() as shipped:
        paths = training or [Path(path) for path in shipped]
        texts = [path.read_text("utf-8", errors="replace") for path in paths]
    # A paragraph is a text, so that the model knows about ends.
    paragraphs = [part for text in texts for part in text.split("\n\n") if part]
    eos = ByteVocab.from_tokenizer(tok).eos_ids
    return NGramModel.from_texts(paragraphs, tok, order=_ORDER, eos_id=eos[0] if eos else None)


def _arpa(name: str, tokenizer: str | None, bos: str) -> Loaded:
    from tokmill.bytelm.adapters import NGramModel

    if tokenizer is None:
        raise InvalidOption("an ARPA file says nothing about its tokens: give --tokenizer")
    tok = load_tokenizer(tokenizer)
    ids = {tok.id_to_token(id): id for id in tok.get_vocab().values()}
    vocab = ByteVocab.from_tokenizer(tok)
    for id in vocab.eos_ids[:1]:
        ids["</s>"] = id
    model = NGramModel.from_arpa(name, ids, tok.vocab_size)
    return Loaded(vocab, model, _first(tok, bos, []))


def _gguf(name: str, tokenizer: str | None, bos: str) -> Loaded:
    from tokmill.bytelm.adapters import load_gguf

    loaded = load_gguf(name)
    tok = loaded.tokenizer if tokenizer is None else load_tokenizer(tokenizer)
    vocab = ByteVocab.from_tokenizer(tok, eos_ids=loaded.eos)
    return Loaded(vocab, loaded.model, _first(tok, bos, loaded.bos))


def _transformers(name: str, tokenizer: str | None, bos: str) -> Loaded:
    from tokmill.bytelm.adapters import TransformersModel

    model = TransformersModel.from_pretrained(name)
    tok = Tokenizer.from_pretrained(name) if tokenizer is None else load_tokenizer(tokenizer)
    config = model.model.config
    begins, ends = (
        [] if ids is None else [ids] if isinstance(ids, int) else list(ids)
        for ids in (config.bos_token_id, config.eos_token_id)
    )
    vocab = ByteVocab.from_tokenizer(tok, eos_ids=ends or None)
    return Loaded(vocab, model, _first(tok, bos, begins))


def _first(tok: Tokenizer, bos: str, own: Sequence[int]) -> tuple[int, ...]:
    if bos == "none":
        return ()
    if bos == "auto":
        return tuple(own)
    found = tok.token_to_id(bos)
    if found is None and bos.isascii() and bos.isdigit():
        found = int(bos)
    if found is None:
        raise InvalidOption(f"--bos: the tokenizer has no token {bos!r}")
    return (found,)
