"""Optional packages, loaded when an adapter needs them."""

from __future__ import annotations

import importlib
from typing import Any


def require(module: str, package: str, extra: str | None = None) -> Any:
    """Imports a module of an optional package.

    Args:
        module: its name, such as "transformers.cache_utils".
        package: what pip calls the package.
        extra: the extra of tokmill that brings it, if one does.

    Raises:
        ImportError: the package is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        wanted = package if extra is None else f"'tokmill[{extra}]'"
        raise ImportError(
            f"this model needs the package {package}: pip install {wanted} ({error})"
        ) from error
