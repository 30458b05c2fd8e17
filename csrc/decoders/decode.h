// Ids to bytes and text. Works on the token table alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/token_table.h"
#include "decoders/text_stream.h"
#include "pipeline/definition.h"

namespace tokmill {

// How many bytes the tokens have together. Throws unknown_token with the index of the id.
std::size_t decoded_size(TokenTable const& tokens, std::span<std::uint32_t const> ids,
                         bool skip_special_tokens);

// Writes the bytes of the tokens, for which decoded_size() has been asked: as many and no more.
void copy_decoded(TokenTable const& tokens, std::span<std::uint32_t const> ids,
                  bool skip_special_tokens, char* out, std::size_t size) noexcept;

// Appends the bytes of the tokens. Throws unknown_token with the index of the id.
void decode_bytes(TokenTable const& tokens, std::span<std::uint32_t const> ids,
                  bool skip_special_tokens, std::string& out);

// Appends `bytes` to `out` with every maximal invalid sequence replaced by U+FFFD, as Rust's
// from_utf8_lossy and Python's errors="replace" do.
void append_utf8_lossy(std::string_view bytes, std::string& out);

// Decodes id by id; never emits half a character.
class StreamDecoder final : public TextStream {
 public:
    StreamDecoder(TokenTable const& tokens, bool skip_special_tokens)
        : tokens_(&tokens), skip_special_tokens_(skip_special_tokens) {}
    // The text that has become certain with this id (invalid sequences as U+FFFD); may be empty.
    std::string push(std::uint32_t id) override;
    // What is left: an unfinished character becomes U+FFFD. The decoder is as new afterwards.
    std::string finish() override;

 private:
    TokenTable const* tokens_;
    bool skip_special_tokens_;
    std::string pending_;  // the bytes of an unfinished character, at most three
};

}  // namespace tokmill
