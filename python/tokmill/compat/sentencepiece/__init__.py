"""A drop-in for the package sentencepiece 0.2.3: `import tokmill.compat.sentencepiece as spm`.

Everything but training and conversion to FlatBuffers.
"""

from ._engine import SetDataDir, SetMinLogLevel, SetNBestTimeout, SetRandomGeneratorSeed, ThreadPool
from ._normalizer import SentencePieceNormalizer
from ._processor import SentencePieceProcessor
from ._trainer import ConvertToFlatbuffer, SentencePieceTrainer

set_random_generator_seed = SetRandomGeneratorSeed
set_min_log_level = SetMinLogLevel
set_nbest_timeout = SetNBestTimeout
set_data_dir = SetDataDir
convert_to_flatbuffer = ConvertToFlatbuffer

# The release whose results these are.
__version__ = "0.2.3"

__all__ = [
    "ConvertToFlatbuffer",
    "SentencePieceNormalizer",
    "SentencePieceProcessor",
    "SentencePieceTrainer",
    "SetDataDir",
    "SetMinLogLevel",
    "SetNBestTimeout",
    "SetRandomGeneratorSeed",
    "ThreadPool",
    "convert_to_flatbuffer",
    "set_data_dir",
    "set_min_log_level",
    "set_nbest_timeout",
    "set_random_generator_seed",
]
