// tokmill._core.Tokenizer: the class itself and what describes it.
#include "bindings/tokenizer.h"

#include <algorithm>

#include "formats/load.h"

namespace tokmill::bindings {

namespace {

py::dict describe(TokenizerObject const& tokenizer) {
    py::dict lines;
    for (auto const& [key, value] : tokenizer.core().describe()) {
        lines[py::str(key)] = py::str(value);
    }
    return lines;
}

std::string_view as_text(PyObject* name) {
    Py_ssize_t size = 0;
    char const* const data = PyUnicode_AsUTF8AndSize(name, &size);
    if (data == nullptr) throw py::error_already_set();
    return {data, static_cast<std::size_t>(size)};
}

// Names of special tokens are few and short: that CPython keeps their UTF-8 does not matter.
std::vector<std::uint32_t> allowed_places(TokenizerObject const& tokenizer, PyObject* names) {
    std::vector<std::uint32_t> places;
    for (py::handle const name : py::reinterpret_borrow<py::iterable>(names)) {
        if (!PyUnicode_Check(name.ptr())) {
            throw py::type_error("special must hold names of special tokens");
        }
        auto const place = tokenizer.names().find_special(as_text(name.ptr()));
        if (!place) {
            throw py::value_error("special: this tokenizer has no special token named " +
                                  std::string(py::repr(name)));
        }
        places.push_back(*place);
    }
    std::sort(places.begin(), places.end());
    return places;
}

[[noreturn]] void refuse_policy(PyObject* special) {
    throw py::value_error("special must be \"parse\", \"text\", \"raise\" or a set of names, not " +
                          std::string(py::repr(special)));
}

SpecialPolicy named_policy(PyObject* special) {
    if (PyUnicode_CompareWithASCIIString(special, "parse") == 0) return SpecialPolicy::parse;
    if (PyUnicode_CompareWithASCIIString(special, "text") == 0) return SpecialPolicy::text;
    if (PyUnicode_CompareWithASCIIString(special, "raise") == 0) return SpecialPolicy::raise;
    refuse_policy(special);
}

// The core's bytes as Python's, made without the lock.
template <class Make>
py::bytes to_bytes(Make&& make) {
    std::string data;
    {
        GilRelease const released;
        data = make();
    }
    return py::bytes(data);
}

void register_properties(TokenizerClass& type) {
    type.def_property_readonly(
        "vocab_size", [](TokenizerObject const& self) { return self.core().vocab_size(); },
        "One more than the largest id.");
    type.def_property_readonly(
        "digest", [](TokenizerObject const& self) { return self.core().digest(); },
        "Identity by content, 32 hexadecimal digits: equal definitions have equal digests.");
    type.def_property_readonly(
        "format", [](TokenizerObject const& self) { return self.core().head().format; },
        "What the definition was read from, such as \"tokenizer.json\" or \"tiktoken\".");
}

}  // namespace

TokenizerObject const& tokenizer_of(PyObject* self) {
    // The descriptor has checked the type already, so pybind11's own look-up is not needed unless
    // somebody derived a class from two pybind11 classes.
    auto* const instance = reinterpret_cast<py::detail::instance*>(self);
    if (!instance->simple_layout) return py::handle(self).cast<TokenizerObject const&>();
    auto const* const object = static_cast<TokenizerObject const*>(
        instance->get_value_and_holder().value_ptr<TokenizerObject>());
    if (object == nullptr) {
        throw py::type_error("this Tokenizer was made without __init__; use Tokenizer.from_file");
    }
    return *object;
}

EncodeOptions encode_options(TokenizerObject const& tokenizer, PyObject* add_special_tokens,
                             PyObject* special) {
    EncodeOptions options;
    if (add_special_tokens != nullptr && add_special_tokens != Py_True) {
        int const truth = PyObject_IsTrue(add_special_tokens);
        if (truth < 0) throw py::error_already_set();
        options.add_special_tokens = truth != 0;
    }
    if (special == nullptr) return options;
    if (PyUnicode_Check(special)) {
        options.special = named_policy(special);
    } else if (py::isinstance<py::iterable>(special) && !PyBytes_Check(special)) {
        options.special = SpecialPolicy::allow;
        options.allowed_special = allowed_places(tokenizer, special);
    } else {
        throw py::type_error("special must be a str or a set of names, not " +
                             std::string(Py_TYPE(special)->tp_name));
    }
    return options;
}

TokenizerClass register_tokenizer(py::module_& module) {
    py::class_<Engine>(module, "Engine", "A compiled tokenizer, to be given to Tokenizer().");
    TokenizerClass type(module, "Tokenizer",
                        "The compiled core of tokmill.Tokenizer. Immutable and safe to share "
                        "between threads.");
    type.def(py::init<Engine const&>(), py::arg("engine"));
    register_properties(type);
    type.def("describe", &describe,
             "What was compiled to what (scanner or general matcher, special tokens put around a "
             "text, whose semantics), name -> value.");
    type.def(
        "set_cache_budget",
        [](TokenizerObject const& self, std::size_t bytes) { self.core().set_cache_budget(bytes); },
        py::arg("bytes"),
        "Sets how many bytes one thread's cache of seen words may occupy, for all users of this "
        "tokenizer. Changes the speed, never the ids.");
    type.def("_snapshot", [](TokenizerObject const& self) {
        return to_bytes([&] { return self.core().snapshot(); });
    });
    type.def("_compact_snapshot", [](TokenizerObject const& self) {
        return to_bytes([&] { return self.core().compact_snapshot(); });
    });
    type.def("_portable_form", [](TokenizerObject const& self) {
        return to_bytes([&] { return self.core().portable_form(); });
    });
    type.def("_tokenizer_json", [](TokenizerObject const& self) {
        return to_bytes([&] { return self.core().tokenizer_json(); });
    });
    return type;
}

}  // namespace tokmill::bindings
