#include "sentencepiece/bpe.h"

#include <algorithm>
#include <bit>
#include <queue>
#include <random>
#include <unordered_map>
#include <utility>

#include "sentencepiece/random.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {

BpeModel::BpeModel(Vocabulary const& vocabulary, UserSymbols const& symbols)
    : vocabulary_(vocabulary), symbols_(symbols), priorities_(vocabulary.size()) {
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        Piece const& piece = vocabulary[id];
        priorities_[id] = priority(piece.score);
        if (Vocabulary::is_segment(piece.type)) {
            max_size_ = std::max(max_size_, piece.text.size());
        }
    }
    powers_.resize(max_size_ + 1, 1);
    for (std::size_t i = 1; i <= max_size_; ++i) powers_[i] = powers_[i - 1] * PrefixHash::kBase;
}

// The order of the reference: that of the bits, with the negative numbers reversed, so that -0 is
// below 0.
std::uint32_t BpeModel::priority(float score) noexcept {
    auto const bits = std::bit_cast<std::uint32_t>(score);
    return bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
}

// The whole text at once, with a queue of pairs.
class BpeModel::Merger {
 public:
    Merger(BpeModel const& model, std::string_view text) : model_(model), text_(text) {
        for (std::size_t at = 0; at < text.size();) {
            std::size_t const match = model.symbols_.match(text.substr(at));
            std::size_t const size = match != 0 ? match : char_size(text.substr(at));
            auto const i = static_cast<std::int32_t>(symbols_.size());
            symbols_.push_back({at, size, i - 1, i + 1, match != 0});
            at += size;
        }
        symbols_.back().next = -1;
        hashes_.reserve(text.size() + 1);
        hashes_.push_back(0);
        for (char const byte : text) hashes_.push_back(PrefixHash::extend(hashes_.back(), byte));
        for (std::size_t i = 0; i + 1 < symbols_.size(); ++i) {
            add(static_cast<std::int32_t>(i), static_cast<std::int32_t>(i + 1));
        }
    }

    void run(double dropout) {
        if (dropout >= 1.0) return;
        std::bernoulli_distribution skip(dropout);
        while (!queue_.empty()) {
            Pair const pair = queue_.top();
            queue_.pop();
            Symbol& left = symbols_[static_cast<std::size_t>(pair.left)];
            Symbol& right = symbols_[static_cast<std::size_t>(pair.right)];
            // A pair of symbols that were merged meanwhile.
            if (left.size == 0 || right.size == 0 || left.size + right.size != pair.size) continue;
            if (dropout > 0 && skip(random_generator())) continue;
            left.size += right.size;
            right.size = 0;
            left.next = right.next;
            if (left.next >= 0) symbols_[static_cast<std::size_t>(left.next)].previous = pair.left;
            add(left.previous, pair.left);
            add(pair.left, left.next);
        }
    }

    void write(Segments& out) const {
        for (std::int32_t i = 0; i >= 0; i = symbols_[static_cast<std::size_t>(i)].next) {
            Symbol const& symbol = symbols_[static_cast<std::size_t>(i)];
            write(text_.substr(symbol.begin, symbol.size), out);
        }
    }

 private:
    // Unused pieces are taken apart no deeper than this.
    static constexpr int kMaxDepth = 100;

    struct Symbol {
        std::size_t begin, size;
        std::int32_t previous, next;
        bool frozen;
    };
    struct Pair {
        std::uint64_t order;  // priority, then the leftmost
        std::int32_t left, right;
        std::size_t size;
        bool operator<(Pair const& other) const noexcept { return order < other.order; }
    };

    void add(std::int32_t left, std::int32_t right) {
        if (left < 0 || right < 0) return;
        Symbol const& a = symbols_[static_cast<std::size_t>(left)];
        Symbol const& b = symbols_[static_cast<std::size_t>(right)];
        std::size_t const size = a.size + b.size;
        if (a.frozen || b.frozen || size > model_.max_size_) return;
        std::string_view const text = text_.substr(a.begin, size);
        std::uint64_t const hash =
            model_.hash_between(hashes_[a.begin], hashes_[a.begin + size], size);
        std::int32_t const id = model_.find(text, hash);
        if (id == Vocabulary::kNone) return;
        std::uint64_t const order = std::uint64_t{model_.priorities_[static_cast<std::size_t>(id)]}
                                        << 32 |
                                    ~static_cast<std::uint32_t>(left);
        queue_.push({order, left, right, size});
        // The latest way to make an unused piece is the way it is taken apart wherever it stands.
        if (model_.vocabulary_.is(id, PieceType::unused)) halves_[text] = a.size;
    }

    void write(std::string_view symbol, Segments& out) const {
        struct Rest {
            std::string_view text;
            int depth;
        };
        std::vector<Rest> rest{{symbol, 0}};
        while (!rest.empty()) {
            auto const [text, depth] = rest.back();
            rest.pop_back();
            std::int32_t const id = model_.vocabulary_.segment_of(text);
            auto const half = halves_.find(text);
            if (depth > kMaxDepth) {
                put(text, model_.vocabulary_.id_of(text), out);
            } else if (id == Vocabulary::kNone) {
                put(text, model_.vocabulary_.unknown(), out);
            } else if (!model_.vocabulary_.is(id, PieceType::unused)) {
                put(text, id, out);
            } else if (half == halves_.end()) {
                put(text, model_.vocabulary_.unknown(), out);
            } else {
                rest.push_back({text.substr(half->second), depth + 1});
                rest.push_back({text.substr(0, half->second), depth + 1});
            }
        }
    }
    static void put(std::string_view text, std::int32_t id, Segments& out) {
        out.push_back({static_cast<std::uint32_t>(text.size()), id});
    }

    BpeModel const& model_;
    std::string_view text_;
    std::vector<Symbol> symbols_;
    std::vector<std::uint64_t> hashes_;  // of the text up to each byte
    std::priority_queue<Pair> queue_;
    std::unordered_map<std::string_view, std::size_t> halves_;  // size of the first one
};

void BpeModel::segment(std::string_view text, double dropout, Segments& out) const {
    if (text.empty()) return;
    Merger merger(*this, text);
    merger.run(dropout);
    merger.write(out);
}

// The merge of the symbols i and i + 1.
void BpeModel::look_up(std::string_view text, Part& part, std::size_t i) const {
    part.merges[i] = 0;
    if (i + 2 >= part.ends.size()) return;
    std::size_t const begin = part.ends[i], size = part.ends[i + 2] - begin;
    if (size > max_size_) return;
    std::int32_t const id =
        find(text.substr(begin, size), hash_between(part.hashes[i], part.hashes[i + 2], size));
    if (id == Vocabulary::kNone) return;
    part.ids[i] = id;
    part.merges[i] = std::uint64_t{1} << 32 | priorities_[static_cast<std::size_t>(id)];
}

bool BpeModel::merge(std::string_view text, Part& part, Segments& out) const {
    part.ends.assign(1, 0);
    part.hashes.assign(1, 0);
    part.symbols.clear();
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const size = char_size(text.substr(at));
        std::uint64_t hash = part.hashes.back();
        for (std::size_t i = 0; i < size; ++i) hash = PrefixHash::extend(hash, text[at + i]);
        part.symbols.push_back(
            find(text.substr(at, size),
                 size > max_size_ ? 0 : hash_between(part.hashes.back(), hash, size)));
        at += size;
        part.ends.push_back(static_cast<std::uint32_t>(at));
        part.hashes.push_back(hash);
    }
    std::size_t count = part.symbols.size();
    part.merges.resize(count);
    part.ids.resize(count);
    for (std::size_t i = 0; i < count; ++i) look_up(text, part, i);

    while (count > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i + 1 < count; ++i) {
            if (part.merges[i] > part.merges[best]) best = i;
        }
        if (part.merges[best] == 0) break;
        part.symbols[best] = part.ids[best];
        auto const erase = [](auto& values, std::size_t i) {
            values.erase(values.begin() + static_cast<std::ptrdiff_t>(i));
        };
        erase(part.symbols, best + 1);
        erase(part.ends, best + 1);
        erase(part.hashes, best + 1);
        erase(part.merges, best + 1);
        erase(part.ids, best + 1);
        --count;
        if (best > 0) look_up(text, part, best - 1);
        look_up(text, part, best);
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::int32_t const id = part.symbols[i];
        if (vocabulary_.is(id, PieceType::unused)) return false;
        out.push_back({part.ends[i + 1] - part.ends[i],
                       id == Vocabulary::kNone ? vocabulary_.unknown() : id});
    }
    return true;
}

}  // namespace tokmill::sentencepiece
