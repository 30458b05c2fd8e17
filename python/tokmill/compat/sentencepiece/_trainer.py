"""Training and conversion, which are left to the package sentencepiece."""

from __future__ import annotations

from typing import Any

_REASON = (
    "{} is not part of tokmill: use the package sentencepiece for it, "
    "and tokmill for the model that comes out"
)


class SentencePieceTrainer:
    """Stands where sentencepiece has its trainer, and says so."""

    @staticmethod
    def Train(arg: str | None = None, logstream: Any = None, **kwargs: Any) -> None:
        """Not available.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(_REASON.format("training"))

    train = Train


def ConvertToFlatbuffer(
    model_file: Any = None,
    model_proto: Any = None,
    serialized_model_proto: Any = None,
    output_file: Any = None,
    skip_char_bigrams: bool = False,
    treat_null_byte_as_unused: bool = False,
    allow_unsupported_model_type: bool = False,
) -> Any:
    """Not available.

    Raises:
        NotImplementedError: Always.
    """
    raise NotImplementedError(_REASON.format("conversion to FlatBuffers"))
