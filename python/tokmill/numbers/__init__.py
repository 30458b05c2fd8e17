"""Numbers: digits as tokens with an order of magnitude, losslessly, over any tokenizer.

    from tokmill.numbers import Triadic

    scheme = Triadic()
    scheme.render("12,345.6")         # '12k , 345 . 6p'

docs/numbers.md has the grammar, the modes and the choices behind them.
"""

from __future__ import annotations

from ._errors import InvalidScheme
from ._pieces import Piece
from ._triadic import Triadic

__all__ = ["InvalidScheme", "Piece", "Triadic"]
