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

}  // namespace

bool is_tokenizer_json(std::string_view data) {
    return !is_tekken(data);
}

Definition load_definition(std::string_view data, LoadHints const& hints) {
    std::size_t const start = data.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) {
        throw Error(ErrorKind::invalid_tokenizer, "the file is empty", 0);
    }
    if (data[start] == '{') {
        return is_tekken(data) ? read_tekken(data) : read_tokenizer_json(data);
    }
    return read_tiktoken(data, hints);
}

}  // namespace tokmill
