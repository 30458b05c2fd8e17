#include "models/general_bpe.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <random>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "models/general_bpe_tables.h"

namespace tokmill::stages {

namespace {

constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;
constexpr std::uint32_t kNone = 0xFFFFFFFFu;

struct Symbol {
    std::uint32_t symbol;
    std::uint32_t previous, next;  // kNone at the ends
    std::uint32_t size;            // in bytes of the piece; 0 once merged into the one before
};

// A merge that is possible: rank above position, so that the smallest comes first.
using Candidate = std::uint64_t;

Candidate candidate(std::uint32_t rank, std::uint32_t position) noexcept {
    return std::uint64_t{rank} << 32 | position;
}

// A number from 0 to 1, without 1.
float random_fraction() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return static_cast<float>(generator() >> 8) * 0x1p-24f;
}

}  // namespace

struct BpeScratch {
    std::vector<Symbol> symbols;
    std::vector<Candidate> queue;
    std::vector<Candidate> put_off;
    std::string spelled;

    void add(std::uint32_t symbol, std::size_t size) {
        auto const position = static_cast<std::uint32_t>(symbols.size());
        if (position != 0) symbols.back().next = position;
        symbols.push_back({symbol, position == 0 ? kNone : position - 1, kNone,
                           static_cast<std::uint32_t>(size)});
    }
    void push(Candidate candidate) {
        queue.push_back(candidate);
        std::push_heap(queue.begin(), queue.end(), std::greater<>());
    }
    Candidate pop() {
        std::pop_heap(queue.begin(), queue.end(), std::greater<>());
        Candidate const top = queue.back();
        queue.pop_back();
        return top;
    }
};

namespace {

// The scratch of this thread; what one huge piece needed is not kept for ever.
class ScratchUse {
 public:
    ScratchUse() : scratch_(&of_thread()) {}
    ~ScratchUse() {
        constexpr std::size_t kKept = 1u << 16;
        if (scratch_->symbols.capacity() > kKept) *scratch_ = {};
    }
    ScratchUse(ScratchUse const&) = delete;
    ScratchUse& operator=(ScratchUse const&) = delete;
    BpeScratch& operator*() const noexcept { return *scratch_; }

 private:
    static BpeScratch& of_thread() {
        thread_local BpeScratch scratch;
        return scratch;
    }
    BpeScratch* scratch_;
};

void push_pair(GeneralBpeTables const& tables, BpeScratch& scratch, std::uint32_t left,
               std::uint32_t right) {
    std::uint32_t const rank =
        tables.rank(scratch.symbols[left].symbol, scratch.symbols[right].symbol);
    if (rank != kNoMerge) scratch.push(candidate(rank, left));
}

// Whether the candidate is still possible. As in tokenizers, another pair in its place will do if
// it becomes the same token.
bool is_current(GeneralBpeTables const& tables, std::vector<Symbol> const& symbols,
                std::uint32_t position, std::uint32_t result) {
    Symbol const& left = symbols[position];
    if (left.size == 0 || left.next == kNone) return false;
    std::uint32_t const rank = tables.rank(left.symbol, symbols[left.next].symbol);
    return rank != kNoMerge && tables.result(rank) == result;
}

void merge_with_next(std::vector<Symbol>& symbols, std::uint32_t position, std::uint32_t result) {
    Symbol& left = symbols[position];
    Symbol& right = symbols[left.next];
    left.symbol = result;
    left.size += right.size;
    left.next = right.next;
    right.size = 0;
    if (left.next != kNone) symbols[left.next].previous = position;
}

void merge_all(GeneralBpeTables const& tables, std::optional<float> dropout, BpeScratch& scratch) {
    std::vector<Symbol>& symbols = scratch.symbols;
    std::vector<Candidate>& queue = scratch.queue;
    queue.clear();
    scratch.put_off.clear();
    for (std::uint32_t i = 1; i < symbols.size(); ++i) {
        std::uint32_t const rank = tables.rank(symbols[i - 1].symbol, symbols[i].symbol);
        if (rank != kNoMerge) queue.push_back(candidate(rank, i - 1));
    }
    std::make_heap(queue.begin(), queue.end(), std::greater<>());
    while (!queue.empty()) {
        Candidate const top = scratch.pop();
        if (dropout && random_fraction() < *dropout) {
            scratch.put_off.push_back(top);
            continue;
        }
        for (Candidate const again : scratch.put_off) scratch.push(again);
        scratch.put_off.clear();
        auto const position = static_cast<std::uint32_t>(top);
        std::uint32_t const result = tables.result(static_cast<std::uint32_t>(top >> 32));
        if (!is_current(tables, symbols, position, result)) continue;
        merge_with_next(symbols, position, result);
        Symbol const merged = symbols[position];
        if (merged.previous != kNone) push_pair(tables, scratch, merged.previous, position);
        if (merged.next != kNone) push_pair(tables, scratch, position, merged.next);
    }
}

// As many symbols as are merged by looking for the best pair again and again, which is quicker for
// few of them than a queue.
constexpr std::size_t kFew = 32;

// The same for a few symbols, without dropout. That another pair may take a candidate's place (see
// is_current) needs two pairs of symbols that begin at one place and have one text together, which
// there are only where the prefix of a right part is not in the text of the result.
void merge_few(GeneralBpeTables const& tables, std::vector<Symbol>& symbols) {
    std::uint32_t ranks[kFew];  // of each symbol with the next one
    std::size_t count = symbols.size();
    auto const rank_at = [&](std::size_t i) {
        return i + 1 < count ? tables.rank(symbols[i].symbol, symbols[i + 1].symbol) : kNoMerge;
    };
    for (std::size_t i = 0; i < count; ++i) ranks[i] = rank_at(i);
    while (count > 1) {
        std::size_t const best =
            static_cast<std::size_t>(std::min_element(ranks, ranks + count) - ranks);
        if (ranks[best] == kNoMerge) break;
        symbols[best].symbol = tables.result(ranks[best]);
        symbols[best].size += symbols[best + 1].size;
        for (std::size_t i = best + 1; i + 1 < count; ++i) {
            symbols[i] = symbols[i + 1];
            ranks[i] = ranks[i + 1];
        }
        --count;
        ranks[best] = rank_at(best);
        if (best > 0) ranks[best - 1] = rank_at(best - 1);
    }
    symbols.resize(count);
}

void check_options(BpeOptions const& options) {
    if (options.dropout && !(*options.dropout >= 0 && *options.dropout <= 1)) {
        throw Error(ErrorKind::invalid_tokenizer, "Dropout should be between 0 and 1, inclusive");
    }
}

std::size_t size_of(std::optional<std::string> const& text) {
    return text ? text->size() : 0;
}

}  // namespace

GeneralBpe::GeneralBpe(std::vector<TokenVocabulary::Item> vocabulary,
                       std::span<MergeText const> merges, BpeOptions options)
    : options_(std::move(options)) {
    check_options(options_);
    tables_ = std::make_shared<GeneralBpeTables const>(std::move(vocabulary), merges,
                                                       size_of(options_.continuing_subword_prefix));
    look_at_options();
}

GeneralBpe::GeneralBpe(std::shared_ptr<GeneralBpeTables const> tables, BpeOptions options)
    : tables_(std::move(tables)), options_(std::move(options)) {
    look_at_options();
}

void GeneralBpe::look_at_options() {
    if (options_.unk_token) unk_ = tables_->symbol(*options_.unk_token);
    merges_plainly_ = !has_dropout() && tables_->joins_texts() &&
                      size_of(options_.continuing_subword_prefix) == 0 &&
                      size_of(options_.end_of_word_suffix) == 0;
}

std::shared_ptr<GeneralBpe const> GeneralBpe::with_options(BpeOptions options) const {
    return std::shared_ptr<GeneralBpe const>(new GeneralBpe(tables_, std::move(options)));
}

// The symbol a character starts as; `spelled` is how the vocabulary would have it.
std::uint32_t GeneralBpe::character(std::string_view text, bool is_first, bool is_last,
                                    BpeScratch& scratch, std::string_view& spelled) const {
    bool const has_prefix = !is_first && options_.continuing_subword_prefix;
    bool const has_suffix = is_last && options_.end_of_word_suffix;
    spelled = text;
    if (!has_prefix && !has_suffix) {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        return tables_->character(decode_char(bytes).code_point);
    }
    scratch.spelled.clear();
    if (has_prefix) scratch.spelled += *options_.continuing_subword_prefix;
    scratch.spelled += text;
    if (has_suffix) scratch.spelled += *options_.end_of_word_suffix;
    spelled = scratch.spelled;
    return tables_->symbol(spelled);
}

// A symbol for each byte, if all of them have one. Those of a prefix or suffix count as bytes of
// the piece, too, since they do in tokenizers.
bool GeneralBpe::add_bytes(std::string_view spelled, BpeScratch& scratch) const {
    for (char const c : spelled) {
        if (tables_->byte(static_cast<unsigned char>(c)) == kMissing) return false;
    }
    for (char const c : spelled) scratch.add(tables_->byte(static_cast<unsigned char>(c)), 1);
    return true;
}

void GeneralBpe::add_characters(std::string_view piece, BpeScratch& scratch) const {
    std::size_t unknown = 0;  // bytes that wait to become an unk_token
    for (std::size_t at = 0; at < piece.size();) {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(piece.data()) + at;
        std::size_t const size = decode_char(bytes).size;
        bool const is_last = at + size == piece.size();
        std::string_view spelled;
        std::uint32_t const symbol =
            character(piece.substr(at, size), at == 0, is_last, scratch, spelled);
        at += size;
        if (symbol != kMissing) {
            if (unknown != 0) scratch.add(unk_, unknown);
            unknown = 0;
            scratch.add(symbol, size);
            continue;
        }
        // Bytes overtake an unk_token that waits, which is what tokenizers does.
        if (options_.byte_fallback && add_bytes(spelled, scratch)) continue;
        if (!options_.unk_token) continue;
        if (unk_ == kMissing) {
            throw Error(ErrorKind::invalid_input,
                        "Unk token `" + *options_.unk_token + "` not found in the vocabulary");
        }
        if (unknown != 0 && !options_.fuse_unk) {
            scratch.add(unk_, unknown);
            unknown = 0;
        }
        unknown += size;
    }
    if (unknown != 0) scratch.add(unk_, unknown);
}

void GeneralBpe::merge_piece(std::string_view piece, BpeScratch& scratch) const {
    scratch.symbols.clear();
    // A byte fallback makes several symbols of a character with a prefix and a suffix.
    std::size_t const longest =
        4 + size_of(options_.continuing_subword_prefix) + size_of(options_.end_of_word_suffix);
    if (piece.size() >= kNone / longest) {
        throw Error(ErrorKind::invalid_input, "a piece of text is too long for the model");
    }
    add_characters(piece, scratch);
    if (scratch.symbols.size() <= kFew && !has_dropout() && !options_.continuing_subword_prefix) {
        merge_few(*tables_, scratch.symbols);
    } else {
        merge_all(*tables_, has_dropout() ? options_.dropout : std::nullopt, scratch);
    }
}

std::uint32_t GeneralBpe::whole(std::string_view piece) const noexcept {
    if (!options_.ignore_merges || has_dropout()) return kMissing;
    return tables_->vocabulary().index().find(piece);
}

void GeneralBpe::tokenize(std::string_view piece, std::vector<Token>& tokens) const {
    if (piece.empty()) return;
    TokenVocabulary const& vocabulary = tables_->vocabulary();
    std::uint32_t const entry = whole(piece);
    if (entry != kMissing) {
        tokens.push_back({vocabulary.id(entry), std::string(piece), {0, piece.size()}});
        return;
    }
    ScratchUse const use;
    BpeScratch& scratch = *use;
    merge_piece(piece, scratch);
    std::size_t at = 0;
    for (Symbol const& symbol : scratch.symbols) {
        if (symbol.size == 0) continue;
        std::size_t const end = at + symbol.size;
        tokens.push_back(
            {vocabulary.id(symbol.symbol), std::string(vocabulary.text(symbol.symbol)), {at, end}});
        at = end;
    }
}

void GeneralBpe::tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const {
    if (piece.empty()) return;
    TokenVocabulary const& vocabulary = tables_->vocabulary();
    std::uint32_t const entry = whole(piece);
    if (entry != kMissing) {
        ids.push_back(vocabulary.id(entry));
        return;
    }
    if (add_short(piece, ids)) return;
    ScratchUse const use;
    BpeScratch& scratch = *use;
    merge_piece(piece, scratch);
    for (Symbol const& symbol : scratch.symbols) {
        if (symbol.size != 0) ids.push_back(vocabulary.id(symbol.symbol));
    }
}

std::optional<std::uint32_t> GeneralBpe::token_to_id(std::string_view token) const {
    return tables_->vocabulary().token_to_id(token);
}

std::optional<std::string_view> GeneralBpe::id_to_token(std::uint32_t id) const {
    return tables_->vocabulary().id_to_token(id);
}

std::size_t GeneralBpe::vocab_size() const {
    return tables_->vocabulary().size();
}

std::vector<std::pair<std::string_view, std::uint32_t>> GeneralBpe::vocabulary() const {
    return tables_->vocabulary().items();
}

std::vector<std::string_view> GeneralBpe::joined_texts() const {
    TokenVocabulary const& vocabulary = tables_->vocabulary();
    std::vector<bool> seen(vocabulary.size());
    std::vector<std::string_view> texts;
    for (GeneralBpeTables::Merge const& merge : tables_->merges()) {
        if (seen[merge.result]) continue;
        seen[merge.result] = true;
        texts.push_back(vocabulary.text(merge.result));
    }
    return texts;
}

bool GeneralBpe::merges_own_texts() const noexcept {
    return !tables_->bytes_merge() && (unk_ == kMissing || !tables_->merges_with_some(unk_));
}

std::vector<GeneralBpe::MergeText> GeneralBpe::merges() const {
    TokenVocabulary const& vocabulary = tables_->vocabulary();
    std::vector<GeneralBpeTables::Merge> const& merges = tables_->merges();
    std::vector<MergeText> result;
    result.reserve(merges.size());
    for (std::uint32_t rank = 0; rank < merges.size(); ++rank) {
        GeneralBpeTables::Merge const& merge = merges[rank];
        if (tables_->rank(merge.left, merge.right) != rank) continue;  // a later one counts
        result.emplace_back(vocabulary.text(merge.left), vocabulary.text(merge.right));
    }
    return result;
}

}  // namespace tokmill::stages
