// NormalizedString and PreTokenizedString as Python objects.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "bindings/python.h"
#include "normalizers/normalized_string.h"
#include "pretokenizers/pre_tokenized_string.h"

namespace tokmill::bindings {

// A value that Python holds, which is away while a stage or a callback works on it. So nothing that
// a callback does, and nothing that keeps the object for longer than it may, can reach a value
// that is being changed.
template <class Value>
class Loanable {
 public:
    explicit Loanable(Value value) : value_(std::move(value)) {}

    Value& get() {
        if (!value_) throw_away();
        return *value_;
    }
    bool present() const noexcept { return value_.has_value(); }
    Value take() {
        Value value = std::move(get());
        value_.reset();
        return value;
    }
    void put(Value value) { value_ = std::move(value); }

 private:
    [[noreturn]] static void throw_away() {
        PyErr_SetString(PyExc_RuntimeError, "Already mutably borrowed");
        throw py::error_already_set();
    }

    std::optional<Value> value_;
};

using TextObject = Loanable<stages::NormalizedString>;
using PiecesObject = Loanable<stages::PreTokenizedString>;

// The value of an object for as long as a stage works on it.
template <class Value>
class Loan {
 public:
    explicit Loan(Loanable<Value>& lender) : lender_(lender), value_(lender.take()) {}
    ~Loan() { lender_.put(std::move(value_)); }
    Loan(Loan const&) = delete;
    Loan& operator=(Loan const&) = delete;

    Value& operator*() noexcept { return value_; }
    Value* operator->() noexcept { return &value_; }

 private:
    Loanable<Value>& lender_;
    Value value_;
};

// Calls `function` with `value` as a Python object, which has lost it when this returns.
template <class Value>
void lend_to_python(py::object const& function, Value& value) {
    auto lent = std::make_shared<Loanable<Value>>(std::move(value));
    struct Return {
        Loanable<Value>& from;
        Value& to;
        // It is away only if another thread works on it just now.
        ~Return() {
            if (from.present()) to = from.take();
        }
    } const back{*lent, value};
    function(lent);
}

// A piece as Python gets it: text, (begin, end), tokens or None.
py::tuple piece_tuple(stages::PieceView const& piece);

}  // namespace tokmill::bindings
