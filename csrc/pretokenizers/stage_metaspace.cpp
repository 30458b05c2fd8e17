// Metaspace: spaces become a visible character, which words begin with.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/utf8_decode.h"
#include "core/utf8_encode.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

class Metaspace final : public PreTokenizer {
 public:
    explicit Metaspace(MetaspaceOptions const& options) : options_(options) {
        append_utf8(options.replacement, replacement_);
    }

    void pre_tokenize(PreTokenizedString& text) const override {
        std::vector<CharChange> changes;
        text.split([&](std::size_t, NormalizedString piece) {
            replace_spaces(piece, changes);
            if (needs_prefix(piece.normalized(), piece.original_span().begin == 0)) {
                piece.prepend(replacement_);
            }
            std::vector<Piece> parts;
            if (!options_.split) {
                parts.push_back({std::move(piece), std::nullopt});
                return parts;
            }
            std::vector<Span> spans;
            cut(piece.normalized(), spans);
            parts.reserve(spans.size());
            for (Span const& span : spans) {
                parts.push_back({piece.slice(Referential::normalized, span).value(), std::nullopt});
            }
            return parts;
        });
    }

    bool has_plain_form() const noexcept override { return true; }
    bool asks_for_original_start() const noexcept override {
        return options_.prepend_scheme == PrependScheme::first;
    }

    void pre_tokenize_plain(PlainPieces& pieces) const override {
        rewrite_pieces(
            pieces,
            [&](std::string_view piece, bool at_start) {
                bool const has_one = piece.starts_with(' ') || !needs_prefix(piece, at_start);
                return has_one ? std::string_view() : std::string_view(replacement_);
            },
            [&](std::string_view characters, std::string& out) { replace(characters, out); });
        if (options_.split) {
            cut_pieces(pieces,
                       [&](std::string_view piece, std::vector<Span>& out) { cut(piece, out); });
        }
    }

    InParts in_parts() const noexcept override {
        return options_.split ? InParts::at_spaces : InParts::no;
    }
    std::optional<WholeText> whole_text() const override {
        if (options_.split || options_.replacement != U'\u2581') return std::nullopt;
        WholeText whole;
        whole.replaces_spaces = true;
        whole.prefix_at_start = options_.prepend_scheme != PrependScheme::never;
        whole.prefix_elsewhere = options_.prepend_scheme == PrependScheme::always;
        return whole;
    }

 private:
    bool needs_prefix(std::string_view piece, bool at_start) const {
        if (options_.prepend_scheme == PrependScheme::never || piece.empty()) return false;
        if (options_.prepend_scheme == PrependScheme::first && !at_start) return false;
        return !piece.starts_with(replacement_);
    }

    void replace_spaces(NormalizedString& piece, std::vector<CharChange>& changes) const {
        std::string const& text = piece.normalized();
        if (text.find(' ') == std::string::npos) return;
        changes.clear();
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        for (std::size_t at = 0; at < text.size();) {
            DecodedChar const c = decode_char(bytes + at);
            changes.push_back({c.code_point == ' '
                                   ? static_cast<std::uint32_t>(options_.replacement)
                                   : c.code_point,
                               0});
            at += c.size;
        }
        // The range is given so that text inserted before the original is replaced as well.
        piece.transform_range(Referential::normalized, {0, text.size()}, changes, 0);
    }

    void replace(std::string_view text, std::string& out) const {
        for (std::size_t space = text.find(' '); space != std::string_view::npos;
             space = text.find(' ')) {
            out += text.substr(0, space);
            out += replacement_;
            text.remove_prefix(space + 1);
        }
        out += text;
    }

    // Before every replacement character.
    void cut(std::string_view text, std::vector<Span>& pieces) const {
        std::size_t begin = 0;
        for (std::size_t at = text.find(replacement_, 1); at < text.size();
             at = text.find(replacement_, at + replacement_.size())) {
            pieces.push_back({begin, at});
            begin = at;
        }
        if (begin != text.size()) pieces.push_back({begin, text.size()});
    }

    MetaspaceOptions options_;
    std::string replacement_;  // as UTF-8
};

}  // namespace

PreTokenizerPtr pre_tokenizers::metaspace(MetaspaceOptions const& options) {
    return std::make_shared<Metaspace>(options);
}

}  // namespace tokmill::stages
