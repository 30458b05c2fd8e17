// Vocabularies in the files that models were first published with, written as the tokenizer.json
// that their usual conversion gives: what surrounds the model stands in no file.
#pragma once

#include <string>
#include <string_view>

namespace tokmill {

// vocab.txt of BERT and its relatives: a token a line.
bool is_wordpiece_vocabulary(std::string_view data);
// With BERT's normalizer (lower-casing unless the vocabulary has capitals), pre-tokenizer and
// template. Throws invalid_tokenizer if the text is not UTF-8.
std::string wordpiece_json(std::string_view vocabulary);

// CLIP's list of merges (bpe_simple_vocab_16e6.txt, unpacked), from which the vocabulary follows.
bool is_clip_merges(std::string_view data);
std::string clip_json(std::string_view merges);

// A vocabulary as JSON whose tokens mark the ends of words by "</w>", with its list of merges: of
// CLIP if it has CLIP's special tokens, else of the first GPT.
bool marks_word_ends(std::string_view vocabulary_json);
std::string word_end_json(std::string_view vocabulary_json, std::string_view merges);

}  // namespace tokmill
