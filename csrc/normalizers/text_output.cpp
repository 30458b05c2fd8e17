// The alignments of a text that is written anew.
#include "normalizers/text_output.h"

#include "core/error.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

AlignedOutput::AlignedOutput(NormalizedString& target)
    : AlignedOutput(target,
                    target.to_normalized({0, target.original_span().size()}).value_or(Span{})) {
    ignored_ = !target.to_normalized({0, target.original_span().size()}).has_value();
}

AlignedOutput::AlignedOutput(NormalizedString& target, Span range)
    : target_(target), range_(range), position_(range.begin) {}

void AlignedOutput::keep(std::string_view run) {
    if (follows(run)) {
        if (changed_) {
            auto const first =
                target_.alignments().begin() + static_cast<std::ptrdiff_t>(position_);
            alignments_.insert(alignments_.end(), first,
                               first + static_cast<std::ptrdiff_t>(run.size()));
            out_.append(run);
        }
        position_ += run.size();
        return;
    }
    auto const* p = reinterpret_cast<unsigned char const*>(run.data());
    for (auto const* const end = p + run.size(); p < end;) {
        DecodedChar const c = decode_char(p);
        put(c.code_point, 0);
        p += c.size;
    }
}

void AlignedOutput::put(std::uint32_t code_point, int change) {
    if (ignored_) return;
    start();
    std::vector<Span> const& old = target_.alignments();
    Span alignment;
    if (change > 0) {
        if (position_ > 0) alignment = old[position_ - 1];
    } else {
        // The reference panics here. It can only happen to texts whose beginning was inserted.
        if (position_ >= old.size()) {
            throw Error(ErrorKind::invalid_input,
                        "a normalizer cannot align text that was inserted before the original");
        }
        alignment = old[position_];
        advance(static_cast<std::size_t>(1 - static_cast<std::int64_t>(change)));
    }
    if (code_point < 0x80) {
        out_.push_back(static_cast<char>(code_point));
        alignments_.push_back(alignment);
        return;
    }
    char bytes[4];
    std::size_t const size = encode_utf8(code_point, bytes);
    out_.append(bytes, size);
    for (std::size_t i = 0; i < size; ++i) alignments_.push_back(alignment);
}

void AlignedOutput::remove(std::size_t count) {
    if (count == 0) return;
    start();
    advance(count);
}

void AlignedOutput::finish() {
    if (ignored_) return;
    if (!changed_ && position_ == range_.end) return;
    start();
    target_.splice(range_, std::move(out_), std::move(alignments_));
}

// From here on the new text is written out.
void AlignedOutput::start() {
    if (changed_) return;
    changed_ = true;
    out_.reserve(range_.size() + range_.size() / 16);
    alignments_.reserve(range_.size() + range_.size() / 16);
    Span const unchanged{range_.begin, position_};
    auto const first = target_.alignments().begin();
    out_.append(input().substr(unchanged.begin, unchanged.size()));
    alignments_.assign(first + static_cast<std::ptrdiff_t>(unchanged.begin),
                       first + static_cast<std::ptrdiff_t>(unchanged.end));
}

void AlignedOutput::advance(std::size_t characters) noexcept {
    auto const* const text = reinterpret_cast<unsigned char const*>(input().data());
    while (characters > 0 && position_ < range_.end) {
        position_ += decode_char(text + position_).size;
        --characters;
    }
}

}  // namespace tokmill::stages
