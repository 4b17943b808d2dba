#pragma once
// Environment variables, typed, read once at start. Every variable is declared in config.cpp with its default and
// meaning; docs/reference/configuration.md and .env.example are generated from that list (`stoa doctor --list`).
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

enum class Environment { development, staging, production };

struct Config {
    Environment environment = Environment::development;
    std::string public_url;  // origin as the shopper's browser sees it, without a trailing slash
    std::string http_address;
    std::uint16_t http_port = 8001;
    std::uint16_t worker_port = 8007;
    int shop_threads = 8;
    int staff_threads = 2;
    int outbound_threads = 16;
    int password_threads = 1;
    int io_threads = 1;
    std::string search_file;     // the catalogue as it was read last; empty: none
    std::string search_without;  // ideas of the ranking, for measurements
    struct OpenSearch {
        bool chosen = false;  // otherwise the embedded engine answers
        std::string url;
        std::string user, password;
        std::string prefix;
        int shards = 1;
        int replicas = 1;
    } opensearch;
    std::string database_url;
    std::string redis_url;
    std::string media_dir;
    std::string templates_dir;
    std::string demo_dir;
    std::string storefront_url;
    std::string revalidate_secret;
    std::string secret_key;
    std::string log_level;
    std::string default_currency;
    std::string default_country;
    struct Vendo {
        std::string url;
        std::int64_t merchant_id = 0;
        std::int64_t site_id = 0;
        std::string api_secret;
        std::string shared_secret;
        bool test = true;
        int timeout_seconds = 60;
        int calls_per_5_minutes = 500;  // 0: no limit (sandbox)
        bool preauthorise = false;      // cards are reserved at checkout and captured at shipment
        std::string usd_rates;          // "EUR=1.08,GBP=1.27": dollars for one, for the hosted page
    } vendo;
    struct Sendcloud {
        std::string url;
        std::string public_key;
        std::string secret_key;
        int timeout_seconds = 10;
        std::string sender_country = "NL";
        std::string sender_postal_code = "5611 AZ";
    } sendcloud;
    std::string smtp_url;
    std::string mail_from;
    std::string sentry_dsn;
    int hold_minutes = 15;
    int payments_per_address = 60;  // in ten minutes; 0: no limit
    bool trust_proxy = true;        // X-Forwarded-For from loopback peers

    [[nodiscard]] bool is_production() const { return environment == Environment::production; }
};

// Where variables are read from; tests pass their own.
using Getenv = std::function<std::optional<std::string>(std::string_view)>;
[[nodiscard]] Getenv process_environment();

// Throws ConfigError naming every wrong variable at once.
struct ConfigError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
[[nodiscard]] Config load_config(const Getenv& getenv = process_environment());

struct ConfigVariable {
    std::string name;
    std::string default_value;
    std::string meaning;
    bool secret = false;
};
[[nodiscard]] std::vector<ConfigVariable> config_variables();
// Problems that forbid production (sandbox URL, default secret, plain http origin); empty when fine.
[[nodiscard]] std::vector<std::string> unsafe_for_production(const Config& config);
// Those of them that nothing may run with in production: keys that stand in this repository. One sentence each.
[[nodiscard]] std::vector<std::string> published_secrets(const Config& config);

}  // namespace stoa
