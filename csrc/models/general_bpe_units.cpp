// What GeneralBpe does for whole texts; and the ids of a short piece, without a queue and without
// memory of its own.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "core/inline.h"
#include "core/utf8_decode.h"
#include "models/character_bpe.h"
#include "models/general_bpe.h"
#include "models/general_bpe_tables.h"
#include "models/scan_merge.h"

namespace tokmill::stages {

namespace {

constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;
constexpr std::uint32_t kSpaceMark = 0x2581;

// Symbols that may merge with each other, between two that merge with nothing.
class Run {
 public:
    Run(GeneralBpeTables const& tables, std::vector<std::uint32_t>& ids)
        : tables_(tables), ids_(ids) {}

    // False if there is no place for it.
    TOKMILL_INLINE bool add(std::uint32_t symbol) {
        if (!tables_.merges_with_some(symbol)) {
            finish();
            put(symbol);
            return true;
        }
        if (count_ == kMostToScan) return false;
        symbols_[count_++] = symbol;
        return true;
    }

    void finish() {
        if (count_ == 1) {
            put(symbols_[0]);
        } else if (count_ > simd::kMaxShortMerge) {
            merge_some();
        } else if (count_ != 0) {
            simd::ShortMerge merged;
            tables_.merge_few(symbols_, count_, merged);
            for (std::uint32_t starts = merged.starts; starts != 0; starts &= starts - 1) {
                put(merged.symbols[std::countr_zero(starts)]);
            }
        }
        count_ = 0;
    }

 private:
    void put(std::uint32_t symbol) { ids_.push_back(tables_.vocabulary().id(symbol)); }

    void merge_some() {
        auto const rank = [&](std::uint32_t left, std::uint32_t right) {
            return tables_.rank(left, right);
        };
        auto const result = [&](std::uint32_t merge) { return tables_.result(merge); };
        std::size_t const left = merge_by_scan(symbols_, count_, rank, result);
        for (std::size_t i = 0; i < left; ++i) put(symbols_[i]);
    }

    GeneralBpeTables const& tables_;
    std::vector<std::uint32_t>& ids_;
    std::size_t count_ = 0;
    std::uint32_t symbols_[kMostToScan];
};

}  // namespace

bool GeneralBpe::add_short(std::string_view piece, std::vector<std::uint32_t>& ids) const {
    if (!merges_plainly_) return false;
    std::size_t const before = ids.size();
    Run run(*tables_, ids);
    auto const* at = reinterpret_cast<unsigned char const*>(piece.data());
    auto const* const end = at + piece.size();
    auto const add_bytes_at = [&](std::uint32_t size) {
        bool added = options_.byte_fallback;
        for (std::uint32_t i = 0; added && i < size; ++i) {
            std::uint32_t const symbol = tables_->byte(at[i]);
            added = symbol != kMissing && run.add(symbol);
        }
        return added;
    };
    while (at < end) {
        DecodedChar const c = decode_char(at);
        std::uint32_t const symbol = tables_->character(c.code_point);
        if (!(symbol != kMissing ? run.add(symbol) : add_bytes_at(c.size))) {
            ids.resize(before);
            return false;
        }
        at += c.size;
    }
    run.finish();
    return true;
}

std::unique_ptr<CharacterBpe const> GeneralBpe::compile(bool marks_spaces) const {
    if (!merges_plainly_) return nullptr;
    return CharacterBpe::compile(*tables_, options_.byte_fallback, marks_spaces);
}

std::vector<std::uint64_t> GeneralBpe::lone_characters() const {
    if (!merges_plainly_) return {};
    constexpr std::uint32_t kEnd = 0x110000, kFirst = 0x800;
    bool bytes_are_lone = options_.byte_fallback;
    for (unsigned byte = 0x80; byte < 0x100; ++byte) {
        std::uint32_t const symbol = tables_->byte(static_cast<unsigned char>(byte));
        bytes_are_lone &= symbol != kMissing && !tables_->merges_with_some(symbol);
    }
    std::vector<std::uint64_t> bits(kEnd / 64, bytes_are_lone ? ~std::uint64_t{0} : 0);
    std::fill(bits.begin(), bits.begin() + kFirst / 64, 0);
    auto const set = [&](std::uint32_t c, bool is_lone) {
        std::uint64_t const bit = std::uint64_t{1} << (c & 63);
        bits[c >> 6] = is_lone ? bits[c >> 6] | bit : bits[c >> 6] & ~bit;
    };
    for (std::uint32_t c = kFirst; c < kEnd; ++c) {
        std::uint32_t const symbol = tables_->character(c);
        if (symbol != kMissing) set(c, !tables_->merges_with_some(symbol));
    }
    set(kSpaceMark, false);  // it is a space for others
    return bits;
}

}  // namespace tokmill::stages
