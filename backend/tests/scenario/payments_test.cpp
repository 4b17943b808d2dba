// The payment life beyond a plain card: reservations, debits, the hosted page, refunds, the provider's list.
#include <gtest/gtest.h>

#include "world.hpp"

namespace stoa::testing {
namespace {

using payments::AttemptState;
using payments::Change;
using payments::Method;

class PaymentScenario : public ::testing::Test {
protected:
    World world;
    payments::Payments& payments() { return *world.shop->payments; }
    Money amount(std::int64_t minor, std::string_view currency = "EUR") { return {minor, Currency::of(currency)}; }

    payments::Attempt begin(Method method, Money money, bool preauthorise = false) {
        payments::NewAttempt wanted;
        wanted.payable = Uuid::v7();
        wanted.reference = "S-" + std::to_string(++number_);
        wanted.amount = money;
        wanted.method = method;
        wanted.preauthorise = preauthorise;
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
    std::int64_t at_provider() {
        return world.count(
            "select coalesce(sum(e.amount), 0)::bigint from ledger.entry e join ledger.account a on a.id = e.account_id where a.code = "
            "'asset:provider:vendo'");
    }
    int number_ = 500000;
};

TEST_F(PaymentScenario, a_reservation_is_captured_and_only_then_is_it_money) {
    const auto attempt = begin(Method::card, amount(5490), true);
    EXPECT_EQ(apply(attempt, payments().send(attempt, data())), Change::became_preauthorised);
    EXPECT_EQ(at_provider(), 0);
    const auto captured = payments().capture(again(attempt));
    EXPECT_EQ(captured.kind, AttemptState::paid) << captured.log;
    EXPECT_EQ(apply(attempt, captured), Change::became_paid);
    EXPECT_EQ(apply(attempt, captured), Change::none);
    EXPECT_EQ(at_provider(), 5490);
    EXPECT_EQ(payments().capture(again(attempt)).kind, AttemptState::failed);  // there is nothing left to capture
}

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
    EXPECT_EQ(payments().reconcile(date_of(world.clock.now())), 0);
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
    const auto attempt = begin(Method::hosted, amount(5490, "USD"));
    const auto redirect = payments().send(attempt, data());
    EXPECT_EQ(apply(attempt, redirect), Change::needs_redirect);
    http_client::Call call;
    call.url = redirect.redirect_url;
    const auto page = world.outside.client.send(call);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    call.url += "x";
    EXPECT_EQ(world.outside.client.send(call)->status, 403);
    EXPECT_EQ(payments().resolve(again(attempt)).kind, AttemptState::verification_pending);

    // What the page's own form sends.
    const auto field = [&](const std::string& name) {
        const auto at = page->body.find("name='" + name + "' value='");
        const auto start = at + name.size() + 15;
        return page->body.substr(start, page->body.find('\'', start) - start);
    };
    const auto seal_at = page->body.find("name=seal value=") + 16;
    call.method = "POST";
    call.url = world.outside.url() + "/vendo/v/hosted";
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body = "ref=" + field("ref") + "&token_amount=" + field("token_amount") +
                "&success_url=http%3A%2F%2Flocalhost%2Fdone&seal=" + page->body.substr(seal_at, 64) + "&card=4111111111111111&answer=pay";
    EXPECT_EQ(world.outside.client.send(call)->status, 302);
    EXPECT_EQ(apply(attempt, payments().resolve(again(attempt))), Change::became_paid);
}

TEST_F(PaymentScenario, every_currency_of_the_shop_can_be_paid) {
    for (const auto* currency : {"EUR", "GBP", "CHF"}) {
        for (const auto* country : {"DE", "GB", "CH", "IT"})
            EXPECT_FALSE(payments().methods(amount(500000, currency), country).empty()) << currency << country;
    }
}

TEST_F(PaymentScenario, reconciliation_opens_one_case_for_each_difference) {
    const auto known = begin(Method::card, amount(5490));
    apply(known, payments().send(known, data()));
    const auto lost = begin(Method::card, amount(1290));
    (void)payments().send(lost, data());  // charged, and our note of it is wrong:
    payments::Outcome wrong;
    wrong.kind = AttemptState::declined;
    apply(lost, wrong);
    EXPECT_EQ(payments().reconcile(date_of(world.clock.now())), 1);
    EXPECT_EQ(payments().reconcile(date_of(world.clock.now())), 0);  // known already
    EXPECT_EQ(world.count("select count(*) from payments.discrepancy where kind = 'payment_not_booked'"), 1);
}

}  // namespace
}  // namespace stoa::testing
