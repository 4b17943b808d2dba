#include "commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include <unistd.h>

#include "shop.hpp"
#include "stoa/backoffice/make.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/inventory/warehouses.hpp"

namespace stoa::app {

int run_migrate(const Config& config, const Arguments&) {
    db::Database database(config.database_url, {.max_connections = 2, .statement_timeout = std::chrono::minutes{30}});
    const int applied = db::migrate(database, db::all_migrations());
    database.in_tx([&](db::Tx& tx) { inventory::settle_first_warehouse(tx, config.sendcloud.sender_country, SystemClock().now()); });
    fmt::print("{} migration{} applied; the schema is at {}\n", applied, applied == 1 ? "" : "s", db::schema_version(database));
    return 0;
}

int run_reconcile(const Config& config, const Arguments& arguments) {
    Shop shop(config, {.database_connections = 4, .search_feed = false});
    auto day = Date(std::chrono::floor<std::chrono::days>(shop.clock.now()) - std::chrono::days{1});
    if (!arguments.empty()) {
        const auto parsed = parse_iso_date(arguments[0]);
        if (!parsed) throw std::runtime_error("expected a day such as 2026-11-22");
        day = *parsed;
    }
    const int found = shop.checkout->reconcile(day);
    fmt::print("{}: {} new difference{}\n", to_iso_date(day), found, found == 1 ? "" : "s");
    return found == 0 ? 0 : 3;
}

namespace {

std::vector<std::string> parts(std::string_view list) {
    std::vector<std::string> out;
    for (std::size_t start = 0; start <= list.size();) {
        const auto comma = std::min(list.find(',', start), list.size());
        if (comma > start) out.emplace_back(list.substr(start, comma - start));
        start = comma + 1;
    }
    std::ranges::sort(out);
    return out;
}

Uuid company_id(const std::string& text) {
    if (const auto id = companies::CompanyId::parse(text)) return id->uuid();
    throw std::runtime_error("expected the id of a company, com_...: " + text);
}

}  // namespace

int run_buyer(const Config& config, const Arguments& arguments) {
    std::optional<std::vector<std::string>> groups;
    std::optional<std::optional<Uuid>> company;
    for (std::size_t i = 1; i < arguments.size(); i += 2) {
        if (i + 1 < arguments.size() && arguments[i] == "--groups")
            groups = parts(arguments[i + 1]);
        else if (i + 1 < arguments.size() && arguments[i] == "--company")
            company = arguments[i + 1] == "none" ? std::nullopt : std::optional(company_id(arguments[i + 1]));
        else
            throw std::runtime_error("expected: EMAIL [--groups A,B] [--company ID | --company none]");
    }
    if (arguments.empty()) throw std::runtime_error("expected the address of a customer");
    Shop shop(config, {.database_connections = 2, .search_feed = false});
    const auto found = shop.database.in_tx([&](db::Tx& tx) {
        auto customer = shop.customers->find_by_email(tx, arguments[0]);
        if (!customer) return customer;
        if (groups) shop.customers->set_groups(tx, customer->id, *groups);
        if (company) shop.customers->set_company(tx, customer->id, *company);
        return shop.customers->find(tx, customer->id);
    });
    if (!found) throw std::runtime_error("nobody has an account with this address");
    fmt::print("groups: {}\ncompany: {}\n", found->groups.empty() ? "none" : fmt::format("{}", fmt::join(found->groups, ", ")),
               found->company ? companies::CompanyId(*found->company).to_string() : "none");
    return 0;
}

int run_audience(const Config& config, const Arguments& arguments) {
    if (arguments.empty()) throw std::runtime_error("expected the handle of a product");
    std::optional<catalog::Audience> wanted;
    if (arguments.size() == 2 && arguments[1] == "everybody") {
        wanted.emplace();
    } else {
        for (std::size_t i = 1; i < arguments.size(); i += 2) {
            if (i + 1 == arguments.size()) throw std::runtime_error("expected a list after " + arguments[i]);
            if (!wanted) wanted.emplace();
            if (arguments[i] == "--groups") {
                wanted->groups = parts(arguments[i + 1]);
            } else if (arguments[i] == "--companies") {
                for (const auto& id : parts(arguments[i + 1])) wanted->companies.push_back(company_id(id));
            } else {
                throw std::runtime_error("expected: HANDLE [--groups A,B] [--companies ID,ID] | HANDLE everybody");
            }
        }
        // An empty list would open the product to everybody, which is said in so many words.
        if (wanted && wanted->is_everybody()) throw std::runtime_error("nobody is named; say everybody to end the limit");
    }
    db::Database database(config.database_url, {.max_connections = 2});
    const auto reader = catalog::make_reader();
    const auto audience = database.in_tx([&](db::Tx& tx) -> std::optional<catalog::Audience> {
        const auto id = reader->product_by_handle(tx, arguments[0]);
        if (!id) return std::nullopt;
        if (wanted) {
            if (const auto set = catalog::make_writer()->set_audience(tx, *id, *wanted); !set)
                throw std::runtime_error(set.error().message);
        }
        return reader->products(tx, std::vector{*id}).products.at(0).audience;
    });
    if (!audience) throw std::runtime_error("there is no product with this handle");
    if (audience->is_everybody()) fmt::print("everybody\n");
    for (const auto& group : audience->groups) fmt::print("group {}\n", group);
    for (const auto& company : audience->companies) fmt::print("company {}\n", companies::CompanyId(company).to_string());
    return 0;
}

int run_jobs(const Config& config, const Arguments& arguments) {
    db::Database database(config.database_url, {.max_connections = 2});
    constexpr int kShown = 100;
    if (arguments.empty() || (arguments.size() == 1 && arguments[0] == "list")) {
        const auto dead = database.read([](db::Session& session) { return jobs::dead_letters(session, kShown + 1); });
        // The payload may hold personal data and stays where it is.
        for (std::size_t i = 0; i < dead.size() && i < kShown; ++i)
            fmt::print("{}  {}  {}  {} attempts: {}\n", dead[i].id, to_rfc3339(dead[i].died_at), dead[i].kind, dead[i].attempts,
                       dead[i].last_error);
        if (dead.empty()) fmt::print("no job was given up\n");
        if (dead.size() > kShown) fmt::print("… and more\n");
        return 0;
    }
    if (arguments.size() != 2 || arguments[0] != "replay") throw std::runtime_error("expected: list, replay ID or replay all");
    if (arguments[1] == "all") {
        const auto began = SystemClock().now();
        std::int64_t count = 0;
        for (std::int64_t some = 1; some > 0; count += some)
            some = database.in_tx([&](db::Tx& tx) { return jobs::replay_dead(tx, began, 1000); });
        fmt::print("{} job{} will be tried again\n", count, count == 1 ? "" : "s");
        return 0;
    }
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(arguments[1].data(), arguments[1].data() + arguments[1].size(), id);
    if (error != std::errc{} || end != arguments[1].data() + arguments[1].size())
        throw std::runtime_error("expected the number of a job, as stoa jobs prints it");
    if (!database.in_tx([&](db::Tx& tx) { return jobs::replay(tx, id); })) {
        fmt::print("no job {} was given up\n", id);
        return 1;
    }
    fmt::print("job {} will be tried again\n", id);
    return 0;
}

int run_staff(const Config& config, const Arguments& arguments) {
    Arguments words;
    bool from_stdin = false;
    for (const auto& word : arguments) {
        if (word == "--password-stdin")
            from_stdin = true;
        else
            words.push_back(word);
    }
    if (words.size() < 3 || words[0] != "add") throw std::runtime_error("expected: add EMAIL NAME [ROLE...] [--password-stdin]");
    std::string password;
    if (from_stdin) {
        for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) password += static_cast<char>(c);
        if (password.size() < 12) throw std::runtime_error("a password has at least 12 characters");
    } else {
        password = crypto::random_token(15);
    }
    db::Database database(config.database_url, {.max_connections = 2});
    redis::Redis redis(config.redis_url);
    SystemClock clock;
    const auto staff = backoffice::make_staff(database, redis, clock, {config.public_url, config.secret_key});
    backoffice::NewStaff account;
    account.email = words[1];
    account.name = words[2];
    account.password_hash = crypto::hash_password(password);
    account.must_change_password = !from_stdin;
    account.roles.assign(words.begin() + 3, words.end());
    if (account.roles.empty()) account.roles = {"administrator"};
    const auto id = database.in_tx([&](db::Tx& tx) { return staff->add(tx, account); });
    if (!id) {
        fmt::print("{} has an account already\n", account.email);
        return 1;
    }
    if (from_stdin)
        fmt::print("{} may sign in at {}/admin\n", account.email, config.public_url);
    else
        fmt::print("{} may sign in at {}/admin with the password {} and sets another one there\n", account.email, config.public_url,
                   password);
    return 0;
}

int run_openapi(const Config& config, const Arguments&) {
    Shop shop(config, {.database_connections = 2, .search_feed = false});
    std::fputs(http::openapi_document(shop.routes(), api_info()).c_str(), stdout);
    return 0;
}

int run_doctor(const Config& config, const Arguments& arguments) {
    if (!arguments.empty() && arguments[0] == "--list") {
        for (const auto& variable : config_variables())
            fmt::print("{}={}\n    {}{}\n", variable.name, variable.secret ? "…" : variable.default_value, variable.meaning,
                       variable.secret ? " (secret)" : "");
        return 0;
    }
    int problems = 0;
    const auto report = [&](std::string_view what, bool good, const std::string& cure) {
        fmt::print("{} {}{}\n", good ? "ok  " : "BAD ", what, good ? "" : ": " + cure);
        problems += good ? 0 : 1;
    };
    if (config.is_production()) {
        for (const auto& reason : unsafe_for_production(config)) report("production", false, reason);
    }
    db::Database database(config.database_url, {.max_connections = 2});
    const bool reachable = database.ping();
    report("PostgreSQL answers", reachable, "start it, or set STOA_DATABASE_URL");
    if (reachable) {
        const auto problem = schema_problem(database);
        report("every migration was applied", problem.empty(), problem);
        if (problem.empty()) {
            SystemClock clock;
            const auto audit = database.read([&](db::Session& session) { return ledger::make_ledger(clock)->audit(session); });
            report("ledger is balanced", audit.unbalanced == 0 && audit.drifted == 0 && audit.total == 0,
                   fmt::format("{} unbalanced postings, {} drifted accounts, sum {}", audit.unbalanced, audit.drifted, audit.total));
            const auto stock = database.read([&](db::Session& session) { return inventory::make_inventory(clock)->audit(session); });
            report(
                "stock is what is held, allocated, owed and moved", stock.is_sound(),
                fmt::format("rows that differ: {} held, {} allocated, {} owed to orders, {} on hand; {} articles are free while an order "
                            "waits for them",
                            stock.held, stock.allocated, stock.owed, stock.on_hand, stock.passed_over));
            const auto log = backoffice::check_audit(database);
            report("the audit log is whole", log.reason.empty(), log.reason + "; compare with a backup from before");
            const auto dead = database.read([&](db::Session& session) { return jobs::dead_letters(session, 10); });
            report("no job was given up", dead.empty(),
                   fmt::format("{} or more were, the last: {}. See them: stoa jobs; when the cause is gone: stoa jobs replay all",
                               dead.size(), dead.empty() ? "" : dead[0].kind + ": " + dead[0].last_error));
        }
    }
    redis::Redis redis(config.redis_url);
    report("Redis answers", redis.ping(), "start it, or set STOA_REDIS_URL (the shop works without it, slower)");
    std::error_code error;
    std::filesystem::create_directories(config.media_dir, error);
    report("media directory is writable", !error && ::access(config.media_dir.c_str(), W_OK) == 0, config.media_dir);
    report("mail templates are built", std::filesystem::exists(config.templates_dir + "/order_confirmation.en.html"),
           "npm run build -w packages/mail in web/");
    http_client::CurlClient client;
    for (const auto& [name, url] : {std::pair<std::string, std::string>{"Vendo", config.vendo.url}, {"Sendcloud", config.sendcloud.url}}) {
        http_client::Call call;
        call.url = url;
        call.timeout = std::chrono::seconds{5};
        const auto answer = client.send(call);
        report(name + " is reachable", answer.has_value(), answer ? "" : url + ": " + answer.error().message);
    }
    return problems == 0 ? 0 : 1;
}

}  // namespace stoa::app
