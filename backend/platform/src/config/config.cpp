#include "stoa/config/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "stoa/money/money.hpp"

namespace stoa {
namespace {

struct Declared {
    const char* name;
    const char* value;
    const char* meaning;
    bool secret;
};

constexpr Declared kVariables[] = {
    {"STOA_ENV", "development", "development, staging or production.", false},
    {"STOA_PUBLIC_URL", "http://localhost:8000", "Origin of the shop as a browser sees it, without a slash at the end.", false},
    {"STOA_HTTP_ADDRESS", "127.0.0.1", "Address that `stoa serve` listens on.", false},
    {"STOA_HTTP_PORT", "8001", "Port of `stoa serve`.", false},
    {"STOA_WORKER_PORT", "8007", "Port of the worker's health and metrics.", false},
    {"STOA_IO_THREADS", "0", "Threads that read requests and answer catalogue reads from memory; 0: one a processor, four at most.", false},
    {"STOA_SHOP_THREADS", "8", "Threads (and database connections) for shopper requests.", false},
    {"STOA_STAFF_THREADS", "2", "Threads for staff requests.", false},
    {"STOA_OUTBOUND_THREADS", "16", "Threads for requests that wait for a provider.", false},
    {"STOA_PASSWORD_THREADS", "1", "Threads for password hashing.", false},
    {"STOA_DATABASE_URL", "postgresql://stoa@127.0.0.1:8005/stoa", "PostgreSQL.", true},
    {"STOA_REDIS_URL", "redis://127.0.0.1:8006/0", "Redis; may be lost at any moment.", true},
    {"STOA_MEDIA_DIR", "var/media",
     "Directory of pictures; documents and labels are beside it, in the directory of the same name with -private.", false},
    {"STOA_TEMPLATES_DIR", "web/packages/mail/share/templates", "Directory of the built mail templates.", false},
    {"STOA_DEMO_DIR", "demo", "Directory of the demo shop's data.", false},
    {"STOA_STOREFRONT_URL", "http://127.0.0.1:8002", "Where revalidation calls go; empty for none.", false},
    {"STOA_REVALIDATE_SECRET", "development-only-revalidate-secret", "HMAC key shared with the storefront.", true},
    {"STOA_SECRET_KEY", "development-only-secret-key-0123456789abcdef", "Root of all derived keys; 32 characters or more.", true},
    {"STOA_LOG_LEVEL", "info", "debug, info, warning or error.", false},
    {"STOA_DEFAULT_CURRENCY", "EUR", "Currency of a shopper who has not chosen one.", false},
    {"STOA_DEFAULT_COUNTRY", "DE", "Country of a shopper who has not chosen one.", false},
    {"STOA_VENDO_URL", "http://127.0.0.1:8003/vendo", "Base of the Vendo gateway (https://secure.vend-o.com in production).", false},
    {"STOA_VENDO_MERCHANT_ID", "1234567", "Vendo merchant id.", false},
    {"STOA_VENDO_SITE_ID", "12345", "Vendo site id.", false},
    {"STOA_VENDO_API_SECRET", "sandbox-api-secret", "Vendo API secret (test or live, as STOA_VENDO_TEST says).", true},
    {"STOA_VENDO_SHARED_SECRET", "sandbox-shared-secret", "Vendo shared secret: signs hosted pages and reconciliation.", true},
    {"STOA_VENDO_TEST", "1", "1: is_test is sent with every call.", false},
    {"STOA_VENDO_TIMEOUT", "60", "Seconds to wait for an answer of the gateway; 60 at most, because the shopper waits as long.", false},
    {"STOA_VENDO_CALLS_PER_5_MINUTES", "500", "Limit of the gateway per address; 0 for none (the sandbox has none).", false},
    {"STOA_VENDO_PREAUTHORISE", "0", "1: checkout only reserves the money of a card; it is captured when the goods leave.", false},
    {"STOA_VENDO_USD_RATES", "EUR=1.08,GBP=1.27",
     "US dollars for one EUR and GBP. Vendo's hosted page takes dollars and is offered only in currencies that have a rate.", false},
    {"STOA_SENDCLOUD_URL", "http://127.0.0.1:8003/sendcloud", "Base of the Sendcloud API.", false},
    {"STOA_SENDCLOUD_PUBLIC_KEY", "sandbox-public", "Sendcloud public key.", true},
    {"STOA_SENDCLOUD_SECRET_KEY", "sandbox-secret", "Sendcloud secret key.", true},
    {"STOA_SENDCLOUD_TIMEOUT", "10", "Seconds to wait for Sendcloud.", false},
    {"STOA_SENDER_COUNTRY", "NL", "Country that parcels leave from.", false},
    {"STOA_SENDER_POSTAL_CODE", "5611 AZ", "Postal code that parcels leave from.", false},
    {"STOA_SMTP_URL", "smtp://127.0.0.1:8004", "Mail server, with user and password where it needs them.", true},
    {"STOA_MAIL_FROM", "Stoa Home <shop@stoa.example>", "Sender of all mails.", false},
    {"STOA_SENTRY_DSN", "", "Sentry project for unexpected errors; empty for none.", true},
    {"STOA_HOLD_MINUTES", "15", "How long a checkout holds its stock.", false},
    {"STOA_PAYMENTS_PER_ADDRESS", "60",
     "Payments that one network address may start in ten minutes; looks at a payment and at pick-up points are limited to five times that. "
     "0 "
     "for no limit.",
     false},
    {"STOA_SEARCH_FILE", "", "File that `stoa serve` keeps the catalogue in, to start faster; empty for none.", false},
    {"STOA_SEARCH_WITHOUT", "",
     "Ideas of the search ranking to leave out, separated by commas, to measure what they are worth; development only.", false},
    {"STOA_SEARCH_BACKEND", "embedded",
     "Who answers catalogue reads: `embedded` (from this process's memory) or `opensearch` (docs/how-to/opensearch.md).", false},
    {"STOA_OPENSEARCH_URL", "http://127.0.0.1:8003/opensearch", "Base of the OpenSearch cluster.", false},
    {"STOA_OPENSEARCH_USER", "sandbox", "Its user; `none` where nobody is asked.", false},
    {"STOA_OPENSEARCH_PASSWORD", "sandbox-opensearch", "The user's password.", true},
    {"STOA_OPENSEARCH_PREFIX", "stoa", "What the names of this shop's indexes begin with.", false},
    {"STOA_OPENSEARCH_SHARDS", "1", "Primary shards of the product index; holds from the next rebuild on.", false},
    {"STOA_OPENSEARCH_REPLICAS", "1", "Copies of each shard.", false},
    {"STOA_TRUST_PROXY", "1", "1: X-Forwarded-For of loopback peers is believed.", false},
};

}  // namespace

Getenv process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        if (!value) return std::nullopt;
        return std::string(value);
    };
}

Config load_config(const Getenv& getenv) {
    std::string problems;
    const auto complain = [&](std::string_view name, std::string_view what) {
        problems += (problems.empty() ? "" : "; ") + std::string(name) + ": " + std::string(what);
    };
    const auto text = [&](std::string_view name) -> std::string {
        if (auto value = getenv(name); value && !value->empty()) return *value;
        for (const auto& variable : kVariables) {
            if (name == variable.name) return variable.value;
        }
        throw std::logic_error("configuration variable is not declared: " + std::string(name));
    };
    const auto number = [&](std::string_view name, std::int64_t low, std::int64_t high) -> std::int64_t {
        const std::string value = text(name);
        std::int64_t out = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
        if (error != std::errc{} || end != value.data() + value.size() || out < low || out > high) {
            complain(name, "expected a number from " + std::to_string(low) + " to " + std::to_string(high) + ", found '" + value + "'");
            return low;
        }
        return out;
    };
    const auto flag = [&](std::string_view name) {
        const std::string value = text(name);
        if (value != "0" && value != "1") complain(name, "expected 0 or 1");
        return value == "1";
    };

    Config config;
    const std::string environment = text("STOA_ENV");
    if (environment == "development")
        config.environment = Environment::development;
    else if (environment == "staging")
        config.environment = Environment::staging;
    else if (environment == "production")
        config.environment = Environment::production;
    else
        complain("STOA_ENV", "expected development, staging or production, found '" + environment + "'");

    config.public_url = text("STOA_PUBLIC_URL");
    while (config.public_url.ends_with('/')) config.public_url.pop_back();
    if (!config.public_url.starts_with("http://") && !config.public_url.starts_with("https://"))
        complain("STOA_PUBLIC_URL", "expected an http or https origin");
    config.http_address = text("STOA_HTTP_ADDRESS");
    config.http_port = static_cast<std::uint16_t>(number("STOA_HTTP_PORT", 0, 65535));
    config.worker_port = static_cast<std::uint16_t>(number("STOA_WORKER_PORT", 0, 65535));
    config.io_threads = static_cast<int>(number("STOA_IO_THREADS", 0, 64));
    if (config.io_threads == 0) config.io_threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 4U));
    config.shop_threads = static_cast<int>(number("STOA_SHOP_THREADS", 1, 256));
    config.staff_threads = static_cast<int>(number("STOA_STAFF_THREADS", 1, 64));
    config.outbound_threads = static_cast<int>(number("STOA_OUTBOUND_THREADS", 1, 256));
    config.password_threads = static_cast<int>(number("STOA_PASSWORD_THREADS", 1, 16));
    config.database_url = text("STOA_DATABASE_URL");
    config.redis_url = text("STOA_REDIS_URL");
    config.media_dir = text("STOA_MEDIA_DIR");
    config.templates_dir = text("STOA_TEMPLATES_DIR");
    config.demo_dir = text("STOA_DEMO_DIR");
    // Empty means that there is none to tell, not the default.
    const auto storefront = getenv("STOA_STOREFRONT_URL");
    config.storefront_url = storefront && storefront->empty() ? "" : text("STOA_STOREFRONT_URL");
    config.revalidate_secret = text("STOA_REVALIDATE_SECRET");
    config.secret_key = text("STOA_SECRET_KEY");
    config.search_file = text("STOA_SEARCH_FILE");
    config.search_without = text("STOA_SEARCH_WITHOUT");
    if (!config.search_without.empty() && config.environment != Environment::development)
        complain("STOA_SEARCH_WITHOUT", "is for development only");
    const auto backend = text("STOA_SEARCH_BACKEND");
    if (backend != "embedded" && backend != "opensearch")
        complain("STOA_SEARCH_BACKEND", "expected embedded or opensearch, found '" + backend + "'");
    config.opensearch.chosen = backend == "opensearch";
    config.opensearch.url = text("STOA_OPENSEARCH_URL");
    while (config.opensearch.url.ends_with('/')) config.opensearch.url.pop_back();
    if (!config.opensearch.url.starts_with("http://") && !config.opensearch.url.starts_with("https://"))
        complain("STOA_OPENSEARCH_URL", "expected an http or https address");
    config.opensearch.user = text("STOA_OPENSEARCH_USER");
    config.opensearch.password = text("STOA_OPENSEARCH_PASSWORD");
    if (config.opensearch.user == "none") config.opensearch.user.clear();
    config.opensearch.prefix = text("STOA_OPENSEARCH_PREFIX");
    // Part of index names: https://docs.opensearch.org/latest/api-reference/index-apis/create-index/ says what those may be.
    if (config.opensearch.prefix.size() > 60 || config.opensearch.prefix.front() == '-' || config.opensearch.prefix.front() == '_' ||
        config.opensearch.prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
        complain("STOA_OPENSEARCH_PREFIX", "expected small letters, digits, - and _, beginning with a letter or digit");
    config.opensearch.shards = static_cast<int>(number("STOA_OPENSEARCH_SHARDS", 1, 100));
    config.opensearch.replicas = static_cast<int>(number("STOA_OPENSEARCH_REPLICAS", 0, 10));
    if (config.secret_key.size() < 32) complain("STOA_SECRET_KEY", "needs 32 characters or more");
    config.log_level = text("STOA_LOG_LEVEL");
    if (config.log_level != "debug" && config.log_level != "info" && config.log_level != "warning" && config.log_level != "error")
        complain("STOA_LOG_LEVEL", "expected debug, info, warning or error, found '" + config.log_level + "'");
    config.default_currency = text("STOA_DEFAULT_CURRENCY");
    if (!Currency::parse(config.default_currency))
        complain("STOA_DEFAULT_CURRENCY", "expected a currency such as EUR, found '" + config.default_currency + "'");
    const auto country = [&](std::string_view name) {
        std::string value = text(name);
        const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
        if (value.size() != 2 || !is_capital(value[0]) || !is_capital(value[1]))
            complain(name, "expected two capital letters such as DE, found '" + value + "'");
        return value;
    };
    config.default_country = country("STOA_DEFAULT_COUNTRY");
    config.vendo.url = text("STOA_VENDO_URL");
    config.vendo.merchant_id = number("STOA_VENDO_MERCHANT_ID", 1, INT64_MAX);
    config.vendo.site_id = number("STOA_VENDO_SITE_ID", 1, INT64_MAX);
    config.vendo.api_secret = text("STOA_VENDO_API_SECRET");
    config.vendo.shared_secret = text("STOA_VENDO_SHARED_SECRET");
    config.vendo.test = flag("STOA_VENDO_TEST");
    config.vendo.timeout_seconds = static_cast<int>(number("STOA_VENDO_TIMEOUT", 1, 60));
    config.vendo.preauthorise = flag("STOA_VENDO_PREAUTHORISE");
    config.vendo.usd_rates = text("STOA_VENDO_USD_RATES");
    config.vendo.calls_per_5_minutes = static_cast<int>(number("STOA_VENDO_CALLS_PER_5_MINUTES", 0, 1000000));
    config.sendcloud.url = text("STOA_SENDCLOUD_URL");
    config.sendcloud.public_key = text("STOA_SENDCLOUD_PUBLIC_KEY");
    config.sendcloud.secret_key = text("STOA_SENDCLOUD_SECRET_KEY");
    config.sendcloud.timeout_seconds = static_cast<int>(number("STOA_SENDCLOUD_TIMEOUT", 1, 120));
    config.sendcloud.sender_country = country("STOA_SENDER_COUNTRY");
    config.sendcloud.sender_postal_code = text("STOA_SENDER_POSTAL_CODE");
    config.smtp_url = text("STOA_SMTP_URL");
    config.mail_from = text("STOA_MAIL_FROM");
    config.sentry_dsn = text("STOA_SENTRY_DSN");
    config.hold_minutes = static_cast<int>(number("STOA_HOLD_MINUTES", 1, 240));
    config.payments_per_address = static_cast<int>(number("STOA_PAYMENTS_PER_ADDRESS", 0, 1000000));
    config.trust_proxy = flag("STOA_TRUST_PROXY");
    if (!problems.empty()) throw ConfigError(problems);
    return config;
}

std::vector<ConfigVariable> config_variables() {
    std::vector<ConfigVariable> out;
    for (const auto& variable : kVariables) out.push_back({variable.name, variable.value, variable.meaning, variable.secret});
    return out;
}

std::vector<std::string> published_secrets(const Config& config) {
    std::vector<std::string> out;
    if (config.secret_key.starts_with("development-only")) out.emplace_back("STOA_SECRET_KEY is the development default.");
    if (config.revalidate_secret.starts_with("development-only")) out.emplace_back("STOA_REVALIDATE_SECRET is the development default.");
    if (config.vendo.api_secret.starts_with("sandbox")) out.emplace_back("STOA_VENDO_API_SECRET is the sandbox default.");
    if (config.vendo.shared_secret.starts_with("sandbox")) out.emplace_back("STOA_VENDO_SHARED_SECRET is the sandbox default.");
    return out;
}

std::vector<std::string> unsafe_for_production(const Config& config) {
    std::vector<std::string> out = published_secrets(config);
    const auto is_default = [](std::string_view name, std::string_view value) {
        for (const auto& variable : kVariables) {
            if (name == variable.name) return value == variable.value;
        }
        throw std::logic_error("configuration variable is not declared: " + std::string(name));
    };
    if (!config.public_url.starts_with("https://")) out.emplace_back("STOA_PUBLIC_URL is not https: session cookies would not be safe.");
    if (config.vendo.url != "https://secure.vend-o.com") out.emplace_back("STOA_VENDO_URL is not the provider's address.");
    if (config.vendo.test) out.emplace_back("STOA_VENDO_TEST is 1: no real payment would be taken.");
    if (config.vendo.calls_per_5_minutes == 0)
        out.emplace_back("STOA_VENDO_CALLS_PER_5_MINUTES is 0: the gateway locks out an address that asks more often than it allows.");
    if (is_default("STOA_VENDO_MERCHANT_ID", std::to_string(config.vendo.merchant_id)))
        out.emplace_back("STOA_VENDO_MERCHANT_ID is the sandbox default.");
    if (is_default("STOA_VENDO_SITE_ID", std::to_string(config.vendo.site_id)))
        out.emplace_back("STOA_VENDO_SITE_ID is the sandbox default.");
    if (is_default("STOA_VENDO_USD_RATES", config.vendo.usd_rates))
        out.emplace_back("STOA_VENDO_USD_RATES is the example: set today's rates, or 'none' to offer the hosted page for dollars only.");
    if (!config.sendcloud.url.starts_with("https://")) out.emplace_back("STOA_SENDCLOUD_URL is not the provider's address.");
    if (config.sendcloud.public_key.starts_with("sandbox")) out.emplace_back("STOA_SENDCLOUD_PUBLIC_KEY is the sandbox default.");
    if (config.sendcloud.secret_key.starts_with("sandbox")) out.emplace_back("STOA_SENDCLOUD_SECRET_KEY is the sandbox default.");
    if (config.smtp_url.find("127.0.0.1") != std::string::npos || config.smtp_url.find("localhost") != std::string::npos)
        out.emplace_back("STOA_SMTP_URL is this machine: mails would end in the sandbox's inbox.");
    if (config.opensearch.chosen) {
        if (is_default("STOA_OPENSEARCH_URL", config.opensearch.url)) out.emplace_back("STOA_OPENSEARCH_URL is the sandbox's address.");
        if (!config.opensearch.user.empty() && config.opensearch.password.starts_with("sandbox"))
            out.emplace_back("STOA_OPENSEARCH_PASSWORD is the sandbox default.");
        if (!config.opensearch.user.empty() && !config.opensearch.url.starts_with("https://"))
            out.emplace_back("STOA_OPENSEARCH_URL is not https: its password would be readable on the way.");
    }
    if (is_default("STOA_MAIL_FROM", config.mail_from)) out.emplace_back("STOA_MAIL_FROM is the demo shop's address.");
    return out;
}

}  // namespace stoa
