#pragma once
// An order after the sale, and the people at the desk: Mia may do everything, Tom refunds up to 50.00 for an order.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "steps.hpp"
#include "stoa/crypto/crypto.hpp"
#include "world.hpp"

namespace stoa::testing {

class OrderDesk : public ::testing::Test {
protected:
    World world;
    Shopper shopper{*world.shop}, mia{*world.shop}, tom{*world.shop};
    Goods pens, lamp;
    std::string order, number;  // its id
    std::vector<std::string> lines;

    void SetUp() override {
        world.desk.hire("mia", {"orders.*"});
        world.desk.hire("tom", {"orders.refund", "orders.read"}, {{"orders.refund", {Money(5000, Currency::of("EUR"))}}});
        mia.cookies[std::string(Desk::kCookie)] = "mia";
        tom.cookies[std::string(Desk::kCookie)] = "tom";
    }
    // Three pens of 9.99 and a lamp of 49.00, to Germany.
    void buy(std::string_view payment = {}) {
        if (pens.slug.empty()) {
            pens = stock_up(*world.shop, "PEN", 999, 100);
            lamp = stock_up(*world.shop, "LAMP", 4900, 100);
        }
        shopper.add(pens, 3);
        shopper.add(lamp);
        shopper.fill_in("ana@example.test");
        const auto paid = payment.empty() ? shopper.pay() : shopper.pay_with(std::string(payment));
        ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        world.work();
        number = paid.body.text_or("order_number");
        order =
            world.shop->database.read([&](db::Session& session) { return world.shop->orders->find_number(session, number)->to_string(); });
        const auto bought = money();
        for (const auto& line : bought.at("lines")->items()) lines.push_back(line.text_or("line_id"));
    }
    std::string path(std::string_view rest) const { return "/api/v1/admin/orders/" + order + std::string(rest); }
    json::Value money() {
        const auto answer = mia.get(path("/money"));
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.body;
    }
    static std::int64_t amount(const json::Value& of, std::string_view member) { return of.at(member, "amount")->as_int().value(); }
    static std::string wanted(std::string_view lines_json, std::int64_t shipping = 0, std::int64_t adjustment = 0) {
        return fmt::format(R"("lines":[{}],"shipping":{{"amount":{},"currency":"EUR"}},"adjustment":{{"amount":{},"currency":"EUR"}})",
                           lines_json, shipping, adjustment);
    }
    std::string units(std::size_t line, int quantity) const {
        return fmt::format(R"({{"line_id":"{}","quantity":{}}})", lines[line], quantity);
    }
    Answer preview(Shopper& who, const std::string& what) { return who.post(path("/refunds/preview"), "{" + what + "}"); }
    Answer refund(Shopper& who, const std::string& what, std::int64_t total, std::int64_t version, std::string key = {}) {
        return who.post(path("/refunds"),
                        fmt::format(R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{},{},"reason":"damaged"}})", total,
                                    version, what),
                        key.empty() ? Uuid::v7().to_string() : key);
    }
    // Preview, refund, and the two compared.
    json::Value refund_as_shown(const std::string& what) {
        const auto shown = preview(mia, what);
        EXPECT_EQ(shown.status, 200) << shown.text;
        const auto before = money();
        const auto done = refund(mia, what, amount(shown.body, "total"), shown.body.int_or("version"));
        EXPECT_EQ(done.status, 201) << done.text;
        EXPECT_EQ(amount(done.body, "granted") - amount(before, "granted"), amount(shown.body, "total"));
        EXPECT_EQ(amount(before, "refundable") - amount(done.body, "refundable"), amount(shown.body, "total"));
        const auto& refunds = done.body.at("refunds")->items();
        EXPECT_EQ(refunds.size(), before.at("refunds")->items().size() + 1);
        const auto& made = refunds.back();
        EXPECT_EQ(amount(made, "amount"), amount(shown.body, "total"));
        EXPECT_EQ(amount(made, "tax"), amount(shown.body, "tax"));
        EXPECT_EQ(json::to_text(*made.at("lines")).size() > 2, json::to_text(*shown.body.at("lines")).size() > 2);
        std::int64_t parts = 0, planned = 0;
        for (const auto& part : made.at("parts")->items()) parts += amount(part, "amount");
        for (const auto& part : shown.body.at("parts")->items()) planned += amount(part, "amount");
        EXPECT_EQ(parts, planned);
        EXPECT_EQ(amount(done.body, "pending") - amount(before, "pending"), planned);
        return done.body;
    }
    void log_in(Shopper& who, const std::string& email) {
        world.shop->database.in_tx([&](db::Tx& tx) {
            customers::NewCustomer customer;
            customer.email = email;
            customer.password_hash = crypto::hash_password("correct horse battery");
            customer.first_name = "Ana";
            customer.last_name = "Ruiz";
            (void)world.shop->customers->create(tx, customer);
        });
        const auto answer = who.post("/api/v1/account/login", fmt::format(R"({{"email":"{}","password":"correct horse battery"}})", email));
        ASSERT_EQ(answer.status, 200) << answer.text;
    }
    // All of it left the house, and came to the buyer.
    void deliver() {
        world.shop->database.in_tx([&](db::Tx& tx) {
            const auto id = *orders::OrderId::parse(order);
            world.shop->inventory->ship(tx, id.uuid(), world.shop->orders->wanted(tx, id).goods);
            world.shop->orders->note(tx, id, "delivered", "{}");
        });
    }
    std::int64_t refunded_at_provider() {
        std::int64_t sum = 0;
        for (const auto& charge : world.outside.charges()) {
            if (charge.type == 3) sum += charge.refunded;
        }
        return sum;
    }
};

}  // namespace stoa::testing
