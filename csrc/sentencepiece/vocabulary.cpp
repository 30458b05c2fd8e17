#include "sentencepiece/vocabulary.h"

#include <algorithm>
#include <bit>
#include <string>

#include "core/error.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

constexpr std::size_t kMaxPieceBytes = 8000;
constexpr std::string_view kNull("\0", 1);

[[noreturn]] void fail(std::string const& reason) {
    throw Error(ErrorKind::invalid_tokenizer, reason);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

int Vocabulary::byte_of(std::string_view piece) noexcept {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
    int const high = hex_digit(piece[3]), low = hex_digit(piece[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

Vocabulary::Vocabulary(ModelProto const& model) : pieces_(model.pieces) {
    bool const byte_fallback = model.trainer.byte_fallback;
    // Only BPE demands that a text stands once among pieces of all types.
    bool const separate = model.trainer.model_type != ModelType::bpe;
    std::size_t segments = 0;
    for (Piece const& piece : pieces_) {
        if (piece.text.size() >= kMaxPieceBytes) fail("piece is too long.");
        if (is_segment(piece.type)) ++segments;
    }
    segments_.resize(std::bit_ceil(2 * segments + 2));
    others_.resize(std::bit_ceil(2 * (pieces_.size() - segments) + 2));
    for (std::size_t id = 0; id < pieces_.size(); ++id) check_piece(id, separate, byte_fallback);
    if (unknown_ == kNone && !byte_fallback) fail("unk is not defined.");
    check_bytes(byte_fallback);
}

bool Vocabulary::is_findable(std::size_t id) const noexcept {
    return pieces_[id].text != kNull;
}

void Vocabulary::check_piece(std::size_t id, bool separate, bool byte_fallback) {
    Piece const& piece = pieces_[id];
    std::string const text(piece.text);
    if (text.empty()) fail("piece must not be empty.");
    if (text == kNull && piece.type == PieceType::unused) return;
    if (text.find('\0') != std::string::npos) fail("piece must not include null character.");
    bool const segment = is_segment(piece.type);
    std::uint64_t const hash = PrefixHash::of(text);
    bool const known = find(segment ? segments_ : others_, text, hash) != kNone ||
                       (!separate && find(segment ? others_ : segments_, text, hash) != kNone);
    if (known) fail(text + " is already defined.");
    insert(segment ? segments_ : others_, static_cast<std::int32_t>(id));

    if (segment) {
        std::size_t const from = text.starts_with(kSpaceSymbol) ? kSpaceSymbol.size() : 0;
        has_inner_space_ = has_inner_space_ || text.find(kSpaceSymbol, from) != std::string::npos;
    }
    if (piece.type == PieceType::unknown) {
        if (unknown_ != kNone) fail("unk is already defined.");
        unknown_ = static_cast<std::int32_t>(id);
    }
    if (piece.type == PieceType::byte) {
        if (!byte_fallback) {
            fail("byte piece " + text + " is found although `byte_fallback` is false.");
        }
        int const byte = byte_of(text);
        if (byte < 0) fail("byte piece " + text + " is invalid.");
        has_byte_[static_cast<std::size_t>(byte)] = true;
        bytes_[static_cast<std::size_t>(byte)] = static_cast<std::uint32_t>(id);
    }
}

void Vocabulary::check_bytes(bool byte_fallback) const {
    if (byte_fallback && std::find(has_byte_.begin(), has_byte_.end(), false) != has_byte_.end()) {
        fail("there are not 256 byte pieces although `byte_fallback` is true.");
    }
}

void Vocabulary::insert(Index& index, std::int32_t id) {
    std::uint64_t const mixed = mix(PrefixHash::of(pieces_[static_cast<std::size_t>(id)].text));
    std::size_t const mask = index.size() - 1;
    std::size_t i = mixed >> 32 & mask;
    while (index[i].id != kNone) i = (i + 1) & mask;
    index[i] = {static_cast<std::uint32_t>(mixed), id};
}

std::int32_t Vocabulary::id_of(std::string_view text) const noexcept {
    std::uint64_t const hash = PrefixHash::of(text);
    std::int32_t const other = find(others_, text, hash);
    if (other != kNone) return other;
    std::int32_t const segment = find(segments_, text, hash);
    return segment != kNone ? segment : unknown_;
}

std::vector<std::string_view> Vocabulary::of_type(PieceType type) const {
    std::vector<std::string_view> texts;
    for (Piece const& piece : pieces_) {
        if (piece.type == type) texts.push_back(piece.text);
    }
    return texts;
}

}  // namespace tokmill::sentencepiece
