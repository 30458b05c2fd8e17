// Rewriting a text character by character, with long runs of characters that stay copied whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/utf8_decode.h"
#include "core/utf8_encode.h"
#include "normalizers/ascii.h"
#include "normalizers/text_output.h"

namespace tokmill::stages {

template <class Visit>
void for_each_char(std::string_view text, Visit const& visit) {
    auto const* p = reinterpret_cast<unsigned char const*>(text.data());
    for (auto const* const end = p + text.size(); p < end;) {
        DecodedChar const c = decode_char(p);
        visit(c.code_point);
        p += c.size;
    }
}

// Finds the characters that have to be looked at by the first of their bytes.
class LeadTable {
 public:
    void set(unsigned char lead) noexcept {
        leads_[lead] = true;
        if (is_printable_ascii(lead)) skips_printable_ = false;
    }

    // The position of the first such character at or behind `i`.
    std::size_t find(std::string_view text, std::size_t i) const noexcept {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        while (i < text.size()) {
            if (leads_[bytes[i]]) return i;
            // Only long runs are worth a block.
            if (skips_printable_ && is_printable_ascii(bytes[i]) && i + 4 < text.size() &&
                is_printable_ascii(bytes[i + 3])) {
                i += printable_ascii_prefix(text.substr(i));
            } else {
                ++i;
            }
        }
        return i;
    }

 private:
    std::array<bool, 256> leads_{};
    bool skips_printable_ = true;
};

// Those of the characters for which `changes` holds. Characters of four bytes are always looked at.
template <class Changes>
LeadTable leads_of(Changes const& changes) {
    LeadTable leads;
    for (std::uint32_t c = 0; c < 0x10000; ++c) {
        if (c >= 0xD800 && c < 0xE000) continue;
        if (!changes(c)) continue;
        char bytes[4];
        encode_utf8(c, bytes);
        leads.set(static_cast<unsigned char>(bytes[0]));
    }
    for (unsigned lead = 0xF0; lead < 0xF8; ++lead) leads.set(static_cast<unsigned char>(lead));
    return leads;
}

// Keeps the characters for which `changes` is false and calls `write(output, code_point)` for the
// others, in order.
template <class Output, class Changes, class Write>
void rewrite_chars(Output& output, LeadTable const& leads, Changes const& changes,
                   Write const& write) {
    std::string_view const text = output.input();
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t kept = 0;
    for (std::size_t i = leads.find(text, 0); i < text.size(); i = leads.find(text, i)) {
        DecodedChar const c = decode_char(begin + i);
        if (changes(c.code_point)) {
            if (kept < i) output.keep(text.substr(kept, i - kept));
            write(output, c.code_point);
            kept = i + c.size;
        }
        i += c.size;
    }
    if (kept < text.size()) output.keep(text.substr(kept));
}

// The same rewriting of a text with alignments or without.
template <class Rewrite>
void rewrite_text(NormalizedString& text, Rewrite const& rewrite) {
    AlignedOutput output(text);
    rewrite(output);
    output.finish();
}

template <class Rewrite>
void rewrite_text(std::string& text, Rewrite const& rewrite) {
    PlainOutput output(text);
    rewrite(output);
    output.finish();
}

// Calls `write(output, code_point)` for the characters for which `changes` holds.
template <class Text, class Changes, class Write>
void change_chars(Text& text, LeadTable const& leads, Changes const& changes, Write const& write) {
    rewrite_text(text, [&](auto& output) { rewrite_chars(output, leads, changes, write); });
}

// Removes the characters for which `removes` holds.
template <class Text, class Removes>
void remove_chars(Text& text, LeadTable const& leads, Removes const& removes) {
    change_chars(text, leads, removes, [](auto& output, std::uint32_t) { output.remove(1); });
}

}  // namespace tokmill::stages
