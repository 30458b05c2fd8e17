// The checks, part by part.
#include "formats/check_definition.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_alphabet.h"
#include "core/json.h"
#include "core/piece_index.h"
#include "formats/components.h"
#include "simd/utf8.h"

namespace tokmill {

namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

using TokenList = std::vector<std::pair<std::string, std::uint32_t>>;

class Checker {
 public:
    Checker(Definition const& definition, Complaint const& complain)
        : definition_(definition), model_(definition.model), complain_(complain) {}

    void run() {
        check_tokens();
        check_merges();
        check_rest();
    }

    void run_on_head() {
        require(model_.vocabulary.empty() && model_.merges.empty(), "head with a vocabulary");
        check_unreachable();
        check_rest();
    }

 private:
    void require(bool condition, char const* reason) const {
        if (!condition) complain_(kNoPosition, reason);
    }

    void check_rest() const {
        check_added_tokens();
        check_pipeline();
        check_json(definition_.truncation, read_truncation);
        check_json(definition_.padding, read_padding);
    }

    static bool is_utf8(std::string_view text) {
        return simd::valid_utf8_prefix(text) == text.size();
    }

    void check_ids(TokenList const& tokens) const {
        std::uint32_t next = 0;
        for (auto const& [bytes, id] : tokens) {
            require(id < kIdLimit, "token id out of range");
            require(id >= next, "token ids are not rising");
            next = id + 1;
        }
    }

    void check_tokens() {
        check_ids(model_.vocabulary);
        std::uint32_t const size =
            model_.vocabulary.empty() ? 0 : model_.vocabulary.back().second + 1;
        place_.assign(size, kNone);
        std::vector<std::string_view> keys;
        keys.reserve(model_.vocabulary.size());
        std::size_t single_bytes = 0;
        for (std::uint32_t i = 0; i < model_.vocabulary.size(); ++i) {
            auto const& [bytes, id] = model_.vocabulary[i];
            place_[id] = i;
            keys.emplace_back(bytes);
            require(!bytes.empty(), "empty token");
            single_bytes += bytes.size() == 1;
        }
        require(!PieceIndex(keys).has_duplicates(), "token listed twice");
        check_unreachable();
        for (auto const& [text, id] : model_.unreachable) {
            require(id >= size || place_[id] == kNone, "token id used twice");
        }
        if (model_.order == MergeOrder::token_rank) {
            require(single_bytes == 256, "rank vocabulary without all single bytes");
        }
        if (model_.unk_id) require(is_token(*model_.unk_id), "unk_id is not a token");
    }

    void check_unreachable() const {
        check_ids(model_.unreachable);
        for (auto const& [text, id] : model_.unreachable) {
            require(is_utf8(text), "token text is not UTF-8");
            std::optional<std::string> const bytes = undo_byte_alphabet(text);
            require(!bytes || bytes->empty(), "reachable token listed as unreachable");
        }
    }

    bool is_token(std::uint32_t id) const {
        return find(id) != kNone ||
               std::any_of(model_.unreachable.begin(), model_.unreachable.end(),
                           [&](auto const& entry) { return entry.second == id; });
    }

    std::uint32_t find(std::uint32_t id) const { return id < place_.size() ? place_[id] : kNone; }

    void check_merges() {
        require(model_.order == MergeOrder::pair_rank || model_.merges.empty(),
                "merges in a rank vocabulary");
        // Merges with one result are chained; a split comes once, so chains stay shorter than
        // tokens.
        std::vector<std::uint32_t> latest(model_.vocabulary.size(), kNone);
        std::vector<std::uint32_t> previous(model_.merges.size(), kNone);
        for (std::uint32_t i = 0; i < model_.merges.size(); ++i) {
            Merge const& merge = model_.merges[i];
            std::uint32_t const left = find(merge.left);
            std::uint32_t const right = find(merge.right);
            std::uint32_t const merged = find(merge.merged);
            require(left != kNone && right != kNone && merged != kNone,
                    "merge of a token that is not in the vocabulary");
            std::string_view const left_bytes = model_.vocabulary[left].first;
            std::string_view const right_bytes = model_.vocabulary[right].first;
            std::string_view const bytes = model_.vocabulary[merged].first;
            require(bytes.size() == left_bytes.size() + right_bytes.size() &&
                        bytes.starts_with(left_bytes) && bytes.ends_with(right_bytes),
                    "merge that does not spell its result");
            for (std::uint32_t other = latest[merged]; other != kNone; other = previous[other]) {
                require(model_.merges[other].left != merge.left, "merge listed twice");
            }
            previous[i] = latest[merged];
            latest[merged] = i;
        }
    }

    void check_added_tokens() const {
        std::vector<std::string_view> contents;
        for (AddedToken const& token : definition_.added_tokens) {
            require(!token.content.empty(), "empty added token");
            require(is_utf8(token.content), "added token is not UTF-8");
            require(token.id < kIdLimit, "added token id out of range");
            contents.emplace_back(token.content);
        }
        require(!PieceIndex(contents).has_duplicates(), "added token listed twice");
    }

    void check_pipeline() const {
        bool const ranks = definition_.reference == Reference::tiktoken;
        require(ranks == (model_.order == MergeOrder::token_rank),
                "merge order of another library");
        require(ranks == (definition_.decoder == DecoderKind::bytes), "decoder of another library");
        require(is_utf8(definition_.format), "format name is not UTF-8");
        int byte_levels = 0;
        for (PreTokenizer const& step : definition_.pre_tokenizers) {
            byte_levels += step.kind == PreTokenizerKind::byte_level;
            require(is_utf8(step.pattern), "pattern is not UTF-8");
            require(is_plain(step), "pre-tokenizer with fields of another one");
        }
        require(byte_levels == (ranks ? 0 : 1), "byte alphabet not applied exactly once");
    }

    // A step must leave alone what belongs to other kinds of steps.
    static bool is_plain(PreTokenizer const& step) {
        PreTokenizer plain;
        plain.kind = step.kind;
        switch (step.kind) {
            case PreTokenizerKind::split:
                plain.pattern = step.pattern;
                plain.pattern_is_regex = step.pattern_is_regex;
                plain.behavior = step.behavior;
                plain.invert = step.invert;
                break;
            case PreTokenizerKind::digits:
                plain.individual_digits = step.individual_digits;
                break;
            case PreTokenizerKind::byte_level:
                plain.add_prefix_space = step.add_prefix_space;
                plain.use_regex = step.use_regex;
                break;
        }
        return plain == step;
    }

    // Truncation and padding must be in the form that the readers give them.
    void check_json(std::string const& text,
                    std::string (*read)(json::Value const&, DefinitionFile const&)) const {
        if (text.empty()) return;
        json::Reader reader(text);
        json::Value const value = reader.value();
        reader.finish();
        require(read(value, DefinitionFile(reader)) == text, "truncation or padding is malformed");
    }

    Definition const& definition_;
    BpeModel const& model_;
    Complaint const& complain_;
    std::vector<std::uint32_t> place_;  // id -> place in the vocabulary
};

}  // namespace

void check_definition(Definition const& definition, Complaint const& complain) {
    Checker(definition, complain).run();
}

void check_head(Definition const& definition, Complaint const& complain) {
    Checker(definition, complain).run_on_head();
}

}  // namespace tokmill
