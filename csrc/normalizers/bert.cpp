// BertNormalizer: cleaning, spaces around ideographs, accents and case, in this order.
#include "core/lazy.h"
#include "normalizers/bert_plain.h"
#include "normalizers/char_sets.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

class BertNormalizer final : public Normalizer {
 public:
    explicit BertNormalizer(BertOptions const& options) : options_(options) {}

    // Step by step, as the reference does it: the alignments of texts with something inserted
    // before them depend on that.
    void normalize(NormalizedString& text) const override {
        if (options_.clean_text) clean(text);
        if (options_.handle_chinese_chars) separate_ideographs(text);
        if (options_.strip_accents.value_or(options_.lowercase)) strip_accents(text);
        if (options_.lowercase) lowercase(text);
    }

    void normalize(std::string& text) const override {
        plain_.get([this] { return PlainBert(options_); }).normalize(text);
    }

    bool works_in_parts() const noexcept override { return true; }
    bool isolates_ideographs() const noexcept override { return options_.handle_chinese_chars; }

 private:
    struct Leads {
        LeadTable unclean = leads_of(is_unclean);
        LeadTable spaces = leads_of(is_bert_space);
        LeadTable ideographs = leads_of(is_bert_ideograph);
        LeadTable marks = leads_of(is_nonspacing_mark);
    };

    Leads const& leads() const {
        return leads_.get([] { return Leads(); });
    }

    void clean(NormalizedString& text) const {
        remove_chars(text, leads().unclean, is_unclean);
        change_chars(text, leads().spaces, is_bert_space,
                     [](auto& output, std::uint32_t) { output.put(' ', 0); });
    }

    void separate_ideographs(NormalizedString& text) const {
        change_chars(text, leads().ideographs, is_bert_ideograph,
                     [](auto& output, std::uint32_t c) {
                         output.put(' ', 0);
                         output.put(c, 1);
                         output.put(' ', 1);
                     });
    }

    void strip_accents(NormalizedString& text) const {
        normalize_form(text, UnicodeForm::nfd);
        remove_chars(text, leads().marks, is_nonspacing_mark);
    }

    BertOptions options_;
    Lazy<PlainBert> plain_;
    Lazy<Leads> leads_;
};

}  // namespace

NormalizerPtr make_bert_normalizer(BertOptions const& options) {
    return std::make_shared<BertNormalizer const>(options);
}

}  // namespace tokmill::stages
