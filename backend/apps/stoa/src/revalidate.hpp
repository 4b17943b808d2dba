#pragma once
// Tells the storefront which cached pages to refresh. Tags go through an outbox table, so that many changes of one product
// are one call, and a storefront that is down is told later. A tag waits until the read model of every `serve` has seen the change.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/config/config.hpp"
#include "stoa/db/db.hpp"
#include "stoa/events/events.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/search/search.hpp"

namespace stoa::app {

// Events → tags, due a moment later, so that what changes together is one call.
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

// Says how far the read model of this process is, for as long as it may be asked.
class CatalogueReader {
public:
    CatalogueReader(db::Database& database, const search::Search& search, const Clock& clock);
    ~CatalogueReader();
    void start();
    // No tag waits for this process any more.
    void stop();
    void report();

private:
    db::Database& database_;
    const search::Search& search_;
    const Clock& clock_;
    const std::string name_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace stoa::app
