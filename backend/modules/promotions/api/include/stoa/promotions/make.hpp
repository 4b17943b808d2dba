#pragma once
#include <memory>
#include <optional>

#include "stoa/promotions/promotions.hpp"

namespace stoa::promotions {

// Keeps parsed rules by promotion version; thread-safe, one per process.
[[nodiscard]] std::unique_ptr<Promotions> make_promotions();

// The demo shop's promotions, by code: WELCOME10 (first order), FREESHIP and VERSANDFREI, SAVEMORE (spend and save), FRIENDS20 (customer
// group "friends"), SOMMER25 (over), LAMP15 when `lamps` is given; and, automatic, the cheapest of three chairs free when
// `chairs` is given. Safe to repeat.
void seed_demo(db::Tx& tx, Timestamp now, std::optional<catalog::CategoryId> chairs = std::nullopt,
               std::optional<catalog::CategoryId> lamps = std::nullopt);

}  // namespace stoa::promotions
