#pragma once
// stock.changed for each of these variants.
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/db/db.hpp"

namespace stoa::inventory {

void announce(db::Tx& tx, const std::vector<catalog::VariantId>& variants);

}  // namespace stoa::inventory
