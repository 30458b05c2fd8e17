// Fuzz target for everything that reads definitions. Any input must either be refused with
// invalid_tokenizer or unsupported_tokenizer, or give a definition that keeps every promise and
// survives being written and read again.
//
// With clang: clang++ -std=c++20 -fsanitize=fuzzer,address,undefined -Icsrc fuzz_formats.cpp ...
// With any compiler: link fuzz_driver.cpp, which mutates seeds without libFuzzer.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "formats/check_definition.h"
#include "formats/load.h"
#include "fuzz.h"
#include "small_definitions.h"

using namespace tokmill;

namespace {

// Writing may be refused; what is written must read back as the same tokenizer.
void check_written(Definition const& definition) {
    std::string written;
    try {
        written = write_tokenizer_json(definition);
    } catch (Error const& error) {
        if (error.kind() == ErrorKind::unsupported_tokenizer) return;
        // The pattern of a rank definition may be malformed.
        if (error.kind() == ErrorKind::invalid_tokenizer &&
            definition.reference == Reference::tiktoken) {
            return;
        }
        broken(std::string("writing: ") + error.what());
    }
    Definition const back = read_tokenizer_json(written);
    if (definition.reference == Reference::hf_tokenizers) {
        if (back.model != definition.model) broken("written model differs");
        if (back.pre_tokenizers != definition.pre_tokenizers) broken("written steps differ");
        if (back.prefix_ids != definition.prefix_ids || back.suffix_ids != definition.suffix_ids) {
            broken("written surroundings differ");
        }
    }
    if (back.added_tokens.size() != definition.added_tokens.size()) {
        broken("written added tokens differ");
    }
}

void check(Definition const& definition) {
    check_definition(definition, [](std::size_t, std::string const& reason) { broken(reason); });
    if (deserialize_definition(serialize_definition(definition)) != definition) {
        broken("binary form differs");
    }
    check_written(definition);
}

template <typename Read>
void attempt(Read const& read) {
    Definition definition;
    try {
        definition = read();
    } catch (Error const& error) {
        if (error.kind() == ErrorKind::invalid_tokenizer ||
            error.kind() == ErrorKind::unsupported_tokenizer) {
            return;
        }
        broken(std::string("unexpected kind of error: ") + error.what());
    }
    check(definition);
}

}  // namespace

// The first byte says which reader; two files are separated by a zero byte.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const input(reinterpret_cast<char const*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'd':
            attempt([&] { return deserialize_definition(input); });
            break;
        case 'v': {
            std::size_t const zero = input.find('\0');
            std::string_view const merges =
                zero == std::string_view::npos ? std::string_view() : input.substr(zero + 1);
            attempt([&] { return read_vocab_merges(input.substr(0, zero), merges); });
            break;
        }
        default: {
            LoadHints hints;
            hints.pattern = "\\p{L}+|\\p{N}{1,3}+|\\P{L}";
            hints.special_tokens = {{"<|end|>", 300}};
            attempt([&] { return load_definition(input, hints); });
        }
    }
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    using namespace tokmill::test;
    std::string const json = small_tokenizer_json();
    std::string const template_processing =
        "{\"type\":\"Sequence\",\"processors\":[{\"type\":\"TemplateProcessing\",\"single\":[{"
        "\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":"
        "0}}],"
        "\"pair\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"Sequence\":{\"id\":\"B\",\"type_"
        "id\":1}}],"
        "\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[261],\"tokens\":[\"<s>\"]}}},{"
        "\"type\":"
        "\"RobertaProcessing\",\"sep\":[\"</s>\",2],\"cls\":[\"<s>\",0],\"trim_offsets\":true,"
        "\"add_prefix_space\":false}]}";
    std::string const steps =
        "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":"
        "\"\\\\p{N}"
        "\"},\"behavior\":\"Isolated\",\"invert\":false},{\"type\":\"Digits\",\"individual_"
        "digits\":true},"
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":"
        "false}]}";
    std::string rich =
        edited(json, "\"post_processor\":null", "\"post_processor\":" + template_processing);
    rich = edited(rich,
                  "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,"
                  "\"use_regex\":true}",
                  steps);
    rich = edited(rich, "\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}");
    rich = edited(rich, "\"padding\":null",
                  "\"padding\":{\"strategy\":{\"Fixed\":20},\"direction\":\"Left\",\"pad_id\":0,"
                  "\"pad_type_id\":0,\"pad_token\":\"[PAD]\"}");
    return {
        "j" + json,
        "j" + rich,
        "j" + small_tekken(),
        "j" + small_rank_file(),
        "v" + small_vocab_json() + std::string(1, '\0') + small_merges_txt(),
        "d" + serialize_definition(load_definition(rich)),
        "d" + serialize_definition(load_definition(small_tekken())),
    };
}
