#include "sentencepiece/processor.h"

#include <cmath>
#include <random>
#include <utility>

#include "core/error.h"
#include "sentencepiece/processor_impl.h"
#include "sentencepiece/random.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 30;
constexpr int kMaxNBest = 512;

// Probabilities of alternatives with these scores.
std::vector<double> probabilities(std::vector<ScoredSegments> const& candidates, float alpha) {
    double largest = -std::numeric_limits<double>::infinity();
    for (auto const& candidate : candidates) {
        largest = std::max(largest, static_cast<double>(alpha * candidate.score));
    }
    std::vector<double> weights;
    bool possible = false;
    for (auto const& candidate : candidates) {
        double const weight = std::exp(static_cast<double>(alpha * candidate.score) - largest);
        weights.push_back(std::isfinite(weight) ? weight : 0);
        possible = possible || weights.back() > 0;
    }
    if (!possible) weights[0] = 1;
    return weights;
}

void check_nbest(int count) {
    if (count > kMaxNBest) {
        throw Error(ErrorKind::invalid_input, "nbest_size must be nbest_size <= 512");
    }
}

}  // namespace

void check_size(std::string_view text) {
    if (text.size() >= kMaxText) {
        throw Error(ErrorKind::invalid_input, "a text of 1 GiB or more");
    }
}

Processor::Impl::Impl(ModelProto proto) : model(std::move(proto)), vocabulary(model) {
    UserSymbols const symbols(vocabulary.of_type(PieceType::user_defined));
    if (model.trainer.model_type == ModelType::unigram) unigram.emplace(vocabulary);
    normalizer.emplace(model.normalizer, model.trainer.treat_whitespace_as_suffix, symbols);
    if (model.denormalizer && !model.denormalizer->charsmap.empty()) {
        denormalizer.emplace(*model.denormalizer, false, UserSymbols());
    }
    if (model.trainer.model_type == ModelType::bpe) bpe.emplace(vocabulary, normalizer->symbols());
    if (bpe || unigram) {
        encoder.emplace(vocabulary, model.trainer.byte_fallback, *normalizer, bpe ? &*bpe : nullptr,
                        unigram ? &*unigram : nullptr);
    }
}

std::string Processor::Impl::normalized(std::string_view text) const {
    std::string result;
    normalizer->normalize(text, result);
    return result;
}

// A word begins at each U+2581.
void Processor::Impl::segment_words(std::string_view text, Segments& out) const {
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin;
        do {
            end += char_size(text.substr(end));
        } while (end < text.size() && !text.substr(end).starts_with(kSpaceSymbol));
        std::int32_t const id = vocabulary.segment_of(text.substr(begin, end - begin));
        bool const known = id != Vocabulary::kNone && !vocabulary.is(id, PieceType::unused);
        out.push_back({static_cast<std::uint32_t>(end - begin), known ? id : vocabulary.unknown()});
        begin = end;
    }
}

void Processor::Impl::segment_chars(std::string_view text, Segments& out) const {
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t size = normalizer->symbols().match(text.substr(begin));
        if (size == 0) size = char_size(text.substr(begin));
        std::int32_t const id = vocabulary.segment_of(text.substr(begin, size));
        bool const known = id != Vocabulary::kNone && !vocabulary.is(id, PieceType::unused);
        out.push_back({static_cast<std::uint32_t>(size), known ? id : vocabulary.unknown()});
        begin += size;
    }
}

void Processor::Impl::segment(std::string_view text, Segments& out) const {
    if (text.empty()) return;
    if (bpe) return bpe->segment(text, 0, out);
    if (unigram) {
        std::vector<UnigramModel::Node> nodes;
        float sum = 0;
        return unigram->segment(text, sum, nodes, out);
    }
    if (model.trainer.model_type == ModelType::word) return segment_words(text, out);
    segment_chars(text, out);
}

std::shared_ptr<Processor const> Processor::load(std::string_view model_proto) {
    auto impl = std::make_unique<Impl>(read_model_proto(std::string(model_proto)));
    return std::shared_ptr<Processor const>(new Processor(std::move(impl)));
}

Processor::Processor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
    TrainerSpec const& spec = impl_->model.trainer;
    auto const find = [this](std::string_view name, std::string_view usual, PieceType wanted) {
        std::int32_t const id = piece_to_id(name.empty() ? usual : name);
        return impl_->vocabulary.is(id, wanted) ? id : -1;
    };
    unk_id_ = find(spec.unk_piece, "<unk>", PieceType::unknown);
    bos_id_ = find(spec.bos_piece, "<s>", PieceType::control);
    eos_id_ = find(spec.eos_piece, "</s>", PieceType::control);
    pad_id_ = find(spec.pad_piece, "<pad>", PieceType::control);
    impl_->unk_id = unk_id_;
}

Processor::~Processor() = default;

std::string Processor::normalize(std::string_view text) const {
    check_size(text);
    return impl_->normalized(text);
}

std::string Processor::normalize(std::string_view text, std::vector<std::size_t>& origins) const {
    check_size(text);
    std::string result;
    impl_->normalizer->normalize(text, result, origins);
    return result;
}

bool Processor::has_nbest() const noexcept {
    return impl_->unigram.has_value();
}

bool Processor::has_samples() const noexcept {
    return impl_->unigram.has_value() || impl_->bpe.has_value();
}

std::vector<TextPieces> Processor::nbest(std::string_view text, int count) const {
    check_size(text);
    check_nbest(count);
    if (!has_nbest()) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "NBestEncode is not available for the current model.");
    }
    std::string normalized;
    std::vector<std::size_t> origins;
    impl_->normalizer->normalize(text, normalized, origins);
    std::vector<TextPieces> results;
    for (auto const& [segments, score] :
         impl_->unigram->best(normalized, static_cast<std::size_t>(std::max(count, 1)))) {
        results.push_back(impl_->place(text, normalized, origins, segments));
        results.back().score = score;
    }
    return results;
}

TextPieces Processor::sample(std::string_view text, int nbest_size, float alpha) const {
    check_size(text);
    if (!std::isfinite(alpha) || alpha < 0) {
        throw Error(ErrorKind::invalid_input, "alpha must be a number of at least 0");
    }
    check_nbest(nbest_size);
    std::string normalized;
    std::vector<std::size_t> origins;
    impl_->normalizer->normalize(text, normalized, origins);
    Segments segments;
    if (!has_nbest() || nbest_size < 0) {
        if (!has_samples()) {
            throw Error(ErrorKind::unsupported_tokenizer,
                        "SampleEncode is not available for the current model.");
        }
        if (impl_->bpe) {
            impl_->bpe->segment(normalized, alpha, segments);
        } else {
            segments = impl_->unigram->sample(normalized, alpha);
        }
    } else if (nbest_size <= 1) {
        impl_->segment(normalized, segments);
    } else {
        auto const candidates =
            impl_->unigram->best(normalized, static_cast<std::size_t>(nbest_size));
        std::vector<double> const weights = probabilities(candidates, alpha);
        std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
        segments = candidates[draw(random_generator())].segments;
    }
    return impl_->place(text, normalized, origins, segments);
}

std::size_t Processor::vocabulary_size() const noexcept {
    return impl_->vocabulary.size();
}
std::string_view Processor::id_to_piece(std::uint32_t id) const noexcept {
    return impl_->vocabulary[id].text;
}
float Processor::score(std::uint32_t id) const noexcept {
    return impl_->vocabulary[id].score;
}
PieceType Processor::type(std::uint32_t id) const noexcept {
    return impl_->vocabulary[id].type;
}
std::int32_t Processor::piece_to_id(std::string_view piece) const noexcept {
    return impl_->vocabulary.id_of(piece);
}
bool Processor::is_unknown(std::int64_t id) const noexcept {
    return impl_->is_unknown(id);
}
ModelType Processor::model_type() const noexcept {
    return impl_->model.trainer.model_type;
}
bool Processor::byte_fallback() const noexcept {
    return impl_->model.trainer.byte_fallback;
}
std::string Processor::serialized_model() const {
    return serialize_model_proto(impl_->model);
}
ModelProto const& Processor::model() const noexcept {
    return impl_->model;
}
void Processor::set_cache_budget(std::size_t bytes) const noexcept {
    if (impl_->encoder) impl_->encoder->set_cache_budget(bytes);
}

}  // namespace tokmill::sentencepiece
