#include "world.hpp"

#include "steps.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "stoa/catalog/make.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::testing {
namespace {

constexpr std::string_view kOrigin = "http://localhost:8000";

[[noreturn]] void unexpected_answer(std::string_view step, const Answer& answer) {
    throw std::runtime_error(fmt::format("{}: answered {} {}", step, answer.status, answer.text.substr(0, 600)));
}

}  // namespace

std::string Answer::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

Outside::Outside() {
    sandbox::VendoOptions options;
    options.postback_url.clear();
    vendo = std::make_unique<sandbox::Vendo>(control, client, options);
    sendcloud = std::make_unique<sandbox::Sendcloud>(control, sandbox::SendcloudOptions{});
    mail = std::make_unique<sandbox::MailServer>(control, 0);
    sandbox::add_control_routes(routes, control, [] {});
    vendo->add_routes(routes);
    sendcloud->add_routes(routes);
    mail->add_routes(routes);
    routes.freeze();
    listen();
    port_ = server->port();
}

void Outside::listen() {
    http::ServerOptions server_options;
    server_options.port = port_;
    server_options.shop = {4, 256};
    server_options.outbound = {32, 512};
    server = std::make_unique<http::Server>(routes, server_options);
    server->start();
}

Outside::~Outside() {
    if (server) server->stop();
}

std::string Outside::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void Outside::go_away() {
    server->stop();
    server.reset();
}

void Outside::come_back() { listen(); }

json::Value Outside::tell(const std::string& path, std::string body) {
    http_client::Call call;
    call.method = "POST";
    call.url = url() + path;
    call.headers = {{"Content-Type", "application/json"}};
    call.body = std::move(body);
    const auto answer = client.send(call);
    if (!answer || answer->status >= 300) throw std::runtime_error("the sandbox refuses " + path + ": " + (answer ? answer->body : ""));
    return json::parse(answer->body).value_or(json::Value());
}

void Outside::fail_next(std::string provider, std::string kind, int count, std::string path) {
    sandbox::Fault fault;
    fault.provider = std::move(provider);
    fault.kind = std::move(kind);
    fault.count = count;
    fault.path = std::move(path);
    control.add_fault(std::move(fault));
}

std::vector<Outside::Charge> Outside::charges() {
    http_client::Call call;
    call.url = url() + "/__sandbox/vendo/transactions";
    const auto answer = client.send(call);
    if (!answer) throw std::runtime_error("the sandbox does not answer");
    const auto value = json::parse(answer->body, {64 << 20, 16});
    std::vector<Charge> out;
    for (const auto& item : value->find("items")->items())
        out.push_back({item.text_or("reference"), item.text_or("state"), static_cast<int>(item.int_or("type")), item.int_or("amount"),
                       item.int_or("refunded")});
    return out;
}

namespace {

// One for each process, removed when it ends; what a killed one with the same number left behind is not taken over.
const std::string& media_directory() {
    struct Directory {
        std::string path = "/tmp/stoa-scenario-media-" + std::to_string(::getpid());
        ::pid_t owner = ::getpid();
        Directory() { remove(); }
        ~Directory() {
            // Not in a child that was forked.
            if (::getpid() == owner) remove();
        }
        void remove() const {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
            std::filesystem::remove_all(path + "-private", ignored);
        }
    };
    static const Directory directory;
    return directory.path;
}

}  // namespace

Config shop_config(const std::string& database_url, const std::string& outside_url, std::uint16_t smtp_port, const std::string& redis_url,
                   int vendo_timeout_seconds, const std::map<std::string, std::string>& settings) {
    std::map<std::string, std::string, std::less<>> values{
        {"STOA_DATABASE_URL", database_url},
        {"STOA_REDIS_URL", redis_url.empty() ? test_redis_url() : redis_url},
        {"STOA_VENDO_URL", outside_url + "/vendo"},
        {"STOA_VENDO_CALLS_PER_5_MINUTES", "0"},
        {"STOA_PAYMENTS_PER_ADDRESS", "0"},
        {"STOA_VENDO_TIMEOUT", std::to_string(vendo_timeout_seconds)},
        {"STOA_SENDCLOUD_URL", outside_url + "/sendcloud"},
        {"STOA_SMTP_URL", "smtp://127.0.0.1:" + std::to_string(smtp_port)},
        {"STOA_MEDIA_DIR", media_directory()},
        {"STOA_PUBLIC_URL", std::string(kOrigin)},
        {"STOA_TEMPLATES_DIR", STOA_SOURCE_DIR "/web/packages/mail/share/templates"},
    };
    for (const auto& [name, value] : settings) values[name] = value;
    return load_config([&](std::string_view name) -> std::optional<std::string> {
        const auto it = values.find(name);
        if (it == values.end()) return std::nullopt;
        return it->second;
    });
}

Goods stock_up(app::Shop& shop, std::string_view sku, std::int64_t price_minor, std::int64_t on_hand) {
    const auto writer = catalog::make_writer();
    const auto prices = pricing::make_price_book();
    return shop.database.in_tx([&](db::Tx& tx) {
        const auto checked = [](auto result) {
            if (!result) throw std::runtime_error("stock_up: " + result.error().code + " " + result.error().message);
            return result;
        };
        catalog::ProductType type;
        type.code = "thing";
        type.names = {{"en", "Thing"}};
        checked(writer->upsert_type(tx, type));
        catalog::Category category;
        category.handle = "things";
        category.texts["en"].name = "Things";
        const auto category_id = *checked(writer->upsert_category(tx, category));
        catalog::Product product;
        product.handle = fmt::format("thing-{}", sku);
        for (auto& c : product.handle) c = static_cast<char>(std::tolower(c));
        product.type = "thing";
        product.category = category_id;
        product.texts["en"].name = fmt::format("Thing {}", sku);
        product.texts["de"].name = fmt::format("Ding {}", sku);
        catalog::Variant variant;
        variant.id = catalog::VariantId::derived(sku);
        variant.sku = sku;
        variant.weight_grams = 1200;
        product.variants.push_back(variant);
        Goods goods;
        goods.product = *checked(writer->upsert_product(tx, product));
        goods.variant = variant.id;
        goods.slug = product.handle;
        goods.price = price_minor;
        pricing::PriceListSpec list;
        list.code = "eur-retail";
        list.name = "Retail";
        list.currency = Currency::of("EUR");
        const auto list_id = prices->save_list(tx, list, shop.clock.now());
        const pricing::PriceEntry entry{variant.id, {{1, price_minor}}, std::nullopt, std::nullopt};
        prices->set_prices(tx, list_id, std::span(&entry, 1), shop.clock.now());
        shop.inventory->set_on_hand(tx, variant.id, on_hand, "count");
        return goods;
    });
}

void price_in(app::Shop& shop, const Goods& goods, std::string_view currency, std::int64_t minor, bool tax_included) {
    const auto prices = pricing::make_price_book();
    shop.database.in_tx([&](db::Tx& tx) {
        pricing::PriceListSpec list;
        list.code = fmt::format("{}-{}", currency, tax_included ? "retail" : "net");
        for (auto& c : list.code) c = static_cast<char>(std::tolower(c));
        list.name = list.code;
        list.currency = Currency::of(currency);
        list.tax_included = tax_included;
        if (!tax_included) list.priority = 1;
        const pricing::PriceEntry entry{goods.variant, {{1, minor}}, std::nullopt, std::nullopt};
        prices->set_prices(tx, prices->save_list(tx, list, shop.clock.now()), std::span(&entry, 1), shop.clock.now());
    });
}

Answer Shopper::send(http::Method method, std::string target, std::string body, std::string key,
                     const std::map<std::string, std::string>& headers) {
    auto request = testing::request(method, std::move(target), std::move(body));
    std::string jar;
    for (const auto& [name, value] : cookies) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
    if (!jar.empty()) request.headers.emplace_back("cookie", jar);
    request.headers.emplace_back("origin", std::string(kOrigin));
    request.remote_ip = "203.0.113.9";
    request.uploads = std::exchange(uploads, {});
    if (!key.empty()) request.headers.emplace_back("idempotency-key", std::move(key));
    for (const auto& [name, value] : headers) {
        std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
        if (!value.empty()) request.headers.emplace_back(name, value);
    }
    auto response = http::dispatch(shop_->routes(), request, {std::string(kOrigin), true});
    Answer answer;
    answer.status = response.status;
    answer.headers = response.headers;
    answer.text = std::string(response.content());
    if (response.stream) response.stream([&](std::string_view piece) { answer.text += piece; });
    if (!answer.text.empty()) {
        if (auto value = json::parse(answer.text, {16 << 20, 64})) answer.body = std::move(*value);
    }
    for (const auto& [name, value] : response.headers) {
        if (name != "set-cookie" && name != "Set-Cookie") continue;
        const auto equals = value.find('=');
        const auto end = value.find(';');
        const std::string content = value.substr(equals + 1, end - equals - 1);
        if (content.empty() || value.find("Max-Age=0") != std::string::npos)
            cookies.erase(value.substr(0, equals));
        else
            cookies[value.substr(0, equals)] = content;
    }
    return answer;
}

void Shopper::add(const Goods& goods, std::int64_t quantity) {
    const auto answer =
        post("/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":{}}})", goods.variant.to_string(), quantity));
    if (answer.status != 201) unexpected_answer("add to cart", answer);
}

void Shopper::fill_in(std::string_view email, std::string_view country, std::string_view postal_code) {
    if (auto a = post("/api/v1/checkout"); a.status != 200) unexpected_answer("start checkout", a);
    if (auto a = put("/api/v1/checkout/contact", fmt::format(R"({{"email":"{}"}})", email)); a.status != 200)
        unexpected_answer("contact", a);
    if (auto a = put(
            "/api/v1/checkout/address",
            fmt::format(
                R"({{"shipping":{{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"{}","city":"Berlin","country":"{}"}}}})",
                postal_code, country));
        a.status != 200)
        unexpected_answer("address", a);
    if (auto a = put("/api/v1/checkout/shipping", R"({"option_id":"own:standard"})"); a.status != 200) unexpected_answer("shipping", a);
}

std::int64_t Shopper::total() {
    const auto answer = get("/api/v1/checkout");
    const auto* amount = answer.body.at("totals", "total", "amount");
    if (!amount) unexpected_answer("checkout total", answer);
    return *amount->as_int();
}

Answer Shopper::pay(std::string_view card, std::string key) {
    return pay_with(
        fmt::format(
            R"({{"method":"card","card":{{"number":"{}","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}}})",
            card),
        std::move(key));
}

Answer Shopper::pay_with(std::string payment_json, std::string key) {
    if (key.empty()) key = Uuid::v7().to_string();
    const auto seen = get("/api/v1/checkout");
    const auto* total = seen.body.at("totals", "total");
    if (!total) unexpected_answer("checkout total", seen);
    // What gift cards and credit leave of it, when there are any.
    const auto* due = seen.body.find("due");
    const auto money = [](const json::Value& amount) {
        return fmt::format(R"({{"amount":{},"currency":"{}"}})", *amount.find("amount")->as_int(), amount.text_or("currency"));
    };
    return post("/api/v1/checkout/complete",
                fmt::format(R"({{"expected_total":{},{}"terms_accepted":true,"payment":{}}})", money(*total),
                            due && due->is_object() ? R"("expected_due":)" + money(*due) + "," : "", payment_json),
                std::move(key));
}

World::World(const std::string& redis_url, int vendo_timeout_seconds, TestDatabase* own, const std::map<std::string, std::string>& settings)
    : database(own ? *own : shared_database()), clock(SystemClock().now()) {
    database.truncate_all();
    // What was counted against an address in the world before is another's.
    if (redis_url.empty()) (void)redis_command(test_redis_url(), "FLUSHDB");
    // Each world begins a little after six in the morning (UTC), whenever its test runs: the nightly schedules are behind it, and the day,
    // which is also that of the provider's list, does not end within the hours that a test lets pass.
    const auto now = clock.now();
    constexpr auto kBegin = std::chrono::hours{6} + std::chrono::minutes{1};
    clock.advance(std::chrono::ceil<std::chrono::days>(now - kBegin) + kBegin - now);
    outside.control.seconds_ahead = std::chrono::floor<std::chrono::seconds>(clock.now() - now).count();
    app::ShopOptions options;
    options.clock = &clock;
    options.search_feed = false;
    options.database_connections = 40;
    options.staff_gate = &desk;
    options.audit_log = &desk;
    shop = std::make_unique<app::Shop>(
        shop_config(database.url(), outside.url(), outside.mail->port(), redis_url, vendo_timeout_seconds, settings), options);
    shop->search->load();
    (void)shop->content->refresh();
    work();  // from here on the schedules run
}

void World::work() {
    jobs::Worker worker(shop->database, shop->redis, shop->clock, shop->job_handlers(), shop->subscriptions(), shop->schedules());
    (void)worker.drain();
}

std::int64_t World::count(std::string_view sql) {
    return shop->database.read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
}

std::string World::disagreements() {
    std::string out;
    const auto expect_zero = [&](std::string_view what, std::string_view sql) {
        if (const auto found = count(sql); found != 0) out += fmt::format("{}: {}\n", what, found);
    };
    const auto audit = shop->database.read([&](db::Session& session) { return shop->ledger->audit(session); });
    if (audit.unbalanced != 0 || audit.drifted != 0 || audit.total != 0) out += "the ledger is not balanced\n";
    expect_zero("stock rows oversold", "select count(*) from inventory.stock where on_hand - held - allocated < 0");
    expect_zero("stock whose held differs from its holds",
                "select count(*) from inventory.stock s where s.held <> coalesce((select sum(h.quantity) from inventory.hold h where "
                "h.stock_id = s.id), 0)");
    expect_zero("stock whose allocated differs from its allocations",
                "select count(*) from inventory.stock s where s.allocated <> coalesce((select sum(a.quantity - a.shipped) from "
                "inventory.allocation a where a.stock_id = s.id), 0)");
    expect_zero("stock whose pledges differ from its holds",
                "select count(*) from inventory.stock s where s.pledged <> coalesce((select sum(h.pledged) from inventory.hold h where "
                "h.stock_id = s.id), 0)");
    expect_zero("stock that owes other units than orders wait for",
                "select count(*) from inventory.stock s where s.owed <> coalesce((select sum(q.quantity) from inventory.waiting q where "
                "q.stock_id = s.id), 0)");
    expect_zero("units that are free while an order waits for them",
                "select count(*) from (select s.variant_id from inventory.stock s join inventory.warehouse w on w.id = s.warehouse_id and "
                "w.is_active group by s.variant_id having sum(s.on_hand - s.held - s.allocated) > 0 and sum(s.owed) > 0) both_of_them");
    expect_zero("stock whose movements do not add up",
                "select count(*) from inventory.stock s where s.on_hand <> coalesce((select sum(m.delta) from inventory.movement m where "
                "m.stock_id = s.id), 0)");
    expect_zero("sold orders without their stock",
                "select count(*) from orders.orders o where o.state not in ('pending_payment','cancelled') and "
                "(select coalesce(sum(l.quantity),0) from orders.line l where l.order_id = o.id and l.tax_treatment <> 'voucher') - "
                "(select coalesce(sum(r.unsent),0) from orders.refund_line r join orders.line l on l.id = r.line_id where l.order_id = "
                "o.id and l.tax_treatment <> 'voucher') <> "
                "(select coalesce(sum(a.quantity),0) from inventory.allocation a where a.order_id = o.id) + "
                "(select coalesce(sum(q.quantity),0) from inventory.waiting q where q.order_id = o.id)");
    expect_zero("cancelled orders that wait for goods",
                "select count(*) from inventory.waiting q join orders.orders o on o.id = q.order_id where o.state = 'cancelled'");
    expect_zero("paid orders without a captured payment",
                "select count(*) from orders.orders o where o.payment_state = 'paid' and o.total > 0 and not exists (select 1 from "
                "payments.attempt p where p.payable = o.id and p.state = 'paid' having sum(p.captured) >= o.total)");
    expect_zero(
        "sold orders whose receivable is not what they are worth, less refunds and payments",
        "select count(*) from orders.orders o where o.state not in ('pending_payment','cancelled') and (select "
        "coalesce(sum(e.amount),0) from ledger.entry e join ledger.account a on a.id = e.account_id where e.subject <> '' and e.subject = "
        "'order:' || "
        "o.id::text and a.code = 'asset:receivables') <> o.total - (select coalesce(sum(r.amount),0) from orders.refund r where "
        "r.order_id = o.id) - (select coalesce(sum(p.captured - p.refunded + p.written_off),0) from payments.attempt p where p.payable = "
        "o.id) + (select "
        "coalesce(sum(r.as_credit),0) from orders.refund r where r.order_id = o.id)");
    expect_zero("sold orders whose tax is not that of their books",
                "select count(*) from orders.orders o where o.state not in ('pending_payment','cancelled') and (select "
                "coalesce(sum(e.amount),0) from ledger.entry e join ledger.account a on a.id = e.account_id where e.subject <> '' and "
                "e.subject = 'order:' || "
                "o.id::text and a.code = 'liability:tax') <> (select coalesce(sum(r.tax),0) from orders.refund r where r.order_id = o.id) "
                "- o.tax");
    expect_zero("refunds that do not add up",
                "select count(*) from orders.refund r where r.amount <> r.shipping + r.adjustment + (select coalesce(sum(l.amount),0) from "
                "orders.refund_line l where l.refund_id = r.id)");
    expect_zero("refund parts that differ from their payment's refund",
                "select count(*) from orders.refund_part t join payments.refund p on p.id = t.payment_refund_id where t.amount <> p.amount "
                "or t.attempt_id <> p.attempt_id or (t.state = 'done') <> (p.state = 'done')");
    expect_zero("carts with two living orders",
                "select count(*) from (select cart_id from orders.orders where state <> 'cancelled' and cart_id is not null group by "
                "cart_id having count(*) > 1) d");
    expect_zero("orders whose receivable is open although they are paid",
                "select count(*) from orders.orders o where o.payment_state = 'paid' and (select coalesce(sum(e.amount),0) from "
                "ledger.entry e join ledger.account a on a.id = e.account_id "
                "where e.subject <> '' and e.subject = 'order:' || o.id::text and a.code = 'asset:receivables') <> 0 and not exists "
                "(select 1 from orders.refund r "
                "where r.order_id = o.id and r.state <> 'done')");
    expect_zero("limited promotions whose count is not that of their uses",
                "select count(*) from promotions.promotion p where p.usage_limit is not null and p.used_count <> (select count(*) from "
                "promotions.usage u where u.promotion_id = p.id)");
    expect_zero("limited codes whose count is not that of their uses",
                "select count(*) from promotions.code c where c.usage_limit is not null and c.used_count <> (select count(*) from "
                "promotions.usage u where u.code_id = c.id)");
    expect_zero("buyers whose uses of an offer are counted wrongly",
                "select count(*) from promotions.customer_use c where c.used <> (select count(*) from promotions.usage u join "
                "promotions.redemption r on r.order_id = u.order_id where u.promotion_id = c.promotion_id and c.identity = "
                "any(r.identities))");
    expect_zero("buyers who are forgotten",
                "select count(*) from promotions.redemption r cross join unnest(r.identities) as i (identity) where not exists (select 1 "
                "from promotions.buyer b where b.identity = i.identity)");
    expect_zero(
        "living orders that counted no use",
        "select count(*) from orders.orders o where o.state <> 'cancelled' and o.replaces_return_id is null and not exists (select 1 "
        "from promotions.redemption r where r.order_id = o.id)");
    // Every charge at the provider has its order, and every captured payment its charge.
    std::map<std::string, std::int64_t> charged;
    for (const auto& charge : outside.charges()) {
        constexpr int kCharge = 3, kPage = 11;
        if ((charge.type == kCharge || charge.type == kPage) && (charge.state == "paid" || charge.state == "captured"))
            charged[charge.reference] += charge.amount - charge.refunded;
    }
    std::map<std::string, std::int64_t> booked;
    shop->database.read([&](db::Session& session) {
        booked.clear();
        for (const auto row : session.run_text("select reference, captured - refunded as net from payments.attempt where captured > 0 and "
                                               "method not in ('gift_card', 'store_credit')"))
            booked[row.get<std::string>("reference")] = row.get<std::int64_t>("net");
    });
    for (const auto& [reference, amount] : charged) {
        if (amount != booked[reference]) out += fmt::format("{}: charged {} but booked {}\n", reference, amount, booked[reference]);
    }
    for (const auto& [reference, amount] : booked) {
        if (amount != charged[reference]) out += fmt::format("{}: booked {} but charged {}\n", reference, amount, charged[reference]);
    }
    return out;
}

}  // namespace stoa::testing
