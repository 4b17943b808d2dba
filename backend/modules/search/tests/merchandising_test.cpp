// Synonyms, rules and the log of queries, without a database.
#include <gtest/gtest.h>

#include <set>

#include "listing.hpp"
#include "query_log.hpp"
#include "world.hpp"

namespace stoa::search {
namespace {

using testing::now;

Rule rule_for_query(RuleKind kind, std::string query, std::vector<ProductId> products) {
    Rule rule;
    rule.id = Uuid::v7();
    rule.kind = kind;
    rule.query = std::move(query);
    rule.products = std::move(products);
    return rule;
}

struct Shop {
    std::vector<Rule> rules;
    std::vector<Synonyms> synonyms;
    std::shared_ptr<const Snapshot> snapshot;

    void build(int count = 300) {
        const auto structure = make_structure(testing::world_structure(), testing::kCurrencies, make_merchandising(synonyms, rules));
        std::vector<EntryPtr> entries;
        for (int i = 0; i < count; ++i) entries.push_back(make_entry(testing::random_product(i), {}, *structure, now()));
        snapshot = make_snapshot(structure, std::move(entries), std::make_shared<std::unordered_map<std::string, Uuid>>(), 1 << 20);
    }
    std::vector<ProductId> walk(ListingRequest request, Timestamp at = now()) const {
        std::vector<ProductId> out;
        for (;;) {
            const auto page = list(snapshot, 0, 0, request, Counting::cheaper, at);
            if (!page) {
                ADD_FAILURE() << page.error().message;
                return out;
            }
            for (const auto& hit : page->hits) out.push_back(hit.id);
            if (!page->next_cursor) return out;
            request.cursor = *page->next_cursor;
        }
    }
};

TEST(Rules, PinFirstBuryLastBoostUpForAQuery) {
    Shop shop;
    shop.build();
    const ListingRequest request{.query = "Oak", .limit = 7};
    const auto plain = shop.walk(request);
    ASSERT_GT(plain.size(), 30U);
    std::optional<ProductId> stranger;  // sellable, and not found by the word
    for (const auto ordinal : *shop.snapshot->sets.sellable[0]) {
        const auto id = shop.snapshot->entries[ordinal]->id;
        if (std::ranges::find(plain, id) == plain.end()) stranger = id;
    }
    ASSERT_TRUE(stranger);
    auto boost = rule_for_query(RuleKind::boost, "oak", {plain[20]});
    boost.per_cent = 1000;
    shop.rules = {rule_for_query(RuleKind::pin, " OAK ", {plain[9], *stranger}),
                  rule_for_query(RuleKind::bury, "oak", {plain[0], plain[9]}), boost};
    shop.build();
    const auto arranged = shop.walk(request);
    EXPECT_EQ(arranged.size(), plain.size() + 1);
    EXPECT_EQ(std::set<ProductId>(arranged.begin(), arranged.end()).size(), arranged.size());  // every page, no product twice
    EXPECT_EQ(arranged[0], plain[9]);  // the first rule that names a product decides
    EXPECT_EQ(arranged[1], *stranger);
    EXPECT_EQ(arranged[2], plain[20]);
    EXPECT_EQ(arranged.back(), plain[0]);

    // Whoever asks for the cheapest gets the cheapest, among all that is shown.
    const auto cheapest = shop.walk({.query = "oak", .sort = "price_asc", .limit = 7});
    EXPECT_EQ(cheapest.size(), arranged.size());
    for (std::size_t i = 1; i < cheapest.size(); ++i)
        ASSERT_LE(shop.snapshot->find(cheapest[i - 1].uuid())->lowest_price[0], shop.snapshot->find(cheapest[i].uuid())->lowest_price[0]);
    // A filter that the pinned one does not pass leaves it out.
    for (const auto& id : shop.walk({.query = "oak", .filters = {{"colour", {"colour-0"}}}, .limit = 100})) {
        const auto& values = shop.snapshot->find(id.uuid())->facet_values;
        EXPECT_TRUE(std::ranges::find(values, std::pair(0U, 0U)) != values.end());
    }
}

TEST(Rules, ACategoryHasItsOwnOrder) {
    Shop shop;
    shop.build();
    const ListingRequest request{.category = "chairs", .limit = 7};
    const auto plain = shop.walk(request);
    ASSERT_GT(plain.size(), 12U);
    Rule pin;
    pin.id = Uuid::v7();
    pin.category = catalog::CategoryId::derived("chairs");
    pin.products = {plain[11], plain[5]};
    shop.rules = {pin};
    shop.build();
    auto expected = plain;
    std::erase(expected, plain[11]);
    std::erase(expected, plain[5]);
    expected.insert(expected.begin(), {plain[11], plain[5]});
    EXPECT_EQ(shop.walk(request), expected);
    EXPECT_EQ(shop.walk({.category = "chairs", .sort = "newest", .limit = 100}),
              shop.walk({.category = "chairs", .sort = "newest", .limit = 7}));
}

TEST(Rules, HoldInTheirTimeAndLanguageOnly) {
    Shop shop;
    Rule redirect = rule_for_query(RuleKind::redirect, "sale", {});
    redirect.target = "/c/sale";
    redirect.valid_from = now();
    redirect.valid_until = now() + std::chrono::hours(1);
    redirect.locale = "en";
    shop.rules = {redirect};
    shop.build(50);
    const auto target = [&](std::size_t locale, Timestamp at) {
        return list(shop.snapshot, locale, 0, {.query = "Sale"}, Counting::cheaper, at)->redirect.value_or("");
    };
    EXPECT_EQ(target(0, now() - std::chrono::seconds(1)), "");
    EXPECT_EQ(target(0, now()), "/c/sale");
    EXPECT_EQ(target(1, now()), "");
    EXPECT_EQ(target(0, now() + std::chrono::hours(1)), "");
    const auto key = [&](Timestamp at) { return answer_key(*shop.snapshot, 0, 0, {.query = "Sale"}, at); };
    EXPECT_NE(key(now() - std::chrono::seconds(1)), key(now()));
    EXPECT_NE(key(now()), key(now() + std::chrono::hours(1)));
    EXPECT_EQ(key(now()), key(now() + std::chrono::minutes(59)));
    EXPECT_NE(render(*list(shop.snapshot, 0, 0, {.query = "Sale"}, Counting::cheaper, now())).find(R"("redirect":"/c/sale")"),
              std::string::npos);
}

TEST(Rules, HoldForOtherFormsOfTheWords) {
    const auto redirect = [](std::string query, std::optional<std::string> locale, std::string target) {
        Rule rule;
        rule.kind = RuleKind::redirect;
        rule.query = std::move(query);
        rule.locale = std::move(locale);
        rule.target = std::move(target);
        return rule;
    };
    const auto merchandising =
        make_merchandising({}, {redirect("sofa", {}, "/sofas"), redirect("sofas", {}, "/many"), redirect("Lehnstuhl", "de", "/l")});
    const auto target = [&](std::string_view locale, std::string_view query) {
        const auto found = merchandising.rules_for(locale, query, nullptr, now());
        return found.empty() ? std::string() : found.front()->target;
    };
    EXPECT_EQ(target("en", "Sofa"), "/sofas");
    EXPECT_EQ(target("en", "sofas"), "/many") << "what is written exactly so goes first";
    EXPECT_EQ(target("nl", "sofa's"), "/sofas");
    EXPECT_EQ(target("de", "Lehnstühle"), "/l");
    EXPECT_EQ(target("en", "Lehnstühle"), "");
}

TEST(SynonymWords, FindEachOtherBehindTheWordItself) {
    TextIndex::Builder builder(0);
    const std::vector<std::string> names{"Velvet sofa", "Velvet couch", "Book case", "Bookshelf", "Sofas of oak"};
    Bits all;
    for (Ordinal i = 0; i < names.size(); ++i) {
        builder.add(i, {{Field::name, names[i]}}, {});
        all.add(i);
    }
    const auto merchandising = make_merchandising({{{}, "en", {"Sofa", "couch"}}, {{}, "en", {"book case", "bookshelf"}}}, {});
    const auto map = std::make_shared<SynonymMap>(merchandising.synonyms[0]);
    const TextLayers layers{{{builder.build(), nullptr}}, {}, map};
    const auto find = [&](std::string_view query, const TextLayers& in) {
        auto found = search_text(in, 0, query, all, names.size());
        std::ranges::sort(found.hits,
                          [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.ordinal < b.ordinal; });
        std::vector<Ordinal> out;
        for (const auto& hit : found.hits) out.push_back(hit.ordinal);
        return out;
    };
    EXPECT_EQ(find("couch", layers), (std::vector<Ordinal>{1, 0, 4}));
    EXPECT_EQ(find("velvet couch", layers).at(1), 0U);
    EXPECT_EQ(find("book case", layers), (std::vector<Ordinal>{2, 3}));   // a phrase finds the word
    EXPECT_EQ(find("couches", layers), (std::vector<Ordinal>{1, 0, 4}));  // in any form
    EXPECT_EQ(find("book cases", layers), (std::vector<Ordinal>{2, 3}));
    TextLayers without = layers;
    without.synonyms = nullptr;
    EXPECT_EQ(find("couch", without), std::vector<Ordinal>{1});
}

TEST(QueryLogging, CountsWordsAndKnowsNobody) {
    QueryLog log;
    log.note("en", "Oak  Chair", 3);
    log.note("en", "oak chair", 0);
    log.note("de", "oak chair", 1);
    log.note("en", "tom@example.com", 0);
    log.note("en", "+49 170 1234567", 0);
    log.note("en", " ", 0);
    const auto counts = log.take();
    ASSERT_EQ(counts.size(), 2U);
    const auto& count = counts.at({"en", "oak chair"});
    EXPECT_EQ(count.searches, 2);
    EXPECT_EQ(count.without_result, 1);
    EXPECT_EQ(count.results, 0);
    EXPECT_TRUE(log.take().empty());
    EXPECT_EQ(loggable("width 120 cm"), "width 120 cm");
    for (std::size_t i = 0; i < QueryLog::kMost + 10; ++i) {
        std::string word;
        for (auto n = i; n > 0; n /= 20) word += static_cast<char>('a' + n % 20);
        log.note("en", "x" + word, 1);
    }
    EXPECT_EQ(log.take().size(), QueryLog::kMost);
}

}  // namespace
}  // namespace stoa::search
