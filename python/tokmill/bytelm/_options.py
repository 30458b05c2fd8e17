"""The options of byte-level models that are one of a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

Covering: TypeAlias = Literal["canonical", "all"]
Renormalize: TypeAlias = Literal["local", "none"]
Special: TypeAlias = Literal["eos", "forbid", "other"]
Utf8: TypeAlias = Literal["any", "strict"]
RowKind: TypeAlias = Literal["auto", "logprobs", "logits"]
Rule: TypeAlias = Literal["mixture", "product", "contrast", "bayes"]

CHOICES: dict[str, tuple[str, ...]] = {
    "covering": ("canonical", "all"),
    "renormalize": ("local", "none"),
    "special": ("eos", "forbid", "other"),
    "utf8": ("any", "strict"),
    "rows": ("auto", "logprobs", "logits"),
    "rule": ("mixture", "product", "contrast", "bayes"),
    "order": ("psm", "spm"),
}


def check_choices(**given: object) -> None:
    """Raises ValueError for an option that is none of its words."""
    for name, value in given.items():
        if value not in CHOICES[name]:
            raise ValueError(f"{name} must be {_either(CHOICES[name])}, not {value!r}")


def _either(words: Iterable[str]) -> str:
    *first, last = (f'"{word}"' for word in words)
    return ", ".join(first) + " or " + last
