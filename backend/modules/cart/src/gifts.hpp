#pragma once
// Whom the gift cards of a line are for: one entry for each unit. Pure.
#include "stoa/cart/carts.hpp"

namespace stoa::cart {

inline constexpr std::int64_t kMostGiftCards = 20;  // of one amount in one cart
inline constexpr std::chrono::days kFarthestSending{366};

// Exactly `quantity` of them: the last ones go, or the last one is repeated.
[[nodiscard]] std::vector<GiftDto> gifts_for(std::vector<GiftDto> gifts, std::int64_t quantity);
// Empty texts are absent ones. 422 when the day is over, or a year away.
[[nodiscard]] Result<GiftDto> checked(GiftDto gift, Date today, const std::string& pointer = "/gift");
// What a shopper makes of those of a line: one for each unit, 422 otherwise. One that stays as it was may have a day that is over.
[[nodiscard]] Result<std::vector<GiftDto>> changed(const std::vector<GiftDto>& before, std::vector<GiftDto> gifts, std::int64_t quantity,
                                                   Date today);

[[nodiscard]] std::vector<GiftDto> gifts_from(const std::string& stored);
// Nullopt for goods.
[[nodiscard]] std::optional<std::string> to_stored(const std::vector<GiftDto>& gifts);

}  // namespace stoa::cart
