// Filtering and mapping with any function.
#include "normalizers/string_changes.h"

#include "normalizers/rewrite.h"

namespace tokmill::stages {

void filter(NormalizedString& text, std::function<bool(std::uint32_t)> const& keeps) {
    rewrite_text(text, [&](AlignedOutput& output) {
        for_each_char(output.input(), [&](std::uint32_t c) {
            if (keeps(c)) {
                output.put(c, 0);
            } else {
                output.remove(1);
            }
        });
    });
}

void map(NormalizedString& text, std::function<std::uint32_t(std::uint32_t)> const& mapped) {
    rewrite_text(text, [&](AlignedOutput& output) {
        for_each_char(output.input(), [&](std::uint32_t c) { output.put(mapped(c), 0); });
    });
}

}  // namespace tokmill::stages
