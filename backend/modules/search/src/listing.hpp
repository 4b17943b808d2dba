#pragma once
#include "buyer_view.hpp"

namespace stoa::search {

// Results smaller than this are counted by walking their products: a bitmap then holds sorted arrays, whose intersections are slow.
inline constexpr std::uint64_t kWalkBelow = 5000;

[[nodiscard]] Result<Listing> list(const std::shared_ptr<const Snapshot>& snapshot, std::size_t locale, std::size_t currency,
                                   const ListingRequest& request, std::uint64_t walk_below = kWalkBelow, Timestamp at = {},
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
