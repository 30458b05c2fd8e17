// Encodes texts that come again in runs of some hundred bytes, each of which is looked up as a
// whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/prefetch.h"
#include "models/run_key.h"
#include "models/word_state.h"

namespace tokmill {

// An Encoder has
//   bool full() const
//   void put(std::span<std::uint32_t const> ids)
//   void encode_run(std::string_view run)
//   void note_place(std::size_t& place)    where the next ids will be is written there,
//   std::uint32_t const* drain()           at the latest by this, which returns all ids so far, or
//                                          null if they are only counted
// find_cut(text, from) returns the first place at or behind `from` where the text can be cut so
// that both sides become the ids that they become alone, or its size.
template <class Encoder, class FindCut>
class RememberedRuns {
 public:
    RememberedRuns(RunState& state, Encoder& encoder, FindCut find_cut)
        : state_(state), encoder_(encoder), find_cut_(find_cut) {}

    void encode(std::string_view text) {
        Run runs[kRuns];
        for (std::size_t at = 0; at < text.size() && !encoder_.full();) {
            std::size_t count = 0;
            for (; count < kRuns && at < text.size(); ++count) {
                std::size_t const end = find_cut_(text, std::min(at + kLeastRun, text.size()));
                runs[count].text = text.substr(at, end - at);
                at = end;
            }
            put(std::span(runs, count));
        }
    }

 private:
    // A run, with its key, what is known of it, and if that is nothing, where its ids are.
    struct Run {
        std::string_view text;
        WordKey key;
        CachedWord const* known;
        std::size_t begin, end;
    };
    // Long enough that one look is quicker than one for each of its words, and short enough that
    // only a little is lost where the text is another one.
    static constexpr std::size_t kLeastRun = 256, kMostRun = 2048;
    // A few are at work together, so that the memory that they ask for is there in time.
    static constexpr std::size_t kRuns = 8;

    void put(std::span<Run> runs) {
        WordCache const& cache = state_.cache;
        for (Run& run : runs) {
            run.key = run_key(run.text);
            prefetch(cache.line(hash_key(run.key)));
        }
        for (Run& run : runs) {
            run.known = cache.find(run.key, hash_key(run.key));
            if (run.known != nullptr) prefetch(cache.record(*run.known));
        }
        bool are_known = true;
        for (Run& run : runs) are_known &= put(run);
        if (are_known) return;
        std::uint32_t const* const ids = encoder_.drain();
        if (ids == nullptr) return;
        for (Run const& run : runs) remember(run, {ids + run.begin, ids + run.end});
    }
    bool put(Run& run) {
        run.begin = run.end = 0;
        if (run.known != nullptr) {
            auto const ids = state_.cache.ids_of(*run.known, run.text);
            if (ids.data() != nullptr) {
                encoder_.put(ids);
                return true;
            }
            run.known = nullptr;
        }
        encoder_.note_place(run.begin);
        encoder_.encode_run(run.text);
        encoder_.note_place(run.end);
        return false;
    }
    void remember(Run const& run, std::span<std::uint32_t const> ids) {
        if (run.known != nullptr || run.text.size() > kMostRun || !state_.admits()) return;
        state_.cache.insert(run.key, hash_key(run.key), run.text, ids);
    }

    RunState& state_;
    Encoder& encoder_;
    FindCut find_cut_;
};

}  // namespace tokmill
