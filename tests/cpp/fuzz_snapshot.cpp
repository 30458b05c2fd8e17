// Fuzz target for snapshots. Any input must either be refused, or give a tokenizer whose every
// method works: whatever it answers, within its memory and in time.
//
// Built like fuzz_formats.cpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
        broken(std::string("unexpected error: ") + error.what());
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
    attempt([&] { tokmill::test::definition_of(tokenizer); });
    attempt([&] { tokenizer.snapshot(); });
    attempt([&] { tokenizer.compact_snapshot(); });
}

// Good snapshots: full and compact ones of ranks, and a full one of merges.
std::vector<std::string> const& good_snapshots() {
    static std::vector<std::string> const snapshots = [] {
        auto const ranks = Tokenizer::compile(tokmill::test::small_rank_definition());
        auto const merges = Tokenizer::compile(tokmill::test::small_merge_definition());
        return std::vector<std::string>{ranks->snapshot(), ranks->compact_snapshot(),
                                        merges->snapshot()};
    }();
    return snapshots;
}

// One of the good ones with a few bytes replaced. Each edit takes six bytes: where, how much, and
// what. Insertions and deletions, which fuzzers like, would ruin the container every time.
std::string edited_snapshot(std::string_view input) {
    auto const& snapshots = good_snapshots();
    std::string snapshot = snapshots[static_cast<unsigned char>(input[0]) % snapshots.size()];
    for (std::size_t at = 1; at + 6 <= input.size(); at += 6) {
        std::uint32_t place;
        std::memcpy(&place, input.data() + at, sizeof place);
        std::size_t const width = std::size_t{1} << (place >> 30);
        std::size_t const begin = place % snapshot.size() / width * width;
        std::string value(input.substr(at + 4, 2));
        // Mostly small numbers, sometimes ones close to the limits.
        value.append(8, (place >> 28 & 3) == 0 ? '\xFF' : '\0');
        snapshot.replace(begin, std::min(width, snapshot.size() - begin),
                         value.substr(0, std::min(width, snapshot.size() - begin)));
    }
    return snapshot;
}

}  // namespace

// The first byte says whether a file or a list of edits follows.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    std::string_view const input(reinterpret_cast<char const*>(data) + 1, size - 1);
    std::string snapshot = data[0] == 'e' ? edited_snapshot(input) : std::string(input);
    tokmill::test::reseal(snapshot);
    std::shared_ptr<Tokenizer const> tokenizer;
    if (attempt([&] { tokenizer = tokmill::test::open_copy(snapshot); })) use(*tokenizer);
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    std::vector<std::string> seeds;
    for (std::string const& snapshot : good_snapshots()) seeds.push_back("f" + snapshot);
    std::string edits = "e0";
    for (unsigned i = 0; i < 24; ++i) {
        edits[1] = static_cast<char>('0' + i % 3);
        for (unsigned j = 0; j < 6; ++j) edits += static_cast<char>(i * 97 + j * 59 + i * j * 31);
        seeds.push_back(edits.substr(0, 2) + edits.substr(edits.size() - 6));
    }
    seeds.push_back(edits);
    return seeds;
}
