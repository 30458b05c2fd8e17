// Tokenizer.encode and Tokenizer.encode_batch of the drop-in: from Python's inputs to encodings.
#include <deque>
#include <string>

#include "bindings/compat_arguments.h"
#include "bindings/compat_pipeline.h"
#include "bindings/text_access.h"
#include "core/parallel.h"
#include "simd/transcode.h"

namespace tokmill::bindings {

namespace {

using stages::OffsetUnit;

constexpr char const* kText = "TextInputSequence must be str";
constexpr char const* kTextInput =
    "TextEncodeInput must be Union[TextInputSequence, Tuple[InputSequence, InputSequence]]";
constexpr char const* kWords = "PreTokenizedInputSequence must be Union[List[str], Tuple[str]]";
constexpr char const* kWordsInput =
    "PreTokenizedEncodeInput must be Union[PreTokenizedInputSequence, "
    "Tuple[PreTokenizedInputSequence, PreTokenizedInputSequence]]";

// False for a text with a surrogate.
bool is_transcodable(TextRef const& ref) {
    std::string scratch(simd::utf8_length_bound(ref), '\0');
    try {
        simd::transcode_to_utf8(ref, scratch.data());
        return true;
    } catch (Error const&) {
        return false;
    }
}

// --- inputs for the general pipeline ------------------------------------------------------------

// Inputs with the memory that they refer to.
class Inputs {
 public:
    std::vector<stages::Input> const& all() const noexcept { return inputs_; }
    std::size_t bytes() const noexcept { return bytes_; }

    void add(py::handle sequence, py::handle pair, bool is_pretokenized) {
        auto first = is_pretokenized ? words(sequence) : text(sequence, kText);
        std::optional<stages::InputSequence> second;
        if (!pair.is_none()) second = is_pretokenized ? words(pair) : text(pair, kText);
        inputs_.push_back({std::move(first), std::move(second)});
    }
    // An element of a batch: one sequence, or a tuple, list or array of two.
    void add_element(py::handle element, bool is_pretokenized) {
        if (is_pretokenized ? holds_words(element) : is_text(element)) {
            return add(element, py::none(), is_pretokenized);
        }
        py::object const both = two_elements(element);
        if (!both) throw py::type_error(is_pretokenized ? kWordsInput : kTextInput);
        add(PyTuple_GET_ITEM(both.ptr(), 0), PyTuple_GET_ITEM(both.ptr(), 1), is_pretokenized);
    }

 private:
    static bool is_text(py::handle value) {
        if (!PyUnicode_Check(value.ptr())) return false;
        if (PyUnicode_IS_ASCII(value.ptr())) return true;
        return is_transcodable(text_ref(value.ptr()));
    }
    // A list or tuple of str, or an array of them with one dimension.
    static bool holds_words(py::handle value) {
        py::object const elements = word_elements(value);
        if (!elements) return false;
        for (py::handle const element : elements) {
            if (!is_text(element)) return false;
        }
        return true;
    }
    static py::object word_elements(py::handle value) {
        if (PyList_Check(value.ptr()) || PyTuple_Check(value.ptr())) {
            return py::reinterpret_steal<py::object>(PySequence_Tuple(value.ptr()));
        }
        if (py::isinstance<py::array>(value)) {
            auto const array = py::reinterpret_borrow<py::array>(value);
            char const kind = array.dtype().kind();
            if (array.ndim() == 1 && (kind == 'U' || kind == 'O')) {
                return py::tuple(py::object(array.attr("tolist")()));
            }
        }
        return {};
    }
    static py::object two_elements(py::handle value) {
        if (PyUnicode_Check(value.ptr()) || !PySequence_Check(value.ptr())) return {};
        if (PySequence_Size(value.ptr()) != 2) {
            PyErr_Clear();
            return {};
        }
        PyObject* const both = PySequence_Tuple(value.ptr());
        if (both == nullptr) throw py::error_already_set();
        return py::reinterpret_steal<py::object>(both);
    }

    std::string_view text(py::handle value, char const* complaint) {
        if (!PyUnicode_Check(value.ptr())) throw py::type_error(complaint);
        texts_.push_back(utf8_of(value, complaint));
        bytes_ += texts_.back().size();
        return texts_.back();
    }
    stages::InputSequence words(py::handle value) {
        py::object const elements = word_elements(value);
        if (!elements) throw py::type_error(kWords);
        std::vector<std::string_view> views;
        for (py::handle const element : elements) views.push_back(text(element, kWords));
        return views;
    }

    std::deque<std::string> texts_;  // which does not move them
    std::vector<stages::Input> inputs_;
    std::size_t bytes_ = 0;
};

// --- ids of plain texts -------------------------------------------------------------------------

// Below this, starting threads takes longer than the work.
constexpr std::size_t kThreadedUnits = std::size_t{1} << 15;

std::size_t total_units(std::span<TextRef const> texts) {
    std::size_t units = 0;
    for (TextRef const& text : texts) units += text.length;
    return units;
}

// Thrown for a text with a surrogate: what Python raises for that depends on the call.
struct NotText {};

void encode_texts(PipelineSnapshot const& snapshot, std::span<TextRef const> texts,
                  unsigned threads, EncodedTexts& result) {
    EncodeOptions options;
    options.add_special_tokens = false;
    if (snapshot.general.added_vocabulary().encode_special_tokens()) {
        options.special = SpecialPolicy::text;
    }
    try {
        BatchIds batch = snapshot.fast().encode_batch(texts, options, threads);
        result.ids = std::move(batch.ids);
        result.offsets = std::move(batch.offsets);
    } catch (Error const& error) {
        // A surrogate is all that transcoding complains about.
        bool const is_text = error.row() == kNoPosition || is_transcodable(texts[error.row()]);
        if (is_text) throw;
        throw NotText();
    }
}

// To which length padding fills up encodings.
std::size_t padded_length(EncodedTexts const& texts, std::size_t rows) {
    auto const& padding = texts.pipeline->padding();
    if (!padding) return 0;
    std::size_t length = padding->fixed_length.value_or(0);
    if (!padding->fixed_length) {
        for (std::size_t row = 0; row < rows; ++row) length = std::max(length, texts.size(row));
    }
    std::size_t const multiple = padding->multiple_of.value_or(0);
    if (multiple != 0 && length % multiple != 0) length += multiple - length % multiple;
    return length;
}

std::shared_ptr<EncodedTexts const> encode_plain(PipelineSnapshot const& snapshot,
                                                 EncodedTexts prepared,
                                                 std::span<TextRef const> texts,
                                                 char const* complaint) {
    std::size_t const units = total_units(texts);
    unsigned const threads = units < kThreadedUnits ? 1 : allowed_threads();
    try {
        with_plain_exceptions([&] {
            GilRelease const released(units > kSmallText);
            encode_texts(snapshot, texts, threads, prepared);
        });
    } catch (NotText const&) {
        throw py::type_error(complaint);
    }
    prepared.length = padded_length(prepared, texts.size());
    return std::make_shared<EncodedTexts const>(std::move(prepared));
}

std::shared_ptr<PipelineSnapshot const> warm_snapshot(PipelineObject const& self) {
    auto snapshot = self.get();
    if (!snapshot->is_warm()) {
        GilRelease const released;
        snapshot->warm_up();
    }
    return snapshot;
}

bool all_are_str(py::handle elements) {
    auto const size = PyTuple_GET_SIZE(elements.ptr());
    for (Py_ssize_t i = 0; i < size; ++i) {
        if (!PyUnicode_Check(PyTuple_GET_ITEM(elements.ptr(), i))) return false;
    }
    return true;
}

template <class Make>
py::list encoding_list(std::size_t size, Make&& make) {
    py::list list(size);
    for (std::size_t i = 0; i < size; ++i) {
        PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), py::cast(make(i)).release().ptr());
    }
    return list;
}

py::list encode_str_rows(PipelineSnapshot const& snapshot, EncodedTexts prepared,
                         py::object const& elements) {
    auto const size = static_cast<std::size_t>(PyTuple_GET_SIZE(elements.ptr()));
    auto const row_object = [&](std::size_t i) {
        return PyTuple_GET_ITEM(elements.ptr(), static_cast<Py_ssize_t>(i));
    };
    std::vector<TextRef> texts(size);
    for (std::size_t i = 0; i < size; ++i) texts[i] = text_ref(row_object(i));
    auto const encoded = encode_plain(snapshot, std::move(prepared), texts, kTextInput);
    return encoding_list(size, [&](std::size_t i) {
        return std::make_unique<LazyEncoding>(encoded, i,
                                              py::reinterpret_borrow<py::object>(row_object(i)));
    });
}

py::list encode_general(stages::GeneralPipeline const& pipeline, Inputs const& inputs,
                        bool add_special_tokens, OffsetUnit unit) {
    unsigned const threads = inputs.bytes() < kThreadedUnits ? 1 : allowed_threads();
    auto encodings = with_plain_exceptions([&] {
        GilRelease const released(inputs.bytes() > kSmallText);
        return pipeline.encode_batch(inputs.all(), add_special_tokens, unit, threads);
    });
    return encoding_list(encodings.size(), [&](std::size_t i) {
        return std::make_unique<LazyEncoding>(std::move(encodings[i]));
    });
}

}  // namespace

std::unique_ptr<LazyEncoding> encode_one(PipelineObject const& self, py::object const& sequence,
                                         py::object const& pair, py::object const& is_pretokenized,
                                         py::object const& add_special_tokens) {
    bool const words = to_bool(is_pretokenized);
    bool const add_special = to_bool(add_special_tokens);
    auto const snapshot = warm_snapshot(self);
    if (!words && pair.is_none() && PyUnicode_Check(sequence.ptr())) {
        if (auto prepared = snapshot->prepare(snapshot, add_special, OffsetUnit::characters)) {
            TextRef const text = text_ref(sequence.ptr());
            return std::make_unique<LazyEncoding>(
                encode_plain(*snapshot, std::move(*prepared), {&text, 1}, kText), 0, sequence);
        }
    }
    Inputs inputs;
    inputs.add(sequence, pair, words);
    return with_plain_exceptions([&] {
        GilRelease const released(inputs.bytes() > kSmallText);
        return std::make_unique<LazyEncoding>(
            snapshot->general.encode(inputs.all().front(), add_special, OffsetUnit::characters));
    });
}

py::list encode_many(PipelineObject const& self, py::object const& inputs,
                     py::object const& is_pretokenized, py::object const& add_special_tokens,
                     bool with_offsets) {
    py::object const elements = to_element_tuple(inputs);
    bool const words = to_bool(is_pretokenized);
    bool const add_special = to_bool(add_special_tokens);
    OffsetUnit const unit = with_offsets ? OffsetUnit::characters : OffsetUnit::none;
    auto const snapshot = warm_snapshot(self);
    if (!words && all_are_str(elements)) {
        if (auto prepared = snapshot->prepare(snapshot, add_special, unit)) {
            return encode_str_rows(*snapshot, std::move(*prepared), elements);
        }
    }
    Inputs parsed;
    for (py::handle const element : elements) parsed.add_element(element, words);
    return encode_general(snapshot->general, parsed, add_special, unit);
}

}  // namespace tokmill::bindings
