// The contents of a SentencePiece `.model` file: the fields of its protocol buffer that encoding
// and decoding depend on, and the file itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill::sentencepiece {

enum class ModelType : std::uint8_t { unigram = 1, bpe = 2, word = 3, character = 4 };

enum class PieceType : std::uint8_t {
    normal = 1,
    unknown = 2,
    control = 3,
    user_defined = 4,
    unused = 5,
    byte = 6,
};

// The views point into the file.
struct Piece {
    std::string_view text;
    float score = 0;
    PieceType type = PieceType::normal;
};

struct NormalizerSpec {
    std::string_view charsmap;
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
};

struct TrainerSpec {
    ModelType model_type = ModelType::unigram;
    std::int32_t max_piece_length = 16;
    bool treat_whitespace_as_suffix = false;
    bool byte_fallback = false;
    std::string_view unk_piece, bos_piece, eos_piece, pad_piece;  // empty: the default
    std::optional<std::string_view> unk_surface;
};

struct ModelProto {
    std::shared_ptr<std::string const> file;
    std::vector<Piece> pieces;
    TrainerSpec trainer;
    NormalizerSpec normalizer;
    std::optional<NormalizerSpec> denormalizer;
    bool changed = false;  // pieces[i].type is not what the file says
};

// Reads a whole file. Fields that it does not know are skipped. Throws invalid_tokenizer with the
// position of what is broken.
ModelProto read_model_proto(std::string file);

// Fields may come in several parts, of which the later overrides the earlier.
void read_normalizer_spec(std::string_view message, std::size_t origin, NormalizerSpec& spec);

// The file in canonical form: fields in the order of their numbers, parts of messages joined,
// unknown fields kept behind the others.
std::string serialize_model_proto(ModelProto const& model);
std::string serialize_normalizer_spec(std::string_view message);
// The normalizer spec of a model file, in canonical form.
std::string normalizer_spec_of(std::string_view model);

}  // namespace tokmill::sentencepiece
