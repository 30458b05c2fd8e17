// Numbers tuples of integers in the order in which they are met.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tokmill::bytelm {

class TupleNumbering {
 public:
    using Tuple = std::vector<std::uint32_t>;

    std::uint32_t number(Tuple const& tuple) {
        std::string key(tuple.size() * sizeof(std::uint32_t), '\0');
        if (!tuple.empty()) std::memcpy(key.data(), tuple.data(), key.size());
        auto const [found, inserted] =
            numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(tuples_.size()));
        if (inserted) tuples_.push_back(tuple);
        return found->second;
    }
    std::size_t count() const noexcept { return tuples_.size(); }
    // The reference stays valid when tuples are added.
    Tuple const& operator[](std::uint32_t number) const noexcept { return tuples_[number]; }

 private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::deque<Tuple> tuples_;
};

}  // namespace tokmill::bytelm
