// A sweep over the boundaries of all sets.
#include "regex/alphabet.h"

#include <algorithm>
#include <map>

namespace tokmill::regex {

namespace {

constexpr std::uint32_t kNoPage = 0xFFFFFFFF;

std::vector<std::uint32_t> boundaries(std::vector<CodePointSet> const& sets) {
    std::vector<std::uint32_t> result = {0, kLastCodePoint + 1};
    for (CodePointSet const& set : sets)
        for (CodePointRange range : set.ranges()) {
            result.push_back(range.first);
            result.push_back(range.last + 1);
        }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

}  // namespace

Alphabet::Alphabet(std::vector<CodePointSet> const& sets) {
    page_of_.assign((kLastCodePoint >> 8) + 1, 0);
    std::vector<std::uint32_t> const cuts = boundaries(sets);
    std::vector<std::size_t> cursors(sets.size(), 0);
    std::map<std::vector<bool>, std::uint16_t> ids;
    std::vector<bool> signature(sets.size());
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        if (cuts[i] >= 0xD800 && cuts[i + 1] <= 0xE000) {
            // Surrogates never occur: they must not look like a class of their own.
            add_range(cuts[i], cuts[i + 1] - 1, 0);
            continue;
        }
        for (std::size_t s = 0; s < sets.size(); ++s) {
            auto const& ranges = sets[s].ranges();
            while (cursors[s] < ranges.size() && ranges[cursors[s]].last < cuts[i]) ++cursors[s];
            signature[s] = cursors[s] < ranges.size() && ranges[cursors[s]].first <= cuts[i];
        }
        auto const [found, inserted] =
            ids.try_emplace(signature, static_cast<std::uint16_t>(member_of_.size()));
        if (inserted) {
            member_of_.push_back(signature);
            uniform_page_of_.push_back(kNoPage);
        }
        add_range(cuts[i], cuts[i + 1] - 1, found->second);
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
