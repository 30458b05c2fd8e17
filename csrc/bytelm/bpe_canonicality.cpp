#include "bytelm/bpe_canonicality.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace tokmill::bytelm {
namespace {

constexpr std::uint32_t kNoSymbol = BpeRules::kNone;

std::unique_ptr<ByteVocabulary> collect_words(ByteVocabulary const& vocabulary,
                                              std::span<std::uint32_t const> places) {
    if (places.empty()) return nullptr;
    std::vector<std::optional<std::string_view>> words;
    for (std::uint32_t const place : places) words.emplace_back(vocabulary.bytes(place));
    return std::make_unique<ByteVocabulary>(words);
}

// Whether all characters that a text with this beginning can begin with look back in NFC.
bool may_look_back(std::string_view bytes) {
    RecentBytes recent = 0;
    CodePointRange range;
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 4); ++i) {
        recent = recent << 8 | static_cast<unsigned char>(bytes[i]);
        CodePointRange const next = characters_with_prefix(recent, i + 1);
        if (next.empty()) break;
        range = next;
    }
    for (std::uint32_t c = range.first; c <= range.last; ++c) {
        if (!looks_back_in_nfc(c)) return false;
    }
    return !range.empty();
}

}  // namespace

struct BpeCanonicality::BpeState final : Canonicality::State {
    BpeState(std::uint32_t last_symbol, CharacterFallback::Part spelled, NfcProgress progress,
             Hypotheses all)
        : last(last_symbol), part(spelled), nfc(progress), hypotheses(std::move(all)) {}

    std::uint32_t last;  // symbol; kNoSymbol: nothing merges across the border behind
    CharacterFallback::Part part;
    NfcProgress nfc;  // of the text so far, if texts are in NFC
    Hypotheses hypotheses;
};

BpeCanonicality::BpeCanonicality(ByteVocabulary const& vocabulary, BpeRules rules,
                                 std::unique_ptr<BoundaryAutomaton const> boundaries,
                                 std::span<std::uint32_t const> whole_words,
                                 std::optional<CharacterFallback> fallback, TextForm form)
    : vocabulary_(&vocabulary),
      rules_(std::move(rules)),
      neighbours_(rules_),
      boundaries_(std::move(boundaries)),
      is_whole_word_(vocabulary.places()),
      words_(collect_words(vocabulary, whole_words)),
      fallback_(std::move(fallback)),
      form_(form) {
    for (std::uint32_t const place : whole_words) is_whole_word_[place] = true;
    if (form_ == TextForm::nfc) collect_suspects();
}

void BpeCanonicality::collect_suspects() {
    for (std::uint32_t place = 0; place < vocabulary_->places(); ++place) {
        std::string_view const bytes = vocabulary_->bytes(place);
        auto const lead = static_cast<unsigned char>(bytes[0]);
        if ((lead & 0xC0) == 0x80) {
            suspects_within_.push_back(place);
            continue;
        }
        NfcProgress alone;
        if (find_broken(alone, bytes) != kNowhere || may_look_back(bytes)) {
            suspects_behind_.push_back(place);
        }
    }
}

Canonicality::StatePtr BpeCanonicality::start() const {
    return std::make_shared<BpeState const>(kNoSymbol, CharacterFallback::Part{}, NfcProgress{},
                                            Hypotheses{{kOffWords, boundaries_->start()}});
}

void BpeCanonicality::prepare(std::string_view text) const {
    std::vector<std::vector<StatePtr>> contexts(text.size() + 1);
    contexts[0].push_back(start());
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (StatePtr const& context : contexts[at]) {
            openings(static_cast<BpeState const&>(*context).hypotheses);
            Node node = ByteVocabulary::kRoot;
            for (std::size_t end = at; end < text.size();) {
                node = vocabulary_->child(node, static_cast<unsigned char>(text[end++]));
                if (node == ByteVocabulary::kNoNode) break;
                auto const [begin, longer, last] = vocabulary_->range(node);
                for (std::uint32_t place = begin; place < longer; ++place) {
                    if (allows(*context, place)) contexts[end].push_back(append(*context, place));
                }
            }
        }
        contexts[at].clear();
    }
}

bool BpeCanonicality::spells_word(Node word) const {
    if (word >= kClosed) return false;
    ByteVocabulary::Range const range = words_->range(word);
    return range.begin != range.longer;
}

bool BpeCanonicality::may_close(Hypothesis const& hypothesis) const {
    return !spells_word(hypothesis.word) && boundaries_->may_close(hypothesis.boundary);
}

BpeCanonicality::Node BpeCanonicality::advance(Node word, unsigned char byte) const {
    return word == kOffWords ? kOffWords : words_->child(word, byte);
}

bool BpeCanonicality::read(Hypothesis& hypothesis, unsigned char byte, bool mark) const {
    if (mark) hypothesis.word = words_ == nullptr ? kOffWords : ByteVocabulary::kRoot;
    hypothesis.boundary = boundaries_->step(hypothesis.boundary, byte, mark);
    hypothesis.word = advance(hypothesis.word, byte);
    return hypothesis.boundary != BoundaryAutomaton::kDead;
}

bool BpeCanonicality::read(Hypothesis& hypothesis, std::string_view bytes, bool mark,
                           std::size_t broken_at) const {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (!read(hypothesis, static_cast<unsigned char>(bytes[i]), mark && i == 0)) return false;
        if (i == broken_at) hypothesis.boundary = boundaries_->broken(hypothesis.boundary);
    }
    return hypothesis.boundary != BoundaryAutomaton::kDead;
}

// The first byte with which no text of the form begins any more, unless it is not UTF-8 from that
// character on.
std::size_t BpeCanonicality::find_broken(NfcProgress& progress, std::string_view bytes) const {
    if (form_ == TextForm::any) return kNowhere;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (!progress.add(static_cast<unsigned char>(bytes[i]))) return i;
    }
    return kNowhere;
}

void BpeCanonicality::add(Hypothesis const& hypothesis, Hypotheses& to) const {
    auto const place =
        std::lower_bound(to.begin(), to.end(), hypothesis.word,
                         [](Hypothesis const& entry, Node word) { return entry.word < word; });
    if (place != to.end() && place->word == hypothesis.word) {
        place->boundary = boundaries_->unite(place->boundary, hypothesis.boundary);
    } else {
        to.insert(place, hypothesis);
    }
}

BpeCanonicality::Hypotheses BpeCanonicality::follow(BpeState const& state,
                                                    std::uint32_t place) const {
    if (int const byte = fallback_byte(place); byte >= 0) return follow_byte(state, place, byte);
    std::uint32_t const symbol = rules_.symbol(place);
    bool const whole = is_whole_word_[place];
    Hypotheses next;
    if ((symbol == kNoSymbol && !whole) || !state.part.is_between()) return next;
    std::string_view const bytes = vocabulary_->bytes(place);
    NfcProgress progress = state.nfc;
    std::size_t const broken_at = find_broken(progress, bytes);
    bool const joins =
        !whole && (state.last == kNoSymbol || neighbours_.may_follow(state.last, symbol));
    for (Hypothesis const& hypothesis : state.hypotheses) {
        if (Hypothesis opened = hypothesis;
            !spells_word(hypothesis.word) && read(opened, bytes, true, broken_at)) {
            if (whole) {
                opened.word = kClosed;
                if (boundaries_->may_close(opened.boundary)) add(opened, next);
            } else if (can_go_on(symbol, opened)) {
                add(opened, next);
            }
        }
        if (Hypothesis joined = hypothesis; joins && hypothesis.word != kClosed &&
                                            read(joined, bytes, false, broken_at) &&
                                            can_go_on(symbol, joined)) {
            add(joined, next);
        }
    }
    return next;
}

// Nothing merges with the token of a byte, on neither side.
BpeCanonicality::Hypotheses BpeCanonicality::follow_byte(BpeState const& state, std::uint32_t place,
                                                         int byte) const {
    Hypotheses next;
    if (!fallback_->allows(state.part, static_cast<unsigned char>(byte))) return next;
    for (Hypothesis const& hypothesis : state.hypotheses) {
        for (bool const mark : {true, false}) {
            Hypothesis read_on = hypothesis;
            if (read(read_on, vocabulary_->bytes(place), mark)) add(read_on, next);
        }
    }
    return next;
}

bool BpeCanonicality::allows(State const& state, std::uint32_t place) const {
    return !follow(static_cast<BpeState const&>(state), place).empty();
}

Canonicality::StatePtr BpeCanonicality::append(State const& state, std::uint32_t place) const {
    auto const& bpe = static_cast<BpeState const&>(state);
    CharacterFallback::Part part;
    if (int const byte = fallback_byte(place); byte >= 0) {
        part = CharacterFallback::append(bpe.part, static_cast<unsigned char>(byte));
    }
    NfcProgress progress = bpe.nfc;
    find_broken(progress, vocabulary_->bytes(place));
    return std::make_shared<BpeState const>(rules_.symbol(place), part, progress,
                                            follow(bpe, place));
}

bool BpeCanonicality::may_end(State const& state) const {
    auto const& bpe = static_cast<BpeState const&>(state);
    auto const ends = [&](Hypothesis const& hypothesis) {
        return !spells_word(hypothesis.word) && boundaries_->may_end(hypothesis.boundary);
    };
    return bpe.part.is_between() && std::ranges::any_of(bpe.hypotheses, ends);
}

// Nearly always the piece may end here. Where it has to go on ("'r" as the beginning of "'re", part
// of a character, a whole word spelled by several tokens), there must be tokens to go on with.
bool BpeCanonicality::can_go_on(std::uint32_t last, Hypothesis const& hypothesis) const {
    if (may_close(hypothesis)) return true;
    std::pair const key(last, hypothesis);
    {
        std::lock_guard const lock(mutex_);
        if (auto const known = can_go_on_.find(key); known != can_go_on_.end()) {
            return known->second;
        }
    }
    bool const result = search_end(last, hypothesis);
    std::lock_guard const lock(mutex_);
    return can_go_on_[key] = result;
}

bool BpeCanonicality::search_end(std::uint32_t last, Hypothesis const& hypothesis) const {
    using Place = std::pair<std::uint32_t, Hypothesis>;
    std::set<Place> seen{{last, hypothesis}};
    std::vector<Place> open{{last, hypothesis}};
    while (!open.empty()) {
        auto const [symbol, from] = open.back();
        open.pop_back();
        std::vector<Step> steps{{ByteVocabulary::kRoot, from}};
        while (!steps.empty()) {
            Step const step = steps.back();
            steps.pop_back();
            auto const [begin, longer, end] = vocabulary_->range(step.node);
            for (std::uint32_t place = begin; place < longer; ++place) {
                std::uint32_t const next = rules_.symbol(place);
                if (next == kNoSymbol || !neighbours_.may_follow(symbol, next)) continue;
                if (may_close(step.hypothesis)) return true;
                if (seen.emplace(next, step.hypothesis).second) {
                    open.emplace_back(next, step.hypothesis);
                }
            }
            for (auto const& [byte, node] : vocabulary_->children(step.node)) {
                Hypothesis further = step.hypothesis;
                if (read(further, byte, false)) steps.push_back({node, further});
            }
        }
    }
    return false;
}

void BpeCanonicality::collect(Hypothesis const& from, bool mark, TokenSet& tokens) const {
    for (auto const& [byte, node] : vocabulary_->children(ByteVocabulary::kRoot)) {
        Hypothesis first = from;
        if (!read(first, byte, mark)) continue;
        auto const words = tokens_of({node, mark && words_ != nullptr, first});
        tokens.insert_words(vocabulary_->range(node).begin / 64, *words);
    }
}

std::shared_ptr<BpeCanonicality::Words const> BpeCanonicality::tokens_of(
    Branch const& branch) const {
    {
        std::lock_guard const lock(mutex_);
        if (auto const known = branches_.find(branch); known != branches_.end()) {
            return known->second;
        }
    }
    auto const made = std::make_shared<Words const>(walk(branch));
    std::lock_guard const lock(mutex_);
    if (branch_words_ >= kMaxBranchWords) {
        branches_.clear();
        branch_words_ = 0;
    }
    branch_words_ += made->size();
    return branches_[branch] = made;
}

BpeCanonicality::Words BpeCanonicality::walk(Branch const& branch) const {
    ByteVocabulary::Range const all = vocabulary_->range(branch.node);
    std::size_t const first_place = all.begin / 64 * 64;
    Words words((all.end - first_place + 63) / 64);
    std::vector<Step> open{{branch.node, branch.hypothesis}};
    while (!open.empty()) {
        Step const step = open.back();
        open.pop_back();
        auto const [begin, longer, end] = vocabulary_->range(step.node);
        for (std::uint32_t place = begin; place < longer; ++place) {
            std::uint32_t const symbol = rules_.symbol(place);
            bool const fits = symbol != kNoSymbol
                                  ? can_go_on(symbol, step.hypothesis)
                                  : branch.may_be_whole && is_whole_word_[place] &&
                                        boundaries_->may_close(step.hypothesis.boundary);
            std::size_t const bit = place - first_place;
            words[bit / 64] |= std::uint64_t{fits} << bit % 64;
        }
        for (auto const& [byte, node] : vocabulary_->children(step.node)) {
            Hypothesis further = step.hypothesis;
            if (read(further, byte, false)) open.push_back({node, further});
        }
    }
    return words;
}

std::shared_ptr<BpeCanonicality::Openings const> BpeCanonicality::openings(
    Hypotheses const& hypotheses) const {
    {
        std::lock_guard const lock(mutex_);
        if (auto const known = openings_.find(hypotheses); known != openings_.end()) {
            return known->second;
        }
    }
    auto const made = std::make_shared<Openings>();
    made->at_boundary = TokenSet(vocabulary_->places());
    made->inside = TokenSet(vocabulary_->places());
    for (Hypothesis const& hypothesis : hypotheses) {
        if (!spells_word(hypothesis.word)) collect(hypothesis, true, made->at_boundary);
        if (hypothesis.word != kClosed) collect(hypothesis, false, made->inside);
    }
    std::lock_guard const lock(mutex_);
    if (openings_.size() >= kMaxOpenings) openings_.clear();
    return openings_[hypotheses] = made;
}

// What may follow a context is remembered without regard to the form, and few tokens can be out of
// it.
void BpeCanonicality::erase_broken(BpeState const& state, TokenSet& tokens) const {
    for (std::uint32_t const place : state.nfc.is_within() ? suspects_within_ : suspects_behind_) {
        NfcProgress progress = state.nfc;
        if (tokens.contains(place) &&
            find_broken(progress, vocabulary_->bytes(place)) != kNowhere && !allows(state, place)) {
            tokens.erase(place);
        }
    }
}

TokenSet BpeCanonicality::allowed(State const& state) const {
    auto const& bpe = static_cast<BpeState const&>(state);
    TokenSet tokens(vocabulary_->places());
    if (bpe.part.is_between()) {
        std::shared_ptr<Openings const> const known = openings(bpe.hypotheses);
        tokens = known->inside;
        if (bpe.last != kNoSymbol) neighbours_.keep_followers(bpe.last, tokens);
        tokens |= known->at_boundary;
        erase_broken(bpe, tokens);
    }
    if (fallback_) {
        for (int byte = 0; byte < 256; ++byte) {
            std::uint32_t const place = fallback_->place(static_cast<unsigned char>(byte));
            if (!follow_byte(bpe, place, byte).empty()) tokens.insert(place);
        }
    }
    return tokens;
}

}  // namespace tokmill::bytelm
