// Refunds of an order: what the preview says comes true, within what was captured and what the provider allows.
#include <thread>

#include "order_desk.hpp"

namespace stoa::testing {
namespace {

using RefundScenario = OrderDesk;

TEST_F(RefundScenario, one_part_and_then_the_rest_as_the_preview_says) {
    buy();
    const auto total = amount(money(), "total");
    refund_as_shown(wanted(units(0, 1), 0, -99));
    // Its one partial refund is on its way: no other is sent.
    EXPECT_EQ(preview(mia, wanted(units(0, 1))).body.text_or("code"), "orders.refund_in_progress");
    world.work();
    EXPECT_EQ(refunded_at_provider(), 900);
    EXPECT_EQ(money().text_or("payment_state"), "partially_refunded");
    EXPECT_EQ(world.disagreements(), "");
    const auto second = preview(mia, wanted(units(0, 1)));
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.body.text_or("code"), "payments.refund_rest_only");
    const auto delivery = amount(money(), "shipping_left");
    refund_as_shown(wanted(units(0, 2) + "," + units(1, 1), delivery, 99));
    world.work();
    EXPECT_EQ(refunded_at_provider(), total);
    const auto after = money();
    EXPECT_EQ(after.text_or("payment_state"), "refunded");
    EXPECT_EQ(amount(after, "refundable"), 0);
    EXPECT_EQ(amount(after, "owed"), 0);
    EXPECT_EQ(preview(mia, wanted("", 0, 1)).body.text_or("code"), "orders.not_sold") << "none of it had left, and none of it will";
    EXPECT_EQ(world.disagreements(), "");
    EXPECT_EQ(world.count("select coalesce(sum(e.amount), 0)::bigint from ledger.entry e join ledger.account a on a.id = e.account_id "
                          "where a.code in ('revenue:sales', 'liability:tax')"),
              0);
    const auto entries = world.desk.entries();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].action, "refund");
    EXPECT_EQ(entries[0].id, order);
}

TEST_F(RefundScenario, a_repeated_request_refunds_once_and_another_sight_of_the_order_is_a_conflict) {
    buy();
    const auto version = money().int_or("version");
    const auto first = refund(mia, wanted(units(1, 1)), 4900, version, "key-1234567890");
    ASSERT_EQ(first.status, 201) << first.text;
    const auto again = refund(mia, wanted(units(1, 1)), 4900, version, "key-1234567890");
    EXPECT_EQ(again.text, first.text);
    const auto late = refund(tom, wanted(units(0, 1)), 999, version);
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(late.body.text_or("code"), "orders.version_conflict");
    world.work();
    EXPECT_EQ(refunded_at_provider(), 4900);
    EXPECT_EQ(world.count("select count(*) from orders.refund"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RefundScenario, of_two_at_once_one_refunds) {
    buy();
    const auto version = money().int_or("version");
    std::vector<int> answers(6);
    {
        std::vector<std::jthread> desks;
        for (std::size_t i = 0; i < answers.size(); ++i)
            desks.emplace_back([&, i] {
                Shopper who(*world.shop);
                who.cookies = mia.cookies;
                answers[i] = refund(who, wanted(units(1, 1)), 4900, version).status;
            });
    }
    EXPECT_EQ(std::ranges::count(answers, 201), 1);
    EXPECT_EQ(std::ranges::count(answers, 409), 5);
    world.work();
    EXPECT_EQ(refunded_at_provider(), 4900);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RefundScenario, permission_and_amount_have_limits) {
    buy();
    Shopper nobody(*world.shop), guest(*world.shop);
    world.desk.hire("ida", {"orders.read"});
    guest.cookies[std::string(Desk::kCookie)] = "ida";
    EXPECT_EQ(nobody.get(path("/money")).body.text_or("code"), "staff.login_required");
    EXPECT_EQ(guest.get(path("/money")).status, 200);
    EXPECT_EQ(preview(guest, wanted(units(0, 1))).body.text_or("code"), "staff.forbidden");
    // Up to 50.00 for an order, all its refunds together.
    const auto shown = preview(tom, wanted(units(1, 1) + "," + units(0, 1)));
    EXPECT_FALSE(shown.body.at("within_limit")->as_bool());
    const auto version = shown.body.int_or("version");
    EXPECT_EQ(refund(tom, wanted(units(1, 1) + "," + units(0, 1)), 5899, version).body.text_or("code"), "staff.over_limit");
    EXPECT_EQ(refund(tom, wanted(units(1, 1)), 4900, version).status, 201);
    world.work();
    EXPECT_EQ(refund(tom, wanted("", 0, 101), 101, money().int_or("version")).body.text_or("code"), "payments.refund_rest_only");
    EXPECT_EQ(world.count("select count(*) from orders.refund"), 1);
}

TEST_F(RefundScenario, an_answer_that_was_lost_is_looked_up_and_a_refusal_leaves_the_money_owed) {
    buy();
    world.outside.fail_next("vendo", "error_after", 1, "/refund");
    ASSERT_EQ(refund(mia, wanted(units(1, 1)), 4900, money().int_or("version")).status, 201);
    world.work();
    EXPECT_EQ(amount(money(), "pending"), 4900);
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    EXPECT_EQ(amount(money(), "pending"), 0);
    EXPECT_EQ(amount(money(), "refunded"), 4900);
    EXPECT_EQ(refunded_at_provider(), 4900);
    EXPECT_EQ(world.disagreements(), "");
    // The rest: the bank refuses it, and the money stays owed until it is sent again.
    const auto before = money();
    const auto rest = wanted(units(0, 3), amount(before, "shipping_left"));
    const auto left = amount(before, "refundable");
    world.outside.tell("/__sandbox/vendo", R"({"refuse_next":1310})");
    ASSERT_EQ(refund(mia, rest, left, before.int_or("version")).status, 201);
    world.work();
    const auto refused = money();
    EXPECT_EQ(refused.at("refunds")->items().back().text_or("state"), "failed") << json::to_text(refused);
    EXPECT_EQ(amount(refused, "payable"), left);
    EXPECT_EQ(amount(refused, "owed"), -left);
    const auto body = fmt::format(R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{}}})", left, refused.int_or("version"));
    const auto paid = mia.post(path("/refunds/pay-out"), body, Uuid::v7().to_string());
    ASSERT_EQ(paid.status, 201) << paid.text;
    world.work();
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RefundScenario, a_call_that_the_provider_turned_away_counts_as_not_sent) {
    buy();
    world.outside.tell("/__sandbox/vendo", R"({"refuse_next":101})");
    ASSERT_EQ(refund(mia, wanted(units(1, 1)), 4900, money().int_or("version")).status, 201);
    world.work();
    EXPECT_EQ(world.count("select count(*) from orders.refund_part where state = 'sent' and sent_at is null"), 1);
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    EXPECT_EQ(amount(money(), "refunded"), 4900);
    EXPECT_EQ(refunded_at_provider(), 4900);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RefundScenario, what_the_provider_refuses_of_a_cancelled_order_stays_owed_and_is_paid_out_again) {
    buy();
    const auto total = amount(money(), "total");
    world.outside.tell("/__sandbox/vendo", R"({"refuse_next":1310})");
    const auto cancelled =
        mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"Changed her mind."}})", money().int_or("version")),
                 Uuid::v7().to_string());
    ASSERT_EQ(cancelled.status, 200) << cancelled.text;
    world.work();
    const auto refused = money();
    EXPECT_EQ(refused.text_or("state"), "cancelled");
    EXPECT_EQ(refused.at("refunds")->items().back().text_or("state"), "failed") << json::to_text(refused);
    EXPECT_EQ(amount(refused, "owed"), -total);
    EXPECT_EQ(amount(refused, "payable"), total);
    EXPECT_EQ(amount(refused, "refundable"), 0);
    EXPECT_EQ(preview(mia, wanted(units(1, 1))).body.text_or("code"), "orders.not_sold");
    const auto body =
        fmt::format(R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{}}})", total, refused.int_or("version"));
    EXPECT_EQ(tom.post(path("/refunds/pay-out"), body, Uuid::v7().to_string()).body.text_or("code"), "staff.over_limit");
    const auto paid = mia.post(path("/refunds/pay-out"), body, Uuid::v7().to_string());
    ASSERT_EQ(paid.status, 201) << paid.text;
    world.work();
    EXPECT_EQ(refunded_at_provider(), total);
    EXPECT_EQ(amount(money(), "payable"), 0);
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RefundScenario, of_an_invoice_that_is_not_paid_the_buyer_owes_less) {
    buy(R"({"method":"invoice"})");
    const auto before = money();
    const auto shown = preview(mia, wanted(units(1, 1)));
    EXPECT_EQ(amount(shown.body, "settles"), 4900);
    EXPECT_TRUE(shown.body.at("parts")->items().empty());
    refund_as_shown(wanted(units(1, 1)));
    world.work();
    EXPECT_EQ(amount(money(), "owed"), amount(before, "total") - 4900);
    EXPECT_EQ(money().text_or("payment_state"), "awaiting_invoice");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(RefundScenario, what_was_charged_back_is_granted_without_sending_it_again) {
    buy();
    const auto reference = world.outside.charges().front().reference;
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", reference));
    (void)world.shop->checkout->reconcile(date_of(world.clock.now()));
    const auto lost = money();
    EXPECT_EQ(amount(lost, "refunded"), amount(lost, "total"));
    EXPECT_EQ(amount(lost, "owed"), amount(lost, "total"));
    EXPECT_EQ(world.count("select count(*) from payments.discrepancy where kind = 'chargeback'"), 1);
    refund_as_shown(wanted(units(0, 3) + "," + units(1, 1), amount(lost, "shipping_left")));
    world.work();
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
