// Definitions of a few hundred tokens, for the tests of the format readers and as seeds for
// fuzzing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_alphabet.h"
#include "core/json_writer.h"

namespace tokmill::test {

inline std::string alphabet_text(std::string_view bytes) {
    std::string text;
    append_byte_alphabet(bytes, text);
    return text;
}

// The members of a vocabulary: the 256 bytes with their own values as ids, then "ab", "abc", " a"
// and "bc" from 256 on, and a token outside the alphabet.
inline std::string small_vocabulary() {
    std::string text;
    for (unsigned byte = 0; byte < 256; ++byte) {
        json::append_string(alphabet_text(std::string(1, static_cast<char>(byte))), text);
        text += ":" + std::to_string(byte) + ",";
    }
    return text + "\"ab\":256,\"abc\":257,\"\u0120a\":258,\"bc\":259,\"\u2581x\":260";
}

// A tokenizer.json in which every part is spelled out on its own, so that tests can replace it.
inline std::string small_tokenizer_json() {
    return "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,"
           "\"added_tokens\":[{\"id\":261,\"content\":\"<s>\",\"single_word\":false,"
           "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}],"
           "\"normalizer\":null,"
           "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
           "\"trim_offsets\":true,\"use_regex\":true},"
           "\"post_processor\":null,"
           "\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,"
           "\"use_regex\":true},"
           "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"
           "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":false,"
           "\"byte_fallback\":false,\"ignore_merges\":false,\"vocab\":{" +
           small_vocabulary() +
           "},\"merges\":[[\"a\",\"b\"],[\"ab\",\"c\"],[\"\u0120\",\"a\"],[\"b\",\"c\"]]}}";
}

// `text` with the one occurrence of `from` replaced.
inline std::string edited(std::string text, std::string_view from, std::string_view to) {
    std::size_t const at = text.find(from);
    if (at == std::string::npos) return "the text to replace is missing: " + std::string(from);
    return text.replace(at, from.size(), to);
}

inline std::string base64(std::string_view bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = (bits << 8) |
                   (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text.push_back(i + j > bytes.size() ? '=' : kDigits[(bits >> (18 - 6 * j)) & 63]);
        }
    }
    return text;
}

inline std::vector<std::string> small_ranks() {
    std::vector<std::string> tokens;
    for (unsigned byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
    for (char const* token : {"ab", "aa", "abc", "aaa", "bc", " a"}) tokens.emplace_back(token);
    return tokens;
}

inline std::string small_rank_file() {
    std::string text;
    std::size_t rank = 0;
    for (std::string const& token : small_ranks()) {
        text += base64(token) + " " + std::to_string(rank++) + "\n";
    }
    return text;
}

// Two of the tokens are beyond the vocabulary size.
inline std::string small_tekken() {
    std::string text =
        "{\"config\":{\"pattern\":\"\\\\p{L}+|\\\\P{L}\",\"num_vocab_tokens\":262,"
        "\"default_vocab_size\":282,\"default_num_special_tokens\":22,\"version\":\"v3\"},"
        "\"vocab\":[";
    std::size_t rank = 0;
    for (std::string const& token : small_ranks()) {
        if (rank != 0) text += ",";
        text += "{\"rank\":" + std::to_string(rank++) + ",\"token_bytes\":\"" + base64(token) +
                "\",\"token_str\":null}";
    }
    return text + "]}";
}

inline std::string small_vocab_json() {
    return "{" + small_vocabulary() + "}";
}
inline std::string small_merges_txt() {
    return "#version: 0.2\na b\nab c\n\u0120 a\nb c\n";
}

}  // namespace tokmill::test
