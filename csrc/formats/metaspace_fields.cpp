#include "formats/metaspace_fields.h"

#include <string>

#include "formats/serde_fields.h"

namespace tokmill::stages {

MetaspaceOptions read_metaspace(json::Value const& value, DefinitionFile const& file) {
    serde::Fields const fields(
        value, serde::Form::object_or_array,
        {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"}, file);
    fields.need_type("Metaspace");
    MetaspaceOptions options;
    options.replacement = fields.character("replacement");
    if (fields.find("prepend_scheme") != nullptr) {
        std::string const& scheme = fields.variant("prepend_scheme", {"first", "never", "always"});
        options.prepend_scheme = scheme == "first"   ? PrependScheme::first
                                 : scheme == "never" ? PrependScheme::never
                                                     : PrependScheme::always;
    }
    if (json::Value const* const split = fields.optional("split")) {
        options.split = serde::boolean(*split, file);
    }
    // Two fields of older files: one that may only repeat the scheme, and one without effect.
    if (json::Value const* const prefix = fields.optional("add_prefix_space")) {
        if (!serde::boolean(*prefix, file) && options.prepend_scheme != PrependScheme::never) {
            file.invalid(value.position, "add_prefix_space does not match declared prepend_scheme");
        }
    }
    if (fields.optional("str_rep") != nullptr) fields.string("str_rep");
    return options;
}

}  // namespace tokmill::stages
