#include "seed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>

#include "commands.hpp"
#include "sales.hpp"
#include "sql/seed.hpp"
#include "stoa/backoffice/make.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/orders/documents.hpp"
#include "stoa/promotions/make.hpp"

namespace stoa::app {
namespace {

struct DemoLogin {
    std::string_view email, password, first_name, last_name, locale;
    bool for_company = false;
};
// Who sells in the demo. Its numbers belong to nobody.
orders::LegalEntityRow demo_entity() {
    orders::LegalEntityRow entity;
    entity.name = "Stoa Home B.V.";
    entity.contact_name = "Stoa Home";
    entity.email = "hello@stoa.example";
    entity.phone = "+31 40 000 0000";
    entity.line1 = "Kade 1";
    entity.postal_code = "5611 AZ";
    entity.city = "Eindhoven";
    entity.country = "NL";
    entity.vat_id = "NL000000000B00";
    entity.registration = "00000000";
    entity.iban = "NL91ABNA0417164300";
    entity.bic = "ABNANL2A";
    entity.account_name = "Stoa Home B.V.";
    return entity;
}

// People to try the shop as. Everybody may know their passwords: they own nothing but what they order in the demo.
constexpr DemoLogin kDemoLogins[] = {
    {"shopper@stoa.example", "a chair for everyone", "Robin", "Shopper", "en"},
    {"kundin@stoa.example", "ein Stuhl für alle", "Katrin", "Beispiel", "de"},
    {"buyer@stoa.example", "chairs for all rooms", "Bente", "Buyer", "en", true},
};

struct DemoStaff {
    std::string_view email, password, name, role;
};
// The back office of the demo. Only in development: these may change everything, and everybody may know their passwords.
constexpr DemoStaff kDemoStaff[] = {
    {"admin@stoa.example", "a key for every door", "Alex Admin", "administrator"},
    {"clerk@stoa.example", "a desk for all orders", "Chris Clerk", "clerk"},
};

void seed_staff(const Config& config, db::Database& database, const Clock& clock) {
    redis::Redis redis(config.redis_url);
    const auto staff = backoffice::make_staff(database, redis, clock, {config.public_url, config.secret_key});
    for (const auto& login : kDemoStaff) {
        backoffice::NewStaff account;
        account.email = login.email;
        account.name = login.name;
        account.password_hash = crypto::hash_password(login.password);
        account.must_change_password = false;
        account.roles = {std::string(login.role)};
        (void)database.in_tx([&](db::Tx& tx) { return staff->add(tx, account); });
        fmt::print("login: {} with password \"{}\" (back office)\n", login.email, login.password);
    }
}

// Prints them for tools/run. An account that is there already keeps its password, so a second run says the truth only of the first.
void seed_logins(const Config& config, db::Database& database, const Clock& clock) {
    redis::Redis redis(config.redis_url);
    messaging::Options options;
    options.mail_from = config.mail_from;
    options.secret_key = config.secret_key;
    options.public_url = config.public_url;
    const auto messages = messaging::make_messages(clock, options);
    const auto mailer = messaging::make_account_mailer(*messages);
    const auto customers = customers::make_customers(database, redis, clock, *mailer, {config.public_url, 1});
    for (const auto& login : kDemoLogins) {
        const bool known = database.read([&](db::Session& session) { return customers->find_by_email(session, login.email).has_value(); });
        if (!known) {
            customers::NewCustomer person;
            person.email = login.email;
            person.password_hash = crypto::hash_password(login.password);
            person.first_name = login.first_name;
            person.last_name = login.last_name;
            person.locale = login.locale;
            database.in_tx([&](db::Tx& tx) {
                const auto id = customers->create(tx, person);
                if (login.for_company) customers->set_company(tx, id, demo_company());
            });
        }
        fmt::print("login: {} with password \"{}\"{}\n", login.email, login.password,
                   login.for_company ? " (a company's buyer: own prices, products and part numbers)" : "");
    }
}

}  // namespace

void seed_legal_entity(db::Tx& tx) {
    // Whoever made the demo a shop of their own has said who sells, and where the money goes.
    if (tx.query(sql::seed_legal_entity_is_set, orders::LegalEntityRow{}.code).empty()) orders::save_legal_entity(tx, demo_entity());
}

void seed_vat_rates(db::Tx& tx, Date today) {
    constexpr std::int64_t kDays = 31;
    const std::vector<std::string> currencies{"GBP", "CHF"};
    for (const auto row : tx.query(sql::seed_currencies_without_rate, demo_entity().vat_id, currencies, today, demo_entity().code)) {
        const auto currency = row.get<std::string>("currency");
        const auto per_hundred = currency == "GBP" ? kGbpPerHundredEur : kChfPerHundredEur;
        const orders::VatRateRow rate{"EUR", currency, today, fmt::format("0.{:02}", per_hundred), "Demo: made up", kDays};
        if (const auto saved = orders::save_vat_rate(tx, rate); !saved) throw std::runtime_error("VAT rate: " + saved.error().message);
    }
}

int run_seed(const Config& config, const Arguments& arguments) {
    if (arguments.empty()) throw std::runtime_error("say what to seed: demo, scale:N or none");
    const auto& what = arguments[0];
    if (what == "none") return 0;
    storage::init_images("stoa");
    db::Database database(config.database_url, {.max_connections = 2, .statement_timeout = std::chrono::minutes{10}});
    SystemClock clock;
    const auto catalog = catalog::make_writer();
    const auto reader = catalog::make_reader();
    const auto content = content::make_writer();
    const auto prices = pricing::make_price_book();
    const auto inventory = inventory::make_inventory(clock);
    const auto media = storage::local_store(config.media_dir);
    const SeedDeps deps{database, clock, *catalog, *reader, *content, *prices, *inventory, *media};
    const auto print = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    if (what == "demo") {
        const auto done = seed_demo(deps, config.demo_dir, print);
        seed_synonyms(database);
        database.in_tx([&](db::Tx& tx) {
            const auto categories = reader->structure(tx).categories;
            const auto category = [&](std::string_view handle) -> std::optional<catalog::CategoryId> {
                const auto found = std::ranges::find(categories, handle, &catalog::Category::handle);
                return found == categories.end() ? std::nullopt : std::optional(found->id);
            };
            promotions::seed_demo(tx, clock.now(), category("chairs"), category("lighting"));
            seed_legal_entity(tx);
            seed_vat_rates(tx, date_of(clock.now()));
        });
        fmt::print("demo: {} products with {} variants, {} pictures ({} not rendered yet), {} reviews, {} pages\n", done.products,
                   done.variants, done.pictures, done.pictures_missing, done.reviews, done.pages);
        if (!config.is_production()) {
            seed_demo_company(deps);
            seed_logins(config, database, clock);
        }
        if (config.environment == Environment::development)
            seed_staff(config, database, clock);
        else
            fmt::print("no accounts of the back office: make the first with stoa staff add\n");
        return 0;
    }
    if (what.starts_with("scale:")) {
        int count = 0;
        const auto text = std::string_view(what).substr(6);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc() || end != text.data() + text.size() || count < 1 || count > 2'000'000)
            throw std::runtime_error("write scale:N with N from 1 to 2000000");
        const char* variant = std::getenv("STOA_SCALE_CATALOG");
        const bool peers = variant != nullptr && std::string_view(variant) == "peers";
        const auto done = seed_scale(deps, count, peers, print);
        fmt::print("scale: {} products with {} variants\n", done.products, done.variants);
        return 0;
    }
    throw std::runtime_error("there is no seed '" + what + "'; use demo, scale:N or none");
}

}  // namespace stoa::app
