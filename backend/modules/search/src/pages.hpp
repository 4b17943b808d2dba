#pragma once
#include "buyer_view.hpp"

namespace stoa::search {

// The whole page of one product; nullopt when it cannot be bought in this currency at `at` (by this buyer; null: by everybody).
[[nodiscard]] std::optional<ProductPageDto> product_page(const Snapshot& snapshot, Ordinal ordinal, std::size_t locale,
                                                         std::size_t currency, Timestamp at, const BuyerView* buyer = nullptr);
// By slug of this language, then of the others, then by old slugs.
[[nodiscard]] std::optional<Ordinal> product_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug);
// Products of the view that share categories and attribute values, best first.
[[nodiscard]] std::vector<Ordinal> related_products(const Snapshot& snapshot, Ordinal ordinal, const View& view, std::size_t limit);
// "45.5", "120": thousandths as a person writes them.
[[nodiscard]] std::string milli_text(std::int64_t milli, std::size_t locale);

}  // namespace stoa::search
