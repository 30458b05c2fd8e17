// A model file in canonical form: what protocol buffers give when they read it and write it again.
#include <algorithm>
#include <map>
#include <vector>

#include "sentencepiece/model_proto.h"
#include "sentencepiece/wire.h"

namespace tokmill::sentencepiece {
namespace {

enum class Kind : std::uint8_t { boolean, integer32, integer64, enumeration, float32, bytes };

struct FieldSpec {
    Kind kind = Kind::bytes;
    bool repeated = false;
    std::int32_t largest = 0;  // of an enumeration, which begins with 1
};

using MessageSpec = std::map<std::uint32_t, FieldSpec>;

MessageSpec const& piece_spec() {
    static MessageSpec const spec{
        {1, {Kind::bytes}}, {2, {Kind::float32}}, {3, {Kind::enumeration, false, 6}}};
    return spec;
}

MessageSpec const& normalizer_spec() {
    static MessageSpec const spec{{1, {Kind::bytes}},   {2, {Kind::bytes}},   {3, {Kind::boolean}},
                                  {4, {Kind::boolean}}, {5, {Kind::boolean}}, {6, {Kind::bytes}}};
    return spec;
}

MessageSpec const& trainer_spec() {
    static MessageSpec const spec = [] {
        MessageSpec fields{{1, {Kind::bytes, true}},  {3, {Kind::enumeration, false, 4}},
                           {5, {Kind::bytes, true}},  {11, {Kind::integer64}},
                           {30, {Kind::bytes, true}}, {31, {Kind::bytes, true}},
                           {52, {Kind::integer64}}};
        for (std::uint32_t const n : {2u, 7u, 36u, 44u, 45u, 46u, 47u, 48u, 53u, 54u}) {
            fields[n] = {Kind::bytes};
        }
        for (std::uint32_t const n :
             {4u, 6u, 12u, 13u, 14u, 16u, 17u, 18u, 20u, 40u, 41u, 42u, 43u}) {
            fields[n] = {Kind::integer32};
        }
        for (std::uint32_t const n : {10u, 15u, 51u}) fields[n] = {Kind::float32};
        for (std::uint32_t const n :
             {19u, 21u, 22u, 23u, 24u, 25u, 26u, 32u, 33u, 34u, 35u, 49u, 50u, 55u}) {
            fields[n] = {Kind::boolean};
        }
        return fields;
    }();
    return spec;
}

bool is_of_kind(WireField const& field, FieldSpec const& spec) {
    switch (spec.kind) {
        case Kind::bytes:
            return field.type == WireType::bytes;
        case Kind::float32:
            return field.type == WireType::fixed32;
        case Kind::enumeration: {
            auto const value = static_cast<std::int32_t>(field.value);
            return field.type == WireType::varint && value >= 1 && value <= spec.largest;
        }
        default:
            return field.type == WireType::varint;
    }
}

void write_field(WireField const& field, FieldSpec const& spec, WireWriter& out) {
    switch (spec.kind) {
        case Kind::bytes:
            return out.bytes(field.number, field.bytes);
        case Kind::float32:
            return out.fixed32(field.number, static_cast<std::uint32_t>(field.value));
        case Kind::boolean:
            return out.varint(field.number, field.value != 0 ? 1 : 0);
        case Kind::integer64:
            return out.varint(field.number, field.value);
        default:
            // Negative numbers are written with 64 bits.
            return out.varint(field.number, static_cast<std::uint64_t>(static_cast<std::int64_t>(
                                                static_cast<std::int32_t>(field.value))));
    }
}

// A message may come in several parts.
std::string canonical(std::string_view message, MessageSpec const& spec) {
    std::map<std::uint32_t, std::vector<WireField>> known;
    std::string unknown;
    WireReader reader(message);
    for (WireField field; reader.next(field);) {
        auto const found = spec.find(field.number);
        if (found == spec.end() || !is_of_kind(field, found->second)) {
            unknown += field.encoded;
            continue;
        }
        auto& values = known[field.number];
        if (!found->second.repeated) values.clear();
        values.push_back(field);
    }
    WireWriter out;
    for (auto const& [number, fields] : known) {
        for (WireField const& field : fields) write_field(field, spec.at(number), out);
    }
    out.raw(unknown);
    return out.take();
}

}  // namespace

std::string serialize_normalizer_spec(std::string_view message) {
    return canonical(message, normalizer_spec());
}

std::string normalizer_spec_of(std::string_view model) {
    std::string message;
    WireReader reader(model);
    for (WireField field; reader.next(field);) {
        if (field.number == 3 && field.type == WireType::bytes) message += field.bytes;
    }
    return serialize_normalizer_spec(message);
}

std::string serialize_model_proto(ModelProto const& model) {
    WireWriter out;
    std::string unknown;
    std::map<std::uint32_t, std::string> messages;  // trainer, normalizer, denormalizer
    WireReader reader(*model.file);
    std::size_t piece = 0;
    for (WireField field; reader.next(field);) {
        bool const is_message = field.type == WireType::bytes;
        if (is_message && field.number == 1) {
            std::string encoded = canonical(field.bytes, piece_spec());
            PieceType const type = model.pieces[piece++].type;
            if (model.changed && type == PieceType::unused) {
                WireWriter change;
                change.varint(3, static_cast<std::uint64_t>(type));
                encoded = canonical(encoded + change.str(), piece_spec());
            }
            out.bytes(1, encoded);
        } else if (is_message && (field.number == 2 || field.number == 3 || field.number == 5)) {
            messages[field.number] += field.bytes;
        } else {
            unknown += field.encoded;
        }
    }
    for (auto const& [number, message] : messages) {
        out.bytes(number, canonical(message, number == 2 ? trainer_spec() : normalizer_spec()));
    }
    out.raw(unknown);
    return out.take();
}

}  // namespace tokmill::sentencepiece
