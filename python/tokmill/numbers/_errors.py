"""The error that is about options of a digit scheme."""

from __future__ import annotations

from tokmill._errors import TokmillError


class InvalidScheme(TokmillError, ValueError):
    """Options that do not make a digit scheme, or not one for this tokenizer.

    Attributes:
        option: the name of the option that is to blame.
    """

    option: str

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"{option}: {reason}")
        self.option = option

    def __reduce__(self) -> tuple[type[InvalidScheme], tuple[str, str]]:
        return type(self), (self.option, str(self).removeprefix(f"{self.option}: "))
