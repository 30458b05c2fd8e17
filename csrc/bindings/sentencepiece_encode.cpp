// Encoding for tokmill.compat.sentencepiece: one text or a batch, in all forms of results.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "bindings/sentencepiece_processor.h"
#include "core/parallel.h"

namespace tokmill::bindings::spm {
namespace {

// What is done to the text of a call and to its result.
struct Options {
    bool sampling = false;
    int nbest_size = -1;
    float alpha = 0.1f;
    bool bos = false, eos = false, reverse = false, unk_piece = false;
};

// Ids as a read-only array of int32 that NumPy can use in place.
class VectorBuffer {
 public:
    explicit VectorBuffer(Ids ids) : ids_(std::move(ids)) {}
    py::buffer_info info() {
        return py::buffer_info(reinterpret_cast<std::int32_t*>(ids_.data()),
                               static_cast<py::ssize_t>(ids_.size()), true);
    }
    std::uintptr_t address() const { return reinterpret_cast<std::uintptr_t>(ids_.data()); }

 private:
    Ids ids_;
};

void check_options(Processor const& core, Options const& options) {
    if (options.bos && core.bos_id() == -1) {
        fail_invalid_argument("BOS token is not defined as a control symbol in this model.");
    }
    if (options.eos && core.eos_id() == -1) {
        fail_invalid_argument("EOS token is not defined as a control symbol in this model.");
    }
}

void finish(Processor const& core, Options const& options, Ids& ids) {
    check_options(core, options);
    if (options.reverse) std::reverse(ids.begin(), ids.end());
    if (options.bos) ids.insert(ids.begin(), static_cast<std::uint32_t>(core.bos_id()));
    if (options.eos) ids.push_back(static_cast<std::uint32_t>(core.eos_id()));
}

void finish(Processor const& core, Options const& options, PieceTexts& pieces) {
    check_options(core, options);
    auto const text_of = [&core](std::int32_t id) {
        return std::string(core.id_to_piece(static_cast<std::uint32_t>(id)));
    };
    if (options.unk_piece) {
        if (core.unk_id() == -1) {
            fail_invalid_argument("UNK token is not defined in this model.");
        }
        for (std::string& piece : pieces) {
            if (core.piece_to_id(piece) == core.unk_id()) piece = text_of(core.unk_id());
        }
    }
    if (options.reverse) std::reverse(pieces.begin(), pieces.end());
    if (options.bos) pieces.insert(pieces.begin(), text_of(core.bos_id()));
    if (options.eos) pieces.push_back(text_of(core.eos_id()));
}

// Places belong to the pieces in their order, which the options would spoil.
void check_no_options(Options const& options) {
    if (options.bos || options.eos || options.reverse || options.unk_piece) {
        throw std::runtime_error(
            "UNIMPLEMENTED: add_bos, add_eos, reverse, and emit_unk_piece is not supported in "
            "proto API");
    }
}

Ids ids_of(TextPieces const& pieces) {
    Ids ids;
    for (auto const& piece : pieces.pieces) ids.push_back(piece.id);
    return ids;
}
PieceTexts texts_of(TextPieces& pieces) {
    PieceTexts texts;
    for (auto& piece : pieces.pieces) texts.push_back(std::move(piece.text));
    return texts;
}

TextPieces sample(Processor const& core, std::string_view text, Options const& options) {
    return core.sample(text, options.nbest_size, options.alpha);
}

void encode(Processor const& core, std::string_view text, Options const& options, Ids& ids) {
    if (options.sampling) {
        ids = ids_of(sample(core, text, options));
    } else {
        core.encode_ids(text, ids);
    }
    finish(core, options, ids);
}
void encode(Processor const& core, std::string_view text, Options const& options,
            PieceTexts& pieces) {
    if (options.sampling) {
        TextPieces sampled = sample(core, text, options);
        pieces = texts_of(sampled);
    } else {
        pieces = core.encode_pieces(text);
    }
    finish(core, options, pieces);
}
void encode(Processor const& core, std::string_view text, Options const& options,
            TextPieces& pieces) {
    pieces = options.sampling ? sample(core, text, options) : core.encode(text);
}

// The forms of a result. Each has the type that the core makes and how Python gets it.
struct AsIds {
    using Result = Ids;
    static py::object convert(Ids&& ids, bool) { return to_list(ids); }
};
struct AsBuffer {
    using Result = Ids;
    static py::object convert(Ids&& ids, bool) { return py::cast(VectorBuffer(std::move(ids))); }
};
struct AsPieces {
    using Result = PieceTexts;
    static py::object convert(PieceTexts&& pieces, bool as_bytes) {
        return to_list(pieces, as_bytes);
    }
};
struct AsProto {
    using Result = TextPieces;
    static py::object convert(TextPieces&& pieces, bool) {
        return py::bytes(sentencepiece::serialize(pieces));
    }
};
struct AsMapping {
    using Result = TextPieces;
    static py::object convert(TextPieces&& pieces, bool as_bytes) {
        return to_mapping(pieces, as_bytes, false);
    }
};

template <class Form>
py::object encode_one(ProcessorObject const& self, py::handle input, Options const& options,
                      bool as_bytes) {
    if constexpr (std::is_same_v<typename Form::Result, TextPieces>) check_no_options(options);
    Text const text = read_text(input);
    typename Form::Result result;
    reported([&] {
        GilRelease const release(text.bytes.size() >= kSmallText);
        encode(self.core(), text.bytes, options, result);
    });
    return Form::convert(std::move(result), as_bytes);
}

template <class Form>
py::object encode_batch(ProcessorObject const& self, py::handle inputs, unsigned threads,
                        Options const& options, bool as_bytes) {
    if constexpr (std::is_same_v<typename Form::Result, TextPieces>) check_no_options(options);
    Texts const texts(inputs);
    std::vector<typename Form::Result> results(texts.size());
    if (texts.size() != 0) {
        reported([&] {
            Processor const& core = self.core();
            GilRelease const release;
            parallel_for(texts.size(), threads, [&](std::size_t i, std::size_t) {
                encode(core, texts.views()[i], options, results[i]);
            });
        });
    }
    py::list list(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        list[i] = Form::convert(std::move(results[i]), as_bytes);
    }
    return list;
}

template <class Form>
py::object encode_any(ProcessorObject const& self, py::handle input, bool is_batch,
                      unsigned threads, Options const& options, bool as_bytes) {
    return is_batch ? encode_batch<Form>(self, input, threads, options, as_bytes)
                    : encode_one<Form>(self, input, options, as_bytes);
}

template <class Form>
py::list nbest(ProcessorObject const& self, py::handle input, int count, Options const& options,
               bool as_bytes) {
    Text const text = read_text(input);
    std::vector<typename Form::Result> results;
    reported([&] {
        GilRelease const release;
        for (TextPieces& candidate : self.core().nbest(text.bytes, count)) {
            if constexpr (std::is_same_v<typename Form::Result, Ids>) {
                results.push_back(ids_of(candidate));
            } else {
                results.push_back(texts_of(candidate));
            }
            finish(self.core(), options, results.back());
        }
    });
    py::list list(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        list[i] = Form::convert(std::move(results[i]), as_bytes);
    }
    return list;
}

template <class Form>
py::object encode_in_chunks(ProcessorObject const& self, py::handle input, std::size_t characters,
                            unsigned threads, Options const& options, bool as_bytes) {
    constexpr bool kPlaced = std::is_same_v<typename Form::Result, TextPieces>;
    if constexpr (kPlaced) check_no_options(options);
    Text const text = read_text(input);
    typename Form::Result result;
    reported([&] {
        GilRelease const release;
        TextPieces pieces = self.core().encode_in_chunks(text.bytes, characters, threads);
        if constexpr (kPlaced) {
            result = std::move(pieces);
        } else {
            if constexpr (std::is_same_v<typename Form::Result, Ids>) {
                result = ids_of(pieces);
            } else {
                result = texts_of(pieces);
            }
            finish(self.core(), options, result);
        }
    });
    return Form::convert(std::move(result), as_bytes);
}

py::object nbest_proto(ProcessorObject const& self, py::handle input, int count,
                       Options const& options, bool) {
    check_no_options(options);
    Text const text = read_text(input);
    return py::bytes(reported([&] {
        GilRelease const release;
        return sentencepiece::serialize(self.core().nbest(text.bytes, count));
    }));
}

template <class Function>
auto with_options(Function function) {
    return [function](ProcessorObject const& self, py::handle input, bool is_batch,
                      unsigned threads, bool sampling, int nbest_size, float alpha, bool bos,
                      bool eos, bool reverse, bool unk_piece, bool as_bytes) {
        Options const options{sampling, nbest_size, alpha, bos, eos, reverse, unk_piece};
        return function(self, input, is_batch, threads, options, as_bytes);
    };
}

template <class Function>
auto with_nbest_options(Function function) {
    return [function](ProcessorObject const& self, py::handle input, int count, bool bos, bool eos,
                      bool reverse, bool unk_piece, bool as_bytes) {
        Options const options{false, -1, 0, bos, eos, reverse, unk_piece};
        return function(self, input, count, options, as_bytes);
    };
}

template <class Function>
auto with_chunk_options(Function function) {
    return [function](ProcessorObject const& self, py::handle input, std::size_t characters,
                      unsigned threads, bool bos, bool eos, bool reverse, bool unk_piece,
                      bool as_bytes) {
        Options const options{false, -1, 0, bos, eos, reverse, unk_piece};
        return function(self, input, characters, threads, options, as_bytes);
    };
}

}  // namespace

void register_encode(py::module_& module, ProcessorClass& type) {
    py::class_<VectorBuffer>(module, "VectorBuffer", py::buffer_protocol())
        .def_buffer([](VectorBuffer& self) { return self.info(); })
        .def("data_address", &VectorBuffer::address);
    type.def("encode_as_ids", with_options(&encode_any<AsIds>))
        .def("encode_as_buffer", with_options(&encode_any<AsBuffer>))
        .def("encode_as_pieces", with_options(&encode_any<AsPieces>))
        .def("encode_as_proto", with_options(&encode_any<AsProto>))
        .def("encode_as_mapping", with_options(&encode_any<AsMapping>))
        .def("chunked_as_ids", with_chunk_options(&encode_in_chunks<AsIds>))
        .def("chunked_as_buffer", with_chunk_options(&encode_in_chunks<AsBuffer>))
        .def("chunked_as_pieces", with_chunk_options(&encode_in_chunks<AsPieces>))
        .def("chunked_as_proto", with_chunk_options(&encode_in_chunks<AsProto>))
        .def("nbest_as_ids", with_nbest_options(&nbest<AsIds>))
        .def("nbest_as_buffer", with_nbest_options(&nbest<AsBuffer>))
        .def("nbest_as_pieces", with_nbest_options(&nbest<AsPieces>))
        .def("nbest_as_proto", with_nbest_options(&nbest_proto));
}

}  // namespace tokmill::bindings::spm
