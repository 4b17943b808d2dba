// What comes of payments later: refunds, the sweep, refusals, and the provider's list.
#include "payment_scenario.hpp"
#include "stoa/jobs/jobs.hpp"

namespace stoa::testing {
namespace {

// ---- refunds ---------------------------------------------------------------------------------------------------------------------
TEST_F(PaymentScenario, the_second_of_two_equal_refunds_is_not_taken_for_the_first) {
    const auto attempt = begin(Method::card, amount(10000));
    apply(attempt, payments().send(attempt, data()));
    EXPECT_TRUE(refund(attempt, 5000));
    world.outside.fail_next("vendo", "error_before", 1, "/refund");
    EXPECT_TRUE(refund(attempt, 5000));
    EXPECT_TRUE(refund(attempt, 5000));  // the list has only the first one, and it is too early to call again
    EXPECT_EQ(again(attempt).refunded.minor(), 5000);
    world.clock.advance(std::chrono::minutes{4});
    EXPECT_TRUE(refund(attempt, 5000));
    EXPECT_EQ(again(attempt).refunded.minor(), 10000);
    EXPECT_EQ(world.outside.charges().front().refunded, 10000);
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'done'"), 2);
}

TEST_F(PaymentScenario, a_refund_months_later_is_looked_up_on_its_own_day) {
    const auto attempt = begin(Method::card, amount(10000));
    apply(attempt, payments().send(attempt, data()));
    let_pass(std::chrono::hours{24 * 70});
    world.outside.fail_next("vendo", "error_after", 1, "/refund");
    EXPECT_TRUE(refund(attempt, 10000));
    EXPECT_EQ(again(attempt).refunded.minor(), 0);
    EXPECT_TRUE(refund(attempt, 10000));
    EXPECT_EQ(again(attempt).refunded.minor(), 10000);
}

TEST_F(PaymentScenario, a_refund_job_that_runs_again_finds_its_work_done) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    const auto attempt = only_attempt();
    EXPECT_TRUE(refund(attempt, 1000));  // a part went back before
    const auto enqueue = [&] {
        world.shop->database.in_tx([&](db::Tx& tx) {
            jobs::NewJob job;
            job.kind = "checkout.refund";
            job.payload = fmt::format(R"({{"attempt_id":"{}"}})", attempt.id.to_string());
            jobs::enqueue(tx, job);
        });
        world.work();
    };
    enqueue();
    EXPECT_EQ(only_attempt().refunded, attempt.amount);
    EXPECT_EQ(orders_with("confirmed", "refunded"), 1);
    enqueue();
    EXPECT_EQ(world.count("select count(*) from jobs.job where kind = 'checkout.refund' and state = 'done'"), 2);
    EXPECT_EQ(world.count("select count(*) from payments.refund"), 2);
    EXPECT_EQ(world.disagreements(), "");
}

// ---- the sweep -------------------------------------------------------------------------------------------------------------------
TEST_F(PaymentScenario, a_sweep_fetches_one_list_and_survives_what_cannot_be_settled) {
    const auto orphan = begin(Method::card, amount(5490));  // of no order: settling it throws
    (void)payments().send(orphan, data());
    world.clock.advance(std::chrono::seconds{1});
    for (const auto* name : {"ana", "bob"}) {
        auto who = buyer(name);
        world.outside.fail_next("vendo", "error_after", 1, "/payment");
        EXPECT_EQ(who.pay().body.text_or("status"), "processing");
    }
    const auto lists = [&] {
        std::int64_t out = 0;
        for (const auto& call : world.outside.control.calls()) out += call.path.ends_with("/reconciliation") ? 1 : 0;
        return out;
    };
    EXPECT_EQ(lists(), 0);
    world.clock.advance(std::chrono::seconds{90});
    world.work();
    EXPECT_EQ(lists(), 1);
    EXPECT_EQ(orders_with("confirmed", "paid"), 2);
    EXPECT_EQ(world.count("select checks from payments.attempt where reference = '" + orphan.reference + "'"), 1);
}

TEST_F(PaymentScenario, what_has_no_end_is_looked_at_less_and_less_often) {
    auto ana = buyer();
    always("down", "");
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    for (int i = 0; i < 24 * 6; ++i) {
        world.clock.advance(std::chrono::minutes{10});
        (void)payments().sweep(10, [](const payments::Attempt&, const payments::Outcome&) {});
    }
    // 1, 5, 15, 60, 180 minutes, then after 1, 2, 4, 8 and more hours.
    const auto checks = world.count("select checks from payments.attempt");
    EXPECT_GE(checks, 8);
    EXPECT_LE(checks, 10);
}

TEST_F(PaymentScenario, notifications_of_the_other_mode_are_left_alone) {
    auto ana = buyer();
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    const auto reference = only_attempt().reference;
    EXPECT_EQ(notify("callback=transaction&transaction_type=3&is_test=0&merchant_reference=" + reference), 200);
    world.work();
    EXPECT_EQ(orders_with("pending_payment", "pending"), 1);
    EXPECT_EQ(notify("callback=transaction&transaction_type=3&is_test=1&merchant_reference=" + reference), 200);
    world.work();
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
}

TEST_F(PaymentScenario, the_rate_limit_counts_all_processes_and_holds_without_redis) {
    auto& shop = *world.shop;
    auto vendo = shop.config.vendo;
    vendo.calls_per_5_minutes = 3;
    const auto outcomes = [&](redis::Redis& redis) {
        int made = 0;
        const auto one =
            payments::make_payments({shop.database, shop.clock, shop.client, redis, *shop.ledger, vendo, shop.config.secret_key, ""});
        const auto two =
            payments::make_payments({shop.database, shop.clock, shop.client, redis, *shop.ledger, vendo, shop.config.secret_key, ""});
        for (int i = 0; i < 6; ++i) {
            const auto attempt = begin(Method::card, amount(5490));
            const auto outcome = (i % 2 ? one : two)->send(attempt, data());
            made += outcome.kind == AttemptState::paid ? 1 : 0;
            if (outcome.kind != AttemptState::paid) {
                EXPECT_TRUE(outcome.untouched);
                EXPECT_EQ(outcome.decline, payments::Decline::try_later);
            }
        }
        return made;
    };
    shop.redis.erase("bucket:vendo-calls");
    EXPECT_EQ(outcomes(shop.redis), 3);
    shop.redis.erase("bucket:vendo-calls");
    redis::Redis gone("redis://127.0.0.1:1/0");
    EXPECT_EQ(outcomes(gone), 3);
}

// ---- refusals --------------------------------------------------------------------------------------------------------------------
TEST_F(PaymentScenario, a_method_that_the_provider_does_not_take_is_not_offered_for_the_order_again) {
    auto ana = buyer();
    world.outside.tell("/__sandbox/vendo", R"({"refuse_next":1101})");
    EXPECT_EQ(ana.pay().body.at("decline", "code")->text(), "payments.declined_other_method");
    EXPECT_THAT(ana.get("/api/v1/checkout/payment-methods").text, ::testing::Not(::testing::HasSubstr(R"("method":"card")")));
    EXPECT_EQ(ana.pay().status, 422);
    EXPECT_EQ(ana.pay_with(std::string(kDebit)).body.text_or("status"), "completed");
    auto bob = buyer("bob");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
}

TEST_F(PaymentScenario, suspected_fraud_is_flagged_on_the_order) {
    auto ana = buyer();
    for (const auto* code : {"300", "301", "501", "507"}) {
        world.outside.tell("/__sandbox/vendo", fmt::format(R"({{"refuse_next":{}}})", code));
        EXPECT_EQ(ana.pay().body.at("decline", "code")->text(), "payments.declined_security");
    }
    EXPECT_EQ(on_timeline("payment_suspected"), 4);
    EXPECT_EQ(ana.pay("4000000000000002").body.at("decline", "code")->text(), "payments.declined_by_bank");
    EXPECT_EQ(on_timeline("payment_suspected"), 4);
}

TEST_F(PaymentScenario, a_second_step_days_later_is_looked_up_on_its_own_day) {
    auto ana = buyer();
    const auto begun = ana.pay("4000012892688323");
    confirm_at_bank(begun);
    let_pass(std::chrono::hours{24 * 3});  // nobody looked meanwhile
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    always("down", "/reconciliation");
    EXPECT_EQ(back(ana, begun), "processing");
    EXPECT_EQ(charges_of_type(3), 1);
    never_mind();
    world.clock.advance(std::chrono::minutes{4});
    // Were it not found, the step would be made again.
    always("down", "/payment");
    EXPECT_EQ(back(ana, begun), "completed");
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, another_amount_than_was_asked_for_ends_the_payment_and_is_a_case) {
    const auto grow = [&](const payments::Attempt& attempt) {
        world.shop->database.in_tx([&](db::Tx& tx) {
            tx.run_text("update payments.attempt set amount = amount * 2 where reference = '" + attempt.reference + "'");
        });
    };
    const auto page = begin(Method::hosted, amount(5490));
    const auto redirect = payments().send(page, data());
    EXPECT_EQ(apply(page, redirect), Change::needs_redirect);
    pay_on_page(redirect.redirect_url, "EUR");
    grow(page);
    const auto card = begin(Method::card, amount(5490));
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    EXPECT_EQ(apply(card, payments().send(card, data())), Change::became_unknown);
    grow(card);
    for (const auto& attempt : {page, card}) {
        SCOPED_TRACE(attempt.reference);
        const auto outcome = payments().resolve(again(attempt));
        EXPECT_EQ(outcome.kind, AttemptState::failed);
        EXPECT_EQ(apply(attempt, outcome), Change::became_failed);
        EXPECT_TRUE(again(attempt).transaction_id);
        EXPECT_TRUE(again(attempt).captured.is_zero());
    }
    EXPECT_EQ(at_provider(), 0);
    EXPECT_EQ(reconcile(), 2);
    EXPECT_EQ(cases("amount_differs"), 2);
}

TEST_F(PaymentScenario, of_two_workers_with_one_unanswered_refund_one_sends_it_again) {
    const auto attempt = begin(Method::card, amount(10000));
    apply(attempt, payments().send(attempt, data()));
    const auto unanswered = [&] {
        return world.shop->database.in_tx([&](db::Tx& tx) { return payments().create_refund(tx, attempt.id, attempt.amount, "test"); })
            .value();
    };
    (void)unanswered();  // its worker died
    world.clock.advance(std::chrono::minutes{4});
    const auto first = unanswered(), second = unanswered();
    world.outside.fail_next("vendo", "error_before", 1, "/refund");
    EXPECT_EQ(payments().send_refund(first, again(attempt)).kind, AttemptState::unknown);
    EXPECT_EQ(payments().send_refund(second, again(attempt)).kind, AttemptState::unknown);
    EXPECT_EQ(world.outside.charges().front().refunded, 0);
    // Of two answers to one refund the money counts, whichever is recorded first.
    payments::Outcome refused, done;
    refused.kind = AttemptState::failed;
    done.kind = AttemptState::paid;
    for (const auto& outcome : {refused, done, refused, done})
        world.shop->database.in_tx([&](db::Tx& tx) { payments().apply_refund(tx, first.id, outcome); });
    EXPECT_EQ(again(attempt).refunded, attempt.amount);
    EXPECT_EQ(at_provider(), 0);
}

TEST_F(PaymentScenario, card_data_beside_another_method_mean_nothing) {
    constexpr std::string_view kStranger = R"("stored_card_id":"pm_01h2xcejqtf2nbrexx3vqjhp41")";
    constexpr std::string_view kCard =
        R"("card":{"number":"4111111111111111","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"})";
    auto ana = buyer();
    const auto by_card = ana.pay_with(fmt::format(R"({{"method":"card",{},{}}})", kStranger, kCard));
    EXPECT_EQ(by_card.body.text_or("status"), "completed") << by_card.text;
    auto bob = buyer("bob");
    const auto by_debit = bob.pay_with(
        fmt::format(R"({{"method":"sepa","iban":"DE89 3704 0044 0532 0130 00","account_holder":"Ana Ruiz",{},{}}})", kStranger, kCard));
    EXPECT_EQ(by_debit.body.text_or("status"), "completed") << by_debit.text;
    EXPECT_EQ(world.count("select count(*) from payments.attempt where stored_method_id is null"), 2);
    EXPECT_EQ(world.count("select count(*) from payments.attempt where method = 'sepa' and label = ''"), 1);
}

// ---- the provider's list ---------------------------------------------------------------------------------------------------------
TEST_F(PaymentScenario, reconciliation_books_what_it_finds_and_pays_back_what_nobody_waits_for) {
    auto ana = buyer();
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    // As if the list had been wrong for long enough: closed here, charged there.
    const auto lost = only_attempt();
    world.shop->database.in_tx([&](db::Tx& tx) {
        tx.run_text("update payments.attempt set state = 'failed'");
        auto order = world.shop->orders->lock(tx, orders::OrderId(lost.payable));
        world.shop->inventory->release(tx, *order->checkout_id);
        ASSERT_TRUE(world.shop->orders->cancel(tx, *order, "staff"));
    });
    EXPECT_EQ(reconcile(), 1);
    EXPECT_EQ(cases("payment_not_booked"), 1);
    world.work();
    EXPECT_EQ(only_attempt().refunded, lost.amount);
    EXPECT_EQ(world.outside.charges().front().refunded, lost.amount.minor());
    EXPECT_EQ(reconcile(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_card_that_was_charged_after_all_goes_back_and_leaves_the_invoice_as_it_is) {
    auto ana = buyer();
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    world.shop->database.in_tx([](db::Tx& tx) { tx.run_text("update payments.attempt set state = 'failed'"); });
    EXPECT_EQ(ana.pay_with(R"({"method":"invoice"})").body.text_or("status"), "completed");
    EXPECT_EQ(orders_with("confirmed", "awaiting_invoice"), 1);
    EXPECT_EQ(reconcile(), 1);
    world.work();
    EXPECT_EQ(world.outside.charges().front().refunded, world.outside.charges().front().amount);
    EXPECT_EQ(orders_with("confirmed", "awaiting_invoice"), 1);
    EXPECT_EQ(at_provider(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, what_cannot_be_booked_does_not_keep_the_rest_of_the_day_waiting) {
    const auto orphan = begin(Method::card, amount(5490));  // of no order: settling it throws
    (void)payments().send(orphan, data());
    auto ana = buyer();
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    world.shop->database.in_tx([](db::Tx& tx) { tx.run_text("update payments.attempt set state = 'failed'"); });
    EXPECT_THROW((void)reconcile(), std::logic_error);
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
}

TEST_F(PaymentScenario, a_second_charge_under_one_reference_goes_back) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    const auto attempt = only_attempt();
    const auto twin = gateway(
        "payment",
        fmt::format(
            R"("amount":{},"currency":"EUR","external_references":{{"transaction_reference":"{}"}},"request_details":{{"ip_address":"192.0.2.1"}},)"
            R"("payment_details":{{"payment_method":"card","card_number":"4111111111111111","expiration_month":"05","expiration_year":"2031","name_on_card":"A"}},)"
            R"("customer_details":{{"first_name":"A","last_name":"R","email":"a@example.test","language":"en","country":"DE"}})",
            attempt.amount.to_decimal(), attempt.reference));
    ASSERT_EQ(twin.int_or("status"), 1);
    EXPECT_EQ(reconcile(), 1);
    EXPECT_EQ(cases("charged_twice"), 1);
    world.work();
    EXPECT_EQ(world.outside.charges()[1].refunded, attempt.amount.minor());
    EXPECT_EQ(world.outside.charges()[0].refunded, 0);
    EXPECT_EQ(orders_with("confirmed", "paid"), 1);
    EXPECT_EQ(reconcile(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, refunds_made_elsewhere_and_chargebacks_are_booked_and_kept_as_cases) {
    for (const auto* name : {"ana", "bob", "eve"}) {
        auto who = buyer(name);
        EXPECT_EQ(who.pay().body.text_or("status"), "completed");
    }
    const auto charges = world.outside.charges();
    const auto transaction = [&](std::size_t i) {
        return world.count("select transaction_id from payments.attempt where reference = '" + charges[i].reference + "'");
    };
    // In the provider's back office: one partial refund.
    EXPECT_EQ(
        gateway("refund", fmt::format(R"("transaction_id":{},"partial_amount":10.00,"currency":"EUR")", transaction(0))).int_or("status"),
        1);
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}","type":20}})", charges[1].reference));
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}","type":32}})", charges[2].reference));
    // The first is told by a notification, the others by the list.
    EXPECT_EQ(notify("callback=transaction&transaction_type=31&is_test=1&merchant_reference=" + charges[0].reference), 200);
    world.work();
    EXPECT_EQ(cases("refund_made_elsewhere"), 1);
    EXPECT_EQ(reconcile(), 0);  // the notification of one made us look at all
    EXPECT_EQ(cases("chargeback"), 2);
    EXPECT_EQ(orders_with("confirmed", "partially_refunded"), 1);
    EXPECT_EQ(on_timeline("refunded"), 1);
    EXPECT_EQ(on_timeline("chargeback"), 2);
    EXPECT_EQ(orders_with("confirmed", "failed"), 2);
    EXPECT_EQ(at_provider(), charges[0].amount - 1000);
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'done'"), 3);
    // The rest can still be refunded, and no more.
    const auto rest =
        world.shop->database.read([&](db::Session& session) { return payments().find_by_reference(session, charges[0].reference); });
    EXPECT_TRUE(refund(*rest, charges[0].amount - 1000));
    EXPECT_EQ(at_provider(), 0);
    EXPECT_EQ(reconcile(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, a_refund_of_ours_without_an_answer_is_no_foreign_one) {
    auto ana = buyer();
    EXPECT_EQ(ana.pay().body.text_or("status"), "completed");
    const auto attempt = only_attempt();
    world.outside.fail_next("vendo", "error_after", 1, "/refund");
    EXPECT_TRUE(refund(attempt, attempt.amount.minor()));
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'unknown'"), 1);
    EXPECT_EQ(reconcile(), 0);
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'done'"), 1);
    EXPECT_EQ(only_attempt().refunded, attempt.amount);
    EXPECT_EQ(world.count("select count(*) from payments.discrepancy"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentScenario, reconciliation_opens_one_case_for_each_difference) {
    for (const auto* name : {"ana", "bob"}) {
        auto who = buyer(name);
        EXPECT_EQ(who.pay().body.text_or("status"), "completed");
    }
    EXPECT_EQ(reconcile(), 0);
    const auto charges = world.outside.charges();
    world.shop->database.in_tx([&](db::Tx& tx) {
        tx.run_text("update payments.attempt set amount = amount + 1 where reference = '" + charges[0].reference + "'");
        tx.run_text("update payments.attempt set reference = 'S-1-a1', transaction_id = 1 where reference = '" + charges[1].reference +
                    "'");
    });
    EXPECT_EQ(reconcile(), 2);
    EXPECT_EQ(reconcile(), 0);  // known already
    EXPECT_EQ(cases("amount_differs"), 1);
    EXPECT_EQ(cases("payment_missing_at_provider"), 1);
}

}  // namespace
}  // namespace stoa::testing
