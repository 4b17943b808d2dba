#pragma once
// Many prices changed alike: by a share of what they are, or to one amount. Pure: the preview and the change call the same function.
#include <optional>
#include <string_view>

#include "stoa/pricing/desk.hpp"
#include "stoa/result/result.hpp"

namespace stoa::backoffice {

struct Repricing {
    std::optional<std::int64_t> by_basis_points;  // -1000: a tenth less
    std::optional<Money> to;
};
// "10", "-12.5", "+2,25" percent in basis points; nullopt: no number, more than two decimals, or below -100.
[[nodiscard]] std::optional<std::int64_t> percent_of(std::string_view text);
// 422 with the field that is wrong: one of both is to be given, and the amount is in the list's currency. Prices that fall with the
// quantity are changed by percent only.
[[nodiscard]] Result<pricing::PriceEntry> reprice(const pricing::StoredPrice& price, const Repricing& repricing);

}  // namespace stoa::backoffice
