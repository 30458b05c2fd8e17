// tekken.json (Mistral): a rank vocabulary in JSON. Only the first ranks are used, as many as fill
// the vocabulary size of the file behind its special tokens, which have the ids from 0 on.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "formats/definition_file.h"
#include "formats/load.h"
#include "formats/rank_vocabulary.h"

namespace tokmill {

namespace {

using json::Kind;
using json::Value;

// What files without a list of special tokens mean (versions up to v7).
constexpr std::array<std::string_view, 20> kFirstSpecialTokens = {
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
};

// All of them are made, named in the file or not, so a small file must not ask for millions.
constexpr std::uint32_t kMostSpecialTokens = 1u << 16;

class TekkenReader {
 public:
    explicit TekkenReader(std::string_view data) : reader_(data), file_(reader_) {}

    Definition read();

 private:
    struct Entry {
        std::string_view base64;
        std::size_t position;
    };

    void read_vocabulary();
    std::vector<std::pair<std::string, std::uint32_t>> special_tokens(std::uint32_t count) const;
    std::vector<std::string> listed_special_tokens() const;

    json::Reader reader_;
    DefinitionFile file_;
    std::vector<Entry> vocabulary_;  // by rank
    Value config_;
    Value special_tokens_;
};

void TekkenReader::read_vocabulary() {
    vocabulary_.clear();
    reader_.begin_array();
    while (reader_.next_element()) {
        Entry entry{{}, reader_.position()};
        bool has_rank = false;
        bool has_bytes = false;
        std::string_view key;
        reader_.begin_object();
        while (reader_.next_member(key)) {
            if (key == "rank") {
                has_rank = reader_.unsigned_32() == vocabulary_.size();
            } else if (key == "token_bytes") {
                entry.base64 = reader_.string();
                has_bytes = true;
            } else {
                reader_.skip();
            }
        }
        if (!has_rank) file_.invalid(entry.position, "vocab: ranks must count from 0");
        if (!has_bytes) file_.invalid(entry.position, "vocab: missing field `token_bytes`");
        vocabulary_.push_back(entry);
    }
}

std::vector<std::string> TekkenReader::listed_special_tokens() const {
    if (special_tokens_.kind == Kind::null) {
        Value const& version = file_.member(config_, "version");
        file_.string(version);
        if (version.text != "v1" && version.text != "v2" && version.text != "v3" &&
            version.text != "v7") {
            file_.invalid(version.position,
                          "no special_tokens in a file of version " + version.text);
        }
        return {kFirstSpecialTokens.begin(), kFirstSpecialTokens.end()};
    }
    std::vector<std::string> contents;
    for (Value const& token : file_.array(special_tokens_)) {
        if (token.kind != Kind::object) file_.invalid(token.position, "expected an object");
        Value const& rank = file_.member(token, "rank");
        if (file_.unsigned_integer(rank, kIdLimit) != contents.size()) {
            file_.invalid(rank.position, "special_tokens: ranks must count from 0");
        }
        contents.push_back(file_.string(file_.member(token, "token_str")));
    }
    return contents;
}

std::vector<std::pair<std::string, std::uint32_t>> TekkenReader::special_tokens(
    std::uint32_t count) const {
    std::vector<std::string> contents = listed_special_tokens();
    if (contents.size() > count) {
        file_.invalid(config_.position, "more special tokens than default_num_special_tokens");
    }
    std::vector<std::pair<std::string, std::uint32_t>> tokens;
    for (std::uint32_t id = 0; id < count; ++id) {
        tokens.emplace_back(
            id < contents.size() ? std::move(contents[id]) : "<SPECIAL_" + std::to_string(id) + ">",
            id);
    }
    return tokens;
}

Definition TekkenReader::read() {
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        if (key == "vocab") {
            read_vocabulary();
        } else if (key == "config") {
            config_ = reader_.value();
        } else if (key == "special_tokens") {
            special_tokens_ = reader_.value();
        } else {
            reader_.skip();
        }
    }
    reader_.finish();
    if (config_.kind != Kind::object) file_.invalid(config_.position, "no config");

    auto const number = [&](char const* name) {
        return static_cast<std::uint32_t>(
            file_.unsigned_integer(file_.member(config_, name), kIdLimit));
    };
    std::uint32_t const special_count = number("default_num_special_tokens");
    if (special_count > kMostSpecialTokens) {
        file_.invalid(config_.position, "default_num_special_tokens is out of range");
    }
    std::uint32_t const size = number("default_vocab_size");
    if (size < special_count || size - special_count > vocabulary_.size()) {
        file_.invalid(config_.position, "default_vocab_size does not fit the vocabulary");
    }
    std::vector<std::pair<std::string, std::uint32_t>> tokens;
    tokens.reserve(size - special_count);
    for (std::uint32_t rank = 0; rank < size - special_count; ++rank) {
        std::optional<std::string> bytes = decode_base64(vocabulary_[rank].base64);
        if (!bytes) file_.invalid(vocabulary_[rank].position, "vocab: malformed base64");
        if (rank < 256 && (bytes->size() != 1 || static_cast<unsigned char>((*bytes)[0]) != rank)) {
            file_.invalid(vocabulary_[rank].position,
                          "vocab: the first 256 tokens must be the single bytes in order");
        }
        tokens.emplace_back(std::move(*bytes), rank + special_count);
    }

    Complaint const complain = [&](std::size_t position, std::string const& reason) {
        file_.invalid(position, reason);
    };
    Definition definition;
    definition.format = "tekken";
    fill_rank_definition(definition, std::move(tokens),
                         file_.string(file_.member(config_, "pattern")), complain);
    add_special_tokens(definition, special_tokens(special_count), complain);
    return definition;
}

}  // namespace

Definition read_tekken(std::string_view data) {
    return TekkenReader(data).read();
}

}  // namespace tokmill
