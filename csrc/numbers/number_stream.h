// Ids to text, one by one, where the digits of a number token depend on its neighbours or the base
// does not just join bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "decoders/text_stream.h"
#include "numbers/number_writer.h"
#include "numbers/numbers_tokenizer.h"

namespace tokmill::numbers {

class NumberStream final : public TextStream {
 public:
    NumberStream(NumbersTokenizer const& tokenizer, bool skip_special_tokens);

    std::string push(std::uint32_t id) override;
    std::string finish() override;

 private:
    std::string push_number(std::size_t index);
    std::string push_base(std::uint32_t id);
    // Digits that have become certain.
    std::string put(std::string const& digits);
    // Text of the base with its stand-ins replaced.
    std::string filled(std::string const& text);

    NumbersTokenizer const* tokenizer_;
    bool stands_in_;
    std::unique_ptr<TextStream> base_;
    NumberWriter writer_;
    bool in_numeral_ = false;
    // What is to be written for the stand-ins that the base has not given back yet.
    std::deque<std::string> numerals_;
};

}  // namespace tokmill::numbers
