// The user-defined symbols of a model, found wherever they stand in a text, before everything else.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "sentencepiece/piece_trie.h"

namespace tokmill::sentencepiece {

class UserSymbols {
 public:
    UserSymbols() = default;
    explicit UserSymbols(std::vector<std::string_view> symbols);

    bool empty() const noexcept { return count_ == 0; }
    bool may_begin_with(char byte) const noexcept {
        return first_[static_cast<unsigned char>(byte)];
    }
    // The size of the longest symbol that `text` begins with, or 0.
    std::size_t match(std::string_view text) const noexcept {
        if (text.empty() || !may_begin_with(text[0])) return 0;
        std::size_t longest = 0, found = 0;
        PieceTrie::Walk walk = trie_.begin();
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (!trie_.step(walk, static_cast<unsigned char>(text[i]))) break;
            if (walk.id() == PieceTrie::kNone) continue;
            longest = i + 1;
            // The reference looks at no more candidates.
            if (++found == kMaxCandidates) break;
        }
        return longest;
    }

 private:
    static constexpr std::size_t kMaxCandidates = 64;

    PieceTrie trie_;
    std::array<bool, 256> first_{};
    std::size_t count_ = 0;
};

}  // namespace tokmill::sentencepiece
