#include "bytelm/bpe_rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "models/queue_merge.h"

namespace tokmill::bytelm {
namespace {

constexpr std::uint32_t kNone = BpeRules::kNone;

// How a token is formed: in numbers of the definition.
struct Formation {
    std::uint32_t rank, left, right, result;  // places
};

// The definition's own table of pairs, before it is known which of them can fire.
class DefinedPairs {
 public:
    DefinedPairs(ByteVocabulary const& vocabulary, std::span<Merge const> merges) {
        pairs_.reserve(merges.size());
        for (std::uint32_t rank = 0; rank < merges.size(); ++rank) add(vocabulary, merges, rank);
    }

    struct Join {
        std::uint32_t rank, result;
    };
    Join const* find(std::uint32_t left, std::uint32_t right) const {
        auto const found = pairs_.find(key(left, right));
        return found == pairs_.end() ? nullptr : &found->second;
    }

 private:
    static std::uint64_t key(std::uint32_t left, std::uint32_t right) {
        return std::uint64_t{left} << 32 | right;
    }

    void add(ByteVocabulary const& vocabulary, std::span<Merge const> merges, std::uint32_t rank) {
        Merge const& merge = merges[rank];
        auto const left = vocabulary.place(merge.left), right = vocabulary.place(merge.right),
                   result = vocabulary.place(merge.merged);
        auto const refuse = [&](char const* reason) {
            throw Error(ErrorKind::invalid_tokenizer,
                        "merge " + std::to_string(rank) + " (" + std::to_string(merge.left) + ", " +
                            std::to_string(merge.right) + ", " + std::to_string(merge.merged) +
                            ") " + reason,
                        rank);
        };
        if (!left || !right || !result) refuse("names an id that is no ordinary token");
        std::string joined(vocabulary.bytes(*left));
        joined += vocabulary.bytes(*right);
        if (joined != vocabulary.bytes(*result)) refuse("does not join the bytes of its parts");
        // As in the references, the last of several entries for one pair counts.
        pairs_[key(*left, *right)] = {rank, *result};
    }

    std::unordered_map<std::uint64_t, Join> pairs_;
};

// Tokens that merging starts from, by their bytes.
class AtomTable {
 public:
    AtomTable(ByteVocabulary const& vocabulary, BpeAtoms kind,
              std::span<std::uint32_t const> never_atoms)
        : kind_(kind) {
        std::vector<bool> excluded(vocabulary.id_count());
        for (std::uint32_t const id : never_atoms) excluded[id] = true;
        for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
            std::string_view const bytes = vocabulary.bytes(place);
            if (excluded[vocabulary.id(place)] || size_at(bytes, 0) != bytes.size()) continue;
            // Of several ids for one atom the references know the first.
            atoms_.emplace(bytes, place);
        }
    }

    std::unordered_map<std::string_view, std::uint32_t> const& atoms() const { return atoms_; }

    // False if some part of the text is no atom.
    bool divide(std::string_view text, std::vector<std::uint32_t>& out) const {
        for (std::size_t at = 0; at < text.size();) {
            std::size_t const size = size_at(text, at);
            if (size == 0) return false;
            auto const found = atoms_.find(text.substr(at, size));
            if (found == atoms_.end()) return false;
            out.push_back(found->second);
            at += size;
        }
        return true;
    }

 private:
    // Of the atom that begins here; 0 if there is none.
    std::size_t size_at(std::string_view text, std::size_t at) const {
        if (kind_ == BpeAtoms::bytes) return 1;
        auto const lead = static_cast<unsigned char>(text[at]);
        std::size_t const size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        bool whole = (lead < 0x80 || lead >= 0xC2) && size <= text.size() - at;
        for (std::size_t i = 1; whole && i < size; ++i) {
            whole = is_continuation(static_cast<unsigned char>(text[at + i]));
        }
        return whole ? size : 0;
    }

    BpeAtoms kind_;
    std::unordered_map<std::string_view, std::uint32_t> atoms_;
};

// Merges the atoms of a token by the definition; rank kNoMerge if that does not give the token.
Formation form(std::vector<std::uint32_t> const& atoms, std::uint32_t token,
               DefinedPairs const& pairs) {
    Formation last{kNoMerge, kNone, kNone, token};
    std::vector<std::uint32_t> symbol = atoms;  // of the part that begins here
    auto const priority = [&](std::size_t begin, std::size_t middle, std::size_t) {
        auto const* const join = pairs.find(symbol[begin], symbol[middle]);
        return join == nullptr ? kNoMerge : join->rank;
    };
    auto const merged = [&](std::size_t begin, std::size_t middle, std::size_t, std::uint32_t) {
        auto const* const join = pairs.find(symbol[begin], symbol[middle]);
        last = {join->rank, symbol[begin], symbol[middle], join->result};
        symbol[begin] = join->result;
    };
    bool const whole = merge_parts(atoms.size(), priority, merged).size() == 1;
    if (!whole || last.result != token) last.rank = kNoMerge;
    return last;
}

}  // namespace

BpeRules::BpeRules(ByteVocabulary const& vocabulary, BpeTables const& tables) : atoms_(256) {
    parts_.resize(tables.external.size());
    place_of_.assign(parts_.size(), kNone);
    for (std::uint32_t s = 0; s < parts_.size(); ++s) {
        parts_[s] = {s, s};
        if (tables.external[s] == kNoId) continue;
        if (auto const place = vocabulary.place(tables.external[s])) place_of_[s] = *place;
    }
    for (std::uint64_t const slot : tables.pairs.slots()) {
        if (slot == PairTable::kFreeSlot) continue;
        PairTable::Entry const pair = PairTable::unpack(slot);
        parts_[pair.priority] = {pair.left, pair.right};
    }
    finish(vocabulary);
}

BpeRules::BpeRules(ByteVocabulary const& vocabulary, std::span<Merge const> merges, BpeAtoms atoms,
                   std::span<std::uint32_t const> never_atoms) {
    DefinedPairs const pairs(vocabulary, merges);
    AtomTable const table(vocabulary, atoms, never_atoms);
    std::vector<std::uint32_t> symbol_of(vocabulary.places(), kNone);
    for (auto const& [bytes, place] : table.atoms()) place_of_.push_back(place);
    std::sort(place_of_.begin(), place_of_.end());
    atoms_ = place_of_.size();
    for (std::uint32_t s = 0; s < atoms_; ++s) {
        symbol_of[place_of_[s]] = s;
        parts_.push_back({s, s});
    }
    std::vector<Formation> formations;
    std::vector<std::uint32_t> own_atoms;
    for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
        if (symbol_of[place] != kNone) continue;
        own_atoms.clear();
        if (!table.divide(vocabulary.bytes(place), own_atoms)) continue;
        Formation const formation = form(own_atoms, place, pairs);
        if (formation.rank != kNoMerge) formations.push_back(formation);
    }
    std::sort(formations.begin(), formations.end(),
              [](Formation const& a, Formation const& b) { return a.rank < b.rank; });
    for (Formation const& formation : formations) {
        symbol_of[formation.result] = static_cast<std::uint32_t>(place_of_.size());
        place_of_.push_back(formation.result);
    }
    for (Formation const& formation : formations) {
        parts_.push_back({symbol_of[formation.left], symbol_of[formation.right]});
    }
    finish(vocabulary);
}

void BpeRules::finish(ByteVocabulary const& vocabulary) {
    if (parts_.size() > kMaxSymbols) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "a vocabulary with more than " + std::to_string(kMaxSymbols) + " tokens");
    }
    symbol_of_.assign(vocabulary.places(), kNone);
    std::vector<PairTable::Entry> entries;
    irregular_.assign(parts_.size(), false);
    for (std::uint32_t s = 0; s < parts_.size(); ++s) {
        if (place_of_[s] != kNone) symbol_of_[place_of_[s]] = s;
        auto const [left, right] = parts_[s];
        if (is_atom(s)) continue;
        entries.push_back({left, right, s});
        irregular_[s] = left > s || right > s || irregular_[left] || irregular_[right];
    }
    // A part that merges later was not looked at yet when its whole was: until nothing changes.
    for (bool changed = true; changed;) {
        changed = false;
        for (std::uint32_t s = static_cast<std::uint32_t>(atoms_); s < parts_.size(); ++s) {
            auto const [left, right] = parts_[s];
            if (irregular_[s] || !(irregular_[left] || irregular_[right])) continue;
            irregular_[s] = changed = true;
        }
    }
    pairs_ = PairTable(entries);
}

bool BpeRules::stay_apart(std::uint32_t left, std::uint32_t right) const {
    return irregular_[left] || irregular_[right] ? merge_apart(left, right)
                                                 : never_join(left, right);
}

// Undoes the merges of both, the later one first, and asks whether what met at the border in
// between would have merged before it was merged away. The method is that of the `bpe` crate of
// github/rust-gems.
bool BpeRules::never_join(std::uint32_t left, std::uint32_t right) const noexcept {
    std::uint32_t limit = kNoMerge;
    for (;;) {
        if (pairs_.find(left, right) < limit) return false;
        if (left > right) {
            if (is_atom(left)) return true;
            limit = left;
            left = parts_[left].right;
        } else {
            if (is_atom(right)) return true;
            limit = right + 1;
            right = parts_[right].left;
        }
    }
}

void BpeRules::append_atoms(std::uint32_t symbol, std::vector<std::uint32_t>& out) const {
    std::vector<std::uint32_t> rest{symbol};
    while (!rest.empty()) {
        std::uint32_t const top = rest.back();
        rest.pop_back();
        if (is_atom(top)) {
            out.push_back(top);
        } else {
            rest.push_back(parts_[top].right);
            rest.push_back(parts_[top].left);
        }
    }
}

// The same by the definition. Only the pairs that form a symbol can fire, so these are enough.
bool BpeRules::merge_apart(std::uint32_t left, std::uint32_t right) const {
    std::vector<std::uint32_t> symbol;
    append_atoms(left, symbol);
    std::size_t const border = symbol.size();
    append_atoms(right, symbol);
    auto const priority = [&](std::size_t begin, std::size_t middle, std::size_t) {
        return pairs_.find(symbol[begin], symbol[middle]);
    };
    auto const merged = [&](std::size_t begin, std::size_t, std::size_t, std::uint32_t joined) {
        symbol[begin] = joined;
    };
    auto const parts = merge_parts(symbol.size(), priority, merged);
    return parts.size() == 2 && parts[0].end == border;
}

}  // namespace tokmill::bytelm
