// tokmill._core.bytelm.Vocabulary: the tokens of a model and which sequences of them are canonical.
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/bytelm.h"
#include "bindings/tokenizer.h"
#include "bytelm/model_vocabulary.h"

namespace tokmill::bindings {
namespace {

using namespace tokmill::bytelm;

// The bytes stay those of the Python objects.
class TokenList {
 public:
    explicit TokenList(py::handle tokens) {
        py::list const list(py::reinterpret_borrow<py::object>(tokens));
        keep_alive_ = list;
        for (std::size_t id = 0; id < list.size(); ++id) {
            py::handle const token = list[id];
            if (token.is_none()) {
                views_.emplace_back(std::nullopt);
            } else if (PyBytes_Check(token.ptr())) {
                views_.emplace_back(
                    std::string_view(PyBytes_AS_STRING(token.ptr()),
                                     static_cast<std::size_t>(PyBytes_GET_SIZE(token.ptr()))));
            } else {
                throw py::type_error("token " + std::to_string(id) + " is neither bytes nor None");
            }
        }
    }

    TokenBytes views() const noexcept { return views_; }

 private:
    py::list keep_alive_;
    std::vector<std::optional<std::string_view>> views_;
};

Utf8Rule parse_utf8(std::string const& name) {
    if (name == "any") return Utf8Rule::any;
    if (name == "strict") return Utf8Rule::strict;
    throw py::value_error("utf8=\"" + name + "\": must be one of any, strict");
}

using MergeArray = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

std::vector<Merge> read_merges(MergeArray const& array, std::size_t ids) {
    if (array.size() == 0) return {};
    if (array.ndim() != 2 || array.shape(1) != 3) {
        throw py::value_error("merges must have the shape (n, 3): left, right and new id");
    }
    std::vector<Merge> merges;
    for (py::ssize_t i = 0; i < array.shape(0); ++i) {
        std::int64_t const* const row = array.data(i, 0);
        for (int k = 0; k < 3; ++k) {
            if (row[k] >= 0 && static_cast<std::size_t>(row[k]) < ids) continue;
            throw Error(ErrorKind::invalid_tokenizer,
                        "merge " + std::to_string(i) + " names id " + std::to_string(row[k]) +
                            ", which is beyond the vocabulary of " + std::to_string(ids) + " ids",
                        static_cast<std::size_t>(i));
        }
        merges.push_back({static_cast<std::uint32_t>(row[0]), static_cast<std::uint32_t>(row[1]),
                          static_cast<std::uint32_t>(row[2])});
    }
    return merges;
}

SplitBehavior parse_behavior(std::string const& name) {
    if (name == "isolated") return SplitBehavior::isolated;
    if (name == "removed") return SplitBehavior::removed;
    if (name == "merged_with_previous") return SplitBehavior::merged_with_previous;
    if (name == "merged_with_next") return SplitBehavior::merged_with_next;
    if (name == "contiguous") return SplitBehavior::contiguous;
    throw py::value_error("unknown behavior of a split: " + name);
}

template <class T>
T field(py::dict const& step, char const* name, T fallback) {
    return step.contains(name) ? step[name].cast<T>() : fallback;
}

TextDefinition read_steps(py::list const& list) {
    TextDefinition result;
    for (py::handle const item : list) {
        auto const step = item.cast<py::dict>();
        PreTokenizer out;
        auto const kind = field<std::string>(step, "kind", "split");
        if (kind == "split") {
            out.kind = PreTokenizerKind::split;
        } else if (kind == "digits") {
            out.kind = PreTokenizerKind::digits;
        } else if (kind == "byte_level") {
            out.kind = PreTokenizerKind::byte_level;
        } else {
            throw py::value_error("unknown pre-tokenizer: " + kind);
        }
        out.pattern = field<std::string>(step, "pattern", "");
        out.pattern_is_regex = field(step, "regex", true);
        out.behavior = parse_behavior(field<std::string>(step, "behavior", "isolated"));
        out.invert = field(step, "invert", false);
        out.individual_digits = field(step, "individual_digits", false);
        if (field<std::string>(step, "dialect", "onig") == "fancy") {
            result.dialect = regex::Dialect::fancy;
        }
        result.steps.push_back(std::move(out));
    }
    return result;
}

std::vector<std::uint32_t> read_ids(py::handle ids) {
    IdView const view(ids.ptr());
    return {view.ids().begin(), view.ids().end()};
}

using BytesList = std::vector<py::bytes>;

// A TextDefinition of arguments, and what it views: ids of added tokens; strings that normal texts
// do not contain, or do not end with.
class TextArguments {
 public:
    TextArguments(py::list const& steps, py::handle added_ids, BytesList const& absent,
                  BytesList const& absent_at_end)
        : added_ids_(read_ids(added_ids)),
          absent_(absent.begin(), absent.end()),
          at_end_(absent_at_end.begin(), absent_at_end.end()),
          definition_(read_steps(steps)) {
        definition_.rules = {added_ids_, {absent_, at_end_}};
    }
    TextArguments(TextArguments const&) = delete;

    TextDefinition const& definition() const noexcept { return definition_; }

 private:
    std::vector<std::uint32_t> added_ids_;
    std::vector<std::string_view> absent_, at_end_;
    TextDefinition definition_;
};

template <class Definition>
VocabularyObject make_vocabulary(
    std::shared_ptr<ModelVocabulary const> (&make)(TokenBytes, Definition const&,
                                                   std::vector<std::uint32_t>, Utf8Rule),
    TokenList const& tokens, Definition const& definition, py::handle eos_ids,
    std::string const& utf8) {
    std::vector<std::uint32_t> ends = read_ids(eos_ids);
    Utf8Rule const rule = parse_utf8(utf8);
    GilRelease const released;
    return {make(tokens.views(), definition, std::move(ends), rule)};
}

VocabularyObject make_bpe(py::handle tokens, MergeArray const& merges, py::list const& steps,
                          py::handle eos_ids, std::string const& utf8,
                          std::optional<py::object> const& byte_ids, bool ignore_merges,
                          BytesList const& absent, BytesList const& absent_at_end,
                          py::handle added_ids) {
    TokenList const list(tokens);
    std::vector<Merge> const merge_list = read_merges(merges, list.views().size());
    TextArguments const text(steps, added_ids, absent, absent_at_end);
    BpeDefinition definition;
    definition.merges = merge_list;
    definition.text = text.definition();
    if (byte_ids) definition.byte_ids = read_ids(*byte_ids);
    if (!definition.byte_ids.empty() && definition.byte_ids.size() != 256) {
        throw py::value_error("byte_ids must be 256 ids");
    }
    definition.ignore_merges = ignore_merges;
    return make_vocabulary(of_bpe, list, definition, eos_ids, utf8);
}

VocabularyObject make_unigram(py::handle tokens, std::vector<double> const& scores,
                              py::list const& steps, py::handle eos_ids, std::string const& utf8,
                              std::optional<py::object> const& byte_ids,
                              std::optional<double> unknown_score,
                              std::vector<std::pair<std::string, double>> const& unspoken,
                              bool single_precision, BytesList const& absent,
                              BytesList const& absent_at_end, py::handle added_ids) {
    TokenList const list(tokens);
    if (scores.size() != list.views().size()) {
        throw py::value_error("scores must have one number for each token");
    }
    std::vector<std::pair<std::string_view, double>> const unspoken_views(unspoken.begin(),
                                                                          unspoken.end());
    TextArguments const text(steps, added_ids, absent, absent_at_end);
    UnigramDefinition definition;
    definition.text = text.definition();
    definition.model.scores = scores;
    definition.model.unspoken = unspoken_views;
    definition.model.unknown_score = unknown_score;
    definition.model.single_precision = single_precision;
    if (byte_ids) {
        std::vector<std::uint32_t> const ids = read_ids(*byte_ids);
        if (ids.size() != 256) throw py::value_error("byte_ids must be 256 ids");
        std::copy(ids.begin(), ids.end(), definition.model.byte_ids.emplace().begin());
    }
    return make_vocabulary(of_unigram, list, definition, eos_ids, utf8);
}

// Flags by id; nothing for an empty array.
std::unique_ptr<bool[]> read_flags(py::array_t<bool> const& array) {
    auto flags = std::make_unique<bool[]>(static_cast<std::size_t>(array.size()));
    std::copy_n(array.data(), array.size(), flags.get());
    return flags;
}

using FlagArray = py::array_t<bool, py::array::c_style | py::array::forcecast>;

VocabularyObject make_greedy(py::handle tokens, py::list const& steps, py::handle eos_ids,
                             std::string const& utf8, FlagArray const& absent_tokens,
                             FlagArray const& closing_tokens, std::size_t max_characters,
                             BytesList const& absent, BytesList const& absent_at_end,
                             py::handle added_ids) {
    TokenList const list(tokens);
    auto const absent_flags = read_flags(absent_tokens);
    auto const closing_flags = read_flags(closing_tokens);
    TextArguments const text(steps, added_ids, absent, absent_at_end);
    GreedyDefinition definition;
    definition.text = text.definition();
    definition.model.absent = {absent_flags.get(), static_cast<std::size_t>(absent_tokens.size())};
    definition.model.closing = {closing_flags.get(),
                                static_cast<std::size_t>(closing_tokens.size())};
    definition.model.max_characters = max_characters;
    return make_vocabulary(of_greedy, list, definition, eos_ids, utf8);
}

// The state behind `ids`, or null if they are not canonical.
Canonicality::StatePtr canonical_state(ModelVocabulary const& vocabulary,
                                       std::span<std::uint32_t const> ids) {
    if (vocabulary.canonicality == nullptr) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "a vocabulary without a tokenizer does not say what is canonical");
    }
    Canonicality::StatePtr state = vocabulary.canonicality->start();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] >= vocabulary.tokens->id_count()) {
            throw Error(ErrorKind::unknown_token, "id " + std::to_string(ids[i]), i);
        }
        auto const place = vocabulary.tokens->place(ids[i]);
        if (!place || !vocabulary.canonicality->allows(*state, *place)) return nullptr;
        state = vocabulary.canonicality->append(*state, *place);
    }
    return state;
}

py::array_t<bool> allowed(VocabularyObject const& self, py::handle ids) {
    ModelVocabulary const& vocabulary = *self.core;
    IdView const view(ids.ptr());
    py::array_t<bool> result(static_cast<py::ssize_t>(vocabulary.tokens->id_count()));
    std::fill_n(result.mutable_data(), result.size(), false);
    if (auto const state = canonical_state(vocabulary, view.ids())) {
        TokenSet const set = vocabulary.canonicality->allowed(*state);
        for (std::uint32_t place = 0; place < set.places(); ++place) {
            result.mutable_at(vocabulary.tokens->id(place)) = set.contains(place);
        }
    }
    return result;
}

std::vector<std::uint32_t> special_ids(VocabularyObject const& self) {
    std::vector<std::uint32_t> ids;
    std::ranges::set_difference(self.core->tokens->special_ids(), self.core->unused_ids,
                                std::back_inserter(ids));
    return ids;
}

py::object token_bytes(VocabularyObject const& self, std::uint32_t id) {
    ByteVocabulary const& tokens = *self.core->tokens;
    if (id >= tokens.id_count()) {
        throw Error(ErrorKind::unknown_token, "id " + std::to_string(id) + " is beyond the " +
                                                  std::to_string(tokens.id_count()) + " ids");
    }
    auto const place = tokens.place(id);
    if (!place) return py::none();
    return py::bytes(tokens.bytes(*place));
}

}  // namespace

void register_bytelm_vocabulary(py::module_& module) {
    py::class_<VocabularyObject>(module, "Vocabulary", "Tokens, and which sequences are canonical.")
        .def_static(
            "from_byte_level",
            [](py::handle tokenizer, py::handle eos_ids, std::string const& utf8) {
                auto const core = tokenizer_of(tokenizer.ptr()).shared();
                std::vector<std::uint32_t> ends = read_ids(eos_ids);
                Utf8Rule const rule = parse_utf8(utf8);
                GilRelease const released;
                return VocabularyObject{of_byte_level(*core, std::move(ends), rule)};
            },
            py::arg("tokenizer"), py::arg("eos_ids"), py::arg("utf8") = "any")
        .def_static("bpe", make_bpe, py::arg("tokens"), py::arg("merges"), py::arg("steps"),
                    py::arg("eos_ids"), py::arg("utf8") = "any", py::arg("byte_ids") = py::none(),
                    py::arg("ignore_merges") = false, py::arg("absent") = BytesList{},
                    py::arg("absent_at_end") = BytesList{}, py::arg("added_ids") = py::tuple())
        .def_static("unigram", make_unigram, py::arg("tokens"), py::arg("scores"), py::arg("steps"),
                    py::arg("eos_ids"), py::arg("utf8") = "any", py::arg("byte_ids") = py::none(),
                    py::arg("unknown_score") = py::none(),
                    py::arg("unspoken") = std::vector<std::pair<std::string, double>>{},
                    py::arg("single_precision") = false, py::arg("absent") = BytesList{},
                    py::arg("absent_at_end") = BytesList{}, py::arg("added_ids") = py::tuple())
        .def_static("greedy", make_greedy, py::arg("tokens"), py::arg("steps"), py::arg("eos_ids"),
                    py::arg("utf8") = "any", py::arg("absent_tokens") = FlagArray(0),
                    py::arg("closing_tokens") = FlagArray(0), py::arg("max_characters") = 0,
                    py::arg("absent") = BytesList{}, py::arg("absent_at_end") = BytesList{},
                    py::arg("added_ids") = py::tuple())
        .def_static(
            "free",
            [](py::handle tokens, py::handle eos_ids, py::handle unused_ids) {
                TokenList const list(tokens);
                return VocabularyObject{
                    of_tokens(list.views(), read_ids(eos_ids), read_ids(unused_ids))};
            },
            py::arg("tokens"), py::arg("eos_ids"), py::arg("unused_ids") = py::list())
        .def_property_readonly("id_count",
                               [](VocabularyObject const& v) { return v.core->tokens->id_count(); })
        .def_property_readonly("longest",
                               [](VocabularyObject const& v) { return v.core->tokens->longest(); })
        .def_property_readonly("special_ids", special_ids)
        .def_property_readonly("unused_ids",
                               [](VocabularyObject const& v) { return v.core->unused_ids; })
        .def_property_readonly("eos_ids", [](VocabularyObject const& v) { return v.core->end_ids; })
        .def_property_readonly(
            "knows_canonical",
            [](VocabularyObject const& v) { return v.core->canonicality != nullptr; })
        .def("token_bytes", token_bytes, py::arg("id"))
        .def(
            "is_canonical",
            [](VocabularyObject const& v, py::handle ids) {
                return canonical_state(*v.core, IdView(ids.ptr()).ids()) != nullptr;
            },
            py::arg("ids"))
        .def("allowed", allowed, py::arg("ids"))
        .def(
            "may_end",
            [](VocabularyObject const& v, py::handle ids) {
                auto const state = canonical_state(*v.core, IdView(ids.ptr()).ids());
                return state != nullptr && v.core->canonicality->may_end(*state);
            },
            py::arg("ids"));
}

}  // namespace tokmill::bindings
