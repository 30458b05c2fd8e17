// Construction and run of the automaton over reversed strings.
#include "pipeline/token_starts.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace tokmill {

namespace {

// The strings backwards, sorted by their bytes.
struct ReversedStrings {
    explicit ReversedStrings(TokenTrie const& strings) : order(strings.size()) {
        std::vector<std::size_t> offset = {0};
        for (std::uint32_t i = 0; i < strings.size(); ++i) {
            pool.append(strings.string(i).rbegin(), strings.string(i).rend());
            offset.push_back(pool.size());
        }
        for (std::uint32_t i = 0; i < strings.size(); ++i) {
            std::string_view const all = pool;
            order[i] = {all.substr(offset[i], offset[i + 1] - offset[i]), i};
        }
        std::sort(order.begin(), order.end());
    }

    std::string pool;
    std::vector<std::pair<std::string_view, std::uint32_t>> order;  // with the original index
};

}  // namespace

TokenStarts::TokenStarts(TokenTrie const& strings) : longest_length_(strings.longest_length()) {
    build_nodes(strings);
    link_nodes();
}

void TokenStarts::build_nodes(TokenTrie const& strings) {
    ReversedStrings const reversed(strings);
    auto const& order = reversed.order;
    using Range = std::pair<std::uint32_t, std::uint32_t>;  // of `order`: the strings below a node
    std::vector<Range> level = {{0, static_cast<std::uint32_t>(order.size())}};
    std::vector<Range> next;
    label_.push_back(0);
    for (std::size_t depth = 0; !level.empty(); ++depth) {
        for (auto [i, end] : level) {
            first_child_.push_back(static_cast<std::uint32_t>(label_.size()));
            longest_.push_back(kNone);
            if (i < end && order[i].first.size() == depth) longest_.back() = order[i++].second;
            while (i < end) {
                char const byte = order[i].first[depth];
                std::uint32_t last = i + 1;
                while (last < end && order[last].first[depth] == byte) ++last;
                label_.push_back(static_cast<std::uint8_t>(byte));
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
