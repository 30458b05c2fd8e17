// Most characters stay, go or get spaces around them, which a table tells. The others are
// decomposed, put in order, stripped of their marks and lowercased, one after the other.
#include "normalizers/bert_plain.h"

#include <algorithm>

#include "core/utf8_decode.h"
#include "core/utf8_encode.h"
#include "normalizers/ascii.h"
#include "normalizers/case_mapping.h"
#include "normalizers/char_sets.h"
#include "normalizers/nfc_data.h"
#include "unicode/properties.h"

namespace tokmill::stages {

bool is_bert_ideograph(std::uint32_t c) noexcept {
    auto const in = [c](std::uint32_t first, std::uint32_t last) {
        return c >= first && c <= last;
    };
    return in(0x4E00, 0x9FFF) || in(0x3400, 0x4DBF) || in(0x20000, 0x2A6DF) ||
           in(0x2A700, 0x2B81F) || in(0x2B920, 0x2CEAF) || in(0xF900, 0xFAFF) ||
           in(0x2F800, 0x2FA1F);
}

bool is_bert_space(std::uint32_t c) noexcept {
    return c != ' ' && unicode::is_white_space(c);
}

class PlainBert::Pass {
 public:
    Pass(PlainBert const& bert, std::string_view text) : bert_(bert), text_(text) {
        out_.reserve(text.size() + text.size() / 2);
    }

    std::string run() {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text_.data());
        for (std::size_t i = 0; i < text_.size();) {
            if (std::size_t const ascii = printable_ascii_prefix(text_.substr(i))) {
                flush();
                append_ascii(text_.substr(i, ascii));
                i += ascii;
                continue;
            }
            DecodedChar const c = decode_char(bytes + i);
            take(c.code_point, text_.substr(i, c.size));
            i += c.size;
        }
        flush();
        return std::move(out_);
    }

 private:
    void take(std::uint32_t code_point, std::string_view spelled) {
        switch (bert_.action(code_point)) {
            case Action::keep:
                flush();
                out_.append(spelled);
                break;
            case Action::remove:
                break;
            case Action::space:
                flush();
                out_.push_back(' ');
                break;
            case Action::isolate:
                isolate(spelled);
                break;
            case Action::rewrite:
                rewrite(code_point);
                break;
        }
    }

    void append_ascii(std::string_view run) {
        if (!bert_.options_.lowercase) {
            out_.append(run);
            return;
        }
        std::size_t const before = out_.size();
        out_.resize(before + run.size());
        std::transform(
            run.begin(), run.end(), out_.begin() + static_cast<std::ptrdiff_t>(before),
            [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
    }

    void isolate(std::string_view spelled) {
        flush();
        char spaced[6] = {' '};
        std::copy(spelled.begin(), spelled.end(), spaced + 1);
        spaced[spelled.size() + 1] = ' ';
        out_.append(spaced, spelled.size() + 2);
    }

    void rewrite(std::uint32_t code_point) {
        bool const isolated = bert_.options_.handle_chinese_chars && is_bert_ideograph(code_point);
        if (isolated) {
            flush();
            out_.push_back(' ');
        }
        if (!bert_.strips_accents_) {
            write(code_point);
        } else if (nfc::kind_of(code_point).decomposes()) {
            nfc::Decomposition const parts = nfc::decompose(code_point);
            for (std::size_t i = 0; i < parts.size; ++i) put_in_order(parts.code_points[i]);
        } else {
            put_in_order(code_point);
        }
        if (isolated) {
            flush();
            out_.push_back(' ');
        }
    }

    void put_in_order(std::uint32_t code_point) {
        std::uint8_t const combining_class = nfc::kind_of(code_point).combining_class();
        if (combining_class == 0) flush();
        if (is_nonspacing_mark(code_point)) return;
        if (combining_class == 0) {
            write(code_point);
        } else {
            marks_.push_back({combining_class, code_point});
        }
    }

    void flush() {
        if (marks_.empty()) return;
        std::stable_sort(marks_.begin(), marks_.end(), [](Mark const& a, Mark const& b) {
            return a.combining_class < b.combining_class;
        });
        for (Mark const& mark : marks_) write(mark.code_point);
        marks_.clear();
    }

    void write(std::uint32_t code_point) {
        if (!bert_.options_.lowercase) return append_utf8(code_point, out_);
        CaseMapping const lower = lower_case(code_point);
        for (std::size_t i = 0; i < lower.size; ++i) append_utf8(lower.code_points[i], out_);
    }

    struct Mark {
        std::uint8_t combining_class;
        std::uint32_t code_point;
    };

    PlainBert const& bert_;
    std::string_view text_;
    std::string out_;
    std::vector<Mark> marks_;  // behind the last starter, in the order of the text
};

PlainBert::PlainBert(BertOptions const& options)
    : options_(options), strips_accents_(options.strip_accents.value_or(options.lowercase)) {
    for (std::uint32_t c = 0; c < actions_.size(); ++c) {
        actions_[c] = c >= 0xD800 && c < 0xE000 ? Action::keep : find_action(c);
    }
}

void PlainBert::normalize(std::string& text) const {
    text = Pass(*this, text).run();
}

PlainBert::Action PlainBert::find_action(std::uint32_t c) const noexcept {
    if (options_.clean_text) {
        if (is_unclean(c)) return Action::remove;
        if (is_bert_space(c)) return Action::space;
    }
    if (strips_accents_) {
        nfc::Kind const kind = nfc::kind_of(c);
        bool const stays = kind.combining_class() == 0 && !kind.decomposes();
        if (!stays || is_nonspacing_mark(c)) return Action::rewrite;
    }
    if (options_.lowercase && changes_in_lower_case(c)) return Action::rewrite;
    if (options_.handle_chinese_chars && is_bert_ideograph(c)) return Action::isolate;
    return Action::keep;
}

}  // namespace tokmill::stages
