// StripAccents removes combining marks; it takes none off composed characters.
#include "core/lazy.h"
#include "normalizers/char_sets.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

class StripAccents final : public Normalizer {
 public:
    void normalize(NormalizedString& text) const override { strip(text); }
    void normalize(std::string& text) const override { strip(text); }

    bool works_in_parts() const noexcept override { return true; }

 private:
    template <class Text>
    void strip(Text& text) const {
        LeadTable const& leads = leads_.get([] { return leads_of(is_combining_mark); });
        remove_chars(text, leads, is_combining_mark);
    }

    Lazy<LeadTable> leads_;
};

}  // namespace

NormalizerPtr make_strip_accents() {
    return std::make_shared<StripAccents const>();
}

}  // namespace tokmill::stages
