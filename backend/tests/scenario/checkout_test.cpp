// A guest buys, in all the ways it can go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "steps.hpp"
#include "world.hpp"

namespace stoa::testing {
namespace {

using ::testing::HasSubstr;

class CheckoutScenario : public ::testing::Test {
protected:
    World world;
    app::Shop& shop() { return *world.shop; }
    std::int64_t orders_in(std::string_view state) {
        return world.count("select count(*) from orders.orders where state = '" + std::string(state) + "'");
    }
    std::int64_t available(const Goods& goods) {
        return shop().database.read(
            [&](db::Session& session) { return shop().inventory->available(session, std::span(&goods.variant, 1)).at(goods.variant); });
    }
};

TEST_F(CheckoutScenario, an_address_with_what_the_store_asks_for_is_taken_in_every_country) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    Shopper ana(shop());
    ana.add(chair);
    ASSERT_EQ(ana.post("/api/v1/checkout").status, 200);
    const auto store = ana.get("/api/v1/store");
    std::string with_state, without_pattern;
    for (const auto& country : store.body.find("countries")->items()) {
        const auto code = country.text_or("code");
        SCOPED_TRACE(code);
        const auto put = [&](std::string_view postal_code, bool state) {
            return ana.put(
                "/api/v1/checkout/address",
                fmt::format(
                    R"({{"shipping":{{"first_name":"Ana","last_name":"Ruiz","line1":"1","postal_code":"{}","city":"X",{}"country":"{}"}}}})",
                    postal_code, state ? R"("state":"MI",)" : "", code));
        };
        const auto example = country.text_or("postal_code_example");
        const bool state_required = country.bool_or("state_required");
        EXPECT_EQ(put(example, state_required).status, 200);
        if (state_required) {
            with_state += code + " ";
            const auto refused = put(example, false);
            EXPECT_EQ(refused.status, 422);
            EXPECT_EQ(refused.body.find("errors")->items()[0].text_or("pointer"), "/shipping/state");
        }
        // Without a pattern a form asks for none.
        const bool required = !country.text_or("postal_code_pattern").empty();
        if (!required) without_pattern += code + " ";
        EXPECT_EQ(put("", state_required).status, required ? 422 : 200);
    }
    EXPECT_EQ(with_state, "IT ES ");  // Italy, Spain
    EXPECT_EQ(without_pattern, "IE ");
    // What a form forgives is written as the country writes it.
    const auto tidied = ana.put(
        "/api/v1/checkout/address",
        R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Damrak 1","postal_code":"1012ab","city":"Amsterdam","country":"NL"}})");
    ASSERT_EQ(tidied.status, 200) << tidied.text;
    EXPECT_EQ(tidied.body.at("shipping_address", "postal_code")->text(), "1012 AB");
}

TEST_F(CheckoutScenario, an_address_that_no_mail_can_be_sent_to_is_refused_while_it_can_be_corrected) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    Shopper ana(shop());
    ana.add(chair);
    ana.fill_in("ana@example.test");
    for (const std::string email : {"a@example.com.", "a@b..com", "anna..m@example.com", "jürgen@example.com", "ada@müller.de",
                                    "a@exa_mple.com", "a\u200B@example.com"}) {
        const auto refused = ana.put("/api/v1/checkout/contact", R"({"email":")" + email + R"("})");
        EXPECT_EQ(refused.status, 422) << email;
        EXPECT_THAT(refused.text, HasSubstr("/email")) << email;
    }
    EXPECT_EQ(ana.get("/api/v1/checkout").body.at("contact", "email")->text(), "ana@example.test");
    // One from before.
    (void)world.shop->database.in_tx([](db::Tx& tx) { return tx.run_text("update checkout.checkout set email = 'a@b..com'").affected(); });
    EXPECT_EQ(ana.pay().body.text_or("code"), "checkout.contact_missing");
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 0);
}

TEST_F(CheckoutScenario, a_guest_pays_by_card_and_everything_agrees) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    Shopper ana(shop());
    ana.add(chair, 2);
    ana.fill_in("ana@example.test");
    const auto done = ana.pay();
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(done.body.text_or("status"), "completed");
    const std::string number = done.body.text_or("order_number");

    EXPECT_EQ(available(chair), 3);
    EXPECT_EQ(orders_in("confirmed"), 1);
    EXPECT_EQ(world.count("select total from orders.orders"), 25800);  // free delivery from 100 EUR
    EXPECT_EQ(world.disagreements(), "");
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'order.confirmed'"), 1);

    const auto order = ana.get("/api/v1/orders/" + number + "?token=" + done.body.text_or("order_token"));
    ASSERT_EQ(order.status, 200) << order.text;
    EXPECT_EQ(order.body.text_or("state"), "confirmed");
    EXPECT_EQ(order.body.text_or("payment_state"), "paid");
    EXPECT_EQ(ana.get("/api/v1/orders/" + number + "?token=" + done.body.text_or("order_token") + "x").status, 404);
    EXPECT_EQ(*ana.get("/api/v1/cart").body.find("item_count")->as_int(), 0);

    world.work();
    const auto mails = world.outside.mail->mails();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_EQ(mails[0].to, "ana@example.test");
    EXPECT_THAT(mails[0].subject, HasSubstr(number));
    world.work();
    EXPECT_EQ(world.outside.mail->mails().size(), 1U);
}

TEST_F(CheckoutScenario, three_d_secure_redirects_and_the_return_may_be_repeated) {
    const auto chair = stock_up(shop(), "CHAIR", 9900, 1);
    Shopper ana(shop());
    ana.add(chair);
    ana.fill_in("ana@example.test");
    const auto begun = ana.pay("4000012892688323");
    ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
    EXPECT_EQ(available(chair), 0);
    const std::string attempt = begun.body.text_or("attempt_id");

    // Back without having confirmed anything: still to be confirmed.
    EXPECT_EQ(ana.post("/api/v1/checkout/payments/" + attempt + "/return").body.text_or("status"), "redirect");
    EXPECT_EQ(orders_in("confirmed"), 0);

    // The shopper presses "I accept" at the bank.
    const std::string url = begun.body.text_or("redirect_url");
    http_client::Call call;
    call.method = "POST";
    call.url = world.outside.url() + "/vendo/v/verification";
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body = url.substr(url.find('?') + 1) + "&answer=accept";
    const auto answer = world.outside.client.send(call);
    ASSERT_TRUE(answer && answer->status == 302);
    EXPECT_THAT(std::string(answer->header("location")), HasSubstr("/checkout/return?attempt=" + attempt));

    for (int i = 0; i < 3; ++i) EXPECT_EQ(ana.post("/api/v1/checkout/payments/" + attempt + "/return").body.text_or("status"), "completed");
    EXPECT_EQ(orders_in("confirmed"), 1);
    EXPECT_EQ(world.disagreements(), "");
    // A stranger sees nothing of it.
    Shopper eve(shop());
    EXPECT_EQ(eve.post("/api/v1/checkout/payments/" + attempt + "/return").status, 404);
    EXPECT_EQ(eve.get("/api/v1/checkout/payments/" + attempt).status, 404);
}

TEST_F(CheckoutScenario, a_declined_card_leaves_the_order_waiting_and_another_card_succeeds) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    const auto refused = ana.pay("4000000000000002");
    ASSERT_EQ(refused.status, 200) << refused.text;
    EXPECT_EQ(refused.body.text_or("status"), "declined");
    EXPECT_EQ(refused.body.at("decline", "code")->text(), "payments.declined_by_bank");
    EXPECT_EQ(orders_in("pending_payment"), 1);
    const auto poor = ana.pay("4000000000009995");
    EXPECT_EQ(poor.body.at("decline", "code")->text(), "payments.declined_funds");
    const auto paid = ana.pay();
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(paid.body.text_or("order_number"), refused.body.text_or("order_number"));
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 1);
    EXPECT_EQ(available(lamp), 2);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, cards_that_are_declined_hold_the_goods_for_a_while_only) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 1);
    Shopper eve(shop());
    eve.add(lamp);
    eve.fill_in("eve@example.test");
    bool was_free = false;
    for (int i = 0; i < 8 && !was_free; ++i) {
        (void)eve.pay("4000000000000002");
        world.clock.advance(std::chrono::minutes{29});
        world.work();
        was_free = available(lamp) == 1;
    }
    EXPECT_TRUE(was_free);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, a_corrected_telephone_number_is_on_the_order) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay("4000000000000002").body.text_or("status"), "declined");
    EXPECT_EQ(ana.put("/api/v1/checkout/contact", R"({"email":"ana@example.test","phone":"+4930123456"})").status, 200);
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed' and phone = '+4930123456'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, a_changed_cart_replaces_the_order_that_was_not_paid) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay("4000000000000002").body.text_or("status"), "declined");
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    const auto paid = ana.pay();
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(orders_in("cancelled"), 1);
    EXPECT_EQ(orders_in("confirmed"), 1);
    EXPECT_EQ(available(lamp), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, what_leaves_the_cart_is_there_for_others_at_once_but_not_while_it_is_being_paid) {
    const auto chair = stock_up(shop(), "CHAIR", 9900, 3);
    const auto lamp = stock_up(shop(), "LAMP", 9900, 1);
    Shopper ana(shop());
    ana.add(chair, 3);
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(available(chair), 0);
    const auto line_of = [](const Answer& cart, const Goods& goods) {
        for (const auto& line : cart.body.find("lines")->items()) {
            if (line.text_or("variant_id") == goods.variant.to_string()) return line.text_or("id");
        }
        return std::string();
    };
    const auto cart = ana.get("/api/v1/cart");
    const auto chairs = "/api/v1/cart/lines/" + line_of(cart, chair);
    const auto lamps = "/api/v1/cart/lines/" + line_of(cart, lamp);
    ASSERT_EQ(ana.patch(chairs, R"({"quantity":1})").status, 200);
    EXPECT_EQ(available(chair), 2);
    EXPECT_EQ(available(lamp), 0);
    ASSERT_EQ(ana.del(lamps).status, 200);
    EXPECT_EQ(available(lamp), 1);
    // More than before is not taken without being asked for.
    ASSERT_EQ(ana.patch(chairs, R"({"quantity":2})").status, 200);
    EXPECT_EQ(available(chair), 2);
    ASSERT_EQ(ana.del(chairs).status, 200);
    EXPECT_EQ(available(chair), 3);
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);

    // At the bank the goods stay out of the shelf, whatever becomes of the cart.
    ana.add(chair, 2);
    ana.fill_in("ana@example.test");
    const auto begun = ana.pay("4000012892688323");
    ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
    ASSERT_EQ(ana.del("/api/v1/cart/lines/" + line_of(ana.get("/api/v1/cart"), chair)).status, 200);
    EXPECT_EQ(available(chair), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, another_total_than_the_shopper_saw_is_refused_and_changes_nothing) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    const auto seen = ana.total();
    stock_up(shop(), "LAMP", 5900, 3);
    const auto refused = ana.post("/api/v1/checkout/complete",
                                  R"({"expected_total":{"amount":)" + std::to_string(seen) +
                                      R"(,"currency":"EUR"},"terms_accepted":true,"payment":{"method":"invoice"}})",
                                  "key-0001-0001");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.body.text_or("code"), "checkout.total_changed");
    EXPECT_EQ(*refused.body.at("total", "amount")->as_int(), seen + 1000);
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 0);
    EXPECT_TRUE(world.outside.charges().empty());
}

TEST_F(CheckoutScenario, a_payment_whose_answer_was_lost_is_found_at_the_provider) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    const auto lost = ana.pay();
    ASSERT_EQ(lost.status, 200) << lost.text;
    EXPECT_EQ(lost.body.text_or("status"), "processing");
    // While it is not known, no second payment can be started.
    EXPECT_EQ(ana.pay().body.text_or("code"), "checkout.payment_in_progress");
    world.clock.advance(std::chrono::seconds{90});
    world.work();
    EXPECT_EQ(ana.get("/api/v1/checkout/payments/" + lost.body.text_or("attempt_id")).body.text_or("status"), "completed");
    EXPECT_EQ(orders_in("confirmed"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, however_many_payments_an_outage_left_open_one_look_settles_them) {
    constexpr int kMany = 52;  // more than one batch of the sweeper
    const auto lamp = stock_up(shop(), "LAMP", 4900, kMany);
    world.outside.fail_next("vendo", "error_after", kMany, "/payment");
    for (int i = 0; i < kMany; ++i) {
        Shopper ana(shop());
        ana.add(lamp);
        ana.fill_in(fmt::format("ana{}@example.test", i));
        ASSERT_EQ(ana.pay().body.text_or("status"), "processing");
    }
    world.clock.advance(std::chrono::seconds{90});
    world.work();
    EXPECT_EQ(orders_in("confirmed"), kMany);
    EXPECT_EQ(world.disagreements(), "");
}

// An outage makes a sweep slow, and the next one begins before it has ended.
TEST_F(CheckoutScenario, of_sweeps_at_the_same_time_one_looks_at_a_payment) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    ASSERT_EQ(ana.pay().body.text_or("status"), "processing");
    world.clock.advance(std::chrono::seconds{90});
    std::atomic<int> looked{0};
    std::latch all(4);
    {
        std::vector<std::jthread> sweeps;
        for (int i = 0; i < 4; ++i) {
            sweeps.emplace_back([&] {
                all.arrive_and_wait();
                (void)shop().payments->sweep(50, [&](const payments::Attempt&, const payments::Outcome&) {
                    ++looked;
                    std::this_thread::sleep_for(std::chrono::milliseconds{200});
                });
            });
        }
    }
    EXPECT_EQ(looked, 1);
    EXPECT_EQ(world.count("select checks from payments.attempt"), 1);
    // Nobody wrote its outcome: it is looked at again when its time comes.
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    EXPECT_EQ(orders_in("confirmed"), 1);
}

TEST_F(CheckoutScenario, a_payment_that_never_reached_the_provider_is_given_up_and_can_be_made_again) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    world.outside.fail_next("vendo", "error_before", 1, "/payment");
    const auto lost = ana.pay();
    EXPECT_EQ(lost.body.text_or("status"), "processing");
    world.clock.advance(std::chrono::seconds{90});
    world.work();  // too early to be certain
    EXPECT_EQ(ana.pay().body.text_or("code"), "checkout.payment_in_progress");
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    EXPECT_EQ(ana.get("/api/v1/checkout/payments/" + lost.body.text_or("attempt_id")).body.text_or("status"), "declined");
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, a_provider_that_is_down_or_talks_nonsense_loses_nothing) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    for (const auto* kind : {"down", "garbage"}) {
        Shopper ana(shop());
        ana.add(lamp);
        ana.fill_in(std::string(kind) + "@example.test");
        world.outside.fail_next("vendo", kind, 1, "/payment");
        EXPECT_EQ(ana.pay().body.text_or("status"), "processing") << kind;
        world.clock.advance(std::chrono::minutes{6});
        world.work();
    }
    EXPECT_EQ(orders_in("confirmed"), 1);  // garbage came after the charge, down before it
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, an_order_that_nobody_pays_is_cancelled_and_its_stock_and_code_are_free_again) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 1);
    shop().database.in_tx([&](db::Tx& tx) {
        promotions::Promotion promotion;
        promotion.name = "Once";
        promotion.labels = {{"en", "Once"}};
        promotion.rules.basis_points = 1000;
        promotion.usage_limit = 1;
        (void)shop().promotions->add_code(tx, shop().promotions->save(tx, promotion), "ONCE");
    });
    Shopper ana(shop());
    ana.add(lamp);
    EXPECT_EQ(ana.post("/api/v1/cart/codes", R"({"code":"once"})").status, 200);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay("4000000000000002").body.text_or("status"), "declined");
    EXPECT_EQ(available(lamp), 0);
    world.clock.advance(std::chrono::minutes{31});
    world.work();
    EXPECT_EQ(available(lamp), 1);
    world.clock.advance(std::chrono::hours{2});
    world.work();
    EXPECT_EQ(orders_in("cancelled"), 1);
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);

    Shopper bob(shop());
    bob.add(lamp);
    bob.post("/api/v1/cart/codes", R"({"code":"ONCE"})");
    bob.fill_in("bob@example.test");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, giving_an_old_order_up_leaves_the_goods_with_the_checkout_that_goes_on) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 1);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay("4000000000000002").body.text_or("status"), "declined");
    world.clock.advance(std::chrono::minutes{118});
    world.work();
    EXPECT_EQ(available(lamp), 1);
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    world.clock.advance(std::chrono::minutes{3});
    world.work();
    EXPECT_EQ(orders_in("cancelled"), 1);
    EXPECT_EQ(available(lamp), 0);
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, an_order_that_cannot_be_given_up_does_not_keep_the_others_waiting) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    for (const auto* name : {"ana", "bob", "eve"}) {
        Shopper who(shop());
        who.add(lamp);
        who.fill_in(std::string(name) + "@example.test");
        EXPECT_EQ(who.pay("4000000000000002").body.text_or("status"), "declined");
        world.clock.advance(std::chrono::seconds{1});
    }
    const auto poison = [&](std::string_view sql) { shop().database.in_tx([&](db::Tx& tx) { tx.run_text(sql); }); };
    poison(
        "create function pg_temp_refuse() returns trigger language plpgsql as $$ begin raise 'poisoned'; end $$; "
        "create trigger refuse before update on orders.orders for each row when (old.email = 'ana@example.test' and new.state = "
        "'cancelled') "
        "execute function pg_temp_refuse()");
    world.clock.advance(std::chrono::minutes{121});
    world.work();
    EXPECT_EQ(orders_in("cancelled"), 2);
    poison("drop trigger refuse on orders.orders; drop function pg_temp_refuse");
    world.clock.advance(std::chrono::minutes{10});
    world.work();
    EXPECT_EQ(orders_in("cancelled"), 3);
}

TEST_F(CheckoutScenario, signs_of_life_hold_the_goods_for_two_hours_and_then_others_have_their_turn) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 1);
    Shopper ana(shop());
    ana.add(lamp);
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    for (int minutes = 0; minutes < 120; minutes += 10) {
        EXPECT_EQ(available(lamp), 0) << minutes;
        EXPECT_EQ(ana.put("/api/v1/checkout/contact", R"({"email":"ana@example.test"})").status, 200);
        EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
        world.clock.advance(std::chrono::minutes{10});
    }
    EXPECT_EQ(available(lamp), 1);
    EXPECT_EQ(ana.put("/api/v1/checkout/contact", R"({"email":"ana@example.test"})").status, 200);
    EXPECT_EQ(available(lamp), 1);
    // It can be begun anew by whoever comes first.
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    world.clock.advance(std::chrono::minutes{10});
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    world.clock.advance(std::chrono::minutes{10});
    EXPECT_EQ(available(lamp), 0);
}

TEST_F(CheckoutScenario, whom_nothing_was_sold_to_is_forgotten_after_ninety_days) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 2);
    Shopper ana(shop()), bob(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    Shopper vendo(shop());
    EXPECT_EQ(vendo
                  .send(http::Method::post, "/hooks/vendo/" + payments::hook_token(shop().config.secret_key), postback("S-1-a1", 1), {},
                        {{"content-type", "application/x-www-form-urlencoded"}, {"origin", ""}, {"sec-fetch-site", ""}})
                  .status,
              200);
    world.work();
    world.clock.advance(std::chrono::days{80});
    bob.add(lamp);
    bob.fill_in("bob@example.test");
    world.work();
    EXPECT_EQ(world.count("select count(*) from checkout.checkout"), 2);
    EXPECT_EQ(world.count("select count(*) from payments.inbox"), 1);
    world.clock.advance(std::chrono::days{11});
    world.work();
    EXPECT_EQ(world.count("select count(*) from checkout.checkout where email = 'ana@example.test'"), 0);
    EXPECT_EQ(world.count("select count(*) from checkout.checkout where email = 'bob@example.test'"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.inbox"), 0);
}

TEST_F(CheckoutScenario, two_first_calls_with_one_key_at_once_have_one_effect_and_one_answer) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    constexpr int kTwins = 8;
    constexpr int kRounds = 4;
    for (int round = 0; round < kRounds; ++round) {
        Shopper ana(shop());
        ana.add(lamp);
        ana.fill_in("ana@example.test");
        const std::string body =
            R"({"expected_total":{"amount":)" + std::to_string(ana.total()) +
            R"(,"currency":"EUR"},"terms_accepted":true,"payment":{"method":"card","card":)" +
            R"({"number":"4111111111111111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}})";
        const std::string key = "one-key-for-all-of-them-" + std::to_string(round);
        std::vector<Answer> answers(kTwins);
        {
            std::latch start(kTwins);
            std::vector<std::jthread> threads;
            for (int i = 0; i < kTwins; ++i) {
                threads.emplace_back([&, i, twin = ana]() mutable {
                    auto& answer = answers[static_cast<std::size_t>(i)];
                    start.arrive_and_wait();
                    while (true) {
                        answer = twin.post("/api/v1/checkout/complete", body, key);
                        if (answer.status != 409) break;
                        EXPECT_EQ(answer.body.text_or("code"), "http.idempotency_in_progress") << answer.text;
                        EXPECT_NE(answer.header("retry-after"), "");
                        std::this_thread::yield();
                    }
                });
            }
        }
        int first_hand = 0;
        for (const auto& answer : answers) {
            EXPECT_EQ(answer.status, 200) << answer.text;
            EXPECT_EQ(answer.text, answers.front().text);
            first_hand += answer.header("idempotency-replayed").empty() ? 1 : 0;
        }
        EXPECT_EQ(first_hand, 1) << "one did the work, the others were told";
        EXPECT_EQ(world.count("select count(*) from orders.orders"), round + 1);
        EXPECT_EQ(world.outside.charges().size(), static_cast<std::size_t>(round) + 1);
    }
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, many_shoppers_and_one_last_unit_make_exactly_one_order) {
    const auto last = stock_up(shop(), "LAST", 4900, 1);
    constexpr int kBuyers = 16;
    std::atomic<int> completed{0}, turned_away{0};
    std::vector<Shopper> buyers(kBuyers, Shopper(shop()));
    for (auto& buyer : buyers) buyer.add(last);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kBuyers; ++i) {
            threads.emplace_back([&, i] {
                auto& buyer = buyers[static_cast<std::size_t>(i)];
                const auto started = buyer.post("/api/v1/checkout");
                if (started.status == 409) {
                    EXPECT_EQ(started.body.text_or("code"), "checkout.stock_unavailable");
                    ++turned_away;
                    return;
                }
                buyer.fill_in("buyer" + std::to_string(i) + "@example.test");
                if (buyer.pay().body.text_or("status") == "completed") ++completed;
            });
        }
    }
    EXPECT_EQ(completed, 1);
    EXPECT_EQ(turned_away, kBuyers - 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, nothing_to_pay_is_an_order_too) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 2);
    shop().database.in_tx([&](db::Tx& tx) {
        for (const auto kind : {promotions::Kind::percent, promotions::Kind::free_shipping}) {
            promotions::Promotion promotion;
            promotion.name = std::string(json::to_name(kind));
            promotion.labels = {{"en", "Gift"}};
            promotion.kind = kind;
            promotion.lane = kind == promotions::Kind::percent ? 0 : 1;
            promotion.rules.basis_points = kind == promotions::Kind::percent ? 10000 : 0;
            promotion.automatic = true;
            (void)shop().promotions->save(tx, promotion);
        }
    });
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.total(), 0);
    const auto done = ana.pay_with(R"({"method":"invoice"})");
    EXPECT_EQ(done.body.text_or("status"), "completed") << done.text;
    EXPECT_TRUE(world.outside.charges().empty());
    EXPECT_EQ(available(lamp), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, an_invoice_order_is_confirmed_and_waits_for_its_money) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 2);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay_with(R"({"method":"invoice"})").body.text_or("status"), "completed");
    EXPECT_EQ(world.count("select count(*) from orders.orders where payment_state = 'awaiting_invoice'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, money_that_comes_for_a_cancelled_order_goes_back) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 1);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    world.outside.fail_next("vendo", "down", -1, "/reconciliation");
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    // Staff give the order up while the provider cannot be asked.
    shop().database.in_tx([&](db::Tx& tx) {
        const auto rows = tx.run_text("select id from orders.orders");
        auto order = shop().orders->lock(tx, rows.front().get<orders::OrderId>("id"));
        shop().inventory->release(tx, *order->checkout_id);
        ASSERT_TRUE(shop().orders->cancel(tx, *order, "staff"));
    });
    world.outside.control.forget_faults();
    world.clock.advance(std::chrono::minutes{3});
    world.work();
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'done'"), 1);
    EXPECT_EQ(world.outside.charges().front().refunded, world.outside.charges().front().amount);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(CheckoutScenario, bad_input_is_told_field_by_field_and_changes_nothing) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 1);
    Shopper ana(shop());
    EXPECT_EQ(ana.post("/api/v1/checkout").body.text_or("code"), "cart.empty");
    ana.add(lamp);
    EXPECT_EQ(ana.get("/api/v1/checkout").status, 404);
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    const auto address =
        ana.put("/api/v1/checkout/address",
                R"({"shipping":{"first_name":" ","last_name":"R","line1":"T","postal_code":"1","city":"B","country":"DE"}})");
    EXPECT_EQ(address.status, 422);
    EXPECT_EQ(address.body.find("errors")->items().front().text_or("pointer"), "/shipping/first_name");
    const auto nowhere =
        ana.put("/api/v1/checkout/address",
                R"({"shipping":{"first_name":"A","last_name":"R","line1":"T","postal_code":"1","city":"B","country":"KP"}})");
    EXPECT_EQ(nowhere.status, 422) << nowhere.text;
    EXPECT_EQ(ana.put("/api/v1/checkout/shipping", R"({"option_id":"own:standard"})").body.text_or("code"), "checkout.address_missing");
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.put("/api/v1/checkout/shipping", R"({"option_id":"own:teleport"})").body.text_or("code"),
              "checkout.shipping_option_unknown");
    EXPECT_EQ(ana.pay("4111111111111112").status, 422);
    EXPECT_EQ(ana.pay_with(R"({"method":"stored_card"})").status, 422);
    EXPECT_EQ(ana.pay_with(R"({"method":"sepa"})").status, 422);  // whose account?
    EXPECT_EQ(ana.post("/api/v1/checkout/complete",
                       R"({"expected_total":{"amount":1,"currency":"EUR"},"terms_accepted":false,"payment":{"method":"invoice"}})",
                       "key-aaaa-bbbb")
                  .status,
              422);
    EXPECT_EQ(ana.post("/api/v1/checkout/complete",
                       R"({"expected_total":{"amount":1,"currency":"EUR"},"terms_accepted":true,"payment":{"method":"invoice"}})")
                  .status,
              400);
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 0);
    EXPECT_TRUE(world.outside.charges().empty());
}

}  // namespace
}  // namespace stoa::testing
