#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stoa/customers/account_mailer.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/http/router.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/redis/redis.hpp"

namespace stoa::customers {

struct Options {
    std::string public_url;     // links in mails start with it; https makes cookies Secure and __Host-
    int rate_limit_factor = 1;  // a development machine is one address for everybody
};

// What stands around the account in GET /session; filled by the composition root (cart, preferences).
struct SessionExtras {
    std::int64_t cart_item_count = 0;
    std::string currency;
    std::string country;
};
// `customer` is who is logged in when the answer leaves, which the request's cookies do not say yet after a login.
using SessionExtrasOf = std::function<SessionExtras(const http::Request&, const std::optional<CustomerInfo>& customer)>;

// The service and its routes; everything handed in must outlive it.
[[nodiscard]] std::unique_ptr<Customers> make_customers(db::Database& database, redis::Redis& redis, const Clock& clock,
                                                        AccountMailer& mailer, Options options);
// Says whether a product is shown to this customer, so that nobody can wish for what is not. Set at start; without it every product is.
using VisibleGate = std::function<bool(db::Session&, const CustomerInfo&, const Uuid& product)>;
void set_visible_gate(Customers& customers, VisibleGate gate);
// `customers` comes from make_customers.
void add_customers_routes(http::Routes& routes, Customers& customers, SessionExtrasOf extras);
[[nodiscard]] std::vector<jobs::Handler> customers_job_handlers(Customers& customers);
[[nodiscard]] std::vector<jobs::Schedule> customers_schedules();

}  // namespace stoa::customers
