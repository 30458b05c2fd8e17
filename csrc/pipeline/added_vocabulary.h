// Tokens on top of a model's vocabulary, with the rules of tokenizers 0.23.3: which ids they get,
// how they are cut out of a text, what they are when decoding.
//
// Copies are cheap, and so is adding a token to a copy, whatever their number: tokens are kept in
// layers that are never changed, later ones on top of earlier ones, and neighbours of about the
// same size are merged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
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

    // Whether both are copies of the same one, unchanged since.
    bool is_same(AddedVocabulary const& other) const noexcept {
        return matchers_ == other.matchers_ && special_as_text_ == other.special_as_text_;
    }

    // How many different contents there are.
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    // (content, id), each content once, in no particular order. More contents than tokens() if an
    // id was given to another content later. The views live until this object changes.
    std::vector<std::pair<std::string_view, std::uint32_t>> ids() const;
    // By rising id.
    std::vector<AddedToken> tokens() const;
    std::optional<std::uint32_t> token_to_id(std::string_view content) const;
    // What a decoder gets for the id: the normalized form if that is another one. Null: not added.
    std::string const* id_to_token(std::uint32_t id) const;
    bool is_special(std::string_view token) const;

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

    struct Layer {
        // Contents that no earlier layer has.
        std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>> ids;
        // Instead of those of earlier layers.
        std::unordered_map<std::uint32_t, Entry> entries;
        std::unordered_set<std::string, StringHash, std::equal_to<>> special_contents;

        void take(Layer const& later);
    };
    using LayerPtr = std::shared_ptr<Layer const>;

    std::uint32_t next_id(Model const& model) const;
    Entry const* entry(std::uint32_t id) const;
    // Those on top of others only.
    std::vector<Entry const*> entries() const;
    void push(Layer layer);
    void forget_matchers() { matchers_ = std::make_shared<Lazy<Matchers>>(); }
    Matchers const& matchers() const {
        return matchers_->get([this] { return make_matchers(); });
    }
    Matchers make_matchers() const;

    std::vector<LayerPtr> layers_;  // the oldest first
    std::size_t size_ = 0;
    std::uint32_t largest_id_ = 0;  // of the entries
    bool special_as_text_ = false;
    std::shared_ptr<Lazy<Matchers>> matchers_;  // shared by copies until one changes
};

}  // namespace tokmill::stages
