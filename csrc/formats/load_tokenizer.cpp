#include "formats/load_tokenizer.h"

#include <string>
#include <utility>

#include "core/error.h"
#include "formats/native_vocabularies.h"
#include "formats/read_general.h"
#include "formats/tokenizer_json_v2.h"
#include "numbers/envelope.h"
#include "numbers/numbers_tokenizer.h"
#include "pipeline/general_tokenizer.h"
#include "sentencepiece/tokenizer.h"

namespace tokmill {
namespace {

bool is_json(std::string_view data) {
    std::size_t const start = data.find_first_not_of(" \t\r\n");
    return start != std::string_view::npos && data[start] == '{';
}

// Protocol buffers that begin with their first piece, or with what is said about training.
bool is_sentencepiece(std::string_view data) {
    return data.size() > 2 && ((data[0] == '\n' && data[2] == '\n') || data[0] == '\x12');
}

std::shared_ptr<Tokenizer const> from_json(std::string json, char const* format) {
    auto pipeline = stages::read_general(json);
    return std::make_shared<GeneralTokenizer const>(std::move(pipeline), std::move(json), format);
}

// A tokenizer with a digit scheme, which holds its base.
std::shared_ptr<Tokenizer const> from_envelope(std::string_view data) {
    numbers::Envelope envelope = numbers::unseal(data);
    std::shared_ptr<Tokenizer const> base;
    if (envelope.base.starts_with("TOKMILL1")) {
        auto copy = std::make_shared<std::string const>(envelope.base);
        base = Tokenizer::open_snapshot(*copy, copy);
    } else {
        base = load_portable(envelope.base);
    }
    return std::make_shared<numbers::NumbersTokenizer const>(
        std::move(base), std::move(envelope.scheme),
        numbers::AttachOptions{envelope.first_id, envelope.units_from_base});
}

}  // namespace

std::shared_ptr<Tokenizer const> load_tokenizer(std::string_view data, LoadHints const& hints) {
    if (numbers::is_envelope(data)) return from_envelope(data);
    if (is_sentencepiece(data)) return std::make_shared<sentencepiece::Tokenizer const>(data);
    if (is_clip_merges(data)) return from_json(clip_json(data), "CLIP merges");
    if (!is_json(data) && !hints.pattern && is_wordpiece_vocabulary(data)) {
        return from_json(wordpiece_json(data), "vocab.txt");
    }
    if (!is_json(data)) return Tokenizer::compile(load_definition(data, hints));
    if (is_tokenizer_json_v2(data)) return load_tokenizer(rewrite_tokenizer_json_v2(data), hints);
    try {
        return Tokenizer::compile(load_definition(data, hints));
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::unsupported_tokenizer || !is_tokenizer_json(data)) throw;
    }
    return from_json(std::string(data), "tokenizer.json");
}

std::shared_ptr<Tokenizer const> load_halves(std::string_view vocabulary, std::string_view merges) {
    if (marks_word_ends(vocabulary)) {
        return from_json(word_end_json(vocabulary, merges), "vocab+merges");
    }
    return Tokenizer::compile(read_vocab_merges(vocabulary, merges));
}

std::shared_ptr<Tokenizer const> load_portable(std::string_view data) {
    if (numbers::is_envelope(data)) return from_envelope(data);
    if (is_json(data) || is_sentencepiece(data)) return load_tokenizer(data);
    return Tokenizer::compile(deserialize_definition(data));
}

}  // namespace tokmill
