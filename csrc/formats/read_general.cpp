// The members of a tokenizer.json, handed to the readers of the stages.
#include "formats/read_general.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/definition_file.h"
#include "formats/stage_readers.h"

namespace tokmill::stages {

namespace {

using json::Kind;
using json::Value;

constexpr std::uint64_t kLargestSize = std::numeric_limits<std::uint64_t>::max();

class GeneralReader {
 public:
    explicit GeneralReader(std::string_view data) : reader_(data), file_(reader_) {}

    GeneralPipeline read();

 private:
    void read_version();
    void read_added_tokens();
    AddedToken read_added_token();
    std::optional<Truncation> truncation() const;
    std::optional<Padding> padding() const;
    std::size_t size(Value const& value) const {
        return file_.unsigned_integer(value, kLargestSize);
    }
    std::uint32_t id(Value const& object, char const* name) const {
        return static_cast<std::uint32_t>(
            file_.unsigned_integer(file_.member(object, name), 0xFFFFFFFFu));
    }
    Side side(Value const& value) const {
        return file_.variant(value, {"Left", "Right"}) == "Left" ? Side::left : Side::right;
    }
    void check_object(Value const& value) const {
        if (value.kind != Kind::object) file_.invalid(value.position, "expected an object");
    }

    json::Reader reader_;
    DefinitionFile file_;
    ModelPtr model_;
    std::vector<AddedToken> added_tokens_;
    Value truncation_, padding_, normalizer_, pre_tokenizer_, post_processor_, decoder_;
};

GeneralPipeline GeneralReader::read() {
    std::pair<std::string_view, Value*> const parts[] = {
        {"truncation", &truncation_}, {"padding", &padding_},
        {"normalizer", &normalizer_}, {"pre_tokenizer", &pre_tokenizer_},
        {"decoder", &decoder_},       {"post_processor", &post_processor_},
    };
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        std::size_t const position = reader_.position();
        if (key == "version") {
            read_version();
        } else if (key == "added_tokens") {
            read_added_tokens();
        } else if (key == "model") {
            model_ = read_model(reader_, file_);
        } else {
            Value* target = nullptr;
            for (auto const& [part, value] : parts) {
                if (part == key) target = value;
            }
            // tokenizers stumbles over fields that it does not know.
            if (!target) file_.invalid(position, "unknown field `" + std::string(key) + "`");
            *target = reader_.value();
        }
    }
    reader_.finish();
    if (!model_) file_.invalid(kNoPosition, "Model missing.");

    GeneralPipeline pipeline(model_);
    pipeline.set_normalizer(stages::read_normalizer(normalizer_, file_));
    pipeline.set_pre_tokenizer(stages::read_pre_tokenizer(pre_tokenizer_, file_));
    pipeline.set_post_processor(stages::read_post_processor(post_processor_, file_));
    pipeline.set_decoder(stages::read_decoder(decoder_, file_));
    pipeline.set_truncation_unchecked(truncation());
    pipeline.set_padding(padding());
    pipeline.add_tokens(std::move(added_tokens_));
    pipeline.added_vocabulary().prepare();
    return pipeline;
}

void GeneralReader::read_version() {
    std::size_t const position = reader_.position();
    std::string_view const version = reader_.string();
    if (version != "1.0") {
        file_.invalid(position, "Unknown tokenizer version '" + std::string(version) + "'");
    }
}

void GeneralReader::read_added_tokens() {
    added_tokens_.clear();
    reader_.begin_array();
    while (reader_.next_element()) added_tokens_.push_back(read_added_token());
}

// All fields must be there, once. The id is not used: it follows from the model and the order.
AddedToken GeneralReader::read_added_token() {
    AddedToken token;
    std::array<std::pair<std::string_view, bool*>, 5> const flags{{
        {"single_word", &token.single_word},
        {"lstrip", &token.lstrip},
        {"rstrip", &token.rstrip},
        {"normalized", &token.normalized},
        {"special", &token.special},
    }};
    constexpr std::array<char const*, 7> kNames{"single_word", "lstrip", "rstrip", "normalized",
                                                "special",     "id",     "content"};
    std::bitset<7> seen;
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        std::size_t field = 0;
        while (field < kNames.size() && kNames[field] != key) ++field;
        if (field == kNames.size()) {
            reader_.skip();
            continue;
        }
        if (seen[field]) reader_.fail(std::string("duplicate field `") + kNames[field] + "`");
        seen[field] = true;
        if (field < flags.size()) {
            *flags[field].second = reader_.boolean();
        } else if (key == "id") {
            reader_.unsigned_32();
        } else {
            token.content = reader_.string();
        }
    }
    for (std::size_t field = 0; field < kNames.size(); ++field) {
        if (!seen[field]) reader_.fail(std::string("missing field `") + kNames[field] + "`");
    }
    return token;
}

std::optional<Truncation> GeneralReader::truncation() const {
    if (truncation_.kind == Kind::null) return std::nullopt;
    check_object(truncation_);
    Truncation result;
    if (Value const* const direction = truncation_.find("direction")) {
        result.direction = side(*direction);
    }
    result.max_length = size(file_.member(truncation_, "max_length"));
    result.stride = size(file_.member(truncation_, "stride"));
    std::string const& strategy = file_.variant(file_.member(truncation_, "strategy"),
                                                {"LongestFirst", "OnlyFirst", "OnlySecond"});
    if (strategy == "OnlyFirst") result.strategy = TruncationStrategy::only_first;
    if (strategy == "OnlySecond") result.strategy = TruncationStrategy::only_second;
    return result;
}

std::optional<Padding> GeneralReader::padding() const {
    if (padding_.kind == Kind::null) return std::nullopt;
    check_object(padding_);
    Padding result;
    Value const& strategy = file_.member(padding_, "strategy");
    if (strategy.kind == Kind::object && strategy.members.size() == 1 &&
        strategy.members.front().first == "Fixed") {
        result.fixed_length = size(strategy.members.front().second);
    } else {
        file_.variant(strategy, {"BatchLongest"});
    }
    result.direction = side(file_.member(padding_, "direction"));
    Value const* const multiple = padding_.find("pad_to_multiple_of");
    if (multiple != nullptr && multiple->kind != Kind::null) result.multiple_of = size(*multiple);
    result.token.id = id(padding_, "pad_id");
    result.token.type_id = id(padding_, "pad_type_id");
    result.token.text = file_.string(file_.member(padding_, "pad_token"));
    return result;
}

}  // namespace

GeneralPipeline read_general(std::string_view data) {
    return GeneralReader(data).read();
}

}  // namespace tokmill::stages
