#pragma once
#include <chrono>
#include <memory>

#include "stoa/shipping/shipping.hpp"

namespace stoa::shipping {

// With a thread of its own that reads the rate tables again: own_rates, free_from and delivers_to then never ask the database, so that
// they may be called on an I/O thread. Zero: whoever asks after a minute reads them.
[[nodiscard]] std::unique_ptr<Shipping> make_shipping(db::Database& database, redis::Redis& redis, const Clock& clock,
                                                      http_client::Client& client, Config::Sendcloud config,
                                                      std::chrono::milliseconds refresh_every);

}  // namespace stoa::shipping
