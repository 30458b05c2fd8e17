// ByteLevel: cuts as GPT-2 does and writes every byte as a character of the byte alphabet.
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/byte_alphabet.h"
#include "core/utf8_decode.h"
#include "pretokenizers/splitter.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

std::unique_ptr<Splitter const> gpt2_splitter(bool use_regex) {
    tokmill::PreTokenizer step;
    step.kind = PreTokenizerKind::byte_level;
    step.use_regex = use_regex;
    return make_splitter(step, regex::Dialect::onig);
}

class ByteLevel final : public PreTokenizer {
 public:
    ByteLevel(bool add_prefix_space, bool use_regex)
        : add_prefix_space_(add_prefix_space),
          use_regex_(use_regex),
          splitter_(gpt2_splitter(use_regex)) {}

    void pre_tokenize(PreTokenizedString& text) const override {
        text.split([&](std::size_t, NormalizedString piece) { return cut(std::move(piece)); });
        std::vector<CharChange> changes;
        for (Piece& piece : text.pieces()) {
            if (!piece.tokens) map_bytes(piece.text, changes);
        }
    }

    std::optional<std::vector<tokmill::PreTokenizer>> byte_level_steps() const override {
        tokmill::PreTokenizer step;
        step.kind = PreTokenizerKind::byte_level;
        step.add_prefix_space = add_prefix_space_;
        step.use_regex = use_regex_;
        return std::vector{step};
    }
    bool has_plain_form() const noexcept override { return true; }

    void pre_tokenize_plain(PlainPieces& pieces) const override {
        if (add_prefix_space_) {
            rewrite_pieces(
                pieces,
                [](std::string_view piece, bool) {
                    return piece.starts_with(' ') ? std::string_view() : std::string_view(" ");
                },
                [](std::string_view characters, std::string& out) { out += characters; });
        }
        if (splitter_) {
            cut_pieces(pieces, [&](std::string_view piece, std::vector<Span>& out) {
                splitter_->split(piece, out);
            });
        }
        rewrite_pieces(
            pieces, [](std::string_view, bool) { return std::string_view(); },
            [](std::string_view bytes, std::string& out) { append_byte_alphabet(bytes, out); });
    }

 private:
    std::vector<Piece> cut(NormalizedString piece) const {
        if (add_prefix_space_ && !piece.normalized().starts_with(' ')) piece.prepend(" ");
        std::vector<Piece> parts;
        if (!splitter_) {
            parts.push_back({std::move(piece), std::nullopt});
            return parts;
        }
        std::vector<Span> spans;
        splitter_->split(piece.normalized(), spans);
        parts.reserve(spans.size());
        for (Span const& span : spans) {
            parts.push_back({piece.slice(Referential::normalized, span).value(), std::nullopt});
        }
        return parts;
    }

    // The first byte of a character takes its place, the others are inserted behind it.
    static void map_bytes(NormalizedString& piece, std::vector<CharChange>& changes) {
        changes.clear();
        for (char const c : piece.normalized()) {
            auto const byte = static_cast<unsigned char>(c);
            changes.push_back({kByteCharacters[byte], is_continuation(byte) ? 1 : 0});
        }
        piece.transform(changes, 0);
    }

    bool add_prefix_space_;
    bool use_regex_;
    std::unique_ptr<Splitter const> splitter_;  // null: does not cut
};

}  // namespace

PreTokenizerPtr pre_tokenizers::byte_level(bool add_prefix_space, bool use_regex) {
    return std::make_shared<ByteLevel>(add_prefix_space, use_regex);
}

}  // namespace tokmill::stages
