// How long encodings become, as tokenizers decides it.
#include "pipeline/padding.h"

#include <algorithm>

namespace tokmill::stages {

void pad_encodings(std::span<Encoding> encodings, Padding const& padding) {
    std::size_t length = 0;
    if (padding.fixed_length) {
        length = *padding.fixed_length;
    } else {
        for (Encoding const& encoding : encodings) length = std::max(length, encoding.size());
    }
    std::size_t const multiple = padding.multiple_of.value_or(0);
    if (multiple > 0 && length % multiple > 0) length += multiple - length % multiple;
    for (Encoding& encoding : encodings) encoding.pad(length, padding.token, padding.direction);
}

}  // namespace tokmill::stages
