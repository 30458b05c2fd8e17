// TemplateProcessing as tokenizers performs it.
#include "postprocessors/template_processing.h"

#include "core/error.h"

namespace tokmill::stages {

std::size_t TemplateProcessing::added_tokens(bool is_pair) const {
    std::size_t count = 0;
    for (TemplatePiece const& piece : is_pair ? pair_ : single_) {
        auto const token = piece.is_sequence ? tokens_.end() : tokens_.find(piece.special_token);
        if (token != tokens_.end()) count += token->second.ids.size();
    }
    return count;
}

Encoding TemplateProcessing::special_token(TemplatePiece const& piece) const {
    auto const token = tokens_.find(piece.special_token);
    if (token == tokens_.end()) {
        throw Error(ErrorKind::invalid_input, "post_processor TemplateProcessing: special token `" +
                                                  piece.special_token + "` is not defined");
    }
    Encoding encoding;
    std::size_t const count = token->second.ids.size();
    encoding.ids = token->second.ids;
    encoding.tokens = token->second.texts;
    encoding.type_ids.assign(count, piece.type_id);
    encoding.words.assign(count, Encoding::kNoWord);
    encoding.offsets.assign(count, Span{});
    encoding.special_tokens_mask.assign(count, 1);
    encoding.attention_mask.assign(count, 1);
    return encoding;
}

std::vector<Encoding> TemplateProcessing::process(std::vector<Encoding> encodings,
                                                  bool add_special_tokens) const {
    if (encodings.empty() || encodings.size() > 2) {
        throw Error(ErrorKind::invalid_input,
                    "post_processor TemplateProcessing takes one or two encodings, not " +
                        std::to_string(encodings.size()));
    }
    Template const& pieces = encodings.size() == 1 ? single_ : pair_;
    std::vector<Encoding> filled;
    filled.reserve(pieces.size());
    for (TemplatePiece const& piece : pieces) {
        if (!piece.is_sequence) {
            if (add_special_tokens) filled.push_back(special_token(piece));
            continue;
        }
        if (piece.sequence >= encodings.size()) {
            throw Error(ErrorKind::invalid_input,
                        "post_processor TemplateProcessing: sequence B in the template for one "
                        "sequence");
        }
        // What overflows keeps its type ids.
        Encoding& encoding = encodings[piece.sequence];
        encoding.set_type_id(piece.type_id);
        encoding.set_sequence_id(piece.sequence);
        filled.push_back(encoding);
    }
    return filled;
}

}  // namespace tokmill::stages
