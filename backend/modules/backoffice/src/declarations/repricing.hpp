#pragma once
// "Change prices" of lists: shown first as it was and as it will be, then all of them or none.
#include "declarations/common.hpp"

namespace stoa::backoffice {

// Of the prices that the chosen rows are.
[[nodiscard]] Action reprice_rows(pricing::PriceBook& prices);
// Of what a price list says of the chosen rows every day; `variants_of` turns them into variants.
using VariantsOf = std::function<std::vector<catalog::VariantId>(db::Session&, const std::vector<std::string>& ids)>;
[[nodiscard]] Action reprice_in_list(pricing::PriceBook& prices, VariantsOf variants_of);

}  // namespace stoa::backoffice
