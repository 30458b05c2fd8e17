// Normalizers, pre-tokenizers, decoders, truncation and padding of a tokenizer.json.
#include "formats/components.h"

#include <limits>
#include <utility>

#include "core/json_writer.h"

namespace tokmill {

namespace {

using json::Kind;
using json::Value;

// The `type` of a component. Without one, the reference tries the components in turn; none of the
// supported ones can be recognised like that.
std::string const& component_type(Value const& value, std::string const& part,
                                  DefinitionFile const& file) {
    if (value.kind != Kind::object) file.invalid(value.position, part + ": expected an object");
    Value const* const type = value.find("type");
    if (type == nullptr) file.unsupported(part + " without a type");
    return file.string(*type);
}

// Fields that every ByteLevel must have although they do not matter to ids.
void check_byte_level(Value const& value, DefinitionFile const& file) {
    file.boolean(value, "add_prefix_space");
    file.boolean(value, "trim_offsets");
    if (value.find("use_regex") != nullptr) file.boolean(value, "use_regex");
}

void add_normalizers(Value const& value, DefinitionFile const& file,
                     std::vector<NormalizerKind>& out) {
    // A sequence is the one normalizer that may come without its type.
    bool const untyped_sequence = value.kind == Kind::object && value.find("type") == nullptr &&
                                  value.find("normalizers") != nullptr;
    std::string const type =
        untyped_sequence ? "Sequence" : component_type(value, "normalizer", file);
    if (type == "NFC") {
        out.push_back(NormalizerKind::nfc);
    } else if (type == "Sequence") {
        for (Value const& item : file.array(file.member(value, "normalizers"))) {
            add_normalizers(item, file, out);
        }
    } else {
        file.unsupported("normalizer " + type);
    }
}

SplitBehavior split_behavior(std::string const& name) {
    if (name == "Removed") return SplitBehavior::removed;
    if (name == "Isolated") return SplitBehavior::isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
    if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
    return SplitBehavior::contiguous;
}

PreTokenizer read_split(Value const& value, DefinitionFile const& file) {
    PreTokenizer split;
    split.kind = PreTokenizerKind::split;
    Value const& pattern = file.member(value, "pattern");
    if (pattern.kind != Kind::object || pattern.members.size() != 1) {
        file.invalid(pattern.position, "expected {\"String\": ...} or {\"Regex\": ...}");
    }
    auto const& [kind, text] = pattern.members.front();
    if (kind != "String" && kind != "Regex") {
        file.invalid(pattern.position, "unknown variant `" + kind + "`");
    }
    split.pattern = file.string(text);
    // The reference turns a String into a Regex, and an empty one is between any two characters.
    split.pattern_is_regex = kind == "Regex" || split.pattern.empty();
    split.behavior = split_behavior(file.variant(
        file.member(value, "behavior"),
        {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"}));
    split.invert = file.boolean(value, "invert");
    return split;
}

void add_pre_tokenizers(Value const& value, DefinitionFile const& file,
                        std::vector<PreTokenizer>& out) {
    std::string const& type = component_type(value, "pre_tokenizer", file);
    PreTokenizer step;
    if (type == "ByteLevel") {
        check_byte_level(value, file);
        step.kind = PreTokenizerKind::byte_level;
        step.add_prefix_space = file.boolean(value, "add_prefix_space");
        step.use_regex = value.find("use_regex") == nullptr || file.boolean(value, "use_regex");
    } else if (type == "Split") {
        step = read_split(value, file);
    } else if (type == "Digits") {
        step.kind = PreTokenizerKind::digits;
        step.individual_digits = file.boolean(value, "individual_digits");
    } else if (type == "Sequence") {
        for (Value const& item : file.array(file.member(value, "pretokenizers"))) {
            add_pre_tokenizers(item, file, out);
        }
        return;
    } else {
        file.unsupported("pre_tokenizer " + type);
    }
    out.push_back(std::move(step));
}

// The decoders of nested sequences, in order.
void add_decoders(Value const& value, DefinitionFile const& file, std::vector<std::string>& out) {
    std::string const& type = component_type(value, "decoder", file);
    if (type == "Sequence") {
        for (Value const& item : file.array(file.member(value, "decoders"))) {
            add_decoders(item, file, out);
        }
        return;
    }
    if (type == "ByteLevel") check_byte_level(value, file);
    out.push_back(type);
}

// Writes the members of a JSON object.
class ObjectText {
 public:
    void add(std::string_view name, std::string_view spelled_value) {
        text_.push_back(text_.empty() ? '{' : ',');
        json::append_string(name, text_);
        text_.push_back(':');
        text_.append(spelled_value);
    }
    std::string finish() { return std::move(text_) + "}"; }

 private:
    std::string text_;
};

std::string spell(std::string_view text) {
    std::string out;
    json::append_string(text, out);
    return out;
}

constexpr std::uint64_t kLargestSize = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::vector<NormalizerKind> read_normalizer(Value const& value, DefinitionFile const& file) {
    std::vector<NormalizerKind> normalizers;
    if (value.kind != Kind::null) add_normalizers(value, file, normalizers);
    return normalizers;
}

std::vector<PreTokenizer> read_pre_tokenizer(Value const& value, DefinitionFile const& file) {
    std::vector<PreTokenizer> steps;
    if (value.kind != Kind::null) add_pre_tokenizers(value, file, steps);
    return steps;
}

DecoderKind read_decoder(Value const& value, DefinitionFile const& file) {
    if (value.kind == Kind::null) return DecoderKind::join_space;
    std::vector<std::string> decoders;
    add_decoders(value, file, decoders);
    for (std::string const& type : decoders) {
        if (type != "ByteLevel" && type != "Fuse") file.unsupported("decoder " + type);
    }
    // ByteLevel leaves one string, which fusing does not change. Fused before, one token outside
    // the alphabet would change how all the others are decoded.
    if (decoders.empty() || decoders.front() != "ByteLevel") {
        file.unsupported("decoder without ByteLevel in first place");
    }
    for (std::size_t i = 1; i < decoders.size(); ++i) {
        if (decoders[i] != "Fuse") file.unsupported("decoder Sequence with ByteLevel twice");
    }
    return DecoderKind::byte_level;
}

std::string read_truncation(Value const& value, DefinitionFile const& file) {
    if (value.kind == Kind::null) return {};
    if (value.kind != Kind::object) file.invalid(value.position, "expected an object");
    Value const* const direction = value.find("direction");
    auto const size = [&](char const* name) {
        return std::to_string(file.unsigned_integer(file.member(value, name), kLargestSize));
    };
    ObjectText text;
    text.add("direction", spell(direction ? file.variant(*direction, {"Left", "Right"}) : "Right"));
    text.add("max_length", size("max_length"));
    text.add("strategy", spell(file.variant(file.member(value, "strategy"),
                                            {"LongestFirst", "OnlyFirst", "OnlySecond"})));
    text.add("stride", size("stride"));
    return text.finish();
}

std::string read_padding(Value const& value, DefinitionFile const& file) {
    if (value.kind == Kind::null) return {};
    if (value.kind != Kind::object) file.invalid(value.position, "expected an object");
    auto const size = [&](Value const& number) {
        return std::to_string(file.unsigned_integer(number, kLargestSize));
    };
    auto const id = [&](char const* name) {
        return std::to_string(file.unsigned_integer(file.member(value, name), 0xFFFFFFFFu));
    };
    ObjectText text;
    Value const& strategy = file.member(value, "strategy");
    if (strategy.kind == Kind::object && strategy.members.size() == 1 &&
        strategy.members.front().first == "Fixed") {
        text.add("strategy", "{\"Fixed\":" + size(strategy.members.front().second) + "}");
    } else {
        text.add("strategy", spell(file.variant(strategy, {"BatchLongest"})));
    }
    text.add("direction", spell(file.variant(file.member(value, "direction"), {"Left", "Right"})));
    Value const* const multiple = value.find("pad_to_multiple_of");
    bool const has_multiple = multiple != nullptr && multiple->kind != Kind::null;
    text.add("pad_to_multiple_of", has_multiple ? size(*multiple) : "null");
    text.add("pad_id", id("pad_id"));
    text.add("pad_type_id", id("pad_type_id"));
    text.add("pad_token", spell(file.string(file.member(value, "pad_token"))));
    return text.finish();
}

}  // namespace tokmill
