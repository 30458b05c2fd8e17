// tokenizers' Encoding for Python. What encoding a plain text computes is ids alone; everything
// else that an Encoding tells is computed when it is first asked for, by the general pipeline from
// the text, which the Encoding keeps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "bindings/python.h"
#include "core/id_buffer.h"
#include "pipeline/general_pipeline.h"

namespace tokmill::bindings {

// What post-processing puts around the ids of one text, where that is all it does to them.
struct Frame {
    std::vector<std::uint32_t> prefix;
    std::vector<std::uint32_t> prefix_types;
    std::vector<std::uint32_t> suffix;
    std::vector<std::uint32_t> suffix_types;
    std::uint32_t type_id = 0;  // of the text

    std::size_t size() const noexcept { return prefix.size() + suffix.size(); }
};

// What the encodings of one call have in common.
struct EncodedTexts {
    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

    std::shared_ptr<stages::GeneralPipeline const> pipeline;
    bool add_special_tokens = true;
    stages::OffsetUnit unit = stages::OffsetUnit::characters;
    Frame frame;
    IdBuffer ids;                       // of all texts, one behind the other
    std::vector<std::int64_t> offsets;  // rows + 1
    std::size_t limit = kNoLimit;       // ids of a text that are kept
    std::size_t length = 0;             // to which all encodings are filled up

    std::size_t kept(std::size_t row) const noexcept {
        auto const size = static_cast<std::size_t>(offsets[row + 1] - offsets[row]);
        return std::min(size, limit);
    }
    // With what is around, without padding.
    std::size_t size(std::size_t row) const noexcept { return kept(row) + frame.size(); }
};

// The UTF-8 of a Python str; TypeError(`complaint`) if it has a lone surrogate.
std::string utf8_of(py::handle text, char const* complaint);

class LazyEncoding {
 public:
    LazyEncoding() : full_(std::make_shared<stages::Encoding>()) {}
    explicit LazyEncoding(stages::Encoding encoding)
        : full_(std::make_shared<stages::Encoding>(std::move(encoding))) {}
    LazyEncoding(std::shared_ptr<EncodedTexts const> texts, std::size_t row, py::object text)
        : texts_(std::move(texts)), row_(row), text_(std::move(text)) {}
    LazyEncoding(LazyEncoding&& other) noexcept
        : texts_(std::move(other.texts_)),
          row_(other.row_),
          text_(std::move(other.text_)),
          full_(std::move(other.full_)) {}

    // Everything. Computed once; later changes make another one.
    std::shared_ptr<stages::Encoding const> full() const;
    // Null unless it has been computed, from then on it is what counts.
    std::shared_ptr<stages::Encoding const> full_if_made() const {
        std::lock_guard<std::mutex> const guard(mutex_);
        return full_;
    }
    template <class Change>
    void change(Change&& change) {
        auto changed = std::make_shared<stages::Encoding>(*full());
        change(*changed);
        std::lock_guard<std::mutex> const guard(mutex_);
        full_ = std::move(changed);
    }

    std::size_t size() const;
    py::list ids() const;
    py::list type_ids() const;
    py::list attention_mask() const;
    py::list special_tokens_mask() const;

 private:
    stages::Encoding compute() const;
    std::span<std::uint32_t const> content() const;
    // Padding that stands on one side.
    std::size_t padding(stages::Side side) const;
    stages::PadToken const& pad_token() const { return texts_->pipeline->padding()->token; }

    std::shared_ptr<EncodedTexts const> texts_;  // null: only full_
    std::size_t row_ = 0;
    py::object text_;
    mutable std::mutex mutex_;  // never held while Python code runs
    mutable std::shared_ptr<stages::Encoding const> full_;
};

void register_encoding(py::module_& stages);

}  // namespace tokmill::bindings
