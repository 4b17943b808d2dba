// A guest who bought makes an account and finds the order there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "steps.hpp"

namespace stoa::testing {
namespace {

using ::testing::HasSubstr;

class AccountScenario : public ::testing::Test {
protected:
    World world;
    app::Shop& shop() { return *world.shop; }
    // The token of the last mail to that address.
    std::string mailed_token(std::string_view to) {
        std::string found;
        for (const auto& mail : world.outside.mail->mails()) {
            if (mail.to != to) continue;
            const auto at = mail.text.find("verify?token=");
            if (at == std::string::npos) continue;
            const auto end = mail.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", at + 13);
            found = mail.text.substr(at + 13, end - at - 13);
        }
        return found;
    }
    Shopper registered(const std::string& email) {
        Shopper shopper(shop());
        const auto asked = shopper.post(
            "/api/v1/account/register",
            R"({"email":")" + email +
                R"(","password":"a long enough secret","first_name":"Ana","last_name":"Ruiz","locale":"de","accepts_marketing":false})");
        EXPECT_EQ(asked.status, 202) << asked.text;
        world.work();
        const auto verified = shopper.post("/api/v1/account/verify", R"({"token":")" + mailed_token(email) + R"("})");
        EXPECT_EQ(verified.status, 200) << verified.text;
        return shopper;
    }
};

TEST_F(AccountScenario, two_first_logins_at_once_keep_the_carts_of_both_browsers) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5), lamp = stock_up(shop(), "LAMP", 4900, 5);
    (void)registered("ana@example.test");
    Shopper phone(shop()), desktop(shop());
    phone.add(chair, 2);
    desktop.add(lamp);
    Answer answers[2];
    {
        const std::string credentials = R"({"email":"ana@example.test","password":"a long enough secret"})";
        std::jthread first([&] { answers[0] = phone.post("/api/v1/account/login", credentials); });
        std::jthread second([&] { answers[1] = desktop.post("/api/v1/account/login", credentials); });
    }
    for (const auto& answer : answers) EXPECT_EQ(answer.status, 200) << answer.text;
    for (auto* browser : {&phone, &desktop}) EXPECT_EQ(browser->get("/api/v1/cart").body.int_or("item_count"), 3);
    EXPECT_EQ(world.count("select count(*) from cart.cart where state = 'open' and customer_id is not null"), 1);
}

TEST_F(AccountScenario, what_the_guest_had_on_hold_is_not_sold_out_for_them_after_the_login) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 2), lamp = stock_up(shop(), "LAMP", 4900, 5);
    auto ana = registered("ana@example.test");
    ana.add(lamp);
    Shopper guest(shop());
    guest.add(chair, 2);
    ASSERT_EQ(guest.post("/api/v1/checkout").status, 200);
    ASSERT_EQ(world.count("select coalesce(sum(quantity), 0)::bigint from inventory.hold"), 2);
    ASSERT_EQ(guest.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"a long enough secret"})").status, 200);
    const auto begun = guest.post("/api/v1/checkout");
    EXPECT_EQ(begun.status, 200) << begun.text;
    EXPECT_EQ(guest.get("/api/v1/cart").body.int_or("item_count"), 3);
    EXPECT_EQ(world.count("select coalesce(sum(quantity), 0)::bigint from inventory.hold"), 3);
}

TEST_F(AccountScenario, a_guest_order_is_claimed_by_the_account_that_proves_the_address) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    Shopper guest(shop());
    guest.add(chair);
    guest.fill_in("ana@example.test");
    const auto bought = guest.pay();
    ASSERT_EQ(bought.body.text_or("status"), "completed") << bought.text;
    const std::string number = bought.body.text_or("order_number");
    EXPECT_EQ(guest.get("/api/v1/account/orders").status, 401);

    auto ana = registered("ana@example.test");
    const auto list = ana.get("/api/v1/account/orders");
    ASSERT_EQ(list.status, 200) << list.text;
    ASSERT_EQ(list.body.find("items")->items().size(), 1U);
    EXPECT_EQ(list.body.find("items")->items()[0].text_or("number"), number);
    EXPECT_EQ(list.body.find("items")->items()[0].text_or("state_label"), "Bestätigt");
    EXPECT_EQ(ana.get("/api/v1/account/orders/" + number).status, 200);
    world.work();
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'guest_claimed' and state = 'sent'"), 1);

    // Another account sees neither the order nor that it exists.
    auto eve = registered("eve@example.test");
    EXPECT_EQ(eve.get("/api/v1/account/orders/" + number).status, 404);
    EXPECT_EQ(eve.get("/api/v1/account/orders").body.find("items")->items().size(), 0U);
}

TEST_F(AccountScenario, a_guest_order_of_later_is_claimed_at_the_next_login) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    auto ana = registered("ana@example.test");
    EXPECT_EQ(ana.post("/api/v1/account/logout").status, 204);
    auto eve = registered("eve@example.test");

    // Bought without logging in, with the address in another writing.
    Shopper guest(shop());
    guest.add(chair);
    guest.fill_in("Ana@Example.test");
    const auto bought = guest.pay();
    ASSERT_EQ(bought.body.text_or("status"), "completed") << bought.text;
    const std::string number = bought.body.text_or("order_number");
    EXPECT_EQ(world.count("select count(*) from orders.orders where customer_id is not null"), 0);

    // Somebody else's login takes nothing, and neither does a wrong password.
    EXPECT_EQ(eve.post("/api/v1/account/login", R"({"email":"eve@example.test","password":"a long enough secret"})").status, 200);
    EXPECT_EQ(eve.get("/api/v1/account/orders/" + number).status, 404);
    EXPECT_EQ(ana.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"another long secret"})").status, 401);
    EXPECT_EQ(world.count("select count(*) from orders.orders where customer_id is not null"), 0);

    EXPECT_EQ(ana.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"a long enough secret"})").status, 200);
    EXPECT_EQ(ana.get("/api/v1/account/orders/" + number).status, 200);
    const auto list = ana.get("/api/v1/account/orders");
    ASSERT_EQ(list.body.find("items")->items().size(), 1U) << list.text;
    world.work();
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'guest_claimed'"), 0);
    EXPECT_EQ(world.count("select count(*) from orders.timeline where kind = 'claimed'"), 1);
}

TEST_F(AccountScenario, the_cart_of_a_guest_follows_into_the_account_and_a_card_can_be_kept) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 9);
    auto ana = registered("ana@example.test");
    ana.add(chair);
    EXPECT_EQ(ana.post("/api/v1/account/logout").status, 204);
    Shopper guest(shop());
    guest.add(chair, 2);
    EXPECT_EQ(guest.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"a long enough secret"})").status, 200);
    EXPECT_EQ(*guest.get("/api/v1/cart").body.find("item_count")->as_int(), 3);
    guest.fill_in("ana@example.test");
    const auto paid = guest.pay_with(
        R"({"method":"card","save_card":true,"card":{"number":"4111 1111 1111 1111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}})");
    ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    const auto cards = guest.get("/api/v1/account/payment-methods");
    ASSERT_EQ(cards.body.find("items")->items().size(), 1U) << cards.text;
    EXPECT_EQ(cards.body.find("items")->items()[0].text_or("last4"), "1111");
    const std::string card = cards.body.find("items")->items()[0].text_or("id");

    guest.add(chair);
    guest.fill_in("ana@example.test");
    auto eve = registered("eve@example.test");
    eve.add(chair);
    eve.fill_in("eve@example.test");
    EXPECT_EQ(eve.pay_with(R"({"method":"stored_card","stored_card_id":")" + card + R"("})").body.text_or("code"),
              "payments.stored_method_unknown");
    EXPECT_EQ(eve.del("/api/v1/account/payment-methods/" + card).status, 404);
    const auto again = guest.pay_with(R"({"method":"stored_card","stored_card_id":")" + card + R"("})");
    EXPECT_EQ(again.body.text_or("status"), "completed") << again.text;
    EXPECT_EQ(guest.del("/api/v1/account/payment-methods/" + card).status, 204);
    EXPECT_EQ(guest.get("/api/v1/account/payment-methods").body.find("items")->items().size(), 0U);
    // The number itself is nowhere in the database.
    EXPECT_EQ(world.count("select count(*) from payments.attempt where attempt::text like '%4111111111111111%'"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(AccountScenario, an_order_that_is_being_paid_for_follows_its_guest_into_the_account) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 9);
    const std::string login = R"({"email":"ana@example.test","password":"a long enough secret"})";
    EXPECT_EQ(registered("ana@example.test").post("/api/v1/account/logout").status, 204);
    for (const auto* card : {"4000000000000002", "4000012892688323"}) {
        SCOPED_TRACE(card);
        Shopper guest(shop());
        guest.add(chair);
        guest.fill_in("someone.else@example.test");
        const auto begun = guest.pay(card);
        const std::string payment = "/api/v1/checkout/payments/" + begun.body.text_or("attempt_id");
        ASSERT_EQ(guest.post("/api/v1/account/login", login).status, 200);
        EXPECT_EQ(guest.get(payment).status, 200);
        if (const std::string url = begun.body.text_or("redirect_url"); !url.empty()) {
            ASSERT_TRUE(answer_verification(world.outside, url, "accept"));
            const auto back = guest.post(payment + "/return");
            EXPECT_EQ(back.body.text_or("status"), "completed") << back.text;
        } else {
            const auto paid = guest.pay();
            EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
            EXPECT_EQ(paid.body.text_or("order_number"), begun.body.text_or("order_number"));
        }
        EXPECT_EQ(guest.get("/api/v1/account/orders/" + begun.body.text_or("order_number")).status, 200);
        EXPECT_EQ(*guest.get("/api/v1/cart").body.find("item_count")->as_int(), 0);
    }
    EXPECT_EQ(world.count("select count(*) from orders.orders where customer_id is not null and state = 'confirmed'"), 2);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(AccountScenario, goods_that_were_paid_for_leave_the_cart_that_they_were_joined_into) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 9);
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    const std::string login = R"({"email":"ana@example.test","password":"a long enough secret"})";
    auto ana = registered("ana@example.test");
    ana.add(chair);
    ana.add(lamp);
    EXPECT_EQ(ana.post("/api/v1/account/logout").status, 204);
    Shopper guest(shop());
    guest.add(chair, 2);
    guest.fill_in("ana@example.test");
    const auto begun = guest.pay("4000012892688323");
    ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
    ASSERT_EQ(guest.post("/api/v1/account/login", login).status, 200);
    EXPECT_EQ(*guest.get("/api/v1/cart").body.find("item_count")->as_int(), 4);
    ASSERT_TRUE(answer_verification(world.outside, begun.body.text_or("redirect_url"), "accept"));
    const auto back = guest.post("/api/v1/checkout/payments/" + begun.body.text_or("attempt_id") + "/return");
    EXPECT_EQ(back.body.text_or("status"), "completed") << back.text;
    const auto cart = guest.get("/api/v1/cart");
    EXPECT_EQ(*cart.body.find("item_count")->as_int(), 2) << cart.text;
    EXPECT_EQ(guest.get("/api/v1/account/orders/" + begun.body.text_or("order_number")).status, 200);
    EXPECT_EQ(world.disagreements(), "");

    // A try that was declined is given up: its goods are bought from the joined cart, and held once.
    EXPECT_EQ(guest.post("/api/v1/account/logout").status, 204);
    Shopper other(shop());
    other.add(lamp);
    other.fill_in("ana@example.test");
    EXPECT_EQ(other.pay("4000000000000002").body.text_or("status"), "declined");
    ASSERT_EQ(other.post("/api/v1/account/login", login).status, 200);
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'cancelled'"), 1);
    EXPECT_EQ(*other.get("/api/v1/cart").body.find("item_count")->as_int(), 3);
    other.fill_in("ana@example.test");
    EXPECT_EQ(other.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(AccountScenario, a_consent_given_at_checkout_is_the_accounts) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 9);
    const auto buy = [&](Shopper& who, const std::string& email) {
        who.add(chair);
        who.fill_in(email);
        EXPECT_EQ(who.put("/api/v1/checkout/contact", R"({"email":")" + email + R"(","accepts_marketing":true})").status, 200);
        EXPECT_EQ(who.pay().body.text_or("status"), "completed");
    };
    const auto granted = [&](Shopper& who) {
        const auto answer = who.get("/api/v1/account/consents");
        for (const auto& consent : answer.body.find("items")->items()) {
            if (consent.text_or("kind") == "marketing_email") return consent.bool_or("granted");
        }
        return false;
    };
    auto ana = registered("ana@example.test");
    EXPECT_FALSE(granted(ana));
    buy(ana, "ana@example.test");
    EXPECT_TRUE(granted(ana));
    buy(ana, "ana@example.test");
    EXPECT_EQ(world.count("select count(*) from customers.consent"), 1);
    // A guest's waits until an account proves the address.
    Shopper guest(shop());
    buy(guest, "bob@example.test");
    EXPECT_EQ(world.count("select count(*) from customers.consent"), 1);
    auto bob = registered("bob@example.test");
    EXPECT_TRUE(granted(bob));
    EXPECT_EQ(world.count("select count(*) from customers.guest_consent"), 0);
}

TEST_F(AccountScenario, only_a_buyer_reviews_and_only_once) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 9);
    auto ana = registered("ana@example.test");
    const std::string path = "/api/v1/catalog/products/" + chair.product.to_string() + "/reviews";
    const std::string review = R"({"rating":5,"title":"Sits well","body":"We like it very much."})";
    EXPECT_EQ(ana.post(path, review, "review-key-1").body.text_or("code"), "catalog.review_not_a_buyer");
    ana.add(chair);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(ana.get("/api/v1/account/bought").body.find("items")->items().size(), 1U);
    EXPECT_EQ(ana.post(path, review, "review-key-2").status, 201);
    EXPECT_EQ(ana.post(path, review, "review-key-2").status, 201);  // the same request again
    EXPECT_EQ(ana.post(path, review, "review-key-3").body.text_or("code"), "catalog.review_exists");
    EXPECT_EQ(world.count("select count(*) from catalog.review"), 1);
}

TEST_F(AccountScenario, a_review_bears_a_name_that_fits_whatever_the_account_is_called) {
    auto ana = registered("ana@example.test");
    const std::string longest(80, 'A');
    std::string umlauts;
    for (int i = 0; i < 80; ++i) umlauts += "Ä";
    const std::vector<std::tuple<std::string, std::string, std::string>> names{{"Ana", "Ruiz", "Ana R."},
                                                                               {longest, "Øst", std::string(76, 'A') + " Ø."},
                                                                               {umlauts, umlauts, umlauts.substr(0, 152) + " Ä."},
                                                                               {"", "Ruiz", "R."},
                                                                               {"", "", "–"}};
    int number = 0;
    for (const auto& [first, last, author] : names) {
        const auto chair = stock_up(shop(), "CHAIR-" + std::to_string(++number), 12900, 9);
        ana.add(chair);
        ana.fill_in("ana@example.test");
        ASSERT_EQ(ana.pay().body.text_or("status"), "completed");
        shop().database.in_tx([&, first = first, last = last](db::Tx& tx) {
            tx.run_text("update customers.customer set first_name = '" + first + "', last_name = '" + last + "'");
        });
        const auto answer =
            ana.post("/api/v1/catalog/products/" + chair.product.to_string() + "/reviews",
                     R"({"rating":5,"title":"Sits well","body":"We like it very much."})", "name-key-" + std::to_string(number));
        EXPECT_EQ(answer.status, 201) << answer.text;
        EXPECT_EQ(answer.body.text_or("author"), author);
    }
}

TEST_F(AccountScenario, an_erased_account_takes_its_name_out_of_the_shop) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 9);
    auto ana = registered("ana@example.test");
    auto bob = registered("bob@example.test");
    const auto buy = [&](Shopper& who, const std::string& email) {
        who.add(chair);
        who.fill_in(email);
        const auto paid = who.pay_with(
            R"({"method":"card","save_card":true,"card":{"number":"4111 1111 1111 1111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}})");
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        const auto review = who.post("/api/v1/catalog/products/" + chair.product.to_string() + "/reviews",
                                     R"({"rating":5,"title":"Sits well","body":"We like it very much."})", "review-of-" + email);
        EXPECT_EQ(review.status, 201) << review.text;
        who.add(chair);
        who.fill_in(email);  // a second one is begun
        return paid.body.text_or("order_number");
    };
    const std::string number = buy(ana, "ana@example.test");
    const std::string kept = buy(bob, "bob@example.test");
    const auto told = ana.get("/api/v1/account/export");
    ASSERT_EQ(told.status, 200) << told.text;
    const auto only = [&](const char* member) {
        const auto* list = told.body.find(member);
        return list && list->items().size() == 1 ? list->items()[0] : json::Value();
    };
    EXPECT_EQ(only("orders").text_or("number"), number);
    EXPECT_EQ(only("orders").at("shipping_address", "line1")->text(), "Torstr. 1");
    EXPECT_EQ(only("orders").at("total", "amount")->as_int(), 12900);
    EXPECT_EQ(only("reviews").text_or("author"), "Ana R.");
    EXPECT_EQ(only("saved_cards").text_or("last4"), "1111");
    ASSERT_NE(told.body.find("returns"), nullptr);
    EXPECT_EQ(told.text.find(kept), std::string::npos);

    const auto erased = ana.send(http::Method::del, "/api/v1/account", R"({"password":"a long enough secret"})");
    ASSERT_EQ(erased.status, 204) << erased.text;
    EXPECT_EQ(world.count("select count(*) from catalog.review where author = '–' and customer_id is null"), 1);
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'review.forgotten'"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.stored_method where length(token) > 0"), 1);
    EXPECT_EQ(world.count("select count(*) from cart.cart where state = 'open'"), 1);
    EXPECT_EQ(world.count("select count(*) from checkout.checkout where email = 'ana@example.test' or shipping_address is not null"), 2);
    EXPECT_EQ(world.count("select count(*) from orders.orders where number = '" + number +
                          "' and customer_id is null and billing_address ->> 'last_name' = 'Ruiz'"),
              1);
    // Another's stay as they were.
    EXPECT_EQ(world.count("select count(*) from catalog.review where author = 'Ana R.' and customer_id is not null"), 1);
    EXPECT_EQ(bob.get("/api/v1/account/orders/" + kept).status, 200);
    EXPECT_EQ(bob.get("/api/v1/account/payment-methods").body.find("items")->items().size(), 1U);
    EXPECT_EQ(*bob.get("/api/v1/cart").body.find("item_count")->as_int(), 1);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
