// Rank vocabularies: checks and the common shape of their definitions.
#include "formats/rank_vocabulary.h"

#include <algorithm>
#include <array>

#include "core/piece_index.h"
#include "simd/utf8.h"

namespace tokmill {

namespace {

constexpr std::array<std::int8_t, 256> kBase64Values = [] {
    std::array<std::int8_t, 256> table{};
    for (auto& value : table) value = -1;
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 64; ++i) {
        table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}();

std::string hexadecimal(unsigned byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

void check_ids(std::vector<std::pair<std::string, std::uint32_t>> const& sorted,
               Complaint const& complain) {
    if (!sorted.empty() && sorted.back().second >= kIdLimit) {
        complain(kNoPosition, "rank " + std::to_string(sorted.back().second) + " is out of range");
    }
    auto const same_id = [](auto const& a, auto const& b) { return a.second == b.second; };
    auto const twin = std::adjacent_find(sorted.begin(), sorted.end(), same_id);
    if (twin != sorted.end()) {
        complain(kNoPosition, "rank " + std::to_string(twin->second) + " belongs to two tokens");
    }
}

void check_bytes(std::vector<std::pair<std::string, std::uint32_t>> const& tokens,
                 Complaint const& complain) {
    std::array<bool, 256> seen{};
    std::vector<std::string_view> keys;
    keys.reserve(tokens.size());
    for (auto const& [bytes, id] : tokens) {
        keys.emplace_back(bytes);
        if (bytes.size() == 1) seen[static_cast<unsigned char>(bytes[0])] = true;
    }
    PieceIndex const index(keys);
    if (index.has_duplicates()) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            std::uint32_t const other = index.find(keys[i]);
            if (other != i) {
                complain(kNoPosition, "ranks " + std::to_string(tokens[i].second) + " and " +
                                          std::to_string(tokens[other].second) +
                                          " are the same token");
            }
        }
    }
    auto const missing = std::find(seen.begin(), seen.end(), false);
    if (missing != seen.end()) {
        complain(kNoPosition, "no rank for the single byte " +
                                  hexadecimal(static_cast<unsigned>(missing - seen.begin())));
    }
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t const padding =
        text.ends_with("==") ? 2 : static_cast<std::size_t>(text.ends_with("="));
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const is_padding = i >= text.size() - padding;
        int const value = is_padding ? 0 : kBase64Values[static_cast<unsigned char>(text[i])];
        if (value < 0) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        if (i % 4 == 3) {
            for (int shift = 16; shift >= 0; shift -= 8) {
                bytes.push_back(static_cast<char>((bits >> shift) & 0xFF));
            }
        }
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

void fill_rank_definition(Definition& definition,
                          std::vector<std::pair<std::string, std::uint32_t>> tokens,
                          std::string pattern, Complaint const& complain) {
    std::sort(tokens.begin(), tokens.end(),
              [](auto const& a, auto const& b) { return a.second < b.second; });
    check_ids(tokens, complain);
    check_bytes(tokens, complain);
    BpeModel& model = definition.model;
    // An empty token (Whisper has one) is never found in a text.
    auto const empty = std::find_if(tokens.begin(), tokens.end(),
                                    [](auto const& token) { return token.first.empty(); });
    if (empty != tokens.end()) {
        model.unreachable.push_back(*empty);
        tokens.erase(empty);
    }
    model.vocabulary = std::move(tokens);
    model.order = MergeOrder::token_rank;
    model.ignore_merges = true;

    PreTokenizer split;
    split.pattern = std::move(pattern);
    split.behavior = SplitBehavior::removed;
    split.invert = true;
    definition.pre_tokenizers = {std::move(split)};
    definition.reference = Reference::tiktoken;
    definition.decoder = DecoderKind::bytes;
}

void add_special_tokens(Definition& definition,
                        std::vector<std::pair<std::string, std::uint32_t>> const& tokens,
                        Complaint const& complain) {
    std::vector<std::string_view> contents;
    for (auto const& token : tokens) contents.emplace_back(token.first);
    if (PieceIndex(contents).has_duplicates())
        complain(kNoPosition, "a special token is listed twice");
    bool const normalized = !definition.normalizers.empty();
    for (auto const& [content, id] : tokens) {
        if (content.empty()) complain(kNoPosition, "a special token is empty");
        if (simd::valid_utf8_prefix(content) != content.size()) {
            complain(kNoPosition, "a special token is not valid UTF-8");
        }
        if (id >= kIdLimit) complain(kNoPosition, "the id of `" + content + "` is out of range");
        for (auto const* ordinary : {&definition.model.vocabulary, &definition.model.unreachable}) {
            auto const found = std::lower_bound(
                ordinary->begin(), ordinary->end(), id,
                [](auto const& entry, std::uint32_t wanted) { return entry.second < wanted; });
            if (found != ordinary->end() && found->second == id) {
                complain(kNoPosition, "special token `" + content + "` has the id " +
                                          std::to_string(id) + " of an ordinary token");
            }
        }
        AddedToken token;
        token.content = content;
        token.id = id;
        token.special = true;
        // Where text is normalized first, special tokens are looked for in the result.
        token.normalized = normalized;
        definition.added_tokens.push_back(std::move(token));
    }
}

}  // namespace tokmill
