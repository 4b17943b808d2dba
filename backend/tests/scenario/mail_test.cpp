// What buyers are written about their orders, and what the order says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world.hpp"

namespace stoa::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MailScenario : public ::testing::Test {
protected:
    World world;
    app::Shop& shop() { return *world.shop; }
    std::int64_t mails(std::string_view template_name) {
        return world.count("select count(*) from messaging.message where template = '" + std::string(template_name) + "'");
    }
    // "mail_sent: E-mail sent: ..." of an order's timeline, as its buyer reads it.
    static std::vector<std::string> mail_entries(Shopper& shopper, const std::string& number, const std::string& token) {
        std::vector<std::string> out;
        const auto order = shopper.get("/api/v1/orders/" + number + "?token=" + token);
        EXPECT_EQ(order.status, 200) << order.text;
        if (const auto* timeline = order.body.find("timeline")) {
            for (const auto& entry : timeline->items()) {
                if (entry.text_or("kind").starts_with("mail_")) out.push_back(entry.text_or("kind") + ": " + entry.text_or("text"));
            }
        }
        return out;
    }
    std::optional<sandbox::Mail> last_to(std::string_view to) {
        std::optional<sandbox::Mail> found;
        for (auto& mail : world.outside.mail->mails()) {
            if (mail.to == to) found = mail;
        }
        return found;
    }
    using Entries = std::vector<std::string>;
};

TEST_F(MailScenario, a_mail_that_was_sent_is_on_the_timeline) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    const auto paid = ana.pay();
    const std::string number = paid.body.text_or("order_number"), token = paid.body.text_or("order_token");
    EXPECT_EQ(mail_entries(ana, number, token), Entries{}) << "it is still on its way";
    world.work();
    EXPECT_EQ(mail_entries(ana, number, token), Entries{"mail_sent: E-mail sent: Your order " + number});
}

TEST_F(MailScenario, a_mailbox_that_does_not_exist_is_on_the_timeline) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("bounce.ana@example.test");
    const auto paid = ana.pay();
    ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    world.work();
    EXPECT_EQ(world.count("select count(*) from messaging.message where state = 'bounced'"), 1);
    const std::string number = paid.body.text_or("order_number");
    EXPECT_EQ(mail_entries(ana, number, paid.body.text_or("order_token")),
              Entries{"mail_bounced: E-mail address does not exist: Your order " + number});
}

TEST_F(MailScenario, a_mail_that_was_given_up_is_on_the_timeline) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 3);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("later.ana@example.test");
    const auto paid = ana.pay();
    const std::string number = paid.body.text_or("order_number"), token = paid.body.text_or("order_token");
    world.work();
    EXPECT_EQ(mail_entries(ana, number, token), Entries{}) << "it is tried again";
    for (int i = 0; i < 12; ++i) {
        world.clock.advance(std::chrono::minutes{61});
        world.work();
    }
    EXPECT_EQ(mail_entries(ana, number, token), Entries{"mail_failed: E-mail could not be sent: Your order " + number});
}

TEST_F(MailScenario, a_declined_card_is_written_about_only_when_the_shopper_left) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    Shopper ana(shop());
    ana.add(lamp);
    ana.fill_in("ana@example.test");
    const auto declined = ana.pay("4000000000000002");
    ASSERT_EQ(declined.body.text_or("status"), "declined") << declined.text;
    world.clock.advance(std::chrono::minutes{2});
    EXPECT_EQ(ana.pay("4000000000009995").body.text_or("status"), "declined");
    world.work();
    EXPECT_EQ(mails("payment_failed"), 0) << "the shopper is still paying";
    world.clock.advance(std::chrono::minutes{11});
    world.work();
    EXPECT_EQ(mails("payment_failed"), 0);
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    ASSERT_EQ(mails("payment_failed"), 1);
    const auto mail = last_to("ana@example.test");
    ASSERT_TRUE(mail);
    const std::string number = declined.body.text_or("order_number");
    EXPECT_EQ(mail->subject, "The payment for your order " + number + " did not go through");
    for (const auto& body : {mail->text, mail->html})
        EXPECT_THAT(body, AllOf(HasSubstr("/en/checkout/payment"), HasSubstr(number), HasSubstr("Thing LAMP"), HasSubstr("€49.00")));
    world.clock.advance(std::chrono::minutes{20});
    world.work();
    EXPECT_EQ(mails("payment_failed"), 1) << "one mail, however many cards were declined";

    // Who goes on and pays hears of the order alone.
    Shopper bob(shop());
    bob.add(lamp);
    bob.fill_in("bob@example.test");
    EXPECT_EQ(bob.pay("4000000000000002").body.text_or("status"), "declined");
    EXPECT_EQ(bob.pay().body.text_or("status"), "completed");
    world.clock.advance(std::chrono::minutes{16});
    world.work();
    EXPECT_EQ(mails("payment_failed"), 1);
    EXPECT_EQ(mails("order_confirmation"), 1);
}

TEST_F(MailScenario, a_cancelled_order_is_written_about_when_somebody_had_bought_it) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    Shopper ana(shop());
    ana.add(lamp, 2);
    ana.fill_in("ana@example.test");
    const auto paid = ana.pay();
    const std::string number = paid.body.text_or("order_number");
    world.work();
    shop().database.in_tx([&](db::Tx& tx) {
        const auto id = shop().orders->find_number(tx, number);
        auto order = shop().orders->lock(tx, *id);
        shop().inventory->deallocate(tx, id->uuid());
        ASSERT_TRUE(shop().orders->cancel(tx, *order, "staff"));
    });
    world.work();
    const auto mail = last_to("ana@example.test");
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->subject, "Your order " + number + " is cancelled");
    for (const auto& body : {mail->text, mail->html})
        EXPECT_THAT(body, AllOf(HasSubstr("is cancelled"), HasSubstr(number), HasSubstr("Thing LAMP"), HasSubstr("€98.00")));
    EXPECT_EQ(mails("order_cancelled"), 1);
    world.work();
    EXPECT_EQ(mails("order_cancelled"), 1);

    // An order that ends because nobody paid it is no news.
    Shopper bob(shop());
    bob.add(lamp);
    bob.fill_in("bob@example.test");
    EXPECT_EQ(bob.pay("4000000000000002").body.text_or("status"), "declined");
    world.clock.advance(std::chrono::hours{3});
    world.work();
    world.clock.advance(std::chrono::hours{3});
    world.work();
    EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'cancelled'"), 2);
    EXPECT_EQ(mails("order_cancelled"), 1);
}

TEST_F(MailScenario, a_german_buyer_reads_german) {
    const auto chair = stock_up(shop(), "CHAIR", 123450, 3);
    Shopper ana(shop());
    ana.add(chair);
    EXPECT_EQ(ana.patch("/api/v1/cart", R"({"locale":"de"})").status, 200);
    ana.fill_in("ana@example.test");
    const auto paid = ana.pay();
    ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    const std::string number = paid.body.text_or("order_number");
    world.work();
    const auto mail = last_to("ana@example.test");
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->subject, "Ihre Bestellung " + number);
    for (const auto& body : {mail->text, mail->html}) {
        EXPECT_THAT(body, AllOf(HasSubstr("Danke für Ihre Bestellung"), HasSubstr("Guten Tag Ana,"), HasSubstr("Ding CHAIR"),
                                HasSubstr("Zwischensumme"), HasSubstr("1.234,50"), HasSubstr("Kostenlos"), HasSubstr("Darin MwSt."),
                                HasSubstr("Lieferung an"), HasSubstr("Deutschland"), HasSubstr("/de/orders/" + number)));
        EXPECT_THAT(body, AllOf(Not(HasSubstr("Thank you")), Not(HasSubstr("Subtotal")), Not(HasSubstr("Delivery")), Not(HasSubstr("{{"))));
    }
    EXPECT_THAT(mail->html, HasSubstr("lang=\"de\""));
    const auto entries = mail_entries(ana, number, paid.body.text_or("order_token"));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_THAT(entries[0], HasSubstr("Ihre Bestellung " + number));
}

}  // namespace
}  // namespace stoa::testing
