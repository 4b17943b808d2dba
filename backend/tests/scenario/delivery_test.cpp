// Deliveries of the carrier platform: what is offered, and what happens when it is not there.
#include <gtest/gtest.h>

#include "steps.hpp"

namespace stoa::testing {
namespace {

class DeliveryScenario : public ::testing::Test {
protected:
    World world;
    app::Shop& shop() { return *world.shop; }
    Shopper with_address(const Goods& goods, std::int64_t quantity = 1, std::string_view currency = "EUR", std::string_view locale = "en") {
        Shopper who(shop());
        const auto added = who.post("/api/v1/cart/lines?currency=" + std::string(currency) + "&locale=" + std::string(locale),
                                    R"({"variant_id":")" + goods.variant.to_string() + R"(","quantity":)" + std::to_string(quantity) + "}");
        EXPECT_EQ(added.status, 201) << added.text;
        EXPECT_EQ(who.post("/api/v1/checkout").status, 200);
        EXPECT_EQ(who.put("/api/v1/checkout/contact", R"({"email":"ana@example.test"})").status, 200);
        const auto address = who.put(
            "/api/v1/checkout/address",
            R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Markt 1","postal_code":"5611 AZ","city":"Eindhoven","country":"NL"}})");
        EXPECT_EQ(address.status, 200) << address.text;
        return who;
    }
    // Name and price by id.
    static std::map<std::string, std::pair<std::string, std::int64_t>> options_of(Shopper& who) {
        std::map<std::string, std::pair<std::string, std::int64_t>> out;
        const auto answer = who.get("/api/v1/checkout/shipping-options");
        EXPECT_EQ(answer.status, 200) << answer.text;
        for (const auto& item : answer.body.find("items")->items())
            out[item.text_or("id")] = {item.text_or("name"), *item.at("price", "amount")->as_int()};
        return out;
    }
    static Answer choose(Shopper& who, std::string_view option, std::string_view point = {}) {
        std::string body = R"({"option_id":")" + std::string(option) + "\"";
        if (!point.empty()) body += R"(,"service_point_id":")" + std::string(point) + "\"";
        return who.put("/api/v1/checkout/shipping", body + "}");
    }
    void forget_quotes() { ASSERT_EQ(redis_command(test_redis_url(), "FLUSHDB"), "+OK"); }
};

TEST_F(DeliveryScenario, a_carrier_platform_that_is_down_stops_nobody_who_has_chosen) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    auto ana = with_address(lamp);
    auto bob = with_address(lamp);
    EXPECT_EQ(choose(ana, "sendcloud:postnl:standard").status, 200);
    world.outside.fail_next("sendcloud", "down", -1);
    forget_quotes();
    // Who has not chosen yet is told, and has the shop's own deliveries.
    const auto refused = choose(bob, "sendcloud:postnl:standard");
    EXPECT_EQ(refused.status, 503) << refused.text;
    EXPECT_EQ(refused.body.text_or("code"), "shipping.unavailable");
    EXPECT_EQ(options_of(bob).count("own:standard"), 1U);
    const auto paid = ana.pay();
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;

    // Another parcel than the one that was priced is no longer the same delivery.
    world.outside.control.forget_faults();
    world.clock.advance(std::chrono::seconds{31});
    EXPECT_EQ(choose(bob, "sendcloud:postnl:standard").status, 200);
    world.outside.fail_next("sendcloud", "down", -1);
    forget_quotes();
    bob.add(lamp);
    EXPECT_EQ(bob.post("/api/v1/checkout").status, 200);
    const auto other = bob.pay();
    EXPECT_EQ(other.status, 409) << other.text;
    EXPECT_EQ(other.body.text_or("code"), "checkout.shipping_missing");
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DeliveryScenario, a_refusal_is_about_one_request_and_does_not_silence_the_platform) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    auto ana = with_address(lamp);
    // The platform answers 400: this carrier has no points.
    const auto none = ana.get("/api/v1/checkout/service-points?option_id=sendcloud:postnl:standard");
    EXPECT_EQ(none.status, 200) << none.text;
    EXPECT_TRUE(none.body.find("items")->items().empty());
    EXPECT_EQ(options_of(ana).count("sendcloud:postnl:standard"), 1U);
    // The address is in Eindhoven: nobody is sent to Amsterdam for a parcel.
    const auto points = ana.get("/api/v1/checkout/service-points?option_id=sendcloud:dhl:service_point");
    EXPECT_FALSE(points.body.find("items")->items().empty());
    for (const auto& point : points.body.find("items")->items()) EXPECT_NE(point.text_or("city"), "Amsterdam") << point.text_or("name");

    // One that is down is left alone for half a minute, however many ask.
    world.outside.fail_next("sendcloud", "down", 1);
    forget_quotes();
    EXPECT_EQ(options_of(ana).count("sendcloud:postnl:standard"), 0U);
    const auto calls = world.outside.control.calls().size();
    EXPECT_EQ(options_of(ana).count("sendcloud:postnl:standard"), 0U);
    EXPECT_EQ(world.outside.control.calls().size(), calls);
    world.clock.advance(std::chrono::seconds{31});
    EXPECT_EQ(options_of(ana).count("sendcloud:postnl:standard"), 1U);
}

TEST_F(DeliveryScenario, a_pick_up_point_must_be_one_of_the_carrier_in_the_country) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    auto ana = with_address(lamp);
    const auto in_berlin = choose(ana, "sendcloud:dhl:service_point", "10875358");
    EXPECT_EQ(in_berlin.status, 422) << in_berlin.text;
    EXPECT_EQ(in_berlin.body.text_or("code"), "shipping.service_point_unknown");
    EXPECT_EQ(choose(ana, "sendcloud:dhl:service_point", "1").status, 422);
    EXPECT_FALSE(ana.get("/api/v1/checkout").body.at("steps", "shipping")->as_bool());
    const auto chosen = choose(ana, "sendcloud:dhl:service_point", "10875349");
    EXPECT_EQ(chosen.status, 200) << chosen.text;
    EXPECT_EQ(chosen.body.at("shipping", "service_point", "city")->text(), "Eindhoven");
}

TEST_F(DeliveryScenario, a_pick_up_point_goes_with_the_address_it_was_near) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    auto ana = with_address(lamp);
    EXPECT_EQ(choose(ana, "sendcloud:dhl:service_point", "10875349").status, 200);
    const auto move_to = [&](std::string_view line, std::string_view postal_code, std::string_view city, std::string_view country) {
        const auto moved = ana.put("/api/v1/checkout/address",
                                   fmt::format(R"({{"shipping":{{"first_name":"Ana","last_name":"Ruiz","line1":"{}","postal_code":"{}",)"
                                               R"("city":"{}","country":"{}"}}}})",
                                               line, postal_code, city, country));
        EXPECT_EQ(moved.status, 200) << moved.text;
        const auto* is_chosen = moved.body.at("steps", "shipping");
        return is_chosen && is_chosen->as_bool();
    };
    EXPECT_TRUE(move_to("Markt 2", "5611 AZ", "Eindhoven", "NL"));  // next door
    EXPECT_FALSE(move_to("Torstr. 1", "10119", "Berlin", "DE"));
    const auto refused = ana.pay();
    EXPECT_EQ(refused.status, 409) << refused.text;
    EXPECT_EQ(refused.body.text_or("code"), "checkout.shipping_missing");
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 0);
}

TEST_F(DeliveryScenario, what_costs_no_more_than_standard_is_free_where_standard_is) {
    const auto lamp = stock_up(shop(), "LAMP", 6000, 9);
    auto small = with_address(lamp);
    auto paying = options_of(small);
    EXPECT_EQ(paying.at("own:standard").second, 490);
    EXPECT_EQ(paying.at("sendcloud:dhl:service_point").second, 445);  // (3.90 + 2 kg at 0.15) + 6 %
    EXPECT_EQ(paying.at("sendcloud:postnl:standard").second, 577);
    auto large = with_address(lamp, 2);
    auto free = options_of(large);
    EXPECT_EQ(free.at("own:standard").second, 0);
    EXPECT_EQ(free.at("sendcloud:dhl:service_point").second, 0);
    EXPECT_GT(free.at("sendcloud:postnl:standard").second, 490);
}

TEST_F(DeliveryScenario, live_deliveries_speak_the_shoppers_language_and_currency) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 9);
    price_in(shop(), lamp, "GBP", 4200);
    auto dutch = with_address(lamp, 1, "EUR", "nl");
    auto named = options_of(dutch);
    EXPECT_EQ(named.at("sendcloud:postnl:standard").first, "Thuisbezorging (PostNL)");
    EXPECT_EQ(named.at("sendcloud:postnl:standard/signature").first, "Thuisbezorging met handtekening (PostNL)");
    EXPECT_EQ(named.at("sendcloud:dhl:service_point").first, "Afhaalpunt (DHL)");
    auto british = with_address(lamp, 1, "GBP");
    const auto in_pounds = options_of(british);
    EXPECT_EQ(in_pounds.at("sendcloud:dhl:service_point").second, 390);  // 4.45 EUR at 0.86 is 3.827, up to tens
    EXPECT_EQ(choose(british, "sendcloud:dhl:service_point", "10875349").status, 200);
    const auto paid = british.pay();
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(world.count("select shipping from orders.orders where currency = 'GBP'"), 390);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
