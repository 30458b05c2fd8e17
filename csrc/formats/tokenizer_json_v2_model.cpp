// The model of tokenizer.json 2.0, and the ids of added tokens.
#include "formats/tokenizer_json_v2_model.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/json_writer.h"

namespace tokmill::v2 {

using json::Kind;
using json::Value;

[[noreturn]] void unsupported(std::string const& feature) {
    throw Error(ErrorKind::unsupported_tokenizer,
                "tokenizer.json 2.0: " + feature + " is not supported");
}

[[noreturn]] void invalid(Value const& where, std::string const& reason) {
    throw Error(ErrorKind::invalid_tokenizer, "tokenizer.json 2.0: " + reason, where.position);
}

std::string const* string_member(Value const& object, std::string_view name) {
    Value const* const found = object.find(name);
    return found != nullptr && found->kind == Kind::string ? &found->text : nullptr;
}

std::uint32_t to_id(Value const& value) {
    std::uint32_t id = 0;
    char const* const end = value.text.data() + value.text.size();
    auto const [stop, error] = std::from_chars(value.text.data(), end, id);
    if (value.kind != Kind::number || error != std::errc{} || stop != end) {
        invalid(value, "an id is not a number");
    }
    return id;
}

std::vector<AddedTokenId> read_added_tokens(std::string_view text) {
    json::Reader reader(text);
    Value const list = reader.value();
    std::vector<AddedTokenId> tokens;
    for (Value const& token : list.items) {
        Value const* const id = token.find("id");
        std::string const* const content = string_member(token, "content");
        if (id == nullptr || content == nullptr) invalid(token, "an added token without id");
        tokens.push_back({*content, to_id(*id)});
    }
    return tokens;
}

Vocabulary::Vocabulary(std::vector<AddedTokenId> const& added,
                       std::set<std::uint32_t> const& wanted)
    : added_(added), wanted_(wanted) {
    for (AddedTokenId const& token : added) contents_.emplace(token.content, kNoId);
}

void Vocabulary::read(json::Reader& reader) {
    if (reader.peek() == Kind::object) {
        std::string_view token;
        reader.begin_object();
        while (reader.next_member(token)) keep(reader.unsigned_32(), token);
        return;
    }
    reader.begin_array();
    for (std::uint32_t id = 0; reader.next_element(); ++id) {
        bool first = true;
        for (reader.begin_array(); reader.next_element(); first = false) {
            if (first) {
                keep(id, reader.string());
            } else {
                reader.skip();
            }
        }
    }
}

void Vocabulary::keep(std::uint32_t id, std::string_view name) {
    ++count_;
    end_ = std::max(end_, id + 1);
    if (wanted_.contains(id)) names_.emplace(id, name);
    if (contents_.empty()) return;
    auto const found = contents_.find(name);
    if (found != contents_.end()) found->second = id;
}

TokenNames Vocabulary::names() const {
    TokenNames names = names_;
    for (AddedTokenId const& token : added_) {
        if (wanted_.contains(token.id)) names.insert_or_assign(token.id, token.content);
    }
    return names;
}

bool Vocabulary::numbers_added_tokens() const {
    std::uint32_t next = count_;
    bool const dense = end_ <= count_;
    for (AddedTokenId const& token : added_) {
        std::uint32_t const known = contents_.find(token.content)->second;
        if (known != kNoId ? known != token.id : !dense || token.id != next++) return false;
    }
    return true;
}

std::string Vocabulary::missing_members() const {
    std::string members;
    for (AddedTokenId const& token : added_) {
        std::uint32_t const known = contents_.find(token.content)->second;
        if (known != kNoId && known != token.id) unsupported("an added token with two ids");
        if (known != kNoId) continue;
        if (count_ != 0 || !members.empty()) members += ',';
        json::append_string(token.content, members);
        members += ':' + std::to_string(token.id);
    }
    return members;
}

Model read_model(std::string_view text, Vocabulary& vocabulary) {
    json::Reader reader(text);
    Model model;
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        if (key == "files") unsupported("a vocabulary in other files");
        if (key == "byte_level") {
            model.byte_level = reader.boolean();
            continue;
        }
        std::string const name(key);
        reader.peek();
        std::size_t const begin = reader.position();
        if (name == "vocab") {
            vocabulary.read(reader);
        } else if (name == "type") {
            model.type = reader.string();
        } else if (name == "ignore_merges") {
            model.ignore_merges = reader.boolean();
        } else {
            reader.skip();
        }
        std::string_view const value = text.substr(begin, reader.position() - begin);
        if (name == "vocab") {
            model.vocabulary = value;
            continue;
        }
        json::append_string(name, model.members);
        model.members += ':';
        model.members += value;
        model.members += ',';
    }
    if (model.vocabulary.empty()) reader.fail("a model without `vocab`");
    return model;
}

// The model with the fields of version 1.0.
std::string write_model(Model const& model, Vocabulary const& vocabulary) {
    std::string result = '{' + model.members + R"("vocab":)";
    if (vocabulary.numbers_added_tokens()) {
        result += model.vocabulary;
        return result + '}';
    }
    // Tokens of the model keep their ids. These are of no use to it: no merge gives them.
    if (model.type != "BPE" || model.ignore_merges) {
        unsupported("added tokens whose ids do not follow those of the model");
    }
    result += model.vocabulary.substr(0, model.vocabulary.rfind('}'));
    return result + vocabulary.missing_members() + "}}";
}

}  // namespace tokmill::v2
