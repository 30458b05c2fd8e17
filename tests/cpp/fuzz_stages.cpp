// Pre-tokenizers and decoders on hostile definitions and texts. An input is a component in JSON, a
// zero byte, and a text; a pre-tokenizer cuts the text, a decoder gets its lines as tokens.
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.h"
#include "fuzz.h"
#include "simd/utf8.h"
#include "stage_support.h"

namespace {

using namespace tokmill;

void require(bool promise) {
    if (!promise) std::abort();
}

void check_pre_tokenizer(stages::PreTokenizer const& stage, std::string_view text) {
    stages::PreTokenizedString const pieces = test::cut(stage, text);
    for (auto const& view :
         pieces.views(stages::Referential::original, stages::OffsetUnit::bytes)) {
        require(simd::valid_utf8_prefix(view.text) == view.text.size());
        require(view.offsets.begin <= view.offsets.end && view.offsets.end <= text.size());
    }
    require(text.empty() || test::plain_texts(stage, text) == test::texts_of(pieces));
}

void check_decoder(stages::Decoder const& decoder, std::string_view text) {
    std::vector<std::string> tokens;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        tokens.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    tokens.emplace_back(text);
    for (std::string const& part : decoder.decode_chain(std::move(tokens))) {
        require(simd::valid_utf8_prefix(part) == part.size());
    }
}

template <class Read, class Check>
void try_component(std::string_view json, std::string_view text, Read const& read,
                   Check const& check) {
    try {
        if (auto const component = read(json)) check(*component, text);
    } catch (Error const&) {
        // Refused, which is an answer.
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    std::size_t const end = input.find('\0');
    if (end == std::string_view::npos) return 0;
    std::string_view text = input.substr(end + 1);
    text = text.substr(0, simd::valid_utf8_prefix(text));
    try_component(input.substr(0, end), text, test::pre_tokenizer, check_pre_tokenizer);
    try_component(input.substr(0, end), text, test::decoder, check_decoder);
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    std::string const text =
        std::string(1, '\0') + "Hey ▁you,\n  é中か 12½ <0x41>\n<0xE5>\n##a</w>\n|Ġ ";
    std::vector<std::string> seeds;
    for (
        std::string const json : {
            R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false})",
            R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true})",
            R"({"type":"Split","pattern":{"Regex":"\\s+|a*"},"behavior":"MergedWithNext","invert":false})",
            R"({"type":"Sequence","pretokenizers":[["Whitespace"],{"type":"Digits","individual_digits":true},{"type":"FixedLength","length":3},["UnicodeScripts"]]})",
            R"({"type":"Punctuation","behavior":"Contiguous"})",
            R"({"type":"CharDelimiterSplit","delimiter":"e"})",
            R"({"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Strip","content":" ","start":1,"stop":2},{"type":"Fuse"}]})",
            R"({"type":"Replace","pattern":{"Regex":"\\s+"},"content":"-"})",
            R"({"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true})",
            R"({"type":"WordPiece","prefix":"##","cleanup":true})",
            R"({"suffix":"</w>"})",
        }) {
        seeds.push_back(json + text);
    }
    return seeds;
}
