// Texts as Python stores them, without making UTF-8 copies of them (CPython would keep such a copy
// inside the string for its whole life).
#pragma once

#include <span>
#include <vector>

#include "bindings/python.h"
#include "core/text_ref.h"

namespace tokmill::bindings {

// The text of a str or bytes object, which must outlive the result. TypeError for anything else.
TextRef text_ref(PyObject* text);

// The rows of a batch. Accepts a list, a tuple, a NumPy array of str, bytes or objects, any other
// iterable of str and bytes, and anything that exports string or binary data through the Arrow C
// Data Interface (`__arrow_c_array__`, `__arrow_c_stream__`), which is read in place. All rows stay
// alive as long as this object, even if the list they came in is changed meanwhile.
class TextRows {
 public:
    explicit TextRows(PyObject* texts);
    ~TextRows();
    TextRows(TextRows const&) = delete;
    TextRows& operator=(TextRows const&) = delete;

    std::span<TextRef const> refs() const noexcept { return refs_; }
    // Whether encoding them takes long enough to let other threads run meanwhile.
    bool large() const noexcept;

 private:
    void read_tuple();

    py::object keep_alive_;
    std::vector<TextRef> refs_;
};

// arrow_import.cpp: appends the rows of an object with one of the two Arrow methods and returns
// what keeps their memory alive. The object must have the method that `stream` names.
py::object read_arrow(py::handle texts, bool stream, std::vector<TextRef>& refs);

}  // namespace tokmill::bindings
