#pragma once
// Tells the storefront which cached pages to refresh. Tags go through an outbox table, so that many changes of one product
// are one call, and a storefront that is down is told later.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/config/config.hpp"
#include "stoa/db/db.hpp"
#include "stoa/events/events.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::app {

// Events → tags, due a moment later: the read model must have seen the change before the storefront asks for it.
[[nodiscard]] std::vector<events::Subscription> revalidation_subscriptions(const Clock& clock);

class Revalidator {
public:
    Revalidator(db::Database& database, http_client::Client& client, const Clock& clock, std::string storefront_url, std::string secret);
    ~Revalidator();
    void start();
    void stop();
    // One round; how many tags the storefront accepted.
    int run_once();

private:
    db::Database& database_;
    http_client::Client& client_;
    const Clock& clock_;
    std::string url_;
    std::string secret_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace stoa::app
