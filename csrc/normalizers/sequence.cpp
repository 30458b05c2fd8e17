// Normalizers one after the other.
#include <algorithm>

#include "normalizers/normalizers.h"

namespace tokmill::stages {

namespace {

class Sequence final : public Normalizer {
 public:
    explicit Sequence(std::vector<NormalizerPtr> parts) : parts_(std::move(parts)) {
        auto const inserts = [](NormalizerPtr const& part) { return part->may_insert_before(); };
        auto const found = std::find_if(parts_.begin(), parts_.end(), inserts);
        may_insert_before_ = found != parts_.end();
        needs_alignments_ = may_insert_before_ && found + 1 != parts_.end();
    }

    void normalize(NormalizedString& text) const override {
        for (NormalizerPtr const& part : parts_) part->normalize(text);
    }

    void normalize(std::string& text) const override {
        if (needs_alignments_) {
            NormalizedString aligned(std::move(text));
            normalize(aligned);
            text = aligned.normalized();
            return;
        }
        for (NormalizerPtr const& part : parts_) part->normalize(text);
    }

    bool may_insert_before() const noexcept override { return may_insert_before_; }

    bool is_nfc() const noexcept override {
        return !parts_.empty() &&
               std::all_of(parts_.begin(), parts_.end(),
                           [](NormalizerPtr const& part) { return part->is_nfc(); });
    }
    bool works_in_parts() const noexcept override {
        return !may_insert_before_ &&
               std::all_of(parts_.begin(), parts_.end(),
                           [](NormalizerPtr const& part) { return part->works_in_parts(); });
    }
    bool isolates_ideographs() const noexcept override {
        return parts_.size() == 1 && parts_[0]->isolates_ideographs();
    }
    std::optional<OnlySpaces> only_spaces() const override {
        OnlySpaces all;
        for (NormalizerPtr const& part : parts_) {
            std::optional<OnlySpaces> const one = part->only_spaces();
            // What is put before a text after others have replaced its spaces keeps its own.
            if (!one || (!one->prefix.empty() && (!all.prefix.empty() || all.replaces))) {
                return std::nullopt;
            }
            all.prefix += one->prefix;
            all.replaces |= one->replaces;
        }
        return all;
    }

 private:
    std::vector<NormalizerPtr> parts_;
    bool may_insert_before_;
    bool needs_alignments_;
};

}  // namespace

NormalizerPtr make_normalizer_sequence(std::vector<NormalizerPtr> parts) {
    return std::make_shared<Sequence const>(std::move(parts));
}

}  // namespace tokmill::stages
