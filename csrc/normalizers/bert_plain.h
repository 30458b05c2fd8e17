// BertNormalizer without alignments: its four steps in one pass.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "normalizers/normalizers.h"

namespace tokmill::stages {

// What BertNormalizer puts spaces around.
bool is_bert_ideograph(std::uint32_t code_point) noexcept;
// White space but the space.
bool is_bert_space(std::uint32_t code_point) noexcept;

class PlainBert {
 public:
    explicit PlainBert(BertOptions const& options);

    void normalize(std::string& text) const;

 private:
    enum class Action : std::uint8_t { keep, remove, space, isolate, rewrite };
    class Pass;

    Action find_action(std::uint32_t code_point) const noexcept;
    Action action(std::uint32_t code_point) const noexcept {
        return code_point < actions_.size() ? actions_[code_point] : find_action(code_point);
    }

    BertOptions options_;
    bool strips_accents_;
    std::array<Action, 0x10000> actions_;
};

}  // namespace tokmill::stages
