#include "bytelm/nfc_progress.h"

#include "normalizers/nfc_data.h"

namespace tokmill::bytelm {

namespace {

// What a mark of this class meets: the starter composed with those of its own marks that stand
// before the mark in canonical order.
std::uint32_t starter_before(std::uint32_t starter, std::uint8_t combining_class) {
    if (!nfc::kind_of(starter).decomposes()) return starter;
    nfc::Decomposition const parts = nfc::decompose(starter);
    std::uint32_t composed = parts.code_points[0];
    for (std::size_t i = 1; i < parts.size; ++i) {
        std::uint32_t const part = parts.code_points[i];
        if (nfc::kind_of(part).combining_class() > combining_class) break;
        composed = nfc::compose(composed, part);
    }
    return composed;
}

}  // namespace

bool looks_back_in_nfc(std::uint32_t code_point) noexcept {
    return !nfc::kind_of(code_point).is_boundary();
}

bool NfcProgress::add(unsigned char byte) {
    if (over_) return true;
    bytes_ = bytes_ << 8 | byte;
    ++size_;
    CodePointRange const range = characters_with_prefix(bytes_, size_);
    over_ = range.empty();
    if (over_) return true;
    over_ = !accepts_some(range);
    if (over_) return false;
    auto const lead = static_cast<unsigned char>(bytes_ >> 8 * (size_ - 1));
    if (size_ == utf8_size(lead)) append(range.first);
    return true;
}

bool NfcProgress::accepts(std::uint32_t code_point) const {
    nfc::Kind const kind = nfc::kind_of(code_point);
    if (kind.changes()) return false;
    if (kind.is_boundary()) return true;
    std::uint8_t const combining_class = kind.combining_class();
    bool const blocked = last_class_ != 0 && combining_class <= last_class_;
    // Marks stand in the order of their classes; a starter behind marks meets no other starter.
    if (blocked) return combining_class == last_class_ || combining_class == 0;
    return !kind.is_second() ||
           nfc::compose(combining_class == 0 ? starter_ : starter_before(starter_, combining_class),
                        code_point) == 0;
}

bool NfcProgress::accepts_some(CodePointRange range) const {
    for (std::uint32_t c = range.first; c <= range.last; ++c) {
        if (accepts(c)) return true;
    }
    return false;
}

void NfcProgress::append(std::uint32_t code_point) {
    bytes_ = size_ = 0;
    last_class_ = nfc::kind_of(code_point).combining_class();
    if (last_class_ == 0) starter_ = code_point;
}

}  // namespace tokmill::bytelm
