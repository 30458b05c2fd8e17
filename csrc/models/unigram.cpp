#include "models/unigram.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "core/error.h"
#include "core/inline.h"
#include "models/unigram_lattice.h"
#include "models/unigram_tables.h"
#include "models/unigram_viterbi.h"

namespace tokmill::stages {

// What a thread needs to cut a text.
struct UnigramScratch {
    struct Part {
        std::uint32_t begin, end;
        std::uint32_t id;  // kUnknown: no piece
    };

    std::vector<UnigramEnd> ends;
    std::vector<Part> parts;  // the last one first

    // Adds a part in front; unknown neighbours become one.
    void add(std::uint32_t begin, std::uint32_t end, std::uint32_t id) {
        if (id == UnigramTrie::kUnknown && !parts.empty() &&
            parts.back().id == UnigramTrie::kUnknown) {
            parts.back().begin = begin;
        } else {
            parts.push_back({begin, end, id});
        }
    }
};

namespace {

constexpr std::uint32_t kUnknown = UnigramTrie::kUnknown;
constexpr std::size_t kMaxSize = UnigramEnd::kNowhere - std::size_t{1};

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
    UnigramScratch& operator*() const noexcept { return *scratch_; }

 private:
    static UnigramScratch& of_thread() {
        thread_local UnigramScratch scratch;
        return scratch;
    }
    UnigramScratch* scratch_;
};

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

}  // namespace

Unigram::Unigram(std::vector<Piece> const& vocabulary, UnigramOptions options) : options_(options) {
    check_options(options_, vocabulary.size());
    if (vocabulary.size() >= kUnknown) {
        throw Error(ErrorKind::unsupported_tokenizer, "model Unigram with too many pieces");
    }
    tables_ = std::make_shared<UnigramTables const>(vocabulary);
}

Unigram::Unigram(std::shared_ptr<UnigramTables const> tables, UnigramOptions options)
    : tables_(std::move(tables)), options_(options) {
    check_options(options_, tables_->size());
}

std::shared_ptr<Unigram const> Unigram::with_options(UnigramOptions options) const {
    return std::shared_ptr<Unigram const>(new Unigram(tables_, options));
}

bool Unigram::is_unknown(std::uint32_t id) const noexcept {
    return id == kUnknown || id == options_.unk_id;
}

void Unigram::find_best(std::string_view text, UnigramScratch& scratch) const {
    scratch.ends.resize(text.size() + 1);
    std::uint32_t const whole =
        find_best_ends(*tables_, text, options_.unk_id.has_value(), scratch.ends);
    auto end = static_cast<std::uint32_t>(text.size());
    if (whole != kUnknown) {
        scratch.add(0, end, is_unknown(whole) ? kUnknown : whole);
        return;
    }
    while (end > 0) {
        UnigramEnd const& best = scratch.ends[end];
        scratch.add(best.start, end, is_unknown(best.piece) ? kUnknown : best.piece);
        end = best.start;
    }
}

void Unigram::sample(std::string_view text, UnigramScratch& scratch) const {
    std::vector<LatticePart> const path =
        sample_path(text, *tables_, options_.unk_id, *options_.alpha, options_.nbest_size);
    if (!path.empty() && !options_.unk_id) {
        throw Error(ErrorKind::invalid_input,
                    "Encountered an unknown token but `unk_id` is missing");
    }
    for (auto part = path.rbegin(); part != path.rend(); ++part) {
        auto const id = static_cast<std::uint32_t>(part->id);
        scratch.add(part->begin, part->end, is_unknown(id) ? kUnknown : id);
    }
}

void Unigram::cut(std::string_view text, UnigramScratch& scratch) const {
    scratch.parts.clear();
    if (text.empty()) return;
    if (text.size() > kMaxSize) {
        throw Error(ErrorKind::invalid_input, "a piece of text is too long for the model");
    }
    samples() ? sample(text, scratch) : find_best(text, scratch);
}

bool Unigram::add_short(std::string_view text, std::vector<std::uint32_t>& ids) const {
    constexpr std::size_t kShort = 128;
    if (text.size() > kShort || text.empty() || samples()) return false;
    UnigramEnd ends[kShort + 1];
    std::uint32_t const whole = find_best_ends(*tables_, text, options_.unk_id.has_value(),
                                               std::span(ends, text.size() + 1));
    if (whole != kUnknown) {
        ids.push_back(whole);
        return true;
    }
    std::size_t const before = ids.size();
    for (std::size_t end = text.size(); end > 0; end = ends[end].start) {
        if (is_unknown(ends[end].piece)) {
            ids.resize(before);
            return false;
        }
        ids.push_back(ends[end].piece);
    }
    std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
    return true;
}

template <class Emit>
TOKMILL_INLINE void Unigram::emit_tokens(std::string_view text, UnigramScratch const& scratch,
                                         Emit const& emit) const {
    for (auto part = scratch.parts.rbegin(); part != scratch.parts.rend(); ++part) {
        if (part->id != kUnknown) {
            emit(part->id, part->begin, part->end, false);
            continue;
        }
        // Neighbours that are unknown each may be a piece together.
        std::string_view const unknown = text.substr(part->begin, part->end - part->begin);
        std::uint32_t const id = tables_->find(unknown);
        if (id != UnigramTables::kMissing) {
            emit(id, part->begin, part->end, false);
            continue;
        }
        auto const has_token = [&](char c) {
            return tables_->byte(static_cast<unsigned char>(c)) != UnigramTables::kMissing;
        };
        if (options_.byte_fallback && std::all_of(unknown.begin(), unknown.end(), has_token)) {
            for (char const c : unknown) {
                emit(tables_->byte(static_cast<unsigned char>(c)), part->begin, part->end, true);
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
                        is_byte ? tables_->text(id) : piece.substr(begin, end - begin);
                    tokens.push_back({id, std::string(value), {begin, end}});
                });
}

void Unigram::tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const {
    if (add_short(piece, ids)) return;
    ScratchUse const use;
    cut(piece, *use);
    emit_tokens(piece, *use,
                [&](std::uint32_t id, std::size_t, std::size_t, bool) { ids.push_back(id); });
}

std::optional<std::uint32_t> Unigram::token_to_id(std::string_view token) const {
    std::uint32_t const id = tables_->find(token);
    if (id == UnigramTables::kMissing) return std::nullopt;
    return id;
}

std::optional<std::string_view> Unigram::id_to_token(std::uint32_t id) const {
    if (id >= tables_->size()) return std::nullopt;
    return tables_->text(id);
}

std::size_t Unigram::vocab_size() const {
    return tables_->size();
}

std::vector<std::pair<std::string_view, std::uint32_t>> Unigram::vocabulary() const {
    std::vector<std::pair<std::string_view, std::uint32_t>> result;
    result.reserve(tables_->size());
    for (std::uint32_t id = 0; id < tables_->size(); ++id) {
        std::string_view const text = tables_->text(id);
        if (tables_->find(text) == id) result.emplace_back(text, id);
    }
    return result;
}

std::size_t Unigram::size() const noexcept {
    return tables_->size();
}

Unigram::Piece Unigram::piece(std::size_t id) const noexcept {
    return {tables_->text(id), tables_->score(id)};
}

}  // namespace tokmill::stages
