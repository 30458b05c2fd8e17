"""A text with its tokens and annotations, as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from .. import Encoding, Tokenizer

css = (Path(__file__).parent / "visualizer-styles.css").read_text(encoding="utf-8")
"""The default style sheet."""


class Annotation:
    """A label on a range of characters.

    Args:
        start: the first character.
        end: one behind the last one.
        label: the label.
    """

    start: int
    end: int
    label: str

    def __init__(self, start: int, end: int, label: str) -> None:
        self.start = start
        self.end = end
        self.label = label


AnnotationList = list[Annotation]
PartialIntList = list[int | None]


class CharStateKey(NamedTuple):
    """What neighbouring characters must have in common to be shown as one."""

    token_ix: int | None
    anno_ix: int | None


@dataclass
class CharState:
    """One character: the tokens and the annotation that it belongs to."""

    char_ix: int | None
    anno_ix: int | None = None
    tokens: list[int] = field(default_factory=list)

    @property
    def token_ix(self) -> int | None:
        """The first of its tokens, or None."""
        return self.tokens[0] if self.tokens else None

    @property
    def is_multitoken(self) -> bool:
        """Whether it belongs to several tokens."""
        return len(self.tokens) > 1

    def partition_key(self) -> CharStateKey:
        """What it must have in common with its neighbours."""
        return CharStateKey(self.token_ix, self.anno_ix)


class EncodingVisualizer:
    """Shows encodings in notebooks, or gives their HTML.

    Args:
        tokenizer: encodes the texts.
        default_to_notebook: whether to show the result in a notebook instead of returning it.
        annotation_converter: makes an Annotation of what is given as one.

    Raises:
        ImportError: `default_to_notebook` without IPython.
    """

    unk_token_regex = re.compile("(.{1}\b)?(unk|oov)(\b.{1})?", flags=re.IGNORECASE)

    def __init__(
        self,
        tokenizer: Tokenizer,
        default_to_notebook: bool = True,
        annotation_converter: Callable[[Any], Annotation] | None = None,
    ) -> None:
        if default_to_notebook:
            _notebook()
        self.tokenizer = tokenizer
        self.default_to_notebook = default_to_notebook
        self.annotation_coverter = annotation_converter

    def __call__(
        self,
        text: str,
        annotations: list[Any] | None = None,
        default_to_notebook: bool | None = None,
    ) -> str | None:
        """Encodes a text and shows it.

        Args:
            text: the text.
            annotations: Annotation objects, or what the converter takes.
            default_to_notebook: overrides what the constructor was given.

        Returns:
            The HTML, or None if it is shown in a notebook.
        """
        in_notebook = self.default_to_notebook
        if default_to_notebook is not None:
            in_notebook = default_to_notebook
        show = _notebook() if in_notebook else None
        converted = list(annotations or [])
        if self.annotation_coverter is not None:
            converted = [self.annotation_coverter(annotation) for annotation in converted]
        page = _page(text, self.tokenizer.encode(text), converted)
        if show is None:
            return page
        show(page)
        return None

    @staticmethod
    def calculate_label_colors(annotations: AnnotationList) -> dict[str, str]:
        """A colour for each label, always the same for the same set of labels.

        Args:
            annotations: the annotations with the labels.

        Returns:
            Label -> colour in CSS.
        """
        labels = sorted({annotation.label for annotation in annotations})
        if not labels:
            return {}
        step = max(255 // len(labels), 20)
        return {label: f"hsl({10 + i * step},32%,64%)" for i, label in enumerate(labels)}

    @staticmethod
    def consecutive_chars_to_html(
        consecutive_chars_list: list[CharState], text: str, encoding: Encoding
    ) -> str:
        """One element for neighbouring characters of the same token and annotation.

        Args:
            consecutive_chars_list: the characters, or one without a place for a special token.
            text: the text.
            encoding: of the text.
        """
        first, last = consecutive_chars_list[0], consecutive_chars_list[-1]
        token = None if first.token_ix is None else encoding.tokens[first.token_ix]
        if first.char_ix is None or last.char_ix is None:
            return f'<span class="special-token" data-stoken="{html.escape(token or "")}"></span>'
        classes = _classes(first, token)
        special = "special-token" in classes
        data = f' data-stok="{html.escape(token or "")}"' if special else ""
        content = html.escape(text[first.char_ix : last.char_ix + 1])
        return f'<span class="{" ".join(classes)}"{data}>{content}</span>'


def _classes(state: CharState, token: str | None) -> list[str]:
    if state.token_ix is None or token is None:
        return ["non-token"]
    classes = ["token"]
    if state.is_multitoken:
        classes.append("multi-token")
    # Neighbours are told apart by their colours.
    classes.append("odd-token" if state.token_ix % 2 else "even-token")
    if EncodingVisualizer.unk_token_regex.search(token) is not None:
        classes.append("special-token")
    return classes


def _states(text: str, encoding: Encoding, annotations: AnnotationList) -> list[CharState]:
    states = [CharState(i) for i in range(len(text))]
    for token in range(len(encoding)):
        for i in range(*(encoding.token_to_chars(token) or (0, 0))):
            states[i].tokens.append(token)
    for number, annotation in enumerate(annotations):
        for i in range(annotation.start, annotation.end):
            states[i].anno_ix = number
    return states


def _elements(text: str, encoding: Encoding, annotations: AnnotationList) -> Iterator[str]:
    colors = EncodingVisualizer.calculate_label_colors(annotations)
    states = _states(text, encoding, annotations)
    for number, annotated in groupby(states, lambda state: state.anno_ix):
        if number is not None:
            label = annotations[number].label
            yield (
                f'<span class="annotation" style="color:{colors[label]}" '
                f'data-label="{html.escape(label)}">'
            )
        for _, group in groupby(annotated, CharState.partition_key):
            yield EncodingVisualizer.consecutive_chars_to_html(list(group), text, encoding)
        if number is not None:
            yield "</span>"


def _page(text: str, encoding: Encoding, annotations: AnnotationList) -> str:
    return HTMLBody(list(_elements(text, encoding, annotations)))


def HTMLBody(children: list[str], css_styles: str = css) -> str:
    """A page with a style sheet around elements.

    Args:
        children: the elements.
        css_styles: the style sheet.
    """
    return (
        f"<html><head><style>{css_styles}</style></head>"
        f'<body><div class="tokenized-text" dir="auto">{"".join(children)}</div></body></html>'
    )


def _notebook() -> Callable[[str], None]:
    try:
        from IPython.display import HTML, display
    except ImportError:
        raise ImportError(
            "showing encodings in a notebook needs IPython; default_to_notebook=False returns "
            "the HTML instead"
        ) from None
    return lambda page: display(HTML(page))
