// Sequences and special tokens in the order of a template.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "postprocessors/post_processor.h"

namespace tokmill::stages {

// A place in a template: one of the sequences, or a special token.
struct TemplatePiece {
    bool is_sequence = false;
    std::size_t sequence = 0;   // 0 for A, 1 for B
    std::string special_token;  // its name
    std::uint32_t type_id = 0;
};

// What a special token of a template stands for; as many ids as texts.
struct TemplateToken {
    std::vector<std::uint32_t> ids;
    std::vector<std::string> texts;
};

class TemplateProcessing : public PostProcessor {
 public:
    using Template = std::vector<TemplatePiece>;
    using Tokens = std::map<std::string, TemplateToken, std::less<>>;

    TemplateProcessing(Template single, Template pair, Tokens tokens)
        : single_(std::move(single)), pair_(std::move(pair)), tokens_(std::move(tokens)) {}

    std::size_t added_tokens(bool is_pair) const override;
    // Throws Error(invalid_input) where tokenizers panics: for a number of encodings other than one
    // or two, and for a template in use that names what is not there.
    std::vector<Encoding> process(std::vector<Encoding> encodings,
                                  bool add_special_tokens) const override;

 private:
    Encoding special_token(TemplatePiece const& piece) const;

    Template single_;
    Template pair_;
    Tokens tokens_;
};

}  // namespace tokmill::stages
