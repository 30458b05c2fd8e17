// Snapshots of pipelines: what can be said about their encodings without making them.
#include "bindings/compat_pipeline.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "core/parallel.h"
#include "formats/fast_tokenizer.h"

namespace tokmill::bindings {

namespace {

using stages::Encoding;

// Ids that no vocabulary has.
constexpr std::uint32_t kFirstMark = 0xFFFFFFF1;
constexpr std::uint32_t kSecondMark = 0xFFFFFFF2;

Encoding process(stages::GeneralPipeline const& pipeline, Encoding encoding, bool add_special) {
    return stages::post_process(pipeline.post_processor().get(), std::move(encoding), std::nullopt,
                                add_special);
}

template <class Numbers>
bool all_are(Numbers const& numbers, std::size_t begin, std::size_t end, std::uint32_t value) {
    return std::all_of(numbers.begin() + static_cast<std::ptrdiff_t>(begin),
                       numbers.begin() + static_cast<std::ptrdiff_t>(end),
                       [&](std::uint32_t number) { return number == value; });
}

std::vector<std::uint32_t> part(std::vector<std::uint32_t> const& all, std::size_t begin,
                                std::size_t end) {
    return {all.begin() + static_cast<std::ptrdiff_t>(begin),
            all.begin() + static_cast<std::ptrdiff_t>(end)};
}

// A post-processor does not look at the tokens: so it does with all texts what it does with one of
// two marks, and with none.
std::optional<Frame> find_frame(stages::GeneralPipeline const& pipeline, bool add_special) {
    Encoding marks;
    marks.push_back(kFirstMark, "", {}, 0, 0);
    marks.push_back(kSecondMark, "", {}, 0, 0);
    Encoding const framed = process(pipeline, std::move(marks), add_special);
    auto const first = std::find(framed.ids.begin(), framed.ids.end(), kFirstMark);
    if (framed.ids.end() - first < 2 || first[1] != kSecondMark) return std::nullopt;
    auto const begin = static_cast<std::size_t>(first - framed.ids.begin());
    std::size_t const end = begin + 2, size = framed.size();
    bool const once = std::count(framed.ids.begin(), framed.ids.end(), kFirstMark) == 1 &&
                      std::count(framed.ids.begin(), framed.ids.end(), kSecondMark) == 1;
    bool const usual_masks = all_are(framed.special_tokens_mask, 0, begin, 1) &&
                             all_are(framed.special_tokens_mask, begin, end, 0) &&
                             all_are(framed.special_tokens_mask, end, size, 1) &&
                             all_are(framed.attention_mask, 0, size, 1);
    if (!once || !usual_masks || framed.type_ids[begin] != framed.type_ids[begin + 1]) {
        return std::nullopt;
    }
    Frame frame{part(framed.ids, 0, begin), part(framed.type_ids, 0, begin),
                part(framed.ids, end, size), part(framed.type_ids, end, size),
                framed.type_ids[begin]};
    Encoding const empty = process(pipeline, Encoding(), add_special);
    bool const same = empty.size() == frame.size() &&
                      std::equal(frame.prefix.begin(), frame.prefix.end(), empty.ids.begin()) &&
                      std::equal(frame.suffix.rbegin(), frame.suffix.rend(), empty.ids.rbegin());
    return same ? std::optional(std::move(frame)) : std::nullopt;
}

// How many ids of a text are kept; nothing if that is for the general pipeline to say.
std::optional<std::size_t> limit_of(stages::GeneralPipeline const& pipeline, bool add_special) {
    auto const& truncation = pipeline.truncation();
    if (!truncation) return EncodedTexts::kNoLimit;
    if (truncation->strategy == stages::TruncationStrategy::only_second) return std::nullopt;
    std::size_t const added = add_special ? pipeline.num_special_tokens_to_add(false) : 0;
    if (truncation->max_length <= added) return std::nullopt;
    std::size_t const limit = truncation->max_length - added;
    if (truncation->stride >= limit) return std::nullopt;
    return limit;
}

}  // namespace

PipelineSnapshot::FrameOrNone const& PipelineSnapshot::frame(bool add_special_tokens) const {
    return frames_[add_special_tokens].get([&]() -> FrameOrNone {
        if (!repeatable || general.model()->is_random()) return {};
        try {
            return {find_frame(general, add_special_tokens)};
        } catch (Error const&) {
            return {};  // it fails again when it is used
        }
    });
}

void PipelineSnapshot::warm_up() const noexcept {
    constexpr std::string_view kAnyText = "Any text, 12 words.";
    long const process = getpid();
    long nobody = 0;
    if (warming_.compare_exchange_strong(nobody, process)) {
        try {
            // Texts go to the fast tokenizer if what is around them is known.
            if (frame(true).frame) {
                IdBuffer ids;
                fast().encode({kAnyText.data(), kAnyText.size(), TextKind::ascii}, {}, ids);
            } else if (repeatable) {
                std::vector<std::uint32_t> ids;
                general.encode_ids(kAnyText, false, ids);
            }
        } catch (std::exception const&) {
            // It fails again when it is used.
        }
        warm_.store(true, std::memory_order_release);
    }
    // Thousands of threads may wait: they must not keep the one from working.
    constexpr std::chrono::microseconds kLongestPause{50'000};
    std::chrono::microseconds pause{100};
    while (!is_warm() && warming_.load(std::memory_order_relaxed) == process) {
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kLongestPause);
    }
}

std::optional<EncodedTexts> PipelineSnapshot::prepare(
    std::shared_ptr<PipelineSnapshot const> const& self, bool add_special_tokens,
    stages::OffsetUnit unit) const {
    auto const& framed = frame(add_special_tokens).frame;
    if (!framed) return std::nullopt;
    auto const limit = limit_of(general, add_special_tokens);
    if (!limit) return std::nullopt;
    EncodedTexts texts;
    texts.pipeline = std::shared_ptr<stages::GeneralPipeline const>(self, &general);
    texts.add_special_tokens = add_special_tokens;
    texts.unit = unit;
    texts.frame = *framed;
    texts.limit = *limit;
    return texts;
}

Tokenizer const& PipelineSnapshot::FastIds::get(stages::GeneralPipeline const& pipeline) const {
    return *tokenizer_.get([&] {
        std::shared_ptr<Tokenizer const> const* const made =
            earlier_ ? earlier_->tokenizer_.made() : nullptr;
        return make_fast_tokenizer(pipeline, made != nullptr ? made->get() : nullptr);
    });
}

void PipelineSnapshot::inherit(PipelineSnapshot const& old) {
    bool const same_stages = general.model() == old.general.model() &&
                             general.normalizer() == old.general.normalizer() &&
                             general.pre_tokenizer() == old.general.pre_tokenizer();
    if (!same_stages) return;
    fast_ = general.added_vocabulary().is_same(old.general.added_vocabulary())
                ? old.fast_
                : std::make_shared<FastIds const>(old.fast_);
}

unsigned allowed_threads() {
    char const* const parallelism = std::getenv("TOKENIZERS_PARALLELISM");
    if (parallelism != nullptr) {
        std::string value(parallelism);
        std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) {
            return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        });
        for (std::string_view const off : {"", "off", "false", "f", "no", "n", "0"}) {
            if (value == off) return 1;
        }
    }
    char const* const threads = std::getenv("RAYON_NUM_THREADS");
    long const number = threads == nullptr ? 0 : std::strtol(threads, nullptr, 10);
    return number > 0 && number <= 65536 ? static_cast<unsigned>(number) : available_threads();
}

}  // namespace tokmill::bindings
