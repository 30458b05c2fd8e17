// Strip takes white space off the ends.
#include "normalizers/normalizers.h"

namespace tokmill::stages {

namespace {

class Strip final : public Normalizer {
 public:
    Strip(bool left, bool right) : left_(left), right_(right) {}

    void normalize(NormalizedString& text) const override {
        if (left_ && right_) return text.strip();
        if (left_) text.strip_left();
        if (right_) text.strip_right();
    }

    void normalize(std::string& text) const override {
        if (right_) text.resize(text.size() - trailing_white_space(text));
        if (left_) text.erase(0, leading_white_space(text));
    }

    // The ends of all parts but the last one are not white space.
    bool works_in_parts() const noexcept override { return !left_; }

 private:
    bool left_;
    bool right_;
};

}  // namespace

NormalizerPtr make_strip(bool left, bool right) {
    return std::make_shared<Strip const>(left, right);
}

}  // namespace tokmill::stages
