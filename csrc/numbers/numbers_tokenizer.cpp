#include "numbers/numbers_tokenizer.h"

#include <algorithm>
#include <cstdio>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/sha256.h"
#include "core/utf8_decode.h"
#include "numbers/envelope.h"
#include "pipeline/general_tokenizer.h"

namespace tokmill::numbers {
namespace {

constexpr std::size_t kPadding = 64;  // of TokenTable::pool
constexpr std::size_t kMaxIds = std::size_t{1} << 28;
// Around the names of number tokens, so that "345" and "12k" of the base are other tokens.
constexpr std::string_view kOpen = "\u27E8";
constexpr std::string_view kClose = "\u27E9";

bool has_magnitudes(Scheme const& scheme) {
    return scheme.policy == Policy::triadic || scheme.policy == Policy::regression;
}

std::string code_point_name(std::string const& character) {
    char name[16];
    auto const* const bytes = reinterpret_cast<unsigned char const*>(character.data());
    std::snprintf(name, sizeof name, "U+%04X", unsigned{decode_char(bytes).code_point});
    return name;
}

}  // namespace

NumbersTokenizer::NumbersTokenizer(std::shared_ptr<Tokenizer const> base, Scheme scheme,
                                   AttachOptions const& options)
    : base_(std::move(base)),
      scheme_((check(scheme), std::move(scheme))),
      segments_((check_base(), base_)),
      grammar_(scheme_),
      passage_ends_(scheme_),
      number_cuts_(scheme_),
      cutter_(scheme_),
      vocabulary_(scheme_),
      special_digits_(*base_),
      gap_ids_(segments_, special_digits_),
      units_from_base_(options.units_from_base) {
    map_ids(options);
    head_ = base_->head();
    head_.format += " with numbers";
    make_table();
    make_easy_ids();
    concatenates_ = base_->decodes_by_concatenation() && writes_own_bytes();
}

void NumbersTokenizer::check_base() const {
    if (dynamic_cast<NumbersTokenizer const*>(base_.get()) != nullptr) {
        throw Error(ErrorKind::unsupported_tokenizer, "the tokenizer has a digit scheme already");
    }
    auto const* const general = dynamic_cast<GeneralTokenizer const*>(base_.get());
    if (general == nullptr) return;
    auto const& pipeline = general->pipeline();
    if (pipeline.post_processor() && pipeline.surroundings() == nullptr) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "numbers: a post-processor that does more than put tokens around a text");
    }
}

std::optional<std::uint32_t> NumbersTokenizer::base_id(std::string const& digits) const {
    EncodeOptions options;
    options.add_special_tokens = false;
    options.special = SpecialPolicy::text;
    IdBuffer ids;
    segments_.encode(Segment{digits, 0, false, false, true}, options, ids);
    if (ids.size() != 1) return std::nullopt;
    std::uint32_t const id = *ids.data();
    // WordPiece has other tokens for the middle of a word.
    bool const is_they = base_->tokens().bytes(id) == digits && base_->token_name(id) == digits;
    return is_they ? std::optional(id) : std::nullopt;
}

void NumbersTokenizer::map_ids(AttachOptions const& options) {
    auto const base_size = static_cast<std::uint32_t>(base_->vocab_size());
    first_id_ = options.first_id.value_or(base_size);
    if (first_id_ < base_size) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "first_id: " + std::to_string(first_id_) +
                        " would collide with the base tokenizer, whose ids end at " +
                        std::to_string(base_size));
    }
    bool const all_new = has_magnitudes(scheme_) && !units_from_base_;
    for (std::uint32_t index = 0; index < vocabulary_.size(); ++index) {
        NumberToken const& token = vocabulary_[index];
        bool const may_be_of_base = !all_new && (token.part == Part::digits ||
                                                 (token.part == Part::integer && token.place == 0 &&
                                                  scheme_.policy == Policy::triadic));
        std::optional<std::uint32_t> id;
        if (may_be_of_base) id = base_id(token.digits);
        if (id) {
            base_indices_.resize(base_size, -1);
            base_indices_[*id] = static_cast<std::int32_t>(index);
        } else {
            id = first_id_ + static_cast<std::uint32_t>(new_indices_.size());
            new_indices_.push_back(index);
        }
        if (!all_new) ids_.push_back(*id);
    }
    if (first_id_ + new_indices_.size() > kMaxIds) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "first_id: ids would exceed " + std::to_string(kMaxIds));
    }
}

void NumbersTokenizer::make_table() {
    TokenTable const& base = base_->tokens();
    std::size_t const end = base.offset.back();
    table_.pool.assign(base.pool, 0, end);
    table_.offset.assign(base.offset.begin(), base.offset.end() - 1);
    table_.flags = base.flags;
    table_.offset.resize(first_id_, static_cast<std::uint32_t>(end));
    table_.flags.resize(first_id_, 0);
    std::unordered_set<std::string> names;
    for (std::uint32_t const index : new_indices_) {
        table_.offset.push_back(static_cast<std::uint32_t>(table_.pool.size()));
        table_.flags.push_back(TokenTable::present);
        table_.pool += vocabulary_.bytes(index);
        names.insert(std::string(kOpen) + vocabulary_.name(index) + std::string(kClose));
    }
    if (table_.pool.size() > UINT32_MAX - kPadding) {
        throw Error(ErrorKind::unsupported_tokenizer, "vocabulary of more than 4 GiB");
    }
    table_.offset.push_back(static_cast<std::uint32_t>(table_.pool.size()));
    table_.pool.append(kPadding, '\0');
    for (std::uint32_t id = 0; id < base.size(); ++id) {
        if (!base.has(id) || !base.bytes(id).starts_with(kOpen)) continue;
        if (!names.contains(std::string(base.bytes(id)))) continue;
        throw Error(
            ErrorKind::unsupported_tokenizer,
            "numbers: the base tokenizer has a token called " + std::string(base.bytes(id)));
    }
}

void NumbersTokenizer::make_easy_ids() {
    std::uint32_t const point = gap_ids_.character(scheme_.point);
    bool const apply = grammar_.easy_rules().apply && id_map() == nullptr &&
                       point != GapIds::kNoId && !segments_.may_join();
    if (apply) easy_ids_.emplace(vocabulary_, first_id_, point);
}

std::optional<std::size_t> NumbersTokenizer::index_of(std::uint32_t id) const noexcept {
    if (is_new(id)) return new_indices_[id - first_id_];
    if (id < base_indices_.size() && base_indices_[id] >= 0) {
        return static_cast<std::size_t>(base_indices_[id]);
    }
    return std::nullopt;
}

// --- vocabulary ----------------------------------------------------------------------------------

std::string NumbersTokenizer::token_name(std::uint32_t id) const {
    if (!is_new(id)) return base_->token_name(id);
    std::string name(kOpen);
    name += vocabulary_.name(new_indices_[id - first_id_]);
    name += kClose;
    return name;
}

std::optional<std::uint32_t> NumbersTokenizer::find_name(std::string_view name) const {
    if (name.starts_with(kOpen)) {
        auto const& names = names_.get([this] {
            std::unordered_map<std::string, std::uint32_t> made;
            for (std::uint32_t i = 0; i < new_indices_.size(); ++i) {
                made.emplace(token_name(first_id_ + i), first_id_ + i);
            }
            return made;
        });
        auto const found = names.find(std::string(name));
        if (found != names.end()) return found->second;
    }
    return base_->find_name(name);
}

std::optional<std::uint32_t> NumbersTokenizer::find_token(std::string_view bytes) const {
    // Many number tokens have the same bytes: they are found by name only.
    return base_->find_token(bytes);
}

// --- the tokenizer as a value
// ----------------------------------------------------------------------

std::string NumbersTokenizer::snapshot() const {
    throw Error(ErrorKind::unsupported_tokenizer,
                "snapshots do not hold digit schemes; save() writes a file that loads quickly");
}

std::string NumbersTokenizer::tokenizer_json() const {
    throw Error(ErrorKind::unsupported_tokenizer,
                "tokenizer.json cannot express tokens that depend on a magnitude");
}

std::string NumbersTokenizer::portable_form() const {
    std::string const base = base_->portable_form();
    return seal({scheme_, first_id_, units_from_base_, base});
}

std::string const& NumbersTokenizer::digest() const {
    return digest_.get([this] {
        // The base may have several portable forms.
        return sha256_hex(seal({scheme_, first_id_, units_from_base_, base_->digest()}))
            .substr(0, 32);
    });
}

std::vector<std::pair<std::string, std::string>> NumbersTokenizer::describe() const {
    auto lines = base_->describe();
    for (auto& [key, value] : lines) {
        if (key == "format") value = head_.format;
    }
    constexpr char const* kPolicies[] = {"triadic", "regression", "left", "right", "reversed"};
    std::string digits = kPolicies[static_cast<std::size_t>(scheme_.policy)];
    if (scheme_.policy == Policy::triadic) {
        digits += scheme_.mode == Mode::surface ? ", surface" : ", context";
        digits += scheme_.variant == Variant::token ? "" : ", markers";
    }
    if (scheme_.policy != Policy::reversed) {
        digits += ", groups of up to " + std::to_string(scheme_.group);
    }
    lines.emplace_back("digits", digits);
    lines.emplace_back("number tokens", std::to_string(new_indices_.size()) + " new ids from " +
                                            std::to_string(first_id_));
    if (has_magnitudes(scheme_)) {
        lines.emplace_back("numerals", "up to " + std::to_string(scheme_.integer_digits) + " and " +
                                           std::to_string(scheme_.fraction_digits) +
                                           " digits before and behind the point");
    }
    std::string const& stand_in = segments_.frame();
    lines.emplace_back("text between numbers", stand_in.empty()
                                                   ? "each part a text of its own"
                                                   : "as beside " + code_point_name(stand_in));
    return lines;
}

void NumbersTokenizer::set_cache_budget(std::size_t bytes) const noexcept {
    base_->set_cache_budget(bytes);
    states_.set_budget(bytes);
}

}  // namespace tokmill::numbers
