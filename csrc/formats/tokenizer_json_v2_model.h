// Inside of the reader of tokenizer.json 2.0: the model, with its vocabulary, which is copied as it
// stands, and what the readers of the parts share.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace tokmill::v2 {

[[noreturn]] void unsupported(std::string const& feature);
[[noreturn]] void invalid(json::Value const& where, std::string const& reason);

// A member that is a string, or null.
std::string const* string_member(json::Value const& object, std::string_view name);
std::uint32_t to_id(json::Value const& value);

// Names of the tokens that the file mentions by id.
using TokenNames = std::map<std::uint32_t, std::string>;

struct AddedTokenId {
    std::string content;
    std::uint32_t id;
};

std::vector<AddedTokenId> read_added_tokens(std::string_view text);

// What has to be known of the vocabulary of a model.
class Vocabulary {
 public:
    // Both must outlive the object.
    Vocabulary(std::vector<AddedTokenId> const& added, std::set<std::uint32_t> const& wanted);

    // Reads either form: an object of ids, or an array of pieces with scores.
    void read(json::Reader& reader);

    // The tokens that are wanted by id.
    TokenNames names() const;

    // Version 1.0 numbers added tokens that the model does not have one after another, behind as
    // many ids as the model has tokens. Whether that gives the ids that are wanted.
    bool numbers_added_tokens() const;

    // The added tokens that the model lacks, as further members of its vocabulary.
    std::string missing_members() const;

 private:
    static constexpr std::uint32_t kNoId = 0xFFFFFFFF;

    void keep(std::uint32_t id, std::string_view name);

    std::vector<AddedTokenId> const& added_;
    std::set<std::uint32_t> const& wanted_;
    // Contents of added tokens with the ids that the model has for them.
    std::map<std::string, std::uint32_t, std::less<>> contents_;
    TokenNames names_;
    std::uint32_t count_ = 0;
    std::uint32_t end_ = 0;  // behind the largest id
};

// The parts of a model.
struct Model {
    std::string members;  // all but the vocabulary and what version 1.0 does not have
    std::string_view vocabulary;
    std::string type;
    bool byte_level = false;
    bool ignore_merges = false;
};

Model read_model(std::string_view text, Vocabulary& vocabulary);

// The model with the fields of version 1.0.
std::string write_model(Model const& model, Vocabulary const& vocabulary);

}  // namespace tokmill::v2
