// The automaton is built from the last byte of a character to the first; equal nodes are one.
#include "bytelm/utf8_classes.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "regex/code_point_set.h"

namespace tokmill::bytelm {

namespace {

constexpr std::size_t kMaxClasses = 20000;

bool is_surrogate(std::uint32_t code_point) {
    return code_point >= regex::kFirstSurrogate && code_point <= regex::kLastSurrogate;
}

}  // namespace

ClassPair refine_classes(CodePointClasses& classes, regex::Alphabet const& alphabet) {
    ClassPair pair;
    std::unordered_map<std::uint32_t, std::uint16_t> numbers;
    // Neighbours are mostly alike.
    std::uint32_t last_key = 0xFFFFFFFF;
    std::uint16_t last_number = 0;
    for (std::uint32_t c = 0; c <= regex::kLastCodePoint; ++c) {
        if (is_surrogate(c)) continue;
        std::uint16_t const second = alphabet.class_of(c);
        std::uint32_t const key = std::uint32_t{classes[c]} << 16 | second;
        if (key != last_key) {
            auto const [found, inserted] =
                numbers.try_emplace(key, static_cast<std::uint16_t>(pair.first.size()));
            if (inserted) {
                pair.first.push_back(classes[c]);
                pair.second.push_back(second);
                if (pair.first.size() > kMaxClasses)
                    throw Error(ErrorKind::unsupported_tokenizer,
                                "pre-tokenizers with so many different character classes are not "
                                "supported");
            }
            last_key = key;
            last_number = found->second;
        }
        classes[c] = last_number;
    }
    return pair;
}

Utf8Classes::Utf8Classes(CodePointClasses const& classes) {
    build(classes);
    list_classes();
    classify_bytes();
}

void Utf8Classes::build(CodePointClasses const& classes) {
    root_.fill(kInvalid);
    nodes_.emplace_back().fill(kInvalid);  // the root has its own table
    std::unordered_map<std::string, Target> known;
    auto const intern = [&](Node const& node) -> Target {
        if (std::all_of(node.begin(), node.end(), [](Target t) { return t == kInvalid; }))
            return kInvalid;
        std::string key(sizeof node, '\0');
        std::memcpy(key.data(), node.data(), sizeof node);
        auto const [found, inserted] =
            known.try_emplace(std::move(key), static_cast<Target>(nodes_.size()));
        if (inserted) nodes_.push_back(node);
        return found->second;
    };
    // The nodes with one byte to go, two bytes to go and so on, by the leading bits.
    std::vector<Target> level;
    auto const shorten = [&](std::uint32_t shortest) {
        std::vector<Target> shorter;
        for (std::size_t begin = 0; begin < level.size(); begin += 64) {
            Node node;
            for (std::size_t i = 0; i < 64; ++i) {
                bool const present = begin + i < level.size() && begin + i >= shortest;
                node[i] = present ? level[begin + i] : kInvalid;
            }
            shorter.push_back(intern(node));
        }
        level = std::move(shorter);
    };
    for (std::uint32_t c = 0; c < 0x80; ++c) root_[c] = classes[c] | kClassBit;
    level.reserve(regex::kLastCodePoint + 1);
    for (std::uint32_t c = 0; c <= regex::kLastCodePoint; ++c)
        level.push_back(is_surrogate(c) ? kInvalid : classes[c] | kClassBit);
    // `shortest`: what has a shorter form is invalid, from two bytes on, three and four.
    shorten(0x80);
    for (std::uint32_t i = 0x02; i < 0x20; ++i) root_[0xC0 | i] = level[i];
    shorten(0x800 >> 6);
    for (std::uint32_t i = 0; i < 0x10; ++i) root_[0xE0 | i] = level[i];
    shorten(0x10000 >> 12);
    for (std::uint32_t i = 0; i < level.size(); ++i) root_[0xF0 | i] = level[i];
}

// Children have smaller numbers than their parents.
void Utf8Classes::list_classes() {
    below_.resize(nodes_.size());
    for (std::size_t node = 1; node < nodes_.size(); ++node) {
        std::vector<std::uint32_t>& classes = below_[node];
        Target last = kInvalid;
        for (Target const target : nodes_[node]) {
            if (target == last || target == kInvalid) continue;
            last = target;
            if (is_class(target))
                classes.push_back(class_of(target));
            else
                classes.insert(classes.end(), below_[target].begin(), below_[target].end());
        }
        std::sort(classes.begin(), classes.end());
        classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    }
}

void Utf8Classes::classify_bytes() {
    std::map<std::vector<Target>, std::uint8_t> numbers;
    std::vector<Target> column;
    for (std::size_t byte = 0; byte < 256; ++byte) {
        column.assign(1, root_[byte]);
        if ((byte & 0xC0) == 0x80) {
            for (Node const& node : nodes_) column.push_back(node[byte & 0x3F]);
        }
        byte_classes_[byte] =
            numbers.try_emplace(column, static_cast<std::uint8_t>(numbers.size())).first->second;
    }
    byte_class_count_ = numbers.size();
}

}  // namespace tokmill::bytelm
