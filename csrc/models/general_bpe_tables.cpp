#include "models/general_bpe_tables.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

namespace {

constexpr std::size_t kMaxMerges = std::size_t{1} << 22;  // what a PairTable can rank

// Looks up the three tokens of each merge, many at a time, so that the cache misses overlap.
class MergeLookup {
 public:
    MergeLookup(TokenVocabulary const& vocabulary, std::size_t prefix_size,
                std::vector<GeneralBpeTables::Merge>& merges)
        : vocabulary_(vocabulary), prefix_size_(prefix_size), merges_(merges) {}

    void add(GeneralBpe::MergeText const& merge) {
        PieceIndex const& index = vocabulary_.index();
        Pending& pending = pending_[count_++];
        pending.left = index.probe(merge.first);
        pending.right = index.probe(merge.second);
        pending.has_result = merge.second.size() >= prefix_size_;
        if (pending.has_result) {
            auto const suffix =
                prefix_size_ == 0 ? pending.right : index.probe(merge.second.substr(prefix_size_));
            pending.joined.resize(merge.first.size() + suffix.key.size());
            pending.result = index.probe_joined(pending.left, suffix, pending.joined.data());
            index.prefetch(pending.result);
        }
        index.prefetch(pending.left);
        index.prefetch(pending.right);
        if (count_ == kBatch) flush();
    }

    void flush() {
        PieceIndex const& index = vocabulary_.index();
        auto const for_each_probe = [&](auto const& action) {
            for (std::size_t i = 0; i < count_; ++i) {
                action(pending_[i].left);
                action(pending_[i].right);
                if (pending_[i].has_result) action(pending_[i].result);
            }
        };
        for_each_probe([&](PieceIndex::Probe const& probe) { index.prefetch_key(probe); });
        for_each_probe([&](PieceIndex::Probe const& probe) { index.prefetch_bytes(probe); });
        for (std::size_t i = 0; i < count_; ++i) {
            Pending const& merge = pending_[i];
            std::uint32_t const left = index.find(merge.left);
            if (left == PieceIndex::kMissing) fail(merge.left.key);
            std::uint32_t const right = index.find(merge.right);
            if (right == PieceIndex::kMissing) fail(merge.right.key);
            std::uint32_t const result =
                merge.has_result ? index.find(merge.result) : PieceIndex::kMissing;
            if (result == PieceIndex::kMissing) fail_to_join(merge);
            merges_.push_back({vocabulary_.representative(left), vocabulary_.representative(right),
                               vocabulary_.representative(result)});
        }
        count_ = 0;
    }

 private:
    static constexpr std::size_t kBatch = 32;

    struct Pending {
        PieceIndex::Probe left, right, result;
        std::vector<char> joined;  // the bytes of `result`, if they are needed
        bool has_result;           // the right part is not shorter than the prefix
    };

    [[noreturn]] static void fail(std::string_view token) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "Token `" + std::string(token) + "` out of vocabulary");
    }

    // A result that cannot be a token, being longer than all of them or without its prefix, is not
    // an error of the file for tokenizers but a crash.
    [[noreturn]] void fail_to_join(Pending const& merge) const {
        if (merge.has_result && merge.result.key.size() <= vocabulary_.largest_text()) {
            std::string joined(merge.left.key);
            fail(joined.append(merge.right.key.substr(prefix_size_)));
        }
        throw Error(ErrorKind::unsupported_tokenizer,
                    "model BPE with the impossible merge `" + std::string(merge.left.key) + "` `" +
                        std::string(merge.right.key) + "` is not supported");
    }

    TokenVocabulary const& vocabulary_;
    std::size_t prefix_size_;
    std::vector<GeneralBpeTables::Merge>& merges_;
    Pending pending_[kBatch];
    std::size_t count_ = 0;
};

}  // namespace

GeneralBpeTables::GeneralBpeTables(std::vector<TokenVocabulary::Item> items,
                                   std::span<GeneralBpe::MergeText const> merges,
                                   std::size_t prefix_size)
    : vocabulary_(std::move(items)),
      joins_texts_(prefix_size == 0),
      merge_symbols_(simd::symbol_merger(simd::active_isa())) {
    if (vocabulary_.size() >= kMaxSymbols || merges.size() >= kMaxMerges) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "model BPE with more than two million tokens or four million merges");
    }
    add_merges(merges, prefix_size);
    index_merges();
    find_characters();
    find_bytes();
}

void GeneralBpeTables::add_merges(std::span<GeneralBpe::MergeText const> merges,
                                  std::size_t prefix_size) {
    merges_.reserve(merges.size());
    MergeLookup lookup(vocabulary_, prefix_size, merges_);
    for (GeneralBpe::MergeText const& merge : merges) lookup.add(merge);
    lookup.flush();
}

void GeneralBpeTables::index_merges() {
    std::vector<PairTable::Entry> entries(merges_.size());
    std::vector<std::uint32_t> results(merges_.size());
    in_merges_.assign(vocabulary_.size() / 64 + 1, 0);
    for (std::size_t rank = 0; rank < merges_.size(); ++rank) {
        Merge const& merge = merges_[rank];
        entries[rank] = {merge.left, merge.right, static_cast<std::uint32_t>(rank)};
        results[rank] = merge.result;
        for (std::uint32_t const symbol : {merge.left, merge.right}) {
            in_merges_[symbol >> 6] |= std::uint64_t{1} << (symbol & 63);
        }
    }
    pairs_ = PairTable(entries, std::move(results));
    for (std::uint32_t entry = 0; joins_texts_ && entry < vocabulary_.size(); ++entry) {
        joins_texts_ = vocabulary_.representative(entry) == entry;
    }
}

bool GeneralBpeTables::has_duplicate_merges() const noexcept {
    auto const& slots = pairs_.slots();
    auto const free = std::count(slots.begin(), slots.end(), PairTable::kFreeSlot);
    return slots.size() - static_cast<std::size_t>(free) != merges_.size();
}

bool GeneralBpeTables::bytes_merge() const noexcept {
    return std::any_of(std::begin(bytes_), std::end(bytes_), [&](std::uint32_t symbol) {
        return symbol != kMissing && merges_with_some(symbol);
    });
}

void GeneralBpeTables::find_characters() {
    constexpr std::size_t kPage = 256;
    pages_.assign(0x110000 / kPage, 0);
    characters_.assign(kPage, kMissing);
    for (std::uint32_t entry = 0; entry < vocabulary_.size(); ++entry) {
        std::string_view const text = vocabulary_.text(entry);
        if (text.empty() || text.size() > 4) continue;
        DecodedChar const first = decode_char(reinterpret_cast<unsigned char const*>(text.data()));
        if (first.size != text.size()) continue;
        std::uint16_t& page = pages_[first.code_point / kPage];
        if (page == 0) {
            page = static_cast<std::uint16_t>(characters_.size() / kPage);
            characters_.resize(characters_.size() + kPage, kMissing);
        }
        characters_[page * kPage + first.code_point % kPage] = vocabulary_.representative(entry);
    }
}

void GeneralBpeTables::find_bytes() {
    constexpr char kDigits[] = "0123456789ABCDEF";
    char text[] = "<0x00>";
    for (unsigned byte = 0; byte < 256; ++byte) {
        text[3] = kDigits[byte >> 4];
        text[4] = kDigits[byte & 15];
        bytes_[byte] = symbol({text, 6});
    }
}

}  // namespace tokmill::stages
