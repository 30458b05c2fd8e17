// Fuzz target for SentencePiece models. Any input must either be refused with invalid_tokenizer or
// unsupported_tokenizer, or give a processor that keeps its promises on a few texts.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "fuzz.h"
#include "sentencepiece/processor.h"
#include "small_sentencepiece.h"

using namespace tokmill;
using namespace tokmill::sentencepiece;

namespace {

void check_text(Processor const& processor, std::string_view text) {
    std::vector<std::uint32_t> ids, from_pieces;
    processor.encode_ids(text, ids);
    TextPieces const pieces = processor.encode(text);
    for (TextPiece const& piece : pieces.pieces) {
        from_pieces.push_back(piece.id);
        if (piece.begin > piece.end || piece.end > text.size()) broken("a place outside the text");
    }
    if (ids != from_pieces) broken("two ways to ids that differ");
    for (std::uint32_t const id : ids) {
        if (id >= processor.vocabulary_size()) broken("an id outside the vocabulary");
    }
    processor.decode_ids(ids);
    processor.sample(text, -1, 0.5f);
    processor.encode_in_chunks(text, 3, 1);
    if (processor.has_nbest()) processor.nbest(text, 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const model(reinterpret_cast<char const*>(data), size);
    try {
        auto const processor = Processor::load(model);
        std::string const written = processor->serialized_model();
        if (Processor::load(written)->serialized_model() != written) broken("written otherwise");
        for (std::string_view const text :
             {"", " ab\tAcab <x>  x", "\xE6\xBC\xA2\xE6\xBC\xA2 \xFF\xC3", "▁▁aba▁ababab"}) {
            try {
                check_text(*processor, text);
            } catch (Error const& error) {
                // Of a model that cannot be sampled from.
                if (error.kind() != ErrorKind::unsupported_tokenizer) throw;
            }
        }
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_tokenizer &&
            error.kind() != ErrorKind::unsupported_tokenizer) {
            broken(std::string("refused with another kind: ") + error.what());
        }
    }
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    std::vector<std::string> seeds;
    for (auto const& model : test::small_models()) seeds.push_back(model.bytes());
    return seeds;
}
