// From definition files and snapshots to an Engine.
#include "formats/load.h"

#include <string>

#include "bindings/tokenizer.h"
#include "io/mapped_file.h"

namespace tokmill::bindings {

namespace {

// Bytes of any object with the buffer protocol; they must not be changed meanwhile.
std::string_view view_of(py::bytes const& data) {
    return {PyBytes_AS_STRING(data.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(data.ptr()))};
}

LoadHints to_hints(std::optional<std::string> pattern, py::dict const& special_tokens) {
    LoadHints hints;
    hints.pattern = std::move(pattern);
    for (auto const& [name, id] : special_tokens) {
        hints.special_tokens.emplace_back(name.cast<std::string>(), id.cast<std::uint32_t>());
    }
    return hints;
}

Engine load(py::bytes const& data, std::string const& name, std::optional<std::string> pattern,
            py::dict const& special_tokens) {
    LoadHints const hints = to_hints(std::move(pattern), special_tokens);
    GilRelease const released;
    return {Tokenizer::compile(load_definition(view_of(data), name, hints))};
}

Engine load_vocab_merges(py::bytes const& vocab, py::bytes const& merges, std::string const& name) {
    GilRelease const released;
    return {Tokenizer::compile(read_vocab_merges(view_of(vocab), view_of(merges), name))};
}

Engine load_definition_bytes(py::bytes const& data) {
    GilRelease const released;
    return {Tokenizer::compile(deserialize_definition(view_of(data)))};
}

Engine open_snapshot_file(std::string const& path) {
    GilRelease const released;
    auto file = MappedFile::open(path);
    std::string_view const data = file->bytes();
    return {Tokenizer::open_snapshot(data, std::move(file))};
}

Engine open_snapshot_bytes(py::bytes const& data) {
    GilRelease const released;
    auto copy = std::make_shared<std::string const>(view_of(data));
    return {Tokenizer::open_snapshot(*copy, copy)};
}

}  // namespace

void register_loading(py::module_& module) {
    module.def("load", &load, py::arg("data"), py::arg("name"), py::arg("pattern"),
               py::arg("special_tokens"));
    module.def("load_vocab_merges", &load_vocab_merges, py::arg("vocab"), py::arg("merges"),
               py::arg("name"));
    module.def("load_definition", &load_definition_bytes, py::arg("data"));
    module.def("open_snapshot_file", &open_snapshot_file, py::arg("path"));
    module.def("open_snapshot_bytes", &open_snapshot_bytes, py::arg("data"));
}

}  // namespace tokmill::bindings
