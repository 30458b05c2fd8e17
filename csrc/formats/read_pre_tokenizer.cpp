// Pre-tokenizers of a tokenizer.json.
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/metaspace_fields.h"
#include "formats/serde_fields.h"
#include "formats/stage_readers.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

using json::Value;
using serde::Fields;
using serde::Form;

// Not null.
PreTokenizerPtr read_stage(Value const& value, DefinitionFile const& file);

SplitBehavior read_behavior(Fields const& fields) {
    std::string const& name = fields.variant(
        "behavior", {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"});
    if (name == "Removed") return SplitBehavior::removed;
    if (name == "Isolated") return SplitBehavior::isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
    if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
    return SplitBehavior::contiguous;
}

PreTokenizerPtr read_bert(Value const& value, DefinitionFile const& file) {
    Fields(value, Form::object_or_array, {"type"}, file).need_type("BertPreTokenizer");
    return pre_tokenizers::bert();
}

PreTokenizerPtr read_byte_level(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("ByteLevel");
    fields.boolean("trim_offsets");
    bool const use_regex = fields.find("use_regex") == nullptr || fields.boolean("use_regex");
    return pre_tokenizers::byte_level(fields.boolean("add_prefix_space"), use_regex);
}

PreTokenizerPtr read_char_delimiter_split(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("CharDelimiterSplit");
    return pre_tokenizers::char_delimiter_split(fields.character("delimiter"));
}

PreTokenizerPtr read_metaspace_stage(Value const& value, DefinitionFile const& file) {
    return pre_tokenizers::metaspace(read_metaspace(value, file));
}

PreTokenizerPtr read_whitespace(Value const& value, DefinitionFile const& file) {
    Fields(value, Form::object_or_array, {"type"}, file).need_type("Whitespace");
    return pre_tokenizers::whitespace();
}

PreTokenizerPtr read_sequence(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("Sequence");
    std::vector<PreTokenizerPtr> stages;
    for (Value const& item : file.array(fields.need("pretokenizers"))) {
        std::optional<Value> const single = serde::with_last_type(item);
        stages.push_back(read_stage(single ? *single : item, file));
    }
    return pre_tokenizers::sequence(std::move(stages));
}

PreTokenizerPtr read_split(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_or_array, {"type", "pattern", "behavior", "invert"},
                        file);
    fields.need_type("Split");
    serde::PatternField const pattern = serde::pattern(fields.need("pattern"), file);
    return pre_tokenizers::split(pattern.text, pattern.is_regex, read_behavior(fields),
                                 fields.boolean("invert"));
}

PreTokenizerPtr read_punctuation(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("Punctuation");
    bool const has_behavior = fields.find("behavior") != nullptr;
    return pre_tokenizers::punctuation(has_behavior ? read_behavior(fields)
                                                    : SplitBehavior::isolated);
}

PreTokenizerPtr read_whitespace_split(Value const& value, DefinitionFile const& file) {
    Fields(value, Form::object_or_array, {"type"}, file).need_type("WhitespaceSplit");
    return pre_tokenizers::whitespace_split();
}

PreTokenizerPtr read_digits(Value const& value, DefinitionFile const& file) {
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("Digits");
    return pre_tokenizers::digits(fields.boolean("individual_digits"));
}

PreTokenizerPtr read_unicode_scripts(Value const& value, DefinitionFile const& file) {
    Fields(value, Form::object_or_array, {"type"}, file).need_type("UnicodeScripts");
    return pre_tokenizers::unicode_scripts();
}

PreTokenizerPtr read_fixed_length(Value const& value, DefinitionFile const& file) {
    constexpr std::size_t kDefaultLength = 5;
    Fields const fields(value, Form::object_only, {}, file);
    fields.need_type("FixedLength");
    bool const has_length = fields.find("length") != nullptr;
    return pre_tokenizers::fixed_length(has_length ? fields.size("length") : kDefaultLength);
}

// In the order in which components without a known type are tried. "Delimiter" is what tokenizers
// looks for, but not what it writes: a CharDelimiterSplit is only found by trying.
constexpr serde::Reader<PreTokenizerPtr> kReaders[] = {
    {"BertPreTokenizer", read_bert},
    {"ByteLevel", read_byte_level},
    {"Delimiter", read_char_delimiter_split},
    {"Metaspace", read_metaspace_stage},
    {"Whitespace", read_whitespace},
    {"Sequence", read_sequence},
    {"Split", read_split},
    {"Punctuation", read_punctuation},
    {"WhitespaceSplit", read_whitespace_split},
    {"Digits", read_digits},
    {"UnicodeScripts", read_unicode_scripts},
    {"FixedLength", read_fixed_length},
};

PreTokenizerPtr read_stage(Value const& value, DefinitionFile const& file) {
    return serde::read_component(
        value, kReaders, "data did not match any variant of untagged enum PreTokenizerUntagged",
        file);
}

}  // namespace

PreTokenizerPtr read_pre_tokenizer(Value const& value, DefinitionFile const& file) {
    return value.kind == json::Kind::null ? nullptr : read_stage(value, file);
}

}  // namespace tokmill::stages
