// GPT-2's two files, vocab.json (or encoder.json) and merges.txt (or vocab.bpe), with the pipeline
// that tokenizers' ByteLevelBPETokenizer builds around them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/bpe_text.h"
#include "formats/load.h"
#include "simd/utf8.h"

namespace tokmill {

namespace {

std::vector<Merge> read_merges(std::string_view text, TextVocabulary const& vocabulary,
                               Complaint const& complain) {
    std::size_t const valid = simd::valid_utf8_prefix(text);
    if (valid != text.size()) complain(valid, "invalid UTF-8");
    MergeReader merges(vocabulary, complain);
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.starts_with("#version")) add_merge_line(merges, line, ++number, at, complain);
        at = end + 1;
    }
    return merges.finish();
}

}  // namespace

Definition read_vocab_merges(std::string_view vocab_json, std::string_view merges_txt) {
    json::Reader reader(vocab_json);
    std::vector<std::string_view> keys;
    std::vector<std::uint32_t> ids;
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        keys.push_back(key);
        ids.push_back(reader.unsigned_32());
    }
    reader.finish();
    Complaint const complain = [&](std::size_t position, std::string const& reason) {
        throw Error(ErrorKind::invalid_tokenizer, reason, position);
    };
    TextVocabulary const vocabulary(std::move(keys), std::move(ids), complain);

    Definition definition;
    definition.format = "vocab+merges";
    vocabulary.fill(definition.model);
    definition.model.merges = read_merges(merges_txt, vocabulary, complain);
    drop_idle_merges(definition.model);
    PreTokenizer byte_level;
    byte_level.kind = PreTokenizerKind::byte_level;
    definition.pre_tokenizers = {std::move(byte_level)};
    definition.decoder = DecoderKind::byte_level;
    return definition;
}

}  // namespace tokmill
