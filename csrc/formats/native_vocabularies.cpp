#include "formats/native_vocabularies.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/byte_alphabet.h"
#include "core/error.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/utf8_decode.h"
#include "simd/utf8.h"
#include "unicode/properties.h"

namespace tokmill {
namespace {

using Entry = std::pair<std::string, std::uint64_t>;

void check_utf8(std::string_view data) {
    std::size_t const valid = simd::valid_utf8_prefix(data);
    if (valid == data.size()) return;
    throw Error(ErrorKind::invalid_tokenizer, "invalid UTF-8 at byte " + std::to_string(valid),
                valid);
}

// Without the white space at its end, as tokenizers reads a vocab.txt.
std::string_view trimmed(std::string_view line) {
    while (!line.empty()) {
        std::size_t start = line.size() - 1;
        while (start > 0 && is_continuation(static_cast<unsigned char>(line[start]))) --start;
        auto const* const bytes = reinterpret_cast<unsigned char const*>(line.data());
        if (!unicode::is_white_space(decode_char(bytes + start).code_point)) break;
        line = line.substr(0, start);
    }
    return line;
}

template <class Use>
void for_lines(std::string_view data, Use const& use) {
    while (!data.empty()) {
        std::size_t const end = std::min(data.find('\n'), data.size());
        use(data.substr(0, end));
        data.remove_prefix(std::min(end + 1, data.size()));
    }
}

bool has_capitals(std::vector<Entry> const& vocabulary) {
    return std::any_of(vocabulary.begin(), vocabulary.end(), [](Entry const& entry) {
        bool const is_name = entry.first.starts_with('[') || entry.first.starts_with('<');
        return !is_name && std::any_of(entry.first.begin(), entry.first.end(),
                                       [](char c) { return c >= 'A' && c <= 'Z'; });
    });
}

std::optional<std::uint64_t> id_of(std::vector<Entry> const& vocabulary, std::string_view token) {
    // Of equal tokens the last one counts.
    for (auto entry = vocabulary.rbegin(); entry != vocabulary.rend(); ++entry) {
        if (entry->first == token) return entry->second;
    }
    return std::nullopt;
}

// A tokenizer.json, part by part; each part is JSON as it stands.
class Writer {
 public:
    Writer() { text_ = "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null"; }

    void special_tokens(std::vector<std::string_view> const& names,
                        std::vector<Entry> const& vocabulary) {
        text_ += ",\"added_tokens\":[";
        char const* separator = "";
        for (std::string_view const name : names) {
            auto const id = id_of(vocabulary, name);
            if (!id) continue;
            text_ += separator;
            text_ += "{\"id\":" + std::to_string(*id) + ",\"content\":";
            json::append_string(name, text_);
            text_ +=
                ",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                "\"normalized\":false,\"special\":true}";
            separator = ",";
        }
        text_ += ']';
    }
    void part(char const* name, std::string_view json) {
        text_ += ",\"";
        text_ += name;
        text_ += "\":";
        text_ += json;
    }
    // `options`: the members of the model but for its vocabulary and merges.
    void begin_model(std::string_view options) {
        text_ += ",\"model\":{";
        text_ += options;
    }
    void vocabulary(std::vector<Entry> const& entries) {
        text_ += ",\"vocab\":{";
        char const* separator = "";
        for (auto const& [token, id] : entries) {
            text_ += separator;
            json::append_string(token, text_);
            text_ += ':' + std::to_string(id);
            separator = ",";
        }
        text_ += '}';
    }
    void merges(std::vector<std::string_view> const& lines) {
        text_ += ",\"merges\":[";
        char const* separator = "";
        for (std::string_view const line : lines) {
            text_ += separator;
            json::append_string(line, text_);
            separator = ",";
        }
        text_ += ']';
    }
    std::string finish() { return text_ + "}}"; }

 private:
    std::string text_;
};

std::vector<std::string_view> merge_lines(std::string_view data) {
    std::vector<std::string_view> lines;
    for_lines(data, [&](std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        bool const is_header = line.starts_with("#version") || line.starts_with("\"bpe_simple");
        if (!line.empty() && !is_header) lines.push_back(line);
    });
    return lines;
}

std::vector<Entry> read_vocabulary(std::string_view data) {
    std::vector<Entry> entries;
    json::Reader reader(data);
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        std::string token(key);
        entries.emplace_back(std::move(token), reader.unsigned_32());
    }
    reader.finish();
    return entries;
}

constexpr std::string_view kClipStart = "<|startoftext|>";
constexpr std::string_view kClipEnd = "<|endoftext|>";

std::string clip(std::vector<Entry> const& vocabulary,
                 std::vector<std::string_view> const& merges) {
    Writer out;
    out.special_tokens({kClipStart, kClipEnd}, vocabulary);
    out.part("normalizer",
             R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":)"
             R"({"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]})");
    out.part("pre_tokenizer",
             R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":)"
             R"("'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"},)"
             R"("behavior":"Removed","invert":true},{"type":"ByteLevel",)"
             R"("add_prefix_space":false,"trim_offsets":true,"use_regex":true}]})");
    auto const start = id_of(vocabulary, kClipStart), end = id_of(vocabulary, kClipEnd);
    if (start && end) {
        out.part("post_processor", R"({"type":"RobertaProcessing","sep":["<|endoftext|>",)" +
                                       std::to_string(*end) + R"(],"cls":["<|startoftext|>",)" +
                                       std::to_string(*start) +
                                       R"(],"trim_offsets":false,"add_prefix_space":false})");
    } else {
        out.part("post_processor", "null");
    }
    out.part("decoder", R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,)"
                        R"("use_regex":true})");
    out.begin_model(R"("type":"BPE","dropout":null,"unk_token":"<|endoftext|>",)"
                    R"("continuing_subword_prefix":"","end_of_word_suffix":"</w>",)"
                    R"("fuse_unk":false,"byte_fallback":false,"ignore_merges":false)");
    out.vocabulary(vocabulary);
    out.merges(merges);
    return out.finish();
}

std::string first_gpt(std::vector<Entry> const& vocabulary,
                      std::vector<std::string_view> const& merges) {
    bool const has_unk = id_of(vocabulary, "<unk>").has_value();
    Writer out;
    out.special_tokens({"<unk>"}, vocabulary);
    out.part("normalizer", R"({"type":"BertNormalizer","clean_text":true,)"
                           R"("handle_chinese_chars":true,"strip_accents":null,"lowercase":true})");
    out.part("pre_tokenizer", R"({"type":"BertPreTokenizer"})");
    out.part("post_processor", "null");
    out.part("decoder", R"({"type":"BPEDecoder","suffix":"</w>"})");
    out.begin_model(std::string(R"("type":"BPE","dropout":null,"unk_token":)") +
                    (has_unk ? "\"<unk>\"" : "null") +
                    R"(,"continuing_subword_prefix":"","end_of_word_suffix":"</w>",)"
                    R"("fuse_unk":false,"byte_fallback":false,"ignore_merges":false)");
    out.vocabulary(vocabulary);
    out.merges(merges);
    return out.finish();
}

// The characters of the byte alphabet in the order of GPT-2's table: bytes that are characters of
// their own first.
std::vector<std::string> alphabet_in_order() {
    std::vector<std::string> own, others;
    for (int byte = 0; byte < 256; ++byte) {
        std::string character;
        append_byte_alphabet(std::string(1, static_cast<char>(byte)), character);
        bool const is_own = kByteCharacters[byte] == byte;
        (is_own ? own : others).push_back(std::move(character));
    }
    own.insert(own.end(), others.begin(), others.end());
    return own;
}

}  // namespace

bool is_wordpiece_vocabulary(std::string_view data) {
    bool found = false;
    for_lines(data, [&](std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        found |= line == "[UNK]" || line == "[unk]";
    });
    return found;
}

std::string wordpiece_json(std::string_view data) {
    check_utf8(data);
    std::vector<Entry> vocabulary;
    for_lines(data, [&](std::string_view line) {
        vocabulary.emplace_back(trimmed(line), vocabulary.size());
    });
    // Some copies of the file are in lower case throughout.
    bool const is_lower = !id_of(vocabulary, "[UNK]");
    std::string_view const unk = is_lower ? "[unk]" : "[UNK]", cls = is_lower ? "[cls]" : "[CLS]",
                           sep = is_lower ? "[sep]" : "[SEP]";
    Writer out;
    out.special_tokens({"[PAD]", unk, cls, sep, is_lower ? "[mask]" : "[MASK]"}, vocabulary);
    out.part("normalizer",
             std::string(R"({"type":"BertNormalizer","clean_text":true,)"
                         R"("handle_chinese_chars":true,"strip_accents":null,"lowercase":)") +
                 (has_capitals(vocabulary) ? "false}" : "true}"));
    out.part("pre_tokenizer", R"({"type":"BertPreTokenizer"})");
    auto const cls_id = id_of(vocabulary, cls), sep_id = id_of(vocabulary, sep);
    if (cls_id && sep_id) {
        auto const pair = [](std::string_view name, std::uint64_t id) {
            return "[\"" + std::string(name) + "\"," + std::to_string(id) + "]";
        };
        out.part("post_processor", R"({"type":"BertProcessing","sep":)" + pair(sep, *sep_id) +
                                       R"(,"cls":)" + pair(cls, *cls_id) + "}");
    } else {
        out.part("post_processor", "null");
    }
    out.part("decoder", R"({"type":"WordPiece","prefix":"##","cleanup":true})");
    out.begin_model(R"("type":"WordPiece","unk_token":")" + std::string(unk) +
                    R"(","continuing_subword_prefix":"##","max_input_chars_per_word":100)");
    out.vocabulary(vocabulary);
    return out.finish();
}

bool is_clip_merges(std::string_view data) {
    return data.starts_with("\"bpe_simple_vocab_16e6");
}

std::string clip_json(std::string_view data) {
    check_utf8(data);
    constexpr std::size_t kVocabulary = 49152;  // the list goes on for longer than was used
    constexpr std::size_t kMerges = kVocabulary - 256 - 2;
    std::vector<std::string_view> merges = merge_lines(data);
    if (merges.size() > kMerges) merges.resize(kMerges);
    std::vector<Entry> vocabulary;
    auto const add = [&](std::string token) {
        vocabulary.emplace_back(std::move(token), vocabulary.size());
    };
    std::vector<std::string> const characters = alphabet_in_order();
    for (std::string const& character : characters) add(character);
    for (std::string const& character : characters) add(character + "</w>");
    for (std::string_view const line : merges) {
        std::string joined(line);
        std::erase(joined, ' ');
        add(std::move(joined));
    }
    add(std::string(kClipStart));
    add(std::string(kClipEnd));
    return clip(vocabulary, merges);
}

bool marks_word_ends(std::string_view vocabulary_json) {
    return vocabulary_json.find("</w>\"") != std::string_view::npos;
}

std::string word_end_json(std::string_view vocabulary_json, std::string_view merges) {
    check_utf8(merges);
    std::vector<Entry> const vocabulary = read_vocabulary(vocabulary_json);
    bool const is_clip = id_of(vocabulary, kClipStart) && id_of(vocabulary, kClipEnd);
    return (is_clip ? clip : first_gpt)(vocabulary, merge_lines(merges));
}

}  // namespace tokmill
