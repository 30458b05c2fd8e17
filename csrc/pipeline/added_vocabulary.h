// Tokens on top of a model's vocabulary, with the rules of tokenizers 0.23.3: which ids they get,
// how they are cut out of a text, what they are when decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/lazy.h"
#include "models/model.h"
#include "normalizers/normalizer.h"
#include "pipeline/added_tokens.h"
#include "pipeline/definition.h"
#include "pretokenizers/pre_tokenized_string.h"

namespace tokmill::stages {

struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

class AddedVocabulary {
 public:
    // Which special tokens are text like any other; by ids.
    using Filter = AddedTokenMatcher::Filter;

    AddedVocabulary() : matchers_(std::make_shared<Lazy<Matchers>>()) {}

    // Adds tokens (their `id` is ignored): one that the model has keeps its id, others get the next
    // free one. Returns how many were not there already, with the same properties. What is searched
    // for is only made when a text is encoded, so adding one by one is fine.
    std::size_t add(std::vector<AddedToken> tokens, Model const& model,
                    Normalizer const* normalizer);
    // To be called when there is another normalizer.
    void renormalize(Normalizer const* normalizer);
    // Makes what is searched for. Throws unsupported_tokenizer if a token is normalized to nothing.
    void prepare() const { matchers(); }

    // Special tokens are text like any other when encoding.
    bool encode_special_tokens() const noexcept { return special_as_text_; }
    void set_encode_special_tokens(bool value) noexcept { special_as_text_ = value; }

    // How many different contents there are.
    std::size_t size() const noexcept { return ids_.size(); }
    bool empty() const noexcept { return ids_.empty(); }
    std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>> const& ids() const {
        return ids_;
    }
    // By rising id.
    std::vector<AddedToken> tokens() const;
    std::optional<std::uint32_t> token_to_id(std::string_view content) const;
    // What a decoder gets for the id: the normalized form if that is another one. Null: not added.
    std::string const* id_to_token(std::uint32_t id) const;
    bool is_special(std::string_view token) const {
        return special_contents_.find(token) != special_contents_.end();
    }

    // Cuts out the tokens that are looked for in the text as it is, normalizes the rest and cuts
    // out the other ones.
    PreTokenizedString split_and_normalize(std::string_view text, Normalizer const* normalizer,
                                           Filter const& filter) const;

    // The matches in a text as it is, or in a piece of normalized text.
    void find(std::string_view text, Filter const& filter,
              std::vector<AddedTokenMatch>& matches) const;
    void find_normalized(std::string_view text, Filter const& filter,
                         std::vector<AddedTokenMatch>& matches) const;
    // What encode_special_tokens() means for them.
    Filter filter() const { return {special_as_text_, {}}; }

 private:
    struct Entry {
        AddedToken token;
        std::optional<std::string> normalized;  // if it is not the content
    };
    struct Matchers {
        AddedTokenMatcher plain;
        AddedTokenMatcher normalized;
    };

    std::uint32_t next_id(Model const& model) const;
    void normalize(Entry& entry, Normalizer const* normalizer);
    void forget_matchers() { matchers_ = std::make_shared<Lazy<Matchers>>(); }
    Matchers const& matchers() const {
        return matchers_->get([this] { return make_matchers(); });
    }
    Matchers make_matchers() const;

    std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>> ids_;
    std::unordered_map<std::uint32_t, Entry> entries_;
    std::unordered_set<std::string, StringHash, std::equal_to<>> special_contents_;
    std::uint32_t largest_id_ = 0;  // of the entries
    bool special_as_text_ = false;
    std::shared_ptr<Lazy<Matchers>> matchers_;  // shared by copies until one changes
};

}  // namespace tokmill::stages
