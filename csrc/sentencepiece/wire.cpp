#include "sentencepiece/wire.h"

#include <vector>

#include "core/error.h"

namespace tokmill::sentencepiece {
namespace {

// Deeper groups than this are refused by protocol buffers as well.
constexpr std::size_t kMaxDepth = 100;
constexpr std::uint64_t kMaxTag = 0xFFFFFFFF;

}  // namespace

void WireReader::fail(char const* reason) const {
    std::size_t const position = origin_ + at_;
    throw Error(ErrorKind::invalid_tokenizer,
                "not a SentencePiece model: " + std::string(reason) + " at byte " +
                    std::to_string(position),
                position);
}

std::uint64_t WireReader::read_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (at_ == data_.size()) fail("the data end inside a number");
        auto const byte = static_cast<unsigned char>(data_[at_++]);
        if (shift < 64) value |= std::uint64_t{byte & 0x7Fu} << shift;
        if (byte < 0x80) return value;
    }
    fail("a number of more than ten bytes");
}

std::string_view WireReader::read_bytes(std::uint64_t size) {
    if (size > data_.size() - at_) fail("the data end inside a field");
    std::string_view const bytes = data_.substr(at_, static_cast<std::size_t>(size));
    at_ += bytes.size();
    return bytes;
}

void WireReader::read_value(WireField& field) {
    switch (field.type) {
        case WireType::varint:
            field.value = read_varint();
            return;
        case WireType::bytes:
            field.bytes = read_bytes(read_varint());
            return;
        case WireType::fixed32:
        case WireType::fixed64: {
            std::string_view const bytes = read_bytes(field.type == WireType::fixed32 ? 4 : 8);
            field.value = 0;
            for (std::size_t i = bytes.size(); i-- > 0;) {
                field.value = field.value << 8 | static_cast<unsigned char>(bytes[i]);
            }
            return;
        }
        case WireType::group_begin: {
            std::size_t const begin = at_;
            skip_group(field.number);
            field.bytes = data_.substr(begin, at_ - begin);
            return;
        }
        case WireType::group_end:
            fail("the end of a group that has no beginning");
    }
    fail("a field of unknown type");
}

// Up to and with the end of the group, without recursion.
void WireReader::skip_group(std::uint32_t number) {
    std::vector<std::uint32_t> open{number};
    while (!open.empty()) {
        std::uint64_t const tag = read_varint();
        auto const inner = static_cast<std::uint32_t>(tag >> 3);
        if (tag > kMaxTag || inner == 0) fail("a field without a number");
        auto const type = static_cast<WireType>(tag & 7);
        if (type == WireType::group_end) {
            if (inner != open.back()) fail("the end of another group");
            open.pop_back();
        } else if (type == WireType::group_begin) {
            if (open.size() == kMaxDepth) fail("groups too deep");
            open.push_back(inner);
        } else {
            WireField ignored;
            ignored.type = type;
            read_value(ignored);
        }
    }
}

bool WireReader::next(WireField& field) {
    if (at_ == data_.size()) return false;
    std::size_t const begin = at_;
    std::uint64_t const tag = read_varint();
    field.number = static_cast<std::uint32_t>(tag >> 3);
    if (tag > kMaxTag || field.number == 0) fail("a field without a number");
    field.type = static_cast<WireType>(tag & 7);
    read_value(field);
    field.encoded = data_.substr(begin, at_ - begin);
    return true;
}

void WireWriter::put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>((value & 0x7F) | 0x80);
    out_ += static_cast<char>(value);
}

void WireWriter::tag(std::uint32_t number, WireType type) {
    put_varint(std::uint64_t{number} << 3 | static_cast<std::uint64_t>(type));
}

void WireWriter::varint(std::uint32_t number, std::uint64_t value) {
    tag(number, WireType::varint);
    put_varint(value);
}

void WireWriter::fixed32(std::uint32_t number, std::uint32_t value) {
    tag(number, WireType::fixed32);
    for (unsigned i = 0; i < 4; ++i) out_ += static_cast<char>(value >> 8 * i & 0xFF);
}

void WireWriter::bytes(std::uint32_t number, std::string_view value) {
    tag(number, WireType::bytes);
    put_varint(value.size());
    out_.append(value);
}

}  // namespace tokmill::sentencepiece
