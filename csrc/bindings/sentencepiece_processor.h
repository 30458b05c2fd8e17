// The object behind tokmill._core.sentencepiece.Processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/sentencepiece.h"
#include "sentencepiece/processor.h"

namespace tokmill::bindings::spm {

using sentencepiece::Processor;
using sentencepiece::TextPieces;
using Ids = std::vector<std::uint32_t>;
using PieceTexts = std::vector<std::string>;

class ProcessorObject {
 public:
    ProcessorObject() = default;

    // The contents of a `.model` file.
    void load(py::bytes const& model);
    bool loaded() const { return core_ != nullptr; }
    // RuntimeError if nothing is loaded.
    Processor const& core() const;
    std::size_t size() const { return core_ == nullptr ? 0 : core_->vocabulary_size(); }

 private:
    std::shared_ptr<Processor const> core_;
};

using ProcessorClass = py::class_<ProcessorObject>;

py::list to_list(Ids const& ids);
py::list to_list(PieceTexts const& pieces, bool as_bytes);
// Pieces with their places: in characters, or in bytes where the texts are bytes.
py::dict to_mapping(TextPieces const& pieces, bool as_bytes, bool with_text);

void register_encode(py::module_& module, ProcessorClass& type);
void register_decode(ProcessorClass& type);

}  // namespace tokmill::bindings::spm
