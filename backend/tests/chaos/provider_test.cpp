// The provider answers late, twice, out of order, or never.
#include <gtest/gtest.h>

#include <thread>

#include "process.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class Provider : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    // Waits one second for the provider.
    World world{{}, 1};
    Goods lamp = stock_up(*world.shop, "LAMP", 4900, 1000);

    std::string hook() { return "/hooks/vendo/" + payments::hook_token(world.shop->config.secret_key); }
    int notify(std::string body) {
        http_client::Call unused;
        Shopper vendo(*world.shop);
        return vendo
            .send(http::Method::post, hook(), std::move(body), {},
                  {{"content-type", "application/x-www-form-urlencoded"}, {"origin", ""}, {"sec-fetch-site", ""}})
            .status;
    }
    std::int64_t transaction_of(std::string_view reference) {
        http_client::Call call;
        call.url = world.outside.url() + "/__sandbox/vendo/transactions";
        const auto list = json::parse(world.outside.client.send(call)->body, {64 << 20, 16});
        for (const auto& item : list->find("items")->items()) {
            if (item.text_or("reference") == reference) return item.int_or("id");
        }
        return 0;
    }
    Shopper buyer(const std::string& name) {
        Shopper who(*world.shop);
        who.add(lamp);
        who.fill_in(name + "@example.test");
        return who;
    }
    std::int64_t confirmed() {
        return world.count("select count(*) from orders.orders where state = 'confirmed' and payment_state = 'paid'");
    }
    std::int64_t captures() { return world.count("select count(*) from ledger.posting where kind = 'capture'"); }
};

TEST_F(Provider, an_answer_that_comes_too_late_is_found_and_booked_once) {
    auto ana = buyer("ana");
    sandbox::Fault slow;
    slow.provider = "vendo";
    slow.kind = "slow";
    slow.delay_ms = 1500;
    slow.path = "/payment";
    world.outside.control.add_fault(slow);
    const auto lost = ana.pay();
    ASSERT_EQ(lost.status, 200) << lost.text;
    EXPECT_EQ(lost.body.text_or("status"), "processing");
    // The provider finishes what it began although nobody listens any more.
    for (int i = 0; i < 100 && world.outside.charges().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{50});
    ASSERT_EQ(world.outside.charges().size(), 1U);
    EXPECT_EQ(ana.pay().body.text_or("code"), "checkout.payment_in_progress");
    world.clock.advance(seconds{90});
    world.work();
    EXPECT_EQ(confirmed(), 1);
    EXPECT_EQ(captures(), 1);
    EXPECT_EQ(world.outside.charges().size(), 1U);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(Provider, the_same_notification_twenty_times_at_once_books_once) {
    auto ana = buyer("ana");
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    const auto lost = ana.pay();
    EXPECT_EQ(lost.body.text_or("status"), "processing");
    const auto reference = lost.body.text_or("order_number") + "-a1";
    const auto transaction = transaction_of(reference);
    ASSERT_NE(transaction, 0);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 20; ++i) {
            // Half of them byte for byte the same, half with a field of their own.
            threads.emplace_back(
                [&, i] { EXPECT_EQ(notify(postback(reference, transaction, i % 2 ? "" : "&resend=" + std::to_string(i))), 200); });
        }
    }
    EXPECT_EQ(world.count("select count(*) from payments.inbox"), 11);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) threads.emplace_back([&] { world.work(); });
    }
    world.work();
    EXPECT_EQ(confirmed(), 1);
    EXPECT_EQ(captures(), 1);
    EXPECT_EQ(world.count("select count(*) from payments.inbox where processed_at is null"), 0);
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'order.confirmed'"), 1);
    EXPECT_EQ(world.outside.mail->mails().size(), 1U);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(Provider, a_notification_may_overtake_the_answer) {
    auto ana = buyer("ana");
    std::atomic<bool> overtaken{false};
    // Between the provider's answer and its booking, the notification comes and is worked on to the end.
    checkout::set_step_hook([&](std::string_view step) {
        if (step != "3-after-provider" || overtaken.exchange(true)) return;
        const auto reference = world.outside.charges().front().reference;
        std::jthread([&] {
            EXPECT_EQ(notify(postback(reference, transaction_of(reference))), 200);
            world.work();
            EXPECT_EQ(confirmed(), 1);
        }).join();
    });
    const auto done = ana.pay();
    checkout::set_step_hook(nullptr);
    EXPECT_TRUE(overtaken);
    EXPECT_EQ(done.body.text_or("status"), "completed") << done.text;
    EXPECT_EQ(captures(), 1);
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(Provider, notifications_out_of_order_and_about_nothing_change_nothing) {
    auto ana = buyer("ana");
    const auto begun = ana.pay("4000012892688323");
    ASSERT_EQ(begun.body.text_or("status"), "redirect");
    const auto reference = begun.body.text_or("order_number") + "-a1";
    // "Paid" before the shopper has confirmed anything: a lie until the provider itself says so.
    EXPECT_EQ(notify(postback(reference, 1)), 200);
    EXPECT_EQ(notify("callback=verification&transaction_reference=" + reference), 200);
    EXPECT_EQ(notify(postback("S-999999-a1", 7)), 200);
    for (const auto* nonsense : {"", "&&&", "callback=<x>&merchant_reference=%00", "merchant_reference='; drop table orders.orders; --",
                                 "\xff\xfe", "callback=%ff%00&merchant_reference=%ff", "callback=transaction"})
        EXPECT_EQ(notify(nonsense), 200) << nonsense;
    world.work();
    EXPECT_EQ(world.count("select count(*) from payments.inbox where processed_at is null"), 0);
    EXPECT_EQ(confirmed(), 0);
    EXPECT_EQ(ana.get("/api/v1/checkout/payments/" + begun.body.text_or("attempt_id")).body.text_or("status"), "redirect");
    ASSERT_TRUE(answer_verification(world.outside, begun.body.text_or("redirect_url"), "accept"));
    // The shopper closes the page. The notification of the verification is enough to finish.
    EXPECT_EQ(notify("callback=verification&transaction_reference=" + reference + "&n=2"), 200);
    world.work();
    EXPECT_EQ(confirmed(), 1);
    EXPECT_EQ(notify(postback(reference, transaction_of(reference), "&late=1")), 200);
    world.work();
    EXPECT_EQ(captures(), 1);
    EXPECT_EQ(world.disagreements(), "");
    // Not the token of the hook.
    Shopper stranger(*world.shop);
    EXPECT_EQ(stranger.post("/hooks/vendo/" + std::string(32, 'a'), "x=y").status, 404);
}

TEST_F(Provider, a_success_after_the_order_was_given_up_is_paid_back) {
    auto ana = buyer("ana");
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    world.outside.fail_next("vendo", "down", 1, "/reconciliation");
    const auto lost = ana.pay();
    EXPECT_EQ(lost.body.text_or("status"), "processing");
    // The look-up answers with nothing for long enough to be certain, as if the provider's list came from yesterday.
    sandbox::Fault garbage;
    garbage.provider = "vendo";
    garbage.kind = "garbage";
    garbage.count = -1;
    garbage.path = "/reconciliation";
    world.outside.control.add_fault(garbage);
    for (int i = 0; i < 4; ++i) {
        world.clock.advance(minutes{5});
        world.work();
    }
    // Not known is not given up.
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'pending_payment'"), 1);
    world.outside.control.forget_faults();
    world.shop->database.in_tx([&](db::Tx& tx) {
        auto order = world.shop->orders->lock(tx, tx.run_text("select id from orders.orders").front().get<orders::OrderId>("id"));
        world.shop->inventory->release(tx, *order->checkout_id);
        ASSERT_TRUE(world.shop->orders->cancel(tx, *order, "staff"));
    });
    const auto reference = lost.body.text_or("order_number") + "-a1";
    for (int i = 0; i < 5; ++i) EXPECT_EQ(notify(postback(reference, transaction_of(reference), "&n=" + std::to_string(i))), 200);
    world.work();
    world.clock.advance(minutes{3});
    world.work();
    EXPECT_EQ(world.count("select count(*) from payments.refund where state = 'done'"), 1);
    EXPECT_EQ(captures(), 1);
    const auto charges = world.outside.charges();
    EXPECT_EQ(charges.front().refunded, charges.front().amount);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(Provider, one_that_never_answers_again_costs_the_order_and_not_the_stock) {
    auto ana = buyer("ana");
    sandbox::Fault down;
    down.provider = "vendo";
    down.kind = "down";
    down.count = -1;
    world.outside.control.add_fault(down);
    EXPECT_EQ(ana.pay().body.text_or("status"), "processing");
    for (int i = 0; i < 12; ++i) {
        world.clock.advance(minutes{20});
        world.work();
    }
    // It cannot be known whether money moved, so the order waits; the goods do not.
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
    auto bob = Shopper(*world.shop);
    bob.add(lamp, 1000);
    EXPECT_EQ(bob.post("/api/v1/checkout").status, 200);
    world.outside.control.forget_faults();
    world.outside.control.advance(24);  // late in the evening our tomorrow must not be in the provider's future
    for (int i = 0; i < 8; ++i) {
        world.clock.advance(minutes{60});
        world.work();
    }
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'cancelled'"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.attempt where state in ('sent', 'unknown')"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
