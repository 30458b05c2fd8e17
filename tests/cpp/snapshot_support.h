// Small snapshots, and changing them behind the back of the checksum.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "formats/load.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/snapshot_file.h"
#include "small_definitions.h"

namespace tokmill::test {

inline Definition small_rank_definition() {
    LoadHints hints;
    hints.pattern = "'s| ?\\p{L}+| ?\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    // The id between is a hole; two names for one id, as o200k_harmony has them.
    hints.special_tokens = {{"<|end|>", 263}, {"<|stop|>", 265}, {"<|halt|>", 265}};
    return load_definition(small_rank_file(), hints);
}

inline Definition small_merge_definition() {
    return load_definition(small_tokenizer_json());
}

inline std::shared_ptr<Tokenizer const> open_copy(std::string_view data) {
    auto copy = std::make_shared<std::string const>(data);
    return Tokenizer::open_snapshot(*copy, copy);
}

// Makes size and checksum fit what the file has become.
inline void reseal(std::string& snapshot) {
    constexpr std::size_t kSize = 16, kChecksum = 24, kChecked = 32;
    if (snapshot.size() < kChecked) return;
    std::uint64_t const size = snapshot.size();
    std::memcpy(snapshot.data() + kSize, &size, sizeof size);
    std::uint64_t const sum = snapshot_checksum(std::string_view(snapshot).substr(kChecked));
    std::memcpy(snapshot.data() + kChecksum, &sum, sizeof sum);
}

struct Place {
    std::size_t begin = 0, size = 0;
};

// Where a section lies in the file.
inline Place find_section(std::string const& snapshot, SectionId wanted) {
    std::uint32_t count;
    std::memcpy(&count, snapshot.data() + 32, sizeof count);
    for (std::size_t i = 0; i < count; ++i) {
        char const* const entry = snapshot.data() + 64 + i * 24;
        std::uint32_t id;
        std::uint64_t place[2];
        std::memcpy(&id, entry, sizeof id);
        std::memcpy(place, entry + 8, sizeof place);
        if (id == static_cast<std::uint32_t>(wanted)) return {place[0], place[1]};
    }
    return {};
}

// The complete definition behind a byte-level tokenizer.
inline Definition const& definition_of(Tokenizer const& tokenizer) {
    return dynamic_cast<ByteLevelTokenizer const&>(tokenizer).definition->full();
}

template <class T>
void write_at(std::string& snapshot, std::size_t position, T const& value) {
    std::memcpy(snapshot.data() + position, &value, sizeof value);
}

// With element `index` of a section of T replaced, and a checksum that fits.
template <class T>
std::string with_element(std::string snapshot, SectionId id, std::size_t index, T const& value) {
    write_at(snapshot, find_section(snapshot, id).begin + index * sizeof(T), value);
    reseal(snapshot);
    return snapshot;
}

}  // namespace tokmill::test
