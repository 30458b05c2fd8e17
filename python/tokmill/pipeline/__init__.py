"""Jobs over files: encode inputs into training shards, read the shards back, verify them.

from tokmill.pipeline import ShardSet, encode_files

manifest = encode_files(["corpus/"], "o200k_base", "shards")
shards = ShardSet("shards")
shards[0]                      # token ids of document 0, a view of the file
"""

from __future__ import annotations

from .encode import encode_files
from .errors import InvalidOption, PipelineError
from .job import Progress
from .manifest import Manifest, ShardInfo, Totals
from .shard_set import Shard, ShardSet
from .tokenizers import load_tokenizer
from .verify import VerifyReport, verify_shards

__all__ = [
    "InvalidOption",
    "Manifest",
    "PipelineError",
    "Progress",
    "Shard",
    "ShardInfo",
    "ShardSet",
    "Totals",
    "VerifyReport",
    "encode_files",
    "load_tokenizer",
    "verify_shards",
]
