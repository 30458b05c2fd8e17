// tokenizers' AddedVocabulary::add_tokens, as far as a file can exercise it.
#include "formats/added_tokens.h"

#include <string>
#include <unordered_map>

namespace tokmill {

std::vector<AddedToken> assign_added_token_ids(std::vector<AddedToken> tokens,
                                               TextVocabulary const& vocabulary,
                                               Complaint const& complain) {
    std::vector<AddedToken> result;
    result.reserve(tokens.size());
    std::unordered_map<std::string, std::size_t> place_of_content;
    std::unordered_map<std::uint32_t, std::size_t> place_of_id;
    // New ids continue from the number of entries, even if the vocabulary has holes and an entry
    // owns that id already.
    auto next_id = static_cast<std::uint32_t>(vocabulary.size());
    for (AddedToken& token : tokens) {
        if (token.content.empty()) continue;
        auto const [found, is_new] = place_of_content.try_emplace(token.content, result.size());
        if (!is_new) {
            // The flags of the last one count, but what was special once stays special.
            AddedToken& earlier = result[found->second];
            token.id = earlier.id;
            token.special |= earlier.special;
            earlier = std::move(token);
            continue;
        }
        std::uint32_t const entry = vocabulary.index().find(token.content);
        token.id = entry == PieceIndex::kMissing ? next_id++ : vocabulary.id(entry);
        if (token.id >= kIdLimit) complain(kNoPosition, "added_tokens: too many tokens");
        auto const [owner, is_free] = place_of_id.try_emplace(token.id, result.size());
        if (!is_free) {
            complain(kNoPosition, "added_tokens: `" + result[owner->second].content + "` and `" +
                                      token.content + "` get the same id " +
                                      std::to_string(token.id));
        }
        result.push_back(std::move(token));
    }
    return result;
}

}  // namespace tokmill
