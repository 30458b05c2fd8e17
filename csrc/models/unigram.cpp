#include "models/unigram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/inline.h"
#include "core/utf8_decode.h"
#include "models/unigram_lattice.h"
#include "models/unigram_tables.h"

namespace tokmill::stages {

namespace {

using Scratch = UnigramScratch;

constexpr double kUnkPenalty = 10.0;
constexpr char kHexDigits[] = "0123456789ABCDEF";

std::string byte_token(unsigned char byte) {
    return {'<', '0', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15], '>'};
}

void check_options(UnigramOptions const& options, std::size_t size) {
    if (!options.unk_id) return;
    if (size == 0) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "The vocabulary is empty but at least <unk> is needed");
    }
    if (*options.unk_id >= size) {
        throw Error(ErrorKind::invalid_tokenizer, "The `unk_id` is larger than vocabulary size");
    }
}

[[noreturn]] void fail_without_unk() {
    throw Error(ErrorKind::invalid_input, "Encountered an unknown token but `unk_id` is missing");
}

// The scratch of this thread; what one huge text needed is not kept for ever.
class ScratchUse {
 public:
    ScratchUse() : scratch_(&of_thread()) {}
    ~ScratchUse() {
        constexpr std::size_t kKept = 1u << 16;
        if (scratch_->ends.capacity() > kKept) *scratch_ = {};
    }
    ScratchUse(ScratchUse const&) = delete;
    ScratchUse& operator=(ScratchUse const&) = delete;
    Scratch& operator*() const noexcept { return *scratch_; }

 private:
    static Scratch& of_thread() {
        thread_local Scratch scratch;
        return scratch;
    }
    Scratch* scratch_;
};

}  // namespace

UnigramTables::UnigramTables(std::vector<Unigram::Piece> const& vocabulary)
    : texts(vocabulary.size()), scores(vocabulary.size()) {
    std::size_t total = 0;
    for (Unigram::Piece const& piece : vocabulary) total += piece.text.size();
    pool.resize(total);
    char* out = pool.data();
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        auto const& [text, score] = vocabulary[id];
        texts[id] = {out, text.size()};
        out = std::copy(text.begin(), text.end(), out);
        scores[id] = score;
        if (score < lowest) lowest = score;
    }
    unk_score = lowest - kUnkPenalty;
    magnitude = std::abs(unk_score);
    for (double const score : scores) {
        magnitude = std::isfinite(score) ? std::max(magnitude, std::abs(score))
                                         : std::numeric_limits<double>::infinity();
        if (std::isinf(magnitude)) break;
    }
    index = PieceIndex(texts);
    std::vector<std::string_view> found(texts);
    if (index.has_duplicates()) {
        for (std::size_t id = 0; id < texts.size(); ++id) {
            if (index.find(texts[id]) != id) found[id] = {};
        }
    }
    trie = PieceTrie(found);
    for (unsigned byte = 0; byte < 256; ++byte) {
        bytes[byte] = index.find(byte_token(static_cast<unsigned char>(byte)));
    }
}

Unigram::Unigram(std::vector<Piece> const& vocabulary, UnigramOptions options) : options_(options) {
    check_options(options_, vocabulary.size());
    if (vocabulary.size() >= Scratch::kUnknown) {
        throw Error(ErrorKind::unsupported_tokenizer, "model Unigram with too many pieces");
    }
    tables_ = std::make_shared<UnigramTables const>(vocabulary);
}

Unigram::Unigram(std::shared_ptr<UnigramTables const> tables, UnigramOptions options)
    : tables_(std::move(tables)), options_(options) {
    check_options(options_, tables_->texts.size());
}

std::shared_ptr<Unigram const> Unigram::with_options(UnigramOptions options) const {
    return std::shared_ptr<Unigram const>(new Unigram(tables_, options));
}

// Viterbi over the places of the text. Of equal sums the one with the longest last piece is kept,
// since longer pieces reach a place first.
template <bool IsFinite>
TOKMILL_INLINE void Unigram::find_best_ends(std::string_view text, Scratch& scratch) const {
    constexpr double kLowest = -std::numeric_limits<double>::infinity();
    PieceTrie const& trie = tables_->trie;
    double const* const scores = tables_->scores.data();
    double const unk_score = tables_->unk_score;
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
    auto const size = static_cast<std::uint32_t>(text.size());
    scratch.ends.assign(size + std::size_t{1}, {kLowest, 0, Scratch::kNowhere});
    Scratch::End* const ends = scratch.ends.data();
    ends[0].score = 0;
    auto const is_better = [](double score, Scratch::End const& end) {
        // A finite sum is better than none anyway.
        if constexpr (IsFinite) return score > end.score;
        return score > end.score || end.start == Scratch::kNowhere;
    };
    for (std::uint32_t start = 0; start < size;) {
        double const before = ends[start].score;
        std::uint32_t const next = start + decode_char(bytes + start).size;
        bool has_single = false;
        PieceTrie::Node node = trie.root();
        for (std::uint32_t at = start; at < size && trie.step(node, bytes[at]);) {
            ++at;
            if (!PieceTrie::has_piece(node)) continue;
            std::uint32_t const id = PieceTrie::piece(node);
            double const score = scores[id] + before;
            has_single |= at == next;
            if (is_better(score, ends[at])) ends[at] = {score, id, start};
        }
        if (!has_single) {
            double const score = unk_score + before;
            if (is_better(score, ends[next])) {
                if (!options_.unk_id) fail_without_unk();
                ends[next] = {score, static_cast<std::uint32_t>(*options_.unk_id), start};
            }
        }
        start = next;
    }
}

void Unigram::find_best(std::string_view text, Scratch& scratch) const {
    if (tables_->magnitude * static_cast<double>(text.size() + 1) < 1e300) {
        find_best_ends<true>(text, scratch);
    } else {
        find_best_ends<false>(text, scratch);
    }
    auto const unk = static_cast<std::uint32_t>(options_.unk_id.value_or(Scratch::kUnknown));
    for (auto end = static_cast<std::uint32_t>(text.size()); end > 0;) {
        Scratch::End const& best = scratch.ends[end];
        scratch.add(best.start, end, best.id == unk ? Scratch::kUnknown : best.id);
        end = best.start;
    }
}

void Unigram::sample(std::string_view text, Scratch& scratch) const {
    std::vector<LatticePart> const path =
        sample_path(text, *tables_, options_.unk_id, *options_.alpha, options_.nbest_size);
    if (!path.empty() && !options_.unk_id) fail_without_unk();
    for (auto part = path.rbegin(); part != path.rend(); ++part) {
        bool const is_unknown = part->id == *options_.unk_id;
        scratch.add(part->begin, part->end,
                    is_unknown ? Scratch::kUnknown : static_cast<std::uint32_t>(part->id));
    }
}

void Unigram::cut(std::string_view text, Scratch& scratch) const {
    scratch.parts.clear();
    if (text.empty()) return;
    if (text.size() >= Scratch::kNowhere) {
        throw Error(ErrorKind::invalid_input, "a piece of text is too long for the model");
    }
    if (options_.alpha && *options_.alpha != 0) {
        sample(text, scratch);
    } else {
        find_best(text, scratch);
    }
}

template <class Emit>
TOKMILL_INLINE void Unigram::emit_tokens(std::string_view text, Scratch const& scratch,
                                         Emit const& emit) const {
    for (auto part = scratch.parts.rbegin(); part != scratch.parts.rend(); ++part) {
        if (part->id != Scratch::kUnknown) {
            emit(part->id, part->begin, part->end, false);
            continue;
        }
        // Neighbours that are unknown each may be a piece together.
        std::string_view const unknown = text.substr(part->begin, part->end - part->begin);
        std::uint32_t const id = tables_->index.find(unknown);
        if (id != PieceIndex::kMissing) {
            emit(id, part->begin, part->end, false);
            continue;
        }
        auto const has_token = [&](char c) {
            return tables_->bytes[static_cast<unsigned char>(c)] != PieceIndex::kMissing;
        };
        if (options_.byte_fallback && std::all_of(unknown.begin(), unknown.end(), has_token)) {
            for (char const c : unknown) {
                emit(tables_->bytes[static_cast<unsigned char>(c)], part->begin, part->end, true);
            }
            continue;
        }
        emit(static_cast<std::uint32_t>(*options_.unk_id), part->begin, part->end, false);
    }
}

void Unigram::tokenize(std::string_view piece, std::vector<Token>& tokens) const {
    ScratchUse const use;
    cut(piece, *use);
    emit_tokens(piece, *use,
                [&](std::uint32_t id, std::size_t begin, std::size_t end, bool is_byte) {
                    std::string_view const value =
                        is_byte ? tables_->texts[id] : piece.substr(begin, end - begin);
                    tokens.push_back({id, std::string(value), {begin, end}});
                });
}

void Unigram::tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const {
    ScratchUse const use;
    cut(piece, *use);
    emit_tokens(piece, *use,
                [&](std::uint32_t id, std::size_t, std::size_t, bool) { ids.push_back(id); });
}

std::optional<std::uint32_t> Unigram::token_to_id(std::string_view token) const {
    std::uint32_t const id = tables_->index.find(token);
    if (id == PieceIndex::kMissing) return std::nullopt;
    return id;
}

std::optional<std::string_view> Unigram::id_to_token(std::uint32_t id) const {
    if (id >= tables_->texts.size()) return std::nullopt;
    return tables_->texts[id];
}

std::size_t Unigram::vocab_size() const {
    return tables_->texts.size();
}

std::vector<std::pair<std::string_view, std::uint32_t>> Unigram::vocabulary() const {
    std::vector<std::pair<std::string_view, std::uint32_t>> result;
    result.reserve(tables_->texts.size());
    for (std::uint32_t id = 0; id < tables_->texts.size(); ++id) {
        std::string_view const text = tables_->texts[id];
        if (tables_->index.find(text) == id) result.emplace_back(text, id);
    }
    return result;
}

std::size_t Unigram::size() const noexcept {
    return tables_->texts.size();
}

Unigram::Piece Unigram::piece(std::size_t id) const noexcept {
    return {tables_->texts[id], tables_->scores[id]};
}

}  // namespace tokmill::stages
