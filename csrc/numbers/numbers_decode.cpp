// Ids to text: NumbersTokenizer.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "decoders/decode.h"
#include "numbers/number_stream.h"
#include "numbers/number_writer.h"
#include "numbers/numbers_tokenizer.h"
#include "pipeline/canonicalize.h"

namespace tokmill::numbers {
namespace {

// What a base that does not just join bytes decodes: each numeral has become a stand-in.
class Framed {
 public:
    explicit Framed(NumbersTokenizer const& tokenizer)
        : tokenizer_(tokenizer), writer_(tokenizer.vocabulary()) {}

    void add(std::span<std::uint32_t const> ids) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (auto const index = tokenizer_.index_of(ids[i])) {
                number(*index);
                continue;
            }
            finish_numeral();
            std::size_t const spelled = tokenizer_.segments().spells_stand_in(ids.subspan(i));
            if (spelled > 0) numerals_.push_back(tokenizer_.segments().stand_in());
            // The rest of what spells it cannot begin another one.
            for (std::size_t n = 0; n + 1 < spelled; ++n) base_ids_.push_back(ids[i++]);
            base_ids_.push_back(ids[i]);
        }
        finish_numeral();
    }

    // False if what the base makes of the ids does not hold the stand-ins that were put there.
    bool decode(bool skip_special_tokens, std::string& out) const {
        std::string text;
        tokenizer_.base().decode(base_ids_, skip_special_tokens, text);
        std::string_view const stand_in = tokenizer_.segments().stand_in();
        std::string result;
        std::size_t at = 0;
        for (std::string const& numeral : numerals_) {
            std::size_t const found = text.find(stand_in, at);
            if (found == std::string::npos) return false;
            result.append(text, at, found - at);
            result += numeral;
            at = found + stand_in.size();
        }
        if (text.find(stand_in, at) != std::string::npos) return false;
        result.append(text, at);
        out += result;
        return true;
    }

 private:
    void number(std::size_t index) {
        if (!in_numeral_ || !writer_.continues(index)) {
            finish_numeral();
            numerals_.emplace_back();
            auto const ids = tokenizer_.segments().stand_in_ids();
            base_ids_.insert(base_ids_.end(), ids.begin(), ids.end());
            in_numeral_ = true;
        }
        writer_.push(index, numerals_.back());
    }
    void finish_numeral() {
        if (in_numeral_) writer_.finish(numerals_.back());
        in_numeral_ = false;
    }

    NumbersTokenizer const& tokenizer_;
    NumberWriter writer_;
    bool in_numeral_ = false;
    std::vector<std::uint32_t> base_ids_;
    std::vector<std::string> numerals_;
};

}  // namespace

void NumbersTokenizer::check_known(std::span<std::uint32_t const> ids) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (table_.has(ids[i])) continue;
        throw Error(
            ErrorKind::unknown_token,
            "no token has the id " + std::to_string(ids[i]) + " (index " + std::to_string(i) + ")",
            i);
    }
}

void NumbersTokenizer::decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                              std::string& out) const {
    if (concatenates_) return decode_bytes(table_, ids, skip_special_tokens, out);
    check_known(ids);
    if (!segments_.stand_in().empty()) {
        Framed framed(*this);
        framed.add(ids);
        if (framed.decode(skip_special_tokens, out)) return;
    }
    // Run by run.
    NumberWriter writer(vocabulary_);
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= ids.size(); ++i) {
        auto const index = i < ids.size() ? index_of(ids[i]) : std::nullopt;
        if (i < ids.size() && !index) continue;
        if (begin < i) {
            writer.finish(out);
            base_->decode(ids.subspan(begin, i - begin), skip_special_tokens, out);
        }
        if (index) writer.push(*index, out);
        begin = i + 1;
    }
    writer.finish(out);
}

std::unique_ptr<TextStream> NumbersTokenizer::stream(bool skip_special_tokens) const {
    if (concatenates_) return std::make_unique<StreamDecoder>(table_, skip_special_tokens);
    return std::make_unique<NumberStream>(*this, skip_special_tokens);
}

void NumbersTokenizer::canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const {
    check_known(ids);
    auto const is_special = [&](std::uint32_t id) {
        return (table_.flags[id] & TokenTable::special) != 0;
    };
    canonicalize_between(*this, ids, is_special, out);
}

}  // namespace tokmill::numbers
