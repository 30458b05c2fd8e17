#include "formats/tokenizer_json_fields.h"

#include <array>
#include <bitset>
#include <utility>

namespace tokmill {

void PipelineFields::read(std::string_view name, std::size_t position, json::Reader& reader,
                          DefinitionFile const& file) {
    std::pair<std::string_view, json::Value*> const fields[] = {
        {"normalizer", &normalizer}, {"pre_tokenizer", &pre_tokenizer},
        {"decoder", &decoder},       {"post_processor", &post_processor},
        {"truncation", &truncation}, {"padding", &padding},
    };
    json::Value* target = nullptr;
    for (auto const& [field, value] : fields) {
        if (field == name) target = value;
    }
    // tokenizers stumbles over fields that it does not know.
    if (!target) file.invalid(position, "unknown field `" + std::string(name) + "`");
    *target = reader.value();
}

namespace {

AddedToken read_added_token(json::Reader& reader, std::string const& place) {
    AddedToken token;
    std::array<std::pair<std::string_view, bool*>, 5> const flags{{
        {"single_word", &token.single_word},
        {"lstrip", &token.lstrip},
        {"rstrip", &token.rstrip},
        {"normalized", &token.normalized},
        {"special", &token.special},
    }};
    constexpr std::array<char const*, 7> kNames{"single_word", "lstrip", "rstrip", "normalized",
                                                "special",     "id",     "content"};
    std::bitset<7> seen;
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        std::size_t field = 0;
        while (field < kNames.size() && kNames[field] != key) ++field;
        if (field == kNames.size()) {
            reader.skip();
            continue;
        }
        if (seen[field]) reader.fail(std::string("duplicate field `") + kNames[field] + "`");
        seen[field] = true;
        if (field < flags.size()) {
            *flags[field].second = reader.boolean();
        } else if (key == "id") {
            reader.unsigned_32();
        } else {
            token.content = reader.string();
        }
    }
    for (std::size_t field = 0; field < kNames.size(); ++field) {
        if (!seen[field]) reader.fail(place + "missing field `" + kNames[field] + "`");
    }
    return token;
}

}  // namespace

std::vector<AddedToken> read_added_tokens(json::Reader& reader, std::string const& place) {
    std::vector<AddedToken> tokens;
    reader.begin_array();
    while (reader.next_element()) tokens.push_back(read_added_token(reader, place));
    return tokens;
}

}  // namespace tokmill
