#include "pretokenizers/script.h"

#include <algorithm>
#include <iterator>

namespace tokmill::stages {

namespace {

// The code points from here to the next range.
struct ScriptRange {
    std::uint32_t first;
    std::uint8_t script;
};

#include "pretokenizers/script_table.inc"

}  // namespace

std::uint8_t ScriptFinder::find(std::uint32_t code_point) noexcept {
    auto const next =
        std::upper_bound(std::begin(kScriptRanges), std::end(kScriptRanges), code_point,
                         [](std::uint32_t c, ScriptRange const& range) { return c < range.first; });
    ScriptRange const& range = *std::prev(next);
    first_ = range.first;
    size_ = (next == std::end(kScriptRanges) ? 0x110000 : next->first) - first_;
    script_ = range.script;
    return script_;
}

}  // namespace tokmill::stages
