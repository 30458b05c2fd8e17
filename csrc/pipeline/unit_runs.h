// Runs of some hundred bytes, many units each, on their way to ids: where a text comes again as a
// whole, its runs are found at once. A run that is new falls into its units; it is remembered when
// it is met a second time, so that a text without repetitions does not pay for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/word_state.h"
#include "pipeline/unit_cutter.h"
#include "pipeline/unit_words.h"

namespace tokmill::stages {

class UnitRuns {
 public:
    // Both must stay.
    UnitRuns(UnitCutter const& cutter, UnitWords const& words) : cutter_(&cutter), words_(&words) {}

    // As UnitCutter::cut, for runs; room for two of them is enough.
    std::size_t cut(unsigned char const* base, unsigned char const*& cursor,
                    unsigned char const* end, std::uint32_t* starts, std::size_t capacity) const;

    // The stations that ChunkPipeline drives.
    void prepare(WordChunk&) const noexcept {}
    void look_up(WordChunk& chunk, WordState& state) const;
    void resolve(WordChunk& chunk, WordState& state) const;
    // Past the cache.
    void encode_word(std::string_view run, WordState& state, std::vector<std::uint32_t>& ids,
                     std::nullptr_t) const;
    // A run that comes from elsewhere; the ids are valid until the next call.
    std::span<std::uint32_t const> encode_alone(std::string_view run, WordState& state) const;

 private:
    unsigned char const* end_of_run(unsigned char const* at, unsigned char const* end) const;
    void put_units(std::size_t i, std::string_view runs, WordChunk& chunk, WordState& state) const;
    void encode_units(std::string_view run, unsigned char const* readable_end, WordState& state,
                      std::vector<std::uint32_t>& ids) const;

    UnitCutter const* cutter_;
    UnitWords const* words_;
};

}  // namespace tokmill::stages
