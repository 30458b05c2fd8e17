#include "numbers/envelope.h"

#include "core/error.h"

namespace tokmill::numbers {
namespace {

constexpr std::string_view kMagic = "TOKMILLN";
constexpr std::uint32_t kVersion = 1;

void append_number(std::uint32_t number, std::string& out) {
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift);
}

class Reader {
 public:
    explicit Reader(std::string_view data) : data_(data), at_(kMagic.size()) {}

    std::uint32_t number() {
        std::uint32_t value = 0;
        std::string_view const bytes = take(4);
        for (unsigned i = 0; i < 4; ++i) {
            value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
        }
        return value;
    }
    std::string_view take(std::size_t size) {
        if (size > data_.size() - at_) {
            throw Error(
                ErrorKind::invalid_tokenizer,
                "tokenizer with a digit scheme: ends at byte " + std::to_string(data_.size()),
                data_.size());
        }
        std::string_view const bytes = data_.substr(at_, size);
        at_ += size;
        return bytes;
    }
    std::string_view rest() const { return data_.substr(at_); }

 private:
    std::string_view data_;
    std::size_t at_;
};

}  // namespace

bool is_envelope(std::string_view data) noexcept {
    return data.starts_with(kMagic);
}

std::string seal(Envelope const& envelope) {
    std::string out(kMagic);
    std::string const scheme = to_json(envelope.scheme);
    append_number(kVersion, out);
    append_number(envelope.first_id, out);
    append_number(envelope.units_from_base, out);
    append_number(static_cast<std::uint32_t>(scheme.size()), out);
    out += scheme;
    out += envelope.base;
    return out;
}

Envelope unseal(std::string_view data) {
    Reader reader(data);
    std::uint32_t const version = reader.number();
    if (version != kVersion) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "tokenizer with a digit scheme: version " + std::to_string(version) +
                        ", this release reads " + std::to_string(kVersion));
    }
    Envelope envelope;
    envelope.first_id = reader.number();
    envelope.units_from_base = reader.number() != 0;
    envelope.scheme = scheme_from_json(reader.take(reader.number()));
    envelope.base = reader.rest();
    if (is_envelope(envelope.base)) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "tokenizer with a digit scheme: its base has one, too");
    }
    return envelope;
}

}  // namespace tokmill::numbers
