// The decoders of tokenizers. Every function makes one; what it does with the tokens and its
// options is tokenizers' component of the same name.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "decoders/decoder.h"
#include "pretokenizers/stages.h"
#include "regex/pattern.h"

namespace tokmill::stages::decoders {

DecoderPtr bpe(std::string suffix);
DecoderPtr byte_fallback();
DecoderPtr byte_level();
DecoderPtr ctc(std::string pad_token, std::string word_delimiter_token, bool cleanup);
DecoderPtr fuse();
DecoderPtr metaspace(MetaspaceOptions const& options);
DecoderPtr replace(Pattern pattern, std::string content);
DecoderPtr sequence(std::vector<DecoderPtr> decoders);
// Removes at most `start` characters `content` from the beginning of every token, and of what is
// left at most `stop` from its end.
DecoderPtr strip(char32_t content, std::size_t start, std::size_t stop);
DecoderPtr word_piece(std::string prefix, bool cleanup);

}  // namespace tokmill::stages::decoders
