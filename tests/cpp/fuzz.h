// What a fuzz target offers to fuzz_driver.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// libFuzzer's entry point: aborts if the input breaks a promise.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

// Inputs to start from.
std::vector<std::string> fuzz_seeds();
