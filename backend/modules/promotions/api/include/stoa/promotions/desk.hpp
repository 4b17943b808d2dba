#pragma once
// Promotions from the side of those who run the shop: how they end. What was sold by them stays.
#include <optional>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/promotions/promotions.hpp"

namespace stoa::promotions {

// Switched off, a code applies no more. False when there is none.
bool set_code(db::Tx& tx, CodeId code, bool enabled, std::optional<Timestamp> expires_at);
// It applies until now, and one that has not begun does not begin. False when it was over already.
bool end_promotion(db::Tx& tx, PromotionId promotion, Timestamp at);
// Puts it away, switched off, or back among the others, still switched off.
enum class Shelf { archived, shown };
void shelve(db::Tx& tx, PromotionId promotion, Shelf shelf, Timestamp at);

}  // namespace stoa::promotions
