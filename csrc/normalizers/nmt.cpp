// Nmt: removes control characters and makes spaces of some others, as sentencepiece's nmt rules do.
#include "core/lazy.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

bool is_removed(std::uint32_t c) noexcept {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
}

bool becomes_space(std::uint32_t c) noexcept {
    return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
           (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == 0xFFFD;
}

class Nmt final : public Normalizer {
 public:
    void normalize(NormalizedString& text) const override { clean(text); }
    void normalize(std::string& text) const override { clean(text); }

    bool works_in_parts() const noexcept override { return true; }

 private:
    struct Leads {
        LeadTable removed = leads_of(is_removed);
        LeadTable spaces = leads_of(becomes_space);
    };

    template <class Text>
    void clean(Text& text) const {
        Leads const& leads = leads_.get([] { return Leads(); });
        remove_chars(text, leads.removed, is_removed);
        change_chars(text, leads.spaces, becomes_space,
                     [](auto& output, std::uint32_t) { output.put(' ', 0); });
    }

    Lazy<Leads> leads_;
};

}  // namespace

NormalizerPtr make_nmt() {
    return std::make_shared<Nmt const>();
}

}  // namespace tokmill::stages
