"""A picture of the probabilities of a text's bytes: naive prompting against the exact ones."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ._healing import naive_byte_distributions
from ._measure import Text
from ._model import ByteModel
from ._vocabulary import as_bytes

_BYTES_A_LINE = 72


def plot_next_bytes(model: ByteModel, text: Text, path: str | os.PathLike[str]) -> None:
    """Draws the probability of each byte of a text given those before it.

    One curve is exact, the other what token-level prompting with the text so far gives. Between
    tokens they meet; inside of tokens naive prompting fails. Needs matplotlib (extra `plot`).

    Args:
        model: the model.
        text: a text of some hundred bytes at most.
        path: where to; the ending (.png, .svg, ...) says the format.

    Raises:
        ImportError: there is no matplotlib.
    """
    # Not pyplot: it would choose a display and keep the figure.
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install 'tokmill[plot]'") from error
    data = as_bytes(text)
    places = np.frombuffer(data, np.uint8).astype(np.int64)
    rows = np.arange(len(data))
    exact = np.exp(model.byte_distributions(data)[rows, places])
    naive = np.exp(naive_byte_distributions(model, data)[rows, places])
    lines = max(1, -(-len(data) // _BYTES_A_LINE))
    figure = Figure(figsize=(14, 2.6 * lines), layout="constrained")
    for number, axes in enumerate(figure.subplots(lines, 1, squeeze=False)[:, 0]):
        part = slice(number * _BYTES_A_LINE, (number + 1) * _BYTES_A_LINE)
        _draw_line(axes, data[part], exact[part], naive[part])
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False)
    figure.savefig(path)


def _draw_line(axes: Any, data: bytes, exact: Any, naive: Any) -> None:
    places = np.arange(len(data))
    axes.bar(places, exact, width=0.9, color="#9ecae1", label="exact")
    axes.plot(places, naive, ".-", color="#d94801", linewidth=0.8, label="naive prompt")
    axes.set_xticks(places, [_shown(byte) for byte in data], family="monospace")
    axes.set_xlim(-0.6, _BYTES_A_LINE - 0.4)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("P(byte)")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _shown(byte: int) -> str:
    if byte == ord(" "):
        return "␣"
    return "\\$" if byte == ord("$") else chr(byte) if 33 <= byte < 127 else f"{byte:02x}"
