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
        if (base_->decodes_by_concatenation()) return;
    }
    if (auto const* const general = dynamic_cast<GeneralTokenizer const*>(base_.get())) {
        random_ = general->pipeline().model()->is_random();
    }
    find_stand_in();
}

// --- choosing a stand-in -------------------------------------------------------------------------

std::vector<std::string> BaseSegments::candidates() const {
    TokenTable const& tokens = base_->tokens();
    std::vector<std::uint32_t> seen;  // code points in all tokens, each once a token
    std::vector<std::uint32_t> alone;
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (!tokens.has(id)) continue;
        std::string_view const bytes = tokens.bytes(id);
        auto const* at = reinterpret_cast<unsigned char const*>(bytes.data());
        auto const* const end = at + bytes.size();
        std::size_t const first = seen.size();
        while (at < end) {
            std::uint32_t const size = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
            if (*at < 0x80 || (*at & 0xC0) == 0x80 || at + size > end) {
                ++at;
                continue;
            }
            seen.push_back(decode_char(at).code_point);
            if (size == bytes.size() && !(tokens.flags[id] & TokenTable::special)) {
                alone.push_back(seen.back());
            }
            at += size;
        }
        std::sort(seen.begin() + static_cast<std::ptrdiff_t>(first), seen.end());
        seen.erase(std::unique(seen.begin() + static_cast<std::ptrdiff_t>(first), seen.end()),
                   seen.end());
    }
    std::sort(seen.begin(), seen.end());
    std::sort(alone.begin(), alone.end());
    auto const times = [](std::vector<std::uint32_t> const& sorted, std::uint32_t value) {
        auto const [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
        return last - first;
    };
    std::vector<std::string> letters, others;
    for (std::size_t i = 0; i < alone.size(); ++i) {
        if (i > 0 && alone[i] == alone[i - 1]) continue;
        if (times(alone, alone[i]) != times(seen, alone[i])) continue;
        std::string text;
        append_utf8(alone[i], text);
        bool const is_letter = unicode::is_letter(unicode::category(alone[i]));
        (is_letter ? letters : others).push_back(std::move(text));
    }
    letters.insert(letters.end(), others.begin(), others.end());
    // Outside the vocabulary, for those that spell unknown characters by bytes.
    for (std::uint32_t const code_point : {0xF8FFu, 0xE000u, 0x10FFFDu}) {
        letters.emplace_back();
        append_utf8(code_point, letters.back());
    }
    return letters;
}

void BaseSegments::find_stand_in() {
    for (std::string const& candidate : candidates()) {
        if (try_stand_in(candidate)) return;
    }
    stand_in_.clear();
    head_.clear();
    tails_.clear();
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

bool BaseSegments::try_stand_in(std::string const& candidate) {
    EncodeOptions const options = plain_options();
    auto const encoded = [&](std::string const& text) {
        IdBuffer ids;
        try {
            base_->encode(ref_of(text), options, ids);
        } catch (Error const&) {
            ids.clear();
        }
        return std::vector<std::uint32_t>(ids.begin(), ids.end());
    };
    auto const decodes_to = [&](std::vector<std::uint32_t> const& ids, std::string_view text) {
        std::string decoded;
        base_->decode(ids, false, decoded);
        return decoded == text;
    };
    head_ = encoded(candidate);
    tails_.assign(1, tail_of(head_, candidate));
    if (tails_[0].empty() || !decodes_to(head_, candidate)) return false;
    // Attached to a word it may be another token.
    auto const attached = tail_of(encoded("a" + candidate), candidate);
    if (!attached.empty() && attached != tails_[0]) tails_.push_back(attached);
    stand_in_ = candidate;
    for (std::string_view const probe : {"a", " a", "ab, cd ", " "}) {
        Segment const segment{probe, 0, false, false, true};
        auto const ids = encoded(framed(segment));
        std::size_t first = 0, last = 0;
        if (!unframe(segment, ids, first, last)) return false;
    }
    return true;
}

// --- encoding ------------------------------------------------------------------------------------

std::size_t BaseSegments::spells_stand_in(std::span<std::uint32_t const> ids) const noexcept {
    for (auto const& tail : tails_) {
        if (ids.size() >= tail.size() && std::equal(tail.begin(), tail.end(), ids.begin())) {
            return tail.size();
        }
    }
    return 0;
}

bool BaseSegments::joins(std::string_view before) const {
    if (tails_.size() < 2 || before.empty()) return false;
    // The last character decides.
    std::size_t begin = before.size() - 1;
    while (begin > 0 && is_continuation(static_cast<unsigned char>(before[begin]))) --begin;
    IdBuffer ids;
    std::string const text = std::string(before.substr(begin)) + stand_in_;
    base_->encode(ref_of(text), plain_options(), ids);
    auto const& attached = tails_[1];
    return ids.size() > attached.size() &&
           std::equal(attached.begin(), attached.end(), ids.end() - attached.size());
}

std::string BaseSegments::framed(Segment const& segment) const {
    std::string text;
    text.reserve(segment.text.size() + 2 * stand_in_.size());
    if (!segment.at_start) text += stand_in_;
    text += segment.text;
    if (!segment.at_end) text += stand_in_;
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
    if (!stand_in_.empty() && !(segment.at_start && segment.at_end)) {
        std::string const text = framed(segment);
        std::size_t const before = segment.at_start ? 0 : stand_in_.size();
        IdBuffer framed_ids;
        with_shifted_positions(segment.begin, before,
                               [&] { base_->encode(ref_of(text), options, framed_ids); });
        std::size_t first = 0, last = 0;
        if (unframe(segment, view_of(framed_ids), first, last)) {
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
    if (!stand_in_.empty() && !(segment.at_start && segment.at_end)) {
        std::string const text = framed(segment);
        std::size_t const before = segment.at_start ? 0 : stand_in_.size();
        with_shifted_positions(segment.begin, before, [&] {
            base_->encode_with_offsets(ref_of(text), options, OffsetUnit::byte, found, places);
        });
        if (unframe(segment, view_of(found), first, last)) return put(before);
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
