#include "models/token_vocabulary.h"

#include <algorithm>
#include <cstring>

namespace tokmill::stages {

namespace {

using Item = TokenVocabulary::Item;

void keep_last_of_equal_texts(std::vector<Item>& items) {
    std::vector<std::string_view> texts(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) texts[i] = items[i].text;
    PieceIndex const index(texts);
    if (!index.has_duplicates()) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (index.find(texts[i]) == i) items[kept++] = items[i];
    }
    items.resize(kept);
}

}  // namespace

TokenVocabulary::TokenVocabulary(std::vector<Item> items) {
    auto const by_id = [](Item const& a, Item const& b) { return a.id < b.id; };
    bool const is_sorted = std::is_sorted(items.begin(), items.end(), by_id);
    // Sorting mixes up which of equal texts comes last.
    if (!is_sorted) {
        keep_last_of_equal_texts(items);
        std::stable_sort(items.begin(), items.end(), by_id);
    }
    std::size_t total = 0;
    for (Item const& item : items) total += item.text.size();
    pool_.resize(total);
    auto const fill = [&] {
        char* out = pool_.data();
        keys_.resize(items.size());
        ids_.resize(items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            std::string_view const text = items[i].text;
            if (!text.empty()) std::memcpy(out, text.data(), text.size());
            keys_[i] = {out, text.size()};
            ids_[i] = items[i].id;
            out += text.size();
            largest_text_ = std::max(largest_text_, text.size());
        }
        index_ = PieceIndex(keys_);
    };
    fill();
    if (index_.has_duplicates()) {
        keep_last_of_equal_texts(items);
        largest_text_ = 0;
        fill();
    }
    for (std::size_t i = 1; i < ids_.size(); ++i) has_shared_ids_ |= ids_[i] == ids_[i - 1];
    is_dense_ = !has_shared_ids_ && (ids_.empty() || ids_.back() + 1 == ids_.size());
}

std::uint32_t TokenVocabulary::entry_of_id(std::uint32_t id) const noexcept {
    if (is_dense_) return id < ids_.size() ? id : kMissing;
    auto const after = std::upper_bound(ids_.begin(), ids_.end(), id);
    if (after == ids_.begin() || after[-1] != id) return kMissing;
    return static_cast<std::uint32_t>(after - ids_.begin() - 1);
}

std::optional<std::uint32_t> TokenVocabulary::token_to_id(std::string_view token) const noexcept {
    std::uint32_t const entry = index_.find(token);
    if (entry == kMissing) return std::nullopt;
    return ids_[entry];
}

std::optional<std::string_view> TokenVocabulary::id_to_token(std::uint32_t id) const noexcept {
    std::uint32_t const entry = entry_of_id(id);
    if (entry == kMissing) return std::nullopt;
    return keys_[entry];
}

std::vector<std::pair<std::string_view, std::uint32_t>> TokenVocabulary::items() const {
    std::vector<std::pair<std::string_view, std::uint32_t>> result(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) result[i] = {keys_[i], ids_[i]};
    return result;
}

}  // namespace tokmill::stages
