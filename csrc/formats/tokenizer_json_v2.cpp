// Version "2.0" of tokenizer.json to version "1.0". The vocabulary, which is nearly all of a file,
// is copied as it stands.
#include "formats/tokenizer_json_v2.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "formats/tokenizer_json_v2_model.h"

namespace tokmill {

namespace v2 {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// --- values ------------------------------------------------------------------------------------

Value make(Kind kind, std::string text = {}) {
    Value value;
    value.kind = kind;
    value.text = std::move(text);
    return value;
}

Value make_boolean(bool truth) {
    Value value = make(Kind::boolean);
    value.boolean = truth;
    return value;
}

Value make_object(std::vector<std::pair<std::string, Value>> members) {
    Value value = make(Kind::object);
    value.members = std::move(members);
    return value;
}

Value make_array(std::vector<Value> items) {
    Value value = make(Kind::array);
    value.items = std::move(items);
    return value;
}

Value make_component(std::string type, std::vector<std::pair<std::string, Value>> members) {
    members.insert(members.begin(), {"type", make(Kind::string, std::move(type))});
    return make_object(std::move(members));
}

std::string to_text(Value const& value) {
    json::PrettyWriter writer;
    writer.value(value);
    return writer.take();
}

bool is_null(Value const* value) {
    return value == nullptr || value->kind == Kind::null;
}

bool has_type(Value const& component, std::string_view type) {
    Value const* const found = component.find("type");
    return found != nullptr && found->kind == Kind::string && found->text == type;
}

bool is_true(Value const& object, std::string_view name) {
    Value const* const found = object.find(name);
    return found != nullptr && found->kind == Kind::boolean && found->boolean;
}

// The steps of a component that may be null, one step, or a Sequence of steps.
std::vector<Value> steps_of(Value const& component, std::string_view list) {
    if (component.kind == Kind::null) return {};
    if (!has_type(component, "Sequence")) return {component};
    Value const* const steps = component.find(list);
    if (steps == nullptr || steps->kind != Kind::array) {
        invalid(component, "a Sequence without `" + std::string(list) + "`");
    }
    return steps->items;
}

Value component_of(std::vector<Value> steps, std::string_view list) {
    if (steps.empty()) return {};
    if (steps.size() == 1) return std::move(steps[0]);
    return make_component("Sequence", {{std::string(list), make_array(std::move(steps))}});
}

// --- normalizer and pre-tokenizer --------------------------------------------------------------

Value byte_level(bool add_prefix_space, bool use_regex) {
    return make_component("ByteLevel", {{"add_prefix_space", make_boolean(add_prefix_space)},
                                        {"trim_offsets", make_boolean(true)},
                                        {"use_regex", make_boolean(use_regex)}});
}

// Whether a pre-tokenizer is Split with this literal or regular expression and this behavior.
bool is_split(Value const& step, std::string_view kind, std::string_view pattern,
              std::string_view behavior) {
    if (!has_type(step, "Split") || is_true(step, "invert")) return false;
    Value const* const wanted = step.find("pattern");
    if (wanted == nullptr || wanted->kind != Kind::object) return false;
    std::string const* const text = string_member(*wanted, kind);
    std::string const* const found = string_member(step, "behavior");
    return text != nullptr && *text == pattern && found != nullptr && *found == behavior;
}

// Version 2.0 has Metaspace in two halves: a normalizer that puts the replacement in, at the end,
// and a Split before each replacement.
void join_metaspace(std::vector<Value>& normalizers, std::vector<Value>& pre_tokenizers) {
    auto const is_metaspace = [](Value const& step) {
        return has_type(step, "MetaspaceNormalizer");
    };
    auto const count = std::count_if(normalizers.begin(), normalizers.end(), is_metaspace);
    if (count == 0) return;
    if (count > 1 || !is_metaspace(normalizers.back())) {
        unsupported("MetaspaceNormalizer before other normalizers");
    }
    Value const metaspace = std::move(normalizers.back());
    normalizers.pop_back();
    std::string const* const replacement = string_member(metaspace, "replacement");
    std::string const* const prepend = string_member(metaspace, "prepend");
    if (replacement == nullptr || prepend == nullptr) {
        invalid(metaspace, "MetaspaceNormalizer without `replacement` or `prepend`");
    }
    bool const split = pre_tokenizers.size() == 1 &&
                       is_split(pre_tokenizers[0], "String", *replacement, "MergedWithNext");
    if (!pre_tokenizers.empty() && !split) {
        unsupported("MetaspaceNormalizer with a pre-tokenizer other than Split at `" +
                    *replacement + "`");
    }
    pre_tokenizers = {
        make_component("Metaspace", {{"replacement", make(Kind::string, *replacement)},
                                     {"prepend_scheme", make(Kind::string, *prepend)},
                                     {"split", make_boolean(split)}})};
    if (!is_true(metaspace, "drop_whitespace")) return;
    if (!split || *prepend != "always") {
        unsupported("MetaspaceNormalizer with `drop_whitespace` that does not split");
    }
    pre_tokenizers.insert(pre_tokenizers.begin(), make_component("WhitespaceSplit", {}));
}

// A model of bytes takes them from the pre-tokenizer in version 1.0.
void append_byte_level(std::vector<Value>& pre_tokenizers) {
    bool const gpt2 = !pre_tokenizers.empty() &&
                      is_split(pre_tokenizers.back(), "Regex", kGpt2Pattern, "Isolated");
    if (gpt2) pre_tokenizers.pop_back();
    pre_tokenizers.push_back(byte_level(false, gpt2));
}

// --- post-processor and decoder ----------------------------------------------------------------

std::vector<Value> const& template_of(Value const& processor, std::string_view name) {
    Value const* const pieces = processor.find(name);
    if (pieces == nullptr || pieces->kind != Kind::array) {
        invalid(processor, "TemplateProcessing without `" + std::string(name) + "`");
    }
    return pieces->items;
}

void check_post_processor(Value const& processor) {
    if (processor.kind == Kind::null || has_type(processor, "TemplateProcessing")) return;
    std::string const* const type = string_member(processor, "type");
    unsupported("post-processor " + (type == nullptr ? std::string("without type") : *type));
}

// The ids that the templates put around a text.
std::set<std::uint32_t> ids_of(Value const& processor) {
    std::set<std::uint32_t> ids;
    if (processor.kind == Kind::null) return ids;
    for (char const* const name : {"single", "pair"}) {
        for (Value const& piece : template_of(processor, name)) {
            Value const* const list = piece.find("ids");
            if (list == nullptr) continue;
            for (Value const& id : list->items) ids.insert(to_id(id));
        }
    }
    return ids;
}

// Version 1.0 gives names to what a template puts around a text.
class TemplateRewriter {
 public:
    explicit TemplateRewriter(TokenNames const& names) : names_(names) {}

    Value rewrite(Value const& processor) {
        Value single = pieces(template_of(processor, "single"));
        Value pair = pieces(template_of(processor, "pair"));
        return make_component("TemplateProcessing",
                              {{"single", std::move(single)},
                               {"pair", std::move(pair)},
                               {"special_tokens", make_object(std::move(special_tokens_))}});
    }

 private:
    Value pieces(std::vector<Value> const& templates) {
        Value result = make(Kind::array);
        for (Value const& piece : templates) result.items.push_back(rewrite_piece(piece));
        return result;
    }

    Value rewrite_piece(Value const& piece) {
        Value const* const sequence = piece.find("seq");
        Value const* const ids = piece.find("ids");
        Value const* const type = piece.find("type_id");
        Value const type_id = type == nullptr ? make(Kind::number, "0") : *type;
        if (sequence != nullptr) return variant("Sequence", *sequence, type_id);
        if (ids == nullptr || ids->kind != Kind::array) {
            invalid(piece, "a piece of a template has neither `seq` nor `ids`");
        }
        return variant("SpecialToken", make(Kind::string, name_of(*ids)), type_id);
    }

    static Value variant(char const* name, Value id, Value type_id) {
        return make_object(
            {{name, make_object({{"id", std::move(id)}, {"type_id", std::move(type_id)}})}});
    }

    // Equal lists of ids have one name.
    std::string name_of(Value const& ids) {
        Value tokens = make(Kind::array);
        std::string name;
        for (Value const& id : ids.items) {
            auto const found = names_.find(to_id(id));
            tokens.items.push_back(
                make(Kind::string, found == names_.end() ? std::string() : found->second));
            name += tokens.items.back().text;
        }
        std::vector<std::uint32_t> key;
        for (Value const& id : ids.items) key.push_back(to_id(id));
        auto const [known, is_new] = given_.emplace(key, name);
        if (!is_new) return known->second;
        while (!taken_.insert(known->second).second) known->second += '+';
        special_tokens_.emplace_back(known->second,
                                     make_object({{"id", make(Kind::string, known->second)},
                                                  {"ids", ids},
                                                  {"tokens", std::move(tokens)}}));
        return known->second;
    }

    TokenNames const& names_;
    std::map<std::vector<std::uint32_t>, std::string> given_;
    std::set<std::string> taken_;
    std::vector<std::pair<std::string, Value>> special_tokens_;
};

Value rewrite_decoder(Value decoder) {
    if (has_type(decoder, "ByteLevel")) return byte_level(true, true);
    if (has_type(decoder, "Metaspace") && decoder.find("split") == nullptr) {
        decoder.members.emplace_back("split", make_boolean(true));
    }
    for (auto& [name, value] : decoder.members) {
        if (name != "decoders") continue;
        for (Value& step : value.items) step = rewrite_decoder(std::move(step));
    }
    return decoder;
}

// --- the file ----------------------------------------------------------------------------------

// What is copied is kept as text.
struct File {
    std::string_view truncation = "null", padding = "null", added_tokens = "[]";
    Value normalizer, pre_tokenizer, post_processor, decoder;
    std::string_view model;
};

std::string_view copied(json::Reader& reader, std::string_view data) {
    reader.peek();
    std::size_t const begin = reader.position();
    reader.skip();
    return data.substr(begin, reader.position() - begin);
}

File read_file(std::string_view data) {
    json::Reader reader(data);
    File file;
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        if (key == "truncation") {
            file.truncation = copied(reader, data);
        } else if (key == "padding") {
            file.padding = copied(reader, data);
        } else if (key == "added_tokens") {
            file.added_tokens = copied(reader, data);
        } else if (key == "normalizer") {
            file.normalizer = reader.value();
        } else if (key == "pre_tokenizer") {
            file.pre_tokenizer = reader.value();
        } else if (key == "post_processor") {
            file.post_processor = reader.value();
        } else if (key == "decoder") {
            file.decoder = reader.value();
        } else if (key == "model") {
            file.model = copied(reader, data);
        } else {
            reader.skip();  // `version`, and `role_to_token`, which encoding does not use
        }
    }
    reader.finish();
    if (file.model.empty()) reader.fail_at(0, "the file has no `model`");
    return file;
}

}  // namespace
}  // namespace v2

bool is_tokenizer_json_v2(std::string_view data) {
    json::Reader reader(data);
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        if (key == "version")
            return reader.peek() == json::Kind::string && reader.string() == "2.0";
        reader.skip();
    }
    return false;
}

std::string rewrite_tokenizer_json_v2(std::string_view data) {
    using namespace v2;
    File file = read_file(data);
    check_post_processor(file.post_processor);
    std::set<std::uint32_t> const wanted = ids_of(file.post_processor);
    std::vector<AddedTokenId> const added_tokens = read_added_tokens(file.added_tokens);
    Vocabulary vocabulary(added_tokens, wanted);
    Model const model = read_model(file.model, vocabulary);
    TokenNames const names = vocabulary.names();

    std::vector<Value> normalizers = steps_of(file.normalizer, "normalizers");
    std::vector<Value> pre_tokenizers = steps_of(file.pre_tokenizer, "pretokenizers");
    join_metaspace(normalizers, pre_tokenizers);
    if (model.byte_level) {
        append_byte_level(pre_tokenizers);
        // The model of version 2.0 gives bytes back even where there is no decoder.
        if (is_null(&file.decoder)) file.decoder = byte_level(true, true);
    }
    if (!is_null(&file.post_processor)) {
        file.post_processor = TemplateRewriter(names).rewrite(file.post_processor);
    }

    std::string result = R"({"version":"1.0")";
    auto const append = [&](std::string_view name, std::string_view text) {
        result += ",\"" + std::string(name) + "\":";
        result += text;
    };
    append("truncation", file.truncation);
    append("padding", file.padding);
    append("added_tokens", file.added_tokens);
    append("normalizer", to_text(component_of(std::move(normalizers), "normalizers")));
    append("pre_tokenizer", to_text(component_of(std::move(pre_tokenizers), "pretokenizers")));
    append("post_processor", to_text(file.post_processor));
    append("decoder", to_text(rewrite_decoder(std::move(file.decoder))));
    append("model", write_model(model, vocabulary));
    return result + '}';
}

}  // namespace tokmill
