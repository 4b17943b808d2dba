// The read model against PostgreSQL: totals, sets, orders, facet counts and price spans of random questions equal what plain SQL over the
// tables says, before and after random changes have come through the feed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/search/make.hpp"
#include "stoa/testing/testing.hpp"
#include "world.hpp"

namespace stoa::search {
namespace {

using testing::Random;

constexpr int kProducts = 220;
const Uuid kAcme = *Uuid::parse("0190a000-0000-7000-8000-00000000000a");
const Uuid kOther = *Uuid::parse("0190a000-0000-7000-8000-00000000000b");

// The long run is the whole proof; the other one fits into every test run.
bool is_long() {
    const char* chosen = std::getenv("STOA_CHAOS");
    return chosen && std::string_view(chosen) == "long";
}

class BruteForceTest : public ::testing::Test {
protected:
    BruteForceTest() {
        database().in_tx([&](db::Tx& tx) {
            const auto structure = testing::world_structure();
            std::vector<std::string> codes;
            for (const auto& attribute : structure.attributes) {
                EXPECT_TRUE(writer->upsert_attribute(tx, attribute));
                codes.push_back(attribute.code);
            }
            EXPECT_TRUE(writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, codes}));
            for (const auto& category : structure.categories) EXPECT_TRUE(writer->upsert_category(tx, category));
            for (const auto& collection : structure.collections) EXPECT_TRUE(writer->upsert_collection(tx, collection));
            for (const auto& currency : testing::kCurrencies)
                lists.push_back(prices->save_list(
                    tx, {.code = "list-" + text_of(currency), .name = currency, .currency = Currency::of(currency)}, clock.now()));
            const auto contract = [&](std::string code, std::string currency, std::optional<std::string> group, std::optional<Uuid> company,
                                      std::int64_t priority) {
                pricing::PriceListSpec spec{.code = code, .name = code, .currency = Currency::of(currency), .priority = priority};
                spec.customer_group = std::move(group);
                if (company) spec.company = decltype(spec.company)::value_type(*company);
                contracts.push_back(prices->save_list(tx, spec, clock.now()));
            };
            contract("trade-eur", "EUR", "trade", {}, 0);
            contract("acme-eur", "EUR", {}, kAcme, 0);
            contract("acme-trade-eur", "EUR", "trade", kAcme, 0);
            contract("vip-eur", "EUR", "vip", {}, 5);
            contract("loses-eur", "EUR", "trade", {}, -1);
            contract("acme-gbp", "GBP", {}, kAcme, 0);
        });
        database().in_tx([&](db::Tx& tx) {
            Batch batch;
            for (int i = 0; i < kProducts; ++i) put(tx, batch, i, 0);
            write(tx, batch);
        });
        EngineOptions options;
        options.use_feed = false;
        options.currencies = testing::kCurrencies;
        engine = make_engine(database(), *reader, *pricing, *inventory, clock, options);
        engine->load();
        follow();
        lay_out();
    }

    // The public, and who else there is: each sees other prices or other products.
    static const std::vector<Buyer>& buyers() {
        static const std::vector<Buyer> list{{}, {{"trade"}, {}}, {{}, kAcme}, {{"trade", "vip"}, kAcme}, {{"nobody"}, kOther}};
        return list;
    }
    static std::string text_of(std::string text) {
        for (auto& c : text) c = static_cast<char>(std::tolower(c));
        return text;
    }
    db::Database& database() { return own.database(); }
    // Changes that are written together: thousands of them in a transaction each would take most of an hour.
    struct Batch {
        // What a variant costs in each list, the public ones first; nothing: not any more.
        std::map<pricing::PriceListId, std::map<VariantId, std::optional<pricing::PriceEntry>>> prices;
        void set(pricing::PriceListId list, VariantId variant, std::int64_t amount) {
            prices[list].insert_or_assign(variant, pricing::PriceEntry{variant, {{1, amount}}, {}, {}});
        }
    };
    void write(db::Tx& tx, const Batch& batch) {
        for (const auto& [list, of_list] : batch.prices) {
            std::vector<pricing::PriceEntry> entries;
            std::vector<VariantId> none;
            for (const auto& [variant, entry] : of_list) {
                if (entry)
                    entries.push_back(*entry);
                else
                    none.push_back(variant);
            }
            prices->set_prices(tx, list, entries, clock.now());
            if (!none.empty()) prices->remove_prices(tx, list, none, clock.now());
        }
    }
    void put(db::Tx& tx, Batch& batch, int index, int generation) {
        const auto raw = testing::random_product(index, generation);
        const auto id = writer->upsert_product(tx, raw.record);
        ASSERT_TRUE(id) << id.error().message;
        for (std::size_t i = 0; i < lists.size(); ++i) {
            for (const auto& [variant, price] : raw.prices[i]) batch.set(lists[i], VariantId(variant), price.unit().minor());
        }
        for (const auto& [variant, count] : raw.stock) inventory->set_on_hand(tx, VariantId(variant), count, "count");
        Random random(static_cast<std::uint64_t>(index) * 31 + static_cast<std::uint64_t>(generation));
        for (const auto list : contracts) {
            for (const auto& variant : raw.record.variants) {
                if (random.chance(15))
                    batch.set(list, variant.id, 400 + 10 * random.below(350));
                else
                    batch.prices[list].insert_or_assign(variant.id, std::nullopt);
            }
        }
        static const std::vector<catalog::Audience> kAudiences{{{"trade"}, {}}, {{}, {kAcme}}, {{"vip"}, {kOther}}};
        ASSERT_TRUE(
            writer->set_audience(tx, *id, random.chance(20) ? kAudiences[static_cast<std::size_t>(random.below(3))] : catalog::Audience()));
    }
    void follow() {
        while (relay.run_once() > 0) {
        }
        (void)engine->refresh();
    }

    struct Asked {
        ListingRequest request;
        std::size_t locale = 0, currency = 0, buyer = 0;
    };
    static Asked random_question(Random& random) {
        Asked out;
        auto& request = out.request;
        out.locale = static_cast<std::size_t>(random.below(4));
        out.currency = static_cast<std::size_t>(random.below(2));
        out.buyer = static_cast<std::size_t>(random.below(static_cast<int>(buyers().size())));
        static const std::vector<std::string> kCategories{"home", "garden", "chairs", "tables", "stools"};
        if (random.chance(50)) request.category = kCategories[static_cast<std::size_t>(random.below(5))];
        if (random.chance(15)) request.collection = "reds";
        const auto choice = [&](const std::string& attribute, int values) {
            std::set<std::string> chosen;
            for (int i = 1 + random.below(3); i > 0; --i) chosen.insert(attribute + "-" + std::to_string(random.below(values)));
            request.filters.push_back({attribute, {chosen.begin(), chosen.end()}});
        };
        if (random.chance(35)) choice("colour", 6);
        if (random.chance(35)) choice("material", 8);
        if (random.chance(25)) choice("style", 4);
        if (random.chance(25)) {
            const int low = random.below(150);
            request.filters.push_back({"width", {fmt::format("{}.5..{}", low, low + random.below(60))}});
        }
        if (random.chance(20)) request.filters.push_back({"outdoor", {random.chance(50) ? "1" : "0"}});
        if (random.chance(25)) request.price_min = 500 + random.below(2000);
        if (random.chance(25)) request.price_max = 1000 + random.below(2500);
        request.available_only = random.chance(30);
        static const std::vector<std::string> kSorts{"popular", "newest", "price_asc", "price_desc", "name"};
        request.sort = kSorts[static_cast<std::size_t>(random.below(5))];
        request.limit = 100;
        return out;
    }

    // ---- the same in SQL ----------------------------------------------------------------------------------------------
    static std::string quoted(const std::vector<std::string>& values) {
        std::string out;
        for (const auto& value : values) out += (out.empty() ? "'" : ",'") + value + "'";
        return out;
    }
    static std::string milli(std::string_view text) {
        const auto dot = text.find('.');
        return std::string(text.substr(0, dot)) + (dot == std::string_view::npos ? "000" : std::string(text.substr(dot + 1)) + "00");
    }
    static std::string condition(const Filter& filter) {
        if (filter.attribute == "width") {
            const auto dots = filter.values[0].find("..");
            return fmt::format(
                "exists (select 1 from brute.fact f where f.product_id = p.id and f.code = 'width' and f.number_milli between {} and {})",
                milli(std::string_view(filter.values[0]).substr(0, dots)), milli(std::string_view(filter.values[0]).substr(dots + 2)));
        }
        return fmt::format("exists (select 1 from brute.fact f where f.product_id = p.id and f.code = '{}' and f.value in ({}))",
                           filter.attribute, quoted(filter.values));
    }
    // What the filters but `left_out` leave, and how it is put together.
    std::string matching(const Asked& asked, const std::string& left_out = {}, bool with_price = true) const {
        const auto& request = asked.request;
        std::string where = "true";
        if (request.category)
            where += fmt::format(
                " and exists (select 1 from catalog.category c, catalog.category up where up.handle = '{}' and up.id = any(c.path) and "
                "c.id in "
                "(select p.category_id union select m.category_id from catalog.product_category m where m.product_id = p.id) and not "
                "exists "
                "(select 1 from catalog.category h where h.id = any(c.path) and not h.published))",
                *request.category);
        if (request.collection)
            where += " and exists (select 1 from brute.fact f where f.product_id = p.id and f.code = 'colour' and f.value = 'colour-0')";
        if (request.available_only) where += " and p.available";
        if (with_price && request.price_min) where += fmt::format(" and p.price >= {}", *request.price_min);
        if (with_price && request.price_max) where += fmt::format(" and p.price <= {}", *request.price_max);
        for (const auto& filter : request.filters) {
            if (filter.attribute != left_out) where += " and " + condition(filter);
        }
        return fmt::format(
            "with p as (select * from brute.shown p where p.buyer = {} and p.locale = '{}' and p.currency = '{}' and (p.published_from is "
            "null or "
            "p.published_from <= '{}') and {}) ",
            asked.buyer, catalog::kLocales[asked.locale], testing::kCurrencies[asked.currency], to_rfc3339(clock.now()), where);
    }
    static std::string buyer_rows() {
        std::string out;
        for (std::size_t i = 0; i < buyers().size(); ++i) {
            const auto& buyer = buyers()[i];
            out += fmt::format("{}({}, array[{}]::text[], {})", i ? ", " : "", i, quoted(buyer.groups),
                               buyer.company ? "'" + buyer.company->to_string() + "'" : "null");
        }
        return out;
    }
    // What a buyer can see and filter by, straight from the tables. Kept with indexes until the next change: a thousand questions ask it.
    void lay_out() {
        std::string locales;
        for (const auto& locale : catalog::kLocales) locales += (locales.empty() ? "'" : ",'") + std::string(locale) + "'";
        database().in_tx([&](db::Tx& tx) {
            tx.run_text(
                "drop schema if exists brute cascade; create schema brute;"
                "create table brute.buyer (id int, groups text[], company uuid);"
                "insert into brute.buyer values " +
                buyer_rows() +
                ";"
                "create table brute.fact as "
                "select a.product_id, t.code, case when a.flag is null then a.value_code when a.flag then '1' else '0' end as value, "
                "a.number_milli "
                "from catalog.product_attribute a join catalog.attribute t on t.id = a.attribute_id "
                "union select v.product_id, t.code, o.value_code, null from catalog.variant v join catalog.variant_option o on "
                "o.variant_id "
                "= v.id join catalog.attribute t on t.id = o.attribute_id where v.active;"
                "create index on brute.fact (product_id, code);"
                "create table brute.shown as "
                "select b.id as buyer, o.locale, m.currency, r.id, r.category_id, r.popularity, r.published_from, "
                "coalesce(r.published_from, r.created_at) as since, coalesce(n.name, e.name) as name, m.price, m.available "
                "from catalog.product r cross join unnest(array[" +
                locales +
                "]) as o (locale) "
                "join catalog.product_text e on e.product_id = r.id and e.locale = 'en' "
                "left join catalog.product_text n on n.product_id = r.id and n.locale = o.locale "
                "cross join brute.buyer b "
                // The list that wins for each variant and buyer, and of a product's variants the cheapest.
                "join (select buyer, product_id, currency, min(amount) as price, bool_or(exists (select 1 from inventory.stock s "
                "where s.variant_id = best.variant_id and s.on_hand - s.held - s.allocated > 0)) as available from ("
                "select distinct on (w.id, v.id, l.currency) w.id as buyer, v.product_id, v.id as variant_id, l.currency, "
                "q.tier_amounts[1] as amount "
                "from brute.buyer w cross join pricing.price q join pricing.price_list l on l.id = q.list_id "
                "join catalog.variant v on v.id = q.variant_id and v.active "
                "where (l.customer_group is null or l.customer_group = any(w.groups)) and (l.company_id is null or l.company_id = "
                "w.company) "
                "order by w.id, v.id, l.currency, l.priority desc, (l.company_id is not null) desc, (l.customer_group is not null) desc, "
                "q.tier_amounts[1], l.code) best group by buyer, product_id, currency) m on m.product_id = r.id and m.buyer = b.id "
                "where r.status = 'active' and (not exists (select 1 from catalog.product_audience a where a.product_id = r.id) "
                "or exists (select 1 from catalog.product_audience a where a.product_id = r.id "
                "and (a.customer_group = any(b.groups) or a.company_id = b.company)));"
                "create index on brute.shown (buyer, locale, currency);"
                "analyze brute.fact; analyze brute.shown;");
        });
    }
    std::vector<std::string> lines(const std::string& sql) {
        std::vector<std::string> out;
        database().read([&](db::Session& session) {
            out.clear();
            for (const auto row : session.run_text(sql)) out.push_back(row.get<std::string>(0));
        });
        return out;
    }

    void compare(const Asked& asked, int round) {
        const Context context{std::string(catalog::kLocales[asked.locale]), testing::kCurrencies[asked.currency], clock.now(),
                              buyers()[asked.buyer]};
        const auto first = engine->listing(context, asked.request);
        ASSERT_TRUE(first) << first.error().message;
        std::vector<std::string> found;
        auto request = asked.request;
        for (auto page = engine->listing(context, request);; page = engine->listing(context, request)) {
            ASSERT_TRUE(page);
            for (const auto& hit : page->hits) found.push_back(hit.id.uuid().to_string());
            if (!page->next_cursor) break;
            request.cursor = *page->next_cursor;
        }
        static const std::map<std::string, std::string> kOrders{{"popular", "popularity desc"},
                                                                {"newest", "since desc"},
                                                                {"price_asc", "price"},
                                                                {"price_desc", "price desc"},
                                                                {"name", "lower(name) collate \"C\""}};
        const auto expected = lines(matching(asked) + "select id::text from p order by " + kOrders.at(asked.request.sort) + ", id");
        ASSERT_EQ(found, expected) << "round " << round << ", " << asked.request.sort;
        EXPECT_EQ(first->total, static_cast<std::int64_t>(expected.size()));

        // Facets: every value with the count of products that all other filters leave.
        std::set<std::string> counted;
        for (const auto& facet : first->facets) {
            if (facet.kind == FacetKind::range) {
                counted.insert(
                    fmt::format("{} {} {}", facet.code.text, facet.min ? facet.min->milli : -1, facet.max ? facet.max->milli : -1));
                continue;
            }
            for (const auto& value : facet.values) {
                if (value.count > 0) counted.insert(fmt::format("{} {} {}", facet.code.text, value.value.text, value.count));
            }
        }
        std::set<std::string> wanted;
        for (const std::string code : {"colour", "material", "style", "outdoor"}) {
            for (const auto& line :
                 lines(matching(asked, code) + fmt::format("select f.value || ' ' || count(distinct p.id) from p join brute.fact f "
                                                           "on f.product_id = p.id and f.code = '{}' group by f.value",
                                                           code)))
                wanted.insert(code + " " + line);
        }
        const bool width_asked =
            std::ranges::any_of(asked.request.filters, [](const Filter& filter) { return filter.attribute == "width"; });
        for (const auto& line :
             lines(matching(asked, "width") +
                   fmt::format(
                       "select coalesce(min(f.number_milli) || ' ' || max(f.number_milli), '') from p join brute.fact f on f.product_id = "
                       "p.id and f.code = 'width' having {}",
                       width_asked ? "true" : "min(f.number_milli) < max(f.number_milli)")))
            wanted.insert("width " + (line.empty() ? "-1 -1" : line));
        EXPECT_EQ(counted, wanted) << "round " << round;

        const auto span = lines(matching(asked, {}, false) + "select coalesce(min(price) || ' ' || max(price), '') from p");
        EXPECT_EQ(first->price ? fmt::format("{} {}", first->price->min.minor(), first->price->max.minor()) : "", span.at(0));
    }

    stoa::testing::TestDatabase own;
    ManualClock clock{testing::now() + std::chrono::hours(24 * 3)};  // all windows of the random products are open
    std::unique_ptr<catalog::Writer> writer = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    events::Relay relay{database(), {}};
    std::vector<pricing::PriceListId> lists, contracts;
    std::unique_ptr<Engine> engine;
};

TEST_F(BruteForceTest, RandomQuestions) {
    Random random(20261127);
    for (int round = 0; round < (is_long() ? 1000 : 150) && !HasFailure(); ++round) compare(random_question(random), round);
}

// In the long run 10,000 changes, 40 of them in each of 250 deltas.
TEST_F(BruteForceTest, StillAfterRandomChanges) {
    constexpr int kChanges = 40;  // that come through the feed together
    const int generations = is_long() ? 250 : 8;
    Random random(7);
    for (int generation = 1; generation <= generations && !HasFailure(); ++generation) {
        database().in_tx([&](db::Tx& tx) {
            Batch batch;
            for (int change = 0; change < kChanges; ++change) {
                const int index = random.below(kProducts + 20);
                if (random.chance(50)) {
                    put(tx, batch, index, generation);
                    continue;
                }
                // Only a price, only a stock level, or only who may see it, of whatever the product is now.
                const auto raw = testing::random_product(index % kProducts);
                const auto variant = raw.record.variants[0].id;
                const auto what = random.below(4);
                if (what == 0)
                    inventory->set_on_hand(tx, variant, random.below(3), "count");
                else if (what == 1)
                    ASSERT_TRUE(writer->set_audience(tx, raw.record.id,
                                                     random.chance(50) ? catalog::Audience{{"trade"}, {kOther}} : catalog::Audience()));
                else
                    batch.set(what == 2 ? lists[0] : contracts[static_cast<std::size_t>(random.below(static_cast<int>(contracts.size())))],
                              variant, 300 + random.below(4000));
            }
            write(tx, batch);
        });
        follow();
        if (is_long() && generation % 10 != 0) continue;
        lay_out();
        const int questions = is_long() && generation == generations ? 1000 : 25;
        for (int round = 0; round < questions && !HasFailure(); ++round) compare(random_question(random), generation * 1000 + round);
    }
}

}  // namespace
}  // namespace stoa::search
