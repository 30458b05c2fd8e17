"""The surface of tokenizers 1.0.0rc3, on the engine of tokmill.

    import tokmill.compat.tokenizers_v1 as tokenizers

    tok = tokenizers.Tokenizer.from_file("tokenizer.json")
    tok.encode("Hello").ids_array

Reads tokenizer.json of both versions. What tokenizers 1.0 refuses of version "1.0" (dropout, byte
vocabularies with holes, prefix spaces) works here as it does in tokenizers 0.23.
"""

from __future__ import annotations

from ._encoding import Encoding
from ._options import Padding, Truncation
from ._tokenizer import Tokenizer

# The release whose behaviour this is.
__version__ = "1.0.0-rc.3"

__all__ = ["Encoding", "Padding", "Tokenizer", "Truncation", "__version__"]
