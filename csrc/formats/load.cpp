// Recognises the format of a definition by its content.
#include "formats/load.h"

#include "core/error.h"
#include "core/json.h"

namespace tokmill {

namespace {

// Fields of tekken.json that tokenizer.json does not have, told from the first one that decides.
bool is_tekken(std::string_view data) {
    json::Reader reader(data);
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        if (key == "config" || key == "vocab") return true;
        if (key == "model" || key == "added_tokens" || key == "pre_tokenizer") return false;
        reader.skip();
    }
    return false;
}

// sentencepiece models are protocol buffers that begin with their first piece.
bool is_sentencepiece(std::string_view data) {
    return data.size() > 2 && data[0] == '\n' && data[2] == '\n';
}

}  // namespace

Definition load_definition(std::string_view data, LoadHints const& hints) {
    std::size_t const start = data.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) {
        throw Error(ErrorKind::invalid_tokenizer, "the file is empty", 0);
    }
    if (data[start] == '{') {
        return is_tekken(data) ? read_tekken(data) : read_tokenizer_json(data);
    }
    if (is_sentencepiece(data)) {
        throw Error(ErrorKind::unsupported_tokenizer, "sentencepiece model is not supported");
    }
    return read_tiktoken(data, hints);
}

}  // namespace tokmill
