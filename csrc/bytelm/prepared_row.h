// One next-token distribution, made ready for sums over ranges of the sorted vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "bytelm/byte_vocabulary.h"
#include "bytelm/token_set.h"

namespace tokmill::bytelm {

// What a row of a model holds.
enum class RowKind : std::uint8_t {
    // Logits if a number is positive, log-probabilities otherwise.
    automatic,
    log_probabilities,
    logits,
};

// What happens to the mass of tokens that stand for no bytes and do not end the text.
enum class SpecialRule : std::uint8_t {
    end,     // they end the text, too
    forbid,  // the row is renormalized without them
    other,   // an outcome of its own
};

// Memory for the weights of rows. Rows come and go one for one, and fresh pages from the system
// cost as much as half of what is done with them. For several threads.
class WeightBuffers {
 public:
    explicit WeightBuffers(std::size_t places) : places_(places) { free_.reserve(kMaxKept); }
    std::unique_ptr<double[]> take();
    void give_back(std::unique_ptr<double[]> buffer);

 private:
    static constexpr std::size_t kMaxKept = 8;
    std::size_t places_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<double[]>> free_;
};

// How the ids of a row are divided.
struct RowLayout {
    std::vector<std::uint32_t> end_ids;    // their mass is that of the end of the text
    std::vector<std::uint32_t> other_ids;  // theirs is reported on its own
    RowKind kind = RowKind::automatic;
    // Masked tokens give their mass to the others; otherwise it is lost (the leak).
    bool renormalize_masked = true;
    std::shared_ptr<WeightBuffers> buffers;
};

// One row as the model gave it: numbers for the ids 0, 1, ...; as many as ids, or more.
using RowValues = std::variant<std::span<float const>, std::span<double const>>;

class PreparedRow {
 public:
    // `allowed`: null if all tokens are. `number`: of the row in what the caller supplied, for
    // messages. Throws Error(invalid_input): too short, NaN, +infinity, no mass at all,
    // log-probabilities that do not sum to one. A row may have no mass on what is allowed: all
    // sums are then 0.
    PreparedRow(ByteVocabulary const& vocabulary, RowLayout const& layout, RowValues values,
                TokenSet const* allowed, bool may_end, std::size_t number);
    ~PreparedRow() { buffers_->give_back(std::move(weights_)); }
    PreparedRow(PreparedRow const&) = delete;
    PreparedRow& operator=(PreparedRow const&) = delete;

    // log of the probability of a range of places, -infinity if it is empty.
    double log_mass(std::uint32_t begin, std::uint32_t end) const;
    double log_token(std::uint32_t place) const;
    double log_end() const noexcept { return log_end_; }
    double log_other() const noexcept { return log_other_; }

 private:
    static constexpr std::size_t kBlock = 128;

    template <class Value>
    void fill(ByteVocabulary const& vocabulary, RowLayout const& layout,
              std::span<Value const> values, TokenSet const* allowed, bool may_end,
              std::size_t number);
    template <class Value>
    void find_faint(ByteVocabulary const& vocabulary, std::span<Value const> values, double top,
                    TokenSet const* allowed);
    double sum(std::uint32_t begin, std::uint32_t end) const noexcept;
    double log_faint(std::uint32_t begin, std::uint32_t end) const;

    // exp(value - top) of allowed places, 0 elsewhere. Additions only: differences of running sums
    // would lose small ranges.
    std::size_t places_ = 0;
    std::shared_ptr<WeightBuffers> buffers_;
    std::unique_ptr<double[]> weights_;
    std::vector<double> block_sums_;
    double log_total_ = 0;  // of the weights that probabilities are relative to
    double log_end_ = 0;
    double log_other_ = 0;
    // value - top of allowed places whose weight is too small for a double: (place, value).
    std::vector<std::pair<std::uint32_t, double>> faint_;
};

}  // namespace tokmill::bytelm
