// The dialects spell nearly everything alike. What differs and occurs in published patterns is
// respelled; that the result means the same is then checked on the syntax trees.
#include "formats/dialect_translation.h"

#include <cstddef>
#include <vector>

#include "core/error.h"
#include "regex/ast.h"
#include "regex/parser.h"
#include "regex/reference_quirks.h"

namespace tokmill {

namespace {

// Ruby's "$" is the end of any line, and its "{1,3}+" repeats the repetition.
class Respelling {
 public:
    explicit Respelling(std::string_view pattern) : pattern_(pattern) {}

    std::string run() {
        while (at_ < pattern_.size()) step();
        return std::move(out_);
    }

 private:
    void step() {
        char const c = pattern_[at_];
        if (c == '(') {
            groups_.push_back(out_.size());
            copy(1);
        } else if (c == ')') {
            copy(1);
            if (!groups_.empty()) {
                atom_ = groups_.back();
                groups_.pop_back();
            }
        } else if (c == '[') {
            atom_ = out_.size();
            copy(class_size());
        } else if (c == '\\') {
            atom_ = out_.size();
            copy(escape_size());
        } else if (c == '$' || c == '^') {
            atom_ = out_.size();
            out_ += c == '$' ? "\\z" : "\\A";
            ++at_;
        } else if (c == '{') {
            interval();
        } else if (c == '*' || c == '+' || c == '?' || c == '|') {
            copy(1);
        } else {
            atom_ = out_.size();
            copy(1);
            while (at_ < pattern_.size() && (pattern_[at_] & 0xC0) == 0x80) copy(1);
        }
    }

    void copy(std::size_t size) {
        out_.append(pattern_.substr(at_, size));
        at_ += size;
    }

    // "{1,3}+" takes what it can and gives nothing back.
    void interval() {
        std::size_t const close = pattern_.find('}', at_);
        if (close == std::string_view::npos) return copy(1);
        copy(close + 1 - at_);
        if (at_ < pattern_.size() && pattern_[at_] == '+') {
            ++at_;
            out_.insert(atom_, "(?>");
            out_ += ')';
        }
    }

    // "\p{Han}", "\x{41}" or two characters.
    std::size_t escape_size() const {
        std::string_view const rest = pattern_.substr(at_);
        if (rest.size() > 2 && rest[2] == '{' &&
            std::string_view("pPxuU").find(rest[1]) != std::string_view::npos) {
            std::size_t const close = rest.find('}');
            if (close != std::string_view::npos) return close + 1;
        }
        return 2;
    }

    // From one bracket to the one that closes it. "]" in first place is an ordinary character.
    std::size_t class_size() const {
        int depth = 0;
        for (std::size_t i = at_; i < pattern_.size(); ++i) {
            char const c = pattern_[i];
            if (c == '\\') {
                ++i;
            } else if (c == '[') {
                ++depth;
                if (pattern_.substr(i + 1).starts_with('^')) ++i;
                if (pattern_.substr(i + 1).starts_with(']')) ++i;
            } else if (c == ']' && --depth == 0) {
                return i + 1 - at_;
            }
        }
        return pattern_.size() - at_;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    std::string out_;
    std::size_t atom_ = 0;             // where in out_ the last thing that can be repeated begins
    std::vector<std::size_t> groups_;  // where in out_ the open groups begin
};

}  // namespace

std::optional<std::string> translate_to_onig(std::string_view pattern) {
    regex::NodePtr const meaning = regex::parse(pattern, regex::Dialect::fancy);
    std::string translated = Respelling(pattern).run();
    try {
        regex::NodePtr const result = regex::parse(translated, regex::Dialect::onig);
        regex::refuse_quirks(*result, regex::Dialect::onig);
        if (regex::same_structure(*meaning, *result)) return translated;
    } catch (Error const&) {
        // Not a pattern that the other dialect can be trusted with.
    }
    return std::nullopt;
}

}  // namespace tokmill
