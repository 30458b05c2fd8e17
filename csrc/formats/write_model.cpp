#include "formats/write_model.h"

#include <optional>
#include <string_view>
#include <utility>

#include "core/json_writer.h"
#include "core/serde_number.h"
#include "models/general_bpe.h"
#include "models/unigram.h"
#include "models/wordlevel.h"
#include "models/wordpiece.h"

namespace tokmill::stages {

namespace {

// Both layouts; numbers, strings and so on are appended to text() by the caller.
class Writer {
 public:
    Writer(JsonLayout layout, std::size_t depth)
        : is_pretty_(layout == JsonLayout::pretty), depth_(depth) {}

    void open(char bracket) {
        text_.push_back(bracket);
        ++depth_;
        is_first_ = true;
    }
    void close(char bracket) {
        --depth_;
        if (!is_first_) break_line();
        text_.push_back(bracket);
        is_first_ = false;
    }
    // Before each element of an array.
    void element() {
        if (!is_first_) text_.push_back(',');
        break_line();
        is_first_ = false;
    }
    void key(std::string_view name) {
        element();
        json::append_string(name, text_);
        text_ += is_pretty_ ? ": " : ":";
    }

    void string(std::string_view value) { json::append_string(value, text_); }
    void boolean(bool value) { text_ += value ? "true" : "false"; }
    void integer(std::uint64_t value) { text_ += std::to_string(value); }
    template <class Float>
    void number(Float value) {
        json::append_number(value, text_);
    }
    void null() { text_ += "null"; }
    void optional_string(std::optional<std::string> const& value) {
        value ? string(*value) : null();
    }

    std::string take() { return std::move(text_); }

 private:
    void break_line() {
        if (!is_pretty_) return;
        text_.push_back('\n');
        text_.append(2 * depth_, ' ');
    }

    std::string text_;
    bool is_pretty_;
    std::size_t depth_;
    bool is_first_ = true;
};

// One text for each id: the one that id_to_token() gives.
void write_vocabulary(Model const& model, Writer& writer) {
    writer.open('{');
    auto const vocabulary = model.vocabulary();
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
        auto const& [text, id] = vocabulary[i];
        if (i + 1 < vocabulary.size() && vocabulary[i + 1].second == id) continue;
        writer.key(text);
        writer.integer(id);
    }
    writer.close('}');
}

void write_bpe(GeneralBpe const& model, Writer& writer) {
    BpeOptions const& options = model.options();
    writer.key("dropout");
    options.dropout ? writer.number(*options.dropout) : writer.null();
    writer.key("unk_token");
    writer.optional_string(options.unk_token);
    writer.key("continuing_subword_prefix");
    writer.optional_string(options.continuing_subword_prefix);
    writer.key("end_of_word_suffix");
    writer.optional_string(options.end_of_word_suffix);
    writer.key("fuse_unk");
    writer.boolean(options.fuse_unk);
    writer.key("byte_fallback");
    writer.boolean(options.byte_fallback);
    writer.key("ignore_merges");
    writer.boolean(options.ignore_merges);
    writer.key("vocab");
    write_vocabulary(model, writer);
    writer.key("merges");
    writer.open('[');
    for (auto const& [left, right] : model.merges()) {
        writer.element();
        writer.open('[');
        writer.element();
        writer.string(left);
        writer.element();
        writer.string(right);
        writer.close(']');
    }
    writer.close(']');
}

void write_wordpiece(WordPiece const& model, Writer& writer) {
    WordPieceOptions const& options = model.options();
    writer.key("unk_token");
    writer.string(options.unk_token);
    writer.key("continuing_subword_prefix");
    writer.string(options.continuing_subword_prefix);
    writer.key("max_input_chars_per_word");
    writer.integer(options.max_input_chars_per_word);
    writer.key("vocab");
    write_vocabulary(model, writer);
}

void write_wordlevel(WordLevel const& model, Writer& writer) {
    writer.key("vocab");
    write_vocabulary(model, writer);
    writer.key("unk_token");
    writer.string(model.unk_token());
}

void write_unigram(Unigram const& model, Writer& writer) {
    UnigramOptions const& options = model.options();
    writer.key("unk_id");
    options.unk_id ? writer.integer(*options.unk_id) : writer.null();
    writer.key("vocab");
    writer.open('[');
    for (std::size_t id = 0; id < model.size(); ++id) {
        Unigram::Piece const piece = model.piece(id);
        writer.element();
        writer.open('[');
        writer.element();
        writer.string(piece.text);
        writer.element();
        writer.number(piece.score);
        writer.close(']');
    }
    writer.close(']');
    writer.key("byte_fallback");
    writer.boolean(options.byte_fallback);
}

}  // namespace

std::string write_model_json(Model const& model, JsonLayout layout, std::size_t depth) {
    Writer writer(layout, depth);
    writer.open('{');
    writer.key("type");
    writer.string(model.type());
    if (auto const* const bpe = dynamic_cast<GeneralBpe const*>(&model)) {
        write_bpe(*bpe, writer);
    } else if (auto const* const wordpiece = dynamic_cast<WordPiece const*>(&model)) {
        write_wordpiece(*wordpiece, writer);
    } else if (auto const* const wordlevel = dynamic_cast<WordLevel const*>(&model)) {
        write_wordlevel(*wordlevel, writer);
    } else if (auto const* const unigram = dynamic_cast<Unigram const*>(&model)) {
        write_unigram(*unigram, writer);
    }
    writer.close('}');
    return writer.take();
}

std::string write_vocabulary_json(Model const& model) {
    Writer writer(JsonLayout::compact, 0);
    write_vocabulary(model, writer);
    return writer.take();
}

}  // namespace tokmill::stages
