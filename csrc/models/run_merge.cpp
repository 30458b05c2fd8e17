#include "models/run_merge.h"

#include <cstdint>
#include <cstring>

namespace tokmill {
namespace {

// Neighbours that are equal.
struct Run {
    Symbol symbol;
    std::size_t count;
};

class RunMerger {
 public:
    RunMerger(PairTable const& pairs, Run first) : pairs_(pairs), runs_{first} {}

    // False if it would not be what merging one pair after the other leads to.
    bool merge() {
        for (int steps = 0; steps < kMaxSteps; ++steps) {
            Place const place = lowest();
            if (place.priority == kNoMerge) return true;
            if (!(place.inside ? merge_inside(place) : merge_border(place))) return false;
        }
        return false;
    }

    std::vector<Run> const& runs() const noexcept { return runs_; }

 private:
    // Vocabularies lead to a handful of runs and some dozens of steps.
    static constexpr std::size_t kMaxRuns = 32;
    static constexpr int kMaxSteps = 4096;

    struct Place {
        std::uint32_t priority = kNoMerge;
        std::size_t run = 0;
        bool inside = false;  // a pair of the run; otherwise of its last symbol and the next run
    };

    Place lowest() const {
        Place best;
        for (std::size_t i = 0; i < runs_.size(); ++i) {
            std::uint32_t const own = runs_[i].symbol.id;
            if (runs_[i].count > 1) take(best, {pairs_.find(own, own), i, true});
            if (i + 1 < runs_.size()) {
                take(best, {pairs_.find(own, runs_[i + 1].symbol.id), i, false});
            }
        }
        return best;
    }
    static void take(Place& best, Place const& place) {
        if (place.priority < best.priority) best = place;
    }

    // What merges has to wait until all pairs like it have merged, which is so unless the result
    // merges earlier than its parts did.
    bool waits(std::uint32_t priority, std::uint32_t left, std::uint32_t right) const {
        return pairs_.find(left, right) > priority;
    }
    bool waits_beside(std::uint32_t priority, std::uint32_t symbol, std::size_t first,
                      std::size_t last) const {
        if (!waits(priority, symbol, symbol)) return false;
        if (first > 0 && !waits(priority, runs_[first - 1].symbol.id, symbol)) return false;
        if (last + 1 < runs_.size() && !waits(priority, symbol, runs_[last + 1].symbol.id)) {
            return false;
        }
        for (std::size_t i = first; i <= last; ++i) {
            std::uint32_t const part = runs_[i].symbol.id;
            if (!waits(priority, symbol, part) || !waits(priority, part, symbol)) return false;
        }
        return true;
    }

    bool merge_inside(Place const& place) {
        std::uint32_t const id = pairs_.symbol(place.priority);
        if (!waits_beside(place.priority, id, place.run, place.run)) return false;
        Run const old = runs_[place.run];
        Run const made{{id, 2 * old.symbol.size}, old.count / 2};
        replace(place.run, 1, {made, {old.symbol, old.count % 2}});
        return runs_.size() <= kMaxRuns;
    }

    bool merge_border(Place const& place) {
        std::uint32_t const id = pairs_.symbol(place.priority);
        if (!waits_beside(place.priority, id, place.run, place.run + 1)) return false;
        Run left = runs_[place.run];
        Run right = runs_[place.run + 1];
        Run const made{{id, left.symbol.size + right.symbol.size}, 1};
        --left.count;
        --right.count;
        replace(place.run, 2, {left, made, right});
        return runs_.size() <= kMaxRuns;
    }

    void replace(std::size_t first, std::size_t count, std::vector<Run> const& made) {
        std::vector<Run> const old = std::move(runs_);
        runs_.clear();
        for (std::size_t i = 0; i < first; ++i) append(old[i]);
        for (Run const& run : made) append(run);
        for (std::size_t i = first + count; i < old.size(); ++i) append(old[i]);
    }
    void append(Run const& run) {
        if (run.count == 0) return;
        if (!runs_.empty() && runs_.back().symbol.id == run.symbol.id) {
            runs_.back().count += run.count;
        } else {
            runs_.push_back(run);
        }
    }

    PairTable const& pairs_;
    std::vector<Run> runs_;
};

}  // namespace

bool merge_run(PairTable const& pairs, unsigned char const* text, std::size_t size,
               std::vector<Symbol>& out) {
    if (size < 2 || std::memcmp(text, text + 1, size - 1) != 0) return false;
    RunMerger merger(pairs, {{text[0], 1}, size});
    if (!merger.merge()) return false;
    for (Run const& run : merger.runs()) out.insert(out.end(), run.count, run.symbol);
    return true;
}

}  // namespace tokmill
