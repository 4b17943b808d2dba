#pragma once
// A shop with goods, a sandbox on a real port, and shoppers who talk HTTP without sockets. Time is a ManualClock that starts now.
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "desk.hpp"
#include "sendcloud.hpp"
#include "shop.hpp"
#include "smtp.hpp"
#include "stoa/http/server.hpp"
#include "stoa/testing/testing.hpp"
#include "vendo.hpp"

namespace stoa::testing {

// The outside world on ports of its own.
class Outside {
public:
    Outside();
    ~Outside();
    [[nodiscard]] std::string url() const;
    // Nobody listens at the providers' address: connections are refused until come_back().
    void go_away();
    void come_back();
    void fail_next(std::string provider, std::string kind, int count = 1, std::string path = {});
    // What the provider's own list says.
    struct Charge {
        std::string reference;
        std::string state;
        int type = 0;
        std::int64_t amount = 0;
        std::int64_t refunded = 0;
    };
    [[nodiscard]] std::vector<Charge> charges();
    // POST to the sandbox, JSON in and out; throws when it does not answer with 2xx.
    json::Value tell(const std::string& path, std::string body);

    sandbox::Control control;
    http_client::CurlClient client;
    std::unique_ptr<sandbox::Vendo> vendo;
    std::unique_ptr<sandbox::Sendcloud> sendcloud;
    std::unique_ptr<sandbox::MailServer> mail;
    http::Routes routes;
    std::unique_ptr<http::Server> server;

private:
    void listen();
    std::uint16_t port_ = 0;
};

// An empty redis_url: the Redis of the test run, with a database number of this process.
[[nodiscard]] Config shop_config(const std::string& database_url, const std::string& outside_url, std::uint16_t smtp_port,
                                 const std::string& redis_url = {}, int vendo_timeout_seconds = 60,
                                 const std::map<std::string, std::string>& settings = {});

struct Goods {
    catalog::ProductId product;
    catalog::VariantId variant;
    std::string slug;
    std::int64_t price = 0;
};
// A product with one variant in EUR (gross) and that many on stock.
Goods stock_up(app::Shop& shop, std::string_view sku, std::int64_t price_minor, std::int64_t on_hand);
// Its price in another list; without tax where `tax_included` is false.
void price_in(app::Shop& shop, const Goods& goods, std::string_view currency, std::int64_t minor, bool tax_included = true);

struct Answer {
    int status = 0;
    json::Value body;
    std::string text;
    std::string header(std::string_view name) const;
    std::vector<std::pair<std::string, std::string>> headers;
};

// Keeps cookies; every request is one call of http::dispatch.
class Shopper {
public:
    explicit Shopper(app::Shop& shop) : shop_(&shop) {}
    Answer get(std::string target) { return send(http::Method::get, std::move(target)); }
    Answer post(std::string target, std::string body = "{}", std::string key = {}) {
        return send(http::Method::post, std::move(target), std::move(body), std::move(key));
    }
    Answer put(std::string target, std::string body) { return send(http::Method::put, std::move(target), std::move(body)); }
    Answer patch(std::string target, std::string body) { return send(http::Method::patch, std::move(target), std::move(body)); }
    Answer del(std::string target) { return send(http::Method::del, std::move(target)); }
    // `headers` replace what a browser would send; an empty value leaves the header out.
    Answer send(http::Method method, std::string target, std::string body = {}, std::string key = {},
                const std::map<std::string, std::string>& headers = {});

    // The steps of a purchase, each expected to succeed.
    void add(const Goods& goods, std::int64_t quantity = 1);
    void fill_in(std::string_view email, std::string_view country = "DE", std::string_view postal_code = "10115");
    [[nodiscard]] std::int64_t total();
    Answer pay(std::string_view card = "4111111111111111", std::string key = {});
    Answer pay_with(std::string payment_json, std::string key = {});
    std::map<std::string, std::string> cookies;
    std::vector<http::Upload> uploads;  // go with the next request, in place of a multipart body

private:
    app::Shop* shop_;
};

class World {
public:
    // `own`: another database than the one that the tests of a process share. `settings` replace those of shop_config().
    explicit World(const std::string& redis_url = {}, int vendo_timeout_seconds = 60, TestDatabase* own = nullptr,
                   const std::map<std::string, std::string>& settings = {});
    // Runs everything that is due in the background: events, jobs, mails.
    void work();
    [[nodiscard]] std::int64_t count(std::string_view sql);  // a query with one number
    // Ledger, stock, holds and charges agree; empty when they do, else what is wrong.
    [[nodiscard]] std::string disagreements();

    TestDatabase& database;
    Outside outside;
    ManualClock clock;
    Desk desk;
    std::unique_ptr<app::Shop> shop;
};

}  // namespace stoa::testing
