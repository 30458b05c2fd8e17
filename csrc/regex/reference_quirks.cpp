// Conservative checks: they may refuse a harmless pattern, never accept a harmful one.
#include "regex/reference_quirks.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "regex/case_folding.h"
#include "regex/pattern_reader.h"

namespace tokmill::regex {

namespace {

// Oniguruma, ignoring case, lets the string "ss" match U+00DF, "st" U+FB06 and so on. Which
// neighbouring characters it joins to one string depends on its optimizer, so any neighbourhood of
// two such characters counts.
struct FoldedEdges {
    CodePointSet first;
    CodePointSet last;
};

void refuse_multi_fold(CodePointSet const& a, CodePointSet const& b, std::size_t position) {
    if (may_spell_multi_fold(a, b))
        unsupported_at("case-insensitive text with multi-character case folding (such as \"ss\")",
                       position);
}

FoldedEdges check_multi_folds(Node const& node) {
    FoldedEdges edges;
    switch (node.kind) {
        case NodeKind::set:
            if (node.folded_literal) edges = {node.set, node.set};
            break;
        case NodeKind::concat: {
            bool all_nullable = true;
            for (NodePtr const& child : node.children) {
                FoldedEdges const inner = check_multi_folds(*child);
                if (child->zero_width) continue;
                refuse_multi_fold(edges.last, inner.first, child->position);
                if (all_nullable) edges.first = unite(edges.first, inner.first);
                edges.last = child->nullable ? unite(edges.last, inner.last) : inner.last;
                all_nullable = all_nullable && child->nullable;
            }
            break;
        }
        case NodeKind::alternate:
            for (NodePtr const& child : node.children) {
                FoldedEdges const inner = check_multi_folds(*child);
                edges.first = unite(edges.first, inner.first);
                edges.last = unite(edges.last, inner.last);
            }
            break;
        case NodeKind::repeat:
            edges = check_multi_folds(*node.children[0]);
            if (node.max > 1) refuse_multi_fold(edges.last, edges.first, node.position);
            break;
        case NodeKind::look:
            check_multi_folds(*node.children[0]);
            break;
        case NodeKind::atomic:
            edges = check_multi_folds(*node.children[0]);
            break;
        case NodeKind::empty:
        case NodeKind::text_edge:
            break;
    }
    return edges;
}

// Oniguruma leaves a loop as soon as an iteration was empty, even if the loop demands more of them.
// It makes no difference where an iteration prefers anything to being empty, and where those that
// are demanded can always be empty.
void check_empty_iterations(Node const& node) {
    for (NodePtr const& child : node.children) check_empty_iterations(*child);
    if (node.kind != NodeKind::repeat || node.max < 2) return;
    Node const& body = *node.children[0];
    if (body.nullable && !(body.empty_last && (body.always || node.min < 2)))
        unsupported_at("repetition of something that may be empty", node.position);
}

// fancy-regex 0.19 rewrites some loops before it compiles them, and not always to an equivalent:
// X+M?X+ becomes X+(?:MX+)?, which also matches a single X, and (?:X+(?:MX+)?)+ becomes
// X+(?:MX+)*.
//
// The body of a greedy loop without upper limit, loops directly within loops seen through.
Node const* loop_body(Node const& node) {
    bool unlimited = false;
    Node const* inner = &node;
    while (inner->kind == NodeKind::repeat && inner->greedy) {
        unlimited = unlimited || inner->max == kUnlimited;
        inner = inner->children[0].get();
    }
    return unlimited ? inner : nullptr;
}

bool same_loop(Node const& a, Node const& b) {
    Node const* x = loop_body(a);
    Node const* y = loop_body(b);
    return x != nullptr && y != nullptr && same_structure(*x, *y);
}

bool is_misread_sequence(Node const& left, Node const& middle, Node const& right) {
    if (middle.kind != NodeKind::repeat || middle.min != 0 || !same_loop(left, right)) return false;
    return !middle.greedy || (!left.nullable && !right.nullable);
}

bool is_misread_loop(Node const& node) {
    if (node.kind != NodeKind::repeat || node.max != kUnlimited || !node.greedy) return false;
    Node const& body = *node.children[0];
    if (body.kind != NodeKind::concat) return false;
    Node const& first = *body.children.front();
    Node const* last = body.children.back().get();
    while (loop_body(*last) == nullptr &&
           (last->kind == NodeKind::repeat || last->kind == NodeKind::concat))
        last = last->children.back().get();
    return same_loop(first, *last);
}

void check_misread_loops(Node const& node) {
    for (NodePtr const& child : node.children) check_misread_loops(*child);
    if (is_misread_loop(node))
        unsupported_at("loop that fancy-regex 0.19 does not match as written", node.position);
    if (node.kind != NodeKind::concat) return;
    for (std::size_t i = 0; i + 2 < node.children.size(); ++i)
        if (is_misread_sequence(*node.children[i], *node.children[i + 1], *node.children[i + 2]))
            unsupported_at("sequence of loops that fancy-regex 0.19 does not match as written",
                           node.children[i]->position);
}

bool has_kind(Node const& node, NodeKind kind) {
    return node.kind == kind ||
           std::any_of(node.children.begin(), node.children.end(),
                       [=](NodePtr const& child) { return has_kind(*child, kind); });
}

// Oniguruma drops what it takes for redundant at the far end of a look-behind, as if nothing in it
// could be atomic.
void check_atomic_look_behinds(Node const& node) {
    for (NodePtr const& child : node.children) check_atomic_look_behinds(*child);
    if (node.kind == NodeKind::look && !node.ahead && has_kind(node, NodeKind::atomic))
        unsupported_at("look-behind with an atomic group or possessive quantifier in it",
                       node.position);
}

std::optional<std::uint64_t> fixed_length(Node const& node) {
    if (node.zero_width) return 0;
    switch (node.kind) {
        case NodeKind::set:
            return 1;
        case NodeKind::concat: {
            std::uint64_t total = 0;
            for (NodePtr const& child : node.children) {
                auto const length = fixed_length(*child);
                if (!length) return std::nullopt;
                total += *length;
            }
            return total;
        }
        case NodeKind::alternate: {
            auto const length = fixed_length(*node.children[0]);
            for (NodePtr const& child : node.children)
                if (fixed_length(*child) != length) return std::nullopt;
            return length;
        }
        case NodeKind::repeat: {
            auto const length = fixed_length(*node.children[0]);
            if (!length || node.min != node.max) return std::nullopt;
            return *length * node.min;
        }
        case NodeKind::atomic:
            return fixed_length(*node.children[0]);
        default:
            return 0;
    }
}

// A look-behind of variable length with anything but plain regular parts in it is matched by
// fancy-regex piece by piece, each piece greedily.
void check_look_behinds(Node const& node) {
    for (NodePtr const& child : node.children) check_look_behinds(*child);
    if (node.kind != NodeKind::look || node.ahead) return;
    NodePtr const& body = node.children[0];
    std::vector<NodePtr> const alternatives =
        body->kind == NodeKind::alternate ? body->children : std::vector<NodePtr>{body};
    for (NodePtr const& alternative : alternatives)
        if (!fixed_length(*alternative) &&
            (has_kind(*alternative, NodeKind::look) || has_kind(*alternative, NodeKind::atomic)))
            unsupported_at("look-behind of variable length with an assertion in it", node.position);
}

}  // namespace

void refuse_quirks(Node const& tree, Dialect dialect) {
    if (dialect == Dialect::onig) {
        check_multi_folds(tree);
        check_atomic_look_behinds(tree);
        check_empty_iterations(tree);
    } else {
        check_misread_loops(tree);
        check_look_behinds(tree);
    }
}

}  // namespace tokmill::regex
