// What the provider's list says otherwise than our books: seen at the desk, decided once, booked, and the order can be completed.
#include <sstream>
#include <thread>

#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class PaymentCases : public OrderDesk {
protected:
    void SetUp() override {
        OrderDesk::SetUp();
        world.desk.hire("tom", {"orders.reconcile", "orders.refund", "orders.read"},
                        {{"orders.refund", {Money(5000, Currency::of("EUR"))}}});
        world.desk.hire("kim", {"orders.read"});
        kim.cookies[std::string(Desk::kCookie)] = "kim";
    }
    void reconcile() { (void)world.shop->checkout->reconcile(day); }
    void charge_back() {
        const auto reference = world.outside.charges().back().reference;
        (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", reference));
        reconcile();
    }
    json::Value listed(std::string_view state = "open") {
        const auto answer = mia.get("/api/v1/admin/payment-cases?state=" + std::string(state));
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.body;
    }
    std::string only_case() {
        const auto found = listed();
        EXPECT_EQ(found.at("items")->items().size(), 1U) << json::to_text(found);
        return found.at("items")->items().front().text_or("id");
    }
    json::Value look(const std::string& id) {
        const auto answer = mia.get("/api/v1/admin/payment-cases/" + id);
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.body;
    }
    std::string ways(const std::string& id) {
        std::string out;
        const auto seen = look(id);
        for (const auto& choice : seen.at("choices")->items()) out += (out.empty() ? "" : " ") + choice.text_or("resolution");
        return out;
    }
    // Our books, whatever the sandbox makes of a payment that came back and was won.
    std::string books() {
        std::string out;
        std::istringstream all(world.disagreements());
        for (std::string line; std::getline(all, line);) {
            if (line.find(" charged ") == std::string::npos) out += line + "\n";
        }
        return out;
    }
    // As the page does: with the version and the amount that were shown.
    std::string body(const std::string& id, std::string_view resolution) {
        const auto seen = look(id);
        std::string amount;
        for (const auto& choice : seen.at("choices")->items()) {
            if (choice.text_or("resolution") != resolution || !choice.find("amount") || choice.find("amount")->is_null()) continue;
            amount = R"("expected_amount":)" + json::to_text(*choice.find("amount")) + ",";
        }
        return fmt::format(R"({{"version":{},{}"resolution":"{}","note":"Asked the bank."}})", seen.at("case")->int_or("version"), amount,
                           resolution);
    }
    Answer resolve(Shopper& who, const std::string& id, const std::string& with, std::string key = {}) {
        return who.post("/api/v1/admin/payment-cases/" + id + "/resolve", with, key.empty() ? Uuid::v7().to_string() : key);
    }
    void resolve_as(const std::string& id, std::string_view resolution) {
        const auto done = resolve(mia, id, body(id, resolution));
        ASSERT_EQ(done.status, 200) << done.text;
        EXPECT_EQ(done.body.at("case")->text_or("state"), "resolved");
        EXPECT_EQ(done.body.at("case")->text_or("resolution"), resolution);
        EXPECT_EQ(done.body.at("case")->text_or("staff"), "mia");
        world.work();
        EXPECT_EQ(books(), "");
    }
    std::int64_t booked(std::string_view account) {
        return world.count(
            fmt::format("select coalesce(sum(e.amount), 0)::bigint from ledger.entry e join ledger.account a on a.id = e.account_id where "
                        "a.code = '{}'",
                        account));
    }
    std::string state_of_order() { return money().text_or("state"); }
    std::int64_t on_timeline(std::string_view kind) {
        return world.count(fmt::format("select count(*) from orders.timeline where kind = '{}'", kind));
    }
    // It has arrived, and the time for returns is over.
    void let_it_end() {
        world.shop->database.in_tx([&](db::Tx& tx) {
            const auto id = *orders::OrderId::parse(order);
            auto header = world.shop->orders->lock(tx, id);
            for (const auto to : {orders::State::processing, orders::State::shipped, orders::State::delivered})
                ASSERT_TRUE(world.shop->orders->advance(tx, *header, to));
            world.shop->orders->note(tx, id, "delivered", "{}");
        });
        constexpr int kDays = 40;
        world.clock.advance(std::chrono::days{kDays});
        world.outside.control.advance(kDays * 24);
        world.work();
    }
    const Date day = date_of(world.clock.now());  // on which everything happens at the provider
    Shopper kim{*world.shop};
};

TEST_F(PaymentCases, a_chargeback_that_is_accepted_is_a_loss_and_the_order_is_completed) {
    buy();
    const auto total = amount(money(), "total");
    const auto sales = booked("revenue:sales");
    charge_back();
    let_it_end();
    EXPECT_EQ(state_of_order(), "delivered") << "the case is open";
    const auto id = only_case();
    const auto seen = look(id);
    EXPECT_EQ(seen.at("case")->text_or("kind"), "chargeback");
    EXPECT_EQ(seen.at("case")->text_or("order_number"), number);
    EXPECT_EQ(amount(*seen.at("case"), "amount"), total);
    EXPECT_EQ(amount(seen, "owed"), total);
    EXPECT_EQ(ways(id), "accepted_as_loss booked_as_refund won_back");
    EXPECT_EQ(mia.get(path("/payment-cases")).body.at("items")->items().size(), 1U);

    // Who may: nobody without the right, and within the limit of refunds.
    EXPECT_EQ(resolve(kim, id, body(id, "accepted_as_loss")).body.text_or("code"), "staff.forbidden");
    EXPECT_EQ(resolve(tom, id, body(id, "accepted_as_loss")).body.text_or("code"), "staff.over_limit");
    EXPECT_FALSE(tom.get("/api/v1/admin/payment-cases/" + id).body.at("choices")->items().front().bool_or("within_limit", true));
    // What was not shown is not booked.
    EXPECT_EQ(
        resolve(mia, id, R"({"version":1,"resolution":"accepted_as_loss","expected_amount":{"amount":1,"currency":"EUR"},"note":"no"})")
            .body.text_or("code"),
        "orders.case_changed");
    EXPECT_EQ(resolve(mia, id, R"({"version":1,"resolution":"settled","note":"no"})").body.text_or("code"), "orders.case_way_closed");
    EXPECT_EQ(resolve(mia, id, R"({"version":1,"resolution":"settled","note":"  "})").status, 422);
    EXPECT_EQ(booked("expense:payment-losses"), 0);

    const auto wanted = body(id, "accepted_as_loss");
    const auto key = Uuid::v7().to_string();
    const auto version = money().int_or("version");
    const auto done = resolve(mia, id, wanted, key);
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(resolve(mia, id, wanted, key).text, done.text) << "repeated, it answers the same";
    EXPECT_EQ(booked("expense:payment-losses"), total);
    EXPECT_EQ(booked("asset:receivables"), 0);
    EXPECT_EQ(booked("asset:provider:vendo"), 0);
    EXPECT_EQ(booked("revenue:sales"), sales) << "the goods were sold";
    const auto after = money();
    EXPECT_EQ(amount(after, "owed"), 0);
    EXPECT_EQ(amount(after, "written_off"), total);
    EXPECT_EQ(after.text_or("payment_state"), "refunded");
    EXPECT_GT(after.int_or("version"), version) << "whoever looks at the order sees that it changed";
    EXPECT_EQ(on_timeline("case_resolved"), 1);
    const auto entries = world.desk.entries();
    EXPECT_EQ(entries.back().action, "resolve");
    EXPECT_EQ(entries.back().resource, "payment_cases");
    EXPECT_NE(entries.back().after.find("accepted_as_loss"), std::string::npos);
    EXPECT_TRUE(listed().at("items")->items().empty());
    EXPECT_EQ(listed("resolved").at("items")->items().size(), 1U);
    EXPECT_EQ(resolve(mia, id, wanted).body.text_or("code"), "orders.case_version_conflict");

    world.clock.advance(std::chrono::hours{2});
    world.work();
    EXPECT_EQ(state_of_order(), "completed");
    EXPECT_EQ(world.disagreements(), "");
    // The list of the same day brings nothing new.
    reconcile();
    EXPECT_TRUE(listed().at("items")->items().empty());
}

// A dispute is about the whole charge, whatever was refunded of it before.
TEST_F(PaymentCases, a_chargeback_after_a_partial_refund_takes_what_was_left_and_the_rest_is_a_loss) {
    buy();
    const auto total = amount(money(), "total");
    (void)refund_as_shown(wanted("", 0, 1000));
    world.work();
    const auto at_provider = booked("asset:provider:vendo");
    EXPECT_EQ(at_provider, total - 1000);
    (void)world.outside.tell("/__sandbox/vendo/chargeback",
                             fmt::format(R"({{"reference":"{}","whole":true}})", world.outside.charges().front().reference));
    reconcile();
    EXPECT_EQ(amount(money(), "owed"), total - 1000);
    EXPECT_EQ(amount(money(), "refunded"), total);
    EXPECT_EQ(money().text_or("payment_state"), "failed");
    const auto payments = money();
    for (const auto& payment : payments.at("payments")->items()) EXPECT_EQ(amount(payment, "left"), 0);
    EXPECT_EQ(booked("asset:provider:vendo"), 0);
    const auto id = only_case();
    const auto seen = look(id);
    EXPECT_EQ(amount(*seen.at("case"), "amount"), total);
    EXPECT_EQ(ways(id), "accepted_as_loss booked_as_refund won_back");
    reconcile();
    EXPECT_EQ(amount(money(), "refunded"), total) << "seen again, it is booked once";

    resolve_as(id, "accepted_as_loss");
    EXPECT_EQ(booked("expense:payment-losses"), total) << "what the order was worth still, and what went twice";
    EXPECT_EQ(booked("asset:provider:vendo"), -1000) << "as the provider has it";
    EXPECT_EQ(amount(money(), "owed"), 0);
    // The bank thinks better of it.
    resolve_as(id, "won_back");
    EXPECT_EQ(booked("expense:payment-losses"), 0);
    EXPECT_EQ(booked("asset:provider:vendo"), total - 1000);
    EXPECT_EQ(amount(money(), "refunded"), 1000);
    EXPECT_EQ(money().text_or("payment_state"), "partially_refunded");
}

TEST_F(PaymentCases, a_loss_can_be_won_back_months_later) {
    buy();
    const auto total = amount(money(), "total");
    charge_back();
    const auto id = only_case();
    resolve_as(id, "accepted_as_loss");
    EXPECT_EQ(ways(id), "won_back");
    world.clock.advance(std::chrono::hours{24 * 90});
    resolve_as(id, "won_back");
    EXPECT_EQ(booked("expense:payment-losses"), 0);
    EXPECT_EQ(booked("asset:provider:vendo"), total);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(amount(money(), "written_off"), 0);
    EXPECT_EQ(amount(money(), "refundable"), total);
    EXPECT_EQ(ways(id), "");
    // It is money again, which can be refunded.
    EXPECT_EQ(preview(mia, wanted(units(1, 1))).status, 200);
}

TEST_F(PaymentCases, a_chargeback_that_is_won_makes_the_order_paid_again) {
    buy();
    charge_back();
    EXPECT_EQ(money().text_or("payment_state"), "failed");
    resolve_as(only_case(), "won_back");
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    reconcile();
    EXPECT_TRUE(listed().at("items")->items().empty()) << "the list still has it";
    let_it_end();
    EXPECT_EQ(state_of_order(), "completed");
}

TEST_F(PaymentCases, what_was_refunded_elsewhere_is_granted_without_sending_it_again) {
    buy();
    const auto before = money();
    charge_back();
    const auto taken_back = refunded_at_provider();
    const auto sales = booked("revenue:sales");
    resolve_as(only_case(), "booked_as_refund");
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(amount(money(), "granted"), amount(before, "total"));
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    EXPECT_GT(booked("revenue:sales"), sales) << "a sale less";
    EXPECT_EQ(booked("expense:payment-losses"), 0);
    EXPECT_EQ(refunded_at_provider(), taken_back);
}

TEST_F(PaymentCases, a_loss_becomes_a_refund_when_the_goods_come_back) {
    buy();
    const auto total = amount(money(), "total");
    charge_back();
    const auto taken_back = refunded_at_provider();
    resolve_as(only_case(), "accepted_as_loss");
    refund_as_shown(wanted(units(1, 1)));
    world.work();
    EXPECT_EQ(booked("expense:payment-losses"), total - 4900);
    EXPECT_EQ(amount(money(), "written_off"), total - 4900);
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(refunded_at_provider(), taken_back);
    EXPECT_EQ(world.disagreements(), "");
    // And the rest when the order is cancelled.
    const auto cancelled =
        mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"Fraud."}})", money().int_or("version")), Uuid::v7().to_string());
    ASSERT_EQ(cancelled.status, 200) << cancelled.text;
    world.work();
    EXPECT_EQ(booked("expense:payment-losses"), 0);
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentCases, units_refunded_in_the_meantime_leave_nothing_to_book) {
    buy();
    charge_back();
    const auto lost = money();
    const auto id = only_case();
    const auto seen = body(id, "accepted_as_loss");
    refund_as_shown(wanted(units(0, 3) + "," + units(1, 1), amount(lost, "shipping_left")));
    EXPECT_EQ(resolve(mia, id, seen).body.text_or("code"), "orders.case_way_closed");
    EXPECT_EQ(ways(id), "settled won_back");
    resolve_as(id, "settled");
    EXPECT_EQ(booked("expense:payment-losses"), 0);
}

TEST_F(PaymentCases, two_clerks_decide_once) {
    buy();
    const auto total = amount(money(), "total");
    charge_back();
    const auto id = only_case();
    const auto loss = body(id, "accepted_as_loss"), won = body(id, "won_back");
    Shopper other(*world.shop);
    other.cookies[std::string(Desk::kCookie)] = "mia";
    Answer first, second;
    std::thread one([&] { first = resolve(mia, id, loss); });
    std::thread two([&] { second = resolve(other, id, won); });
    one.join();
    two.join();
    EXPECT_TRUE((first.status == 200) != (second.status == 200)) << first.text << second.text;
    const auto& refused = first.status == 200 ? second : first;
    EXPECT_EQ(refused.body.text_or("code"), "orders.case_version_conflict") << refused.text;
    EXPECT_EQ(booked("expense:payment-losses"), first.status == 200 ? total : 0);
    EXPECT_EQ(books(), "");
}

TEST_F(PaymentCases, a_worker_that_dies_leaves_it_open_and_the_next_try_books_it_once) {
    buy();
    const auto total = amount(money(), "total");
    charge_back();
    const auto id = only_case();
    const auto wanted_body = body(id, "accepted_as_loss");
    for (int statement = 1;; ++statement) {
        ASSERT_LT(statement, 100);
        int sent = 0;
        db::set_fault_hook([&](std::string_view) {
            if (++sent == statement) throw std::runtime_error("gone");
        });
        const auto answer = resolve(mia, id, wanted_body);
        db::set_fault_hook(nullptr);
        if (answer.status == 200) break;
        ASSERT_EQ(listed().at("items")->items().size(), 1U) << answer.text;
        ASSERT_EQ(booked("expense:payment-losses"), 0);
    }
    EXPECT_EQ(booked("expense:payment-losses"), total);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PaymentCases, a_debit_that_came_back_can_be_written_off) {
    buy(R"({"method":"sepa","iban":"DE89 3704 0044 0532 0130 00","account_holder":"Ana Ruiz"})");
    const auto total = amount(money(), "total");
    const auto reference = world.outside.charges().back().reference;
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", reference));
    Shopper vendo(*world.shop);
    EXPECT_EQ(vendo
                  .send(http::Method::post, "/hooks/vendo/" + payments::hook_token(world.shop->config.secret_key),
                        "callback=transaction&transaction_type=20&is_test=1&merchant_reference=" + reference, {},
                        {{"content-type", "application/x-www-form-urlencoded"}, {"origin", ""}, {"sec-fetch-site", ""}})
                  .status,
              200);
    world.work();
    ASSERT_EQ(money().text_or("payment_state"), "failed");
    const auto id = only_case();
    EXPECT_EQ(look(id).at("case")->text_or("kind"), "debit_returned");
    resolve_as(id, "accepted_as_loss");
    EXPECT_EQ(booked("expense:payment-losses"), total);
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    let_it_end();
    EXPECT_EQ(state_of_order(), "completed");
}

TEST_F(PaymentCases, a_payment_that_the_provider_does_not_have_is_owed_again) {
    buy();
    const auto total = amount(money(), "total");
    // It is listed under nobody's name.
    world.shop->database.in_tx(
        [](db::Tx& tx) { (void)tx.run_text("update payments.attempt set reference = reference || '-lost', transaction_id = 1"); });
    reconcile();
    const auto id = only_case();
    EXPECT_EQ(look(id).at("case")->text_or("kind"), "payment_missing_at_provider");
    EXPECT_EQ(ways(id), "was_error not_paid accepted_as_loss");
    resolve_as(id, "not_paid");
    EXPECT_EQ(money().text_or("payment_state"), "failed");
    EXPECT_EQ(amount(money(), "due"), total);
    EXPECT_EQ(booked("asset:provider:vendo"), 0);
    EXPECT_EQ(booked("asset:receivables"), total);
}

TEST_F(PaymentCases, of_a_payment_that_nobody_knows_the_shop_bears_what_went_back) {
    buy();
    world.shop->database.in_tx([](db::Tx& tx) {
        (void)tx.run_text(
            "insert into payments.discrepancy (unique_key, kind, detail, found_at) values ('chargeback:7', 'chargeback', "
            "'{\"reference\":\"X-1\",\"transaction_id\":7,\"amount\":700,\"currency\":\"EUR\"}', now())");
    });
    const auto id = only_case();
    EXPECT_EQ(ways(id), "accepted_as_loss was_error");
    resolve_as(id, "accepted_as_loss");
    EXPECT_EQ(booked("expense:payment-losses"), 700);
    EXPECT_EQ(mia.get("/api/v1/admin/payment-cases/pcs_00000000000000000000000000").body.text_or("code"), "orders.case_not_found");
}

}  // namespace
}  // namespace stoa::testing
