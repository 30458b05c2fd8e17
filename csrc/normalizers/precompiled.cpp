// Precompiled: sentencepiece's character map, applied as the reference applies it. A grapheme
// cluster of up to five bytes is looked up whole and, as the shortest prefix wins, often replaced
// by what stands for its first character; longer ones are looked up character by character.
#include <array>
#include <bitset>
#include <optional>

#include "core/error.h"
#include "normalizers/charsmap.h"
#include "normalizers/grapheme.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

constexpr std::size_t kLongestWholeCluster = 5;

std::size_t count_chars(std::string_view text) noexcept {
    std::size_t count = 0;
    for (char const c : text) count += !is_continuation(static_cast<unsigned char>(c));
    return count;
}

// Writes without alignments.
class PlainWriter {
 public:
    explicit PlainWriter(PlainOutput& output) : output_(output) {}

    void keep(std::string_view run) { output_.keep(run); }
    void replace(std::string_view /*old*/, std::string_view content) { output_.append(content); }
    void flush() {}

 private:
    PlainOutput& output_;
};

// Writes with the changes that the reference counts for a replacement: its last characters are the
// inserted ones, and missing characters disappear behind its last one or, if it is empty, behind
// whatever was written last. So the last character has to wait for what comes behind it.
class AlignedWriter {
 public:
    explicit AlignedWriter(AlignedOutput& output) : output_(output) {}

    void keep(std::string_view run) {
        flush();
        std::size_t last = run.size() - 1;
        while (is_continuation(static_cast<unsigned char>(run[last]))) --last;
        if (last > 0) output_.keep(run.substr(0, last));
        kept_ = run.substr(last);
        waiting_ = true;
        change_ = 0;
    }

    void replace(std::string_view old, std::string_view content) {
        auto const old_count = static_cast<std::ptrdiff_t>(count_chars(old));
        auto const new_count = static_cast<std::ptrdiff_t>(count_chars(content));
        std::ptrdiff_t left = new_count;
        for_each_char(content, [&](std::uint32_t c) {
            // The last ones of more characters than there were are inserted.
            wait(c, left <= new_count - old_count ? 1 : 0);
            --left;
        });
        if (new_count < old_count) change_ += static_cast<int>(new_count - old_count);
    }

    void flush() {
        if (!waiting_) return;
        waiting_ = false;
        if (!kept_.empty() && change_ == 0) {
            output_.keep(kept_);
        } else if (!kept_.empty()) {
            auto const* p = reinterpret_cast<unsigned char const*>(kept_.data());
            output_.put(decode_char(p).code_point, change_);
        } else {
            output_.put(code_point_, change_);
        }
    }

 private:
    void wait(std::uint32_t code_point, int change) {
        flush();
        waiting_ = true;
        kept_ = {};
        code_point_ = code_point;
        change_ = change;
    }

    AlignedOutput& output_;
    bool waiting_ = false;
    std::string_view kept_;  // the waiting character, if it is one of the input
    std::uint32_t code_point_ = 0;
    int change_ = 0;
};

// Only tells whether anything is replaced.
struct ChangeFinder {
    bool changed = false;
    void keep(std::string_view) noexcept {}
    void replace(std::string_view, std::string_view) noexcept { changed = true; }
    void flush() noexcept {}
};

class Precompiled final : public Normalizer {
 public:
    explicit Precompiled(std::string_view charsmap) : map_(charsmap) {
        for (std::uint32_t c = 0; c < plain_.size(); ++c) {
            if (c >= 0xD800 && c < 0xE000) continue;
            char bytes[4];
            std::string_view const text(bytes, encode_utf8(c, bytes));
            plain_[c] = is_plain(c, text);
            if (c < ascii_.size()) ascii_[c] = replacement(text);
            if (!plain_[c]) leads_.set(static_cast<unsigned char>(bytes[0]));
        }
        works_in_parts_ = keeps_words();
        for (unsigned lead = 0xF0; lead < 0xF8; ++lead) {
            leads_.set(static_cast<unsigned char>(lead));
        }
    }

    void normalize(NormalizedString& text) const override {
        // A text that nothing is replaced in is not touched, which is not the same as rewriting it
        // if something was inserted before it.
        if (text.alignments().empty()) return;
        if (text.alignments().front().end == 0) {
            ChangeFinder finder;
            walk(text.normalized(), finder);
            if (!finder.changed) return;
        }
        AlignedOutput output(text);
        AlignedWriter writer(output);
        walk(output.input(), writer);
        output.finish();
    }

    void normalize(std::string& text) const override {
        PlainOutput output(text);
        PlainWriter writer(output);
        walk(output.input(), writer);
        output.finish();
    }

    bool works_in_parts() const noexcept override { return works_in_parts_; }

 private:
    // What begins a grapheme cluster may stand for all of it: then a word that follows it must not
    // become white space.
    bool keeps_words() const {
        for (std::uint32_t c : {0x0600,  0x0601,  0x0602,  0x0603,  0x0604,  0x0605,  0x06DD,
                                0x070F,  0x0890,  0x0891,  0x08E2,  0x0D4E,  0x110BD, 0x110CD,
                                0x111C2, 0x111C3, 0x1193F, 0x11941, 0x11A3A, 0x11D46, 0x11F02}) {
            char bytes[4];
            auto const found = replacement({bytes, encode_utf8(c, bytes)});
            if (found && (found->empty() || trailing_white_space(*found) != 0)) return false;
        }
        return true;
    }

    // Whether the character stays as it is, and is a cluster between others of the kind.
    bool is_plain(std::uint32_t c, std::string_view text) const {
        if (may_join_before(c) || may_join_behind(c)) return false;
        try {
            return !map_.find(text);
        } catch (Error const&) {
            return false;  // complained about when the character comes up
        }
    }

    std::optional<std::string_view> replacement(std::string_view text) const {
        try {
            return map_.find(text);
        } catch (Error const&) {
            return std::nullopt;
        }
    }

    template <class Writer>
    void walk(std::string_view text, Writer& writer) const {
        for (std::size_t i = 0; i < text.size();) {
            std::size_t const end = plain_run(text, i);
            if (i < end) writer.keep(text.substr(i, end - i));
            i = end;
            if (i == text.size()) break;
            if (is_single_ascii(text, i)) {
                writer.replace(text.substr(i, 1), *ascii_[static_cast<unsigned char>(text[i])]);
                ++i;
                continue;
            }
            std::size_t const cluster_end = grapheme_end(text, i);
            write_cluster(text.substr(i, cluster_end - i), writer);
            i = cluster_end;
        }
        writer.flush();
    }

    // Whether the character is ASCII, is replaced, and is a cluster of its own.
    bool is_single_ascii(std::string_view text, std::size_t i) const noexcept {
        auto const is_ascii = [text](std::size_t k) {
            return static_cast<unsigned char>(text[k]) < 0x80;
        };
        return is_ascii(i) && ascii_[static_cast<unsigned char>(text[i])] &&
               (i + 1 == text.size() || is_ascii(i + 1)) && text[i] != '\r';
    }

    // The end of the run of clusters from `begin` on that are single plain characters.
    std::size_t plain_run(std::string_view text, std::size_t begin) const noexcept {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        std::size_t i = leads_.find(text, begin);
        for (; i < text.size(); i = leads_.find(text, i)) {
            DecodedChar const c = decode_char(bytes + i);
            if (c.code_point >= plain_.size() || !plain_[c.code_point]) {
                if (i == begin || !may_join_before(c.code_point)) return i;
                do --i;
                while (is_continuation(bytes[i]));
                return i;
            }
            i += c.size;
        }
        return i;
    }

    template <class Writer>
    void write_cluster(std::string_view cluster, Writer& writer) const {
        if (cluster.size() <= kLongestWholeCluster) {
            if (auto const content = map_.find(cluster)) return writer.replace(cluster, *content);
        }
        auto const* const bytes = reinterpret_cast<unsigned char const*>(cluster.data());
        for (std::size_t i = 0; i < cluster.size();) {
            std::string_view const part = cluster.substr(i, decode_char(bytes + i).size);
            if (auto const content = map_.find(part)) {
                writer.replace(part, *content);
            } else {
                writer.keep(part);
            }
            i += part.size();
        }
    }

    Charsmap map_;
    bool works_in_parts_ = true;
    std::bitset<0x10000> plain_;
    std::array<std::optional<std::string_view>, 0x80> ascii_;  // what they are replaced by
    LeadTable leads_;
};

}  // namespace

NormalizerPtr make_precompiled(std::string_view charsmap) {
    return std::make_shared<Precompiled const>(charsmap);
}

}  // namespace tokmill::stages
