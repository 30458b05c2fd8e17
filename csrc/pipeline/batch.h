// Many texts at once: consecutive rows of about kTaskBytes form a task. Each worker puts the ids of
// its tasks one behind the other into memory that it keeps from call to call; when all are done and
// their sizes known, they are copied to where they belong.
//
// An Encoder encodes one text: encode_to(TextRef, EncodeOptions const&, EncodeState&, Output&).
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "core/parallel.h"
#include "pipeline/encode_state.h"
#include "pipeline/outputs.h"
#include "pipeline/tokenizer.h"

namespace tokmill {
namespace batch {

// Long enough that starting a thread for it pays, short enough that the last task is soon done.
inline constexpr std::size_t kTaskBytes = std::size_t{128} << 10;

struct Task {
    std::size_t first_row, last_row;
};

inline std::size_t size_in_bytes(TextRef text) {
    std::size_t const unit = text.kind == TextKind::ucs4 ? 4 : text.kind == TextKind::ucs2 ? 2 : 1;
    return text.length * unit;
}

inline std::vector<Task> divide(std::span<TextRef const> texts) {
    std::vector<Task> tasks;
    std::size_t first = 0, bytes = 0;
    for (std::size_t row = 0; row < texts.size(); ++row) {
        bytes += size_in_bytes(texts[row]);
        if (bytes < kTaskBytes) continue;
        tasks.push_back({first, row + 1});
        first = row + 1;
        bytes = 0;
    }
    if (first < texts.size()) tasks.push_back({first, texts.size()});
    return tasks;
}

inline std::size_t size_in_bytes(std::span<TextRef const> texts) {
    std::size_t bytes = 0;
    for (TextRef const& text : texts) bytes += size_in_bytes(text);
    return bytes;
}

// Room for the ids of most texts, so that large blocks are seldom moved: as many as the texts
// before had, if these had more.
inline void reserve_for(IdBuffer& ids, std::size_t bytes, EncodeState const& state) {
    double const expected = static_cast<double>(bytes) * state.ids_per_byte;
    ids.reserve(static_cast<std::size_t>(expected) + WordChunk::kWords * WordChunk::kPlaces);
}
inline void learn_from(IdBuffer const& ids, std::size_t bytes, EncodeState& state) {
    constexpr std::size_t kTelling = std::size_t{1} << 16;
    if (bytes < kTelling) return;
    double const seen = static_cast<double>(ids.size()) / static_cast<double>(bytes);
    state.ids_per_byte = std::max(EncodeState::kUsualIdsPerByte, seen * 1.01);
}

// Runs body(row) for the rows of a task and says which row an error belongs to.
template <class Body>
void for_rows(Task task, Body const& body) {
    for (std::size_t row = task.first_row; row < task.last_row; ++row) {
        try {
            body(row);
        } catch (Error const& error) {
            throw Error(error.kind(), error.what(), error.position(), row);
        }
    }
}

}  // namespace batch

template <class Encoder>
BatchIds encode_rows(Encoder const& encoder, EncodeStates& pool, std::span<TextRef const> texts,
                     EncodeOptions const& options, unsigned threads) {
    BatchIds result;
    result.offsets.resize(texts.size() + 1);
    std::vector<batch::Task> const tasks = batch::divide(texts);
    if (threads == 0) threads = available_threads();
    if (threads == 1 || tasks.size() <= 1) {
        auto const state = pool.borrow();
        std::size_t const bytes = batch::size_in_bytes(texts);
        batch::reserve_for(result.ids, bytes, *state);
        IdOutput out(result.ids);
        batch::for_rows(batch::Task{0, texts.size()}, [&](std::size_t row) {
            encoder.encode_to(texts[row], options, *state, out);
            result.offsets[row + 1] = static_cast<std::int64_t>(result.ids.size());
        });
        batch::learn_from(result.ids, bytes, *state);
        return result;
    }
    // Where the ids of each task are.
    struct Part {
        std::size_t worker, begin, size;
    };
    std::vector<Part> parts(tasks.size());
    std::vector<std::optional<EncodeStates::Borrowed>> states(workers(tasks.size(), threads));
    parallel_for(tasks.size(), threads, [&](std::size_t i, std::size_t worker) {
        if (!states[worker]) {
            states[worker].emplace(pool.borrow());
            (*states[worker])->ids.clear();
        }
        EncodeState& state = **states[worker];
        std::size_t const begin = state.ids.size();
        IdOutput out(state.ids);
        batch::for_rows(tasks[i], [&](std::size_t row) {
            encoder.encode_to(texts[row], options, state, out);
            result.offsets[row + 1] = static_cast<std::int64_t>(state.ids.size() - begin);
        });
        parts[i] = {worker, begin, state.ids.size() - begin};
    });
    std::vector<std::size_t> begins(tasks.size() + 1);
    for (std::size_t i = 0; i < tasks.size(); ++i) begins[i + 1] = begins[i] + parts[i].size;
    std::uint32_t* const ids = result.ids.reserve(begins.back());
    result.ids.commit(ids + begins.back());
    parallel_for(tasks.size(), threads, [&](std::size_t i, std::size_t) {
        Part const& part = parts[i];
        if (part.size != 0) {
            std::memcpy(ids + begins[i], (*states[part.worker])->ids.data() + part.begin,
                        part.size * sizeof *ids);
        }
        for (std::size_t row = tasks[i].first_row; row < tasks[i].last_row; ++row) {
            result.offsets[row + 1] += static_cast<std::int64_t>(begins[i]);
        }
    });
    constexpr std::size_t kKeep = std::size_t{4} << 20;
    for (auto const& state : states) {
        if (state && (*state)->ids.size() > kKeep) (*state)->ids = IdBuffer();
    }
    return result;
}

template <class Encoder>
std::vector<std::int64_t> count_rows(Encoder const& encoder, EncodeStates& pool,
                                     std::span<TextRef const> texts, EncodeOptions const& options,
                                     unsigned threads) {
    std::vector<std::int64_t> counts(texts.size());
    std::vector<batch::Task> const tasks = batch::divide(texts);
    if (threads == 0) threads = available_threads();
    parallel_for(tasks.size(), threads, [&](std::size_t i, std::size_t) {
        auto const state = pool.borrow();
        batch::for_rows(tasks[i], [&](std::size_t row) {
            CountOutput out;
            encoder.encode_to(texts[row], options, *state, out);
            counts[row] = static_cast<std::int64_t>(out.count());
        });
    });
    return counts;
}

}  // namespace tokmill
