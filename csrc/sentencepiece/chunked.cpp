// Encoding a long text in chunks that overlap. Two neighbours are joined at the first piece of the
// first one that the second one has at the same place; where there is none, both are encoded again
// as one chunk.
#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "sentencepiece/processor_impl.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {

class ChunkedEncoder {
 public:
    ChunkedEncoder(Processor::Impl const& impl, std::string_view text, std::size_t characters,
                   unsigned threads)
        : impl_(impl), text_(text) {
        impl.normalizer->normalize(text, normalized_, origins_);
        find_chunks(characters);
        parallel_for(chunks_.size(), threads,
                     [this](std::size_t i, std::size_t) { encode(chunks_[i]); });
    }

    TextPieces run() {
        for (int round = 0;; ++round) {
            TextPieces result;
            std::vector<std::size_t> bad = join(result);
            if (bad.empty()) return result;
            // After a few rounds all is encoded as one chunk.
            if (round >= kMaxRounds) bad.clear();
            merge(bad);
        }
    }

 private:
    static constexpr int kMaxRounds = 3;

    // All in bytes of the text; pieces are placed from `begin` on.
    struct Chunk {
        std::size_t begin, end, end_of_overlap;
        TextPieces pieces;
        std::size_t size() const { return end - begin; }
    };

    void find_chunks(std::size_t characters) {
        std::vector<std::size_t> offsets{0};
        for (std::size_t at = 0; at < text_.size();) {
            at += std::max<std::size_t>(valid_char_size(text_.substr(at)), 1);
            offsets.push_back(at);
        }
        std::size_t const length = offsets.size() - 1;
        auto const longest = static_cast<std::size_t>(impl_.model.trainer.max_piece_length);
        for (std::size_t first = 0; first < length; first += characters) {
            std::size_t const last = first + characters;
            chunks_.push_back({offsets[first],
                               offsets[std::min(last, length)],
                               offsets[std::min(last + 2 * longest, length)],
                               {}});
        }
    }

    void encode(Chunk& chunk) const {
        auto const begin = std::lower_bound(origins_.begin(), origins_.end(), chunk.begin);
        auto const behind = std::upper_bound(begin, origins_.end(), chunk.end_of_overlap);
        if (begin == behind) return;
        auto const first = static_cast<std::size_t>(begin - origins_.begin());
        auto const size = static_cast<std::size_t>(behind - begin) - 1;
        std::string_view const normalized = std::string_view(normalized_).substr(first, size);
        Segments segments;
        impl_.segment(normalized, segments);
        chunk.pieces =
            impl_.place(text_.substr(chunk.begin, chunk.end_of_overlap - chunk.begin), normalized,
                        std::span(origins_).subspan(first, size + 1), segments, chunk.begin);
    }

    // The chunks that could not be joined with the next one.
    std::vector<std::size_t> join(TextPieces& result) const {
        result.text = text_;
        std::vector<std::size_t> bad;
        std::size_t good_from = 0;
        for (std::size_t i = 0; i < chunks_.size(); ++i) {
            Chunk const& chunk = chunks_[i];
            bool const is_last = i + 1 == chunks_.size();
            bool joined = is_last;
            for (TextPiece const& piece : chunk.pieces.pieces) {
                // What was cut at the beginning, or is the space in front of every text.
                if (piece.begin < good_from || (i > 0 && piece.begin == 0 && piece.end == 0)) {
                    continue;
                }
                result.pieces.push_back(moved(piece, chunk.begin));
                if (is_last || piece.begin == piece.end || piece.end < chunk.size()) continue;
                if (find_in(chunks_[i + 1], piece, chunk.size(), good_from)) {
                    joined = true;
                    break;
                }
            }
            if (!joined) bad.push_back(i);
        }
        return bad;
    }

    TextPiece moved(TextPiece const& piece, std::size_t offset) const {
        TextPiece result{piece.text, piece.id, {}, 0, 0};
        result.begin = piece.begin + static_cast<std::uint32_t>(offset);
        result.end = piece.end + static_cast<std::uint32_t>(offset);
        bool const is_byte = impl_.vocabulary.is(piece.id, PieceType::byte);
        bool const is_control = impl_.vocabulary.is(piece.id, PieceType::control);
        if (!is_control && (!is_byte || piece.begin != piece.end)) {
            result.surface = text_.substr(result.begin, result.end - result.begin);
        }
        return result;
    }

    // Whether the next chunk, which begins `offset` behind that of the piece, has the piece at its
    // place (or an unknown one that touches it); then `end` is its end there.
    bool find_in(Chunk const& next, TextPiece const& piece, std::size_t offset,
                 std::size_t& end) const {
        std::size_t const piece_end = piece.end - offset;
        bool const is_unknown =
            impl_.unk_id >= 0 && piece.id == static_cast<std::uint32_t>(impl_.unk_id);
        for (TextPiece const& other : next.pieces.pieces) {
            if (other.id != piece.id) continue;
            bool const same = other.begin + offset == piece.begin && other.end == piece_end;
            bool const touches = is_unknown && other.begin <= piece_end && piece_end <= other.end;
            if (!same && !touches) continue;
            end = other.end;
            return true;
        }
        return false;
    }

    void merge(std::vector<std::size_t> const& bad) {
        // First and last chunk of those that become one.
        std::vector<std::pair<std::size_t, std::size_t>> ranges;
        for (std::size_t const i : bad) {
            if (ranges.empty() || ranges.back().second < i) ranges.emplace_back(i, i);
            ranges.back().second = i + 1;
        }
        if (bad.empty()) ranges.emplace_back(0, chunks_.size() - 1);
        std::vector<Chunk> merged;
        std::size_t next = 0;
        for (auto const& [first, last] : ranges) {
            for (; next < first; ++next) merged.push_back(std::move(chunks_[next]));
            merged.push_back(
                {chunks_[first].begin, chunks_[last].end, chunks_[last].end_of_overlap, {}});
            encode(merged.back());
            next = last + 1;
        }
        for (; next < chunks_.size(); ++next) merged.push_back(std::move(chunks_[next]));
        chunks_ = std::move(merged);
    }

    Processor::Impl const& impl_;
    std::string_view text_;
    std::string normalized_;
    std::vector<std::size_t> origins_;
    std::vector<Chunk> chunks_;
};

TextPieces Processor::encode_in_chunks(std::string_view text, std::size_t characters,
                                       unsigned threads) const {
    check_size(text);
    if (text.empty()) return {};
    return ChunkedEncoder(*impl_, text, characters, threads).run();
}

}  // namespace tokmill::sentencepiece
