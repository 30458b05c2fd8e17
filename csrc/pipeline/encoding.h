// The result of encoding one input with everything that tokenizers' Encoding tells about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace tokmill::stages {

enum class Side : std::uint8_t { left, right };

struct Encoding {
    static constexpr std::uint32_t kNoWord = 0xFFFFFFFF;

    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> type_ids;
    std::vector<std::string> tokens;
    std::vector<std::uint32_t> words;  // kNoWord: none
    std::vector<Span> offsets;         // in characters of the original, or in bytes on the way
    std::vector<std::uint32_t> special_tokens_mask;
    std::vector<std::uint32_t> attention_mask;
    std::vector<Encoding> overflowing;
    std::map<std::size_t, Span> sequence_ranges;  // sequence number -> range of tokens

    std::size_t size() const noexcept { return ids.size(); }
};

}  // namespace tokmill::stages
