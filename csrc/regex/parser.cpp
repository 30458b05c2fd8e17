// Recursive-descent parser for both dialects: they share the skeleton and differ in flags,
// anchors, quantifiers and in how far an inline flag reaches.
#include "regex/parser.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regex/case_folding.h"
#include "regex/class_parser.h"
#include "regex/escapes.h"
#include "regex/named_sets.h"
#include "regex/pattern_reader.h"
#include "simd/utf8.h"

namespace tokmill::regex {

namespace {

constexpr int kMaxNesting = 60;
// Far beyond any real pattern; what it expands to is limited separately.
constexpr std::uint32_t kMaxCount = 1000;

struct Flags {
    bool ignore_case = false;
    bool dot_all = false;
    bool multi_line = false;  // Rust: ^ and $ also at line breaks. Oniguruma: always
    bool extended = false;
    bool swap_greed = false;
};

// A quantifier as written.
struct Quantifier {
    std::uint32_t min = 0;
    std::uint32_t max = 0;
    bool greedy = true;
    bool possessive = false;
};

class Parser {
 public:
    Parser(std::string_view pattern, Dialect dialect)
        : reader_(pattern), onig_(dialect == Dialect::onig), dialect_(dialect) {}

    NodePtr parse_all() {
        NodePtr node = parse_alternation();
        if (!reader_.at_end()) invalid_at("unmatched closing parenthesis", reader_.position());
        return node;
    }

 private:
    NodePtr parse_alternation() {
        std::size_t const start = reader_.position();
        std::vector<NodePtr> alternatives;
        do alternatives.push_back(parse_branch());
        while (reader_.skip('|'));
        return make_alternate(std::move(alternatives), start);
    }

    NodePtr parse_branch() {
        std::size_t const start = reader_.position();
        std::vector<NodePtr> items;
        for (;;) {
            skip_ignored();
            if (reader_.at_end() || reader_.next_is('|') || reader_.next_is(')')) break;
            std::size_t const atom_start = reader_.position();
            NodePtr atom = parse_atom();
            if (!atom) continue;  // flags
            items.push_back(parse_quantifiers(std::move(atom), atom_start));
        }
        return make_concat(std::move(items), start);
    }

    // White space and comments under the x flag; (?#...) always.
    void skip_ignored() {
        for (;;) {
            if (reader_.next_is("(?#")) {
                skip_comment_group();
            } else if (flags_.extended && is_ignored_space()) {
                reader_.take();
            } else if (flags_.extended && reader_.next_is('#')) {
                while (!reader_.at_end() && reader_.take() != '\n') continue;
            } else {
                return;
            }
        }
    }

    bool is_ignored_space() const {
        if (reader_.at_end()) return false;
        std::string_view const spaces = onig_ ? " \t\n\r\v\f" : " \t\n\r";
        return spaces.find(reader_.rest().front()) != std::string_view::npos;
    }

    void skip_comment_group() {
        std::size_t const start = reader_.position();
        for (;;) {
            if (reader_.at_end()) invalid_at("comment without end", start);
            std::uint32_t const c = reader_.take();
            if (c == ')') return;
            if (c == '\\' && !reader_.at_end()) reader_.take();
        }
    }

    // Nothing for an inline flag group, which stands for no node.
    NodePtr parse_atom() {
        std::size_t const start = reader_.position();
        char const c = reader_.rest().front();
        atom_is_assertion_ = false;
        switch (c) {
            case '(':
                return parse_group();
            case '[':
                return make_set(parse_class(reader_, dialect_, flags_.ignore_case), start);
            case '\\':
                reader_.take();
                return parse_escape(start);
            case '.':
                reader_.take();
                return make_set(flags_.dot_all ? CodePointSet::all() : not_newline(), start);
            case '^':
                reader_.take();
                return assertion(line_begin(start));
            case '$':
                reader_.take();
                return assertion(line_end(start));
            case '*':
            case '+':
            case '?':
                invalid_at("quantifier without anything to repeat", start);
            case '{':
                if (onig_ && take_interval()) {
                    invalid_at("quantifier without anything to repeat", start);
                }
                break;
            default:
                break;
        }
        return literal(reader_.take(), start);
    }

    NodePtr literal(std::uint32_t code_point, std::size_t start) {
        CodePointSet set = CodePointSet::of(code_point);
        if (!flags_.ignore_case) return make_set(std::move(set), start);
        if (onig_ && multi_fold_sources().contains(code_point))
            unsupported_at("case-insensitive character with multi-character case folding", start);
        return make_set(close_under_case(set), start, true);
    }

    static CodePointSet not_newline() { return complement(CodePointSet::of('\n')); }

    NodePtr assertion(NodePtr node) {
        atom_is_assertion_ = true;
        return node;
    }

    // Zero-width conditions, built from one-character look-arounds and the edges of the text.

    static NodePtr look_at(CodePointSet set, bool ahead, bool negated, std::size_t start) {
        return make_look(make_set(std::move(set), start), ahead, negated, start);
    }

    NodePtr line_begin(std::size_t start) const {
        NodePtr const edge = make_text_edge(false, start);
        if (!onig_ && !flags_.multi_line) return edge;
        NodePtr after_newline = look_at(CodePointSet::of('\n'), false, false, start);
        // Oniguruma sees no further line after a final newline.
        if (onig_)
            after_newline = make_concat(
                {std::move(after_newline), look_at(CodePointSet::all(), true, false, start)},
                start);
        return make_alternate({edge, std::move(after_newline)}, start);
    }

    NodePtr line_end(std::size_t start) const {
        NodePtr const edge = make_text_edge(true, start);
        if (!onig_ && !flags_.multi_line) return edge;
        return make_alternate({look_at(CodePointSet::of('\n'), true, false, start), edge}, start);
    }

    // \Z: before one newline at the end (Oniguruma) or any number of them (fancy-regex).
    NodePtr end_but_newlines(std::size_t start) const {
        NodePtr const newlines = make_repeat(make_set(CodePointSet::of('\n'), start), 0,
                                             onig_ ? 1 : kUnlimited, true, start);
        return make_look(make_concat({newlines, make_text_edge(true, start)}, start), true, false,
                         start);
    }

    CodePointSet word_set() const { return shorthand_set(Shorthand::word, dialect_, false); }

    NodePtr word_edge(bool before, bool after, std::size_t start) const {
        return make_concat(
            {look_at(word_set(), false, !before, start), look_at(word_set(), true, !after, start)},
            start);
    }

    NodePtr word_boundary(bool boundary, std::size_t start) const {
        return make_alternate(
            {word_edge(true, !boundary, start), word_edge(false, boundary, start)}, start);
    }

    NodePtr general_newline(std::size_t start) const {
        NodePtr const pair = make_concat(
            {make_set(CodePointSet::of('\r'), start), make_set(CodePointSet::of('\n'), start)},
            start);
        NodePtr const single =
            make_set(CodePointSet({{0x0A, 0x0D}, {0x85, 0x85}, {0x2028, 0x2029}}), start);
        return make_atomic(make_alternate({pair, single}, start), start);
    }

    // With the reader after the backslash, which stands at `start`.
    NodePtr parse_escape(std::size_t start) {
        if (auto escaped = parse_set_escape(reader_, dialect_, false)) {
            CodePointSet set = std::move(escaped->set);
            // Oniguruma does not ignore case in a property outside of brackets.
            if (flags_.ignore_case && !onig_ && escaped->is_property) set = close_under_case(set);
            return make_set(escaped->negated ? complement(set) : std::move(set), start);
        }
        if (!reader_.at_end()) {
            std::size_t const at = reader_.position();
            if (NodePtr node =
                    parse_special_escape(static_cast<char>(reader_.rest().front()), start))
                return node;
            reader_.seek(at);
        }
        return literal(parse_char_escape(reader_, dialect_, false), start);
    }

    // Escapes that stand for neither a character nor a set; nothing if `c` is none of them.
    NodePtr parse_special_escape(char c, std::size_t start) {
        reader_.seek(reader_.position() + 1);
        switch (c) {
            case 'A':
                return assertion(make_text_edge(false, start));
            case 'z':
                return assertion(make_text_edge(true, start));
            case 'Z':
                return assertion(end_but_newlines(start));
            case 'b':
                if (!onig_ && reader_.next_is('{')) return assertion(braced_boundary(start));
                return assertion(word_boundary(true, start));
            case 'B':
                return assertion(word_boundary(false, start));
            case '<':
                return onig_ ? nullptr : assertion(word_edge(false, true, start));
            case '>':
                return onig_ ? nullptr : assertion(word_edge(true, false, start));
            case 'R':
                return general_newline(start);
            case 'N':
                return make_set(not_newline(), start);
            case 'O':
                return make_set(CodePointSet::all(), start);
            case 'K':
                unsupported_at("\\K", start);
            case 'G':
                unsupported_at("\\G", start);
            case 'X':
                if (onig_) unsupported_at("\\X", start);
                return nullptr;
            case 'y':
            case 'Y':
                if (onig_) unsupported_at("text segment boundary", start);
                return nullptr;
            case 'k':
                unsupported_at("back-reference", start);
            case 'g':
                unsupported_at("subexpression call", start);
            default:
                return nullptr;
        }
    }

    // \b{start} and its kin. What looks like a count is a quantifier after all.
    NodePtr braced_boundary(std::size_t start) {
        if (reader_.skip("{start}")) return word_edge(false, true, start);
        if (reader_.skip("{end}")) return word_edge(true, false, start);
        if (reader_.skip("{start-half}")) return look_at(word_set(), false, true, start);
        if (reader_.skip("{end-half}")) return look_at(word_set(), true, true, start);
        std::string_view const rest = reader_.rest();
        if (rest.size() > 1 && (rest[1] == ',' || (rest[1] >= '0' && rest[1] <= '9')))
            return word_boundary(true, start);
        invalid_at("unknown word boundary", start);
    }

    NodePtr parse_group() {
        std::size_t const start = reader_.position();
        if (++nesting_ > kMaxNesting) unsupported_at("group nested so deeply", start);
        reader_.take();
        NodePtr node = parse_group_kind(start);
        --nesting_;
        return node;
    }

    NodePtr parse_group_kind(std::size_t start) {
        if (reader_.next_is('*')) unsupported_at("callout or control verb", start);
        if (!reader_.skip('?')) return finish_group(start);
        if (reader_.skip('=')) return parse_look(true, false, start);
        if (reader_.skip('!')) return parse_look(true, true, start);
        if (reader_.skip("<=")) return parse_look(false, false, start);
        if (reader_.skip("<!")) return parse_look(false, true, start);
        if (reader_.skip('>')) return make_atomic(finish_group(start), start);
        if (reader_.skip('(')) unsupported_at("conditional", start);
        if (reader_.skip('~')) unsupported_at("absent operator", start);
        if (reader_.skip('{')) unsupported_at("callout", start);
        if (reader_.skip('<')) return parse_named_group('>', start);
        if (reader_.skip('\'')) return parse_named_group('\'', start);
        if (!onig_) {
            if (reader_.skip("P<")) return parse_named_group('>', start);
            if (reader_.skip("P=")) unsupported_at("back-reference", start);
            if (reader_.skip("P>")) unsupported_at("subexpression call", start);
        }
        return parse_flag_group(start);
    }

    // The rest of a group up to its closing parenthesis. Flags that change inside reach to the end
    // of the group in Oniguruma, but beyond it in fancy-regex.
    NodePtr finish_group(std::size_t start) {
        Flags const outer = flags_;
        NodePtr node = parse_alternation();
        if (!reader_.skip(')')) invalid_at("group without end", start);
        if (onig_) flags_ = outer;
        atom_is_assertion_ = false;
        return node;
    }

    NodePtr parse_look(bool ahead, bool negated, std::size_t start) {
        NodePtr body = finish_group(start);
        atom_is_assertion_ = true;
        atom_is_look_ = true;
        return make_look(std::move(body), ahead, negated, start);
    }

    NodePtr parse_named_group(char close, std::size_t start) {
        std::size_t const length = reader_.rest().find(close);
        if (length == 0 || length == std::string_view::npos) invalid_at("bad group name", start);
        reader_.seek(reader_.position() + length + 1);
        return finish_group(start);
    }

    // (?flags:...) and (?flags), with the reader after the question mark.
    NodePtr parse_flag_group(std::size_t start) {
        Flags const outer = flags_;
        bool const closed = parse_flags(start);
        if (!closed) {
            NodePtr node = parse_alternation();
            if (!reader_.skip(')')) invalid_at("group without end", start);
            flags_ = outer;
            atom_is_assertion_ = false;
            return node;
        }
        if (!onig_) return nullptr;
        // In Oniguruma (?i) opens a group that ends where the enclosing one does, alternatives
        // included: a(?i)b|c is a(?i:b|c).
        NodePtr node = parse_alternation();
        flags_ = outer;
        return node;
    }

    // Returns whether the flags were closed by a parenthesis (otherwise by a colon).
    bool parse_flags(std::size_t start) {
        bool on = true;
        for (;;) {
            if (reader_.at_end()) invalid_at("group without end", start);
            std::uint32_t const c = reader_.take();
            switch (c) {
                case ')':
                    return true;
                case ':':
                    return false;
                case '-':
                    if (!on) invalid_at("bad group flags", start);
                    on = false;
                    break;
                case 'i':
                    flags_.ignore_case = on;
                    break;
                case 'x':
                    flags_.extended = on;
                    break;
                case 'm':
                    (onig_ ? flags_.dot_all : flags_.multi_line) = on;
                    break;
                default:
                    parse_dialect_flag(c, on, start);
            }
        }
    }

    void parse_dialect_flag(std::uint32_t c, bool on, std::size_t start) {
        constexpr std::string_view kOnigFlags = "WDSPyCIL";
        bool const ascii = c < 0x80;
        if (onig_ && ascii && kOnigFlags.find(static_cast<char>(c)) != std::string_view::npos)
            unsupported_at("group flag", start);
        if (!onig_ && c == 's')
            flags_.dot_all = on;
        else if (!onig_ && c == 'U')
            flags_.swap_greed = on;
        else if (!onig_ && c == 'R')
            unsupported_at("group flag", start);
        else if (onig_ || c != 'u' || !on)
            invalid_at("unknown group flag", start);
    }

    // Every quantifier that follows an atom. The Rust dialect allows one, Oniguruma any number.
    NodePtr parse_quantifiers(NodePtr atom, std::size_t start) {
        bool const is_assertion = std::exchange(atom_is_assertion_, false);
        bool const is_look = std::exchange(atom_is_look_, false);
        for (bool first = true;; first = false) {
            skip_ignored();
            std::size_t const at = reader_.position();
            auto quantifier = take_quantifier();
            if (!quantifier) return atom;
            if (onig_ ? is_assertion : is_look || !first)
                invalid_at("quantifier without anything to repeat", at);
            NodePtr repeated =
                make_repeat(atom, quantifier->min, quantifier->max, quantifier->greedy, start);
            atom = quantifier->possessive ? make_atomic(std::move(repeated), start)
                                          : std::move(repeated);
        }
    }

    std::optional<Quantifier> take_quantifier() {
        Quantifier q;
        bool interval = false;
        if (reader_.skip('*')) {
            q = {0, kUnlimited};
        } else if (reader_.skip('+')) {
            q = {1, kUnlimited};
        } else if (reader_.skip('?')) {
            q = {0, 1};
        } else if (auto parsed = take_interval()) {
            q = *parsed;
            interval = true;
        } else {
            return std::nullopt;
        }
        if (onig_)
            take_onig_suffix(q, interval);
        else
            take_rust_suffix(q);
        return q;
    }

    // {n}? and {n,m}+ are no suffixes to Oniguruma but further quantifiers; {m,n} with m > n is
    // possessive.
    void take_onig_suffix(Quantifier& q, bool interval) {
        if (q.possessive) return;
        if (interval) {
            if (q.min != q.max && reader_.skip('?')) q.greedy = false;
            return;
        }
        if (reader_.skip('?'))
            q.greedy = false;
        else if (reader_.skip('+'))
            q.possessive = true;
    }

    void take_rust_suffix(Quantifier& q) {
        skip_ignored();
        if (reader_.skip('?')) q.greedy = false;
        if (flags_.swap_greed) q.greedy = !q.greedy;
        if (reader_.skip('+')) q.possessive = true;
    }

    // {n}, {n,}, {,m}, {n,m}. Anything else that begins with a brace is literal text.
    std::optional<Quantifier> take_interval() {
        std::size_t const start = reader_.position();
        if (!reader_.skip('{')) return std::nullopt;
        auto const min = take_count();
        std::optional<std::uint32_t> max = min;
        bool const comma = (skip_interval_space(), reader_.skip(','));
        if (comma) max = take_count();
        skip_interval_space();
        bool const meaningless = !min && (!comma || (onig_ && !max));
        if (meaningless || !reader_.skip('}')) {
            reader_.seek(start);
            return std::nullopt;
        }
        Quantifier q{min.value_or(0), max.value_or(kUnlimited)};
        if (q.min > q.max) {
            if (!onig_) unsupported_at("repetition count with its limits swapped", start);
            std::swap(q.min, q.max);
            q.possessive = true;
        }
        return q;
    }

    void skip_interval_space() {
        if (!onig_) skip_ignored();
    }

    std::optional<std::uint32_t> take_count() {
        skip_interval_space();
        std::size_t const start = reader_.position();
        std::optional<std::uint32_t> count;
        while (!reader_.at_end() && reader_.rest().front() >= '0' &&
               reader_.rest().front() <= '9') {
            count = count.value_or(0) * 10 + (reader_.take() - '0');
            if (*count > kMaxCount) unsupported_at("so large a repetition count", start);
        }
        return count;
    }

    PatternReader reader_;
    bool onig_;
    Dialect dialect_;
    Flags flags_;
    int nesting_ = 0;
    bool atom_is_assertion_ = false;
    bool atom_is_look_ = false;
};

}  // namespace

NodePtr parse(std::string_view pattern, Dialect dialect) {
    if (simd::valid_utf8_prefix(pattern) != pattern.size()) invalid_at("not UTF-8", 0);
    return Parser(pattern, dialect).parse_all();
}

}  // namespace tokmill::regex
