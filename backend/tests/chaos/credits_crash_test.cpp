// The process dies while a buyer pays with a gift card and a card together, and while what became due by a change is collected. Afterwards
// the buyer repeats the request or never comes back, and the sweepers run: the gift card is neither lost nor used twice, nobody is charged
// twice, and the books agree.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "process.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kOnCard = 3000;
constexpr const char* kGood = "4111111111111111";
constexpr const char* kDeclined = "4000000000000002";

class CreditsCrash : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    void SetUp() override {
        world.desk.hire("mia", {"gift_cards.*", "orders.*"}, {{"gift_cards.issue", {Money(20000, Currency::of("EUR"))}}});
        mia.cookies[std::string(Desk::kCookie)] = "mia";
    }

    World world;
    Time time{world};
    Goods lamp = stock_up(*world.shop, "LAMP", 4900, 100000);
    Shopper mia{*world.shop};
    std::mt19937_64 random{seed()};
    int buyers = 0;

    static std::string card(const char* number) {
        return fmt::format(
            R"({{"method":"card","card":{{"number":"{}","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}}})",
            number);
    }
    struct Purchase {
        Shopper who;
        std::string email, gift_card, body, key;
        std::int64_t due = 0;
    };
    static std::string completion(Shopper& who, const char* number) {
        const auto seen = who.get("/api/v1/checkout").body;
        return fmt::format(
            R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"expected_due":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{}}})",
            seen.at("totals", "total", "amount")->as_int().value(), seen.at("due", "amount")->as_int().value(), card(number));
    }
    Purchase prepare(const char* number) {
        Purchase out{Shopper(*world.shop), fmt::format("buyer{}@example.test", ++buyers), {}, {}, Uuid::v7().to_string()};
        const auto issued = mia.post("/api/v1/admin/gift-cards", fmt::format(R"({{"amount":{{"amount":{},"currency":"EUR"}}}})", kOnCard),
                                     Uuid::v7().to_string());
        EXPECT_EQ(issued.status, 201) << issued.text;
        out.gift_card = issued.body.at("card", "id")->text();
        out.who.add(lamp);
        out.who.fill_in(out.email);
        EXPECT_EQ(out.who.post("/api/v1/checkout/gift-cards", fmt::format(R"({{"code":"{}"}})", issued.body.text_or("code"))).status, 200);
        out.due = out.who.get("/api/v1/checkout").body.at("due", "amount")->as_int().value();
        out.body = completion(out.who, number);
        return out;
    }
    std::int64_t on(const Purchase& purchase, const char* what) {
        return mia.get("/api/v1/admin/gift-cards/" + purchase.gift_card).body.at("card", what, "amount")->as_int().value();
    }
    std::int64_t charged(const std::string& number) {
        std::int64_t sum = 0;
        for (const auto& charge : world.outside.charges()) {
            if (charge.reference.starts_with(number + "-") && charge.type == 3 && charge.state == "paid")
                sum += charge.amount - charge.refunded;
        }
        return sum;
    }

    // Whoever comes back presses the button until the purchase has an end; whoever does not leaves it to the sweepers.
    void recover(Purchase& purchase, const std::string& at, bool comes_back) {
        SCOPED_TRACE(at + (comes_back ? ", comes back" : ", stays away"));
        const std::string complete = "/api/v1/checkout/complete";
        if (comes_back) {
            std::string status;
            auto body = purchase.body;
            auto key = purchase.key;
            for (int tries = 0; tries < 6 && status != "completed"; ++tries) {
                time.advance(seconds{151});  // longer than its key is held
                world.work();
                const auto answer = purchase.who.post(complete, body, key);
                ASSERT_EQ(answer.status, 200) << answer.text;
                status = answer.body.text_or("status");
                if (status == "declined") {
                    EXPECT_EQ(on(purchase, "balance"), kOnCard) << "nothing was bought yet";
                    body = completion(purchase.who, kGood);
                    key = Uuid::v7().to_string();
                }
            }
            EXPECT_EQ(status, "completed");
        }
        // An order that nobody pays for is given up after two hours.
        for (int i = 0; i < 3; ++i) {
            time.advance(minutes{45});
            world.work();
        }
        const auto orders = "select count(*) from orders.orders where email = '" + purchase.email + "' and ";
        const bool sold = world.count(orders + "state = 'confirmed' and payment_state = 'paid'") == 1;
        EXPECT_TRUE(sold || !comes_back);
        EXPECT_EQ(world.count(orders + "state not in ('confirmed', 'cancelled')"), 0);
        EXPECT_EQ(on(purchase, "balance"), sold ? 0 : kOnCard);
        EXPECT_EQ(on(purchase, "available"), sold ? 0 : kOnCard);
        EXPECT_EQ(
            world.count("select count(*) from payments.attempt a join orders.orders o on o.id = a.payable where a.method = 'gift_card' "
                        "and o.email = '" +
                        purchase.email + "'"),
            sold ? 1 : 0);
        std::int64_t paid = 0;
        for (const auto& number : numbers_of(purchase.email)) paid += charged(number);
        EXPECT_EQ(paid, sold ? purchase.due : 0);
    }
    std::vector<std::string> numbers_of(const std::string& email) {
        return world.shop->database.read([&](db::Session& session) {
            std::vector<std::string> out;
            const auto rows = session.run_text("select number from orders.orders where email = '" + email + "'");
            for (const auto row : rows) out.push_back(row.get<std::string>("number"));
            return out;
        });
    }
    void finish() {
        EXPECT_EQ(world.disagreements(), "");
        EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 0);
        EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
        EXPECT_EQ(world.count("select count(*) from jobs.job where state = 'dead'"), 0);
        EXPECT_EQ(world.count("select count(*) from (select a.code from ledger.entry e join ledger.account a on a.id = e.account_id where "
                              "a.code like 'liability:gift-card:%' group by a.code having sum(e.amount) > 0) c"),
                  0)
            << "somebody spent more than there was";
    }

    // An order that became dearer by a second lamp, and what collects it.
    struct Due {
        Shopper who;
        std::string order, number, token, body, key;
        std::int64_t total = 0;  // as it is to be paid in the end
        std::int64_t amount = 4900;
    };
    Due make_due(const char* card_number) {
        Due out{Shopper(*world.shop), {}, {}, {}, {}, Uuid::v7().to_string()};
        out.who.add(lamp);
        out.who.fill_in(fmt::format("buyer{}@example.test", ++buyers));
        const auto paid = out.who.pay();
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        out.number = paid.body.text_or("order_number");
        out.token = paid.body.text_or("order_token");
        out.order = world.shop->database.read(
            [&](db::Session& session) { return world.shop->orders->find_number(session, out.number)->to_string(); });
        const auto path = "/api/v1/admin/orders/" + out.order;
        const auto seen = mia.get(path + "/money").body;
        out.total = seen.at("total", "amount")->as_int().value() + out.amount;
        const auto changed = mia.post(
            path + "/edits",
            fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},"lines":[{{"line_id":"{}","quantity":2}}]}})",
                        seen.int_or("version"), out.total, seen.find("lines")->items().front().text_or("line_id")),
            Uuid::v7().to_string());
        EXPECT_EQ(changed.status, 201) << changed.text;
        EXPECT_EQ(changed.body.at("due", "amount")->as_int().value(), out.amount);
        out.body = payment(out, card_number);
        return out;
    }
    static std::string payment(const Due& due, const char* card_number) {
        return fmt::format(R"({{"token":"{}","expected_due":{{"amount":{},"currency":"EUR"}},"payment":{}}})", due.token, due.amount,
                           card(card_number));
    }
    void collect(Due& due, const std::string& at) {
        SCOPED_TRACE(at);
        auto body = due.body;
        auto key = due.key;
        std::string status;
        for (int tries = 0; tries < 6 && status != "completed"; ++tries) {
            time.advance(seconds{151});  // longer than its key is held
            if (random() % 2) world.work();
            const auto answer = due.who.post("/api/v1/order-payment", body, key);
            if (answer.status == 409) {
                // The sweeper has found it paid, or is still at it.
                const auto code = answer.body.text_or("code");
                EXPECT_TRUE(code == "checkout.nothing_due" || code == "checkout.payment_in_progress") << answer.text;
                if (code == "checkout.nothing_due") break;
                world.work();
                continue;
            }
            ASSERT_EQ(answer.status, 200) << answer.text;
            status = answer.body.text_or("status");
            if (status == "processing") world.work();
            if (status == "declined") {
                body = payment(due, kGood);
                key = Uuid::v7().to_string();
            }
        }
        time.advance(minutes{16});
        world.work();
        const auto money = mia.get("/api/v1/admin/orders/" + due.order + "/money").body;
        EXPECT_EQ(money.text_or("payment_state"), "paid");
        EXPECT_EQ(money.at("due", "amount")->as_int().value(), 0);
        EXPECT_EQ(money.at("captured", "amount")->as_int().value(), due.total);
        EXPECT_EQ(charged(due.number), due.total);
    }
};

TEST_F(CreditsCrash, at_every_step_of_a_purchase_with_a_gift_card) {
    for (const auto* number : {kGood, kDeclined}) {
        for (const auto* step : {"1-claimed", "2-prepared", "3-before-provider", "3-after-provider", "4-settled", "4-committed"}) {
            for (const bool comes_back : {true, false}) {
                auto purchase = prepare(number);
                const auto died = request_in_process(world, time, std::string("step:") + step, "POST", "/api/v1/checkout/complete",
                                                     purchase.who, purchase.body, purchase.key);
                ASSERT_TRUE(died.killed) << step << " is never reached";
                recover(purchase, std::string(number) + " " + step, comes_back);
                if (HasFailure()) return;
            }
        }
    }
    finish();
}

TEST_F(CreditsCrash, at_the_statements_of_a_purchase_with_a_gift_card) {
    const int stride = long_run() ? 1 : 7;
    int killed = 0;
    for (int statement = 1 + static_cast<int>(random() % static_cast<unsigned>(stride));; statement += stride) {
        auto purchase = prepare(kGood);
        const auto at = "statement:" + std::to_string(statement);
        const auto ended =
            request_in_process(world, time, at, "POST", "/api/v1/checkout/complete", purchase.who, purchase.body, purchase.key);
        recover(purchase, at, random() % 2 == 0 || !ended.killed);
        if (!ended.killed || HasFailure()) break;
        ++killed;
    }
    EXPECT_GE(killed, 4);
    finish();
}

TEST_F(CreditsCrash, at_every_step_of_collecting_what_a_change_made_due) {
    for (const auto* number : {kGood, kDeclined}) {
        for (const auto* step : {"due-prepared", "due-answered"}) {
            auto due = make_due(number);
            const auto died =
                request_in_process(world, time, std::string("step:") + step, "POST", "/api/v1/order-payment", due.who, due.body, due.key);
            ASSERT_TRUE(died.killed) << step << " is never reached";
            collect(due, std::string(number) + " " + step);
            if (HasFailure()) return;
        }
    }
    finish();
}

TEST_F(CreditsCrash, at_the_statements_of_collecting_what_a_change_made_due) {
    const int stride = long_run() ? 1 : 6;
    int killed = 0;
    for (int statement = 1 + static_cast<int>(random() % static_cast<unsigned>(stride));; statement += stride) {
        auto due = make_due(kGood);
        const auto at = "statement:" + std::to_string(statement);
        const auto ended = request_in_process(world, time, at, "POST", "/api/v1/order-payment", due.who, due.body, due.key);
        collect(due, at);
        if (!ended.killed || HasFailure()) break;
        ++killed;
    }
    EXPECT_GE(killed, 3);
    finish();
}

}  // namespace
}  // namespace stoa::testing
