// Canonicality by its definition: all texts up to some length are encoded, and every sequence of
// tokens is looked for among the beginnings of the encodings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytelm/boundary_automaton.h"
#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"
#include "check.h"
#include "pretokenizers/splitter.h"
#include "random_numbers.h"

namespace tokmill::test {

using Ids = std::vector<std::uint32_t>;
using Tokens = std::vector<std::optional<std::string>>;
// Nothing for a text that cannot be encoded with tokens that stand for bytes.
using Encode = std::function<std::optional<Ids>(std::string_view)>;

inline bytelm::ByteVocabulary make_vocabulary(Tokens const& tokens) {
    std::vector<std::optional<std::string_view>> views;
    for (auto const& token : tokens) {
        views.push_back(token ? std::optional<std::string_view>(*token) : std::nullopt);
    }
    return bytelm::ByteVocabulary(views);
}

class CanonicalOracle {
 public:
    // All texts of up to `longest` of the letters.
    CanonicalOracle(Encode const& encode, std::vector<std::string> letters, std::size_t longest)
        : letters_(std::move(letters)) {
        add_texts(encode, "", longest);
    }

    // Follows all canonical sequences of which the text has at most `longest` letters, counted by
    // `count_letters`. Few enough that what they may be followed by is in the texts.
    void check(bytelm::ByteVocabulary const& vocabulary, bytelm::Canonicality const& canonicality,
               std::size_t longest,
               std::function<std::size_t(std::string_view)> const& count_letters) const {
        struct Visit {
            Ids ids;
            std::string text;
            bytelm::Canonicality::StatePtr state;
        };
        std::vector<Visit> rest{{{}, "", canonicality.start()}};
        while (!rest.empty()) {
            Visit const visit = rest.back();
            rest.pop_back();
            CHECK_EQ(canonicality.may_end(*visit.state), encodings_.contains(visit.ids));
            bytelm::TokenSet const allowed = canonicality.allowed(*visit.state);
            for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
                Visit next = visit;
                next.ids.push_back(vocabulary.id(place));
                next.text += vocabulary.bytes(place);
                if (count_letters(next.text) > longest) continue;
                bool const expected = beginnings_.contains(next.ids);
                bool const allows = canonicality.allows(*visit.state, place);
                if (allowed.contains(place) != expected || allows != expected) {
                    CHECK_EQ(allowed.contains(place), expected);
                    CHECK_EQ(allows, expected);
                    CHECK_EQ(next.ids, Ids());
                    CHECK_EQ(next.text, "");
                    return;
                }
                if (!expected) continue;
                next.state = canonicality.append(*visit.state, place);
                rest.push_back(std::move(next));
            }
        }
    }

 private:
    void add_texts(Encode const& encode, std::string const& text, std::size_t longest) {
        if (auto const ids = encode(text)) {
            encodings_.insert(*ids);
            for (std::size_t i = 0; i <= ids->size(); ++i) {
                beginnings_.emplace(ids->begin(), ids->begin() + static_cast<std::ptrdiff_t>(i));
            }
        }
        if (longest == 0) return;
        for (std::string const& letter : letters_) add_texts(encode, text + letter, longest - 1);
    }

    std::vector<std::string> letters_;
    std::set<Ids> encodings_;
    std::set<Ids> beginnings_;
};

inline std::size_t count_bytes(std::string_view text) {
    return text.size();
}
inline std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (char const c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

// Always the longest token that the rest of the text begins with.
inline Encode longest_match(Tokens const& tokens) {
    std::map<std::string, std::uint32_t, std::less<>> ids;
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (tokens[id]) ids[*tokens[id]] = id;
    }
    return [ids](std::string_view text) -> std::optional<Ids> {
        Ids result;
        for (std::size_t at = 0; at < text.size();) {
            std::size_t size = text.size() - at;
            while (size > 0 && !ids.contains(text.substr(at, size))) --size;
            if (size == 0) return std::nullopt;
            result.push_back(ids.find(text.substr(at, size))->second);
            at += size;
        }
        return result;
    };
}

inline PreTokenizer split(std::string pattern, bool is_regex, SplitBehavior behavior) {
    PreTokenizer step;
    step.pattern = std::move(pattern);
    step.pattern_is_regex = is_regex;
    step.behavior = behavior;
    return step;
}

inline std::unique_ptr<bytelm::BoundaryAutomaton const> boundaries_of(PreTokenizer const& step) {
    return bytelm::BoundaryAutomaton::compile(std::span(&step, 1), regex::Dialect::onig,
                                              bytelm::Utf8Rule::any);
}

// The pieces of a text.
using Cut = std::function<std::vector<std::string>(std::string_view)>;

inline Cut cutter(PreTokenizer const& step) {
    std::shared_ptr<Splitter const> const splitter = make_splitter(step, regex::Dialect::onig);
    return [splitter](std::string_view text) {
        std::vector<Span> spans;
        splitter->split(text, spans);
        std::vector<std::string> pieces;
        for (Span const span : spans) {
            pieces.emplace_back(text.substr(span.begin, span.end - span.begin));
        }
        return pieces;
    };
}

// An encoding piece by piece.
inline Encode in_pieces(Encode const& encode, Cut const& cut) {
    return [=](std::string_view text) -> std::optional<Ids> {
        Ids all;
        for (std::string const& piece : cut(text)) {
            auto const ids = encode(piece);
            if (!ids) return std::nullopt;
            all.insert(all.end(), ids->begin(), ids->end());
        }
        return all;
    };
}

}  // namespace tokmill::test
