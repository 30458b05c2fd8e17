// Numbers of JSON as serde_json turns them into doubles by default: quickly, and not always to the
// nearest double. Scores of Unigram pieces are read so by tokenizers, and a last bit can move a
// token boundary.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tokmill::json {

// `spelling` is a number in JSON's grammar. Nothing if it is out of range.
std::optional<double> parse_serde_number(std::string_view spelling) noexcept;

// The shortest spelling that reads back as the same number, as serde_json writes it: "0.0",
// "0.00001", "1e-6", "1e+16"; "null" for what JSON cannot spell.
void append_number(double number, std::string& out);
void append_number(float number, std::string& out);

}  // namespace tokmill::json
