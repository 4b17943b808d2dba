#include "fixture.hpp"

namespace stoa::customers {
namespace {

const std::string kHome =
    R"({"first_name":"Ada","last_name":"Lovelace","line1":"Keizersgracht 1","postal_code":"1015cj","city":"Amsterdam","country":"NL"})";
const std::string kWork =
    R"({"first_name":"Ada","last_name":"Lovelace","company":"Engines","line1":"Torstr. 1","line2":"2. OG","postal_code":"10119","city":"Berlin","country":"DE","phone":"+49 30 1234567","is_default":true})";

TEST_F(AccountsTest, ProfileIsReadAndChangedInParts) {
    auto ada = member("ada@example.net");
    const auto account = get(ada, "/account");
    EXPECT_EQ(account.status, 200);
    EXPECT_EQ(account.body.text_or("email"), "ada@example.net");
    EXPECT_EQ(account.body.find("phone"), nullptr);
    EXPECT_EQ(account.header("cache-control"), "private, no-store");
    const auto changed = patch(ada, "/account", R"({"phone":"+31 20 1234567","locale":"nl"})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.body.text_or("phone"), "+31 20 1234567");
    EXPECT_EQ(changed.body.text_or("locale"), "nl");
    EXPECT_EQ(changed.body.text_or("first_name"), "Ada");
    EXPECT_EQ(patch(ada, "/account", R"({"phone":""})").body.find("phone"), nullptr);
    const auto before = fingerprint();
    for (const char* bad : {R"({"locale":"xx"})", R"({"first_name":"  "})", R"({"email":"new@example.net"})", R"({"phone":"call me"})",
                            R"({"first_name":"a\u0000b"})", R"({"first_name":"a\nb"})", R"([])", R"({"first_name":1})", "{"}) {
        const auto answer = patch(ada, "/account", bad);
        EXPECT_TRUE(answer.status == 422 || answer.status == 400) << bad << answer.status;
    }
    Browser nobody;
    EXPECT_EQ(get(nobody, "/account").code(), "account.login_required");
    EXPECT_EQ(patch(nobody, "/account", R"({"locale":"nl"})").status, 401);
    EXPECT_EQ(fingerprint(), before);
}

TEST_F(AccountsTest, AddressBook) {
    auto ada = member("ada@example.net");
    const auto home = post(ada, "/account/addresses", kHome);
    ASSERT_EQ(home.status, 201) << home.text;
    EXPECT_EQ(home.body.text_or("postal_code"), "1015 CJ");
    EXPECT_TRUE(home.body.bool_or("is_default"));  // the first one
    const auto work = post(ada, "/account/addresses", kWork);
    EXPECT_TRUE(work.body.bool_or("is_default"));
    const auto defaults = [&] {
        std::string out;
        const auto list = get(ada, "/account/addresses");
        for (const auto& item : list.body.find("items")->items()) out += item.text_or("city") + (item.bool_or("is_default") ? "* " : " ");
        return out;
    };
    EXPECT_EQ(defaults(), "Berlin* Amsterdam ");
    auto changed = kHome;
    changed.replace(changed.find("Amsterdam"), 9, "Utrecht");
    const auto put_answer = put(ada, "/account/addresses/" + home.body.text_or("id"), changed);
    EXPECT_EQ(put_answer.status, 200);
    EXPECT_EQ(put_answer.body.text_or("city"), "Utrecht");
    EXPECT_EQ(defaults(), "Berlin* Utrecht ");
    changed.insert(changed.size() - 1, R"(,"is_default":true)");
    put(ada, "/account/addresses/" + home.body.text_or("id"), changed);
    EXPECT_EQ(defaults(), "Utrecht* Berlin ");
    EXPECT_EQ(del(ada, "/account/addresses/" + home.body.text_or("id")).status, 204);
    EXPECT_EQ(defaults(), "Berlin* ");  // the remaining one takes over
    EXPECT_EQ(del(ada, "/account/addresses/" + home.body.text_or("id")).status, 404);
}

TEST_F(AccountsTest, OtherPeoplesAddressesAreNotThere) {
    auto ada = member("ada@example.net");
    auto eve = member("eve@example.net");
    const auto id = post(ada, "/account/addresses", kHome).body.text_or("id");
    Browser nobody;
    const auto before = fingerprint();
    EXPECT_EQ(put(eve, "/account/addresses/" + id, kWork).status, 404);
    EXPECT_EQ(del(eve, "/account/addresses/" + id).status, 404);
    EXPECT_EQ(put(nobody, "/account/addresses/" + id, kWork).status, 401);
    EXPECT_EQ(del(nobody, "/account/addresses/" + id).status, 401);
    EXPECT_EQ(get(nobody, "/account/addresses").status, 401);
    EXPECT_EQ(post(nobody, "/account/addresses", kHome).status, 401);
    EXPECT_EQ(put(eve, "/account/addresses/adr_00000000000000000000000000", kWork).status, 404);
    EXPECT_EQ(put(eve, "/account/addresses/%27%20or%201=1", kWork).status, 404);
    EXPECT_EQ(get(eve, "/account/addresses").text, R"({"items":[]})");
    EXPECT_EQ(fingerprint(), before);
}

TEST_F(AccountsTest, AddressesAreCheckedByCountry) {
    auto ada = member("ada@example.net");
    const auto before = fingerprint();
    auto bad = kHome;
    bad.replace(bad.find("1015cj"), 6, "99");
    const auto answer = post(ada, "/account/addresses", bad);
    EXPECT_EQ(answer.status, 422);
    ASSERT_EQ(answer.body.find("errors")->items().size(), 1U);
    EXPECT_EQ(answer.body.find("errors")->items().front().text_or("pointer"), "/postal_code");
    EXPECT_EQ(answer.body.find("errors")->items().front().text_or("message"), "The postcode should look like 1012 AB.");
    for (const char* field : {"first_name", "last_name", "line1", "city", "postal_code", "country"}) {
        for (const std::string& evil :
             {std::string(R"("\u0000")"), std::string(R"("a\u0000b")"), "\"" + std::string(5000, 'x') + "\"", std::string("1"),
              std::string("{}"), std::string("null"), std::string("\"\xff\""), std::string(R"("\ud800")")}) {
            auto body = kHome;
            const auto key = fmt::format("\"{}\":", field);
            const auto at = body.find(key) + key.size();
            const auto end = body.find('"', at + 1) + 1;
            body.replace(at, end - at, evil);
            const auto refused = post(ada, "/account/addresses", body);
            EXPECT_TRUE(refused.status == 422 || refused.status == 400) << field << ' ' << evil.substr(0, 20) << ' ' << refused.status;
        }
    }
    EXPECT_EQ(fingerprint(), before);
    // Hostile but harmless text is stored as it is.
    auto text = kHome;
    text.replace(text.find("Keizersgracht 1"), 15, "'); drop table customers.address; -- <b>");
    const auto stored = post(ada, "/account/addresses", text);
    EXPECT_EQ(stored.status, 201);
    EXPECT_EQ(stored.body.text_or("line1"), "'); drop table customers.address; -- <b>");
}

TEST_F(AccountsTest, TheAddressBookHasAnEnd) {
    auto ada = member("ada@example.net");
    for (int i = 0; i < 50; ++i) ASSERT_EQ(post(ada, "/account/addresses", kHome).status, 201);
    const auto answer = post(ada, "/account/addresses", kHome);
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.code(), "account.address_limit");
}

TEST_F(AccountsTest, ConsentsKeepTheirHistory) {
    auto ada = member("ada@example.net");
    auto list = get(ada, "/account/consents");
    ASSERT_EQ(list.body.find("items")->items().size(), 3U);
    for (const auto& item : list.body.find("items")->items()) {
        EXPECT_FALSE(item.bool_or("granted"));
        EXPECT_EQ(item.find("updated_at"), nullptr);
    }
    EXPECT_NE(list.body.find("items")->items().front().text_or("text").find("jederzeit"), std::string::npos);  // registered in German
    EXPECT_EQ(put(ada, "/account/consents", R"({"kind":"marketing_email","granted":true})").status, 200);
    clock_.advance(std::chrono::hours(1));
    const auto answer = put(ada, "/account/consents", R"({"kind":"marketing_email","granted":false})");
    EXPECT_FALSE(answer.body.find("items")->items().front().bool_or("granted", true));
    EXPECT_EQ(answer.body.find("items")->items().front().text_or("updated_at"), "2026-11-22T11:00:00Z");
    EXPECT_EQ(single("select string_agg(granted::text || '/' || source, ' ' order by id) from customers.consent"),
              "true/account false/account");
    const auto before = fingerprint();
    EXPECT_EQ(put(ada, "/account/consents", R"({"kind":"everything","granted":true})").status, 422);
    Browser nobody;
    EXPECT_EQ(put(nobody, "/account/consents", R"({"kind":"marketing_email","granted":true})").status, 401);
    EXPECT_EQ(get(nobody, "/account/consents").status, 401);
    EXPECT_EQ(fingerprint(), before);
    const auto info = database().read([&](db::Session& session) { return customers_->find_by_email(session, "ada@example.net"); });
    database().in_tx(
        [&](db::Tx& tx) { customers_->record_consent(tx, info->id, ConsentKind::marketing_whatsapp, true, "fr", "checkout"); });
    EXPECT_TRUE(
        database().read([&](db::Session& session) { return customers_->has_consent(session, info->id, ConsentKind::marketing_whatsapp); }));
    EXPECT_FALSE(
        database().read([&](db::Session& session) { return customers_->has_consent(session, info->id, ConsentKind::marketing_email); }));
}

TEST_F(AccountsTest, Wishlist) {
    auto ada = member("ada@example.net");
    auto eve = member("eve@example.net");
    const auto a = Id<"prod">::make(), b = Id<"prod">::make();
    EXPECT_EQ(put(ada, "/account/wishlist/" + a.to_string()).status, 204);
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(put(ada, "/account/wishlist/" + b.to_string()).status, 204);
    EXPECT_EQ(put(ada, "/account/wishlist/" + a.to_string()).status, 204);  // again: no change
    EXPECT_EQ(put(eve, "/account/wishlist/" + a.to_string()).status, 204);
    const auto of = [&](std::string_view email) {
        return database().read(
            [&](db::Session& session) { return customers_->wishlist(session, customers_->find_by_email(session, email)->id); });
    };
    EXPECT_EQ(of("ada@example.net"), (std::vector<Uuid>{b.uuid(), a.uuid()}));
    EXPECT_EQ(del(ada, "/account/wishlist/" + a.to_string()).status, 204);
    EXPECT_EQ(del(ada, "/account/wishlist/" + a.to_string()).status, 204);
    EXPECT_EQ(of("ada@example.net"), (std::vector<Uuid>{b.uuid()}));
    EXPECT_EQ(of("eve@example.net"), (std::vector<Uuid>{a.uuid()}));
    EXPECT_EQ(put(ada, "/account/wishlist/nonsense").status, 404);
    Browser nobody;
    EXPECT_EQ(put(nobody, "/account/wishlist/" + a.to_string()).status, 401);
    EXPECT_EQ(del(nobody, "/account/wishlist/" + a.to_string()).status, 401);
}

TEST_F(AccountsTest, ExportHoldsEverythingAndNothingOfOthers) {
    auto ada = member("ada@example.net", true);
    auto eve = member("eve@example.net");
    post(ada, "/account/addresses", kHome);
    post(eve, "/account/addresses", kWork);
    const auto product = Id<"prod">::make().to_string();
    put(ada, "/account/wishlist/" + product);
    customers_->add_exporter("orders", [](db::Session&, const CustomerInfo& customer) {
        return "[{\"number\":\"S-1\",\"of\":" + json::quote(customer.email) + "}]";
    });
    const auto answer = get(ada, "/account/export");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.header("content-disposition").starts_with("attachment"));
    EXPECT_EQ(answer.body.at("account", "email")->text(), "ada@example.net");
    EXPECT_EQ(answer.body.find("addresses")->items().size(), 1U);
    EXPECT_EQ(answer.body.find("consents")->items().size(), 1U);
    EXPECT_EQ(answer.body.find("consents")->items().front().text_or("source"), "registration");
    EXPECT_EQ(answer.body.find("wishlist")->items().front().text(), product);
    EXPECT_EQ(answer.body.find("sessions")->items().size(), 1U);
    EXPECT_EQ(answer.body.find("orders")->items().front().text_or("of"), "ada@example.net");
    EXPECT_EQ(answer.text.find("eve@"), std::string::npos);
    EXPECT_EQ(answer.text.find("argon2"), std::string::npos);
    Browser nobody;
    EXPECT_EQ(get(nobody, "/account/export").status, 401);
}

TEST_F(AccountsTest, ErasingLeavesAnIdAndNothingElse) {
    auto ada = member("ada@example.net", true);
    auto eve = member("eve@example.net");
    Browser second;
    post(second, "/account/login", credentials("ada@example.net"));
    post(ada, "/account/addresses", kHome);
    put(ada, "/account/wishlist/" + Id<"prod">::make().to_string());
    patch(ada, "/account", R"({"phone":"+31 20 1234567"})");
    std::string erased;
    customers_->add_eraser([&](db::Tx&, const CustomerInfo& customer) { erased = customer.email; });
    const auto before = fingerprint();
    EXPECT_EQ(del(ada, "/account", R"({"password":"wrong password"})").code(), "account.invalid_credentials");
    Browser nobody;
    EXPECT_EQ(del(nobody, "/account", fmt::format(R"({{"password":"{}"}})", kPassword)).status, 401);
    EXPECT_EQ(fingerprint(), before);
    EXPECT_EQ(erased, "");

    const auto id = single("select id::text from customers.customer where email = 'ada@example.net'");
    EXPECT_EQ(del(ada, "/account", fmt::format(R"({{"password":"{}"}})", kPassword)).status, 204);
    EXPECT_EQ(erased, "ada@example.net");
    EXPECT_EQ(ada.session, "");
    EXPECT_EQ(get(second, "/account").status, 401);
    EXPECT_EQ(get(eve, "/account").status, 200);
    EXPECT_EQ(single("select email is null and email_key is null and password_hash is null and phone is null and first_name = '' and "
                     "erased_at is not null from customers.customer where id = '" +
                     id + "'"),
              "t");
    for (const char* table : {"session", "token", "address", "wishlist_item"}) {
        EXPECT_EQ(single(fmt::format("select count(*)::text from customers.{} where customer_id = '{}'", table, id)), "0") << table;
    }
    // No trace of name or address anywhere in this module.
    for (const char* table : {"customer", "session", "token", "intake", "address", "consent"}) {
        EXPECT_EQ(
            single(fmt::format(
                "select count(*)::text from customers.{} t where t::text ilike any(array['%ada@%', '%keizersgracht%', '%20 1234567%'])",
                table)),
            "0")
            << table;
    }
    Browser again;
    EXPECT_EQ(post(again, "/account/login", credentials("ada@example.net")).status, 401);
    // The address is free again.
    auto fresh = member("ada@example.net");
    EXPECT_EQ(get(fresh, "/account/addresses").text, R"({"items":[]})");
}

TEST_F(AccountsTest, HostileRegistrationsChangeNothing) {
    const auto before = fingerprint();
    Browser b;
    const auto with = [](std::string_view field, std::string_view value) {
        auto body = registration("ada@example.net");
        const auto key = fmt::format("\"{}\":", field);
        const auto at = body.find(key) + key.size();
        const auto end = body[at] == '"' ? body.find('"', at + 1) + 1 : body.find_first_of(",}", at);
        return body.replace(at, end - at, value);
    };
    std::vector<std::string> bodies{
        "", "null", "[]", "{}", "\"x\"", "{\"email\":", std::string(300'000, '{'), registration("ada@example.net") + "x"};
    for (const char* field : {"email", "password", "first_name", "last_name", "locale", "accepts_marketing"}) {
        for (const std::string& value :
             {std::string("null"), std::string("[]"), std::string("{\"a\":1}"), std::string("1e999"), std::string("\"\\u0000\""),
              "\"" + std::string(100'000, 'a') + "\"", std::string("\"\xc3\x28\"")}) {
            bodies.push_back(with(field, value));
        }
    }
    for (const char* email : {"\"\"", "\"x\"", "\"a@b\"", "\"a@b.example\\r\\nBcc: c@d.example\"", "\"<a@b.example>\"",
                              "\"a@b.example,c@d.example\"", "\"'; drop table customers.customer;--@x.example\""}) {
        bodies.push_back(with("email", email));
    }
    for (const char* name : {"\"visit http://evil.example now\"", "\"<script>alert(1)</script>\"", "\"  \"", "\"a\\nb\""})
        bodies.push_back(with("first_name", name));
    bodies.push_back(with("locale", "\"xx\""));
    bodies.push_back(with("accepts_marketing", "true,\"role\":\"admin\""));
    for (const auto& body : bodies) {
        Browser fresh;
        const auto answer = post(fresh, "/account/register", body);
        EXPECT_TRUE(answer.status == 400 || answer.status == 413 || answer.status == 415 || answer.status == 422)
            << answer.status << ' ' << body.substr(0, 120);
        EXPECT_EQ(answer.header("content-type").substr(0, 24), "application/problem+json");
    }
    EXPECT_EQ(fingerprint(), before);
    worker_->drain();
    EXPECT_TRUE(mailer_.mails.empty());
}

TEST_F(AccountsTest, RequestsFromOtherSitesAreRefused) {
    auto ada = member("ada@example.net");
    auto request = testing::request(http::Method::post, "/api/v1/account/logout-all", "{}");
    request.headers.emplace_back("cookie", "stoa_session=" + ada.session);
    request.headers.emplace_back("origin", "https://evil.example");
    EXPECT_EQ(http::dispatch(routes_, request, {"http://localhost:8000", false}).status, 403);
    EXPECT_EQ(get(ada, "/account").status, 200);
}

}  // namespace
}  // namespace stoa::customers
