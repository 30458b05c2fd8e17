#include "models/unigram_viterbi.h"

#include <algorithm>

#include "core/error.h"
#include "core/inline.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

namespace {

using End = UnigramEnd;
using Node = UnigramTrie::Node;

// Viterbi (1967) over the places of a text. `IsFinite`: no sum can overflow, so that a place that
// is not reached yet is told by its score, and a node without a piece never wins.
template <bool IsFinite>
class Search {
 public:
    Search(UnigramTables const& tables, std::string_view text, End* ends)
        : trie_(tables.trie()),
          bytes_(reinterpret_cast<unsigned char const*>(text.data())),
          size_(static_cast<std::uint32_t>(text.size())),
          ends_(ends) {}

    // Tries all pieces that begin at `start`; returns where the first character ends. Leaves the
    // last node of the trie, and whether it is at the end of the text.
    TOKMILL_INLINE std::uint32_t extend(std::uint32_t start, Node& node, bool& at_end) {
        DecodedChar const first = decode_char(bytes_ + start);
        std::uint32_t const next = start + first.size;
        double const before = ends_[start].score;
        node = trie_.character(first.code_point);
        improve<true>(next, before, node, start);
        std::uint32_t at = next;
        for (; at < size_ && trie_.step(node, bytes_[at]);
             improve<false>(at, before, node, start)) {
            ++at;
        }
        at_end = at == size_;
        return next;
    }

 private:
    template <bool IsCharacter>
    TOKMILL_INLINE void improve(std::uint32_t at, double before, Node const& node,
                                std::uint32_t start) {
        double const score = node.score + before;
        End& end = ends_[at];
        bool is_better = score > end.score;
        if constexpr (!IsFinite) {
            is_better |= end.start == End::kNowhere;
            is_better &= IsCharacter || node.has_piece();
        }
        if (is_better) end = {score, node.piece(), start};
    }

    UnigramTrie const& trie_;
    unsigned char const* bytes_;
    std::uint32_t size_;
    End* ends_;
};

void check_unknown(std::span<End const> ends) {
    for (End const& end : ends) {
        if (end.start != End::kNowhere && end.piece == UnigramTrie::kUnknown) {
            throw Error(ErrorKind::invalid_input,
                        "Encountered an unknown token but `unk_id` is missing");
        }
    }
}

template <bool IsFinite>
std::uint32_t search(UnigramTables const& tables, std::string_view text, bool has_unk,
                     std::span<End> ends) {
    using Wholeness = UnigramTables::Wholeness;
    std::fill(ends.begin(), ends.end(),
              End{UnigramTrie::kNoScore, UnigramTrie::kUnknown, End::kNowhere});
    ends[0].score = 0;
    auto const size = static_cast<std::uint32_t>(text.size());
    Search<IsFinite> search(tables, text, ends.data());
    Node node;
    bool at_end = false;
    std::uint32_t start = search.extend(0, node, at_end);
    std::uint32_t const whole = at_end ? node.piece() : UnigramTrie::kUnknown;
    auto known = Wholeness::cut;
    if (whole != UnigramTrie::kUnknown && has_unk) {
        known = tables.wholeness(whole);
        if (known == Wholeness::whole) return whole;
    }
    while (start < size) {
        Node last;
        bool ignored;
        start = search.extend(start, last, ignored);
    }
    if (!has_unk) check_unknown(ends);
    if (known == Wholeness::not_known) {
        tables.set_wholeness(whole, ends[size].start == 0 ? Wholeness::whole : Wholeness::cut);
    }
    return UnigramTrie::kUnknown;
}

}  // namespace

std::uint32_t find_best_ends(UnigramTables const& tables, std::string_view text, bool has_unk,
                             std::span<End> ends) {
    if (tables.magnitude() * static_cast<double>(ends.size()) < 1e300) {
        return search<true>(tables, text, has_unk, ends);
    }
    return search<false>(tables, text, has_unk, ends);
}

}  // namespace tokmill::stages
