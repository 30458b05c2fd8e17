// Writes a definition as a tokenizer.json of version "1.0", laid out as tokenizers 0.23.3 saves it.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/byte_alphabet.h"
#include "core/error.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "formats/added_tokens.h"
#include "formats/bpe_text.h"
#include "formats/dialect_translation.h"
#include "formats/implied_merges.h"
#include "formats/load.h"

namespace tokmill {

namespace {

[[noreturn]] void refuse(std::string const& reason) {
    throw Error(ErrorKind::unsupported_tokenizer, "cannot be written as tokenizer.json: " + reason);
}

class DefinitionWriter {
 public:
    explicit DefinitionWriter(Definition const& definition)
        : definition_(definition), ranks_(definition.model.order == MergeOrder::token_rank) {}

    std::string run();

 private:
    void collect_vocabulary();
    void check_added_token_ids() const;
    void write_stored(char const* name, std::string const& json);
    void write_added_tokens();
    void write_normalizer();
    void write_pre_tokenizer();
    void write_pre_tokenizer_step(PreTokenizer const& step);
    void write_byte_level(bool add_prefix_space, bool trim_offsets, bool use_regex);
    void write_post_processor();
    void write_template(char const* name, bool pair);
    void name_surroundings();
    void write_model();

    void write_type(char const* type) {
        out_.key("type");
        out_.string(type);
    }
    void write_flag(char const* name, bool value) {
        out_.key(name);
        out_.boolean(value);
    }

    Definition const& definition_;
    bool ranks_;
    json::PrettyWriter out_;
    std::vector<std::pair<std::uint32_t, std::string>> vocabulary_;  // by id, as text
    // The special tokens of the post-processor.
    std::map<std::uint32_t, std::string> names_;
};

void DefinitionWriter::collect_vocabulary() {
    BpeModel const& model = definition_.model;
    for (auto const& [bytes, id] : model.vocabulary) {
        std::string text;
        append_byte_alphabet(bytes, text);
        vocabulary_.emplace_back(id, std::move(text));
    }
    for (auto const& [text, id] : model.unreachable) vocabulary_.emplace_back(id, text);
    // tokenizers numbers the added tokens on from the vocabulary, unless they stand in it.
    if (ranks_) {
        for (AddedToken const& token : definition_.added_tokens) {
            vocabulary_.emplace_back(token.id, token.content);
        }
    }
    std::sort(vocabulary_.begin(), vocabulary_.end());
}

// Reads the added tokens as tokenizers will.
void DefinitionWriter::check_added_token_ids() const {
    Complaint const complain = [](std::size_t, std::string const& reason) { refuse(reason); };
    std::vector<std::string_view> keys;
    std::vector<std::uint32_t> ids;
    for (auto const& [id, text] : vocabulary_) {
        keys.emplace_back(text);
        ids.push_back(id);
    }
    TextVocabulary const vocabulary(keys, ids, complain);
    if (vocabulary.size() != keys.size()) refuse("a special token is spelled like an ordinary one");
    if (assign_added_token_ids(definition_.added_tokens, vocabulary, complain) !=
        definition_.added_tokens) {
        refuse("an added token would get another id");
    }
}

void DefinitionWriter::write_stored(char const* name, std::string const& json) {
    out_.key(name);
    if (json.empty()) return out_.null();
    out_.value(json::Reader(json).value());
}

void DefinitionWriter::write_added_tokens() {
    out_.key("added_tokens");
    out_.begin_array();
    std::vector<AddedToken const*> tokens;
    for (AddedToken const& token : definition_.added_tokens) tokens.push_back(&token);
    std::stable_sort(tokens.begin(), tokens.end(),
                     [](auto const* a, auto const* b) { return a->id < b->id; });
    for (AddedToken const* const token : tokens) {
        out_.begin_object();
        out_.key("id");
        out_.number(token->id);
        out_.key("content");
        out_.string(token->content);
        write_flag("single_word", token->single_word);
        write_flag("lstrip", token->lstrip);
        write_flag("rstrip", token->rstrip);
        write_flag("normalized", token->normalized);
        write_flag("special", token->special);
        out_.end_object();
    }
    out_.end_array();
}

void DefinitionWriter::write_normalizer() {
    out_.key("normalizer");
    std::size_t const count = definition_.normalizers.size();
    if (count == 0) return out_.null();
    if (count > 1) {
        out_.begin_object();
        write_type("Sequence");
        out_.key("normalizers");
        out_.begin_array();
    }
    for (std::size_t i = 0; i < count; ++i) {
        out_.begin_object();
        write_type("NFC");
        out_.end_object();
    }
    if (count > 1) {
        out_.end_array();
        out_.end_object();
    }
}

void DefinitionWriter::write_byte_level(bool add_prefix_space, bool trim_offsets, bool use_regex) {
    out_.begin_object();
    write_type("ByteLevel");
    write_flag("add_prefix_space", add_prefix_space);
    write_flag("trim_offsets", trim_offsets);
    write_flag("use_regex", use_regex);
    out_.end_object();
}

void DefinitionWriter::write_pre_tokenizer_step(PreTokenizer const& step) {
    constexpr char const* kBehaviors[] = {"Removed", "Isolated", "MergedWithPrevious",
                                          "MergedWithNext", "Contiguous"};
    if (step.kind == PreTokenizerKind::byte_level) {
        return write_byte_level(step.add_prefix_space, false, step.use_regex);
    }
    out_.begin_object();
    if (step.kind == PreTokenizerKind::digits) {
        write_type("Digits");
        write_flag("individual_digits", step.individual_digits);
    } else {
        std::string pattern = step.pattern;
        if (ranks_ && step.pattern_is_regex) {
            std::optional<std::string> translated = translate_to_onig(pattern);
            if (!translated) refuse("no equal pattern of tokenizers is known for " + pattern);
            pattern = std::move(*translated);
        }
        write_type("Split");
        out_.key("pattern");
        out_.begin_object();
        out_.key(step.pattern_is_regex ? "Regex" : "String");
        out_.string(pattern);
        out_.end_object();
        out_.key("behavior");
        out_.string(kBehaviors[static_cast<std::size_t>(step.behavior)]);
        write_flag("invert", step.invert);
    }
    out_.end_object();
}

void DefinitionWriter::write_pre_tokenizer() {
    out_.key("pre_tokenizer");
    std::size_t const steps = definition_.pre_tokenizers.size() + ranks_;
    if (steps > 1) {
        out_.begin_object();
        write_type("Sequence");
        out_.key("pretokenizers");
        out_.begin_array();
    }
    for (PreTokenizer const& step : definition_.pre_tokenizers) write_pre_tokenizer_step(step);
    if (ranks_) write_byte_level(false, false, false);
    if (steps > 1) {
        out_.end_array();
        out_.end_object();
    }
}

void DefinitionWriter::name_surroundings() {
    for (auto const* ids : {&definition_.prefix_ids, &definition_.suffix_ids}) {
        for (std::uint32_t const id : *ids) names_[id];
    }
    for (auto const& [id, text] : vocabulary_) {
        if (auto const found = names_.find(id); found != names_.end()) found->second = text;
    }
    for (AddedToken const& token : definition_.added_tokens) {
        auto const found = names_.find(token.id);
        if (found != names_.end()) found->second = token.content;
    }
    std::set<std::string> taken;
    for (auto& [id, name] : names_) {
        if (name.empty()) name = "id " + std::to_string(id);
        while (!taken.insert(name).second) name += '\'';
    }
}

void DefinitionWriter::write_template(char const* name, bool pair) {
    out_.key(name);
    out_.begin_array();
    auto const piece = [&](char const* kind, std::string const& id, unsigned type) {
        out_.begin_object();
        out_.key(kind);
        out_.begin_object();
        out_.key("id");
        out_.string(id);
        out_.key("type_id");
        out_.number(type);
        out_.end_object();
        out_.end_object();
    };
    for (unsigned sequence = 0; sequence <= (pair ? 1u : 0u); ++sequence) {
        for (std::uint32_t const id : definition_.prefix_ids) {
            piece("SpecialToken", names_.at(id), sequence);
        }
        piece("Sequence", sequence == 0 ? "A" : "B", sequence);
        for (std::uint32_t const id : definition_.suffix_ids) {
            piece("SpecialToken", names_.at(id), sequence);
        }
    }
    out_.end_array();
}

void DefinitionWriter::write_post_processor() {
    out_.key("post_processor");
    name_surroundings();
    if (names_.empty()) return out_.null();
    out_.begin_object();
    write_type("TemplateProcessing");
    write_template("single", false);
    write_template("pair", true);
    out_.key("special_tokens");
    out_.begin_object();
    std::map<std::string, std::uint32_t> by_name;
    for (auto const& [id, name] : names_) by_name.emplace(name, id);
    for (auto const& [name, id] : by_name) {
        out_.key(name);
        out_.begin_object();
        out_.key("id");
        out_.string(name);
        out_.key("ids");
        out_.begin_array();
        out_.number(id);
        out_.end_array();
        out_.key("tokens");
        out_.begin_array();
        out_.string(name);
        out_.end_array();
        out_.end_object();
    }
    out_.end_object();
    out_.end_object();
}

void DefinitionWriter::write_model() {
    BpeModel const& model = definition_.model;
    std::vector<std::string const*> texts(vocabulary_.empty() ? 0 : vocabulary_.back().first + 1);
    for (auto const& [id, text] : vocabulary_) texts[id] = &text;
    out_.key("model");
    out_.begin_object();
    write_type("BPE");
    out_.key("dropout");
    out_.null();
    out_.key("unk_token");
    if (model.unk_id) {
        out_.string(*texts[*model.unk_id]);
    } else {
        out_.null();
    }
    out_.key("continuing_subword_prefix");
    out_.null();
    out_.key("end_of_word_suffix");
    out_.null();
    write_flag("fuse_unk", model.fuse_unk);
    write_flag("byte_fallback", false);
    write_flag("ignore_merges", model.ignore_merges);
    out_.key("vocab");
    out_.begin_object();
    for (auto const& [id, text] : vocabulary_) {
        out_.key(text);
        out_.number(id);
    }
    out_.end_object();
    out_.key("merges");
    out_.begin_array();
    std::vector<Merge> const implied =
        ranks_ ? implied_merges(model.vocabulary) : std::vector<Merge>{};
    for (Merge const& merge : ranks_ ? implied : model.merges) {
        out_.begin_array();
        out_.string(*texts[merge.left]);
        out_.string(*texts[merge.right]);
        out_.end_array();
    }
    out_.end_array();
    out_.end_object();
}

std::string DefinitionWriter::run() {
    collect_vocabulary();
    check_added_token_ids();
    out_.begin_object();
    out_.key("version");
    out_.string("1.0");
    write_stored("truncation", definition_.truncation);
    write_stored("padding", definition_.padding);
    write_added_tokens();
    write_normalizer();
    write_pre_tokenizer();
    write_post_processor();
    out_.key("decoder");
    if (definition_.decoder == DecoderKind::join_space) {
        out_.null();
    } else {
        write_byte_level(true, true, true);
    }
    write_model();
    out_.end_object();
    return out_.take();
}

}  // namespace

std::string write_tokenizer_json(Definition const& definition) {
    return DefinitionWriter(definition).run();
}

}  // namespace tokmill
