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
#include "decoders/text_stream.h"
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
    // Compiles a byte-level BPE definition. Throws unsupported_tokenizer or invalid_tokenizer.
    static std::shared_ptr<Tokenizer const> compile(Definition definition);
    // A snapshot of either form. `keep_alive` owns the memory of `data`, which the tokenizer goes
    // on reading. Throws invalid_tokenizer.
    static std::shared_ptr<Tokenizer const> open_snapshot(std::string_view data,
                                                          std::shared_ptr<void const> keep_alive);

    virtual ~Tokenizer() = default;
    Tokenizer(Tokenizer const&) = delete;

    // Everything but the model: format, rules, added tokens, what is put around a text.
    virtual Definition const& head() const noexcept = 0;

    // The compiled form (docs/snapshot.md): large, opened without building anything.
    virtual std::string snapshot() const = 0;
    // A rank vocabulary in few bytes, compiled quickly when it is opened; unsupported_tokenizer if
    // the definition has no ranks.
    virtual std::string compact_snapshot() const = 0;
    // What a pickle holds: something that load_portable() (formats/load_tokenizer.h) makes the same
    // tokenizer from.
    virtual std::string portable_form() const = 0;
    // The definition as tokenizer.json; unsupported_tokenizer if that cannot express it.
    virtual std::string tokenizer_json() const = 0;

    // Text to ids. Every call may throw invalid_input.
    virtual void encode(TextRef text, EncodeOptions const& options,
                        IdBuffer& ids) const = 0;  // appends
    // `spans` receives two values an id, begin and end, in units of the original text.
    virtual void encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                                     IdBuffer& ids, std::vector<std::int64_t>& spans) const = 0;
    virtual std::size_t count(TextRef text, EncodeOptions const& options) const = 0;
    // Whether count(text) <= limit, stopping as soon as that is known to be false.
    virtual bool fits(TextRef text, std::size_t limit, EncodeOptions const& options) const = 0;
    // threads = 0: as many as the machine offers this process. The result does not depend on it.
    virtual BatchIds encode_batch(std::span<TextRef const> texts, EncodeOptions const& options,
                                  unsigned threads) const = 0;
    virtual std::vector<std::int64_t> count_batch(std::span<TextRef const> texts,
                                                  EncodeOptions const& options,
                                                  unsigned threads) const = 0;

    // The ids that encode() gives for what `ids` spell; added tokens stay where they are.
    virtual void canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const = 0;

    // Ids to bytes: appends what they spell. Throws unknown_token with the index of the id.
    virtual void decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                        std::string& out) const = 0;
    // Whether that is the bytes of the tokens one behind the other, so that the functions of
    // decoders/decode.h can work on tokens().
    virtual bool decodes_by_concatenation() const noexcept = 0;

    // Decodes id by id; the tokenizer must outlive it.
    virtual std::unique_ptr<TextStream> stream(bool skip_special_tokens) const = 0;

    // Vocabulary: what each token stands for in the middle of a text.
    virtual TokenTable const& tokens() const = 0;
    // One more than the largest id.
    std::size_t vocab_size() const { return tokens().size(); }
    // A token of the model as the definition spells it, UTF-8; the token must exist.
    virtual std::string token_name(std::uint32_t id) const = 0;
    virtual std::optional<std::uint32_t> find_name(std::string_view name) const = 0;
    virtual std::optional<std::uint32_t> find_token(std::string_view bytes) const = 0;

    // Identity by content: equal definitions have equal digests (32 hexadecimal digits).
    virtual std::string const& digest() const = 0;

    // What was compiled to what, as (key, value) lines.
    virtual std::vector<std::pair<std::string, std::string>> describe() const = 0;

    // Bytes that one thread's cache of seen words may occupy; takes effect for caches made later.
    virtual void set_cache_budget(std::size_t bytes) const noexcept = 0;

 protected:
    Tokenizer() = default;
};

}  // namespace tokmill
