#include "sentencepiece/part_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "core/prefetch.h"
#include "models/word_key.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

// Longer parts are not remembered.
constexpr std::size_t kMaxCachedBytes = 32;
// Margins are remembered in these fractions of a unit.
constexpr int kMarginBits = 10;
constexpr std::uint32_t kMaxMargin = (1u << 20) - 1;

// Where the sums of scores leave this range, they are brought back to zero.
constexpr float kMaxSum = 100000.0f;

// 16 bytes at the beginning of the part must be readable.
WordKey key_of(std::string_view part) {
    WordKey const key =
        make_key_unchecked(reinterpret_cast<unsigned char const*>(part.data()), part.size());
    bool const is_own_key = part.size() <= kMaxKeyBytes && !WordCache::looks_free(key);
    return is_own_key ? key : WordCache::long_key(part);
}

// The ids that are remembered for a part; `inlined` has room for kInlineIds.
TOKMILL_INLINE std::span<std::uint32_t const> recall(WordCache const& cache, WordKey key,
                                                     std::uint64_t hash, std::string_view part,
                                                     std::uint32_t* inlined) {
    CachedWord const* const known = cache.find(key, hash);
    if (known == nullptr) return {};
    if (known->is_packed()) return {inlined, known->unpack(inlined)};
    return cache.ids_of(*known, part);
}

}  // namespace

PartEncoder::PartEncoder(Vocabulary const& vocabulary, bool byte_fallback,
                         Normalizer const& normalizer, BpeModel const* bpe,
                         UnigramModel const* unigram)
    : vocabulary_(vocabulary),
      byte_fallback_(byte_fallback),
      normalizer_(normalizer),
      bpe_(bpe),
      unigram_(unigram),
      cuts_(vocabulary),
      // Keys are told apart by a byte that UTF-8 does not have.
      caches_(!normalizer.may_write_ff()) {
    float largest = 0;
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        Piece const& piece = vocabulary[id];
        if (piece.type == PieceType::unused) has_unused_ = true;
        if (piece.type == PieceType::user_defined && piece.text.find('\xFF') != piece.text.npos) {
            caches_ = false;
        }
        if (unigram != nullptr) largest = std::max(largest, std::fabs(unigram->score(id)));
    }
    if (unigram != nullptr) largest = std::max(largest, std::fabs(unigram->unknown_score()));
    slack_ = 1.0f + static_cast<float>(kMaxCachedBytes) * largest;
}

void PartEncoder::encode(std::string_view text, std::vector<std::uint32_t>& ids) const {
    auto const state = states_.borrow();
    normalizer_.normalize(text, state->normalized);
    std::size_t const size = state->normalized.size();
    state->normalized.append(kPadding, '\0');
    std::string_view const normalized(state->normalized.data(), size);
    std::size_t const before = ids.size();
    Output out{ids};
    if (unigram_ != nullptr) {
        encode_unigram(*state, normalized, out);
    } else if (!encode_bpe(*state, normalized, out)) {
        ids.resize(before);
        state->segments.clear();
        bpe_->segment(normalized, 0, state->segments);
        state->part_ids.clear();
        expand(normalized, state->segments, state->part_ids);
        Output again{ids};
        put(state->part_ids.data(), state->part_ids.size(), again);
    }
}

// The ids of segments, with a piece for each byte of unknown ones where the model has such.
void PartEncoder::expand(std::string_view part, Segments const& segments,
                         std::vector<std::uint32_t>& ids) const {
    std::size_t at = 0;
    for (Segment const segment : segments) {
        if (segment.id == vocabulary_.unknown() && byte_fallback_) {
            for (char const c : part.substr(at, segment.size)) {
                ids.push_back(vocabulary_.byte_piece(static_cast<unsigned char>(c)));
            }
        } else {
            ids.push_back(static_cast<std::uint32_t>(segment.id));
        }
        at += segment.size;
    }
}

void PartEncoder::put(std::uint32_t const* ids, std::size_t count, Output& out) const {
    if (byte_fallback_) {
        out.ids.insert(out.ids.end(), ids, ids + count);
        return;
    }
    auto const unknown = static_cast<std::uint32_t>(vocabulary_.unknown());
    for (std::size_t i = 0; i < count; ++i) {
        bool const is_unknown = ids[i] == unknown;
        if (!is_unknown || !out.after_unknown) out.ids.push_back(ids[i]);
        out.after_unknown = is_unknown;
    }
}

bool PartEncoder::is_cached(std::string_view part) const noexcept {
    return caches_ && part.size() <= kMaxCachedBytes;
}

// BPE leaves user-defined symbols alone, wherever they stand.
std::size_t PartEncoder::next_part_end(std::string_view text, std::size_t begin,
                                       bool& is_symbol) const {
    UserSymbols const& symbols = normalizer_.symbols();
    is_symbol = false;
    if (unigram_ != nullptr || symbols.empty()) {
        return cuts_.part_end(text.data(), begin, text.size());
    }
    if (std::size_t const size = symbols.match(text.substr(begin))) {
        is_symbol = true;
        return begin + size;
    }
    std::size_t const cut = cuts_.part_end(text.data(), begin, text.size());
    std::size_t end = begin;
    do {
        end += announced_size(text[end]);
    } while (end < cut && symbols.match(text.substr(end)) == 0);
    return std::min(end, cut);
}

// Returns how many there are; `begin` moves behind them.
std::size_t PartEncoder::find_parts(State const& state, std::string_view text, std::size_t& begin,
                                    Chunk& chunk) const {
    std::size_t count = 0;
    while (count < kChunk && begin < text.size()) {
        Part& part = chunk[count++];
        std::size_t const end = next_part_end(text, begin, part.is_symbol);
        part.text = text.substr(begin, end - begin);
        begin = end;
        if (part.is_symbol || !is_cached(part.text)) continue;
        part.key = key_of(part.text);
        part.hash = hash_key(part.key);
        prefetch(state.cache.line(part.hash));
    }
    return count;
}

// No merge joins characters that stand side by side in no piece, and merges on both sides of such a
// place do not see each other: so the segments of the parts are those of the whole. User-defined
// symbols are parts of their own. False where an unused piece came out, which the reference takes
// apart in a way that depends on the whole text.
bool PartEncoder::encode_bpe(State& state, std::string_view text, Output& out) const {
    Chunk chunk;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const count = find_parts(state, text, begin, chunk);
        for (std::size_t i = 0; i < count; ++i) {
            if (!chunk[i].is_symbol) {
                if (!encode_bpe_part(state, chunk[i], out)) return false;
                continue;
            }
            auto const id = static_cast<std::uint32_t>(vocabulary_.segment_of(chunk[i].text));
            put(&id, 1, out);
        }
    }
    return true;
}

bool PartEncoder::encode_bpe_part(State& state, Part const& part, Output& out) const {
    std::string_view const text = part.text;
    if (is_cached(text)) {
        std::uint32_t inlined[kInlineIds];
        auto const known = recall(state.cache, part.key, part.hash, text, inlined);
        if (!known.empty()) {
            put(known.data(), known.size(), out);
            return true;
        }
    }
    state.segments.clear();
    if (text.size() <= BpeModel::kMaxPartBytes) {
        if (!bpe_->merge(text, state.part, state.segments)) return false;
    } else {
        if (has_unused_) return false;
        bpe_->segment(text, 0, state.segments);
    }
    state.part_ids.clear();
    expand(text, state.segments, state.part_ids);
    if (is_cached(text)) state.cache.insert(part.key, part.hash, text, state.part_ids);
    put(state.part_ids.data(), state.part_ids.size(), out);
    return true;
}

// All paths through the text meet at the cuts, so that the best path of the whole is made of best
// paths of the parts. What the parts have in common is the sum of scores before them, whose size
// decides how the sums behind it are rounded: it is carried along.
void PartEncoder::encode_unigram(State& state, std::string_view text, Output& out) const {
    float sum = 0;
    Chunk chunk;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const count = find_parts(state, text, begin, chunk);
        for (std::size_t i = 0; i < count; ++i) encode_unigram_part(state, chunk[i], sum, out);
    }
}

// Whether the best path of a part is the best also when scores are added to `sum` in 32-bit floats.
// Each of the at most `size` additions is off by at most half a unit in the last place of the
// largest sum, for the best path and for its rival. The margin between them must be larger.
bool PartEncoder::is_safe(std::size_t size, std::uint32_t margin, float sum) const noexcept {
    float const largest = std::fabs(sum) + slack_;
    if (!(largest < kMaxSum)) return false;
    constexpr std::uint32_t kExponent = 0x7F800000, kMantissaBits = 23;
    float const last_place =
        std::bit_cast<float>((std::bit_cast<std::uint32_t>(largest) & kExponent) -
                             ((kMantissaBits - kMarginBits) << kMantissaBits));
    return static_cast<float>(margin) > static_cast<float>(size) * last_place;
}

void PartEncoder::encode_unigram_part(State& state, Part const& part, float& sum,
                                      Output& out) const {
    std::string_view const text = part.text;
    if (is_cached(text)) {
        std::uint32_t inlined[kInlineIds];
        auto known = recall(state.cache, part.key, part.hash, text, inlined);
        if (known.empty()) {
            state.part_ids.clear();
            double const margin = unigram_->best_with_margin(text, state.margin, state.part_ids);
            // Unknown characters are not remembered: a single id may stand for several.
            if (margin >= 0) {
                double const steps = std::floor(std::ldexp(margin, kMarginBits));
                state.part_ids.push_back(
                    static_cast<std::uint32_t>(std::min<double>(steps, kMaxMargin)));
                state.cache.insert(part.key, part.hash, text, state.part_ids);
                known = state.part_ids;
            }
        }
        if (!known.empty() && is_safe(text.size(), known.back(), sum)) {
            auto const ids = known.first(known.size() - 1);
            for (std::uint32_t const id : ids) sum = unigram_->score(id) + sum;
            out.ids.insert(out.ids.end(), ids.begin(), ids.end());
            out.after_unknown = false;
            return;
        }
    }
    state.segments.clear();
    unigram_->segment(text, sum, state.nodes, state.segments);
    state.part_ids.clear();
    expand(text, state.segments, state.part_ids);
    put(state.part_ids.data(), state.part_ids.size(), out);
}

}  // namespace tokmill::sentencepiece
