// Construction of syntax trees, with the properties that later stages ask for.
#include "regex/ast.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"

namespace tokmill::regex {

namespace {

// Later stages walk trees recursively.
constexpr std::uint32_t kMaxDepth = 250;

NodePtr finish(Node node) {
    for (NodePtr const& child : node.children) node.depth = std::max(node.depth, child->depth + 1);
    if (node.depth > kMaxDepth)
        throw Error(ErrorKind::unsupported_tokenizer,
                    "regular expression nested too deeply at byte " + std::to_string(node.position),
                    node.position);
    return std::make_shared<Node const>(std::move(node));
}

bool all_of(std::vector<NodePtr> const& nodes, bool Node::* flag) {
    return std::all_of(nodes.begin(), nodes.end(), [=](NodePtr const& n) { return (*n).*flag; });
}

bool any_of(std::vector<NodePtr> const& nodes, bool Node::* flag) {
    return std::any_of(nodes.begin(), nodes.end(), [=](NodePtr const& n) { return (*n).*flag; });
}

// After an alternative that may be empty, only empty ones may follow.
bool alternation_empty_last(std::vector<NodePtr> const& alternatives) {
    bool seen_nullable = false;
    for (NodePtr const& node : alternatives) {
        if (seen_nullable && !node->zero_width) return false;
        if (!node->empty_last) return false;
        seen_nullable = seen_nullable || node->nullable;
    }
    return true;
}

// X* Y, X+ Y ...: the end of the loop is decided by the next character alone.
bool loop_then_other(NodePtr const& loop, NodePtr const& next) {
    if (loop->kind != NodeKind::repeat || next->nullable) return false;
    Node const& body = *loop->children[0];
    return body.single_valued && !body.nullable &&
           disjoint(edge_set(body, true), edge_set(*next, true));
}

bool concat_single_valued(std::vector<NodePtr> const& children) {
    for (std::size_t i = 0; i < children.size(); ++i)
        if (!children[i]->single_valued &&
            (i + 1 == children.size() || !loop_then_other(children[i], children[i + 1])))
            return false;
    return true;
}

bool alternation_single_valued(std::vector<NodePtr> const& alternatives) {
    CodePointSet seen;
    for (NodePtr const& node : alternatives) {
        if (!node->single_valued || node->nullable) return false;
        CodePointSet const first = edge_set(*node, true);
        if (!disjoint(seen, first)) return false;
        seen = unite(seen, first);
    }
    return true;
}

}  // namespace

NodePtr make_empty(std::size_t position) {
    Node node;
    node.position = position;
    node.nullable = node.always = node.zero_width = node.single_valued = true;
    return finish(std::move(node));
}

NodePtr make_set(CodePointSet set, std::size_t position, bool folded_literal) {
    Node node;
    node.kind = NodeKind::set;
    node.position = position;
    node.set = std::move(set);
    node.folded_literal = folded_literal;
    node.single_valued = true;
    return finish(std::move(node));
}

NodePtr make_fail(std::size_t position) {
    return make_set(CodePointSet(), position);
}

NodePtr make_concat(std::vector<NodePtr> children, std::size_t position) {
    Node node;
    node.kind = NodeKind::concat;
    node.position = position;
    for (NodePtr& child : children) {
        if (child->kind == NodeKind::empty) continue;
        // A concatenation that is single-valued as a whole only must stay one.
        if (child->kind == NodeKind::concat &&
            child->single_valued == concat_single_valued(child->children))
            node.children.insert(node.children.end(), child->children.begin(),
                                 child->children.end());
        else
            node.children.push_back(std::move(child));
    }
    if (node.children.empty()) return make_empty(position);
    if (node.children.size() == 1) return node.children.front();
    node.nullable = all_of(node.children, &Node::nullable);
    node.always = all_of(node.children, &Node::always);
    node.zero_width = all_of(node.children, &Node::zero_width);
    node.empty_last = !node.nullable || all_of(node.children, &Node::empty_last);
    node.single_valued = concat_single_valued(node.children);
    return finish(std::move(node));
}

NodePtr make_alternate(std::vector<NodePtr> children, std::size_t position) {
    if (children.empty()) return make_fail(position);
    if (children.size() == 1) return children.front();
    Node node;
    node.kind = NodeKind::alternate;
    node.position = position;
    node.children = std::move(children);
    node.nullable = any_of(node.children, &Node::nullable);
    node.always = any_of(node.children, &Node::always);
    node.zero_width = all_of(node.children, &Node::zero_width);
    node.empty_last = !node.nullable || alternation_empty_last(node.children);
    node.single_valued = node.zero_width || alternation_single_valued(node.children);
    return finish(std::move(node));
}

NodePtr make_repeat(NodePtr child, std::uint32_t min, std::uint32_t max, bool greedy,
                    std::size_t position) {
    if (max == 0 || child->kind == NodeKind::empty) return make_empty(position);
    if (min == 1 && max == 1) return child;
    Node node;
    node.kind = NodeKind::repeat;
    node.position = position;
    node.min = min;
    node.max = max;
    node.greedy = greedy;
    node.nullable = min == 0 || child->nullable;
    node.always = min == 0 || child->always;
    node.zero_width = child->zero_width;
    node.empty_last =
        !node.nullable || child->zero_width || (child->empty_last && (greedy || min == max));
    node.single_valued = child->zero_width || (child->single_valued && min == max);
    node.children.push_back(std::move(child));
    return finish(std::move(node));
}

NodePtr make_look(NodePtr child, bool ahead, bool negated, std::size_t position) {
    Node node;
    node.kind = NodeKind::look;
    node.position = position;
    node.ahead = ahead;
    node.negated = negated;
    node.nullable = node.zero_width = node.single_valued = true;
    node.always = !negated && child->always;
    node.children.push_back(std::move(child));
    return finish(std::move(node));
}

NodePtr make_text_edge(bool at_end, std::size_t position) {
    Node node;
    node.kind = NodeKind::text_edge;
    node.position = position;
    node.ahead = at_end;
    node.nullable = node.zero_width = node.single_valued = true;
    return finish(std::move(node));
}

NodePtr make_atomic(NodePtr child, std::size_t position) {
    Node node;
    node.kind = NodeKind::atomic;
    node.position = position;
    node.nullable = child->nullable;
    node.always = child->always;
    node.zero_width = child->zero_width;
    node.empty_last = child->empty_last;
    node.single_valued = true;
    node.children.push_back(std::move(child));
    return finish(std::move(node));
}

NodePtr as_single_valued(NodePtr const& node) {
    if (node->single_valued) return node;
    Node copy = *node;
    copy.single_valued = true;
    return std::make_shared<Node const>(std::move(copy));
}

bool same_structure(Node const& a, Node const& b) {
    if (a.kind != b.kind || a.min != b.min || a.max != b.max || a.greedy != b.greedy ||
        a.ahead != b.ahead || a.negated != b.negated || !(a.set == b.set))
        return false;
    return std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                      [](NodePtr const& x, NodePtr const& y) { return same_structure(*x, *y); });
}

CodePointSet edge_set(Node const& node, bool ahead) {
    switch (node.kind) {
        case NodeKind::set:
            return node.set;
        case NodeKind::concat: {
            CodePointSet set;
            std::size_t const n = node.children.size();
            for (std::size_t i = 0; i < n; ++i) {
                Node const& child = *node.children[ahead ? i : n - 1 - i];
                set = unite(set, edge_set(child, ahead));
                if (!child.nullable) break;
            }
            return set;
        }
        case NodeKind::alternate: {
            CodePointSet set;
            for (NodePtr const& child : node.children) set = unite(set, edge_set(*child, ahead));
            return set;
        }
        case NodeKind::repeat:
        case NodeKind::atomic:
            return edge_set(*node.children[0], ahead);
        case NodeKind::empty:
        case NodeKind::look:
        case NodeKind::text_edge:
            return {};
    }
    return {};
}

}  // namespace tokmill::regex
