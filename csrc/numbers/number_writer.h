// From number tokens to digits, one by one. In most schemes a token writes its own bytes; in
// Mode::context and Policy::reversed its neighbours have a say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "numbers/vocabulary.h"

namespace tokmill::numbers {

class NumberWriter {
 public:
    explicit NumberWriter(NumberVocabulary const& vocabulary) : vocabulary_(&vocabulary) {}

    // Whether the token would go on with the numeral that the last token belongs to; false behind
    // other text.
    bool continues(std::size_t index) const noexcept;
    // Appends what has become certain.
    void push(std::size_t index, std::string& out);
    // Other text comes, or the end: appends what is left of the numeral.
    void finish(std::string& out);

 private:
    enum class Kind : std::uint8_t { none, integer, fraction, digits, block, other };

    bool by_context() const noexcept { return vocabulary_->scheme().mode == Mode::context; }
    bool marks_behind() const noexcept {
        return vocabulary_->scheme().variant == Variant::marker &&
               !vocabulary_->scheme().marker_first;
    }
    void push_digits(NumberToken const& token, std::string& out);
    void write_integer(NumberToken const& token, std::uint32_t group, std::string& out);
    void write_fraction(NumberToken const& token, std::uint32_t depth, std::string& out);
    void flush_digits(std::string& out);
    void put(Kind kind, std::uint32_t place) noexcept {
        last_ = kind;
        place_ = place;
    }

    NumberVocabulary const* vocabulary_;
    // The last number token: what it was, and where its digits belong. Survives other text, as
    // separators stand between groups; `adjacent_` does not.
    Kind last_ = Kind::none;
    std::uint32_t place_ = 0;
    bool adjacent_ = false;
    std::uint32_t zeros_before_ = 0;       // of the next integer group
    std::uint32_t zeros_dropped_ = 0;      // of the next fraction group
    NumberToken const* marker_ = nullptr;  // before the digits that it belongs to
    NumberToken const* held_ = nullptr;    // digits whose marker may come
    std::string reversed_;                 // units first
};

}  // namespace tokmill::numbers
