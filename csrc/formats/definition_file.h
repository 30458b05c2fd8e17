// What the readers of definition files share: how they complain, and how they take fields out of a
// parsed JSON object the way serde takes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace tokmill {

// A definition file being read.
class DefinitionFile {
 public:
    explicit DefinitionFile(json::Reader const& reader) : reader_(&reader) {}

    [[noreturn]] void invalid(std::size_t position, std::string const& reason) const;
    // `feature` is named with the part it belongs to: "normalizer Lowercase".
    [[noreturn]] void unsupported(std::string const& feature) const;

    // A member that must be there.
    json::Value const& member(json::Value const& object, std::string_view name) const;
    bool boolean(json::Value const& object, std::string_view name) const;
    std::uint64_t unsigned_integer(json::Value const& value, std::uint64_t largest) const;
    std::string const& string(json::Value const& value) const;
    std::vector<json::Value> const& array(json::Value const& value) const;
    // The name of an enum variant without data.
    std::string const& variant(json::Value const& value,
                               std::vector<std::string_view> const& allowed) const;

 private:
    json::Reader const* reader_;
};

}  // namespace tokmill
