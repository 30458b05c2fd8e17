#include "sentencepiece/model_proto.h"

#include <bit>
#include <utility>

#include "sentencepiece/wire.h"

namespace tokmill::sentencepiece {
namespace {

bool is_varint(WireField const& field) {
    return field.type == WireType::varint;
}
bool is_bytes(WireField const& field) {
    return field.type == WireType::bytes;
}

void read_piece(std::string_view message, std::size_t origin, Piece& piece) {
    WireReader reader(message, origin);
    for (WireField field; reader.next(field);) {
        if (field.number == 1 && is_bytes(field)) {
            piece.text = field.bytes;
        } else if (field.number == 2 && field.type == WireType::fixed32) {
            piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
        } else if (field.number == 3 && is_varint(field)) {
            // Values that the enumeration does not have count as unknown fields.
            auto const type = static_cast<std::int32_t>(field.value);
            if (type >= 1 && type <= 6) piece.type = static_cast<PieceType>(type);
        }
    }
}

void read_trainer_number(std::uint32_t number, std::uint64_t value, TrainerSpec& spec) {
    auto const integer = static_cast<std::int32_t>(value);
    switch (number) {
        case 3:
            if (integer >= 1 && integer <= 4) spec.model_type = static_cast<ModelType>(integer);
            break;
        case 20:
            spec.max_piece_length = integer;
            break;
        case 24:
            spec.treat_whitespace_as_suffix = value != 0;
            break;
        case 35:
            spec.byte_fallback = value != 0;
            break;
        default:
            break;
    }
}

void read_trainer_bytes(std::uint32_t number, std::string_view value, TrainerSpec& spec) {
    switch (number) {
        case 44:
            spec.unk_surface = value;
            break;
        case 45:
            spec.unk_piece = value;
            break;
        case 46:
            spec.bos_piece = value;
            break;
        case 47:
            spec.eos_piece = value;
            break;
        case 48:
            spec.pad_piece = value;
            break;
        default:
            break;
    }
}

void read_trainer_spec(std::string_view message, std::size_t origin, TrainerSpec& spec) {
    WireReader reader(message, origin);
    for (WireField field; reader.next(field);) {
        if (is_varint(field)) read_trainer_number(field.number, field.value, spec);
        if (is_bytes(field)) read_trainer_bytes(field.number, field.bytes, spec);
    }
}

// SentencePiece takes the piece NUL of some converted models, which stands beside the byte piece
// <0x00>, as one that is not used.
void disable_null_pieces(ModelProto& model) {
    for (Piece& piece : model.pieces) {
        if (piece.text != std::string_view("\0", 1)) continue;
        model.changed = model.changed || piece.type != PieceType::unused;
        piece.type = PieceType::unused;
    }
}

}  // namespace

void read_normalizer_spec(std::string_view message, std::size_t origin, NormalizerSpec& spec) {
    WireReader reader(message, origin);
    for (WireField field; reader.next(field);) {
        if (field.number == 2 && is_bytes(field)) spec.charsmap = field.bytes;
        if (!is_varint(field)) continue;
        if (field.number == 3) spec.add_dummy_prefix = field.value != 0;
        if (field.number == 4) spec.remove_extra_whitespaces = field.value != 0;
        if (field.number == 5) spec.escape_whitespaces = field.value != 0;
    }
}

ModelProto read_model_proto(std::string file) {
    ModelProto model;
    // On the heap: a model that is moved must not take short contents along.
    model.file = std::make_shared<std::string const>(std::move(file));
    WireReader reader(*model.file);
    for (WireField field; reader.next(field);) {
        if (!is_bytes(field)) continue;
        std::size_t const origin = reader.origin_of(field.bytes);
        switch (field.number) {
            case 1:
                read_piece(field.bytes, origin, model.pieces.emplace_back());
                break;
            case 2:
                read_trainer_spec(field.bytes, origin, model.trainer);
                break;
            case 3:
                read_normalizer_spec(field.bytes, origin, model.normalizer);
                break;
            case 5:
                if (!model.denormalizer) model.denormalizer.emplace();
                read_normalizer_spec(field.bytes, origin, *model.denormalizer);
                break;
            default:
                break;
        }
    }
    if (model.trainer.byte_fallback) disable_null_pieces(model);
    return model;
}

}  // namespace tokmill::sentencepiece
