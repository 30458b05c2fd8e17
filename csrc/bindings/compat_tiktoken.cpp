// _core.CoreBPE: what stands behind tokmill.compat.tiktoken.Encoding, with the methods, argument
// checks and exceptions of the class of that name in tiktoken 0.14.0.
#include <algorithm>
#include <memory>
#include <string>

#include "bindings/arrays.h"
#include "bindings/id_lists.h"
#include "bindings/text_access.h"
#include "bindings/tokenizer.h"
#include "decoders/decode.h"
#include "formats/rank_vocabulary.h"
#include "pipeline/rank_encoder.h"

namespace tokmill::bindings {

namespace {

using Ids = RankEncoder::Ids;

class CoreBpe {
 public:
    explicit CoreBpe(std::shared_ptr<Tokenizer const> core)
        : tokenizer_(Engine{core}), encoder_(std::move(core)) {}

    TokenizerObject const& tokenizer() const noexcept { return tokenizer_; }
    Tokenizer const& core() const noexcept { return tokenizer_.core(); }
    RankEncoder const& encoder() const noexcept { return encoder_; }

    py::list list(std::span<std::uint32_t const> ids) const {
#ifdef Py_GIL_DISABLED
        return Integers().list(ids);
#else
        return integers_.list(ids);
#endif
    }

 private:
    TokenizerObject tokenizer_;
    RankEncoder encoder_;
#ifndef Py_GIL_DISABLED
    mutable Integers integers_;  // guarded by the interpreter lock
#endif
};

CoreBpe const& self_of(PyObject* self) {
    auto* const instance = reinterpret_cast<py::detail::instance*>(self);
    auto const* const object =
        static_cast<CoreBpe const*>(instance->get_value_and_holder().value_ptr<CoreBpe>());
    if (object == nullptr) throw py::type_error("this CoreBPE was made without __init__");
    return *object;
}

// --- arguments -------------------------------------------------------------------------------

[[noreturn]] void refuse(PyObject* object, char const* wanted) {
    std::string const name =
        object == Py_None ? "'None'" : "'" + std::string(Py_TYPE(object)->tp_name) + "' object";
    throw py::type_error(name + " is not an instance of '" + wanted + "'");
}

std::string_view bytes_argument(PyObject* object) {
    if (!PyBytes_Check(object)) refuse(object, "bytes");
    return {PyBytes_AS_STRING(object), static_cast<std::size_t>(PyBytes_GET_SIZE(object))};
}

TextRef text_argument(PyObject* object) {
    if (!PyUnicode_Check(object)) refuse(object, "str");
    return text_ref(object);
}

[[noreturn]] void raise_python_error(PyObject* type, char const* message) {
    PyErr_SetString(type, message);
    throw py::error_already_set();
}

[[noreturn]] void refuse_range() {
    raise_python_error(PyExc_OverflowError, "out of range integral type conversion attempted");
}

std::uint32_t to_rank(PyObject* object) {
    long long value = 0;
    if (PyLong_Check(object)) {
        value = PyLong_AsLong(object);
    } else {
        auto const number = py::reinterpret_steal<py::object>(PyNumber_Index(object));
        if (!number) throw py::error_already_set();
        value = PyLong_AsLong(number.ptr());
    }
    if (value == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (value < 0 || value > 0xFFFFFFFFLL) refuse_range();
    return static_cast<std::uint32_t>(value);
}

// The ranks in a sequence; a contiguous array of uint32 is read in place.
class Ranks {
 public:
    explicit Ranks(PyObject* tokens) {
        if (is_vector(tokens)) {
            read_vector(tokens);
            return;
        }
        if (PyUnicode_Check(tokens)) throw py::type_error("Can't extract `str` to `Vec`");
        if (!PySequence_Check(tokens)) refuse(tokens, "Sequence");
        auto const items = py::reinterpret_steal<py::object>(PySequence_Tuple(tokens));
        if (!items) throw py::error_already_set();
        auto const size = static_cast<std::size_t>(PyTuple_GET_SIZE(items.ptr()));
        copied_.resize(size);
        for (std::size_t i = 0; i < size; ++i) {
            copied_[i] = to_rank(PyTuple_GET_ITEM(items.ptr(), static_cast<Py_ssize_t>(i)));
        }
        ids_ = copied_;
    }

    std::span<std::uint32_t const> ids() const noexcept { return ids_; }

 private:
    static bool is_vector(PyObject* tokens) {
        if (PyList_Check(tokens) || PyTuple_Check(tokens)) return false;
        if (!py::isinstance<py::array>(tokens)) return false;
        auto const array = py::reinterpret_borrow<py::array>(tokens);
        char const kind = array.dtype().kind();
        return array.ndim() == 1 && (kind == 'u' || kind == 'i');
    }

    void read_vector(PyObject* tokens) {
        try {
            view_ = std::make_unique<IdView>(tokens);
        } catch (Error const&) {
            refuse_range();
        }
        ids_ = view_->ids();
    }

    std::unique_ptr<IdView> view_;
    std::vector<std::uint32_t> copied_;
    std::span<std::uint32_t const> ids_;
};

// The special tokens that may occur: "all", or a set of names, of which those that are no special
// tokens do nothing.
EncodeOptions options_for(CoreBpe const& bpe, PyObject* allowed) {
    EncodeOptions options;
    if (PyUnicode_Check(allowed) && PyUnicode_CompareWithASCIIString(allowed, "all") == 0) {
        return options;
    }
    if (!PyAnySet_Check(allowed)) refuse(allowed, "set");
    options.special = SpecialPolicy::text;
    if (PySet_GET_SIZE(allowed) == 0) return options;
    options.special = SpecialPolicy::allow;
    for (py::handle const name : py::reinterpret_borrow<py::iterable>(allowed)) {
        if (!PyUnicode_Check(name.ptr())) refuse(name.ptr(), "str");
        Py_ssize_t size = 0;
        char const* const data = PyUnicode_AsUTF8AndSize(name.ptr(), &size);
        if (data == nullptr) throw py::error_already_set();
        auto const place =
            bpe.tokenizer().names().find_special({data, static_cast<std::size_t>(size)});
        if (place) options.allowed_special.push_back(*place);
    }
    std::sort(options.allowed_special.begin(), options.allowed_special.end());
    return options;
}

// --- encoding --------------------------------------------------------------------------------

IdBuffer& scratch_ids() {
    thread_local IdBuffer ids;
    ids.clear();
    return ids;
}

// The ids in this thread's scratch buffer, valid until its next call.
IdBuffer& encode_text(CoreBpe const& bpe, TextRef text, EncodeOptions const& options) {
    IdBuffer& ids = scratch_ids();
    GilRelease const released(text.length > kSmallText);
    bpe.core().encode(text, options, ids);
    return ids;
}

std::span<std::uint32_t const> view_of(IdBuffer const& ids) {
    return {ids.data(), ids.size()};
}

PyObject* list_of(CoreBpe const& bpe, std::span<std::uint32_t const> ids) {
    return bpe.list(ids).release().ptr();
}

PyObject* encode_ordinary(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                          PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<1> const signature("encode_ordinary", {"text"}, 1);
        auto const [text] = signature.bind(arguments, positional, keywords);
        CoreBpe const& bpe = self_of(self);
        EncodeOptions options;
        options.special = SpecialPolicy::text;
        return list_of(bpe, view_of(encode_text(bpe, text_argument(text), options)));
    });
}

PyObject* encode(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                 PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<2> const signature("encode", {"text", "allowed_special"}, 2);
        auto const [text, allowed] = signature.bind(arguments, positional, keywords);
        CoreBpe const& bpe = self_of(self);
        TextRef const ref = text_argument(text);
        return list_of(bpe, view_of(encode_text(bpe, ref, options_for(bpe, allowed))));
    });
}

// None if the text is no str, holds a special token, or cannot be encoded: then the caller finds
// out what to do.
template <class Convert>
PyObject* encode_if_plain(PyObject* self, PyObject* text, Convert const& convert) {
    CoreBpe const& bpe = self_of(self);
    if (!PyUnicode_Check(text)) return Py_NewRef(Py_None);
    EncodeOptions options;
    options.special = SpecialPolicy::raise;
    try {
        return convert(bpe, encode_text(bpe, text_ref(text), options));
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_input) throw;
        return Py_NewRef(Py_None);
    }
}

PyObject* encode_plain(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                       PyObject* keywords) noexcept {
    return guarded([&]() -> PyObject* {
        static Signature<1> const signature("encode_plain", {"text"}, 1);
        auto const [text] = signature.bind(arguments, positional, keywords);
        return encode_if_plain(self, text, [](CoreBpe const& bpe, IdBuffer& ids) {
            return list_of(bpe, view_of(ids));
        });
    });
}

PyObject* encode_plain_to_array(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                                PyObject* keywords) noexcept {
    return guarded([&]() -> PyObject* {
        static Signature<1> const signature("encode_plain_to_array", {"text"}, 1);
        auto const [text] = signature.bind(arguments, positional, keywords);
        return encode_if_plain(self, text,
                               [](CoreBpe const&, IdBuffer& ids) { return ids_to_array(ids); });
    });
}

py::object encode_to_array(CoreBpe const& bpe, py::object const& text, py::object const& allowed) {
    TextRef const ref = text_argument(text.ptr());
    IdBuffer& ids = encode_text(bpe, ref, options_for(bpe, allowed.ptr()));
    return py::reinterpret_steal<py::object>(ids_to_array(ids));
}

// Rows as lists; `allowed` is None if no row may hold a special token. None as for encode_plain.
py::object encode_rows(CoreBpe const& bpe, py::list const& texts, py::object const& allowed,
                       unsigned threads) {
    EncodeOptions options;
    if (allowed.is_none()) {
        options.special = SpecialPolicy::raise;
    } else {
        options = options_for(bpe, allowed.ptr());
    }
    TextRows const rows(texts.ptr());
    bool const all_str = std::all_of(texts.begin(), texts.end(),
                                     [](py::handle text) { return PyUnicode_Check(text.ptr()); });
    if (!all_str) return py::none();
    BatchIds batch;
    try {
        GilRelease const released(rows.large());
        batch = bpe.core().encode_batch(rows.refs(), options, threads);
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_input) throw;
        return py::none();
    }
    py::list lists(rows.refs().size());
    for (std::size_t i = 0; i < rows.refs().size(); ++i) {
        auto const begin = static_cast<std::size_t>(batch.offsets[i]);
        auto const end = static_cast<std::size_t>(batch.offsets[i + 1]);
        PyList_SET_ITEM(lists.ptr(), static_cast<Py_ssize_t>(i),
                        list_of(bpe, view_of(batch.ids).subspan(begin, end - begin)));
    }
    return lists;
}

py::list encode_bytes(CoreBpe const& bpe, py::object const& bytes) {
    std::string_view const view = bytes_argument(bytes.ptr());
    EncodeOptions options;
    options.special = SpecialPolicy::text;
    return bpe.list(
        view_of(encode_text(bpe, {view.data(), view.size(), TextKind::bytes}, options)));
}

py::list encode_single_piece(CoreBpe const& bpe, py::object const& piece) {
    Ids ids;
    bpe.encoder().encode_piece(bytes_argument(piece.ptr()), ids);
    return bpe.list(ids);
}

py::tuple encode_with_unstable(CoreBpe const& bpe, py::object const& text,
                               py::object const& allowed) {
    text_argument(text.ptr());
    auto const utf8 =
        py::reinterpret_steal<py::object>(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "strict"));
    if (!utf8) throw py::error_already_set();
    std::string_view const view = bytes_argument(utf8.ptr());
    EncodeOptions const options = options_for(bpe, allowed.ptr());
    RankEncoder::Unstable result;
    {
        GilRelease const released;
        result = bpe.encoder().encode_unstable(view, options);
    }
    py::list completions;
    for (Ids const& ids : result.completions) completions.append(bpe.list(ids));
    return py::make_tuple(bpe.list(result.stable), completions);
}

py::object encode_single_token(CoreBpe const& bpe, py::object const& piece) {
    auto const id = bpe.encoder().find_token(bytes_argument(piece.ptr()));
    if (!id) {
        PyErr_SetObject(PyExc_KeyError, piece.ptr());
        throw py::error_already_set();
    }
    return py::int_(*id);
}

// --- decoding --------------------------------------------------------------------------------

// What the tokens spell, in this thread's buffer; KeyError if one is unknown.
std::string const& decode_tokens(CoreBpe const& bpe, PyObject* tokens) {
    constexpr std::size_t kFewIds = 256;
    constexpr std::size_t kKept = 64 * 1024;
    thread_local std::string bytes;
    if (bytes.capacity() > kKept) std::string().swap(bytes);
    bytes.clear();
    Ranks const ranks(tokens);
    std::size_t unknown = kNoPosition;
    {
        GilRelease const released(ranks.ids().size() > kFewIds);
        try {
            tokmill::decode_bytes(bpe.core().tokens(), ranks.ids(), false, bytes);
        } catch (Error const& error) {
            unknown = error.position();
        }
    }
    if (unknown != kNoPosition) {
        throw py::key_error("Invalid token for decoding: " + std::to_string(ranks.ids()[unknown]));
    }
    return bytes;
}

PyObject* decode_bytes(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                       PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<1> const signature("decode_bytes", {"tokens"}, 1);
        auto const [tokens] = signature.bind(arguments, positional, keywords);
        std::string const& bytes = decode_tokens(self_of(self), tokens);
        return PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
    });
}

PyObject* decode_text(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                      PyObject* keywords) noexcept {
    return guarded([&]() -> PyObject* {
        static Signature<2> const signature("decode_text", {"tokens", "errors"}, 2);
        auto const [tokens, errors] = signature.bind(arguments, positional, keywords);
        std::string const& bytes = decode_tokens(self_of(self), tokens);
        if (!PyUnicode_Check(errors)) refuse(errors, "str");
        char const* const handler = PyUnicode_AsUTF8(errors);
        if (handler == nullptr) return nullptr;
        return PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), handler);
    });
}

py::bytes token_bytes(Tokenizer const& core, std::uint32_t id) {
    std::string_view const bytes = core.tokens().bytes(id);
    return py::bytes(bytes.data(), bytes.size());
}

py::bytes decode_single_token_bytes(CoreBpe const& bpe, py::object const& token) {
    std::uint32_t const id = to_rank(token.ptr());
    if (!bpe.core().tokens().has(id)) throw py::key_error(std::to_string(id));
    return token_bytes(bpe.core(), id);
}

py::list decode_tokens_bytes(CoreBpe const& bpe, py::iterable const& tokens) {
    py::list pieces;
    for (py::handle const token : tokens) {
        pieces.append(decode_single_token_bytes(bpe, py::reinterpret_borrow<py::object>(token)));
    }
    return pieces;
}

// --- the vocabulary --------------------------------------------------------------------------

py::list token_byte_values(CoreBpe const& bpe) {
    py::list values;
    for (std::uint32_t const id : bpe.encoder().sorted_tokens()) {
        values.append(token_bytes(bpe.core(), id));
    }
    return values;
}

py::dict mergeable_ranks(CoreBpe const& bpe) {
    TokenTable const& tokens = bpe.core().tokens();
    py::dict ranks;
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (tokens.flags[id] == TokenTable::present) ranks[token_bytes(bpe.core(), id)] = id;
    }
    return ranks;
}

[[noreturn]] void complain(std::size_t, std::string const& reason) {
    throw Error(ErrorKind::invalid_tokenizer, reason);
}

using Tokens = std::vector<std::pair<std::string, std::uint32_t>>;

Tokens special_tokens_of(py::dict const& special_tokens) {
    Tokens tokens;
    for (auto const& [name, rank] : special_tokens) {
        if (!PyUnicode_Check(name.ptr())) refuse(name.ptr(), "str");
        tokens.emplace_back(name.cast<std::string>(), to_rank(rank.ptr()));
    }
    return tokens;
}

std::unique_ptr<CoreBpe> make(py::dict const& encoder, py::dict const& special_tokens,
                              py::str const& pattern) {
    Tokens tokens;
    tokens.reserve(encoder.size());
    for (auto const& [bytes, rank] : encoder) {
        tokens.emplace_back(bytes_argument(bytes.ptr()), to_rank(rank.ptr()));
    }
    Tokens const specials = special_tokens_of(special_tokens);
    auto split = pattern.cast<std::string>();
    GilRelease const released;
    Definition definition;
    definition.format = "tiktoken";
    fill_rank_definition(definition, std::move(tokens), std::move(split), complain);
    add_special_tokens(definition, specials, complain);
    return std::make_unique<CoreBpe>(Tokenizer::compile(std::move(definition)));
}

bool has_vocabulary(TokenTable const& tokens, py::dict const& encoder) {
    auto const ordinary = std::count(tokens.flags.begin(), tokens.flags.end(), TokenTable::present);
    if (static_cast<std::size_t>(ordinary) != encoder.size()) return false;
    return std::all_of(encoder.begin(), encoder.end(), [&](auto const& entry) {
        std::uint32_t const id = to_rank(entry.second.ptr());
        return id < tokens.size() && tokens.flags[id] == TokenTable::present &&
               tokens.bytes(id) == bytes_argument(entry.first.ptr());
    });
}

// The same as `make` on the tables of a tokenizer that is there already; null unless it has the
// same vocabulary and pattern.
std::unique_ptr<CoreBpe> make_like(TokenizerObject const& tokenizer, py::dict const& encoder,
                                   py::dict const& special_tokens, py::str const& pattern) {
    auto const core = std::dynamic_pointer_cast<ByteLevelTokenizer const>(tokenizer.shared());
    if (core == nullptr || core->head().pre_tokenizers.size() != 1 ||
        core->head().pre_tokenizers[0].pattern != pattern.cast<std::string>() ||
        !has_vocabulary(core->tokens(), encoder)) {
        return nullptr;
    }
    Tokens const specials = special_tokens_of(special_tokens);
    GilRelease const released;
    Definition definition = core->definition->full();
    definition.added_tokens.clear();
    add_special_tokens(definition, specials, complain);
    return std::make_unique<CoreBpe>(core->with_added_tokens(std::move(definition.added_tokens)));
}

PyMethodDef methods[] = {
    fast_method("encode_ordinary", encode_ordinary, "The ids of a text without special tokens."),
    fast_method("encode", encode,
                "The ids of a text in which the special tokens of a set, or \"all\", may occur."),
    fast_method("encode_plain", encode_plain,
                "The ids of a text that holds no special token; None if it does, or is no text."),
    fast_method("encode_plain_to_array", encode_plain_to_array, "The same as an array."),
    fast_method("decode_bytes", decode_bytes, "The bytes that the tokens spell."),
    fast_method("decode_text", decode_text, "The same as text, by an error handler of Python's."),
};

}  // namespace

void register_compat_tiktoken(py::module_& module) {
    py::class_<CoreBpe> type(module, "CoreBPE",
                             "The compiled part of tokmill.compat.tiktoken.Encoding.");
    type.def(py::init(&make), py::arg("encoder"), py::arg("special_tokens_encoder"),
             py::arg("pattern"));
    for (PyMethodDef& method : methods) add_method(type, &method);
    type.def_static(
        "_of",
        [](TokenizerObject const& tokenizer) {
            return std::make_unique<CoreBpe>(tokenizer.shared());
        },
        "The same tokenizer as a CoreBPE.");
    type.def_static("_like", &make_like, py::arg("tokenizer"), py::arg("encoder"),
                    py::arg("special_tokens_encoder"), py::arg("pattern"));
    type.def("_encode_bytes", &encode_bytes, py::arg("bytes"));
    type.def("encode_to_array", &encode_to_array, py::arg("text"), py::arg("allowed_special"));
    type.def("encode_rows", &encode_rows, py::arg("texts"), py::arg("allowed_special"),
             py::arg("threads"));
    type.def("encode_single_piece", &encode_single_piece, py::arg("piece"));
    type.def("encode_single_token", &encode_single_token, py::arg("piece"));
    type.def("encode_with_unstable", &encode_with_unstable, py::arg("text"),
             py::arg("allowed_special"));
    type.def("decode_single_token_bytes", &decode_single_token_bytes, py::arg("token"));
    type.def("decode_tokens_bytes", &decode_tokens_bytes, py::arg("tokens"));
    type.def("token_byte_values", &token_byte_values);
    type.def("mergeable_ranks", &mergeable_ranks);
}

}  // namespace tokmill::bindings
