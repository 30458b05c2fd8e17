// How the text between added tokens becomes ids without running the stages on all of it: which
// units it falls into, and what the stages make of one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/general_pipeline.h"
#include "pipeline/unit_cutter.h"
#include "pipeline/unit_runs.h"
#include "pipeline/unit_words.h"

namespace tokmill::stages {

class UnitPlan {
 public:
    // Nothing if the stages of `pipeline`, which must outlive the plan, do not allow it.
    static std::unique_ptr<UnitPlan const> make(GeneralPipeline const& pipeline);

    UnitCutter const& cutter() const noexcept { return cutter_; }
    UnitWords const& words() const noexcept { return *words_; }
    // Null if runs of units are not remembered.
    UnitRuns const* runs() const noexcept { return runs_ ? &*runs_ : nullptr; }

    // The first unit of a text may become other ids than the same unit elsewhere: if it is not to
    // be looked up as it is, its ids are appended, or `changed` is set to what is to be looked up.
    enum class First : std::uint8_t { as_it_is, changed, done };
    First first(std::string_view unit, bool at_start, std::string& changed,
                std::vector<std::uint32_t>& ids) const;

    // "units at spaces", ...
    std::string describe() const;

 private:
    // U+2581 is put before the text, unless it is there already.
    struct Prefix {
        bool always = false;  // even then
        bool at_start = false;
        bool elsewhere = false;
    };
    UnitPlan(GeneralPipeline const& pipeline, UnitRules rules, std::unique_ptr<UnitWords> words)
        : pipeline_(&pipeline), cutter_(std::move(rules)), words_(std::move(words)) {}
    static std::unique_ptr<UnitPlan> make_for_whole_text(GeneralPipeline const& pipeline);
    static std::unique_ptr<UnitPlan> make_for_words(GeneralPipeline const& pipeline);

    GeneralPipeline const* pipeline_;
    UnitCutter cutter_;
    std::unique_ptr<UnitWords> words_;
    std::optional<UnitRuns> runs_;
    Prefix prefix_;
    bool replaces_spaces_ = false;
    bool start_is_special_ = false;  // the stages must see the first unit as the first
};

}  // namespace tokmill::stages
