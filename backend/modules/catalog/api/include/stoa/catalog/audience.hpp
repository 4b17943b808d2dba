#pragma once
// Who may see one product, for those who decide it at a write.
#include <optional>

#include "stoa/catalog/model.hpp"
#include "stoa/db/db.hpp"

namespace stoa::catalog {

// Also of what is not on sale at the moment; nullopt for what is archived or unknown. One statement.
[[nodiscard]] std::optional<Audience> audience_of(db::Session& session, ProductId id);

}  // namespace stoa::catalog
