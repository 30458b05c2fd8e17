// Header, table of sections, checksum.
#include "pipeline/snapshot_file.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"

namespace tokmill {
namespace {

constexpr char kMagic[] = {'T', 'O', 'K', 'M', 'I', 'L', 'L', '1'};
constexpr std::uint32_t kByteOrder = 0x01020304;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxSections = 64;

struct Header {
    char magic[8];
    std::uint32_t byte_order;  // kByteOrder, as the machine that wrote it stores it
    std::uint32_t version;
    std::uint64_t size;      // of the file
    std::uint64_t checksum;  // of all that follows this field
    std::uint32_t sections;
    std::uint32_t reserved[7];
};
static_assert(sizeof(Header) == 64);

constexpr std::size_t kChecked = offsetof(Header, checksum) + sizeof(Header::checksum);

std::size_t align(std::size_t offset) {
    return (offset + kSnapshotAlignment - 1) / kSnapshotAlignment * kSnapshotAlignment;
}

std::string section_name(SectionId id) {
    return "section " + std::to_string(static_cast<std::uint32_t>(id));
}

}  // namespace

void fail_snapshot(std::string const& reason, std::size_t position) {
    throw Error(ErrorKind::invalid_tokenizer,
                "snapshot: " + reason + " (at byte " + std::to_string(position) + ")", position);
}

std::uint64_t snapshot_checksum(std::string_view data) noexcept {
    constexpr std::size_t kLanes = 8;
    constexpr std::uint64_t kFactor = 0x9FB21C651E98DF25u;
    // Without the rotation the upper bits of a word would reach few bits of the result.
    auto const mix = [](std::uint64_t state, std::uint64_t word) {
        return std::rotl(state ^ word, 29) * kFactor;
    };
    std::uint64_t lanes[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = (i + 1) * 0xD6E8FEB86659FD93u;
    auto const add_block = [&](char const* block) {
        std::uint64_t words[kLanes];
        std::memcpy(words, block, sizeof words);
        for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = mix(lanes[i], words[i]);
    };
    std::size_t at = 0;
    for (; data.size() - at >= sizeof lanes; at += sizeof lanes) add_block(data.data() + at);
    char rest[sizeof lanes] = {};
    std::memcpy(rest, data.data() + at, data.size() - at);
    add_block(rest);
    std::uint64_t sum = data.size();
    for (std::uint64_t const lane : lanes) sum = mix(sum, lane);
    sum = (sum ^ sum >> 32) * kFactor;
    return sum ^ sum >> 32;
}

void SnapshotWriter::add(SectionId id, std::string_view bytes) {
    sections_.push_back({id, bytes});
}

std::string SnapshotWriter::finish() const {
    std::vector<SnapshotFile::Entry> entries;
    std::size_t end = sizeof(Header) + sections_.size() * sizeof(SnapshotFile::Entry);
    for (Section const& section : sections_) {
        std::size_t const offset = align(end);
        entries.push_back(
            {static_cast<std::uint32_t>(section.id), 0, offset, section.bytes.size()});
        end = offset + section.bytes.size();
    }
    std::string data(align(end), '\0');
    std::memcpy(data.data() + sizeof(Header), entries.data(),
                entries.size() * sizeof(SnapshotFile::Entry));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        sections_[i].bytes.copy(data.data() + entries[i].offset, sections_[i].bytes.size());
    }
    Header header{};
    std::copy(std::begin(kMagic), std::end(kMagic), header.magic);
    header.byte_order = kByteOrder;
    header.version = kVersion;
    header.size = data.size();
    header.sections = static_cast<std::uint32_t>(entries.size());
    std::memcpy(data.data(), &header, sizeof header);
    header.checksum = snapshot_checksum(std::string_view(data).substr(kChecked));
    std::memcpy(data.data(), &header, sizeof header);
    return data;
}

SnapshotFile::SnapshotFile(std::string_view data) : data_(data) {
    check_header();
    Header header;
    std::memcpy(&header, data_.data(), sizeof header);
    entries_ = {reinterpret_cast<Entry const*>(data_.data() + sizeof header), header.sections};
    check_entries();
}

void SnapshotFile::check_header() const {
    Header header;
    if (data_.size() < sizeof header) fail_snapshot("the file is cut off", data_.size());
    std::memcpy(&header, data_.data(), sizeof header);
    if (!std::equal(std::begin(kMagic), std::end(kMagic), header.magic)) {
        fail_snapshot("the file does not begin as a snapshot", 0);
    }
    if (header.byte_order != kByteOrder) {
        fail_snapshot("made on a machine with another byte order", offsetof(Header, byte_order));
    }
    if (header.version != kVersion) {
        fail_snapshot("format version " + std::to_string(header.version) +
                          "; this is a reader of " + std::to_string(kVersion),
                      offsetof(Header, version));
    }
    if (header.size != data_.size()) {
        fail_snapshot("the file has " + std::to_string(data_.size()) + " bytes instead of " +
                          std::to_string(header.size),
                      offsetof(Header, size));
    }
    if (header.checksum != snapshot_checksum(data_.substr(kChecked))) {
        fail_snapshot("the checksum does not fit: the file is damaged", offsetof(Header, checksum));
    }
    if (header.sections > kMaxSections ||
        header.sections * sizeof(Entry) > data_.size() - sizeof header) {
        fail_snapshot("too many sections", offsetof(Header, sections));
    }
}

void SnapshotFile::check_entries() const {
    std::uint64_t end = sizeof(Header) + entries_.size_bytes();
    std::uint32_t previous = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        Entry const& entry = entries_[i];
        std::size_t const at = sizeof(Header) + i * sizeof(Entry);
        if (entry.id <= previous) fail_snapshot("sections out of order", at);
        if (entry.offset % kSnapshotAlignment != 0 || entry.offset < end ||
            entry.offset > data_.size() || entry.size > data_.size() - entry.offset) {
            fail_snapshot(section_name(SectionId{entry.id}) + " is out of place", at);
        }
        previous = entry.id;
        end = entry.offset + entry.size;
    }
}

SnapshotFile::Entry const* SnapshotFile::find(SectionId id) const noexcept {
    for (Entry const& entry : entries_) {
        if (entry.id == static_cast<std::uint32_t>(id)) return &entry;
    }
    return nullptr;
}

std::string_view SnapshotFile::bytes(SectionId id) const {
    Entry const* const entry = find(id);
    if (entry == nullptr) fail_snapshot(section_name(id) + " is missing", sizeof(Header));
    return data_.substr(entry->offset, entry->size);
}

std::size_t SnapshotFile::position(SectionId id) const noexcept {
    Entry const* const entry = find(id);
    return entry == nullptr ? 0 : entry->offset;
}

void SnapshotFile::fail(SectionId id, std::string const& reason) const {
    fail_snapshot(section_name(id) + " " + reason, position(id));
}

}  // namespace tokmill
