"""Going on with the shards of a stopped run: only if they are what this run would have written."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from .errors import PipelineError
from .files import failing_to_write, remove_if_there
from .manifest import MANIFEST_NAME, Manifest
from .shards import shard_files

Existing = Literal["continue", "resume", "overwrite"]


def prepare_directory(directory: Path, fresh: Manifest, existing: Existing) -> Manifest:
    """Decides what to go on from, and removes what an interrupted run has left behind."""
    path = directory / MANIFEST_NAME
    files = shard_files(directory)
    if existing == "overwrite":
        # The manifest goes first: shards without it are never taken for a set.
        with failing_to_write(path):
            remove_if_there(path)
    if path.exists():
        manifest = Manifest.load(directory)
        if manifest.shards or manifest.complete:
            _check_same_run(directory, manifest, fresh)
            _check_shards_there(directory, manifest)
        else:
            manifest = fresh  # that run had finished nothing
        keep = len(manifest.shards)
    else:
        if existing == "resume":
            raise PipelineError(f"nothing to resume: there is no {path}")
        if files and existing != "overwrite":
            raise PipelineError(f"{directory} holds shards without a manifest: overwrite them?")
        manifest, keep = fresh, 0
    for number, file in files:
        if number >= keep or file.name.startswith("."):
            with failing_to_write(file):
                remove_if_there(file)
    if not manifest.shards and not manifest.complete:
        manifest.save(directory)
    return manifest


def _check_same_run(directory: Path, old: Manifest, new: Manifest) -> None:
    advice = "use another directory, or overwrite"
    for name, (before, now) in _differences(old, new).items():
        raise PipelineError(
            f"{directory} holds shards made with {name} {before!r}, not {now!r}: {advice}"
        )
    if [source.path for source in old.inputs] != [source.path for source in new.inputs]:
        raise PipelineError(f"{directory} holds shards made from other inputs: {advice}")
    for before, now in zip(old.inputs, new.inputs, strict=True):
        if before != now:
            raise PipelineError(f"{now.path} has changed since the shards were made: {advice}")
        if now.size is None:
            raise PipelineError(
                f"{directory} holds shards made from {now.path}, "
                f"which is not the same twice: {advice}"
            )


def _differences(old: Manifest, new: Manifest) -> dict[str, tuple[object, object]]:
    before: dict[str, object] = {
        "tokenizer digest": old.tokenizer.digest,
        "dtype": old.dtype,
        "eos": old.eos and old.eos.id,
        **old.options,
    }
    now: dict[str, object] = {
        "tokenizer digest": new.tokenizer.digest,
        "dtype": new.dtype,
        "eos": new.eos and new.eos.id,
        **new.options,
    }
    return {
        name: (before.get(name), now.get(name))
        for name in {**before, **now}
        if before.get(name) != now.get(name)
    }


def _check_shards_there(directory: Path, manifest: Manifest) -> None:
    item_bytes = np.dtype(manifest.dtype).itemsize
    for shard in manifest.shards:
        path = directory / shard.file
        if not path.is_file() or path.stat().st_size != shard.tokens * item_bytes:
            raise PipelineError(f"{path} is missing or damaged although it was finished")
