"""Options that several commands share: declared once, by the function that makes use of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")


def options_of(
    make: Callable[..., Any], parameter: str
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Puts the options of a function in place of a parameter of a command.

    The command gets what the function returns for the options given.

    Args:
        make: a function with options as its parameters.
        parameter: name of the command's parameter.

    Returns:
        A decorator. What it returns is called by keywords and has the signature that Typer reads.
    """
    options = inspect.signature(make, eval_str=True).parameters

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        @functools.wraps(command)
        def wrapper(**values: Any) -> R:
            made = make(**{name: values.pop(name) for name in options})
            return command(**values, **{parameter: made})

        own = inspect.signature(command, eval_str=True)
        spliced: list[inspect.Parameter] = []
        for name, value in own.parameters.items():
            spliced += options.values() if name == parameter else [value]
        wrapper.__signature__ = own.replace(parameters=spliced)  # type: ignore[attr-defined]
        return wrapper

    return decorate
