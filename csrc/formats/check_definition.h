// The promises that a Definition makes to the compiler, checked for definitions that come from
// somewhere else than a reader.
#pragma once

#include "formats/bpe_text.h"
#include "pipeline/definition.h"

namespace tokmill {

// Complains, always at kNoPosition, unless: tokens are listed by rising id; ids and bytes are
// unique and in range; merges are of existing tokens, spell their result and come once; special
// tokens have contents; text is UTF-8; the pipeline is one that the readers make.
void check_definition(Definition const& definition, Complaint const& complain);

// The same for a definition whose vocabulary and merges are kept elsewhere; complains if there are
// any.
void check_head(Definition const& definition, Complaint const& complain);

}  // namespace tokmill
