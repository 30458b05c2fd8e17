// Fuzz target for snapshots. Any input must either be refused, or give a tokenizer whose every
// method works: whatever it answers, within its memory and in time.
//
// Built like fuzz_formats.cpp.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "decoders/decode.h"
#include "fuzz.h"
#include "snapshot_support.h"

using namespace tokmill;

namespace {

template <class Action>
bool attempt(Action const& action) {
    try {
        action();
        return true;
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::io) return false;
        std::cerr << "BROKEN PROMISE: unexpected error: " << error.what() << std::endl;
        std::abort();
    }
}

void use(Tokenizer const& tokenizer) {
    static std::string const kTexts[] = {
        "abc abcaaa bc <|end|> <s>12345 \xE6\x97\xA5\xE6\x9C\xAC\xCE\xB1",
        "bytes \xFF\xC3 that are no text", std::string(300, 'a') + std::string(300, 'b')};
    for (std::string const& text : kTexts) {
        TextRef const ref{text.data(), text.size(), TextKind::bytes};
        attempt([&] {
            IdBuffer ids;
            tokenizer.encode(ref, {}, ids);
            std::string decoded;
            decode_bytes(tokenizer.tokens(), {ids.data(), ids.size()}, false, decoded);
            IdBuffer canonical;
            tokenizer.canonicalize({ids.data(), ids.size()}, canonical);
        });
        attempt([&] {
            IdBuffer ids;
            std::vector<std::int64_t> spans;
            tokenizer.encode_with_offsets(ref, {}, OffsetUnit::byte, ids, spans);
        });
        attempt([&] { tokenizer.fits(ref, 5, {}); });
        attempt([&] { tokenizer.find_token(text.substr(0, 3)); });
    }
    EncodeOptions strict;
    strict.special = SpecialPolicy::raise;
    attempt([&] { tokenizer.count({"a<|end|>", 8, TextKind::bytes}, strict); });
    tokenizer.describe();
    attempt([&] { tokenizer.definition(); });
    attempt([&] { tokenizer.snapshot(); });
    attempt([&] { tokenizer.compact_snapshot(); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string input(reinterpret_cast<char const*>(data), size);
    tokmill::test::reseal(input);
    std::shared_ptr<Tokenizer const> tokenizer;
    if (attempt([&] { tokenizer = tokmill::test::open_copy(input); })) use(*tokenizer);
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    auto const ranks = Tokenizer::compile(tokmill::test::small_rank_definition());
    auto const merges = Tokenizer::compile(tokmill::test::small_merge_definition());
    return {ranks->snapshot(), ranks->compact_snapshot(), merges->snapshot()};
}
