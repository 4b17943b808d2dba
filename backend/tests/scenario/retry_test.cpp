// A purchase that does not go straight through: another card, another currency, back to the shop and on again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "steps.hpp"

namespace stoa::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kDeclined = "4000000000000002";
constexpr std::string_view kSecure = "4000012892688323";

class RetryScenario : public ::testing::Test {
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
    void offer(promotions::Promotion promotion, std::string_view code) {
        promotion.name = code;
        promotion.labels = {{"en", "An offer"}};
        promotion.rules.basis_points = 1000;
        shop().database.in_tx([&](db::Tx& tx) { (void)shop().promotions->add_code(tx, shop().promotions->save(tx, promotion), code); });
    }
    std::string return_path(const Answer& begun) { return "/api/v1/checkout/payments/" + begun.body.text_or("attempt_id") + "/return"; }
};

TEST_F(RetryScenario, a_code_for_one_use_or_one_first_order_is_still_there_for_the_second_card) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    promotions::Promotion once, welcome;
    once.usage_limit = 1;
    welcome.rules.first_order = true;
    welcome.customer_limit = 1;
    offer(once, "ONCE");
    offer(welcome, "WELCOME10");
    for (const auto* code : {"ONCE", "WELCOME10"}) {
        for (const auto first : {kDeclined, kSecure}) {
            SCOPED_TRACE(std::string(code) + " " + std::string(first));
            // The second round buys with what the first one has used up: the shop must refuse it then.
            Shopper ana(shop());
            const std::string email = std::string(code) + std::string(first) + "@example.test";
            ana.add(lamp);
            EXPECT_EQ(ana.post("/api/v1/cart/codes", R"({"code":")" + std::string(code) + R"("})").status, 200);
            ana.fill_in(email);
            const auto total = ana.total();
            const bool is_used_up = code == std::string("ONCE") && first == kSecure;
            EXPECT_EQ(total, is_used_up ? 4900 + 490 : 4900 - 490 + 490);
            const auto begun = ana.pay(first);
            EXPECT_EQ(begun.body.text_or("status"), first == kSecure ? "redirect" : "declined") << begun.text;
            EXPECT_EQ(ana.total(), total);
            EXPECT_EQ(ana.get("/api/v1/cart").body.find("codes")->items()[0].bool_or("applied"), !is_used_up);
            const auto paid = ana.pay();
            EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
            EXPECT_EQ(paid.body.text_or("order_number"), begun.body.text_or("order_number"));
        }
    }
    EXPECT_EQ(orders_in("confirmed"), 4);
    EXPECT_EQ(orders_in("cancelled"), 0);
    EXPECT_EQ(world.count("select used_count from promotions.promotion where name = 'ONCE'"), 1);
    EXPECT_EQ(world.disagreements(), "");

    // Whoever has bought is no first buyer, whatever cart is filled next.
    Shopper again(shop());
    again.add(lamp);
    again.post("/api/v1/cart/codes", R"({"code":"WELCOME10"})");
    again.fill_in("welcome104000000000000002@EXAMPLE.test");
    EXPECT_EQ(again.total(), 4900 + 490);
}

TEST_F(RetryScenario, another_code_of_the_same_worth_is_another_purchase_and_counts) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    promotions::Promotion first, second;
    first.usage_limit = second.usage_limit = 1;
    offer(first, "FIRST");
    offer(second, "SECOND");
    Shopper ana(shop());
    ana.add(lamp);
    ana.post("/api/v1/cart/codes", R"({"code":"FIRST"})");
    ana.fill_in("ana@example.test");
    const auto total = ana.total();
    EXPECT_EQ(ana.pay(kDeclined).body.text_or("status"), "declined");
    EXPECT_EQ(ana.del("/api/v1/cart/codes/FIRST").status, 200);
    EXPECT_EQ(ana.post("/api/v1/cart/codes", R"({"code":"SECOND"})").status, 200);
    EXPECT_EQ(ana.total(), total);
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.count("select used_count from promotions.promotion where name = 'FIRST'"), 0);
    EXPECT_EQ(world.count("select used_count from promotions.promotion where name = 'SECOND'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RetryScenario, another_currency_after_the_delivery_was_chosen_asks_for_the_delivery_again) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    price_in(shop(), lamp, "GBP", 4200);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.patch("/api/v1/cart", R"({"currency":"GBP"})").status, 200);
    const auto shown = ana.get("/api/v1/checkout");
    ASSERT_EQ(shown.status, 200) << shown.text;
    EXPECT_FALSE(shown.body.at("steps", "shipping")->as_bool()) << shown.text;
    EXPECT_EQ(shown.body.at("totals", "total")->text_or("currency"), "GBP");
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    EXPECT_EQ(ana.put("/api/v1/checkout/contact", R"({"email":"ana@example.test"})").status, 200);
    const auto refused = ana.pay();
    EXPECT_EQ(refused.status, 409) << refused.text;
    EXPECT_EQ(ana.put("/api/v1/checkout/shipping", R"({"option_id":"own:standard"})").status, 200);
    const auto paid = ana.pay();
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(world.count("select count(*) from orders.orders where currency = 'GBP' and shipping > 0"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RetryScenario, the_goods_are_taxed_where_they_go_whatever_country_the_cart_shows) {
    const auto lamp = stock_up(shop(), "LAMP", 11900, 9);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    const auto total = ana.total();
    const auto nowhere = ana.patch("/api/v1/cart", R"({"country":"ZZ"})");
    EXPECT_EQ(nowhere.status, 422) << nowhere.text;
    EXPECT_EQ(nowhere.body.find("errors")->items().at(0).text_or("pointer"), "/country");
    EXPECT_EQ(ana.patch("/api/v1/cart", R"({"country":"CH"})").status, 200);
    EXPECT_EQ(ana.total(), total);
    const auto paid = ana.pay();
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(
        world.count("select count(*) from orders.orders where country = 'DE' and tax = 1900 and shipping_address ->> 'country' = 'DE'"), 1);
}

TEST_F(RetryScenario, the_last_unit_is_not_sold_out_for_the_one_who_holds_it) {
    const auto last = stock_up(shop(), "LAST", 4900, 1);
    Shopper ana(shop());
    ana.add(last);
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    const auto cart = ana.get("/api/v1/cart");
    EXPECT_TRUE(cart.body.find("lines")->items().at(0).find("issues")->items().empty()) << cart.text;
    EXPECT_EQ(available(last), 0) << "for everybody else it is taken";
    Shopper bob(shop());
    EXPECT_EQ(bob.post("/api/v1/cart/lines", R"({"variant_id":")" + last.variant.to_string() + R"(","quantity":1})").status, 409);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RetryScenario, goods_that_were_sold_while_paying_are_paid_back_and_the_buyer_is_told) {
    const auto last = stock_up(shop(), "LAST", 4900, 1);
    promotions::Promotion once;
    once.usage_limit = 1;
    offer(once, "ONCE");
    Shopper ana(shop());
    ana.add(last);
    ana.post("/api/v1/cart/codes", R"({"code":"ONCE"})");
    ana.fill_in("ana@example.test");
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    const auto lost = ana.pay();
    EXPECT_EQ(lost.body.text_or("status"), "processing");
    // Nobody hears of the payment until the hold is over and the goods are sold.
    world.clock.advance(std::chrono::minutes{31});
    Shopper bob(shop());
    bob.add(last);
    bob.fill_in("bob@example.test");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
    world.work();
    world.clock.advance(std::chrono::minutes{1});
    world.work();

    const auto told = ana.get("/api/v1/checkout/payments/" + lost.body.text_or("attempt_id"));
    EXPECT_EQ(told.body.at("decline", "code")->text(), "checkout.order_cancelled") << told.text;
    EXPECT_EQ(orders_in("cancelled"), 1);
    EXPECT_EQ(orders_in("confirmed"), 1);
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'cancelled' and payment_state in ('paid', 'refunded')"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'done'"), 1);
    EXPECT_EQ(world.count("select used_count from promotions.promotion where name = 'ONCE'"), 0);
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
    EXPECT_EQ(world.disagreements(), "");
    std::string mail;
    for (const auto& sent : world.outside.mail->mails()) {
        if (sent.to == "ana@example.test") mail += sent.subject + "\n" + sent.text;
    }
    EXPECT_THAT(mail, HasSubstr(lost.body.text_or("order_number")));
    EXPECT_THAT(mail, HasSubstr("the last article was sold to somebody else"));
    // And of the money, once, however often the job runs.
    EXPECT_THAT(mail, HasSubstr("Your refund for order " + lost.body.text_or("order_number") + ": €49.00"));
    shop().database.in_tx([](db::Tx& tx) {
        jobs::NewJob job;
        job.kind = "checkout.refund";
        job.payload =
            tx.run_text("select payload::text as payload from jobs.job where kind = 'checkout.refund'").front().get<std::string>("payload");
        jobs::enqueue(tx, job);
    });
    world.work();
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'refund_issued'"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.refund"), 1);
}

TEST_F(RetryScenario, what_is_added_while_paying_stays_in_the_cart_and_the_hold_stays_with_the_payment) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto chair = stock_up(shop(), "CHAIR", 9900, 5);
    Shopper ana(shop());
    ana.add(lamp, 2);
    ana.fill_in("ana@example.test");
    const auto begun = ana.pay(kSecure);
    ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
    const auto held_until = world.count("select extract(epoch from min(expires_at))::bigint from inventory.hold");
    // In another tab the shopper goes on shopping, up to the checkout.
    ana.add(chair);
    ana.add(lamp);
    EXPECT_EQ(ana.post("/api/v1/checkout").status, 200);
    EXPECT_EQ(available(lamp), 3);
    EXPECT_EQ(available(chair), 5) << "the hold is for what is being paid for";
    EXPECT_GE(world.count("select extract(epoch from min(expires_at))::bigint from inventory.hold"), held_until);
    EXPECT_EQ(ana.put("/api/v1/checkout/contact", R"({"email":"ana@example.test"})").status, 200);
    EXPECT_GE(world.count("select extract(epoch from min(expires_at))::bigint from inventory.hold"), held_until);

    ASSERT_TRUE(answer_verification(world.outside, begun.body.text_or("redirect_url"), "accept"));
    EXPECT_EQ(ana.post(return_path(begun)).body.text_or("status"), "completed");
    EXPECT_EQ(world.count("select sum(quantity) from orders.line"), 2);
    const auto cart = ana.get("/api/v1/cart");
    EXPECT_EQ(*cart.body.find("item_count")->as_int(), 2) << cart.text;
    // The payment can still be asked for, and the rest is bought like anything else.
    EXPECT_EQ(ana.post(return_path(begun)).body.text_or("status"), "completed");
    EXPECT_EQ(ana.get("/api/v1/checkout").status, 404);
    ana.fill_in("ana@example.test");
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(orders_in("confirmed"), 2);
    EXPECT_EQ(available(lamp), 2);
    EXPECT_EQ(available(chair), 4);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RetryScenario, a_payment_that_arrives_and_a_retry_at_the_same_moment_wait_for_each_other) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 100);
    const auto deadlocks = [&] { return world.count("select deadlocks from pg_stat_database where datname = current_database()"); };
    const auto before = deadlocks();
    constexpr int kRounds = 12;
    for (int round = 0; round < kRounds; ++round) {
        Shopper ana(shop());
        ana.add(lamp);
        ana.fill_in("ana" + std::to_string(round) + "@example.test");
        const auto begun = ana.pay(kSecure);
        ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
        ASSERT_TRUE(answer_verification(world.outside, begun.body.text_or("redirect_url"), "accept"));
        std::latch start(3);
        std::vector<std::jthread> threads;
        threads.emplace_back([&, back = ana]() mutable {
            start.arrive_and_wait();
            EXPECT_EQ(back.post(return_path(begun)).status, 200);
        });
        threads.emplace_back([&, retry = ana]() mutable {
            start.arrive_and_wait();
            const auto answer = retry.get("/api/v1/checkout");
            if (answer.status == 200) (void)retry.post("/api/v1/checkout");
        });
        threads.emplace_back([&, retry = ana]() mutable {
            start.arrive_and_wait();
            const auto answer = retry.post(
                "/api/v1/checkout/complete",
                R"({"expected_total":{"amount":5390,"currency":"EUR"},"terms_accepted":true,"payment":{"method":"card","card":{"number":"4111111111111111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA"}}})",
                Uuid::v7().to_string());
            EXPECT_TRUE(answer.status == 200 || answer.status == 409 || answer.status == 404) << answer.text;
        });
    }
    world.work();
    EXPECT_EQ(deadlocks(), before);
    EXPECT_EQ(orders_in("confirmed"), kRounds);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RetryScenario, a_charge_is_recorded_also_when_the_key_was_taken_over_meanwhile) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    bool taken_over = false;
    checkout::set_step_hook([&](std::string_view step) {
        if (step != "3-after-provider" || taken_over) return;
        taken_over = true;
        shop().database.in_tx(
            [](db::Tx& tx) { tx.run_text("update http.idempotency set claim = gen_random_uuid() where status is null"); });
    });
    const auto paid = ana.pay("4111111111111111", "key-that-is-taken-over");
    checkout::set_step_hook(nullptr);
    EXPECT_TRUE(taken_over);
    EXPECT_EQ(paid.status, 200) << paid.text;
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(orders_in("confirmed"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.attempt where state = 'paid'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RetryScenario, a_tick_for_news_becomes_a_consent_when_the_order_is_confirmed) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("Ana@example.test");
    EXPECT_EQ(ana.put("/api/v1/checkout/contact", R"({"email":"Ana@example.test","accepts_marketing":true})").status, 200);
    EXPECT_EQ(ana.pay(kDeclined).body.text_or("status"), "declined");
    EXPECT_EQ(world.count("select count(*) from customers.guest_consent"), 0);
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(
        world.count("select count(*) from customers.guest_consent where email_key = 'ana@example.test' and kind = 'marketing_email' and "
                    "source = 'checkout' and text like 'Send me%'"),
        1);
    Shopper bob(shop());
    bob.add(lamp);
    bob.fill_in("bob@example.test");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.count("select count(*) from customers.guest_consent"), 1);
}

TEST(CheckoutLimits, one_address_cannot_try_cards_with_a_new_cart_for_each) {
    World world({}, 60, nullptr, {{"STOA_PAYMENTS_PER_ADDRESS", "3"}});
    const auto lamp = stock_up(*world.shop, "LAMP", 4900, 50);
    const auto try_card = [&](Shopper& who) {
        who.add(lamp);
        who.fill_in("someone@example.test");
        return who.pay(kDeclined);
    };
    for (int i = 0; i < 3; ++i) {
        Shopper who(*world.shop);
        EXPECT_EQ(try_card(who).body.text_or("status"), "declined");
    }
    Shopper tester(*world.shop);
    const auto refused = try_card(tester);
    EXPECT_EQ(refused.status, 429) << refused.text;
    EXPECT_EQ(refused.body.text_or("code"), "checkout.too_many_payments");
    EXPECT_NE(refused.header("retry-after"), "");
    EXPECT_EQ(world.count("select count(*) from payments.attempt"), 3);
    const auto call_until_refused = [&](const std::function<Answer()>& call) {
        for (int calls = 1; calls <= 40; ++calls) {
            if (const auto answer = call(); answer.status == 429) return calls;
        }
        return 0;
    };
    EXPECT_EQ(
        call_until_refused([&] { return tester.post("/api/v1/checkout/payments/" + payments::AttemptId::make().to_string() + "/return"); }),
        16);
    EXPECT_EQ(call_until_refused([&] { return tester.get("/api/v1/checkout/service-points?option_id=own:standard"); }), 16);
    // What it costs nothing to answer goes on.
    EXPECT_EQ(tester.get("/api/v1/checkout").status, 200);
}

}  // namespace
}  // namespace stoa::testing
