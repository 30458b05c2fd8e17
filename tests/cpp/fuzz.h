// What a fuzz target offers to fuzz_driver.cpp, and how it complains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

// libFuzzer's entry point: aborts if the input breaks a promise.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

// Inputs to start from.
std::vector<std::string> fuzz_seeds();

// Ends the run: the input that is being tried breaks a promise.
[[noreturn]] inline void broken(std::string const& what) {
    std::cerr << "BROKEN PROMISE: " << what << std::endl;
    std::abort();
}
