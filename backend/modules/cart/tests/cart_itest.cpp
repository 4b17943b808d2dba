#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "stoa/cart/make.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/log/log.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/promotions/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::cart {
namespace {

using catalog::VariantId;
using http::Method;

// Customers by the header x-test-customer; what a cart needs of accounts and nothing else.
class FakeCustomers final : public customers::Customers {
public:
    std::map<std::string, customers::CustomerInfo> known;
    std::optional<customers::CustomerInfo> current(const http::Request& request) override {
        const auto found = known.find(std::string(request.header("x-test-customer")));
        return found == known.end() ? std::nullopt : std::optional(found->second);
    }
    customers::CustomerInfo require(const http::Request& request) override { return current(request).value(); }
    std::optional<customers::CustomerInfo> find(db::Session&, customers::CustomerId) override { return std::nullopt; }
    std::optional<customers::CustomerInfo> find_by_email(db::Session&, std::string_view) override { return std::nullopt; }
    std::vector<customers::AddressDto> addresses(db::Session&, customers::CustomerId) override { return {}; }
    std::vector<Uuid> wishlist(db::Session&, customers::CustomerId) override { return {}; }
    void record_consent(db::Tx&, customers::CustomerId, customers::ConsentKind, bool, std::string_view, std::string_view) override {}
    void record_guest_consent(db::Tx&, std::string_view, customers::ConsentKind, std::string_view, std::string_view) override {}
    bool has_consent(db::Session&, customers::CustomerId, customers::ConsentKind) override { return false; }
    customers::CustomerId create(db::Tx&, const customers::NewCustomer&) override { return {}; }
    void set_groups(db::Tx&, customers::CustomerId, const std::vector<std::string>&) override {}
    void set_company(db::Tx&, customers::CustomerId, const std::optional<Uuid>&) override {}
    void on_login(LoginHook) override {}
    void on_verified(LoginHook) override {}
    void set_product_gate(ProductGate) override {}
    void add_exporter(std::string, Exporter) override {}
    void add_eraser(Eraser) override {}
};

db::Database& database() { return stoa::testing::shared_database().database(); }

// A shop made once per process: two chairs and a lamp.
struct Shop {
    ManualClock clock{stoa::testing::fixed_start()};
    FakeCustomers customers;
    std::unique_ptr<catalog::Catalog> catalog = catalog::make_catalog();
    std::unique_ptr<catalog::Writer> writer = catalog::make_writer();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<pricing::PriceBook> book = pricing::make_price_book();
    std::unique_ptr<pricing::TaxBook> tax = pricing::make_tax_book(database());
    std::unique_ptr<promotions::Promotions> promotions = promotions::make_promotions();
    CartOptions options;
    http::Idempotency idempotency{database(), clock, "a secret"};
    std::unique_ptr<Carts> carts;
    http::Routes routes;
    catalog::CategoryId chairs;
    pricing::PriceListId list, francs;

    Shop() {
        log::set_level(log::Level::error);
        options.delivers_to = [](std::string_view country) {
            return country == "DE" || country == "FR" || country == "DK" || country == "CH";
        };
        options.secret = "a secret of the test";
        carts = make_cart({database(), clock, *catalog, *inventory, customers, *pricing, *tax, *promotions,
                           [](const companies::BuyerContext& buyer) {
                               return buyer.currency == Currency::of("EUR") ? std::optional(Money(50000, buyer.currency)) : std::nullopt;
                           }},
                          options);
        add_cart_routes(routes, *carts, database(), idempotency, nullptr, options);
        routes.freeze();
        database().in_tx([&](db::Tx& tx) {
            EXPECT_TRUE(writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, {}}));
            catalog::Category category;
            category.handle = "chairs";
            category.texts["en"].name = "Chairs";
            chairs = writer->upsert_category(tx, category).value();
            list = book->save_list(tx, {.code = "eur", .name = "EUR", .currency = Currency::of("EUR")}, clock.now());
            francs = book->save_list(tx, {.code = "chf", .name = "CHF", .currency = Currency::of("CHF")}, clock.now());
        });
    }
    VariantId make_variant(std::int64_t price, std::int64_t stock, bool published = true) {
        const auto sku = "S" + Uuid::v7().to_base32();
        return database().in_tx([&](db::Tx& tx) {
            catalog::Product product;
            product.handle = "p-" + Uuid::v7().to_base32();
            product.type = "thing";
            product.category = chairs;
            product.texts["en"].name = "Chair " + sku;
            product.texts["de"].name = "Stuhl " + sku;
            catalog::Variant variant;
            variant.id = VariantId::make();
            variant.sku = sku;
            product.variants = {variant};
            if (!published) product.status = catalog::ProductStatus::draft;
            const auto made = writer->upsert_product(tx, product);
            EXPECT_TRUE(made) << made.error().code << " " << made.error().message;
            const auto id = tx.run_text("select id from catalog.variant where sku = '" + sku + "'").front().get<VariantId>("id");
            book->set_prices(tx, list, std::vector{pricing::PriceEntry{id, {{1, price}, {10, price * 9 / 10}}, {}, {}}}, clock.now());
            book->set_prices(tx, francs, std::vector{pricing::PriceEntry{id, {{1, price + 1}}, {}, {}}}, clock.now());
            if (stock > 0) inventory->set_on_hand(tx, id, stock, "count");
            return id;
        });
    }
};
Shop& shop() {
    static Shop the_shop;
    return the_shop;
}

// One browser.
struct Browser {
    std::string cookie;
    std::string customer;
    std::map<std::string, std::string> headers;
    http::Response last;
    std::uint64_t statements = 0;

    json::Value send(Method method, const std::string& path, const std::string& body = {}) {
        auto request = stoa::testing::request(method, "/api/v1" + path, body);
        if (!body.empty() && request.header("content-type").empty()) request.headers.emplace_back("content-type", "application/json");
        if (!cookie.empty()) request.headers.emplace_back("cookie", "stoa_cart=" + cookie);
        if (!customer.empty()) request.headers.emplace_back("x-test-customer", customer);
        if (method != Method::get && request.header("origin").empty()) request.headers.emplace_back("origin", "http://localhost:8000");
        for (const auto& [name, value] : headers) request.headers.emplace_back(name, value);
        request.remote_ip = "127.0.0.1";
        const auto before = db::Database::statements_on_this_thread();
        last = http::dispatch(shop().routes, request, {"http://localhost:8000", true});
        statements = db::Database::statements_on_this_thread() - before;
        for (const auto& [name, value] : last.headers) {
            if ((name == "set-cookie" || name == "Set-Cookie") && value.starts_with("stoa_cart="))
                cookie = value.substr(10, value.find(';') - 10);
        }
        return json::parse(last.content(), {64 << 20, 32}).value_or(json::Value());
    }
    json::Value add(VariantId variant, std::int64_t quantity) {
        return send(Method::post, "/cart/lines",
                    R"({"variant_id":")" + variant.to_string() + R"(","quantity":)" + std::to_string(quantity) + "}");
    }
    json::Value cart() { return send(Method::get, "/cart"); }
};

std::int64_t amount(const json::Value* money) { return money ? money->int_or("amount", -1) : -1; }
const json::Value& line(const json::Value& cart, std::size_t index = 0) { return cart.find("lines")->items().at(index); }
std::vector<std::string> issues(const json::Value& entry) {
    std::vector<std::string> out;
    for (const auto& issue : entry.find("issues")->items()) out.push_back(issue.text_or("code"));
    return out;
}

TEST(Cart, OnlyItsAudienceBuysALimitedArticleAndAtTheirPrice) {
    const auto chair = shop().make_variant(10000, 100);
    const auto company = companies::CompanyId::make();
    const auto product = database().read([&](db::Session& session) {
        return session.run_text("select product_id from catalog.variant where id = '" + chair.uuid().to_string() + "'")
            .front()
            .get<catalog::ProductId>(0);
    });
    database().in_tx([&](db::Tx& tx) {
        EXPECT_TRUE(shop().writer->set_audience(tx, product, {{"trade"}, {company.uuid()}}));
        const auto list = shop().book->save_list(
            tx, {.code = "acme-" + Uuid::v7().to_base32(), .name = "Acme", .currency = Currency::of("EUR"), .company = company},
            shop().clock.now());
        shop().book->set_prices(tx, list, std::vector{pricing::PriceEntry{chair, {{1, 7000}}, {}, {}}}, shop().clock.now());
    });
    Browser guest;
    auto refused = guest.add(chair, 1);
    EXPECT_EQ(guest.last.status, 404) << guest.last.content();
    EXPECT_EQ(refused.text_or("code"), "cart.variant_unknown");

    auto& known = shop().customers.known;
    for (const auto& [name, groups, of, price] :
         std::vector<std::tuple<std::string, std::vector<std::string>, std::optional<Uuid>, std::int64_t>>{
             {"trader", {"trade"}, {}, 10000}, {"acme", {}, company.uuid(), 7000}}) {
        auto& customer = known[name];
        customer.id = customers::CustomerId::make();
        database().in_tx([&](db::Tx& tx) {
            tx.run_text("insert into customers.customer (id, locale, created_at, updated_at) values ('" + customer.id.uuid().to_string() +
                        "', 'en', now(), now())");
        });
        customer.locale = "en";
        customer.groups = groups;
        customer.company = of;
        Browser buyer;
        buyer.customer = name;
        const auto cart = buyer.add(chair, 1);
        ASSERT_EQ(buyer.last.status, 201) << buyer.last.content();
        EXPECT_EQ(amount(line(cart).find("unit_price")), price) << name;
        // Once it is not theirs any more, the line stays and says so.
        customer.groups.clear();
        customer.company.reset();
        EXPECT_EQ(issues(line(buyer.cart())), std::vector<std::string>{"unavailable"});
        known.erase(name);
    }
}

TEST(Cart, AGuestFillsACart) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    auto cart = guest.cart();
    EXPECT_EQ(guest.last.status, 200);
    EXPECT_EQ(cart.int_or("version", -1), 0);
    EXPECT_TRUE(guest.cookie.empty()) << "looking creates nothing";

    cart = guest.add(chair, 2);
    ASSERT_EQ(guest.last.status, 201) << guest.last.content();
    ASSERT_FALSE(guest.cookie.empty());
    EXPECT_EQ(cart.int_or("item_count"), 2);
    EXPECT_EQ(cart.text_or("currency"), "EUR");
    EXPECT_EQ(line(cart).text_or("variant_id"), chair.to_string());
    EXPECT_TRUE(line(cart).text_or("name").starts_with("Chair"));
    EXPECT_EQ(amount(line(cart).find("unit_price")), 10000);
    EXPECT_EQ(amount(cart.at("totals", "total")), 20000);
    EXPECT_EQ(amount(cart.at("totals", "tax")), 3193);
    EXPECT_EQ(cart.at("totals", "shipping"), nullptr) << "no delivery is chosen yet";
    EXPECT_EQ(amount(cart.at("free_shipping", "remaining")), 30000);
    EXPECT_TRUE(issues(line(cart)).empty());

    cart = guest.add(chair, 8);
    EXPECT_EQ(cart.find("lines")->items().size(), 1U);
    EXPECT_EQ(amount(line(cart).find("unit_price")), 9000) << "ten of them: the next tier";
    EXPECT_TRUE(cart.at("free_shipping", "reached")->as_bool());
    EXPECT_EQ(amount(cart.at("free_shipping", "remaining")), 0);
    EXPECT_TRUE(issues(line(cart)).empty()) << "the shopper changed it, nobody else did";

    const auto same = guest.cart();
    EXPECT_EQ(json::to_text(same), json::to_text(cart)) << "reading shows what the change showed";

    cart = guest.send(Method::patch, "/cart/lines/" + line(cart).text_or("id"), R"({"quantity":1})");
    EXPECT_EQ(guest.last.status, 200);
    EXPECT_EQ(cart.int_or("item_count"), 1);
    cart = guest.send(Method::del, "/cart/lines/" + line(cart).text_or("id"));
    EXPECT_EQ(guest.last.status, 200);
    EXPECT_TRUE(cart.find("lines")->items().empty());
    EXPECT_EQ(amount(cart.at("totals", "total")), 0);
}

TEST(Cart, WhatCannotBeAddedIsRefusedAndChangesNothing) {
    const auto chair = shop().make_variant(10000, 100);
    const auto draft = shop().make_variant(10000, 100, false);
    const auto gone = shop().make_variant(10000, 0);
    Browser guest;
    guest.add(chair, 1);
    const auto before = json::to_text(guest.cart());
    const auto refused = [&](VariantId variant, std::int64_t quantity, int status, std::string_view code) {
        const auto problem = guest.add(variant, quantity);
        EXPECT_EQ(guest.last.status, status) << guest.last.content();
        EXPECT_EQ(problem.text_or("code"), code);
    };
    refused(VariantId::make(), 1, 404, "cart.variant_unknown");
    refused(draft, 1, 409, "cart.variant_unavailable");
    refused(gone, 1, 409, "cart.out_of_stock");
    refused(chair, 9999, 422, "cart.quantity_limit");
    refused(chair, 0, 422, "http.invalid_fields");
    refused(chair, 10000, 422, "http.invalid_fields");
    refused(chair, -1, 422, "http.invalid_fields");
    EXPECT_EQ(json::to_text(guest.cart()), before);
    Browser other;
    other.add(draft, 1);
    EXPECT_TRUE(other.cookie.empty()) << "a refused first add leaves no cart behind";
}

TEST(Cart, OtherPeoplesCartsDoNotExist) {
    const auto chair = shop().make_variant(10000, 100);
    Browser mine;
    const auto id = line(mine.add(chair, 1)).text_or("id");
    Browser theirs;
    theirs.add(chair, 1);
    Browser nobody;
    for (auto* browser : {&theirs, &nobody}) {
        auto problem = browser->send(Method::patch, "/cart/lines/" + id, R"({"quantity":5})");
        EXPECT_EQ(browser->last.status, 404);
        EXPECT_EQ(problem.text_or("code"), "cart.line_not_found");
        browser->send(Method::del, "/cart/lines/" + id);
        EXPECT_EQ(browser->last.status, 404);
    }
    EXPECT_EQ(mine.cart().int_or("item_count"), 1);
    Browser guesser;
    guesser.cookie = "00000000000000000000000000000000000000000000";
    EXPECT_EQ(guesser.cart().int_or("version", -1), 0);
    // A logged-in customer's cart is not reachable by the cookie it once had.
    const auto stored = database().read([](db::Session& session) {
        return session.run_text("select count(*) as n from cart.cart where token_hash is not null and length(token_hash) <> 64")
            .front()
            .get<std::int64_t>("n");
    });
    EXPECT_EQ(stored, 0) << "only hashes of tokens are stored";
}

TEST(Cart, ConcurrentAddsOfTheSameLineAllCount) {
    const auto chair = shop().make_variant(100, 100000);
    Browser guest;
    guest.add(chair, 1);
    std::atomic<int> fine = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            Browser same;
            same.cookie = guest.cookie;
            for (int k = 0; k < 5; ++k) {
                same.add(chair, 1);
                if (same.last.status == 201) ++fine;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(fine, 80);
    const auto cart = guest.cart();
    EXPECT_EQ(cart.find("lines")->items().size(), 1U);
    EXPECT_EQ(cart.int_or("item_count"), 81);
    EXPECT_EQ(cart.int_or("version"), 81);
}

TEST(Cart, SixteenFirstAddsOfOneCustomerMakeOneCart) {
    const auto chair = shop().make_variant(100, 100000);
    shop().customers.known["first"] = {customers::CustomerId::make(), "first@example.com", "F", "A", "en", true, {}};
    std::vector<std::thread> threads;
    std::atomic<int> fine = 0;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            Browser browser;
            browser.customer = "first";
            browser.add(chair, 1);
            if (browser.last.status == 201) ++fine;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(fine, 16);
    Browser browser;
    browser.customer = "first";
    EXPECT_EQ(browser.cart().int_or("item_count"), 16);
}

TEST(Cart, AnIdempotencyKeyAddsOnce) {
    const auto chair = shop().make_variant(100, 1000);
    Browser guest;
    guest.headers["idempotency-key"] = "key-" + Uuid::v7().to_string();
    guest.add(chair, 3);
    ASSERT_EQ(guest.last.status, 201);
    const auto first = std::string(guest.last.content());
    // The scope of a guest with a cart is that cart, so the repetition comes from the same cart.
    guest.headers["idempotency-key"] = "key-" + Uuid::v7().to_string();
    guest.add(chair, 1);
    const auto second = std::string(guest.last.content());
    guest.add(chair, 1);
    EXPECT_EQ(guest.last.status, 201);
    EXPECT_EQ(std::string(guest.last.content()), second);
    guest.add(chair, 2);
    EXPECT_EQ(guest.last.status, 422) << "same key, another body";
    guest.headers.clear();
    EXPECT_EQ(guest.cart().int_or("item_count"), 4);
}

// What the chaos tests met once: the commit was acknowledged to nobody, the repeat was answered, and the guest had no cart.
TEST(Cart, TheRepeatOfAFirstAddWhoseAnswerWasLostBringsTheCartAgain) {
    const auto chair = shop().make_variant(100, 1000);
    Browser guest;
    guest.headers["idempotency-key"] = "key-" + Uuid::v7().to_string();
    guest.add(chair, 3);
    const auto cookie = std::exchange(guest.cookie, {});  // the answer never arrived
    ASSERT_FALSE(cookie.empty());
    guest.add(chair, 3);
    EXPECT_EQ(guest.last.status, 201);
    EXPECT_EQ(guest.cookie, cookie);
    guest.headers.clear();
    EXPECT_EQ(guest.cart().int_or("item_count"), 3);
}

// Two programs behind one address that number their requests alike.
TEST(Cart, AKeyThatOthersMayUseTooBringsNobodyACart) {
    const auto chair = shop().make_variant(100, 1000);
    Browser guest, other;
    for (auto* one : {&guest, &other}) {
        one->headers["idempotency-key"] = "add-to-the-cart-request-number-0001";
        one->add(chair, 3);
        EXPECT_EQ(one->last.status, 400);
        EXPECT_EQ(json::parse(one->last.content())->text_or("code"), "http.idempotency_key_invalid");
        EXPECT_EQ(one->cookie, "");
    }
    // With a cart of their own any key will do: its scope is that cart.
    for (auto* one : {&guest, &other}) {
        one->headers.clear();
        one->add(chair, 1);
        one->headers["idempotency-key"] = "add-to-the-cart-request-number-0001";
        one->add(chair, 3);
        EXPECT_EQ(one->last.status, 201);
        one->add(chair, 3);
        EXPECT_EQ(one->last.status, 201);
        EXPECT_EQ(one->cart().int_or("item_count"), 4);
    }
    EXPECT_NE(guest.cookie, other.cookie);
}

TEST(Cart, PriceDriftIsShownUntilTheLineIsTouched) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    auto cart = guest.add(chair, 1);
    database().in_tx([&](db::Tx& tx) {
        shop().book->set_prices(tx, shop().list, std::vector{pricing::PriceEntry{chair, {{1, 12000}}, {}, {}}}, shop().clock.now());
    });
    cart = guest.cart();
    EXPECT_EQ(amount(line(cart).find("unit_price")), 12000) << "the new price counts";
    ASSERT_EQ(issues(line(cart)), std::vector<std::string>{"price_changed"});
    EXPECT_EQ(amount(line(cart).find("issues")->items()[0].find("old_price")), 10000);
    EXPECT_EQ(issues(line(guest.add(shop().make_variant(1, 5), 1))), std::vector<std::string>{"price_changed"})
        << "another line was touched";
    cart = guest.send(Method::patch, "/cart/lines/" + line(cart).text_or("id"), R"({"quantity":2})");
    EXPECT_TRUE(issues(line(cart)).empty());
}

TEST(Cart, StockTroubleIsShown) {
    const auto chair = shop().make_variant(10000, 3);
    Browser guest;
    auto cart = guest.add(chair, 5);
    EXPECT_EQ(guest.last.status, 201);
    EXPECT_EQ(issues(line(cart)), std::vector<std::string>{"insufficient_stock"});
    EXPECT_EQ(line(cart).int_or("available_quantity"), 3);
    database().in_tx([&](db::Tx& tx) { shop().inventory->set_on_hand(tx, chair, 0, "count"); });
    cart = guest.cart();
    EXPECT_EQ(issues(line(cart)), std::vector<std::string>{"out_of_stock"});
    EXPECT_EQ(line(cart).int_or("available_quantity", -1), 0);
}

TEST(Cart, AnArticleThatIsWithdrawnStaysVisibleAndCostsNothing) {
    const auto chair = shop().make_variant(10000, 10);
    const auto lamp = shop().make_variant(500, 10);
    Browser guest;
    guest.add(chair, 1);
    guest.add(lamp, 1);
    database().in_tx([&](db::Tx& tx) { shop().book->remove_prices(tx, shop().list, std::vector{chair}, shop().clock.now()); });
    const auto cart = guest.cart();
    EXPECT_EQ(issues(line(cart)), std::vector<std::string>{"unavailable"});
    EXPECT_EQ(amount(cart.at("totals", "total")), 500);
    database().in_tx([&](db::Tx& tx) {
        const auto stored = shop().carts->lock(tx, *CartId::parse(cart.text_or("id")));
        EXPECT_FALSE(shop().carts->view(tx, *stored, {}).purchasable);
    });
}

TEST(Cart, CodesApplyOrSayWhy) {
    const auto chair = shop().make_variant(10000, 100);
    const auto code = "T" + Uuid::v7().to_base32().substr(0, 20);
    database().in_tx([&](db::Tx& tx) {
        promotions::Promotion promotion;
        promotion.name = code;
        promotion.labels = {{"en", "Ten off"}, {"de", "Zehn weniger"}};
        promotion.rules.basis_points = 1000;
        promotion.rules.minimum_spend = {{"EUR", 15000}};
        ASSERT_TRUE(shop().promotions->add_code(tx, shop().promotions->save(tx, promotion), code));
    });
    Browser guest;
    auto cart = guest.add(chair, 1);
    auto problem = guest.send(Method::post, "/cart/codes", R"({"code":"no-such-code"})");
    EXPECT_EQ(guest.last.status, 404);
    EXPECT_EQ(problem.text_or("code"), "promotions.code_unknown");
    problem = guest.send(Method::post, "/cart/codes", R"({"code":"'; drop table cart.cart; --"})");
    EXPECT_EQ(guest.last.status, 404);
    EXPECT_TRUE(guest.cart().find("codes")->items().empty());

    cart = guest.send(Method::post, "/cart/codes", R"({"code":" )" + code + R"( "})");
    ASSERT_EQ(guest.last.status, 200) << guest.last.content();
    const auto& entry = cart.find("codes")->items().at(0);
    EXPECT_FALSE(entry.bool_or("applied", true));
    EXPECT_EQ(entry.at("reason", "code")->text(), "minimum_not_met");
    EXPECT_EQ(amount(cart.at("totals", "discount")), 0);

    cart = guest.add(chair, 1);
    EXPECT_TRUE(cart.find("codes")->items().at(0).bool_or("applied"));
    EXPECT_EQ(cart.find("codes")->items().at(0).text_or("label"), "Ten off");
    EXPECT_EQ(amount(cart.find("codes")->items().at(0).find("amount")), 2000);
    EXPECT_EQ(amount(cart.at("totals", "total")), 18000);
    EXPECT_EQ(amount(line(cart).find("discount")), 2000);

    cart = guest.send(Method::patch, "/cart", R"({"locale":"de"})");
    EXPECT_EQ(cart.find("codes")->items().at(0).text_or("label"), "Zehn weniger");
    EXPECT_TRUE(line(cart).text_or("name").starts_with("Stuhl"));

    cart = guest.send(Method::del, "/cart/codes/" + code);
    EXPECT_EQ(guest.last.status, 200);
    EXPECT_TRUE(cart.find("codes")->items().empty());
    guest.send(Method::del, "/cart/codes/" + code);
    EXPECT_EQ(guest.last.status, 404);
}

TEST(Cart, CurrencyAndDestination) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    guest.add(chair, 1);
    auto cart = guest.send(Method::patch, "/cart", R"({"currency":"CHF","country":"CH"})");
    ASSERT_EQ(guest.last.status, 200) << guest.last.content();
    EXPECT_EQ(amount(cart.at("totals", "total")), 10001);
    EXPECT_EQ(amount(cart.at("totals", "tax")), 0);
    EXPECT_EQ(cart.at("totals", "tax_lines")->items().at(0).text_or("treatment"), "export");
    EXPECT_TRUE(issues(line(cart)).empty()) << "another currency is no price drift";
    cart = guest.send(Method::patch, "/cart", R"({"currency":"EUR","country":"DK"})");
    EXPECT_EQ(amount(cart.at("totals", "total")), 10000);
    EXPECT_EQ(cart.at("totals", "tax_lines")->items().at(0).text_or("rate_label"), "25 %");
    EXPECT_TRUE(issues(line(guest.cart())).empty());
    for (const auto* bad :
         {R"({"currency":"USD"})", R"({"currency":"eur"})", R"({"locale":"xx"})", R"({"country":"ZZ"})", R"({"colour":"red"})"}) {
        guest.send(Method::patch, "/cart", bad);
        EXPECT_EQ(guest.last.status, 422) << bad;
    }
    EXPECT_EQ(guest.cart().text_or("country"), "DK");
    Browser late;
    cart = late.send(Method::patch, "/cart", R"({"country":"FR"})");
    EXPECT_EQ(late.last.status, 200);
    EXPECT_FALSE(late.cookie.empty());
    EXPECT_EQ(late.cart().text_or("country"), "FR");
}

TEST(Cart, AVersionThatIsOldIsRefused) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    auto cart = guest.add(chair, 1);
    const auto id = line(cart).text_or("id");
    guest.headers["if-match"] = "\"1\"";
    guest.send(Method::patch, "/cart/lines/" + id, R"({"quantity":2})");
    EXPECT_EQ(guest.last.status, 200);
    const auto problem = guest.send(Method::patch, "/cart/lines/" + id, R"({"quantity":3})");
    EXPECT_EQ(guest.last.status, 409);
    EXPECT_EQ(problem.text_or("code"), "cart.version_conflict");
    EXPECT_EQ(problem.int_or("version"), 2);
    guest.headers["if-match"] = "x";
    guest.send(Method::patch, "/cart/lines/" + id, R"({"quantity":3})");
    EXPECT_EQ(guest.last.status, 400);
    guest.headers.clear();
    EXPECT_EQ(guest.cart().int_or("item_count"), 2);
}

http::Response login(Browser& browser, const std::string& customer) {
    auto request = stoa::testing::request(Method::post, "/api/v1/account/login");
    if (!browser.cookie.empty()) request.headers.emplace_back("cookie", "stoa_cart=" + browser.cookie);
    http::Response response;
    database().in_tx([&](db::Tx& tx) {
        response = {};
        (void)shop().carts->merge_on_login(tx, shop().customers.known.at(customer), request, response);
    });
    browser.customer = customer;
    return response;
}

TEST(CartMerge, TheGuestCartBecomesTheCustomers) {
    const auto chair = shop().make_variant(10000, 100);
    shop().customers.known["new"] = {customers::CustomerId::make(), "new@example.com", "N", "W", "en", true, {}};
    Browser guest;
    const auto id = guest.add(chair, 2).text_or("id");
    const auto cookie = guest.cookie;
    const auto response = login(guest, "new");
    guest.cookie.clear();
    EXPECT_EQ(guest.cart().text_or("id"), id);
    EXPECT_EQ(guest.cart().int_or("item_count"), 2);
    ASSERT_FALSE(response.headers.empty());
    EXPECT_NE(response.headers[0].second.find("Max-Age=0"), std::string::npos);
    Browser thief;
    thief.cookie = cookie;
    EXPECT_EQ(thief.cart().int_or("version", -1), 0) << "the old cookie opens nothing";
}

TEST(CartMerge, QuantitiesAddAndNothingIsLostSilently) {
    const auto chair = shop().make_variant(10000, 4);
    const auto lamp = shop().make_variant(500, 100);
    const auto gone = shop().make_variant(700, 1);
    shop().customers.known["old"] = {customers::CustomerId::make(), "old@example.com", "O", "D", "en", true, {}};
    Browser home;
    home.customer = "old";
    home.add(chair, 3);
    Browser phone;
    phone.add(chair, 3);
    phone.add(lamp, 2);
    phone.add(gone, 1);
    database().in_tx([&](db::Tx& tx) { shop().inventory->set_on_hand(tx, gone, 0, "count"); });
    login(phone, "old");
    phone.cookie.clear();
    const auto cart = home.cart();
    ASSERT_EQ(cart.find("lines")->items().size(), 3U);
    EXPECT_EQ(line(cart, 0).int_or("quantity"), 4) << "three and three, but only four are there";
    EXPECT_EQ(issues(line(cart, 0)), std::vector<std::string>{"insufficient_stock"});
    EXPECT_NE(line(cart, 0).find("issues")->items()[0].text_or("message").find("6"), std::string::npos) << "the wish is named";
    EXPECT_EQ(line(cart, 1).int_or("quantity"), 2);
    EXPECT_EQ(line(cart, 2).int_or("quantity"), 1);
    EXPECT_EQ(issues(line(cart, 2)), std::vector<std::string>{"out_of_stock"});
    const auto touched = home.send(Method::patch, "/cart/lines/" + line(cart).text_or("id"), R"({"quantity":4})");
    EXPECT_TRUE(issues(line(touched)).empty());
    login(phone, "old");
    EXPECT_EQ(home.cart().int_or("item_count"), 7) << "a second login merges nothing again";
}

TEST(CartMerge, AFullCartTakesNoMoreLines) {
    const auto chair = shop().make_variant(10000, 100);
    const auto lamp = shop().make_variant(500, 100);
    shop().customers.known["full"] = {customers::CustomerId::make(), "full@example.com", "F", "D", "en", true, {}};
    Browser home;
    home.customer = "full";
    const auto id = CartId::parse(home.add(chair, 1).text_or("id"))->uuid().to_string();
    const auto lines = [&](const std::string& more = {}) {
        return database().read([&](db::Session& session) {
            return session.run_text("select coalesce(sum(quantity), 0)::bigint from cart.line where cart_id = '" + id + "'" + more)
                .front()
                .get<std::int64_t>(0);
        });
    };
    database().in_tx([&](db::Tx& tx) {
        tx.run_text("insert into cart.line (id, cart_id, variant_id, quantity) select gen_random_uuid(), '" + id +
                    "', gen_random_uuid(), 1 from generate_series(1, 4999)");
    });
    Browser phone;
    phone.add(chair, 2);
    phone.add(lamp, 2);
    login(phone, "full");
    EXPECT_EQ(lines(), 5002);
    EXPECT_EQ(lines(" and variant_id = '" + chair.uuid().to_string() + "'"), 3);
    EXPECT_EQ(lines(" and variant_id = '" + lamp.uuid().to_string() + "'"), 0);
}

TEST(CartForCheckout, OrderedCartsAreClosed) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    const auto first = guest.add(chair, 1).text_or("id");
    const auto id = *CartId::parse(first);
    const auto order = Uuid::v7();
    EXPECT_TRUE(database().in_tx([&](db::Tx& tx) {
        EXPECT_TRUE(shop().carts->lock(tx, id));
        return shop().carts->mark_ordered(tx, id, order, std::vector{inventory::Wanted{chair, 1}});
    }));
    EXPECT_FALSE(database().in_tx([&](db::Tx& tx) { return shop().carts->mark_ordered(tx, id, Uuid::v7(), {}); }))
        << "a cart becomes one order";
    EXPECT_EQ(guest.cart().int_or("version", -1), 0);
    const auto next = guest.add(chair, 1);
    EXPECT_EQ(guest.last.status, 201);
    EXPECT_NE(next.text_or("id"), first);
    database().in_tx([&](db::Tx& tx) {
        const auto stored = shop().carts->lock(tx, id);
        ASSERT_TRUE(stored);
        EXPECT_FALSE(stored->is_open);
        EXPECT_EQ(shop().carts->view(tx, *stored, {}, {.shipping = Money(490, Currency::of("EUR"))}).priced.total,
                  Money(10490, Currency::of("EUR")));
    });
}

TEST(CartForCheckout, RememberedPricesAreNoDrift) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    const auto id = *CartId::parse(guest.add(chair, 1).text_or("id"));
    database().in_tx([&](db::Tx& tx) {
        shop().book->set_prices(tx, shop().list, std::vector{pricing::PriceEntry{chair, {{1, 9000}}, {}, {}}}, shop().clock.now());
    });
    EXPECT_EQ(issues(line(guest.cart())).size(), 1U);
    database().in_tx([&](db::Tx& tx) {
        auto stored = shop().carts->lock(tx, id).value();
        shop().carts->remember_prices(tx, shop().carts->view(tx, std::move(stored), {}));
    });
    EXPECT_TRUE(issues(line(guest.cart())).empty());
}

TEST(CartForCheckout, OldGuestCartsAreSwept) {
    const auto chair = shop().make_variant(10000, 100);
    Browser guest;
    guest.add(chair, 1);
    const auto now = shop().clock.now();
    EXPECT_EQ(database().in_tx([&](db::Tx& tx) { return shop().carts->sweep(tx, now + std::chrono::days(59), 1000); }), 0);
    EXPECT_GE(database().in_tx([&](db::Tx& tx) { return shop().carts->sweep(tx, now + std::chrono::days(61), 100000); }), 1);
    EXPECT_EQ(guest.cart().int_or("version", -1), 0);
}

TEST(CartStatements, AreFixedWhateverTheNumberOfLines) {
    Browser guest;
    std::vector<VariantId> variants;
    for (int i = 0; i < 12; ++i) variants.push_back(shop().make_variant(1000 + i, 100));
    guest.add(variants[0], 1);
    guest.add(variants[1], 1);
    const auto adding_few = guest.statements;
    guest.cart();
    const auto reading_few = guest.statements;
    for (const auto& variant : variants) guest.add(variant, 1);
    const auto adding_many = guest.statements;
    guest.cart();
    EXPECT_EQ(guest.statements, reading_few);
    EXPECT_EQ(adding_many, adding_few);
    // 3 of the cart, 7 of the catalogue, 1 of stock, 2 of prices, 3 of promotions: two round trips.
    EXPECT_EQ(reading_few, 16U);
    // The same, the line and the version: lock, read, write, commit are four round trips.
    EXPECT_LE(adding_few, 20U);
}

TEST(CartStatements, FiveThousandLinesAreTheLimit) {
    Browser guest;
    const auto chair = shop().make_variant(10000, 100);
    const auto id = *CartId::parse(guest.add(chair, 1).text_or("id"));
    database().in_tx([&](db::Tx& tx) {
        tx.run_text("insert into cart.line (id, cart_id, variant_id, quantity) select gen_random_uuid(), '" + id.uuid().to_string() +
                    "', gen_random_uuid(), 1 from generate_series(1, 4999)");
    });
    const auto problem = guest.add(shop().make_variant(1, 10), 1);
    EXPECT_EQ(guest.last.status, 409);
    EXPECT_EQ(problem.text_or("code"), "cart.line_limit");
    EXPECT_EQ(guest.add(chair, 1).find("lines")->items().size(), 5000U) << "more of what is there is fine";
}

}  // namespace
}  // namespace stoa::cart
