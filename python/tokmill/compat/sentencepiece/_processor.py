"""SentencePieceProcessor: encoding and decoding with a SentencePiece model."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from . import _protos
from ._engine import Engine, ThreadPool, read_file, resolve_threads
from ._engine import serialized as to_bytes

_RETURN_TYPES = (int, str, bytes, "proto", "serialized_proto", "numpy", "offset_mapping")

# What the engine calls the forms of a result. Arrays and messages are made from its buffers and
# bytes.
_ENCODERS = {
    int: "encode_as_ids",
    str: "encode_as_pieces",
    bytes: "encode_as_pieces",
    "serialized_proto": "encode_as_proto",
    "proto": "encode_as_proto",
    "offset_mapping": "encode_as_mapping",
    "numpy": "encode_as_buffer",
}
_CHUNKED_ENCODERS = {
    int: "chunked_as_ids",
    str: "chunked_as_pieces",
    bytes: "chunked_as_pieces",
    "serialized_proto": "chunked_as_proto",
    "proto": "chunked_as_proto",
    "numpy": "chunked_as_buffer",
}
_NBEST_ENCODERS = {
    int: "nbest_as_ids",
    str: "nbest_as_pieces",
    bytes: "nbest_as_pieces",
    "serialized_proto": "nbest_as_proto",
    "proto": "nbest_as_proto",
    "numpy": "nbest_as_buffer",
}

Self = TypeVar("Self", bound="SentencePieceProcessor")


def _is_sequence(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes)


def _holds_pieces(row: Any) -> bool:
    """Whether a row of things to decode holds pieces, not ids."""
    return len(row) > 0 and not hasattr(row, "dtype") and isinstance(row[0], str | bytes)


def _to_array(buffer: Any) -> Any:
    return np.frombuffer(buffer, dtype=np.int32)


class SentencePieceProcessor:
    """A SentencePiece model.

    The methods have two names each, as in sentencepiece: `EncodeAsIds` and `encode_as_ids`.
    """

    def __init__(
        self,
        model_file: Any = None,
        model_proto: Any = None,
        out_type: Any = None,
        add_bos: bool = False,
        add_eos: bool = False,
        reverse: bool = False,
        emit_unk_piece: bool = False,
        enable_sampling: bool = False,
        nbest_size: int = -1,
        alpha: float = 0.1,
        num_threads: int = -1,
        return_type: Any = None,
    ) -> None:
        """Loads a model, if one is given; the other arguments are the defaults of the calls.

        Args:
            model_file: A model file.
            model_proto: The contents of one, or a ModelProto.
            out_type: An older name of `return_type`.
            add_bos: Begin each row with the id of bos.
            add_eos: End each row with the id of eos.
            reverse: Reverse the order of the pieces.
            emit_unk_piece: Give the unknown piece in place of pieces that are not in the model.
            enable_sampling: Draw a segmentation at random.
            nbest_size: Draw from so many of the best; from all if negative.
            alpha: Smoothing of the draw; for BPE the probability that a merge is left out.
            num_threads: Threads of calls on batches; as many as processors if negative.
            return_type: int, str, bytes, "numpy", "proto", "serialized_proto", "offset_mapping".

        Raises:
            RuntimeError: The model cannot be read or is broken.
        """
        self._processor = Engine()
        self._return_type = self._resolve_return_type(return_type, out_type, default=int)
        self._add_bos = add_bos
        self._add_eos = add_eos
        self._reverse = reverse
        self._emit_unk_piece = emit_unk_piece
        self._enable_sampling = enable_sampling
        self._nbest_size = nbest_size
        self._alpha = alpha
        self._num_threads = num_threads
        if model_file or model_proto:
            self.Load(model_file=model_file, model_proto=model_proto)

    def _resolve_return_type(self, return_type: Any, out_type: Any, default: Any = None) -> Any:
        if out_type is not None:
            if return_type is not None:
                raise ValueError(
                    "Cannot specify both out_type and return_type. Use return_type instead."
                )
            return_type = out_type
        if return_type is None:
            return_type = self._return_type if default is None else default
        if return_type == "immutable_proto":
            raise ValueError(
                "immutable_proto is deprecated and no longer supported. "
                "Use return_type='proto' instead."
            )
        if return_type not in _RETURN_TYPES:
            raise ValueError(f"Invalid return_type: {return_type}. Must be one of {_RETURN_TYPES}")
        return return_type

    def _rewriting(
        self, add_bos: Any, add_eos: Any, reverse: Any, emit_unk_piece: Any
    ) -> tuple[bool, bool, bool, bool]:
        """What is done to the result of a call, from its arguments and the defaults."""
        return (
            bool(self._add_bos if add_bos is None else add_bos),
            bool(self._add_eos if add_eos is None else add_eos),
            bool(self._reverse if reverse is None else reverse),
            bool(self._emit_unk_piece if emit_unk_piece is None else emit_unk_piece),
        )

    def _threads(self, num_threads: Any) -> int:
        num_threads = self._num_threads if num_threads is None else num_threads
        if num_threads is None or not isinstance(num_threads, int):
            raise TypeError("num_threads must be int")
        return num_threads

    @classmethod
    def from_file(cls: type[Self], model_file: Any, **kwargs: Any) -> Self:
        """A processor with the model of a file; `kwargs` are those of the constructor."""
        return cls._loaded("from_file", "LoadFromFile", model_file, kwargs)

    @classmethod
    def from_proto(cls: type[Self], model_proto: Any, **kwargs: Any) -> Self:
        """A processor with a model in memory; `kwargs` are those of the constructor."""
        return cls._loaded("from_proto", "LoadFromSerializedProto", model_proto, kwargs)

    @classmethod
    def _loaded(cls: type[Self], name: str, load: str, source: Any, kwargs: dict[str, Any]) -> Self:
        if "model_file" in kwargs or "model_proto" in kwargs:
            raise ValueError(
                "model_file and model_proto cannot be passed via kwargs "
                f"when using {name} classmethod."
            )
        processor = cls(**kwargs)
        getattr(processor, load)(source)
        return processor

    def Load(self, model_file: Any = None, model_proto: Any = None) -> bool:
        """Loads a model from a file or from memory. True."""
        if model_file and model_proto:
            raise ValueError("model_file and model_proto must be exclusive.")
        if model_proto:
            return self.LoadFromSerializedProto(model_proto)
        if model_file:
            return self.LoadFromFile(model_file)
        raise ValueError("Either model_file or model_proto must be specified.")

    def LoadFromFile(self, filename: Any) -> bool:
        """Loads the model of a file. True."""
        contents = read_file(filename)
        try:
            self._processor.load(contents)
        except RuntimeError as error:
            prefix, _, reason = str(error).partition(": not a SentencePiece model: ")
            if not reason:
                raise
            raise RuntimeError(
                f"{prefix}: could not parse ModelProto from {filename}: {reason}"
            ) from None
        return True

    def LoadFromSerializedProto(self, serialized: Any) -> bool:
        """Loads a model in memory: the contents of a file, or a ModelProto. True."""
        self._processor.load(to_bytes(serialized))
        return True

    def Encode(
        self,
        input: Any,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        enable_sampling: bool | None = None,
        nbest_size: int | None = None,
        alpha: float | None = None,
        num_threads: int | None = None,
        thread_pool: ThreadPool | None = None,
        return_type: Any = None,
        out_type: Any = None,
        return_bytes: bool | None = None,
    ) -> Any:
        """Encodes a text (str or bytes), or each of a list of texts.

        The arguments are those of the constructor. With "offset_mapping" the result is a dict with
        ids, pieces and offsets (begin, end) of each piece in the text: in characters, or in bytes
        where `return_bytes` says so or the text is bytes.

        Raises:
            TypeError: The input is not text.
            ValueError: Arguments that exclude each other, or bos or eos that the model lacks.
            RuntimeError: No model is loaded, or the text holds surrogates.
        """
        return_type = self._resolve_return_type(return_type, out_type)
        if return_bytes is not None and return_type != "offset_mapping":
            raise ValueError("return_bytes is only supported when return_type='offset_mapping'")
        rewriting = self._rewriting(add_bos, add_eos, reverse, emit_unk_piece)
        sampling = self._enable_sampling if enable_sampling is None else enable_sampling
        nbest_size = self._nbest_size if nbest_size is None else nbest_size
        alpha = self._alpha if alpha is None else alpha
        if sampling is True and (nbest_size is None or nbest_size in (0, 1) or alpha is None):
            raise ValueError(
                'When enable_sampling is True, We must specify "nbest_size > 1" or '
                '"nbest_size = -1", and "alpha". "nbest_size" is enabled only on unigram mode '
                'ignored in BPE-dropout. when "nbest_size = -1" , this method samples from all '
                "candidates on the lattice instead of nbest segmentations."
            )
        threads = self._threads(num_threads)
        is_batch = isinstance(input, list)
        if is_batch:
            threads = resolve_threads(threads, thread_pool)
        as_bytes = return_type is bytes
        if return_type == "offset_mapping":
            first = input[0] if is_batch and input else input
            as_bytes = isinstance(first, bytes) if return_bytes is None else bool(return_bytes)

        encode = getattr(self._processor, _ENCODERS[return_type])
        result = encode(
            input,
            is_batch,
            max(threads, 1),
            bool(sampling),
            -1 if nbest_size is None else nbest_size,
            0.0 if alpha is None else alpha,
            *rewriting,
            as_bytes,
        )
        return self._finish(result, return_type, is_batch, _protos.to_text)

    @staticmethod
    def _finish(result: Any, return_type: Any, is_batch: bool, to_message: Any) -> Any:
        if return_type == "numpy":
            return [_to_array(row) for row in result] if is_batch else _to_array(result)
        if return_type == "proto":
            return [to_message(row) for row in result] if is_batch else to_message(result)
        return result

    def EncodeAsPieces(self, input: Any, **kwargs: Any) -> Any:
        """Encode() to str."""
        return self.Encode(input=input, return_type=str, **kwargs)

    def EncodeAsIds(self, input: Any, **kwargs: Any) -> Any:
        """Encode() to int."""
        return self.Encode(input=input, return_type=int, **kwargs)

    def EncodeAsNumpy(self, input: Any, **kwargs: Any) -> Any:
        """Encode() to arrays of int32."""
        return self.Encode(input=input, return_type="numpy", **kwargs)

    def EncodeAsProto(self, input: Any, **kwargs: Any) -> Any:
        """Encode() to SentencePieceText."""
        return self.Encode(input=input, return_type="proto", **kwargs)

    def EncodeAsOffsetMapping(self, input: Any, **kwargs: Any) -> Any:
        """Encode() to a dict with ids, pieces and offsets."""
        return self.Encode(input=input, return_type="offset_mapping", **kwargs)

    def SampleEncodeAsPieces(
        self, input: Any, nbest_size: int | None = None, alpha: float | None = None, **kwargs: Any
    ) -> Any:
        """Encode() with sampling, to str."""
        return self._sample(input, nbest_size, alpha, str, kwargs)

    def SampleEncodeAsIds(
        self, input: Any, nbest_size: int | None = None, alpha: float | None = None, **kwargs: Any
    ) -> Any:
        """Encode() with sampling, to int."""
        return self._sample(input, nbest_size, alpha, int, kwargs)

    def SampleEncodeAsNumpy(
        self, input: Any, nbest_size: int | None = None, alpha: float | None = None, **kwargs: Any
    ) -> Any:
        """Encode() with sampling, to arrays of int32."""
        return self._sample(input, nbest_size, alpha, "numpy", kwargs)

    def SampleEncodeAsProto(
        self, input: Any, nbest_size: int | None = None, alpha: float | None = None, **kwargs: Any
    ) -> Any:
        """Encode() with sampling, to SentencePieceText."""
        return self._sample(input, nbest_size, alpha, "proto", kwargs)

    def _sample(
        self,
        input: Any,
        nbest_size: int | None,
        alpha: float | None,
        return_type: Any,
        kwargs: dict[str, Any],
    ) -> Any:
        return self.Encode(
            input=input,
            nbest_size=nbest_size,
            alpha=alpha,
            return_type=return_type,
            enable_sampling=True,
            **kwargs,
        )

    def NBestEncode(
        self,
        input: Any,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        nbest_size: int | None = None,
        return_type: Any = None,
        out_type: Any = None,
    ) -> Any:
        """The `nbest_size` best segmentations of a text, or of each of a list of texts.

        Raises:
            RuntimeError: The model is not a unigram model, or more than 512 are wanted.
        """
        return_type = self._resolve_return_type(return_type, out_type)
        rewriting = self._rewriting(add_bos, add_eos, reverse, emit_unk_piece)
        count = self._nbest_size if nbest_size is None else nbest_size
        if return_type not in _NBEST_ENCODERS:
            raise ValueError(f"unknown return_type={return_type}")
        encode = getattr(self._processor, _NBEST_ENCODERS[return_type])

        def encode_one(text: Any) -> Any:
            result = encode(text, max(count, 1), *rewriting, return_type is bytes)
            is_list = return_type == "numpy"
            return self._finish(result, return_type, is_list, _protos.to_nbest)

        if isinstance(input, list):
            return [encode_one(text) for text in input]
        return encode_one(input)

    def NBestEncodeAsPieces(self, input: Any, nbest_size: int | None = None, **kwargs: Any) -> Any:
        """NBestEncode() to str."""
        return self.NBestEncode(input=input, nbest_size=nbest_size, return_type=str, **kwargs)

    def NBestEncodeAsIds(self, input: Any, nbest_size: int | None = None, **kwargs: Any) -> Any:
        """NBestEncode() to int."""
        return self.NBestEncode(input=input, nbest_size=nbest_size, return_type=int, **kwargs)

    def NBestEncodeAsNumpy(self, input: Any, nbest_size: int | None = None, **kwargs: Any) -> Any:
        """NBestEncode() to arrays of int32."""
        return self.NBestEncode(input=input, nbest_size=nbest_size, return_type="numpy", **kwargs)

    def NBestEncodeAsProto(self, input: Any, nbest_size: int | None = None, **kwargs: Any) -> Any:
        """NBestEncode() to NBestSentencePieceText."""
        return self.NBestEncode(input=input, nbest_size=nbest_size, return_type="proto", **kwargs)

    def ParallelEncode(
        self,
        input: Any,
        add_bos: bool | None = None,
        add_eos: bool | None = None,
        reverse: bool | None = None,
        emit_unk_piece: bool | None = None,
        chunk_len: int | None = None,
        num_threads: int | None = None,
        thread_pool: ThreadPool | None = None,
        return_type: Any = None,
        out_type: Any = None,
    ) -> Any:
        """Encode() for a long text, or each of a list, that is cut into chunks for several threads.

        Nearly always the result of Encode(); where the reference differs from it, so does this.

        Args:
            input: The text.
            add_bos: As for Encode().
            add_eos: As for Encode().
            reverse: As for Encode().
            emit_unk_piece: As for Encode().
            chunk_len: The size of the chunks in characters; must be positive.
            num_threads: The number of threads.
            thread_pool: Its number of threads counts, if it is given.
            return_type: All but "offset_mapping".
            out_type: An older name of `return_type`.
        """
        return_type = self._resolve_return_type(return_type, out_type)
        threads = self._threads(num_threads)
        if chunk_len is None or not isinstance(chunk_len, int) or chunk_len <= 0:
            raise ValueError("chunk_len must be positive.")
        if return_type not in _CHUNKED_ENCODERS:
            raise ValueError(f"unknown return_type={return_type}")
        threads = resolve_threads(threads, thread_pool)
        rewriting = self._rewriting(add_bos, add_eos, reverse, emit_unk_piece)
        encode = getattr(self._processor, _CHUNKED_ENCODERS[return_type])

        def encode_one(text: Any) -> Any:
            result = encode(text, chunk_len, threads, *rewriting, return_type is bytes)
            return self._finish(result, return_type, False, _protos.to_text)

        if isinstance(input, list):
            return [encode_one(text) for text in input]
        return encode_one(input)

    def ParallelEncodeAsPieces(self, input: Any, **kwargs: Any) -> Any:
        """ParallelEncode() to str."""
        return self.ParallelEncode(input=input, return_type=str, **kwargs)

    def ParallelEncodeAsIds(self, input: Any, **kwargs: Any) -> Any:
        """ParallelEncode() to int."""
        return self.ParallelEncode(input=input, return_type=int, **kwargs)

    def ParallelEncodeAsNumpy(self, input: Any, **kwargs: Any) -> Any:
        """ParallelEncode() to arrays of int32."""
        return self.ParallelEncode(input=input, return_type="numpy", **kwargs)

    def ParallelEncodeAsProto(self, input: Any, **kwargs: Any) -> Any:
        """ParallelEncode() to SentencePieceText."""
        return self.ParallelEncode(input=input, return_type="proto", **kwargs)

    def Decode(
        self,
        input: Any,
        return_type: Any = None,
        out_type: Any = None,
        num_threads: int | None = None,
        thread_pool: ThreadPool | None = None,
        return_bytes: bool | None = None,
    ) -> Any:
        """The text of ids or of pieces: of one row, or of each of a batch of rows.

        Args:
            input: An id, a piece, a sequence or array of them, or a sequence of such rows.
            return_type: str, bytes, "proto", "serialized_proto" or "offset_mapping".
            out_type: An older name of `return_type`.
            num_threads: Threads for a batch.
            thread_pool: Its number of threads counts, if it is given.
            return_bytes: With "offset_mapping": texts and offsets in bytes.

        Raises:
            IndexError: An id that the model does not have.
            TypeError: The input is neither ids nor pieces.
        """
        return_type = self._resolve_return_type(return_type, out_type, default=str)
        if return_bytes is not None and return_type != "offset_mapping":
            raise ValueError("return_bytes is only supported when return_type='offset_mapping'")
        threads = self._threads(num_threads)
        if return_type is int or return_type == "numpy":
            raise ValueError(f"unknown return_type={return_type} or input type")
        if input is None or (isinstance(input, str | bytes) and len(input) == 0):
            input = []
        if not _is_sequence(input):
            input = [input]
        if hasattr(input, "ndim"):
            is_batch = input.ndim > 1
        else:
            is_batch = len(input) > 0 and _is_sequence(input[0])
        if not is_batch:
            result = self._decode_row(input, return_type, bool(return_bytes))
        else:
            threads = resolve_threads(threads, thread_pool)
            result = self._decode_batch(input, return_type, threads, bool(return_bytes))
        return self._finish(result, return_type, is_batch, _protos.to_text)

    def _decode_row(self, row: Any, return_type: Any, return_bytes: bool) -> Any:
        engine = self._processor
        if return_type == "offset_mapping":
            return engine.decode_as_mapping(row, return_bytes)
        is_message = return_type in ("proto", "serialized_proto")
        if _holds_pieces(row):
            decode = engine.decode_pieces_as_proto if is_message else engine.decode_pieces
        else:
            decode = engine.decode_ids_as_proto if is_message else engine.decode_ids
        return decode(row, return_type is bytes)

    def _decode_batch(self, rows: Any, return_type: Any, threads: int, return_bytes: bool) -> Any:
        engine = self._processor
        if return_type == "offset_mapping":
            return engine.decode_batch_as_mapping(rows, threads, return_bytes)
        # Empty rows may be either.
        first = next((row for row in rows if _is_sequence(row) and len(row) > 0), ())
        is_message = return_type in ("proto", "serialized_proto")
        if _holds_pieces(first):
            decode = engine.decode_piece_batch_as_proto if is_message else engine.decode_piece_batch
        else:
            decode = engine.decode_id_batch_as_proto if is_message else engine.decode_id_batch
        return decode(rows, threads, return_type is bytes)

    def DecodePieces(self, input: Any, return_type: Any = None, **kwargs: Any) -> Any:
        """Decode()."""
        return self.Decode(input=input, return_type=return_type, **kwargs)

    def DecodeIds(self, input: Any, return_type: Any = None, **kwargs: Any) -> Any:
        """Decode()."""
        return self.Decode(input=input, return_type=return_type, **kwargs)

    def DecodePiecesAsProto(self, input: Any, **kwargs: Any) -> Any:
        """Decode() to SentencePieceText."""
        return self.Decode(input=input, return_type="proto", **kwargs)

    def DecodeIdsAsProto(self, input: Any, **kwargs: Any) -> Any:
        """Decode() to SentencePieceText."""
        return self.Decode(input=input, return_type="proto", **kwargs)

    def Normalize(self, input: Any, with_offsets: bool | None = None) -> Any:
        """The normalized form of a text or of each of a list of texts.

        With offsets, a tuple: the text, and for each of its characters (each byte for bytes) and
        for its end the place in the input that it comes from.
        """
        engine = self._processor
        function = engine.normalize_with_offsets if with_offsets else engine.normalize
        if isinstance(input, list):
            return [function(text) for text in input]
        return function(input)

    def GetPieceSize(self) -> int:
        """The number of pieces."""
        return self._processor.piece_size()

    def PieceToId(self, piece: Any) -> Any:
        """The id of a piece (that of the unknown piece for others), or of each of a sequence."""
        return self._processor.piece_to_id(piece)

    def IdToPiece(self, id: Any) -> Any:
        """The text of an id, or of each of a sequence; IndexError if there is none."""
        return self._processor.id_to_piece(id)

    def GetScore(self, id: Any) -> Any:
        """The score of an id, or of each of a sequence."""
        return self._processor.score(id)

    def IsUnknown(self, id: Any) -> Any:
        """Whether an id, or each of a sequence, is the unknown piece."""
        return self._processor.is_unknown(id)

    def IsControl(self, id: Any) -> Any:
        """Whether an id, or each of a sequence, is a control symbol."""
        return self._processor.is_control(id)

    def IsUnused(self, id: Any) -> Any:
        """Whether an id, or each of a sequence, is not used."""
        return self._processor.is_unused(id)

    def IsByte(self, id: Any) -> Any:
        """Whether an id, or each of a sequence, stands for a byte."""
        return self._processor.is_byte(id)

    def unk_id(self) -> int:
        """The id of the unknown piece, or -1."""
        return self._processor.unk_id()

    def bos_id(self) -> int:
        """The id of the begin of a sentence, or -1."""
        return self._processor.bos_id()

    def eos_id(self) -> int:
        """The id of the end of a sentence, or -1."""
        return self._processor.eos_id()

    def pad_id(self) -> int:
        """The id of padding, or -1."""
        return self._processor.pad_id()

    def serialized_model_proto(self) -> bytes:
        """The model as the contents of a file; empty if none is loaded."""
        return self._processor.serialized_model()

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state.pop("_processor", None)
        state["model_proto"] = self.serialized_model_proto()
        return state

    def __setstate__(self, state: dict[str, Any] | bytes) -> None:
        # Older versions of sentencepiece pickled the model alone.
        attributes = dict(state) if isinstance(state, dict) else {"model_proto": state}
        SentencePieceProcessor.__init__(self)
        self.LoadFromSerializedProto(attributes.pop("model_proto"))
        self.__dict__.update(attributes)

    def __len__(self) -> int:
        return self.GetPieceSize()

    def __getitem__(self, piece: Any) -> Any:
        return self.PieceToId(piece)

    load = Load
    load_from_file = LoadFromFile
    load_from_serialized_proto = LoadFromSerializedProto
    encode = Encode
    encode_as_pieces = EncodeAsPieces
    encode_as_ids = EncodeAsIds
    encode_as_numpy = EncodeAsNumpy
    encode_as_proto = EncodeAsProto
    encode_as_offset_mapping = EncodeAsOffsetMapping
    sample_encode_as_pieces = SampleEncodeAsPieces
    sample_encode_as_ids = SampleEncodeAsIds
    sample_encode_as_numpy = SampleEncodeAsNumpy
    sample_encode_as_proto = SampleEncodeAsProto
    nbest_encode = NBestEncode
    nbest_encode_as_pieces = NBestEncodeAsPieces
    nbest_encode_as_ids = NBestEncodeAsIds
    nbest_encode_as_numpy = NBestEncodeAsNumpy
    nbest_encode_as_proto = NBestEncodeAsProto
    parallel_encode = ParallelEncode
    parallel_encode_as_pieces = ParallelEncodeAsPieces
    parallel_encode_as_ids = ParallelEncodeAsIds
    parallel_encode_as_numpy = ParallelEncodeAsNumpy
    parallel_encode_as_proto = ParallelEncodeAsProto
    decode = Decode
    decode_pieces = DecodePieces
    decode_ids = DecodeIds
    decode_pieces_as_proto = DecodePiecesAsProto
    decode_ids_as_proto = DecodeIdsAsProto
    normalize = Normalize
    get_piece_size = GetPieceSize
    piece_to_id = PieceToId
    id_to_piece = IdToPiece
    get_score = GetScore
    is_unknown = IsUnknown
    is_control = IsControl
    is_unused = IsUnused
    is_byte = IsByte
    Tokenize = Encode
    tokenize = Encode
    Detokenize = Decode
    detokenize = Decode
    piece_size = GetPieceSize
    vocab_size = GetPieceSize
