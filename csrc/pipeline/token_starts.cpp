// Construction and run of the automaton over reversed strings.
#include "pipeline/token_starts.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace tokmill {

namespace {

// Byte `depth` of the reversed string.
std::uint8_t byte_from_end(std::string_view s, std::size_t depth) {
    return static_cast<std::uint8_t>(s[s.size() - 1 - depth]);
}

bool reversed_less(std::string_view a, std::string_view b) {
    return std::lexicographical_compare(
        a.rbegin(), a.rend(), b.rbegin(), b.rend(),
        [](char x, char y) { return static_cast<std::uint8_t>(x) < static_cast<std::uint8_t>(y); });
}

}  // namespace

TokenStarts::TokenStarts(TokenTrie const& strings) : longest_length_(strings.longest_length()) {
    std::vector<std::uint32_t> order(strings.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return reversed_less(strings.string(a), strings.string(b));
    });
    build_nodes(strings, std::move(order));
    link_nodes();
}

void TokenStarts::build_nodes(TokenTrie const& strings, std::vector<std::uint32_t> order) {
    using Range = std::pair<std::uint32_t, std::uint32_t>;  // of `order`: the strings below a node
    std::vector<Range> level = {{0, static_cast<std::uint32_t>(order.size())}};
    std::vector<Range> next;
    label_.push_back(0);
    for (std::size_t depth = 0; !level.empty(); ++depth) {
        for (auto [i, end] : level) {
            first_child_.push_back(static_cast<std::uint32_t>(label_.size()));
            longest_.push_back(kNone);
            if (i < end && strings.string(order[i]).size() == depth) longest_.back() = order[i++];
            while (i < end) {
                std::uint8_t const byte = byte_from_end(strings.string(order[i]), depth);
                std::uint32_t last = i + 1;
                while (last < end && byte_from_end(strings.string(order[last]), depth) == byte) {
                    ++last;
                }
                label_.push_back(byte);
                next.emplace_back(i, last);
                i = last;
            }
        }
        level.swap(next);
        next.clear();
    }
    first_child_.push_back(static_cast<std::uint32_t>(label_.size()));
}

void TokenStarts::link_nodes() {
    fail_.resize(label_.size(), 0);
    for (std::uint32_t v = 0; v < fail_.size(); ++v) {
        if (longest_[v] == kNone && v != 0) longest_[v] = longest_[fail_[v]];
        for (std::uint32_t w = first_child_[v]; w < first_child_[v + 1]; ++w) {
            fail_[w] = v == 0 ? 0 : step(fail_[v], label_[w]);
        }
    }
}

std::uint32_t TokenStarts::child(std::uint32_t node, std::uint8_t byte) const {
    std::uint32_t const begin = first_child_[node];
    std::size_t const count = first_child_[node + 1] - begin;
    if (count == 0) return 0;
    std::uint8_t const* const labels = label_.data() + begin;
    void const* const found = std::memchr(labels, byte, count);
    if (found == nullptr) return 0;
    return begin + static_cast<std::uint32_t>(static_cast<std::uint8_t const*>(found) - labels);
}

std::uint32_t TokenStarts::step(std::uint32_t node, std::uint8_t byte) const {
    for (;;) {
        std::uint32_t const next = child(node, byte);
        if (next != 0 || node == 0) return next;
        node = fail_[node];
    }
}

void TokenStarts::find(std::string_view text, std::size_t begin, std::size_t end,
                       std::uint32_t* starts) const {
    // A string that begins in the stretch may reach this far beyond it.
    std::size_t const beyond = std::min(text.size() - end, longest_length_ - 1);
    std::uint32_t state = 0;
    for (std::size_t i = end + beyond; i-- > begin;) {
        state = step(state, static_cast<std::uint8_t>(text[i]));
        if (i < end) starts[i - begin] = longest_[state];
    }
}

}  // namespace tokmill
