"""What the ready-made tokenizers have in common: they hold a Tokenizer and pass calls on to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .. import AddedToken, EncodeInput, Encoding, InputSequence, Tokenizer
    from ..decoders import Decoder
    from ..models import Model
    from ..normalizers import Normalizer
    from ..pre_tokenizers import PreTokenizer
    from ..processors import PostProcessor

Offsets = tuple[int, int]


def _required(value: object, message: str) -> None:
    if value is None:
        raise ValueError(message)


class BaseTokenizer:
    """A Tokenizer with the parameters that it was made of.

    Args:
        tokenizer: does the work; all methods without a docstring of their own are its methods.
        parameters: for `repr`.
    """

    def __init__(self, tokenizer: Tokenizer, parameters: dict[str, Any] | None = None) -> None:
        self._tokenizer = tokenizer
        self._parameters = {} if parameters is None else parameters

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name}={value}" for name, value in self._parameters.items())
        size = self._tokenizer.get_vocab_size()
        return f"Tokenizer(vocabulary_size={size}, {parameters})"

    # --- vocabulary ---------------------------------------------------------------------------

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """See `Tokenizer.num_special_tokens_to_add`."""
        return self._tokenizer.num_special_tokens_to_add(is_pair)

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """See `Tokenizer.get_vocab`."""
        return self._tokenizer.get_vocab(with_added_tokens=with_added_tokens)

    def get_added_tokens_decoder(self) -> dict[int, AddedToken]:
        """See `Tokenizer.get_added_tokens_decoder`."""
        return self._tokenizer.get_added_tokens_decoder()

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """See `Tokenizer.get_vocab_size`."""
        return self._tokenizer.get_vocab_size(with_added_tokens=with_added_tokens)

    def add_tokens(self, tokens: list[str | AddedToken]) -> int:
        """See `Tokenizer.add_tokens`."""
        return self._tokenizer.add_tokens(tokens)

    def add_special_tokens(self, special_tokens: list[str | AddedToken]) -> int:
        """See `Tokenizer.add_special_tokens`."""
        return self._tokenizer.add_special_tokens(special_tokens)

    def token_to_id(self, token: str) -> int | None:
        """See `Tokenizer.token_to_id`."""
        return self._tokenizer.token_to_id(token)

    def id_to_token(self, id: int) -> str | None:
        """See `Tokenizer.id_to_token`."""
        return self._tokenizer.id_to_token(id)

    # --- padding and truncation ---------------------------------------------------------------

    def enable_padding(
        self,
        direction: str = "right",
        pad_to_multiple_of: int | None = None,
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
    ) -> None:
        """See `Tokenizer.enable_padding`."""
        self._tokenizer.enable_padding(
            direction=direction,
            pad_to_multiple_of=pad_to_multiple_of,
            pad_id=pad_id,
            pad_type_id=pad_type_id,
            pad_token=pad_token,
            length=length,
        )

    def no_padding(self) -> None:
        """See `Tokenizer.no_padding`."""
        self._tokenizer.no_padding()

    @property
    def padding(self) -> dict[str, Any] | None:
        """See `Tokenizer.padding`."""
        return self._tokenizer.padding

    def enable_truncation(
        self, max_length: int, stride: int = 0, strategy: str = "longest_first"
    ) -> None:
        """See `Tokenizer.enable_truncation`."""
        self._tokenizer.enable_truncation(max_length, stride=stride, strategy=strategy)

    def no_truncation(self) -> None:
        """See `Tokenizer.no_truncation`."""
        self._tokenizer.no_truncation()

    @property
    def truncation(self) -> dict[str, Any] | None:
        """See `Tokenizer.truncation`."""
        return self._tokenizer.truncation

    # --- encoding and decoding ----------------------------------------------------------------

    def normalize(self, sequence: str) -> str:
        """What the normalizer makes of a text."""
        normalizer: Any = self._tokenizer.normalizer
        normalized: str = normalizer.normalize_str(sequence)
        return normalized

    def encode(
        self,
        sequence: InputSequence,
        pair: InputSequence | None = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """See `Tokenizer.encode`; ValueError for None."""
        _required(sequence, "encode: `sequence` can't be `None`")
        return self._tokenizer.encode(sequence, pair, is_pretokenized, add_special_tokens)

    def encode_batch(
        self,
        inputs: list[EncodeInput],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """See `Tokenizer.encode_batch`; ValueError for None."""
        _required(inputs, "encode_batch: `inputs` can't be `None`")
        return self._tokenizer.encode_batch(inputs, is_pretokenized, add_special_tokens)

    async def async_encode_batch(
        self,
        inputs: list[EncodeInput],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """See `Tokenizer.async_encode_batch`; ValueError for None."""
        _required(inputs, "async_encode_batch: `inputs` can't be `None`")
        tokenizer = self._tokenizer
        return await tokenizer.async_encode_batch(inputs, is_pretokenized, add_special_tokens)

    async def async_encode_batch_fast(
        self,
        inputs: list[EncodeInput],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """See `Tokenizer.async_encode_batch_fast`; ValueError for None."""
        _required(inputs, "async_encode_batch_fast: `inputs` can't be `None`")
        tokenizer = self._tokenizer
        return await tokenizer.async_encode_batch_fast(inputs, is_pretokenized, add_special_tokens)

    def decode(self, ids: list[int], skip_special_tokens: bool = True) -> str:
        """See `Tokenizer.decode`; ValueError for None."""
        _required(ids, "None input is not valid. Should be a list of integers.")
        return self._tokenizer.decode(ids, skip_special_tokens=skip_special_tokens)

    def decode_batch(
        self, sequences: list[list[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """See `Tokenizer.decode_batch`; ValueError for None."""
        _required(sequences, "None input is not valid. Should be list of list of integers.")
        return self._tokenizer.decode_batch(sequences, skip_special_tokens=skip_special_tokens)

    async def async_decode_batch(
        self, sequences: list[list[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """See `Tokenizer.async_decode_batch`; ValueError for None."""
        _required(sequences, "async_decode_batch: `sequences` can't be `None`")
        return await self._tokenizer.async_decode_batch(sequences, skip_special_tokens)

    def post_process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """See `Tokenizer.post_process`."""
        return self._tokenizer.post_process(encoding, pair, add_special_tokens)

    # --- saving -------------------------------------------------------------------------------

    def save_model(self, directory: str, prefix: str | None = None) -> list[str]:
        """Writes the files of the model; returns their paths."""
        return self._tokenizer.model.save(directory, prefix=prefix)

    def save(self, path: str, pretty: bool = True) -> None:
        """See `Tokenizer.save`."""
        self._tokenizer.save(path, pretty)

    def to_str(self, pretty: bool = False) -> str:
        """See `Tokenizer.to_str`."""
        return self._tokenizer.to_str(pretty)

    # --- parts --------------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The model."""
        return self._tokenizer.model

    @model.setter
    def model(self, model: Model) -> None:
        self._tokenizer.model = model

    @property
    def normalizer(self) -> Normalizer | None:
        """The normalizer."""
        return self._tokenizer.normalizer

    @normalizer.setter
    def normalizer(self, normalizer: Normalizer | None) -> None:
        self._tokenizer.normalizer = normalizer

    @property
    def pre_tokenizer(self) -> PreTokenizer | None:
        """The pre-tokenizer."""
        return self._tokenizer.pre_tokenizer

    @pre_tokenizer.setter
    def pre_tokenizer(self, pre_tokenizer: PreTokenizer | None) -> None:
        self._tokenizer.pre_tokenizer = pre_tokenizer

    @property
    def post_processor(self) -> PostProcessor | None:
        """The post-processor."""
        return self._tokenizer.post_processor

    @post_processor.setter
    def post_processor(self, post_processor: PostProcessor | None) -> None:
        self._tokenizer.post_processor = post_processor

    @property
    def decoder(self) -> Decoder | None:
        """The decoder."""
        return self._tokenizer.decoder

    @decoder.setter
    def decoder(self, decoder: Decoder | None) -> None:
        self._tokenizer.decoder = decoder
