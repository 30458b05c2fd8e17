#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "models/bpe.h"
#include "pipeline/rank_stream.h"
#include "pipeline/snapshot_file.h"
#include "pipeline/snapshot_tables.h"
#include "snapshot_support.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

std::vector<std::string> texts() {
    return {"",
            "abc abcaaa bc",
            " a a  a <|end|>abc<|stop|> <s> ab's 1234567",
            "\xE6\x97\xA5\xE6\x9C\xAC \xCE\xB1\xCE\xB2\xCE\xB3 \xF0\x9F\x99\x82",
            "broken \xFF\xC3 bytes",
            std::string(5000, 'a'),
            "Antidisestablishmentarianism"};
}

std::vector<std::uint32_t> ids_of(Tokenizer const& tokenizer, std::string const& text) {
    IdBuffer ids;
    tokenizer.encode({text.data(), text.size(), TextKind::bytes}, {}, ids);
    return {ids.data(), ids.data() + ids.size()};
}

void check_same(Tokenizer const& a, Tokenizer const& b) {
    CHECK_EQ(a.digest(), b.digest());
    CHECK_EQ(a.vocab_size(), b.vocab_size());
    CHECK(a.describe() == b.describe());
    for (std::string const& text : texts()) CHECK_EQ(ids_of(a, text), ids_of(b, text));
    for (std::uint32_t id = 0; id < a.vocab_size(); ++id) {
        CHECK_EQ(int{a.tokens().flags[id]}, int{b.tokens().flags[id]});
        CHECK_EQ(a.tokens().bytes(id), b.tokens().bytes(id));
        CHECK(a.find_token(a.tokens().bytes(id)) == b.find_token(a.tokens().bytes(id)));
    }
    CHECK(!b.find_token("no such token"));
    CHECK(definition_of(a) == definition_of(b));
    CHECK(a.snapshot() == b.snapshot());
}

// The reason for which opening is refused; "" if it is not.
std::string refusal(std::string_view data) {
    try {
        open_copy(data);
    } catch (Error const& error) {
        CHECK(error.kind() == ErrorKind::invalid_tokenizer);
        return error.what();
    }
    return "";
}

void check_refused(std::string_view data, std::string_view reason) {
    std::string const found = refusal(data);
    if (found.find(reason) == std::string::npos) CHECK_EQ(found, reason);
    CHECK_EQ(found.substr(0, 10), "snapshot: ");
}

std::string full() {
    return Tokenizer::compile(small_rank_definition())->snapshot();
}
std::string compact() {
    return Tokenizer::compile(small_rank_definition())->compact_snapshot();
}

// A compact snapshot of something with another stream of tokens.
std::string with_ranks(std::string_view ranks,
                       Definition const& definition = small_rank_definition()) {
    auto const tokenizer = Tokenizer::compile(definition);
    std::string const head = serialize_head(tokenizer->head());
    SnapshotWriter out;
    out.add(SectionId::head, head);
    out.add(SectionId::digest, tokenizer->digest());
    out.add(SectionId::ranks, ranks);
    return out.finish();
}

std::string number(std::uint32_t value) {
    std::string text;
    for (; value >= 0x80; value >>= 7) text.push_back(static_cast<char>(value | 0x80));
    text.push_back(static_cast<char>(value));
    return text;
}

// Header and all 256 bytes of a stream of `tokens` tokens with `bytes` bytes.
std::string stream(std::uint32_t tokens, std::uint32_t bytes) {
    std::string text = number(tokens) + number(bytes);
    for (unsigned byte = 0; byte < 256; ++byte) {
        text += number(0) + number(1) + std::string(1, static_cast<char>(byte));
    }
    return text;
}

}  // namespace

TEST(snapshot_is_the_same_tokenizer) {
    for (Definition const& definition : {small_rank_definition(), small_merge_definition()}) {
        auto const tokenizer = Tokenizer::compile(definition);
        std::string const data = tokenizer->snapshot();
        CHECK(data == tokenizer->snapshot());
        check_same(*tokenizer, *open_copy(data));
    }
}

TEST(compact_snapshot_is_the_same_tokenizer) {
    auto const tokenizer = Tokenizer::compile(small_rank_definition());
    std::string const data = tokenizer->compact_snapshot();
    auto const opened = open_copy(data);
    check_same(*tokenizer, *opened);
    CHECK(opened->compact_snapshot() == data);
    CHECK(data.size() * 10 < tokenizer->snapshot().size());
}

TEST(compact_snapshot_of_a_snapshot) {
    CHECK(open_copy(full())->compact_snapshot() == compact());
}

TEST(compact_snapshot_keeps_tokens_that_merging_cannot_form) {
    // "xyz" has no parts; the empty token of Whisper's vocabulary is no token at all.
    LoadHints hints;
    hints.pattern = "\\p{L}+|\\P{L}";
    std::string const ranks =
        small_rank_file() + base64("xyz") + " 270\n" + base64("xyzab") + " 280\n= 300\n";
    auto const tokenizer = Tokenizer::compile(load_definition(ranks, hints));
    check_same(*tokenizer, *open_copy(tokenizer->compact_snapshot()));
    CHECK_EQ(ids_of(*tokenizer, "xyz").size(), 1u);
}

TEST(compact_snapshot_needs_ranks) {
    auto const tokenizer = Tokenizer::compile(small_merge_definition());
    try {
        tokenizer->compact_snapshot();
        CHECK(false);
    } catch (Error const& error) {
        CHECK(error.kind() == ErrorKind::unsupported_tokenizer);
    }
}

TEST(snapshot_opens_at_any_address) {
    for (std::string const& data : {full(), compact()}) {
        for (std::size_t shift = 0; shift < 9; ++shift) {
            std::string const moved = std::string(shift, 'x') + data;
            auto const copy = std::make_shared<std::string const>(moved);
            auto const tokenizer =
                Tokenizer::open_snapshot(std::string_view(*copy).substr(shift), copy);
            CHECK_EQ(ids_of(*tokenizer, "abc").size(), 1u);
        }
    }
}

TEST(snapshot_keeps_its_memory) {
    std::weak_ptr<std::string const> watch;
    {
        auto memory = std::make_shared<std::string const>(full());
        watch = memory;
        std::string_view const data = *memory;
        auto const tokenizer = Tokenizer::open_snapshot(data, std::move(memory));
        CHECK_EQ(ids_of(*tokenizer, "abc").size(), 1u);
        CHECK(definition_of(*tokenizer) == small_rank_definition());
    }
    CHECK(watch.expired());
}

TEST(snapshot_notices_every_changed_byte) {
    for (std::string const& data : {full(), compact()}) {
        std::size_t const step = data.size() / 5000 + 1;
        for (std::size_t at = 0; at < data.size(); at += at < 512 ? 1 : step) {
            std::string damaged = data;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
            CHECK(refusal(damaged) != "");
        }
    }
}

TEST(snapshot_notices_cuts) {
    for (std::string const& data : {full(), compact()}) {
        for (std::size_t size = 0; size < data.size(); size += size < 400 ? 1 : 509) {
            check_refused(std::string_view(data).substr(0, size),
                          size < 64 ? "cut off" : "bytes instead of");
            std::string sealed = data.substr(0, size);
            reseal(sealed);
            CHECK(refusal(sealed) != "");
        }
        check_refused(data + "x", "bytes instead of");
    }
}

TEST(snapshot_header) {
    std::string const data = full();
    auto const changed = [&](std::size_t position, std::uint32_t value) {
        std::string copy = data;
        write_at(copy, position, value);
        reseal(copy);
        return copy;
    };
    check_refused(changed(0, 0), "does not begin as a snapshot");
    check_refused(changed(8, 0x04030201), "another byte order");
    check_refused(changed(12, 99), "format version 99");
    check_refused(changed(32, 1000000), "too many sections");
    check_refused(changed(32, 3), "is missing");
    check_refused(changed(64, 2), "out of order");
    check_refused(changed(64, 77), "out of order");
    check_refused(changed(72, 65), "out of place");
    check_refused(changed(72, 0), "out of place");
    check_refused(changed(72, 0x7FFFFFC0), "out of place");
    check_refused(changed(76, 0xFFFFFFFF), "out of place");
    check_refused(changed(84, 0xFFFFFFFF), "out of place");
}

TEST(snapshot_token_table) {
    std::string const data = full();
    using Id = SectionId;
    check_refused(with_element<std::uint32_t>(data, Id::token_offsets, 0, 1), "outside the pool");
    check_refused(with_element<std::uint32_t>(data, Id::token_offsets, 9, 5), "outside the pool");
    std::size_t const last = find_section(data, Id::token_offsets).size / 4 - 1;
    check_refused(with_element<std::uint32_t>(data, Id::token_offsets, last, 1u << 30),
                  "outside the pool");
    check_refused(with_element<std::uint8_t>(data, Id::token_flags, 3, 2), "flags");
    check_refused(with_element<std::uint8_t>(data, Id::token_flags, 3, 9), "flags");
    // Token 97 is "a", and in use everywhere.
    check_refused(with_element<std::uint8_t>(data, Id::token_flags, 97, 0), "unknown id");
    check_refused(with_element<std::uint8_t>(data, Id::token_flags, 263, 1), "added token");
}

// What walks through the symbols of long words rely on.
TEST(snapshot_symbols_of_long_words) {
    std::string const data = full();
    using Id = SectionId;
    using Parts = BacktrackTables::Parts;
    constexpr std::uint32_t kIrregular = BacktrackTables::kIrregular;
    constexpr std::uint32_t kNone = PrefixTrie::kNoSymbol;
    auto const refuse = [&](std::string const& made, Parts parts) {
        check_refused(with_element(made, Id::symbol_parts, 257, parts), "impossible parts");
    };
    refuse(data, {1000, 97, kNone, 2});
    refuse(data, {97, 257, kNone, 2});  // a part of itself
    refuse(data, {97, 98, 257, 2});     // its own prefix
    refuse(data, {97, 98, kNone, 0});
    check_refused(with_element(data, Id::symbol_parts, 97, Parts{97, 98, kNone, 1}),
                  "impossible parts");
    // A walk from a regular symbol to an irregular one could come back.
    std::string const irregular =
        with_element(data, Id::symbol_parts, 256, Parts{97, 257, kNone, 2 | kIrregular});
    refuse(irregular, {97, 256, kNone, 3});
    std::uint64_t const far_children = (std::uint64_t{1} << 30) | 0x100 | 'a';
    check_refused(with_element(data, Id::trie_nodes, 97, far_children), "outside the trie");
}

TEST(snapshot_hash_tables) {
    std::string const data = full();
    using Id = SectionId;
    auto const fill = [&](Id id, std::size_t element, std::string const& value) {
        std::string copy = data;
        auto const place = find_section(copy, id);
        for (std::size_t at = 0; at < place.size; at += element) {
            copy.replace(place.begin + at, value.size(), value);
        }
        reseal(copy);
        return copy;
    };
    check_refused(fill(Id::pair_slots, 8, std::string(8, '\0')), "unknown symbols");
    std::uint64_t const pair = std::uint64_t{97} << 43 | std::uint64_t{98} << 22 | 256;
    check_refused(fill(Id::pair_slots, 8, {reinterpret_cast<char const*>(&pair), 8}),
                  "no free slot");
    check_refused(with_element(data, Id::pair_slots, 0, pair | std::uint64_t{1} << 60),
                  "unknown symbols");
    check_refused(with_element(data, Id::pair_slots, 0, pair | 1u << 20), "unknown symbols");
    ByteStringMap::Slot const slot{0, 1, 97, 0};
    std::string const bytes(reinterpret_cast<char const*>(&slot), sizeof slot);
    for (Id const id : {Id::name_slots, Id::long_word_slots}) {
        check_refused(with_element(data, id, 0, ByteStringMap::Slot{0, 1u << 30, 97, 0}),
                      "outside the pool");
        check_refused(with_element(data, id, 0, ByteStringMap::Slot{0, 0, 264, 0}), "unknown id");
    }
    check_refused(fill(Id::name_slots, sizeof slot, bytes), "no free slot");
    check_refused(with_element<std::uint32_t>(data, Id::external_ids, 5, 264), "unknown id");
    check_refused(with_element<std::uint32_t>(data, Id::external_ids, 256, kNoId), "without an id");

    WordLine line;
    line.ids[0] = 97;
    check_refused(with_element(data, Id::word_lines, 1, line), "line of words");
    line.keys[0] = kNoWord;
    check_refused(with_element(data, Id::word_lines, 1, line), "line of words");
    line.keys[0] = WordKey{97, 0};
    line.ids[0] = 1000;
    check_refused(with_element(data, Id::word_lines, 1, line), "line of words");
    line.ids[0] = 97;
    line.ids[WordLine::kWords] = 97;
    check_refused(with_element(data, Id::word_lines, 1, line), "line of words");
}

TEST(snapshot_with_crowded_table) {
    // A free slot is not enough: a search must not pass thousands of others before it finds one.
    std::string const head = serialize_head(small_rank_definition());
    auto const tokenizer = Tokenizer::compile(small_rank_definition());
    std::vector<ByteStringMap::Slot> slots(4096, {0, 1, 97, 0});
    slots[17].id = kNoId;
    SnapshotWriter out;
    add_token_table(out, tokenizer->tokens());
    out.add(SectionId::name_pool, "abc");
    out.add(SectionId::name_slots, std::span<ByteStringMap::Slot const>(slots));
    std::string const data = out.finish();
    std::vector<char> memory(data.size() + kSnapshotAlignment);
    std::size_t const shift =
        kSnapshotAlignment - reinterpret_cast<std::uintptr_t>(memory.data()) % kSnapshotAlignment;
    data.copy(memory.data() + shift, data.size());
    SnapshotFile const file({memory.data() + shift, data.size()});
    CHECK_THROWS(read_names(file, tokenizer->tokens()));
}

TEST(snapshot_of_another_layout) {
    std::string const data = full();
    check_refused(with_element<std::uint64_t>(data, SectionId::layout, 0, 1), "another release");
}

TEST(snapshot_with_another_definition) {
    // Digest and head belong to one definition, the full definition is another one.
    auto const a = Tokenizer::compile(small_rank_definition());
    Definition other = small_rank_definition();
    other.model.vocabulary[256].first = "ba";
    std::string data = a->snapshot();
    auto const place = find_section(data, SectionId::definition);
    std::string const replacement = serialize_definition(other);
    CHECK_EQ(replacement.size(), place.size);
    data.replace(place.begin, place.size, replacement);
    reseal(data);
    auto const tokenizer = open_copy(data);
    CHECK_EQ(ids_of(*tokenizer, "abc"), ids_of(*a, "abc"));
    for (int i = 0; i < 2; ++i) CHECK_THROWS(definition_of(*tokenizer));
    CHECK_THROWS(tokenizer->snapshot());
}

TEST(rank_stream_refusals) {
    CHECK_EQ(refusal(with_ranks(stream(256, 256))), "");
    check_refused(with_ranks(stream(256, 256), small_merge_definition()), "another kind");
    check_refused(with_ranks(""), "malformed number");
    check_refused(with_ranks(number(0) + number(0)), "a byte without a token");
    check_refused(with_ranks(stream(257, 256)), "do not fit");
    check_refused(with_ranks(stream(255, 256)), "too many tokens");
    check_refused(with_ranks(stream(256, 255)), "too many tokens");
    check_refused(with_ranks(stream(256, 1u << 30)), "out of range");
    check_refused(with_ranks(stream(1u << 30, 256)), "out of range");
    std::string const literal = number(0) + number(2);
    check_refused(with_ranks(stream(257, 258) + literal + "a"), "wrong size");
    check_refused(with_ranks(stream(257, 257) + number(0) + number(1) + "a"), "two tokens");
    check_refused(with_ranks(stream(257, 258) + number(0) + number(0)), "wrong size");
    check_refused(with_ranks(stream(257, 258) + number(2 + 97)), "malformed number");
    check_refused(with_ranks(stream(257, 258) + number(2 + 256) + number(97)), "unknown part");
    check_refused(with_ranks(stream(257, 258) + number(2 + 97) + number(256)), "unknown part");
    check_refused(with_ranks(stream(256, 256) + number(1) + number(1u << 31)), "out of range");
    check_refused(with_ranks(stream(256, 256) + "\xFF\xFF\xFF\xFF\xFF"), "malformed number");
    // The special token 263 lies where the vocabulary goes on.
    check_refused(with_ranks(stream(257, 258) + number(1) + number(7) + literal + "ab"),
                  "used twice");
    // Each token twice as long as the one before.
    std::string doubling = stream(256 + 40, 1u << 26) + number(2 + 97) + number(97);
    for (std::uint32_t i = 0; i < 39; ++i) doubling += number(2 + 256 + i) + number(256 + i);
    CHECK(refusal(with_ranks(doubling)) != "");
    // Pieces may come before all bytes are known, but not before their own.
    check_refused(with_ranks(number(1) + number(2) + number(2 + 97) + number(97)), "unknown part");
}

TEST(rank_stream_with_another_digest) {
    auto const tokenizer = open_copy(with_ranks(stream(256, 256)));
    CHECK_EQ(ids_of(*tokenizer, "abc").size(), 3u);
    CHECK_THROWS(definition_of(*tokenizer));
    CHECK(!tokenizer->find_token("abc"));
}

TEST(snapshot_checksum_sees_words_that_change_places) {
    std::string const data(1000, '\0');
    std::uint64_t const sum = snapshot_checksum(data);
    CHECK(snapshot_checksum(data + std::string(1, '\0')) != sum);
    for (std::size_t at = 0; at < data.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = data;
            changed[at] = static_cast<char>(1 << bit);
            CHECK(snapshot_checksum(changed) != sum);
            // The same bit, 64 bytes on: the same lane.
            changed[(at + 64) % data.size()] = changed[at];
            CHECK(snapshot_checksum(changed) != sum);
        }
    }
}
