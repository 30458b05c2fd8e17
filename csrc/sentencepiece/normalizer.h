// Normalization as a SentencePiece model asks for it: replacement of characters, white space
// collapsed and written as U+2581, a space in front (or behind).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sentencepiece/charsmap.h"
#include "sentencepiece/model_proto.h"
#include "sentencepiece/user_symbols.h"

namespace tokmill::sentencepiece {

class Normalizer {
 public:
    // User-defined symbols stay as they are.
    Normalizer(NormalizerSpec const& spec, bool whitespace_as_suffix, UserSymbols symbols);

    // Replaces `out`. Bytes that are not UTF-8 become U+FFFD, each of them.
    void normalize(std::string_view text, std::string& out) const;
    // The same; `origins` gets the byte of `text` that each byte of the result comes from, and one
    // more for its end; it stays empty for an empty text.
    void normalize(std::string_view text, std::string& out,
                   std::vector<std::size_t>& origins) const;

    UserSymbols const& symbols() const noexcept { return symbols_; }
    Charsmap const& charsmap() const noexcept { return charsmap_; }
    // True if a result can hold the byte 0xFF, which no UTF-8 does.
    bool may_write_ff() const noexcept { return may_write_ff_; }

 private:
    enum class Ascii : std::uint8_t { special, plain, space };
    struct Replaced {
        std::string_view text;
        std::size_t consumed;
    };

    Replaced first_char(std::string_view text) const noexcept;
    bool is_plain(unsigned char lead, unsigned char second, unsigned char third) const noexcept;
    void find_plain_chars();
    class TextOutput;
    class TrackedOutput;
    std::size_t copy_plain(std::string_view text, TextOutput& output, bool& after_space) const;
    bool is_printable_plain() const noexcept;
    template <class Output>
    void run(std::string_view text, Output& output) const;

    bool add_dummy_prefix_, collapse_spaces_, whitespace_as_suffix_;
    std::string_view space_;
    UserSymbols symbols_;
    Charsmap charsmap_;
    // Bytes that stay as they are in front of another ASCII character.
    std::array<Ascii, 128> ascii_{};
    bool printable_plain_ = false;  // all of ASCII that is seen
    // Characters of two and three bytes that stay as they are whatever comes behind them.
    std::vector<bool> plain_;
    bool may_write_ff_ = false;
};

}  // namespace tokmill::sentencepiece
