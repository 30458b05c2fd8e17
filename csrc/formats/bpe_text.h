// A byte-level BPE model whose tokens are written in the byte alphabet (tokenizer.json, vocab.json
// and merges.txt), on its way to a BpeModel. Follows tokenizers' BpeBuilder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/piece_index.h"
#include "pipeline/definition.h"

namespace tokmill {

// Reports what is wrong with a definition, at a byte position of the file or at kNoPosition;
// throws.
using Complaint = std::function<void(std::size_t position, std::string const& reason)>;

// Ids from here on are refused, so that a small file cannot ask for gigabytes of tables.
inline constexpr std::uint32_t kIdLimit = 1u << 24;

// The vocabulary as text. Entries that come again replace the earlier one.
class TextVocabulary {
 public:
    // `keys` are views of text that outlives the vocabulary. Complains about ids used twice.
    TextVocabulary(std::vector<std::string_view> keys, std::vector<std::uint32_t> ids,
                   Complaint const& complain);
    TextVocabulary(TextVocabulary const&) = delete;  // the index refers to keys_

    std::size_t size() const noexcept { return keys_.size(); }
    std::string_view key(std::uint32_t entry) const noexcept { return keys_[entry]; }
    std::uint32_t id(std::uint32_t entry) const noexcept { return ids_[entry]; }
    PieceIndex const& index() const noexcept { return index_; }

    // Fills the two vocabularies of the model, by rising id.
    void fill(BpeModel& model) const;

 private:
    void keep_last_of_equal_keys();
    void check_ids(Complaint const& complain) const;

    std::vector<std::string_view> keys_;
    std::vector<std::uint32_t> ids_;
    PieceIndex index_;
};

// Turns merges as pairs of texts into merges as ids. Of equal pairs the last one counts.
class MergeReader {
 public:
    MergeReader(TextVocabulary const& vocabulary, Complaint const& complain);

    // The views must stay valid until finish(). `position` is where the merge stands in the file.
    void add(std::string_view left, std::string_view right, std::size_t position);
    std::vector<Merge> finish();

 private:
    static constexpr std::size_t kBatch = 32;  // lookups in flight
    static constexpr std::uint32_t kNone = 0xFFFFFFFFu;

    struct Pending {
        PieceIndex::Probe left;
        PieceIndex::Probe right;
        PieceIndex::Probe merged;
        std::vector<char> joined;  // the bytes of `merged`, if they are needed
        std::size_t position;
    };

    void flush();
    std::uint32_t look_up(Pending const& merge, PieceIndex::Probe const& probe) const;

    TextVocabulary const& vocabulary_;
    Complaint const& complain_;
    Pending pending_[kBatch];
    std::size_t pending_count_ = 0;
    std::vector<Merge> merges_;  // in places of the vocabulary until finish()
    // Merges with the same result are chained: vocabulary place -> the last of them, and from each
    // to the one before it, or kNone.
    std::vector<std::uint32_t> latest_;
    std::vector<std::uint32_t> previous_;
    bool has_repeated_ = false;
};

// Whether each of the 256 bytes is a token.
bool has_every_byte(BpeModel const& model);

// Drops the merges of tokens that lie outside the byte alphabet: no text contains them. False if
// one of them is the token for unknown bytes, which texts do contain.
bool drop_idle_merges(BpeModel& model);

// Splits a merge written as "left right"; complains unless there is exactly one space.
void add_merge_line(MergeReader& merges, std::string_view line, std::size_t number,
                    std::size_t position, Complaint const& complain);

}  // namespace tokmill
