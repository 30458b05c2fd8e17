"""The messages of a model file: ModelProto, TrainerSpec, NormalizerSpec. Needs protobuf."""

from ._descriptors import build

_classes = build(
    "tokmill/sentencepiece_model.proto",
    {
        "TrainerSpec": {
            "input": (1, "repeated", "string", None),
            "input_format": (7, "", "string", None),
            "model_prefix": (2, "", "string", None),
            "model_type": (3, "", ".TrainerSpec.ModelType", "UNIGRAM"),
            "vocab_size": (4, "", "int32", "8000"),
            "accept_language": (5, "repeated", "string", None),
            "self_test_sample_size": (6, "", "int32", "0"),
            "character_coverage": (10, "", "float", "0.9995"),
            "input_sentence_size": (11, "", "uint64", "0"),
            "mining_sentence_size": (12, "", "int32", None),
            "training_sentence_size": (13, "", "int32", None),
            "seed_sentencepiece_size": (14, "", "int32", "1000000"),
            "shrinking_factor": (15, "", "float", "0.75"),
            "num_threads": (16, "", "int32", "16"),
            "num_sub_iterations": (17, "", "int32", "2"),
            "max_sentence_length": (18, "", "int32", "4192"),
            "shuffle_input_sentence": (19, "", "bool", "true"),
            "max_sentencepiece_length": (20, "", "int32", "16"),
            "split_by_unicode_script": (21, "", "bool", "true"),
            "split_by_whitespace": (22, "", "bool", "true"),
            "split_by_number": (23, "", "bool", "true"),
            "treat_whitespace_as_suffix": (24, "", "bool", "false"),
            "split_digits": (25, "", "bool", "false"),
            "allow_whitespace_only_pieces": (26, "", "bool", "false"),
            "control_symbols": (30, "repeated", "string", None),
            "user_defined_symbols": (31, "repeated", "string", None),
            "vocabulary_output_piece_score": (32, "", "bool", "true"),
            "hard_vocab_limit": (33, "", "bool", "true"),
            "use_all_vocab": (34, "", "bool", "false"),
            "byte_fallback": (35, "", "bool", "false"),
            "required_chars": (36, "", "string", None),
            "unk_id": (40, "", "int32", "0"),
            "bos_id": (41, "", "int32", "1"),
            "eos_id": (42, "", "int32", "2"),
            "pad_id": (43, "", "int32", "-1"),
            "unk_surface": (44, "", "string", " \u2047 "),
            "unk_piece": (45, "", "string", "<unk>"),
            "bos_piece": (46, "", "string", "<s>"),
            "eos_piece": (47, "", "string", "</s>"),
            "pad_piece": (48, "", "string", "<pad>"),
            "train_extremely_large_corpus": (49, "", "bool", "false"),
            "enable_differential_privacy": (50, "", "bool", "false"),
            "differential_privacy_noise_level": (51, "", "float", "0.0"),
            "differential_privacy_clipping_threshold": (52, "", "uint64", "0"),
            "pretokenization_delimiter": (53, "", "string", ""),
            "seed_sentencepieces_file": (54, "", "string", ""),
            "auto_character_coverage": (55, "", "bool", "false"),
        },
        "NormalizerSpec": {
            "name": (1, "", "string", None),
            "precompiled_charsmap": (2, "", "bytes", None),
            "add_dummy_prefix": (3, "", "bool", "true"),
            "remove_extra_whitespaces": (4, "", "bool", "true"),
            "escape_whitespaces": (5, "", "bool", "true"),
            "normalization_rule_tsv": (6, "", "string", None),
        },
        "ModelProto": {
            "pieces": (1, "repeated", ".ModelProto.SentencePiece", None),
            "trainer_spec": (2, "", ".TrainerSpec", None),
            "normalizer_spec": (3, "", ".NormalizerSpec", None),
            "denormalizer_spec": (5, "", ".NormalizerSpec", None),
        },
        "ModelProto.SentencePiece": {
            "piece": (1, "", "string", None),
            "score": (2, "", "float", None),
            "type": (3, "", ".ModelProto.SentencePiece.Type", "NORMAL"),
        },
    },
    {
        "TrainerSpec.ModelType": {"UNIGRAM": 1, "BPE": 2, "WORD": 3, "CHAR": 4},
        "ModelProto.SentencePiece.Type": {
            "NORMAL": 1,
            "UNKNOWN": 2,
            "CONTROL": 3,
            "USER_DEFINED": 4,
            "BYTE": 6,
            "UNUSED": 5,
        },
    },
)
TrainerSpec = _classes["TrainerSpec"]
NormalizerSpec = _classes["NormalizerSpec"]
ModelProto = _classes["ModelProto"]

__all__ = ["ModelProto", "NormalizerSpec", "TrainerSpec"]
