// The JSON form of an Encoding, which is what its pickle holds.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/encoding.h"

namespace tokmill::bindings {

std::string encoding_to_json(stages::Encoding const& encoding);
// Throws Error(invalid_input).
stages::Encoding encoding_from_json(std::string_view json);

}  // namespace tokmill::bindings
