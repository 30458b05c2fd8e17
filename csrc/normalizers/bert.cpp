// BertNormalizer: cleaning, spaces around ideographs, accents and case, in this order.
#include "normalizers/char_sets.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"
#include "unicode/properties.h"

namespace tokmill::stages {

namespace {

bool is_other_space(std::uint32_t c) noexcept {
    return c != ' ' && unicode::is_white_space(c);
}

bool is_ideograph(std::uint32_t c) noexcept {
    auto const in = [c](std::uint32_t first, std::uint32_t last) {
        return c >= first && c <= last;
    };
    return in(0x4E00, 0x9FFF) || in(0x3400, 0x4DBF) || in(0x20000, 0x2A6DF) ||
           in(0x2A700, 0x2B81F) || in(0x2B920, 0x2CEAF) || in(0xF900, 0xFAFF) ||
           in(0x2F800, 0x2FA1F);
}

class BertNormalizer final : public Normalizer {
 public:
    explicit BertNormalizer(BertOptions const& options) : options_(options) {}

    void normalize(NormalizedString& text) const override { normalize_any(text); }
    void normalize(std::string& text) const override { normalize_any(text); }

    bool works_in_parts() const noexcept override { return true; }
    bool isolates_ideographs() const noexcept override { return options_.handle_chinese_chars; }

 private:
    template <class Text>
    void normalize_any(Text& text) const {
        if (options_.clean_text) clean(text);
        if (options_.handle_chinese_chars) separate_ideographs(text);
        if (options_.strip_accents.value_or(options_.lowercase)) strip_accents(text);
        if (options_.lowercase) lowercase(text);
    }

    template <class Text>
    static void clean(Text& text) {
        static LeadTable const unclean = leads_of(is_unclean);
        static LeadTable const spaces = leads_of(is_other_space);
        remove_chars(text, unclean, is_unclean);
        change_chars(text, spaces, is_other_space,
                     [](auto& output, std::uint32_t) { output.put(' ', 0); });
    }

    template <class Text>
    static void separate_ideographs(Text& text) {
        static LeadTable const leads = leads_of(is_ideograph);
        change_chars(text, leads, is_ideograph, [](auto& output, std::uint32_t c) {
            output.put(' ', 0);
            output.put(c, 1);
            output.put(' ', 1);
        });
    }

    template <class Text>
    static void strip_accents(Text& text) {
        static LeadTable const leads = leads_of(is_nonspacing_mark);
        normalize_form(text, UnicodeForm::nfd);
        remove_chars(text, leads, is_nonspacing_mark);
    }

    BertOptions options_;
};

}  // namespace

NormalizerPtr make_bert_normalizer(BertOptions const& options) {
    return std::make_shared<BertNormalizer const>(options);
}

}  // namespace tokmill::stages
