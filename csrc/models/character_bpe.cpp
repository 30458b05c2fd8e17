#include "models/character_bpe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "models/queue_merge.h"
#include "models/scan_merge.h"

namespace tokmill::stages {
namespace {

constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;
constexpr std::uint32_t kSpaceMark = 0x2581;
constexpr std::string_view kMark = "\u2581";

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

bool is_ascii(std::string_view text) {
    std::uint64_t all = 0;
    std::size_t at = 0;
    for (; at + sizeof all <= text.size(); at += sizeof all) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        all |= word;
    }
    for (; at < text.size(); ++at) all |= static_cast<unsigned char>(text[at]);
    return (all & 0x8080808080808080u) == 0;
}

// Merges up to kMostToScan symbols; returns how many are left.
std::size_t merge_few(PairTable const& pairs, std::uint32_t* symbols, std::size_t count) {
    auto const priority = [&](std::uint32_t left, std::uint32_t right) {
        return pairs.find(left, right);
    };
    return merge_by_scan(symbols, count, priority, [](std::uint32_t merged) { return merged; });
}

// The same for any number of them.
std::size_t merge_by_queue(PairTable const& pairs, std::uint32_t* symbols, std::size_t count) {
    auto const parts = merge_parts(
        count,
        [&](std::size_t left, std::size_t right, std::size_t) {
            return pairs.find(symbols[left], symbols[right]);
        },
        [&](std::size_t left, std::size_t, std::size_t, std::uint32_t priority) {
            symbols[left] = priority;
        });
    std::size_t left_over = 0;
    for (MergedPart const part : parts) symbols[left_over++] = symbols[part.begin];
    return left_over;
}

}  // namespace

// Symbols that may merge with each other, between two places where nothing does.
class CharacterBpe::Run {
 public:
    // `out` has room for one id more than the text has bytes.
    Run(CharacterBpe const& bpe, std::uint32_t* out) : bpe_(bpe), out_(out) {}
    std::uint32_t* end() const noexcept { return out_; }

    TOKMILL_INLINE void add(std::uint32_t symbol) {
        if (count_ == kMostToScan) [[unlikely]] {
            many_.insert(many_.end(), few_, few_ + kMostToScan);
            count_ = 0;
        }
        few_[count_++] = symbol;
    }
    void put(std::uint32_t symbol) { *out_++ = bpe_.ids_[symbol]; }

    // Puts out what becomes of them.
    TOKMILL_INLINE void finish() {
        if (count_ <= 1 && many_.empty()) {
            if (count_ == 1) put(few_[0]);
        } else if (count_ == 2 && many_.empty()) {
            std::uint32_t const both = bpe_.pairs_.find(few_[0], few_[1]);
            put(both == kNoMerge ? few_[0] : both);
            if (both == kNoMerge) put(few_[1]);
        } else {
            merge();
        }
        count_ = 0;
    }

    // Puts out what becomes of ASCII characters between two places where nothing joins. How many
    // there are is hard to predict, so one and two go the same way.
    TOKMILL_INLINE void put_ascii(Byte const* text, std::size_t size) {
        std::uint32_t const a = text[0];
        if (size <= 2) {
            bool const is_pair = size == 2;
            std::uint32_t const b = text[is_pair];
            std::uint32_t const both = bpe_.ascii_pair(a, b);
            bool const joins = is_pair & (both != kNoMerge);
            out_[0] = bpe_.ids_[joins ? both : a];
            out_[1] = bpe_.ids_[b];
            out_ += 1 + std::size_t{is_pair && !joins};
        } else if (size == 3) {
            put_three(a, text[1], text[2]);
        } else {
            for (std::size_t i = 0; i < size; ++i) add(text[i]);
            merge();
            count_ = 0;
        }
    }

 private:
    void merge() {
        if (!many_.empty()) {
            many_.insert(many_.end(), few_, few_ + count_);
            put_all(many_.data(), merge_by_queue(bpe_.pairs_, many_.data(), many_.size()));
            many_ = {};
        } else if (count_ > simd::kMaxShortMerge) {
            put_all(few_, merge_few(bpe_.pairs_, few_, count_));
        } else {
            simd::ShortMerge merged;
            bpe_.merge_symbols_(bpe_.pairs_, few_, count_, merged);
            for (std::uint32_t starts = merged.starts; starts != 0; starts &= starts - 1) {
                put(merged.symbols[std::countr_zero(starts)]);
            }
        }
    }
    TOKMILL_INLINE void put_three(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
        std::uint32_t const left = bpe_.ascii_pair(a, b), right = bpe_.ascii_pair(b, c);
        if ((left & right) == kNoMerge) {
            for (std::uint32_t const symbol : {a, b, c}) put(symbol);
            return;
        }
        bool const is_left = left <= right;
        std::uint32_t const first = is_left ? left : a, second = is_left ? c : right;
        std::uint32_t const all = bpe_.pairs_.find(first, second);
        put(all == kNoMerge ? first : all);
        if (all == kNoMerge) put(second);
    }
    void put_all(std::uint32_t const* symbols, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) put(symbols[i]);
    }

    CharacterBpe const& bpe_;
    std::uint32_t* out_;
    std::size_t count_ = 0;
    std::uint32_t few_[kMostToScan];
    std::vector<std::uint32_t> many_;  // those before the few
};

std::unique_ptr<CharacterBpe const> CharacterBpe::compile(GeneralBpeTables const& tables,
                                                          bool byte_fallback, bool marks_spaces) {
    if (!tables.joins_texts() || tables.bytes_merge()) return nullptr;
    TokenFormations const formations(tables);
    return std::unique_ptr<CharacterBpe const>(
        new CharacterBpe(tables, formations, byte_fallback, marks_spaces));
}

CharacterBpe::CharacterBpe(GeneralBpeTables const& tables, TokenFormations const& formations,
                           bool byte_fallback, bool marks_spaces)
    : marks_spaces_(marks_spaces), merge_symbols_(simd::symbol_merger(simd::active_isa())) {
    TokenVocabulary const& vocabulary = tables.vocabulary();
    Entries entries;
    number_characters(tables, formations, byte_fallback, entries);
    for (std::uint32_t const entry : formations.formed()) {
        // A text in which spaces are marked does not hold any.
        if (marks_spaces_ && vocabulary.text(entry).find(' ') != std::string_view::npos) continue;
        entries.push_back(entry);
    }
    ids_.resize(entries.size());
    for (std::uint32_t t = 0; t < entries.size(); ++t) {
        ids_[t] = entries[t] == kNone ? kNone : vocabulary.id(entries[t]);
    }
    add_pairs(formations, entries);
    add_words(vocabulary, entries);
}

void CharacterBpe::set_character(std::uint32_t code_point, std::uint32_t token) {
    constexpr std::size_t kPage = 256;
    std::uint16_t& page = pages_[code_point / kPage];
    if (page == 0) {
        page = static_cast<std::uint16_t>(in_pages_.size() / kPage);
        in_pages_.resize(in_pages_.size() + kPage, kNone);
    }
    in_pages_[page * kPage + code_point % kPage] = token;
}

void CharacterBpe::number_characters(GeneralBpeTables const& tables,
                                     TokenFormations const& formations, bool byte_fallback,
                                     Entries& entries) {
    TokenVocabulary const& vocabulary = tables.vocabulary();
    pages_.assign(0x110000 / 256, 0);
    in_pages_.assign(256, kNone);
    std::fill_n(bytes_, 256, kNone);
    static_assert(kMissing == kNone);
    entries.assign(kAscii, kNone);
    for (std::uint32_t c = 0; c < kAscii; ++c) {
        bool const is_marked = marks_spaces_ && c == ' ';
        entries[c] = tables.character(is_marked ? kSpaceMark : c);
        if (entries[c] == kNone && byte_fallback && !is_marked) {
            entries[c] = tables.byte(static_cast<Byte>(c));
        }
        if (entries[c] != kNone) set_character(c, c);
    }
    for (std::uint32_t entry = 0; entry < vocabulary.size(); ++entry) {
        if (!formations.is_character(entry)) continue;
        std::uint32_t const c = decode_char(bytes_of(vocabulary.text(entry))).code_point;
        if (c < kAscii || (marks_spaces_ && c == kSpaceMark)) continue;
        set_character(c, static_cast<std::uint32_t>(entries.size()));
        entries.push_back(entry);
    }
    first_byte_ = static_cast<std::uint32_t>(entries.size());
    for (unsigned byte = kAscii; byte_fallback && byte < 256; ++byte) {
        std::uint32_t const entry = tables.byte(static_cast<Byte>(byte));
        if (entry == kNone) continue;
        bytes_[byte] = static_cast<std::uint32_t>(entries.size());
        entries.push_back(entry);
    }
    first_formed_ = static_cast<std::uint32_t>(entries.size());
}

void CharacterBpe::add_pairs(TokenFormations const& formations, Entries const& entries) {
    std::vector<std::uint32_t> number(formations.size(), kNone);
    for (std::uint32_t t = 0; t < entries.size(); ++t) {
        if (entries[t] != kNone) number[entries[t]] = t;
    }
    in_pairs_.assign(first_formed_ / 64 + 1, 0);
    std::vector<PairTable::Entry> pairs;
    pairs.reserve(entries.size() - first_formed_);
    for (std::uint32_t t = first_formed_; t < entries.size(); ++t) {
        GeneralBpeTables::Merge const& merge = formations.last_merge(entries[t]);
        std::uint32_t const left = number[merge.left], right = number[merge.right];
        pairs.push_back({left, right, t});
        for (std::uint32_t const part : {left, right}) {
            if (part < first_formed_) in_pairs_[part >> 6] |= std::uint64_t{1} << (part & 63);
        }
    }
    pairs_ = PairTable(pairs);
    ascii_pairs_.assign(kAscii * kAscii, kNoMerge);
    for (PairTable::Entry const& pair : pairs) {
        if ((pair.left | pair.right) < kAscii) {
            ascii_pairs_[pair.left * kAscii + pair.right] = pair.priority;
        }
    }
    knows_ascii_ =
        std::find(entries.begin(), entries.begin() + kAscii, kNone) == entries.begin() + kAscii;
}

std::string_view CharacterBpe::spelling(std::string_view text, std::string& buffer) const {
    if (!marks_spaces_ || text.find(kMark) == std::string_view::npos) return text;
    buffer.clear();
    for (std::size_t at = 0; at < text.size();) {
        bool const is_mark = text.substr(at).starts_with(kMark);
        buffer += is_mark ? ' ' : text[at];
        at += is_mark ? kMark.size() : 1;
    }
    return buffer;
}

void CharacterBpe::add_words(TokenVocabulary const& vocabulary, Entries const& entries) {
    std::vector<WordTable::Word> words;
    words.reserve(entries.size());
    std::string buffer;
    for (std::uint32_t t = 0; t < entries.size(); ++t) {
        bool const is_byte = t >= first_byte_ && t < first_formed_;
        if (entries[t] == kNone || is_byte) continue;
        char const ascii = static_cast<char>(t);
        std::string_view const text = t < kAscii ? std::string_view(&ascii, 1)
                                                 : spelling(vocabulary.text(entries[t]), buffer);
        Byte const* const bytes = bytes_of(text);
        for (std::size_t i = 1; i < text.size(); ++i) {
            Byte const left = bytes[i - 1], right = bytes[i];
            if ((left | right) >= kAscii) continue;
            joined_ascii_[left * 2 + (right >> 6)] |= std::uint64_t{1} << (right & 63);
        }
        if (can_be_key(text)) words.push_back({make_key(bytes, text.size()), ids_[t]});
    }
    try {
        words_ = WordTable(words);
    } catch (Error const&) {
        // Words that were chosen to collide: the cache does without.
    }
}

// Cuts where no token holds what is on both sides.
void CharacterBpe::add_ascii(Byte const* begin, Byte const* end, Run& run) const {
    constexpr std::ptrdiff_t kBlock = 64;
    Byte const* open = begin;  // what is not put out yet
    for (Byte const* at = begin + 1; at < end; at += kBlock) {
        std::ptrdiff_t const size = std::min(end - at, kBlock);
        std::uint64_t cuts = 0;
        for (std::ptrdiff_t i = 0; i < size; ++i) {
            cuts |= std::uint64_t{!joins_ascii(at[i - 1], at[i])} << i;
        }
        for (; cuts != 0; cuts &= cuts - 1) {
            Byte const* const cut = at + std::countr_zero(cuts);
            run.put_ascii(open, static_cast<std::size_t>(cut - open));
            open = cut;
        }
    }
    if (open < end) run.put_ascii(open, static_cast<std::size_t>(end - open));
}

bool CharacterBpe::add_ids(std::string_view text, std::vector<std::uint32_t>& ids) const {
    std::size_t const before = ids.size();
    ids.resize(before + text.size() + 1);
    Run run(*this, ids.data() + before);
    Byte const* at = bytes_of(text);
    Byte const* const end = at + text.size();
    if (knows_ascii_ && is_ascii(text)) {
        add_ascii(at, end, run);
        ids.resize(static_cast<std::size_t>(run.end() - ids.data()));
        return true;
    }
    Byte last = 0xFF;  // if ASCII, the character before
    while (at < end) {
        DecodedChar const c = decode_char(at);
        std::uint32_t const symbol = character(c.code_point);
        bool const may_merge = symbol != kNone && merges_with_some(symbol);
        if (!may_merge || ((last | *at) < kAscii && !joins_ascii(last, *at))) run.finish();
        last = *at;
        if (may_merge) {
            run.add(symbol);
        } else if (symbol != kNone) {
            run.put(symbol);
        } else {
            bool is_known = !(marks_spaces_ && c.code_point == kSpaceMark);
            for (std::uint32_t i = 0; i < c.size; ++i) is_known &= bytes_[at[i]] != kNone;
            if (!is_known) {
                ids.resize(before);
                return false;
            }
            for (std::uint32_t i = 0; i < c.size; ++i) run.put(bytes_[at[i]]);
        }
        at += c.size;
    }
    run.finish();
    ids.resize(static_cast<std::size_t>(run.end() - ids.data()));
    return true;
}

}  // namespace tokmill::stages
