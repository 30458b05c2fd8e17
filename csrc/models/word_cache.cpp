#include "models/word_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

namespace tokmill {
namespace {

constexpr std::size_t kFirstWords = 4096;
constexpr std::size_t kFirstSlots = 1024;

unsigned shift_for(std::size_t count) {
    return 64 - static_cast<unsigned>(std::countr_zero(count));
}

}  // namespace

bool CachedWord::fits(std::span<std::uint32_t const> ids) noexcept {
    return ids.size() <= kInlineIds &&
           std::all_of(ids.begin(), ids.end(), [](std::uint32_t id) { return id < kMask; });
}

void CachedWord::pack(std::span<std::uint32_t const> ids) noexcept {
    std::uint64_t values[kInlineIds];
    std::fill_n(std::copy(ids.begin(), ids.end(), values), kInlineIds - ids.size(), kMask);
    for (unsigned half = 0; half < 2; ++half) {
        std::uint64_t const* const v = values + 3 * half;
        packed[half] = v[0] | v[1] << kBits | v[2] << 2 * kBits;
    }
}

ShortWordCache::Words ShortWordCache::allocate(std::size_t count) {
    void* const memory = std::calloc(count + 2 * (kLines - 1), sizeof(CachedWord));
    if (memory == nullptr) throw std::bad_alloc();
    return Words(static_cast<CachedWord*>(memory));
}

ShortWordCache::ShortWordCache(std::size_t budget_bytes)
    : size_(kFirstWords),
      words_(allocate(kFirstWords)),
      max_size_(std::max(kFirstWords, std::bit_floor(budget_bytes / sizeof(CachedWord) + 1))),
      shift_(shift_for(kFirstWords / 2)) {}

void ShortWordCache::insert(CachedWord const& word, std::uint64_t hash) {
    if (used_ * 2 > size_ && size_ < max_size_) grow();
    CachedWord* const home = words_.get() + (line(hash) - words_.get());
    for (CachedWord* place = home; place < home + 2 * kLines; ++place) {
        if (can_hold(place->key)) continue;
        *place = word;
        ++used_;
        return;
    }
    home[1] = home[0];
    home[0] = word;
}

void ShortWordCache::grow() {
    std::size_t const size_before = size_;
    Words const before = std::move(words_);
    size_ *= 2;
    words_ = allocate(size_);
    shift_ = shift_for(size_ / 2);
    used_ = 0;
    for (std::size_t i = 0; i < size_before + 2 * (kLines - 1); ++i) {
        if (can_hold(before[i].key)) insert(before[i], hash_key(before[i].key));
    }
}

LongWordCache::LongWordCache(std::size_t budget_bytes) : generation_bytes_(budget_bytes / 2) {}

std::span<std::uint32_t const> LongWordCache::Generation::find(unsigned char const* text,
                                                               std::size_t size,
                                                               std::uint64_t hash) const noexcept {
    if (slots.empty()) return {};
    std::size_t const mask = slots.size() - 1;
    for (std::size_t i = hash & mask; slots[i].at != 0; i = (i + 1) & mask) {
        Slot const& slot = slots[i];
        if (slot.hash != hash || slot.size != size) continue;
        std::uint32_t const count = pool[slot.at];
        std::uint32_t const* const ids = pool.data() + slot.at + 1;
        if (std::memcmp(ids + count, text, size) == 0) return {ids, count};
    }
    return {};
}

void LongWordCache::Generation::insert(unsigned char const* text, std::size_t size,
                                       std::uint64_t hash, std::span<std::uint32_t const> ids) {
    if (slots.empty()) slots.resize(kFirstSlots);
    if (pool.empty()) pool.push_back(0);
    if (used * 2 >= slots.size()) {
        std::vector<Slot> before(slots.size() * 2);
        before.swap(slots);
        for (Slot const& slot : before) {
            if (slot.at == 0) continue;
            std::size_t i = slot.hash & (slots.size() - 1);
            while (slots[i].at != 0) i = (i + 1) & (slots.size() - 1);
            slots[i] = slot;
        }
    }
    auto const at = static_cast<std::uint32_t>(pool.size());
    pool.push_back(static_cast<std::uint32_t>(ids.size()));
    pool.insert(pool.end(), ids.begin(), ids.end());
    std::size_t const bytes_at = pool.size();
    pool.resize(bytes_at + (size + 3) / 4);
    std::memcpy(pool.data() + bytes_at, text, size);
    std::size_t i = hash & (slots.size() - 1);
    while (slots[i].at != 0) i = (i + 1) & (slots.size() - 1);
    slots[i] = {hash, at, static_cast<std::uint32_t>(size)};
    ++used;
}

std::span<std::uint32_t const> LongWordCache::find(unsigned char const* text, std::size_t size,
                                                   std::uint64_t hash) {
    if (auto const ids = current_.find(text, size, hash); ids.data() != nullptr) return ids;
    auto const ids = old_.find(text, size, hash);
    if (ids.data() == nullptr) return {};
    std::vector<std::uint32_t> const copy(ids.begin(), ids.end());
    insert(text, size, hash, copy);
    return current_.find(text, size, hash);
}

void LongWordCache::insert(unsigned char const* text, std::size_t size, std::uint64_t hash,
                           std::span<std::uint32_t const> ids) {
    // A word that would take a large part of the budget is not worth its place.
    std::size_t const bytes = size + ids.size_bytes();
    if (bytes > generation_bytes_ / 16) return;
    if (current_.bytes() + bytes > generation_bytes_) {
        std::swap(current_, old_);
        current_.slots.clear();
        current_.pool.clear();
        current_.used = 0;
    }
    current_.insert(text, size, hash, ids);
}

}  // namespace tokmill
