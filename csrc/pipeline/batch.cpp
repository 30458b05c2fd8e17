// Many texts at once: consecutive rows of about kTaskBytes form a task, each task writes into a
// buffer of its own, and the buffers are put together in order.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/parallel.h"
#include "pipeline/outputs.h"
#include "pipeline/tokenizer_impl.h"

namespace tokmill {
namespace {

// Long enough that starting a thread for it pays, short enough that the last task is soon done.
constexpr std::size_t kTaskBytes = std::size_t{128} << 10;

struct Task {
    std::size_t first_row, last_row;
};

std::size_t size_in_bytes(TextRef text) {
    std::size_t const unit = text.kind == TextKind::ucs4 ? 4 : text.kind == TextKind::ucs2 ? 2 : 1;
    return text.length * unit;
}

std::vector<Task> divide(std::span<TextRef const> texts) {
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

// Room for the ids of most texts, so that large blocks are seldom moved.
void reserve_for(IdBuffer& ids, std::span<TextRef const> texts) {
    std::size_t bytes = 0;
    for (TextRef const& text : texts) bytes += size_in_bytes(text);
    ids.reserve(bytes / 3 + WordChunk::kWords * WordChunk::kPlaces);
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

}  // namespace

BatchIds Tokenizer::encode_batch(std::span<TextRef const> texts, EncodeOptions const& options,
                                 unsigned threads) const {
    BatchIds batch;
    batch.offsets.resize(texts.size() + 1);
    std::vector<Task> const tasks = divide(texts);
    if (threads == 0) threads = available_threads();
    if (threads == 1 || tasks.size() <= 1) {
        auto const state = impl_->states.borrow();
        reserve_for(batch.ids, texts);
        IdOutput out(batch.ids);
        for_rows({0, texts.size()}, [&](std::size_t row) {
            impl_->encode(texts[row], options, *state, out);
            batch.offsets[row + 1] = static_cast<std::int64_t>(batch.ids.size());
        });
        return batch;
    }
    std::vector<IdBuffer> parts(tasks.size());
    parallel_for(tasks.size(), threads, [&](std::size_t i) {
        auto const state = impl_->states.borrow();
        reserve_for(parts[i],
                    texts.subspan(tasks[i].first_row, tasks[i].last_row - tasks[i].first_row));
        IdOutput out(parts[i]);
        for_rows(tasks[i], [&](std::size_t row) {
            impl_->encode(texts[row], options, *state, out);
            batch.offsets[row + 1] = static_cast<std::int64_t>(parts[i].size());
        });
    });
    std::vector<std::size_t> begins(tasks.size() + 1);
    for (std::size_t i = 0; i < tasks.size(); ++i) begins[i + 1] = begins[i] + parts[i].size();
    std::uint32_t* const ids = batch.ids.reserve(begins.back());
    batch.ids.commit(ids + begins.back());
    parallel_for(tasks.size(), threads, [&](std::size_t i) {
        if (parts[i].size() != 0) {
            std::memcpy(ids + begins[i], parts[i].data(), parts[i].size() * sizeof *ids);
        }
        parts[i] = IdBuffer();
        for (std::size_t row = tasks[i].first_row; row < tasks[i].last_row; ++row) {
            batch.offsets[row + 1] += static_cast<std::int64_t>(begins[i]);
        }
    });
    return batch;
}

std::vector<std::int64_t> Tokenizer::count_batch(std::span<TextRef const> texts,
                                                 EncodeOptions const& options,
                                                 unsigned threads) const {
    std::vector<std::int64_t> counts(texts.size());
    std::vector<Task> const tasks = divide(texts);
    if (threads == 0) threads = available_threads();
    parallel_for(tasks.size(), threads, [&](std::size_t i) {
        auto const state = impl_->states.borrow();
        for_rows(tasks[i], [&](std::size_t row) {
            CountOutput out;
            impl_->encode(texts[row], options, *state, out);
            counts[row] = static_cast<std::int64_t>(out.count());
        });
    });
    return counts;
}

}  // namespace tokmill
