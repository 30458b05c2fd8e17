// Encoding: from segments of the normalized text to ids, pieces and places in the text.
#include <utility>

#include "core/error.h"
#include "sentencepiece/processor_impl.h"

namespace tokmill::sentencepiece {
namespace {

std::string byte_piece(char byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    auto const value = static_cast<unsigned char>(byte);
    return {'<', '0', 'x', kDigits[value >> 4], kDigits[value & 15], '>'};
}

}  // namespace

void Processor::encode_ids(std::string_view text, std::vector<std::uint32_t>& ids) const {
    check_size(text);
    if (impl_->encoder) return impl_->encoder->encode(text, ids);
    std::string const normalized = impl_->normalized(text);
    Segments segments;
    impl_->segment(normalized, segments);
    std::size_t at = 0;
    bool after_unknown = false;
    for (Segment const segment : segments) {
        bool const unknown = impl_->is_unknown(segment.id);
        if (unknown && byte_fallback()) {
            for (char const c : std::string_view(normalized).substr(at, segment.size)) {
                ids.push_back(impl_->vocabulary.byte_piece(static_cast<unsigned char>(c)));
            }
        } else if (!unknown || !after_unknown) {
            ids.push_back(static_cast<std::uint32_t>(segment.id));
        }
        after_unknown = unknown;
        at += segment.size;
    }
}

std::vector<std::string> Processor::encode_pieces(std::string_view text) const {
    check_size(text);
    std::string const normalized = impl_->normalized(text);
    Segments segments;
    impl_->segment(normalized, segments);
    std::vector<std::string> pieces;
    std::size_t at = 0;
    bool after_unknown = false;
    for (Segment const segment : segments) {
        std::string_view const piece = std::string_view(normalized).substr(at, segment.size);
        bool const unknown = impl_->is_unknown(segment.id);
        if (unknown && byte_fallback()) {
            for (char const c : piece) pieces.push_back(byte_piece(c));
        } else if (unknown && after_unknown) {
            pieces.back() += piece;
        } else {
            pieces.emplace_back(piece);
        }
        after_unknown = unknown;
        at += segment.size;
    }
    return pieces;
}

TextPieces Processor::Impl::place(std::string_view text, std::string_view normalized,
                                  std::span<std::size_t const> origins, Segments const& segments,
                                  std::size_t start) const {
    TextPieces result;
    result.text = text;
    result.pieces.reserve(segments.size());
    std::size_t at = 0;
    bool after_unknown = false;
    for (Segment const segment : segments) {
        std::string_view const piece = normalized.substr(at, segment.size);
        std::size_t const begin = origins[at] - start, end = origins[at + segment.size] - start;
        auto const begin32 = static_cast<std::uint32_t>(begin);
        auto const end32 = static_cast<std::uint32_t>(end);
        std::string_view const surface = text.substr(begin, end - begin);
        bool const unknown = is_unknown(segment.id);
        if (unknown && model.trainer.byte_fallback) {
            // The last byte stands for the whole character, the others for nothing.
            for (char const c : piece) {
                std::uint32_t const id = vocabulary.byte_piece(static_cast<unsigned char>(c));
                result.pieces.push_back({byte_piece(c), id, {}, begin32, begin32});
            }
            result.pieces.back().surface = surface;
            result.pieces.back().end = end32;
        } else if (unknown && after_unknown) {
            TextPiece& last = result.pieces.back();
            last.text += piece;
            *last.surface += surface;
            last.end = end32;
        } else {
            result.pieces.push_back({std::string(piece), static_cast<std::uint32_t>(segment.id),
                                     std::string(surface), begin32, end32});
        }
        after_unknown = unknown;
        at += segment.size;
    }
    return result;
}

TextPieces Processor::encode(std::string_view text) const {
    check_size(text);
    std::string normalized;
    std::vector<std::size_t> origins;
    impl_->normalizer->normalize(text, normalized, origins);
    Segments segments;
    impl_->segment(normalized, segments);
    return impl_->place(text, normalized, origins, segments);
}

}  // namespace tokmill::sentencepiece
