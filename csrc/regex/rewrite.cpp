// How commitment is expressed by look-ahead. Write !{...} for "commit to the first way in which
// the sequence matches". With X that can end in one place only (single-valued):
//
//   !{X rest}          = X !{rest}
//   !{(A|B) rest}      = !{A rest} | (?!A rest) !{B rest}
//   !{X* rest}         = X* (?!X+ rest) !{rest}            as many X as allow the rest
//   !{X*? rest}        = (?:(?!rest) X)* !{rest}           as few X as allow the rest
//
// and counted loops are unrolled into the second form. Inside a look-ahead the sequence stands
// without commitment: whether there is a first way to match is whether there is any.
#include "regex/rewrite.h"

#include <utility>
#include <vector>

#include "regex/pattern_reader.h"

namespace tokmill::regex {

namespace {

constexpr std::uint32_t kMaxUnrolled = 60;

using Sequence = std::vector<NodePtr>;

NodePtr not_ahead(Sequence sequence, std::size_t position) {
    NodePtr body = make_concat(std::move(sequence), position);
    if (body->always) return make_fail(position);
    return make_look(std::move(body), true, true, position);
}

bool never_matches(Node const& node) {
    return node.kind == NodeKind::set && node.set.empty();
}

Sequence prepend(Sequence head, Sequence const& tail) {
    head.insert(head.end(), tail.begin(), tail.end());
    return head;
}

class Commitment {
 public:
    explicit Commitment(std::size_t position) : position_(position) {}

    NodePtr commit(Sequence const& sequence) {
        // Every step peels something off; the work is bounded because alternatives copy the tail.
        if (++steps_ > kMaxSteps) refuse();
        if (sequence.empty()) return make_empty(position_);
        NodePtr const& head = sequence.front();
        Sequence const tail(sequence.begin() + 1, sequence.end());
        NodePtr result;
        if (head->single_valued)
            result = make_concat({head, commit(tail)}, position_);
        else if (head->kind == NodeKind::concat)
            result = commit(prepend(head->children, tail));
        else if (head->kind == NodeKind::alternate)
            result = commit_choice(head->children, tail);
        else if (head->kind == NodeKind::repeat)
            result = commit_loop(*head, tail);
        else
            refuse();
        return as_single_valued(result);
    }

 private:
    static constexpr int kMaxSteps = 2000;

    [[noreturn]] void refuse() const {
        unsupported_at("atomic group or possessive quantifier over such an expression", position_);
    }

    NodePtr commit_choice(Sequence const& alternatives, Sequence const& tail) {
        Sequence result;
        Sequence refused;  // look-aheads that exclude the alternatives before
        for (NodePtr const& alternative : alternatives) {
            Sequence items = refused;
            items.push_back(commit(prepend({alternative}, tail)));
            result.push_back(make_concat(std::move(items), position_));
            NodePtr exclusion = not_ahead(prepend({alternative}, tail), position_);
            if (never_matches(*exclusion)) break;
            refused.push_back(std::move(exclusion));
        }
        return make_alternate(std::move(result), position_);
    }

    NodePtr commit_loop(Node const& loop, Sequence const& tail) {
        NodePtr const& body = loop.children[0];
        if (loop.min > 0) {
            Sequence items(loop.min, body);
            std::uint32_t const more = loop.max == kUnlimited ? kUnlimited : loop.max - loop.min;
            items.push_back(make_repeat(body, 0, more, loop.greedy, position_));
            return commit(prepend(std::move(items), tail));
        }
        return loop.max == kUnlimited ? commit_unlimited(loop, tail) : commit_counted(loop, tail);
    }

    NodePtr commit_unlimited(Node const& loop, Sequence const& tail) {
        NodePtr const& body = loop.children[0];
        if (!body->single_valued || body->nullable) refuse();
        NodePtr const rest = commit(tail);
        if (loop.greedy) {
            NodePtr const more = make_repeat(body, 1, kUnlimited, true, position_);
            return make_concat({make_repeat(body, 0, kUnlimited, true, position_),
                                not_ahead(prepend({more}, tail), position_), rest},
                               position_);
        }
        NodePtr const step = make_concat({not_ahead(tail, position_), body}, position_);
        return make_concat({make_repeat(step, 0, kUnlimited, true, position_), rest}, position_);
    }

    NodePtr commit_counted(Node const& loop, Sequence const& tail) {
        if (loop.max > kMaxUnrolled) refuse();
        NodePtr const& body = loop.children[0];
        NodePtr const more = make_concat(
            {body, make_repeat(body, 0, loop.max - 1, loop.greedy, position_)}, position_);
        NodePtr const none = make_empty(position_);
        if (loop.greedy) return commit_choice({more, none}, tail);
        return commit_choice({none, more}, tail);
    }

    std::size_t position_;
    int steps_ = 0;
};

NodePtr rewrite_children(Node const& node) {
    Sequence children;
    for (NodePtr const& child : node.children) children.push_back(rewrite(child));
    switch (node.kind) {
        case NodeKind::concat:
            return make_concat(std::move(children), node.position);
        case NodeKind::alternate:
            return make_alternate(std::move(children), node.position);
        case NodeKind::repeat: {
            NodePtr const& body = children[0];
            if (node.max == kUnlimited && node.greedy && body->nullable && !body->empty_last)
                unsupported_at("unlimited repetition of something that prefers to be empty",
                               node.position);
            return make_repeat(body, node.min, node.max, node.greedy, node.position);
        }
        case NodeKind::look:
            return make_look(children[0], node.ahead, node.negated, node.position);
        default:
            return make_empty(node.position);
    }
}

}  // namespace

NodePtr rewrite(NodePtr const& tree) {
    switch (tree->kind) {
        case NodeKind::empty:
        case NodeKind::set:
        case NodeKind::text_edge:
            return tree;
        case NodeKind::atomic:
            return Commitment(tree->position).commit({rewrite(tree->children[0])});
        default:
            return rewrite_children(*tree);
    }
}

}  // namespace tokmill::regex
