// The merges of a BPE model that can fire, as a forest: every symbol that merging forms has one
// pair that forms it (csrc/models/bpe_compile.cpp says why).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bytelm/byte_vocabulary.h"
#include "models/bpe.h"
#include "models/pair_table.h"
#include "pipeline/definition.h"

namespace tokmill::bytelm {

// What a text is divided into before anything merges.
enum class BpeAtoms : std::uint8_t { bytes, characters };

class BpeRules {
 public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    // Of the compiled tables of a byte-level model.
    BpeRules(ByteVocabulary const& vocabulary, BpeTables const& tables);
    // Merges in the order of their rank. Tokens of a single byte or character are atoms unless
    // `never_atoms` has their id (byte fallback). Throws Error(invalid_tokenizer) for merges that
    // do not join the bytes of ordinary tokens.
    BpeRules(ByteVocabulary const& vocabulary, std::span<Merge const> merges, BpeAtoms atoms,
             std::span<std::uint32_t const> never_atoms);

    // Symbols: the atoms, then the others in the order in which they merge.
    std::size_t symbols() const noexcept { return parts_.size(); }
    std::size_t atoms() const noexcept { return atoms_; }
    struct Parts {
        std::uint32_t left, right;  // of an atom: itself
    };
    Parts parts(std::uint32_t symbol) const noexcept { return parts_[symbol]; }
    bool is_atom(std::uint32_t symbol) const noexcept { return symbol < atoms_; }
    // A part, or a part of a part, merges later than the symbol.
    bool is_irregular(std::uint32_t symbol) const noexcept { return irregular_[symbol]; }
    // Of a place of the vocabulary: the symbol, or kNone if merging never forms the token.
    std::uint32_t symbol(std::uint32_t place) const noexcept { return symbol_of_[place]; }
    std::uint32_t place(std::uint32_t symbol) const noexcept { return place_of_[symbol]; }
    std::size_t places() const noexcept { return symbol_of_.size(); }

    // Whether merging the text of both leaves exactly these two.
    bool stay_apart(std::uint32_t left, std::uint32_t right) const;

 private:
    void finish(ByteVocabulary const& vocabulary);
    bool never_join(std::uint32_t left, std::uint32_t right) const noexcept;
    bool merge_apart(std::uint32_t left, std::uint32_t right) const;
    void append_atoms(std::uint32_t symbol, std::vector<std::uint32_t>& out) const;

    std::size_t atoms_ = 0;
    std::vector<Parts> parts_;
    std::vector<bool> irregular_;
    std::vector<std::uint32_t> symbol_of_;  // by place
    std::vector<std::uint32_t> place_of_;   // by symbol; kNone: a byte without a token
    PairTable pairs_;
};

}  // namespace tokmill::bytelm
