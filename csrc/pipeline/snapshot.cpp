// Snapshots, written and opened (docs/snapshot.md).
#include <cstring>
#include <new>
#include <utility>

#include "formats/load.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/rank_stream.h"
#include "pipeline/snapshot_file.h"
#include "pipeline/snapshot_tables.h"

namespace tokmill {
namespace {

constexpr std::size_t kDigestSize = 32;

// Memory that starts where the tables of a snapshot may start.
std::shared_ptr<char const> aligned_copy(std::string_view data) {
    std::align_val_t const alignment{kSnapshotAlignment};
    auto* const memory = static_cast<char*>(::operator new(data.size() + 1, alignment));
    std::memcpy(memory, data.data(), data.size());
    return {memory,
            [alignment](char const* p) { ::operator delete(const_cast<char*>(p), alignment); }};
}

bool is_aligned(std::string_view data) {
    return reinterpret_cast<std::uintptr_t>(data.data()) % kSnapshotAlignment == 0;
}

// The complete definition, which must be the one whose head and digest the tokenizer works with.
Definition read_definition(SnapshotFile const& file) {
    bool const compact = file.has(SectionId::ranks);
    SectionId const source = compact ? SectionId::ranks : SectionId::definition;
    std::string_view const head = file.bytes(SectionId::head);
    Definition definition;
    std::string serialized;
    if (compact) {
        definition = deserialize_head(head);
        definition.model.vocabulary =
            read_rank_vocabulary(file.bytes(source), file.position(source));
        serialized = serialize_definition(definition);
    } else {
        serialized = file.bytes(source);
    }
    if (definition_digest(serialized) != file.bytes(SectionId::digest)) {
        file.fail(source, "is another definition than the digest says");
    }
    if (!compact) {
        definition = deserialize_definition(serialized);
        if (serialize_head(definition) != head) file.fail(source, "has another head");
    }
    return definition;
}

void check_added_tokens(SnapshotFile const& file, Definition const& head,
                        TokenTable const& tokens) {
    for (AddedToken const& token : head.added_tokens) {
        if (!tokens.has(token.id) || !(tokens.flags[token.id] & TokenTable::added)) {
            file.fail(SectionId::head, "has an added token without an entry in the vocabulary");
        }
    }
}

std::string read_digest(SnapshotFile const& file) {
    std::string_view const digest = file.bytes(SectionId::digest);
    if (digest.size() != kDigestSize ||
        digest.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
        file.fail(SectionId::digest, "is not a digest");
    }
    return std::string(digest);
}

}  // namespace

std::string ByteLevelTokenizer::snapshot() const {
    std::string const head = serialize_head(definition->head());
    std::string const serialized = serialize_definition(definition->full());
    SnapshotWriter out;
    out.add(SectionId::head, head);
    out.add(SectionId::definition, serialized);
    out.add(SectionId::digest, digest());
    out.add(SectionId::layout, table_layout());
    add_token_table(out, token_table);
    add_names(out, names());
    add_bpe_tables(out, bpe.tables(), bpe.backtrack());
    return out.finish();
}

std::string ByteLevelTokenizer::compact_snapshot() const {
    std::string const head = serialize_head(definition->head());
    std::string const ranks = write_rank_stream(definition->full(), bpe.tables());
    SnapshotWriter out;
    out.add(SectionId::head, head);
    out.add(SectionId::digest, digest());
    out.add(SectionId::ranks, ranks);
    return out.finish();
}

std::shared_ptr<Tokenizer const> Tokenizer::open_snapshot(std::string_view data,
                                                          std::shared_ptr<void const> keep_alive) {
    if (!is_aligned(data)) {
        auto copy = aligned_copy(data);
        data = {copy.get(), data.size()};
        keep_alive = std::move(copy);
    }
    SnapshotFile const file(data);
    Definition head = deserialize_head(file.bytes(SectionId::head));
    std::string digest = read_digest(file);
    TokenTable tokens;
    BpeTables tables;
    std::unique_ptr<ByteStringMap const> names;
    bool const compact = file.has(SectionId::ranks);
    if (compact) {
        RankTokens ranks =
            read_rank_stream(file.bytes(SectionId::ranks), file.position(SectionId::ranks), head);
        tables = make_bpe_tables(std::move(ranks.parts), head.model);
        tokens = std::move(ranks.tokens);
    } else {
        if (file.bytes(SectionId::layout) != table_layout()) {
            file.fail(SectionId::layout, "says that another release made it; make it again");
        }
        tokens = read_token_table(file);
        names = std::make_unique<ByteStringMap const>(read_names(file, tokens));
        tables = read_bpe_tables(file, head.model, tokens);
    }
    check_added_tokens(file, head, tokens);
    auto tokenizer = std::make_shared<ByteLevelTokenizer>(
        std::make_unique<LazyDefinition>(std::move(head), [file] { return read_definition(file); }),
        std::move(tokens), std::make_shared<Bpe const>(std::move(tables)));
    tokenizer->from_ranks = compact;
    tokenizer->ready_names = std::move(names);
    tokenizer->ready_digest = std::move(digest);
    tokenizer->keep_alive = std::move(keep_alive);
    return tokenizer;
}

}  // namespace tokmill
