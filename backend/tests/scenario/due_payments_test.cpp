// What became due by a change of an order: asked for by mail, paid by the buyer or from a saved card, at most once; and the documents,
// which say what was charged.
#include <thread>

#include "order_desk.hpp"
#include "payment_page.hpp"

namespace stoa::testing {
namespace {

constexpr auto kKeptCard =
    R"({"method":"card","save_card":true,"card":{"number":"4111111111111111","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"}})";

class DuePayments : public OrderDesk {
protected:
    // One pen more: 9.99.
    void make_dearer(bool ask = true) {
        const auto seen = money();
        const auto done = mia.post(
            path("/edits"),
            fmt::format(
                R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},"request_payment":{},"lines":[{{"line_id":"{}","quantity":4}}]}})",
                seen.int_or("version"), amount(seen, "total") + 999, ask, lines[0]),
            Uuid::v7().to_string());
        ASSERT_EQ(done.status, 201) << done.text;
        EXPECT_EQ(amount(done.body, "due"), 999);
        world.work();
    }
    std::string token() { return world.shop->orders->view_token(*orders::OrderId::parse(order)); }
    Answer look() { return shopper.get("/api/v1/order-payment?token=" + token()); }
    static std::string card(std::string_view number) {
        return fmt::format(
            R"({{"method":"card","card":{{"number":"{}","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"}}}})",
            number);
    }
    Answer pay(std::int64_t due, const std::string& payment, std::string key = {}) {
        return shopper.post(
            "/api/v1/order-payment",
            fmt::format(R"({{"token":"{}","expected_due":{{"amount":{},"currency":"EUR"}},"payment":{}}})", token(), due, payment),
            key.empty() ? Uuid::v7().to_string() : key);
    }
    void accept_at_bank(const Answer& sent) {
        const std::string url = sent.body.text_or("redirect_url");
        http_client::Call call;
        call.method = "POST";
        call.url = world.outside.url() + "/vendo/v/verification";
        call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        call.body = url.substr(url.find('?') + 1) + "&answer=accept";
        const auto answer = world.outside.client.send(call);
        ASSERT_TRUE(answer && answer->status == 302);
    }
    std::int64_t charged() {
        std::int64_t sum = 0;
        for (const auto& charge : world.outside.charges()) {
            if (charge.type == 3 && (charge.state == "paid" || charge.state == "captured")) sum += charge.amount;
        }
        return sum;
    }
    // Invoices less credit notes.
    std::int64_t documents() {
        return world.count(
            "select coalesce(sum(case when kind = 'invoice' then total else -total end), 0)::bigint from orders.document where order_id = "
            "'" +
            orders::OrderId::parse(order)->uuid().to_string() + "'");
    }
    void found_the_company() {
        world.shop->database.in_tx([&](db::Tx& tx) {
            orders::LegalEntityRow entity;
            entity.name = "Stoa Home B.V.";
            entity.line1 = "Kade 1";
            entity.postal_code = "5611 AZ";
            entity.city = "Eindhoven";
            entity.country = "NL";
            entity.vat_id = "NL123456789B01";
            entity.registration = "12345678";
            entity.iban = "NL91ABNA0417164300";
            entity.email = "hello@stoa.example";
            entity.contact_name = "Accounts";
            entity.phone = "+31 40 000 0000";
            orders::save_legal_entity(tx, entity);
        });
    }
};

TEST_F(DuePayments, the_buyer_pays_the_difference_by_the_link_of_the_mail) {
    found_the_company();
    buy();
    world.work();
    const auto total = amount(money(), "total");
    EXPECT_EQ(documents(), total);
    make_dearer();
    EXPECT_EQ(money().text_or("payment_state"), "partially_paid");
    EXPECT_EQ(documents(), total + 999);
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'payment_due'"), 1);
    const auto seen = look();
    ASSERT_EQ(seen.status, 200) << seen.text;
    EXPECT_EQ(amount(seen.body, "due"), 999);
    EXPECT_EQ(pay(998, card("4111111111111111")).body.text_or("code"), "checkout.total_changed");
    // Declined, then paid; nobody is charged twice for one press.
    EXPECT_EQ(pay(999, card("4000000000000002")).body.text_or("status"), "declined");
    const auto key = Uuid::v7().to_string();
    EXPECT_EQ(pay(999, card("4111111111111111"), key).body.text_or("status"), "completed");
    EXPECT_EQ(pay(999, card("4111111111111111"), key).body.text_or("status"), "completed");
    EXPECT_EQ(pay(999, card("4111111111111111")).body.text_or("code"), "checkout.nothing_due");
    EXPECT_EQ(charged(), total + 999);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(amount(look().body, "due"), 0);
    EXPECT_EQ(world.disagreements(), "");
    // It becomes dearer once more: another payment. And everything goes back over all three.
    const auto again = money();
    ASSERT_EQ(
        mia.post(path("/edits"),
                 fmt::format(
                     R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},"lines":[{{"line_id":"{}","quantity":5}}]}})",
                     again.int_or("version"), total + 2 * 999, lines[0]),
                 Uuid::v7().to_string())
            .status,
        201);
    EXPECT_EQ(pay(999, card("4111111111111111")).body.text_or("status"), "completed");
    world.work();
    EXPECT_EQ(documents(), total + 2 * 999);
    refund_as_shown(fmt::format(R"("lines":[{},{}])", units(0, 5), units(1, 1)));
    world.work();
    EXPECT_EQ(refunded_at_provider(), 5 * 999 + 4900);
    EXPECT_EQ(documents(), total + 2 * 999 - 5 * 999 - 4900);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, a_bank_that_asks_the_buyer_is_gone_through_and_come_back_from) {
    buy();
    make_dearer();
    const auto sent = pay(999, card("4000012892688323"));
    ASSERT_EQ(sent.body.text_or("status"), "redirect") << sent.text;
    const auto attempt = sent.body.text_or("attempt_id");
    const auto back = [&] {
        return shopper.post("/api/v1/order-payment/" + attempt + "/return", fmt::format(R"({{"token":"{}"}})", token()));
    };
    EXPECT_EQ(back().body.text_or("status"), "redirect");
    Shopper stranger(*world.shop);
    EXPECT_EQ(stranger.post("/api/v1/order-payment/" + attempt + "/return", R"({"token":"nonsense"})").status, 404);
    accept_at_bank(sent);
    EXPECT_EQ(back().body.text_or("status"), "completed");
    EXPECT_EQ(back().body.text_or("status"), "completed");
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, who_has_paid_on_a_page_does_not_pay_again) {
    buy();
    const auto total = amount(money(), "total");
    make_dearer();
    const auto page = pay(999, R"({"method":"hosted"})");
    ASSERT_EQ(page.body.text_or("status"), "redirect") << page.text;
    EXPECT_FALSE(pay_on_page(world.outside, page.body.text_or("redirect_url"), "EUR").empty());
    // Without having been back: another window, another way.
    const auto again = pay(999, card("4111111111111111"));
    EXPECT_EQ(again.body.text_or("status"), "completed") << again.text;
    EXPECT_EQ(again.body.text_or("attempt_id"), page.body.text_or("attempt_id"));
    EXPECT_EQ(charged(), total);
    EXPECT_EQ(amount(look().body, "due"), 0);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    world.work();
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, who_leaves_a_page_unpaid_pays_in_another_way_at_once) {
    buy();
    const auto total = amount(money(), "total");
    make_dearer();
    ASSERT_EQ(pay(999, R"({"method":"hosted"})").body.text_or("status"), "redirect");
    EXPECT_EQ(pay(999, card("4111111111111111")).body.text_or("status"), "completed");
    EXPECT_EQ(charged(), total + 999);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, the_desk_charges_no_card_for_what_was_paid_on_a_page) {
    log_in(shopper, "ana@example.test");
    buy(kKeptCard);
    make_dearer();
    const auto mine = shopper.get("/api/v1/account/payment-methods").body.find("items")->items().front().text_or("id");
    ASSERT_EQ(shopper.put("/api/v1/account/payment-methods/" + mine + "/consent", R"({"merchant_may_charge":true})").status, 200);
    const auto page = pay(999, R"({"method":"hosted"})");
    EXPECT_FALSE(pay_on_page(world.outside, page.body.text_or("redirect_url"), "EUR").empty());
    const auto before = charged();
    EXPECT_EQ(
        mia.post(path("/due/charge"), fmt::format(R"({{"stored_card_id":"{}","expected_due":{{"amount":999,"currency":"EUR"}}}})", mine),
                 Uuid::v7().to_string())
            .body.text_or("code"),
        "checkout.nothing_due");
    EXPECT_EQ(charged(), before);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, a_saved_card_is_charged_only_with_consent_and_once) {
    log_in(shopper, "ana@example.test");
    buy(kKeptCard);
    make_dearer(false);
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'payment_due'"), 0);
    const auto mine = shopper.get("/api/v1/account/payment-methods").body.find("items")->items().front().text_or("id");
    const auto charge = [&](std::int64_t due) {
        return mia.post(path("/due/charge"),
                        fmt::format(R"({{"stored_card_id":"{}","expected_due":{{"amount":{},"currency":"EUR"}}}})", mine, due),
                        Uuid::v7().to_string());
    };
    EXPECT_TRUE(mia.get(path("/due")).body.find("cards")->items().empty());
    EXPECT_EQ(charge(999).body.text_or("code"), "payments.card_no_consent");
    ASSERT_EQ(shopper.put("/api/v1/account/payment-methods/" + mine + "/consent", R"({"merchant_may_charge":true})").status, 200);
    EXPECT_EQ(mia.get(path("/due")).body.find("cards")->items().size(), 1U);
    EXPECT_EQ(charge(1).body.text_or("code"), "checkout.total_changed");
    const auto before = charged();
    Answer first, second;
    {
        std::jthread one([&] { first = charge(999); });
        std::jthread two([&] { second = charge(999); });
    }
    EXPECT_EQ((first.body.text_or("status") == "completed") + (second.body.text_or("status") == "completed"), 1)
        << first.text << second.text;
    EXPECT_EQ(charged() - before, 999);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(charge(999).body.text_or("code"), "checkout.nothing_due");
    EXPECT_EQ(tom.post(path("/due/charge"), "{}", Uuid::v7().to_string()).status, 403);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, what_comes_after_the_order_was_cancelled_goes_back) {
    buy();
    make_dearer();
    const auto sent = pay(999, card("4000012892688323"));
    ASSERT_EQ(sent.body.text_or("status"), "redirect") << sent.text;
    ASSERT_EQ(mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"no"}})", money().int_or("version")), Uuid::v7().to_string())
                  .status,
              200);
    accept_at_bank(sent);
    (void)shopper.post("/api/v1/order-payment/" + sent.body.text_or("attempt_id") + "/return", fmt::format(R"({{"token":"{}"}})", token()));
    world.work();
    EXPECT_EQ(refunded_at_provider(), charged());
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, a_late_payment_counts_and_nobody_charges_for_the_one_at_the_bank) {
    buy();
    make_dearer();
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    ASSERT_EQ(pay(999, card("4111111111111111")).body.text_or("status"), "processing");
    // As if the provider's list had been wrong for long enough: closed here, charged there.
    world.shop->database.in_tx([](db::Tx& tx) { tx.run_text("update payments.attempt set state = 'failed' where state = 'unknown'"); });
    const auto sent = pay(999, card("4000012892688323"));
    ASSERT_EQ(sent.body.text_or("status"), "redirect") << sent.text;
    (void)world.shop->checkout->reconcile(date_of(world.clock.now()));
    world.work();
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(amount(look().body, "due"), 0);
    // The bank says yes to the other one, too late.
    accept_at_bank(sent);
    EXPECT_EQ(
        shopper.post("/api/v1/order-payment/" + sent.body.text_or("attempt_id") + "/return", fmt::format(R"({{"token":"{}"}})", token()))
            .body.text_or("status"),
        "declined");
    world.work();
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(charged(), amount(money(), "total"));
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, more_than_is_due_by_then_goes_back_and_the_rest_stays_due) {
    buy();
    const auto edit = [&](int quantity, std::int64_t total) {
        return mia.post(
            path("/edits"),
            fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},"lines":[{{"line_id":"{}","quantity":{}}}]}})",
                        money().int_or("version"), total, lines[0], quantity),
            Uuid::v7().to_string());
    };
    const auto total = amount(money(), "total");
    ASSERT_EQ(edit(5, total + 2 * 999).status, 201);
    const auto sent = pay(2 * 999, card("4000012892688323"));
    ASSERT_EQ(sent.body.text_or("status"), "redirect") << sent.text;
    const auto smaller = edit(4, total + 999);
    ASSERT_EQ(smaller.status, 201) << smaller.text;
    EXPECT_EQ(amount(smaller.body, "due"), 999);
    accept_at_bank(sent);
    (void)shopper.post("/api/v1/order-payment/" + sent.body.text_or("attempt_id") + "/return", fmt::format(R"({{"token":"{}"}})", token()));
    world.work();
    EXPECT_EQ(refunded_at_provider(), 2 * 999);
    EXPECT_EQ(money().text_or("payment_state"), "partially_paid");
    EXPECT_EQ(amount(look().body, "due"), 999);
    EXPECT_EQ(pay(999, card("4111111111111111")).body.text_or("status"), "completed");
    EXPECT_EQ(money().text_or("payment_state"), "partially_refunded");  // nothing is open, and money has gone back
    EXPECT_EQ(amount(look().body, "due"), 0);
    EXPECT_EQ(charged() - refunded_at_provider(), amount(money(), "total"));
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, card_data_beside_another_method_mean_nothing) {
    buy();
    make_dearer();
    const auto paid = pay(
        999,
        R"({"method":"sepa","iban":"DE89 3704 0044 0532 0130 00","account_holder":"Ana Ruiz","stored_card_id":"pm_01h2xcejqtf2nbrexx3vqjhp41","card":{"number":"4111111111111111","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"}})");
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(world.count("select count(*) from payments.attempt where method = 'sepa' and label = '' and stored_method_id is null"), 1);
}

TEST_F(DuePayments, documents_follow_changes_and_refunds_in_any_order) {
    found_the_company();
    buy();
    world.work();
    const auto total = amount(money(), "total");
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.work();
    EXPECT_EQ(documents(), total - 999);
    make_dearer();
    EXPECT_EQ(documents(), amount(money(), "total") - 999);
    const auto seen = money();
    ASSERT_EQ(
        mia.post(path("/edits"),
                 fmt::format(
                     R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},"lines":[{{"line_id":"{}","quantity":0}}]}})",
                     seen.int_or("version"), amount(seen, "total") - 4900, lines[1]),
                 Uuid::v7().to_string())
            .status,
        201);
    world.work();
    world.work();
    const auto after = money();
    EXPECT_EQ(documents(), amount(after, "total") - amount(after, "granted"));
    ASSERT_EQ(
        mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"no"}})", after.int_or("version")), Uuid::v7().to_string()).status,
        200);
    world.work();
    EXPECT_EQ(documents(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, what_a_change_makes_due_is_due_although_a_refund_is_on_its_way) {
    buy();
    const auto total = amount(money(), "total");
    // One pen is refunded, and before the provider has heard of it the order becomes dearer.
    const auto shown = preview(mia, wanted(units(1, 1)));
    ASSERT_EQ(refund(mia, wanted(units(1, 1)), amount(shown.body, "total"), shown.body.int_or("version")).status, 201);
    const auto seen = money();
    EXPECT_EQ(amount(seen, "pending"), 4900);
    const auto edit = [&](const std::string& more, int quantity) {
        return mia.post(path("/edits") + (more.empty() ? "/preview" : ""),
                        fmt::format(R"({{"version":{},{}"lines":[{{"line_id":"{}","quantity":{}}}]}})", seen.int_or("version"), more,
                                    lines[0], quantity),
                        Uuid::v7().to_string());
    };
    EXPECT_EQ(amount(edit("", 4).body, "due"), 999);
    const auto changed = edit(fmt::format(R"("expected_total":{{"amount":{},"currency":"EUR"}},"request_payment":true,)", total + 999), 4);
    ASSERT_EQ(changed.status, 201) << changed.text;
    EXPECT_EQ(amount(changed.body, "due"), 999);
    EXPECT_EQ(changed.body.text_or("payment_state"), "partially_paid");
    world.work();
    EXPECT_EQ(refunded_at_provider(), 4900);
    EXPECT_EQ(money().text_or("payment_state"), "partially_paid") << "it is still to be collected";
    EXPECT_EQ(amount(money(), "due"), 999);
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'payment_due'"), 1);
    EXPECT_EQ(pay(999, card("4111111111111111")).body.text_or("status"), "completed");
    EXPECT_EQ(money().text_or("payment_state"), "partially_refunded");
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DuePayments, a_customer_pays_from_their_account) {
    log_in(shopper, "ana@example.test");
    buy();
    const auto mine = [&] { return shopper.get("/api/v1/account/orders/" + number).body; };
    EXPECT_TRUE(mine().text_or("payment_token").empty()) << "nothing is due";
    make_dearer(false);
    const auto handed = mine().text_or("payment_token");
    const auto due = shopper.get("/api/v1/order-payment?token=" + handed);
    ASSERT_EQ(due.status, 200) << due.text;
    EXPECT_EQ(due.body.text_or("order_number"), number);
    EXPECT_EQ(amount(due.body, "due"), 999);
    // It is its owner's only.
    Shopper eve(*world.shop);
    log_in(eve, "eve@example.test");
    EXPECT_EQ(eve.get("/api/v1/account/orders/" + number).status, 404);
    const auto by_link = shopper.get("/api/v1/orders/" + number + "?token=" + token());
    EXPECT_TRUE(by_link.body.text_or("payment_token").empty()) << by_link.text;
    const auto paid = shopper.post(
        "/api/v1/order-payment",
        fmt::format(R"({{"token":"{}","expected_due":{{"amount":999,"currency":"EUR"}},"payment":{}}})", handed, card("4111111111111111")),
        Uuid::v7().to_string());
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_TRUE(mine().text_or("payment_token").empty());
    EXPECT_EQ(mine().text_or("payment_state"), "paid");
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
