// Tokenizer::canonicalize for tokenizers whose tokens cannot be decoded one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/id_buffer.h"
#include "pipeline/tokenizer.h"

namespace tokmill {

// Encodes again what stands between the ids for which is_special(id) holds; those stay.
template <class IsSpecial>
void canonicalize_between(Tokenizer const& tokenizer, std::span<std::uint32_t const> ids,
                          IsSpecial const& is_special, IdBuffer& out) {
    EncodeOptions options;
    options.add_special_tokens = false;
    options.special = SpecialPolicy::text;
    std::size_t begin = 0;
    auto const flush = [&](std::size_t end) {
        std::string text;
        if (begin < end) tokenizer.decode(ids.subspan(begin, end - begin), false, text);
        if (!text.empty())
            tokenizer.encode({text.data(), text.size(), TextKind::bytes}, options, out);
    };
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!is_special(ids[i])) continue;
        flush(i);
        out.push(ids[i]);
        begin = i + 1;
    }
    flush(ids.size());
}

}  // namespace tokmill
