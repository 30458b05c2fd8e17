// tiktoken rank files: a line for each token, its bytes in base64, a space, and its rank. Llama 3
// and 4 tokenizer.model files are of this kind too.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "formats/known_encodings.h"
#include "formats/load.h"
#include "formats/rank_vocabulary.h"
#include "simd/utf8.h"

namespace tokmill {

namespace {

class RankFile {
 public:
    explicit RankFile(std::string_view data) : data_(data) {}

    std::vector<std::pair<std::string, std::uint32_t>> tokens() const {
        std::vector<std::pair<std::string, std::uint32_t>> tokens;
        std::size_t number = 0;
        for (std::size_t at = 0; at < data_.size();) {
            std::size_t const end = std::min(data_.find('\n', at), data_.size());
            std::string_view line = data_.substr(at, end - at);
            if (line.ends_with('\r')) line.remove_suffix(1);
            ++number;
            if (!line.empty()) tokens.push_back(read_line(line, number, at));
            at = end + 1;
        }
        return tokens;
    }

    [[noreturn]] void fail(std::size_t position, std::string const& reason) const {
        throw Error(ErrorKind::invalid_tokenizer, reason, position);
    }

 private:
    std::pair<std::string, std::uint32_t> read_line(std::string_view line, std::size_t number,
                                                    std::size_t position) const {
        auto const complain = [&](char const* reason) {
            fail(position, std::string(reason) + " at line " + std::to_string(number));
        };
        std::size_t const space = line.find(' ');
        if (space == std::string_view::npos) complain("expected a token in base64 and a rank");
        std::string_view const text = line.substr(0, space);
        // Whisper's file spells the empty token as bare padding.
        std::optional<std::string> bytes = decode_base64(text == "=" ? "" : text);
        if (!bytes) complain("malformed base64");
        std::string_view const digits = line.substr(space + 1);
        std::uint32_t rank = 0;
        auto const [end, error] = std::from_chars(digits.begin(), digits.end(), rank);
        if (error != std::errc{} || end != digits.end()) complain("malformed rank");
        return {std::move(*bytes), rank};
    }

    std::string_view data_;
};

}  // namespace

Definition read_tiktoken(std::string_view data, LoadHints const& hints) {
    RankFile const file(data);
    std::vector<std::pair<std::string, std::uint32_t>> tokens = file.tokens();
    if (tokens.empty()) file.fail(0, "no ranks in the file");
    Complaint const complain = [&](std::size_t position, std::string const& reason) {
        file.fail(position, reason);
    };

    KnownEncoding encoding;
    if (hints.pattern) {
        encoding.pattern = *hints.pattern;
        encoding.special_tokens = hints.special_tokens;
        if (simd::valid_utf8_prefix(encoding.pattern) != encoding.pattern.size()) {
            file.fail(kNoPosition, "the pattern is not valid UTF-8");
        }
    } else {
        std::optional<KnownEncoding> known = recognize_rank_file(data);
        if (!known) {
            file.fail(kNoPosition,
                      "a rank file says neither its split pattern nor its special tokens, and this "
                      "is none of the published ones: both have to be given");
        }
        encoding = std::move(*known);
        if (!hints.special_tokens.empty()) encoding.special_tokens = hints.special_tokens;
    }

    Definition definition;
    definition.format = "tiktoken";
    fill_rank_definition(definition, std::move(tokens), std::move(encoding.pattern), complain);
    if (encoding.nfc) definition.normalizers = {NormalizerKind::nfc};
    add_special_tokens(definition, encoding.special_tokens, complain);
    return definition;
}

}  // namespace tokmill
