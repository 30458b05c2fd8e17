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

namespace tokmill::stages {

namespace {

constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;
constexpr std::uint32_t kSpaceMark = 0x2581;

// Symbols that may merge with each other, between two that merge with nothing.
class Run {
 public:
    static constexpr std::size_t kPlaces = 64;

    Run(GeneralBpeTables const& tables, std::vector<std::uint32_t>& ids)
        : tables_(tables), ids_(ids) {}

    // False if there is no place for it.
    TOKMILL_INLINE bool add(std::uint32_t symbol) {
        if (!tables_.merges_with_some(symbol)) {
            finish();
            put(symbol);
            return true;
        }
        if (count_ == kPlaces) return false;
        symbols_[count_++] = symbol;
        return true;
    }

    void finish() {
        if (count_ == 1) {
            put(symbols_[0]);
        } else if (count_ > simd::kMaxShortMerge) {
            merge_by_scan();
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

    // Looks through all pairs for each merge.
    void merge_by_scan() {
        static_assert(kPlaces == 64);
        constexpr std::uint32_t kNone = 0x7FFFFFFF;
        constexpr std::size_t kLanes = 8;
        // The rank of (symbol at i, the next one) << 6 | i, so that the smallest names the pair of
        // lowest rank and, among equals, the leftmost.
        std::uint32_t candidate[kPlaces];
        std::uint8_t previous[kPlaces + 1], next[kPlaces + 1];
        auto const rate = [&](std::size_t i, std::size_t right) {
            std::uint32_t const rank = tables_.rank(symbols_[i], symbols_[right]);
            return rank == kNoMerge ? kNone : rank << 6 | static_cast<std::uint32_t>(i);
        };
        std::size_t const blocks = (count_ + kLanes - 1) / kLanes;
        std::fill(candidate, candidate + kPlaces, kNone);
        for (std::size_t i = 0; i < count_; ++i) {
            previous[i] = static_cast<std::uint8_t>(i - 1);
            next[i] = static_cast<std::uint8_t>(i + 1);
            if (i + 1 < count_) candidate[i] = rate(i, i + 1);
        }
        for (;;) {
            std::uint32_t lanes[kLanes];
            std::copy(candidate, candidate + kLanes, lanes);
            for (std::size_t block = 1; block < blocks; ++block) {
                for (std::size_t i = 0; i < kLanes; ++i) {
                    lanes[i] = std::min(lanes[i], candidate[block * kLanes + i]);
                }
            }
            std::uint32_t const best = *std::min_element(lanes, lanes + kLanes);
            if (best == kNone) break;
            std::size_t const left = best & 63, right = next[left], behind = next[right];
            symbols_[left] = tables_.result(best >> 6);
            candidate[right] = kNone;
            next[left] = static_cast<std::uint8_t>(behind);
            previous[behind] = static_cast<std::uint8_t>(left);
            candidate[left] = behind < count_ ? rate(left, behind) : kNone;
            if (left != 0) candidate[previous[left]] = rate(previous[left], left);
        }
        for (std::size_t i = 0; i < count_; i = next[i]) put(symbols_[i]);
    }

    GeneralBpeTables const& tables_;
    std::vector<std::uint32_t>& ids_;
    std::size_t count_ = 0;
    std::uint32_t symbols_[kPlaces];
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
