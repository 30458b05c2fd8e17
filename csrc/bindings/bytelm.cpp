// tokmill._core.bytelm: byte-level measures of token-level models.
#include "bindings/bytelm.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/python.h"
#include "bytelm/scorer.h"
#include "bytelm/state.h"
#include "core/parallel.h"

namespace tokmill::bindings {
namespace {

using namespace tokmill::bytelm;

[[noreturn]] void refuse_option(char const* name, std::string const& value, char const* choices) {
    throw py::value_error(std::string(name) + "=\"" + value + "\": must be one of " + choices);
}

Covering parse_covering(std::string const& name) {
    if (name == "all") return Covering::all;
    if (name == "canonical") return Covering::canonical;
    refuse_option("covering", name, "canonical, all");
}

SpecialRule parse_special(std::string const& name) {
    if (name == "eos") return SpecialRule::end;
    if (name == "forbid") return SpecialRule::forbid;
    if (name == "other") return SpecialRule::other;
    refuse_option("special", name, "eos, forbid, other");
}

RowKind parse_rows(std::string const& name) {
    if (name == "auto") return RowKind::automatic;
    if (name == "logprobs") return RowKind::log_probabilities;
    if (name == "logits") return RowKind::logits;
    refuse_option("rows", name, "auto, logprobs, logits");
}

std::shared_ptr<Process const> make_process(VocabularyObject const& vocabulary,
                                            std::string const& covering,
                                            std::string const& renormalize,
                                            std::string const& special, std::string const& rows,
                                            std::optional<std::size_t> beam, double eps) {
    ProcessOptions options;
    options.covering = parse_covering(covering);
    if (renormalize != "local" && renormalize != "none") {
        refuse_option("renormalize", renormalize, "local, none");
    }
    options.local = renormalize == "local" || options.covering == Covering::all;
    options.special = parse_special(special);
    options.rows = parse_rows(rows);
    if (beam.has_value() && *beam == 0) throw py::value_error("beam must be at least 1");
    if (!(eps >= 0 && eps < 1)) throw py::value_error("eps must be at least 0 and below 1");
    options.beam = beam;
    options.eps = eps;
    return std::make_shared<Process const>(vocabulary.core, options);
}

// A two-dimensional array of float32 or float64 whose rows are contiguous.
class RowsView {
 public:
    explicit RowsView(py::handle rows) {
        array_ = py::array::ensure(rows);
        if (!array_) {
            PyErr_Clear();
            throw py::type_error(
                "rows must be an array of numbers of shape (contexts, vocabulary)");
        }
        if (array_.ndim() != 2) {
            throw Error(ErrorKind::invalid_input,
                        "rows must have two dimensions (contexts, vocabulary), not " +
                            std::to_string(array_.ndim()));
        }
        char const kind = array_.dtype().kind();
        if (kind != 'f' && kind != 'i' && kind != 'u') {
            throw py::type_error("rows must be real numbers");
        }
        is_float_ = py::isinstance<py::array_t<float>>(array_);
        if (is_float_) {
            array_ = py::array_t<float, py::array::c_style | py::array::forcecast>(array_);
        } else {
            array_ = py::array_t<double, py::array::c_style | py::array::forcecast>(array_);
        }
        count_ = static_cast<std::size_t>(array_.shape(0));
        width_ = static_cast<std::size_t>(array_.shape(1));
    }

    std::size_t count() const noexcept { return count_; }
    RowValues operator[](std::size_t i) const {
        if (is_float_) {
            return std::span(static_cast<float const*>(array_.data()) + i * width_, width_);
        }
        return std::span(static_cast<double const*>(array_.data()) + i * width_, width_);
    }

 private:
    py::array array_;
    bool is_float_ = false;
    std::size_t count_ = 0, width_ = 0;
};

void check_count(std::size_t rows, std::size_t contexts) {
    if (rows == contexts) return;
    throw Error(ErrorKind::invalid_input,
                std::to_string(rows) + " rows for " + std::to_string(contexts) + " contexts");
}

py::tuple ids_tuple(std::vector<std::uint32_t> const& ids) {
    py::tuple tuple(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) tuple[i] = py::int_(ids[i]);
    return tuple;
}

py::list needs(State const& state, bool next_byte) {
    py::list result;
    for (ContextPtr const& context : state.needs(next_byte)) {
        result.append(ids_tuple(context->tokens()));
    }
    return result;
}

void supply(State const& state, py::handle rows, bool next_byte) {
    RowsView const view(rows);
    std::vector<ContextPtr> const contexts = state.needs(next_byte);
    check_count(view.count(), contexts.size());
    GilRelease const released;
    // A thread costs as much as preparing a row of a small vocabulary.
    unsigned const threads = contexts.size() < 4 ? 1 : available_threads();
    std::vector<std::exception_ptr> errors(contexts.size());
    parallel_for(contexts.size(), threads, [&](std::size_t i, std::size_t) {
        try {
            state.supply(*contexts[i], view[i], i);
        } catch (...) {
            errors[i] = std::current_exception();
        }
    });
    // A model need not make sense behind what it says is impossible.
    for (std::size_t i = 0; i < contexts.size(); ++i) {
        constexpr double kImpossible = -std::numeric_limits<double>::infinity();
        if (errors[i] && contexts[i]->log_probability() != kImpossible) {
            std::rethrow_exception(errors[i]);
        }
    }
    state.settle();
}

State push(State const& state, int byte) {
    if (byte < 0 || byte > 255) throw py::value_error("a byte is a number from 0 to 255");
    GilRelease const released;
    return state.push(static_cast<unsigned char>(byte));
}

State push_bytes(State const& state, std::string_view bytes) {
    GilRelease const released;
    State result = state;
    for (char const c : bytes) result = result.push(static_cast<unsigned char>(c));
    return result;
}

py::array_t<double> copy_array(std::span<double const> values, std::vector<py::ssize_t> shape) {
    py::array_t<double> array(std::move(shape));
    std::copy(values.begin(), values.end(), array.mutable_data());
    return array;
}

py::array_t<double> next_byte_logprobs(State const& state) {
    NextBytes next;
    {
        GilRelease const released;
        next = state.next_bytes();
    }
    return copy_array(next.log_probabilities, {kEndSymbol + 1});
}

py::list sequence_list(Sequences const& sequences) {
    py::list result;
    for (auto const& [ids, log_probability] : sequences) {
        result.append(py::make_tuple(ids_tuple(ids), log_probability));
    }
    return result;
}

py::list closed(State const& state) {
    py::list result;
    for (ContextPtr const& context : state.closed()) {
        std::optional<double> const log_probability = context->log_probability();
        if (!log_probability) throw std::logic_error("rows of the model are missing");
        result.append(py::make_tuple(ids_tuple(context->tokens()), *log_probability));
    }
    return result;
}

void feed(Scorer& scorer, py::handle rows) {
    RowsView const view(rows);
    std::size_t const left = scorer.tree().tokens.size() - scorer.fed();
    if (view.count() > left) check_count(view.count(), left);
    GilRelease const released;
    for (std::size_t i = 0; i < view.count(); ++i) scorer.feed(view[i]);
}

template <class T>
py::array_t<T> copy_integers(std::vector<T> const& values) {
    return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

void register_state(py::module_& module) {
    py::class_<State>(module, "State", "A position in a text; immutable.")
        .def_property_readonly("position", &State::position)
        .def("needs", needs, py::arg("next_byte") = true)
        .def("supply", supply, py::arg("rows"), py::arg("next_byte") = true)
        .def("push", push, py::arg("byte"))
        .def(
            "push_bytes",
            [](State const& state, py::bytes const& bytes) {
                return push_bytes(state, std::string_view(bytes));
            },
            py::arg("data"))
        .def("next_byte_logprobs", next_byte_logprobs)
        .def("prefix_logprob", &State::log_prefix, py::call_guard<py::gil_scoped_release>())
        .def("leak", [](State const& state) { return state.next_bytes().leak; })
        .def("other_logprob", [](State const& state) { return state.next_bytes().log_other; })
        .def("bounds", &State::log_prefix_bounds)
        .def(
            "cover",
            [](State const& state, std::size_t max_items) {
                return sequence_list(state.cover(max_items));
            },
            py::arg("max_items"))
        .def("closed", closed);
}

void register_scorer(py::module_& module) {
    py::class_<Scorer>(module, "Scorer", "All distributions along a known text.")
        .def_property_readonly("tokens",
                               [](Scorer const& s) { return copy_integers(s.tree().tokens); })
        .def_property_readonly("parents",
                               [](Scorer const& s) { return copy_integers(s.tree().parents); })
        .def_property_readonly("positions",
                               [](Scorer const& s) { return copy_integers(s.tree().positions); })
        .def("feed", feed, py::arg("rows"))
        .def_property_readonly("complete", &Scorer::complete)
        .def("distributions",
             [](Scorer const& s) {
                 auto const rows = static_cast<py::ssize_t>(s.leaks().size());
                 return copy_array(s.distributions(), {rows, kEndSymbol + 1});
             })
        .def("log_prefixes",
             [](Scorer const& s) {
                 return copy_array(s.log_prefixes(),
                                   {static_cast<py::ssize_t>(s.log_prefixes().size())});
             })
        .def("log_others",
             [](Scorer const& s) {
                 return copy_array(s.log_others(),
                                   {static_cast<py::ssize_t>(s.log_others().size())});
             })
        .def("leaks", [](Scorer const& s) {
            return copy_array(s.leaks(), {static_cast<py::ssize_t>(s.leaks().size())});
        });
}

}  // namespace

void register_bytelm(py::module_& parent) {
    py::module_ module =
        parent.def_submodule("bytelm", "Byte-level measures of token-level models.");
    register_bytelm_vocabulary(module);
    register_state(module);
    register_scorer(module);
    py::class_<Process, std::shared_ptr<Process>>(module, "Process", "A measure over bytes.")
        .def(py::init([](VocabularyObject const& vocabulary, std::string const& covering,
                         std::string const& renormalize, std::string const& special,
                         std::string const& rows, std::optional<std::size_t> beam, double eps) {
                 return std::const_pointer_cast<Process>(
                     make_process(vocabulary, covering, renormalize, special, rows, beam, eps));
             }),
             py::arg("vocabulary"), py::kw_only(), py::arg("covering") = "canonical",
             py::arg("renormalize") = "local", py::arg("special") = "eos", py::arg("rows") = "auto",
             py::arg("beam") = py::none(), py::arg("eps") = 0.0)
        .def("state", [](std::shared_ptr<Process> const& process) { return State(process); })
        .def(
            "scorer",
            [](std::shared_ptr<Process> const& process, py::bytes const& text, std::size_t skip) {
                std::string_view const view = text;
                GilRelease const released;
                return std::make_unique<Scorer>(process, view, skip);
            },
            py::arg("text"), py::arg("skip") = 0);
}

}  // namespace tokmill::bindings
