#include "formats/serde_fields.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/utf8_decode.h"

namespace tokmill::serde {

namespace {

using json::Kind;
using json::Value;

std::string kind_name(Value const& value) {
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return std::string("boolean `") + (value.boolean ? "true" : "false") + "`";
        case Kind::number:
            return "number `" + value.text + "`";
        case Kind::string:
            return "string \"" + value.text + "\"";
        case Kind::array:
            return "sequence";
        case Kind::object:
            return "map";
    }
    return {};
}

[[noreturn]] void wrong_type(Value const& value, std::string const& expected,
                             DefinitionFile const& file) {
    file.invalid(value.position, "invalid type: " + kind_name(value) + ", expected " + expected);
}

std::string alternatives(std::initializer_list<std::string_view> names) {
    std::string text = names.size() > 2 ? "one of " : "";
    char const* const separator = names.size() > 2 ? ", " : " or ";
    for (std::string_view const& name : names) {
        if (&name != names.begin()) text += separator;
        text += "`" + std::string(name) + "`";
    }
    return text;
}

// An object as a map sees it: null unless all its members have one name.
std::pair<std::string, Value> const* sole_member(Value const& value) noexcept {
    if (value.members.empty()) return nullptr;
    auto const& last = value.members.back();
    bool const same = std::all_of(value.members.begin(), value.members.end(),
                                  [&](auto const& member) { return member.first == last.first; });
    return same ? &last : nullptr;
}

}  // namespace

std::string const* variant_name(Value const& value) noexcept {
    if (value.kind == Kind::string) return &value.text;
    if (value.kind != Kind::object) return nullptr;
    auto const* const member = sole_member(value);
    return member != nullptr && member->second.kind == Kind::null ? &member->first : nullptr;
}

Fields::Fields(Value const& value, Form form, std::initializer_list<std::string_view> names,
               DefinitionFile const& file)
    : value_(&value), names_(names), file_(&file) {
    if (value.kind == Kind::object) return;
    if (value.kind != Kind::array || form == Form::object_only) wrong_type(value, "a map", file);
    if (value.items.size() != names.size()) {
        file.invalid(value.position, "invalid length " + std::to_string(value.items.size()));
    }
}

Value const* Fields::find(std::string_view name) const {
    if (value_->kind == Kind::object) return value_->find(name);
    auto const place = std::find(names_.begin(), names_.end(), name);
    return &value_->items[static_cast<std::size_t>(place - names_.begin())];
}

Value const* Fields::optional(std::string_view name) const {
    Value const* const field = find(name);
    return field != nullptr && field->kind == Kind::null ? nullptr : field;
}

Value const& Fields::need(std::string_view name) const {
    Value const* const field = find(name);
    if (field == nullptr) {
        file_->invalid(value_->position, "missing field `" + std::string(name) + "`");
    }
    return *field;
}

bool Fields::boolean(std::string_view name) const {
    return serde::boolean(need(name), *file_);
}

std::string const& Fields::string(std::string_view name) const {
    Value const& field = need(name);
    if (field.kind != Kind::string) wrong_type(field, "a string", *file_);
    return field.text;
}

char32_t Fields::character(std::string_view name) const {
    Value const& field = need(name);
    if (field.kind == Kind::string && !field.text.empty()) {
        DecodedChar const c =
            decode_char(reinterpret_cast<unsigned char const*>(field.text.data()));
        if (c.size == field.text.size()) return c.code_point;
    }
    wrong_type(field, "a character", *file_);
}

std::size_t Fields::size(std::string_view name) const {
    return file_->unsigned_integer(need(name), std::numeric_limits<std::uint64_t>::max());
}

std::string const& Fields::variant(std::string_view name,
                                   std::initializer_list<std::string_view> allowed) const {
    Value const& field = need(name);
    std::string const* const text = variant_name(field);
    if (text == nullptr) wrong_type(field, "string or map", *file_);
    if (std::find(allowed.begin(), allowed.end(), *text) == allowed.end()) {
        file_->invalid(field.position,
                       "unknown variant `" + *text + "`, expected " + alternatives(allowed));
    }
    return *text;
}

std::string const* sole_type(Value const& value) noexcept {
    Value const* type = nullptr;
    for (auto const& [name, member] : value.members) {
        if (name != "type") continue;
        if (type != nullptr) return nullptr;
        type = &member;
    }
    return type == nullptr ? nullptr : variant_name(*type);
}

std::optional<Value> with_last_type(Value const& value) {
    auto const is_type = [](auto const& member) { return member.first == "type"; };
    if (std::count_if(value.members.begin(), value.members.end(), is_type) < 2) return std::nullopt;
    Value single = value;
    Value const type = *value.find("type");
    std::erase_if(single.members, is_type);
    single.members.emplace_back("type", type);
    return single;
}

bool boolean(Value const& value, DefinitionFile const& file) {
    if (value.kind != Kind::boolean) wrong_type(value, "a boolean", file);
    return value.boolean;
}

PatternField pattern(Value const& value, DefinitionFile const& file) {
    auto const* const member = value.kind == Kind::object ? sole_member(value) : nullptr;
    if (member == nullptr) {
        file.invalid(value.position,
                     value.kind == Kind::object
                         ? "invalid value: map, expected map with a single key"
                         : "a pattern must be {\"String\": ...} or {\"Regex\": ...}");
    }
    auto const& [name, text] = *member;
    if (name != "String" && name != "Regex") {
        file.invalid(value.position, "unknown variant `" + name + "`, expected " +
                                         alternatives({"String", "Regex"}));
    }
    if (text.kind != Kind::string) wrong_type(text, "a string", file);
    return {text.text, name == "Regex"};
}

}  // namespace tokmill::serde
