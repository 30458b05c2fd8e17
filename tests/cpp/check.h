// A test harness in one header: TEST(name) { ... } registers a test, CHECK, CHECK_EQ and
// CHECK_THROWS record failures and go on, so that one run shows all of them. An exception that
// escapes a test fails that test only. main.cpp runs everything.
#pragma once

#include <cstddef>
#include <iostream>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/span.h"

namespace tokmill::test {

struct Test {
    char const* name;
    void (*run)();
};

inline std::vector<Test>& registry() {
    static std::vector<Test> tests;
    return tests;
}

struct Registrar {
    Registrar(char const* name, void (*run)()) { registry().push_back({name, run}); }
};

// Failures of the test that is running. A loop over generated cases may fail a million times: only
// the first few are printed.
struct Failures {
    static constexpr std::size_t kPrinted = 20;
    std::size_t count = 0;

    void add(char const* file, int line, std::string const& message) {
        if (++count <= kPrinted) std::cerr << file << ':' << line << ": " << message << '\n';
        if (count == kPrinted) std::cerr << "  further failures of this test are not printed\n";
    }
};

inline Failures& failures() {
    static Failures current;
    return current;
}

template <class T>
concept Printable = requires(std::ostream& out, T const& value) { out << value; };

template <class T>
concept Iterable = requires(T const& value) {
    value.begin();
    value.end();
};

// Bytes outside printable ASCII are escaped: most texts in these tests are hostile on purpose.
inline std::string quote(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string quoted = "\"";
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
            quoted += c;
        } else {
            quoted += "\\x";
            quoted += kHex[byte >> 4];
            quoted += kHex[byte & 15];
        }
    }
    return quoted + '"';
}

template <class T>
std::string show(T const& value) {
    std::ostringstream out;
    if constexpr (std::is_convertible_v<T const&, std::string_view>) {
        out << quote(value);
    } else if constexpr (std::is_enum_v<T>) {
        out << static_cast<long long>(value);
    } else if constexpr (std::is_same_v<T, char> || std::is_same_v<T, unsigned char> ||
                         std::is_same_v<T, signed char>) {
        out << static_cast<int>(value);
    } else if constexpr (Printable<T>) {
        out << value;
    } else if constexpr (std::is_same_v<T, Span>) {
        out << '[' << value.begin << ", " << value.end << ')';
    } else if constexpr (Iterable<T>) {
        out << '{';
        char const* separator = "";
        for (auto const& item : value) {
            out << separator << show(item);
            separator = ", ";
        }
        out << '}';
    } else {
        out << "(value)";
    }
    return out.str();
}

template <class A, class B>
bool equal(A const& a, B const& b) {
    if constexpr (std::is_integral_v<A> && std::is_integral_v<B> && !std::is_same_v<A, bool> &&
                  !std::is_same_v<B, bool>) {
        // -1 must not equal the largest unsigned value, nor warn.
        return (a < A{}) == (b < B{}) &&
               static_cast<unsigned long long>(a) == static_cast<unsigned long long>(b);
    } else {
        return a == b;
    }
}

template <class A, class B>
void check_equal(A const& a, B const& b, char const* expression, char const* file, int line) {
    if (equal(a, b)) return;
    failures().add(file, line, std::string(expression) + ": " + show(a) + " is not " + show(b));
}

}  // namespace tokmill::test

#define TEST(name)                                                                                \
    static void tokmill_test_##name();                                                            \
    static ::tokmill::test::Registrar const tokmill_registrar_##name(#name, tokmill_test_##name); \
    static void tokmill_test_##name()

#define CHECK(...)                                                                          \
    do {                                                                                    \
        if (!(__VA_ARGS__))                                                                 \
            ::tokmill::test::failures().add(__FILE__, __LINE__, "not true: " #__VA_ARGS__); \
    } while (false)

#define CHECK_EQ(a, ...) \
    ::tokmill::test::check_equal((a), (__VA_ARGS__), #a " == " #__VA_ARGS__, __FILE__, __LINE__)

// Any exception will do; test its kind with a try block where the kind matters.
#define CHECK_THROWS(...)                                                                        \
    do {                                                                                         \
        bool tokmill_thrown = false;                                                             \
        try {                                                                                    \
            static_cast<void>(__VA_ARGS__);                                                      \
        } catch (...) {                                                                          \
            tokmill_thrown = true;                                                               \
        }                                                                                        \
        if (!tokmill_thrown)                                                                     \
            ::tokmill::test::failures().add(__FILE__, __LINE__, "did not throw: " #__VA_ARGS__); \
    } while (false)
