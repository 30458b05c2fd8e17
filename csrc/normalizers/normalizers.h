// The normalizers of tokenizers 0.23.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "normalizers/normalizer.h"
#include "normalizers/string_changes.h"
#include "regex/pattern.h"

namespace tokmill::stages {

struct BertOptions {
    bool clean_text = true;
    bool handle_chinese_chars = true;
    std::optional<bool> strip_accents;  // nothing: as `lowercase`
    bool lowercase = true;
};

NormalizerPtr make_bert_normalizer(BertOptions const& options);
NormalizerPtr make_byte_level_normalizer();
NormalizerPtr make_lowercase();
NormalizerPtr make_nmt();
// `charsmap`: sentencepiece's precompiled_charsmap. Throws Error(invalid_tokenizer) if it is
// broken, with the position in it.
NormalizerPtr make_precompiled(std::string_view charsmap);
NormalizerPtr make_prepend(std::string text);
NormalizerPtr make_replace(Pattern pattern, std::string content);
NormalizerPtr make_strip(bool left, bool right);
NormalizerPtr make_strip_accents();
NormalizerPtr make_unicode_form(UnicodeForm form);
NormalizerPtr make_normalizer_sequence(std::vector<NormalizerPtr> parts);

}  // namespace tokmill::stages
