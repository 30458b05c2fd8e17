// The parts of a Processor.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sentencepiece/bpe.h"
#include "sentencepiece/normalizer.h"
#include "sentencepiece/part_encoder.h"
#include "sentencepiece/processor.h"
#include "sentencepiece/segment.h"
#include "sentencepiece/unigram.h"
#include "sentencepiece/vocabulary.h"

namespace tokmill::sentencepiece {

class Processor::Impl {
 public:
    explicit Impl(ModelProto proto);

    std::string normalized(std::string_view text) const;
    // Of a normalized text.
    void segment(std::string_view text, Segments& out) const;
    // From segments of the normalized text to pieces of the text, which begins at `start` of what
    // the origins refer to.
    TextPieces place(std::string_view text, std::string_view normalized,
                     std::span<std::size_t const> origins, Segments const& segments,
                     std::size_t start = 0) const;
    bool is_unknown(std::int64_t id) const noexcept {
        return id == unk_id || vocabulary.is(id, PieceType::unknown);
    }

    ModelProto const model;
    Vocabulary const vocabulary;
    std::optional<BpeModel> bpe;
    std::optional<UnigramModel> unigram;
    std::optional<Normalizer> normalizer, denormalizer;
    std::optional<PartEncoder> encoder;
    std::int32_t unk_id = -1;

 private:
    void segment_words(std::string_view text, Segments& out) const;
    void segment_chars(std::string_view text, Segments& out) const;
};

// Refuses texts that are too long.
void check_size(std::string_view text);

}  // namespace tokmill::sentencepiece
