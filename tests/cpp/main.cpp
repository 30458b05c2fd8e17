// Runs the registered tests: all of them, or those whose names contain one of the arguments.
#include <algorithm>
#include <exception>
#include <iostream>
#include <string_view>

#include "check.h"

namespace {

using tokmill::test::failures;

bool selected(std::string_view name, int argc, char** argv) {
    return argc < 2 ||
           std::any_of(
               argv + 1, argv + argc,
               [name](char const* part) { return name.find(part) != std::string_view::npos; });
}

bool passes(tokmill::test::Test const& test) {
    failures() = {};
    try {
        test.run();
    } catch (std::exception const& error) {
        failures().add(test.name, 0, std::string("exception: ") + error.what());
    } catch (...) {
        failures().add(test.name, 0, "exception of unknown type");
    }
    if (failures().count != 0) std::cerr << "FAILED " << test.name << '\n';
    return failures().count == 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t passed = 0;
    std::size_t failed = 0;
    for (auto const& test : tokmill::test::registry()) {
        if (selected(test.name, argc, argv)) ++(passes(test) ? passed : failed);
    }
    std::cout << passed << " passed, " << failed << " failed" << std::endl;
    return failed == 0 && passed != 0 ? 0 : 1;
}
