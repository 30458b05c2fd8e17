// A pull reader for JSON: the caller asks for what it expects, value by value, and no tree is built
// unless it asks for one. Accepts what Rust's serde_json accepts (UTF-8 is checked, at most 127
// nested containers, numbers that fit a double), because the definition files are owned by readers
// built on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tokmill::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

// A parsed value, for the small parts of a file.
struct Value {
    Kind kind = Kind::null;
    bool boolean = false;
    std::string text;  // a string unescaped; a number as it is spelled
    std::vector<Value> items;
    std::vector<std::pair<std::string, Value>>
        members;               // in the order of the file, duplicates kept
    std::size_t position = 0;  // where it stands in the input

    // The last member with that name (as a map of serde_json keeps it), or null.
    Value const* find(std::string_view name) const noexcept;
};

class Reader {
 public:
    // The text must outlive the reader. Fails if it is not UTF-8.
    explicit Reader(std::string_view text);

    // The kind of the value that comes next, told by its first byte.
    Kind peek();

    // Containers: begin, then next until it returns false (which also leaves the container).
    void begin_object();
    bool next_member(std::string_view& key);
    void begin_array();
    bool next_element();

    // A string, unescaped. The view is valid as long as the reader and its input.
    std::string_view string();
    std::uint32_t unsigned_32();
    // A number as it is spelled.
    std::string_view number();
    bool boolean();
    void null();
    Value value();
    void skip();
    // Fails unless only white space is left.
    void finish();

    std::size_t position() const noexcept { return static_cast<std::size_t>(cursor_ - begin_); }

    // Returning to a value passed earlier; it must be entered again from the same depth.
    struct Mark {
        char const* cursor;
        unsigned depth;
    };
    Mark mark() const noexcept { return {cursor_, depth_}; }
    void seek(Mark mark) noexcept;

    // Throws Error(invalid_tokenizer) "reason at line L column C".
    [[noreturn]] void fail(std::string const& reason) const { fail_at(position(), reason); }
    [[noreturn]] void fail_at(std::size_t position, std::string const& reason) const;

 private:
    void skip_white_space() noexcept;
    char next_byte();  // the first byte that is not white space; fails at the end of the input
    void enter(char bracket, char const* expected);
    void leave() noexcept;
    bool advance(char close);
    void expect_word(std::string_view word);
    std::string_view unescape(char const* start, char const* escape);
    std::uint32_t hex_escape(char const*& cursor) const;
    char* allocate(std::size_t size);

    char const* begin_;
    char const* end_;
    char const* cursor_;
    unsigned depth_ = 0;
    bool first_ = true;  // no element of the current container has been read yet

    // Unescaped strings. Blocks never move.
    std::vector<std::unique_ptr<char[]>> blocks_;
    char* block_free_ = nullptr;
    std::size_t block_left_ = 0;
};

}  // namespace tokmill::json
