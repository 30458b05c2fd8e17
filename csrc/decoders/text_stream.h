// Ids to text, one by one.
#pragma once

#include <cstdint>
#include <string>

namespace tokmill {

class TextStream {
 public:
    virtual ~TextStream() = default;
    // The text that has become certain with this id; may be empty. Throws unknown_token.
    virtual std::string push(std::uint32_t id) = 0;
    // What is left. The stream is as new afterwards.
    virtual std::string finish() = 0;
};

}  // namespace tokmill
