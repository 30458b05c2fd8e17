// Matching of added tokens. A vector search finds the places where the first two bytes fit, a trie
// tells which token is the longest there. Vocabularies can be made for which that is slow (a long
// token that nearly matches at every place); when a text turns out to be such a case, the search
// goes on with an automaton that never looks at a byte twice.
#include "pipeline/added_tokens.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/lazy.h"
#include "pipeline/token_starts.h"
#include "pipeline/token_trie.h"
#include "simd/byte_search.h"
#include "unicode/properties.h"

namespace tokmill {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

// Eight bytes as a number that sorts as the string does.
std::uint64_t sort_key(std::string_view s) {
    std::uint64_t key = 0;
    std::memcpy(&key, s.data(), std::min(s.size(), sizeof key));
    if constexpr (std::endian::native == std::endian::little) key = __builtin_bswap64(key);
    return key;
}

// Sorts the tokens by content, and their numbers with them.
void sort_by_content(std::vector<AddedToken>& tokens, std::vector<std::uint32_t>& numbers) {
    struct Key {
        std::uint64_t prefix;
        std::uint32_t index;
    };
    std::vector<Key> keys(tokens.size());
    for (std::uint32_t i = 0; i < keys.size(); ++i) keys[i] = {sort_key(tokens[i].content), i};
    std::sort(keys.begin(), keys.end(), [&](Key const& a, Key const& b) {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        return tokens[a.index].content < tokens[b.index].content;
    });
    std::vector<AddedToken> sorted;
    sorted.reserve(tokens.size());
    std::vector<std::uint32_t> sorted_numbers;
    sorted_numbers.reserve(tokens.size());
    for (Key const& key : keys) {
        sorted.push_back(std::move(tokens[key.index]));
        sorted_numbers.push_back(numbers[key.index]);
    }
    tokens.swap(sorted);
    numbers.swap(sorted_numbers);
}

void check_contents(std::vector<AddedToken> const& sorted) {
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (sorted[i].content.empty()) {
            throw Error(
                ErrorKind::unsupported_tokenizer,
                "the added token with id " + std::to_string(sorted[i].id) + " is the empty string");
        }
        if (i != 0 && sorted[i].content == sorted[i - 1].content) {
            throw Error(ErrorKind::unsupported_tokenizer,
                        "the added tokens with ids " + std::to_string(sorted[i - 1].id) + " and " +
                            std::to_string(sorted[i].id) + " match the same text \"" +
                            sorted[i].content + "\"");
        }
    }
}

struct CodePoint {
    std::uint32_t value;
    std::size_t size;
};

// The character at the beginning of `text`, or nothing if there is none that is complete.
std::optional<CodePoint> first_character(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint8_t const lead = byte_at(text, 0);
    if (lead < 0x80) return CodePoint{lead, 1};
    auto const size = static_cast<std::size_t>(std::countl_one(lead));
    if (size < 2 || size > 4 || size > text.size()) return std::nullopt;
    std::uint32_t value = lead & (0x7Fu >> size);
    for (std::size_t k = 1; k < size; ++k) {
        if ((byte_at(text, k) & 0xC0) != 0x80) return std::nullopt;
        value = value << 6 | (byte_at(text, k) & 0x3Fu);
    }
    if (value > 0x10FFFF) return std::nullopt;
    return CodePoint{value, size};
}

// The character at the end of `text`, likewise.
std::optional<CodePoint> last_character(std::string_view text) {
    std::size_t begin = text.size();
    for (std::size_t back = 1; back <= 4 && begin > 0; ++back) {
        --begin;
        if ((byte_at(text, begin) & 0xC0) != 0x80) break;
    }
    auto const found = first_character(text.substr(begin));
    return found && found->size == text.size() - begin ? found : std::nullopt;
}

bool is_word(std::optional<CodePoint> c) {
    return c && unicode::is_rust_word(c->value);
}
bool is_space(std::optional<CodePoint> c) {
    return c && unicode::is_white_space(c->value);
}

bool touches_word(std::string_view text, Span span) {
    return is_word(last_character(text.substr(0, span.begin))) ||
           is_word(first_character(text.substr(span.end)));
}

[[noreturn]] void throw_overtaken(std::size_t position) {
    throw Error(ErrorKind::invalid_input,
                "the added token at byte " + std::to_string(position) +
                    " lies within white space that the token before it has stripped, and strips "
                    "white space itself: tokenizers fails on such text",
                position);
}

}  // namespace

// What is searched, immutable but for the automaton, which is made when it is first needed.
struct AddedTokenMatcher::Index {
    // What the search needs to know about a token besides its content; same order as the trie.
    struct Entry {
        std::uint32_t id;
        std::uint32_t number;
        bool special, lstrip, rstrip, single_word;

        bool refused_by(Filter const& filter) const {
            return special && filter.special_as_text &&
                   !std::binary_search(filter.allowed_special.begin(), filter.allowed_special.end(),
                                       number);
        }
    };

    Index(std::vector<AddedToken> const& sorted, std::vector<std::uint32_t> const& numbers);

    bool may_begin_at(std::string_view text, std::size_t i) const {
        if (i + 1 == text.size()) return single_bytes[byte_at(text, i)];
        std::uint32_t const pair = byte_at(text, i) << 8 | byte_at(text, i + 1);
        return (pairs[pair / 64] >> (pair % 64) & 1) != 0;
    }

    // The first place at or behind `from` where a token may begin, judging by two bytes; the length
    // of the text if there is none.
    std::size_t candidate(std::string_view text, std::size_t from) const {
        std::size_t i = search->find(text, from);
        while (i < text.size() && !may_begin_at(text, i)) i = search->find(text, i + 1);
        return i;
    }

    TokenStarts const& starts() const {
        return starts_automaton.get([this] { return TokenStarts(trie); });
    }

    TokenTrie trie;
    std::vector<Entry> entries;
    simd::ByteSet single_bytes;        // the tokens of one byte
    std::vector<std::uint64_t> pairs;  // bit (first << 8 | second): some token may begin with these
    std::optional<simd::ByteSearch> search;

 private:
    Lazy<TokenStarts> starts_automaton;
};

namespace {

TokenTrie make_trie(std::vector<AddedToken> const& sorted) {
    std::vector<std::string_view> contents;
    contents.reserve(sorted.size());
    for (AddedToken const& token : sorted) contents.push_back(token.content);
    return TokenTrie(contents);
}

}  // namespace

AddedTokenMatcher::Index::Index(std::vector<AddedToken> const& sorted,
                                std::vector<std::uint32_t> const& numbers)
    : trie(make_trie(sorted)), pairs(65536 / 64) {
    simd::ByteSet first, second;
    entries.reserve(sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        AddedToken const& token = sorted[i];
        entries.push_back(
            {token.id, numbers[i], token.special, token.lstrip, token.rstrip, token.single_word});
        std::uint8_t const byte = byte_at(token.content, 0);
        first.set(byte);
        if (token.content.size() == 1) {
            single_bytes.set(byte);
            std::fill_n(pairs.begin() + byte * 4, 4, ~std::uint64_t{0});
        } else {
            std::uint8_t const next = byte_at(token.content, 1);
            second.set(next);
            pairs[byte * 4u + next / 64] |= std::uint64_t{1} << (next % 64);
        }
    }
    if (single_bytes.any()) {
        search.emplace(first);
    } else {
        search.emplace(first, second);
    }
}

// Yields leftmost-longest matches.
class AddedTokenMatcher::Finder {
 public:
    Finder(Index const& index, std::string_view text) : index_(index), text_(text) {}

    struct Found {
        std::size_t begin;
        std::size_t end;
        std::uint32_t token;
    };

    // The first match that begins at or behind `from`, the longest one there. `from` never
    // decreases from call to call.
    std::optional<Found> next(std::size_t from) {
        while (from < text_.size()) {
            if (from < block_end_) {
                if (auto const found = next_in_block(from)) return found;
                from = block_end_;
                continue;
            }
            from = index_.candidate(text_, from);
            if (from == text_.size()) break;
            if (work_ > kWorkAllowance + kWorkPerByte * (from - work_begin_)) {
                open_block(from);
                continue;
            }
            TokenTrie::Match const match = index_.trie.longest_at(text_, from);
            work_ += match.work;
            if (match.length != 0) return Found{from, from + match.length, match.string};
            ++from;
        }
        return std::nullopt;
    }

 private:
    // The trie may take this many steps, on average over the text searched so far; beyond that the
    // automaton does a block, and the count starts anew. Tokens of everyday files stay far below.
    static constexpr std::size_t kWorkPerByte = 16;
    static constexpr std::size_t kWorkAllowance = 1 << 16;
    static constexpr std::size_t kBlock = 1 << 16;

    void open_block(std::size_t begin) {
        // Not shorter than the longest token, because that much is read beyond the block.
        std::size_t const size = std::max(kBlock, index_.trie.longest_length());
        block_begin_ = begin;
        block_end_ = std::min(text_.size(), begin + size);
        starts_.resize(block_end_ - block_begin_);
        index_.starts().find(text_, block_begin_, block_end_, starts_.data());
        work_ = 0;
        work_begin_ = block_end_;
    }

    std::optional<Found> next_in_block(std::size_t from) const {
        for (; from < block_end_; ++from) {
            std::uint32_t const token = starts_[from - block_begin_];
            if (token == TokenStarts::kNone) continue;
            return Found{from, from + index_.trie.string(token).size(), token};
        }
        return std::nullopt;
    }

    Index const& index_;
    std::string_view text_;
    std::size_t work_ = 0;
    std::size_t work_begin_ = 0;  // where the count began
    // What the automaton has found out: the token that begins at each place of the block.
    std::size_t block_begin_ = 0;
    std::size_t block_end_ = 0;
    std::vector<std::uint32_t> starts_;
};

// White space around a match.
class AddedTokenMatcher::Stripper {
 public:
    explicit Stripper(std::string_view text) : text_(text) {}

    // Where the white space that ends at `position` begins, not before `limit`.
    std::size_t left(std::size_t position, std::size_t limit) const {
        while (position > limit) {
            auto const c = last_character(text_.substr(0, position));
            if (!is_space(c)) break;
            position -= c->size;
        }
        return std::max(position, limit);
    }

    // Where the white space that begins at `position` ends. Matches may lie within the white space
    // that another has eaten: its end is remembered, or a long run would be walked for each of
    // them.
    std::size_t right(std::size_t position) {
        if (position >= run_begin_ && position < run_end_) return run_end_;
        run_begin_ = position;
        while (auto const c = first_character(text_.substr(position))) {
            if (!is_space(c)) break;
            position += c->size;
        }
        return run_end_ = position;
    }

 private:
    std::string_view text_;
    std::size_t run_begin_ = 0;
    std::size_t run_end_ = 0;
};

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens, Reference rules,
                                     std::vector<std::uint32_t> numbers)
    : rules_(rules) {
    if (tokens.empty()) return;
    if (numbers.empty()) {
        for (AddedToken const& token : tokens) numbers.push_back(token.id);
    }
    sort_by_content(tokens, numbers);
    check_contents(tokens);
    index_ = std::make_shared<Index const>(tokens, numbers);
}

bool AddedTokenMatcher::may_match(std::string_view text) const {
    return !empty() && Finder(*index_, text).next(0).has_value();
}

void AddedTokenMatcher::find_all(std::string_view text, Filter const& filter,
                                 std::vector<AddedTokenMatch>& matches) const {
    if (empty()) return;
    if (rules_ == Reference::tiktoken) {
        find_tiktoken(text, filter, matches);
    } else {
        find_tokenizers(text, filter, matches);
    }
}

void AddedTokenMatcher::find_tiktoken(std::string_view text, Filter const& filter,
                                      std::vector<AddedTokenMatch>& matches) const {
    Finder finder(*index_, text);
    std::size_t from = 0;
    while (auto const found = finder.next(from)) {
        Index::Entry const& token = index_->entries[found->token];
        if (token.refused_by(filter)) {
            from = found->begin + 1;  // a token that begins within it still has its chance
            continue;
        }
        matches.push_back({{found->begin, found->end}, token.id});
        from = found->end;
    }
}

void AddedTokenMatcher::find_tokenizers(std::string_view text, Filter const& filter,
                                        std::vector<AddedTokenMatch>& matches) const {
    Finder finder(*index_, text);
    Stripper stripper(text);
    std::size_t last_end = 0;  // of the last match that was taken
    std::size_t from = 0;
    while (auto const found = finder.next(from)) {
        from = found->end;  // whatever becomes of it, and however far it is stripped
        Index::Entry const& token = index_->entries[found->token];
        Span span{found->begin, found->end};
        if (token.refused_by(filter)) continue;
        if (token.single_word && touches_word(text, span)) continue;
        if (token.lstrip) span.begin = stripper.left(span.begin, last_end);
        if (token.rstrip) span.end = stripper.right(span.end);
        if (span.begin > span.end) throw_overtaken(found->begin);
        last_end = span.end;
        if (span.size() != 0) matches.push_back({span, token.id});
    }
}

}  // namespace tokmill
