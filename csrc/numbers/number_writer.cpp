#include "numbers/number_writer.h"

#include <algorithm>
#include <utility>

namespace tokmill::numbers {

bool NumberWriter::continues(std::size_t index) const noexcept {
    if (!adjacent_) return false;
    // What says how many zeros there are is a part of what it says it about.
    if (zeros_before_ > 0 || zeros_dropped_ > 0) return true;
    NumberToken const& token = (*vocabulary_)[index];
    bool const behind_integer = last_ == Kind::integer && place_ > 0;
    switch (token.part) {
        case Part::integer:
            return last_ == Kind::block || (last_ == Kind::integer && place_ == token.place + 1);
        case Part::fraction:
            // Without a token for the point it goes on behind the units, too.
            if (token.place == 0) {
                return last_ == Kind::block ||
                       (vocabulary_->scheme().policy == Policy::regression &&
                        last_ == Kind::integer && place_ == 0);
            }
            return last_ == Kind::fraction && place_ + 1 == token.place;
        case Part::digits:
            if (vocabulary_->scheme().policy != Policy::triadic) return true;
            // Without a marker behind them, the digits before were the last ones.
            return held_ == nullptr && (marker_ != nullptr || last_ == Kind::block ||
                                        behind_integer || last_ == Kind::fraction);
        case Part::integer_marker:
        case Part::fraction_marker:
            return marks_behind() || last_ == Kind::block || behind_integer ||
                   last_ == Kind::fraction;
        case Part::lead_zeros:
        case Part::units:
            return false;
        case Part::drop_zeros:
        case Part::block:
        case Part::higher:
        case Part::separator:
            return true;
    }
    return false;
}

void NumberWriter::push(std::size_t index, std::string& out) {
    NumberToken const& token = (*vocabulary_)[index];
    if (token.part != Part::integer_marker && token.part != Part::fraction_marker) {
        flush_digits(out);
    }
    if (token.part == Part::units && !reversed_.empty()) finish(out);
    switch (token.part) {
        case Part::integer:
            write_integer(token, token.place, out);
            break;
        case Part::fraction:
            write_fraction(token, token.place, out);
            break;
        case Part::digits:
            push_digits(token, out);
            break;
        case Part::integer_marker:
        case Part::fraction_marker:
            if (held_ != nullptr) {
                NumberToken const& digits = *std::exchange(held_, nullptr);
                if (token.part == Part::integer_marker) {
                    write_integer(digits, token.place, out);
                } else {
                    write_fraction(digits, token.place, out);
                }
            } else if (marks_behind()) {
                // The digits are written already.
                bool const of_integer = token.part == Part::integer_marker;
                put(of_integer ? Kind::integer : Kind::fraction, token.place);
            } else {
                marker_ = &token;
            }
            break;
        case Part::lead_zeros:
            zeros_before_ = token.place;
            break;
        case Part::drop_zeros:
            zeros_dropped_ = token.place;
            break;
        case Part::block:
            put(Kind::block, 0);
            break;
        case Part::units:
        case Part::higher:
        case Part::separator: {
            // The bytes of each stay in their order; all of them are turned round at the end.
            std::string bytes = vocabulary_->bytes(index);
            std::reverse(bytes.begin(), bytes.end());
            reversed_ += bytes;
            put(Kind::other, 0);
            break;
        }
    }
    adjacent_ = true;
}

void NumberWriter::push_digits(NumberToken const& token, std::string& out) {
    if (vocabulary_->scheme().policy != Policy::triadic) {
        out += token.digits;
        put(Kind::digits, 0);
    } else if (marker_ != nullptr) {
        NumberToken const& marker = *std::exchange(marker_, nullptr);
        if (marker.part == Part::integer_marker) {
            write_integer(token, marker.place, out);
        } else {
            write_fraction(token, marker.place, out);
        }
    } else if (marks_behind() && by_context()) {
        held_ = &token;
    } else if (marks_behind()) {
        // Nothing that the marker says changes the digits. In continues() a marker may follow.
        out += token.digits;
        bool const follows = last_ == Kind::integer && place_ > 0;
        put(Kind::integer, follows ? place_ - 1 : 0);
    } else {
        write_integer(token, 0, out);
    }
}

void NumberWriter::write_integer(NumberToken const& token, std::uint32_t group, std::string& out) {
    if (by_context()) {
        std::uint32_t zeros = zeros_before_;
        bool const follows =
            last_ == Kind::block || (last_ == Kind::integer && place_ == group + 1);
        std::size_t const size = vocabulary_->grid().size(group);
        if (follows && token.digits.size() < size) {
            zeros = static_cast<std::uint32_t>(size - token.digits.size());
        }
        out.append(zeros, '0');
        zeros_before_ = 0;
    }
    out += token.digits;
    put(Kind::integer, group);
}

void NumberWriter::write_fraction(NumberToken const& token, std::uint32_t depth, std::string& out) {
    if (vocabulary_->scheme().policy == Policy::regression && depth == 0) {
        out += vocabulary_->scheme().point;
    }
    if (by_context()) {
        std::string digits = token.digits;
        std::size_t const size = vocabulary_->fraction_size(depth);
        if (digits.size() < size) digits.insert(0, size - digits.size(), '0');
        digits.resize(digits.size() - std::min<std::size_t>(zeros_dropped_, digits.size()));
        out += digits;
        zeros_dropped_ = 0;
    } else {
        out += token.digits;
    }
    put(Kind::fraction, depth);
}

void NumberWriter::flush_digits(std::string& out) {
    if (held_ == nullptr) return;
    NumberToken const& digits = *std::exchange(held_, nullptr);
    write_integer(digits, 0, out);
}

void NumberWriter::finish(std::string& out) {
    flush_digits(out);
    if (!reversed_.empty()) {
        out.append(reversed_.rbegin(), reversed_.rend());
        reversed_.clear();
    }
    adjacent_ = false;
}

}  // namespace tokmill::numbers
