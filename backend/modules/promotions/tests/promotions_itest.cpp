#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "stoa/promotions/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::promotions {
namespace {

const Timestamp kNow = stoa::testing::fixed_start();

class PromotionsTest : public ::testing::Test {
protected:
    static db::Database& database() { return stoa::testing::shared_database().database(); }
    Promotion ten() const {
        Promotion promotion;
        promotion.name = unique + " ten";
        promotion.labels = {{"en", "Ten \"percent\""}, {"de", "Zehn"}};
        promotion.rules.basis_points = 1000;
        return promotion;
    }
    PromotionId save(const Promotion& promotion) {
        return database().in_tx([&](db::Tx& tx) { return service->save(tx, promotion); });
    }
    CodeId code(PromotionId promotion, const std::string& text, std::optional<std::int64_t> limit = {}) {
        return database().in_tx([&](db::Tx& tx) { return service->add_code(tx, promotion, text, limit); }).value();
    }
    Result<void> redeem(const Uuid& order, const Identity& who, const std::vector<Use>& uses) {
        return database().in_tx([&](db::Tx& tx) { return service->redeem(tx, order, who, uses, kNow); });
    }
    void release(const Uuid& order) {
        database().in_tx([&](db::Tx& tx) { service->release(tx, order); });
    }
    Loaded load(std::vector<std::string> codes, const Identity& who = {}) {
        return database().read([&](db::Session& session) { return db::read_one(session, service->read(codes, who, kNow)); });
    }
    std::string mail(int n = 0) const { return unique + std::to_string(n) + "@example.com"; }
    static Money eur(std::int64_t minor) { return {minor, Currency::of("EUR")}; }
    // Runs `body(i)` in `count` threads that start together.
    static void together(int count, const std::function<void(int)>& body) {
        std::atomic<bool> go = false;
        std::vector<std::thread> threads;
        for (int i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                while (!go) std::this_thread::yield();
                body(i);
            });
        }
        go = true;
        for (auto& thread : threads) thread.join();
    }

    std::string unique = "T" + Uuid::v7().to_base32();
    std::unique_ptr<Promotions> service = make_promotions();
};

TEST_F(PromotionsTest, RulesSurviveTheDatabase) {
    Promotion promotion = ten();
    promotion.kind = Kind::tiered_spend;
    promotion.lane = 7;
    promotion.exclusive_group = "g";
    promotion.starts_at = kNow - std::chrono::days(1);
    promotion.ends_at = kNow + std::chrono::days(1);
    promotion.usage_limit = 100;
    promotion.customer_limit = 2;
    promotion.rules.tiers = {{{{"EUR", 1000}, {"JPY", 200000}}, 500, {}}, {{{"EUR", 5000}}, 0, {{"EUR", 700}}}};
    promotion.rules.include.categories = {catalog::CategoryId::make()};
    promotion.rules.exclude.products = {catalog::ProductId::make()};
    promotion.rules.reward.collections = {catalog::CollectionId::make()};
    promotion.rules.minimum_spend = {{"EUR", 4}};
    promotion.rules.groups = {"a", "b\"c"};
    promotion.rules.countries = {"DE"};
    promotion.rules.max_applications = 3;
    const auto id = save(promotion);
    code(id, unique.substr(0, 12) + "-x");
    const auto loaded = load({*canonical_code(unique.substr(0, 12) + "-x"), "NOSUCHCODE"});
    ASSERT_EQ(loaded.codes.size(), 2U);
    EXPECT_FALSE(loaded.codes[1].promotion);
    ASSERT_TRUE(loaded.codes[0].promotion);
    const auto& stored = *loaded.promotions[*loaded.codes[0].promotion];
    EXPECT_EQ(stored.id, id);
    EXPECT_EQ(stored.label("de"), "Zehn");
    EXPECT_EQ(stored.label("fr"), "Ten \"percent\"");
    EXPECT_EQ(json::render(stored.rules), json::render(promotion.rules));
    EXPECT_EQ(stored.starts_at, promotion.starts_at);
    EXPECT_EQ(stored.ends_at, promotion.ends_at);
    EXPECT_EQ(stored.usage_limit, 100);
    EXPECT_EQ(stored.customer_limit, 2);
    EXPECT_EQ(stored.lane, 7);

    promotion.rules.tiers[0].basis_points = 501;
    save(promotion);
    const auto& changed = load({*canonical_code(unique.substr(0, 12) + "-x")});
    EXPECT_EQ(changed.promotions[*changed.codes[0].promotion]->rules.tiers[0].basis_points, 501) << "parsed rules are kept by version";
}

TEST_F(PromotionsTest, CodesAreUniqueWhateverTheirCase) {
    const auto first = save(ten());
    auto other = ten();
    other.name += " other";
    const auto second = save(other);
    const auto text = unique.substr(0, 14);
    code(first, text);
    const auto taken = database().in_tx([&](db::Tx& tx) { return service->add_code(tx, second, text); });
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, "promotions.code_taken");
    const auto bad = database().in_tx([&](db::Tx& tx) { return service->add_code(tx, first, "no good"); });
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, "promotions.code_malformed");
}

TEST_F(PromotionsTest, GeneratedBatch) {
    const auto id = save(ten());
    const auto prefix = unique.substr(0, 10);
    const auto codes = database().in_tx([&](db::Tx& tx) { return service->generate_codes(tx, id, prefix, 300, 1); });
    EXPECT_EQ(codes.size(), 300U);
    EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 300U);
    const auto loaded = load({codes[0], codes[299]});
    EXPECT_EQ(loaded.codes[1].usage_limit, 1);
    EXPECT_TRUE(loaded.codes[1].promotion);
}

TEST_F(PromotionsTest, SixteenBuyersWantTheLastThreeUsesOfACode) {
    const auto id = save(ten());
    const auto code_id = code(id, unique.substr(0, 14), 3);
    std::atomic<int> won = 0;
    std::atomic<int> refused = 0;
    together(16, [&](int i) {
        const auto outcome = redeem(Uuid::v7(), {std::nullopt, mail(i)}, {{id, code_id, eur(100)}});
        if (outcome)
            ++won;
        else if (outcome.error().code == "promotions.limit_reached")
            ++refused;
    });
    EXPECT_EQ(won, 3);
    EXPECT_EQ(refused, 13);
    EXPECT_EQ(load({*canonical_code(unique.substr(0, 14))}).codes[0].used, 3);
}

TEST_F(PromotionsTest, TheLastUseOfAPromotionBehindManyCodes) {
    auto promotion = ten();
    promotion.usage_limit = 1;
    const auto id = save(promotion);
    const auto codes = database().in_tx([&](db::Tx& tx) { return service->generate_codes(tx, id, unique.substr(0, 10), 16, 1); });
    const auto loaded = load(codes);
    std::atomic<int> won = 0;
    together(16, [&](int i) {
        if (redeem(Uuid::v7(), {std::nullopt, mail(i)}, {{id, loaded.codes[static_cast<std::size_t>(i)].id, eur(100)}})) ++won;
    });
    EXPECT_EQ(won, 1);
    int used = 0;
    for (const auto& entry : load(codes).codes) used += static_cast<int>(entry.used);
    EXPECT_EQ(used, 1) << "the codes of the losers are still good";
}

TEST_F(PromotionsTest, OneCustomerInSixteenWindows) {
    auto promotion = ten();
    promotion.customer_limit = 1;
    const auto id = save(promotion);
    const auto customer = customers::CustomerId::make();
    std::atomic<int> won = 0;
    std::atomic<int> refused = 0;
    together(16, [&](int) {
        const auto outcome = redeem(Uuid::v7(), {customer, mail()}, {{id, std::nullopt, eur(100)}});
        if (outcome)
            ++won;
        else if (outcome.error().code == "promotions.customer_limit_reached")
            ++refused;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(refused, 15);
    // The same person as a guest, and with another address but the same account.
    EXPECT_FALSE(redeem(Uuid::v7(), {std::nullopt, mail()}, {{id, std::nullopt, eur(100)}}));
    EXPECT_FALSE(redeem(Uuid::v7(), {customer, mail(1)}, {{id, std::nullopt, eur(100)}}));
    EXPECT_EQ(load({}, {customer, ""}).facts.uses.at(id), 1);
    EXPECT_TRUE(load({}, {std::nullopt, "  " + mail()}).facts.has_ordered);
    EXPECT_FALSE(load({}, {std::nullopt, mail(2)}).facts.has_ordered);
}

TEST_F(PromotionsTest, AFirstOrderHappensOnce) {
    auto promotion = ten();
    promotion.rules.first_order = true;
    const auto id = save(promotion);
    std::atomic<int> won = 0;
    together(16, [&](int) {
        if (redeem(Uuid::v7(), {std::nullopt, mail()}, {{id, std::nullopt, eur(100)}})) ++won;
    });
    EXPECT_EQ(won, 1);
    const auto late = redeem(Uuid::v7(), {std::nullopt, mail()}, {{id, std::nullopt, eur(100)}});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, "promotions.wrong_customer");
    EXPECT_TRUE(redeem(Uuid::v7(), {std::nullopt, mail()}, {})) << "without the promotion everybody may order again";
}

TEST_F(PromotionsTest, ReleaseGivesEverythingBackOnce) {
    auto promotion = ten();
    promotion.usage_limit = 5;
    promotion.customer_limit = 1;
    promotion.rules.first_order = true;
    const auto id = save(promotion);
    const auto text = *canonical_code(unique.substr(0, 14));
    const auto code_id = code(id, text, 5);
    const auto order = Uuid::v7();
    const Identity who{customers::CustomerId::make(), mail()};
    ASSERT_TRUE(redeem(order, who, {{id, code_id, eur(100)}}));
    ASSERT_TRUE(redeem(order, who, {{id, code_id, eur(100)}})) << "the same order again changes nothing";
    auto loaded = load({text}, who);
    EXPECT_EQ(loaded.codes[0].used, 1);
    EXPECT_EQ(loaded.promotions[*loaded.codes[0].promotion]->used, 1);
    together(4, [&](int) { release(order); });
    loaded = load({text}, who);
    EXPECT_EQ(loaded.codes[0].used, 0);
    EXPECT_EQ(loaded.promotions[*loaded.codes[0].promotion]->used, 0);
    EXPECT_EQ(loaded.facts.uses[id], 0);
    EXPECT_FALSE(loaded.facts.has_ordered);
    EXPECT_TRUE(redeem(Uuid::v7(), who, {{id, code_id, eur(100)}}));
}

TEST_F(PromotionsTest, ALimitThatComesLaterKnowsPastUses) {
    auto promotion = ten();
    const auto id = save(promotion);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(redeem(Uuid::v7(), {std::nullopt, mail(i)}, {{id, std::nullopt, eur(1)}}));
    promotion.usage_limit = 4;
    save(promotion);
    EXPECT_TRUE(redeem(Uuid::v7(), {std::nullopt, mail(4)}, {{id, std::nullopt, eur(1)}}));
    EXPECT_FALSE(redeem(Uuid::v7(), {std::nullopt, mail(5)}, {{id, std::nullopt, eur(1)}}));
}

TEST_F(PromotionsTest, ALimitThatWasLowerForAWhileForgetsNoUses) {
    auto promotion = ten();
    promotion.usage_limit = 4;
    const auto id = save(promotion);
    const auto text = unique.substr(0, 14);
    const auto code_id = code(id, text, 4);
    const auto use = [&](int who) { return redeem(Uuid::v7(), {std::nullopt, mail(who)}, {{id, code_id, eur(1)}}).has_value(); };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(use(i));
    const auto both = [&](std::int64_t limit) {
        promotion.usage_limit = limit;
        save(promotion);
        code(id, text, limit);
    };
    both(2);
    EXPECT_FALSE(use(3));
    both(4);
    EXPECT_TRUE(use(4));
    EXPECT_FALSE(use(5));
    // The code's own count, without the promotion's.
    both(2);
    promotion.usage_limit.reset();
    save(promotion);
    code(id, text, 5);
    EXPECT_TRUE(use(6));
    EXPECT_FALSE(use(7));
}

TEST_F(PromotionsTest, AReleaseGivesBackOnlyWhatWasCounted) {
    auto promotion = ten();
    const auto id = save(promotion);
    const Identity who{std::nullopt, mail()};
    const auto before = Uuid::v7();
    ASSERT_TRUE(redeem(before, who, {{id, std::nullopt, eur(1)}}));
    // A limit for each buyer knows what they used before it.
    promotion.customer_limit = 2;
    save(promotion);
    const auto with_limit = Uuid::v7();
    ASSERT_TRUE(redeem(with_limit, who, {{id, std::nullopt, eur(1)}}));
    EXPECT_FALSE(redeem(Uuid::v7(), who, {{id, std::nullopt, eur(1)}}));
    // One order while there is none, and its end when there is one again.
    promotion.customer_limit.reset();
    save(promotion);
    const auto without = Uuid::v7();
    ASSERT_TRUE(redeem(without, who, {{id, std::nullopt, eur(1)}}));
    promotion.customer_limit = 3;
    save(promotion);
    EXPECT_FALSE(redeem(Uuid::v7(), who, {{id, std::nullopt, eur(1)}})) << "three are three";
    release(without);
    release(before);
    ASSERT_TRUE(redeem(Uuid::v7(), who, {{id, std::nullopt, eur(1)}}));
    ASSERT_TRUE(redeem(Uuid::v7(), who, {{id, std::nullopt, eur(1)}}));
    EXPECT_FALSE(redeem(Uuid::v7(), who, {{id, std::nullopt, eur(1)}}));
}

TEST_F(PromotionsTest, ALoweredLimitCountsEveryUse) {
    auto promotion = ten();
    promotion.usage_limit = 4;
    const auto id = save(promotion);
    const auto use = [&](const Uuid& order) { return redeem(order, {std::nullopt, mail()}, {{id, std::nullopt, eur(1)}}).has_value(); };
    std::vector<Uuid> orders;
    for (int i = 0; i < 4; ++i) {
        orders.push_back(Uuid::v7());
        ASSERT_TRUE(use(orders.back()));
    }
    promotion.usage_limit = 2;
    save(promotion);
    release(orders[0]);
    EXPECT_FALSE(use(Uuid::v7())) << "three of two are used";
    release(orders[1]);
    EXPECT_FALSE(use(Uuid::v7()));
    release(orders[2]);
    EXPECT_TRUE(use(Uuid::v7()));
    EXPECT_FALSE(use(Uuid::v7()));
}

TEST_F(PromotionsTest, ACodeThatIsThereKeepsItsLimits) {
    const auto id = save(ten());
    const auto text = unique.substr(0, 14);
    const auto first =
        database().in_tx([&](db::Tx& tx) { return service->add_code(tx, id, text, 1, kNow + std::chrono::days(1)); }).value();
    ASSERT_TRUE(redeem(Uuid::v7(), {std::nullopt, mail()}, {{id, first, eur(1)}}));
    std::string small = text;
    for (auto& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(code(id, small), first);
    const auto loaded = load({*canonical_code(text)});
    EXPECT_EQ(loaded.codes[0].usage_limit, 1);
    EXPECT_EQ(loaded.codes[0].used, 1);
    EXPECT_EQ(loaded.codes[0].expires_at, kNow + std::chrono::days(1));
    EXPECT_FALSE(redeem(Uuid::v7(), {std::nullopt, mail(1)}, {{id, first, eur(1)}}));
}

TEST_F(PromotionsTest, SenselessPromotionsAreRefused) {
    const auto refused = [&](auto change) {
        auto promotion = ten();
        change(promotion);
        EXPECT_THROW(save(promotion), std::invalid_argument);
    };
    refused([](Promotion& p) { p.rules.basis_points = 0; });
    refused([](Promotion& p) { p.rules.basis_points = 10001; });
    refused([](Promotion& p) { p.kind = Kind::fixed_amount; });
    refused([](Promotion& p) { p.kind = Kind::buy_x_get_y; });
    refused([](Promotion& p) {
        p.kind = Kind::cheapest_free;
        p.rules.group_size = 1;
    });
    refused([](Promotion& p) { p.kind = Kind::tiered_spend; });
    refused([](Promotion& p) { p.usage_limit = 0; });
    refused([](Promotion& p) {
        p.starts_at = kNow;
        p.ends_at = kNow;
    });
    refused([](Promotion& p) {
        p.kind = Kind::fixed_amount;
        p.rules.off = {{"EURO", 5}};
    });
}

TEST_F(PromotionsTest, DemoPromotionsCanBeSeededTwice) {
    const auto chairs = catalog::CategoryId::make();
    for (int i = 0; i < 2; ++i) database().in_tx([&](db::Tx& tx) { seed_demo(tx, kNow, chairs, chairs); });
    const auto loaded = load({"WELCOME10", "FREESHIP", "SAVEMORE", "SOMMER25", "FRIENDS20", "LAMP15"});
    for (const auto& entry : loaded.codes) EXPECT_TRUE(entry.promotion) << entry.code;
    EXPECT_EQ(std::ranges::count_if(loaded.promotions,
                                    [&](const auto& p) { return p->automatic && p->rules.include.categories == std::vector{chairs}; }),
              1);
}

TEST_F(PromotionsTest, APendingOrderOfThePurchaseDoesNotStandInItsOwnWay) {
    Promotion offer = ten();
    offer.usage_limit = 1;
    offer.customer_limit = 1;
    offer.rules.first_order = true;
    const auto id = save(offer);
    const auto text = *canonical_code(unique.substr(0, 12) + "-own");
    const auto code_id = code(id, text, 1);
    const auto order = Uuid::v7(), cart = Uuid::v7();
    const Identity ana{std::nullopt, mail()};
    ASSERT_TRUE(
        database().in_tx([&](db::Tx& tx) { return service->redeem(tx, order, ana, std::vector<Use>{{id, code_id, eur(5)}}, kNow, cart); }));
    const auto seen_by = [&](const std::optional<Uuid>& purchase) {
        return database().read(
            [&](db::Session& session) { return db::read_one(session, service->read(std::vector{text}, ana, kNow, purchase)); });
    };
    for (const auto& stranger : {std::optional<Uuid>(), std::optional(Uuid::v7())}) {
        const auto loaded = seen_by(stranger);
        EXPECT_EQ(loaded.codes[0].used, 1);
        EXPECT_EQ(loaded.promotions[*loaded.codes[0].promotion]->used, 1);
        EXPECT_EQ(loaded.facts.uses.at(id), 1);
        EXPECT_TRUE(loaded.facts.has_ordered);
    }
    const auto own = seen_by(cart);
    EXPECT_EQ(own.codes[0].used, 0);
    EXPECT_EQ(own.promotions[*own.codes[0].promotion]->used, 0);
    EXPECT_EQ(own.facts.uses.at(id), 0);
    EXPECT_FALSE(own.facts.has_ordered);
    // Another order of the same person makes this one a second order.
    ASSERT_TRUE(redeem(Uuid::v7(), ana, {}));
    EXPECT_TRUE(seen_by(cart).facts.has_ordered);
}

TEST_F(PromotionsTest, ABuyerStaysABuyerWhenAnEarlierOrderComesToNothing) {
    const Identity ana{std::nullopt, mail()};
    const auto first = Uuid::v7(), second = Uuid::v7();
    ASSERT_TRUE(redeem(first, ana, {}));
    ASSERT_TRUE(redeem(second, ana, {}));
    release(first);
    EXPECT_TRUE(load({}, ana).facts.has_ordered);
    release(first);
    EXPECT_TRUE(load({}, ana).facts.has_ordered);
    release(second);
    EXPECT_FALSE(load({}, ana).facts.has_ordered);
}

TEST_F(PromotionsTest, AFirstOrderIsWonOnceHoweverReleasesAndOrdersRace) {
    Promotion offer = ten();
    offer.rules.first_order = true;
    const auto id = save(offer);
    for (int round = 0; round < 20; ++round) {
        const Identity ana{std::nullopt, mail(round)};
        const auto given_up = Uuid::v7(), kept = Uuid::v7();
        ASSERT_TRUE(redeem(given_up, ana, {}));
        together(2, [&](int i) {
            if (i == 0)
                release(given_up);
            else
                EXPECT_TRUE(redeem(kept, ana, {}));
        });
        EXPECT_TRUE(load({}, ana).facts.has_ordered);
        EXPECT_FALSE(redeem(Uuid::v7(), ana, {{id, std::nullopt, eur(5)}}));
    }
}

}  // namespace
}  // namespace stoa::promotions
