#include "bytelm/byte_vocabulary.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace tokmill::bytelm {
namespace {

constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

// The first eight bytes as a number that sorts as they do: settles most comparisons.
std::uint64_t sort_key(std::string_view bytes) noexcept {
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        key = key << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u);
    }
    return key;
}

struct Entry {
    std::uint64_t key;
    std::string_view bytes;
    std::uint32_t id;

    bool operator<(Entry const& other) const noexcept {
        if (key != other.key) return key < other.key;
        if (int const order = bytes.compare(other.bytes); order != 0) return order < 0;
        return id < other.id;
    }
};

}  // namespace

ByteVocabulary::ByteVocabulary(std::span<std::optional<std::string_view> const> tokens)
    : id_count_(tokens.size()) {
    sort_tokens(tokens);
    build_trie();
}

void ByteVocabulary::sort_tokens(std::span<std::optional<std::string_view> const> tokens) {
    std::vector<Entry> entries;
    entries.reserve(tokens.size());
    std::size_t total = 0;
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (!tokens[id].has_value()) {
            special_ids_.push_back(id);
            continue;
        }
        if (tokens[id]->empty()) {
            throw Error(ErrorKind::invalid_tokenizer,
                        "token " + std::to_string(id) +
                            " is empty: a token stands for at least one byte, or for none at all "
                            "if it is special");
        }
        entries.push_back({sort_key(*tokens[id]), *tokens[id], id});
        total += tokens[id]->size();
    }
    std::sort(entries.begin(), entries.end());
    ids_.reserve(entries.size());
    starts_.reserve(entries.size() + 1);
    pool_.reserve(total);
    place_of_.assign(tokens.size(), kNoPlace);
    for (Entry const& entry : entries) {
        place_of_[entry.id] = static_cast<std::uint32_t>(ids_.size());
        ids_.push_back(entry.id);
        starts_.push_back(static_cast<std::uint32_t>(pool_.size()));
        pool_.insert(pool_.end(), entry.bytes.begin(), entry.bytes.end());
        longest_ = std::max(longest_, entry.bytes.size());
    }
    starts_.push_back(static_cast<std::uint32_t>(pool_.size()));
}

std::optional<std::uint32_t> ByteVocabulary::place(std::uint32_t id) const noexcept {
    if (id >= place_of_.size() || place_of_[id] == kNoPlace) return std::nullopt;
    return place_of_[id];
}

// Level by level: the places below a node fall into runs with the same next byte, one a child.
void ByteVocabulary::build_trie() {
    auto const places_total = static_cast<std::uint32_t>(places());
    ranges_.push_back({0, 0, places_total});
    std::vector<std::uint32_t> depths{0};
    for (Node node = 0; node < ranges_.size(); ++node) {
        first_child_.push_back(static_cast<std::uint32_t>(children_.size()));
        Range& range = ranges_[node];
        std::uint32_t const depth = depths[node];
        while (range.longer < range.end && bytes(range.longer).size() == depth) ++range.longer;
        std::uint32_t place = range.longer;
        std::uint32_t const end = range.end;
        while (place < end) {
            auto const byte = static_cast<unsigned char>(bytes(place)[depth]);
            std::uint32_t last = place + 1;
            while (last < end && static_cast<unsigned char>(bytes(last)[depth]) == byte) ++last;
            children_.push_back({byte, static_cast<Node>(ranges_.size())});
            ranges_.push_back({place, place, last});
            depths.push_back(depth + 1);
            place = last;
        }
    }
    first_child_.push_back(static_cast<std::uint32_t>(children_.size()));
}

ByteVocabulary::Node ByteVocabulary::child(Node node, unsigned char byte) const noexcept {
    std::span<Child const> const below = children(node);
    auto const found = std::lower_bound(
        below.begin(), below.end(), byte,
        [](Child const& entry, unsigned char wanted) { return entry.byte < wanted; });
    return found != below.end() && found->byte == byte ? found->node : kNoNode;
}

}  // namespace tokmill::bytelm
