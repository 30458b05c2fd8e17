// Case-insensitive classes as rings: each member names the next one of its class.
#include "unicode/case_fold.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace tokmill::unicode {

namespace {

// One member of a class: its distance from the member before in the table, which is sorted by code
// point, and from there the distance to the next member of the class (the last leads to the first).
struct Step {
    std::int32_t gap;
    std::int32_t to_next;
};

#include "unicode/case_folds.inc"

struct Member {
    std::uint32_t code_point;
    std::uint32_t next;
};

constexpr std::array<Member, std::size(kSteps)> unpack_members() {
    std::array<Member, std::size(kSteps)> members{};
    std::int32_t code_point = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        code_point += kSteps[i].gap;
        members[i] = {static_cast<std::uint32_t>(code_point),
                      static_cast<std::uint32_t>(code_point + kSteps[i].to_next)};
    }
    return members;
}

constexpr auto kMembers = unpack_members();

Member const* find_member(std::uint32_t code_point) {
    auto const* found = std::ranges::lower_bound(kMembers, code_point, {}, &Member::code_point);
    bool const exists = found != kMembers.end() && found->code_point == code_point;
    return exists ? found : nullptr;
}

}  // namespace

void case_equivalents(std::uint32_t code_point, std::vector<std::uint32_t>& out) {
    Member const* member = find_member(code_point);
    if (member == nullptr) return;
    while (member->next != code_point) {
        out.push_back(member->next);
        member = find_member(member->next);
    }
}

std::span<MultiCharacterFold const> multi_character_folds() {
    return kMultiCharacterFolds;
}

}  // namespace tokmill::unicode
