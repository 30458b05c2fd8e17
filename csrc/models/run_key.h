// The key of some hundred bytes of text in a WordCache.
#pragma once

#include <string_view>

#include "models/word_key.h"

namespace tokmill {

// Of all of the run; quicker than WordCache::long_key for so much.
WordKey run_key(std::string_view run) noexcept;

}  // namespace tokmill
