#include "pretokenizers/pre_tokenization.h"

#include <utility>

#include "core/byte_alphabet.h"
#include "core/utf8_decode.h"

namespace tokmill {
namespace {

// The pieces of a byte string as a splitter sees it behind ByteLevel: cut in the byte alphabet,
// where every byte is a character of one or two bytes, and carried back.
void split_on_byte_alphabet(Splitter const& splitter, std::string_view bytes,
                            std::vector<Span>& pieces) {
    std::string mapped;
    append_byte_alphabet(bytes, mapped);
    std::vector<Span> found;
    splitter.split(mapped, found);
    std::size_t at = 0, byte = 0;
    auto const byte_at = [&](std::size_t offset) {
        for (; at < offset; ++byte) at += static_cast<unsigned char>(mapped[at]) < 0x80 ? 1 : 2;
        return byte;
    };
    for (Span const& piece : found) {
        std::size_t const begin = byte_at(piece.begin);
        pieces.push_back({begin, byte_at(piece.end)});
    }
}

}  // namespace

PreTokenization::PreTokenization(std::vector<PreTokenizer> const& steps, regex::Dialect dialect) {
    bool behind_byte_level = false;
    for (PreTokenizer const& definition : steps) {
        Step step;
        step.splitter = make_splitter(definition, dialect);
        step.add_prefix_space =
            definition.kind == PreTokenizerKind::byte_level && definition.add_prefix_space;
        step.on_byte_alphabet = behind_byte_level;
        behind_byte_level |= definition.kind == PreTokenizerKind::byte_level;
        if (step.splitter || step.add_prefix_space) steps_.push_back(std::move(step));
    }
}

WordStepper const* PreTokenization::sole_scanner() const noexcept {
    bool const sole = steps_.size() == 1 && !steps_[0].add_prefix_space && steps_[0].splitter;
    return sole ? steps_[0].splitter->words() : nullptr;
}

void PreTokenization::run(std::string_view text, bool with_alignment, Pieces& pieces) const {
    pieces.text = text;
    pieces.alignment.clear();
    pieces.spans.clear();
    if (!text.empty()) pieces.spans.push_back({0, text.size()});
    for (Step const& step : steps_) {
        if (step.add_prefix_space) add_prefix_spaces(with_alignment, pieces);
        if (step.splitter) cut(step, pieces);
    }
}

void PreTokenization::cut(Step const& step, Pieces& pieces) {
    std::vector<Span> const before = std::exchange(pieces.spans, {});
    for (Span const& piece : before) {
        std::size_t const first = pieces.spans.size();
        std::string_view const text = pieces.text.substr(piece.begin, piece.size());
        if (step.on_byte_alphabet) {
            split_on_byte_alphabet(*step.splitter, text, pieces.spans);
        } else {
            step.splitter->split(text, pieces.spans);
        }
        for (std::size_t i = first; i < pieces.spans.size(); ++i) {
            pieces.spans[i].begin += piece.begin;
            pieces.spans[i].end += piece.begin;
        }
    }
}

// Puts a space before every piece that does not begin with one. The space stands for the same input
// as the character behind it.
void PreTokenization::add_prefix_spaces(bool with_alignment, Pieces& pieces) {
    std::string changed;
    std::vector<Span> alignment;
    auto const input_of = [&](std::size_t at, std::size_t char_begin, std::size_t char_end) {
        return pieces.alignment.empty() ? Span{char_begin, char_end} : pieces.alignment[at];
    };
    for (Span& piece : pieces.spans) {
        std::string_view const text = pieces.text.substr(piece.begin, piece.size());
        std::size_t const begin = changed.size();
        bool const add = text[0] != ' ';
        if (add) changed += ' ';
        changed += text;
        if (with_alignment) {
            for (std::size_t at = 0; at < text.size();) {
                std::size_t size = 1;
                while (at + size < text.size() &&
                       is_continuation(static_cast<unsigned char>(text[at + size]))) {
                    ++size;
                }
                Span const input =
                    input_of(piece.begin + at, piece.begin + at, piece.begin + at + size);
                if (at == 0 && add) alignment.push_back(input);
                for (std::size_t i = 0; i < size; ++i) {
                    alignment.push_back(
                        pieces.alignment.empty() ? input : pieces.alignment[piece.begin + at + i]);
                }
                at += size;
            }
        }
        piece = {begin, changed.size()};
    }
    pieces.changed = std::move(changed);
    pieces.text = pieces.changed;
    pieces.alignment = std::move(alignment);
}

std::vector<std::string> PreTokenization::describe() const {
    std::vector<std::string> lines;
    for (Step const& step : steps_) {
        std::string line = step.splitter ? step.splitter->describe() : "no cut";
        if (step.add_prefix_space) line += ", prefix space";
        if (step.on_byte_alphabet) line += ", on the byte alphabet";
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace tokmill
