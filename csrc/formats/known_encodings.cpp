// The table of known encodings.
#include "formats/known_encodings.h"

#include <algorithm>
#include <iterator>

#include "core/sha256.h"

namespace tokmill {

namespace {

constexpr char kGpt2Pattern[] =
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)";
constexpr char kCl100kPattern[] =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+)"
    R"(|\s++$|\s*[\r\n]|\s+(?!\S)|\s)";
constexpr char kO200kPattern[] =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr char kLlama3Pattern[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr char kQwenPattern[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr char kWhisperPattern[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Special tokens <|name|> with consecutive ids, or <|name0|>, <|name1|>, ... if there is a first
// number.
class SpecialTokens {
 public:
    explicit SpecialTokens(std::uint32_t first_id) : id_(first_id) {}

    SpecialTokens& add(std::string_view name) {
        tokens_.emplace_back("<|" + std::string(name) + "|>", id_++);
        return *this;
    }
    SpecialTokens& number(std::string_view name, unsigned first, unsigned last) {
        for (unsigned i = first; i <= last; ++i) add(std::string(name) + std::to_string(i));
        return *this;
    }
    SpecialTokens& at(std::uint32_t id) {
        id_ = id;
        return *this;
    }
    std::vector<std::pair<std::string, std::uint32_t>> take() { return std::move(tokens_); }

 private:
    std::uint32_t id_;
    std::vector<std::pair<std::string, std::uint32_t>> tokens_;
};

using TokenList = std::vector<std::pair<std::string, std::uint32_t>>;

TokenList gpt2_tokens() {
    return SpecialTokens(50256).add("endoftext").take();
}

TokenList p50k_edit_tokens() {
    return SpecialTokens(50256)
        .add("endoftext")
        .at(50281)
        .add("fim_prefix")
        .add("fim_middle")
        .add("fim_suffix")
        .take();
}

TokenList cl100k_tokens() {
    return SpecialTokens(100257)
        .add("endoftext")
        .add("fim_prefix")
        .add("fim_middle")
        .add("fim_suffix")
        .at(100276)
        .add("endofprompt")
        .take();
}

TokenList o200k_tokens() {
    return SpecialTokens(199999).add("endoftext").at(200018).add("endofprompt").take();
}

TokenList harmony_tokens() {
    return SpecialTokens(199998)
        .add("startoftext")
        .add("endoftext")
        .number("reserved_", 200000, 200001)
        .add("return")
        .add("constrain")
        .number("reserved_", 200004, 200004)
        .add("channel")
        .add("start")
        .add("end")
        .add("message")
        .number("reserved_", 200009, 200011)
        .add("call")
        .number("reserved_", 200013, 200017)
        .add("endofprompt")  // shares its id with a reserved token
        .at(200018)
        .number("reserved_", 200018, 201087)
        .take();
}

TokenList llama3_tokens() {
    return SpecialTokens(128000)
        .add("begin_of_text")
        .add("end_of_text")
        .number("reserved_special_token_", 0, 1)
        .add("finetune_right_pad_id")
        .add("step_id")
        .add("start_header_id")
        .add("end_header_id")
        .add("eom_id")
        .add("eot_id")
        .add("python_tag")
        .add("image")
        .number("reserved_special_token_", 2, 245)
        .take();
}

TokenList llama4_tokens() {
    return SpecialTokens(200000)
        .add("begin_of_text")
        .add("end_of_text")
        .add("fim_prefix")
        .add("fim_middle")
        .add("fim_suffix")
        .add("header_start")
        .add("header_end")
        .add("eom")
        .add("eot")
        .add("step")
        .number("text_post_train_reserved_special_token_", 0, 5)
        .add("python_start")
        .add("python_end")
        .add("finetune_right_pad")
        .number("text_post_train_reserved_special_token_", 8, 68)
        .add("image_start")
        .add("image_end")
        .number("vision_reserved_special_token_", 0, 1)
        .add("tile_x_separator")
        .add("tile_y_separator")
        .number("vision_reserved_special_token_", 2, 5)
        .add("image")
        .number("vision_reserved_special_token_", 6, 6)
        .add("patch")
        .number("vision_reserved_special_token_", 7, 1047)
        .number("reasoning_reserved_special_token_", 0, 7)
        .add("reasoning_thinking_start")
        .add("reasoning_thinking_end")
        .number("reserved_special_token_", 0, 903)
        .take();
}

TokenList qwen_tokens() {
    return SpecialTokens(151643)
        .add("endoftext")
        .add("im_start")
        .add("im_end")
        .number("extra_", 0, 204)
        .take();
}

TokenList whisper_tokens() {
    constexpr std::string_view kLanguages =
        "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no "
        "th ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw "
        "gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl "
        "mg as tt haw ln ha ba jw su ";
    SpecialTokens tokens(50257);
    tokens.add("endoftext").add("startoftranscript");
    for (std::size_t at = 0; at < kLanguages.size();) {
        std::size_t const space = kLanguages.find(' ', at);
        tokens.add(kLanguages.substr(at, space - at));
        at = space + 1;
    }
    for (char const* name :
         {"translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"}) {
        tokens.add(name);
    }
    // Times from 0 to 30 seconds in steps of 0.02 s.
    for (unsigned hundredths = 0; hundredths <= 3000; hundredths += 2) {
        unsigned const part = hundredths % 100;
        tokens.add(std::to_string(hundredths / 100) + (part < 10 ? ".0" : ".") +
                   std::to_string(part));
    }
    return tokens.take();
}

struct Entry {
    std::string_view name;
    std::string_view
        sha256;  // of the rank file; empty if it belongs to an earlier entry or to none
    std::string_view pattern;
    TokenList (*special_tokens)();
    bool nfc;
};

constexpr Entry kEncodings[] = {
    {"gpt2", "", kGpt2Pattern, gpt2_tokens, false},
    {"r50k_base", "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930", kGpt2Pattern,
     gpt2_tokens, false},
    {"p50k_base", "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069", kGpt2Pattern,
     gpt2_tokens, false},
    {"p50k_edit", "", kGpt2Pattern, p50k_edit_tokens, false},
    {"cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
     kCl100kPattern, cl100k_tokens, false},
    {"o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
     kO200kPattern, o200k_tokens, false},
    {"o200k_harmony", "", kO200kPattern, harmony_tokens, false},
    {"llama3", "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55", kLlama3Pattern,
     llama3_tokens, false},
    {"llama4", "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed", kO200kPattern,
     llama4_tokens, false},
    {"qwen", "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186", kQwenPattern,
     qwen_tokens, true},
    {"whisper_multilingual", "b34b360dbb493e781e479794586d661700670d65564001f23024971d1f2fa126",
     kWhisperPattern, whisper_tokens, false},
};

std::optional<KnownEncoding> known(Entry const* entry) {
    if (entry == std::end(kEncodings)) return std::nullopt;
    return KnownEncoding{std::string(entry->name), std::string(entry->pattern),
                         entry->special_tokens(), entry->nfc};
}

}  // namespace

std::optional<KnownEncoding> find_known_encoding(std::string_view name) {
    return known(std::find_if(std::begin(kEncodings), std::end(kEncodings),
                              [&](Entry const& entry) { return entry.name == name; }));
}

std::optional<KnownEncoding> recognize_rank_file(std::string_view data) {
    std::string const digest = sha256_hex(data);
    return known(std::find_if(std::begin(kEncodings), std::end(kEncodings),
                              [&](Entry const& entry) { return entry.sha256 == digest; }));
}

}  // namespace tokmill
