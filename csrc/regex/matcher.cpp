// Drives the lazy automata over a text: marks of the general look-arounds first, then one scan from
// the end that records viability at every position, then one walk from the beginning that takes the
// preferred path. Each position costs a bounded number of table look-ups, whatever the pattern.
#include "regex/matcher.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "core/utf8_decode.h"
#include "regex/lazy_dfa.h"
#include "regex/parser.h"
#include "regex/program.h"
#include "regex/reference_quirks.h"
#include "regex/rewrite.h"

namespace tokmill::regex {

namespace {

// Rows are recorded for this many bytes of text at a time. Longer texts are scanned twice: once
// for the states at the ends of the blocks, and again block by block.
constexpr std::size_t kBlockBytes = std::size_t{1} << 22;
// A buffer beyond this is not kept for the next call.
constexpr std::size_t kKeptRows = std::size_t{1} << 18;

struct Step {
    std::uint16_t class_id;
    std::uint32_t size;
};

class Text {
 public:
    Text(std::string_view text, Alphabet const& alphabet)
        : data_(reinterpret_cast<unsigned char const*>(text.data())),
          size_(text.size()),
          alphabet_(&alphabet) {}

    std::size_t size() const noexcept { return size_; }

    Step after(std::size_t position) const noexcept {
        unsigned char const lead = data_[position];
        if (lead < 0x80) return {alphabet_->class_of_ascii(lead), 1};
        DecodedChar const decoded = decode_char(data_ + position);
        return {alphabet_->class_of(decoded.code_point), decoded.size};
    }

    Step before(std::size_t position) const noexcept {
        unsigned char const last = data_[position - 1];
        if (last < 0x80) return {alphabet_->class_of_ascii(last), 1};
        std::size_t start = position - 1;
        while (is_continuation(data_[start])) --start;
        return {after(start).class_id, static_cast<std::uint32_t>(position - start)};
    }

    std::size_t size_after(std::size_t position) const noexcept {
        unsigned char const lead = data_[position];
        return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }

 private:
    unsigned char const* data_;
    std::size_t size_;
    Alphabet const* alphabet_;
};

// One bit for each position of a text, its end included.
class Marks {
 public:
    void reset(std::size_t positions) { words_.assign(positions / 64 + 1, 0); }
    void set(std::size_t position) { words_[position / 64] |= std::uint64_t{1} << position % 64; }
    bool test(std::size_t position) const { return words_[position / 64] >> position % 64 & 1; }

 private:
    std::vector<std::uint64_t> words_;
};

// Everything that never changes after compilation.
struct Compiled {
    Program program;
    std::vector<LazyDfaTables> look_tables;
    std::vector<LazyDfaTables> main_tables;  // exactly one; a vector because it refers to `program`
};

struct Block {
    std::size_t begin;
    std::size_t end;
    LazyDfa::Snapshot state_at_end;
};

// What one call at a time works with; kept between calls for the automata it has built.
class Scratch {
 public:
    explicit Scratch(Compiled const& compiled) : main_(compiled.main_tables[0]) {
        for (LazyDfaTables const& tables : compiled.look_tables) looks_.emplace_back(tables);
        marks_.resize(looks_.size());
    }

    void find_all(Compiled const& compiled, std::string_view string, std::vector<Span>& matches) {
        Text const text(string, compiled.program.alphabet);
        // A block may begin up to three bytes early, at the beginning of a code point.
        std::size_t const rows = std::min(text.size(), kBlockBytes) + 4;
        if (rows_.size() < rows) rows_.resize(rows);
        for (std::size_t i = 0; i < looks_.size(); ++i) {
            marks_[i].reset(text.size());
            if (compiled.program.looks[i].reversed)
                mark_behind(compiled.look_tables[i], looks_[i], text, marks_[i]);
            else
                mark_ahead(compiled.look_tables[i], looks_[i], text, marks_[i]);
        }
        LazyDfaTables const& tables = compiled.main_tables[0];
        scan_blocks(tables, text);
        Walk walk;
        for (std::size_t i = blocks_.size(); i-- > 0;) {
            if (i + 1 != blocks_.size()) rescan(tables, text, blocks_[i]);
            walk_block(text, blocks_[i], walk, matches);
        }
        if (rows_.size() > kKeptRows) std::vector<std::uint16_t>().swap(rows_);
    }

 private:
    // Where the walk from the beginning stands.
    struct Walk {
        std::size_t position = 0;
        std::size_t match_begin = 0;
        std::size_t consumer = 0;
        bool begun = false;
        std::size_t last_end = static_cast<std::size_t>(-1);
    };

    std::size_t mark_bits(LazyDfaTables const& tables, std::size_t position) const {
        std::size_t bits = 0;
        for (std::size_t i = 0; i < tables.marks().size(); ++i)
            bits |= std::size_t{marks_[tables.marks()[i]].test(position)} << i;
        return bits;
    }

    std::uint16_t restart(LazyDfa& dfa, LazyDfa::Snapshot const& snapshot) const {
        dfa.clear();
        return dfa.intern(snapshot);
    }

    // The row at `position`, starting over with an empty cache if it is full.
    std::uint16_t row_or_restart(LazyDfa& dfa, std::uint16_t& state,
                                 std::size_t surrounding) const {
        std::uint16_t row = dfa.row(state, surrounding);
        if (row == LazyDfa::kFull) {
            state = restart(dfa, dfa.snapshot(state));
            row = dfa.row(state, surrounding);
        }
        return row;
    }

    // Takes the step from `row`; on a full cache everything but the present state is forgotten.
    std::uint16_t step_or_restart(LazyDfa& dfa, std::uint16_t state, std::uint16_t row,
                                  std::size_t surrounding, std::size_t far) const {
        std::uint16_t next = dfa.step(row, far);
        if (next == LazyDfa::kFull) {
            state = restart(dfa, dfa.snapshot(state));
            next = dfa.step(dfa.row(state, surrounding), far);
        }
        return next;
    }

    std::uint16_t begin_scan(LazyDfa& dfa) const {
        LazyDfa::Snapshot const initial = dfa.initial();
        std::uint16_t const state = dfa.intern(initial);
        return state == LazyDfa::kFull ? restart(dfa, initial) : state;
    }

    void mark_ahead(LazyDfaTables const& tables, LazyDfa& dfa, Text const& text,
                    Marks& marks) const {
        std::uint16_t state = begin_scan(dfa);
        for (std::size_t p = text.size();;) {
            Step const far = p > 0 ? text.before(p) : edge(tables);
            std::size_t const surrounding = tables.surrounding(far.class_id, mark_bits(tables, p));
            std::uint16_t const row = row_or_restart(dfa, state, surrounding);
            if (dfa.start_viable(row)) marks.set(p);
            if (p == 0) return;
            state = step_or_restart(dfa, state, row, surrounding, far.class_id);
            p -= far.size;
        }
    }

    void mark_behind(LazyDfaTables const& tables, LazyDfa& dfa, Text const& text,
                     Marks& marks) const {
        std::uint16_t state = begin_scan(dfa);
        for (std::size_t p = 0;;) {
            Step const far = p < text.size() ? text.after(p) : edge(tables);
            std::size_t const surrounding = tables.surrounding(far.class_id, mark_bits(tables, p));
            std::uint16_t const row = row_or_restart(dfa, state, surrounding);
            if (dfa.start_viable(row)) marks.set(p);
            if (p == text.size()) return;
            state = step_or_restart(dfa, state, row, surrounding, far.class_id);
            p += far.size;
        }
    }

    // Cuts the text into blocks, from its end, so that the states of each block fit into the cache
    // at once; leaves the rows of the first block in place.
    void scan_blocks(LazyDfaTables const& tables, Text const& text) {
        blocks_.clear();
        LazyDfa::Snapshot state = main_.initial();
        std::size_t end = text.size();
        do {
            Block block{end > kBlockBytes ? end - kBlockBytes : 0, end, std::move(state)};
            block.begin = scan(tables, text, block, state);
            end = block.begin;
            blocks_.push_back(std::move(block));
        } while (end > 0);
    }

    void rescan(LazyDfaTables const& tables, Text const& text, Block const& block) {
        LazyDfa::Snapshot state;
        if (scan(tables, text, block, state) == block.begin) return;
        // The block fitted into the cache, but not beside what else was there.
        main_.clear();
        scan(tables, text, block, state);
    }

    // Records the rows from block.end down to block.begin or the code point boundary below, or to
    // where the cache is full; returns that position, and the state there. Unless the text is
    // empty at least one code point is covered.
    std::size_t scan(LazyDfaTables const& tables, Text const& text, Block const& block,
                     LazyDfa::Snapshot& state_at_begin) {
        std::size_t begin = try_scan(tables, text, block, state_at_begin);
        if (begin == block.end && begin > block.begin) {
            main_.clear();
            begin = try_scan(tables, text, block, state_at_begin);
        }
        return begin;
    }

    std::size_t try_scan(LazyDfaTables const& tables, Text const& text, Block const& block,
                         LazyDfa::Snapshot& state_at_begin) {
        return tables.surroundings() == 1 ? try_scan_plain(text, block, state_at_begin)
                                          : try_scan_general(tables, text, block, state_at_begin);
    }

    // Where the state alone settles everything; nearly all patterns.
    std::size_t try_scan_plain(Text const& text, Block const& block,
                               LazyDfa::Snapshot& state_at_begin) {
        std::uint16_t row = main_.intern(block.state_at_end);
        if (row == LazyDfa::kFull) return block.end;
        std::size_t p = block.end;
        std::uint16_t* out = rows_.data();
        *out = row;
        while (p > block.begin) {
            Step const far = text.before(p);
            std::uint16_t const next = main_.step(row, far.class_id);
            if (next == LazyDfa::kFull) break;
            row = next;
            p -= far.size;
            out += far.size;
            *out = row;
        }
        state_at_begin = main_.snapshot(row);
        return p;
    }

    std::size_t try_scan_general(LazyDfaTables const& tables, Text const& text, Block const& block,
                                 LazyDfa::Snapshot& state_at_begin) {
        std::uint16_t state = main_.intern(block.state_at_end);
        if (state == LazyDfa::kFull) return block.end;
        std::uint16_t recorded = state;
        std::size_t begin = block.end;
        for (std::size_t p = block.end;;) {
            Step const far = p > 0 ? text.before(p) : edge(tables);
            std::size_t const surrounding = tables.surrounding(far.class_id, mark_bits(tables, p));
            std::uint16_t const row = main_.row(state, surrounding);
            if (row == LazyDfa::kFull) break;
            rows_[block.end - p] = row;
            begin = p;
            recorded = state;
            if (p <= block.begin) break;
            state = main_.step(row, far.class_id);
            if (state == LazyDfa::kFull) break;
            p -= far.size;
        }
        state_at_begin = main_.snapshot(recorded);
        return begin;
    }

    static Step edge(LazyDfaTables const& tables) {
        return {static_cast<std::uint16_t>(tables.class_count()), 0};
    }

    // Follows the preferred paths through the positions of the block; the last one of the text
    // belongs to the last block, any other end to the block after.
    void walk_block(Text const& text, Block const& block, Walk& walk, std::vector<Span>& matches) {
        std::size_t const stop = block.end == text.size() ? block.end + 1 : block.end;
        std::size_t const start_consumer = main_.start_consumer();
        std::size_t p = walk.position;
        std::size_t consumer = walk.begun ? walk.consumer : start_consumer;
        walk.begun = true;
        while (p < stop) {
            std::uint16_t const choice = main_.choose(rows_[block.end - p], consumer);
            if (choice < LazyDfa::kNoPath) {
                consumer = choice;
                p += text.size_after(p);
                continue;
            }
            consumer = start_consumer;
            if (choice == LazyDfa::kMatch) {
                bool const empty = p == walk.match_begin;
                // Neither engine's iterator gives an empty match right after another match.
                if (!empty || p != walk.last_end) matches.push_back({walk.match_begin, p});
                walk.last_end = p;
                if (!empty) {
                    walk.match_begin = p;
                    continue;
                }
            }
            p += p < text.size() ? text.size_after(p) : 1;
            walk.match_begin = p;
        }
        walk.position = p;
        walk.consumer = consumer;
    }

    std::vector<LazyDfa> looks_;
    LazyDfa main_;
    std::vector<Marks> marks_;
    std::vector<Block> blocks_;
    std::vector<std::uint16_t> rows_;  // [block.end - position]
};

class CompiledMatcher final : public Matcher {
 public:
    CompiledMatcher(std::string_view pattern, Dialect dialect) {
        NodePtr const tree = parse(pattern, dialect);
        refuse_quirks(*tree, dialect);
        compiled_.program = compile_program(rewrite(tree));
        for (Automaton const& look : compiled_.program.looks)
            compiled_.look_tables.emplace_back(look, compiled_.program);
        compiled_.main_tables.emplace_back(compiled_.program.main, compiled_.program);
    }
    CompiledMatcher(CompiledMatcher const&) = delete;
    CompiledMatcher& operator=(CompiledMatcher const&) = delete;
    ~CompiledMatcher() override {
        for (std::atomic<Scratch*>& slot : idle_) delete slot.load();
    }

    void find_all(std::string_view text, std::vector<Span>& matches) const override {
        std::unique_ptr<Scratch> scratch = borrow();
        scratch->find_all(compiled_, text, matches);
        give_back(std::move(scratch));
    }

 private:
    // No lock, so that neither threads nor a fork in the middle of a call can wait for each other.
    std::unique_ptr<Scratch> borrow() const {
        for (std::atomic<Scratch*>& slot : idle_)
            if (Scratch* const scratch = slot.exchange(nullptr, std::memory_order_acquire))
                return std::unique_ptr<Scratch>(scratch);
        return std::make_unique<Scratch>(compiled_);
    }

    void give_back(std::unique_ptr<Scratch> scratch) const {
        for (std::atomic<Scratch*>& slot : idle_) {
            Scratch* expected = nullptr;
            if (slot.compare_exchange_strong(expected, scratch.get(), std::memory_order_release,
                                             std::memory_order_relaxed)) {
                static_cast<void>(scratch.release());
                return;
            }
        }
    }

    Compiled compiled_;
    mutable std::array<std::atomic<Scratch*>, 16> idle_{};
};

}  // namespace

std::shared_ptr<Matcher const> Matcher::compile(std::string_view pattern, Dialect dialect) {
    return std::make_shared<CompiledMatcher const>(pattern, dialect);
}

}  // namespace tokmill::regex
