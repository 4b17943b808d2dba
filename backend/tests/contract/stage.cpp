#include "stage.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "stoa/catalog/make.hpp"
#include "stoa/content/make.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/webhooks/webhooks.hpp"

namespace stoa::testing {
namespace {

constexpr std::string_view kPassword = "correct horse battery";
constexpr std::string_view kCard =
    R"({"number":"4111 1111 1111 1111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"})";
constexpr std::string_view kAddress =
    R"({"first_name":"Ana","last_name":"Ruiz","company":"Ruiz & Co","line1":"Torstr. 1","line2":"2nd floor","postal_code":"10115","city":"Berlin","state":"Berlin","country":"DE","phone":"+49 30 123456"})";

std::string read_document(World& world) {
    Shopper visitor(*world.shop);
    return visitor.get("/api/v1/openapi.json").text;
}

template <class T>
void must(const Result<T>& result) {
    if (!result) throw std::runtime_error("stage: " + result.error().code + " " + result.error().message);
}

std::string complete_body(std::int64_t total) {
    return fmt::format(
        R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{},"save_card":false}}}})",
        total, kCard);
}

}  // namespace

Stage::Stage() : document(read_document(world)) {
    open_store();
    ana = &account("ana@example.test");
    eve = &account("eve@example.test");
    world.desk.hire("mia", {"*"});
    people_.push_back(std::make_unique<Shopper>(*world.shop));
    mia = people_.back().get();
    mia->cookies[std::string(Desk::kCookie)] = "mia";
    boss = &staff("boss@example.test");
    add_asks();
    add_staff_asks();
    // Ana has bought a chair with a card that she keeps, and has something of everything.
    ana->add(chair);
    ana->fill_in("ana@example.test");
    const auto paid = ana->pay_with(fmt::format(R"({{"method":"card","card":{},"save_card":true}})", kCard));
    if (paid.body.text_or("status") != "completed") throw std::runtime_error("stage: " + paid.text);
    must(Result<int>(ana->post("/api/v1/account/addresses", std::string(kAddress)).status == 201
                         ? Result<int>(1)
                         : fail(ErrorKind::invalid, "address", "")));
    ana->send(http::Method::put, "/api/v1/account/wishlist/" + chair.product.to_string());
    world.work();
    forget_limits();
}

void Stage::open_store() {
    auto& shop = *world.shop;
    chair = stock_up(shop, "CHAIR", 12900, 5000);
    lamp = stock_up(shop, "LAMP", 4900, 5000);
    const auto writer = catalog::make_writer();
    const auto content = content::make_writer();
    shop.database.in_tx([&](db::Tx& tx) {
        catalog::Collection collection;
        collection.handle = "light";
        collection.texts["en"].name = "Light";
        collection.products = {lamp.product};
        must(writer->upsert_collection(tx, collection));
        content::Page page;
        page.code = "imprint";
        page.texts["en"] = {"imprint", "Imprint", "A *shop*.", "", ""};
        must(content->upsert_page(tx, page));
        must(content->put_faq(tx, "en", {{"Delivery", {{"When?", "In **3** days."}}}}));
        must(content->put_menu(tx, "main", "en", content::MenuDto{{{"Light", "/collections/light", {}}}}));
        content::Home home;
        home.hero.title = "Home";
        home.hero.text = "Things";
        home.hero.cta_label = "Look";
        home.hero.cta_href = "/c/things";
        home.story_title = "Story";
        home.story_body = "Once.";
        must(content->put_home(tx, "en", home));
        promotions::Promotion promotion;
        promotion.name = "Ten";
        promotion.labels = {{"en", "Ten"}};
        promotion.rules.basis_points = 1000;
        must(shop.promotions->add_code(tx, shop.promotions->save(tx, promotion), "TEN"));
        orders::save_legal_entity(tx, legal_entity());
    });
    shop.search->load();
    (void)shop.content->refresh();
}

std::string Stage::fresh_email() { return fmt::format("person{}@example.test", ++people_made_); }

Shopper& Stage::account(const std::string& email, const std::string& password) {
    static const std::string hash = crypto::hash_password(kPassword);
    world.shop->database.in_tx([&](db::Tx& tx) {
        customers::NewCustomer customer;
        customer.email = email;
        customer.password_hash = password == kPassword ? hash : crypto::hash_password(password);
        customer.first_name = "Ana";
        customer.last_name = "Ruiz";
        (void)world.shop->customers->create(tx, customer);
    });
    people_.push_back(std::make_unique<Shopper>(*world.shop));
    auto& person = *people_.back();
    const auto answer = person.post("/api/v1/account/login", fmt::format(R"({{"email":"{}","password":"{}"}})", email, password));
    if (answer.status != 200) throw std::runtime_error("stage: log in: " + answer.text);
    return person;
}

Stage::Delivered Stage::delivered() {
    auto& shop = *world.shop;
    forget_limits();
    ana->add(lamp);
    ana->fill_in(fresh_email());  // the provider counts the payments of an address
    const auto paid = ana->pay();
    if (paid.body.text_or("status") != "completed") throw std::runtime_error("stage: not paid: " + paid.text);
    Delivered out;
    out.number = paid.body.text_or("order_number");
    shop.database.in_tx([&](db::Tx& tx) {
        const auto id = *shop.orders->find_number(tx, out.number);
        out.order = id.to_string();
        shop.inventory->ship(tx, id.uuid(), shop.orders->wanted(tx, id).goods);
        shop.orders->note(tx, id, "delivered", "{}");
    });
    const auto money = mia->get("/api/v1/admin/orders/" + out.order + "/money");
    out.version = money.body.int_or("version");
    out.line = money.body.find("lines")->items().front().text_or("line_id");
    return out;
}

std::string Stage::returned(const std::string& state) {
    const auto goods = delivered();
    const auto asked = ana->post("/api/v1/account/orders/" + goods.number + "/returns",
                                 fmt::format(R"({{"lines":[{{"line_id":"{}","quantity":1,"reason":"changed_mind"}}]}})", goods.line),
                                 Uuid::v7().to_string());
    const auto id = asked.body.text_or("id");
    const auto at = "/api/v1/admin/returns/" + id;
    if (state != "requested") mia->post(at + "/approve", "{}");
    if (state == "received")
        mia->post(at + "/receive",
                  fmt::format(R"({{"lines":[{{"line_id":"{}","received":1,"restocked":1,"condition":"as_new"}}]}})", goods.line),
                  Uuid::v7().to_string());
    return id;
}

std::string Stage::to_exchange() {
    // The spare lamp becomes another variant of the lamp for as long as this return is asked for.
    auto& shop = *world.shop;
    const auto goods = delivered();
    const auto spare = stock_up(shop, "SPARE", lamp.price, 1000);
    shop.database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(fmt::format("update catalog.variant set product_id = '{}', position = 9 where id = '{}'",
                                      lamp.product.uuid().to_string(), spare.variant.uuid().to_string()));
    });
    const auto asked =
        ana->post("/api/v1/orders/" + goods.number + "/returns",
                  fmt::format(R"({{"lines":[{{"line_id":"{}","quantity":1,"reason":"wrong_item","exchange_variant_id":"{}"}}]}})",
                              goods.line, spare.variant.to_string()),
                  Uuid::v7().to_string());
    const auto at = "/api/v1/admin/returns/" + asked.body.text_or("id");
    mia->post(at + "/approve", "{}");
    mia->post(at + "/receive",
              fmt::format(R"({{"lines":[{{"line_id":"{}","received":1,"restocked":1,"condition":"as_new"}}]}})", goods.line),
              Uuid::v7().to_string());
    shop.database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(fmt::format("update catalog.variant set product_id = '{}', position = 0 where id = '{}'",
                                      spare.product.uuid().to_string(), spare.variant.uuid().to_string()));
    });
    return asked.body.text_or("id");
}

Shopper& Stage::ready_to_pay() {
    people_.push_back(std::make_unique<Shopper>(*world.shop));
    auto& person = *people_.back();
    person.add(lamp);
    person.fill_in(fresh_email());
    return person;
}

std::string Stage::token_from_mail(const std::string& to) {
    world.work();
    std::string text;
    for (const auto& mail : world.outside.mail->mails()) {
        if (mail.to == to) text = mail.text;
    }
    const auto at = text.find("token=");
    if (at == std::string::npos) throw std::runtime_error("stage: no mail with a token came to " + to);
    const auto start = at + 6;
    return text.substr(start, text.find_first_of(" \r\n&>)\"", start) - start);
}

void Stage::forget_limits() {
    if (redis_command(test_redis_url(), "FLUSHDB") != "+OK") throw std::runtime_error("stage: Redis was not emptied");
}

std::string Stage::paid_order() {
    const auto paid = ready_to_pay().pay();
    const auto found = mia->get("/api/v1/admin/orders?q=" + paid.body.text_or("order_number"));
    const auto* items = found.body.find("items");
    if (!items || items->items().size() != 1) throw std::runtime_error("stage: no paid order: " + paid.text + found.text);
    return items->items().front().text_or("id");
}

std::string Stage::shipment(bool announced) {
    const auto made = mia->post("/api/v1/admin/orders/" + paid_order() + "/shipments", "{\"shipments\":[]}", Uuid::v7().to_string());
    if (made.status != 201) throw std::runtime_error("stage: no shipment: " + made.text);
    const auto id = made.body.find("items")->items().front().text_or("id");
    if (!announced) return id;
    const auto labelled =
        mia->post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]}})", id), Uuid::v7().to_string());
    if (labelled.text.find(R"("labelled":true)") == std::string::npos) throw std::runtime_error("stage: no label: " + labelled.text);
    return id;
}

std::string Stage::my(const std::string& target, const std::string& member) {
    const auto answer = ana->get(target);
    const auto* items = answer.body.find("items");
    if (!items || items->items().empty()) throw std::runtime_error("stage: nothing at " + target + ": " + answer.text);
    return items->items().front().text_or(member);
}

Ask Stage::ask(const std::string& operation) { return asks_.at(operation)(*this); }

std::string Stage::target(const Document::Operation& operation, const Ask& ask) {
    std::string target = operation.path;
    for (const auto& [name, value] : ask.params) {
        const auto at = target.find("{" + name + "}");
        if (at != std::string::npos) target.replace(at, name.size() + 2, value);
    }
    return target + ask.query;
}

Answer Stage::send(const Document::Operation& operation, const Ask& ask) {
    static const std::map<std::string, http::Method, std::less<>> kMethods{{"get", http::Method::get},
                                                                           {"post", http::Method::post},
                                                                           {"put", http::Method::put},
                                                                           {"patch", http::Method::patch},
                                                                           {"delete", http::Method::del}};
    if (!ask.file.empty()) {
        const std::string path = ::testing::TempDir() + Uuid::v7().to_string();
        std::ofstream(path, std::ios::binary) << ask.file;
        ask.who->uploads.push_back({"photo", "photo.png", "image/png", path, ask.file.size()});
    }
    return ask.who->send(kMethods.at(operation.method), target(operation, ask), ask.body, ask.key, ask.headers);
}

std::map<std::string, std::string> Stage::state() {
    return world.shop->database.read([](db::Session& session) {
        static std::string sql;
        if (sql.empty()) {
            // Left out: what counts requests or remembers them, and changes for that reason alone. A challenge is spent by being answered.
            for (const auto row : session.run_text(
                     "select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                     "where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema') "
                     "and n.nspname not like 'pg\\_%' and format('%I.%I', n.nspname, c.relname) not in ('http.idempotency', "
                     "'backoffice.passkey_challenge') order by 1")) {
                const auto name = row.get<std::string>("name");
                sql += fmt::format(
                    "{}select '{}' as name, count(*)::text || md5(coalesce(string_agg(md5((to_jsonb(t) - 'last_seen_at')::text), '' order "
                    "by md5((to_jsonb(t) - 'last_seen_at')::text)), '')) "
                    "as sum from {} t",
                    sql.empty() ? "" : " union all ", name, name);
            }
        }
        std::map<std::string, std::string> out;
        for (const auto row : session.run_text(sql)) out[row.get<std::string>("name")] = row.get<std::string>("sum");
        return out;
    });
}

namespace {
// One red pixel.
std::string a_picture() {
    constexpr std::string_view kHex =
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44"
        "ae426082";
    std::string out;
    for (std::size_t i = 0; i + 1 < kHex.size(); i += 2) out += static_cast<char>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16));
    return out;
}
}  // namespace

void Stage::add_asks() {
    const auto get = [](Shopper* who, std::map<std::string, std::string> params = {}, std::string query = {}) {
        Ask ask;
        ask.who = who;
        ask.params = std::move(params);
        ask.query = std::move(query);
        return ask;
    };
    const auto with = [](Shopper* who, std::string body, int status = 200, std::map<std::string, std::string> params = {}) {
        Ask ask;
        ask.who = who;
        ask.body = std::move(body);
        ask.status = status;
        ask.params = std::move(params);
        return ask;
    };
    const auto owned = [](Ask ask, int status = 0) {
        ask.owned = true;
        if (status) ask.status = status;
        return ask;
    };
    const auto visitor = [](Stage& s) {
        s.people_.push_back(std::make_unique<Shopper>(*s.world.shop));
        return s.people_.back().get();
    };

    // Content and catalogue
    for (const auto* id : {"get_store", "get_home", "list_pages", "get_faq"})
        asks_[id] = [=](Stage& s) { return get(visitor(s), {}, "?locale=en&currency=EUR&country=DE"); };
    asks_["get_page"] = [=](Stage& s) { return get(visitor(s), {{"slug", "imprint"}}, "?locale=en"); };
    asks_["get_menu"] = [=](Stage& s) { return get(visitor(s), {{"code", "main"}}, "?locale=en"); };
    for (const auto* id : {"list_categories", "list_collections"})
        asks_[id] = [=](Stage& s) { return get(visitor(s), {}, "?locale=en&currency=EUR&country=DE"); };
    asks_["list_products"] = [=](Stage& s) {
        return get(visitor(s), {},
                   "?category=things&q=thing&price=1000..50000&available=1&sort=price_asc&limit=1&locale=en&currency=EUR&country=DE");
    };
    asks_["suggest"] = [=](Stage& s) { return get(visitor(s), {}, "?q=thi&locale=en&currency=EUR&country=DE"); };
    asks_["get_category"] = [=](Stage& s) { return get(visitor(s), {{"slug", "things"}}); };
    asks_["get_collection"] = [=](Stage& s) { return get(visitor(s), {{"slug", "light"}}); };
    asks_["get_product"] = [=](Stage& s) { return get(visitor(s), {{"slug", s.chair.slug}}); };
    asks_["list_reviews"] = [=](Stage& s) { return get(visitor(s), {{"id", s.chair.product.to_string()}}, "?limit=5"); };
    // The same as the signed-in customer sees it.
    for (const auto* id : {"list_products", "suggest", "list_categories", "get_category", "list_collections", "get_collection",
                           "get_product", "list_reviews"}) {
        asks_["account_" + std::string(id)] = [open = asks_.at(id)](Stage& s) {
            auto ask = open(s);
            ask.who = s.ana;
            return ask;
        };
    }
    asks_["account_home_rails"] = [=](Stage& s) { return get(s.ana, {}, "?locale=en&currency=EUR&country=DE"); };
    asks_["account_part_numbers"] = [=](Stage& s) { return get(s.ana, {}, "?products=" + s.chair.product.to_string()); };
    asks_["get_sitemap"] = [=](Stage& s) { return get(visitor(s), {}, "?limit=10"); };
    asks_["add_review"] = [=](Stage& s) {
        auto ask = with(s.ana, R"({"rating":5,"title":"Good","body":"It stands."})", 201, {{"id", s.chair.product.to_string()}});
        ask.key = Uuid::v7().to_string();
        return ask;
    };

    // Cart
    const auto with_cart = [=](Stage& s) {
        auto* who = visitor(s);
        who->add(s.lamp, 2);
        return who;
    };
    const auto first_line = [](Shopper* who) { return who->get("/api/v1/cart").body.find("lines")->items().front().text_or("id"); };
    asks_["get_cart"] = [=](Stage& s) { return get(with_cart(s), {}, "?locale=de&currency=EUR&country=DE"); };
    asks_["create_cart"] = [=](Stage& s) { return with(visitor(s), "{}", 201); };
    asks_["add_cart_line"] = [=](Stage& s) {
        auto ask = with(visitor(s), fmt::format(R"({{"variant_id":"{}","quantity":2}})", s.lamp.variant.to_string()), 201);
        ask.key = Uuid::v7().to_string();
        return ask;
    };
    asks_["set_cart_line_quantity"] = [=](Stage& s) {
        auto* who = with_cart(s);
        return owned(with(who, R"({"quantity":3})", 200, {{"line_id", first_line(who)}}));
    };
    asks_["remove_cart_line"] = [=](Stage& s) {
        auto* who = with_cart(s);
        return owned(get(who, {{"line_id", first_line(who)}}));
    };
    asks_["add_cart_code"] = [=](Stage& s) { return with(with_cart(s), R"({"code":"ten"})"); };
    asks_["remove_cart_code"] = [=](Stage& s) {
        auto* who = with_cart(s);
        who->post("/api/v1/cart/codes", R"({"code":"TEN"})");
        return owned(get(who, {{"code", "TEN"}}));
    };
    asks_["set_cart_context"] = [=](Stage& s) { return with(with_cart(s), R"({"currency":"EUR","locale":"de","country":"NL"})"); };

    // Checkout
    asks_["start_checkout"] = [=](Stage& s) { return get(with_cart(s)); };
    for (const auto* id : {"get_checkout", "list_payment_methods", "list_shipping_options"})
        asks_[id] = [=](Stage& s) { return get(&s.ready_to_pay()); };
    asks_["set_checkout_contact"] = [=](Stage& s) {
        return with(&s.ready_to_pay(), R"({"email":"new@example.test","phone":"+49 30 1","accepts_marketing":true})");
    };
    asks_["set_checkout_address"] = [=](Stage& s) {
        return with(&s.ready_to_pay(), fmt::format(R"({{"shipping":{},"billing":{}}})", kAddress, kAddress));
    };
    const auto pick_up = [](Shopper& who) {
        const auto options = who.get("/api/v1/checkout/shipping-options");
        for (const auto& option : options.body.find("items")->items()) {
            if (option.text_or("kind") == "service_point") return option.text_or("id");
        }
        throw std::runtime_error("stage: no delivery to a service point is offered");
    };
    asks_["list_service_points"] = [=](Stage& s) {
        auto& who = s.ready_to_pay();
        return get(&who, {}, "?option_id=" + http_client::percent_encode(pick_up(who)) + "&postal_code=10115");
    };
    asks_["set_checkout_shipping"] = [=](Stage& s) {
        auto& who = s.ready_to_pay();
        const auto option = pick_up(who);
        const auto points = who.get("/api/v1/checkout/service-points?option_id=" + http_client::percent_encode(option));
        return with(&who, fmt::format(R"({{"option_id":"{}","service_point_id":"{}"}})", option,
                                      points.body.find("items")->items().front().text_or("id")));
    };
    asks_["complete_checkout"] = [=](Stage& s) {
        auto& who = s.ready_to_pay();
        auto ask = with(&who, complete_body(who.total()));
        ask.key = Uuid::v7().to_string();
        return ask;
    };
    for (const auto* id : {"return_from_payment", "get_payment"}) {
        asks_[id] = [=](Stage& s) {
            auto& who = s.ready_to_pay();
            return owned(get(&who, {{"attempt_id", who.pay("4000012892688323").body.text_or("attempt_id")}}));
        };
    }

    // Account
    asks_["get_session"] = [=](Stage& s) { return get(s.ana); };
    asks_["register_account"] = [=](Stage& s) {
        return with(
            visitor(s),
            fmt::format(
                R"({{"email":"{}","password":"a long enough one 77","first_name":"Dora","last_name":"Dee","locale":"de","accepts_marketing":false}})",
                s.fresh_email()),
            202);
    };
    asks_["verify_account"] = [=](Stage& s) {
        const auto email = s.fresh_email();
        auto* who = visitor(s);
        who->post(
            "/api/v1/account/register",
            fmt::format(
                R"({{"email":"{}","password":"a long enough one 77","first_name":"Dora","last_name":"Dee","locale":"en","accepts_marketing":false}})",
                email));
        return with(who, fmt::format(R"({{"token":"{}"}})", s.token_from_mail(email)));
    };
    asks_["resend_verification"] = [=](Stage& s) { return with(visitor(s), fmt::format(R"({{"email":"{}"}})", s.fresh_email()), 202); };
    asks_["log_in"] = [=](Stage& s) {
        return with(visitor(s), fmt::format(R"({{"email":"ana@example.test","password":"{}"}})", kPassword));
    };
    for (const auto* id : {"log_out", "log_out_everywhere"}) {
        asks_[id] = [=](Stage& s) {
            auto ask = get(&s.account(s.fresh_email()));
            ask.status = 204;
            return ask;
        };
    }
    asks_["forgot_password"] = [=](Stage& s) { return with(visitor(s), R"({"email":"ana@example.test"})", 202); };
    asks_["reset_password"] = [=](Stage& s) {
        const auto email = s.fresh_email();
        auto& who = s.account(email);
        who.post("/api/v1/account/password/forgot", fmt::format(R"({{"email":"{}"}})", email));
        return with(&who, fmt::format(R"({{"token":"{}","password":"another long one 55"}})", s.token_from_mail(email)));
    };
    for (const auto* id : {"get_account", "export_account", "list_sessions", "list_addresses", "list_consents", "list_bought_products",
                           "list_stored_cards", "list_own_reviews"})
        asks_[id] = [=](Stage& s) { return get(s.ana); };
    asks_["get_wishlist"] = [=](Stage& s) { return get(s.ana, {}, "?locale=en&currency=EUR"); };
    asks_["list_my_orders"] = [=](Stage& s) { return get(s.ana, {}, "?limit=5"); };
    asks_["update_account"] = [=](Stage& s) {
        return with(s.ana, R"({"first_name":"Ana","last_name":"Ruiz","phone":"+49 30 1","locale":"de"})");
    };
    asks_["change_password"] = [=](Stage& s) {
        return with(&s.account(s.fresh_email()), fmt::format(R"({{"current":"{}","new":"another long one 55"}})", kPassword), 204);
    };
    asks_["erase_account"] = [=](Stage& s) {
        return with(&s.account(s.fresh_email()), fmt::format(R"({{"password":"{}"}})", kPassword), 204);
    };
    asks_["end_session"] = [=](Stage& s) {
        const auto email = s.fresh_email();
        auto& who = s.account(email);
        const auto sessions = who.get("/api/v1/account/sessions");
        return owned(get(&who, {{"id", sessions.body.find("items")->items().front().text_or("id")}}), 204);
    };
    asks_["add_address"] = [=](Stage& s) { return with(&s.account(s.fresh_email()), std::string(kAddress), 201); };
    asks_["replace_address"] = [=](Stage& s) {
        return owned(with(s.ana, std::string(kAddress), 200, {{"id", s.my("/api/v1/account/addresses", "id")}}));
    };
    asks_["remove_address"] = [=](Stage& s) {
        s.ana->post("/api/v1/account/addresses", std::string(kAddress));
        return owned(get(s.ana, {{"id", s.my("/api/v1/account/addresses", "id")}}), 204);
    };
    asks_["set_consent"] = [=](Stage& s) { return with(s.ana, R"({"kind":"marketing_email","granted":true})"); };
    asks_["add_to_wishlist"] = [=](Stage& s) {
        auto ask = get(s.ana, {{"product_id", s.lamp.product.to_string()}});
        ask.status = 204;
        return ask;
    };
    asks_["remove_from_wishlist"] = [=](Stage& s) {
        auto ask = get(s.ana, {{"product_id", s.lamp.product.to_string()}});
        ask.status = 204;
        return ask;
    };
    asks_["get_my_order"] = [=](Stage& s) { return owned(get(s.ana, {{"number", s.my("/api/v1/account/orders", "number")}})); };
    asks_["get_guest_order"] = [=](Stage& s) {
        const auto paid = s.ready_to_pay().pay();
        return get(visitor(s), {{"number", paid.body.text_or("order_number")}},
                   "?token=" + paid.body.text_or("order_token") + "&locale=de");
    };

    // After the sale
    const auto keyed = [](Ask ask) {
        ask.key = Uuid::v7().to_string();
        return ask;
    };
    const auto units = [](const Delivered& goods) { return fmt::format(R"("lines":[{{"line_id":"{}","quantity":1}}])", goods.line); };
    asks_["get_order_money"] = [=](Stage& s) { return get(s.mia, {{"id", s.delivered().order}}); };
    asks_["preview_refund"] = [=](Stage& s) {
        const auto goods = s.delivered();
        return with(s.mia,
                    fmt::format(R"({{{},"shipping":{{"amount":100,"currency":"EUR"}},"adjustment":{{"amount":-50,"currency":"EUR"}}}})",
                                units(goods)),
                    200, {{"id", goods.order}});
    };
    asks_["refund_order"] = [=](Stage& s) {
        const auto goods = s.delivered();
        return keyed(with(
            s.mia,
            fmt::format(
                R"({{"expected_total":{{"amount":4850,"currency":"EUR"}},"version":{},{},"adjustment":{{"amount":-50,"currency":"EUR"}},"reason":"damaged"}})",
                goods.version, units(goods)),
            201, {{"id", goods.order}}));
    };
    asks_["pay_out_order"] = [=](Stage& s) {
        // The provider refuses the refund: its money stays owed to the buyer.
        const auto goods = s.delivered();
        const auto at = "/api/v1/admin/orders/" + goods.order;
        s.world.work();
        s.world.outside.tell("/__sandbox/vendo", R"({"refuse_next":1310})");
        s.mia->post(at + "/refunds",
                    fmt::format(R"({{"expected_total":{{"amount":4900,"currency":"EUR"}},"version":{},{},"reason":"damaged"}})",
                                goods.version, units(goods)),
                    Uuid::v7().to_string());
        s.world.work();
        return keyed(with(s.mia,
                          fmt::format(R"({{"expected_total":{{"amount":4900,"currency":"EUR"}},"version":{}}})",
                                      s.mia->get(at + "/money").body.int_or("version")),
                          201, {{"id", goods.order}}));
    };
    // The buyer's bank has taken the money back.
    const auto disputed = [](Stage& s) {
        const auto goods = s.delivered();
        s.world.work();
        (void)s.world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}-a1"}})", goods.number));
        (void)s.world.shop->checkout->reconcile(date_of(s.world.clock.now()));
        const auto list = s.mia->get("/api/v1/admin/orders/" + goods.order + "/payment-cases");
        if (list.body.find("items")->items().empty()) throw std::runtime_error("stage: no case: " + list.text);
        return std::pair(goods.order, list.body.find("items")->items().front().text_or("id"));
    };
    asks_["list_payment_cases"] = [=](Stage& s) {
        (void)disputed(s);
        return get(s.mia, {}, "?state=open&limit=5");
    };
    asks_["list_order_payment_cases"] = [=](Stage& s) { return get(s.mia, {{"id", disputed(s).first}}); };
    asks_["get_payment_case"] = [=](Stage& s) { return get(s.mia, {{"id", disputed(s).second}}); };
    asks_["resolve_payment_case"] = [=](Stage& s) {
        const auto id = disputed(s).second;
        const auto seen = s.mia->get("/api/v1/admin/payment-cases/" + id).body;
        for (const auto& choice : seen.find("choices")->items()) {
            if (choice.text_or("resolution") == "accepted_as_loss")
                return keyed(with(s.mia,
                                  fmt::format(R"({{"version":1,"resolution":"accepted_as_loss","expected_amount":{},"note":"no answer"}})",
                                              json::to_text(*choice.find("amount"))),
                                  200, {{"id", id}}));
        }
        throw std::runtime_error("stage: nothing to decide: " + json::to_text(seen));
    };
    // Two lamps, one of which is not wanted after all.
    const auto changeable = [](Stage& s) {
        s.ana->add(s.lamp, 2);
        s.ana->fill_in(s.fresh_email());
        const auto number = s.ana->pay().body.text_or("order_number");
        const auto id = s.world.shop->database.read(
            [&](db::Session& session) { return s.world.shop->orders->find_number(session, number)->to_string(); });
        const auto money = s.mia->get("/api/v1/admin/orders/" + id + "/money").body;
        const auto total = money.at("total", "amount")->as_int().value();
        return std::pair(
            id,
            fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{},"lines":[{{"line_id":"{}","quantity":1}}],"discount":{{"amount":100,"currency":"EUR"}},"shipping_address":{},"reason":"asked for by phone"}})",
                total - 5000, money.int_or("version"), money.find("lines")->items().front().text_or("line_id"), kAddress));
    };
    asks_["preview_order_edit"] = [=](Stage& s) {
        const auto [id, body] = changeable(s);
        return with(s.mia, body, 200, {{"id", id}});
    };
    asks_["edit_order"] = [=](Stage& s) {
        const auto [id, body] = changeable(s);
        return keyed(with(s.mia, body, 201, {{"id", id}}));
    };
    asks_["get_order_returns"] = [=](Stage& s) { return owned(get(s.ana, {{"number", s.delivered().number}})); };
    asks_["request_return"] = [=](Stage& s) {
        const auto goods = s.delivered();
        return owned(keyed(with(
            s.ana,
            fmt::format(
                R"({{"comment":"Too bright.","lines":[{{"line_id":"{}","quantity":1,"reason":"changed_mind","comment":"It dazzles."}}]}})",
                goods.line),
            201, {{"number", goods.number}})));
    };
    // The same by order, as a guest has it too.
    asks_["get_returns_of_order"] = asks_["get_order_returns"];
    asks_["request_return_of_order"] = asks_["request_return"];
    const auto my_return = [](Stage& s, const std::string& state) -> std::map<std::string, std::string> {
        const auto id = s.returned(state);
        return {{"number", s.mia->get("/api/v1/admin/returns/" + id).body.text_or("order_number")}, {"return_id", id}};
    };
    asks_["cancel_return_of_order"] = [=](Stage& s) { return owned(get(s.ana, my_return(s, "requested"))); };
    asks_["add_return_photos"] = [=](Stage& s) {
        auto ask = owned(get(s.ana, {{"number", s.delivered().number}}), 201);
        ask.file = a_picture();
        return ask;
    };
    const auto with_photo = [=](Stage& s) {
        const auto goods = s.delivered();
        const std::string path = ::testing::TempDir() + Uuid::v7().to_string();
        std::ofstream(path, std::ios::binary) << a_picture();
        s.ana->uploads.push_back({"photo", "photo.png", "image/png", path, a_picture().size()});
        const auto photo = s.ana->post("/api/v1/orders/" + goods.number + "/return-photos", "").body.find("ids")->items().front().text();
        const auto asked = s.ana->post(
            "/api/v1/orders/" + goods.number + "/returns",
            fmt::format(R"({{"lines":[{{"line_id":"{}","quantity":1,"reason":"damaged"}}],"photos":["{}"]}})", goods.line, photo),
            Uuid::v7().to_string());
        return std::map<std::string, std::string>{{"number", goods.number}, {"return_id", asked.body.text_or("id")}, {"photo_id", photo}};
    };
    asks_["get_return_photo"] = [=](Stage& s) { return owned(get(s.ana, with_photo(s))); };
    asks_["admin_get_return_photo"] = [=](Stage& s) {
        const auto params = with_photo(s);
        return get(s.mia, {{"id", params.at("return_id")}, {"photo_id", params.at("photo_id")}});
    };
    const auto labelled = [=](Stage& s) {
        const auto params = my_return(s, "approved");
        s.mia->post("/api/v1/admin/returns/" + params.at("return_id") + "/label", "{}");
        s.world.work();
        return params;
    };
    asks_["get_return_label"] = [=](Stage& s) { return owned(get(s.ana, labelled(s))); };
    asks_["admin_get_return_label"] = [=](Stage& s) { return get(s.mia, {{"id", labelled(s).at("return_id")}}); };
    asks_["make_return_label"] = [=](Stage& s) {
        return with(
            s.mia,
            R"({"from":{"name":"Ana Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE","email":"ana@example.test"},"none":false})",
            202, {{"id", s.returned("approved")}});
    };
    asks_["exchange_return"] = [=](Stage& s) { return keyed(get(s.mia, {{"id", s.to_exchange()}})); };
    asks_["cancel_return"] = [=](Stage& s) { return owned(get(s.ana, {{"id", s.returned("requested")}})); };
    asks_["list_returns"] = [=](Stage& s) {
        (void)s.returned("requested");
        return get(s.mia, {}, "?state=requested");
    };
    asks_["get_return"] = [=](Stage& s) { return get(s.mia, {{"id", s.returned("received")}}); };
    asks_["approve_return"] = [=](Stage& s) {
        return with(s.mia, R"({"answer":"Write the number on the parcel.","label":true})", 200, {{"id", s.returned("requested")}});
    };
    asks_["reject_return"] = [=](Stage& s) { return with(s.mia, R"({"answer":"It was used."})", 200, {{"id", s.returned("requested")}}); };
    asks_["close_return"] = [=](Stage& s) { return with(s.mia, R"({"answer":"It was used."})", 200, {{"id", s.returned("received")}}); };
    asks_["open_return"] = [=](Stage& s) {
        const auto before = s.mia->get("/api/v1/admin/returns/" + s.returned("requested")).body;
        const auto order = before.text_or("order_id");
        const auto id = before.text_or("id");
        (void)s.mia->post("/api/v1/admin/returns/" + id + "/reject", R"({"answer":"Anew."})");
        return keyed(with(s.mia,
                          fmt::format(R"({{"comment":"By phone.","lines":[{{"line_id":"{}","quantity":1,"reason":"other"}}]}})",
                                      before.find("lines")->items().front().text_or("line_id")),
                          201, {{"id", order}}));
    };
    asks_["receive_return"] = [=](Stage& s) {
        const auto id = s.returned("approved");
        const auto back = s.mia->get("/api/v1/admin/returns/" + id);
        return keyed(with(s.mia,
                          fmt::format(R"({{"lines":[{{"line_id":"{}","received":1,"restocked":0,"condition":"damaged"}}]}})",
                                      back.body.find("lines")->items().front().text_or("line_id")),
                          200, {{"id", id}}));
    };
    asks_["refund_return"] = [=](Stage& s) {
        return keyed(with(
            s.mia,
            R"({"expected_total":{"amount":4800,"currency":"EUR"},"shipping":{"amount":0,"currency":"EUR"},"deduction":{"amount":100,"currency":"EUR"}})",
            200, {{"id", s.returned("received")}}));
    };
    asks_["get_return_policy"] = [=](Stage& s) { return get(s.mia); };
    asks_["set_return_policy"] = [=](Stage& s) {
        const auto version = s.mia->get("/api/v1/admin/return-policy").body.int_or("version");
        return with(s.mia, fmt::format(R"({{"version":{},"days":30,"excluded":[{{"product_id":"{}","reason":"Made to measure"}}]}})",
                                       version, s.chair.product.to_string()));
    };
    const auto my_document = [](Stage& s) -> std::map<std::string, std::string> {
        s.world.work();  // the newest order has its invoice
        const auto number = s.my("/api/v1/account/orders", "number");
        return {{"number", number}, {"document_id", s.my("/api/v1/orders/" + number + "/documents", "id")}};
    };
    asks_["list_events"] = [=](Stage& s) {
        auto& shop = *s.world.shop;
        const auto hooks =
            webhooks::make_webhooks(shop.database, shop.clock, {std::shared_ptr<void>(), &shop.client}, {shop.config.secret_key});
        const auto endpoint =
            shop.database.in_tx([&](db::Tx& tx) { return hooks->create(tx, "https://hooks.example.com/", "", {"order.*"}); });
        auto ask = get(visitor(s), {}, "?limit=5");
        ask.headers = {{"authorization", "Bearer " + endpoint.value().token}};
        return ask;
    };
    // Documents and webhooks at the order desk
    asks_["admin_list_order_documents"] = [=](Stage& s) { return get(s.mia, {{"number", s.my("/api/v1/account/orders", "number")}}); };
    asks_["admin_get_document_pdf"] = [=](Stage& s) { return get(s.mia, {{"document_id", my_document(s).at("document_id")}}); };
    asks_["admin_get_document_xml"] = [=](Stage& s) {
        return get(s.mia, {{"document_id", my_document(s).at("document_id")}}, "?syntax=cii");
    };
    asks_["admin_send_document"] = [=](Stage& s) {
        return keyed(with(s.mia, R"({"to":"books@example.test"})", 202, {{"document_id", my_document(s).at("document_id")}}));
    };
    const auto endpoint = [](Stage& s) {
        const auto made =
            s.mia->post("/api/v1/admin/webhooks", R"({"url":"https://hooks.example.com/","types":["order.*"]})", Uuid::v7().to_string());
        const auto id = made.body.find("endpoint") ? made.body.find("endpoint")->text_or("id") : made.body.text_or("id");
        if (id.empty()) throw std::runtime_error("stage: no endpoint: " + made.text);
        return id;
    };
    asks_["admin_list_webhooks"] = [=](Stage& s) { return get(s.mia); };
    asks_["admin_create_webhook"] = [=](Stage& s) {
        return with(s.mia, R"({"url":"https://hooks.example.com/","types":["order.*"]})", 201);
    };
    asks_["admin_change_webhook"] = [=](Stage& s) { return with(s.mia, R"({"enabled":false})", 200, {{"webhook_id", endpoint(s)}}); };
    asks_["admin_remove_webhook"] = [=](Stage& s) {
        auto ask = get(s.mia, {{"webhook_id", endpoint(s)}});
        ask.status = 204;
        return ask;
    };
    asks_["admin_list_webhook_deliveries"] = [=](Stage& s) { return get(s.mia, {{"webhook_id", endpoint(s)}}); };
    asks_["admin_rotate_webhook_secret"] = [=](Stage& s) { return with(s.mia, "", 200, {{"webhook_id", endpoint(s)}}); };
    asks_["admin_renew_webhook_token"] = [=](Stage& s) { return with(s.mia, "", 200, {{"webhook_id", endpoint(s)}}); };
    asks_["admin_ping_webhook"] = [=](Stage& s) { return with(s.mia, "", 200, {{"webhook_id", endpoint(s)}}); };
    asks_["admin_replay_webhooks"] = [=](Stage& s) { return keyed(with(s.mia, R"({"after":0})", 202, {{"webhook_id", endpoint(s)}})); };
    asks_["list_order_documents"] = [=](Stage& s) { return owned(get(s.ana, {{"number", s.my("/api/v1/account/orders", "number")}})); };
    asks_["get_order_document_pdf"] = [=](Stage& s) { return owned(get(s.ana, my_document(s))); };
    asks_["get_order_document_xml"] = [=](Stage& s) { return owned(get(s.ana, my_document(s), "?syntax=cii")); };
    // The order desk
    asks_["list_orders"] = [=](Stage& s) { return get(s.mia, {}, "?q=ruiz&state=confirmed&limit=5"); };
    asks_["get_order"] = [=](Stage& s) { return get(s.mia, {{"id", s.paid_order()}}); };
    asks_["add_order_note"] = [=](Stage& s) { return keyed(with(s.mia, R"({"body":"Rings twice."})", 201, {{"id", s.paid_order()}})); };
    asks_["set_order_tags"] = [=](Stage& s) { return with(s.mia, R"({"tags":["gift","urgent"]})", 200, {{"id", s.paid_order()}}); };
    asks_["propose_shipments"] = [=](Stage& s) { return get(s.mia, {{"id", s.paid_order()}}); };
    asks_["create_shipments"] = [=](Stage& s) {
        const auto id = s.paid_order();
        const auto proposal = s.mia->get("/api/v1/admin/orders/" + id + "/shipments/proposal");
        const auto& part = proposal.body.find("parts")->items().front();
        return keyed(with(s.mia,
                          fmt::format(R"({{"shipments":[{{"warehouse_id":"{}","lines":[{{"line_id":"{}","quantity":1}}]}}]}})",
                                      part.text_or("warehouse_id"), part.find("lines")->items().front().text_or("line_id")),
                          201, {{"id", id}}));
    };
    asks_["announce_shipments"] = [=](Stage& s) {
        return keyed(with(s.mia, fmt::format(R"({{"shipment_ids":["{}"]}})", s.shipment(false))));
    };
    asks_["get_shipment"] = [=](Stage& s) { return get(s.mia, {{"id", s.shipment(false)}}); };
    asks_["correct_shipment"] = [=](Stage& s) {
        return with(
            s.mia,
            R"({"to":{"name":"Ana Ruiz","line1":"Torstr. 2","postal_code":"10119","city":"Berlin","country":"DE"},"option_code":""})", 200,
            {{"id", s.shipment(false)}});
    };
    asks_["cancel_shipment"] = [=](Stage& s) { return keyed(get(s.mia, {{"id", s.shipment(false)}})); };
    asks_["hand_over_shipment"] = [=](Stage& s) { return keyed(get(s.mia, {{"id", s.shipment(true)}})); };
    asks_["send_shipment_by_hand"] = [=](Stage& s) {
        return keyed(with(s.mia, R"({"carrier":"Bike","tracking_numbers":["B 1"],"tracking_url":"https://bike.example/1"})", 200,
                          {{"id", s.shipment(false)}}));
    };
    asks_["end_shipment_by_hand"] = [=](Stage& s) {
        const auto id = s.shipment(false);
        (void)s.mia->post("/api/v1/admin/shipments/" + id + "/send-by-hand", "{}", Uuid::v7().to_string());
        return keyed(with(s.mia, R"({"end":"delivered"})", 200, {{"id", id}}));
    };
    asks_["list_order_delivery_options"] = [=](Stage& s) { return get(s.mia, {{"id", s.paid_order()}}, "?postal_code=10119"); };
    asks_["list_order_service_points"] = [=](Stage& s) {
        return get(s.mia, {{"id", s.paid_order()}}, "?option_id=sendcloud:dhl:service_point&postal_code=10119");
    };
    asks_["book_in_shipment"] = [=](Stage& s) {
        const auto id = s.shipment(true);
        (void)s.mia->post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string());
        s.world.shop->database.in_tx([&](db::Tx& tx) {
            (void)tx.run_text("update shipping.shipment set state = 'returned' where state = 'in_transit'");
            (void)tx.run_text("update shipping.parcel set state = 'returned' where state = 'in_transit'");
        });
        const auto line = s.mia->get("/api/v1/admin/shipments/" + id).body.find("lines")->items().front().text_or("line_id");
        return keyed(with(s.mia, fmt::format(R"({{"lines":[{{"line_id":"{}","restocked":0}}]}})", line), 200, {{"id", id}}));
    };
    asks_["get_shipment_label"] = [=](Stage& s) { return get(s.mia, {{"id", s.shipment(true)}}, "?format=pdf&parcel=1"); };
    asks_["set_customs_data"] = [=](Stage& s) {
        return with(s.mia, R"({"hs_code":"940161","origin_country":"NL"})", 200, {{"variant_id", s.lamp.variant.to_string()}});
    };
    asks_["get_shipment_labels"] = [=](Stage& s) {
        const auto made = s.shipment(true);
        return get(s.mia, {}, "?orders=" + s.mia->get("/api/v1/admin/shipments/" + made).body.text_or("order_id"));
    };
    asks_["get_picking_list"] = [=](Stage& s) { return get(s.mia, {}, "?orders=" + s.paid_order()); };
    // Changes against what was planned, and what becomes due by them
    asks_["split_shipment"] = [=](Stage& s) {
        // Two lamps in one shipment, one of which goes by itself.
        s.ana->add(s.lamp, 2);
        s.ana->fill_in(s.fresh_email());
        const auto number = s.ana->pay().body.text_or("order_number");
        const auto id = s.mia->get("/api/v1/admin/orders?q=" + number).body.find("items")->items().front().text_or("id");
        const auto made = s.mia->post("/api/v1/admin/orders/" + id + "/shipments", "{\"shipments\":[]}", Uuid::v7().to_string());
        const auto& shipment = made.body.find("items")->items().front();
        return keyed(with(
            s.mia,
            fmt::format(R"({{"lines":[{{"line_id":"{}","quantity":1}}]}})", shipment.find("lines")->items().front().text_or("line_id")),
            201, {{"id", shipment.text_or("id")}}));
    };
    asks_["cancel_order"] = [=](Stage& s) {
        const auto id = s.paid_order();
        return keyed(with(s.mia,
                          fmt::format(R"({{"version":{},"reason":"asked for by phone"}})",
                                      s.mia->get("/api/v1/admin/orders/" + id + "/money").body.int_or("version")),
                          200, {{"id", id}}));
    };
    // One lamp more than was paid; the card that paid is saved, and may be charged.
    const auto dearer = [](Stage& s) {
        // Nothing but the lamp: other operations leave things in her cart.
        const auto cart = s.ana->get("/api/v1/cart");
        for (const auto& line : cart.body.find("lines")->items()) (void)s.ana->del("/api/v1/cart/lines/" + line.text_or("id"));
        s.ana->add(s.lamp);
        s.ana->fill_in(s.fresh_email());
        const auto paid = s.ana->pay();
        const auto found = s.mia->get("/api/v1/admin/orders?q=" + paid.body.text_or("order_number"));
        const auto* items = found.body.find("items");
        if (!items || items->items().size() != 1) throw std::runtime_error("stage: no order to make dearer: " + paid.text + found.text);
        const auto id = items->items().front().text_or("id");
        const auto money = s.mia->get("/api/v1/admin/orders/" + id + "/money").body;
        const auto changed = s.mia->post(
            "/api/v1/admin/orders/" + id + "/edits",
            fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{},"lines":[{{"line_id":"{}","quantity":2}}],"reason":"one more"}})",
                money.at("total", "amount")->as_int().value() + 4900, money.int_or("version"),
                money.find("lines")->items().front().text_or("line_id")),
            Uuid::v7().to_string());
        if (changed.status != 201) throw std::runtime_error("stage: not dearer: " + changed.text);
        return id;
    };
    const auto token_of = [](Stage& s, const std::string& id) { return s.world.shop->orders->view_token(*orders::OrderId::parse(id)); };
    const std::string due = R"("expected_due":{"amount":4900,"currency":"EUR"})";
    const auto pay_due = [=](Stage& s, const std::string& id, std::string_view card) {
        return fmt::format(
            R"({{{},"token":"{}","payment":{{"method":"card","card":{{"number":"{}","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"}}}}}})",
            due, token_of(s, id), card);
    };
    asks_["get_order_payment"] = [=](Stage& s) { return get(visitor(s), {}, "?token=" + token_of(s, dearer(s))); };
    asks_["pay_order"] = [=](Stage& s) { return keyed(with(visitor(s), pay_due(s, dearer(s), "4111111111111111"))); };
    asks_["return_from_order_payment"] = [=](Stage& s) {
        const auto id = dearer(s);
        const auto sent = visitor(s)->post("/api/v1/order-payment", pay_due(s, id, "4000012892688323"), Uuid::v7().to_string());
        return with(visitor(s), fmt::format(R"({{"token":"{}"}})", token_of(s, id)), 200,
                    {{"attempt_id", sent.body.text_or("attempt_id")}});
    };
    asks_["get_order_due"] = [=](Stage& s) { return get(s.mia, {{"id", dearer(s)}}); };
    asks_["send_order_payment_link"] = [=](Stage& s) { return keyed(with(s.mia, "{" + due + "}", 200, {{"id", dearer(s)}})); };
    // Another operation may have forgotten the one that the stage began with.
    const auto saved_card = [](Stage& s) {
        if (s.ana->get("/api/v1/account/payment-methods").body.find("items")->items().empty()) {
            s.ana->add(s.chair);
            s.ana->fill_in("ana@example.test");
            const auto paid = s.ana->pay_with(fmt::format(R"({{"method":"card","card":{},"save_card":true}})", kCard));
            if (paid.body.text_or("status") != "completed") throw std::runtime_error("stage: " + paid.text);
        }
        return s.my("/api/v1/account/payment-methods", "id");
    };
    asks_["charge_order_due"] = [=](Stage& s) {
        const auto card = saved_card(s);
        (void)s.ana->put("/api/v1/account/payment-methods/" + card + "/consent", R"({"merchant_may_charge":true})");
        return keyed(with(s.mia, fmt::format(R"({{{},"stored_card_id":"{}"}})", due, card), 200, {{"id", dearer(s)}}));
    };
    asks_["set_stored_card_consent"] = [=](Stage& s) {
        return owned(with(s.ana, R"({"merchant_may_charge":true})", 200, {{"id", saved_card(s)}}));
    };
    // Gift cards and store credit
    const auto gift_card = [](Stage& s) {
        auto made = s.mia->post("/api/v1/admin/gift-cards", R"({"amount":{"amount":5000,"currency":"EUR"}})", Uuid::v7().to_string());
        if (made.status != 201) throw std::runtime_error("stage: no gift card: " + made.text);
        return made;
    };
    const auto enter = [=](Stage& s, Shopper& who) {
        return who.post("/api/v1/checkout/gift-cards", fmt::format(R"({{"code":"{}"}})", gift_card(s).body.text_or("code")));
    };
    asks_["issue_gift_card"] = [=](Stage& s) {
        return keyed(with(
            s.mia,
            R"({"amount":{"amount":5000,"currency":"EUR"},"expires_at":"2099-01-01T00:00:00Z","email":"ben@example.test","locale":"de","note":"sorry"})",
            201));
    };
    asks_["list_gift_cards"] = [=](Stage& s) {
        (void)gift_card(s);
        return get(s.mia, {}, "?limit=5");
    };
    asks_["get_gift_card"] = [=](Stage& s) { return get(s.mia, {{"id", gift_card(s).body.at("card", "id")->text()}}); };
    asks_["block_gift_card"] = [=](Stage& s) { return keyed(get(s.mia, {{"id", gift_card(s).body.at("card", "id")->text()}})); };
    const auto ana_id = [](Stage& s) {
        return s.world.shop->database.read(
            [&](db::Session& session) { return s.world.shop->customers->find_by_email(session, "ana@example.test")->id.to_string(); });
    };
    asks_["grant_store_credit"] = [=](Stage& s) {
        return keyed(with(s.mia, R"({"amount":{"amount":500,"currency":"EUR"},"note":"for the trouble"})", 201, {{"id", ana_id(s)}}));
    };
    asks_["get_customer_store_credit"] = [=](Stage& s) { return get(s.mia, {{"id", ana_id(s)}}); };
    asks_["get_store_credit"] = [=](Stage& s) { return get(s.ana); };
    asks_["add_checkout_gift_card"] = [=](Stage& s) {
        return with(&s.ready_to_pay(), fmt::format(R"({{"code":"{}"}})", gift_card(s).body.text_or("code")));
    };
    asks_["set_checkout_store_credit"] = [=](Stage& s) {
        s.ana->add(s.lamp);
        s.ana->fill_in(s.fresh_email());
        return with(s.ana, R"({"use":true})");
    };
    asks_["remove_checkout_credit"] = [=](Stage& s) {
        auto& who = s.ready_to_pay();
        const auto applied = enter(s, who);
        return get(&who, {{"id", applied.body.find("credits")->items().front().text_or("id")}});
    };
    asks_["forget_stored_card"] = [=](Stage& s) { return owned(get(s.ana, {{"id", saved_card(s)}}), 204); };
}

std::map<std::string, std::string> documented_codes() {
    std::ifstream file(STOA_SOURCE_DIR "/docs/reference/api-errors.md");
    if (!file) throw std::runtime_error("docs/reference/api-errors.md cannot be read");
    std::map<std::string, std::string> out;
    std::string line;
    while (std::getline(file, line)) {
        if (!line.starts_with("| `")) continue;
        const auto end = line.find('`', 3);
        out[line.substr(3, end - 3)] = line;
    }
    return out;
}

}  // namespace stoa::testing
