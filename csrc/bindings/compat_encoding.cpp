// tokenizers' Encoding for Python: the lazy object. Its methods are in compat_encoding_methods.cpp.
#include "bindings/compat_encoding.h"

#include "bindings/compat_arguments.h"
#include "bindings/lists.h"
#include "bindings/text_access.h"
#include "simd/transcode.h"

namespace tokmill::bindings {

std::string utf8_of(py::handle text, char const* complaint) {
    TextRef const ref = text_ref(text.ptr());
    std::string utf8(simd::utf8_length_bound(ref), '\0');
    try {
        utf8.resize(simd::transcode_to_utf8(ref, utf8.data()));
    } catch (Error const&) {
        throw py::type_error(complaint);
    }
    return utf8;
}

std::shared_ptr<stages::Encoding const> LazyEncoding::full() const {
    if (auto made = full_if_made()) return made;
    auto computed = std::make_shared<stages::Encoding const>(compute());
    std::lock_guard<std::mutex> const guard(mutex_);
    if (full_ == nullptr) full_ = std::move(computed);
    return full_;
}

stages::Encoding LazyEncoding::compute() const {
    // Its surrogates would have been found before.
    std::string const utf8 = utf8_of(text_, "TextInputSequence must be str");
    stages::GeneralPipeline const& pipeline = *texts_->pipeline;
    return with_plain_exceptions([&] {
        GilRelease const released(utf8.size() > kSmallText);
        stages::Encoding encoding = pipeline.encode({std::string_view(utf8), std::nullopt},
                                                    texts_->add_special_tokens, texts_->unit);
        if (auto const& padding = pipeline.padding()) {
            encoding.pad(texts_->length, padding->token, padding->direction);
        }
        return encoding;
    });
}

std::size_t LazyEncoding::size() const {
    if (auto const made = full_if_made()) return made->size();
    return std::max(texts_->size(row_), texts_->length);
}

std::span<std::uint32_t const> LazyEncoding::content() const {
    auto const begin = static_cast<std::size_t>(texts_->offsets[row_]);
    auto const end = static_cast<std::size_t>(texts_->offsets[row_ + 1]);
    std::span<std::uint32_t const> const ids(texts_->ids.data() + begin, end - begin);
    std::size_t const kept = texts_->kept(row_);
    if (kept == ids.size()) return ids;
    bool const from_left = texts_->pipeline->truncation()->direction == stages::Side::left;
    return from_left ? ids.last(kept) : ids.first(kept);
}

std::size_t LazyEncoding::padding(stages::Side side) const {
    std::size_t const size = texts_->size(row_);
    if (texts_->length <= size || texts_->pipeline->padding()->direction != side) return 0;
    return texts_->length - size;
}

py::list LazyEncoding::ids() const {
    if (auto const made = full_if_made()) return to_int_list(made->ids);
    IntListBuilder list(size());
    std::size_t const before = padding(stages::Side::left);
    std::size_t const after = padding(stages::Side::right);
    if (before != 0) list.repeat(pad_token().id, before);
    list.append(texts_->frame.prefix);
    list.append(content());
    list.append(texts_->frame.suffix);
    if (after != 0) list.repeat(pad_token().id, after);
    return list.take();
}

py::list LazyEncoding::type_ids() const {
    if (auto const made = full_if_made()) return to_int_list(made->type_ids);
    IntListBuilder list(size());
    std::size_t const before = padding(stages::Side::left);
    std::size_t const after = padding(stages::Side::right);
    if (before != 0) list.repeat(pad_token().type_id, before);
    list.append(texts_->frame.prefix_types);
    list.repeat(texts_->frame.type_id, texts_->kept(row_));
    list.append(texts_->frame.suffix_types);
    if (after != 0) list.repeat(pad_token().type_id, after);
    return list.take();
}

py::list LazyEncoding::attention_mask() const {
    if (auto const made = full_if_made()) return to_int_list(made->attention_mask);
    IntListBuilder list(size());
    list.repeat(0, padding(stages::Side::left));
    list.repeat(1, texts_->size(row_));
    list.repeat(0, padding(stages::Side::right));
    return list.take();
}

py::list LazyEncoding::special_tokens_mask() const {
    if (auto const made = full_if_made()) return to_int_list(made->special_tokens_mask);
    IntListBuilder list(size());
    list.repeat(1, padding(stages::Side::left) + texts_->frame.prefix.size());
    list.repeat(0, texts_->kept(row_));
    list.repeat(1, texts_->frame.suffix.size() + padding(stages::Side::right));
    return list.take();
}

}  // namespace tokmill::bindings
