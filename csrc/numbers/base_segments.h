// The base tokenizer on the parts of a text that lie between numbers.
//
// A byte-level tokenizer takes each part as a text of its own. Others do something at the edges of
// a text (put a space before it, strip it, join words by spaces when they decode), which must not
// happen where a number is. For them a character of the vocabulary that is a part of no other token
// stands in for the number (a word, if there is no such character): the ids of a part are those
// between two stand-ins, and decoding puts digits in their place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/id_buffer.h"
#include "pipeline/tokenizer.h"

namespace tokmill {
struct ByteLevelTokenizer;
}

namespace tokmill::numbers {

// A part of a text.
struct Segment {
    std::string_view text;
    std::size_t begin = 0;  // where it is in the whole text
    bool at_start = false;  // of the whole text; otherwise a number is before it
    bool at_end = false;    // likewise
    bool is_ascii = false;  // known to be
};

class BaseSegments {
 public:
    explicit BaseSegments(std::shared_ptr<Tokenizer const> base);

    Tokenizer const& base() const noexcept { return *base_; }
    // The base if it can be fed with parts one after the other; null for other kinds, for those
    // that put a space before a text, and if special tokens are to be refused.
    ByteLevelTokenizer const* feeds(EncodeOptions const& options) const noexcept {
        return options.special == SpecialPolicy::raise ? nullptr : byte_level_;
    }
    // Whether the ids of a part depend on nothing but the part and the options.
    bool repeats() const noexcept { return !random_; }
    // Whether the base remembers more than words, up to whole lines of a table.
    bool remembers_lines() const noexcept { return remembers_lines_; }
    // Whether parts at the start or the end of a text may have other ids than between numbers.
    bool minds_edges() const noexcept { return inner_ != nullptr || !frame_.empty(); }
    // What stands in for a number when text is encoded; empty likewise.
    std::string const& frame() const noexcept { return frame_; }
    // What decoded text holds for a number, UTF-8; empty if parts are texts of their own.
    std::string const& stand_in() const noexcept { return decoded_; }
    // Its ids behind other text.
    std::span<std::uint32_t const> stand_in_ids() const noexcept { return decoded_ids_; }
    // Whether a number behind this text would be a part of its last word, which the ids of a number
    // cannot say: such digits are left to the base.
    bool joins(std::string_view before) const {
        if (!may_join() || before.empty()) return false;
        auto const last = static_cast<unsigned char>(before.back());
        return last < 0x80 ? joins_ascii_[last] : joins_wide(before);
    }
    bool may_join() const noexcept { return tails_.size() >= 2; }
    // How many of the first ids spell it; 0: they do not begin with it.
    std::size_t spells_stand_in(std::span<std::uint32_t const> ids) const noexcept;

    // `options` without what is put around a text. Errors get positions in the whole text.
    void encode(Segment const& segment, EncodeOptions const& options, IdBuffer& ids) const;
    // Spans in bytes of the whole text, two values an id.
    void encode_with_offsets(Segment const& segment, EncodeOptions const& options, IdBuffer& ids,
                             std::vector<std::int64_t>& spans) const;

 private:
    void find_stand_in();
    // Whether the base keeps text between two of these characters apart from them; strict: and
    // decodes it.
    bool try_frame(std::string const& candidate, bool strict);
    bool find_decoded(std::vector<std::string> const& characters);
    bool decodes_to(std::vector<std::uint32_t> const& ids, std::string_view text) const;
    std::vector<std::uint32_t> encoded(std::string const& text) const;
    // Tokens of one character that are a part of no other token; tokens that are words.
    std::vector<std::string> characters() const;
    std::vector<std::string> words() const;
    bool joins_wide(std::string_view before) const;
    // The shortest end of `ids` that spells the stand-in; empty if there is none.
    std::vector<std::uint32_t> tail_of(std::span<std::uint32_t const> ids,
                                       std::string_view stand_in) const;
    Tokenizer const& tokenizer_for(Segment const& segment) const noexcept {
        return inner_ != nullptr && !segment.at_start ? *inner_ : *base_;
    }
    // The segment with stand-ins at its edges.
    std::string framed(Segment const& segment) const;
    // Which of the ids of framed() are those of the segment. False if the stand-ins cannot be told
    // from the rest.
    bool unframe(Segment const& segment, std::span<std::uint32_t const> ids, std::size_t& first,
                 std::size_t& last) const noexcept;

    // False if the ids lack an unknown character that was taken for a part of an unknown stand-in.
    bool is_complete(Segment const& segment, EncodeOptions const& options,
                     std::span<std::uint32_t const> ids) const;

    std::shared_ptr<Tokenizer const> base_;
    ByteLevelTokenizer const* byte_level_ = nullptr;  // if parts of it need no more than that
    std::shared_ptr<Tokenizer const> inner_;          // the same without a space before a text
    bool random_ = false;
    bool remembers_lines_ = false;
    // When text is encoded: the stand-in, the ids of a text that begins with it, and what those of
    // a text that ends with it end with.
    std::string frame_;
    bool is_unknown_ = false;  // to the vocabulary
    std::vector<std::uint32_t> head_;
    std::vector<std::vector<std::uint32_t>> tails_;
    bool joins_ascii_[128] = {};
    // When ids are decoded, nearly always the same.
    std::string decoded_;
    std::vector<std::uint32_t> decoded_ids_;
};

}  // namespace tokmill::numbers
