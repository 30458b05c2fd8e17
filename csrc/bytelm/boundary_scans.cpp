#include "bytelm/boundary_scans.h"

#include <utility>

#include "bytelm/boundary_nfa.h"

namespace tokmill::bytelm {

namespace {

using regex::LazyDfa;
using regex::LazyDfaTables;

// Guessed marks multiply the guesses.
constexpr std::size_t kMaxLooksBehind = 4;
// Characters scanned over. Patterns in use need some thousands.
constexpr std::size_t kMaxScanned = std::size_t{1} << 18;

std::uint16_t checked(std::uint16_t state_or_row) {
    if (state_or_row == LazyDfa::kFull) too_many_cuts();
    return state_or_row;
}

}  // namespace

BoundaryScans::BoundaryScans(regex::Program const& program)
    : edge_(program.alphabet.class_count()) {
    for (std::size_t i = 0; i < program.looks.size(); ++i) {
        tables_.emplace_back(program.looks[i], program);
        (program.looks[i].reversed ? behind_ : ahead_).push_back(i);
    }
    ahead_.push_back(program.looks.size());
    tables_.emplace_back(program.main, program);
    for (LazyDfaTables const& tables : tables_) scans_.emplace_back(tables);
    if (behind_.size() > kMaxLooksBehind) too_many_cuts();
}

TupleNumbering::Tuple BoundaryScans::initial(std::vector<std::size_t> const& scans) {
    TupleNumbering::Tuple states;
    for (std::size_t const i : scans)
        states.push_back(checked(scans_[i].intern(scans_[i].initial())));
    return states;
}

std::uint16_t BoundaryScans::row_at(std::size_t scan, std::uint32_t state, std::size_t far,
                                    Marks marks) {
    LazyDfaTables const& tables = tables_[scan];
    std::size_t bits = 0;
    for (std::size_t i = 0; i < tables.marks().size(); ++i)
        bits |= static_cast<std::size_t>(marks >> tables.marks()[i] & 1) << i;
    return checked(
        scans_[scan].row(static_cast<std::uint16_t>(state), tables.surrounding(far, bits)));
}

std::vector<BoundaryScans::Marks> BoundaryScans::behind_marks() const {
    std::vector<Marks> all{0};
    for (std::size_t const look : behind_) {
        for (std::size_t i = 0, n = all.size(); i < n; ++i)
            all.push_back(all[i] | Marks{1} << look);
    }
    return all;
}

// Inner look-arounds come first, so that their marks are there when they are asked for.
BoundaryScans::Settled BoundaryScans::settle(std::uint32_t ahead, std::size_t before,
                                             Marks behind_marks) {
    Settled settled{behind_marks, {}};
    TupleNumbering::Tuple const& states = ahead_tuples_[ahead];
    for (std::size_t i = 0; i < ahead_.size(); ++i) {
        std::size_t const scan = ahead_[i];
        std::uint16_t const row = row_at(scan, states[i], before, settled.marks);
        settled.rows.push_back(row);
        bool const is_look = i + 1 < ahead_.size();
        if (is_look && scans_[scan].start_viable(row)) settled.marks |= Marks{1} << scan;
    }
    return settled;
}

std::uint32_t BoundaryScans::scan_over(Settled const& settled, std::size_t before) {
    TupleNumbering::Tuple states;
    for (std::size_t i = 0; i < ahead_.size(); ++i)
        states.push_back(checked(scans_[ahead_[i]].step(settled.rows[i], before)));
    return ahead_tuples_.number(states);
}

bool BoundaryScans::verify_behind(std::uint32_t& behind, Marks marks, std::size_t next) {
    if (behind_.empty()) return true;
    TupleNumbering::Tuple states = behind_tuples_[behind];
    for (std::size_t i = 0; i < behind_.size(); ++i) {
        LazyDfa& scan = scans_[behind_[i]];
        std::uint16_t const row = row_at(behind_[i], states[i], next, marks);
        if (scan.start_viable(row) != static_cast<bool>(marks >> behind_[i] & 1)) return false;
        if (next != edge_) states[i] = checked(scan.step(row, next));
    }
    behind = behind_tuples_.number(states);
    return true;
}

BoundaryGuesses::BoundaryGuesses(BoundaryScans& scans) : classes_(scans.edge()) {
    scans.initial_ahead();
    std::vector<BoundaryScans::Marks> const behind_marks = scans.behind_marks();
    std::size_t scanned = 0;
    for (std::uint32_t ahead = 0; ahead < scans.ahead_count(); ++ahead) {
        for (BoundaryScans::Marks const marks : behind_marks) {
            for (std::size_t c = 0; c < classes_; ++c) {
                if (++scanned > kMaxScanned) too_many_cuts();
                BoundaryScans::Settled settled = scans.settle(ahead, c, marks);
                std::size_t const at = scans.scan_over(settled, c) * classes_ + c;
                if (at >= behind_.size()) behind_.resize(scans.ahead_count() * classes_);
                behind_[at].push_back({ahead, std::move(settled)});
            }
            at_start_.push_back({ahead, scans.settle(ahead, scans.edge(), marks)});
        }
    }
    behind_.resize(scans.ahead_count() * classes_);
}

}  // namespace tokmill::bytelm
