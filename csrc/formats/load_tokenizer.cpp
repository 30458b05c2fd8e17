#include "formats/load_tokenizer.h"

#include <string>
#include <utility>

#include "core/error.h"
#include "formats/read_general.h"
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

}  // namespace

std::shared_ptr<Tokenizer const> load_tokenizer(std::string_view data, LoadHints const& hints) {
    if (is_sentencepiece(data)) return std::make_shared<sentencepiece::Tokenizer const>(data);
    if (!is_json(data)) return Tokenizer::compile(load_definition(data, hints));
    try {
        return Tokenizer::compile(load_definition(data, hints));
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::unsupported_tokenizer || !is_tokenizer_json(data)) throw;
    }
    return std::make_shared<GeneralTokenizer const>(stages::read_general(data), std::string(data));
}

std::shared_ptr<Tokenizer const> load_portable(std::string_view data) {
    if (is_json(data) || is_sentencepiece(data)) return load_tokenizer(data);
    return Tokenizer::compile(deserialize_definition(data));
}

}  // namespace tokmill
