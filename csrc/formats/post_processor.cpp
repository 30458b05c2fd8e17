// Post-processors of a tokenizer.json. Each of them turns a list of encodings into another one, and
// a Sequence feeds one's result to the next; what that does to the ids of a single sequence is
// worked out by running the processors on a list that holds the sequence as one mark.
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "formats/components.h"

namespace tokmill {

namespace {

using json::Kind;
using json::Value;

constexpr std::int64_t kSequence = -1;  // stands for the ids of the text
using Encoding = std::vector<std::int64_t>;
using Encodings = std::vector<Encoding>;

constexpr std::size_t kLongest = 4096;  // ids around a text, so that no file can make it explode

std::optional<std::uint32_t> id_of(Value const& value, DefinitionFile const& file) {
    if (value.kind != Kind::number) return std::nullopt;
    return static_cast<std::uint32_t>(file.unsigned_integer(value, 0xFFFFFFFFu));
}

// The reference recognises a post-processor by its fields and not by its type, in the order in
// which they are tried here.
class PostProcessor {
 public:
    PostProcessor(DefinitionFile const& file, bool add_special_tokens)
        : file_(file), add_special_tokens_(add_special_tokens) {}

    Encodings run(Value const& value, Encodings encodings) const {
        if (value.kind != Kind::object) complain(value);
        check_unique_fields(value);
        bool const has_ends = has_pair(value, "sep") && has_pair(value, "cls");
        if (has_ends) {
            bool const roberta =
                has_boolean(value, "trim_offsets") && has_boolean(value, "add_prefix_space");
            return surround(value, roberta, std::move(encodings));
        }
        Value const* const type = value.find("type");
        bool const typed = type != nullptr && type->kind == Kind::string;
        if (typed && type->text == "ByteLevel") {
            if (!has_boolean(value, "trim_offsets") || !has_boolean(value, "add_prefix_space")) {
                complain(value);
            }
            return encodings;  // changes offsets only
        }
        if (value.find("single") != nullptr) return fill_template(value, std::move(encodings));
        if (typed && type->text == "Sequence") {
            for (Value const& step : file_.array(file_.member(value, "processors"))) {
                encodings = run(step, std::move(encodings));
            }
            return encodings;
        }
        complain(value);
    }

 private:
    [[noreturn]] void complain(Value const& value) const {
        Value const* const type = value.find("type");
        std::string const name =
            type != nullptr && type->kind == Kind::string ? " `" + type->text + "`" : "";
        file_.invalid(value.position,
                      "post_processor" + name + " has not the fields of any known post-processor");
    }

    void check_unique_fields(Value const& value) const {
        std::set<std::string_view> seen;
        for (auto const& [name, member] : value.members) {
            if (!seen.insert(name).second) {
                file_.invalid(member.position, "duplicate field `" + name + "`");
            }
        }
    }

    static bool has_boolean(Value const& object, std::string_view name) {
        Value const* const value = object.find(name);
        return value != nullptr && value->kind == Kind::boolean;
    }

    // ["</s>", 2]
    bool has_pair(Value const& object, std::string_view name) const {
        Value const* const value = object.find(name);
        return value != nullptr && value->kind == Kind::array && value->items.size() == 2 &&
               value->items[0].kind == Kind::string && id_of(value->items[1], file_);
    }

    // RobertaProcessing and BertProcessing. Encodings after the first get the separator at their
    // end, and with RoBERTa at their beginning too.
    Encodings surround(Value const& value, bool roberta, Encodings encodings) const {
        if (!add_special_tokens_) return encodings;
        auto const id = [&](char const* name) {
            return std::int64_t{*id_of(file_.member(value, name).items[1], file_)};
        };
        std::int64_t const cls = id("cls");
        std::int64_t const sep = id("sep");
        for (std::size_t i = 0; i < encodings.size(); ++i) {
            if (i == 0) {
                encodings[i].insert(encodings[i].begin(), cls);
            } else if (roberta) {
                encodings[i].insert(encodings[i].begin(), sep);
            }
            encodings[i].push_back(sep);
            check_size(encodings[i].size());
        }
        return encodings;
    }

    void check_size(std::size_t size) const {
        if (size > kLongest) file_.unsupported("a post_processor that adds so many tokens");
    }

    // TemplateProcessing: an encoding for every piece. Two encodings are a pair for it, whatever
    // they came from; with any other number the reference gives up.
    Encodings fill_template(Value const& value, Encodings const& encodings) const {
        Value const& special_tokens = file_.member(value, "special_tokens");
        if (special_tokens.kind != Kind::object) complain(special_tokens);
        check_template(file_.member(value, "single"));
        check_template(file_.member(value, "pair"));
        if (encodings.empty() || encodings.size() > 2) {
            file_.unsupported("post_processor TemplateProcessing in this place of a Sequence");
        }
        std::map<std::string_view, Value const*> tokens;
        for (auto const& [name, token] : special_tokens.members) tokens[name] = &token;
        Encodings filled;
        std::size_t size = 0;
        for (Value const& piece :
             file_.member(value, encodings.size() == 1 ? "single" : "pair").items) {
            auto const& [kind, fields] = piece.members.front();
            std::string const& id = file_.string(file_.member(fields, "id"));
            if (kind == "SpecialToken") {
                if (!add_special_tokens_) continue;
                filled.push_back(special_token(tokens, id, piece));
            } else {
                std::size_t const which = id == "A" ? 0 : 1;
                if (which >= encodings.size()) {
                    file_.invalid(piece.position,
                                  "post_processor: sequence B in the template for one sequence");
                }
                filled.push_back(encodings[which]);
            }
            size += filled.back().size() + 1;
            check_size(size);
        }
        return filled;
    }

    void check_template(Value const& pieces) const {
        for (Value const& piece : file_.array(pieces)) {
            if (piece.kind != Kind::object || piece.members.size() != 1) complain(piece);
            auto const& [kind, fields] = piece.members.front();
            if ((kind != "SpecialToken" && kind != "Sequence") || fields.kind != Kind::object) {
                complain(piece);
            }
            file_.unsigned_integer(file_.member(fields, "type_id"), 0xFFFFFFFFu);
            Value const& id = file_.member(fields, "id");
            if (kind == "Sequence") {
                file_.variant(id, {"A", "B"});
            } else {
                file_.string(id);
            }
        }
    }

    Encoding special_token(std::map<std::string_view, Value const*> const& tokens,
                           std::string const& id, Value const& piece) const {
        auto const token = tokens.find(id);
        if (token == tokens.end() || token->second->kind != Kind::object) {
            file_.invalid(piece.position,
                          "post_processor: special token `" + id + "` is not defined");
        }
        Encoding ids;
        for (Value const& value : file_.array(file_.member(*token->second, "ids"))) {
            ids.push_back(static_cast<std::int64_t>(file_.unsigned_integer(value, 0xFFFFFFFFu)));
        }
        return ids;
    }

    DefinitionFile const& file_;
    bool add_special_tokens_;
};

Encoding run_all(Value const& value, DefinitionFile const& file, bool add_special_tokens) {
    Encoding all;
    Encodings const encodings =
        PostProcessor(file, add_special_tokens).run(value, Encodings{Encoding{kSequence}});
    for (Encoding const& encoding : encodings) {
        all.insert(all.end(), encoding.begin(), encoding.end());
    }
    return all;
}

}  // namespace

Surroundings read_post_processor(Value const& value, DefinitionFile const& file) {
    Surroundings result;
    if (value.kind == Kind::null) return result;
    bool seen = false;
    for (std::int64_t const id : run_all(value, file, true)) {
        if (id != kSequence) {
            (seen ? result.suffix : result.prefix).push_back(static_cast<std::uint32_t>(id));
        } else if (std::exchange(seen, true)) {
            file.unsupported("a post_processor that repeats the text");
        }
    }
    if (!seen || run_all(value, file, false) != Encoding{kSequence}) {
        file.unsupported("a post_processor that drops or repeats the text");
    }
    return result;
}

}  // namespace tokmill
