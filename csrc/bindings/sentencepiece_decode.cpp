// Decoding for tokmill.compat.sentencepiece: a row or a batch of rows, of ids or of pieces, in all
// forms of results.
#include <utility>

#include "bindings/sentencepiece_processor.h"
#include "core/parallel.h"

namespace tokmill::bindings::spm {
namespace {

using IdRow = std::vector<std::int32_t>;
using PieceRow = std::vector<std::string_view>;

std::string decode_text(ProcessorObject const& self, IdRow const& ids) {
    auto const checked_ids = checked(ids, self.size());
    return self.core().decode_ids(checked_ids);
}
std::string decode_text(ProcessorObject const& self, PieceRow const& pieces) {
    return self.core().decode_pieces(pieces);
}
TextPieces decode_pieces(ProcessorObject const& self, IdRow const& ids) {
    PieceRow pieces;
    for (std::uint32_t const id : checked(ids, self.size())) {
        pieces.push_back(self.core().id_to_piece(id));
    }
    return self.core().decode_with_surfaces(pieces);
}
TextPieces decode_pieces(ProcessorObject const& self, PieceRow const& pieces) {
    return self.core().decode_with_surfaces(pieces);
}

// The forms of a result: how the core makes it, and how Python gets it.
struct AsText {
    using Result = std::string;
    template <class Row>
    static Result decode(ProcessorObject const& self, Row const& row) {
        return decode_text(self, row);
    }
    static py::object convert(Result const& text, bool as_bytes) {
        return to_python(text, as_bytes);
    }
};
struct AsProto {
    using Result = TextPieces;
    template <class Row>
    static Result decode(ProcessorObject const& self, Row const& row) {
        return decode_pieces(self, row);
    }
    static py::object convert(Result const& pieces, bool) {
        return py::bytes(sentencepiece::serialize(pieces));
    }
};
struct AsMapping {
    using Result = TextPieces;
    template <class Row>
    static Result decode(ProcessorObject const& self, Row const& row) {
        return decode_pieces(self, row);
    }
    static py::object convert(Result const& pieces, bool as_bytes) {
        return to_mapping(pieces, as_bytes, true);
    }
};

template <class Form, class Row>
py::object decode_row(ProcessorObject const& self, Row const& row, bool as_bytes) {
    typename Form::Result const result = reported([&] {
        GilRelease const release(row.size() >= kSmallText);
        return Form::decode(self, row);
    });
    return Form::convert(result, as_bytes);
}

template <class Form>
py::object decode_ids(ProcessorObject const& self, py::handle input, bool as_bytes) {
    return decode_row<Form>(self, read_ids(input), as_bytes);
}
// Pieces of bytes give bytes.
template <class Form>
py::object decode_texts(ProcessorObject const& self, py::handle input, bool as_bytes) {
    Texts const pieces(input);
    return decode_row<Form>(self, pieces.views(), as_bytes || pieces.is_bytes());
}

template <class Form, class RowOf>
py::object decode_rows(ProcessorObject const& self, std::size_t count, RowOf const& row_of,
                       unsigned threads, bool as_bytes) {
    std::vector<typename Form::Result> results(count);
    if (count != 0) {
        reported([&] {
            GilRelease const release;
            parallel_for(count, threads, [&](std::size_t i, std::size_t) {
                results[i] = Form::decode(self, row_of(i));
            });
        });
    }
    py::list list(count);
    for (std::size_t i = 0; i < count; ++i) list[i] = Form::convert(results[i], as_bytes);
    return list;
}

using Rows = std::vector<py::object>;

template <class Form>
py::object decode_id_rows(ProcessorObject const& self, Rows const& inputs, unsigned threads,
                          bool as_bytes) {
    std::vector<IdRow> rows;
    for (py::object const& row : inputs) rows.push_back(read_ids(row));
    return decode_rows<Form>(
        self, rows.size(), [&](std::size_t i) -> IdRow const& { return rows[i]; }, threads,
        as_bytes);
}

// The first row that is not empty decides whether the results are bytes.
template <class Form>
py::object decode_text_rows(ProcessorObject const& self, Rows const& inputs, unsigned threads,
                            bool as_bytes) {
    std::vector<Texts> rows;
    rows.reserve(inputs.size());
    bool found = false;
    for (py::object const& row : inputs) {
        rows.emplace_back(row);
        if (!found && rows.back().size() != 0) {
            found = true;
            as_bytes = as_bytes || rows.back().is_bytes();
        }
    }
    return decode_rows<Form>(
        self, rows.size(), [&](std::size_t i) -> PieceRow const& { return rows[i].views(); },
        threads, as_bytes);
}

template <class Form>
py::object decode_id_batch(ProcessorObject const& self, py::handle input, unsigned threads,
                           bool as_bytes) {
    return decode_id_rows<Form>(self, read_rows(input), threads, as_bytes);
}

template <class Form>
py::object decode_text_batch(ProcessorObject const& self, py::handle input, unsigned threads,
                             bool as_bytes) {
    return decode_text_rows<Form>(self, read_rows(input), threads, as_bytes);
}

bool begins_with_text(py::handle row) {
    if (!PyList_Check(row.ptr()) && !PyTuple_Check(row.ptr())) return false;
    if (py::len(row) == 0) return false;
    auto const first = py::reinterpret_steal<py::object>(PySequence_GetItem(row.ptr(), 0));
    return first && (PyUnicode_Check(first.ptr()) || PyBytes_Check(first.ptr()));
}

py::object decode_mapping(ProcessorObject const& self, py::handle input, bool as_bytes) {
    return begins_with_text(input) ? decode_texts<AsMapping>(self, input, as_bytes)
                                   : decode_ids<AsMapping>(self, input, as_bytes);
}

// Empty rows may be either; the first other row decides.
py::object decode_mapping_batch(ProcessorObject const& self, py::handle input, unsigned threads,
                                bool as_bytes) {
    Rows const rows = read_rows(input);
    for (py::object const& row : rows) {
        if (begins_with_text(row)) {
            return decode_text_rows<AsMapping>(self, rows, threads, as_bytes);
        }
        bool const is_list = PyList_Check(row.ptr()) || PyTuple_Check(row.ptr());
        if (is_list && py::len(row) != 0) break;
    }
    return decode_id_rows<AsMapping>(self, rows, threads, as_bytes);
}

}  // namespace

void register_decode(ProcessorClass& type) {
    type.def("decode_ids", &decode_ids<AsText>)
        .def("decode_ids_as_proto", &decode_ids<AsProto>)
        .def("decode_pieces", &decode_texts<AsText>)
        .def("decode_pieces_as_proto", &decode_texts<AsProto>)
        .def("decode_as_mapping", &decode_mapping)
        .def("decode_id_batch", &decode_id_batch<AsText>)
        .def("decode_id_batch_as_proto", &decode_id_batch<AsProto>)
        .def("decode_piece_batch", &decode_text_batch<AsText>)
        .def("decode_piece_batch_as_proto", &decode_text_batch<AsProto>)
        .def("decode_batch_as_mapping", &decode_mapping_batch);
}

}  // namespace tokmill::bindings::spm
