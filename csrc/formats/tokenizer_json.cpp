// tokenizer.json, version "1.0", with a byte-level BPE model, as tokenizers 0.23.3 reads it.
#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/added_tokens.h"
#include "formats/bpe_text.h"
#include "formats/components.h"
#include "formats/definition_file.h"
#include "formats/load.h"
#include "formats/tokenizer_json_fields.h"

namespace tokmill {

namespace {

using json::Kind;
using json::Value;

// The members of "model". The large ones are read on the way, the others are kept as values.
struct ModelText {
    std::vector<std::string_view> keys;
    std::vector<std::uint32_t> ids;
    std::optional<TextVocabulary> vocabulary;
    bool has_vocabulary_list = false;  // Unigram
    std::optional<json::Reader::Mark> merges_before_vocabulary;
    std::optional<std::vector<Merge>> merges;
    Value rest;
    std::size_t position = 0;
};

// Whether a ByteLevel stands anywhere in a component.
bool names_byte_level(Value const& value) {
    if (value.kind == Kind::string) return value.text == "ByteLevel";
    auto const in = [](auto const& part) { return names_byte_level(part); };
    return std::any_of(value.items.begin(), value.items.end(), in) ||
           std::any_of(value.members.begin(), value.members.end(),
                       [&](auto const& member) { return in(member.second); });
}

class TokenizerJsonReader {
 public:
    explicit TokenizerJsonReader(std::string_view data)
        : reader_(data),
          file_(reader_),
          complain_([this](auto position, auto& reason) { file_.invalid(position, reason); }) {}

    Definition read();

 private:
    void read_model();
    void read_vocabulary();
    void read_merges();
    std::string model_type() const;
    void check_affixes() const;
    void check_model_is_supported(std::string const& type) const;
    void fill_model(BpeModel& model);
    void check_pipeline() const;
    bool flag(char const* name) const;

    json::Reader reader_;
    DefinitionFile file_;
    Complaint complain_;
    ModelText model_;
    bool has_model_ = false;
    std::vector<AddedToken> added_tokens_;
    Definition definition_;
};

Definition TokenizerJsonReader::read() {
    definition_.format = "tokenizer.json";
    PipelineFields fields;
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        std::size_t const position = reader_.position();
        if (key == "version") {
            std::string_view const version = reader_.string();
            if (version == "2.0") file_.unsupported("tokenizer.json version 2.0");
            if (version != "1.0") {
                file_.invalid(position, "unknown tokenizer version '" + std::string(version) + "'");
            }
        } else if (key == "added_tokens") {
            added_tokens_ = read_added_tokens(reader_, "added_tokens: ");
        } else if (key == "model") {
            if (std::exchange(has_model_, true)) file_.invalid(position, "duplicate field `model`");
            // Most files of other families show it before a vocabulary is read for nothing.
            if (fields.pre_tokenizer.position != 0 && !names_byte_level(fields.pre_tokenizer)) {
                file_.unsupported("model without pre_tokenizer ByteLevel");
            }
            read_model();
        } else {
            fields.read(key, position, reader_, file_);
        }
    }
    reader_.finish();
    if (!has_model_) file_.invalid(kNoPosition, "model missing");

    fill_model(definition_.model);
    definition_.normalizers = read_normalizer(fields.normalizer, file_);
    definition_.pre_tokenizers = read_pre_tokenizer(fields.pre_tokenizer, file_);
    check_pipeline();
    Surroundings surroundings = read_post_processor(fields.post_processor, file_);
    definition_.prefix_ids = std::move(surroundings.prefix);
    definition_.suffix_ids = std::move(surroundings.suffix);
    definition_.decoder = read_decoder(fields.decoder, file_);
    definition_.truncation = read_truncation(fields.truncation, file_);
    definition_.padding = read_padding(fields.padding, file_);
    definition_.added_tokens =
        assign_added_token_ids(std::move(added_tokens_), *model_.vocabulary, complain_);
    return std::move(definition_);
}

void TokenizerJsonReader::read_model() {
    model_.position = reader_.position();
    model_.rest.kind = Kind::object;
    model_.rest.position = model_.position;
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        std::size_t const position = reader_.position();
        if (key == "vocab") {
            if (model_.vocabulary) file_.invalid(position, "duplicate field `vocab`");
            if (reader_.peek() == Kind::object) {
                read_vocabulary();
            } else {
                model_.has_vocabulary_list = true;
                reader_.skip();
            }
        } else if (key == "merges") {
            if (model_.merges || model_.merges_before_vocabulary) {
                file_.invalid(position, "duplicate field `merges`");
            }
            check_affixes();  // with a prefix, merges make other tokens
            if (model_.vocabulary) {
                read_merges();
            } else {
                model_.merges_before_vocabulary = reader_.mark();
                reader_.skip();
            }
        } else {
            std::string name(key);
            model_.rest.members.emplace_back(std::move(name), reader_.value());
        }
    }
    if (model_.merges_before_vocabulary && model_.vocabulary) {
        json::Reader::Mark const end = reader_.mark();
        reader_.seek({model_.merges_before_vocabulary->cursor, end.depth});
        read_merges();
        reader_.seek(end);
    }
}

void TokenizerJsonReader::read_vocabulary() {
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        model_.keys.push_back(key);
        model_.ids.push_back(reader_.unsigned_32());
    }
    model_.vocabulary.emplace(std::move(model_.keys), std::move(model_.ids), complain_);
}

void TokenizerJsonReader::read_merges() {
    MergeReader merges(*model_.vocabulary, complain_);
    std::size_t number = 0;
    std::optional<Kind> form;  // all pairs or all strings
    reader_.begin_array();
    while (reader_.next_element()) {
        Kind const kind = reader_.peek();
        std::size_t const position = reader_.position();
        if (!form) form = kind;
        if (kind != *form || (kind != Kind::array && kind != Kind::string)) {
            file_.invalid(position, "merges must be all strings or all pairs of strings");
        }
        if (kind == Kind::string) {
            std::string_view const line = reader_.string();
            if (!line.starts_with("#version")) {
                add_merge_line(merges, line, ++number, position, complain_);
            }
            continue;
        }
        std::string_view parts[2];
        reader_.begin_array();
        for (std::string_view& part : parts) {
            if (!reader_.next_element()) file_.invalid(position, "a merge must be two strings");
            part = reader_.string();
        }
        if (reader_.next_element()) file_.invalid(position, "a merge must be two strings");
        merges.add(parts[0], parts[1], position);
    }
    model_.merges = merges.finish();
}

std::string TokenizerJsonReader::model_type() const {
    Value const* const type = model_.rest.find("type");
    if (type != nullptr) return file_.string(*type);
    // Old files do not say. Only BPE has merges.
    if (model_.vocabulary && model_.merges) return "BPE";
    return model_.has_vocabulary_list ? "Unigram" : "WordPiece or WordLevel";
}

bool TokenizerJsonReader::flag(char const* name) const {
    Value const* const value = model_.rest.find(name);
    return value != nullptr && value->kind != Kind::null && file_.boolean(model_.rest, name);
}

void TokenizerJsonReader::check_affixes() const {
    for (char const* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        Value const* const text = model_.rest.find(name);
        if (text != nullptr && text->kind != Kind::null && !file_.string(*text).empty()) {
            file_.unsupported(std::string("model BPE with ") + name);
        }
    }
}

void TokenizerJsonReader::check_model_is_supported(std::string const& type) const {
    if (type != "BPE") file_.unsupported("model " + type);
    if (!model_.vocabulary || !model_.merges) {
        file_.invalid(model_.position, "model BPE without vocab or merges");
    }
    check_affixes();
    Value const* const dropout = model_.rest.find("dropout");
    if (dropout != nullptr && dropout->kind != Kind::null) {
        if (dropout->kind != Kind::number) file_.invalid(dropout->position, "expected a number");
        double probability = 0;  // what is too small for a double stays zero
        std::from_chars(dropout->text.data(), dropout->text.data() + dropout->text.size(),
                        probability);
        if (!(probability >= 0 && probability <= 1)) {
            file_.invalid(dropout->position, "dropout must be between 0 and 1");
        }
        if (static_cast<float>(probability) > 0) file_.unsupported("model BPE with dropout");
    }
}

void TokenizerJsonReader::fill_model(BpeModel& model) {
    check_model_is_supported(model_type());
    TextVocabulary const& vocabulary = *model_.vocabulary;
    vocabulary.fill(model);
    model.merges = std::move(*model_.merges);
    model.ignore_merges = flag("ignore_merges");
    model.fuse_unk = flag("fuse_unk");
    Value const* const unk = model_.rest.find("unk_token");
    bool const has_unk = unk != nullptr && unk->kind != Kind::null;
    if (has_unk) {
        std::uint32_t const entry = vocabulary.index().find(file_.string(*unk));
        if (entry != PieceIndex::kMissing) model.unk_id = vocabulary.id(entry);
    }
    // What happens to a byte without a token only matters if there is such a byte.
    if (!has_every_byte(model)) {
        if (flag("byte_fallback")) file_.unsupported("model BPE with byte_fallback");
        if (has_unk && !model.unk_id) {
            file_.invalid(unk->position, "unk_token `" + unk->text + "` is not in the vocabulary");
        }
    }
    if (!drop_idle_merges(model)) file_.unsupported("model BPE with merges of the unk_token");
}

// The byte alphabet must be applied, and applied once, for the vocabulary to be what it is taken
// for.
void TokenizerJsonReader::check_pipeline() const {
    int byte_levels = 0;
    for (PreTokenizer const& step : definition_.pre_tokenizers) {
        byte_levels += step.kind == PreTokenizerKind::byte_level;
    }
    if (byte_levels == 0) file_.unsupported("model BPE without pre_tokenizer ByteLevel");
    if (byte_levels > 1) file_.unsupported("pre_tokenizer ByteLevel applied twice");
}

}  // namespace

Definition read_tokenizer_json(std::string_view data) {
    return TokenizerJsonReader(data).read();
}

}  // namespace tokmill
