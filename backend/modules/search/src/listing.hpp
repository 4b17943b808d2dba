#pragma once
#include "snapshot.hpp"

namespace stoa::search {

[[nodiscard]] Result<Listing> list(const std::shared_ptr<const Snapshot>& snapshot, std::size_t locale, std::size_t currency, const ListingRequest& request);
[[nodiscard]] SuggestionsDto suggest(const Snapshot& snapshot, std::size_t locale, std::size_t currency, std::string_view query);
// Category or collection by a slug of any language, old ones included.
[[nodiscard]] std::optional<std::uint32_t> category_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug);
[[nodiscard]] std::optional<std::uint32_t> collection_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug);

}  // namespace stoa::search
