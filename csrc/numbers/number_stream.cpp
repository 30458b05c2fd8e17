#include "numbers/number_stream.h"

#include <string_view>
#include <utility>

#include "core/error.h"

namespace tokmill::numbers {

NumberStream::NumberStream(NumbersTokenizer const& tokenizer, bool skip_special_tokens)
    : tokenizer_(&tokenizer),
      stands_in_(!tokenizer.segments().stand_in().empty()),
      base_(tokenizer.base().stream(skip_special_tokens)),
      writer_(tokenizer.vocabulary()) {}

std::string NumberStream::push(std::uint32_t id) {
    if (!tokenizer_->tokens().has(id)) {
        throw Error(ErrorKind::unknown_token, "no token has the id " + std::to_string(id));
    }
    auto const index = tokenizer_->index_of(id);
    return index ? push_number(*index) : push_base(id);
}

std::string NumberStream::push_number(std::size_t index) {
    std::string text;
    if (!in_numeral_ || !writer_.continues(index)) {
        std::string rest;
        writer_.finish(rest);
        text += put(rest);
        if (stands_in_) {
            numerals_.emplace_back();
            for (std::uint32_t const id : tokenizer_->segments().stand_in_ids()) {
                text += filled(base_->push(id));
            }
        } else if (!in_numeral_) {
            text += base_->finish();
        }
        in_numeral_ = true;
    }
    std::string digits;
    writer_.push(index, digits);
    return text + put(digits);
}

std::string NumberStream::push_base(std::uint32_t id) {
    std::string digits;
    writer_.finish(digits);
    std::string text = put(digits);
    in_numeral_ = false;
    bool const is_stand_in = stands_in_ && tokenizer_->segments().spells_stand_in({&id, 1}) == 1;
    if (is_stand_in) numerals_.push_back(tokenizer_->segments().stand_in());
    return text + filled(base_->push(id));
}

std::string NumberStream::put(std::string const& digits) {
    // A numeral that the base still holds back gets them.
    if (digits.empty() || !stands_in_ || numerals_.empty()) return digits;
    numerals_.back() += digits;
    return {};
}

std::string NumberStream::filled(std::string const& text) {
    if (!stands_in_) return text;
    std::string_view const stand_in = tokenizer_->segments().stand_in();
    std::string result;
    std::size_t at = 0;
    while (!numerals_.empty()) {
        std::size_t const found = text.find(stand_in, at);
        if (found == std::string::npos) break;
        result.append(text, at, found - at);
        result += numerals_.front();
        numerals_.pop_front();
        at = found + stand_in.size();
    }
    return result.append(text, at);
}

std::string NumberStream::finish() {
    std::string digits;
    writer_.finish(digits);
    std::string text = put(digits);
    text += filled(base_->finish());
    writer_ = NumberWriter(tokenizer_->vocabulary());
    numerals_.clear();
    in_numeral_ = false;
    return text;
}

}  // namespace tokmill::numbers
