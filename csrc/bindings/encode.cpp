// Text to ids: the methods of _core.Tokenizer that encode and count.
#include <limits>
#include <string>

#include "bindings/arrays.h"
#include "bindings/text_access.h"
#include "bindings/tokenizer.h"

namespace tokmill::bindings {

namespace {

// Ids of short texts are copied out of this buffer, which therefore stays allocated between calls.
IdBuffer& scratch_ids() {
    thread_local IdBuffer ids;
    ids.clear();
    return ids;
}

PyObject* encode(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                 PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<3> const signature("encode", {"text", "add_special_tokens", "special"}, 1);
        auto const [text, add_special, special] = signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        TextRef const ref = text_ref(text);
        EncodeOptions const options = encode_options(tokenizer, add_special, special);
        IdBuffer& ids = scratch_ids();
        {
            GilRelease const released(ref.length > kSmallText);
            tokenizer.core().encode(ref, options, ids);
        }
        return ids_to_array(ids);
    });
}

PyObject* count(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<3> const signature("count", {"text", "add_special_tokens", "special"}, 1);
        auto const [text, add_special, special] = signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        TextRef const ref = text_ref(text);
        EncodeOptions const options = encode_options(tokenizer, add_special, special);
        std::size_t size = 0;
        {
            GilRelease const released(ref.length > kSmallText);
            size = tokenizer.core().count(ref, options);
        }
        return PyLong_FromSize_t(size);
    });
}

// A limit below zero fits nothing, one beyond what any text can need fits everything.
std::optional<std::size_t> to_limit(PyObject* limit) {
    auto const number = py::reinterpret_steal<py::object>(PyNumber_Index(limit));
    if (!number) throw py::error_already_set();
    int overflow = 0;
    long long const value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    if (overflow < 0 || (overflow == 0 && value < 0)) return std::nullopt;
    if (overflow > 0) return std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(value);
}

PyObject* fits(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
               PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<4> const signature("fits",
                                            {"text", "limit", "add_special_tokens", "special"}, 2);
        auto const [text, limit, add_special, special] =
            signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        TextRef const ref = text_ref(text);
        EncodeOptions const options = encode_options(tokenizer, add_special, special);
        auto const most = to_limit(limit);
        bool result = false;
        if (most) {
            GilRelease const released(ref.length > kSmallText);
            result = tokenizer.core().fits(ref, *most, options);
        }
        return Py_NewRef(result ? Py_True : Py_False);
    });
}

PyMethodDef encode_method = fast_method(
    "encode", encode,
    "encode($self, /, text, add_special_tokens=True, special='parse')\n--\n\n"
    "Encodes one text.\n\n"
    "Args:\n"
    "    text: str, or bytes of UTF-8. Invalid UTF-8 is encoded losslessly where the vocabulary\n"
    "        has all bytes.\n"
    "    add_special_tokens: whether to add what the definition's post-processor puts around a\n"
    "        text, such as a beginning-of-sequence token.\n"
    "    special: what happens where the text spells a special token. 'parse': it becomes that\n"
    "        token; 'text': it is ordinary text; 'raise': InvalidInput; a set of names: these\n"
    "        are parsed, all others are ordinary text.\n\n"
    "Returns:\n"
    "    The ids, a new array of uint32 of shape (n,).\n\n"
    "Raises:\n"
    "    InvalidInput: the text cannot be encoded (a lone surrogate, a special token under\n"
    "        'raise'); `position` is its byte offset in the UTF-8 form of the text.\n"
    "    TypeError: the text is neither str nor bytes.\n"
    "    ValueError: `special` names a token that is not a special token.");

PyMethodDef count_method =
    fast_method("count", count,
                "count($self, /, text, add_special_tokens=True, special='parse')\n--\n\n"
                "Number of ids that `encode` would return, without storing them.");

PyMethodDef fits_method =
    fast_method("fits", fits,
                "fits($self, /, text, limit, add_special_tokens=True, special='parse')\n--\n\n"
                "Whether `count(text) <= limit`; stops reading as soon as the answer is known.");

PyMethodDef* const kMethods[] = {&encode_method, &count_method, &fits_method};

OffsetUnit to_unit(std::string const& unit) {
    if (unit == "byte") return OffsetUnit::byte;
    if (unit == "char") return OffsetUnit::character;
    throw py::value_error("unit must be \"byte\" or \"char\", not \"" + unit + '"');
}

py::tuple encode_with_offsets(TokenizerObject const& tokenizer, py::object const& text,
                              std::string const& unit, py::object const& add_special,
                              py::object const& special) {
    TextRef const ref = text_ref(text.ptr());
    EncodeOptions const options = encode_options(tokenizer, add_special.ptr(), special.ptr());
    OffsetUnit const offset_unit = to_unit(unit);
    IdBuffer ids;
    std::vector<std::int64_t> spans;
    {
        GilRelease const released(ref.length > kSmallText);
        tokenizer.core().encode_with_offsets(ref, options, offset_unit, ids, spans);
    }
    auto const array = py::reinterpret_steal<py::object>(ids_to_array(ids));
    return py::make_tuple(array, to_array(std::move(spans), true));
}

unsigned to_threads(py::object const& threads) {
    if (threads.is_none()) return 0;
    auto const number = py::reinterpret_steal<py::object>(PyNumber_Index(threads.ptr()));
    if (!number) throw py::error_already_set();
    int overflow = 0;
    long const value = PyLong_AsLongAndOverflow(number.ptr(), &overflow);
    if (overflow != 0 || value < 1 || value > 65536) {
        throw py::value_error("threads must be None or at least 1");
    }
    return static_cast<unsigned>(value);
}

py::tuple encode_batch(TokenizerObject const& tokenizer, py::object const& texts,
                       py::object const& add_special, py::object const& special,
                       py::object const& threads) {
    EncodeOptions const options = encode_options(tokenizer, add_special.ptr(), special.ptr());
    unsigned const workers = to_threads(threads);
    TextRows const rows(texts.ptr());
    BatchIds result;
    {
        GilRelease const released(rows.large());
        result = tokenizer.core().encode_batch(rows.refs(), options, workers);
    }
    auto const ids = py::reinterpret_steal<py::object>(ids_to_array(result.ids));
    return py::make_tuple(ids, to_array(std::move(result.offsets)));
}

py::object count_batch(TokenizerObject const& tokenizer, py::object const& texts,
                       py::object const& add_special, py::object const& special,
                       py::object const& threads) {
    EncodeOptions const options = encode_options(tokenizer, add_special.ptr(), special.ptr());
    unsigned const workers = to_threads(threads);
    TextRows const rows(texts.ptr());
    std::vector<std::int64_t> counts;
    {
        GilRelease const released(rows.large());
        counts = tokenizer.core().count_batch(rows.refs(), options, workers);
    }
    return to_array(std::move(counts));
}

py::object canonicalize(TokenizerObject const& tokenizer, py::object const& ids) {
    IdView const view(ids.ptr());
    IdBuffer canonical;
    {
        GilRelease const released(view.ids().size() > kSmallText);
        tokenizer.core().canonicalize(view.ids(), canonical);
    }
    return py::reinterpret_steal<py::object>(ids_to_array(canonical));
}

}  // namespace

void register_encode(TokenizerClass& type) {
    for (PyMethodDef* const method : kMethods) add_method(type, method);
    type.def("_encode_with_offsets", &encode_with_offsets);
    type.def("_encode_batch", &encode_batch);
    type.def("_count_batch", &count_batch);
    type.def("canonicalize", &canonicalize, py::arg("ids"),
             "The ids that `encode` gives for what `ids` spell, uint32 of shape (n,); added tokens "
             "stay where they are. UnknownToken with the index if an id is not in the vocabulary.");
}

}  // namespace tokmill::bindings
