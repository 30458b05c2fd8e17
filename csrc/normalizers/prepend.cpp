// Prepend puts a string before a text that is not empty.
#include "normalizers/normalizers.h"

namespace tokmill::stages {

namespace {

class Prepend final : public Normalizer {
 public:
    explicit Prepend(std::string text) : text_(std::move(text)) {}

    void normalize(NormalizedString& text) const override { text.prepend(text_); }
    void normalize(std::string& text) const override {
        if (!text.empty()) text.insert(0, text_);
    }

    // Without anything to take its place, the first character counts as inserted.
    bool may_insert_before() const noexcept override { return text_.empty(); }

    std::optional<OnlySpaces> only_spaces() const override {
        if (text_.empty()) return std::nullopt;
        return OnlySpaces{text_, false};
    }

 private:
    std::string text_;
};

}  // namespace

NormalizerPtr make_prepend(std::string text) {
    return std::make_shared<Prepend const>(std::move(text));
}

}  // namespace tokmill::stages
