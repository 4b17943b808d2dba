// The payment life beyond a plain card: the second step, the hosted page, reservations, debits.
#include <thread>

#include "payment_scenario.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::testing {
namespace {

TEST_F(PaymentScenario, one_partial_refund_and_then_the_rest) {
    const auto attempt = begin(Method::card, amount(10000));
    EXPECT_EQ(apply(attempt, payments().send(attempt, data())), Change::became_paid);
    EXPECT_EQ(refund(attempt, 20000).error().code, "payments.refund_too_large");
    EXPECT_TRUE(refund(attempt, 2500));
    EXPECT_EQ(again(attempt).refunded.minor(), 2500);
    EXPECT_EQ(refund(attempt, 1000).error().code, "payments.refund_rest_only");
    EXPECT_TRUE(refund(attempt, 7500));
    EXPECT_EQ(again(attempt).refunded.minor(), 10000);
    EXPECT_EQ(refund(attempt, 1).error().code, "payments.refund_too_large");
    EXPECT_EQ(at_provider(), 0);
    EXPECT_EQ(reconcile(), 0);
}

TEST_F(PaymentScenario, a_refund_whose_answer_was_lost_is_looked_up_and_not_made_twice) {
    const auto attempt = begin(Method::card, amount(10000));
    apply(attempt, payments().send(attempt, data()));
    world.outside.fail_next("vendo", "error_after", 1, "/refund");
    EXPECT_TRUE(refund(attempt, 10000));
    EXPECT_EQ(again(attempt).refunded.minor(), 0);  // not known yet
    EXPECT_TRUE(refund(attempt, 10000));            // the same refund is finished
    EXPECT_EQ(again(attempt).refunded.minor(), 10000);
    EXPECT_EQ(world.outside.charges().front().refunded, 10000);
    EXPECT_EQ(world.count("select count(*) from payments.refund"), 1);
}

TEST_F(PaymentScenario, a_sepa_debit_is_tentative_and_a_wrong_iban_is_told) {
    const auto attempt = begin(Method::sepa, amount(5490));
    auto send = data();
    send.iban = "DE89 3704 0044 0532 0130 00";
    EXPECT_EQ(apply(attempt, payments().send(attempt, send)), Change::became_tentative);
    EXPECT_EQ(at_provider(), 0);
    const auto wrong = begin(Method::sepa, amount(5490));
    send.iban = "DE88 3704 0044 0532 0130 00";
    EXPECT_EQ(apply(wrong, payments().send(wrong, send)), Change::became_failed);
}

TEST_F(PaymentScenario, the_hosted_page_is_signed_and_its_payment_is_found_in_the_list) {
    EXPECT_EQ(payments().methods(amount(5490, "USD"), "DE"), (std::vector<Method>{Method::card, Method::hosted, Method::invoice}));
    for (const auto* currency : {"USD", "EUR", "GBP"}) {
        SCOPED_TRACE(currency);
        const auto attempt = begin(Method::hosted, amount(5490, currency));
        const auto redirect = payments().send(attempt, data());
        EXPECT_EQ(apply(attempt, redirect), Change::needs_redirect);
        http_client::Call call;
        call.url = redirect.redirect_url;
        const auto page = world.outside.client.send(call);
        ASSERT_TRUE(page);
        EXPECT_EQ(page->status, 200);
        EXPECT_THAT(page->body, ::testing::HasSubstr(std::string("Pay 54.90 ") + currency));
        call.url += "x";
        EXPECT_EQ(world.outside.client.send(call)->status, 403);
        EXPECT_EQ(payments().resolve(again(attempt)).kind, AttemptState::verification_pending);
        EXPECT_THAT(pay_on_page(redirect.redirect_url, currency),
                    ::testing::MatchesRegex("http://localhost/done\\?t=2400.....&r=" + attempt.reference));
        EXPECT_EQ(apply(attempt, payments().resolve(again(attempt))), Change::became_paid);
        EXPECT_TRUE(refund(attempt, 5490));
        EXPECT_EQ(again(attempt).refunded.minor(), 5490);
    }
    const auto late = begin(Method::hosted, amount(5490));
    const auto redirect = payments().send(late, data());
    EXPECT_EQ(apply(late, redirect), Change::needs_redirect);
    let_pass(std::chrono::hours{3});
    http_client::Call call;
    call.url = redirect.redirect_url;
    EXPECT_EQ(world.outside.client.send(call)->status, 403);  // the link has expired
    EXPECT_EQ(payments().resolve(again(late)).kind, AttemptState::expired);
}

TEST_F(PaymentScenario, every_currency_of_the_shop_can_be_paid) {
    for (const auto* currency : {"EUR", "GBP", "CHF"}) {
        for (const auto* country : {"DE", "GB", "CH", "IT"})
            EXPECT_FALSE(payments().methods(amount(100000, currency), country).empty()) << currency << country;
    }
    // An invoice is a loan, in every currency.
    for (const auto* currency : {"EUR", "GBP", "CHF", "USD"})
        EXPECT_THAT(payments().methods(amount(100001, currency), "CH"), ::testing::Not(::testing::Contains(Method::invoice))) << currency;
    EXPECT_THAT(payments().methods(amount(100000, "CHF"), "CH"), ::testing::ElementsAre(Method::invoice));
    EXPECT_THAT(payments().methods(amount(5490, "GBP"), "GB"), ::testing::ElementsAre(Method::card, Method::hosted));
}

// ---- the second step -----------------------------------------------------------------------------------------------------------
TEST_F(PaymentScenario, a_second_step_whose_answer_was_lost_is_not_paid_again_with_another_card) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    confirm_at_bank(begun);
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    always("down", "/reconciliation");
    EXPECT_EQ(back(ana, begun), "processing");
    EXPECT_EQ(charges_of_type(3), 1);
    EXPECT_EQ(ana.pay().body.text_or("code"), "checkout.payment_in_progress");
    EXPECT_EQ(back(ana, begun), "processing");  // asks the list, and does not call a second time
    never_mind();
    world.clock.advance(std::chrono::minutes{2});
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(charges_of_type(3), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_second_step_under_way_keeps_the_verification_from_being_given_up) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    confirm_at_bank(begun);
    sandbox::Fault slow;
    slow.provider = "vendo";
    slow.kind = "slow";
    slow.delay_ms = 700;
    slow.path = "/payment";
    world.outside.control.add_fault(slow);
    std::string returned;
    {
        const std::jthread tab([&] {
            Shopper same = ana;
            returned = back(same, begun);
        });
        for (int i = 0; i < 200 && !only_attempt().second_call_at; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{5});
        EXPECT_EQ(ana.pay().body.text_or("code"), "checkout.payment_in_progress");
    }
    EXPECT_EQ(returned, "completed");
    EXPECT_EQ(charges_of_type(3), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_verification_that_was_left_is_given_up_for_another_card) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    EXPECT_EQ(back(ana, begun), "redirect");  // asked, and certainly not charged
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    // The old tab comes back: nothing is charged for it any more.
    confirm_at_bank(begun);
    EXPECT_EQ(back(ana, begun), "completed");
    EXPECT_EQ(charges_of_type(3), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, who_leaves_a_payment_page_pays_in_another_way_at_once) {
    auto ana = buyer();
    for (const auto* method : {R"({"method":"hosted"})", R"({"method":"sepa","account_holder":"Ana Ruiz"})"}) {
        SCOPED_TRACE(method);
        const auto begun = ana.pay_with(method);
        ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
        EXPECT_EQ(back(ana, begun), "redirect");
    }
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(charges_of_type(3) + charges_of_type(11), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_page_that_is_paid_after_a_card_was_gives_the_money_back) {
    auto ana = buyer();
    const auto page = ana.pay_with(R"({"method":"hosted"})");
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    // It was open in another tab all the while.
    EXPECT_NE(pay_on_page(page.body.text_or("redirect_url"), "EUR"), "");
    (void)reconcile();
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(charges_of_type(11), 1);
    EXPECT_EQ(gone_back(11), 5390);
    EXPECT_EQ(gone_back(3), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_page_that_is_paid_while_a_card_is_at_the_bank_is_the_payment) {
    auto ana = buyer();
    const auto page = ana.pay_with(R"({"method":"hosted"})");
    const auto card = ana.pay("4000012892688323");
    ASSERT_EQ(card.body.text_or("status"), "redirect") << card.text;
    EXPECT_NE(pay_on_page(page.body.text_or("redirect_url"), "EUR"), "");
    (void)reconcile();
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    // The bank says yes, and nobody charges for it.
    confirm_at_bank(card);
    EXPECT_EQ(back(ana, card), "completed");
    world.work();
    EXPECT_EQ(charges_of_type(3), 0);
    EXPECT_EQ(charges_of_type(11), 1);
    EXPECT_EQ(world.disagreements(), "");
    // It is a payment of the order, and money can go back to it.
    EXPECT_EQ(world.count("select count(*) from payments.attempt where method = 'hosted' and state = 'paid' and captured = amount"), 1);
}

TEST_F(PaymentScenario, a_page_that_is_paid_while_a_card_is_being_charged_gives_the_money_back) {
    auto ana = buyer();
    const auto page = ana.pay_with(R"({"method":"hosted"})");
    const auto card = ana.pay("4000012892688323");
    confirm_at_bank(card);
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    always("down", "/reconciliation");
    EXPECT_EQ(back(ana, card), "processing");  // it may have charged
    never_mind();
    EXPECT_NE(pay_on_page(page.body.text_or("redirect_url"), "EUR"), "");
    (void)reconcile();
    world.clock.advance(std::chrono::minutes{2});
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(gone_back(11), 5390);
    EXPECT_EQ(gone_back(3), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, who_has_paid_on_a_page_does_not_pay_again) {
    auto ana = buyer();
    const auto page = ana.pay_with(R"({"method":"hosted"})");
    EXPECT_NE(pay_on_page(page.body.text_or("redirect_url"), "EUR"), "");
    // Without having been back: another tab, another way.
    const auto again = ana.pay();
    EXPECT_EQ(again.body.text_or("status"), "completed") << again.text;
    EXPECT_EQ(again.body.text_or("order_number"), page.body.text_or("order_number"));
    EXPECT_EQ(charges_of_type(3) + charges_of_type(11), 1);
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_page_takes_no_money_for_goods_that_are_no_longer_held) {
    auto ana = buyer();
    const auto page = ana.pay_with(R"({"method":"hosted"})");
    const auto url = page.body.text_or("redirect_url");
    const auto at = url.find("&expires=") + 9;
    const auto held = world.count("select floor(extract(epoch from hold_expires_at))::bigint from checkout.checkout");
    EXPECT_EQ(std::stoll(url.substr(at)), held);
    EXPECT_EQ(held - std::chrono::duration_cast<std::chrono::seconds>(world.clock.now().time_since_epoch()).count(), 30 * 60);
    const auto pass = [&](std::chrono::minutes time) {
        world.clock.advance(time);
        world.outside.control.seconds_ahead += std::chrono::seconds(time).count();
    };
    pass(std::chrono::minutes{31});
    EXPECT_EQ(pay_on_page(url, "EUR"), "") << "the link has expired";
    // What was paid in its last second is listed by then; the attempt is over, hours before it used to be.
    pass(std::chrono::minutes{35});
    world.work();
    EXPECT_EQ(only_attempt().state, AttemptState::expired);
}

TEST_F(PaymentScenario, a_second_step_that_the_provider_never_touched_can_be_made_again) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    confirm_at_bank(begun);
    world.outside.go_away();
    EXPECT_EQ(back(ana, begun), "redirect");
    EXPECT_EQ(only_attempt().state, AttemptState::verification_pending);
    EXPECT_FALSE(only_attempt().second_call_at);
    world.outside.come_back();
    for (const auto* code : {"101", "500"}) {
        world.outside.tell("/__sandbox/vendo", fmt::format(R"({{"refuse_next":{}}})", code));
        EXPECT_EQ(back(ana, begun), "redirect") << code;
    }
    EXPECT_EQ(back(ana, begun), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_second_step_refused_as_done_already_is_looked_up) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    confirm_at_bank(begun);
    world.outside.tell("/__sandbox/vendo", R"({"second_step_once":true})");
    // The charge of a program that left no trace.
    const auto attempt = only_attempt();
    (void)gateway("payment", fmt::format(R"("amount":{},"currency":"EUR","external_references":{{"transaction_reference":"{}"}},)"
                                         R"("payment_details":{{"verification_id":{}}},"request_details":{{"ip_address":"192.0.2.1"}})",
                                         attempt.amount.to_decimal(), attempt.reference, *attempt.verification_id));
    EXPECT_EQ(back(ana, begun), "completed");
    EXPECT_EQ(charges_of_type(3), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_second_step_that_was_lost_on_the_way_is_made_again_when_that_is_certain) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    confirm_at_bank(begun);
    world.outside.fail_next("vendo", "error_before", 1, "/payment");
    EXPECT_EQ(back(ana, begun), "processing");
    EXPECT_EQ(back(ana, begun), "processing");  // too early to call again
    EXPECT_EQ(charges_of_type(3), 0);
    // A refusal after an earlier call is compared with the list, and believed when the list knows nothing.
    world.clock.advance(std::chrono::minutes{4});
    world.outside.tell("/__sandbox/vendo", R"({"refuse_next":6999})");
    EXPECT_EQ(back(ana, begun), "processing");
    world.clock.advance(std::chrono::minutes{4});
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(charges_of_type(3), 1);
    EXPECT_EQ(world.disagreements(), "");

    auto bob = buyer("bob");
    const auto refused = bob.pay("4000012892688323");
    confirm_at_bank(refused);
    world.outside.fail_next("vendo", "error_before", 1, "/payment");
    EXPECT_EQ(back(bob, refused), "processing");
    world.clock.advance(std::chrono::minutes{4});
    world.outside.tell("/__sandbox/vendo", R"({"refuse_next":1306})");
    EXPECT_EQ(back(bob, refused), "declined");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
    EXPECT_EQ(world.disagreements(), "");
}

// ---- reservations ----------------------------------------------------------------------------------------------------------------
class ReservingScenario : public PaymentScenario {
protected:
    ReservingScenario() : PaymentScenario({{"STOA_VENDO_PREAUTHORISE", "1"}}) {}
};

TEST_F(ReservingScenario, a_reservation_is_captured_and_only_then_is_it_money) {
    const auto attempt = begin(Method::card, amount(5490));
    EXPECT_EQ(apply(attempt, payments().send(attempt, data())), Change::became_preauthorised);
    EXPECT_EQ(at_provider(), 0);
    const auto captured = payments().capture(again(attempt));
    EXPECT_EQ(captured.kind, AttemptState::paid) << captured.log;
    EXPECT_EQ(apply(attempt, captured), Change::settled);
    EXPECT_EQ(apply(attempt, captured), Change::none);
    EXPECT_EQ(at_provider(), 5490);
    EXPECT_EQ(payments().capture(again(attempt)).kind, AttemptState::paid);  // is what it is
    EXPECT_EQ(charges_of_type(71), 1);
    EXPECT_EQ(world.count("select count(*) from payments.attempt where capture_transaction_id > 240000000 and capture_request_id <> ''"),
              1);
}

TEST_F(ReservingScenario, checkout_reserves_and_the_capture_pays_the_same_order) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(orders_with("confirmed", "authorized"), 1);
    EXPECT_EQ(at_provider(), 0);
    const auto attempt = only_attempt();
    world.shop->checkout->settle(attempt.id, payments().capture(attempt));
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    world.shop->checkout->settle(attempt.id, payments().capture(attempt));
    world.work();
    EXPECT_EQ(world.count("select count(*) from payments.refund"), 0);  // it is no second payment
    EXPECT_EQ(world.count("select count(*) from ledger.posting where kind = 'capture'"), 1);
    EXPECT_EQ(on_timeline("payment_paid"), 1);
    EXPECT_EQ(reconcile(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReservingScenario, a_capture_whose_answer_was_lost_is_looked_up_before_it_is_repeated) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    const auto attempt = only_attempt();
    world.outside.fail_next("vendo", "error_after", 1, "/capture");
    always("down", "/reconciliation");
    EXPECT_EQ(payments().capture(attempt).kind, AttemptState::unknown);
    EXPECT_EQ(payments().capture(attempt).kind, AttemptState::unknown);
    never_mind();
    const auto captures = [&] {
        std::int64_t out = 0;
        for (const auto& call : world.outside.control.calls()) out += call.path.ends_with("/capture") ? 1 : 0;
        return out;
    };
    const auto found = payments().capture(attempt);
    EXPECT_EQ(found.kind, AttemptState::paid) << found.log;
    EXPECT_EQ(captures(), 0);
    world.shop->checkout->settle(attempt.id, found);
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);

    // One that never arrived is made again, but not before that is certain.
    auto bob = buyer("bob");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
    const auto id = world.shop->database.read([&](db::Session& session) {
        return session.run_text("select id from payments.attempt where state = 'preauthorised'").front().get<payments::AttemptId>("id");
    });
    const auto reserved = world.shop->database.read([&](db::Session& session) { return payments().find(session, id); }).value();
    world.outside.fail_next("vendo", "error_before", 1, "/capture");
    EXPECT_EQ(payments().capture(reserved).kind, AttemptState::unknown);
    EXPECT_EQ(payments().capture(reserved).kind, AttemptState::unknown);
    EXPECT_EQ(captures(), 1);
    world.clock.advance(std::chrono::minutes{4});
    world.shop->checkout->settle(id, payments().capture(reserved));
    EXPECT_EQ(captures(), 2);
    EXPECT_EQ(orders_with("confirmed", "paid"), 2);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReservingScenario, reservations_that_nobody_captures_raise_the_alarm) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    EXPECT_EQ(payments().watch_reservations(), 0);
    let_pass(std::chrono::hours{24 * 4 + 1});
    EXPECT_EQ(payments().watch_reservations(), 1);
    EXPECT_THAT(metrics::exposition(), ::testing::HasSubstr("stoa_payments_old_reservations 1"));
    let_pass(std::chrono::hours{24 * 4});  // it has lapsed, and nobody can do anything about it
    EXPECT_EQ(payments().watch_reservations(), 0);
}

// ---- debits ----------------------------------------------------------------------------------------------------------------------
TEST_F(PaymentScenario, a_debit_becomes_money_after_the_days_it_may_come_back) {
    auto ana = buyer();
    const auto wrong = ana.pay_with(R"({"method":"sepa","iban":"DE88 3704 0044 0532 0130 00","account_holder":"Ana Ruiz"})");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(wrong.text, ::testing::HasSubstr("/payment/iban"));
    EXPECT_EQ(world.count("select count(*) from payments.attempt"), 0);
    EXPECT_EQ(ana.pay_with(std::string(kDebit)).body.text_or("status"), "completed");
    EXPECT_EQ(orders_with("confirmed", "authorized"), 1);
    for (int day = 1; day <= 2; ++day) {
        let_pass(std::chrono::hours{24});
        world.work();
        EXPECT_EQ(orders_with("confirmed", "authorized"), 1) << day;
        EXPECT_EQ(at_provider(), 0);
    }
    let_pass(std::chrono::hours{25});
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    const auto attempt = only_attempt();
    EXPECT_EQ(attempt.state, AttemptState::paid);
    EXPECT_EQ(at_provider(), attempt.amount.minor());
    EXPECT_EQ(world.count("select count(*) from payments.refund"), 0);
    EXPECT_EQ(world.count("select count(*) from payments.discrepancy"), 0);
    EXPECT_EQ(world.disagreements(), "");
    EXPECT_TRUE(refund(attempt, attempt.amount.minor()));
    EXPECT_EQ(again(attempt).refunded, attempt.amount);
    EXPECT_EQ(at_provider(), 0);
}

TEST_F(PaymentScenario, a_debit_that_comes_back_is_a_case_and_no_money) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay_with(std::string(kDebit)).body.text_or("status"), "completed");
    const auto attempt = only_attempt();
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", attempt.reference));
    EXPECT_EQ(notify("callback=transaction&transaction_type=20&is_test=1&merchant_reference=" + attempt.reference), 200);
    world.work();
    EXPECT_EQ(orders_with("confirmed", "failed"), 1);
    EXPECT_EQ(only_attempt().state, AttemptState::declined);
    EXPECT_EQ(cases("debit_returned"), 1);
    EXPECT_EQ(at_provider(), 0);
    let_pass(std::chrono::hours{24 * 4});
    world.work();
    EXPECT_EQ(orders_with("confirmed", "failed"), 1);
    EXPECT_EQ(at_provider(), 0);
    // Found without a notification as well.
    auto bob = buyer("bob");
    EXPECT_EQ(bob.pay_with(std::string(kDebit)).body.text_or("status"), "completed");
    (void)world.outside.tell("/__sandbox/vendo/chargeback",
                             fmt::format(R"({{"reference":"{}"}})", world.outside.charges().back().reference));
    let_pass(std::chrono::hours{25});
    world.work();
    EXPECT_EQ(orders_with("confirmed", "failed"), 2);
}

TEST_F(PaymentScenario, a_debit_that_comes_back_is_one_case_whoever_hears_of_it_first) {
    const auto all_cases = [&] { return world.count("select count(*) from payments.discrepancy"); };
    std::int64_t known = 0;
    for (const std::string first : {"the nightly comparison", "the notification", "the sweep"}) {
        for (const int days : {0, 2}) {
            SCOPED_TRACE(first + " after days: " + std::to_string(days));
            const auto email = "ana" + std::to_string(++known);
            auto ana = buyer(email);
            EXPECT_EQ(ana.pay_with(std::string(kDebit)).body.text_or("status"), "completed");
            const auto reference = world.outside.charges().back().reference;
            let_pass(std::chrono::hours{24 * days + 1});
            (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", reference));
            const auto tell = [&] {
                EXPECT_EQ(notify("callback=transaction&transaction_type=20&is_test=1&merchant_reference=" + reference), 200);
                world.work();
            };
            // Each night looks at the day before, in a window of a day more on both sides.
            const auto nights = [&] {
                for (int night = 0; night < 6; ++night) {
                    (void)reconcile();
                    EXPECT_EQ(all_cases(), known);
                    let_pass(std::chrono::hours{24});
                }
            };
            if (first == "the nightly comparison") (void)reconcile();
            if (first != "the sweep") tell();
            EXPECT_TRUE(first == "the sweep" || all_cases() == known) << all_cases();
            world.work();
            nights();
            if (first == "the sweep") tell();
            nights();
            EXPECT_EQ(all_cases(), known);
            EXPECT_EQ(cases("debit_returned"), known);
            EXPECT_EQ(orders_with("confirmed", "failed"), known);
            EXPECT_EQ(at_provider(), 0);
        }
    }
    EXPECT_EQ(world.count("select count(*) from payments.attempt where captured <> 0 or refunded <> 0 or state <> 'declined'"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, only_a_card_is_kept_for_later) {
    payments::NewAttempt wanted;
    wanted.payable = Uuid::v7();
    wanted.reference = "S-77";
    wanted.amount = amount(5490);
    wanted.method = Method::sepa;
    wanted.save_method = true;
    wanted.customer = Uuid::v7();
    const auto attempt = world.shop->database.in_tx([&](db::Tx& tx) { return payments().create(tx, wanted); }).value();
    EXPECT_FALSE(attempt.save_method);
    auto send = data();
    send.iban = "DE89370400440532013000";
    EXPECT_EQ(apply(attempt, payments().send(attempt, send)), Change::became_tentative);
    EXPECT_TRUE(
        world.shop->database.read([&](db::Session& session) { return payments().stored_methods(session, *wanted.customer); }).empty());
}

}  // namespace
}  // namespace stoa::testing
