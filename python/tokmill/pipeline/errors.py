"""What can go wrong in a job over files. Every message is one complete line."""

from __future__ import annotations

from tokmill import TokmillError


class PipelineError(TokmillError):
    """A job over files failed: unreadable or broken input, a full disk, shards that do not fit."""


class InvalidOption(PipelineError, ValueError):
    """The caller asked for something contradictory; nothing was read or written."""
