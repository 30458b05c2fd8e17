// Grapheme clusters as Precompiled sees them. What cannot matter there is left out: clusters longer
// than five bytes need not be told apart from their parts, so regional indicators have no rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tokmill::stages {

// Whether the character may belong to the cluster before it, or the next one to its cluster, when
// the other one answers both with no.
bool may_join_before(std::uint32_t code_point) noexcept;
bool may_join_behind(std::uint32_t code_point) noexcept;

// The end of the cluster that begins at `begin`, which is less than the size of `text`.
std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept;

}  // namespace tokmill::stages
