#include "bytelm/model_vocabulary.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "bytelm/added_token_canonicality.h"
#include "bytelm/bpe_canonicality.h"
#include "core/error.h"
#include "core/utf8_decode.h"
#include "models/word_state.h"
#include "pipeline/byte_level_tokenizer.h"

namespace tokmill::bytelm {
namespace {

// What is usual in prose and code, so that the first texts do not have to wait.
constexpr std::string_view kUsualText =
    "I'm sure they'll see: it's 3.14 (or 2,500)!\n\n\tNo? \"Yes\", isn't HE  \u00fcber "
    "\u6771\u4eac\u3001\u3067\u3059\u3002\u300c\u30ab\u300d.\r\n\u201cSo,\u201d it\u2019s\u2014 "
    "\u201cok\u201d\u2026\r\n    x_1 = y[0];  // "
    "ok\n";

// Tokens that merging does not form, but that the model takes when they are all of a piece.
std::vector<std::uint32_t> find_whole_words(ByteVocabulary const& tokens, BpeRules const& rules,
                                            Bpe const& bpe) {
    std::vector<std::uint32_t> places;
    WordState state(0);
    std::vector<std::uint32_t> ids;
    for (std::uint32_t place = 0; place < tokens.places(); ++place) {
        if (rules.symbol(place) != BpeRules::kNone) continue;
        ids.clear();
        bpe.encode_word(tokens.bytes(place), state, ids, nullptr);
        if (ids.size() == 1 && ids[0] == tokens.id(place)) places.push_back(place);
    }
    return places;
}

// Added tokens that eat spaces or ask what stands around them are not followed.
void check_added(Definition const& definition, AddedToken const& added) {
    auto const refuse = [&](char const* reason) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "the added token \"" + added.content + "\" " + reason +
                        ", which byte-level probabilities of canonical sequences do not follow");
    };
    if (added.lstrip || added.rstrip) refuse("takes the white space around it");
    if (added.single_word) refuse("is only found as a single word");
    bool const ascii = std::ranges::all_of(
        added.content, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (added.normalized && !definition.normalizers.empty() && !ascii) refuse("is normalized");
    for (PreTokenizer const& step : definition.pre_tokenizers) {
        if (step.add_prefix_space) refuse("stands before text that gets a space of its own");
    }
}

std::uint32_t first_character(std::string_view bytes) {
    return decode_char(reinterpret_cast<unsigned char const*>(bytes.data())).code_point;
}

// Characters with a token of their own are never spelled.
CharacterFallback make_fallback(ByteVocabulary const& tokens, BpeRules const& rules,
                                std::span<std::uint32_t const> byte_ids) {
    std::array<std::uint32_t, 256> places{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
        auto const place = tokens.place(byte_ids[byte]);
        if (!place || tokens.bytes(*place) !=
                          std::string_view(std::array{static_cast<char>(byte)}.data(), 1)) {
            throw Error(ErrorKind::invalid_tokenizer, "the byte-fallback token of byte " +
                                                          std::to_string(byte) +
                                                          " does not stand for that byte");
        }
        places[byte] = *place;
    }
    std::vector<std::uint32_t> known;
    for (std::uint32_t symbol = 0; symbol < rules.atoms(); ++symbol) {
        known.push_back(first_character(tokens.bytes(rules.place(symbol))));
    }
    return CharacterFallback(places, std::move(known));
}

std::shared_ptr<ModelVocabulary> of_checked_tokens(TokenBytes tokens,
                                                   std::vector<std::uint32_t> end_ids) {
    auto result = std::make_shared<ModelVocabulary>();
    result->tokens = std::make_unique<ByteVocabulary const>(tokens);
    check_end_ids(*result->tokens, end_ids);
    std::sort(end_ids.begin(), end_ids.end());
    end_ids.erase(std::unique(end_ids.begin(), end_ids.end()), end_ids.end());
    result->end_ids = std::move(end_ids);
    return result;
}

void set_canonicality(ModelVocabulary& vocabulary, std::unique_ptr<Canonicality const> canonicality,
                      TextRules const& rules) {
    if (!rules.normal.absent.empty() || !rules.normal.absent_at_end.empty()) {
        canonicality = std::make_unique<NormalTextCanonicality const>(
            *vocabulary.tokens, std::move(canonicality), rules.normal);
    }
    if (!rules.added_ids.empty()) {
        std::vector<std::uint32_t> places;
        for (std::uint32_t const id : rules.added_ids) {
            auto const place = vocabulary.tokens->place(id);
            if (!place) {
                throw Error(ErrorKind::invalid_tokenizer,
                            "the added token " + std::to_string(id) + " stands for no text");
            }
            places.push_back(*place);
        }
        canonicality = std::make_unique<AddedTokenCanonicality const>(
            *vocabulary.tokens, std::move(canonicality), places);
    }
    vocabulary.canonicality = std::move(canonicality);
}

}  // namespace

void check_end_ids(ByteVocabulary const& tokens, std::vector<std::uint32_t> const& end_ids) {
    for (std::size_t i = 0; i < end_ids.size(); ++i) {
        if (end_ids[i] >= tokens.id_count()) {
            throw Error(ErrorKind::unknown_token,
                        "end id " + std::to_string(end_ids[i]) + " is beyond the vocabulary of " +
                            std::to_string(tokens.id_count()) + " ids",
                        i);
        }
        if (tokens.place(end_ids[i])) {
            throw Error(ErrorKind::invalid_tokenizer,
                        "end id " + std::to_string(end_ids[i]) +
                            " stands for bytes: only a special token can end a text");
        }
    }
}

std::shared_ptr<ModelVocabulary const> of_tokens(TokenBytes tokens,
                                                 std::vector<std::uint32_t> end_ids,
                                                 std::vector<std::uint32_t> unused_ids) {
    std::shared_ptr<ModelVocabulary> result = of_checked_tokens(tokens, std::move(end_ids));
    std::ranges::sort(unused_ids);
    result->unused_ids = std::move(unused_ids);
    return result;
}

std::shared_ptr<ModelVocabulary const> of_byte_level(Tokenizer const& tokenizer,
                                                     std::vector<std::uint32_t> end_ids,
                                                     Utf8Rule utf8) {
    auto const* const byte_level = dynamic_cast<ByteLevelTokenizer const*>(&tokenizer);
    if (byte_level == nullptr) {
        throw Error(ErrorKind::unsupported_tokenizer, "the tokenizer is no byte-level BPE");
    }
    Definition const& definition = byte_level->definition->full();
    std::vector<std::optional<std::string_view>> tokens(tokenizer.vocab_size());
    for (auto const& [bytes, id] : definition.model.vocabulary) tokens[id] = bytes;
    // Special tokens are for control, though they may also stand in the vocabulary. Other added
    // ones are text that is looked for first.
    std::vector<std::uint32_t> text_ids;
    std::vector<bool> is_special(tokens.size());
    for (AddedToken const& added : definition.added_tokens) {
        tokens[added.id].reset();
        is_special[added.id] = added.special;
        if (added.special) continue;
        check_added(definition, added);
        tokens[added.id] = added.content;
        text_ids.push_back(added.id);
    }

    std::shared_ptr<ModelVocabulary> result = of_checked_tokens(tokens, std::move(end_ids));
    for (std::uint32_t const id : result->tokens->special_ids()) {
        if (!is_special[id]) result->unused_ids.push_back(id);
    }
    BpeRules rules(*result->tokens, byte_level->bpe.tables());
    std::vector<std::uint32_t> const whole_words =
        find_whole_words(*result->tokens, rules, byte_level->bpe);
    regex::Dialect const dialect =
        definition.reference == Reference::tiktoken ? regex::Dialect::fancy : regex::Dialect::onig;
    auto canonicality = std::make_unique<BpeCanonicality const>(
        *result->tokens, std::move(rules),
        BoundaryAutomaton::compile(definition.pre_tokenizers, dialect, utf8), whole_words,
        std::nullopt, definition.normalizers.empty() ? TextForm::any : TextForm::nfc);
    canonicality->prepare(kUsualText);
    set_canonicality(*result, std::move(canonicality), {text_ids, {}});
    return result;
}

std::shared_ptr<ModelVocabulary const> of_bpe(TokenBytes tokens, BpeDefinition const& definition,
                                              std::vector<std::uint32_t> end_ids, Utf8Rule utf8) {
    std::shared_ptr<ModelVocabulary> result = of_checked_tokens(tokens, std::move(end_ids));
    bool const falls_back = !definition.byte_ids.empty();
    BpeRules rules(*result->tokens, definition.merges,
                   falls_back ? BpeAtoms::characters : BpeAtoms::bytes, definition.byte_ids);
    std::optional<CharacterFallback> fallback;
    if (falls_back) fallback = make_fallback(*result->tokens, rules, definition.byte_ids);
    std::vector<std::uint32_t> whole_words;
    if (definition.ignore_merges) {
        for (std::uint32_t place = 0; place < result->tokens->places(); ++place) {
            bool const spelled = fallback && fallback->byte_at(place) >= 0;
            if (rules.symbol(place) == BpeRules::kNone && !spelled) whole_words.push_back(place);
        }
    }
    auto canonicality = std::make_unique<BpeCanonicality const>(
        *result->tokens, std::move(rules),
        BoundaryAutomaton::compile(definition.text.steps, definition.text.dialect,
                                   falls_back ? Utf8Rule::strict : utf8),
        whole_words, std::move(fallback), TextForm::any);
    set_canonicality(*result, std::move(canonicality), definition.text.rules);
    return result;
}

namespace {

// Pieces are cut where `text` says and encoded as the rule says that `make_rule` makes.
template <class Model>
std::shared_ptr<ModelVocabulary const> of_pieces(
    TokenBytes tokens, Model const& model, TextDefinition const& text,
    std::vector<std::uint32_t> end_ids, Utf8Rule utf8,
    std::unique_ptr<Canonicality const> (&make_rule)(ByteVocabulary const&, Model const&,
                                                     std::unique_ptr<BoundaryAutomaton const>)) {
    std::shared_ptr<ModelVocabulary> result = of_checked_tokens(tokens, std::move(end_ids));
    bool const is_cut = !text.steps.empty() || utf8 != Utf8Rule::any;
    auto boundaries = is_cut ? BoundaryAutomaton::compile(text.steps, text.dialect, utf8) : nullptr;
    set_canonicality(*result, make_rule(*result->tokens, model, std::move(boundaries)), text.rules);
    return result;
}

}  // namespace

std::shared_ptr<ModelVocabulary const> of_unigram(TokenBytes tokens,
                                                  UnigramDefinition const& definition,
                                                  std::vector<std::uint32_t> end_ids,
                                                  Utf8Rule utf8) {
    return of_pieces(tokens, definition.model, definition.text, std::move(end_ids), utf8,
                     make_unigram_canonicality);
}

std::shared_ptr<ModelVocabulary const> of_greedy(TokenBytes tokens,
                                                 GreedyDefinition const& definition,
                                                 std::vector<std::uint32_t> end_ids,
                                                 Utf8Rule utf8) {
    return of_pieces(tokens, definition.model, definition.text, std::move(end_ids), utf8,
                     make_greedy_canonicality);
}

}  // namespace tokmill::bytelm
