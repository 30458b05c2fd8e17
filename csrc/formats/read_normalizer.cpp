// Normalizers of a tokenizer.json.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/lenient_base64.h"
#include "formats/serde_fields.h"
#include "formats/stage_readers.h"
#include "normalizers/normalizers.h"

namespace tokmill::stages {

namespace {

using json::Value;
using serde::Fields;
using serde::Form;

// Not null.
NormalizerPtr read_stage(Value const& value, DefinitionFile const& file);

// A normalizer without fields.
void need_only_type(Value const& value, std::string_view type, DefinitionFile const& file) {
    Fields(value, Form::object_or_array, {"type"}, file).need_type(type);
}

NormalizerPtr read_bert(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array,
                        {"clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}, file);
    BertOptions options;
    options.clean_text = fields.boolean("clean_text");
    options.handle_chinese_chars = fields.boolean("handle_chinese_chars");
    if (Value const* const strip = fields.optional("strip_accents")) {
        options.strip_accents = serde::boolean(*strip, file);
    }
    options.lowercase = fields.boolean("lowercase");
    return make_bert_normalizer(options);
}

NormalizerPtr read_strip(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"strip_left", "strip_right"}, file);
    bool const left = fields.boolean("strip_left");
    return make_strip(left, fields.boolean("strip_right"));
}

NormalizerPtr read_strip_accents(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "StripAccents", file);
    return make_strip_accents();
}

NormalizerPtr read_nfc(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "NFC", file);
    return make_unicode_form(UnicodeForm::nfc);
}

NormalizerPtr read_nfd(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "NFD", file);
    return make_unicode_form(UnicodeForm::nfd);
}

NormalizerPtr read_nfkc(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "NFKC", file);
    return make_unicode_form(UnicodeForm::nfkc);
}

NormalizerPtr read_nfkd(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "NFKD", file);
    return make_unicode_form(UnicodeForm::nfkd);
}

NormalizerPtr read_sequence(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"normalizers"}, file);
    std::vector<NormalizerPtr> parts;
    for (Value const& item : file.array(fields.need("normalizers"))) {
        parts.push_back(read_stage(item, file));
    }
    return make_normalizer_sequence(std::move(parts));
}

NormalizerPtr read_lowercase(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "Lowercase", file);
    return make_lowercase();
}

NormalizerPtr read_nmt(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "Nmt", file);
    return make_nmt();
}

NormalizerPtr read_precompiled(Value const& value, DefinitionFile const& file) {
    // The one normalizer that the reference never recognises by its fields.
    std::string const* const type = serde::sole_type(value);
    if (type == nullptr || *type != "Precompiled") {
        file.invalid(value.position, "a Precompiled must have its type");
    }
    Fields const fields(value, Form::object_only, {}, file);
    std::string const& text = fields.string("precompiled_charsmap");
    std::string charsmap;
    std::size_t const right = decode_lenient_base64(text, charsmap);
    std::size_t const position = fields.need("precompiled_charsmap").position;
    if (right != text.size()) {
        file.invalid(position, "precompiled_charsmap: malformed base64 at character " +
                                   std::to_string(right));
    }
    try {
        return make_precompiled(charsmap);
    } catch (Error const& error) {
        file.invalid(position,
                     std::string(error.what()) + " at byte " + std::to_string(error.position()));
    }
}

NormalizerPtr read_replace(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"pattern", "content"}, file);
    serde::PatternField const pattern = serde::pattern(fields.need("pattern"), file);
    std::string const& content = fields.string("content");
    return make_replace(
        pattern.is_regex ? Pattern::regex(pattern.text) : Pattern::literal(pattern.text), content);
}

NormalizerPtr read_prepend(Value const& value, DefinitionFile const& file) {
    return make_prepend(Fields(value, Form::object_or_array, {"prepend"}, file).string("prepend"));
}

NormalizerPtr read_byte_level(Value const& value, DefinitionFile const& file) {
    need_only_type(value, "ByteLevel", file);
    return make_byte_level_normalizer();
}

// In the order in which components without a known type are tried. "Bert" is what tokenizers looks
// for, but not what it writes: a BertNormalizer is only found by trying.
constexpr serde::Reader<NormalizerPtr> kReaders[] = {
    {"Bert", read_bert},
    {"Strip", read_strip},
    {"StripAccents", read_strip_accents},
    {"NFC", read_nfc},
    {"NFD", read_nfd},
    {"NFKC", read_nfkc},
    {"NFKD", read_nfkd},
    {"Sequence", read_sequence},
    {"Lowercase", read_lowercase},
    {"Nmt", read_nmt},
    {"Precompiled", read_precompiled},
    {"Replace", read_replace},
    {"Prepend", read_prepend},
    {"ByteLevel", read_byte_level},
};

NormalizerPtr read_stage(Value const& value, DefinitionFile const& file) {
    return serde::read_component(
        value, kReaders, "data did not match any variant of untagged enum NormalizerUntagged",
        file);
}

}  // namespace

NormalizerPtr read_normalizer(Value const& value, DefinitionFile const& file) {
    return value.kind == json::Kind::null ? nullptr : read_stage(value, file);
}

}  // namespace tokmill::stages
