// id -> bytes and flags, in flat arrays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill {

struct TokenTable {
    // `special`: left out of decoded text on request. As tokenizers judges that by the normalized
    // name of a token, it is not always what the definition says.
    enum Flag : std::uint8_t { present = 1, special = 2, added = 4 };

    // Bytes of all tokens back to back, followed by at least 64 bytes of padding so that a
    // fixed-size copy from any token stays inside.
    std::string pool;
    std::vector<std::uint32_t> offset;  // size() + 1 entries
    std::vector<std::uint8_t> flags;    // one a token; 0 for holes

    std::size_t size() const noexcept { return flags.size(); }
    bool has(std::uint32_t id) const noexcept { return id < flags.size() && (flags[id] & present); }
    std::string_view bytes(std::uint32_t id) const noexcept {
        return {pool.data() + offset[id], offset[id + 1] - offset[id]};
    }
};

}  // namespace tokmill
