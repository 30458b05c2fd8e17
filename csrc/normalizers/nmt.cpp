// Nmt: removes control characters and makes spaces of some others, as sentencepiece's nmt rules do.
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
    template <class Text>
    static void clean(Text& text) {
        static LeadTable const removed = leads_of(is_removed);
        static LeadTable const spaces = leads_of(becomes_space);
        remove_chars(text, removed, is_removed);
        change_chars(text, spaces, becomes_space,
                     [](auto& output, std::uint32_t) { output.put(' ', 0); });
    }
};

}  // namespace

NormalizerPtr make_nmt() {
    return std::make_shared<Nmt const>();
}

}  // namespace tokmill::stages
