// Tables as sections of a snapshot. Reading checks all that the code which uses a table takes for
// granted, so that no file, however it was made, can lead it outside its memory or round in
// circles.
#pragma once

#include <string>

#include "core/token_table.h"
#include "models/bpe.h"
#include "models/byte_string_map.h"
#include "pipeline/definition.h"
#include "pipeline/snapshot_file.h"

namespace tokmill {

// Changes with every change of the hash functions and of the layout of the tables: tables are only
// read by a release that would have built the same ones.
std::string const& table_layout();

void add_token_table(SnapshotWriter& out, TokenTable const& tokens);
void add_names(SnapshotWriter& out, ByteStringMap const& names);
void add_bpe_tables(SnapshotWriter& out, BpeTables const& tables, BacktrackTables const& backtrack);

// Tables that are views of the file's memory, but for the token table.
TokenTable read_token_table(SnapshotFile const& file);
ByteStringMap read_names(SnapshotFile const& file, TokenTable const& tokens);
// The flags are those of `model`.
BpeTables read_bpe_tables(SnapshotFile const& file, BpeModel const& model,
                          TokenTable const& tokens);

}  // namespace tokmill
