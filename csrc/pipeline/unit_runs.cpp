#include "pipeline/unit_runs.h"

#include <algorithm>
#include <span>

#include "core/prefetch.h"
#include "core/utf8_decode.h"
#include "models/run_key.h"

namespace tokmill::stages {
namespace {

// A run ends with a line of which something lies between these sizes, or behind the second one as
// soon as it can. The parts of texts that come again are mostly lines, too.
constexpr std::ptrdiff_t kLeast = 128;
constexpr std::ptrdiff_t kMost = 384;
// Shorter ones are left to their units.
constexpr std::size_t kWorthwhile = 48;

std::string_view view(unsigned char const* begin, unsigned char const* end) {
    return {reinterpret_cast<char const*>(begin), static_cast<std::size_t>(end - begin)};
}

// Whether a text is in a script without spaces most of whose characters never become part of tokens
// with others: to make its ids is quicker than to cut and to look up what makes units there.
bool is_lone_text(std::string_view text, LoneCharacters const& lone) {
    constexpr std::size_t kSample = 16;
    std::size_t leads = 0, spaces = 0;
    for (char const c : text) {
        leads += static_cast<unsigned char>(c) >= 0xE0;
        spaces += c == ' ';
    }
    if (leads * 6 < text.size() || spaces * 32 > text.size()) return false;
    std::size_t met = 0, held = 0;
    for (std::size_t i = 0; i < text.size() && met < kSample; ++i) {
        if (static_cast<unsigned char>(text[i]) < 0xE0) continue;
        auto const* const at = reinterpret_cast<unsigned char const*>(text.data()) + i;
        held += lone.hold(decode_char(at).code_point);
        ++met;
    }
    return held * 2 > met;
}

void append(WordChunk const& chunk, std::vector<std::uint32_t>& ids) {
    std::size_t const before = ids.size();
    std::size_t const count = chunk.id_count();
    ids.resize(before + count + WordChunk::kPlaces);  // room to copy all places of the last word
    chunk.write(ids.data() + before);
    ids.resize(before + count);
}

}  // namespace

unsigned char const* UnitRuns::end_of_run(unsigned char const* at, unsigned char const* end) const {
    if (end - at <= kLeast) return end;
    unsigned char const* const most = at + std::min(end - at, kMost);
    for (unsigned char const* p = at + kLeast; p < most; ++p) {
        p = static_cast<unsigned char const*>(
            std::memchr(p, '\n', static_cast<std::size_t>(most - p)));
        if (p == nullptr) break;
        if (p + 1 == end || cutter_->can_cut(p + 1)) return p + 1;
    }
    for (unsigned char const* p = most; p < end; ++p) {
        if (!is_continuation(*p) && cutter_->can_cut(p)) return p;
    }
    return end;
}

std::size_t UnitRuns::cut(unsigned char const* base, unsigned char const*& cursor,
                          unsigned char const* end, std::uint32_t* starts,
                          std::size_t capacity) const {
    constexpr std::ptrdiff_t kFar = std::ptrdiff_t{1} << 31;
    // So few that one who only counts up to a limit does not wait for what is far behind it.
    constexpr std::size_t kRuns = 16;
    std::size_t count = 0;
    while (cursor < end && count < std::min(capacity, kRuns)) {
        unsigned char const* const behind = end_of_run(cursor, end);
        // One that is out of reach of 32 bits comes alone.
        if (behind - base > kFar && count != 0) break;
        starts[count++] = static_cast<std::uint32_t>(cursor - base);
        cursor = behind;
    }
    return count;
}

void UnitRuns::look_up(WordChunk& chunk, WordState& state) const {
    RunState const& runs = state.runs();
    for (std::size_t i = 0; i < chunk.count; ++i) {
        std::string_view const run = chunk.word(i);
        chunk.keys[i] = run.size() < kWorthwhile ? kNoWord : run_key(run);
        prefetch(runs.cache.line(hash_key(chunk.keys[i])));
        runs.met.prepare(chunk.keys[i]);
    }
    chunk.spills.clear();
    chunk.spilled.clear();
}

// Runs one behind the other that are met for the first time are encoded together: the first of them
// has all the ids, the others none.
void UnitRuns::resolve(WordChunk& chunk, WordState& state) const {
    RunState& runs = state.runs();
    for (std::size_t i = 0; i < chunk.count; ++i) {
        CachedWord const* const known = runs.cache.find(chunk.keys[i], hash_key(chunk.keys[i]));
        if (known != nullptr) prefetch(runs.cache.record(*known));
    }
    std::size_t new_ones = 0;
    auto const encode_new_ones = [&](std::size_t end) {
        if (new_ones == 0) return;
        std::size_t const first = end - new_ones;
        std::fill(chunk.counts + first, chunk.counts + end, std::uint8_t{0});
        put_units(first, view(chunk.base + chunk.begins[first], chunk.base + chunk.ends[end - 1]),
                  chunk, state);
        new_ones = 0;
    };
    for (std::size_t i = 0; i < chunk.count; ++i) {
        WordKey const key = chunk.keys[i];
        std::string_view const run = chunk.word(i);
        std::uint64_t const hash = hash_key(key);
        std::span<std::uint32_t const> ids;
        if (CachedWord const* const known = runs.cache.find(key, hash); known != nullptr) {
            ids = runs.cache.ids_of(*known, run);
        }
        if (ids.data() != nullptr) {
            encode_new_ones(i);
            chunk.put(i, ids);
        } else if (key == kNoWord || !runs.met.again(key)) {
            ++new_ones;
        } else {
            encode_new_ones(i);
            std::size_t const before = chunk.spilled.size();
            put_units(i, run, chunk, state);
            runs.cache.insert(key, hash, run, std::span(chunk.spilled).subspan(before));
        }
    }
    encode_new_ones(chunk.count);
}

// The ids of run i, and perhaps those behind it, whose text is `runs`.
void UnitRuns::put_units(std::size_t i, std::string_view runs, WordChunk& chunk,
                         WordState& state) const {
    std::size_t const before = chunk.spilled.size();
    encode_units(runs, chunk.readable_end, state, chunk.spilled);
    chunk.counts[i] = 0;
    chunk.spills.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(before),
                            static_cast<std::uint32_t>(chunk.spilled.size() - before)});
}

void UnitRuns::encode_units(std::string_view run, unsigned char const* readable_end,
                            WordState& state, std::vector<std::uint32_t>& ids) const {
    if (is_lone_text(run, *cutter_->rules().lone)) return words_->encode_unit(run, ids);
    WordChunk& chunk = state.runs().chunk;
    auto const* cursor = reinterpret_cast<unsigned char const*>(run.data());
    unsigned char const* const end = cursor + run.size();
    while (cursor < end) {
        unsigned char const* const base = cursor;
        chunk.count = cutter_->cut(base, cursor, end, chunk.begins, WordChunk::kWords);
        if (cursor - base > std::ptrdiff_t{UINT32_MAX}) {
            words_->encode_unit(view(base, cursor), ids);  // the cutter returns it alone
            continue;
        }
        chunk.begins[chunk.count] = static_cast<std::uint32_t>(cursor - base);
        chunk.base = base;
        chunk.readable_end = readable_end;
        chunk.ends = chunk.begins + 1;
        words_->prepare(chunk);
        words_->look_up(chunk, state);
        words_->resolve(chunk, state);
        append(chunk, ids);
    }
}

void UnitRuns::encode_word(std::string_view run, WordState& state, std::vector<std::uint32_t>& ids,
                           std::nullptr_t) const {
    auto const* const begin = reinterpret_cast<unsigned char const*>(run.data());
    encode_units(run, begin + run.size(), state, ids);
}

std::span<std::uint32_t const> UnitRuns::encode_alone(std::string_view run,
                                                      WordState& state) const {
    RunState& runs = state.runs();
    WordKey const key = run_key(run);
    std::uint64_t const hash = hash_key(key);
    if (CachedWord const* const known = runs.cache.find(key, hash); known != nullptr) {
        auto const ids = runs.cache.ids_of(*known, run);
        if (ids.data() != nullptr) return ids;
    }
    runs.ids.clear();
    encode_word(run, state, runs.ids, nullptr);
    if (runs.met.again(key)) runs.cache.insert(key, hash, run, runs.ids);
    return runs.ids;
}

}  // namespace tokmill::stages
