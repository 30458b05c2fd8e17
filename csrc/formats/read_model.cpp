// The model of a tokenizer.json, of any type. The large members, vocabulary and merges, are taken
// from the text on the way; the others are kept as values until the type is known.
#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/serde_number.h"
#include "formats/stage_readers.h"
#include "models/general_bpe.h"
#include "models/unigram.h"
#include "models/wordlevel.h"
#include "models/wordpiece.h"

namespace tokmill::stages {

namespace {

using json::Kind;
using json::Value;

constexpr char const* kNoVariant = "data did not match any variant of untagged enum ModelUntagged";

// A large member, or why it cannot be what it is taken for: that only matters if the model needs
// it.
template <class T>
struct Large {
    std::optional<T> value;
    std::optional<Error> problem;

    T& get(char const* missing) {
        if (problem) throw *problem;
        if (!value) throw Error(ErrorKind::invalid_tokenizer, missing);
        return *value;
    }
};

using VocabularyItems = std::vector<TokenVocabulary::Item>;
using Merges = std::vector<GeneralBpe::MergeText>;

class ModelReader {
 public:
    ModelReader(json::Reader& reader, DefinitionFile const& file) : reader_(reader), file_(file) {}

    ModelPtr read();

 private:
    enum class Type { bpe, wordpiece, wordlevel, unigram };

    void read_members();
    void read_vocabulary();
    VocabularyItems read_items();
    std::vector<Unigram::Piece> read_pieces();
    Merges read_merges();
    Merges read_merge_pairs();
    Merges read_merge_lines();
    // Reads a member; if it is not what `read` expects, but JSON, it is passed over.
    template <class T, class Read>
    Large<T> attempt(Read const& read);

    std::optional<Type> type() const;
    ModelPtr make(Type type);
    ModelPtr make_bpe();
    ModelPtr make_wordpiece();
    ModelPtr make_wordlevel();
    ModelPtr make_unigram();

    Value const* optional(char const* name) const;  // null if absent or null
    Value const& required(char const* name) const;
    std::optional<std::string> optional_string(char const* name) const;
    bool optional_flag(char const* name) const;

    json::Reader& reader_;
    DefinitionFile const& file_;
    Value members_;
    std::size_t types_ = 0;  // how many members are called so
    Large<VocabularyItems> items_;
    Large<std::vector<Unigram::Piece>> pieces_;
    Large<Merges> merges_;
};

template <class T, class Read>
Large<T> ModelReader::attempt(Read const& read) {
    Large<T> result;
    json::Reader::Mark const start = reader_.mark();
    try {
        result.value = read();
    } catch (Error const& error) {
        result.problem = error;
        reader_.seek(start);
        reader_.skip();
    }
    return result;
}

void ModelReader::read_vocabulary() {
    items_ = {};
    pieces_ = {};
    if (reader_.peek() == Kind::array) {
        pieces_ = attempt<std::vector<Unigram::Piece>>([this] { return read_pieces(); });
        items_.problem =
            Error(ErrorKind::invalid_tokenizer, "invalid type: sequence, expected a map");
    } else {
        items_ = attempt<VocabularyItems>([this] { return read_items(); });
        pieces_.problem =
            Error(ErrorKind::invalid_tokenizer, "invalid type: map, expected a sequence");
    }
}

VocabularyItems ModelReader::read_items() {
    VocabularyItems items;
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) items.push_back({key, reader_.unsigned_32()});
    return items;
}

std::vector<Unigram::Piece> ModelReader::read_pieces() {
    std::vector<Unigram::Piece> pieces;
    auto const next = [this] {
        if (!reader_.next_element()) reader_.fail("expected a piece and its score");
    };
    reader_.begin_array();
    while (reader_.next_element()) {
        reader_.begin_array();
        next();
        std::string_view const text = reader_.string();
        next();
        std::size_t const position = reader_.position();
        std::optional<double> const score = json::parse_serde_number(reader_.number());
        if (!score) reader_.fail_at(position, "number out of range");
        if (reader_.next_element()) reader_.fail("expected a piece and its score");
        pieces.push_back({text, *score});
    }
    return pieces;
}

Merges ModelReader::read_merges() {
    json::Reader::Mark const start = reader_.mark();
    reader_.begin_array();
    if (!reader_.next_element()) return {};
    bool const are_lines = reader_.peek() == Kind::string;
    reader_.seek(start);
    return are_lines ? read_merge_lines() : read_merge_pairs();
}

Merges ModelReader::read_merge_pairs() {
    Merges merges;
    constexpr char const* kExpected = "merges must be all strings or all pairs of strings";
    reader_.begin_array();
    while (reader_.next_element()) {
        std::string_view parts[2];
        if (reader_.peek() != Kind::array) reader_.fail(kExpected);
        reader_.begin_array();
        for (std::string_view& part : parts) {
            if (!reader_.next_element()) reader_.fail(kExpected);
            part = reader_.string();
        }
        if (reader_.next_element()) reader_.fail(kExpected);
        merges.emplace_back(parts[0], parts[1]);
    }
    return merges;
}

Merges ModelReader::read_merge_lines() {
    Merges merges;
    reader_.begin_array();
    while (reader_.next_element()) {
        std::size_t const position = reader_.position();
        std::string_view const line = reader_.string();
        if (line.starts_with("#version")) continue;
        std::size_t const space = line.find(' ');
        if (space == line.npos || line.find(' ', space + 1) != line.npos) {
            reader_.fail_at(
                position, "Merges text file invalid at line " + std::to_string(merges.size() + 1));
        }
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    return merges;
}

void ModelReader::read_members() {
    constexpr std::string_view kSmall[] = {
        "type",
        "dropout",
        "unk_token",
        "continuing_subword_prefix",
        "end_of_word_suffix",
        "fuse_unk",
        "byte_fallback",
        "ignore_merges",
        "max_input_chars_per_word",
        "unk_id",
    };
    members_.kind = Kind::object;
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        if (key == "vocab") {
            read_vocabulary();
        } else if (key == "merges") {
            merges_ = attempt<Merges>([this] { return read_merges(); });
        } else if (std::find(std::begin(kSmall), std::end(kSmall), key) != std::end(kSmall)) {
            types_ += key == "type";
            std::string name(key);
            members_.members.emplace_back(std::move(name), reader_.value());
        } else {
            reader_.skip();
        }
    }
}

Value const* ModelReader::optional(char const* name) const {
    Value const* const value = members_.find(name);
    return value == nullptr || value->kind == Kind::null ? nullptr : value;
}

Value const& ModelReader::required(char const* name) const {
    Value const* const value = members_.find(name);
    if (value == nullptr) {
        throw Error(ErrorKind::invalid_tokenizer, std::string("missing field `") + name + "`");
    }
    return *value;
}

std::optional<std::string> ModelReader::optional_string(char const* name) const {
    Value const* const value = optional(name);
    if (value == nullptr) return std::nullopt;
    return file_.string(*value);
}

bool ModelReader::optional_flag(char const* name) const {
    return optional(name) != nullptr && file_.boolean(members_, name);
}

ModelPtr ModelReader::make_bpe() {
    VocabularyItems const& items = items_.get("Missing vocab/merges");
    Merges const& merges = merges_.get("Missing vocab/merges");
    BpeOptions options;
    if (Value const* const dropout = optional("dropout")) {
        std::optional<double> number;
        if (dropout->kind == Kind::number) number = json::parse_serde_number(dropout->text);
        if (!number) file_.invalid(dropout->position, "expected a number");
        options.dropout = static_cast<float>(*number);
    }
    options.unk_token = optional_string("unk_token");
    options.continuing_subword_prefix = optional_string("continuing_subword_prefix");
    options.end_of_word_suffix = optional_string("end_of_word_suffix");
    options.fuse_unk = optional_flag("fuse_unk");
    options.byte_fallback = optional_flag("byte_fallback");
    options.ignore_merges = optional_flag("ignore_merges");
    return std::make_shared<GeneralBpe const>(items, merges, std::move(options));
}

ModelPtr ModelReader::make_wordpiece() {
    WordPieceOptions options;
    options.unk_token = file_.string(required("unk_token"));
    options.continuing_subword_prefix = file_.string(required("continuing_subword_prefix"));
    options.max_input_chars_per_word = file_.unsigned_integer(
        required("max_input_chars_per_word"), std::numeric_limits<std::size_t>::max());
    return std::make_shared<WordPiece const>(items_.get("missing field `vocab`"),
                                             std::move(options));
}

ModelPtr ModelReader::make_wordlevel() {
    std::string unk_token = file_.string(required("unk_token"));
    return std::make_shared<WordLevel const>(items_.get("missing field `vocab`"),
                                             std::move(unk_token));
}

ModelPtr ModelReader::make_unigram() {
    std::vector<Unigram::Piece> const& pieces = pieces_.get("Missing vocab");
    UnigramOptions options;
    if (Value const* const unk_id = optional("unk_id")) {
        options.unk_id = file_.unsigned_integer(*unk_id, std::numeric_limits<std::size_t>::max());
        if (*options.unk_id >= pieces.size()) {
            file_.invalid(unk_id->position,
                          std::string("Unable to load vocab ") +
                              (pieces.empty() ? "EmptyVocabulary" : "UnkIdNotInVocabulary"));
        }
    }
    if (members_.find("byte_fallback") != nullptr) {
        options.byte_fallback = file_.boolean(members_, "byte_fallback");
    }
    return std::make_shared<Unigram const>(pieces, options);
}

ModelPtr ModelReader::make(Type type) {
    switch (type) {
        case Type::bpe:
            return make_bpe();
        case Type::wordpiece:
            return make_wordpiece();
        case Type::wordlevel:
            return make_wordlevel();
        case Type::unigram:
            return make_unigram();
    }
    return nullptr;
}

std::optional<ModelReader::Type> ModelReader::type() const {
    Value const* const name = members_.find("type");
    if (types_ != 1 || name->kind != Kind::string) return std::nullopt;
    if (name->text == "BPE") return Type::bpe;
    if (name->text == "WordPiece") return Type::wordpiece;
    if (name->text == "WordLevel") return Type::wordlevel;
    if (name->text == "Unigram") return Type::unigram;
    return std::nullopt;
}

ModelPtr ModelReader::read() {
    if (reader_.peek() != Kind::object) reader_.fail(kNoVariant);
    std::size_t const position = reader_.position();
    read_members();
    if (std::optional<Type> const known = type()) {
        try {
            return make(*known);
        } catch (Error const& error) {
            if (error.kind() != ErrorKind::invalid_tokenizer || error.position() != kNoPosition) {
                throw;
            }
            file_.invalid(position, error.what());
        }
    }
    // A `type` that is none lets every untyped reading fail, too.
    if (types_ != 0) file_.invalid(position, kNoVariant);
    for (Type const candidate : {Type::bpe, Type::wordpiece, Type::wordlevel, Type::unigram}) {
        try {
            return make(candidate);
        } catch (Error const& error) {
            if (error.kind() != ErrorKind::invalid_tokenizer) throw;
        }
    }
    file_.invalid(position, kNoVariant);
}

}  // namespace

ModelPtr read_model(json::Reader& reader, DefinitionFile const& file) {
    return ModelReader(reader, file).read();
}

}  // namespace tokmill::stages
