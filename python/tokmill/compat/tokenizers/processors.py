"""Post-processors: the stage that puts special tokens around one sequence or a pair."""

from __future__ import annotations

from typing import Any

from tokmill import _core

from . import _schemas
from ._component import Component, PartsByReference, Spec, cells_of, field, shown_parameter
from ._convert import final, not_instance, to_bool, to_list, to_str, to_u32
from ._foreign import adopt
from ._template import (
    ONE_SEQUENCE,
    PAIR_OF_SEQUENCES,
    check_template,
    shown_template,
    to_special_tokens,
    to_template,
)


class PostProcessor(Component):
    """Base class of all post-processors. It is not instantiated itself."""

    _kind = "PostProcessor"
    _parts_key = "processors"

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """The number of special tokens that are put around one sequence or a pair."""
        number: int = self._native().added_tokens(to_bool(is_pair))
        return number

    def process(
        self,
        encoding: _core.stages.Encoding,
        pair: _core.stages.Encoding | None = None,
        add_special_tokens: bool = True,
    ) -> _core.stages.Encoding:
        """One encoding from one or two.

        Args:
            encoding: the first sequence.
            pair: the second sequence.
            add_special_tokens: without it, only offsets and type ids are changed.

        Raises:
            Exception: the template needs a sequence that is not there.
        """
        _check_encoding(encoding)
        if pair is not None:
            _check_encoding(pair)
        result: _core.stages.Encoding = self._native().process(
            encoding, pair, to_bool(add_special_tokens)
        )
        return result

    @classmethod
    def _read_state(cls, value: Any) -> Spec:
        return _schemas.post_processor(value)

    @classmethod
    def _adopt(cls, value: Any) -> Component:
        return adopt(PostProcessor, value)

    @classmethod
    def _native_json(cls, data: bytes) -> Any:
        return _core.stages.PostProcessor.from_json(data)


def _check_encoding(value: object) -> None:
    if not isinstance(value, _core.stages.Encoding):
        not_instance(value, "Encoding")


def _to_token(value: Any) -> list[Any]:
    if not isinstance(value, tuple):
        not_instance(value, "tuple")
    if len(value) != 2:
        raise ValueError(f"expected tuple of length 2, but got tuple of length {len(value)}")
    return [to_str(value[0]), to_u32(value[1])]


@final
class BertProcessing(PostProcessor):
    """`[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`.

    Args:
        sep: the token behind every sequence, with its id.
        cls_token: the token before the first one, with its id.
    """

    def __init__(self, sep: tuple[str, int], cls_token: tuple[str, int]) -> None:
        self._start({"type": "BertProcessing", "sep": _to_token(sep), "cls": _to_token(cls_token)})

    def __getnewargs__(self) -> tuple[tuple[str, int], tuple[str, int]]:
        return (("", 0), ("", 0))

    sep = field("sep", _to_token, "The token behind every sequence.", tuple)
    cls = field("cls", _to_token, "The token before the first sequence.", tuple)


@final
class RobertaProcessing(PostProcessor):
    """`<s> A </s>` and `<s> A </s> </s> B </s>`.

    Args:
        sep: the token behind every sequence and between two, with its id.
        cls_token: the token before the first one, with its id.
        trim_offsets: offsets leave out the spaces around a token.
        add_prefix_space: the first space of the text is one that was added, see
            `pre_tokenizers.ByteLevel`.
    """

    def __init__(
        self,
        sep: tuple[str, int],
        cls_token: tuple[str, int],
        trim_offsets: bool = True,
        add_prefix_space: bool = True,
    ) -> None:
        self._start(
            {
                "type": "RobertaProcessing",
                "sep": _to_token(sep),
                "cls": _to_token(cls_token),
                "trim_offsets": to_bool(trim_offsets),
                "add_prefix_space": to_bool(add_prefix_space),
            }
        )

    def __getnewargs__(self) -> tuple[tuple[str, int], tuple[str, int]]:
        return (("", 0), ("", 0))

    sep = field("sep", _to_token, "The token behind every sequence.", tuple)
    cls = field("cls", _to_token, "The token before the first sequence.", tuple)
    trim_offsets = field("trim_offsets", to_bool, "Whether offsets leave out spaces.")
    add_prefix_space = field("add_prefix_space", to_bool, "Whether the first space was added.")


@final
class ByteLevel(PostProcessor):
    """Takes the spaces around tokens out of their offsets.

    Args:
        add_prefix_space: the first space of the text is one that was added; None: True.
        trim_offsets: whether anything is done; None: True.
        use_regex: has no effect; None: True.
    """

    def __init__(
        self,
        add_prefix_space: bool | None = None,
        trim_offsets: bool | None = None,
        use_regex: bool | None = None,
        **_kwargs: Any,
    ) -> None:
        self._start(
            {
                "type": "ByteLevel",
                "add_prefix_space": add_prefix_space is None or to_bool(add_prefix_space),
                "trim_offsets": trim_offsets is None or to_bool(trim_offsets),
                "use_regex": use_regex is None or to_bool(use_regex),
            }
        )

    add_prefix_space = field("add_prefix_space", to_bool, "Whether the first space was added.")
    trim_offsets = field("trim_offsets", to_bool, "Whether offsets leave out spaces.")
    use_regex = field("use_regex", to_bool, "Has no effect.")


@final
class TemplateProcessing(PostProcessor):
    """Special tokens by templates.

    A template is a list of pieces, or a str of them with spaces between. `$A` and `$B` are the
    sequences, `$` or `$0` is `$A`, everything else is the name of a special token; `:1` behind a
    piece gives its tokens the type id 1 (the default is 0), and so does `$1`.

    Args:
        single: the template for one sequence; None: `$A`.
        pair: the template for two sequences; None: `$A:0 $B:1`.
        special_tokens: (token, id) for every special token, or (id, token), or a dict with "id"
            (the name in the templates), "ids" and "tokens".

    Raises:
        ValueError: a piece is none, the template of pairs lacks a sequence, a special token is
            missing.
        TypeError: an argument is of a wrong type.
    """

    def __init__(self, single: Any = None, pair: Any = None, special_tokens: Any = None) -> None:
        one = None if single is None else to_template(single)
        two = None if pair is None else to_template(pair)
        tokens = {} if special_tokens is None else to_special_tokens(special_tokens)
        check_template(one, two, tokens)
        self._start(
            {
                "type": "TemplateProcessing",
                "single": ONE_SEQUENCE if one is None else one,
                "pair": PAIR_OF_SEQUENCES if two is None else two,
                "special_tokens": tokens,
            }
        )

    single = field(
        "single", to_template, "The template for one sequence; read as a text.", shown_template
    )


@final
class Sequence(PartsByReference, PostProcessor):
    """Post-processors one after the other.

    Args:
        processors_py: a list of post-processors; those of a Sequence among them are taken one by
            one.
    """

    __signature__ = shown_parameter("processors")
    _spoken = "processor"

    def __init__(self, processors_py: list[PostProcessor]) -> None:
        self._content = cells_of([self._adopt(part) for part in to_list(processors_py)])


PostProcessor._register(
    BertProcessing,
    RobertaProcessing,
    ByteLevel,
    TemplateProcessing,
    Sequence,
)
