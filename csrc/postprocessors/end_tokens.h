// BertProcessing and RobertaProcessing: a token before the first sequence, a separator behind each
// sequence and, with RoBERTa, before the second one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "postprocessors/post_processor.h"

namespace tokmill::stages {

// A token as these processors are told it.
struct EndToken {
    std::string text;
    std::uint32_t id = 0;
};

class BertProcessing : public PostProcessor {
 public:
    BertProcessing(EndToken sep, EndToken cls) : sep_(std::move(sep)), cls_(std::move(cls)) {}

    std::size_t added_tokens(bool is_pair) const override { return is_pair ? 3 : 2; }
    std::vector<Encoding> process(std::vector<Encoding> encodings,
                                  bool add_special_tokens) const override;

 private:
    EndToken sep_;
    EndToken cls_;
};

class RobertaProcessing : public PostProcessor {
 public:
    RobertaProcessing(EndToken sep, EndToken cls, bool trim, bool add_prefix_space)
        : sep_(std::move(sep)),
          cls_(std::move(cls)),
          trim_(trim),
          add_prefix_space_(add_prefix_space) {}

    std::size_t added_tokens(bool is_pair) const override { return is_pair ? 4 : 2; }
    std::vector<Encoding> process(std::vector<Encoding> encodings,
                                  bool add_special_tokens) const override;

 private:
    EndToken sep_;
    EndToken cls_;
    bool trim_;
    bool add_prefix_space_;
};

}  // namespace tokmill::stages
