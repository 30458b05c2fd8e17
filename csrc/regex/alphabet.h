// The code points of a pattern's sets, merged into classes that no set tells apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/utf8_decode.h"
#include "regex/code_point_set.h"

namespace tokmill::regex {

class Alphabet {
 public:
    Alphabet() = default;
    explicit Alphabet(std::vector<CodePointSet> const& sets);

    std::size_t class_count() const noexcept { return member_of_.size(); }
    // Whether the members of the class belong to sets[set].
    bool in_set(std::size_t class_id, std::size_t set) const noexcept {
        return member_of_[class_id][set];
    }

    std::uint16_t class_of(std::uint32_t code_point) const noexcept {
        return pages_[std::size_t{page_of_[code_point >> 8]} << 8 | (code_point & 0xFF)];
    }
    std::uint16_t class_of_ascii(unsigned char byte) const noexcept { return ascii_[byte]; }

 private:
    void add_range(std::uint32_t first, std::uint32_t last, std::uint16_t class_id);
    std::uint16_t uniform_page(std::uint16_t class_id);

    // [class][set]. Numbers of classes have 16 bits: the caller must not go on with more classes.
    std::vector<std::vector<bool>> member_of_;
    std::array<std::uint16_t, 128> ascii_{};
    std::vector<std::uint16_t> page_of_;
    std::vector<std::uint16_t> pages_;            // pages of 256 classes
    std::vector<std::uint32_t> uniform_page_of_;  // [class]: a page that holds nothing else
};

}  // namespace tokmill::regex
