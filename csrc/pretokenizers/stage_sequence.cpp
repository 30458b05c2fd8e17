// Sequence: one stage after the other, each within the pieces of the one before.
#include <algorithm>
#include <memory>
#include <utility>

#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

class Sequence final : public PreTokenizer {
 public:
    explicit Sequence(std::vector<PreTokenizerPtr> stages) : stages_(std::move(stages)) {}

    void pre_tokenize(PreTokenizedString& text) const override {
        for (PreTokenizerPtr const& stage : stages_) stage->pre_tokenize(text);
    }

    bool has_plain_form() const noexcept override {
        return std::all_of(stages_.begin(), stages_.end(),
                           [](PreTokenizerPtr const& stage) { return stage->has_plain_form(); });
    }
    bool asks_for_original_start() const noexcept override {
        return std::any_of(stages_.begin(), stages_.end(), [](PreTokenizerPtr const& stage) {
            return stage->asks_for_original_start();
        });
    }
    void pre_tokenize_plain(PlainPieces& pieces) const override {
        for (PreTokenizerPtr const& stage : stages_) stage->pre_tokenize_plain(pieces);
    }

    std::optional<std::vector<tokmill::PreTokenizer>> byte_level_steps() const override {
        std::vector<tokmill::PreTokenizer> steps;
        for (PreTokenizerPtr const& stage : stages_) {
            auto const one = stage->byte_level_steps();
            if (!one) return std::nullopt;
            steps.insert(steps.end(), one->begin(), one->end());
        }
        return steps;
    }
    // As the first stage does that cuts between the parts; those behind it only see pieces.
    InParts in_parts() const noexcept override {
        InParts result = InParts::yes;
        for (PreTokenizerPtr const& stage : stages_) {
            InParts const one = stage->in_parts();
            if (one == InParts::no) return InParts::no;
            if (result == InParts::yes) result = one;
        }
        return result;
    }
    std::optional<WholeText> whole_text() const override {
        return stages_.size() == 1 ? stages_[0]->whole_text() : std::nullopt;
    }

 private:
    std::vector<PreTokenizerPtr> stages_;
};

}  // namespace

PreTokenizerPtr pre_tokenizers::sequence(std::vector<PreTokenizerPtr> stages) {
    return std::make_shared<Sequence>(std::move(stages));
}

}  // namespace tokmill::stages
