// A sweep over the boundaries of all sets.
#include "regex/alphabet.h"

#include <algorithm>
#include <map>

namespace tokmill::regex {

namespace {

constexpr std::uint32_t kNoPage = 0xFFFFFFFF;

// Where a set's membership changes: at `code_point` it becomes the opposite.
struct Change {
    std::uint32_t code_point;
    std::uint32_t set;
};

std::vector<Change> changes_of(std::vector<CodePointSet> const& sets) {
    std::vector<Change> changes;
    for (std::uint32_t s = 0; s < sets.size(); ++s)
        for (CodePointRange range : sets[s].ranges()) {
            changes.push_back({range.first, s});
            changes.push_back({range.last + 1, s});
        }
    std::sort(changes.begin(), changes.end(),
              [](Change a, Change b) { return a.code_point < b.code_point; });
    return changes;
}

}  // namespace

Alphabet::Alphabet(std::vector<CodePointSet> const& sets) {
    page_of_.assign((kLastCodePoint >> 8) + 1, 0);
    std::vector<Change> const changes = changes_of(sets);
    std::map<std::vector<bool>, std::uint16_t> ids;
    std::vector<bool> member(sets.size());
    std::size_t next = 0;
    for (std::uint32_t first = 0; first <= kLastCodePoint;) {
        for (; next < changes.size() && changes[next].code_point == first; ++next)
            member[changes[next].set].flip();
        std::uint32_t const end =
            next < changes.size() ? changes[next].code_point : kLastCodePoint + 1;
        // Surrogates never occur: they must not look like a class of their own.
        std::uint16_t class_id = 0;
        if (first < kFirstSurrogate || end > kLastSurrogate + 1) {
            auto const [found, inserted] =
                ids.try_emplace(member, static_cast<std::uint16_t>(member_of_.size()));
            if (inserted) {
                member_of_.push_back(member);
                uniform_page_of_.push_back(kNoPage);
            }
            class_id = found->second;
        }
        add_range(first, end - 1, class_id);
        first = end;
    }
    for (std::size_t byte = 0; byte < ascii_.size(); ++byte)
        ascii_[byte] = class_of(static_cast<std::uint32_t>(byte));
}

// Ranges come in ascending order, so the page that a range begins in the middle of is the last one.
void Alphabet::add_range(std::uint32_t first, std::uint32_t last, std::uint16_t class_id) {
    while (first <= last) {
        std::uint32_t const page = first >> 8;
        std::uint32_t const page_last = page << 8 | 0xFF;
        if ((first & 0xFF) == 0 && last >= page_last) {
            page_of_[page] = uniform_page(class_id);
        } else {
            if ((first & 0xFF) == 0) {
                page_of_[page] = static_cast<std::uint16_t>(pages_.size() >> 8);
                pages_.resize(pages_.size() + 256, class_id);
            }
            std::size_t const base = std::size_t{page_of_[page]} << 8;
            for (std::uint32_t cp = first; cp <= std::min(last, page_last); ++cp)
                pages_[base | (cp & 0xFF)] = class_id;
        }
        first = page_last + 1;
    }
}

std::uint16_t Alphabet::uniform_page(std::uint16_t class_id) {
    std::uint32_t& page = uniform_page_of_[class_id];
    if (page == kNoPage) {
        page = static_cast<std::uint32_t>(pages_.size() >> 8);
        pages_.resize(pages_.size() + 256, class_id);
    }
    return static_cast<std::uint16_t>(page);
}

}  // namespace tokmill::regex
