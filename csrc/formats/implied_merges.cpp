// Every split of every token has to be looked up. With a polynomial hash, the hashes of all
// prefixes and suffixes of a token come from one pass over it, so the time is linear in the bytes
// of the vocabulary and of the merges that are found.
#include "formats/implied_merges.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <random>
#include <string_view>

namespace tokmill {

namespace {

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ typedef unsigned __int128 Wide;
    Wide const product = static_cast<Wide>(a) * b;
    std::uint64_t const sum =
        static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61);
    return sum >= kPrime ? sum - kPrime : sum;
}

std::uint64_t add(std::uint64_t a, std::uint64_t b) noexcept {
    return a + b >= kPrime ? a + b - kPrime : a + b;
}

// An unpredictable base, so that no vocabulary can be made to collide. The result does not depend
// on it.
std::uint64_t random_base() {
    std::random_device device;
    return 256 + ((static_cast<std::uint64_t>(device()) << 28) ^ device()) % (kPrime - 512);
}

using Vocabulary = std::vector<std::pair<std::string, std::uint32_t>>;

class SplitFinder {
 public:
    explicit SplitFinder(Vocabulary const& vocabulary) : vocabulary_(vocabulary) {
        while (!build(random_base())) {
        }
    }

    // Appends the splits of a token in the order of their parts.
    void find(std::uint32_t entry, std::vector<Merge>& merges) {
        std::string_view const token = vocabulary_[entry].first;
        hash_prefixes(token);
        std::size_t const first = merges.size();
        for (std::size_t split = 1; split < token.size(); ++split) {
            std::uint64_t const left_hash = prefixes_[split];
            std::uint64_t const right_hash =
                add(prefixes_[token.size()],
                    kPrime - multiply(left_hash, powers_[token.size() - split]));
            std::uint32_t const left = look_up(left_hash);
            if (left == kNone) continue;
            std::uint32_t const right = look_up(right_hash);
            if (right == kNone || vocabulary_[left].first != token.substr(0, split) ||
                vocabulary_[right].first != token.substr(split)) {
                continue;
            }
            merges.push_back(
                {vocabulary_[left].second, vocabulary_[right].second, vocabulary_[entry].second});
        }
        std::sort(merges.begin() + static_cast<std::ptrdiff_t>(first), merges.end(),
                  [](Merge const& a, Merge const& b) {
                      return a.left != b.left ? a.left < b.left : a.right < b.right;
                  });
    }

 private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t entry = kNone;
    };

    // False if two tokens have the same hash, so that one of them could not be found.
    bool build(std::uint64_t base) {
        base_ = base;
        powers_.assign(1, 1);
        slots_.assign(std::bit_ceil(vocabulary_.size() * 2 + 1), Slot{});
        for (std::uint32_t entry = 0; entry < vocabulary_.size(); ++entry) {
            hash_prefixes(vocabulary_[entry].first);
            std::size_t at = slot_of(prefixes_.back());
            while (slots_[at].entry != kNone) {
                if (slots_[at].hash == prefixes_.back()) return false;
                at = (at + 1) & (slots_.size() - 1);
            }
            slots_[at] = {prefixes_.back(), entry};
        }
        return true;
    }

    std::size_t slot_of(std::uint64_t hash) const noexcept {
        return (hash ^ (hash >> 32)) & (slots_.size() - 1);
    }

    std::uint32_t look_up(std::uint64_t hash) const noexcept {
        std::size_t at = slot_of(hash);
        while (slots_[at].entry != kNone && slots_[at].hash != hash) {
            at = (at + 1) & (slots_.size() - 1);
        }
        return slots_[at].entry;
    }

    void hash_prefixes(std::string_view token) {
        while (powers_.size() <= token.size()) powers_.push_back(multiply(powers_.back(), base_));
        prefixes_.assign(1, 0);
        for (char const c : token) {
            // Bytes count from 1, so that leading zeros matter.
            prefixes_.push_back(add(multiply(prefixes_.back(), base_),
                                    std::uint64_t{static_cast<unsigned char>(c)} + 1));
        }
    }

    Vocabulary const& vocabulary_;
    std::uint64_t base_ = 0;
    std::vector<std::uint64_t> powers_;
    std::vector<std::uint64_t> prefixes_;
    std::vector<Slot> slots_;
};

}  // namespace

std::vector<Merge> implied_merges(Vocabulary const& vocabulary) {
    SplitFinder finder(vocabulary);
    std::vector<Merge> merges;
    for (std::uint32_t entry = 0; entry < vocabulary.size(); ++entry) finder.find(entry, merges);
    return merges;
}

}  // namespace tokmill
