#include "formats/fast_tokenizer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "formats/bpe_text.h"
#include "models/general_bpe.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/general_tokenizer.h"

namespace tokmill {
namespace {

using stages::GeneralBpe;
using stages::GeneralPipeline;

[[noreturn]] void refuse(std::size_t, std::string const& reason) {
    throw Error(ErrorKind::unsupported_tokenizer, reason);
}

bool is_given(std::optional<std::string> const& text) {
    return text && !text->empty();
}

// False if the byte-level engine has no such model.
bool fill_model(GeneralBpe const& source, BpeModel& model) {
    stages::BpeOptions const& options = source.options();
    if (options.dropout.value_or(0) != 0 || is_given(options.continuing_subword_prefix) ||
        is_given(options.end_of_word_suffix)) {
        return false;
    }
    Complaint const complain = refuse;
    std::vector<std::string_view> keys;
    std::vector<std::uint32_t> ids;
    for (auto const& [text, id] : source.vocabulary()) {
        keys.push_back(text);
        ids.push_back(id);
    }
    TextVocabulary const vocabulary(std::move(keys), std::move(ids), complain);
    vocabulary.fill(model);
    MergeReader merges(vocabulary, complain);
    for (auto const& [left, right] : source.merges()) merges.add(left, right, kNoPosition);
    model.merges = merges.finish();
    model.ignore_merges = options.ignore_merges;
    model.fuse_unk = options.fuse_unk;
    if (options.unk_token) model.unk_id = source.token_to_id(*options.unk_token);
    if (!has_every_byte(model) && (options.byte_fallback || (options.unk_token && !model.unk_id))) {
        return false;
    }
    return drop_idle_merges(model);
}

std::optional<Definition> byte_level_definition(GeneralPipeline const& pipeline) {
    auto const* const model = dynamic_cast<GeneralBpe const*>(pipeline.model().get());
    if (model == nullptr || !pipeline.pre_tokenizer()) return std::nullopt;
    if (pipeline.normalizer() && !pipeline.normalizer()->is_nfc()) return std::nullopt;
    auto steps = pipeline.pre_tokenizer()->byte_level_steps();
    if (!steps) return std::nullopt;
    auto const byte_levels = std::count_if(steps->begin(), steps->end(), [](auto const& step) {
        return step.kind == PreTokenizerKind::byte_level;
    });
    if (byte_levels != 1) return std::nullopt;
    Definition definition;
    if (!fill_model(*model, definition.model)) return std::nullopt;
    definition.format = "tokenizer.json";
    definition.added_tokens = pipeline.added_vocabulary().tokens();
    if (pipeline.normalizer()) definition.normalizers.push_back(NormalizerKind::nfc);
    definition.pre_tokenizers = *std::move(steps);
    return definition;
}

}  // namespace

std::shared_ptr<Tokenizer const> make_fast_tokenizer(GeneralPipeline const& pipeline,
                                                     Tokenizer const* earlier) {
    try {
        if (auto const* same = dynamic_cast<ByteLevelTokenizer const*>(earlier)) {
            return same->with_added_tokens(pipeline.added_vocabulary().tokens());
        }
        if (auto definition = byte_level_definition(pipeline)) {
            return Tokenizer::compile(*std::move(definition));
        }
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::unsupported_tokenizer) throw;
    }
    return std::make_shared<GeneralTokenizer const>(pipeline, std::string());
}

}  // namespace tokmill
