// Recognition in two steps: experiments with a few short texts suggest the only options that the
// pattern can mean, then the pattern is proved equivalent to what those options mean. How the
// pattern is spelled does not matter, and a wrong suggestion cannot do harm. Because a proof takes
// milliseconds, the results for the spellings that most definitions share are listed here.
#include "pretokenizers/word_pattern.h"

#include <string>
#include <vector>

#include "core/error.h"
#include "core/span.h"
#include "regex/equivalence.h"
#include "regex/matcher.h"
#include "regex/parser.h"
#include "regex/rewrite.h"

namespace tokmill {

namespace {

using Contraction = WordPattern::Contraction;
using Letters = WordPattern::Letters;
using Newlines = WordPattern::Newlines;
using Prefix = WordPattern::Prefix;

class Experimenter {
 public:
    Experimenter(std::string_view pattern, regex::Dialect dialect)
        : matcher_(regex::Matcher::compile(pattern, dialect)) {}

    // Whether the match at the beginning of `text` has this many bytes.
    bool takes(std::string_view text, std::size_t size) const { return match_size(text) == size; }

    std::size_t match_size(std::string_view text) const {
        std::vector<Span> matches;
        matcher_->find_all(text, matches);
        return matches.empty() || matches.front().begin != 0 ? 0 : matches.front().size();
    }

 private:
    std::shared_ptr<regex::Matcher const> matcher_;
};

Contraction suggest_contraction(Experimenter const& pattern) {
    if (pattern.takes("'sx", 2))
        return pattern.takes("'Sx", 2) ? Contraction::first_any_case
                                       : Contraction::first_exact_case;
    return pattern.takes("a'sx", 3) ? Contraction::tail_any_case : Contraction::none;
}

Letters suggest_letters(Experimenter const& pattern) {
    if (pattern.takes("aB", 1)) return Letters::cased;
    return pattern.takes("a\u0301", 3) ? Letters::letters_and_marks : Letters::letters;
}

Newlines suggest_newlines(Experimenter const& pattern) {
    if (pattern.takes(" \n  a", 3)) return Newlines::none;
    return pattern.takes(" \n ", 3) ? Newlines::end_first : Newlines::greedy;
}

std::optional<WordPattern> suggest(Experimenter const& pattern) {
    constexpr std::size_t kUnlimitedDigits = 300;
    WordPattern options;
    options.contraction = suggest_contraction(pattern);
    options.prefix = pattern.takes("!a", 2) ? Prefix::any_but_newline : Prefix::space;
    options.letters = suggest_letters(pattern);
    options.number_takes_space = pattern.takes(" 1", 2);
    std::size_t const digits = pattern.match_size(std::string(kUnlimitedDigits, '1'));
    if (digits == 0 || (digits > 255 && digits < kUnlimitedDigits)) return std::nullopt;
    options.max_digits = digits == kUnlimitedDigits ? 0 : static_cast<std::uint8_t>(digits);
    options.punctuation_takes_newlines = pattern.takes("!\n", 2);
    options.punctuation_takes_slashes = pattern.takes("!\n/", 3);
    options.punctuation_excludes_marks =
        options.letters == Letters::letters_and_marks && pattern.takes("!!\u0301", 2);
    options.newlines = suggest_newlines(pattern);
    return options;
}

std::string letters_alternatives(WordPattern const& options, std::string const& tail) {
    std::string const prefix = options.prefix == Prefix::space ? " ?" : "[^\\r\\n\\p{L}\\p{N}]?";
    if (options.letters == Letters::letters) return prefix + "\\p{L}+" + tail;
    if (options.letters == Letters::letters_and_marks) return prefix + "[\\p{L}\\p{M}]+" + tail;
    std::string const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    std::string const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    return prefix + upper + "*" + lower + "+" + tail + "|" + prefix + upper + "+" + lower + "*" +
           tail;
}

std::string numbers_alternative(WordPattern const& options) {
    std::string const number = options.number_takes_space ? " ?\\p{N}" : "\\p{N}";
    if (options.max_digits == 0) return number + "+";
    if (options.max_digits == 1) return number;
    return number + "{1," + std::to_string(options.max_digits) + "}";
}

std::string punctuation_alternative(WordPattern const& options) {
    std::string const marks = options.punctuation_excludes_marks ? "\\p{M}" : "";
    std::string text = " ?[^\\s\\p{L}" + marks + "\\p{N}]+";
    if (options.punctuation_takes_newlines)
        text += options.punctuation_takes_slashes ? "[\\r\\n/]*" : "[\\r\\n]*";
    return text;
}

constexpr WordPattern kGpt2 = [] {
    WordPattern options;
    options.contraction = Contraction::first_exact_case;
    options.number_takes_space = true;
    return options;
}();

constexpr WordPattern kLlama3 = [] {
    WordPattern options;
    options.contraction = Contraction::first_any_case;
    options.prefix = Prefix::any_but_newline;
    options.max_digits = 3;
    options.punctuation_takes_newlines = true;
    options.newlines = Newlines::greedy;
    return options;
}();

constexpr WordPattern kQwen = [] {
    WordPattern options = kLlama3;
    options.max_digits = 1;
    return options;
}();

constexpr WordPattern kCl100k = [] {
    WordPattern options = kLlama3;
    options.newlines = Newlines::end_first;
    return options;
}();

constexpr WordPattern kO200k = [] {
    WordPattern options = kLlama3;
    options.contraction = Contraction::tail_any_case;
    options.letters = Letters::cased;
    options.punctuation_takes_slashes = true;
    return options;
}();

constexpr WordPattern kTekken = [] {
    WordPattern options = kO200k;
    options.contraction = Contraction::none;
    options.max_digits = 1;
    return options;
}();

// tiktoken's own spellings, as fancy-regex reads them.
constexpr std::string_view kGpt2Spelling =
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)";
constexpr std::string_view kCl100kSpelling =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+)"
    R"(|\s++$|\s*[\r\n]|\s+(?!\S)|\s)";

std::optional<WordPattern> known_word_pattern(std::string_view pattern, regex::Dialect dialect) {
    if (dialect == regex::Dialect::fancy && pattern == kGpt2Spelling) return kGpt2;
    if (dialect == regex::Dialect::fancy && pattern == kCl100kSpelling) return kCl100k;
    for (WordPattern const& options : {kGpt2, kLlama3, kQwen, kO200k, kTekken}) {
        if (pattern == canonical_pattern(options)) return options;
    }
    return std::nullopt;
}

}  // namespace

std::string canonical_pattern(WordPattern const& options) {
    std::string const contractions = "'s|'t|'re|'ve|'m|'ll|'d";
    std::string const any_case = "(?i:" + contractions + ")";
    std::string text;
    if (options.contraction == Contraction::first_exact_case) text = contractions + "|";
    if (options.contraction == Contraction::first_any_case) text = any_case + "|";
    bool const tail = options.contraction == Contraction::tail_any_case;
    text += letters_alternatives(options, tail ? any_case + "?" : "");
    text += "|" + numbers_alternative(options) + "|" + punctuation_alternative(options);
    if (options.newlines == Newlines::end_first) text += "|\\s+\\z";
    if (options.newlines != Newlines::none) text += "|\\s*[\\r\\n]+";
    return text + "|\\s+(?!\\S)|\\s+";
}

std::optional<WordPattern> recognize_word_pattern(std::string_view pattern,
                                                  regex::Dialect dialect) {
    auto const known = known_word_pattern(pattern, dialect);
    return known ? known : prove_word_pattern(pattern, dialect);
}

std::optional<WordPattern> prove_word_pattern(std::string_view pattern, regex::Dialect dialect) {
    try {
        auto const options = suggest(Experimenter(pattern, dialect));
        if (!options) return std::nullopt;
        auto const given = regex::rewrite(regex::parse(pattern, dialect));
        // Nothing in the canonical form depends on the dialect.
        auto const canonical = regex::rewrite(regex::parse(canonical_pattern(*options), dialect));
        if (!regex::equivalent(given, canonical)) return std::nullopt;
        return options;
    } catch (Error const&) {
        return std::nullopt;
    }
}

}  // namespace tokmill
