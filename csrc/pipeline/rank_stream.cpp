// The stream is a sequence of numbers, seven bits a byte, low ones first: how many tokens, how many
// bytes they have together, then one step after the other (docs/snapshot.md).
#include "pipeline/rank_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "formats/bpe_text.h"
#include "pipeline/snapshot_file.h"

namespace tokmill {
namespace {

constexpr std::uint32_t kBytes = 256;  // the first symbols are the bytes
constexpr std::size_t kPadding = 64;   // of TokenTable::pool

// The steps.
constexpr std::uint32_t kLiteral = 0;  // size and bytes of a token that is no pair
constexpr std::uint32_t kSkip = 1;     // a number of ids that the vocabulary does not use
constexpr std::uint32_t kPair = 2;     // + left symbol, then the right one

// A few bytes can double a token again and again.
constexpr std::uint32_t kMaxPool = 1u << 26;

void put(std::string& out, std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

// Whisper's ranks give an id to the empty token, which no text contains.
bool only_empty(std::vector<std::pair<std::string, std::uint32_t>> const& tokens) {
    return std::all_of(tokens.begin(), tokens.end(),
                       [](auto const& token) { return token.first.empty(); });
}

class Writer {
 public:
    Writer(Definition const& definition, BpeTables const& tables)
        : definition_(definition),
          symbols_(tables.external.size()),
          symbol_of_(id_bound(definition), kNoId) {
        for (std::uint32_t symbol = 0; symbol < symbols_.size(); ++symbol) {
            if (tables.external[symbol] != kNoId) symbol_of_[tables.external[symbol]] = symbol;
        }
        for (std::uint64_t const slot : tables.pairs.slots()) {
            if (slot == PairTable::kFreeSlot) continue;
            PairTable::Entry const pair = PairTable::unpack(slot);
            symbols_[pair.priority] = {pair.left, pair.right};
        }
    }

    std::string run() {
        auto const& vocabulary = definition_.model.vocabulary;
        std::size_t bytes = 0;
        for (auto const& [text, id] : vocabulary) bytes += text.size();
        if (bytes > kMaxPool) refuse("is too large");
        put(out_, static_cast<std::uint32_t>(vocabulary.size()));
        put(out_, static_cast<std::uint32_t>(bytes));
        std::uint32_t next_id = 0;
        for (auto const& [text, id] : vocabulary) {
            if (id != next_id) {
                put(out_, kSkip);
                put(out_, id - next_id);
            }
            next_id = id + 1;
            if (symbol_of_[id] < kBytes || symbol_of_[id] == kNoId) {
                literal(text);
            } else {
                pair(symbol_of_[id]);
            }
        }
        return std::move(out_);
    }

 private:
    struct Parts {
        std::uint32_t left = kNoId, right = kNoId;
    };

    [[noreturn]] static void refuse(char const* reason) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    std::string("compact snapshot: the vocabulary ") + reason);
    }

    static std::size_t id_bound(Definition const& definition) {
        if (definition.model.order != MergeOrder::token_rank) refuse("has no ranks");
        if (!only_empty(definition.model.unreachable)) refuse("has tokens that are no bytes");
        auto const& vocabulary = definition.model.vocabulary;
        return vocabulary.empty() ? 0 : std::size_t{vocabulary.back().second} + 1;
    }

    void literal(std::string const& text) {
        put(out_, kLiteral);
        put(out_, static_cast<std::uint32_t>(text.size()));
        out_ += text;
    }

    // Symbols are numbered in the order of their ids, as the reader will number them again.
    void pair(std::uint32_t symbol) {
        Parts const parts = symbols_[symbol];
        if (symbol != next_symbol_++ || parts.left >= symbol || parts.right >= symbol) {
            refuse("has a token that is made of later ones");
        }
        put(out_, kPair + parts.left);
        put(out_, parts.right);
    }

    Definition const& definition_;
    std::vector<Parts> symbols_;
    std::vector<std::uint32_t> symbol_of_;  // by id
    std::uint32_t next_symbol_ = kBytes;
    std::string out_;
};

// A token that is not in the vocabulary.
struct ExtraToken {
    std::uint32_t id;
    std::string_view text;
    std::uint8_t flags;
};

// By rising id; of several added ones with one id only the first, which is what it decodes to.
std::vector<ExtraToken> extra_tokens(Definition const& head) {
    std::vector<ExtraToken> extra;
    for (auto const& [text, id] : head.model.unreachable) {
        extra.push_back({id, text, TokenTable::present});
    }
    for (AddedToken const& token : head.added_tokens) {
        int const flags =
            TokenTable::present | TokenTable::added | (token.special ? TokenTable::special : 0);
        extra.push_back({token.id, token.content, static_cast<std::uint8_t>(flags)});
    }
    std::stable_sort(extra.begin(), extra.end(),
                     [](ExtraToken const& a, ExtraToken const& b) { return a.id < b.id; });
    std::vector<ExtraToken> unique;
    for (ExtraToken const& token : extra) {
        if (unique.empty() || unique.back().id != token.id) {
            unique.push_back(token);
        } else if (!(unique.back().flags & TokenTable::added)) {
            unique.back() = token;
        }
    }
    return unique;
}

class Reader {
 public:
    Reader(std::string_view data, std::size_t position, std::vector<ExtraToken> extra,
           bool all_are_words)
        : data_(data),
          position_(position),
          extra_(std::move(extra)),
          all_are_words_(all_are_words),
          symbols_(kBytes) {
        std::uint32_t const count = integer();
        std::uint32_t const bytes = integer();
        if (count > data_.size() || bytes > kMaxPool) fail("sizes out of range");
        tokens_left_ = count;
        std::size_t extra_bytes = 0;
        for (ExtraToken const& token : extra_) extra_bytes += token.text.size();
        if (extra_bytes > kMaxPool) fail("sizes out of range");
        pool_end_ = static_cast<std::uint32_t>(bytes + extra_bytes);
        TokenTable& tokens = result_.tokens;
        tokens.pool.resize(pool_end_ + kPadding);
        tokens.offset.reserve(count + extra_.size() + 1);
        tokens.flags.reserve(count + extra_.size());
        symbols_.reserve(count + kBytes);
        result_.parts.external.assign(kBytes, kNoId);
        result_.parts.external.reserve(count + kBytes);
        result_.parts.pairs.reserve(count);
        result_.parts.words.reserve(count);
    }

    RankTokens run() {
        std::vector<Step> steps;
        while (at_ < data_.size()) {
            read_steps(steps);
            for (Step const& step : steps) perform(step);
        }
        place_extra(kIdLimit);
        if (tokens_left_ != 0 || used_ != pool_end_) fail("sizes that do not fit the tokens");
        if (bytes_seen_ != kBytes) fail("a byte without a token");
        result_.tokens.offset.push_back(used_);
        std::memset(result_.tokens.pool.data() + used_, 0, kPadding);
        return std::move(result_);
    }

 private:
    struct Piece {
        std::uint32_t begin = 0, size = 0;  // in the pool; size 0: a byte that has no token yet
    };
    struct Step {
        std::uint32_t code;
        std::uint32_t value;  // right symbol, size of the literal, or number of ids
        std::size_t end;      // in the data, behind the step
    };

    [[noreturn]] void fail(char const* reason) const {
        fail_snapshot(std::string("ranks: ") + reason, position_ + at_);
    }

    // The parts of a token are anywhere in a megabyte. Steps are read in advance to have the cache
    // misses of many tokens under way at once.
    void read_steps(std::vector<Step>& steps) {
        constexpr std::size_t kSteps = 64;
        steps.clear();
        while (at_ < data_.size() && steps.size() < kSteps) {
            std::uint32_t const code = integer();
            std::uint32_t const value = integer();
            if (code == kLiteral) {
                if (value == 0 || value > data_.size() - at_) fail("a literal of a wrong size");
                at_ += value;
            } else if (code >= kPair) {
                prefetch_symbol(code - kPair);
                prefetch_symbol(value);
            }
            steps.push_back({code, value, at_});
        }
        for (Step const& step : steps) {
            if (step.code < kPair) continue;
            prefetch_bytes(step.code - kPair);
            prefetch_bytes(step.value);
        }
    }

    void prefetch_symbol(std::uint32_t symbol) const noexcept {
        if (symbol < symbols_.size()) __builtin_prefetch(&symbols_[symbol]);
    }
    void prefetch_bytes(std::uint32_t symbol) const noexcept {
        if (symbol >= symbols_.size()) return;
        __builtin_prefetch(result_.tokens.pool.data() + symbols_[symbol].begin);
    }

    void perform(Step const& step) {
        if (step.code >= kPair) {
            pair(step.code - kPair, step.value);
        } else if (step.code == kLiteral) {
            literal(data_.substr(step.end - step.value, step.value));
        } else {
            skip(step.value);
        }
    }

    std::uint32_t integer() {
        std::uint32_t value = 0;
        for (unsigned shift = 0; shift < 32 && at_ < data_.size(); shift += 7) {
            auto const byte = static_cast<unsigned char>(data_[at_++]);
            if (shift == 28 && byte > 0xF) break;
            value |= std::uint32_t{byte & 0x7Fu} << shift;
            if (byte < 0x80) return value;
        }
        fail("malformed number");
    }

    std::uint32_t next_id() const noexcept {
        return static_cast<std::uint32_t>(result_.tokens.flags.size());
    }

    // Appends a token to the table; returns where to put its bytes.
    char* add_token(std::size_t size, std::uint8_t flags) {
        if (size > pool_end_ - used_ || next_id() >= kIdLimit) fail("too many tokens");
        char* const bytes = result_.tokens.pool.data() + used_;
        result_.tokens.offset.push_back(used_);
        result_.tokens.flags.push_back(flags);
        used_ += static_cast<std::uint32_t>(size);
        return bytes;
    }

    char* add_vocabulary_token(std::size_t size) {
        if (next_extra_ < extra_.size() && extra_[next_extra_].id == next_id()) {
            fail("an id used twice");
        }
        if (tokens_left_-- == 0) fail("too many tokens");
        return add_token(size, TokenTable::present);
    }

    void pair(std::uint32_t left, std::uint32_t right) {
        if (left >= symbols_.size() || right >= symbols_.size()) fail("an unknown part");
        Piece const a = symbols_[left];
        Piece const b = symbols_[right];
        if (a.size == 0 || b.size == 0) fail("an unknown part");
        std::uint32_t const id = next_id();
        std::uint32_t const begin = used_;
        char* const bytes = add_vocabulary_token(std::size_t{a.size} + b.size);
        copy(bytes, a);
        copy(bytes + a.size, b);
        auto const symbol = static_cast<std::uint32_t>(symbols_.size());
        symbols_.push_back({begin, a.size + b.size});
        result_.parts.external.push_back(id);
        result_.parts.pairs.push_back({left, right, symbol});
        result_.parts.words.emplace_back(std::string_view(bytes, a.size + b.size), id);
    }

    // Up to 16 bytes at once: what is too much lies in the padding, or is overwritten.
    void copy(char* to, Piece piece) const {
        char const* const from = result_.tokens.pool.data() + piece.begin;
        if (piece.size <= 16) {
            std::memmove(to, from, 16);
        } else {
            std::memcpy(to, from, piece.size);
        }
    }

    void literal(std::string_view text) {
        std::size_t const size = text.size();
        std::uint32_t const id = next_id();
        std::uint32_t const begin = used_;
        char* const bytes = add_vocabulary_token(size);
        text.copy(bytes, size);
        if (size == 1) {
            auto const byte = static_cast<unsigned char>(text[0]);
            if (symbols_[byte].size != 0) fail("a byte that has two tokens");
            symbols_[byte] = {begin, 1};
            result_.parts.external[byte] = id;
            ++bytes_seen_;
        }
        if (size == 1 || all_are_words_) {
            result_.parts.words.emplace_back(std::string_view(bytes, size), id);
        }
    }

    void skip(std::uint32_t count) {
        if (count > kIdLimit - next_id()) fail("an id out of range");
        std::uint32_t const end = next_id() + count;
        place_extra(end);
        while (next_id() < end) add_token(0, 0);
    }

    // The extra tokens below `end`, and holes between them.
    void place_extra(std::uint32_t end) {
        for (; next_extra_ < extra_.size() && extra_[next_extra_].id < end; ++next_extra_) {
            ExtraToken const& token = extra_[next_extra_];
            if (token.id < next_id()) fail("an id used twice");
            while (next_id() < token.id) add_token(0, 0);
            token.text.copy(add_token(token.text.size(), token.flags), token.text.size());
        }
    }

    std::string_view data_;
    std::size_t position_;
    std::size_t at_ = 0;
    std::vector<ExtraToken> extra_;
    bool all_are_words_;
    std::size_t next_extra_ = 0;
    std::size_t tokens_left_ = 0;
    std::uint32_t pool_end_ = 0;  // without the padding
    std::uint32_t used_ = 0;
    std::uint32_t bytes_seen_ = 0;
    LargeVector<Piece> symbols_;
    RankTokens result_;
};

}  // namespace

std::string write_rank_stream(Definition const& definition, BpeTables const& tables) {
    return Writer(definition, tables).run();
}

RankTokens read_rank_stream(std::string_view data, std::size_t position, Definition const& head) {
    if (head.model.order != MergeOrder::token_rank || !only_empty(head.model.unreachable)) {
        fail_snapshot("ranks: the head is of another kind of vocabulary", position);
    }
    return Reader(data, position, extra_tokens(head), head.model.ignore_merges).run();
}

std::vector<std::pair<std::string, std::uint32_t>> read_rank_vocabulary(std::string_view data,
                                                                        std::size_t position) {
    TokenTable const tokens = Reader(data, position, {}, true).run().tokens;
    std::vector<std::pair<std::string, std::uint32_t>> vocabulary;
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (tokens.has(id)) vocabulary.emplace_back(tokens.bytes(id), id);
    }
    return vocabulary;
}

}  // namespace tokmill
