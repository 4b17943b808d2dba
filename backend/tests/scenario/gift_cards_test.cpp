// Gift cards and store credit: issued, paid with beside a card, held, spent once, given back, blocked.
#include <regex>
#include <thread>

#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class GiftCards : public OrderDesk {
protected:
    void SetUp() override {
        OrderDesk::SetUp();
        world.desk.hire("mia", {"gift_cards.*", "orders.*"}, {{"gift_cards.issue", {Money(20000, Currency::of("EUR"))}}});
        pens = stock_up(*world.shop, "PEN", 999, 100);
        lamp = stock_up(*world.shop, "LAMP", 4900, 100);
    }
    Answer issue(std::int64_t value, const std::string& more = {}, std::string key = {}) {
        return mia.post("/api/v1/admin/gift-cards", fmt::format(R"({{"amount":{{"amount":{},"currency":"EUR"}}{}}})", value, more),
                        key.empty() ? Uuid::v7().to_string() : key);
    }
    Answer enter(Shopper& who, const std::string& code) {
        return who.post("/api/v1/checkout/gift-cards", fmt::format(R"({{"code":"{}"}})", code));
    }
    void fill(Shopper& who, const std::string& email = "ana@example.test") {
        who.add(pens, 3);
        who.add(lamp);
        who.fill_in(email);
    }
    Answer complete(Shopper& who, std::string_view card = "4111111111111111", std::optional<std::int64_t> due = std::nullopt) {
        const auto seen = who.get("/api/v1/checkout").body;
        return who.post(
            "/api/v1/checkout/complete",
            fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"expected_due":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{{"number":"{}","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"}}}}}})",
                seen.at("totals", "total", "amount")->as_int().value(), due.value_or(seen.at("due", "amount")->as_int().value()), card),
            Uuid::v7().to_string());
    }
    // As if the provider's list had been wrong for long enough: closed here, charged there.
    void close_lost_payment() {
        world.shop->database.in_tx([](db::Tx& tx) { tx.run_text("update payments.attempt set state = 'failed' where state = 'unknown'"); });
    }
    void compare_with_provider() {
        (void)world.shop->checkout->reconcile(date_of(world.clock.now()));
        world.work();
    }
    std::int64_t balance(const std::string& id) {
        return mia.get("/api/v1/admin/gift-cards/" + id).body.at("card", "balance", "amount")->as_int().value();
    }
    void remember(const Answer& paid) {
        ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        number = paid.body.text_or("order_number");
        order =
            world.shop->database.read([&](db::Session& session) { return world.shop->orders->find_number(session, number)->to_string(); });
        lines.clear();
        const auto bought = money();
        for (const auto& line : bought.at("lines")->items()) lines.push_back(line.text_or("line_id"));
    }
    std::int64_t charged() {
        std::int64_t sum = 0;
        for (const auto& charge : world.outside.charges()) {
            if (charge.type == 3 && (charge.state == "paid" || charge.state == "captured")) sum += charge.amount;
        }
        return sum;
    }
    // No account of what the shop owes may be a claim, and all of it adds up.
    std::string books() {
        const auto audit = world.shop->database.read([&](db::Session& session) { return world.shop->ledger->audit(session); });
        if (audit.unbalanced != 0 || audit.drifted != 0 || audit.total != 0) return "the ledger is not sound";
        if (world.count(
                "select count(*) from (select a.code from ledger.entry e join ledger.account a on a.id = e.account_id where a.code like "
                "'liability:gift-card:%' or a.code like 'liability:store-credit:%' group by a.code having sum(e.amount) > 0) c") != 0)
            return "somebody spent more than there was";
        return world.disagreements();
    }
};

TEST_F(GiftCards, a_card_is_shown_once_and_kept_hashed) {
    const auto key = Uuid::v7().to_string();
    const auto made = issue(5000, R"(,"note":"for the trouble")", key);
    ASSERT_EQ(made.status, 201) << made.text;
    const auto code = made.body.text_or("code");
    EXPECT_EQ(code.size(), 19U);
    const auto again = issue(5000, R"(,"note":"for the trouble")", key);
    EXPECT_EQ(again.status, 201);
    EXPECT_TRUE(again.body.text_or("code").empty());
    EXPECT_EQ(again.body.at("card", "id")->text(), made.body.at("card", "id")->text());
    std::string plain;
    for (const char c : code) {
        if (c != '-') plain += c;
    }
    EXPECT_EQ(world.count("select count(*) from payments.credit where code_hint = '" + plain.substr(12) + "'"), 1);
    for (const auto& entry : world.desk.entries()) EXPECT_EQ((entry.before + entry.after).find(code), std::string::npos);
    EXPECT_EQ(issue(20001).body.text_or("code"), "staff.over_limit");
    EXPECT_EQ(issue(0).status, 422);
    EXPECT_EQ(tom.post("/api/v1/admin/gift-cards", R"({"amount":{"amount":100,"currency":"EUR"}})", Uuid::v7().to_string()).status, 403);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, its_code_is_mailed_to_whom_it_is_for) {
    ASSERT_EQ(issue(5000, R"(,"email":"ben@example.test","locale":"de")").status, 201);
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'gift_card' and recipient = 'ben@example.test'"), 1);
    world.work();
}

TEST_F(GiftCards, pays_a_part_beside_the_card_and_what_is_left_stays) {
    const auto made = issue(3000);
    const auto id = made.body.at("card", "id")->text();
    fill(shopper);
    const auto applied = enter(shopper, made.body.text_or("code"));
    ASSERT_EQ(applied.status, 200) << applied.text;
    const auto total = applied.body.at("totals", "total", "amount")->as_int().value();
    EXPECT_EQ(applied.body.at("due", "amount")->as_int().value(), total - 3000);
    EXPECT_EQ(enter(shopper, made.body.text_or("code")).status, 200);  // once is enough
    EXPECT_EQ(complete(shopper, "4111111111111111", total).body.text_or("code"), "checkout.total_changed");
    EXPECT_EQ(complete(shopper, "4000000000000002").body.text_or("status"), "declined");
    EXPECT_EQ(balance(id), 3000);
    remember(complete(shopper));
    world.work();
    EXPECT_EQ(charged(), total - 3000);
    EXPECT_EQ(balance(id), 0);
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(books(), "");
    // Money goes back to the gift card first, any part of it, then to the card.
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.work();
    EXPECT_EQ(balance(id), 999);
    EXPECT_EQ(refunded_at_provider(), 0);
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.work();
    EXPECT_EQ(balance(id), 2 * 999);
    refund_as_shown(fmt::format(R"("lines":[{},{}])", units(0, 1), units(1, 1)));
    world.work();
    EXPECT_EQ(balance(id), 3000);
    EXPECT_EQ(refunded_at_provider(), 3 * 999 + 4900 - 3000);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_part_beside_a_debit_that_is_not_money_yet_comes_back_when_the_order_is_cancelled) {
    const auto made = issue(3000);
    const auto id = made.body.at("card", "id")->text();
    fill(shopper);
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).status, 200);
    const auto seen = shopper.get("/api/v1/checkout").body;
    remember(shopper.post(
        "/api/v1/checkout/complete",
        fmt::format(
            R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"expected_due":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"sepa","iban":"DE89370400440532013000","account_holder":"Ana Ruiz"}}}})",
            seen.at("totals", "total", "amount")->as_int().value(), seen.at("due", "amount")->as_int().value()),
        Uuid::v7().to_string()));
    EXPECT_EQ(balance(id), 0);
    EXPECT_EQ(amount(money(), "captured"), 3000) << "the debit is not money yet";
    const auto cancelled =
        mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"no"}})", money().int_or("version")), Uuid::v7().to_string());
    ASSERT_EQ(cancelled.status, 200) << cancelled.text;
    world.work();
    EXPECT_EQ(balance(id), 3000);
    EXPECT_EQ(amount(money(), "payable"), 0);
}

TEST_F(GiftCards, covers_a_whole_order_without_asking_the_provider) {
    const auto made = issue(20000);
    fill(shopper);
    const auto total = enter(shopper, made.body.text_or("code")).body.at("totals", "total", "amount")->as_int().value();
    EXPECT_TRUE(shopper.get("/api/v1/checkout/payment-methods").body.find("items")->items().empty());
    remember(complete(shopper));
    EXPECT_EQ(charged(), 0);
    EXPECT_EQ(balance(made.body.at("card", "id")->text()), 20000 - total);
    ASSERT_EQ(mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"no"}})", money().int_or("version")), Uuid::v7().to_string())
                  .status,
              200);
    world.work();
    EXPECT_EQ(balance(made.body.at("card", "id")->text()), 20000);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, one_card_in_two_browsers_is_spent_once) {
    const auto made = issue(5000);
    const auto code = made.body.text_or("code");
    Shopper other(*world.shop);
    fill(shopper);
    fill(other, "ben@example.test");
    const auto due_of = [&](Shopper& who) { return enter(who, code).body.at("due", "amount")->as_int().value(); };
    const auto due = due_of(shopper), due_of_other = due_of(other);
    Answer first, second;
    {
        // Each pays what was shown when the card was full.
        std::jthread one([&] { first = complete(shopper, "4111111111111111", due); });
        std::jthread two([&] { second = complete(other, "4111111111111111", due_of_other); });
    }
    EXPECT_EQ((first.body.text_or("status") == "completed") + (second.body.text_or("status") == "completed"), 1)
        << first.text << second.text;
    const auto& refused = first.body.text_or("status") == "completed" ? second : first;
    EXPECT_EQ(refused.status, 409) << refused.text;
    world.work();
    EXPECT_EQ(balance(made.body.at("card", "id")->text()), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_hold_lasts_as_long_as_the_payment_and_no_longer) {
    const auto made = issue(5000);
    const auto code = made.body.text_or("code");
    fill(shopper);
    ASSERT_EQ(enter(shopper, code).status, 200);
    ASSERT_EQ(complete(shopper, "4000012892688323").body.text_or("status"), "redirect");
    // Somebody else cannot have it meanwhile, and it cannot be blocked.
    Shopper other(*world.shop);
    fill(other, "ben@example.test");
    EXPECT_EQ(enter(other, code).body.at("due", "amount")->as_int().value(),
              enter(other, code).body.at("totals", "total", "amount")->as_int().value());
    EXPECT_EQ(mia.post("/api/v1/admin/gift-cards/" + made.body.at("card", "id")->text() + "/block", "{}", Uuid::v7().to_string())
                  .body.text_or("code"),
              "payments.credit_held");
    world.clock.advance(std::chrono::minutes(31));
    world.outside.control.advance(31 * 60);
    const auto free = other.get("/api/v1/checkout").body;
    EXPECT_EQ(free.at("totals", "total", "amount")->as_int().value() - free.at("due", "amount")->as_int().value(), 5000);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, wrong_codes_say_nothing_and_are_counted) {
    fill(shopper);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(enter(shopper, "ABCD-EFGH-JKLM-NPQR").body.text_or("code"), "payments.gift_card_unknown");
    EXPECT_EQ(enter(shopper, "ABCD-EFGH-JKLM-NPQR").status, 429);
    // A right one is not looked at either.
    EXPECT_EQ(enter(shopper, issue(5000).body.text_or("code")).status, 429);
}

TEST_F(GiftCards, expired_blocked_and_empty_cards_do_not_pay) {
    const auto until = to_rfc3339(world.clock.now() + std::chrono::hours(24));
    const auto short_lived = issue(5000, fmt::format(R"(,"expires_at":"{}")", until));
    ASSERT_EQ(short_lived.status, 201) << short_lived.text;
    const auto lost = issue(5000);
    fill(shopper);
    ASSERT_EQ(enter(shopper, short_lived.body.text_or("code")).status, 200);
    world.clock.advance(std::chrono::hours(25));
    const auto seen = shopper.post("/api/v1/checkout").body;
    EXPECT_EQ(seen.at("due", "amount")->as_int().value(), seen.at("totals", "total", "amount")->as_int().value());
    Shopper other(*world.shop);
    fill(other, "ben@example.test");
    EXPECT_EQ(enter(other, short_lived.body.text_or("code")).body.text_or("code"), "payments.gift_card_expired");
    const auto block = [&] {
        return mia.post("/api/v1/admin/gift-cards/" + lost.body.at("card", "id")->text() + "/block", "{}", Uuid::v7().to_string());
    };
    EXPECT_EQ(block().status, 200);
    EXPECT_EQ(block().body.text_or("code"), "payments.credit_voided");
    EXPECT_EQ(enter(other, lost.body.text_or("code")).body.text_or("code"), "payments.gift_card_unknown");
    EXPECT_EQ(balance(lost.body.at("card", "id")->text()), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_refund_becomes_store_credit_that_pays_the_next_order) {
    log_in(shopper, "ana@example.test");
    buy();
    const auto before = money();
    const auto wanted = fmt::format(R"("lines":[{}],"as_store_credit":true)", units(1, 1));
    const auto shown = preview(mia, wanted);
    ASSERT_EQ(shown.status, 200) << shown.text;
    EXPECT_EQ(amount(shown.body, "as_credit"), 4900);
    ASSERT_EQ(refund(mia, wanted, 4900, before.int_or("version")).status, 201);
    world.work();
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(money().text_or("payment_state"), "partially_refunded");
    const auto mine = shopper.get("/api/v1/account/store-credit").body;
    EXPECT_EQ(mine.find("items")->items().front().at("balance", "amount")->as_int().value(), 4900);
    EXPECT_EQ(books(), "");
    // The next order: the credit pays first.
    fill(shopper);
    EXPECT_EQ(shopper.get("/api/v1/checkout/payment-methods").body.at("store_credit", "amount")->as_int().value(), 4900);
    const auto used = shopper.put("/api/v1/checkout/store-credit", R"({"use":true})");
    ASSERT_EQ(used.status, 200) << used.text;
    const auto total = used.body.at("totals", "total", "amount")->as_int().value();
    EXPECT_EQ(used.body.at("due", "amount")->as_int().value(), total - 4900);
    EXPECT_EQ(complete(shopper).body.text_or("status"), "completed");
    EXPECT_EQ(shopper.get("/api/v1/account/store-credit").body.find("items")->items().front().at("balance", "amount")->as_int().value(), 0);
    world.work();
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, nothing_goes_back_to_a_blocked_card) {
    log_in(shopper, "ana@example.test");
    const auto made = issue(3000);
    const auto id = made.body.at("card", "id")->text();
    const auto block = [&] { return mia.post("/api/v1/admin/gift-cards/" + id + "/block", "{}", Uuid::v7().to_string()).status; };
    fill(shopper);
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).status, 200);
    remember(complete(shopper));
    world.work();
    // A refund is on its way to it when it is blocked: it does not arrive.
    ASSERT_EQ(refund(mia, fmt::format(R"("lines":[{}])", units(0, 1)), 999, money().int_or("version")).status, 201);
    ASSERT_EQ(block(), 200);
    world.work();
    EXPECT_EQ(balance(id), 0);
    EXPECT_EQ(amount(money(), "payable"), 999);
    EXPECT_EQ(money().at("refunds")->items().front().at("parts")->items().front().text_or("state"), "failed");
    EXPECT_EQ(books(), "");
    // What only the card has paid for does not go back to the other payment.
    const auto everything = fmt::format(R"("lines":[{},{}],"shipping":{{"amount":{},"currency":"EUR"}})", units(0, 2), units(1, 1),
                                        amount(money(), "shipping_left"));
    const auto shown = preview(mia, everything);
    EXPECT_EQ(shown.status, 409) << shown.text;
    EXPECT_EQ(shown.body.text_or("code"), "payments.refund_blocked");
    const auto total = amount(money(), "refundable");
    EXPECT_EQ(refund(mia, everything, total, money().int_or("version")).body.text_or("code"), "payments.refund_blocked");
    EXPECT_EQ(amount(money(), "granted"), 999);
    // As much as that one took can, with what is owed from before; the rest becomes store credit.
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.work();
    EXPECT_EQ(refunded_at_provider(), 2 * 999);
    const auto rest = mia.post(
        path("/refunds"),
        fmt::format(
            R"({{"expected_total":{{"amount":{0},"currency":"EUR"}},"version":{1},"lines":[{2}],"shipping":{{"amount":{3},"currency":"EUR"}},"reason":"blocked","as_store_credit":true}})",
            total - 999, money().int_or("version"), units(0, 1) + "," + units(1, 1), amount(money(), "shipping_left")),
        Uuid::v7().to_string());
    ASSERT_EQ(rest.status, 201) << rest.text;
    world.work();
    EXPECT_EQ(balance(id), 0);
    EXPECT_EQ(amount(money(), "payable"), 0);
    EXPECT_EQ(amount(money(), "as_credit"), total - 999);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, that_are_blocked_leave_their_part_of_a_cancelled_order_to_the_desk) {
    log_in(shopper, "ana@example.test");
    const auto made = issue(3000);
    const auto id = made.body.at("card", "id")->text();
    fill(shopper);
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).status, 200);
    remember(complete(shopper));
    world.work();
    const auto total = amount(money(), "total");
    ASSERT_EQ(mia.post("/api/v1/admin/gift-cards/" + id + "/block", "{}", Uuid::v7().to_string()).status, 200);
    const auto cancelled =
        mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"no"}})", money().int_or("version")), Uuid::v7().to_string());
    ASSERT_EQ(cancelled.status, 200) << cancelled.text;
    world.work();
    EXPECT_EQ(refunded_at_provider(), total - 3000);
    EXPECT_EQ(balance(id), 0);
    EXPECT_EQ(amount(money(), "payable"), 3000);
    const auto pay_out = [&](std::string_view more) {
        return mia.post(
            path("/refunds/pay-out"),
            fmt::format(R"({{"expected_total":{{"amount":3000,"currency":"EUR"}},"version":{}{}}})", money().int_or("version"), more),
            Uuid::v7().to_string());
    };
    EXPECT_EQ(pay_out("").body.text_or("code"), "payments.refund_blocked");
    ASSERT_EQ(pay_out(R"(,"as_store_credit":true)").status, 201);
    EXPECT_EQ(amount(money(), "payable"), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_guest_gets_store_credit_as_a_gift_card_by_mail) {
    const auto made = issue(3000);
    fill(shopper);
    ASSERT_EQ(shopper.patch("/api/v1/cart", R"({"locale":"de"})").status, 200);
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).status, 200);
    const auto paid = complete(shopper);
    remember(paid);
    world.work();
    const auto id = made.body.at("card", "id")->text();
    ASSERT_EQ(mia.post("/api/v1/admin/gift-cards/" + id + "/block", "{}", Uuid::v7().to_string()).status, 200);
    const auto everything = fmt::format(R"("lines":[{},{}],"shipping":{{"amount":{},"currency":"EUR"}})", units(0, 3), units(1, 1),
                                        amount(money(), "shipping_left"));
    EXPECT_EQ(preview(mia, everything).body.text_or("code"), "payments.refund_blocked");
    EXPECT_EQ(money().text_or("gift_card_to"), "ana@example.test");
    const auto as_credit = everything + R"(,"as_store_credit":true)";
    const auto shown = preview(mia, as_credit);
    ASSERT_EQ(shown.status, 200) << shown.text;
    const auto total = amount(shown.body, "total");
    EXPECT_EQ(amount(shown.body, "as_credit"), total);
    EXPECT_EQ(shown.body.text_or("gift_card_to"), "ana@example.test");
    // However often it is asked for, there is one card and one mail.
    const auto version = shown.body.int_or("version");
    const auto key = Uuid::v7().to_string();
    ASSERT_EQ(refund(mia, as_credit, total, version, key).status, 201);
    EXPECT_EQ(refund(mia, as_credit, total, version, key).status, 201);
    EXPECT_EQ(refund(mia, as_credit, total, version).status, 409);
    world.work();
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(amount(money(), "as_credit"), total);
    EXPECT_EQ(amount(money(), "payable"), 0);
    const auto card = money().at("refunds")->items().back().text_or("gift_card_id");
    EXPECT_EQ(balance(card), total);
    EXPECT_EQ(world.count("select count(*) from payments.credit"), 2);
    EXPECT_EQ(books(), "");

    std::vector<sandbox::Mail> mails;
    for (auto& mail : world.outside.mail->mails()) {
        if (mail.subject.find("Geschenkkarte") != std::string::npos) mails.push_back(std::move(mail));
    }
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_EQ(mails[0].to, "ana@example.test");
    EXPECT_NE(mails[0].text.find("/de/orders/" + number), std::string::npos);
    std::smatch code;
    ASSERT_TRUE(std::regex_search(mails[0].text, code, std::regex("([A-Z2-9]{4}-){3}[A-Z2-9]{4}"))) << mails[0].text;
    const auto timeline = json::to_text(*mia.get(path("")).body.at("order", "timeline"));
    EXPECT_NE(timeline.find("refunded_as_gift_card"), std::string::npos) << timeline;
    EXPECT_NE(timeline.find("mail_sent\",\"text\":\"E-mail sent: Ihre Erstattung"), std::string::npos) << timeline;
    for (const auto& entry : world.desk.entries()) EXPECT_EQ((entry.before + entry.after).find(code.str()), std::string::npos);

    Shopper next(*world.shop);
    fill(next, "ana@example.test");
    const auto used = enter(next, code.str()).body;
    EXPECT_EQ(amount(*used.find("totals"), "total") - amount(used, "due"), std::min(total, amount(*used.find("totals"), "total")));
}

TEST_F(GiftCards, store_credit_needs_an_account_or_an_address) {
    buy();
    world.shop->database.in_tx([](db::Tx& tx) { tx.run_text("update orders.orders set email = 'nobody'"); });
    const auto wanted = fmt::format(R"("lines":[{}],"as_store_credit":true)", units(1, 1));
    EXPECT_EQ(preview(mia, wanted).body.text_or("code"), "orders.refund_no_account");
    EXPECT_EQ(refund(mia, wanted, 4900, money().int_or("version")).body.text_or("code"), "orders.refund_no_account");
    EXPECT_EQ(amount(money(), "granted"), 0);
    EXPECT_EQ(world.count("select count(*) from payments.credit"), 0);
}

TEST_F(GiftCards, whose_order_got_an_account_meanwhile_is_looked_at_again) {
    buy();
    const auto wanted = fmt::format(R"("lines":[{}],"as_store_credit":true)", units(1, 1));
    const auto shown = preview(mia, wanted);
    ASSERT_EQ(shown.body.text_or("gift_card_to"), "ana@example.test") << shown.text;
    world.shop->database.in_tx([&](db::Tx& tx) {
        customers::NewCustomer customer;
        customer.email = "ana@example.test";
        customer.password_hash = crypto::hash_password("correct horse battery");
        const auto id = world.shop->customers->create(tx, customer);
        ASSERT_EQ(world.shop->orders->claim(tx, *world.shop->customers->find(tx, id)).size(), 1U);
    });
    EXPECT_EQ(refund(mia, wanted, 4900, shown.body.int_or("version")).body.text_or("code"), "orders.version_conflict");
    const auto again = preview(mia, wanted);
    EXPECT_EQ(again.body.find("gift_card_to"), nullptr) << again.text;
    ASSERT_EQ(refund(mia, wanted, 4900, again.body.int_or("version")).status, 201);
    EXPECT_EQ(world.count("select count(*) from payments.credit where kind = 'gift_card'"), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_return_of_a_guest_is_paid_as_a_gift_card) {
    buy();
    deliver();
    const auto asked =
        mia.post("/api/v1/admin/orders/" + order + "/returns",
                 fmt::format(R"({{"lines":[{{"line_id":"{}","quantity":1,"reason":"other"}}]}})", lines[1]), Uuid::v7().to_string());
    ASSERT_EQ(asked.status, 201) << asked.text;
    const auto at = "/api/v1/admin/returns/" + asked.body.text_or("id");
    if (asked.body.text_or("state") == "requested") {
        ASSERT_EQ(mia.post(at + "/approve", "{}").status, 200);
    }
    ASSERT_EQ(mia.post(at + "/receive",
                       fmt::format(R"({{"lines":[{{"line_id":"{}","received":1,"restocked":1,"condition":"as_new"}}]}})", lines[1]),
                       Uuid::v7().to_string())
                  .status,
              200);
    const auto ask = [&](std::string_view more) {
        return mia.post(at + "/refund", fmt::format(R"({{"as_store_credit":true{}}})", more), Uuid::v7().to_string());
    };
    const auto shown = ask("");
    ASSERT_EQ(shown.status, 200) << shown.text;
    EXPECT_EQ(amount(shown.body, "as_credit"), 4900);
    EXPECT_EQ(shown.body.text_or("gift_card_to"), "ana@example.test");
    const auto done = ask(R"(,"expected_total":{"amount":4900,"currency":"EUR"})");
    ASSERT_EQ(done.status, 200) << done.text;
    world.work();
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(balance(money().at("refunds")->items().back().text_or("gift_card_id")), 4900);
    EXPECT_EQ(world.count("select count(*) from messaging.message where template = 'refund_gift_card' and state = 'sent'"), 1);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, what_is_held_for_a_payment_stays_until_its_end_is_known) {
    const auto made = issue(3000);
    fill(shopper);
    const auto total = enter(shopper, made.body.text_or("code")).body.at("totals", "total", "amount")->as_int().value();
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    world.outside.fail_next("vendo", "down", -1, "/reconciliation");
    ASSERT_EQ(complete(shopper).body.text_or("status"), "processing");
    for (int day = 0; day < 2; ++day) {
        world.clock.advance(std::chrono::hours{25});
        world.outside.control.advance(25);
        world.work();
    }
    EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 1);
    world.outside.control.forget_faults();
    world.clock.advance(std::chrono::hours{25});
    world.work();
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed' and payment_state = 'paid'"), 1);
    EXPECT_EQ(charged(), total - 3000);
    EXPECT_EQ(balance(made.body.at("card", "id")->text()), 0);
    EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_late_payment_of_the_whole_spends_no_gift_card) {
    const auto made = issue(3000);
    fill(shopper);
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    ASSERT_EQ(complete(shopper).body.text_or("status"), "processing");
    const auto total = charged();
    close_lost_payment();
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).body.at("due", "amount")->as_int().value(), total - 3000);
    ASSERT_EQ(complete(shopper, "4000000000000002").body.text_or("status"), "declined");
    EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 1);
    compare_with_provider();
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'confirmed' and payment_state = 'paid'"), 1);
    EXPECT_EQ(balance(made.body.at("card", "id")->text()), 3000);
    EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 0);
    EXPECT_EQ(refunded_at_provider(), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, a_late_payment_that_no_longer_makes_the_total_goes_back) {
    const auto made = issue(3000);
    fill(shopper);
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).status, 200);
    world.outside.fail_next("vendo", "error_after", 1, "/payment");
    ASSERT_EQ(complete(shopper).body.text_or("status"), "processing");
    const auto taken = charged();
    close_lost_payment();
    const auto without = shopper.del("/api/v1/checkout/credits/" + made.body.at("card", "id")->text());
    ASSERT_EQ(without.body.at("due", "amount")->as_int().value(), taken + 3000);
    ASSERT_EQ(complete(shopper, "4000000000000002").body.text_or("status"), "declined");
    compare_with_provider();
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'cancelled' and payment_state = 'refunded'"), 1);
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 1);
    EXPECT_EQ(refunded_at_provider(), taken);
    EXPECT_EQ(balance(made.body.at("card", "id")->text()), 3000);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, an_order_given_up_at_login_frees_what_it_held) {
    const auto made = issue(3000);
    Shopper home(*world.shop);
    log_in(home, "ana@example.test");
    home.add(lamp);
    fill(shopper);
    ASSERT_EQ(enter(shopper, made.body.text_or("code")).status, 200);
    ASSERT_EQ(complete(shopper, "4000000000000002").body.text_or("status"), "declined");
    EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 1);
    ASSERT_EQ(shopper.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"correct horse battery"})").status, 200);
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'cancelled'"), 1);
    EXPECT_EQ(world.count("select count(*) from payments.credit_hold"), 0);
    EXPECT_EQ(books(), "");
}

TEST_F(GiftCards, an_erased_account_leaves_no_address_at_its_gift_cards) {
    log_in(shopper, "ana@example.test");
    const auto hers = issue(5000, R"(,"email":"Ana@Example.test")"), other = issue(5000, R"(,"email":"ben@example.test")");
    ASSERT_EQ(hers.status, 201) << hers.text;
    ASSERT_EQ(shopper.send(http::Method::del, "/api/v1/account", R"({"password":"correct horse battery"})").status, 204);
    EXPECT_EQ(world.count("select count(*) from payments.credit where lower(email) like 'ana@%'"), 0);
    EXPECT_EQ(world.count("select count(*) from payments.credit where email = 'ben@example.test'"), 1);
    EXPECT_TRUE(mia.get("/api/v1/admin/gift-cards?q=ana@example.test").body.find("items")->items().empty());
    for (const auto& entry : world.desk.entries()) {
        EXPECT_EQ((entry.before + entry.after).find("xample.test"), std::string::npos) << entry.after;
    }
    // It is money all the same, for whoever has its code.
    EXPECT_EQ(balance(hers.body.at("card", "id")->text()), 5000);
    Shopper somebody(*world.shop);
    fill(somebody, "bo@example.test");
    EXPECT_EQ(enter(somebody, hers.body.text_or("code")).status, 200);
    remember(complete(somebody));
    EXPECT_EQ(balance(hers.body.at("card", "id")->text()), 0);
    EXPECT_EQ(books(), "");
}

}  // namespace
}  // namespace stoa::testing
