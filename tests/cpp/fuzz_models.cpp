// Fuzz target for the models of tokenizer.json: any input is refused with an Error or gives a model
// that tokenizes, whose ids agree with its tokens, and which reads back from what it writes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/stage_readers.h"
#include "formats/write_model.h"
#include "fuzz.h"
#include "models/general_bpe.h"
#include "models/unigram.h"
#include "simd/utf8.h"

using namespace tokmill;
using namespace tokmill::stages;

namespace {

ModelPtr read(std::string_view text) {
    json::Reader reader(text);
    ModelPtr model = read_model(reader, DefinitionFile(reader));
    reader.finish();
    return model;
}

void check_text(Model const& model, std::string_view text) {
    std::vector<Token> tokens;
    std::vector<std::uint32_t> ids;
    try {
        model.tokenize(text, tokens);
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_input) broken(error.what());
        return;
    }
    model.tokenize_ids(text, ids);
    if (ids.size() != tokens.size()) broken("ids and tokens differ");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] != tokens[i].id) broken("ids and tokens differ");
        if (!model.id_to_token(ids[i])) broken("an id without a token");
    }
}

// Dropout makes tokens random.
bool is_random(Model const& model) {
    auto const* const bpe = dynamic_cast<GeneralBpe const*>(&model);
    if (bpe == nullptr || !bpe->options().dropout) return false;
    return *bpe->options().dropout > 0 && *bpe->options().dropout < 1;
}

// Of tokens that share an id only one is written, which may take a part of a merge away; and scores
// are not read exactly.
bool is_written_exactly(Model const& model) {
    auto const vocabulary = model.vocabulary();
    for (std::size_t i = 1; i < vocabulary.size(); ++i) {
        if (vocabulary[i].second == vocabulary[i - 1].second) return false;
    }
    return dynamic_cast<Unigram const*>(&model) == nullptr;
}

}  // namespace

// A text, a zero byte, a model.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    std::size_t const zero = input.find('\0');
    if (zero == input.npos) return 0;
    std::string_view const text = input.substr(0, simd::valid_utf8_prefix(input.substr(0, zero)));
    ModelPtr model;
    try {
        model = read(input.substr(zero + 1));
    } catch (Error const& error) {
        if (error.kind() == ErrorKind::invalid_tokenizer ||
            error.kind() == ErrorKind::unsupported_tokenizer) {
            return 0;
        }
        broken(error.what());
    }
    for (auto const& [token, id] : model->vocabulary()) {
        if (model->token_to_id(token) != id) broken("a token without its id");
    }
    std::string const written = write_model_json(*model, JsonLayout::compact);
    if (!is_random(*model)) {
        check_text(*model, text);
        check_text(*model, written);
    }
    if (is_written_exactly(*model)) {
        std::string const pretty = write_model_json(*read(written), JsonLayout::pretty);
        if (write_model_json(*read(pretty), JsonLayout::compact) != written) {
            broken("written model differs");
        }
    }
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    std::string const zero(1, '\0');
    return {
        "abab \u00e9x" + zero +
            R"({"type":"BPE","dropout":null,"unk_token":"u","continuing_subword_prefix":"#",)"
            R"("end_of_word_suffix":"w","fuse_unk":false,"byte_fallback":true,)"
            R"("ignore_merges":false,"vocab":{"a":0,"#b":1,"ab":2,"u":3,"<0xC3>":4},)"
            R"("merges":[["a","#b"]]})",
        "abab" + zero + R"({"vocab":{"a":0,"b":1,"ab":2,"abab":3},"merges":["a b","ab ab"]})",
        "abxx\u00e9ba" + zero +
            R"({"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["a",-1],)"
            R"(["b",-1.5e-3],["ab",-2.5],["<0xC3>",0],["<0xA9>",0]]})",
        "ababa" + zero +
            R"({"type":"WordPiece","unk_token":"u","continuing_subword_prefix":"##",)"
            R"("max_input_chars_per_word":100,"vocab":{"u":0,"ab":1,"a":2,"##a":3,"##ab":4}})",
        "a" + zero + R"({"type":"WordLevel","unk_token":"u","vocab":{"u":0,"ab":1,"a":2}})",
    };
}
