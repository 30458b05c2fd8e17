// Vocabularies with the rule of canonicality, from a tokenizer or from their parts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytelm/boundary_automaton.h"
#include "bytelm/greedy_canonicality.h"
#include "bytelm/normal_text.h"
#include "bytelm/process.h"
#include "bytelm/unigram_canonicality.h"
#include "pipeline/definition.h"
#include "pipeline/tokenizer.h"

namespace tokmill::bytelm {

using TokenBytes = std::span<std::optional<std::string_view> const>;

// Of a byte-level BPE tokenizer. Its special tokens stand for no bytes. Throws
// Error(unsupported_tokenizer) for other families and for pre-tokenizers that cannot be followed.
std::shared_ptr<ModelVocabulary const> of_byte_level(Tokenizer const& tokenizer,
                                                     std::vector<std::uint32_t> end_ids,
                                                     Utf8Rule utf8);

// What happens to a text before the pre-tokenizer sees it.
struct TextRules {
    // Tokens that are looked for first; what stands between them is a text of its own.
    std::span<std::uint32_t const> added_ids;
    NormalText normal;  // texts are those that a normalizer leaves as they are
};

// How a text becomes the pieces that a model encodes.
struct TextDefinition {
    std::vector<PreTokenizer> steps;
    regex::Dialect dialect = regex::Dialect::onig;
    TextRules rules;
};

struct BpeDefinition {
    std::span<Merge const> merges;  // in the order of their rank
    TextDefinition text;
    std::vector<std::uint32_t> byte_ids;  // of byte fallback: 256, or none
    bool ignore_merges = false;
};
std::shared_ptr<ModelVocabulary const> of_bpe(TokenBytes tokens, BpeDefinition const& definition,
                                              std::vector<std::uint32_t> end_ids, Utf8Rule utf8);

struct UnigramDefinition {
    UnigramModel model;
    TextDefinition text;
};
std::shared_ptr<ModelVocabulary const> of_unigram(TokenBytes tokens,
                                                  UnigramDefinition const& definition,
                                                  std::vector<std::uint32_t> end_ids,
                                                  Utf8Rule utf8);

struct GreedyDefinition {
    GreedyModel model;
    TextDefinition text;
};
std::shared_ptr<ModelVocabulary const> of_greedy(TokenBytes tokens,
                                                 GreedyDefinition const& definition,
                                                 std::vector<std::uint32_t> end_ids, Utf8Rule utf8);

// Without a rule: for Covering::all.
std::shared_ptr<ModelVocabulary const> of_tokens(TokenBytes tokens,
                                                 std::vector<std::uint32_t> end_ids,
                                                 std::vector<std::uint32_t> unused_ids);

// Throws Error(unknown_token) for an id beyond the vocabulary, Error(invalid_tokenizer) for one
// that stands for bytes.
void check_end_ids(ByteVocabulary const& tokens, std::vector<std::uint32_t> const& end_ids);

}  // namespace tokmill::bytelm
