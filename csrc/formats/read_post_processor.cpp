// Post-processors of a tokenizer.json as stages. tokenizers recognises them by their fields, in the
// order in which they are tried here; only ByteLevel and Sequence must say what they are.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "formats/stage_readers.h"
#include "postprocessors/byte_level_processing.h"
#include "postprocessors/end_tokens.h"
#include "postprocessors/processor_sequence.h"
#include "postprocessors/template_processing.h"

namespace tokmill::stages {

namespace {

using json::Kind;
using json::Value;

// A field that is there once: what serde takes for the field of a struct.
Value const* field(Value const& object, std::string_view name) {
    if (object.kind != Kind::object) return nullptr;
    Value const* found = nullptr;
    for (auto const& [member, value] : object.members) {
        if (member != name) continue;
        if (found != nullptr) return nullptr;
        found = &value;
    }
    return found;
}

std::optional<bool> boolean_field(Value const& object, std::string_view name) {
    Value const* const value = field(object, name);
    if (value == nullptr || value->kind != Kind::boolean) return std::nullopt;
    return value->boolean;
}

std::optional<std::uint32_t> id_of(Value const& value) {
    bool const is_integer = value.kind == Kind::number && value.text.size() <= 10 &&
                            std::all_of(value.text.begin(), value.text.end(),
                                        [](char c) { return c >= '0' && c <= '9'; });
    if (!is_integer) return std::nullopt;
    std::uint64_t const number = std::stoull(value.text);
    if (number > 0xFFFFFFFFu) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

std::optional<std::uint32_t> id_field(Value const& object, std::string_view name) {
    Value const* const value = field(object, name);
    return value != nullptr ? id_of(*value) : std::nullopt;
}

bool has_type(Value const& object, std::string_view name) {
    Value const* const type = field(object, "type");
    return type != nullptr && type->kind == Kind::string && type->text == name;
}

// ["</s>", 2]
std::optional<EndToken> end_token(Value const& object, std::string_view name) {
    Value const* const pair = field(object, name);
    bool const fits = pair != nullptr && pair->kind == Kind::array && pair->items.size() == 2 &&
                      pair->items[0].kind == Kind::string;
    if (!fits) return std::nullopt;
    std::optional<std::uint32_t> const id = id_of(pair->items[1]);
    if (!id) return std::nullopt;
    return EndToken{pair->items[0].text, *id};
}

PostProcessorPtr bert_or_roberta(Value const& value) {
    std::optional<EndToken> sep = end_token(value, "sep");
    std::optional<EndToken> cls = end_token(value, "cls");
    if (!sep || !cls) return nullptr;
    std::optional<bool> const trim = boolean_field(value, "trim_offsets");
    std::optional<bool> const add_prefix_space = boolean_field(value, "add_prefix_space");
    if (!trim || !add_prefix_space) {
        return std::make_shared<BertProcessing>(*std::move(sep), *std::move(cls));
    }
    return std::make_shared<RobertaProcessing>(*std::move(sep), *std::move(cls), *trim,
                                               *add_prefix_space);
}

PostProcessorPtr byte_level(Value const& value) {
    if (!has_type(value, "ByteLevel")) return nullptr;
    std::optional<bool> const trim = boolean_field(value, "trim_offsets");
    std::optional<bool> const add_prefix_space = boolean_field(value, "add_prefix_space");
    if (!trim || !add_prefix_space) return nullptr;
    bool const names_regex = value.find("use_regex") != nullptr;
    if (names_regex && !boolean_field(value, "use_regex")) return nullptr;
    return std::make_shared<ByteLevelProcessing>(*add_prefix_space, *trim);
}

std::optional<TemplatePiece> template_piece(Value const& value) {
    if (value.kind != Kind::object || value.members.size() != 1) return std::nullopt;
    auto const& [kind, fields] = value.members.front();
    Value const* const id = field(fields, "id");
    std::optional<std::uint32_t> const type_id = id_field(fields, "type_id");
    if (id == nullptr || id->kind != Kind::string || !type_id) return std::nullopt;
    TemplatePiece piece;
    piece.type_id = *type_id;
    if (kind == "SpecialToken") {
        piece.special_token = id->text;
        return piece;
    }
    if (kind != "Sequence" || (id->text != "A" && id->text != "B")) return std::nullopt;
    piece.is_sequence = true;
    piece.sequence = id->text == "A" ? 0 : 1;
    return piece;
}

std::optional<TemplateProcessing::Template> template_field(Value const& object,
                                                           std::string_view name) {
    Value const* const value = field(object, name);
    if (value == nullptr || value->kind != Kind::array) return std::nullopt;
    TemplateProcessing::Template pieces;
    for (Value const& item : value->items) {
        std::optional<TemplatePiece> piece = template_piece(item);
        if (!piece) return std::nullopt;
        pieces.push_back(*std::move(piece));
    }
    return pieces;
}

std::optional<TemplateToken> template_token(Value const& value, DefinitionFile const& file) {
    Value const* const id = field(value, "id");
    Value const* const ids = field(value, "ids");
    Value const* const texts = field(value, "tokens");
    bool const fits = id != nullptr && id->kind == Kind::string && ids != nullptr &&
                      ids->kind == Kind::array && texts != nullptr && texts->kind == Kind::array;
    if (!fits) return std::nullopt;
    TemplateToken token;
    for (Value const& item : ids->items) {
        std::optional<std::uint32_t> const number = id_of(item);
        if (!number) return std::nullopt;
        token.ids.push_back(*number);
    }
    for (Value const& item : texts->items) {
        if (item.kind != Kind::string) return std::nullopt;
        token.texts.push_back(item.text);
    }
    if (token.ids.size() != token.texts.size()) {
        file.unsupported("post_processor TemplateProcessing with a special token of " +
                         std::to_string(token.ids.size()) + " ids and " +
                         std::to_string(token.texts.size()) + " texts");
    }
    return token;
}

PostProcessorPtr template_processing(Value const& value, DefinitionFile const& file) {
    auto single = template_field(value, "single");
    auto pair = template_field(value, "pair");
    Value const* const special_tokens = field(value, "special_tokens");
    if (!single || !pair || special_tokens == nullptr || special_tokens->kind != Kind::object) {
        return nullptr;
    }
    TemplateProcessing::Tokens tokens;
    for (auto const& [name, member] : special_tokens->members) {
        std::optional<TemplateToken> token = template_token(member, file);
        if (!token) return nullptr;
        tokens.insert_or_assign(name, *std::move(token));
    }
    return std::make_shared<TemplateProcessing>(*std::move(single), *std::move(pair),
                                                std::move(tokens));
}

PostProcessorPtr sequence(Value const& value, DefinitionFile const& file) {
    Value const* const processors = field(value, "processors");
    if (!has_type(value, "Sequence") || processors == nullptr || processors->kind != Kind::array) {
        return nullptr;
    }
    std::vector<PostProcessorPtr> steps;
    for (Value const& item : processors->items) {
        PostProcessorPtr step = read_post_processor(item, file);
        // null is no post-processor either.
        if (!step) return nullptr;
        steps.push_back(std::move(step));
    }
    return std::make_shared<ProcessorSequence>(std::move(steps));
}

}  // namespace

PostProcessorPtr read_post_processor(Value const& value, DefinitionFile const& file) {
    if (value.kind == Kind::null) return nullptr;
    PostProcessorPtr result = bert_or_roberta(value);
    if (!result) result = byte_level(value);
    if (!result) result = template_processing(value, file);
    if (!result) result = sequence(value, file);
    if (!result) {
        file.invalid(value.position,
                     "data did not match any variant of untagged enum PostProcessorWrapper");
    }
    return result;
}

}  // namespace tokmill::stages
