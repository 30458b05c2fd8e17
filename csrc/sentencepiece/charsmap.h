// The compiled table of character replacements of a SentencePiece model: a double array in the
// format of Darts-clone over the texts to replace, and the replacements, each ended by NUL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tokmill::sentencepiece {

class Charsmap {
 public:
    Charsmap() = default;
    // `blob`: [size of the double array: 4 bytes][double array][replacements]. Throws
    // invalid_tokenizer if a search could leave the array or the replacements.
    explicit Charsmap(std::string_view blob);

    bool empty() const noexcept { return units_.empty(); }

    struct Match {
        std::size_t size = 0;  // of the text to replace; 0: there is none
        char const* replacement = nullptr;
    };
    // The longest text to replace that `text` begins with.
    Match longest(std::string_view text) const noexcept {
        Match match;
        std::size_t node = offset(units_[0]);
        std::size_t found = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto const byte = static_cast<unsigned char>(text[i]);
            node ^= byte;
            std::uint32_t const unit = units_[node];
            if (label(unit) != byte) break;
            node ^= offset(unit);
            if (!has_leaf(unit)) continue;
            match = {i + 1, replacements_.data() + value(units_[node])};
            // The reference looks at no more candidates.
            if (++found == kMaxCandidates) break;
        }
        return match;
    }

    // True if no text to replace begins with `text` or is the beginning of it.
    bool leaves_alone(std::string_view text) const noexcept;

    // All pairs, in the order of the bytes of the text to replace.
    std::vector<std::pair<std::string, std::string>> entries() const;
    std::string const& replacements() const noexcept { return replacements_; }

 private:
    static constexpr std::size_t kMaxCandidates = 32;

    static bool has_leaf(std::uint32_t unit) noexcept { return (unit >> 8 & 1) != 0; }
    static std::uint32_t value(std::uint32_t unit) noexcept { return unit & 0x7FFFFFFF; }
    static std::uint32_t label(std::uint32_t unit) noexcept { return unit & 0x800000FF; }
    static std::uint32_t offset(std::uint32_t unit) noexcept {
        return unit >> 10 << ((unit & 0x200) >> 6);
    }
    bool is_closed() const noexcept;

    std::vector<std::uint32_t> units_;
    std::string replacements_;
};

// A table in the same format. The pairs must be sorted, without equal texts to replace.
std::string compile_charsmap(std::vector<std::pair<std::string, std::string>> const& entries);

}  // namespace tokmill::sentencepiece
