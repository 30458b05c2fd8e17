// The syntax tree of a pattern. Nodes are immutable and shared: rewriting builds new nodes around
// old ones. Everything the dialects spell differently is already resolved: a class, a property, a
// dot or a case-insensitive letter is a set of code points; "$" or "\b" are look-arounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "regex/code_point_set.h"

namespace tokmill::regex {

struct Node;
using NodePtr = std::shared_ptr<Node const>;

enum class NodeKind : std::uint8_t {
    empty,      // matches the empty text
    set,        // consumes one code point out of `set`
    concat,     // `children` in order
    alternate,  // the first of `children` that leads to a match
    repeat,     // children[0], `min` to `max` times, as often or (lazy) as rarely as possible
    look,  // children[0] matches after (`ahead`) or before this position; or does not (`negated`)
    text_edge,  // the end (`ahead`) or the beginning of the text
    atomic,     // children[0], whose first way to match is never reconsidered
};

inline constexpr std::uint32_t kUnlimited = 0xFFFFFFFF;

struct Node {
    NodeKind kind = NodeKind::empty;
    std::size_t position = 0;  // byte offset in the pattern, for messages
    CodePointSet set;
    bool folded_literal = false;  // set: one character of the pattern under "ignore case"
    std::vector<NodePtr> children;
    std::uint32_t min = 0;
    std::uint32_t max = 0;
    bool greedy = true;
    bool ahead = true;
    bool negated = false;

    // Derived by the constructing functions below.
    bool nullable = false;    // may match the empty text
    bool always = false;      // matches the empty text at every position
    bool zero_width = false;  // matches nothing but the empty text
    // Every way to match the empty text comes after all other ways in the order of preference. A
    // loop over a nullable body means the same to every engine only if this holds.
    bool empty_last = true;
    // From any one position all ways to match end at one place.
    bool single_valued = false;
    std::uint32_t depth = 1;
};

// These throw Error(unsupported_tokenizer) when the tree becomes too deep to be walked recursively.
NodePtr make_empty(std::size_t position);
NodePtr make_set(CodePointSet set, std::size_t position, bool folded_literal = false);
NodePtr make_fail(std::size_t position);
NodePtr make_concat(std::vector<NodePtr> children, std::size_t position);
NodePtr make_alternate(std::vector<NodePtr> children, std::size_t position);
NodePtr make_repeat(NodePtr child, std::uint32_t min, std::uint32_t max, bool greedy,
                    std::size_t position);
NodePtr make_look(NodePtr child, bool ahead, bool negated, std::size_t position);
NodePtr make_text_edge(bool at_end, std::size_t position);
NodePtr make_atomic(NodePtr child, std::size_t position);

// The same node, known to be single-valued for a reason that its structure does not show.
NodePtr as_single_valued(NodePtr const& node);

bool same_structure(Node const& a, Node const& b);

// What the first (`ahead`) or last code point of a match can be; for nodes that are not nullable.
CodePointSet edge_set(Node const& node, bool ahead);

}  // namespace tokmill::regex
