#include "pipeline/byte_level_tokenizer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/byte_alphabet.h"
#include "core/sha256.h"
#include "decoders/decode.h"
#include "formats/load.h"
#include "normalizers/nfc.h"

namespace tokmill {
namespace {

regex::Dialect dialect_of(Reference reference) {
    return reference == Reference::tiktoken ? regex::Dialect::fancy : regex::Dialect::onig;
}

// How tokenizers calls an added token when it decodes.
std::string decoded_name(Definition const& definition, AddedToken const& token) {
    if (!token.normalized || definition.normalizers.empty()) return token.content;
    std::string name;
    normalize_nfc(token.content, name, nullptr);
    return name;
}

// The contents of the special tokens, sorted.
std::vector<std::string_view> special_contents(Definition const& definition) {
    std::vector<std::string_view> contents;
    for (AddedToken const& token : definition.added_tokens) {
        if (token.special) contents.push_back(token.content);
    }
    std::sort(contents.begin(), contents.end());
    return contents;
}

TokenTable make_token_table(Definition const& definition) {
    constexpr std::size_t kPadding = 64;
    constexpr std::size_t kMaxIds = std::size_t{1} << 28;
    struct Entry {
        std::string const* text = nullptr;
        std::uint8_t flags = 0;
    };
    std::vector<Entry> entries;
    auto const add = [&](std::uint32_t id, std::string const& text, std::uint8_t flags) {
        if (id >= kMaxIds) {
            throw Error(ErrorKind::unsupported_tokenizer,
                        "token id " + std::to_string(id) + " is too large");
        }
        if (id >= entries.size()) entries.resize(std::size_t{id} + 1);
        entries[id] = {&text, static_cast<std::uint8_t>(flags | TokenTable::present)};
    };
    for (auto const& [text, id] : definition.model.vocabulary) add(id, text, 0);
    for (auto const& [text, id] : definition.model.unreachable) add(id, text, 0);
    std::vector<std::string> spelled;
    spelled.reserve(definition.added_tokens.size());  // the entries point into it
    std::vector<std::string_view> const specials = special_contents(definition);
    for (AddedToken const& token : definition.added_tokens) {
        // Where two added tokens share an id (o200k_harmony), the first is what it decodes to.
        bool const taken =
            token.id < entries.size() && (entries[token.id].flags & TokenTable::added);
        if (taken) continue;
        std::string name = decoded_name(definition, token);
        bool const special = std::binary_search(specials.begin(), specials.end(), name);
        // tokenizers' ByteLevel decoder maps any token back through the byte alphabet if all of its
        // characters belong to it, added ones included.
        std::optional<std::string> bytes;
        if (definition.decoder == DecoderKind::byte_level) bytes = undo_byte_alphabet(name);
        spelled.push_back(bytes ? std::move(*bytes) : std::move(name));
        add(token.id, spelled.back(),
            static_cast<std::uint8_t>(TokenTable::added | (special ? TokenTable::special : 0)));
    }
    TokenTable table;
    std::size_t total = 0;
    for (Entry const& entry : entries) total += entry.text ? entry.text->size() : 0;
    if (total > UINT32_MAX) {
        throw Error(ErrorKind::unsupported_tokenizer, "vocabulary of more than 4 GiB");
    }
    table.pool.reserve(total + kPadding);
    table.offset.reserve(entries.size() + 1);
    table.flags.reserve(entries.size());
    for (Entry const& entry : entries) {
        table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
        table.flags.push_back(entry.flags);
        if (entry.text) table.pool += *entry.text;
    }
    table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
    table.pool.append(kPadding, '\0');
    return table;
}

ByteStringMap index_names(Definition const& definition) {
    std::vector<ByteStringMap::Word> words;
    for (auto const& [text, id] : definition.model.unreachable) words.emplace_back(text, id);
    for (auto const& [text, id] : definition.model.vocabulary) words.emplace_back(text, id);
    for (AddedToken const& token : definition.added_tokens) {
        words.emplace_back(token.content, token.id);
    }
    return ByteStringMap(words);
}

// The same from the table of a rank vocabulary (TokenTable of a compact snapshot): no token shares
// an id with an added one, and of those that merging cannot reach there is only the empty one.
ByteStringMap index_names(TokenTable const& tokens, Definition const& head) {
    std::vector<ByteStringMap::Word> words;
    words.reserve(tokens.size() + head.added_tokens.size());
    for (auto const& [text, id] : head.model.unreachable) words.emplace_back(text, id);
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        std::string_view const text = tokens.bytes(id);
        if (tokens.flags[id] == TokenTable::present && !text.empty()) words.emplace_back(text, id);
    }
    for (AddedToken const& token : head.added_tokens) {
        words.emplace_back(token.content, token.id);
    }
    return ByteStringMap(words);
}

ByteStringMap index_vocabulary(BpeModel const& model) {
    std::vector<ByteStringMap::Word> words(model.vocabulary.begin(), model.vocabulary.end());
    return ByteStringMap(words);
}

void check_ids(std::vector<std::uint32_t> const& ids, TokenTable const& tokens, char const* where) {
    for (std::uint32_t const id : ids) {
        if (!tokens.has(id)) {
            throw Error(ErrorKind::invalid_tokenizer,
                        std::string(where) + ": the vocabulary has no token " + std::to_string(id));
        }
    }
}

[[noreturn]] void fail_unknown(std::uint32_t id, std::size_t index) {
    throw Error(
        ErrorKind::unknown_token,
        "no token has the id " + std::to_string(id) + " (index " + std::to_string(index) + ")",
        index);
}

}  // namespace

Definition const& LazyDefinition::full() const {
    if (!read_) return definition_;
    return full_.get(read_);
}

ByteLevelTokenizer::ByteLevelTokenizer(std::unique_ptr<LazyDefinition> source, TokenTable table,
                                       std::shared_ptr<Bpe const> model)
    : definition(std::move(source)),
      token_table(std::move(table)),
      shared_bpe(std::move(model)),
      bpe(*shared_bpe),
      pre_tokenization(definition->head().pre_tokenizers,
                       dialect_of(definition->head().reference)) {
    Definition const& head = definition->head();
    check_ids(head.prefix_ids, token_table, "post-processor");
    check_ids(head.suffix_ids, token_table, "post-processor");
    words = pre_tokenization.sole_scanner();
    if (words != nullptr) scan = simd::word_scanner(words->pattern(), simd::active_isa());
    nfc = !head.normalizers.empty();
    std::vector<AddedToken> raw, normalized;
    std::vector<std::uint32_t> raw_places, normalized_places;
    for (std::uint32_t place = 0; place < head.added_tokens.size(); ++place) {
        AddedToken const& token = head.added_tokens[place];
        if (token.content.empty()) continue;
        (token.normalized ? normalized : raw).push_back(token);
        (token.normalized ? normalized_places : raw_places).push_back(place);
        if (token.normalized && nfc) {
            normalized.back().content.clear();
            normalize_nfc(token.content, normalized.back().content, nullptr);
        }
    }
    raw_tokens = AddedTokenMatcher(std::move(raw), head.reference, std::move(raw_places));
    normalized_tokens =
        AddedTokenMatcher(std::move(normalized), head.reference, std::move(normalized_places));
}

ByteStringMap const& ByteLevelTokenizer::names() const {
    if (ready_names != nullptr) return *ready_names;
    return made_names.get([this] {
        return from_ranks ? index_names(token_table, definition->head())
                          : index_names(definition->full());
    });
}

std::shared_ptr<Tokenizer const> Tokenizer::compile(Definition definition) {
    std::size_t byte_levels = 0;
    for (PreTokenizer const& step : definition.pre_tokenizers) {
        byte_levels += step.kind == PreTokenizerKind::byte_level;
    }
    if (byte_levels > 1) {
        throw Error(ErrorKind::unsupported_tokenizer, "more than one ByteLevel pre-tokenizer");
    }
    TokenTable tokens = make_token_table(definition);
    BpeTables tables =
        compile_bpe(definition.model, definition.model.order == MergeOrder::token_rank
                                          ? index_vocabulary(definition.model)
                                          : ByteStringMap());
    return std::make_shared<ByteLevelTokenizer const>(
        std::make_unique<LazyDefinition>(std::move(definition)), std::move(tokens),
        std::make_shared<Bpe const>(std::move(tables)));
}

std::shared_ptr<ByteLevelTokenizer const> ByteLevelTokenizer::with_added_tokens(
    std::vector<AddedToken> added_tokens) const {
    Definition changed = definition->full();
    changed.added_tokens = std::move(added_tokens);
    TokenTable table = make_token_table(changed);
    return std::make_shared<ByteLevelTokenizer const>(
        std::make_unique<LazyDefinition>(std::move(changed)), std::move(table), shared_bpe);
}

// Rank vocabularies have a form that is small and quick to compile again.
std::string ByteLevelTokenizer::portable_form() const {
    try {
        return compact_snapshot();
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::unsupported_tokenizer) throw;
    }
    return serialize_definition(definition->full());
}

std::string ByteLevelTokenizer::tokenizer_json() const {
    return write_tokenizer_json(definition->full());
}

void ByteLevelTokenizer::canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const {
    EncodeOptions options;
    options.add_special_tokens = false;
    options.special = SpecialPolicy::text;
    std::string text;
    auto const flush = [&] {
        if (!text.empty()) encode({text.data(), text.size(), TextKind::bytes}, options, out);
        text.clear();
    };
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!token_table.has(ids[i])) {
            fail_unknown(ids[i], i);
        }
        if (token_table.flags[ids[i]] & TokenTable::special) {
            flush();
            out.push(ids[i]);
        } else {
            text += token_table.bytes(ids[i]);
        }
    }
    flush();
}

void ByteLevelTokenizer::decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                                std::string& out) const {
    if (decodes_by_concatenation()) {
        return decode_bytes(token_table, ids, skip_special_tokens, out);
    }
    // Without a decoder, tokenizers puts spaces between the tokens.
    char const* separator = "";
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!token_table.has(ids[i])) fail_unknown(ids[i], i);
        if (skip_special_tokens && (token_table.flags[ids[i]] & TokenTable::special)) continue;
        out += separator;
        if (token_table.flags[ids[i]] & TokenTable::added) {
            out += token_table.bytes(ids[i]);
        } else {
            out += token_name(ids[i]);
        }
        separator = " ";
    }
}

std::unique_ptr<TextStream> ByteLevelTokenizer::stream(bool skip_special_tokens) const {
    return std::make_unique<StreamDecoder>(token_table, skip_special_tokens);
}

std::string ByteLevelTokenizer::token_name(std::uint32_t id) const {
    std::string name;
    if (head().reference == Reference::hf_tokenizers) {
        append_byte_alphabet(token_table.bytes(id), name);
    } else {
        append_utf8_lossy(token_table.bytes(id), name);
    }
    return name;
}

std::optional<std::uint32_t> ByteLevelTokenizer::find_name(std::string_view name) const {
    if (head().reference != Reference::hf_tokenizers) return find_token(name);
    auto const bytes = undo_byte_alphabet(name);
    return bytes ? find_token(*bytes) : std::nullopt;
}

std::optional<std::uint32_t> ByteLevelTokenizer::find_token(std::string_view bytes) const {
    std::uint32_t const id = names().find(bytes);
    return id == kNoId ? std::nullopt : std::optional(id);
}

std::string definition_digest(std::string_view serialized) {
    return sha256_hex(serialized).substr(0, 32);
}

std::string const& ByteLevelTokenizer::digest() const {
    if (!ready_digest.empty()) return ready_digest;
    return made_digest.get(
        [this] { return definition_digest(serialize_definition(definition->full())); });
}

std::vector<std::pair<std::string, std::string>> ByteLevelTokenizer::describe() const {
    Definition const& head = definition->head();
    BpeTables const& tables = bpe.tables();
    auto const number = [](std::size_t n) { return std::to_string(n); };
    std::vector<std::pair<std::string, std::string>> lines;
    lines.emplace_back("format", head.format);
    lines.emplace_back("reference",
                       head.reference == Reference::tiktoken ? "tiktoken" : "tokenizers");
    lines.emplace_back("model", "byte-level BPE");
    lines.emplace_back("vocabulary", number(vocab_size()) + " ids");
    lines.emplace_back("merges that can fire", number(tables.external.size() - 256));
    lines.emplace_back("whole words before merges", tables.ignore_merges ? "yes" : "no");
    lines.emplace_back("normalizer", nfc ? "NFC" : "none");
    std::vector<std::string> const steps = pre_tokenization.describe();
    for (std::string const& step : steps) lines.emplace_back("pre-tokenizer", step);
    if (steps.empty()) lines.emplace_back("pre-tokenizer", "none");
    std::size_t special = 0;
    for (AddedToken const& token : head.added_tokens) special += token.special;
    lines.emplace_back("added tokens",
                       number(head.added_tokens.size()) + ", of which special " + number(special));
    auto const names = [&](std::vector<std::uint32_t> const& ids) {
        std::string text;
        for (std::uint32_t const id : ids) text += (text.empty() ? "" : " ") + token_name(id);
        return text.empty() ? "nothing" : text;
    };
    lines.emplace_back("put before a text", names(head.prefix_ids));
    lines.emplace_back("put behind a text", names(head.suffix_ids));
    if (!head.truncation.empty()) {
        lines.emplace_back("truncation in the file (not applied)", head.truncation);
    }
    if (!head.padding.empty())
        lines.emplace_back("padding in the file (not applied)", head.padding);
    return lines;
}

}  // namespace tokmill
