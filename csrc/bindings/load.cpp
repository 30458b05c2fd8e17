// From definition files and snapshots to an Engine.
#include "formats/load.h"

#include <memory>
#include <string>

#include "bindings/tokenizer.h"
#include "formats/known_encodings.h"
#include "formats/load_tokenizer.h"
#include "io/mapped_file.h"

namespace tokmill::bindings {

namespace {

// What has no file is called this. Names are bytes as the operating system has them, which need not
// be UTF-8.
constexpr std::string_view kMemory = "<bytes>";

std::string_view view_of(py::bytes const& data) {
    return {PyBytes_AS_STRING(data.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(data.ptr()))};
}

LoadHints to_hints(py::object const& pattern, py::dict const& special_tokens) {
    LoadHints hints;
    if (!pattern.is_none()) hints.pattern = pattern.cast<std::string>();
    for (auto const& [name, id] : special_tokens) {
        hints.special_tokens.emplace_back(name.cast<std::string>(), id.cast<std::uint32_t>());
    }
    return hints;
}

// Runs a reader and the compiler behind it without the lock. Neither of them knows where the
// definition came from, so that the complaints of both get the name here.
template <class Make>
Engine load_named(std::string_view name, Make&& make) {
    GilRelease const released;
    try {
        return {make()};
    } catch (Error const& error) {
        if (error.kind() == ErrorKind::io) throw;  // has the name
        throw Error(error.kind(), std::string(name) + ": " + error.what(), error.position());
    }
}

Engine load(py::bytes const& data, py::bytes const& name, py::object const& pattern,
            py::dict const& special_tokens) {
    LoadHints const hints = to_hints(pattern, special_tokens);
    return load_named(view_of(name), [&] { return load_tokenizer(view_of(data), hints); });
}

Engine load_vocab_merges(py::bytes const& vocab, py::bytes const& merges, py::bytes const& name) {
    return load_named(view_of(name), [&] { return load_halves(view_of(vocab), view_of(merges)); });
}

Engine load_definition_bytes(py::bytes const& data) {
    return load_named(kMemory, [&] { return load_portable(view_of(data)); });
}

Engine open_snapshot_file(py::bytes const& path) {
    return load_named(view_of(path), [&] {
        auto file = MappedFile::open(std::string(view_of(path)));
        std::string_view const data = file->bytes();
        return Tokenizer::open_snapshot(data, std::move(file));
    });
}

Engine open_snapshot_bytes(py::bytes const& data) {
    return load_named(kMemory, [&] {
        auto copy = std::make_shared<std::string const>(view_of(data));
        return Tokenizer::open_snapshot(*copy, copy);
    });
}

// Pattern and special tokens.
py::object known_encoding(std::string const& name) {
    auto const known = find_known_encoding(name);
    if (!known) return py::none();
    py::dict special_tokens;
    for (auto const& [token, id] : known->special_tokens) special_tokens[py::str(token)] = id;
    return py::make_tuple(known->pattern, special_tokens);
}

}  // namespace

void register_loading(py::module_& module) {
    module.attr("SNAPSHOT_MAGIC") = py::bytes("TOKMILL1");
    module.def("load", &load, py::arg("data"), py::arg("name"), py::arg("pattern"),
               py::arg("special_tokens"));
    module.def("load_vocab_merges", &load_vocab_merges, py::arg("vocab"), py::arg("merges"),
               py::arg("name"));
    module.def("load_definition", &load_definition_bytes, py::arg("data"));
    module.def("open_snapshot_file", &open_snapshot_file, py::arg("path"));
    module.def("open_snapshot_bytes", &open_snapshot_bytes, py::arg("data"));
    module.def("known_encoding", &known_encoding, py::arg("name"));
}

}  // namespace tokmill::bindings
