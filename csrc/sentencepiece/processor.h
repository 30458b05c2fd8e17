// A SentencePiece model, ready to encode and decode, with the results of sentencepiece 0.2.3.
// Immutable; all functions can be called by several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sentencepiece/model_proto.h"
#include "sentencepiece/text_pieces.h"

namespace tokmill::sentencepiece {

class Processor {
 public:
    // The bytes of a `.model` file. Throws invalid_tokenizer.
    static std::shared_ptr<Processor const> load(std::string_view model_proto);
    ~Processor();

    // Texts are UTF-8; bytes that are not become U+FFFD, each of them. Texts of 1 GiB or more are
    // refused (invalid_input).

    // Appends the ids.
    void encode_ids(std::string_view text, std::vector<std::uint32_t>& ids) const;
    // The texts of the pieces; consecutive unknown ones are one.
    std::vector<std::string> encode_pieces(std::string_view text) const;
    TextPieces encode(std::string_view text) const;

    // The text is encoded in chunks of so many characters, by several threads, and put together
    // again as the reference does it: nearly always to the result of encode().
    TextPieces encode_in_chunks(std::string_view text, std::size_t characters,
                                unsigned threads) const;

    // Whether the n best segmentations can be had: of unigram models only.
    bool has_nbest() const noexcept;
    // Whether sample() works: with unigram and BPE models.
    bool has_samples() const noexcept;
    // The best first, with their scores.
    std::vector<TextPieces> nbest(std::string_view text, int count) const;
    // Unigram: one of the `nbest_size` best segmentations, of all if it is negative, with the
    // probability exp(alpha * score). BPE: merges left out with the probability alpha.
    TextPieces sample(std::string_view text, int nbest_size, float alpha) const;

    // Ids must be below vocabulary_size(): unknown_token with the index otherwise.
    std::string decode_ids(std::span<std::uint32_t const> ids) const;
    std::string decode_pieces(std::span<std::string_view const> pieces) const;
    TextPieces decode_with_surfaces(std::span<std::string_view const> pieces) const;

    // decode_ids() as the ids come. The processor must outlive it.
    class Stream {
     public:
        explicit Stream(Processor const& processor);
        ~Stream();

        // The text that the id adds, but for bytes that may be the beginning of a character. A
        // model that changes decoded text gives it all at the end.
        std::string push(std::uint32_t id);
        // What is left; the stream is as new afterwards.
        std::string finish();

     private:
        Processor const* processor_;
        std::unique_ptr<class PlainDecoder> decoder_;
    };

    std::string normalize(std::string_view text) const;
    // `origins[i]` is the byte of the text that byte i of the result comes from; one more for the
    // end; empty if nothing is left of the text.
    std::string normalize(std::string_view text, std::vector<std::size_t>& origins) const;

    std::size_t vocabulary_size() const noexcept;
    // `id` < vocabulary_size().
    std::string_view id_to_piece(std::uint32_t id) const noexcept;
    float score(std::uint32_t id) const noexcept;
    PieceType type(std::uint32_t id) const noexcept;
    // The unknown id (-1 if there is none) for what is not in the vocabulary.
    std::int32_t piece_to_id(std::string_view piece) const noexcept;
    // -1 if the model has none.
    std::int32_t unk_id() const noexcept { return unk_id_; }
    std::int32_t bos_id() const noexcept { return bos_id_; }
    std::int32_t eos_id() const noexcept { return eos_id_; }
    std::int32_t pad_id() const noexcept { return pad_id_; }
    bool is_unknown(std::int64_t id) const noexcept;

    ModelType model_type() const noexcept;
    bool byte_fallback() const noexcept;
    // The model file in canonical form.
    std::string serialized_model() const;
    ModelProto const& model() const noexcept;

    // The bytes that the cache of each thread may take.
    void set_cache_budget(std::size_t bytes) const noexcept;

 private:
    class Impl;
    friend class ChunkedEncoder;
    explicit Processor(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
    std::int32_t unk_id_ = -1, bos_id_ = -1, eos_id_ = -1, pad_id_ = -1;
};

}  // namespace tokmill::sentencepiece
