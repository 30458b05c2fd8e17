// The vocabulary of a model in both directions: texts to ids, ids to texts. Ids may have holes and
// may be shared by several texts, as in the files of tokenizers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/large_vector.h"
#include "core/piece_index.h"

namespace tokmill::stages {

class TokenVocabulary {
 public:
    static constexpr std::uint32_t kMissing = PieceIndex::kMissing;

    struct Item {
        std::string_view text;
        std::uint32_t id;
    };

    // Copies the texts. Of equal texts the last one counts; of the texts of one id, id_to_token()
    // gives the last one.
    explicit TokenVocabulary(std::vector<Item> items);
    TokenVocabulary() : TokenVocabulary(std::vector<Item>{}) {}
    TokenVocabulary(TokenVocabulary const&) = delete;  // the index refers to keys_
    TokenVocabulary& operator=(TokenVocabulary const&) = delete;

    std::size_t size() const noexcept { return keys_.size(); }
    std::size_t largest_text() const noexcept { return largest_text_; }

    // Entries are numbered from 0 by rising id.
    std::string_view text(std::uint32_t entry) const noexcept { return keys_[entry]; }
    std::uint32_t id(std::uint32_t entry) const noexcept { return ids_[entry]; }
    PieceIndex const& index() const noexcept { return index_; }  // text -> entry, or kMissing
    // The entry whose text an id stands for, or kMissing.
    std::uint32_t entry_of_id(std::uint32_t id) const noexcept;
    // The same for the id of an entry.
    std::uint32_t representative(std::uint32_t entry) const noexcept {
        return has_shared_ids_ ? entry_of_id(ids_[entry]) : entry;
    }

    std::optional<std::uint32_t> token_to_id(std::string_view token) const noexcept;
    std::optional<std::string_view> id_to_token(std::uint32_t id) const noexcept;
    std::vector<std::pair<std::string_view, std::uint32_t>> items() const;

 private:
    LargeVector<char> pool_;
    std::vector<std::string_view> keys_;
    std::vector<std::uint32_t> ids_;
    PieceIndex index_;
    std::size_t largest_text_ = 0;
    bool has_shared_ids_ = false;
    bool is_dense_ = false;  // entry k has id k
};

}  // namespace tokmill::stages
