// tokenizers' AddedVocabulary::add_tokens, as far as a file can exercise it.
#include "formats/added_tokens.h"

#include <algorithm>
#include <string>

namespace tokmill {

namespace {

// tokenizers would find only one of two added tokens with the same id.
void check_ids(std::vector<AddedToken> const& tokens, Complaint const& complain) {
    std::vector<AddedToken const*> by_id;
    for (AddedToken const& token : tokens) by_id.push_back(&token);
    std::sort(by_id.begin(), by_id.end(),
              [](auto const* a, auto const* b) { return a->id < b->id; });
    auto const twin = std::adjacent_find(
        by_id.begin(), by_id.end(), [](auto const* a, auto const* b) { return a->id == b->id; });
    if (twin == by_id.end()) return;
    complain(kNoPosition, "added_tokens: `" + twin[0]->content + "` and `" + twin[1]->content +
                              "` get the same id " + std::to_string(twin[0]->id));
}

}  // namespace

std::vector<AddedToken> assign_added_token_ids(std::vector<AddedToken> tokens,
                                               TextVocabulary const& vocabulary,
                                               Complaint const& complain) {
    constexpr std::uint32_t kNone = PieceIndex::kMissing;
    std::vector<std::string> contents;
    contents.reserve(tokens.size());
    for (AddedToken const& token : tokens) contents.push_back(token.content);
    std::vector<std::string_view> const keys(contents.begin(), contents.end());
    PieceIndex const index(keys);  // finds the last token with a content
    std::vector<std::uint32_t> place(tokens.size(), kNone);

    std::vector<AddedToken> result;
    result.reserve(tokens.size());
    // New ids continue from the number of entries, even if the vocabulary has holes and an entry
    // owns that id already.
    auto next_id = static_cast<std::uint32_t>(vocabulary.size());
    for (AddedToken& token : tokens) {
        if (token.content.empty()) continue;
        std::uint32_t& earlier = place[index.find(token.content)];
        if (earlier != kNone) {
            // The flags of the last one count, but what was special once stays special.
            token.id = result[earlier].id;
            token.special |= result[earlier].special;
            result[earlier] = std::move(token);
            continue;
        }
        earlier = static_cast<std::uint32_t>(result.size());
        std::uint32_t const entry = vocabulary.index().find(token.content);
        token.id = entry == kNone ? next_id++ : vocabulary.id(entry);
        if (token.id >= kIdLimit) complain(kNoPosition, "added_tokens: too many tokens");
        result.push_back(std::move(token));
    }
    check_ids(result, complain);
    return result;
}

}  // namespace tokmill
