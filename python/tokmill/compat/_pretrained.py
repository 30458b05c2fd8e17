"""A tokmill.Tokenizer as a tokenizer of transformers, for what no tokenizer.json can express."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizer

from .. import Tokenizer, UnknownToken

_FILES = {"vocab_file": "tokenizer.tokmill"}
_INPUTS = ["input_ids", "attention_mask"]


class TokmillTokenizer(PreTrainedTokenizer):
    """Made by `tokmill.compat.transformers.as_pretrained`, which describes it.

    Of the kind that transformers calls slow: it has no offsets and no word ids.
    """

    vocab_files_names: dict[str, str] = _FILES
    model_input_names: list[str] = _INPUTS

    def __init__(
        self,
        vocab_file: str | os.PathLike[str] | None = None,
        *,
        tokenizer: Tokenizer | None = None,
        **kwargs: Any,
    ) -> None:
        if tokenizer is None:
            if vocab_file is None:
                raise ValueError("a tokenizer or the file of one is needed")
            tokenizer = Tokenizer.from_file(vocab_file)
        self.native = tokenizer
        self._names = _names(tokenizer)
        self._ids: dict[str, int] = {
            name: id for id, name in enumerate(self._names) if name is not None
        }
        # The special tokens before a text and behind it.
        whole = tokenizer.encode("0").tolist()
        inside = tokenizer.encode("0", add_special_tokens=False).tolist()
        starts = range(len(whole) - len(inside) + 1)
        first = next(i for i in starts if whole[i : i + len(inside)] == inside)
        self._before, self._behind = whole[:first], whole[first + len(inside) :]
        super().__init__(  # type: ignore[no-untyped-call]
            **{"clean_up_tokenization_spaces": False, **kwargs}
        )

    @property
    def vocab_size(self) -> int:
        """Number of ids, without tokens that were added to this object."""
        return self.native.vocab_size

    def get_vocab(self) -> dict[str, int]:
        """All tokens by name."""
        return {**self._ids, **self.added_tokens_encoder}

    def tokenize(
        self,
        text: str,
        pair: str | None = None,
        add_special_tokens: bool = False,
        **kwargs: Any,
    ) -> list[str]:
        """The names of the tokens of a text, without special tokens around it."""
        if any(id >= self.native.vocab_size for id in self.added_tokens_decoder):
            tokens: list[str] = super().tokenize(text, **kwargs)
            return tokens
        return self._tokenize(text, **kwargs)

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        plain = kwargs.get("split_special_tokens", self.split_special_tokens)
        ids = self.native.encode(
            text, add_special_tokens=False, special="text" if plain else "parse"
        )
        return [self._convert_id_to_token(id) for id in ids.tolist()]

    def _convert_token_to_id(self, token: str) -> int | None:
        id = self._ids.get(token)
        return self.unk_token_id if id is None else id

    def _convert_id_to_token(self, index: int) -> str:
        name = self._names[index] if 0 <= index < len(self._names) else None
        return "" if name is None else name

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """The text of tokens, special ones by their names."""
        text, ids = "", list[int]()
        for token in tokens:
            id = self._ids.get(token)
            if id is None:  # one that was added to this object
                text += self.native.decode(ids) + token
                ids = []
            else:
                ids.append(id)
        return text + self.native.decode(ids)

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """One text between the special tokens of the tokenizer, or two, each between them."""
        if token_ids_1 is None:
            return [*self._before, *token_ids_0, *self._behind]
        return [
            *self.build_inputs_with_special_tokens(token_ids_0),
            *self.build_inputs_with_special_tokens(token_ids_1),
        ]

    def get_special_tokens_mask(
        self,
        token_ids_0: list[int],
        token_ids_1: list[int] | None = None,
        already_has_special_tokens: bool = False,
    ) -> list[int]:
        """1 for the special tokens of `build_inputs_with_special_tokens`, 0 for the others."""
        if already_has_special_tokens:
            special = {*self._before, *self._behind, *self.all_special_ids}
            return [int(id in special) for id in token_ids_0]
        mask: list[int] = []
        for ids in (token_ids_0, token_ids_1):
            if ids is not None:
                mask += [1] * len(self._before) + [0] * len(ids) + [1] * len(self._behind)
        return mask

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """0 for the first text and what is around it, 1 for the second."""
        around = len(self._before) + len(self._behind)
        first = [0] * (len(token_ids_0) + around)
        return first if token_ids_1 is None else first + [1] * (len(token_ids_1) + around)

    def save_vocabulary(
        self, save_directory: str, filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Writes the tokenizer, for `TokmillTokenizer.from_pretrained`; returns the file's path."""
        prefix = "" if filename_prefix is None else f"{filename_prefix}-"
        path = Path(save_directory) / (prefix + self.vocab_files_names["vocab_file"])
        self.native.save(path)
        return (str(path),)


def _names(tokenizer: Tokenizer) -> list[str | None]:
    """A name of its own for each id; None for ids without a token."""
    names: list[str | None] = []
    for id in range(tokenizer.vocab_size):
        try:
            name = tokenizer.id_to_token(id)
        except UnknownToken:
            names.append(None)
            continue
        if tokenizer.token_to_id(name) != id:  # as those of parts of characters may be
            name = f"<{id}>"
        names.append(name)
    return names
