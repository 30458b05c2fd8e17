#include "bytelm/process.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace tokmill::bytelm {
namespace {

RowLayout make_layout(ModelVocabulary const& vocabulary, ProcessOptions const& options) {
    RowLayout layout;
    layout.end_ids = vocabulary.end_ids;
    layout.kind = options.rows;
    layout.renormalize_masked = options.local;
    layout.buffers = std::make_shared<WeightBuffers>(vocabulary.tokens->places());
    auto const& ends = vocabulary.end_ids;
    for (std::uint32_t const id : vocabulary.tokens->special_ids()) {
        if (std::ranges::binary_search(ends, id)) continue;
        if (std::ranges::binary_search(vocabulary.unused_ids, id)) continue;
        if (options.special == SpecialRule::end) layout.end_ids.push_back(id);
        if (options.special == SpecialRule::other) layout.other_ids.push_back(id);
    }
    return layout;
}

}  // namespace

Process::Process(std::shared_ptr<ModelVocabulary const> vocabulary, ProcessOptions const& options)
    : vocabulary_(std::move(vocabulary)),
      options_(options),
      layout_(make_layout(*vocabulary_, options)) {
    if (options.covering == Covering::canonical && vocabulary_->canonicality == nullptr) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "covering=\"canonical\" of a vocabulary without a tokenizer");
    }
}

}  // namespace tokmill::bytelm
