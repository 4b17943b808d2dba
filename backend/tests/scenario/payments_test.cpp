// The payment life beyond a plain card: reservations, debits, the hosted page, refunds, the provider's list.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "payment_page.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/metrics/metrics.hpp"
#include "world.hpp"

namespace stoa::testing {
namespace {

using payments::AttemptState;
using payments::Change;
using payments::Method;

class PaymentScenario : public ::testing::Test {
protected:
    explicit PaymentScenario(const std::map<std::string, std::string>& settings = {}) : world({}, 60, nullptr, settings) {}
    World world;
    payments::Payments& payments() { return *world.shop->payments; }
    Money amount(std::int64_t minor, std::string_view currency = "EUR") { return {minor, Currency::of(currency)}; }

    payments::Attempt begin(Method method, Money money) {
        payments::NewAttempt wanted;
        wanted.payable = Uuid::v7();
        wanted.reference = "S-" + std::to_string(++number_);
        wanted.amount = money;
        wanted.method = method;
        return world.shop->database.in_tx([&](db::Tx& tx) { return payments().create(tx, wanted); }).value();
    }
    payments::SendData data() {
        payments::SendData out;
        out.card = payments::CardData{"4111111111111111", "05", "2031", "123", "ANA RUIZ"};
        out.payer = {"Ana", "Ruiz", "ana" + std::to_string(number_) + "@example.test", "en", "DE", "Torstr. 1", "Berlin", "", "10115", ""};
        out.ip_address = "203.0.113.9";
        out.return_url = "http://localhost:8000/en/checkout/return?attempt=x";
        return out;
    }
    Change apply(const payments::Attempt& attempt, const payments::Outcome& outcome) {
        return world.shop->database.in_tx([&](db::Tx& tx) { return payments().apply(tx, attempt.id, outcome); });
    }
    payments::Attempt again(const payments::Attempt& attempt) {
        return world.shop->database.read([&](db::Session& session) { return payments().find(session, attempt.id); }).value();
    }
    Result<payments::Payments::Refund> refund(const payments::Attempt& attempt, std::int64_t minor) {
        auto created = world.shop->database.in_tx(
            [&](db::Tx& tx) { return payments().create_refund(tx, attempt.id, Money(minor, attempt.amount.currency()), "test"); });
        if (!created) return created;
        const auto outcome = payments().send_refund(*created, again(attempt));
        world.shop->database.in_tx([&](db::Tx& tx) { payments().apply_refund(tx, created->id, outcome); });
        return created;
    }
    // Both clocks: the provider's list has no days that are still to come.
    void let_pass(std::chrono::hours time) {
        world.clock.advance(time);
        world.outside.control.advance(time.count());
    }
    void always(std::string kind, std::string path) { world.outside.fail_next("vendo", std::move(kind), -1, std::move(path)); }
    void never_mind() { world.outside.control.forget_faults(); }
    // A shopper in front of the payment of one lamp.
    Shopper buyer(const std::string& name = "ana") {
        Shopper who(*world.shop);
        who.add(stock_up(*world.shop, "LAMP", 4900, 100));
        who.fill_in(name + "@example.test");
        return who;
    }
    // What the shopper does on the page of the bank.
    void confirm_at_bank(const Answer& begun) {
        ASSERT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
        const std::string url = begun.body.text_or("redirect_url");
        http_client::Call call;
        call.method = "POST";
        call.url = world.outside.url() + "/vendo/v/verification";
        call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        call.body = url.substr(url.find('?') + 1) + "&answer=accept";
        const auto answer = world.outside.client.send(call);
        ASSERT_TRUE(answer && answer->status == 302);
    }
    std::string pay_on_page(const std::string& url, std::string_view currency) {
        return testing::pay_on_page(world.outside, url, currency);
    }
    static std::string back(Shopper& who, const Answer& begun) {
        return who.post("/api/v1/checkout/payments/" + begun.body.text_or("attempt_id") + "/return").body.text_or("status");
    }
    int notify(std::string body) {
        Shopper vendo(*world.shop);
        return vendo
            .send(http::Method::post, "/hooks/vendo/" + payments::hook_token(world.shop->config.secret_key), std::move(body), {},
                  {{"content-type", "application/x-www-form-urlencoded"}, {"origin", ""}, {"sec-fetch-site", ""}})
            .status;
    }
    payments::Attempt only_attempt() {
        return world.shop->database.read([&](db::Session& session) {
            const auto rows = session.run_text("select id from payments.attempt");
            EXPECT_EQ(rows.size(), 1U);
            return payments().find(session, rows.front().get<payments::AttemptId>("id")).value();
        });
    }
    std::int64_t orders_with(std::string_view state, std::string_view payment) {
        return world.count(fmt::format("select count(*) from orders.orders where state = '{}' and payment_state = '{}'", state, payment));
    }
    std::int64_t cases(std::string_view kind) {
        return world.count(fmt::format("select count(*) from payments.discrepancy where kind = '{}'", kind));
    }
    std::int64_t on_timeline(std::string_view kind) {
        return world.count(fmt::format("select count(*) from orders.timeline where kind = '{}'", kind));
    }
    std::int64_t charges_of_type(int type) {
        std::int64_t out = 0;
        for (const auto& charge : world.outside.charges()) out += charge.type == type ? 1 : 0;
        return out;
    }
    std::int64_t gone_back(int type) {
        std::int64_t out = 0;
        for (const auto& charge : world.outside.charges()) out += charge.type == type ? charge.refunded : 0;
        return out;
    }
    int reconcile() { return world.shop->checkout->reconcile(date_of(world.clock.now())); }
    // A call to the gateway that is not ours: the provider's back office, or another program with our secret.
    json::Value gateway(const std::string& path, const std::string& members) {
        return world.outside.tell(
            "/vendo/api/gateway/" + path,
            R"({"api_secret":"sandbox-api-secret","is_test":1,"merchant_id":1234567,"site_id":12345,)" + members + "}");
    }
    std::int64_t at_provider() {
        return world.count(
            "select coalesce(sum(e.amount), 0)::bigint from ledger.entry e join ledger.account a on a.id = e.account_id where a.code = "
            "'asset:provider:vendo'");
    }
    int number_ = 500000;
};

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
constexpr std::string_view kDebit = R"({"method":"sepa","iban":"DE89 3704 0044 0532 0130 00","account_holder":"Ana Ruiz"})";

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
