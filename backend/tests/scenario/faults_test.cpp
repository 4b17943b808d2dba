// The database fails at call 1, then 2, then 3 of a request, until the request succeeds. After each the shopper asks again, and the shop
// is what it would have been without the fault.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "steps.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

class FaultScenario : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    void TearDown() override { db::set_fault_hook({}); }

    World world;
    app::Shop& shop() { return *world.shop; }
    Goods lamp = stock_up(*world.shop, "LAMP", 4900, 100000);
    int buyers = 0;

    enum class Fault { once, from_then_on };
    // The answer to a request whose statement number `at` fails; how many there were.
    template <class Act>
    std::pair<Answer, int> with_fault(int at, Fault fault, Act act) {
        int calls = 0;
        const auto thread = std::this_thread::get_id();
        db::set_fault_hook([&calls, at, fault, thread](std::string_view) {
            if (std::this_thread::get_id() != thread) return;
            ++calls;
            if (calls == at || (calls > at && fault == Fault::from_then_on)) throw std::runtime_error("injected");
        });
        auto answer = act();
        db::set_fault_hook({});
        return {std::move(answer), calls};
    }

    // The provider's day passes with ours.
    void advance(std::chrono::seconds by) {
        world.clock.advance(by);
        world.outside.control.seconds_ahead = std::chrono::floor<std::chrono::seconds>(world.clock.now() - SystemClock().now()).count();
    }
    Timestamp start_ = world.clock.now();
    // Just after midnight, so that no day ends while the test runs: a list of the provider is one of a day.
    void SetUp() override {
        const auto passed = world.clock.now() - std::chrono::floor<std::chrono::days>(world.clock.now());
        advance(std::chrono::hours{24} - std::chrono::floor<std::chrono::hours>(passed));
    }

    Shopper shopper(const std::string& email) {
        Shopper who(shop());
        who.add(lamp);
        who.fill_in(email);
        return who;
    }
    std::string next_email() { return fmt::format("buyer{}@example.test", ++buyers); }
    void expect_one_paid_order(const std::string& email) {
        EXPECT_EQ(world.count("select count(*) from orders.orders where state <> 'cancelled' and email = '" + email + "'"), 1);
        EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed' and payment_state = 'paid' and email = '" +
                              email + "'"),
                  1);
        EXPECT_EQ(world.count("select count(*) from payments.attempt p join orders.orders o on o.id = p.payable where p.captured > 0 and "
                              "o.email = '" +
                              email + "'"),
                  1);
    }
    static std::string card(std::int64_t total, std::string_view number) {
        return fmt::format(
            R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{{"number":"{}","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}}}}})",
            total, number);
    }
};

TEST_F(FaultScenario, a_purchase_survives_a_database_that_fails_at_any_call) {
    for (const auto fault : {Fault::once, Fault::from_then_on}) {
        // From then on: the request gives up sooner, every third call will do.
        const int stride = fault == Fault::once ? 1 : 3;
        for (int at = 1;; at += stride) {
            SCOPED_TRACE(fmt::format("call {} {}", at, fault == Fault::once ? "once" : "and all after it"));
            const auto email = next_email();
            auto ana = shopper(email);
            const auto body = card(ana.total(), "4111111111111111");
            const auto key = Uuid::v7().to_string();
            const auto [answer, calls] = with_fault(at, fault, [&] { return ana.post("/api/v1/checkout/complete", body, key); });
            if (answer.status == 200) {
                // The one statement whose failure is forgiven gives the key free.
                expect_one_paid_order(email);
                if (calls < at) break;
                continue;
            }
            EXPECT_GE(answer.status, 500) << answer.text;
            EXPECT_EQ(answer.text.find("injected"), std::string::npos) << "what went wrong is nobody's business";
            EXPECT_EQ(world.count("select count(*) from inventory.stock where held < 0 or allocated < 0 or held + allocated > on_hand"), 0);
            // The same request again, when the lease is over; what was charged meanwhile is found.
            advance(std::chrono::seconds{91});
            auto repeated = ana.post("/api/v1/checkout/complete", body, key);
            EXPECT_EQ(repeated.status, 200) << repeated.text;
            const std::string payment = "/api/v1/checkout/payments/" + repeated.body.text_or("attempt_id");
            // What was charged is found at once; that nothing was is certain a little later.
            for (const auto wait : {std::chrono::seconds{0}, std::chrono::seconds{180}}) {
                if (repeated.body.text_or("status") != "processing") break;
                advance(wait);
                world.work();
                repeated = ana.get(payment);
            }
            if (repeated.body.text_or("status") == "declined") repeated = ana.pay();
            EXPECT_EQ(repeated.body.text_or("status"), "completed") << repeated.text;
            expect_one_paid_order(email);
            if (HasFailure()) return;
        }
    }
    advance(std::chrono::minutes{31});
    world.work();
    EXPECT_EQ(world.disagreements(), "");
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed'"), buyers);
    EXPECT_EQ(static_cast<int>(world.outside.charges().size()), buyers) << "one charge for each buyer";
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
    EXPECT_GT(buyers, 40);
}

TEST_F(FaultScenario, a_return_from_the_bank_survives_it_too) {
    for (int at = 1;; ++at) {
        SCOPED_TRACE(at);
        const auto email = next_email();
        auto ana = shopper(email);
        const auto begun = ana.pay("4000012892688323");
        ASSERT_TRUE(answer_verification(world.outside, begun.body.text_or("redirect_url"), "accept"));
        const std::string path = "/api/v1/checkout/payments/" + begun.body.text_or("attempt_id") + "/return";
        const auto [answer, calls] = with_fault(at, Fault::once, [&] { return ana.post(path); });
        const bool unharmed = calls < at;
        if (unharmed) {
            EXPECT_EQ(answer.body.text_or("status"), "completed") << answer.text;
        } else {
            EXPECT_GE(answer.status, 500) << answer.text;
        }
        EXPECT_EQ(ana.post(path).body.text_or("status"), "completed");
        expect_one_paid_order(email);
        if (unharmed || HasFailure()) break;
    }
    EXPECT_EQ(world.disagreements(), "");
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed'"), buyers);
    EXPECT_GT(buyers, 15);
}

TEST_F(FaultScenario, the_steps_before_it_change_everything_or_nothing) {
    struct Step {
        const char* name;
        std::function<Answer(Shopper&)> act;
    };
    const Step steps[] = {
        {"start", [](Shopper& who) { return who.post("/api/v1/checkout"); }},
        {"contact", [](Shopper& who) { return who.put("/api/v1/checkout/contact", R"({"email":"other@example.test"})"); }},
        {"address",
         [](Shopper& who) {
             return who.put(
                 "/api/v1/checkout/address",
                 R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Rue 1","postal_code":"75001","city":"Paris","country":"FR"}})");
         }},
        {"delivery", [](Shopper& who) { return who.put("/api/v1/checkout/shipping", R"({"option_id":"own:express"})"); }},
    };
    for (const auto& step : steps) {
        Shopper ana = shopper("ana@example.test");
        for (int at = 1;; ++at) {
            SCOPED_TRACE(fmt::format("{} call {}", step.name, at));
            const auto before = ana.get("/api/v1/checkout").text;
            const auto [answer, calls] = with_fault(at, Fault::once, [&] { return step.act(ana); });
            EXPECT_EQ(world.disagreements(), "");
            if (calls < at) {
                EXPECT_EQ(answer.status, 200) << answer.text;
                break;
            }
            EXPECT_GE(answer.status, 500) << answer.text;
            EXPECT_EQ(ana.get("/api/v1/checkout").text, before);
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace stoa::testing
