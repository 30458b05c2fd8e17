// Decoding. Tokens are short, so a token's bytes are copied as one register without asking how many
// there are; what is too much is overwritten by the next token.
#include "decoders/decode.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/error.h"
#include "simd/utf8.h"

namespace tokmill {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

[[noreturn]] void throw_unknown(std::uint32_t id, std::size_t index) {
    std::string message = "there is no token with id " + std::to_string(id);
    if (index != kNoPosition) message += " (ids[" + std::to_string(index) + "])";
    throw Error(ErrorKind::unknown_token, message, index);
}

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

// The length of the longest beginning of `bytes` (not empty) that also begins some character, at
// least 1: what one U+FFFD stands for if the character is not complete ("maximal subpart" in the
// Unicode Standard, 3.9). `whole` tells whether it is complete.
std::size_t character_prefix(std::string_view bytes, bool& whole) {
    std::uint8_t const lead = byte_at(bytes, 0);
    whole = lead < 0x80;
    if (lead < 0xC2 || lead > 0xF4) return 1;
    std::size_t const size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // What the second byte may be, to exclude overlong forms, surrogates and numbers too large.
    std::uint8_t const low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    std::uint8_t const high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (bytes.size() < 2 || byte_at(bytes, 1) < low || byte_at(bytes, 1) > high) return 1;
    std::size_t known = 2;
    while (known < size && known < bytes.size() && (byte_at(bytes, known) & 0xC0) == 0x80) ++known;
    whole = known == size;
    return known;
}

// How many bytes at the end of `bytes` begin a character that is not complete, but may become so.
std::size_t unfinished_tail(std::string_view bytes) {
    for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
        std::uint8_t const byte = byte_at(bytes, bytes.size() - back);
        if (byte < 0x80) return 0;
        if (byte < 0xC0) continue;
        bool whole = false;
        bool const reaches_end = character_prefix(bytes.substr(bytes.size() - back), whole) == back;
        return reaches_end && !whole && byte >= 0xC2 && byte <= 0xF4 ? back : 0;
    }
    return 0;
}

}  // namespace

std::size_t decoded_size(TokenTable const& tokens, std::span<std::uint32_t const> ids,
                         bool skip_special_tokens) {
    unsigned const unwanted = skip_special_tokens ? unsigned{TokenTable::special} : 0u;
    std::uint32_t const* const offset = tokens.offset.data();
    std::uint8_t const* const all_flags = tokens.flags.data();
    std::size_t const vocabulary_size = tokens.size();
    std::size_t total = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        std::uint32_t const id = ids[i];
        unsigned const flags = id < vocabulary_size ? all_flags[id] : 0u;
        if ((flags & TokenTable::present) == 0) throw_unknown(id, i);
        std::size_t const length = offset[id + 1] - offset[id];
        total += (flags & unwanted) == 0 ? length : 0;
    }
    return total;
}

void copy_decoded(TokenTable const& tokens, std::span<std::uint32_t const> ids,
                  bool skip_special_tokens, char* out, std::size_t size) noexcept {
    constexpr std::size_t kRegister = 16;
    // Copies of what the loop reads: a store of characters could change anything behind a
    // reference.
    char const* const pool = tokens.pool.data();
    std::uint32_t const* const offset = tokens.offset.data();
    std::uint8_t const* const flags = tokens.flags.data();
    std::size_t const vocabulary_size = tokens.size();
    char* const end = out + size;
    for (std::uint32_t const id : ids) {
        // Only if somebody changes the ids meanwhile; then the text is wrong, but stays in place.
        if (id >= vocabulary_size) [[unlikely]]
            break;
        char const* const bytes = pool + offset[id];
        std::size_t const length = offset[id + 1] - offset[id];
        if (skip_special_tokens && (flags[id] & TokenTable::special) != 0) continue;
        auto const room = static_cast<std::size_t>(end - out);
        if (length <= kRegister && room >= kRegister) [[likely]] {
            std::memcpy(out, bytes, kRegister);
            out += length;
            continue;
        }
        if (length > room) break;
        out = std::copy_n(bytes, length, out);
    }
    std::fill(out, end, '\0');
}

void decode_bytes(TokenTable const& tokens, std::span<std::uint32_t const> ids,
                  bool skip_special_tokens, std::string& out) {
    std::size_t const before = out.size();
    std::size_t const size = decoded_size(tokens, ids, skip_special_tokens);
    out.resize(before + size);
    copy_decoded(tokens, ids, skip_special_tokens, out.data() + before, size);
}

void append_utf8_lossy(std::string_view bytes, std::string& out) {
    while (!bytes.empty()) {
        std::size_t const valid = simd::valid_utf8_prefix(bytes);
        out.append(bytes.data(), valid);
        bytes.remove_prefix(valid);
        if (bytes.empty()) break;
        bool whole = false;
        bytes.remove_prefix(character_prefix(bytes, whole));
        out += kReplacement;
    }
}

std::string StreamDecoder::push(std::uint32_t id) {
    if (!tokens_->has(id)) throw_unknown(id, kNoPosition);
    std::string text;
    if (skip_special_tokens_ && (tokens_->flags[id] & TokenTable::special) != 0) return text;
    std::string_view bytes = tokens_->bytes(id);
    std::string joined;
    if (!pending_.empty()) {
        joined = pending_;
        joined += bytes;
        bytes = joined;
    }
    // Everything before an unfinished character is certain: what follows cannot change how the
    // bytes before a lead byte read.
    std::size_t const certain = bytes.size() - unfinished_tail(bytes);
    append_utf8_lossy(bytes.substr(0, certain), text);
    pending_.assign(bytes.substr(certain));
    return text;
}

std::string StreamDecoder::finish() {
    std::string text;
    append_utf8_lossy(pending_, text);
    pending_.clear();
    return text;
}

}  // namespace tokmill
