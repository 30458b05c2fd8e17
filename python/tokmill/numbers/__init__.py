"""Numbers: digits as tokens with an order of magnitude, losslessly, over any tokenizer.

    import tokmill
    from tokmill.numbers import Triadic

    tok = Triadic().attach(tokmill.get_encoding("gpt2"))
    ids = tok.encode("12,345.6 km")   # ⟨12k⟩ , ⟨345⟩ . ⟨6p⟩ and the tokens of " km"
    tok.decode(ids)                   # '12,345.6 km'
    tok.parse_numbers(ids)            # [Decimal('12345.6')]

`attach(tok, digits="right3")` does the same with other schemes. docs/numbers.md has the grammar,
the modes and the choices behind them.
"""

from __future__ import annotations

from ._errors import InvalidScheme
from ._extension import NewToken, VocabularyExtension
from ._pieces import Piece
from ._policies import POLICIES, attach
from ._tokenizer import NumberTokenizer, TokenValue
from ._triadic import Triadic

__all__ = [
    "POLICIES",
    "InvalidScheme",
    "NewToken",
    "NumberTokenizer",
    "Piece",
    "TokenValue",
    "Triadic",
    "VocabularyExtension",
    "attach",
]
