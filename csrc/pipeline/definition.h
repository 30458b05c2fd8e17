// What a tokenizer *is*, as plain data: the meeting point of the format readers (which fill it) and
// the compiler in pipeline/ (which turns it into tables). It knows neither JSON nor tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tokmill {

// Which library's rules decide where the formats differ (regular expression syntax, handling of
// special tokens, bytes that are not UTF-8).
enum class Reference : std::uint8_t { hf_tokenizers, tiktoken, sentencepiece };

struct AddedToken {
    std::string content;  // UTF-8
    std::uint32_t id = 0;
    bool special = false;
    bool normalized = false;
    bool lstrip = false;
    bool rstrip = false;
    bool single_word = false;

    bool operator==(AddedToken const&) const = default;
};

struct Merge {
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    std::uint32_t merged = 0;

    bool operator==(Merge const&) const = default;
};

enum class MergeOrder : std::uint8_t {
    // tokenizers: the pair that stands first in `merges` is merged first.
    pair_rank,
    // tiktoken: the pair whose concatenated bytes have the lowest id is merged first; `merges` is
    // empty, every split of a token is implied.
    token_rank,
};

struct BpeModel {
    // (bytes, id) of every entry of the vocabulary, byte alphabet already undone; ids unique,
    // bytes unique, holes allowed. Entries whose text lies outside the byte alphabet can never be
    // produced by merging and are listed in `unreachable` instead.
    std::vector<std::pair<std::string, std::uint32_t>> vocabulary;
    std::vector<std::pair<std::string, std::uint32_t>> unreachable;  // (UTF-8 text, id)
    MergeOrder order = MergeOrder::pair_rank;
    std::vector<Merge> merges;
    bool ignore_merges = false;           // look the whole pre-token up before merging
    std::optional<std::uint32_t> unk_id;  // for bytes that the vocabulary lacks
    bool fuse_unk = false;

    bool operator==(BpeModel const&) const = default;
};

enum class NormalizerKind : std::uint8_t { nfc };

enum class PreTokenizerKind : std::uint8_t { split, digits, byte_level };

enum class SplitBehavior : std::uint8_t {
    removed,
    isolated,
    merged_with_previous,
    merged_with_next,
    contiguous,
};

struct PreTokenizer {
    PreTokenizerKind kind = PreTokenizerKind::split;
    // split
    std::string pattern;
    bool pattern_is_regex = true;  // otherwise a literal string
    SplitBehavior behavior = SplitBehavior::isolated;
    bool invert = false;
    // digits
    bool individual_digits = false;
    // byte_level
    bool add_prefix_space = false;
    bool use_regex = true;

    bool operator==(PreTokenizer const&) const = default;
};

// How ids become text again.
enum class DecoderKind : std::uint8_t {
    bytes,       // tiktoken: concatenate the bytes
    byte_level,  // tokenizers' ByteLevel: a token is mapped back through the byte alphabet if all
                 // of its characters belong to it, otherwise it stands for its own UTF-8
    join_space,  // tokenizers without a decoder: the token strings, joined by one space
};

struct Definition {
    Reference reference = Reference::hf_tokenizers;
    std::string format;  // "tokenizer.json", "tiktoken", "tekken", "vocab+merges": for describe()
    BpeModel model;
    std::vector<AddedToken> added_tokens;     // in the order of the file, final ids
    std::vector<NormalizerKind> normalizers;  // applied in order
    std::vector<PreTokenizer>
        pre_tokenizers;                     // applied in order, each within the last one's pieces
    std::vector<std::uint32_t> prefix_ids;  // special tokens that the post-processor puts before
    std::vector<std::uint32_t> suffix_ids;  // ... and after a single sequence
    DecoderKind decoder = DecoderKind::byte_level;
    // Truncation and padding that the file asks for, as compact JSON objects ("" = none). The
    // native encode never cuts or pads; they are kept for describe(), save() and the drop-in
    // surfaces.
    std::string truncation;
    std::string padding;

    bool operator==(Definition const&) const = default;
};

}  // namespace tokmill
