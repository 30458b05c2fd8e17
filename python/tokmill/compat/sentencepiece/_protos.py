"""Messages of protocol buffers, for results that are asked for as such."""

from __future__ import annotations

from typing import Any


def _messages() -> Any:
    try:
        from . import sentencepiece_pb2
    except ImportError as error:
        raise ImportError(
            "protobuf is required when using out_type='proto'. "
            "Please install protobuf: pip install protobuf"
        ) from error
    return sentencepiece_pb2


def to_text(serialized: bytes) -> Any:
    """A SentencePieceText."""
    message = _messages().SentencePieceText()
    message.ParseFromString(serialized)
    return message


def to_nbest(serialized: bytes) -> Any:
    """An NBestSentencePieceText."""
    message = _messages().NBestSentencePieceText()
    message.ParseFromString(serialized)
    return message
