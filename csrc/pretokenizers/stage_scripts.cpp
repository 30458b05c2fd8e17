// UnicodeScripts: cuts where the script changes.
#include <memory>

#include "core/utf8_decode.h"
#include "pretokenizers/script.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

class UnicodeScripts final : public Cutter {
 public:
    // Characters that go with every script stay with what is before them; at the beginning of the
    // text, where nothing is, they are lost.
    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        ScriptFinder script_of;
        std::uint8_t last = kAnyScript;
        for (std::size_t at = 0; at < text.size();) {
            DecodedChar const c = decode_char(bytes + at);
            std::uint8_t const script = script_of(c.code_point);
            at += c.size;
            if (script == kAnyScript || script == last) continue;
            std::size_t const begin = at - c.size;
            if (last != kAnyScript) pieces.back().end = begin;
            pieces.push_back({begin, text.size()});
            last = script;
        }
    }
};

}  // namespace

PreTokenizerPtr pre_tokenizers::unicode_scripts() {
    return std::make_shared<UnicodeScripts>();
}

}  // namespace tokmill::stages
