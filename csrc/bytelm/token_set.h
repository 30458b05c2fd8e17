// A set of tokens: one bit for each place in the sorted vocabulary (byte_vocabulary.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tokmill::bytelm {

class TokenSet {
 public:
    TokenSet() = default;
    explicit TokenSet(std::size_t places, bool value = false)
        : places_(places), words_((places + 63) / 64, value ? ~std::uint64_t{0} : 0) {
        trim();
    }

    std::size_t places() const noexcept { return places_; }
    bool contains(std::size_t place) const noexcept { return words_[place / 64] >> place % 64 & 1; }
    void insert(std::size_t place) noexcept {
        words_[place / 64] |= std::uint64_t{1} << place % 64;
    }
    void erase(std::size_t place) noexcept {
        words_[place / 64] &= ~(std::uint64_t{1} << place % 64);
    }

    // Adds places given as words(), of which the first is number `first` there.
    void insert_words(std::size_t first, std::span<std::uint64_t const> words) noexcept {
        for (std::size_t i = 0; i < words.size(); ++i) words_[first + i] |= words[i];
    }

    TokenSet& operator|=(TokenSet const& other) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
        return *this;
    }
    TokenSet& operator&=(TokenSet const& other) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
        return *this;
    }

    // 64 places each; places beyond the last one are absent.
    std::vector<std::uint64_t> const& words() const noexcept { return words_; }

    bool operator==(TokenSet const&) const = default;

 private:
    void trim() noexcept {
        if (places_ % 64 != 0) words_.back() &= (std::uint64_t{1} << places_ % 64) - 1;
    }

    std::size_t places_ = 0;
    std::vector<std::uint64_t> words_;
};

}  // namespace tokmill::bytelm
