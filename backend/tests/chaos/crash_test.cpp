// The process dies at every step and every statement of a purchase. Afterwards the shopper repeats the request with the same key and the
// sweepers run: one order for the cart, charged once, everything agrees.
#include <gtest/gtest.h>

#include "process.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kGood = "4111111111111111";
constexpr const char* kSecure = "4000012892688323";
constexpr const char* kDeclined = "4000000000000002";
constexpr const char* kSteps[] = {"1-claimed", "2-prepared", "3-before-provider", "3-after-provider", "4-settled", "4-committed"};

class Crash : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }

    World world;
    Time time{world};
    Goods lamp = stock_up(*world.shop, "LAMP", 4900, 100000);
    std::mt19937_64 random{seed()};
    int buyers = 0;

    struct Purchase {
        Shopper who;
        std::string email, body, key;
    };

    Purchase prepare(const char* card) {
        Purchase purchase{Shopper(*world.shop), "buyer" + std::to_string(++buyers) + "@example.test", {}, Uuid::v7().to_string()};
        purchase.who.add(lamp);
        purchase.who.fill_in(purchase.email);
        purchase.body = R"({"expected_total":{"amount":)" + std::to_string(purchase.who.total()) +
                        R"(,"currency":"EUR"},"terms_accepted":true,"payment":{"method":"card","card":{"number":")" + card +
                        R"(","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}})";
        return purchase;
    }

    Outcome complete_in_process(const Purchase& purchase, const std::string& die_at) {
        return request_in_process(world, time, die_at, "POST", "/api/v1/checkout/complete", purchase.who, purchase.body, purchase.key);
    }

    // What a shopper and the shop do after a crash, until the purchase has an end. Half of the shoppers are faster than the sweepers.
    void recover(Purchase& purchase, const std::string& at) {
        SCOPED_TRACE(at);
        if (random() % 2) {
            const auto at_once = purchase.who.post("/api/v1/checkout/complete", purchase.body, purchase.key);
            if (at_once.status != 200) {
                EXPECT_EQ(at_once.status, 409) << at_once.text;
                EXPECT_EQ(at_once.body.text_or("code"), "http.idempotency_in_progress") << at_once.text;
            }
        } else if (random() % 2) {
            time.advance(seconds{70});
            world.work();
        }
        time.advance(seconds{151});  // longer than its key is held
        auto repeated = purchase.who.post("/api/v1/checkout/complete", purchase.body, purchase.key);
        ASSERT_EQ(repeated.status, 200) << repeated.text;
        const std::string number = repeated.body.text_or("order_number");
        // A repeated request never makes a second order, whatever became of the first.
        const auto twice = purchase.who.post("/api/v1/checkout/complete", purchase.body, purchase.key);
        EXPECT_EQ(twice.text, repeated.text);
        std::string state = repeated.body.text_or("status");
        std::string attempt = repeated.body.text_or("attempt_id");
        if (state == "processing") {
            time.advance(minutes{3});
            world.work();
            const auto polled = purchase.who.get("/api/v1/checkout/payments/" + attempt);
            state = polled.body.text_or("status");
            repeated = polled;
            EXPECT_NE(state, "processing") << polled.text;
        }
        if (state == "redirect") {
            EXPECT_TRUE(answer_verification(world.outside, repeated.body.text_or("redirect_url"), "accept"));
            state = purchase.who.post("/api/v1/checkout/payments/" + attempt + "/return").body.text_or("status");
            EXPECT_EQ(state, "completed");
        }
        if (state == "declined") {
            const auto paid = purchase.who.pay();
            EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
            EXPECT_EQ(paid.body.text_or("order_number"), number);
            state = paid.body.text_or("status");
        }
        EXPECT_EQ(state, "completed");
        EXPECT_EQ(world.count("select count(*) from orders.orders where email = '" + purchase.email + "'"), 1);
        EXPECT_EQ(world.count("select count(*) from orders.orders where email = '" + purchase.email +
                              "' and state = 'confirmed' and payment_state = 'paid'"),
                  1);
        int charges = 0;
        for (const auto& charge : world.outside.charges())
            charges += charge.reference.starts_with(number + "-") && charge.type == 3 && charge.state == "paid";
        EXPECT_EQ(charges, 1) << number;
    }

    void finish() {
        time.advance(minutes{31});
        world.work();
        EXPECT_EQ(world.disagreements(), "");
        EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
        EXPECT_EQ(world.count("select count(*) from orders.orders"), buyers);
        EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed'"), buyers);
        EXPECT_EQ(world.count("select count(*) from payments.refund"), 0);
        EXPECT_EQ(world.count("select count(*) from jobs.job where state = 'dead'"), 0);
    }

    // Dies at statements 1, 1 + stride, ... until a request lives to its end.
    template <class Act>
    int at_statements(int first, int stride, Act act) {
        int killed = 0;
        for (int number = first;; number += stride) {
            if (!act("statement:" + std::to_string(number))) return killed;
            ++killed;
            if (::testing::Test::HasFailure()) return killed;
        }
    }
};

TEST_F(Crash, at_every_step_of_a_purchase) {
    for (const auto* card : {kGood, kSecure, kDeclined}) {
        for (const auto* step : kSteps) {
            auto purchase = prepare(card);
            const auto died = complete_in_process(purchase, std::string("step:") + step);
            ASSERT_TRUE(died.killed) << step << " is never reached";
            recover(purchase, std::string(card) + " " + step);
            if (HasFailure()) return;
        }
    }
    finish();
}

TEST_F(Crash, at_the_statements_of_a_purchase) {
    int killed = 0;
    for (const auto* card : {kGood, kSecure, kDeclined}) {
        const int stride = long_run() ? 1 : card == kGood ? 4 : 11;
        killed += at_statements(1 + static_cast<int>(random() % static_cast<unsigned>(stride)), stride, [&](const std::string& at) {
            auto purchase = prepare(card);
            const auto ended = complete_in_process(purchase, at);
            EXPECT_TRUE(ended.killed || ended.status == 200) << ended.status;
            recover(purchase, std::string(card) + " " + at);
            return ended.killed;
        });
    }
    EXPECT_GE(killed, long_run() ? 60 : 8);
    finish();
}

TEST_F(Crash, at_the_statements_of_the_return_from_the_bank) {
    const int stride = long_run() ? 1 : 5;
    const int killed = at_statements(1 + static_cast<int>(random() % static_cast<unsigned>(stride)), stride, [&](const std::string& at) {
        auto purchase = prepare(kSecure);
        const auto begun = purchase.who.post("/api/v1/checkout/complete", purchase.body, purchase.key);
        EXPECT_EQ(begun.body.text_or("status"), "redirect") << begun.text;
        EXPECT_TRUE(answer_verification(world.outside, begun.body.text_or("redirect_url"), "accept"));
        const std::string target = "/api/v1/checkout/payments/" + begun.body.text_or("attempt_id") + "/return";
        const auto ended = request_in_process(world, time, at, "POST", target, purchase.who, "{}", "");
        // The shopper reloads the page, or closed it and the sweeper finds out.
        if (random() % 2) {
            EXPECT_EQ(purchase.who.post(target).body.text_or("status"), "completed") << at;
        } else {
            time.advance(minutes{6});
            world.work();
        }
        EXPECT_EQ(world.count("select count(*) from orders.orders where email = '" + purchase.email +
                              "' and state = 'confirmed' and payment_state = 'paid'"),
                  1)
            << at;
        return ended.killed;
    });
    EXPECT_GE(killed, 2);
    finish();
}

TEST_F(Crash, of_the_worker_that_finds_a_lost_payment) {
    const int stride = long_run() ? 1 : 9;
    const int killed = at_statements(1 + static_cast<int>(random() % static_cast<unsigned>(stride)), stride, [&](const std::string& at) {
        auto purchase = prepare(kGood);
        world.outside.fail_next("vendo", "error_after", 1, "/payment");
        EXPECT_EQ(purchase.who.post("/api/v1/checkout/complete", purchase.body, purchase.key).body.text_or("status"), "processing");
        time.advance(seconds{95});
        const auto ended = work_in_process(world, time, at);
        // What the dead worker had taken is taken over when its lease ends.
        time.advance(minutes{11});
        world.work();
        EXPECT_EQ(world.count("select count(*) from orders.orders where email = '" + purchase.email +
                              "' and state = 'confirmed' and payment_state = 'paid'"),
                  1)
            << at;
        return ended.killed;
    });
    EXPECT_GE(killed, 2);
    finish();
}

}  // namespace
}  // namespace stoa::testing
