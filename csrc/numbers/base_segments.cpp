#include "numbers/base_segments.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "core/utf8_encode.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/general_tokenizer.h"
#include "unicode/properties.h"

namespace tokmill::numbers {
namespace {

TextRef ref_of(std::string_view text, bool is_ascii = false) {
    return {text.data(), text.size(), is_ascii ? TextKind::ascii : TextKind::bytes};
}

EncodeOptions plain_options() {
    EncodeOptions options;
    options.add_special_tokens = false;
    options.special = SpecialPolicy::text;
    return options;
}

std::span<std::uint32_t const> view_of(IdBuffer const& ids) {
    return {ids.data(), ids.size()};
}

// Runs `body`, whose text begins `before` bytes before the byte `begin` of the whole text.
template <class Body>
void with_shifted_positions(std::size_t begin, std::size_t before, Body const& body) {
    try {
        body();
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_input || error.position() == kNoPosition ||
            (begin == 0 && before == 0)) {
            throw;
        }
        std::size_t const position = begin + std::max(error.position(), before) - before;
        std::string message = error.what();
        std::string const said = "at byte " + std::to_string(error.position());
        std::size_t const at = message.find(said);
        if (at != std::string::npos) {
            message.replace(at, said.size(), "at byte " + std::to_string(position));
        }
        throw Error(error.kind(), message, position, error.row());
    }
}

// Null unless the tokenizer puts a space before a text.
std::shared_ptr<Tokenizer const> without_prefix_space(ByteLevelTokenizer const& tokenizer) {
    Definition definition = tokenizer.definition->head();
    bool puts = false;
    for (PreTokenizer const& step : definition.pre_tokenizers) puts |= step.add_prefix_space;
    if (!puts) return nullptr;
    definition = tokenizer.definition->full();
    for (PreTokenizer& step : definition.pre_tokenizers) step.add_prefix_space = false;
    return Tokenizer::compile(std::move(definition));
}

}  // namespace

BaseSegments::BaseSegments(std::shared_ptr<Tokenizer const> base) : base_(std::move(base)) {
    if (auto const* const byte_level = dynamic_cast<ByteLevelTokenizer const*>(base_.get())) {
        inner_ = without_prefix_space(*byte_level);
        if (base_->decodes_by_concatenation()) {
            if (inner_ == nullptr) byte_level_ = byte_level;
            return;
        }
    }
    if (auto const* const general = dynamic_cast<GeneralTokenizer const*>(base_.get())) {
        random_ = general->pipeline().model()->is_random();
        remembers_lines_ = true;
    }
    find_stand_in();
    if (!may_join()) return;
    for (std::size_t i = 0; i < 128; ++i) {
        char const c = static_cast<char>(i);
        joins_ascii_[i] = joins_wide({&c, 1});
    }
}

// --- choosing a stand-in -------------------------------------------------------------------------

std::vector<std::string> BaseSegments::characters() const {
    TokenTable const& tokens = base_->tokens();
    std::vector<std::uint32_t> seen;   // code points in all tokens, each once a token
    std::vector<std::uint32_t> alone;  // those of tokens that are nothing else
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (!tokens.has(id)) continue;
        std::string_view const bytes = tokens.bytes(id);
        auto const* at = reinterpret_cast<unsigned char const*>(bytes.data());
        auto const* const end = at + bytes.size();
        auto const first = static_cast<std::ptrdiff_t>(seen.size());
        while (at < end) {
            std::ptrdiff_t const size = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
            if (is_continuation(*at) || size > end - at) {
                ++at;
                continue;
            }
            seen.push_back(decode_char(at).code_point);
            bool const is_all = static_cast<std::size_t>(size) == bytes.size();
            if (is_all && !(tokens.flags[id] & TokenTable::special)) alone.push_back(seen.back());
            at += size;
        }
        std::sort(seen.begin() + first, seen.end());
        seen.erase(std::unique(seen.begin() + first, seen.end()), seen.end());
    }
    std::sort(seen.begin(), seen.end());
    std::sort(alone.begin(), alone.end());
    auto const times = [](std::vector<std::uint32_t> const& sorted, std::uint32_t value) {
        auto const [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
        return last - first;
    };
    // Letters that no text is likely to hold first.
    std::vector<std::string> letters, others, ascii;
    for (std::size_t i = 0; i < alone.size(); ++i) {
        std::uint32_t const code_point = alone[i];
        if (i > 0 && code_point == alone[i - 1]) continue;
        if (times(alone, code_point) != times(seen, code_point)) continue;
        bool const is_digit = code_point - '0' < 10;
        if (code_point <= ' ' || is_digit) continue;
        std::string text;
        append_utf8(code_point, text);
        bool const is_letter = unicode::is_letter(unicode::category(code_point));
        (code_point < 0x80 ? ascii : is_letter ? letters : others).push_back(std::move(text));
    }
    letters.insert(letters.end(), others.begin(), others.end());
    // Outside the vocabulary, for those that spell unknown characters by bytes.
    for (std::uint32_t const code_point : {0xF8FFu, 0xE000u, 0x10FFFDu}) {
        letters.emplace_back();
        append_utf8(code_point, letters.back());
    }
    letters.insert(letters.end(), ascii.begin(), ascii.end());
    return letters;
}

std::vector<std::string> BaseSegments::words() const {
    constexpr std::size_t kMost = 64;
    TokenTable const& tokens = base_->tokens();
    std::string_view const pool(tokens.pool.data(), tokens.offset.back());
    std::vector<std::string> found;
    for (std::uint32_t id = 0; id < tokens.size() && found.size() < kMost; ++id) {
        std::string_view const word = tokens.bytes(id);
        bool const is_plain = word.size() > 1 && tokens.flags[id] == TokenTable::present &&
                              std::all_of(word.begin(), word.end(), [](char c) {
                                  return static_cast<unsigned char>((c | 0x20) - 'a') < 26;
                              });
        if (!is_plain) continue;
        // Tokens lie one behind the other: it may seem to be somewhere where it is not.
        std::size_t const first = pool.find(word);
        if (pool.find(word, first + 1) == std::string_view::npos) found.emplace_back(word);
    }
    return found;
}

void BaseSegments::find_stand_in() {
    std::vector<std::string> const found = characters();
    for (std::string const& candidate : found) {
        if (try_frame(candidate, true)) {
            decoded_ = candidate;
            decoded_ids_ = tails_.front();
            return;
        }
    }
    // One for either direction. Even a character that is unknown keeps words apart.
    bool const has_frame =
        std::any_of(found.begin(), found.end(),
                    [&](std::string const& candidate) { return try_frame(candidate, false); });
    if (has_frame && find_decoded(found)) return;
    frame_.clear();
    head_.clear();
    tails_.clear();
}

bool BaseSegments::find_decoded(std::vector<std::string> const& characters) {
    std::vector<std::string> candidates = characters;
    std::vector<std::string> const more = words();
    candidates.insert(candidates.end(), more.begin(), more.end());
    for (std::string const& candidate : candidates) {
        auto const id = base_->find_name(candidate);
        if (!id || base_->tokens().bytes(*id) != candidate || !decodes_to({*id}, candidate))
            continue;
        decoded_ = candidate;
        decoded_ids_ = {*id};
        return true;
    }
    return false;
}

bool BaseSegments::decodes_to(std::vector<std::uint32_t> const& ids, std::string_view text) const {
    std::string decoded;
    base_->decode(ids, false, decoded);
    return decoded == text;
}

std::vector<std::uint32_t> BaseSegments::encoded(std::string const& text) const {
    IdBuffer ids;
    try {
        base_->encode(ref_of(text), plain_options(), ids);
    } catch (Error const&) {
        ids.clear();
    }
    return {ids.begin(), ids.end()};
}

std::vector<std::uint32_t> BaseSegments::tail_of(std::span<std::uint32_t const> ids,
                                                 std::string_view stand_in) const {
    TokenTable const& tokens = base_->tokens();
    std::string spelled;
    for (std::size_t n = 1; n <= ids.size() && spelled.size() < stand_in.size(); ++n) {
        spelled.insert(0, tokens.bytes(ids[ids.size() - n]));
        if (spelled == stand_in) return {ids.end() - static_cast<std::ptrdiff_t>(n), ids.end()};
    }
    return {};
}

bool BaseSegments::try_frame(std::string const& candidate, bool strict) {
    frame_ = candidate;
    head_ = encoded(candidate);
    if (head_.empty()) return false;
    tails_.assign(1, tail_of(head_, candidate));
    if (strict && (tails_[0].empty() || !decodes_to(head_, candidate))) return false;
    is_unknown_ = tails_[0].empty();
    if (is_unknown_) tails_[0] = {head_.back()};
    // Attached to a word it may be another token.
    auto const attached = tail_of(encoded("a" + candidate), candidate);
    if (!attached.empty() && attached != tails_[0]) tails_.push_back(attached);
    std::vector<std::vector<std::uint32_t>> inner;
    for (std::string_view const probe : {"a", " a", "ab, cd ", " "}) {
        Segment const segment{probe, 0, false, false, true};
        std::string const text = framed(segment);
        auto const ids = encoded(text);
        std::size_t first = 0, last = 0;
        if (!unframe(segment, ids, first, last)) return false;
        inner.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(first),
                           ids.begin() + static_cast<std::ptrdiff_t>(last));
        // Punctuation may not be decoded to what it was, whatever is beside it.
        if (strict && probe.find(',') == probe.npos && !decodes_to(ids, text)) return false;
    }
    // White space beside it must make a difference.
    return inner[0] != inner[1];
}

// --- encoding ------------------------------------------------------------------------------------

std::size_t BaseSegments::spells_stand_in(std::span<std::uint32_t const> ids) const noexcept {
    auto const begins = [&](std::vector<std::uint32_t> const& spelled) {
        return !spelled.empty() && ids.size() >= spelled.size() &&
               std::equal(spelled.begin(), spelled.end(), ids.begin());
    };
    if (begins(decoded_ids_)) return decoded_ids_.size();
    // The same attached to a word.
    bool const is_attached = decoded_ == frame_ && tails_.size() > 1 && begins(tails_[1]);
    return is_attached ? tails_[1].size() : 0;
}

bool BaseSegments::is_complete(Segment const& segment, EncodeOptions const& options,
                               std::span<std::uint32_t const> ids) const {
    if (!is_unknown_) return true;
    IdBuffer alone;
    base_->encode(ref_of(segment.text, segment.is_ascii), options, alone);
    std::uint32_t const unknown = head_.back();
    return std::count(ids.begin(), ids.end(), unknown) ==
           std::count(alone.begin(), alone.end(), unknown);
}

bool BaseSegments::joins_wide(std::string_view before) const {
    // The last character decides.
    std::size_t begin = before.size() - 1;
    while (begin > 0 && is_continuation(static_cast<unsigned char>(before[begin]))) --begin;
    auto const ids = encoded(std::string(before.substr(begin)) + frame_);
    auto const& attached = tails_[1];
    return ids.size() > attached.size() &&
           std::equal(attached.rbegin(), attached.rend(), ids.rbegin());
}

std::string BaseSegments::framed(Segment const& segment) const {
    std::string text;
    text.reserve(segment.text.size() + 2 * frame_.size());
    if (!segment.at_start) text += frame_;
    text += segment.text;
    if (!segment.at_end) text += frame_;
    return text;
}

bool BaseSegments::unframe(Segment const& segment, std::span<std::uint32_t const> ids,
                           std::size_t& first, std::size_t& last) const noexcept {
    first = 0;
    last = ids.size();
    if (!segment.at_start) {
        if (ids.size() < head_.size() || !std::equal(head_.begin(), head_.end(), ids.begin())) {
            return false;
        }
        first = head_.size();
    }
    if (segment.at_end) return true;
    for (auto const& tail : tails_) {
        bool const ends_so = last - first >= tail.size() &&
                             std::equal(tail.begin(), tail.end(),
                                        ids.end() - static_cast<std::ptrdiff_t>(tail.size()));
        if (!ends_so) continue;
        last -= tail.size();
        return true;
    }
    return false;
}

void BaseSegments::encode(Segment const& segment, EncodeOptions const& options,
                          IdBuffer& ids) const {
    if (!frame_.empty() && !(segment.at_start && segment.at_end)) {
        std::string const text = framed(segment);
        std::size_t const before = segment.at_start ? 0 : frame_.size();
        IdBuffer framed_ids;
        with_shifted_positions(segment.begin, before,
                               [&] { base_->encode(ref_of(text), options, framed_ids); });
        std::size_t first = 0, last = 0;
        if (unframe(segment, view_of(framed_ids), first, last) &&
            is_complete(segment, options, view_of(framed_ids).subspan(first, last - first))) {
            std::uint32_t* const out = ids.reserve(last - first);
            ids.commit(std::copy(framed_ids.begin() + first, framed_ids.begin() + last, out));
            return;
        }
    }
    with_shifted_positions(segment.begin, 0, [&] {
        tokenizer_for(segment).encode(ref_of(segment.text, segment.is_ascii), options, ids);
    });
}

void BaseSegments::encode_with_offsets(Segment const& segment, EncodeOptions const& options,
                                       IdBuffer& ids, std::vector<std::int64_t>& spans) const {
    IdBuffer found;
    std::vector<std::int64_t> places;
    std::size_t first = 0, last = 0;
    // From positions in the text that is encoded to positions in the whole text.
    auto const put = [&](std::size_t before) {
        auto const low = static_cast<std::int64_t>(segment.begin);
        auto const high = low + static_cast<std::int64_t>(segment.text.size());
        for (std::size_t i = first; i < last; ++i) {
            ids.push(found.data()[i]);
            for (std::size_t side = 0; side < 2; ++side) {
                std::int64_t const place =
                    places[2 * i + side] + low - static_cast<std::int64_t>(before);
                spans.push_back(std::clamp(place, low, high));
            }
        }
    };
    if (!frame_.empty() && !(segment.at_start && segment.at_end)) {
        std::string const text = framed(segment);
        std::size_t const before = segment.at_start ? 0 : frame_.size();
        with_shifted_positions(segment.begin, before, [&] {
            base_->encode_with_offsets(ref_of(text), options, OffsetUnit::byte, found, places);
        });
        if (unframe(segment, view_of(found), first, last) &&
            is_complete(segment, options, view_of(found).subspan(first, last - first))) {
            return put(before);
        }
        first = 0;
        found.clear();
        places.clear();
    }
    with_shifted_positions(segment.begin, 0, [&] {
        tokenizer_for(segment).encode_with_offsets(ref_of(segment.text, segment.is_ascii), options,
                                                   OffsetUnit::byte, found, places);
    });
    last = found.size();
    put(0);
}

}  // namespace tokmill::numbers
