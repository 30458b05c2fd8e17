#include "models/word_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "core/prefetch.h"
#include "models/byte_string_map.h"

namespace tokmill {
namespace {

constexpr std::size_t kFirstWords = 4096;
constexpr std::size_t kLeastRing = 16384;

unsigned shift_for(std::size_t words) {
    return 64 - static_cast<unsigned>(std::countr_zero(words / 2));
}

}  // namespace

bool CachedWord::fits(std::span<std::uint32_t const> ids) noexcept {
    return !ids.empty() && ids.size() <= kInlineIds &&
           std::all_of(ids.begin(), ids.end(), [](std::uint32_t id) { return id <= kMask; });
}

void CachedWord::pack(std::span<std::uint32_t const> ids) noexcept {
    std::uint64_t values[kInlineIds] = {};
    std::copy(ids.begin(), ids.end(), values);
    for (unsigned half = 0; half < 2; ++half) {
        std::uint64_t const* const v = values + 3 * half;
        packed_[half] = v[0] | v[1] << kBits | v[2] << 2 * kBits;
    }
    packed_[0] |= std::uint64_t{ids.size()} << kCountShift;
}

WordRing::WordRing(std::size_t budget_bytes)
    : size_(std::max(kLeastRing, std::bit_floor(budget_bytes / sizeof(std::uint32_t) + 1))),
      data_(static_cast<std::uint32_t*>(std::malloc(size_ * sizeof(std::uint32_t)))) {
    if (data_ == nullptr) throw std::bad_alloc();
}

std::uint64_t WordRing::add(std::string_view text, std::span<std::uint32_t const> ids) {
    std::size_t const size = record_size(text.size(), ids.size());
    std::uint64_t const mask = size_ - 1;
    if ((next_ & mask) + size > size_) next_ = (next_ | mask) + 1;
    std::uint64_t const position = next_;
    std::uint32_t* const record = data_.get() + (position & mask);
    record[0] = static_cast<std::uint32_t>(text.size());
    record[1] = static_cast<std::uint32_t>(ids.size());
    std::copy(ids.begin(), ids.end(), record + 2);
    if (!text.empty()) std::memcpy(record + 2 + ids.size(), text.data(), text.size());
    next_ += size;
    return position;
}

std::span<std::uint32_t const> WordRing::find(std::uint64_t position,
                                              std::string_view text) const noexcept {
    if (position + size_ < next_) return {};
    std::uint32_t const* const record = &at(position);
    if (record[0] != text.size()) return {};
    std::uint32_t const* const ids = record + 2;
    std::uint32_t const count = record[1];
    // Not for nothing: a vectorised comparison of no bytes at no address can take long.
    if (!text.empty() && std::memcmp(ids + count, text.data(), text.size()) != 0) return {};
    return {ids, count};
}

WordCache::WordCache(std::size_t entry_bytes, std::size_t record_bytes)
    : size_(kFirstWords),
      words_(allocate(kFirstWords)),
      max_size_(std::max(kFirstWords, std::bit_floor(entry_bytes / sizeof(CachedWord) + 1))),
      shift_(shift_for(kFirstWords)),
      ring_(record_bytes) {}

WordKey WordCache::long_key(std::string_view word) noexcept {
    auto const* const text = reinterpret_cast<unsigned char const*>(word.data());
    return long_key(hash_bytes(text, word.size()));
}

void WordCache::insert(WordKey key, std::uint64_t hash, std::string_view word,
                       std::span<std::uint32_t const> ids) {
    CachedWord seen;
    seen.key = key;
    bool const is_own_key = !is_long(key);
    if (is_own_key && CachedWord::fits(ids)) {
        seen.pack(ids);
    } else {
        std::string_view const text = is_own_key ? std::string_view{} : word;
        if (!ring_.can_hold(text.size(), ids.size())) return;
        seen.refer(ring_.add(text, ids));
    }
    // A word whose record is lost, or that has its key in common with another.
    if (CachedWord const* const known = find(key, hash); known != nullptr) {
        words_[static_cast<std::size_t>(known - words_.data())] = seen;
        return;
    }
    if (used_ > size_ / 8 * 3 && size_ < max_size_) grow();
    if (place(seen, hash)) return;
    // A full set of lines gives up one of its words.
    CachedWord* const home = words_.data() + (line(hash) - words_.data());
    home[1] = home[0];
    home[0] = seen;
}

// False if there is no free place for it.
bool WordCache::place(CachedWord const& word, std::uint64_t hash) {
    CachedWord* const home = words_.data() + (line(hash) - words_.data());
    for (CachedWord* entry = home; entry < home + 2 * kLines; ++entry) {
        if (!looks_free(entry->key)) continue;
        *entry = word;
        ++used_;
        return true;
    }
    return false;
}

void WordCache::grow() {
    // By so much that few words have to move more than once.
    size_ = std::min(4 * size_, max_size_);
    LargeVector<CachedWord> const before = std::exchange(words_, allocate(size_));
    shift_ = shift_for(size_);
    used_ = 0;
    constexpr std::size_t kAhead = 16;
    for (std::size_t i = 0; i < before.size(); ++i) {
        prefetch(line(hash_key(before[std::min(i + kAhead, before.size() - 1)].key)));
        if (!looks_free(before[i].key)) place(before[i], hash_key(before[i].key));
    }
}

}  // namespace tokmill
