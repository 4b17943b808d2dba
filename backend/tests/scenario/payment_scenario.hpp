#pragma once
// Payments one by one at a sandbox of the provider, without a shopper or with one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payment_page.hpp"
#include "world.hpp"

namespace stoa::testing {

using payments::AttemptState;
using payments::Change;
using payments::Method;

inline constexpr std::string_view kDebit = R"({"method":"sepa","iban":"DE89 3704 0044 0532 0130 00","account_holder":"Ana Ruiz"})";

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

}  // namespace stoa::testing
