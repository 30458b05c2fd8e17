// The members of a tokenizer.json, handed to the readers of the stages.
#include "formats/read_general.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/definition_file.h"
#include "formats/stage_readers.h"
#include "formats/tokenizer_json_fields.h"

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
    PipelineFields fields_;
};

GeneralPipeline GeneralReader::read() {
    std::string_view key;
    reader_.begin_object();
    while (reader_.next_member(key)) {
        std::size_t const position = reader_.position();
        if (key == "version") {
            read_version();
        } else if (key == "added_tokens") {
            added_tokens_ = read_added_tokens(reader_, "");
        } else if (key == "model") {
            model_ = read_model(reader_, file_);
        } else {
            fields_.read(key, position, reader_, file_);
        }
    }
    reader_.finish();
    if (!model_) file_.invalid(kNoPosition, "Model missing.");

    GeneralPipeline pipeline(model_);
    pipeline.set_normalizer(stages::read_normalizer(fields_.normalizer, file_));
    pipeline.set_pre_tokenizer(stages::read_pre_tokenizer(fields_.pre_tokenizer, file_));
    pipeline.set_post_processor(stages::read_post_processor(fields_.post_processor, file_));
    pipeline.set_decoder(stages::read_decoder(fields_.decoder, file_));
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

std::optional<Truncation> GeneralReader::truncation() const {
    Value const& truncation = fields_.truncation;
    if (truncation.kind == Kind::null) return std::nullopt;
    check_object(truncation);
    Truncation result;
    if (Value const* const direction = truncation.find("direction")) {
        result.direction = side(*direction);
    }
    result.max_length = size(file_.member(truncation, "max_length"));
    result.stride = size(file_.member(truncation, "stride"));
    std::string const& strategy = file_.variant(file_.member(truncation, "strategy"),
                                                {"LongestFirst", "OnlyFirst", "OnlySecond"});
    if (strategy == "OnlyFirst") result.strategy = TruncationStrategy::only_first;
    if (strategy == "OnlySecond") result.strategy = TruncationStrategy::only_second;
    return result;
}

std::optional<Padding> GeneralReader::padding() const {
    Value const& padding = fields_.padding;
    if (padding.kind == Kind::null) return std::nullopt;
    check_object(padding);
    Padding result;
    Value const& strategy = file_.member(padding, "strategy");
    if (strategy.kind == Kind::object && strategy.members.size() == 1 &&
        strategy.members.front().first == "Fixed") {
        result.fixed_length = size(strategy.members.front().second);
    } else {
        file_.variant(strategy, {"BatchLongest"});
    }
    result.direction = side(file_.member(padding, "direction"));
    Value const* const multiple = padding.find("pad_to_multiple_of");
    if (multiple != nullptr && multiple->kind != Kind::null) result.multiple_of = size(*multiple);
    result.token.id = id(padding, "pad_id");
    result.token.type_id = id(padding, "pad_type_id");
    result.token.text = file_.string(file_.member(padding, "pad_token"));
    return result;
}

}  // namespace

GeneralPipeline read_general(std::string_view data) {
    return GeneralReader(data).read();
}

}  // namespace tokmill::stages
