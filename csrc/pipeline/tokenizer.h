// The compiled tokenizer: immutable, shared between threads, the only thing that callers of the
// core need besides a format reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/id_buffer.h"
#include "core/text_ref.h"
#include "core/token_table.h"
#include "pipeline/definition.h"

namespace tokmill {

// What happens where the text spells a special token.
enum class SpecialPolicy : std::uint8_t {
    parse,  // it becomes that token
    text,   // it is ordinary text
    raise,  // InvalidInput with the position
    allow,  // `allowed_special` are parsed, all others are ordinary text
};

struct EncodeOptions {
    bool add_special_tokens = true;  // what the post-processor puts around the text
    SpecialPolicy special = SpecialPolicy::parse;
    // For SpecialPolicy::allow: sorted places in Definition::added_tokens. Not ids, because two
    // tokens may share one.
    std::vector<std::uint32_t> allowed_special;
};

enum class OffsetUnit : std::uint8_t { byte, character };

struct BatchIds {
    IdBuffer ids;
    std::vector<std::int64_t> offsets;  // rows + 1; row i is ids[offsets[i], offsets[i + 1])
};

class Tokenizer {
 public:
    // Compiles a definition. Throws unsupported_tokenizer or invalid_tokenizer.
    static std::shared_ptr<Tokenizer const> compile(Definition definition);
    // A snapshot of either form. `keep_alive` owns the memory of `data`, which the tokenizer goes
    // on reading. Throws invalid_tokenizer.
    static std::shared_ptr<Tokenizer const> open_snapshot(std::string_view data,
                                                          std::shared_ptr<void const> keep_alive);
    // The compiled form (docs/snapshot.md): large, opened without building anything.
    std::string snapshot() const;
    // A rank vocabulary in few bytes, compiled quickly when it is opened; unsupported_tokenizer if
    // the definition has no ranks.
    std::string compact_snapshot() const;

    ~Tokenizer();
    Tokenizer(Tokenizer const&) = delete;

    // A snapshot reads the vocabulary in this form only when it is asked for, and then throws
    // invalid_tokenizer if it is damaged.
    Definition const& definition() const;
    // Everything but the model's vocabulary and merges, which may or may not be there.
    Definition const& head() const noexcept;

    // Text to ids. Every call may throw invalid_input.
    void encode(TextRef text, EncodeOptions const& options, IdBuffer& ids) const;  // appends
    // `spans` receives two values an id, begin and end, in units of the original text.
    void encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                             IdBuffer& ids, std::vector<std::int64_t>& spans) const;
    std::size_t count(TextRef text, EncodeOptions const& options) const;
    // Whether count(text) <= limit, stopping as soon as that is known to be false.
    bool fits(TextRef text, std::size_t limit, EncodeOptions const& options) const;
    // threads = 0: as many as the machine offers this process. The result does not depend on it.
    BatchIds encode_batch(std::span<TextRef const> texts, EncodeOptions const& options,
                          unsigned threads) const;
    std::vector<std::int64_t> count_batch(std::span<TextRef const> texts,
                                          EncodeOptions const& options, unsigned threads) const;

    // The ids that encode() gives for what `ids` spell; added tokens stay where they are.
    void canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const;

    // Vocabulary. decode functions are in decoders/ and work on this table.
    TokenTable const& tokens() const noexcept;
    // One more than the largest id.
    std::size_t vocab_size() const noexcept;
    std::optional<std::uint32_t> find_token(std::string_view bytes) const;

    // Identity by content: equal definitions have equal digests (32 hexadecimal digits).
    std::string const& digest() const;

    // What was compiled to what, as (key, value) lines.
    std::vector<std::pair<std::string, std::string>> describe() const;

    // Bytes that one thread's cache of seen words may occupy; takes effect for caches made later.
    void set_cache_budget(std::size_t bytes) const noexcept;

    struct Impl;  // pipeline/tokenizer_impl.h

 private:
    explicit Tokenizer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tokmill
