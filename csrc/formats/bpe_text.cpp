// Text vocabulary and merges to a BpeModel. The merges are most of the work of loading a file:
// three lookups each, made in batches so that their cache misses overlap.
#include "formats/bpe_text.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "core/byte_alphabet.h"

namespace tokmill {

TextVocabulary::TextVocabulary(std::vector<std::string_view> keys, std::vector<std::uint32_t> ids,
                               Complaint const& complain)
    : keys_(std::move(keys)), ids_(std::move(ids)), index_(keys_) {
    if (index_.has_duplicates()) keep_last_of_equal_keys();
    check_ids(complain);
}

void TextVocabulary::keep_last_of_equal_keys() {
    std::vector<bool> live(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) live[i] = index_.find(keys_[i]) == i;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (!live[i]) continue;
        keys_[kept] = keys_[i];
        ids_[kept++] = ids_[i];
    }
    keys_.resize(kept);
    ids_.resize(kept);
    index_ = PieceIndex(keys_);
}

// tokenizers decodes an id that two tokens share to either of them, at random.
void TextVocabulary::check_ids(Complaint const& complain) const {
    if (ids_.empty()) return;
    std::uint32_t const largest = *std::max_element(ids_.begin(), ids_.end());
    if (largest >= kIdLimit) {
        complain(kNoPosition, "token id " + std::to_string(largest) + " is out of range");
    }
    std::vector<std::uint32_t> owner(largest + 1, PieceIndex::kMissing);
    for (std::uint32_t entry = 0; entry < ids_.size(); ++entry) {
        std::uint32_t& first = owner[ids_[entry]];
        if (first != PieceIndex::kMissing) {
            complain(kNoPosition, "tokens `" + std::string(keys_[first]) + "` and `" +
                                      std::string(keys_[entry]) + "` have the same id " +
                                      std::to_string(ids_[entry]));
        }
        first = entry;
    }
}

void TextVocabulary::fill(BpeModel& model) const {
    model.vocabulary.reserve(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        std::optional<std::string> bytes = undo_byte_alphabet(keys_[i]);
        // The empty text is no token either: merging starts from single bytes.
        if (bytes && !bytes->empty()) {
            model.vocabulary.emplace_back(std::move(*bytes), ids_[i]);
        } else {
            model.unreachable.emplace_back(keys_[i], ids_[i]);
        }
    }
    auto const by_id = [](auto const& a, auto const& b) { return a.second < b.second; };
    for (auto* entries : {&model.vocabulary, &model.unreachable}) {
        if (!std::is_sorted(entries->begin(), entries->end(), by_id)) {
            std::sort(entries->begin(), entries->end(), by_id);
        }
    }
}

MergeReader::MergeReader(TextVocabulary const& vocabulary, Complaint const& complain)
    : vocabulary_(vocabulary), complain_(complain), latest_(vocabulary.size(), kNone) {}

void MergeReader::add(std::string_view left, std::string_view right, std::size_t position) {
    Pending& merge = pending_[pending_count_++];
    PieceIndex const& index = vocabulary_.index();
    merge.left = index.probe(left);
    merge.right = index.probe(right);
    std::size_t const room = left.size() + right.size() + 1;
    if (merge.joined.size() < room) merge.joined.resize(2 * room);
    merge.merged = index.probe_joined(merge.left, merge.right, merge.joined.data());
    merge.position = position;
    index.prefetch(merge.left);
    index.prefetch(merge.right);
    index.prefetch(merge.merged);
    if (pending_count_ == kBatch) flush();
}

std::uint32_t MergeReader::look_up(Pending const& merge, PieceIndex::Probe const& probe) const {
    std::uint32_t const entry = vocabulary_.index().find(probe);
    if (entry == PieceIndex::kMissing) {
        std::string const token = &probe == &merge.merged
                                      ? std::string(merge.left.key) + std::string(merge.right.key)
                                      : std::string(probe.key);
        complain_(merge.position, "merges: token `" + token + "` is not in the vocabulary");
    }
    return entry;
}

void MergeReader::flush() {
    PieceIndex const& index = vocabulary_.index();
    auto const for_each_probe = [&](auto const& action) {
        for (std::size_t i = 0; i < pending_count_; ++i) {
            action(pending_[i].left);
            action(pending_[i].right);
            action(pending_[i].merged);
        }
    };
    for_each_probe([&](PieceIndex::Probe const& probe) { index.prefetch_key(probe); });
    for_each_probe([&](PieceIndex::Probe const& probe) { index.prefetch_bytes(probe); });
    for (std::size_t i = 0; i < pending_count_; ++i) {
        Pending const& merge = pending_[i];
        std::uint32_t const left = look_up(merge, merge.left);
        std::uint32_t const right = look_up(merge, merge.right);
        std::uint32_t const merged = look_up(merge, merge.merged);
        // A chain cannot get longer than the token, because each split stands in it once.
        std::uint32_t* link = &latest_[merged];
        while (*link != kNone && merges_[*link].left != left) link = &previous_[*link];
        if (*link != kNone) {
            merges_[*link].merged = kNone;
            *link = previous_[*link];
            has_repeated_ = true;
        }
        previous_.push_back(latest_[merged]);
        latest_[merged] = static_cast<std::uint32_t>(merges_.size());
        merges_.push_back({left, right, merged});
    }
    pending_count_ = 0;
}

std::vector<Merge> MergeReader::finish() {
    flush();
    if (has_repeated_) {
        std::erase_if(merges_, [](Merge const& merge) { return merge.merged == kNone; });
    }
    for (Merge& merge : merges_) {
        merge = {vocabulary_.id(merge.left), vocabulary_.id(merge.right),
                 vocabulary_.id(merge.merged)};
    }
    return std::move(merges_);
}

bool has_every_byte(BpeModel const& model) {
    // Bytes and tokens are unique.
    return std::count_if(model.vocabulary.begin(), model.vocabulary.end(),
                         [](auto const& entry) { return entry.first.size() == 1; }) == 256;
}

bool drop_idle_merges(BpeModel& model) {
    if (model.unreachable.empty()) return true;
    std::vector<bool> idle(model.unreachable.back().second + 1u);  // sorted by id
    for (auto const& entry : model.unreachable) idle[entry.second] = true;
    auto const is_idle = [&](std::uint32_t id) { return id < idle.size() && idle[id]; };
    bool const unk_is_idle = model.unk_id && is_idle(*model.unk_id);
    bool merges_unk = false;
    std::erase_if(model.merges, [&](Merge const& merge) {
        merges_unk |= unk_is_idle && (merge.left == *model.unk_id || merge.right == *model.unk_id);
        return is_idle(merge.left) || is_idle(merge.right);
    });
    return !merges_unk;
}

void add_merge_line(MergeReader& merges, std::string_view line, std::size_t number,
                    std::size_t position, Complaint const& complain) {
    std::size_t const space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
        complain(position, "merges: entry " + std::to_string(number) + " `" + std::string(line) +
                               "` is not two tokens with one space between them");
    }
    merges.add(line.substr(0, space), line.substr(space + 1), position);
}

}  // namespace tokmill
