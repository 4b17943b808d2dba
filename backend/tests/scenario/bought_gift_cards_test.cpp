// A shopper buys gift cards: no parcel, no tax, no discount; issued once when they are paid for, mailed to whom they are for, spent in
// another order, taken back while nobody has used them.
#include <thread>

#include "order_desk.hpp"
#include "stoa/backoffice/declare.hpp"

namespace stoa::testing {
namespace {

class BoughtGiftCards : public OrderDesk {
protected:
    Goods card;

    void SetUp() override {
        OrderDesk::SetUp();
        world.desk.hire("mia", {"gift_cards.*", "orders.*"}, {{"gift_cards.issue", {Money(20000, Currency::of("EUR"))}}});
        pens = stock_up(*world.shop, "PEN", 999, 100);
        lamp = stock_up(*world.shop, "LAMP", 4900, 100);
        card = stock_up(*world.shop, "CARD-50", 5000, 0);
        const auto writer = catalog::make_writer();
        world.shop->database.in_tx([&](db::Tx& tx) {
            catalog::ProductType type;
            type.code = std::string(catalog::kGiftCardType);
            type.names = {{"en", "Gift card"}};
            ASSERT_TRUE(writer->upsert_type(tx, type));
            tx.run_text("update catalog.product set type_code = 'gift_card' where handle = 'thing-card-50'");
        });
    }
    Answer add_card(Shopper& who, int quantity = 1, const std::string& gift = {}) {
        return who.post("/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":{}{}}})", card.variant.to_string(), quantity,
                                                          gift.empty() ? "" : R"(,"gift":)" + gift));
    }
    static std::string for_ben(const std::string& more = {}) {
        return R"({"recipient_email":"ben@example.test","recipient_name":"Ben","sender_name":"Ana","message":"Happy <birthday>")" + more +
               "}";
    }
    // Contact and address; no delivery is chosen.
    void fill_in_without_delivery(Shopper& who, const std::string& email = "ana@example.test") {
        ASSERT_EQ(who.post("/api/v1/checkout").status, 200);
        ASSERT_EQ(who.put("/api/v1/checkout/contact", fmt::format(R"({{"email":"{}"}})", email)).status, 200);
        ASSERT_EQ(
            who.put(
                   "/api/v1/checkout/address",
                   R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"}})")
                .status,
            200);
    }
    void remember(const Answer& paid) {
        ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        number = paid.body.text_or("order_number");
        token = paid.body.text_or("order_token");
        order =
            world.shop->database.read([&](db::Session& session) { return world.shop->orders->find_number(session, number)->to_string(); });
        lines.clear();
        const auto bought = money();
        for (const auto& line : bought.at("lines")->items()) lines.push_back(line.text_or("line_id"));
    }
    void buy_cards(int quantity = 1, const std::string& gift = {}) {
        ASSERT_EQ(add_card(shopper, quantity, gift).status, 201);
        fill_in_without_delivery(shopper);
        remember(shopper.pay());
        world.work();
    }
    std::vector<sandbox::Mail> cards_to(std::string_view to) {
        std::vector<sandbox::Mail> out;
        for (auto& mail : world.outside.mail->mails()) {
            if (mail.to == to && mail.subject.find("gift card") != std::string::npos) out.push_back(mail);
        }
        return out;
    }
    // "ABCD-EFGH-JKLM-NPQR" of a mail.
    static std::string code_in(const sandbox::Mail& mail) {
        for (std::size_t i = 0; i + 19 <= mail.text.size(); ++i) {
            const auto part = mail.text.substr(i, 19);
            bool fits = true;
            for (std::size_t k = 0; k < 19; ++k)
                fits = fits && (k % 5 == 4 ? part[k] == '-' : (part[k] >= 'A' && part[k] <= 'Z') || (part[k] >= '2' && part[k] <= '9'));
            if (fits) return part;
        }
        return {};
    }
    json::Value shown() { return shopper.get("/api/v1/orders/" + number + "?token=" + token).body; }
    std::string states() {
        std::string out;
        const auto found = shown();
        for (const auto& line : found.at("lines")->items()) {
            for (const auto& each : line.at("gift_cards")->items()) out += (out.empty() ? "" : " ") + each.text_or("state");
        }
        return out;
    }
    std::int64_t booked(std::string_view account) {
        return world.count(
            fmt::format("select coalesce(sum(e.amount), 0)::bigint from ledger.entry e join ledger.account a on a.id = e.account_id where "
                        "a.code like '{}'",
                        account));
    }
    Answer enter(Shopper& who, const std::string& code) {
        return who.post("/api/v1/checkout/gift-cards", fmt::format(R"({{"code":"{}"}})", code));
    }
    Answer complete(Shopper& who) {
        const auto seen = who.get("/api/v1/checkout").body;
        return who.post(
            "/api/v1/checkout/complete",
            fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"expected_due":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{{"number":"4111111111111111","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana Ruiz"}}}}}})",
                amount(*seen.at("totals"), "total"), amount(seen, "due")),
            Uuid::v7().to_string());
    }
    Answer cancel() {
        return mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"no"}})", money().int_or("version")),
                        Uuid::v7().to_string());
    }
    static std::string later(int days, const Clock& clock) {
        return fmt::format(R"(,"send_on":"{}")", to_iso_date(date_of(clock.now() + std::chrono::days{days})));
    }
    std::string card_charge() { return world.outside.charges().front().reference; }
    void compare_with_provider() {
        (void)world.shop->checkout->reconcile(date_of(world.clock.now()));
        world.work();
    }
    // In the provider's back office, where nobody asks the shop.
    // All of it without an amount.
    void refund_at_provider(std::string_view amount = {}) {
        const auto transaction = world.count("select transaction_id from payments.attempt where transaction_id is not null");
        const auto part = amount.empty() ? std::string() : fmt::format(R"(,"partial_amount":{},"currency":"EUR")", amount);
        const auto answer = world.outside.tell(
            "/vendo/api/gateway/refund",
            fmt::format(R"({{"api_secret":"sandbox-api-secret","is_test":1,"merchant_id":1234567,"site_id":12345,"transaction_id":{}{}}})",
                        transaction, part));
        EXPECT_EQ(answer.int_or("status"), 1) << json::to_text(answer);
        compare_with_provider();
    }
    std::string only_case() {
        const auto open = mia.get("/api/v1/admin/payment-cases?state=open");
        EXPECT_EQ(open.body.at("items")->items().size(), 1U) << open.text;
        return open.body.at("items")->items().front().text_or("id");
    }
    std::string ways(const std::string& id) {
        std::string out;
        const auto seen = mia.get("/api/v1/admin/payment-cases/" + id).body;
        for (const auto& choice : seen.at("choices")->items()) out += (out.empty() ? "" : " ") + choice.text_or("resolution");
        return out;
    }
    void resolve_as(const std::string& id, std::string_view resolution) {
        const auto seen = mia.get("/api/v1/admin/payment-cases/" + id).body;
        std::string expected;
        for (const auto& choice : seen.at("choices")->items()) {
            if (choice.text_or("resolution") == resolution && choice.find("amount") && !choice.find("amount")->is_null())
                expected = R"("expected_amount":)" + json::to_text(*choice.find("amount")) + ",";
        }
        const auto done = mia.post("/api/v1/admin/payment-cases/" + id + "/resolve",
                                   fmt::format(R"({{"version":{},{}"resolution":"{}","note":"Asked the bank."}})",
                                               seen.at("case")->int_or("version"), expected, resolution),
                                   Uuid::v7().to_string());
        ASSERT_EQ(done.status, 200) << done.text;
        world.work();
    }
    std::string token;
};

TEST_F(BoughtGiftCards, are_mailed_to_whom_they_are_for_and_pay_another_order) {
    const auto added = add_card(shopper, 2, for_ben());
    ASSERT_EQ(added.status, 201) << added.text;
    EXPECT_FALSE(added.body.find("needs_delivery")->as_bool());
    EXPECT_EQ(added.body.at("lines")->items().front().at("gifts")->items().size(), 2U);
    fill_in_without_delivery(shopper);
    const auto seen = shopper.get("/api/v1/checkout").body;
    EXPECT_TRUE(seen.at("steps", "shipping")->as_bool());
    EXPECT_EQ(amount(*seen.at("totals"), "total"), 10000);
    EXPECT_EQ(amount(*seen.at("totals"), "tax"), 0);
    remember(shopper.pay());
    EXPECT_EQ(states(), "ordered ordered");
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    world.work();
    EXPECT_EQ(states(), "issued issued");
    const auto mails = cards_to("ben@example.test");
    ASSERT_EQ(mails.size(), 2U);
    EXPECT_NE(mails[0].text.find("Dear Ben"), std::string::npos) << mails[0].text;
    EXPECT_NE(mails[0].text.find("Happy <birthday>"), std::string::npos);
    EXPECT_NE(mails[0].html.find("Happy &lt;birthday&gt;"), std::string::npos);
    const auto code = code_in(mails[0]);
    ASSERT_EQ(code.size(), 19U);
    EXPECT_NE(code, code_in(mails[1]));
    // Nobody sees the code but by mail.
    const auto found = shown();
    const auto text = json::to_text(found);
    EXPECT_EQ(text.find(code), std::string::npos);
    std::string hints;
    for (const auto& line : found.at("lines")->items()) {
        for (const auto& each : line.at("gift_cards")->items()) hints += each.text_or("code_hint") + " ";
    }
    EXPECT_NE(hints.find(code.substr(15)), std::string::npos);
    EXPECT_EQ(found.text_or("state"), "delivered");
    // The books: nothing was sold, the shop owes a hundred.
    EXPECT_EQ(booked("revenue:sales"), 0);
    EXPECT_EQ(booked("liability:gift-cards-sold"), 0);
    EXPECT_EQ(booked("liability:gift-card:%"), -10000);
    EXPECT_EQ(world.disagreements(), "");
    // Ben buys a lamp with it.
    Shopper ben(*world.shop);
    ben.add(lamp);
    ben.fill_in("ben@example.test");
    const auto total = ben.total();
    ASSERT_EQ(enter(ben, code).status, 200);
    ASSERT_EQ(complete(ben).body.text_or("status"), "completed");
    world.work();
    EXPECT_EQ(booked("liability:gift-card:%"), -10000 + std::min<std::int64_t>(total, 5000));
    EXPECT_EQ(world.disagreements(), "");
    // One is used, the other can go back.
    const auto before = money();
    const auto both = refund(mia, fmt::format(R"("lines":[{}])", units(0, 2)), 10000, before.int_or("version"));
    EXPECT_EQ(both.status, 409);
    EXPECT_EQ(both.body.text_or("code"), "orders.gift_card_used");
    EXPECT_EQ(states(), "issued issued");
    EXPECT_EQ(amount(money(), "granted"), 0);
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.work();
    EXPECT_EQ(refunded_at_provider(), 5000);
    EXPECT_EQ(refund(mia, fmt::format(R"("lines":[{}])", units(0, 1)), 5000, money().int_or("version")).body.text_or("code"),
              "orders.gift_card_used");
    Shopper late(*world.shop);
    late.add(lamp);
    late.fill_in("late@example.test");
    EXPECT_EQ(enter(late, code_in(mails[1])).body.text_or("code"), "payments.gift_card_unknown");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, stand_beside_goods_without_their_tax_their_discount_and_their_parcel) {
    world.shop->database.in_tx([](db::Tx& tx) { orders::save_legal_entity(tx, legal_entity()); });
    shopper.add(lamp);
    ASSERT_EQ(add_card(shopper).status, 201);
    shopper.fill_in("ana@example.test");
    const auto seen = shopper.get("/api/v1/checkout").body;
    const auto total = amount(*seen.at("totals"), "total");
    std::int64_t untaxed = 0;
    for (const auto& line : seen.at("totals", "tax_lines")->items()) {
        if (line.text_or("treatment") == "voucher") untaxed += amount(line, "net") + amount(line, "tax");
    }
    EXPECT_EQ(untaxed, 5000) << "the delivery bears the rate of the lamp alone";
    remember(shopper.pay());
    world.work();
    EXPECT_EQ(cards_to("ana@example.test").size(), 1U);
    EXPECT_EQ(shown().text_or("state"), "confirmed");
    EXPECT_EQ(world.count("select count(*) from inventory.allocation"), 1);
    EXPECT_EQ(world.count("select coalesce(sum(total), 0) from orders.document"), total - 5000);
    const auto proposed = mia.get(path("/shipments/proposal"));
    EXPECT_EQ(proposed.text.find("CARD-50"), std::string::npos) << proposed.text;
    EXPECT_EQ(world.disagreements(), "");
    // Cancelled with its goods, the card is worth nothing.
    ASSERT_EQ(cancel().status, 200);
    world.work();
    EXPECT_EQ(states(), "withdrawn");
    EXPECT_EQ(booked("liability:gift-card:%"), 0);
    EXPECT_EQ(booked("revenue:sales"), 0);
    EXPECT_EQ(refunded_at_provider(), total);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, are_no_revenue_of_the_day_until_somebody_pays_with_them) {
    const auto figure = [&](std::string_view name) {
        const auto figures = backoffice::todays_figures();
        auto sql = std::ranges::find(figures, name, &backoffice::Figure::name)->sql;
        sql.replace(sql.find("{day}"), 5, "'" + to_iso_date(date_of(world.clock.now())) + "T00:00:00Z'::timestamptz");
        return world.count(sql);
    };
    shopper.add(lamp);
    ASSERT_EQ(add_card(shopper, 2).status, 201);
    shopper.fill_in("ana@example.test");
    remember(shopper.pay());
    world.work();
    const auto total = amount(money(), "total");
    EXPECT_EQ(figure("revenue_today"), total - 10000);
    EXPECT_EQ(figure("gift_cards_today"), 10000);
    // What is bought with one is.
    Shopper ben(*world.shop);
    ben.add(pens);
    ben.fill_in("ben@example.test");
    ASSERT_EQ(enter(ben, code_in(cards_to("ana@example.test").at(0))).status, 200);
    const auto bought = amount(*ben.get("/api/v1/checkout").body.at("totals"), "total");
    ASSERT_EQ(complete(ben).body.text_or("status"), "completed");
    EXPECT_EQ(figure("revenue_today"), total - 10000 + bought);
    EXPECT_EQ(figure("gift_cards_today"), 10000);
}

TEST_F(BoughtGiftCards, used_ones_stand_in_the_way_of_cancelling) {
    shopper.add(lamp);
    ASSERT_EQ(add_card(shopper).status, 201);
    shopper.fill_in("ana@example.test");
    remember(shopper.pay());
    world.work();
    Shopper ben(*world.shop);
    ben.add(pens);
    ben.fill_in("ben@example.test");
    ASSERT_EQ(enter(ben, code_in(cards_to("ana@example.test").at(0))).status, 200);
    ASSERT_EQ(complete(ben).body.text_or("status"), "completed");
    const auto planned = mia.post(path("/shipments"), R"({"shipments":[]})", Uuid::v7().to_string());
    ASSERT_EQ(planned.status, 201) << planned.text;
    const auto parcel = planned.body.find("items")->items().front().text_or("id");
    const auto announced =
        mia.post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]}})", parcel), Uuid::v7().to_string());
    ASSERT_NE(announced.text.find(R"("labelled":true)"), std::string::npos) << announced.text;
    const auto refused = cancel();
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(world.count("select count(*) from shipping.shipment where state = 'labelled'"), 1) << "its label is as good as before";
    EXPECT_EQ(refused.body.text_or("code"), "orders.gift_card_used");
    EXPECT_EQ(shown().text_or("state"), "processing");
    EXPECT_EQ(amount(money(), "granted"), 0);
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, of_a_payment_that_was_charged_back_pay_nothing_until_that_is_decided) {
    const auto day = to_iso_date(date_of(world.clock.now() + std::chrono::hours{72}));
    ASSERT_EQ(add_card(shopper, 1).status, 201);
    ASSERT_EQ(add_card(shopper, 1, for_ben(fmt::format(R"(,"send_on":"{}")", day))).status, 201);
    fill_in_without_delivery(shopper);
    remember(shopper.pay());
    world.work();
    const auto code = code_in(cards_to("ana@example.test").at(0));
    Shopper ben(*world.shop);
    ben.add(pens);
    ben.fill_in("ben@example.test");
    ASSERT_EQ(enter(ben, code).status, 200);
    const auto reference = world.outside.charges().front().reference;
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", reference));
    (void)world.shop->checkout->reconcile(date_of(world.clock.now()));
    world.work();
    const auto card_state = [&] { return mia.get("/api/v1/admin/gift-cards").body.at("items")->items().front().text_or("state"); };
    EXPECT_EQ(card_state(), "suspended");
    // Entered before or after, it pays nothing.
    EXPECT_EQ(amount(ben.get("/api/v1/checkout").body, "due"), amount(*ben.get("/api/v1/checkout").body.at("totals"), "total"));
    Shopper eve(*world.shop);
    eve.add(pens);
    eve.fill_in("eve@example.test");
    EXPECT_EQ(enter(eve, code).body.text_or("code"), "payments.gift_card_suspended");
    EXPECT_EQ(booked("liability:gift-card:%"), -5000) << "what is on it stays";
    // The one that was to come later waits as well.
    world.clock.advance(std::chrono::hours{96});
    world.work();
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    const auto id = mia.get("/api/v1/admin/payment-cases").body.at("items")->items().front().text_or("id");
    const auto won =
        mia.post("/api/v1/admin/payment-cases/" + id + "/resolve",
                 R"({"version":1,"resolution":"won_back","expected_amount":{"amount":10000,"currency":"EUR"},"note":"The bank saw it."})",
                 Uuid::v7().to_string());
    ASSERT_EQ(won.status, 200) << won.text;
    world.clock.advance(std::chrono::hours{1});
    world.work();
    EXPECT_EQ(card_state(), "usable");
    EXPECT_EQ(cards_to("ben@example.test").size(), 1U);
    ASSERT_EQ(enter(eve, code).status, 200);
    ASSERT_EQ(complete(eve).body.text_or("status"), "completed");
}

TEST_F(BoughtGiftCards, that_are_being_paid_with_while_their_payment_is_charged_back_are_not_spent) {
    buy_cards(1);
    const auto code = code_in(cards_to("ana@example.test").at(0));
    Shopper ben(*world.shop);
    ben.add(lamp);
    ben.fill_in("ben@example.test");
    ASSERT_EQ(enter(ben, code).status, 200);
    const auto seen = ben.get("/api/v1/checkout").body;
    const auto pay = [&] {
        return ben.post(
            "/api/v1/checkout/complete",
            fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"expected_due":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{{"number":"4111111111111111","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ben"}}}}}})",
                amount(*seen.at("totals"), "total"), amount(seen, "due")),
            Uuid::v7().to_string());
    };
    (void)world.outside.tell("/__sandbox/vendo/chargeback",
                             fmt::format(R"({{"reference":"{}"}})", world.outside.charges().front().reference));
    (void)world.shop->checkout->reconcile(date_of(world.clock.now()));
    EXPECT_EQ(pay().body.text_or("code"), "checkout.total_changed");
    EXPECT_EQ(booked("liability:gift-card:%"), -5000);
}

TEST_F(BoughtGiftCards, that_were_used_are_refused_by_the_preview_of_a_refund_already) {
    buy_cards(2);
    const auto one = fmt::format(R"("lines":[{}])", units(0, 1)), two = fmt::format(R"("lines":[{}])", units(0, 2));
    EXPECT_EQ(preview(mia, two).status, 200);
    Shopper ben(*world.shop);
    ben.add(pens);
    ben.fill_in("ben@example.test");
    ASSERT_EQ(enter(ben, code_in(cards_to("ana@example.test").at(0))).status, 200);
    ASSERT_EQ(complete(ben).body.text_or("status"), "completed");
    const auto refused = preview(mia, two);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.body.text_or("code"), "orders.gift_card_used");
    // The other one can go back, and then no more.
    refund_as_shown(one);
    world.work();
    EXPECT_EQ(preview(mia, one).body.text_or("code"), "orders.gift_card_used");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, wait_for_their_day) {
    const auto day = to_iso_date(date_of(world.clock.now() + std::chrono::hours{72}));
    buy_cards(2, for_ben(fmt::format(R"(,"send_on":"{}")", day)));
    EXPECT_EQ(states(), "paid paid");
    EXPECT_EQ(booked("revenue:sales"), 0);
    EXPECT_EQ(booked("liability:gift-cards-sold"), -10000);
    EXPECT_EQ(shown().text_or("state"), "confirmed");
    world.clock.advance(std::chrono::hours{24});
    world.work();
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    // One of them is thought better of meanwhile.
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.clock.advance(std::chrono::hours{72});
    world.work();
    EXPECT_EQ(states(), "issued withdrawn");
    EXPECT_EQ(cards_to("ben@example.test").size(), 1U);
    EXPECT_EQ(booked("liability:gift-cards-sold"), 0);
    EXPECT_EQ(booked("liability:gift-card:%"), -5000);
    EXPECT_EQ(shown().text_or("state"), "delivered");
    EXPECT_EQ(world.disagreements(), "");
    world.clock.advance(std::chrono::days{60});
    world.work();
    EXPECT_EQ(shown().text_or("state"), "completed");
}

TEST_F(BoughtGiftCards, that_are_all_sent_end_their_order_whoever_took_the_rest_out_of_it) {
    buy_cards(1);
    EXPECT_EQ(shown().text_or("state"), "delivered");
    // One is sent at once, the other one waits and is refunded before its day.
    Shopper second(*world.shop);
    ASSERT_EQ(add_card(second, 1).status, 201);
    ASSERT_EQ(add_card(second, 1, for_ben(later(3, world.clock))).status, 201);
    fill_in_without_delivery(second);
    std::swap(shopper, second);
    remember(shopper.pay());
    world.work();
    EXPECT_EQ(shown().text_or("state"), "confirmed");
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    world.work();
    EXPECT_EQ(shown().text_or("state"), "delivered") << states();
    // A lamp beside a card that was sent is edited away.
    Shopper third(*world.shop);
    third.add(lamp);
    ASSERT_EQ(add_card(third).status, 201);
    third.fill_in("ana@example.test");
    std::swap(shopper, third);
    remember(shopper.pay());
    world.work();
    EXPECT_EQ(shown().text_or("state"), "confirmed");
    const auto at = lines.size() == 2 && shown().at("lines")->items()[0].at("gift_cards")->items().empty() ? 0U : 1U;
    const auto before = money();
    const auto what = fmt::format(R"("lines":[{{"line_id":"{}","quantity":0}}])", lines[at]);
    const auto looked = mia.post(path("/edits/preview"), fmt::format(R"({{"version":{},{}}})", before.int_or("version"), what));
    ASSERT_EQ(looked.status, 200) << looked.text;
    const auto edited = mia.post(path("/edits"),
                                 fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},{}}})",
                                             before.int_or("version"), amount(looked.body, "total"), what),
                                 Uuid::v7().to_string());
    ASSERT_EQ(edited.status, 201) << edited.text;
    world.work();
    EXPECT_EQ(shown().text_or("state"), "delivered");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, whose_money_the_bank_took_back_wait_until_it_is_there_again) {
    log_in(shopper, "ana@example.test");
    world.shop->database.in_tx([&](db::Tx& tx) {
        const auto customer = tx.run_text("select id from customers.customer").front().get<Uuid>(0);
        const auto credit = world.shop->credits->of_customer(tx, customer, Currency::of("EUR"));
        ASSERT_TRUE(world.shop->credits->put(tx, credit.id, Money(3000, Currency::of("EUR")), ledger::account::kGoodwill, "sorry", ""));
    });
    ASSERT_EQ(add_card(shopper, 2, for_ben(later(3, world.clock))).status, 201);
    fill_in_without_delivery(shopper);
    ASSERT_EQ(shopper.put("/api/v1/checkout/store-credit", R"({"use":true})").status, 200);
    remember(complete(shopper));
    world.work();
    EXPECT_EQ(states(), "paid paid");
    EXPECT_EQ(amount(money(), "captured"), 10000);
    (void)world.outside.tell("/__sandbox/vendo/chargeback", fmt::format(R"({{"reference":"{}"}})", card_charge()));
    compare_with_provider();
    EXPECT_EQ(money().text_or("payment_state"), "failed");
    EXPECT_EQ(amount(money(), "due"), 7000);
    world.clock.advance(std::chrono::days{4});
    world.work();
    EXPECT_EQ(states(), "paid paid");
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    // The shop gives its claim up. That is no money for them either.
    const auto found = only_case();
    EXPECT_EQ(ways(found), "accepted_as_loss won_back") << "what the cards cost is not granted while they stay";
    EXPECT_EQ(preview(mia, R"("lines":[],"adjustment":{"amount":7000,"currency":"EUR"})").body.text_or("code"),
              "payments.refund_too_large");
    resolve_as(found, "accepted_as_loss");
    world.clock.advance(std::chrono::days{1});
    world.work();
    EXPECT_EQ(states(), "paid paid");
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, whose_money_the_provider_gave_back_are_taken_back_before_that_is_a_refund) {
    buy_cards();
    refund_at_provider();
    const auto found = only_case();
    EXPECT_EQ(ways(found), "accepted_as_loss was_error");
    EXPECT_EQ(refund(mia, R"("lines":[],"adjustment":{"amount":5000,"currency":"EUR"})", 5000, money().int_or("version")).status, 422);
    EXPECT_EQ(states(), "issued");
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    EXPECT_EQ(states(), "withdrawn");
    EXPECT_EQ(ways(found), "settled was_error");
    resolve_as(found, "settled");
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, that_were_marked_beside_the_job_that_sent_them_are_forgotten_all_the_same) {
    buy_cards(1, for_ben());
    ASSERT_EQ(states(), "issued");
    world.shop->database.in_tx([](db::Tx& tx) { (void)tx.run_text("update orders.gift_card set forget = true"); });
    world.clock.advance(std::chrono::minutes{6});
    world.work();
    EXPECT_EQ(world.count("select count(*) from orders.gift_card where email || recipient || sender || message <> ''"), 0);
}

TEST_F(BoughtGiftCards, that_were_never_paid_for_pay_nothing) {
    buy_cards();
    const auto suspended = [&] { return world.count("select count(*) from payments.credit where suspended_at is not null"); };
    // The provider has no such payment.
    world.shop->database.in_tx(
        [](db::Tx& tx) { (void)tx.run_text("update payments.attempt set reference = reference || '-lost', transaction_id = 1"); });
    compare_with_provider();
    EXPECT_EQ(suspended(), 0);
    resolve_as(only_case(), "not_paid");
    EXPECT_EQ(money().text_or("payment_state"), "failed");
    EXPECT_EQ(suspended(), 1);
    // Until it is paid for.
    const auto due = shopper.post(
        "/api/v1/order-payment",
        fmt::format(
            R"({{"token":"{}","expected_due":{{"amount":5000,"currency":"EUR"}},"payment":{{"method":"card","card":{{"number":"4111111111111111","expiry_month":"12","expiry_year":"2029","cvv":"123","holder":"Ana"}}}}}})",
            token),
        Uuid::v7().to_string());
    EXPECT_EQ(due.body.text_or("status"), "completed") << due.text;
    EXPECT_EQ(money().text_or("payment_state"), "paid");
    EXPECT_EQ(suspended(), 0);
}

TEST_F(BoughtGiftCards, whose_money_went_back_at_the_provider_wait_until_that_is_granted) {
    shopper.add(lamp);
    ASSERT_EQ(add_card(shopper, 1, for_ben(later(3, world.clock))).status, 201);
    shopper.fill_in("ana@example.test");
    remember(shopper.pay());
    world.work();
    refund_at_provider("49.00");
    EXPECT_EQ(money().text_or("payment_state"), "partially_refunded");
    world.clock.advance(std::chrono::days{4});
    world.work();
    EXPECT_EQ(states(), "paid");
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    // It was for the lamp: so the clerk says, and no money moves.
    const auto of_lamp = shown().at("lines")->items()[0].at("gift_cards")->items().empty() ? 0U : 1U;
    const auto granted = refund(mia, fmt::format(R"("lines":[{}])", units(of_lamp, 1)), 4900, money().int_or("version"));
    ASSERT_EQ(granted.status, 201) << granted.text;
    world.work();
    EXPECT_EQ(states(), "issued");
    EXPECT_EQ(cards_to("ben@example.test").size(), 1U);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, keep_their_money_while_they_are_valid) {
    buy_cards();
    const auto amount_only = R"("lines":[],"adjustment":{"amount":5000,"currency":"EUR"})";
    const auto foreseen = preview(mia, amount_only);
    EXPECT_EQ(foreseen.status, 422) << foreseen.text;
    const auto refused = refund(mia, amount_only, 5000, money().int_or("version"));
    EXPECT_EQ(refused.status, 422) << refused.text;
    EXPECT_EQ(foreseen.body.text_or("detail"), refused.body.text_or("detail"));
    EXPECT_EQ(refused.body.text_or("code"), "payments.refund_too_large");
    EXPECT_EQ(refund(mia, R"("lines":[],"adjustment":{"amount":1,"currency":"EUR"})", 1, money().int_or("version")).status, 422);
    EXPECT_EQ(states(), "issued");
    EXPECT_EQ(amount(money(), "granted"), 0);
    refund_as_shown(fmt::format(R"("lines":[{}])", units(0, 1)));
    EXPECT_EQ(states(), "withdrawn");
    world.work();
    // Beside goods an amount comes out of the goods.
    Shopper other(*world.shop);
    other.add(lamp);
    ASSERT_EQ(add_card(other).status, 201);
    other.fill_in("ana@example.test");
    std::swap(shopper, other);
    remember(shopper.pay());
    world.work();
    const auto goods = amount(money(), "total") - 5000;
    const auto too_much = fmt::format(R"("lines":[],"adjustment":{{"amount":{},"currency":"EUR"}})", goods + 1);
    EXPECT_EQ(preview(mia, too_much).body.text_or("code"), "payments.refund_too_large");
    EXPECT_EQ(refund(mia, too_much, goods + 1, money().int_or("version")).status, 422);
    // With its line the card goes back: then its money may.
    const auto bought = money();
    const auto of_card = amount(bought.at("lines")->items()[0], "worth") == 5000 ? 0U : 1U;
    const auto with_card = fmt::format(R"("lines":[{}],"adjustment":{{"amount":{},"currency":"EUR"}})", units(of_card, 1), goods);
    EXPECT_EQ(amount(preview(mia, with_card).body, "total"), goods + 5000);
    EXPECT_EQ(states(), "issued") << "looking changes nothing";
    refund_as_shown(fmt::format(R"("lines":[],"adjustment":{{"amount":{},"currency":"EUR"}})", goods));
    world.work();
    EXPECT_EQ(states(), "issued");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, that_wait_are_not_held_up_by_others_that_cannot_be_sent) {
    buy_cards(1, for_ben(later(3, world.clock)));
    // Two hundred and fifty that look as if they could, of orders that nothing came in for.
    world.shop->database.in_tx([&](db::Tx& tx) {
        tx.run_text(fmt::format(R"sql(
            do $$
            declare fields text; cards text; rows text; made uuid; line uuid;
            begin
                select string_agg(quote_ident(column_name), ',') into fields from information_schema.columns
                where table_schema = 'orders' and table_name = 'orders' and is_generated = 'NEVER'
                    and column_name not in ('id', 'number', 'cart_id', 'checkout_id');
                select string_agg(quote_ident(column_name), ',') into rows from information_schema.columns
                where table_schema = 'orders' and table_name = 'line' and is_generated = 'NEVER' and column_name not in ('id', 'order_id');
                for i in 1..250 loop
                    made := ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid;
                    line := gen_random_uuid();
                    execute format('insert into orders.orders (id, number, cart_id, checkout_id, %1$s) select %2$L, %3$L, gen_random_uuid(),
                        gen_random_uuid(), %1$s from orders.orders where id = %4$L', fields, made, 'DEAD-' || 100000 + i, '{0}');
                    execute format('insert into orders.line (id, order_id, %1$s) select %2$L, %3$L, %1$s from orders.line
                        where order_id = %4$L', rows, line, made, '{0}');
                    insert into orders.gift_card (id, order_id, line_id, position, amount, currency, state, send_on, updated_at)
                    values (gen_random_uuid(), made, line, 0, 5000, 'EUR', 'paid', '2020-01-01', now());
                end loop;
            end $$)sql",
                                orders::OrderId::parse(order)->uuid().to_string()));
    });
    world.clock.advance(std::chrono::days{4});
    world.work();
    EXPECT_EQ(states(), "issued");
    EXPECT_EQ(cards_to("ben@example.test").size(), 1U);
    EXPECT_EQ(world.count("select count(*) from orders.gift_card where state = 'paid'"), 250);
}

TEST_F(BoughtGiftCards, of_an_erased_account_are_sent_and_then_forget_whom_they_were_for) {
    log_in(shopper, "ana@example.test");
    buy_cards(1, for_ben());
    ASSERT_EQ(add_card(shopper, 1, for_ben(later(3, world.clock))).status, 201);
    fill_in_without_delivery(shopper);
    remember(shopper.pay());
    world.work();
    ASSERT_EQ(shopper.send(http::Method::del, "/api/v1/account", R"({"password":"correct horse battery"})").status, 204);
    const std::string told = "(email || recipient || sender || message) <> ''";
    EXPECT_EQ(world.count("select count(*) from orders.gift_card where " + told), 1) << "the one that must be sent";
    EXPECT_EQ(world.count("select count(*) from payments.credit where email <> ''"), 0);
    world.clock.advance(std::chrono::days{4});
    world.work();
    const auto mails = cards_to("ben@example.test");
    ASSERT_EQ(mails.size(), 2U);
    EXPECT_NE(mails[1].text.find("Dear Ben"), std::string::npos);
    EXPECT_EQ(world.count("select count(*) from orders.gift_card where state = 'issued'"), 2);
    EXPECT_EQ(world.count("select count(*) from orders.gift_card where forget or " + told), 0);
    EXPECT_EQ(world.count("select count(*) from payments.credit where email <> ''"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, bear_their_part_of_a_deduction_in_the_credit_note) {
    world.shop->database.in_tx([](db::Tx& tx) { orders::save_legal_entity(tx, legal_entity()); });
    shopper.add(pens);
    ASSERT_EQ(add_card(shopper).status, 201);
    shopper.fill_in("ana@example.test");
    remember(shopper.pay());
    world.work();
    // More is taken off than the pen was worth.
    refund_as_shown(fmt::format(R"("lines":[{},{}],"adjustment":{{"amount":-1200,"currency":"EUR"}})", units(0, 1), units(1, 1)));
    world.work();
    ASSERT_EQ(world.count("select count(*) from orders.document where kind = 'credit_note'"), 1);
    EXPECT_EQ(world.count("select total from orders.document where kind = 'credit_note'"), 999 - 200);
    EXPECT_EQ(world.count("select (data -> 'tax_total' ->> 'amount')::bigint from orders.document where kind = 'credit_note'"),
              world.count("select tax from orders.refund"));
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, of_an_unsent_order_go_back_with_it) {
    const auto day = to_iso_date(date_of(world.clock.now() + std::chrono::hours{72}));
    buy_cards(1, for_ben(fmt::format(R"(,"send_on":"{}")", day)));
    ASSERT_EQ(cancel().status, 200);
    world.clock.advance(std::chrono::hours{96});
    world.work();
    EXPECT_EQ(states(), "withdrawn");
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    EXPECT_EQ(refunded_at_provider(), 5000);
    EXPECT_EQ(booked("liability:gift-cards-sold"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, are_issued_once_whoever_says_that_they_are_paid_for) {
    ASSERT_EQ(add_card(shopper, 3).status, 201);
    fill_in_without_delivery(shopper);
    remember(shopper.pay());
    const auto id = *orders::OrderId::parse(order);
    // Two workers, and a third that dies with its transaction open.
    const auto follow = [&] { world.shop->database.in_tx([&](db::Tx& tx) { world.shop->gift_cards->follow(tx, id); }); };
    try {
        world.shop->database.in_tx([&](db::Tx& tx) {
            world.shop->gift_cards->follow(tx, id);
            throw std::runtime_error("killed");
        });
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ(world.count("select count(*) from payments.credit"), 0);
    {
        std::jthread one(follow), two(follow);
    }
    follow();
    world.work();
    // The provider says it once more.
    const auto transaction = world.count("select transaction_id from payments.attempt where state = 'paid'");
    for (int i = 0; i < 2; ++i)
        (void)shopper.send(http::Method::post, "/hooks/vendo/" + payments::hook_token(world.shop->config.secret_key),
                           postback(number + "-a1", transaction), {}, {{"content-type", "application/x-www-form-urlencoded"}});
    world.work();
    EXPECT_EQ(world.count("select count(*) from payments.credit where kind = 'gift_card'"), 3);
    EXPECT_EQ(cards_to("ana@example.test").size(), 3U);
    EXPECT_EQ(booked("liability:gift-card:%"), -15000);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, that_are_not_paid_for_are_not_issued) {
    ASSERT_EQ(add_card(shopper).status, 201);
    fill_in_without_delivery(shopper);
    remember(shopper.pay_with(R"({"method":"sepa","iban":"DE89370400440532013000","account_holder":"Ana Ruiz"})"));
    world.work();
    EXPECT_EQ(states(), "ordered");
    EXPECT_TRUE(cards_to("ana@example.test").empty());
    EXPECT_EQ(world.count("select count(*) from payments.credit"), 0);
}

TEST_F(BoughtGiftCards, are_not_bought_with_another_one) {
    buy_cards();
    const auto code = code_in(cards_to("ana@example.test").at(0));
    Shopper again(*world.shop);
    again.add(pens);
    ASSERT_EQ(add_card(again).status, 201);
    again.fill_in("ana@example.test");
    const auto total = again.total();
    const auto applied = enter(again, code);
    ASSERT_EQ(applied.status, 200) << applied.text;
    EXPECT_EQ(amount(applied.body, "due"), 5000) << "it pays for the pen and its delivery";
    EXPECT_EQ(amount(*applied.body.at("totals"), "total"), total);
}

TEST_F(BoughtGiftCards, say_whom_they_are_for_only_of_cards_and_only_what_can_be) {
    const auto wrong =
        shopper.post("/api/v1/cart/lines",
                     fmt::format(R"({{"variant_id":"{}","quantity":1,"gift":{{"recipient_name":"Ben"}}}})", lamp.variant.to_string()));
    EXPECT_EQ(wrong.status, 422) << wrong.text;
    EXPECT_EQ(add_card(shopper, 1, R"({"recipient_email":"nobody"})").status, 422);
    EXPECT_EQ(add_card(shopper, 1, R"({"send_on":"2020-01-01"})").status, 422);
    EXPECT_EQ(add_card(shopper, 1, R"({"send_on":"2199-01-01"})").status, 422);
    EXPECT_EQ(add_card(shopper, 21).body.text_or("code"), "cart.quantity_limit");
    EXPECT_EQ(world.count("select count(*) from cart.line"), 0);
    ASSERT_EQ(add_card(shopper, 1, for_ben()).status, 201);
    const auto more = add_card(shopper, 2);
    ASSERT_EQ(more.status, 201);
    const auto& gifts = more.body.at("lines")->items().front().at("gifts")->items();
    ASSERT_EQ(gifts.size(), 3U);
    EXPECT_EQ(gifts[0].text_or("recipient_name"), "Ben");
    EXPECT_EQ(gifts[1].text_or("recipient_name"), "");
    const auto line = more.body.at("lines")->items().front().text_or("id");
    const auto less = shopper.patch("/api/v1/cart/lines/" + line, R"({"quantity":1})");
    ASSERT_EQ(less.status, 200) << less.text;
    EXPECT_EQ(less.body.at("lines")->items().front().at("gifts")->items().size(), 1U);
}

TEST_F(BoughtGiftCards, can_be_for_somebody_else_before_they_are_bought) {
    ASSERT_EQ(add_card(shopper, 2, for_ben()).status, 201);
    shopper.add(pens);
    const auto cart = shopper.get("/api/v1/cart").body;
    std::string id, goods;
    for (const auto& line : cart.at("lines")->items()) (line.bool_or("is_gift_card") ? id : goods) = line.text_or("id");
    const auto patch = [&](const std::string& line, const std::string& body, std::map<std::string, std::string> headers = {}) {
        return shopper.send(http::Method::patch, "/api/v1/cart/lines/" + line, body, {}, std::move(headers));
    };
    const auto version = cart.int_or("version");
    const std::string cleo = R"({"recipient_email":"cleo@example.test","recipient_name":"Cleo","message":"Hello"})";
    const auto done = patch(id, fmt::format(R"({{"gifts":[{},{}]}})", for_ben(), cleo), {{"if-match", fmt::format(R"("{}")", version)}});
    ASSERT_EQ(done.status, 200) << done.text;
    const auto names = [](const json::Value& of, const std::string& line_id) {
        std::string out;
        for (const auto& line : of.at("lines")->items()) {
            if (line.text_or("id") != line_id) continue;
            for (const auto& gift : line.at("gifts")->items()) out += gift.text_or("recipient_name") + " ";
        }
        return out;
    };
    EXPECT_EQ(names(done.body, id), "Ben Cleo ");
    EXPECT_EQ(done.body.int_or("version"), version + 1);
    // Somebody else has changed the cart, or that is nobody's line.
    EXPECT_EQ(
        patch(id, fmt::format(R"({{"gifts":[{},{}]}})", cleo, cleo), {{"if-match", fmt::format(R"("{}")", version)}}).body.text_or("code"),
        "cart.version_conflict");
    Shopper other(*world.shop);
    other.add(pens);
    EXPECT_EQ(other.send(http::Method::patch, "/api/v1/cart/lines/" + id, R"({"gifts":[{},{}]})").status, 404);
    // One for each unit, of gift cards only, and what can be.
    const auto refusal = [&](const std::string& line, const std::string& body) {
        const auto answer = patch(line, body);
        EXPECT_EQ(answer.status, 422) << answer.text;
        const auto* fields = answer.body.find("errors");
        return fields && !fields->items().empty() ? fields->items().front().text_or("pointer") : answer.text;
    };
    EXPECT_EQ(refusal(id, R"({"gifts":[{}]})"), "/gifts");
    EXPECT_EQ(refusal(goods, R"({"gifts":[{}]})"), "/gifts");
    EXPECT_EQ(refusal(id, R"({"gifts":[{},{"send_on":"2001-01-01"}]})"), "/gifts/1/send_on");
    EXPECT_EQ(refusal(id, R"({"gifts":[{"recipient_email":"nobody"},{}]})"), "/gifts/0/recipient_email");
    EXPECT_EQ(refusal(id, "{}"), "/quantity");
    // With the number, and then it is bought as it stands.
    ASSERT_EQ(patch(id, fmt::format(R"({{"quantity":1,"gifts":[{}]}})", cleo)).status, 200);
    shopper.fill_in("ana@example.test");
    remember(shopper.pay());
    world.work();
    EXPECT_EQ(cards_to("cleo@example.test").size(), 1U);
    EXPECT_TRUE(cards_to("ben@example.test").empty());
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(BoughtGiftCards, of_a_guest_and_of_their_account_join) {
    Shopper home(*world.shop);
    log_in(home, "ana@example.test");
    ASSERT_EQ(add_card(home).status, 201);
    ASSERT_EQ(add_card(shopper, 1, for_ben()).status, 201);
    ASSERT_EQ(shopper.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"correct horse battery"})").status, 200);
    const auto cart = shopper.get("/api/v1/cart").body;
    const auto& gifts = cart.at("lines")->items().front().at("gifts")->items();
    ASSERT_EQ(gifts.size(), 2U);
    EXPECT_EQ(gifts[0].text_or("recipient_name"), "");
    EXPECT_EQ(gifts[1].text_or("recipient_name"), "Ben");
    // Not more than one may buy.
    Shopper late(*world.shop);
    ASSERT_EQ(add_card(late, 20, for_ben()).status, 201);
    ASSERT_EQ(late.post("/api/v1/account/login", R"({"email":"ana@example.test","password":"correct horse battery"})").status, 200);
    const auto joined = late.get("/api/v1/cart").body;
    const auto& line = joined.at("lines")->items().front();
    EXPECT_EQ(line.int_or("quantity"), 20);
    EXPECT_EQ(line.at("gifts")->items().size(), 20U);
}

TEST_F(BoughtGiftCards, stay_when_an_order_is_changed) {
    shopper.add(lamp);
    ASSERT_EQ(add_card(shopper).status, 201);
    shopper.fill_in("ana@example.test");
    remember(shopper.pay());
    world.work();
    std::size_t of_card = 0;
    const auto found = shown();
    for (std::size_t i = 0; i < found.at("lines")->items().size(); ++i) {
        if (!found.at("lines")->items()[i].at("gift_cards")->items().empty()) of_card = i;
    }
    const auto change = mia.post(path("/edits/preview"), fmt::format(R"({{"version":{},"lines":[{{"line_id":"{}","quantity":2}}]}})",
                                                                     money().int_or("version"), lines[of_card]));
    EXPECT_EQ(change.status, 409) << change.text;
    EXPECT_EQ(change.body.text_or("code"), "orders.gift_card_line") << change.text;
}

}  // namespace
}  // namespace stoa::testing
