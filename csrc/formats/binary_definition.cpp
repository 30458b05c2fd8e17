// The compact binary form of a definition: little-endian base-128 integers, strings with their
// length, ids as differences to the one before.
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "formats/check_definition.h"
#include "formats/load.h"

namespace tokmill {

namespace {

constexpr std::uint8_t kVersion = 1;

class Writer {
 public:
    void integer(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) text_.push_back(static_cast<char>(value | 0x80));
        text_.push_back(static_cast<char>(value));
    }
    // Small for small differences of either sign.
    void difference(std::uint32_t from, std::uint32_t to) {
        auto const delta = static_cast<std::int64_t>(to) - from;
        integer(delta < 0 ? static_cast<std::uint64_t>(-delta) * 2 - 1
                          : static_cast<std::uint64_t>(delta) * 2);
    }
    void string(std::string_view text) {
        integer(text.size());
        text_.append(text);
    }
    void flags(std::initializer_list<bool> flags) {
        unsigned bits = 0;
        unsigned bit = 1;
        for (bool const flag : flags) {
            if (flag) bits |= bit;
            bit <<= 1;
        }
        integer(bits);
    }
    std::string take() { return std::move(text_); }

 private:
    std::string text_;
};

class Reader {
 public:
    explicit Reader(std::string_view data) : data_(data) {}

    [[noreturn]] void fail(std::string const& reason) const {
        throw Error(ErrorKind::invalid_tokenizer,
                    "binary definition: " + reason + " at byte " + std::to_string(at_), at_);
    }
    std::uint64_t integer(std::uint64_t largest) {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            std::uint64_t const byte = this->byte();
            value |= (byte & 0x7F) << shift;
            if (byte < 0x80) {
                if (value > largest || (shift == 63 && byte > 1)) break;
                return value;
            }
        }
        fail("number out of range");
    }
    std::uint32_t id() {
        return static_cast<std::uint32_t>(integer(std::numeric_limits<std::uint32_t>::max()));
    }
    std::uint32_t difference(std::uint32_t from) {
        std::uint64_t const coded = integer(std::uint64_t{1} << 33);
        auto const magnitude = static_cast<std::int64_t>((coded + 1) / 2);
        std::int64_t const value = from + (coded % 2 != 0 ? -magnitude : magnitude);
        if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) {
            fail("id out of range");
        }
        return static_cast<std::uint32_t>(value);
    }
    std::string_view string() {
        std::size_t const size = integer(std::numeric_limits<std::size_t>::max());
        if (size > left()) fail("unexpected end");
        std::string_view const text = data_.substr(at_, size);
        at_ += size;
        return text;
    }
    // Number of elements that take at least `size` bytes each.
    std::size_t count(std::size_t size) { return integer(left() / size); }
    template <typename Enum>
    Enum choice(Enum last) {
        return static_cast<Enum>(integer(static_cast<std::uint64_t>(last)));
    }
    void flags(std::initializer_list<bool*> flags) {
        std::uint64_t bits = integer((std::uint64_t{1} << flags.size()) - 1);
        for (bool* const flag : flags) {
            *flag = (bits & 1) != 0;
            bits >>= 1;
        }
    }
    void finish() const {
        if (left() != 0) fail("trailing bytes");
    }

 private:
    std::size_t left() const noexcept { return data_.size() - at_; }
    std::uint8_t byte() {
        if (left() == 0) fail("unexpected end");
        return static_cast<std::uint8_t>(data_[at_++]);
    }

    std::string_view data_;
    std::size_t at_ = 0;
};

using TokenList = std::vector<std::pair<std::string, std::uint32_t>>;

void write_tokens(Writer& out, std::span<TokenList::value_type const> tokens) {
    out.integer(tokens.size());
    std::uint32_t previous = 0;
    for (auto const& [bytes, id] : tokens) {
        out.difference(previous, id);
        out.string(bytes);
        previous = id;
    }
}

void read_tokens(Reader& in, TokenList& tokens) {
    std::size_t const count = in.count(2);
    tokens.reserve(count);
    std::uint32_t previous = 0;
    for (std::size_t i = 0; i < count; ++i) {
        previous = in.difference(previous);
        tokens.emplace_back(in.string(), previous);
    }
}

// A head has neither vocabulary nor merges.
enum class Extent { head, full };

void write_model(Writer& out, BpeModel const& model, Extent extent) {
    bool const full = extent == Extent::full;
    write_tokens(out, std::span(model.vocabulary.data(), full ? model.vocabulary.size() : 0));
    write_tokens(out, model.unreachable);
    out.integer(static_cast<std::uint64_t>(model.order));
    std::span const merges(model.merges.data(), full ? model.merges.size() : 0);
    out.integer(merges.size());
    std::uint32_t previous = 0;
    for (Merge const& merge : merges) {
        out.integer(merge.left);
        out.integer(merge.right);
        out.difference(previous, merge.merged);
        previous = merge.merged;
    }
    out.flags({model.ignore_merges, model.fuse_unk, model.unk_id.has_value()});
    if (model.unk_id) out.integer(*model.unk_id);
}

void read_model(Reader& in, BpeModel& model) {
    read_tokens(in, model.vocabulary);
    read_tokens(in, model.unreachable);
    model.order = in.choice(MergeOrder::token_rank);
    std::size_t const count = in.count(3);
    model.merges.reserve(count);
    std::uint32_t previous = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t const left = in.id();
        std::uint32_t const right = in.id();
        previous = in.difference(previous);
        model.merges.push_back({left, right, previous});
    }
    bool has_unk = false;
    in.flags({&model.ignore_merges, &model.fuse_unk, &has_unk});
    if (has_unk) model.unk_id = in.id();
}

void write_ids(Writer& out, std::vector<std::uint32_t> const& ids) {
    out.integer(ids.size());
    for (std::uint32_t const id : ids) out.integer(id);
}

void read_ids(Reader& in, std::vector<std::uint32_t>& ids) {
    std::size_t const count = in.count(1);
    for (std::size_t i = 0; i < count; ++i) ids.push_back(in.id());
}

std::string serialize(Definition const& definition, Extent extent) {
    Writer out;
    out.integer(kVersion);
    out.integer(static_cast<std::uint64_t>(definition.reference));
    out.string(definition.format);
    write_model(out, definition.model, extent);
    out.integer(definition.added_tokens.size());
    for (AddedToken const& token : definition.added_tokens) {
        out.string(token.content);
        out.integer(token.id);
        out.flags({token.special, token.normalized, token.lstrip, token.rstrip, token.single_word});
    }
    out.integer(definition.normalizers.size());
    for (NormalizerKind const kind : definition.normalizers) {
        out.integer(static_cast<std::uint64_t>(kind));
    }
    out.integer(definition.pre_tokenizers.size());
    for (PreTokenizer const& step : definition.pre_tokenizers) {
        out.integer(static_cast<std::uint64_t>(step.kind));
        out.string(step.pattern);
        out.integer(static_cast<std::uint64_t>(step.behavior));
        out.flags({step.pattern_is_regex, step.invert, step.individual_digits,
                   step.add_prefix_space, step.use_regex});
    }
    write_ids(out, definition.prefix_ids);
    write_ids(out, definition.suffix_ids);
    out.integer(static_cast<std::uint64_t>(definition.decoder));
    out.string(definition.truncation);
    out.string(definition.padding);
    return out.take();
}

Definition deserialize(std::string_view data, Extent extent) {
    Reader in(data);
    Definition definition;
    if (in.integer(std::numeric_limits<std::uint64_t>::max()) != kVersion) {
        in.fail("unknown version");
    }
    definition.reference = in.choice(Reference::tiktoken);
    definition.format = in.string();
    read_model(in, definition.model);
    definition.added_tokens.resize(in.count(3));
    for (AddedToken& token : definition.added_tokens) {
        token.content = in.string();
        token.id = in.id();
        in.flags(
            {&token.special, &token.normalized, &token.lstrip, &token.rstrip, &token.single_word});
    }
    definition.normalizers.resize(in.count(1));
    for (NormalizerKind& kind : definition.normalizers) kind = in.choice(NormalizerKind::nfc);
    definition.pre_tokenizers.resize(in.count(4));
    for (PreTokenizer& step : definition.pre_tokenizers) {
        step.kind = in.choice(PreTokenizerKind::byte_level);
        step.pattern = in.string();
        step.behavior = in.choice(SplitBehavior::contiguous);
        in.flags({&step.pattern_is_regex, &step.invert, &step.individual_digits,
                  &step.add_prefix_space, &step.use_regex});
    }
    read_ids(in, definition.prefix_ids);
    read_ids(in, definition.suffix_ids);
    definition.decoder = in.choice(DecoderKind::join_space);
    definition.truncation = in.string();
    definition.padding = in.string();
    in.finish();
    Complaint const complain = [&](std::size_t, std::string const& reason) { in.fail(reason); };
    if (extent == Extent::full) {
        check_definition(definition, complain);
    } else {
        check_head(definition, complain);
    }
    return definition;
}

}  // namespace

std::string serialize_definition(Definition const& definition) {
    return serialize(definition, Extent::full);
}

Definition deserialize_definition(std::string_view data) {
    return deserialize(data, Extent::full);
}

std::string serialize_head(Definition const& definition) {
    return serialize(definition, Extent::head);
}

Definition deserialize_head(std::string_view data) {
    return deserialize(data, Extent::head);
}

}  // namespace tokmill
