#include "bytelm/unigram_canonicality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "bytelm/character_fallback.h"
#include "bytelm/piecewise_canonicality.h"
#include "bytelm/unigram_automaton.h"
#include "bytelm/unigram_candidates.h"
#include "bytelm/unigram_path.h"
#include "core/error.h"

namespace tokmill::bytelm {

namespace {

using Node = UnigramAutomaton::Node;

[[noreturn]] void fail(std::string const& message) {
    throw Error(ErrorKind::invalid_tokenizer, message);
}

std::vector<UnigramPiece> pieces_of(ByteVocabulary const& vocabulary, UnigramModel const& model,
                                    std::span<bool const> is_byte) {
    std::vector<UnigramPiece> pieces;
    pieces.reserve(vocabulary.places() + model.unspoken.size());
    auto const add = [&](UnigramPiece const& piece, std::string const& name) {
        if (piece.score == -std::numeric_limits<double>::infinity()) return;
        // Sums of such scores stay finite.
        constexpr double kLargest = 1e30;
        if (!(std::abs(piece.score) <= kLargest)) fail("the score of " + name + " is not finite");
        pieces.push_back(piece);
    };
    for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
        std::uint32_t const id = vocabulary.id(place);
        if (is_byte[place]) continue;
        add({vocabulary.bytes(place), model.scores[id], place}, "token " + std::to_string(id));
    }
    for (auto const& [bytes, score] : model.unspoken) {
        if (bytes.empty()) continue;
        add({bytes, score, UnigramAutomaton::kNoPlace}, "a special token");
    }
    // Of equal ones the last is kept; tokens stand by id, and before those that are not spoken.
    auto const same = [](auto const& a, auto const& b) { return a.bytes == b.bytes; };
    std::stable_sort(pieces.rbegin(), pieces.rend(),
                     [](auto const& a, auto const& b) { return a.bytes > b.bytes; });
    auto const kept = std::unique(pieces.rbegin(), pieces.rend(), same).base();
    pieces.erase(pieces.begin(), kept);
    return pieces;
}

std::vector<std::uint32_t> places_of_bytes(ByteVocabulary const& vocabulary,
                                           UnigramModel const& model) {
    std::vector<std::uint32_t> places;
    if (!model.byte_ids) return places;
    for (std::uint32_t const id : *model.byte_ids) {
        auto const place = vocabulary.place(id);
        if (!place) fail("byte_ids: " + std::to_string(id) + " is not a token with bytes");
        if (vocabulary.bytes(*place) != std::string(1, static_cast<char>(places.size()))) {
            fail("byte_ids: token " + std::to_string(id) + " does not stand for byte " +
                 std::to_string(places.size()));
        }
        places.push_back(*place);
    }
    return places;
}

// Pieces of a single character.
std::vector<std::uint32_t> known_characters(std::span<UnigramPiece const> pieces,
                                            std::span<std::uint32_t const> absent) {
    std::vector<std::uint32_t> known(absent.begin(), absent.end());
    for (UnigramPiece const& piece : pieces) {
        std::size_t const size = piece.bytes.size();
        if (size > 4 || size != utf8_size(static_cast<unsigned char>(piece.bytes[0]))) continue;
        RecentBytes bytes = 0;
        for (char const c : piece.bytes) bytes = bytes << 8 | static_cast<unsigned char>(c);
        CodePointRange const range = characters_with_prefix(bytes, size);
        if (!range.empty()) known.push_back(range.first);
    }
    return known;
}

// What the constructor needs to have put together first.
struct UnigramParts {
    std::vector<std::uint32_t> byte_places;
    std::vector<UnigramPiece> pieces;
    std::optional<CharacterFallback> fallback;
    std::optional<double> unknown_score;

    UnigramParts(ByteVocabulary const& vocabulary, UnigramModel const& model)
        : byte_places(places_of_bytes(vocabulary, model)), unknown_score(model.unknown_score) {
        auto const is_byte = std::make_unique<bool[]>(vocabulary.places());
        for (std::uint32_t const place : byte_places) is_byte[place] = true;
        pieces = pieces_of(vocabulary, model, {is_byte.get(), vocabulary.places()});
        if (!byte_places.empty()) {
            fallback.emplace(std::span<std::uint32_t const, 256>(byte_places.data(), 256),
                             known_characters(pieces, model.absent_characters));
        }
        if (model.single_precision) {
            for (UnigramPiece& piece : pieces) piece.score = static_cast<float>(piece.score);
            if (unknown_score) unknown_score = static_cast<float>(*unknown_score);
        }
    }
};

// A text is one piece.
template <class Real>
class UnigramCanonicality final : public Canonicality {
 public:
    UnigramCanonicality(ByteVocabulary const& vocabulary, UnigramParts parts)
        : vocabulary_(vocabulary),
          automaton_(parts.pieces),
          unknown_score_(parts.unknown_score),
          fallback_(std::move(parts.fallback)),
          candidates_(automaton_, unknown_score_, vocabulary.places()) {
        largest_score_ = std::abs(unknown_score_.value_or(0));
        for (UnigramPiece const& piece : parts.pieces) {
            largest_score_ = std::max(largest_score_, std::abs(piece.score));
            longest_ = std::max(longest_, piece.bytes.size());
        }
        if (fallback_) find_fallback_starts();
    }

    StatePtr start() const override { return std::make_shared<UnigramState const>(UnigramState{}); }

    bool allows(State const& state, std::uint32_t place) const override {
        UnigramState const& from = of(state);
        Path path = from.path;
        if (int const byte = byte_at(place); byte >= 0) {
            return spells(path, from.part, static_cast<unsigned char>(byte));
        }
        return from.part.is_between() && is_best(path, place);
    }

    TokenSet allowed(State const& state) const override {
        UnigramState const& from = of(state);
        Path path = from.path;
        TokenSet tokens;
        if (!from.part.is_between()) {
            tokens = TokenSet(vocabulary_.places());
        } else if (can_use_candidates(path)) {
            tokens = find_tokens(path);
        } else {
            tokens = search_all(path);
        }
        if (fallback_) add_fallback(path, from.part, tokens);
        return tokens;
    }

    StatePtr append(State const& state, std::uint32_t place) const override {
        auto next = std::make_shared<UnigramState>(of(state));
        int const byte = byte_at(place);
        if (byte >= 0) {
            next->part = CharacterFallback::append(next->part, static_cast<unsigned char>(byte));
        }
        for (char const c : vocabulary_.bytes(place)) extend(next->path, c);
        next->path.trim(automaton_);
        return next;
    }

    bool may_end(State const& state) const override { return of(state).part.is_between(); }

 private:
    using Path = UnigramPath<Real>;

    struct UnigramState final : State {
        Path path;
        CharacterFallback::Part part;
    };

    static UnigramState const& of(State const& state) {
        return static_cast<UnigramState const&>(state);
    }
    int byte_at(std::uint32_t place) const { return fallback_ ? fallback_->byte_at(place) : -1; }
    typename Path::Last extend(Path& path, char c) const {
        return path.append(automaton_, unknown_score_, static_cast<unsigned char>(c));
    }

    // Leaves the path as it was.
    bool is_best(Path& path, std::uint32_t place) const {
        auto const mark = path.mark();
        std::string_view const bytes = vocabulary_.bytes(place);
        typename Path::Last last;
        for (char const c : bytes) last = extend(path, c);
        path.go_back(mark);
        return is_token(last, bytes.size()) && automaton_.place(last.piece) == place;
    }
    static bool is_token(typename Path::Last last, std::size_t size) {
        return last.size == size && last.piece != UnigramAutomaton::kRoot;
    }

    // Whether an unknown character may go on (or begin) with a byte so that it is one in the best
    // segmentation. Leaves the path as it was.
    bool spells(Path& path, CharacterFallback::Part part, unsigned char byte) const {
        if (!fallback_->allows(part, byte)) return false;
        auto const mark = path.mark();
        auto const last = extend(path, static_cast<char>(byte));
        auto const next = CharacterFallback::append(part, byte);
        bool found = false;
        if (next.is_between()) {
            found =
                last.size == std::size_t{part.count} + 1 && last.piece == UnigramAutomaton::kRoot;
        } else {
            for (unsigned trail = 0x80; trail < 0xC0 && !found; ++trail) {
                found = spells(path, next, static_cast<unsigned char>(trail));
            }
        }
        path.go_back(mark);
        return found;
    }
    void add_fallback(Path& path, CharacterFallback::Part part, TokenSet& tokens) const {
        if (part.is_between() && unknown_never_loses_) {
            for (std::uint32_t const place : fallback_starts_) tokens.insert(place);
            return;
        }
        for (unsigned byte = 0; byte < 256; ++byte) {
            if (spells(path, part, static_cast<unsigned char>(byte))) {
                tokens.insert(fallback_->place(static_cast<unsigned char>(byte)));
            }
        }
    }
    void find_fallback_starts() {
        for (unsigned byte = 0; byte < 256; ++byte) {
            if (fallback_->allows({}, static_cast<unsigned char>(byte))) {
                fallback_starts_.push_back(fallback_->place(static_cast<unsigned char>(byte)));
            }
        }
        // Only a piece that ends with an unknown character can be in its place.
        for (Node piece = 1; piece < automaton_.node_count(); ++piece) {
            if (automaton_.is_piece(piece) && ends_unknown(piece)) unknown_never_loses_ = false;
        }
    }
    bool ends_unknown(Node piece) const {
        RecentBytes bytes = 0;
        unsigned shift = 0;
        for (Node node = piece; node != UnigramAutomaton::kRoot && shift < 32;
             node = automaton_.parent(node), shift += 8) {
            bytes |= RecentBytes{automaton_.byte(node)} << shift;
        }
        std::size_t const size = last_character_size(bytes, automaton_.depth(piece));
        if (size == 0) return (bytes & 0xC0) == 0x80;  // may be the end of any
        if (size == automaton_.depth(piece)) return false;
        for (Node other = piece; other != UnigramAutomaton::kRoot;
             other = automaton_.shorter_piece(other)) {
            if (automaton_.depth(other) == size) return false;
        }
        return true;
    }

    // The candidates know nothing of unknown characters that the text ends in the middle of.
    bool can_use_candidates(Path const& path) const {
        if (!unknown_score_) return true;
        std::size_t const count = std::min<std::size_t>(path.remembered(), 3);
        for (std::size_t size = 1; size <= count; ++size) {
            auto const lead = static_cast<unsigned char>(path.recent() >> 8 * (size - 1));
            if (utf8_size(lead) > size) return false;
            if ((lead & 0xC0) != 0x80) break;
        }
        return true;
    }

    // How far a difference of two sums behind a token can be off, since they are rounded.
    double slack(double sum) const {
        double const additions = 2 * static_cast<double>(longest_) + 4;
        double const largest = std::abs(sum) + additions * largest_score_;
        return additions * largest * std::numeric_limits<Real>::epsilon();
    }

    // Of the tokens, without those of bytes.
    TokenSet find_tokens(Path& path) const {
        double const sum = path.sum(0);
        std::vector<UnigramCandidates::Start> starts;
        for (Node node = path.node(); node != UnigramAutomaton::kRoot;
             node = automaton_.suffix(node)) {
            double const ahead = path.sum(automaton_.depth(node)) - sum;
            if (!std::isnan(ahead)) starts.push_back({node, ahead});
        }
        auto [tokens, unclear] = candidates_.find(starts, slack(sum));
        for (std::uint32_t const place : unclear) {
            is_best(path, place) ? tokens.insert(place) : tokens.erase(place);
        }
        return std::move(tokens);
    }

    TokenSet search_all(Path& path) const {
        TokenSet tokens(vocabulary_.places());
        for (std::uint32_t place = 0; place < vocabulary_.places(); ++place) {
            if (byte_at(place) < 0 && is_best(path, place)) tokens.insert(place);
        }
        return tokens;
    }

    ByteVocabulary const& vocabulary_;
    UnigramAutomaton automaton_;
    std::optional<double> unknown_score_;
    std::optional<CharacterFallback> fallback_;
    UnigramCandidates candidates_;
    std::vector<std::uint32_t> fallback_starts_;  // places
    bool unknown_never_loses_ = true;
    double largest_score_ = 0;
    std::size_t longest_ = 0;
};

template <class Real>
std::unique_ptr<Canonicality const> make(ByteVocabulary const& vocabulary, UnigramParts parts,
                                         std::unique_ptr<BoundaryAutomaton const> boundaries) {
    TokenSet unfinished(vocabulary.places());
    for (std::uint32_t const place : parts.byte_places) unfinished.insert(place);
    auto within = std::make_unique<UnigramCanonicality<Real>>(vocabulary, std::move(parts));
    if (!boundaries) return within;
    return std::make_unique<PiecewiseCanonicality>(vocabulary, std::move(within),
                                                   std::move(unfinished), std::move(boundaries));
}

}  // namespace

std::unique_ptr<Canonicality const> make_unigram_canonicality(
    ByteVocabulary const& vocabulary, UnigramModel const& model,
    std::unique_ptr<BoundaryAutomaton const> boundaries) {
    if (model.scores.size() != vocabulary.id_count()) {
        fail("there are " + std::to_string(model.scores.size()) + " scores for " +
             std::to_string(vocabulary.id_count()) + " tokens");
    }
    UnigramParts parts(vocabulary, model);
    return model.single_precision
               ? make<float>(vocabulary, std::move(parts), std::move(boundaries))
               : make<double>(vocabulary, std::move(parts), std::move(boundaries));
}

}  // namespace tokmill::bytelm
