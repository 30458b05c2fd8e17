"""Tools for looking at encodings."""

from __future__ import annotations

from .visualizer import Annotation, EncodingVisualizer

__all__ = ["Annotation", "EncodingVisualizer"]
