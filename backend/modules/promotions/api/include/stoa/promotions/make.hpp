#pragma once
#include <memory>
#include <optional>

#include "stoa/promotions/promotions.hpp"

namespace stoa::promotions {

// Keeps parsed rules by promotion version; thread-safe, one per process.
[[nodiscard]] std::unique_ptr<Promotions> make_promotions();

// The demo shop's promotions: WELCOME10, VERSAND, LAMP15, SPAREN (spend and save), VIP20 for a customer group, SUMMER25 (over),
// and, automatic, the cheapest of three chairs free when `chairs` is given. Safe to repeat.
void seed_demo(db::Tx& tx, Timestamp now, std::optional<catalog::CategoryId> chairs = std::nullopt, std::optional<catalog::CategoryId> lamps = std::nullopt);

}  // namespace stoa::promotions
