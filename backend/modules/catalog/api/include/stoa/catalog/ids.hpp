#pragma once
#include "stoa/ids/id.hpp"

namespace stoa::catalog {
using ProductId = Id<"prod">;
using VariantId = Id<"var">;
using CategoryId = Id<"cat">;
using CollectionId = Id<"col">;
using ReviewId = Id<"rev">;
using AssetId = Id<"ast">;
}  // namespace stoa::catalog
