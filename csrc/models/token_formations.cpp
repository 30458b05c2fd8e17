#include "models/token_formations.h"

#include <algorithm>
#include <iterator>

#include "core/utf8_decode.h"
#include "models/queue_merge.h"

namespace tokmill::stages {
namespace {

constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

}  // namespace

TokenFormations::TokenFormations(GeneralBpeTables const& tables)
    : tables_(&tables),
      orders_(tables.vocabulary().size(), kNever),
      irregular_(tables.vocabulary().size()) {
    find_characters();
    find_others(find_regular());
    sort_formed();
}

void TokenFormations::find_characters() {
    TokenVocabulary const& vocabulary = tables_->vocabulary();
    for (std::uint32_t entry = 0; entry < vocabulary.size(); ++entry) {
        std::string_view const text = vocabulary.text(entry);
        if (!text.empty() && decode_char(bytes_of(text)).size == text.size()) {
            orders_[entry] = kCharacter;
        }
    }
}

// Whether merging the text of two parts, all of whose merges happen in the order of their ranks and
// before this one, arrives at this merge. Walks back through the merges of both, the later one
// first, and asks whether what met at the border would have merged before it was merged away.
bool TokenFormations::is_formed_by(GeneralBpeTables::Merge const& merge) const {
    std::uint32_t left = merge.left, right = merge.right;
    for (;;) {
        std::uint32_t limit;
        if (orders_[left] > orders_[right]) {
            limit = orders_[left] - 1;
            left = last_merge(left).right;
        } else {
            if (orders_[right] == kCharacter) return true;
            limit = orders_[right];  // of two equal pairs that overlap the left one merges
            right = last_merge(right).left;
        }
        if (tables_->rank(left, right) < limit) return false;
    }
}

// Takes the merges in order; returns results of merges that it cannot decide about.
std::vector<std::uint32_t> TokenFormations::find_regular() {
    std::vector<std::uint32_t> others;
    std::vector<GeneralBpeTables::Merge> const& merges = tables_->merges();
    bool const has_duplicates = tables_->has_duplicate_merges();
    for (std::uint32_t rank = 0; rank < merges.size(); ++rank) {
        GeneralBpeTables::Merge const& merge = merges[rank];
        if (orders_[merge.result] != kNever) continue;
        if (has_duplicates && tables_->rank(merge.left, merge.right) != rank) continue;
        if (orders_[merge.left] == kNever || orders_[merge.right] == kNever) {
            others.push_back(merge.result);  // its parts may still come
        } else if (is_formed_by(merge)) {
            orders_[merge.result] = rank + 1;
        }
    }
    return others;
}

// By the definition. All of them are irregular: their parts were not there, or irregular
// themselves, when find_regular() came to them.
void TokenFormations::find_others(std::vector<std::uint32_t> entries) {
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    for (std::uint32_t const entry : entries) {
        if (orders_[entry] != kNever) continue;
        MergedSymbols const merged = merge(*tables_, tables_->vocabulary().text(entry));
        if (merged.symbols.size() != 1 || merged.last_rank == kNoMerge) continue;
        orders_[entry] = merged.last_rank + 1;
        irregular_[entry] = true;
    }
}

void TokenFormations::sort_formed() {
    std::vector<std::uint32_t> by_rank(tables_->merges().size(), kMissing);
    for (std::uint32_t entry = 0; entry < orders_.size(); ++entry) {
        if (orders_[entry] == kNever || orders_[entry] == kCharacter) continue;
        by_rank[orders_[entry] - 1] = entry;
    }
    std::copy_if(by_rank.begin(), by_rank.end(), std::back_inserter(formed_),
                 [](std::uint32_t entry) { return entry != kMissing; });
}

MergedSymbols TokenFormations::merge(GeneralBpeTables const& tables, std::string_view text) {
    std::vector<std::uint32_t> symbols;
    for (std::size_t at = 0; at < text.size();) {
        DecodedChar const c = decode_char(bytes_of(text) + at);
        symbols.push_back(tables.character(c.code_point));
        if (symbols.back() == kMissing) return {};
        at += c.size;
    }
    MergedSymbols merged;
    auto const parts = merge_parts(
        symbols.size(),
        [&](std::size_t left, std::size_t right, std::size_t) {
            return tables.rank(symbols[left], symbols[right]);
        },
        [&](std::size_t left, std::size_t, std::size_t, std::uint32_t rank) {
            symbols[left] = tables.result(rank);
            merged.last_rank = rank;
        });
    for (MergedPart const part : parts) merged.symbols.push_back(symbols[part.begin]);
    return merged;
}

}  // namespace tokmill::stages
