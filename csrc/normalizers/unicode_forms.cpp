// NFC, NFD, NFKC and NFKD.
#include <algorithm>

#include "core/lazy.h"
#include "normalizers/composition.h"
#include "normalizers/nfc.h"
#include "normalizers/nfc_data.h"
#include "normalizers/nfkc_data.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

using nfc::Kind;

struct Canonical {
    static std::uint8_t kind_number(std::uint32_t c) noexcept { return nfc::kind_number(c); }
    static Kind kind_of(std::uint32_t c) noexcept { return nfc::kind_of(c); }
    static nfc::Decomposition decompose(std::uint32_t c) noexcept { return nfc::decompose(c); }
    static std::size_t stable_prefix(std::string_view text) noexcept {
        return nfc_stable_prefix(text);
    }
};

struct Compatibility {
    static std::uint8_t kind_number(std::uint32_t c) noexcept { return nfkc::kind_number(c); }
    static Kind kind_of(std::uint32_t c) noexcept { return nfkc::kind_of(c); }
    static nfkc::Decomposition decompose(std::uint32_t c) noexcept { return nfkc::decompose(c); }
    static std::size_t stable_prefix(std::string_view text);
};

Lazy<LeadTable> const kUnstableLeads;

// As nfc_stable_prefix.
std::size_t Compatibility::stable_prefix(std::string_view text) {
    LeadTable const& leads = kUnstableLeads.get([] {
        return leads_of([](std::uint32_t c) { return kind_number(c) > nfc::kLastStableKind; });
    });
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    auto const* const end = begin + text.size();
    for (std::size_t i = leads.find(text, 0); i < text.size(); i = leads.find(text, i)) {
        DecodedChar const c = decode_char(begin + i);
        if (kind_number(c.code_point) <= nfc::kLastStableKind) {
            i += c.size;
            continue;
        }
        nfc::RunCheck<Compatibility> run(begin, begin + i);
        auto const* const behind = run.check(end);
        if (behind == nullptr) return static_cast<std::size_t>(run.restart() - begin);
        i = static_cast<std::size_t>(behind - begin);
    }
    return text.size();
}

template <class Form, class Output>
void write_composed(Output& output) {
    std::string_view const text = output.input();
    nfc::Stretch<Form> stretch(text);
    for (std::size_t position = 0; position < text.size();) {
        std::size_t const stable = Form::stable_prefix(text.substr(position));
        if (stable > 0) output.keep(text.substr(position, stable));
        position += stable;
        if (position == text.size()) break;
        position = stretch.normalize(position);
        for (nfc::Part const& part : stretch.parts()) {
            output.put(part.code_point, 1 - static_cast<int>(part.originals));
        }
    }
}

// Puts decomposed characters in canonical order. The changes go with their characters, as in the
// reference, although the old characters are counted off in the old order.
template <class Form, class Output>
class Ordered {
 public:
    explicit Ordered(Output& output) : output_(output) {}

    void put(std::uint32_t code_point, int change) {
        std::uint8_t const combining_class = Form::kind_of(code_point).combining_class();
        if (combining_class != 0) {
            marks_.push_back({combining_class, {code_point, change}});
            return;
        }
        flush();
        output_.put(code_point, change);
    }

    void flush() {
        if (marks_.empty()) return;
        auto const by_class = [](Mark const& a, Mark const& b) {
            return a.combining_class < b.combining_class;
        };
        if (!std::is_sorted(marks_.begin(), marks_.end(), by_class)) {
            std::stable_sort(marks_.begin(), marks_.end(), by_class);
        }
        for (Mark const& mark : marks_) output_.put(mark.c.code_point, mark.c.change);
        marks_.clear();
    }

 private:
    struct Mark {
        std::uint8_t combining_class;
        CharChange c;
    };

    Output& output_;
    std::vector<Mark> marks_;
};

template <class Form>
bool stays_decomposed(std::uint32_t c) noexcept {
    Kind const kind = Form::kind_of(c);
    return kind.combining_class() == 0 && !kind.decomposes();
}

template <class Form>
Lazy<LeadTable> const kDecomposingLeads;

template <class Form, class Output>
void write_decomposed(Output& output) {
    LeadTable const& leads = kDecomposingLeads<Form>.get(
        [] { return leads_of([](std::uint32_t c) { return !stays_decomposed<Form>(c); }); });
    std::string_view const text = output.input();
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    Ordered<Form, Output> ordered(output);
    for (std::size_t i = 0; i < text.size();) {
        std::size_t const run = i;
        std::uint32_t changing = 0;
        std::size_t size = 0;
        for (i = leads.find(text, i); i < text.size(); i = leads.find(text, i)) {
            DecodedChar const c = decode_char(begin + i);
            if (!stays_decomposed<Form>(c.code_point)) {
                changing = c.code_point;
                size = c.size;
                break;
            }
            i += c.size;
        }
        if (run < i) {
            ordered.flush();
            output.keep(text.substr(run, i - run));
        }
        if (size == 0) break;
        i += size;
        if (!Form::kind_of(changing).decomposes()) {
            ordered.put(changing, 0);
            continue;
        }
        auto const parts = Form::decompose(changing);
        for (std::size_t k = 0; k < parts.size; ++k) {
            ordered.put(parts.code_points[k], k == 0 ? 0 : 1);
        }
    }
    ordered.flush();
}

template <class Output>
void write_form(Output& output, UnicodeForm form) {
    switch (form) {
        case UnicodeForm::nfc:
            return write_composed<Canonical>(output);
        case UnicodeForm::nfd:
            return write_decomposed<Canonical>(output);
        case UnicodeForm::nfkc:
            return write_composed<Compatibility>(output);
        case UnicodeForm::nfkd:
            return write_decomposed<Compatibility>(output);
    }
}

class FormNormalizer final : public Normalizer {
 public:
    explicit FormNormalizer(UnicodeForm form) : form_(form) {}

    void normalize(NormalizedString& text) const override { normalize_form(text, form_); }
    void normalize(std::string& text) const override { normalize_form(text, form_); }

    bool is_nfc() const noexcept override { return form_ == UnicodeForm::nfc; }
    bool works_in_parts() const noexcept override { return true; }

 private:
    UnicodeForm form_;
};

}  // namespace

void normalize_form(NormalizedString& text, UnicodeForm form) {
    rewrite_text(text, [form](auto& output) { write_form(output, form); });
}

void normalize_form(std::string& text, UnicodeForm form) {
    rewrite_text(text, [form](auto& output) { write_form(output, form); });
}

NormalizerPtr make_unicode_form(UnicodeForm form) {
    return std::make_shared<FormNormalizer const>(form);
}

}  // namespace tokmill::stages
