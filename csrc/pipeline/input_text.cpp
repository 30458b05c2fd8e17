#include "pipeline/input_text.h"

#include "core/error.h"
#include "simd/transcode.h"
#include "simd/utf8.h"

namespace tokmill {

Utf8Text utf8_of(TextRef text, std::vector<char>& buffer) {
    std::string_view const bytes(static_cast<char const*>(text.data), text.length);
    if (text.kind == TextKind::ascii) return {bytes, bytes.size()};
    if (text.kind == TextKind::bytes) return {bytes, simd::valid_utf8_prefix(bytes)};
    std::size_t const bound = simd::utf8_length_bound(text);
    if (buffer.size() < bound) buffer.resize(bound);
    try {
        std::size_t const size = simd::transcode_to_utf8(text, buffer.data());
        return {{buffer.data(), size}, size};
    } catch (Error const& error) {
        // Positions are in bytes of UTF-8, whatever the caller's code units.
        TextRef const before{text.data, error.position(), text.kind};
        throw Error(error.kind(), error.what(), simd::transcode_to_utf8(before, buffer.data()));
    }
}

}  // namespace tokmill
