// Making the double array of a table of character replacements.
#include <map>

#include "core/error.h"
#include "sentencepiece/charsmap.h"

namespace tokmill::sentencepiece {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

class CharsmapCompiler {
 public:
    explicit CharsmapCompiler(Entries const& entries) : entries_(entries) {
        std::map<std::string_view, std::uint32_t> places;
        for (auto const& [text, replacement] : entries) {
            auto const [place, is_new] =
                places.try_emplace(replacement, static_cast<std::uint32_t>(replacements_.size()));
            if (is_new) replacements_ += replacement + '\0';
            values_.push_back(place->second);
        }
        if (replacements_.empty()) replacements_ += '\0';
        add_block();
        add_block();
        units_[0] = 0;
        std::vector<Range> rest{{0, 0, entries.size(), 0}};
        while (!rest.empty()) {
            Range const range = rest.back();
            rest.pop_back();
            place(range, rest);
        }
    }

    std::string blob() const {
        std::string out;
        auto const put = [&out](std::uint32_t value) {
            for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
        };
        put(static_cast<std::uint32_t>(units_.size() * 4));
        for (std::uint32_t const unit : units_) put(unit);
        return out + replacements_;
    }

 private:
    // What no search takes for a node: it looks like a leaf.
    static constexpr std::uint32_t kFree = 0x80000000, kLeaf = 0x80000000, kHasLeaf = 0x100;
    static constexpr std::size_t kBlock = 256, kMaxUnits = std::size_t{1} << 21;
    static constexpr int kPatience = 64;

    // The entries below a node, which have `depth` bytes in common.
    struct Range {
        std::size_t node, begin, end, depth;
    };
    struct Child {
        unsigned char label;
        std::size_t begin, end;
    };

    void add_block() {
        units_.resize(units_.size() + kBlock, kFree);
        free_.resize(units_.size(), true);
        used_base_.resize(units_.size(), false);
        free_[0] = false;
        used_base_[0] = true;
        if (units_.size() > kMaxUnits) {
            throw Error(ErrorKind::unsupported_tokenizer, "a table with too many replacements");
        }
    }

    void place(Range const& range, std::vector<Range>& rest) {
        std::vector<Child> children;
        std::size_t begin = range.begin;
        bool const has_leaf = begin < range.end && entries_[begin].first.size() == range.depth;
        if (has_leaf) children.push_back({0, begin, begin + 1});
        for (begin += has_leaf ? 1 : 0; begin < range.end;) {
            auto const label = static_cast<unsigned char>(entries_[begin].first[range.depth]);
            std::size_t end = begin + 1;
            while (end < range.end &&
                   static_cast<unsigned char>(entries_[end].first[range.depth]) == label) {
                ++end;
            }
            children.push_back({label, begin, end});
            begin = end;
        }
        std::size_t const base = find_base(children);
        used_base_[base] = true;
        units_[range.node] |= static_cast<std::uint32_t>(range.node ^ base) << 10;
        for (Child const& child : children) {
            std::size_t const at = base ^ child.label;
            free_[at] = false;
            if (has_leaf && child.label == 0) {
                units_[range.node] |= kHasLeaf;
                units_[at] = kLeaf | values_[child.begin];
            } else {
                units_[at] = child.label;
                rest.push_back({at, child.begin, child.end, range.depth + 1});
            }
        }
    }

    std::size_t find_base(std::vector<Child> const& children) {
        if (children.empty()) return kBlock;  // only the root of an empty table
        int tries = 0;
        for (std::size_t at = cursor_; at < units_.size() && tries < kPatience; ++at) {
            if (!free_[at]) {
                if (at == cursor_) ++cursor_;
                continue;
            }
            ++tries;
            if (fits(children, at ^ children[0].label)) return at ^ children[0].label;
        }
        if (tries == kPatience) cursor_ += kPatience;
        std::size_t const base = units_.size();
        add_block();
        return base;
    }

    bool fits(std::vector<Child> const& children, std::size_t base) const {
        if (used_base_[base]) return false;
        for (Child const& child : children) {
            if (!free_[base ^ child.label]) return false;
        }
        return true;
    }

    Entries const& entries_;
    std::vector<std::uint32_t> values_;  // of the entries
    std::string replacements_;
    std::vector<std::uint32_t> units_;
    std::vector<bool> free_, used_base_;
    std::size_t cursor_ = 1;
};

}  // namespace

std::string compile_charsmap(Entries const& entries) {
    return CharsmapCompiler(entries).blob();
}

}  // namespace tokmill::sentencepiece
