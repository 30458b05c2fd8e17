#include "pipeline/unit_plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/utf8_encode.h"
#include "models/character_bpe.h"
#include "models/general_bpe.h"

namespace tokmill::stages {
namespace {

constexpr std::string_view kMark = "\u2581";

// Units that go through normalizer, pre-tokenizer and model.
class StageWords final : public UnitWords {
 public:
    explicit StageWords(GeneralPipeline const& pipeline) : pipeline_(&pipeline) {}

    void encode_unit(std::string_view unit, std::vector<std::uint32_t>& ids) const override {
        Normalizer const* const normalizer = pipeline_->normalizer().get();
        if (normalizer == nullptr) return pipeline_->piece_ids(unit, 0, ids);
        std::string text(unit);
        normalizer->normalize(text);
        pipeline_->piece_ids(text, 0, ids);
    }

 private:
    GeneralPipeline const* pipeline_;
};

// Units that are merged as they are, but for their spaces.
class MergeWords final : public UnitWords {
 public:
    // Longer units are seldom words; if they come again, so does the run of units that they are in.
    static constexpr std::size_t kLongest = 32;

    MergeWords(std::shared_ptr<GeneralBpe const> model, bool replaces_spaces,
               std::shared_ptr<LoneCharacters const> lone)
        : UnitWords(std::move(lone)),
          model_(std::move(model)),
          compiled_(model_->compile(replaces_spaces)),
          replaces_spaces_(replaces_spaces) {
        if (compiled_ == nullptr) return;
        know(compiled_->words());
        remember_up_to(kLongest);
    }

    void encode_unit(std::string_view unit, std::vector<std::uint32_t>& ids) const override {
        if (compiled_ != nullptr && compiled_->add_ids(unit, ids)) return;
        // U+2581 in the text itself, or unknown tokens.
        if (!replaces_spaces_) return model_->tokenize_ids(unit, ids);
        thread_local std::string text;
        text.clear();
        for (char const c : unit) {
            if (c == ' ') {
                text += kMark;
            } else {
                text += c;
            }
        }
        model_->tokenize_ids(text, ids);
        constexpr std::size_t kKeep = std::size_t{1} << 20;
        if (text.capacity() > kKeep) text = {};
    }

 private:
    std::shared_ptr<GeneralBpe const> model_;
    std::unique_ptr<CharacterBpe const> compiled_;
    bool replaces_spaces_;
};

bool has_all_byte_tokens(Model const& model) {
    char name[] = "<0x00>";
    for (unsigned byte = 0; byte < 256; ++byte) {
        constexpr char kDigits[] = "0123456789ABCDEF";
        name[3] = kDigits[byte >> 4];
        name[4] = kDigits[byte & 15];
        if (!model.token_to_id(name)) return false;
    }
    return true;
}

// Whether the tokens of a text are those of its parts wherever no token holds the two characters at
// the cut: merging is all that happens, and each character goes its own way into it.
bool merges_in_parts(GeneralBpe const& model) {
    BpeOptions const& options = model.options();
    auto const given = [](std::optional<std::string> const& text) {
        return text && !text->empty();
    };
    if (options.dropout.value_or(0) != 0 || options.ignore_merges ||
        given(options.continuing_subword_prefix) || given(options.end_of_word_suffix) ||
        !model.merges_own_texts()) {
        return false;
    }
    // With some bytes only, what those become overtakes the unknown token of characters before.
    if (options.byte_fallback) return has_all_byte_tokens(model);
    // Unknown characters that vanish let their neighbours meet.
    return options.unk_token && model.token_to_id(*options.unk_token) && !options.fuse_unk;
}

// The pairs in tokens that merges make.
std::shared_ptr<PairFilter const> pairs_of(GeneralBpe const& model) {
    auto pairs = std::make_shared<PairFilter>();
    for (std::string_view const text : model.joined_texts()) pairs->add(text);
    pairs->finish();
    return pairs;
}

// What is looked up for a text: the pieces that the pre-tokenizer leaves of its normal form.
std::vector<std::string> pieces_of(GeneralPipeline const& pipeline, std::string text) {
    if (pipeline.normalizer()) pipeline.normalizer()->normalize(text);
    PlainPieces pieces(text);
    pieces.original_start = 0;
    pipeline.pre_tokenizer()->pre_tokenize_plain(pieces);
    std::vector<std::string> result;
    for (Span const span : pieces.spans) result.emplace_back(pieces.piece(span));
    return result;
}

// Whether what stands between two words is still white space when it is normalized.
bool stays_white_space(GeneralPipeline const& pipeline, std::string const& space) {
    if (!pipeline.normalizer()) return true;
    std::string text = "x" + space + "x";
    pipeline.normalizer()->normalize(text);
    return text.size() > 2 && trailing_white_space(text.substr(0, text.size() - 1)) != 0;
}

// Whether white space is cut off from a word before it, whatever the stages make of both.
bool cuts_between(GeneralPipeline const& pipeline, std::string const& word,
                  std::string const& space) {
    std::vector<std::string> parts = pieces_of(pipeline, word);
    if (parts.empty()) return false;
    for (std::string& piece : pieces_of(pipeline, space + word)) parts.push_back(std::move(piece));
    return parts == pieces_of(pipeline, word + space + word);
}

bool cuts_before_all(GeneralPipeline const& pipeline, std::string_view spaces) {
    // Metaspace cuts before U+2581 as well, the others only at white space.
    bool const at_white_space = pipeline.pre_tokenizer()->in_parts() == InParts::at_whitespace;
    for (char const c : spaces) {
        for (char const* const more : {"", " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000"}) {
            std::string const space = c + std::string(more);
            if (at_white_space && !stays_white_space(pipeline, space)) return false;
            for (char const* const word : {"x", "1", "#"}) {
                if (!cuts_between(pipeline, word, space)) return false;
            }
        }
    }
    return true;
}

}  // namespace

std::unique_ptr<UnitPlan const> UnitPlan::make(GeneralPipeline const& pipeline) {
    if (pipeline.model()->is_random()) return nullptr;
    if (auto plan = make_for_whole_text(pipeline)) return plan;
    return make_for_words(pipeline);
}

std::unique_ptr<UnitPlan> UnitPlan::make_for_whole_text(GeneralPipeline const& pipeline) {
    auto const model = std::dynamic_pointer_cast<GeneralBpe const>(pipeline.model());
    if (model == nullptr || !merges_in_parts(*model)) return nullptr;
    std::optional<Normalizer::OnlySpaces> spaces = Normalizer::OnlySpaces{};
    if (pipeline.normalizer()) spaces = pipeline.normalizer()->only_spaces();
    std::optional<PreTokenizer::WholeText> whole = PreTokenizer::WholeText{};
    if (pipeline.pre_tokenizer()) whole = pipeline.pre_tokenizer()->whole_text();
    if (!spaces || !whole || (whole->only_without_spaces && !spaces->replaces)) return nullptr;
    if (!spaces->prefix.empty() && spaces->prefix != kMark && spaces->prefix != " ") return nullptr;
    bool const prefixes = whole->prefix_at_start || whole->prefix_elsewhere;
    if (!spaces->prefix.empty() && prefixes) return nullptr;
    bool const replaces = spaces->replaces || whole->replaces_spaces;
    if (spaces->prefix == " " && !replaces) return nullptr;

    UnitRules rules;
    rules.at_spaces = false;
    rules.pairs = pairs_of(*model);
    rules.lone = std::make_shared<LoneCharacters const>(model->lone_characters());
    auto words = std::make_unique<MergeWords>(model, replaces, rules.lone);
    std::unique_ptr<UnitPlan> plan(new UnitPlan(pipeline, std::move(rules), std::move(words)));
    plan->prefix_.always = !spaces->prefix.empty();
    plan->prefix_.at_start = whole->prefix_at_start;
    plan->prefix_.elsewhere = whole->prefix_elsewhere;
    plan->replaces_spaces_ = replaces;
    plan->runs_.emplace(plan->cutter_, *plan->words_);
    return plan;
}

std::unique_ptr<UnitPlan> UnitPlan::make_for_words(GeneralPipeline const& pipeline) {
    Normalizer const* const normalizer = pipeline.normalizer().get();
    PreTokenizer const* const pre_tokenizer = pipeline.pre_tokenizer().get();
    if (pre_tokenizer == nullptr || !pre_tokenizer->has_plain_form()) return nullptr;
    if (normalizer != nullptr && !normalizer->works_in_parts()) return nullptr;
    InParts const in_parts = pre_tokenizer->in_parts();
    if (in_parts < InParts::at_spaces) return nullptr;
    UnitRules rules;
    rules.solid = std::make_shared<SolidCharacters const>(pipeline.normalizer());
    if (!rules.solid->hold_ascii() || !cuts_before_all(pipeline, " ")) return nullptr;
    rules.at_line_breaks = cuts_before_all(pipeline, "\n\r\t");
    rules.at_ideographs = in_parts == InParts::at_whitespace && normalizer != nullptr &&
                          normalizer->isolates_ideographs();
    std::unique_ptr<UnitPlan> plan(
        new UnitPlan(pipeline, std::move(rules), std::make_unique<StageWords>(pipeline)));
    plan->start_is_special_ = pre_tokenizer->asks_for_original_start();
    return plan;
}

UnitPlan::First UnitPlan::first(std::string_view unit, bool at_start, std::string& changed,
                                std::vector<std::uint32_t>& ids) const {
    if (start_is_special_) {
        if (!at_start) return First::as_it_is;
        pipeline_->start_ids(unit, ids);
        return First::done;
    }
    bool const has_one = unit.starts_with(' ') || unit.starts_with(kMark);
    bool const wanted =
        prefix_.always || (!has_one && (at_start ? prefix_.at_start : prefix_.elsewhere));
    if (!wanted) return First::as_it_is;
    changed = replaces_spaces_ ? std::string_view(" ") : kMark;
    changed += unit;
    return First::changed;
}

std::string UnitPlan::describe() const {
    UnitRules const& rules = cutter_.rules();
    if (!rules.at_spaces) return "units between characters that no token joins";
    std::string text = rules.at_line_breaks ? "units at white space" : "units at spaces";
    if (rules.at_ideographs) text += " and ideographs";
    return text;
}

}  // namespace tokmill::stages
