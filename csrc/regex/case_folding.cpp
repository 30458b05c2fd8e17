// Closure of sets under simple case folding, and the full foldings of CaseFolding.txt (status F).
#include "regex/case_folding.h"

#include <array>
#include <utility>
#include <vector>

#include "unicode/case_fold.h"

namespace tokmill::regex {

namespace {

struct Pair {
    std::uint16_t first;
    std::uint16_t second;
};

// Neighbours within the folded sequences, with the sequence's characters themselves folded.
constexpr std::array<Pair, 68> kMultiFoldPairs = {{
    {0x61, 0x2BE},   {0x66, 0x66},    {0x66, 0x69},    {0x66, 0x6C},    {0x68, 0x331},
    {0x69, 0x307},   {0x6A, 0x30C},   {0x73, 0x73},    {0x73, 0x74},    {0x74, 0x308},
    {0x77, 0x30A},   {0x79, 0x30A},   {0x2BC, 0x6E},   {0x308, 0x300},  {0x308, 0x301},
    {0x308, 0x342},  {0x313, 0x300},  {0x313, 0x301},  {0x313, 0x342},  {0x342, 0x3B9},
    {0x3AC, 0x3B9},  {0x3AE, 0x3B9},  {0x3B1, 0x342},  {0x3B1, 0x3B9},  {0x3B7, 0x342},
    {0x3B7, 0x3B9},  {0x3B9, 0x308},  {0x3B9, 0x342},  {0x3C1, 0x313},  {0x3C5, 0x308},
    {0x3C5, 0x313},  {0x3C5, 0x342},  {0x3C9, 0x342},  {0x3C9, 0x3B9},  {0x3CE, 0x3B9},
    {0x565, 0x582},  {0x574, 0x565},  {0x574, 0x56B},  {0x574, 0x56D},  {0x574, 0x576},
    {0x57E, 0x576},  {0x1F00, 0x3B9}, {0x1F01, 0x3B9}, {0x1F02, 0x3B9}, {0x1F03, 0x3B9},
    {0x1F04, 0x3B9}, {0x1F05, 0x3B9}, {0x1F06, 0x3B9}, {0x1F07, 0x3B9}, {0x1F20, 0x3B9},
    {0x1F21, 0x3B9}, {0x1F22, 0x3B9}, {0x1F23, 0x3B9}, {0x1F24, 0x3B9}, {0x1F25, 0x3B9},
    {0x1F26, 0x3B9}, {0x1F27, 0x3B9}, {0x1F60, 0x3B9}, {0x1F61, 0x3B9}, {0x1F62, 0x3B9},
    {0x1F63, 0x3B9}, {0x1F64, 0x3B9}, {0x1F65, 0x3B9}, {0x1F66, 0x3B9}, {0x1F67, 0x3B9},
    {0x1F70, 0x3B9}, {0x1F74, 0x3B9}, {0x1F7C, 0x3B9},
}};

// Every code point that has case at all lies below this.
constexpr std::uint32_t kCasedEnd = 0x1F000;

// (code point, its equivalents) of all code points that have any; built once.
struct Equivalents {
    std::uint32_t code_point;
    std::vector<std::uint32_t> others;
};

std::vector<Equivalents> const& all_equivalents() {
    static std::vector<Equivalents> const table = [] {
        std::vector<Equivalents> result;
        std::vector<std::uint32_t> others;
        for (std::uint32_t cp = 0; cp < kCasedEnd; ++cp) {
            others.clear();
            unicode::case_equivalents(cp, others);
            if (!others.empty()) result.push_back({cp, others});
        }
        return result;
    }();
    return table;
}

}  // namespace

CodePointSet close_under_case(CodePointSet const& set) {
    std::vector<CodePointRange> ranges = set.ranges();
    if (set.size() == 1) {
        std::vector<std::uint32_t> others;
        unicode::case_equivalents(set.ranges()[0].first, others);
        for (std::uint32_t cp : others) ranges.push_back({cp, cp});
        return CodePointSet(std::move(ranges));
    }
    for (Equivalents const& entry : all_equivalents())
        if (set.contains(entry.code_point))
            for (std::uint32_t cp : entry.others) ranges.push_back({cp, cp});
    return CodePointSet(std::move(ranges));
}

CodePointSet const& multi_fold_sources() {
    static CodePointSet const sources({
        {0xDF, 0xDF},     {0x130, 0x130},   {0x149, 0x149},   {0x1F0, 0x1F0},   {0x390, 0x390},
        {0x3B0, 0x3B0},   {0x587, 0x587},   {0x1E96, 0x1E9A}, {0x1E9E, 0x1E9E}, {0x1F50, 0x1F50},
        {0x1F52, 0x1F52}, {0x1F54, 0x1F54}, {0x1F56, 0x1F56}, {0x1F80, 0x1FAF}, {0x1FB2, 0x1FB4},
        {0x1FB6, 0x1FB7}, {0x1FBC, 0x1FBC}, {0x1FC2, 0x1FC4}, {0x1FC6, 0x1FC7}, {0x1FCC, 0x1FCC},
        {0x1FD2, 0x1FD3}, {0x1FD6, 0x1FD7}, {0x1FE2, 0x1FE4}, {0x1FE6, 0x1FE7}, {0x1FF2, 0x1FF4},
        {0x1FF6, 0x1FF7}, {0x1FFC, 0x1FFC}, {0xFB00, 0xFB06}, {0xFB13, 0xFB17},
    });
    return sources;
}

bool may_spell_multi_fold(CodePointSet const& a, CodePointSet const& b) {
    for (Pair pair : kMultiFoldPairs)
        if (a.contains(pair.first) && b.contains(pair.second)) return true;
    return false;
}

}  // namespace tokmill::regex
