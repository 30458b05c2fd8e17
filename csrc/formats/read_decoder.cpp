// Decoders of a tokenizer.json.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoders/decoders.h"
#include "formats/metaspace_fields.h"
#include "formats/serde_fields.h"
#include "formats/stage_readers.h"

namespace tokmill::stages {

namespace {

using json::Value;
using serde::Fields;
using serde::Form;

// Not null.
DecoderPtr read_part(Value const& value, DefinitionFile const& file);

// Unlike the stages before the model, most decoders are recognised by their fields alone, whatever
// the type says.

DecoderPtr read_bpe(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"suffix"}, file);
    return decoders::bpe(fields.string("suffix"));
}

DecoderPtr read_byte_level(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("ByteLevel");
    // They are the pre-tokenizer's, and must be right although decoding needs none of them.
    fields.boolean("add_prefix_space");
    fields.boolean("trim_offsets");
    if (fields.find("use_regex") != nullptr) fields.boolean("use_regex");
    return decoders::byte_level();
}

DecoderPtr read_word_piece(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"prefix", "cleanup"}, file);
    return decoders::word_piece(fields.string("prefix"), fields.boolean("cleanup"));
}

DecoderPtr read_metaspace_decoder(Value const& value, DefinitionFile const& file) {
    return decoders::metaspace(read_metaspace(value, file));
}

DecoderPtr read_ctc(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array,
                        {"pad_token", "word_delimiter_token", "cleanup"}, file);
    return decoders::ctc(fields.string("pad_token"), fields.string("word_delimiter_token"),
                         fields.boolean("cleanup"));
}

DecoderPtr read_sequence(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("Sequence");
    std::vector<DecoderPtr> parts;
    for (Value const& item : file.array(fields.need("decoders"))) {
        std::optional<Value> const single = serde::with_last_type(item);
        parts.push_back(read_part(single ? *single : item, file));
    }
    return decoders::sequence(std::move(parts));
}

DecoderPtr read_replace(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"pattern", "content"}, file);
    serde::PatternField const pattern = serde::pattern(fields.need("pattern"), file);
    std::string const& content = fields.string("content");
    return decoders::replace(
        pattern.is_regex ? Pattern::regex(pattern.text) : Pattern::literal(pattern.text), content);
}

// For the two decoders that have nothing but a type. Where it is not the tag of the component, it
// must be a string.
void need_constant_type(Value const& value, std::string_view name, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"type"}, file);
    if (serde::sole_type(value) == nullptr) fields.string("type");
    fields.need_type(name);
}

DecoderPtr read_fuse(Value const& value, DefinitionFile const& file) {
    need_constant_type(value, "Fuse", file);
    return decoders::fuse();
}

DecoderPtr read_strip(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"content", "start", "stop"}, file);
    return decoders::strip(fields.character("content"), fields.size("start"), fields.size("stop"));
}

DecoderPtr read_byte_fallback(Value const& value, DefinitionFile const& file) {
    need_constant_type(value, "ByteFallback", file);
    return decoders::byte_fallback();
}

// In the order in which components without a known type are tried.
constexpr serde::Reader<DecoderPtr> kReaders[] = {
    {"BPEDecoder", read_bpe},
    {"ByteLevel", read_byte_level},
    {"WordPiece", read_word_piece},
    {"Metaspace", read_metaspace_decoder},
    {"CTC", read_ctc},
    {"Sequence", read_sequence},
    {"Replace", read_replace},
    {"Fuse", read_fuse},
    {"Strip", read_strip},
    {"ByteFallback", read_byte_fallback},
};

DecoderPtr read_part(Value const& value, DefinitionFile const& file) {
    return serde::read_component(
        value, kReaders, "data did not match any variant of untagged enum DecoderUntagged", file);
}

}  // namespace

DecoderPtr read_decoder(Value const& value, DefinitionFile const& file) {
    return value.kind == json::Kind::null ? nullptr : read_part(value, file);
}

}  // namespace tokmill::stages
