#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "stoa/events/events.hpp"
#include "stoa/json/value.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::pricing {
namespace {

using catalog::VariantId;
using std::chrono::days;

db::Database& database() { return stoa::testing::shared_database().database(); }
const Timestamp kNow = stoa::testing::fixed_start();

class PricingTest : public ::testing::Test {
protected:
    // Every test has a channel and variants of its own, so the shipped tax data stays.
    PriceListId list(PriceListSpec spec, Timestamp at = kNow) {
        spec.code = channel + "-" + spec.code;
        spec.name = spec.code;
        if (spec.currency == Currency()) spec.currency = Currency::of("EUR");
        if (!spec.channel) spec.channel = channel;
        return database().in_tx([&](db::Tx& tx) { return book->save_list(tx, spec, at); });
    }
    std::int64_t set(PriceListId id, std::vector<PriceEntry> entries, Timestamp since = kNow) {
        return database().in_tx([&](db::Tx& tx) { return book->set_prices(tx, id, entries, since); });
    }
    std::optional<VariantPrice> price(VariantId variant, Timestamp at = kNow, std::function<void(BuyerContext&)> change = {}) {
        BuyerContext buyer;
        buyer.channel = channel;
        buyer.currency = Currency::of("EUR");
        buyer.at = at;
        if (change) change(buyer);
        const auto found = database().read([&](db::Session& session) { return pricing->prices(session, std::vector{variant}, buyer); });
        return found.empty() ? std::nullopt : std::optional(found.at(variant));
    }
    static std::vector<std::string> event_types(VariantId variant) {
        std::vector<std::string> out;
        database().read([&](db::Session& session) {
            for (const auto& event : events::read_stream(session, "price:" + variant.uuid().to_string(), 0, 100)) out.push_back(event.type);
        });
        return out;
    }
    static Money eur(std::int64_t minor) { return {minor, Currency::of("EUR")}; }

    std::string channel = "t" + Uuid::v7().to_base32();
    VariantId chair = VariantId::make();
    VariantId lamp = VariantId::make();
    std::unique_ptr<Pricing> pricing = make_pricing();
    std::unique_ptr<PriceBook> book = make_price_book();
};

TEST_F(PricingTest, WhatWinsAmongSingleListsIsWhatTheBuyerPays) {
    const auto acme = companies::CompanyId::make();
    set(list({.code = "retail"}), {{chair, {{1, 10000}}, {}, {}}, {lamp, {{1, 3000}}, {}, {}}});
    set(list({.code = "trade", .customer_group = "trade"}),
        {{chair, {{1, 7000}}, {}, {}}, {chair, {{1, 6000}}, kNow - days(1), kNow + days(1)}});
    set(list({.code = "acme", .company = acme}), {{chair, {{1, 8000}}, {}, {}}, {lamp, {{1, 2500}, {10, 2000}}, {}, {}}});
    set(list({.code = "both", .customer_group = "trade", .company = acme}), {{lamp, {{1, 2900}}, {}, {}}});
    set(list({.code = "first", .priority = 3, .customer_group = "vip"}), {{lamp, {{1, 9900}}, {}, {}}});
    set(list({.code = "later", .customer_group = "trade", .valid_from = kNow + days(1)}), {{lamp, {{1, 1}}, {}, {}}});

    Prices everybody;
    std::vector<ContractPrice> contracts, of_lamp;
    std::map<PriceListId, ContractList> lists;
    database().in_tx([&](db::Tx& tx) {
        pricing->for_each_public_price(tx, Currency::of("EUR"), channel, kNow, [&](VariantPrice&& price) {
            const auto variant = price.variant;
            everybody.emplace(variant, std::move(price));
        });
        const auto keep = [](std::vector<ContractPrice>& into) { return [&](ContractPrice&& price) { into.push_back(std::move(price)); }; };
        pricing->for_each_contract_price(tx, Currency::of("EUR"), channel, kNow, std::nullopt, keep(contracts));
        pricing->for_each_contract_price(tx, Currency::of("EUR"), channel, kNow, std::vector{lamp}, keep(of_lamp));
        for (auto& found : pricing->contract_lists(tx, channel, kNow)) lists.emplace(found.id, found);
    });
    EXPECT_EQ(lists.size(), 4U) << "not yet the one that begins tomorrow";
    EXPECT_EQ(contracts.size(), 5U);
    EXPECT_EQ(of_lamp.size(), 3U);
    for (const auto& groups : std::vector<std::vector<std::string>>{{}, {"trade"}, {"vip"}, {"trade", "vip"}, {"none"}}) {
        for (const auto& company : std::vector<std::optional<companies::CompanyId>>{{}, acme, companies::CompanyId::make()}) {
            for (const auto variant : {chair, lamp}) {
                const auto paid = price(variant, kNow, [&](BuyerContext& buyer) {
                    buyer.groups = groups;
                    buyer.company = company;
                });
                const auto* best = &everybody.at(variant);
                for (const auto& contract : contracts) {
                    if (contract.price.variant == variant &&
                        lists.at(contract.list).applies_to(groups, company ? std::optional(company->uuid()) : std::nullopt) &&
                        contract.price.wins_over(*best))
                        best = &contract.price;
                }
                ASSERT_TRUE(paid);
                EXPECT_EQ(best->price_list, paid->price_list);
                EXPECT_EQ(best->unit(), paid->unit());
                EXPECT_EQ(best->unit(10), paid->unit(10));
                EXPECT_EQ(best->regular, paid->regular);
                EXPECT_EQ(best->lowest_30_days, paid->lowest_30_days);
            }
        }
    }
}

TEST_F(PricingTest, ListsByBuyer) {
    const auto company = companies::CompanyId::make();
    set(list({.code = "retail"}), {{chair, {{1, 10000}}, {}, {}}});
    set(list({.code = "trade", .tax_included = false, .customer_group = "trade"}), {{chair, {{1, 7000}, {10, 6500}}, {}, {}}});
    set(list({.code = "acme", .tax_included = false, .company = company}), {{chair, {{1, 8000}}, {}, {}}});
    set(list({.code = "pounds", .currency = Currency::of("GBP")}), {{chair, {{1, 9000}}, {}, {}}});

    EXPECT_EQ(price(chair)->unit(), eur(10000));
    EXPECT_TRUE(price(chair)->tax_included);
    const auto trade = price(chair, kNow, [](BuyerContext& buyer) { buyer.groups = {"x", "trade"}; });
    EXPECT_EQ(trade->unit(10), eur(6500));
    EXPECT_FALSE(trade->tax_included);
    EXPECT_EQ(price(chair, kNow,
                    [&](BuyerContext& buyer) {
                        buyer.company = company;
                        buyer.groups = {"trade"};
                    })
                  ->unit(),
              eur(8000))
        << "the company's list goes first";
    EXPECT_EQ(price(chair, kNow, [](BuyerContext& buyer) { buyer.currency = Currency::of("GBP"); })->unit(),
              Money(9000, Currency::of("GBP")));
    EXPECT_FALSE(price(chair, kNow, [](BuyerContext& buyer) { buyer.channel = "elsewhere"; }));
    EXPECT_FALSE(price(chair, kNow, [](BuyerContext& buyer) { buyer.currency = Currency::of("CHF"); }));
    EXPECT_FALSE(price(lamp));
}

TEST_F(PricingTest, WindowsAreJudgedWhenRead) {
    const auto id = list({.code = "retail"});
    set(id, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(60));
    set(id, {{chair, {{1, 8000}}, kNow + days(1), kNow + days(3)}});
    EXPECT_EQ(price(chair)->unit(), eur(10000));
    const auto sale = price(chair, kNow + days(1));
    EXPECT_EQ(sale->unit(), eur(8000));
    EXPECT_EQ(sale->regular, eur(10000));
    EXPECT_EQ(sale->lowest_30_days, eur(10000));
    EXPECT_EQ(price(chair, kNow + days(3))->unit(), eur(10000)) << "nobody has to press a button when a sale ends";
    EXPECT_FALSE(price(chair, kNow + days(3))->regular);
}

TEST_F(PricingTest, HistoryGivesTheLowestPriceBeforeAReduction) {
    const auto id = list({.code = "retail"});
    set(id, {{chair, {{1, 9000}}, {}, {}}}, kNow - days(100));
    set(id, {{chair, {{1, 12000}}, {}, {}}}, kNow - days(20));
    set(id, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(10));
    set(id, {{chair, {{1, 8500}}, kNow - days(1), {}}}, kNow - days(1));
    EXPECT_EQ(price(chair)->lowest_30_days, eur(9000)) << "it cost 90.00 until 20 days ago";
    EXPECT_EQ(price(chair)->regular, eur(10000));
    // A second reduction right after counts the first.
    set(id, {{chair, {{1, 8000}}, kNow, {}}});
    EXPECT_EQ(price(chair)->unit(), eur(8000));
    EXPECT_EQ(price(chair)->lowest_30_days, eur(8500));
}

TEST_F(PricingTest, AReductionThatGoesOnKeepsItsBeginning) {
    const auto id = list({.code = "retail"});
    const auto began = kNow - days(40);
    set(id, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(100));
    set(id, {{chair, {{1, 8000}}, began, kNow + days(1)}}, began);
    // Longer, then with a quantity price, then shorter: the same reduction.
    set(id, {{chair, {{1, 8000}}, began, kNow + days(20)}});
    EXPECT_EQ(price(chair)->lowest_30_days, eur(10000));
    EXPECT_EQ(price(chair)->crossed_out(), eur(10000));
    set(id, {{chair, {{1, 8000}, {5, 7000}}, began, kNow + days(20)}}, kNow + days(1));
    set(id, {{chair, {{1, 8000}, {5, 7000}}, began, kNow + days(10)}}, kNow + days(2));
    EXPECT_EQ(price(chair, kNow + days(9))->lowest_30_days, eur(10000));
    // Its end is in the history: 31 days after it the old price is the lowest again.
    set(id, {{chair, {{1, 9000}}, kNow + days(45), {}}}, kNow + days(45));
    EXPECT_EQ(price(chair, kNow + days(45))->lowest_30_days, eur(10000));
    // Another amount is another reduction, and so is one that is taken up again after its end.
    set(id, {{lamp, {{1, 10000}}, {}, {}}}, kNow - days(100));
    set(id, {{lamp, {{1, 8000}}, began, {}}}, began);
    set(id, {{lamp, {{1, 7500}}, began, {}}});
    EXPECT_EQ(price(lamp)->lowest_30_days, eur(8000));
    database().in_tx([&](db::Tx& tx) { book->end_scheduled(tx, id, std::vector{lamp}, kNow + days(1)); });
    set(id, {{lamp, {{1, 7500}}, began, {}}}, kNow + days(3));
    EXPECT_EQ(price(lamp, kNow + days(3))->lowest_30_days, eur(7500));
}

TEST_F(PricingTest, ThePastOfAReductionIsThatOfAllListsOfItsBuyers) {
    const auto retail = list({.code = "retail"});
    set(retail, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(100));
    // Open for ten days of the last thirty; its prices were set long before.
    set(list({.code = "spring", .priority = 5, .valid_from = kNow - days(20), .valid_until = kNow - days(10)}),
        {{chair, {{1, 7000}}, {}, {}}}, kNow - days(100));
    set(list({.code = "trade", .customer_group = "trade"}), {{chair, {{1, 5000}}, {}, {}}}, kNow - days(100));
    set(retail, {{chair, {{1, 8000}}, kNow, {}}});
    EXPECT_EQ(price(chair)->lowest_30_days, eur(7000)) << "everybody could buy by the other list";
    EXPECT_EQ(price(chair)->crossed_out(), std::nullopt);
    set(retail, {{chair, {{1, 8000}}, kNow + days(25), {}}}, kNow + days(25));
    database().in_tx([&](db::Tx& tx) { book->end_scheduled(tx, retail, std::vector{chair}, kNow + days(25)); });
    set(retail, {{chair, {{1, 7500}}, kNow + days(60), {}}}, kNow + days(60));
    EXPECT_EQ(price(chair, kNow + days(60))->lowest_30_days, eur(10000));
}

TEST_F(PricingTest, AListCountsForThePastAsItWasThen) {
    // What everybody could pay until yesterday, when the list was taken away in one of the ways there are.
    const PriceListSpec spring{.code = "spring", .priority = 5};
    auto off = spring, closed = spring, grouped = spring, elsewhere = spring, later = spring, last = spring;
    off.enabled = false;
    closed.valid_until = kNow - days(1);
    grouped.customer_group = "trade";
    elsewhere.channel = "elsewhere";
    later.valid_from = kNow + days(90);
    last.priority = -5;
    for (const auto& today : {off, closed, grouped, elsewhere, later, last}) {
        channel = "t" + Uuid::v7().to_base32();
        chair = VariantId::make();
        const auto own = list({.code = "retail"}, kNow - days(100));
        set(own, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(100));
        set(list(spring, kNow - days(50)), {{chair, {{1, 7000}}, {}, {}}}, kNow - days(50));
        list(today, kNow - days(1));
        set(own, {{chair, {{1, 8000}}, kNow, {}}});
        EXPECT_EQ(price(chair)->unit(), eur(8000));
        EXPECT_EQ(price(chair)->lowest_30_days, eur(7000)) << "everybody could pay it until yesterday";
        EXPECT_EQ(price(chair)->crossed_out(), std::nullopt);
        // In the time after it was taken away nobody could.
        set(own, {{chair, {{1, 7900}}, kNow + days(60), {}}}, kNow + days(60));
        EXPECT_EQ(price(chair, kNow + days(60))->lowest_30_days, eur(8000));
    }
    // One for a group, one that was off: open to everybody since yesterday, and not before.
    for (const auto& once : {grouped, off}) {
        channel = "t" + Uuid::v7().to_base32();
        chair = VariantId::make();
        const auto own = list({.code = "retail"}, kNow - days(100));
        set(own, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(100));
        set(list(once, kNow - days(50)), {{chair, {{1, 7000}}, {}, {}}}, kNow - days(50));
        set(own, {{chair, {{1, 8000}}, kNow - days(2), {}}}, kNow - days(2));
        auto open = spring;
        open.priority = -1;
        list(open, kNow - days(1));
        EXPECT_EQ(price(chair)->unit(), eur(8000));
        EXPECT_EQ(price(chair)->lowest_30_days, eur(10000)) << "nobody of these buyers could pay it before the reduction";
        EXPECT_EQ(price(chair)->crossed_out(), eur(10000));
    }
}

TEST_F(PricingTest, AReductionBeginsForBuyersWhoSeeItLaterWhenTheyDo) {
    set(list({.code = "retail"}), {{chair, {{1, 7500}}, {}, {}}}, kNow - days(100));
    PriceListSpec spec{.code = "sale", .priority = 5, .customer_group = "trade"};
    const auto sale = list(spec, kNow - days(90));
    set(sale, {{chair, {{1, 10000}}, {}, {}}}, kNow - days(90));
    set(sale, {{chair, {{1, 8000}}, kNow - days(40), {}}}, kNow - days(40));
    spec.customer_group = {};
    list(spec, kNow);
    EXPECT_EQ(price(chair, kNow)->unit(), eur(8000));
    EXPECT_EQ(price(chair, kNow)->lowest_30_days, eur(7500)) << "until now they paid the other list";
    EXPECT_EQ(price(chair, kNow)->crossed_out(), std::nullopt);
    // Another name or rank changes nothing about when it began.
    set(list({.code = "retail"}), {{chair, {{1, 9000}}, {}, {}}}, kNow + days(1));
    spec.priority = 6;
    list(spec, kNow + days(50));
    EXPECT_EQ(price(chair, kNow + days(50))->lowest_30_days, eur(7500));
}

TEST_F(PricingTest, NothingIsCrossedOutThatNobodyWasAsked) {
    const auto id = list({.code = "retail"});
    set(id, {{chair, {{1, 20000}}, {}, {}}, {chair, {{1, 8000}}, kNow, {}}});
    EXPECT_EQ(price(chair)->unit(), eur(8000));
    EXPECT_EQ(price(chair)->regular_above(), eur(20000)) << "codes may leave it out all the same";
    EXPECT_EQ(price(chair)->lowest_30_days, std::nullopt);
    EXPECT_EQ(price(chair)->crossed_out(), std::nullopt);
    EXPECT_EQ(price(chair, kNow + days(20))->crossed_out(), std::nullopt) << "and it does not become true by waiting";
    // Raised and reduced at once: what was really asked is what counts.
    set(id, {{lamp, {{1, 9000}}, {}, {}}}, kNow - days(10));
    set(id, {{lamp, {{1, 20000}}, {}, {}}, {lamp, {{1, 8000}}, kNow, {}}});
    EXPECT_EQ(price(lamp)->crossed_out(), eur(9000));
}

TEST_F(PricingTest, ALowerBasePriceEndsTheReductionThatItReaches) {
    const auto id = list({.code = "retail"});
    set(id, {{chair, {{1, 1200}}, {}, {}}, {lamp, {{1, 1200}}, {}, {}}}, kNow - days(60));
    set(id, {{chair, {{1, 990}}, kNow - days(5), {}}, {lamp, {{1, 990}}, kNow, {}}, {chair, {{1, 500}}, kNow + days(9), {}}},
        kNow - days(5));
    set(id, {{chair, {{1, 1000}}, {}, {}}});
    EXPECT_EQ(price(chair)->unit(), eur(990)) << "a base price above the reduction leaves it alone";
    EXPECT_EQ(set(id, {{chair, {{1, 890}}, {}, {}}, {lamp, {{1, 990}}, {}, {}}}), 2);
    for (const auto& [variant, amount] : {std::pair(chair, 890), std::pair(lamp, 990)}) {
        EXPECT_EQ(price(variant)->unit(), eur(amount));
        EXPECT_FALSE(price(variant)->scheduled);
    }
    EXPECT_EQ(price(chair, kNow + days(9))->unit(), eur(500)) << "what begins later stays";
    EXPECT_EQ(price(chair, kNow + days(9))->lowest_30_days, eur(890));
    // A planned increase is none of its business.
    set(id, {{lamp, {{1, 1500}}, kNow + days(1), {}}}, kNow + days(1));
    set(id, {{lamp, {{1, 950}}, {}, {}}}, kNow + days(2));
    EXPECT_EQ(price(lamp, kNow + days(2))->unit(), eur(1500));
}

TEST_F(PricingTest, OnlyRealChangesAreWrittenAndAnnounced) {
    const auto id = list({.code = "retail"});
    EXPECT_EQ(set(id, {{chair, {{1, 10000}, {5, 9000}}, {}, {}}, {lamp, {{1, 500}}, {}, {}}}), 2);
    EXPECT_EQ(set(id, {{chair, {{1, 10000}, {5, 9000}}, {}, {}}, {lamp, {{1, 501}}, {}, {}}}), 1);
    EXPECT_EQ(event_types(chair), std::vector<std::string>{"price.changed"});
    EXPECT_EQ(event_types(lamp), (std::vector<std::string>{"price.changed", "price.changed"}));
    EXPECT_EQ(database().in_tx([&](db::Tx& tx) { return book->remove_prices(tx, id, std::vector{chair}, kNow + days(1)); }), 1);
    EXPECT_FALSE(price(chair, kNow + days(2)));
    EXPECT_EQ(event_types(chair).size(), 2U);
}

TEST_F(PricingTest, ManyChangesAreAnnouncedTogether) {
    const auto id = list({.code = "retail"});
    std::vector<PriceEntry> entries;
    std::set<std::string> given, told;
    for (int i = 0; i < 450; ++i) {
        entries.push_back({VariantId::make(), {{1, 1000 + i}}, {}, {}});
        given.insert(entries.back().variant.to_string());
    }
    const auto read = [&](std::int64_t after) {
        return database().read([&](db::Session& session) { return events::read_stream(session, "prices:all", after, 100); });
    };
    const auto before = read(0);
    EXPECT_EQ(set(id, entries), 450);
    EXPECT_EQ(set(id, entries), 0);
    const auto events = read(before.empty() ? 0 : before.back().version);
    ASSERT_EQ(events.size(), 3U);
    for (const auto& event : events) {
        EXPECT_EQ(event.type, "price.many_changed");
        const auto data = json::parse(event.data);
        EXPECT_LE(data->find("variant_ids")->items().size(), 200U);
        for (const auto& text : data->find("variant_ids")->items()) told.insert(text.text());
    }
    EXPECT_EQ(told, given);
    EXPECT_TRUE(event_types(entries[0].variant).empty());
    entries.resize(20);
    for (auto& entry : entries) entry.tiers[0].second += 1;
    EXPECT_EQ(set(id, entries), 20);
    EXPECT_EQ(event_types(entries[0].variant), std::vector<std::string>{"price.changed"});
}

TEST_F(PricingTest, WindowsThatOpenAndCloseAreAnnouncedOnce) {
    const auto id = list({.code = "retail"});
    set(id, {{chair, {{1, 10000}}, {}, {}}});
    set(id, {{chair, {{1, 8000}}, kNow + days(1), kNow + days(3)}});
    const auto announce = [&](Timestamp at) { return database().in_tx([&](db::Tx& tx) { return book->announce_due(tx, at); }); };
    announce(kNow);
    const auto before = event_types(chair).size();
    EXPECT_GE(announce(kNow + days(2)), 1);  // other tests of this process have windows too
    EXPECT_EQ(event_types(chair).size(), before + 1);
    EXPECT_EQ(announce(kNow + days(2)), 0);
    EXPECT_GE(announce(kNow + days(4)), 1);
    EXPECT_EQ(event_types(chair).size(), before + 2);
}

TEST_F(PricingTest, AListThatChangesIsAnnouncedAndSoAreItsWindows) {
    const auto types = [](PriceListId id) {
        std::vector<std::string> out;
        database().read([&](db::Session& session) {
            for (const auto& event : events::read_stream(session, "price_list:" + id.uuid().to_string(), 0, 100)) {
                EXPECT_EQ(event.type, "price_list.changed");
                out.push_back(json::parse(event.data)->text_or("reason"));
            }
        });
        return out;
    };
    PriceListSpec spec{.code = "retail"};
    const auto id = list(spec);
    set(id, {{chair, {{1, 10000}}, {}, {}}});
    EXPECT_TRUE(types(id).empty()) << "a new list has no prices that anybody could have seen";
    EXPECT_EQ(list(spec), id);
    EXPECT_TRUE(types(id).empty());
    spec.enabled = false;
    list(spec);
    EXPECT_FALSE(price(chair));
    spec.enabled = true;
    spec.priority = 7;
    list(spec);
    EXPECT_EQ(types(id), (std::vector<std::string>{"edited", "edited"}));

    spec.valid_from = kNow + days(1);
    spec.valid_until = kNow + days(3);
    list(spec);
    EXPECT_EQ(types(id).size(), 3U);
    const auto announce = [&](Timestamp at) { return database().in_tx([&](db::Tx& tx) { return book->announce_due(tx, at); }); };
    // Other tests moved the mark of what was announced.
    const auto forget = [] { database().in_tx([](db::Tx& tx) { (void)tx.run_text("delete from pricing.announced"); }); };
    forget();
    announce(kNow);
    announce(kNow + days(1) - std::chrono::seconds(1));
    EXPECT_EQ(types(id).size(), 3U);
    announce(kNow + days(1));
    EXPECT_EQ(types(id).size(), 4U);
    announce(kNow + days(4));
    EXPECT_EQ(types(id), (std::vector<std::string>{"edited", "edited", "edited", "window", "window"}));
    forget();
    const auto next = database().read([&](db::Session& session) { return pricing->next_window(session, kNow + days(2)); });
    ASSERT_TRUE(next);
    EXPECT_LE(*next, kNow + days(3));
    const auto windows = [&](Timestamp after, Timestamp until) {
        return database().read([&](db::Session& session) { return pricing->windows(session, after, until); });
    };
    EXPECT_TRUE(windows(kNow, kNow + days(1)).lists) << "the end of the span belongs to it";
    EXPECT_FALSE(windows(kNow + days(1), kNow + days(2)).lists) << "its start does not";
    EXPECT_TRUE(windows(kNow + days(2), kNow + days(3)).lists);
}

TEST_F(PricingTest, EntriesSayWhatAListHoldsAndReductionsEnd) {
    const auto id = list({.code = "retail"});
    set(id, {{chair, {{1, 10000}, {10, 9000}}, {}, {}}, {lamp, {{1, 500}}, {}, {}}}, kNow - days(60));
    set(id, {{chair, {{1, 8000}}, kNow - days(5), {}}, {chair, {{1, 7000}}, kNow + days(9), kNow + days(10)}}, kNow - days(5));
    const auto entries = [&] {
        return database().read([&](db::Session& session) { return book->entries(session, id, std::vector{chair}); });
    };
    auto found = entries();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_FALSE(found[0].valid_from);
    EXPECT_EQ(found[0].tiers, (std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 10000}, {10, 9000}}));
    EXPECT_EQ(found[1].valid_from, kNow - days(5));
    EXPECT_EQ(found[2].valid_until, kNow + days(10));
    EXPECT_EQ(database().in_tx([&](db::Tx& tx) { return book->end_scheduled(tx, id, std::vector{chair, lamp}, kNow); }), 1);
    EXPECT_EQ(price(chair)->unit(), eur(10000));
    EXPECT_FALSE(price(chair)->regular);
    found = entries();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[1].valid_until, kNow);
    EXPECT_EQ(found[2].valid_from, kNow + days(9)) << "what begins later stays";
    // The reduction stays in the history of the next one.
    set(id, {{chair, {{1, 9500}}, kNow + days(2), {}}});
    EXPECT_EQ(price(chair, kNow + days(2))->lowest_30_days, eur(8000));
    EXPECT_EQ(database().read([&](db::Session& session) { return book->find_list(session, channel + "-retail"); }), id);
    EXPECT_FALSE(database().read([&](db::Session& session) { return book->find_list(session, channel + "-none"); }));
}

TEST_F(PricingTest, BadPricesAreRefusedWhole) {
    const auto id = list({.code = "retail"});
    const std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>> bad{
        {}, {{2, 100}}, {{1, 100}, {1, 90}}, {{1, -1}}, {{1, 100}, {10, 90}, {5, 80}}};
    for (const auto& tiers : bad) EXPECT_THROW(set(id, {{lamp, {{1, 100}}, {}, {}}, {chair, tiers, {}, {}}}), std::invalid_argument);
    EXPECT_THROW(set(id, {{chair, {{1, 100}}, {}, kNow}}), std::invalid_argument);
    EXPECT_THROW(set(id, {{chair, {{1, 100}}, kNow, kNow}}), std::invalid_argument);
    EXPECT_FALSE(price(lamp));
    EXPECT_THROW(list({.code = "retail", .currency = Currency::of("GBP")}), std::invalid_argument);
}

TEST_F(PricingTest, PublicPricesInBulk) {
    set(list({.code = "trade", .customer_group = "trade"}), {{chair, {{1, 1}}, {}, {}}});
    const auto id = list({.code = "retail"});
    std::vector<PriceEntry> entries;
    for (int i = 0; i < 12000; ++i) entries.push_back({VariantId::make(), {{1, 1000 + i}, {10, 900 + i}}, {}, {}});
    EXPECT_EQ(database().in_tx([&](db::Tx& tx) { return book->set_prices(tx, id, entries, kNow, Announce::nothing); }), 12000);
    // Two rows each for the first ones: pages are cut between variants, not inside one.
    std::vector<PriceEntry> sale;
    for (int i = 0; i < 9000; ++i) sale.push_back({entries[static_cast<std::size_t>(i)].variant, {{1, 500}}, kNow, {}});
    database().in_tx([&](db::Tx& tx) { return book->set_prices(tx, id, sale, kNow, Announce::nothing); });
    std::map<VariantId, VariantPrice> seen;
    database().in_tx([&](db::Tx& tx) {
        pricing->for_each_public_price(tx, Currency::of("EUR"), channel, kNow, [&](VariantPrice&& found) {
            const auto variant = found.variant;
            EXPECT_TRUE(seen.emplace(variant, std::move(found)).second);
        });
    });
    ASSERT_EQ(seen.size(), 12000U);
    EXPECT_EQ(seen.at(entries[0].variant).unit(), eur(500));
    EXPECT_EQ(seen.at(entries[0].variant).regular, eur(1000));
    EXPECT_EQ(seen.at(entries[11999].variant).unit(10), eur(900 + 11999));
}

TEST_F(PricingTest, ReadingTakesTwoStatementsWhateverTheNumber) {
    std::vector<VariantId> many;
    for (int i = 0; i < 500; ++i) many.push_back(VariantId::make());
    BuyerContext buyer;
    buyer.currency = Currency::of("EUR");
    buyer.at = kNow;
    database().read([&](db::Session& session) {
        const auto before = db::Database::statements_on_this_thread();
        (void)pricing->prices(session, many, buyer);
        EXPECT_EQ(db::Database::statements_on_this_thread() - before, 2U);
    });
}

TEST(TaxBookTest, LoadsShippedRatesAndSwapsOnChange) {
    const auto book = make_tax_book(database());
    const auto before = book->current();
    EXPECT_EQ(before->entity.country, "DE");
    EXPECT_EQ(before->table.rate("EE", "standard", kNow)->basis_points, 2400);
    const Date day{std::chrono::year{2030}, std::chrono::month{1}, std::chrono::day{1}};
    database().in_tx([&](db::Tx& tx) { book->set_rate(tx, {"EE", "standard", day, 2500, Treatment::standard}); });
    const auto then = parse_timestamp("2030-01-01T00:00:00Z").value();
    EXPECT_EQ(before->table.rate("EE", "standard", then)->basis_points, 2400) << "a table in use never changes";
    EXPECT_EQ(book->current()->table.rate("EE", "standard", then)->basis_points, 2500);
}

TEST(TaxBookTest, AnotherProcessSeesAChangeWithoutBeingTold) {
    const auto here = make_tax_book(database());
    const auto there = make_tax_book(database(), std::chrono::milliseconds(10));
    const Date day{std::chrono::year{2031}, std::chrono::month{1}, std::chrono::day{1}};
    const auto then = parse_timestamp("2031-01-01T00:00:00Z").value();
    const auto before = there->current();
    database().in_tx([&](db::Tx& tx) { here->set_rate(tx, {"LV", "standard", day, 2300, Treatment::standard}); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (there->current()->table.rate("LV", "standard", then)->basis_points != 2300 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(there->current()->table.rate("LV", "standard", then)->basis_points, 2300);
    EXPECT_NE(before->table.rate("LV", "standard", then)->basis_points, 2300) << "a table in use never changes";
}

}  // namespace
}  // namespace stoa::pricing
