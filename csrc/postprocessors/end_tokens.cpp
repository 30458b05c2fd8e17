// BertProcessing and RobertaProcessing as tokenizers performs them.
#include "postprocessors/end_tokens.h"

#include "postprocessors/trim_offsets.h"

namespace tokmill::stages {

namespace {

template <class T>
void put_around(std::vector<T>& values, bool before, T const& first, T const& last) {
    if (before) values.insert(values.begin(), first);
    values.push_back(last);
}

// Puts a token (null: none) before an encoding and another one behind it. Everything else becomes
// ordinary text: attended to, not special, all of one sequence.
void surround(Encoding& encoding, EndToken const* before, EndToken const& behind,
              std::uint32_t type_id, std::size_t sequence) {
    bool const has_before = before != nullptr;
    EndToken const& first = has_before ? *before : behind;
    std::size_t const begin = has_before ? 1 : 0;
    std::size_t const end = begin + encoding.size();
    put_around(encoding.ids, has_before, first.id, behind.id);
    put_around(encoding.type_ids, has_before, type_id, type_id);
    put_around(encoding.tokens, has_before, first.text, behind.text);
    put_around(encoding.words, has_before, Encoding::kNoWord, Encoding::kNoWord);
    put_around(encoding.offsets, has_before, Span{}, Span{});
    encoding.special_tokens_mask.assign(encoding.size(), 0);
    if (has_before) encoding.special_tokens_mask.front() = 1;
    encoding.special_tokens_mask.back() = 1;
    encoding.attention_mask.assign(encoding.size(), 1);
    encoding.sequence_ranges = {{sequence, Span{begin, end}}};
}

// The same for what overflows; what overflows that is dropped.
void surround_all(Encoding& encoding, EndToken const* before, EndToken const& behind,
                  std::uint32_t type_id, std::size_t sequence) {
    surround(encoding, before, behind, type_id, sequence);
    for (Encoding& rest : encoding.overflowing) {
        surround(rest, before, behind, type_id, sequence);
        rest.overflowing.clear();
    }
}

}  // namespace

std::vector<Encoding> BertProcessing::process(std::vector<Encoding> encodings,
                                              bool add_special_tokens) const {
    if (!add_special_tokens) return encodings;
    for (std::size_t i = 0; i < encodings.size(); ++i) {
        bool const is_first = i == 0;
        surround_all(encodings[i], is_first ? &cls_ : nullptr, sep_, is_first ? 0 : 1,
                     is_first ? 0 : 1);
    }
    return encodings;
}

std::vector<Encoding> RobertaProcessing::process(std::vector<Encoding> encodings,
                                                 bool add_special_tokens) const {
    if (trim_) trim_offsets(encodings, add_prefix_space_);
    for (Encoding& encoding : encodings) encoding.set_type_id(0);
    if (!add_special_tokens) return encodings;
    for (std::size_t i = 0; i < encodings.size(); ++i) {
        // What overflows keeps its type ids unless there are special tokens.
        for (Encoding& rest : encodings[i].overflowing) rest.set_type_id(0);
        surround_all(encodings[i], i == 0 ? &cls_ : &sep_, sep_, 0, i == 0 ? 0 : 1);
    }
    return encodings;
}

}  // namespace tokmill::stages
