// The wire format of protocol buffers, as far as SentencePiece models need it: a reader that checks
// every length, and a writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tokmill::sentencepiece {

enum class WireType : std::uint8_t {
    varint = 0,
    fixed64 = 1,
    bytes = 2,
    group_begin = 3,
    group_end = 4,
    fixed32 = 5,
};

// One field: its number and wire type, and its value in the form that belongs to the type.
struct WireField {
    std::uint32_t number = 0;
    WireType type = WireType::varint;
    std::uint64_t value = 0;   // varint, fixed64, fixed32
    std::string_view bytes;    // bytes; of a group everything inside it
    std::string_view encoded;  // the field as it stands, tag and all
};

// Reads the fields of one message. Errors are invalid_tokenizer, with the place in the whole file.
class WireReader {
 public:
    // `origin` is where `message` begins in the file.
    explicit WireReader(std::string_view message, std::size_t origin = 0)
        : data_(message), origin_(origin) {}

    bool next(WireField& field);
    // The place in the file of what was read last.
    std::size_t origin_of(std::string_view part) const {
        return origin_ + static_cast<std::size_t>(part.data() - data_.data());
    }

 private:
    std::uint64_t read_varint();
    std::string_view read_bytes(std::uint64_t size);
    void read_value(WireField& field);
    void skip_group(std::uint32_t number);
    [[noreturn]] void fail(char const* reason) const;

    std::string_view data_;
    std::size_t at_ = 0;
    std::size_t origin_;
};

class WireWriter {
 public:
    void varint(std::uint32_t number, std::uint64_t value);
    void fixed32(std::uint32_t number, std::uint32_t value);
    void bytes(std::uint32_t number, std::string_view value);
    void raw(std::string_view encoded) { out_.append(encoded); }
    bool empty() const noexcept { return out_.empty(); }
    std::string const& str() const noexcept { return out_; }
    std::string take() noexcept { return std::move(out_); }

 private:
    void put_varint(std::uint64_t value);
    void tag(std::uint32_t number, WireType type);

    std::string out_;
};

}  // namespace tokmill::sentencepiece
