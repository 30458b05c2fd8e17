// Fields of components as serde takes them out of JSON: by name from an object, in which the last
// of several equal names counts, or by place from an array.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/definition_file.h"

namespace tokmill::serde {

// Whether a component may also be written as the array of all its fields.
enum class Form : bool { object_only, object_or_array };

class Fields {
 public:
    // Fails if `value` is not of the form. An array must have as many elements as there are names.
    Fields(json::Value const& value, Form form, std::initializer_list<std::string_view> names,
           DefinitionFile const& file);

    // null: absent.
    json::Value const* find(std::string_view name) const;
    // The same, and null if the field is JSON's null.
    json::Value const* optional(std::string_view name) const;
    json::Value const& need(std::string_view name) const;

    bool boolean(std::string_view name) const;
    std::string const& string(std::string_view name) const;
    char32_t character(std::string_view name) const;
    std::size_t size(std::string_view name) const;
    // The name of an enum's variant.
    std::string const& variant(std::string_view name,
                               std::initializer_list<std::string_view> allowed) const;
    // Fails unless the field `type` is there and has this value.
    void need_type(std::string_view name) const { variant("type", {name}); }

    DefinitionFile const& file() const noexcept { return *file_; }

 private:
    json::Value const* value_;
    std::vector<std::string_view> names_;
    DefinitionFile const* file_;
};

// A variant of an enum without data: its name, or an object {name: null}.
std::string const* variant_name(json::Value const& value) noexcept;

// The variant that the field `type` of an object names; null unless there is exactly one such
// field.
std::string const* sole_type(json::Value const& value) noexcept;

// The same object with the last of its fields `type` alone; nothing if it has no more than one. The
// components within a sequence have passed a map before they are read, which the sequence itself
// has not.
std::optional<json::Value> with_last_type(json::Value const& value);

bool boolean(json::Value const& value, DefinitionFile const& file);

// {"String": text} or {"Regex": text}.
struct PatternField {
    std::string const& text;
    bool is_regex;
};
PatternField pattern(json::Value const& value, DefinitionFile const& file);

// How one type of component is read.
template <class Result>
struct Reader {
    std::string_view type;
    Result (*read)(json::Value const& value, DefinitionFile const& file);
};

// Reads a component by its type. Without a type that is known, the readers are tried in turn.
template <class Result, std::size_t kCount>
Result read_component(json::Value const& value, Reader<Result> const (&readers)[kCount],
                      std::string const& mismatch, DefinitionFile const& file) {
    if (std::string const* const type = sole_type(value)) {
        for (Reader<Result> const& reader : readers) {
            if (reader.type == *type) return reader.read(value, file);
        }
    }
    for (Reader<Result> const& reader : readers) {
        try {
            return reader.read(value, file);
        } catch (Error const& error) {
            if (error.kind() != ErrorKind::invalid_tokenizer) throw;
        }
    }
    file.invalid(value.position, mismatch);
}

}  // namespace tokmill::serde
