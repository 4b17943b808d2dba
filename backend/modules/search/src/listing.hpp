#pragma once
#include "buyer_view.hpp"

namespace stoa::search {

// How facet values are counted: product by product or set by set.
enum class Counting { cheaper, by_product, by_set };

[[nodiscard]] Result<Listing> list(const std::shared_ptr<const Snapshot>& snapshot, std::size_t locale, std::size_t currency,
                                   const ListingRequest& request, Counting counting = Counting::cheaper, Timestamp at = {},
                                   const BuyerView* buyer = nullptr, const Named& named = {});
// Everything a listing depends on but the snapshot.
[[nodiscard]] std::string answer_key(const Snapshot& snapshot, std::size_t locale, std::size_t currency, const ListingRequest& request,
                                     Timestamp at);
[[nodiscard]] SuggestionsDto suggest(const Snapshot& snapshot, std::size_t locale, std::size_t currency, std::string_view query,
                                     const BuyerView* buyer = nullptr, const Named& named = {});
// Category or collection by a slug of any language, old ones included.
[[nodiscard]] std::optional<std::uint32_t> category_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug);
[[nodiscard]] std::optional<std::uint32_t> collection_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug);

}  // namespace stoa::search
