// The stage that changes a text before it is cut.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "normalizers/normalized_string.h"

namespace tokmill::stages {

class Normalizer {
 public:
    virtual ~Normalizer() = default;

    virtual void normalize(NormalizedString& text) const = 0;
    // The same text without the way back, which is a lot cheaper. Valid UTF-8 in and out.
    virtual void normalize(std::string& text) const = 0;

    // Whether it may insert something before everything of the original. The reference then goes
    // astray in the next stage that changes characters, so what comes out there depends on the
    // alignments: a caller that has such a stage must not use the cheap form.
    virtual bool may_insert_before() const noexcept { return false; }

    // Whether it is NFC, once or several times.
    virtual bool is_nfc() const noexcept { return false; }

    // --- what allows to work on parts of a text (pipeline/unit_cutter.h) ------------------------

    // Whether the normal form of a text is that of its parts one behind the other, if every part
    // but the first begins with white space that becomes a space, and the character before it
    // becomes something else than white space.
    virtual bool works_in_parts() const noexcept { return false; }
    // Whether every CJK ideograph gets spaces on both sides.
    virtual bool isolates_ideographs() const noexcept { return false; }
    // If it only puts something before a text and replaces spaces by U+2581, or does one of these.
    struct OnlySpaces {
        std::string prefix;
        bool replaces = false;  // in the prefix as well
    };
    virtual std::optional<OnlySpaces> only_spaces() const { return std::nullopt; }
};

using NormalizerPtr = std::shared_ptr<Normalizer const>;

}  // namespace tokmill::stages
