// Decoding in chunks: what the ids of the last chunk stand for is cut off the front of what they
// and the new ones stand for together, because a decoder looks at neighbours.
#include "pipeline/decode_stream.h"

#include <string_view>
#include <utility>

#include "core/error.h"

namespace tokmill::stages {

namespace {

// Incomplete characters decode to U+FFFD.
bool is_incomplete(std::string_view text) {
    return text.ends_with("\xEF\xBF\xBD");
}

}  // namespace

std::optional<std::string> DecodeStream::step(GeneralPipeline const& pipeline,
                                              std::span<std::uint32_t const> ids) {
    if (prefix_.empty() && !ids_.empty()) {
        std::string text = pipeline.decode(ids_, skip_special_tokens_);
        if (!is_incomplete(text)) {
            prefix_ = std::move(text);
            prefix_index_ = ids_.size();
        }
    }
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    std::string const text = pipeline.decode(ids_, skip_special_tokens_);
    if (text.size() <= prefix_.size() || is_incomplete(text)) return std::nullopt;
    std::string chunk = behind_prefix(text);
    ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(prefix_index_));
    prefix_ = pipeline.decode(ids_, skip_special_tokens_);
    prefix_index_ = ids_.size();
    return chunk;
}

std::string DecodeStream::finish(GeneralPipeline const& pipeline) {
    std::string const text = pipeline.decode(ids_, skip_special_tokens_);
    std::string rest = text.size() > prefix_.size() ? behind_prefix(text) : std::string();
    *this = DecodeStream({}, skip_special_tokens_);
    return rest;
}

std::string DecodeStream::behind_prefix(std::string const& text) const {
    if (text.starts_with(prefix_)) return text.substr(prefix_.size());
    std::uint32_t const last = ids_.empty() ? 0 : ids_.back();
    throw Error(
        ErrorKind::invalid_input,
        "Invalid prefix encountered while decoding stream. Token ID: " + std::to_string(last) +
            ", Expected prefix: '" + prefix_ + "', Actual string: '" + text + "'");
}

}  // namespace tokmill::stages
