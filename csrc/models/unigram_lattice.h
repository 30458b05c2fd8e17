// A random way to cut a text into Unigram pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/unigram_tables.h"

namespace tokmill::stages {

struct LatticePart {
    std::uint32_t begin, end;
    std::size_t id;
};

// With `nbest_size` above zero from so many best ways, each with a weight of exp(alpha * its sum of
// scores); otherwise from all ways. Unknown characters are parts only if there is an unk_id; where
// that leaves a gap, the path is empty or Error(invalid_input) is thrown.
std::vector<LatticePart> sample_path(std::string_view text, UnigramTables const& tables,
                                     std::optional<std::size_t> unk_id, double alpha,
                                     std::optional<std::size_t> nbest_size);

}  // namespace tokmill::stages
