// Complaints and fields.
#include "formats/definition_file.h"

#include <algorithm>
#include <charconv>

namespace tokmill {

void DefinitionFile::invalid(std::size_t position, std::string const& reason) const {
    if (position != kNoPosition) reader_->fail_at(position, reason);
    throw Error(ErrorKind::invalid_tokenizer, reason);
}

void DefinitionFile::unsupported(std::string const& feature) const {
    throw Error(ErrorKind::unsupported_tokenizer, feature + " is not supported");
}

json::Value const& DefinitionFile::member(json::Value const& object, std::string_view name) const {
    json::Value const* const value = object.find(name);
    if (value == nullptr) invalid(object.position, "missing field `" + std::string(name) + "`");
    return *value;
}

bool DefinitionFile::boolean(json::Value const& object, std::string_view name) const {
    json::Value const& value = member(object, name);
    if (value.kind != json::Kind::boolean) invalid(value.position, "expected a boolean");
    return value.boolean;
}

std::uint64_t DefinitionFile::unsigned_integer(json::Value const& value,
                                               std::uint64_t largest) const {
    std::uint64_t parsed = 0;
    char const* const end = value.text.data() + value.text.size();
    bool const ok = value.kind == json::Kind::number &&
                    std::from_chars(value.text.data(), end, parsed).ptr == end &&
                    std::from_chars(value.text.data(), end, parsed).ec == std::errc{};
    if (!ok || parsed > largest) {
        invalid(value.position, "expected an unsigned integer up to " + std::to_string(largest));
    }
    return parsed;
}

std::string const& DefinitionFile::string(json::Value const& value) const {
    if (value.kind != json::Kind::string) invalid(value.position, "expected a string");
    return value.text;
}

std::vector<json::Value> const& DefinitionFile::array(json::Value const& value) const {
    if (value.kind != json::Kind::array) invalid(value.position, "expected an array");
    return value.items;
}

std::string const& DefinitionFile::variant(json::Value const& value,
                                           std::vector<std::string_view> const& allowed) const {
    std::string const& text = string(value);
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
        invalid(value.position, "unknown variant `" + text + "`");
    }
    return text;
}

}  // namespace tokmill
