"""Exact and very fast tokenization for language models.

    import tokmill

    tok = tokmill.get_encoding("o200k_base")     # shipped; or Tokenizer.from_file(path)
    ids = tok.encode("Hello, world")             # numpy array of uint32
    text = tok.decode(ids)
    batch = tok.encode_batch(["one", "two"])     # on all cores

Ids are those of the library that owns the definition's format: tokenizers for tokenizer.json,
tiktoken for its rank files. What cannot be reproduced exactly is refused when it is loaded.
"""

from __future__ import annotations

from ._batch import Batch
from ._core import StreamDecoder, __version__
from ._errors import (
    InvalidInput,
    InvalidTokenizer,
    TokmillError,
    UnknownToken,
    UnsupportedTokenizer,
)
from ._registry import (
    encoding_for_model,
    encoding_name_for_model,
    get_encoding,
    list_encoding_names,
)
from ._tokenizer import Tokenizer

__all__ = [
    "Batch",
    "InvalidInput",
    "InvalidTokenizer",
    "StreamDecoder",
    "Tokenizer",
    "TokmillError",
    "UnknownToken",
    "UnsupportedTokenizer",
    "__version__",
    "encoding_for_model",
    "encoding_name_for_model",
    "get_encoding",
    "list_encoding_names",
]
