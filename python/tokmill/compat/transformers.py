"""transformers on tokmill: one tokenizer at a time, or all of them.

    from tokmill.compat.transformers import accelerate
    tok = accelerate(AutoTokenizer.from_pretrained("org/name"))

    import tokmill.compat.transformers as fast
    fast.install()          # before or after transformers is imported

`python -m tokmill run script.py` installs before it runs a script. The package `tokenizers` has to
stay installed: transformers looks for its version.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

from .. import Tokenizer
from . import _alias, tokenizers

if TYPE_CHECKING:
    from ._pretrained import TokmillTokenizer

_T = TypeVar("_T")

_tokenizers = _alias.Alias("tokenizers", "tokmill.compat.tokenizers")
_streams: list[_alias.Replaced] = []


def install() -> None:
    """Makes `import tokenizers` give `tokmill.compat.tokenizers`, in loaded modules too.

    Tokenizers that exist already stay as they are; see `accelerate`.
    """
    _tokenizers.install()


def uninstall() -> None:
    """Undoes `install`, and what `accelerate` did to modules. Tokenizers keep their engine."""
    _tokenizers.uninstall()
    _alias.restore_references(_streams)
    _streams.clear()


def accelerate(tok: _T) -> _T:
    """Gives a tokenizer of transformers the engine of tokmill.

    Results stay the same. Where the engine lacks something that the tokenizer uses, and for
    tokenizers of transformers in pure Python, there is a warning and nothing happens.

    Args:
        tok: what `AutoTokenizer.from_pretrained` returns.

    Returns:
        `tok` itself, changed in place.
    """
    backend = getattr(tok, "_tokenizer", None)
    if isinstance(backend, tokenizers.Tokenizer):
        return tok
    name = type(tok).__name__
    if backend is None or not hasattr(backend, "to_str"):
        warnings.warn(f"{name} does not use the package tokenizers: not accelerated", stacklevel=2)
        return tok
    try:
        ours = tokenizers.Tokenizer.from_str(backend.to_str())
    except Exception as error:
        warnings.warn(f"{name} is not accelerated: {error}", stacklevel=2)
        return tok
    ours.encode_special_tokens = backend.encode_special_tokens
    tok._tokenizer = ours  # type: ignore[attr-defined]
    _accept_in_streams()
    return tok


def as_pretrained(tokenizer: Tokenizer, **options: Any) -> TokmillTokenizer:
    """A tokenizer of transformers that asks a tokmill.Tokenizer for everything.

    For tokenizers that no tokenizer.json expresses, such as those with a digit scheme
    (`tokmill.numbers`); for all others `accelerate` and `tokmill.compat.tokenizers` do more: this
    one is of the kind that transformers calls slow, without offsets and word ids. Calls, batches,
    pairs, truncation, padding, chat templates, `save_pretrained` and
    `TokmillTokenizer.from_pretrained` work.

    Args:
        tokenizer: what encodes and decodes.
        options: as of any tokenizer of transformers: `eos_token`, `pad_token`,
            `model_max_length`, ... The names of special tokens are those of the tokenizer.

    Raises:
        ImportError: transformers is not installed.
    """
    from ._pretrained import TokmillTokenizer

    return TokmillTokenizer(tokenizer=tokenizer, **options)


def _accept_in_streams() -> None:
    """Lets DecodeStream take tokenizers of both kinds, wherever the class has been taken to."""
    theirs = sys.modules.get("tokenizers.decoders")
    if theirs is None or theirs is tokenizers.decoders:
        return
    stream, ours = theirs.DecodeStream, tokenizers.decoders.DecodeStream
    if stream is ours:
        return
    _streams.extend(_alias.replace_members([(stream, ours)]))
    _streams.append((theirs, "DecodeStream", stream))
    theirs.DecodeStream = ours  # type: ignore[attr-defined]
