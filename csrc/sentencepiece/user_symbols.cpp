#include "sentencepiece/user_symbols.h"

#include <algorithm>
#include <utility>

namespace tokmill::sentencepiece {

UserSymbols::UserSymbols(std::vector<std::string_view> symbols) : count_(symbols.size()) {
    std::sort(symbols.begin(), symbols.end());
    std::vector<std::pair<std::string_view, std::uint32_t>> entries;
    for (std::string_view const symbol : symbols) {
        first_[static_cast<unsigned char>(symbol[0])] = true;
        entries.emplace_back(symbol, static_cast<std::uint32_t>(entries.size()));
    }
    trie_ = PieceTrie(entries);
}

}  // namespace tokmill::sentencepiece
