// The pieces of a model: from text to id and back, their scores and types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sentencepiece/model_proto.h"

namespace tokmill::sentencepiece {

// A polynomial hash of bytes, which can be had for any part of a text from the values of its
// prefixes.
class PrefixHash {
 public:
    static constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15u;

    static std::uint64_t extend(std::uint64_t hash, char byte) noexcept {
        return hash * kBase + static_cast<unsigned char>(byte) + 1;
    }
    static std::uint64_t of(std::string_view text) noexcept {
        std::uint64_t hash = 0;
        for (char const byte : text) hash = extend(hash, byte);
        return hash;
    }
};

class Vocabulary {
 public:
    static constexpr std::int32_t kNone = -1;

    // `model` must outlive the vocabulary. Throws invalid_tokenizer for what the reference refuses.
    explicit Vocabulary(ModelProto const& model);

    std::size_t size() const noexcept { return pieces_.size(); }
    Piece const& operator[](std::size_t id) const noexcept { return pieces_[id]; }
    bool has(std::int64_t id) const noexcept {
        return id >= 0 && id < static_cast<std::int64_t>(pieces_.size());
    }
    bool is(std::int64_t id, PieceType type) const noexcept {
        return has(id) && pieces_[static_cast<std::size_t>(id)].type == type;
    }

    // Any piece; the unknown id (which may be kNone) for other texts.
    std::int32_t id_of(std::string_view text) const noexcept;
    // Pieces that text can be cut into: normal, user-defined and unused ones; kNone for others.
    std::int32_t segment_of(std::string_view text) const noexcept {
        return segment_of(text, PrefixHash::of(text));
    }
    std::int32_t segment_of(std::string_view text, std::uint64_t hash) const noexcept {
        return find(segments_, text, hash);
    }
    static bool is_segment(PieceType type) noexcept {
        return type == PieceType::normal || type == PieceType::user_defined ||
               type == PieceType::unused;
    }
    // Of pieces that can be found: duplicates of NUL are left out.
    bool is_findable(std::size_t id) const noexcept;

    std::int32_t unknown() const noexcept { return unknown_; }
    // The id of the piece for a byte; only with byte fallback.
    std::uint32_t byte_piece(unsigned char byte) const noexcept { return bytes_[byte]; }
    // The byte that a piece <0x..> stands for, or -1.
    static int byte_of(std::string_view piece) noexcept;
    // A piece holds U+2581 behind its first character.
    bool has_inner_space() const noexcept { return has_inner_space_; }
    std::vector<std::string_view> of_type(PieceType type) const;

 private:
    struct Entry {
        std::uint32_t tag = 0;
        std::int32_t id = kNone;
    };
    using Index = std::vector<Entry>;

    static std::uint64_t mix(std::uint64_t hash) noexcept {
        return (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u;
    }
    std::int32_t find(Index const& index, std::string_view text,
                      std::uint64_t hash) const noexcept {
        std::uint64_t const mixed = mix(hash);
        auto const tag = static_cast<std::uint32_t>(mixed);
        std::size_t const mask = index.size() - 1;
        for (std::size_t i = mixed >> 32 & mask; index[i].id != kNone; i = (i + 1) & mask) {
            if (index[i].tag != tag) continue;
            if (pieces_[static_cast<std::size_t>(index[i].id)].text == text) return index[i].id;
        }
        return kNone;
    }
    void insert(Index& index, std::int32_t id);
    void check_piece(std::size_t id, bool separate, bool byte_fallback);
    void check_bytes(bool byte_fallback) const;

    std::span<Piece const> pieces_;
    Index segments_, others_;
    std::array<std::uint32_t, 256> bytes_{};
    std::array<bool, 256> has_byte_{};
    std::int32_t unknown_ = kNone;
    bool has_inner_space_ = false;
};

}  // namespace tokmill::sentencepiece
