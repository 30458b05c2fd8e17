// The class grammars of Oniguruma and of the regex crate (as fancy-regex hands classes on to it).
#include "regex/class_parser.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regex/case_folding.h"
#include "regex/escapes.h"
#include "regex/named_sets.h"

namespace tokmill::regex {

namespace {

constexpr int kMaxNesting = 60;

struct PosixClass {
    CodePointSet set;
    bool negated = false;
};

// [:name:] or [:^name:], with the reader at its bracket; nothing is consumed unless it is one.
std::optional<PosixClass> take_posix_class(PatternReader& reader, Dialect dialect) {
    std::string_view rest = reader.rest();
    if (!rest.starts_with("[:")) return std::nullopt;
    std::size_t const close = rest.find(":]", 2);
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view name = rest.substr(2, close - 2);
    PosixClass result;
    if (name.starts_with('^')) {
        result.negated = true;
        name.remove_prefix(1);
    }
    auto set = posix_set(name, dialect);
    if (!set) return std::nullopt;
    result.set = std::move(*set);
    reader.seek(reader.position() + close + 2);
    return result;
}

CodePointSet negate_if(bool negated, CodePointSet set) {
    return negated ? complement(set) : std::move(set);
}

// Shared machinery: members are collected as ranges and sets, and become one set on demand.
class Members {
 public:
    void add(std::uint32_t first, std::uint32_t last) { ranges_.push_back({first, last}); }
    void add(CodePointSet const& set) {
        ranges_.insert(ranges_.end(), set.ranges().begin(), set.ranges().end());
    }
    CodePointSet take() { return CodePointSet(std::exchange(ranges_, {})); }

 private:
    std::vector<CodePointRange> ranges_;
};

class OnigClassParser {
 public:
    explicit OnigClassParser(PatternReader& reader) : reader_(reader) {}

    CodePointSet parse(bool ignore_case) {
        std::size_t const start = reader_.position();
        Class result = parse_one(0);
        if (ignore_case) {
            // Case is ignored once, for the whole class, before the outermost negation.
            if (!result.negated && !disjoint(result.inside, multi_fold_sources()))
                unsupported_at("case-insensitive class with multi-character case folding", start);
            result.inside = close_under_case(result.inside);
        }
        return negate_if(result.negated, std::move(result.inside));
    }

 private:
    // Oniguruma's ranges do not end where Unicode does. What a set has beyond is not seen in any
    // text, but decides how a class is compiled: a negated \s ends at 7FFFFFFF, a negated nested
    // class does not end at all.
    static constexpr unsigned kBeyond = 1;     // U+110000 to 7FFFFFFF
    static constexpr unsigned kFarBeyond = 2;  // the rest
    static constexpr unsigned kAllBeyond = kBeyond | kFarBeyond;

    struct Class {
        CodePointSet inside;
        bool negated = false;
        unsigned beyond = 0;
    };
    struct OpenClass {
        Members members;
        unsigned beyond = 0;
    };
    // What the last element was: it decides what a hyphen means.
    enum class Last : std::uint8_t { nothing, character, set, range };

    Class parse_one(int nesting) {
        std::size_t const start = reader_.position();
        if (nesting > kMaxNesting) unsupported_at("class nested so deeply", start);
        reader_.take();
        bool const negated = reader_.skip('^');
        open_.emplace_back();
        std::optional<Class> conjunction;
        Last last = Last::nothing;
        std::uint32_t character = 0;
        if (reader_.next_is(']')) {
            if (reader_.rest().find(']', 1) == std::string_view::npos)
                invalid_at("empty class", start);
            character = reader_.take();
            add_character(character, last);
        }
        for (;;) {
            if (reader_.at_end()) invalid_at("class without end", start);
            if (reader_.skip(']')) break;
            if (reader_.skip("&&")) {
                conjunction = conjoin(conjunction);
                last = Last::nothing;
                continue;
            }
            if (reader_.next_is('-') && last != Last::nothing) {
                parse_hyphen(last, character);
                continue;
            }
            parse_element(nesting, last, character);
        }
        Class const all = conjoin(conjunction);
        open_.pop_back();
        return {all.inside, negated, all.beyond};
    }

    // The members so far, within what stood before the last "&&".
    Class conjoin(std::optional<Class> const& before) {
        Class result{open_.back().members.take(), false, std::exchange(open_.back().beyond, 0)};
        check(result);
        if (!before) return result;
        result = {intersect(before->inside, result.inside), false, before->beyond & result.beyond};
        check(result);
        return result;
    }

    void add_named_set(CodePointSet set, bool negated) {
        open_.back().members.add(negate_if(negated, std::move(set)));
        if (negated) open_.back().beyond |= kBeyond;
    }

    void add_nested(Class nested) {
        if (nested.negated) {
            nested.inside = complement(nested.inside);
            nested.beyond = kAllBeyond & ~nested.beyond;
            check(nested);
        }
        open_.back().members.add(nested.inside);
        open_.back().beyond |= nested.beyond;
    }

    // Oniguruma goes wrong when it negates or intersects a set that has nothing between ASCII and
    // the far beyond.
    void check(Class const& set) const {
        if (set.beyond == kFarBeyond && is_ascii(set.inside))
            unsupported_at("class that Oniguruma does not match as written", reader_.position());
    }

    static bool is_ascii(CodePointSet const& set) {
        return set.empty() || set.ranges().back().last < 0x80;
    }

    void add_character(std::uint32_t character, Last& last) {
        open_.back().members.add(character, character);
        last = Last::character;
    }

    // Anything but the closing bracket, "&&" and a hyphen with something before it.
    void parse_element(int nesting, Last& last, std::uint32_t& character) {
        if (reader_.next_is('[')) {
            if (auto posix = take_posix_class(reader_, Dialect::onig)) {
                add_named_set(std::move(posix->set), posix->negated);
                last = Last::set;
                return;
            }
            if (looks_like_posix_class()) invalid_at("unknown POSIX class", reader_.position());
            add_nested(parse_one(nesting + 1));
            last = Last::range;
            return;
        }
        if (reader_.skip('\\')) {
            if (auto escaped = parse_set_escape(reader_, Dialect::onig, true)) {
                add_named_set(std::move(escaped->set), escaped->negated);
                last = Last::set;
                return;
            }
            character = parse_char_escape(reader_, Dialect::onig, true);
        } else {
            character = reader_.take();
        }
        add_character(character, last);
    }

    void parse_hyphen(Last& last, std::uint32_t& character) {
        std::size_t const start = reader_.position();
        reader_.take();
        bool const at_boundary = reader_.next_is(']') || reader_.next_is("&&");
        if (at_boundary || last == Last::range) {
            character = '-';
            add_character(character, last);
            return;
        }
        if (last == Last::set) invalid_at("range that begins with a class", start);
        std::uint32_t const end = parse_range_end(start);
        if (end < character) invalid_at("empty range in a class", start);
        open_.back().members.add(character, end);
        last = Last::range;
    }

    std::uint32_t parse_range_end(std::size_t start) {
        if (reader_.at_end()) invalid_at("class without end", start);
        // Oniguruma drops the beginning of such a range.
        if (reader_.next_is('[')) unsupported_at("range that ends with a class", start);
        if (!reader_.skip('\\')) return reader_.take();
        if (parse_set_escape(reader_, Dialect::onig, true))
            invalid_at("range that ends with a class", start);
        return parse_char_escape(reader_, Dialect::onig, true);
    }

    bool looks_like_posix_class() const {
        std::string_view rest = reader_.rest();
        if (!rest.starts_with("[:")) return false;
        std::size_t const close = rest.find(':', 2);
        return close != std::string_view::npos && close > 2 &&
               rest.substr(close).starts_with(":]") &&
               rest.substr(2, close - 2).find_first_of("[]\\&- ") == std::string_view::npos;
    }

    PatternReader& reader_;
    std::vector<OpenClass> open_;  // the classes around the reader's position
};

class RustClassParser {
 public:
    RustClassParser(PatternReader& reader, bool ignore_case)
        : reader_(reader), ignore_case_(ignore_case) {}

    CodePointSet parse() { return parse_one(0); }

 private:
    CodePointSet parse_one(int nesting) {
        std::size_t const start = reader_.position();
        if (nesting > kMaxNesting) unsupported_at("class nested so deeply", start);
        reader_.take();
        bool const negated = reader_.skip('^');
        Members members;
        bool any = false;
        while (reader_.next_is('-')) {
            members.add('-', '-');
            reader_.take();
            any = true;
        }
        if (!any && reader_.skip(']')) members.add(']', ']');
        // The operators bind equally and to the left.
        CodePointSet left;
        std::string_view pending;
        auto const apply = [&] {
            CodePointSet right = fold(members.take());
            if (pending.empty())
                left = std::move(right);
            else if (pending == "&&")
                left = intersect(left, right);
            else if (pending == "--")
                left = subtract(left, right);
            else
                left = subtract(unite(left, right), intersect(left, right));
        };
        for (;;) {
            if (reader_.at_end()) invalid_at("class without end", start);
            if (reader_.skip(']')) break;
            if (auto const op = take_operator(); !op.empty()) {
                apply();
                pending = op;
                continue;
            }
            parse_element(nesting, members);
        }
        apply();
        return negate_if(negated, fold(std::move(left)));
    }

    CodePointSet fold(CodePointSet set) const {
        return ignore_case_ ? close_under_case(set) : std::move(set);
    }

    std::string_view take_operator() {
        for (std::string_view op : {"&&", "--", "~~"})
            if (reader_.skip(op)) return op;
        return {};
    }

    void parse_element(int nesting, Members& members) {
        std::size_t const start = reader_.position();
        if (reader_.next_is('[')) {
            if (auto posix = take_posix_class(reader_, Dialect::fancy))
                members.add(negate_if(posix->negated, fold(std::move(posix->set))));
            else
                members.add(parse_one(nesting + 1));
            return;
        }
        if (reader_.next_is('\\')) {
            reader_.take();
            if (auto escaped = parse_set_escape(reader_, Dialect::fancy, true)) {
                CodePointSet set = std::move(escaped->set);
                if (escaped->is_property) set = fold(std::move(set));
                members.add(negate_if(escaped->negated, std::move(set)));
                if (range_follows()) invalid_at("range that begins with a class", start);
                return;
            }
            reader_.seek(start);
        }
        std::uint32_t const first = parse_character();
        if (!range_follows()) {
            members.add(first, first);
            return;
        }
        reader_.take();
        if (reader_.at_end()) invalid_at("class without end", start);
        if (reader_.next_is('[')) invalid_at("range that ends with a class", start);
        std::uint32_t const last = parse_character();
        if (last < first) invalid_at("empty range in a class", start);
        members.add(first, last);
    }

    std::uint32_t parse_character() {
        if (!reader_.skip('\\')) return reader_.take();
        std::size_t const start = reader_.position() - 1;
        if (parse_set_escape(reader_, Dialect::fancy, true))
            invalid_at("range that ends with a class", start);
        return parse_char_escape(reader_, Dialect::fancy, true);
    }

    bool range_follows() const {
        std::string_view const rest = reader_.rest();
        return rest.starts_with('-') && rest.size() > 1 && rest[1] != ']' && rest[1] != '-';
    }

    PatternReader& reader_;
    bool ignore_case_;
};

}  // namespace

CodePointSet parse_class(PatternReader& reader, Dialect dialect, bool ignore_case) {
    if (dialect == Dialect::onig) return OnigClassParser(reader).parse(ignore_case);
    return RustClassParser(reader, ignore_case).parse();
}

}  // namespace tokmill::regex
