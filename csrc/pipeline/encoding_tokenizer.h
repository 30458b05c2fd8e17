// What every tokenizer does alike, given a way to send the ids of one text to an output: one text,
// counting, batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/batch.h"
#include "pipeline/encode_state.h"
#include "pipeline/outputs.h"
#include "pipeline/tokenizer.h"

namespace tokmill {

// Derived has, for IdOutput and CountOutput:
//   template <class Output>
//   void encode_to(TextRef, EncodeOptions const&, EncodeState&, Output&) const;
template <class Derived>
class EncodingTokenizer : public Tokenizer {
 public:
    void encode(TextRef text, EncodeOptions const& options, IdBuffer& ids) const final {
        auto const state = states.borrow();
        IdOutput out(ids);
        self().encode_to(text, options, *state, out);
    }
    std::size_t count(TextRef text, EncodeOptions const& options) const final {
        auto const state = states.borrow();
        CountOutput out;
        self().encode_to(text, options, *state, out);
        return out.count();
    }
    bool fits(TextRef text, std::size_t limit, EncodeOptions const& options) const final {
        auto const state = states.borrow();
        CountOutput out(limit);
        self().encode_to(text, options, *state, out);
        return !out.full();
    }
    BatchIds encode_batch(std::span<TextRef const> texts, EncodeOptions const& options,
                          unsigned threads) const final {
        return encode_rows(self(), states, texts, options, threads);
    }
    std::vector<std::int64_t> count_batch(std::span<TextRef const> texts,
                                          EncodeOptions const& options,
                                          unsigned threads) const final {
        return count_rows(self(), states, texts, options, threads);
    }

    mutable EncodeStates states;

 private:
    Derived const& self() const noexcept { return static_cast<Derived const&>(*this); }
};

}  // namespace tokmill
