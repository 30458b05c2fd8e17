#include "numbers/number_spans.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace tokmill::numbers {
namespace {

// A group of digits: a token of its own, or digits with their marker.
struct Group {
    std::size_t begin = 0, end = 0;  // tokens
    bool is_fraction = false;
    bool behind_block = false;
    std::uint32_t place = 0;
    std::string digits;
};

// The groups in ids. What is no number stays between them.
class GroupReader {
 public:
    GroupReader(NumbersTokenizer const& tokenizer, std::span<std::uint32_t const> ids)
        : tokenizer_(tokenizer), vocabulary_(tokenizer.vocabulary()), ids_(ids) {}

    std::vector<Group> read() {
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            auto const index = tokenizer_.index_of(ids_[i]);
            if (index) {
                token(vocabulary_[*index], i);
            } else {
                forget();
            }
        }
        return std::move(groups_);
    }

 private:
    void token(NumberToken const& token, std::size_t at) {
        switch (token.part) {
            case Part::integer:
            case Part::fraction:
                add(token.part == Part::fraction, token.place, token.digits, at, at + 1);
                break;
            case Part::digits:
                if (marker_ == nullptr) {
                    add(false, 0, token.digits, at, at + 1);
                    is_unmarked_ = true;
                    return;
                }
                add(marker_->part == Part::fraction_marker, marker_->place, token.digits, at,
                    at + 1);
                marker_ = nullptr;
                break;
            case Part::integer_marker:
            case Part::fraction_marker:
                if (vocabulary_.scheme().marker_first) {
                    start(at);
                    marker_ = &token;
                } else if (is_unmarked_) {
                    Group& group = groups_.back();
                    group.is_fraction = token.part == Part::fraction_marker;
                    group.place = token.place;
                    group.end = at + 1;
                    if (group.is_fraction) drop_zeros(group);
                }
                break;
            case Part::lead_zeros:
                start(at);
                break;
            case Part::drop_zeros:
                start(at);
                dropped_ = token.place;
                return;
            case Part::block:
                start(at);
                behind_block_ = true;
                break;
            case Part::units:
            case Part::higher:
            case Part::separator:
                break;
        }
        is_unmarked_ = false;
    }
    // A token that belongs to the group behind it.
    void start(std::size_t at) {
        if (!begin_) begin_ = at;
    }
    void forget() {
        begin_.reset();
        marker_ = nullptr;
        behind_block_ = false;
        is_unmarked_ = false;
        dropped_ = 0;
    }
    void add(bool is_fraction, std::uint32_t place, std::string const& digits, std::size_t begin,
             std::size_t end) {
        std::uint32_t const dropped = dropped_;
        groups_.push_back({begin_.value_or(begin), end, is_fraction, behind_block_, place, digits});
        forget();
        dropped_ = dropped;
        if (is_fraction) drop_zeros(groups_.back());
    }
    // Values of Mode::context stand for as many digits as the group has.
    void drop_zeros(Group& group) {
        if (vocabulary_.scheme().mode == Mode::context) {
            std::size_t const size = vocabulary_.fraction_size(group.place);
            if (group.digits.size() < size) {
                group.digits.insert(0, size - group.digits.size(), '0');
            }
            group.digits.resize(size - std::min<std::size_t>(dropped_, size));
        }
        dropped_ = 0;
    }

    NumbersTokenizer const& tokenizer_;
    NumberVocabulary const& vocabulary_;
    std::span<std::uint32_t const> ids_;
    std::vector<Group> groups_;
    std::optional<std::size_t> begin_;
    NumberToken const* marker_ = nullptr;
    bool behind_block_ = false;
    bool is_unmarked_ = false;  // the last token was digits, whose marker may follow
    std::uint32_t dropped_ = 0;
};

class SpanFinder {
 public:
    SpanFinder(NumbersTokenizer const& tokenizer, std::span<std::uint32_t const> ids)
        : tokenizer_(tokenizer), scheme_(tokenizer.scheme()), ids_(ids) {}

    std::vector<NumberSpan> find() {
        Group const* before = nullptr;
        std::vector<Group> const groups = GroupReader(tokenizer_, ids_).read();
        for (Group const& group : groups) {
            std::string const between =
                before == nullptr ? std::string() : text_between(before->end, group.begin);
            if (before == nullptr || !goes_on(*before, group, between)) begin(group, between);
            add(group);
            before = &group;
        }
        close();
        return std::move(spans_);
    }

 private:
    // What lies between two groups, if it is short enough to matter; otherwise something else.
    std::string text_between(std::size_t begin, std::size_t end) const {
        constexpr std::size_t kMost = 4;
        std::string text;
        for (std::size_t i = begin; i < end; ++i) {
            text += tokenizer_.tokens().bytes(ids_[i]);
            if (text.size() > kMost) return "     ";
        }
        return text;
    }

    bool goes_on(Group const& before, Group const& group, std::string_view between) const {
        if (group.behind_block) {
            return group.is_fraction == before.is_fraction &&
                   (between.empty() || is_separator(between));
        }
        if (group.is_fraction && before.is_fraction) {
            return between.empty() && before.place + 1 == group.place;
        }
        if (group.is_fraction) {
            bool const says_point = scheme_.policy == Policy::regression
                                        ? between.empty()
                                        : between == std::string_view(&scheme_.point, 1);
            return before.place == 0 && group.place == 0 && says_point;
        }
        return !before.is_fraction && before.place == group.place + 1 &&
               (between.empty() || is_separator(between));
    }
    bool is_separator(std::string_view text) const {
        return std::find(scheme_.separators.begin(), scheme_.separators.end(), text) !=
               scheme_.separators.end();
    }

    void begin(Group const& group, std::string_view between) {
        close();
        current_ = NumberSpan{};
        current_.begin = group.begin;
        open_ = true;
        fraction_size_ = 0;
        bool const may_be_exponent = !spans_.empty() && !group.is_fraction &&
                                     spans_.back().exponent.empty() && is_exponent(between);
        sign_ = may_be_exponent ? (between.back() == '-' ? "-" : "+") : "";
        // A point that begins a numeral.
        if (group.is_fraction && scheme_.policy != Policy::regression && group.begin > 0 &&
            tokenizer_.tokens().bytes(ids_[group.begin - 1]) ==
                std::string_view(&scheme_.point, 1)) {
            --current_.begin;
        }
    }
    static bool is_exponent(std::string_view text) {
        if (text.empty() || text.size() > 2 || (text[0] | 0x20) != 'e') return false;
        return text.size() == 1 || text[1] == '+' || text[1] == '-';
    }

    void add(Group const& group) {
        current_.end = group.end;
        if (!group.is_fraction) {
            std::size_t const size = tokenizer_.vocabulary().grid().size(group.place);
            if (!current_.integer.empty() && group.digits.size() < size) {
                current_.integer.append(size - group.digits.size(), '0');
            }
            current_.integer += group.digits;
            return;
        }
        // A group that is not full has zeros behind it, if another one follows.
        current_.fraction.resize(fraction_size_, '0');
        current_.fraction += group.digits;
        fraction_size_ += scheme_.group;
    }
    void close() {
        if (!open_) return;
        open_ = false;
        if (!sign_.empty() && current_.fraction.empty()) {
            spans_.back().exponent = sign_ + current_.integer;
            spans_.back().end = current_.end;
            return;
        }
        spans_.push_back(std::move(current_));
    }

    NumbersTokenizer const& tokenizer_;
    Scheme const& scheme_;
    std::span<std::uint32_t const> ids_;
    std::vector<NumberSpan> spans_;
    NumberSpan current_;
    bool open_ = false;
    std::size_t fraction_size_ = 0;
    std::string sign_;  // of an exponent; empty: the numeral is none
};

}  // namespace

std::vector<NumberSpan> find_number_spans(NumbersTokenizer const& tokenizer,
                                          std::span<std::uint32_t const> ids) {
    return SpanFinder(tokenizer, ids).find();
}

}  // namespace tokmill::numbers
