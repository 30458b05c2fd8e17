// The JSON form of an Encoding.
#include "bindings/compat_encoding_json.h"

#include <limits>

#include "core/error.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "formats/definition_file.h"

namespace tokmill::bindings {

namespace {

using stages::Encoding;

template <class Items, class Write>
void write_array(char const* name, Items const& items, Write&& write, std::string& out) {
    out += '"';
    out += name;
    out += "\":[";
    bool first = true;
    for (auto const& item : items) {
        if (!first) out += ',';
        first = false;
        write(item);
    }
    out += "],";
}

void write_span(Span span, char const* open, char const* between, char const* close,
                std::string& out) {
    out += open + std::to_string(span.begin) + between + std::to_string(span.end) + close;
}

void write(Encoding const& encoding, std::string& out) {
    auto const number = [&](std::uint32_t value) { out += std::to_string(value); };
    out += '{';
    write_array("ids", encoding.ids, number, out);
    write_array("type_ids", encoding.type_ids, number, out);
    write_array(
        "tokens", encoding.tokens, [&](std::string const& t) { json::append_string(t, out); }, out);
    write_array(
        "words", encoding.words,
        [&](std::uint32_t word) {
            out += word == Encoding::kNoWord ? "null" : std::to_string(word);
        },
        out);
    write_array(
        "offsets", encoding.offsets, [&](Span span) { write_span(span, "[", ",", "]", out); }, out);
    write_array("special_tokens_mask", encoding.special_tokens_mask, number, out);
    write_array("attention_mask", encoding.attention_mask, number, out);
    write_array(
        "overflowing", encoding.overflowing, [&](Encoding const& part) { write(part, out); }, out);
    out += "\"sequence_ranges\":{";
    bool first = true;
    for (auto const& [sequence, range] : encoding.sequence_ranges) {
        if (!first) out += ',';
        first = false;
        out += '"' + std::to_string(sequence) + "\":";
        write_span(range, "{\"start\":", ",\"end\":", "}", out);
    }
    out += "}}";
}

class EncodingReader {
 public:
    explicit EncodingReader(DefinitionFile const& file) : file_(file) {}

    Encoding read(json::Value const& value) const {
        Encoding encoding;
        encoding.ids = numbers(value, "ids");
        encoding.type_ids = numbers(value, "type_ids");
        for (auto const& item : array(value, "tokens")) {
            encoding.tokens.push_back(file_.string(item));
        }
        for (auto const& item : array(value, "words")) {
            bool const none = item.kind == json::Kind::null;
            encoding.words.push_back(none ? Encoding::kNoWord : number(item));
        }
        for (auto const& item : array(value, "offsets")) {
            auto const& ends = file_.array(item);
            if (ends.size() != 2) file_.invalid(item.position, "expected a tuple of size 2");
            encoding.offsets.push_back({position(ends[0]), position(ends[1])});
        }
        encoding.special_tokens_mask = numbers(value, "special_tokens_mask");
        encoding.attention_mask = numbers(value, "attention_mask");
        for (auto const& item : array(value, "overflowing")) {
            encoding.overflowing.push_back(read(item));
        }
        for (auto const& [name, range] : file_.member(value, "sequence_ranges").members) {
            encoding.sequence_ranges[sequence_number(name, range)] = {
                position(file_.member(range, "start")), position(file_.member(range, "end"))};
        }
        check(encoding, value);
        return encoding;
    }

 private:
    std::vector<json::Value> const& array(json::Value const& object, char const* name) const {
        return file_.array(file_.member(object, name));
    }
    std::vector<std::uint32_t> numbers(json::Value const& object, char const* name) const {
        std::vector<std::uint32_t> result;
        for (auto const& item : array(object, name)) result.push_back(number(item));
        return result;
    }
    std::uint32_t number(json::Value const& value) const {
        return static_cast<std::uint32_t>(
            file_.unsigned_integer(value, std::numeric_limits<std::uint32_t>::max()));
    }
    std::size_t position(json::Value const& value) const {
        return file_.unsigned_integer(value, std::numeric_limits<std::size_t>::max());
    }
    std::size_t sequence_number(std::string const& name, json::Value const& at) const {
        if (name.empty() || name.size() > 9 ||
            name.find_first_not_of("0123456789") != std::string::npos) {
            file_.invalid(at.position, "expected the number of a sequence");
        }
        return std::stoul(name);
    }
    // What everything that works with encodings relies on.
    void check(Encoding const& encoding, json::Value const& value) const {
        std::size_t const size = encoding.size();
        bool const even = encoding.type_ids.size() == size && encoding.tokens.size() == size &&
                          encoding.words.size() == size && encoding.offsets.size() == size &&
                          encoding.special_tokens_mask.size() == size &&
                          encoding.attention_mask.size() == size;
        if (!even) file_.invalid(value.position, "lists of different lengths");
        for (auto const& [sequence, range] : encoding.sequence_ranges) {
            if (range.begin > range.end || range.end > size) {
                file_.invalid(value.position, "a sequence beyond the end");
            }
        }
    }

    DefinitionFile const& file_;
};

}  // namespace

std::string encoding_to_json(Encoding const& encoding) {
    std::string out;
    write(encoding, out);
    return out;
}

Encoding encoding_from_json(std::string_view text) {
    json::Reader reader(text);
    json::Value const value = reader.value();
    reader.finish();
    return EncodingReader(DefinitionFile(reader)).read(value);
}

}  // namespace tokmill::bindings
